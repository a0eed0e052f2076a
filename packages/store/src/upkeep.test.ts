import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import { openDatabase } from "./open-database.ts";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, findTexts, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

let folder: string;
let path: string;
let store: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "store-upkeep-"));
  path = join(folder, "a.db");
  store = openTestStore({ path });
  collection = await makeCollection(store);
  await addDocument(store, collection, { name: "a.txt", texts: ["apples", "pears"] });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const soundOrphans = async () => Object.entries(await store.upkeep.orphans()).filter(([, count]) => count > 0);

describe("doctor's facts", () => {
  test("A4 are all 0 when sound, deletions that wait for the purge included", async () => {
    const { items } = await store.documents.list({ limit: 1 });
    await store.documents.delete(items[0]!.id);
    expect(await soundOrphans()).toEqual([]);
    expect(await store.upkeep.integrity()).toEqual([]);
    await purgeAll(store);
    expect(await soundOrphans()).toEqual([]);
  });

  test.each([
    ["DELETE FROM vectors WHERE seq = 1", "chunksWithoutVector"],
    ["DELETE FROM chunks WHERE seq = 1", "vectorsWithoutChunk"],
    ["DELETE FROM chunks WHERE seq = 1", "termsWithoutChunk"],
    ["DELETE FROM chunk_terms WHERE rowid = 1", "chunksWithoutTerms"],
    ["DELETE FROM document_versions", "chunksWithoutVersion"],
    ["DELETE FROM document_versions", "pagesWithoutVersion"],
    ["DELETE FROM documents", "versionsWithoutDocument"],
    ["DELETE FROM collections", "documentsWithoutCollection"],
    ["DELETE FROM generations", "versionsWithoutGeneration"],
    ["UPDATE documents SET deleted_at = '2026'", "liveVersionsOfDeletedDocuments"],
    ["UPDATE document_versions SET chunk_count = 9", "liveVersionsWithWrongCount"],
  ])("A4 %s is found as %s", async (damage, kind) => {
    const { sqlite } = openDatabase(path);
    sqlite.pragma("foreign_keys = OFF");
    sqlite.exec(damage);
    sqlite.close();
    expect((await store.upkeep.orphans())[kind]).toBeGreaterThan(0);
  });

  test("references to nothing and damaged pages are told", async () => {
    const { sqlite } = openDatabase(path);
    sqlite.pragma("foreign_keys = OFF");
    sqlite.exec("DELETE FROM documents");
    sqlite.close();
    expect((await store.upkeep.integrity()).join()).toContain("document_versions");
    await store.close();
    const bytes = readFileSync(path);
    // The body of a page in the middle of the file.
    bytes.fill(0xff, 8192 * 20 + 100, 8192 * 20 + 4000);
    writeFileSync(path, bytes);
    store = openTestStore({ path });
    expect(await store.upkeep.integrity()).not.toEqual([]);
  });
});

describe("compaction", () => {
  test("keeps everything that is there, while others write", async () => {
    let isDone = false;
    const compacting = store.upkeep.compact().finally(() => (isDone = true));
    let count = 0;
    while (!isDone) {
      await addDocument(store, collection, { name: `n${count}`, texts: [`number ${count}`] });
      if (count % 3 === 0) await store.documents.delete((await store.documents.list({ limit: 1 })).items[0]!.id);
      await purgeAll(store, 20);
      count += 1;
    }
    await compacting;
    await addDocument(store, collection, { name: "last", texts: ["written afterwards"] });
    expect(await store.upkeep.integrity()).toEqual([]);
    expect(await soundOrphans()).toEqual([]);
    expect(await findTexts(store, collection, "apples afterwards")).toEqual(["written afterwards", "apples"]);
  });

  test("works in memory too", async () => {
    const memory = openTestStore();
    await addDocument(memory, await makeCollection(memory), { name: "a.txt", texts: ["a"] });
    expect((await memory.upkeep.compact()).bytesAfter).toBeGreaterThan(0);
    expect(await memory.upkeep.integrity()).toEqual([]);
    await memory.close();
  });
});

describe("L1 a backup", () => {
  test("is whole and consistent while the store is written to", async () => {
    const target = join(folder, "copy.db");
    let isDone = false;
    const copying = store.upkeep.backupTo(target).finally(() => (isDone = true));
    for (let count = 0; !isDone; count++) {
      await addDocument(store, collection, { name: `n${count}`, texts: [`number ${count}`, `again ${count}`] });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await copying;
    const copy = openTestStore({ path: target });
    expect(await copy.upkeep.integrity()).toEqual([]);
    expect(Object.values(await copy.upkeep.orphans()).every((count) => count === 0)).toBe(true);
    expect(await findTexts(copy, collection, "apples")).toEqual(["apples"]);
    await copy.close();
  });

  test("that cannot be written leaves nothing behind", async () => {
    await expect(store.upkeep.backupTo(join(folder, "missing", "copy.db"))).rejects.toThrow();
    await expect(store.settings.put("still", "works")).resolves.toBeUndefined();
  });
});
