import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import {
  addDocument,
  axis,
  chunksOf,
  findTexts,
  makeCollection,
  newDocument,
  openTestStore,
  purgeAll,
  sha256,
  stageTexts,
} from "./testing/seed-store.ts";

let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  store = openTestStore();
  collection = await makeCollection(store);
});
afterEach(() => store.close());

const admit = async (name: string, texts: readonly string[]) =>
  (await store.documents.admit(newDocument(collection, { name, texts }))).document;
const stage = async (name: string, texts: readonly string[]) => {
  const document = await admit(name, texts);
  return { document, versionId: await stageTexts(store, { document, generationId: collection.generationId, texts }) };
};

describe("versions", () => {
  test("D2 the old one answers until the new one is published, then at once only the new one", async () => {
    const old = await addDocument(store, collection, { name: "a.txt", texts: ["apples", "pears"] });
    const { document, versionId } = await stage("a.txt", ["apples", "plums"]);
    expect(await findTexts(store, collection, "pears plums")).toEqual(["pears"]);
    expect(await store.versions.publish(versionId)).toEqual({ chunkCount: 2, removedChunkCount: 2 });
    expect(await findTexts(store, collection, "pears plums")).toEqual(["plums"]);
    expect(document.id).toBe(old.id);
    expect(await store.documents.get(document.id)).toMatchObject({ versionId, chunkCount: 2 });
  });

  test("D2 vectors of unchanged chunks are found by content", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["apples", "pears"] });
    const found = await store.versions.findVectors(collection.generationId, [sha256("pears"), sha256("plums")]);
    expect([...found]).toEqual([[sha256("pears"), axis(1)]]);
  });

  test("B2 vectors of a try that broke off are found by the next one", async () => {
    const { document } = await stage("a.txt", ["apples"]);
    await store.versions.begin({ documentId: document.id, generationId: collection.generationId, blob: document.blob });
    const found = await store.versions.findVectors(collection.generationId, [sha256("apples")]);
    expect(found.get(sha256("apples"))).toEqual(axis(0));
  });

  test("B4 vectors of another generation are never found", async () => {
    await addDocument(store, collection, { name: "a.txt", texts: ["apples"] });
    const next = await store.collections.beginGeneration(collection.id, {
      embedder: "b",
      embedderFingerprint: "b",
      dimensions: 4,
      chunking: collection.chunking,
    });
    expect((await store.versions.findVectors(next.id, [sha256("apples")])).size).toBe(0);
  });

  test("staged rows are seen by nobody", async () => {
    const { document } = await stage("a.txt", ["apples"]);
    expect(await findTexts(store, collection, "apples")).toEqual([]);
    expect(await store.vectors.countVectors(collection.generationId)).toBe(0);
    expect(await store.passages.readText(document.id, 0, 9)).toBe("");
    expect((await store.passages.listChunks(document.id, { limit: 9 })).items).toEqual([]);
    expect(await store.passages.matchFilter([collection.generationId], {})).toEqual(new Uint32Array());
  });

  test("are refused when the document has other bytes by now, or is deleted", async () => {
    const { document, versionId } = await stage("a.txt", ["apples"]);
    await admit("a.txt", ["pears"]);
    await expect(store.versions.publish(versionId)).rejects.toMatchObject({ code: "conflict" });
    const other = await stage("b.txt", ["plums"]);
    await store.documents.delete(other.document.id);
    await expect(store.versions.publish(other.versionId)).rejects.toMatchObject({ code: "conflict" });
    await expect(store.versions.stageChunks(other.versionId, chunksOf(["plums"]))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(
      store.versions.begin({
        documentId: other.document.id,
        generationId: collection.generationId,
        blob: document.blob,
      }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  test("published twice are published once", async () => {
    const { versionId } = await stage("a.txt", ["apples"]);
    await store.versions.publish(versionId);
    const change = await store.vectors.lastChange(collection.generationId);
    expect(await store.versions.publish(versionId)).toEqual({ chunkCount: 1, removedChunkCount: 0 });
    expect(await store.vectors.lastChange(collection.generationId)).toBe(change);
  });

  test("that were begun again or discarded leave nothing after a purge", async () => {
    const { document, versionId } = await stage("a.txt", ["apples", "pears"]);
    await store.versions.discard(versionId);
    await stageTexts(store, { document, generationId: collection.generationId, texts: ["apples"] });
    const second = await stageTexts(store, { document, generationId: collection.generationId, texts: ["apples"] });
    await store.versions.publish(second);
    await purgeAll(store);
    expect((await store.passages.listChunks(document.id, { limit: 9 })).items).toHaveLength(1);
    expect((await store.versions.findVectors(collection.generationId, [sha256("pears")])).size).toBe(0);
  });

  test.each([
    ["too few numbers", new Float32Array(3)],
    ["a value that is no number", new Float32Array([1, Number.NaN, 0, 0])],
    ["an infinite value", new Float32Array([1, Number.POSITIVE_INFINITY, 0, 0])],
  ])("refuse a vector with %s", async (_what, vector) => {
    const { versionId } = await stage("a.txt", ["apples"]);
    const chunks = [{ ...chunksOf(["x"])[0]!, ordinal: 9, vector }];
    await expect(store.versions.stageChunks(versionId, chunks)).rejects.toMatchObject({ code: "shape_mismatch" });
  });

  test("refuse more than 64 chunks a call", async () => {
    const { versionId } = await stage("a.txt", []);
    const chunks = chunksOf(Array.from({ length: 65 }, (_, at) => `text ${at}`));
    await expect(store.versions.stageChunks(versionId, chunks)).rejects.toMatchObject({ code: "shape_mismatch" });
  });

  test("staging lets the event loop turn, however long the callers' loop is", async () => {
    const { versionId } = await stage("a.txt", []);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const chunks = chunksOf(Array.from({ length: 600 }, (_, at) => `chunk number ${at} `.repeat(20)));
    for (let from = 0; from < chunks.length; from += 50)
      await store.versions.stageChunks(versionId, chunks.slice(from, from + 50));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

describe("passages", () => {
  test("come in the order asked for, without rows that are gone", async () => {
    const document = await addDocument(store, collection, {
      name: "a.txt",
      externalId: "x-1",
      texts: ["apples", "pears"],
      headings: ["Fruit", "Kinds"],
    });
    const [first, second] = await store.passages.matchFilter([collection.generationId], {});
    const loaded = await store.passages.load([second!, 999, first!]);
    expect(loaded.map(({ text }) => text)).toEqual(["pears", "apples"]);
    expect(loaded[0]).toMatchObject({
      documentId: document.id,
      collectionId: collection.id,
      documentName: "a.txt",
      externalId: "x-1",
      headings: ["Fruit", "Kinds"],
      span: [6, 11],
      page: 2,
    });
    const chunk = (await store.passages.getChunk(loaded[0]!.chunkId))!;
    expect(chunk).toMatchObject({ seq: second, ordinal: 1, contentHash: sha256("pears"), documentName: "a.txt" });
  });

  test("chunks are listed page by page", async () => {
    const texts = ["a", "b", "c", "d", "e"];
    const { id } = await addDocument(store, collection, { name: "a.txt", texts });
    const first = await store.passages.listChunks(id, { limit: 3 });
    const second = await store.passages.listChunks(id, { limit: 3, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ text }) => text)).toEqual(texts);
  });

  test("text is read across pages in UTF-16 units", async () => {
    const { id } = await addDocument(store, collection, { name: "a.txt", texts: ["ab😀", "备份", "xyz"] });
    expect(await store.passages.readText(id, 1, 7)).toBe("b😀备份x");
    expect(await store.passages.readText(id, 0, 99)).toBe("ab😀备份xyz");
    expect(await store.passages.readText(id, 6, 6)).toBe("");
    const pages = await store.passages.readPages(id, { from: 1, limit: 1 });
    expect(pages).toEqual([{ ordinal: 1, page: 2, label: null, start: 4, text: "备份", regions: [] }]);
  });
});
