/** Curves over a real store, queue and index: what is asked of a collection, what is kept, and when it is out of date. */
import { describe, expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import type { RefusalCurveState } from "@lorekeep/core";
import { LOCAL_ACTOR } from "../access.ts";
import { openTestHouse } from "../testing/open-test-platform.ts";
import type { TestHouse } from "../testing/open-test-platform.ts";

const TOPICS = [
  "gate",
  "pump",
  "crane",
  "boiler",
  "ladder",
  "winch",
  "valve",
  "drill",
  "lathe",
  "press",
  "mixer",
  "kiln",
];

/** Each document answers its own two questions; ready-made chunks need no parser process. */
async function fill(house: TestHouse, topics: readonly string[] = TOPICS): Promise<void> {
  for (const [at, topic] of topics.entries())
    await house.platform.library.importDocument(LOCAL_ACTOR, {
      collection: "Workshop",
      name: `${topic}.md`,
      externalId: topic,
      chunks: [
        {
          text: `How often is the ${topic} oiled?\n\nThe ${topic} is oiled every ${at + 11} weeks by Mr ${topic}son.\n`,
        },
        {
          text: `Who repairs the ${topic}?\n\nThe ${topic} is repaired by the firm Fix${topic} of Port ${topic}ham.\n`,
        },
      ],
    });
  await house.idle();
}

async function openWorkshop(): Promise<TestHouse> {
  const house = await openTestHouse();
  await house.platform.library.createCollection(LOCAL_ACTOR, { name: "Workshop" });
  return house;
}

async function measured(house: TestHouse): Promise<RefusalCurveState["curve"]> {
  await house.platform.refusalCurves.make(LOCAL_ACTOR, "Workshop");
  await house.idle();
  return (await house.platform.refusalCurves.state(LOCAL_ACTOR, "Workshop")).curve;
}

describe("a refusal curve", () => {
  test("G3 says for each threshold how many of the collection's questions would be refused, rightly and wrongly", async () => {
    await using house = await openWorkshop();
    await fill(house);
    expect(await house.platform.refusalCurves.state(LOCAL_ACTOR, "Workshop")).toMatchObject({ curve: null, job: null });
    const curve = (await measured(house))!;
    expect(curve.answerable).toBeGreaterThanOrEqual(20);
    expect(curve.points).toHaveLength(101);
    for (const [at, { right, wrong }] of curve.points.entries()) {
      expect(right).toBeGreaterThanOrEqual(curve.points[at - 1]?.right ?? 0);
      expect(wrong).toBeGreaterThanOrEqual(curve.points[at - 1]?.wrong ?? 0);
    }
    const at = curve.points[Math.round(curve.recommended * 100)]!;
    expect(at.right - at.wrong).toBeGreaterThan(0.5);
    const sources = curve.sources.map(
      ({ source, answerable }) => `${source} ${answerable ? "answered" : "unanswered"}`,
    );
    for (const source of ["documents answered", "withheld unanswered", "general unanswered"])
      expect(sources).toContain(source);
    expect(JSON.stringify(await house.platform.store.settings.get(`refusal-curve:${await idOf(house)}`))).not.toMatch(
      /gate|oiled/,
    );
  });

  test("G3 takes effect on the next question when the threshold is set", async () => {
    await using house = await openWorkshop();
    await fill(house, TOPICS.slice(0, 3));
    const id = await idOf(house);
    const ask = async (): Promise<string[]> => {
      const events = house.platform.assistant.chat(LOCAL_ACTOR, {
        question: "How often is the pump oiled?",
        collections: [id],
        regenerate: false,
      });
      const types: string[] = [];
      for await (const { type } of events) types.push(type);
      return types;
    };
    expect(await ask()).toContain("citations");
    await house.platform.library.updateCollection(LOCAL_ACTOR, id, { retrieval: { refusalThreshold: 1 } });
    expect(await ask()).toContain("refusal");
    expect((await house.platform.refusalCurves.state(LOCAL_ACTOR, "Workshop")).threshold).toBe(1);
  });

  test("is stale when the collection has changed, and the nightly run makes it anew", async () => {
    await using house = await openWorkshop();
    await fill(house);
    const before = (await measured(house))!;
    const state = () => house.platform.refusalCurves.state(LOCAL_ACTOR, "Workshop");
    expect(await state()).toMatchObject({ stale: null, changedDocuments: 0 });
    await fill(house, ["plough"]);
    expect(await state()).toMatchObject({ stale: null, changedDocuments: 1 });
    await fill(house, ["harrow"]);
    expect(await state()).toMatchObject({ stale: "documents", changedDocuments: 2 });
    await house.platform.operations.reindex(LOCAL_ACTOR);
    await house.idle();
    expect(await state()).toMatchObject({ stale: null, changedDocuments: 0 });
    expect((await state()).curve!.documentCount).toBe(before.documentCount + 2);
  });

  test("is kept as it was when a new run is cancelled", async () => {
    await using house = await openWorkshop();
    await fill(house);
    const before = await measured(house);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    house.models.beforeEmbed = () => held;
    const { job } = await house.platform.refusalCurves.make(LOCAL_ACTOR, "Workshop");
    await waitUntil(async () => (await house.platform.queue.get(job!.id))?.status === "running" || null, {
      what: "the job to run",
    });
    await house.platform.queue.cancel(job!.id);
    release();
    await house.idle();
    const after = await house.platform.refusalCurves.state(LOCAL_ACTOR, "Workshop");
    expect(after.curve).toEqual(before);
    expect(after.job).toMatchObject({ status: "cancelled" });
  });

  test("is forgotten with its collection", async () => {
    await using house = await openWorkshop();
    await fill(house);
    await measured(house);
    const id = await idOf(house);
    const kept = () => house.platform.store.settings.get(`refusal-curve:${id}`);
    expect(await kept()).not.toBeNull();
    await house.platform.library.deleteCollection(LOCAL_ACTOR, id);
    expect(await kept()).toBeNull();
  });

  test("is not made of too few questions, and says so", async () => {
    await using house = await openWorkshop();
    await fill(house, ["gate"]);
    expect(await measured(house)).toBeNull();
    const { job } = await house.platform.refusalCurves.state(LOCAL_ACTOR, "Workshop");
    expect(job).toMatchObject({ status: "succeeded", result: { outcome: "too_few" } });
  });

  test("is for those who manage the collection", async () => {
    await using house = await openWorkshop();
    const { refusalCurves } = house.platform;
    const searcher = { ...LOCAL_ACTOR, scopes: ["search" as const] };
    const elsewhere = { ...LOCAL_ACTOR, collectionIds: [] };
    await expect(refusalCurves.state(searcher, "Workshop")).rejects.toMatchObject({ code: "forbidden" });
    await expect(refusalCurves.state(elsewhere, "Workshop")).rejects.toMatchObject({ code: "not_found" });
    await expect(refusalCurves.make(LOCAL_ACTOR, "Workshop")).rejects.toMatchObject({ code: "conflict" });
  });
});

async function idOf(house: TestHouse) {
  return (await house.platform.store.collections.getByName("Workshop"))!.id;
}
