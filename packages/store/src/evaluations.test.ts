import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection, Dataset, DocumentRecord, EvaluationId, EvaluationItem } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { exampleDraft, passageOf } from "./testing/seed-adaptation.ts";
import { addDocument, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

let store: OpenedStore;
let collection: Collection;
let dataset: Dataset;
let secret: DocumentRecord;
let id: EvaluationId;
beforeEach(async () => {
  store = openTestStore();
  collection = await makeCollection(store);
  secret = await addDocument(store, collection, { name: "secret.txt", texts: ["The code is zebra."] });
  dataset = await store.datasets.create({ name: "Asked", collectionId: collection.id });
  const made = await store.evaluations.create({
    name: "before",
    datasetId: dataset.id,
    collectionId: collection.id,
    setting: { adapter: null },
    jobId: "job_1",
  });
  id = made.id as EvaluationId;
});
afterEach(() => store.close());

function item(question: string, retrieved: EvaluationItem["retrieved"] = [], exampleId?: string): EvaluationItem {
  return { question, expected: "E", answer: "A", refused: false, f1: 0.5, ndcgAt10: null, retrieved, exampleId };
}

describe("evaluations", () => {
  test("keep their figures and items, and the dataset's name when it is deleted", async () => {
    await store.evaluations.addItems(id, [item("one"), item("two")]);
    await store.evaluations.update(id, { status: "succeeded", figures: { questions: 2, answerF1: 0.5 } });
    await store.datasets.delete(dataset.id as never);
    expect(await store.evaluations.get(id)).toMatchObject({
      datasetName: "Asked",
      status: "succeeded",
      figures: { questions: 2, answerF1: 0.5 },
      items: [{ question: "one" }, { question: "two" }],
    });
    expect((await store.evaluations.list({ limit: 1 })).items.map((each) => each.id)).toEqual([id]);
    expect(await store.evaluations.delete(id)).toBe(true);
    expect(await store.evaluations.get(id)).toBeNull();
  });

  test("L4 are switched on whole or not at all", async () => {
    const [adapterId, at] = [null, "2026-01-02T00:00:00.000Z"];
    const retrieval = { ...collection.retrieval, denseWeight: 0.9 };
    const pending = { name: "switching-on:x", value: { embedder: "other" } };
    const change = {
      collectionId: collection.id,
      actor: "owner",
      at,
      settings: ["retrieval"],
      retrieval,
      adapterId,
      pending,
    };
    const state = async () => ({
      denseWeight: (await store.collections.get(collection.id))!.retrieval.denseWeight,
      adapter: await store.adapters.chosen(collection.id),
      pending: await store.settings.get(pending.name),
      audit: (await store.audit.list({ limit: 9 })).items.map(({ action }) => action),
    });
    // The last step of the transaction fails: nothing of the steps before it stays.
    const nobody = store.evaluations.switchOn("evl_none" as EvaluationId, change);
    await expect(nobody).rejects.toMatchObject({ code: "not_found" });
    expect(await state()).toEqual({ denseWeight: 0.5, adapter: undefined, pending: null, audit: [] });
    expect(await store.evaluations.switchOn(id, change)).toMatchObject({ switchedOnAt: at });
    expect(await state()).toEqual({
      denseWeight: 0.9,
      adapter: { adapterId: null, scale: 1 },
      pending: pending.value,
      audit: ["evaluation.switched-on", "adapter.deactivated"],
    });
    await store.collections.delete(collection.id);
    await expect(store.evaluations.switchOn(id, change)).rejects.toMatchObject({ code: "not_found" });
  });

  test("A1 forget items that retrieved a deleted document or whose example rests on it", async () => {
    const passage = await passageOf(store, secret, true);
    await store.datasets.addExamples(dataset.id as never, [exampleDraft({ question: "code?", passages: [passage] })]);
    const [example] = await store.datasets.allExamples(dataset.id as never, {});
    const retrieved = [{ documentName: "secret.txt", chunkId: passage.chunkId, gold: true, documentId: secret.id }];
    await store.evaluations.addItems(id, [item("kept"), item("shown", retrieved), item("code?", [], example!.id)]);
    expect((await store.evaluations.get(id))!.items.length).toBe(3);
    await store.documents.delete(secret.id);
    const questions = async () => (await store.evaluations.get(id))!.items.map(({ question }) => question);
    expect(await questions()).toEqual(["kept"]);
    await purgeAll(store);
    expect(await questions()).toEqual(["kept"]);
    expect(Object.values(await store.upkeep.orphans()).every((count) => count === 0)).toBe(true);
  });

  test("go with their collection", async () => {
    await store.evaluations.addItems(id, [item("one")]);
    await store.collections.delete(collection.id);
    expect(await store.evaluations.get(id)).toBeNull();
    expect((await store.evaluations.list({ limit: 9 })).items).toEqual([]);
    await purgeAll(store);
    expect(Object.values(await store.upkeep.orphans()).every((count) => count === 0)).toBe(true);
  });
});
