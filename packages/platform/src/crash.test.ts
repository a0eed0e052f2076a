import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DocumentId } from "@lorekeep/core";
import { recordingLogger, waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { loadConfig } from "./load-config.ts";
import { openPlatform } from "./open-platform.ts";
import { fakeModels } from "./testing/fake-models.ts";
import { temporaryFolder } from "./testing/open-test-platform.ts";

const CHILD = fileURLToPath(new URL("./testing/crash-child.ts", import.meta.url));
const COUNT = 6;

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ids of the documents that the child had been told are safe when it was killed. */
async function crashInTheMiddle(dataFolder: string): Promise<DocumentId[]> {
  const child = spawn(process.execPath, [CHILD, dataFolder, String(COUNT)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_code, signal) => resolve(signal)));
  let output = "";
  for await (const part of child.stdout) {
    output += String(part);
    if (output.includes("\n")) break;
  }
  child.kill("SIGKILL");
  expect(await exited).toBe("SIGKILL");
  return JSON.parse(output) as DocumentId[];
}

test("C2, C3: after kill -9 in the middle the queue drains by itself, and every document is found once", async () => {
  const dataFolder = join(folder, "data");
  const ids = await crashInTheMiddle(dataFolder);
  expect(ids).toHaveLength(COUNT);
  const { config } = loadConfig({ env: {}, flags: { dataFolder, offline: true } });
  // Leases of the dead process run out; the clock is put forward instead of waiting for it.
  const clock = { now: () => new Date(Date.now() + 60_000) };
  const platform = await openPlatform({ config, logger: recordingLogger(), clock, drivers: { models: fakeModels() } });
  try {
    const before = await Promise.all(ids.map(async (id) => (await platform.store.documents.get(id))?.status));
    expect(before.filter((status) => status !== "ready").length).toBeGreaterThan(0);
    const worker = await platform.startWorker();
    await waitUntil(
      async () => {
        const documents = await Promise.all(ids.map((id) => platform.store.documents.get(id)));
        return documents.every((document) => document?.status === "ready");
      },
      { what: "all documents to be ready", timeoutMs: 60_000 },
    );
    for (const [number, id] of ids.entries()) {
      const request = { query: `subject${number}`, limit: 50, mode: "lexical", explain: false } as const;
      const { results } = await platform.assistant.search(LOCAL_ACTOR, request);
      const document = await platform.store.documents.get(id);
      expect(results.filter((result) => result.documentId === id)).toHaveLength(document!.chunkCount);
    }
    expect(Object.values(await platform.store.upkeep.orphans()).every((count) => count === 0)).toBe(true);
    await worker.close();
  } finally {
    await platform.close();
  }
}, 120_000);
