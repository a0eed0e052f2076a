import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Collection } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, findTexts, makeCollection, openTestStore } from "./testing/seed-store.ts";

let folder: string;
let here: OpenedStore;
let threaded: OpenedStore;
let collection: Collection;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "store-door-"));
  const path = join(folder, "a.db");
  here = openTestStore({ path });
  threaded = openTestStore({ path, threadFromChunks: 0 });
  collection = await makeCollection(here);
});
afterEach(async () => {
  await here.close();
  await threaded.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("keyword search in a thread", () => {
  test("finds what the search in the process finds", async () => {
    await addDocument(here, collection, {
      name: "a.txt",
      texts: ["blue pump", "备份脚本", "pump"],
      metadata: { tags: ["t"] },
    });
    const generationIds = [collection.generationId];
    for (const query of ["pump", "blue pump", "备份", '"'])
      expect(await threaded.passages.keywordSearch({ generationIds, query, limit: 5 })).toEqual(
        await here.passages.keywordSearch({ generationIds, query, limit: 5 }),
      );
    const filter = { tags: ["t"] };
    const allow = await threaded.passages.matchFilter(generationIds, filter);
    expect(allow).toEqual(await here.passages.matchFilter(generationIds, filter));
    expect(await threaded.passages.keywordSearch({ generationIds, query: "pump", limit: 1, allow })).toHaveLength(1);
    expect(await threaded.passages.termStatistics(generationIds, ["pump"])).toEqual({
      documentCount: 3,
      frequencies: new Map([["pump", 2]]),
    });
  });

  test("A1 sees a deletion and a publication at once, whoever made them", async () => {
    for (let round = 0; round < 5; round++) {
      const document = await addDocument(here, collection, { name: "a.txt", texts: [`zebra ${round}`] });
      expect(await findTexts(threaded, collection, "zebra")).toEqual([`zebra ${round}`]);
      await here.documents.delete(document.id);
      expect(await findTexts(threaded, collection, "zebra")).toEqual([]);
    }
  });

  test("answers what was asked before it is closed, and its thread ends by itself, also one that is just starting", async () => {
    await addDocument(here, collection, { name: "a.txt", texts: ["pump"] });
    const terminate = vi.spyOn(Worker.prototype, "terminate");
    const asked = threaded.passages.keywordSearch({
      generationIds: [collection.generationId],
      query: "pump",
      limit: 5,
    });
    await threaded.close();
    expect(await asked).toHaveLength(1);
    expect(terminate).not.toHaveBeenCalled();
    terminate.mockRestore();
  });

  test("refuses calls after the store is closed", async () => {
    const request = { generationIds: [collection.generationId], query: "pump", limit: 5 };
    await threaded.passages.keywordSearch(request);
    await threaded.close();
    await expect(threaded.passages.keywordSearch(request)).rejects.toMatchObject({ code: "database_busy" });
  });
});
