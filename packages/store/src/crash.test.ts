import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Collection } from "@lorekeep/core";
import type { OpenedStore } from "./open-store.ts";
import { addDocument, findTexts, makeCollection, openTestStore, purgeAll } from "./testing/seed-store.ts";

const SCRIPT = fileURLToPath(new URL("./testing/write-until-killed.ts", import.meta.url));
const OLD = Array.from({ length: 12 }, (_, at) => `old text ${at}`);
let folder: string;
let path: string;
let store: OpenedStore | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-crash-"));
  path = join(folder, "a.db");
});
afterEach(async () => {
  await store?.close();
  store = null;
  rmSync(folder, { recursive: true, force: true });
});

async function seed(): Promise<Collection> {
  const seeded = openTestStore({ path });
  const collection = await makeCollection(seeded);
  await addDocument(seeded, collection, { name: "a.txt", texts: OLD });
  await seeded.close();
  return collection;
}

/** Runs the child and kills it with -9 as soon as it has printed `lines` lines; returns what it printed. */
function runAndKill(mode: string, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, path, mode], { stdio: ["ignore", "pipe", "inherit"] });
    const seen: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      seen.push(line);
      if (seen.length >= lines || line === "end") child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("exit", () => resolve(seen));
  });
}

async function expectSound(opened: OpenedStore): Promise<void> {
  expect(await opened.upkeep.integrity()).toEqual([]);
  expect(Object.entries(await opened.upkeep.orphans()).filter(([, count]) => count > 0)).toEqual([]);
}

describe("A3 after kill -9", () => {
  test.each([2, 5, 13, 14])(
    "while a document is replaced (after step %i) it is old or new, never between",
    async (steps) => {
      const collection = await seed();
      const seen = await runAndKill("replace", steps);
      store = openTestStore({ path });
      const found = (await findTexts(store, collection, "text", 100)).sort();
      const isNew = found.length === 40 && found.every((text) => text.startsWith("new"));
      const isOld = found.length === 12 && found.every((text) => text.startsWith("old"));
      expect({ isNew, isOld }).toEqual(
        seen.includes("published") ? { isNew: true, isOld: false } : { isNew, isOld: !isNew },
      );
      expect(await store.vectors.countVectors(collection.generationId)).toBe(found.length);
      await expectSound(store);
      // Whoever does the job again ends with the new one, and nothing of the broken try is left.
      const texts = Array.from({ length: 40 }, (_, at) => `new text ${at}`);
      await addDocument(store, collection, { name: "a.txt", texts });
      await purgeAll(store);
      expect(await findTexts(store, collection, "old", 100)).toEqual([]);
      expect(await findTexts(store, collection, "new", 100)).toHaveLength(40);
      await expectSound(store);
    },
  );

  test.each([1, 2, 4])(
    "while a document is deleted (after step %i) it is gone or there, and the purge completes",
    async (steps) => {
      const collection = await seed();
      const seen = await runAndKill("delete", steps);
      store = openTestStore({ path });
      const found = await findTexts(store, collection, "text", 100);
      if (seen.includes("deleted")) expect(found).toEqual([]);
      expect([0, 12]).toContain(found.length);
      await expectSound(store);
      for (const { id } of (await store.documents.list({ limit: 9 })).items) await store.documents.delete(id);
      await purgeAll(store);
      expect(await store.vectors.countVectors(collection.generationId)).toBe(0);
      expect(await store.upkeep.orphans()).toMatchObject({ termsWithoutChunk: 0, vectorsWithoutChunk: 0 });
      await expectSound(store);
    },
  );

  test("jobs that were claimed come back when their lease ends", async () => {
    await seed();
    const opened = openTestStore({ path });
    const now = new Date();
    insertJobs(opened, 3, now);
    await opened.close();
    const seen = await runAndKill("claim", 3);
    store = openTestStore({ path });
    // The child may have claimed one more than it had time to say.
    const { running } = store.jobRows.counts();
    expect(running).toBeGreaterThanOrEqual(seen.filter((line) => line.startsWith("job_")).length);
    expect(running).toBeGreaterThan(0);
    expect(store.jobRows.reapExpired(new Date(now.getTime() + 3_600_000))).toBe(running);
    expect(store.jobRows.counts()).toMatchObject({ queued: 3, running: 0 });
  });
});

test("two processes never claim the same job", async () => {
  await seed();
  const opened = openTestStore({ path });
  insertJobs(opened, 60, new Date());
  await opened.close();
  const claimed = (await Promise.all([runAndKill("claim", 999), runAndKill("claim", 999)])).map((lines) =>
    lines.filter((line) => line.startsWith("job_")),
  );
  const all = claimed.flat();
  expect(all).toHaveLength(60);
  expect(new Set(all).size).toBe(60);
});

function insertJobs(opened: OpenedStore, count: number, now: Date): void {
  for (let at = 0; at < count; at++)
    opened.jobRows.insert({
      id: `job_${at}` as never,
      kind: "k",
      payload: {},
      maxAttempts: 3,
      parentId: null,
      key: null,
      runAt: now.toISOString(),
      createdAt: now.toISOString(),
      priority: 0,
    });
}
