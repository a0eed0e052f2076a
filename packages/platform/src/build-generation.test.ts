import { describe, expect, test } from "vitest";
import type { CollectionId } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { LEXICAL_ONLY_FINGERPRINT } from "./lexical-only-embedder.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";
import type { TestHouse } from "./testing/open-test-platform.ts";

const ANIMALS = ["aardvark", "bear", "camel", "dingo", "emu", "ferret"];
const COUNT = ANIMALS.length;

async function fill(house: TestHouse): Promise<CollectionId> {
  const uploads = await Promise.all(
    ANIMALS.map((animal) => house.upload(`${animal}.txt`, `This tells about the ${animal}.`)),
  );
  for (const { document } of uploads) await house.settled(document.id);
  await house.idle();
  return uploads[0]!.document.collectionId;
}

const found = async (house: TestHouse, mode: "dense" | "lexical" = "dense"): Promise<number> => {
  const request = { query: "dingo", limit: 20, mode, explain: false };
  return (await house.platform.assistant.search(LOCAL_ACTOR, request)).results.length;
};

const served = (house: TestHouse, id: CollectionId, embedder: string) =>
  waitUntil(
    async () => {
      const collection = await house.platform.store.collections.get(id);
      return collection?.embedder === embedder && collection.nextGenerationId === null;
    },
    { what: `${embedder} to serve`, timeoutMs: 20_000 },
  );

describe("changing the embedder", () => {
  test("B1: the old generation answers until the new one is complete, then one row flips", async () => {
    await using house = await openTestHouse();
    const id = await fill(house);
    const counts: number[] = [];
    let reached = 0;
    house.models.beforeEmbed = async () => {
      reached += 1;
    };
    await house.platform.library.updateCollection(LOCAL_ACTOR, id, { embedder: "other-model" });
    const switching = served(house, id, "other-model");
    let isDone = false;
    void switching.then(() => (isDone = true));
    while (!isDone) counts.push(await found(house));
    await switching;
    counts.push(await found(house));
    expect(reached).toBeGreaterThan(COUNT);
    expect(counts.every((count) => count === COUNT)).toBe(true);
    const [job] = (await house.platform.queue.list({ kind: "build-generation", limit: 5 })).items;
    await waitUntil(async () => (await house.platform.queue.get(job!.id))?.endedAt, { what: "the build to end" });
    expect(await house.platform.queue.get(job!.id)).toMatchObject({
      status: "succeeded",
      result: { outcome: "served", documentCount: COUNT, failedCount: 0 },
    });
  });

  test("B2: a build that was cut off goes on where it was, and embeds no chunk twice", async () => {
    await using house = await openTestHouse();
    const id = await fill(house);
    const before = house.models.embedded.length;
    let calls = 0;
    house.models.beforeEmbed = async () => {
      calls += 1;
      if (calls === 4) await new Promise(() => undefined); // the shutdown comes here
    };
    await house.platform.library.updateCollection(LOCAL_ACTOR, id, { embedder: "other-model" });
    await waitUntil(() => calls === 4, { what: "half of the build" });
    house.models.beforeEmbed = null;
    await house.reopen();
    await served(house, id, "other-model");
    const again = house.models.embedded.slice(before);
    expect(again).toHaveLength(COUNT);
    expect(new Set(again).size).toBe(COUNT);
    expect(await found(house)).toBe(COUNT);
  });

  test("a document that comes in during the build is in the new generation", async () => {
    await using house = await openTestHouse();
    const id = await fill(house);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    house.models.beforeEmbed = async () => {
      house.models.beforeEmbed = null;
      await held;
    };
    await house.platform.library.updateCollection(LOCAL_ACTOR, id, { embedder: "other-model" });
    const late = await house.upload("late.txt", "A latecomer tells about dingo.");
    await house.settled(late.document.id);
    release();
    await served(house, id, "other-model");
    await house.idle();
    expect(await found(house)).toBe(COUNT + 1);
  });

  test("a cancelled build leaves everything as it was", async () => {
    await using house = await openTestHouse();
    const id = await fill(house);
    let isHeld = false;
    house.models.beforeEmbed = () => {
      isHeld = true;
      return new Promise(() => undefined);
    };
    await house.platform.library.updateCollection(LOCAL_ACTOR, id, { embedder: "other-model" });
    await waitUntil(() => isHeld, { what: "the build to begin" });
    const [job] = (await house.platform.queue.list({ kind: "build-generation", limit: 5 })).items;
    await house.platform.queue.cancel(job!.id);
    house.models.beforeEmbed = null;
    await waitUntil(async () => (await house.platform.store.collections.get(id))?.nextGenerationId === null, {
      what: "the build to be given up",
    });
    expect(await house.platform.store.collections.get(id)).toMatchObject({ embedder: "multilingual-e5-small" });
    expect(await found(house)).toBe(COUNT);
  });

  test("refuses chunks that the model cannot read", async () => {
    await using house = await openTestHouse();
    const id = await fill(house);
    const change = { chunking: { maxTokens: 450 } };
    await expect(house.platform.library.updateCollection(LOCAL_ACTOR, id, change)).rejects.toMatchObject({
      code: "request_invalid",
    });
  });
});

test("without an embedder documents are found by their words, and by their meaning once it is there", async () => {
  await using house = await openTestHouse({ work: false });
  house.models.isMissing = true;
  const worker = await house.platform.startWorker();
  const id = await fill(house);
  const generationOf = async () => {
    const collection = await house.platform.store.collections.get(id);
    return house.platform.store.collections.generation(collection!.generationId);
  };
  expect((await generationOf())?.embedderFingerprint).toBe(LEXICAL_ONLY_FINGERPRINT);
  expect(await found(house, "lexical")).toBe(1);
  const hybrid = { query: "dingo", limit: 5, mode: "hybrid", explain: false } as const;
  const answered = await house.platform.assistant.search(LOCAL_ACTOR, hybrid);
  expect(answered.results).toHaveLength(1);
  expect(answered.plan).toMatchObject({ denseSkipped: ["model_missing"] });
  await worker.close();

  house.models.isMissing = false;
  await house.reopen();
  const again = await house.platform.startWorker();
  await waitUntil(async () => (await generationOf())?.embedderFingerprint === "hash:multilingual-e5-small", {
    what: "the real embedder to be adopted",
    timeoutMs: 20_000,
  });
  expect(await found(house)).toBe(COUNT);
  await again.close();
});
