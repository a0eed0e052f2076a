import { manualClock } from "@lorekeep/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import { ROLLBACK_GRACE_MS } from "./generations.ts";
import type { OpenedStore } from "./open-store.ts";
import {
  addDocument,
  EMBEDDER_A,
  findTexts,
  makeCollection,
  newDocument,
  openTestStore,
  purgeAll,
  stageTexts,
} from "./testing/seed-store.ts";

const EMBEDDER_B = { ...EMBEDDER_A, embedder: "b", embedderFingerprint: "b-1" };
const clock = manualClock();
let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  store = openTestStore({ clock });
  collection = await makeCollection(store);
});
afterEach(() => store.close());

describe("collections", () => {
  test("come back as they were made, with counts", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["one", "two"] });
    const found = (await store.collections.get(collection.id))!;
    expect(found).toMatchObject({ name: "Handbook", documentCount: 1, chunkCount: 2, chunking: EMBEDDER_A.chunking });
    expect(await store.collections.getByName("Handbook")).toEqual(found);
  });

  test("count what can be searched apart from what is still read and from what is deleted", async () => {
    const gone = await addDocument(store, collection, { name: "a.txt", texts: ["one"] });
    await addDocument(store, collection, { name: "b.txt", texts: ["two"] });
    await store.documents.admit(newDocument(collection, { name: "c.txt", texts: ["three"] }));
    const counts = async () => await store.collections.get(collection.id);
    expect(await counts()).toMatchObject({ documentCount: 3, searchableCount: 2 });
    await store.documents.delete(gone.id);
    expect(await counts()).toMatchObject({ documentCount: 2, searchableCount: 1 });
  });

  test("refuse a name that is taken, and free it when deleted", async () => {
    await expect(makeCollection(store)).rejects.toMatchObject({ code: "conflict" });
    const other = await makeCollection(store, "Other");
    await expect(store.collections.update(other.id, { name: "Handbook" })).rejects.toMatchObject({ code: "conflict" });
    await store.collections.delete(collection.id);
    expect((await store.collections.update(other.id, { name: "Handbook" })).name).toBe("Handbook");
  });

  test("are listed page by page", async () => {
    for (const name of ["B", "C", "D", "E"]) await makeCollection(store, name);
    const first = await store.collections.list({ limit: 3 });
    const second = await store.collections.list({ limit: 3, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(["Handbook", "B", "C", "D", "E"]);
    expect(second.nextCursor).toBeNull();
  });

  test.each(["", "nonsense", "eyJhIjoxfQ", "WyJhIl0"])(
    "refuse the cursor %j that they did not give out",
    async (cursor) => {
      await expect(store.collections.list({ limit: 3, cursor })).rejects.toMatchObject({ code: "request_invalid" });
    },
  );
});

describe("generations", () => {
  async function buildB(texts: readonly string[]) {
    const next = await store.collections.beginGeneration(collection.id, EMBEDDER_B);
    const { items } = await store.documents.list({ limit: 10 });
    for (const document of items)
      await store.versions.publish(await stageTexts(store, { document, generationId: next.id, texts }));
    return next;
  }

  test("B1 the old one answers until one row flips", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["warranty"] });
    const next = await buildB(["warranty"]);
    expect((await store.collections.get(collection.id))!).toMatchObject({
      generationId: collection.generationId,
      nextGenerationId: next.id,
      embedder: "a",
    });
    expect(await findTexts(store, collection, "warranty")).toEqual(["warranty"]);
    const flipped = await store.collections.serveGeneration(next.id);
    expect(flipped).toMatchObject({ generationId: next.id, nextGenerationId: null, embedder: "b", chunkCount: 1 });
    // A search that found out its generation before the flip is still answered.
    expect(await findTexts(store, collection, "warranty")).toEqual(["warranty"]);
    expect(await findTexts(store, flipped, "warranty")).toEqual(["warranty"]);
  });

  test("begin once: an equal target is the one being built, another retires it", async () => {
    const next = await store.collections.beginGeneration(collection.id, EMBEDDER_B);
    expect(await store.collections.beginGeneration(collection.id, EMBEDDER_B)).toEqual(next);
    const other = await store.collections.beginGeneration(collection.id, { ...EMBEDDER_B, embedderFingerprint: "b-2" });
    expect(other.id).not.toBe(next.id);
    expect((await store.collections.generation(next.id))!.status).toBe("retired");
  });

  test("B3 going back is one flip for a day, then the rows are gone", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["warranty"] });
    const next = await buildB(["warranty"]);
    await store.collections.serveGeneration(next.id);
    await purgeAll(store);
    const back = await store.collections.serveGeneration(collection.generationId);
    expect(await findTexts(store, back, "warranty")).toEqual(["warranty"]);
    clock.advance(ROLLBACK_GRACE_MS + 1);
    await purgeAll(store);
    expect(await store.collections.generation(next.id)).toBeNull();
    await expect(store.collections.serveGeneration(next.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await store.collections.generations()).map(({ id }) => id)).toEqual([collection.generationId]);
  });

  test("B3 refuse to go back to what lacks documents by now", async () => {
    const next = await buildB([]);
    await store.collections.serveGeneration(next.id);
    const current = (await store.collections.get(collection.id))!;
    await addDocument(store, current, { name: "new.txt", texts: ["new"] });
    await expect(store.collections.serveGeneration(collection.generationId)).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("A2 a flip forgets bytes that the new generation has in a newer version", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["canary"] });
    const next = await store.collections.beginGeneration(collection.id, EMBEDDER_B);
    const { document } = await store.documents.admit(newDocument(collection, { name: "a.txt", texts: ["clean"] }));
    await store.versions.publish(await stageTexts(store, { document, generationId: next.id, texts: ["clean"] }));
    expect(await findTexts(store, collection, "canary")).toEqual(["canary"]);
    await store.collections.serveGeneration(next.id);
    expect(await findTexts(store, collection, "canary")).toEqual([]);
    await purgeAll(store);
    expect(await store.vectors.countVectors(collection.generationId)).toBe(0);
  });

  test("never retire the one that serves", async () => {
    await expect(store.collections.retireGeneration(collection.generationId)).rejects.toMatchObject({
      code: "conflict",
    });
  });
});
