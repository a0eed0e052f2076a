/** Drafting, evaluating and training by itself, over a real store and queue; training is scripted. */
import { describe, expect, test } from "vitest";
import type { DatasetId } from "@lorekeep/core";
import { LOCAL_ACTOR } from "../access.ts";
import { chat, codeOf, examples, openLoop } from "../testing/open-loop.ts";

/** Searching, answering and judging beside whatever else runs on the machine. */
describe("the loop", { timeout: 120_000 }, () => {
  test("drafts from documents and feedback, keeps reviews, and evaluates before and after", async () => {
    await using house = await openLoop();
    const { adaptation, store } = house.platform;
    const text = Array.from(
      { length: 12 },
      (_, gate) => `# Gate ${gate}\n\nThe code of gate ${gate} is ${codeOf(gate)}.\n`,
    );
    const { document } = await house.upload("gates.md", text.join("\n"));
    await house.settled(document.id);
    const collection = document.collectionId;
    const dataset = await adaptation.createDataset(LOCAL_ACTOR, { name: "Gates", collection, examples: examples(4) });
    const id = dataset.id as DatasetId;
    const events = await chat(house, "What is the code of gate 7?");
    const message = events.find((event) => event.type === "conversation")!.messageId;
    const feedback = { rating: -1, correction: "The code of gate 7 is K5433.", reason: null } as const;
    await store.conversations.setFeedback(
      message as Parameters<typeof store.conversations.setFeedback>[0],
      "cli",
      feedback,
    );
    expect((await adaptation.dataset(LOCAL_ACTOR, id)).newSinceLastFineTune).toBe(1);
    const draft = () => adaptation.draftExamples(LOCAL_ACTOR, id, { from: ["documents", "feedback", "unanswerable"] });
    await draft();
    await house.idle();
    const drafted = await adaptation.dataset(LOCAL_ACTOR, id);
    expect(drafted.sources).toMatchObject({ upload: 4, correction: 1 });
    const corrected = (await adaptation.examples(LOCAL_ACTOR, id, { source: "correction" }, { limit: 9 })).items[0]!;
    expect(corrected).toMatchObject({ answer: "The code of gate 7 is K5433.", status: "pending" });
    expect(await adaptation.reviewExamples(LOCAL_ACTOR, id, { ids: [corrected.id], status: "approved" })).toEqual({
      changed: 1,
    });
    await draft();
    await house.idle();
    const again = await adaptation.dataset(LOCAL_ACTOR, id);
    expect(again.exampleCount).toBe(drafted.exampleCount);
    expect(again.counts.approved).toBe(drafted.counts.approved + 1);

    const measure = async (adapter: string | null) => {
      const { id: run } = await adaptation.startEvaluation(LOCAL_ACTOR, { dataset: id, adapter });
      await house.idle();
      return adaptation.evaluation(LOCAL_ACTOR, run as Parameters<typeof adaptation.evaluation>[1]);
    };
    const before = await measure(null);
    expect(before).toMatchObject({ status: "succeeded", figures: { questions: 5 } });
    expect(before.items[0]!.retrieved.length).toBeGreaterThan(0);
    const after = await measure(null);
    const compared = await adaptation.compareEvaluations(
      LOCAL_ACTOR,
      before.id as Parameters<typeof adaptation.evaluation>[1],
      after.id as Parameters<typeof adaptation.evaluation>[1],
    );
    expect(compared.questions).toHaveLength(5);
    expect(compared.differences.answerF1).toMatchObject({ mean: 0, real: false });
  });

  test("trains by itself only when that is switched on and enough is new", async () => {
    await using house = await openLoop();
    const { adaptation, store, queue } = house.platform;
    const { document } = await house.upload("gates.txt", "The code of gate 7 is K5433. Gates stand in the north yard.");
    await house.settled(document.id);
    const { collectionId: collection } = document;
    const dataset = await adaptation.createDataset(LOCAL_ACTOR, { name: "Gates", collection, examples: examples(100) });
    const events = await chat(house, "What is the code of gate 7?");
    const message = events.find((event) => event.type === "conversation")!.messageId;
    const feedback = { rating: -1, correction: "The code of gate 7 is K5433.", reason: null } as const;
    await store.conversations.setFeedback(
      message as Parameters<typeof store.conversations.setFeedback>[0],
      "cli",
      feedback,
    );
    const nightly = async () => {
      await house.platform.operations.reindex(LOCAL_ACTOR);
      await house.idle();
      return (await adaptation.fineTunes(LOCAL_ACTOR, { limit: 9 })).items;
    };
    expect(await nightly()).toEqual([]);
    await store.settings.put("adaptation.autoTrain", { enabled: true, minCorrections: 1, autoActivate: true });
    const [run] = await nightly();
    expect(run).toMatchObject({ datasetId: dataset.id, status: "succeeded" });
    expect((await store.adapters.activeFor(collection))?.adapter.id).toBe(run!.adapterId);
    expect(await nightly()).toHaveLength(1);
    expect((await queue.counts()).dead).toBe(0);
  });

  test("what people said is counted, taken into a dataset and trained on in one step", async () => {
    await using house = await openLoop();
    const { adaptation, store } = house.platform;
    const { document } = await house.upload("gates.txt", "The code of gate 7 is K5433. Gates stand in the north yard.");
    await house.settled(document.id);
    const { collectionId: collection } = document;
    const waiting = async () => (await adaptation.autoTrain(LOCAL_ACTOR)).waiting;
    expect(await waiting()).toEqual([]);
    const events = await chat(house, "What is the code of gate 7?");
    const message = events.find((event) => event.type === "conversation")!.messageId;
    const feedback = { rating: -1, correction: "It is K5433.", reason: null } as const;
    await store.conversations.setFeedback(
      message as Parameters<typeof store.conversations.setFeedback>[0],
      "cli",
      feedback,
    );
    expect(await waiting()).toMatchObject([{ collectionId: collection, datasetId: null, count: 1 }]);
    const train = (preset?: "quick") => adaptation.trainOnFeedback(LOCAL_ACTOR, { collection, preset });
    await expect(train()).rejects.toMatchObject({ code: "request_invalid" });
    const [made] = (await adaptation.datasets(LOCAL_ACTOR, { limit: 9 })).items;
    expect(made).toMatchObject({ collectionId: collection, sources: { correction: 1 }, counts: { approved: 1 } });
    await adaptation.createDataset(LOCAL_ACTOR, { name: "Gates", collection, examples: examples(100) });
    const run = await train("quick");
    expect(run).toMatchObject({ datasetName: "Gates", recipe: { epochs: 1 } });
    expect((await waiting()).filter(({ datasetName }) => datasetName === "Gates")).toEqual([]);
  });

  test("whether it trains by itself is a setting, off at first, and each change is on record", async () => {
    await using house = await openLoop();
    const { adaptation } = house.platform;
    expect(await adaptation.autoTrain(LOCAL_ACTOR)).toMatchObject({ enabled: false, autoActivate: false });
    const setting = { enabled: true, minCorrections: 7, autoActivate: false, preset: "quick" } as const;
    expect(await adaptation.putAutoTrain(LOCAL_ACTOR, setting)).toMatchObject(setting);
    expect(await adaptation.autoTrain(LOCAL_ACTOR)).toMatchObject(setting);
    const log = (await house.platform.store.audit.list({ limit: 9 })).items;
    expect(log).toContainEqual(expect.objectContaining({ action: "auto-train.changed", detail: setting }));
    const wrong = { ...setting, minCorrections: 0 };
    await expect(adaptation.putAutoTrain(LOCAL_ACTOR, wrong)).rejects.toThrow();
    const reader = { ...LOCAL_ACTOR, scopes: ["chat"] } as const;
    await expect(adaptation.putAutoTrain(reader, setting)).rejects.toMatchObject({ code: "forbidden" });
  });
});
