/** Checks, compaction and backups, off the main thread where the database is a file. */
import { statSync } from "node:fs";
import type { Upkeep } from "@lorekeep/core";
import { copyDatabase } from "./backup.ts";
import { compactInProcess } from "./compact-in-process.ts";
import { compactRows } from "./compact.ts";
import type { Connection } from "./open-database.ts";
import { checkIntegrity, countOrphans } from "./orphans.ts";
import { openThreadCalls } from "./thread-calls.ts";

/** A thread for each call: these are rare, and an idle one would keep memory. */
async function inThread(path: string, name: string, ...given: unknown[]): Promise<unknown> {
  const thread = openThreadCalls(new URL("./upkeep-thread.ts", import.meta.url), { path, readonly: true });
  try {
    return await thread.call(name, ...given);
  } finally {
    await thread.close();
  }
}

export function openUpkeep({ sqlite }: Connection, path: string): Upkeep {
  const isFile = path !== ":memory:";
  const bytes = () => (isFile ? sizeOf(path) + sizeOf(`${path}-wal`) : pagesInMemory());
  const pagesInMemory = () =>
    (sqlite.pragma("page_count", { simple: true }) as number) *
    (sqlite.pragma("page_size", { simple: true }) as number);
  return {
    async orphans() {
      if (!isFile) return countOrphans(sqlite);
      return (await inThread(path, "orphans")) as Record<string, number>;
    },
    async integrity() {
      if (!isFile) return checkIntegrity(sqlite);
      return (await inThread(path, "integrity")) as string[];
    },
    async compact() {
      const bytesBefore = bytes();
      if (isFile) await compactInProcess(path);
      else await compactRows(sqlite);
      return { bytesBefore, bytesAfter: bytes() };
    },
    async backupTo(target) {
      if (isFile) await inThread(path, "backupTo", target);
      else await copyDatabase(sqlite, target);
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
