import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AdapterId, Collection, DocumentRecord, FineTuneId } from "@lorekeep/core";
import { manualClock } from "@lorekeep/core/testing";
import type { OpenedStore } from "./open-store.ts";
import { gateWith, newAdapter, RECIPE } from "./testing/seed-adaptation.ts";
import { addDocument, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

const clock = manualClock();
let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  store = openTestStore({ clock });
  collection = await makeCollection(store);
});
afterEach(() => store.close());

const make = async (name = "pump") => (await store.adapters.create(newAdapter({ name }))).id as AdapterId;
const activate = (adapterId: AdapterId | null, collectionId: Collection["id"] | "*" = "*", scale = 1) =>
  store.adapters.activate({ collectionId, adapterId, scale, actor: "user:1" });
const active = async () => (await store.adapters.activeFor(collection.id))?.adapter.id ?? null;

describe("adapters", () => {
  test("count versions by name, also past deleted ones", async () => {
    await make();
    await make("valve");
    const second = await store.adapters.create(newAdapter());
    expect(second.version).toBe(2);
    expect(await store.adapters.delete(second.id as AdapterId)).toBe(true);
    expect((await store.adapters.create(newAdapter())).version).toBe(3);
    expect((await store.adapters.list({ limit: 2 })).items.map(({ version }) => version)).toEqual([3, 1]);
  });

  test("never share a file", async () => {
    await store.adapters.create(newAdapter({ file: "a.gguf" }));
    await expect(store.adapters.create(newAdapter({ file: "a.gguf" }))).rejects.toMatchObject({ code: "conflict" });
  });

  test("answer for a collection of their own before they answer everywhere", async () => {
    const [everywhere, own] = [await make(), await make()];
    expect(await store.adapters.activeFor(collection.id)).toBeNull();
    expect(await store.adapters.chosen("*")).toBeUndefined();
    await activate(everywhere);
    expect(await active()).toBe(everywhere);
    await activate(own, collection.id, 0.5);
    expect(await store.adapters.activeFor(collection.id)).toMatchObject({ adapter: { id: own }, scale: 0.5 });
    expect((await store.adapters.get(own))!.activeIn).toMatchObject([{ collectionId: collection.id, scale: 0.5 }]);
    await activate(null, collection.id);
    expect(await active()).toBeNull();
    expect(await store.adapters.chosen(collection.id)).toEqual({ adapterId: null, scale: 1 });
  });

  test("K5 are rolled back to what answered before, and a second time back again", async () => {
    const [first, second] = [await make(), await make()];
    expect(await store.adapters.rollback({ collectionId: "*", actor: "a" })).toBeNull();
    await activate(first, "*", 0.7);
    await activate(second);
    expect(await store.adapters.rollback({ collectionId: "*", actor: "user:2" })).toMatchObject({
      adapterId: first,
      scale: 0.7,
      actor: "user:2",
    });
    expect(await store.adapters.activeFor(collection.id)).toMatchObject({ adapter: { id: first }, scale: 0.7 });
    await store.adapters.rollback({ collectionId: "*", actor: "user:2" });
    expect(await active()).toBe(second);
    expect((await store.adapters.history(9)).map(({ adapterId }) => adapterId)).toEqual([second, first, second, first]);
  });

  test("K5 are rolled back to no choice at all where nothing was chosen before", async () => {
    await activate(await make());
    await store.adapters.rollback({ collectionId: "*", actor: "a" });
    expect(await store.adapters.chosen("*")).toBeUndefined();
    expect(await active()).toBeNull();
  });

  test("K5 pass over deleted ones when they are rolled back", async () => {
    const [first, second, third] = [await make(), await make(), await make()];
    for (const id of [first, second, third]) await activate(id);
    await store.adapters.delete(second);
    await store.adapters.rollback({ collectionId: "*", actor: "a" });
    expect(await active()).toBe(first);
  });

  test("leave the bare base behind when they are deleted while they answer", async () => {
    const id = await make();
    await activate(id);
    await store.adapters.delete(id);
    expect(await active()).toBeNull();
    expect(await store.adapters.chosen("*")).toEqual({ adapterId: null, scale: 1 });
  });

  test("leave no choice behind for a deleted collection", async () => {
    const id = await make();
    await activate(id, collection.id);
    await store.collections.delete(collection.id);
    expect((await store.adapters.get(id))!.activeIn).toEqual([]);
    await purgeAll(store);
    expect(await store.adapters.chosen(collection.id)).toBeUndefined();
  });
});

describe("fine-tunes", () => {
  const create = () =>
    store.fineTunes.create({
      name: "run",
      datasetId: "dst_x",
      base: "b",
      recipe: { ...RECIPE, targets: [...RECIPE.targets] },
      jobId: null,
    });

  test("keep their state and their loss series, a repeated step once", async () => {
    const run = await create();
    const id = run.id as FineTuneId;
    expect(run).toMatchObject({ status: "queued", loss: [], gate: null, step: 0 });
    await store.fineTunes.addLoss(id, "loss", [
      { step: 1, loss: 3 },
      { step: 2, loss: 2.5 },
    ]);
    await store.fineTunes.addLoss(id, "loss", [{ step: 2, loss: 2.25 }]);
    await store.fineTunes.addLoss(id, "validationLoss", [{ step: 2, loss: 2 }]);
    await store.fineTunes.update(id, { status: "running", step: 2, steps: 9, tokensPerSecond: 100.5 });
    expect(await store.fineTunes.get(id)).toMatchObject({
      status: "running",
      tokensPerSecond: 100.5,
      loss: [
        { step: 1, loss: 3 },
        { step: 2, loss: 2.25 },
      ],
      validationLoss: [{ step: 2, loss: 2 }],
    });
    await expect(store.fineTunes.update("tun_none" as FineTuneId, {})).rejects.toMatchObject({ code: "not_found" });
  });

  describe("K6 whose documents are deleted", () => {
    const sample = (question: string, documentIds: string[]) => ({
      question,
      expected: null,
      base: "zebra",
      adapter: "zebra",
      baseF1: 0,
      adapterF1: 1,
      documentIds,
    });
    let kept: DocumentRecord;
    let secret: DocumentRecord;
    let adapterId: AdapterId;
    let id: FineTuneId;
    beforeEach(async () => {
      kept = await addDocument(store, collection, { name: "kept.txt", texts: ["The pump is blue."] });
      secret = await addDocument(store, collection, { name: "secret.txt", texts: ["The code is zebra."] });
      id = (await create()).id as FineTuneId;
      await store.fineTunes.setExamples(id, [], [kept.id, secret.id]);
      const gate = gateWith([sample("code?", [secret.id]), sample("pump?", [kept.id])]);
      await store.fineTunes.update(id, { gate });
      adapterId = (await store.adapters.create(newAdapter({ fineTuneId: id, gate }))).id as AdapterId;
    });

    test("say so on the adapter, before and after the purge", async () => {
      expect((await store.adapters.get(adapterId))!.deletedDocuments).toEqual([]);
      await store.documents.delete(secret.id);
      const listed = { deletedDocuments: [secret.id], deletedDocumentNames: { [secret.id]: "secret.txt" } };
      expect(await store.adapters.get(adapterId)).toMatchObject(listed);
      await purgeAll(store);
      expect(await store.adapters.get(adapterId)).toMatchObject(listed);
    });

    test("A1 lose the answers of the report that were shown these passages; the figures stay", async () => {
      await store.documents.delete(secret.id);
      await purgeAll(store);
      for (const gate of [(await store.adapters.get(adapterId))!.gate, (await store.fineTunes.get(id))!.gate]) {
        expect(gate!.samples.map(({ question }) => question)).toEqual(["pump?"]);
        expect(gate!.exampleCount).toBe(2);
      }
    });
  });
});
