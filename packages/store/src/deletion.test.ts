import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection, DocumentRecord } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, findTexts, makeCollection, openTestStore, purgeAll, sha256 } from "./testing/seed-store.ts";

const CANARY = "zqcanarytoken";
let folder: string;
let store: OpenedStore;
let collection: Collection;
let secret: DocumentRecord;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "store-deletion-"));
  store = openTestStore({ path: join(folder, "a.db") });
  collection = await makeCollection(store);
  await addDocument(store, collection, { name: "kept.txt", texts: ["kept words", "more kept words"] });
  secret = await addDocument(store, collection, {
    name: `${CANARY}.txt`,
    texts: [`the code is ${CANARY}`, `and again ${CANARY} in other words`],
    headings: [CANARY],
    metadata: { note: CANARY },
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Files of the data folder that hold the text. */
function filesWith(text: string): string[] {
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));
}

async function expectInvisible(document: DocumentRecord): Promise<void> {
  const generationIds = [collection.generationId];
  expect(await findTexts(store, collection, CANARY)).toEqual([]);
  expect(await store.documents.get(document.id)).toBeNull();
  expect((await store.documents.list({ limit: 99 })).items.map(({ id }) => id)).not.toContain(document.id);
  expect((await store.passages.listChunks(document.id, { limit: 9 })).items).toEqual([]);
  expect(await store.passages.readText(document.id, 0, 999)).toBe("");
  expect(await store.passages.readPages(document.id, { from: 0, limit: 9 })).toEqual([]);
  expect(await store.passages.load([3, 4])).toEqual([]);
  expect(await store.passages.matchFilter(generationIds, { documentIds: [document.id] })).toEqual(new Uint32Array());
  expect((await store.vectors.readVectors(collection.generationId, 2, 9)).map(({ seq }) => seq)).toEqual([]);
}

describe("a deleted document", () => {
  test("A1 is invisible everywhere at once, before anything is purged", async () => {
    const [chunk] = (await store.passages.listChunks(secret.id, { limit: 1 })).items;
    expect((await store.documents.delete(secret.id))!.document.id).toBe(secret.id);
    await expectInvisible(secret);
    expect(await store.passages.getChunk(chunk!.id)).toBeNull();
    expect(await store.documents.delete(secret.id)).toBeNull();
    expect(await findTexts(store, collection, "kept")).toHaveLength(2);
  });

  test("A1 leaves no row and no blob after the purge, and no text in any file after compaction", async () => {
    store.jobRows.insert({
      id: "job_1" as never,
      kind: "ingest",
      payload: { documentId: secret.id, name: CANARY },
      maxAttempts: 1,
      parentId: null,
      key: null,
      runAt: new Date(0).toISOString(),
      createdAt: new Date(0).toISOString(),
      priority: 0,
    });
    store.jobRows.cancel("job_1" as never, new Date());
    await store.documents.delete(secret.id);
    const { rows, blobs } = await purgeAll(store, 1);
    expect(rows).toBeGreaterThan(4);
    expect(blobs).toEqual([secret.blob]);
    expect(filesWith(CANARY)).not.toEqual([]);
    const { bytesBefore, bytesAfter } = await store.upkeep.compact();
    expect(filesWith(CANARY)).toEqual([]);
    expect(filesWith(secret.id)).toEqual([]);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    expect(await findTexts(store, collection, "kept")).toHaveLength(2);
    expect(await store.upkeep.integrity()).toEqual([]);
  });

  test("A1 the indexes' journal tells of it", async () => {
    const before = await store.vectors.lastChange(collection.generationId);
    await store.documents.delete(secret.id);
    const changes = await store.vectors.readChanges(collection.generationId, before, 9);
    expect(changes.map(({ seq, vector }) => [seq, vector])).toEqual([
      [3, null],
      [4, null],
    ]);
  });

  test("C7 a large one is deleted in one short transaction", async () => {
    const texts = Array.from({ length: 1000 }, (_, at) => `large ${at}`);
    const large = await addDocument(store, collection, { name: "large.txt", texts });
    const before = await store.vectors.lastChange(collection.generationId);
    await store.documents.delete(large.id);
    expect(await store.vectors.lastChange(collection.generationId)).toBe(before + 1000);
    expect(await store.vectors.countVectors(collection.generationId)).toBe(4);
    expect(await findTexts(store, collection, "large")).toEqual([]);
  });
});

describe("A2 likewise", () => {
  test("a replaced version", async () => {
    await addDocument(store, collection, { name: `${CANARY}.txt`, texts: ["harmless"] });
    expect(await findTexts(store, collection, "code")).toEqual([]);
    expect((await store.documents.get(secret.id))!.blob).toBe(sha256("harmless"));
    expect((await purgeAll(store)).blobs).toEqual([secret.blob]);
    await store.upkeep.compact();
    expect(filesWith("the code is")).toEqual([]);
  });

  test("a whole collection", async () => {
    await store.collections.delete(collection.id);
    await expectInvisible(secret).catch((error: unknown) => {
      // Vectors of a generation that is gone cannot even be asked for.
      expect(error).toMatchObject({ code: "not_found" });
    });
    expect(await store.collections.get(collection.id)).toBeNull();
    expect(await store.collections.generations()).toEqual([]);
    const { blobs } = await purgeAll(store, 3);
    expect(blobs).toHaveLength(2);
    await store.upkeep.compact();
    expect(filesWith(CANARY)).toEqual([]);
    expect(filesWith("kept words")).toEqual([]);
    expect(Object.values(await store.upkeep.orphans()).every((count) => count === 0)).toBe(true);
  });
});

test("a purge without anything to do removes nothing", async () => {
  expect(await store.versions.purgeDeleted(100)).toEqual({ removedRows: 0, unusedBlobs: [] });
});

test("bytes that another document still has are not given up", async () => {
  const other = await makeCollection(store, "Other");
  await addDocument(store, other, { name: "copy.txt", texts: ["x"], blob: secret.blob });
  await store.documents.delete(secret.id);
  expect((await purgeAll(store)).blobs).toEqual([]);
});
