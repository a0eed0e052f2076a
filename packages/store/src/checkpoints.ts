/**
 * Moves the log's pages into the database file from a thread, so that no commit of the main thread has to wait for the two
 * fsyncs of a checkpoint. Readers and the writer go on meanwhile (`PASSIVE`). SQLite's own checkpoint stays as the fallback
 * for a log that grows faster than the thread comes round (LOG_PAGES_AT_MOST of open-database.ts).
 */
import { statSync } from "node:fs";
import type { Logger } from "@lorekeep/core";
import { openThreadCalls } from "./thread-calls.ts";

const LOG_BYTES = 8_000_000;
const COMMITS_A_LOOK = 16;

export interface Checkpoints {
  /** After each commit; cheap. */
  readonly noteCommit: () => void;
  readonly close: () => Promise<void>;
}

export function openCheckpoints(
  path: string,
  { logger, logBytes = LOG_BYTES }: { logger: Logger; logBytes?: number },
): Checkpoints {
  const thread = openThreadCalls(new URL("./upkeep-thread.ts", import.meta.url), { path, readonly: false });
  let commits = 0;
  let isRunning = false;
  let isClosed = false;
  /** The log's file keeps its size when it is used again from its start, so the growth since the last time counts. */
  let bytesAfterLast = 0;

  return {
    noteCommit() {
      if (isRunning || isClosed || ++commits % COMMITS_A_LOOK !== 0) return;
      const bytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      if (bytes < logBytes || (bytes === bytesAfterLast && commits < COMMITS_A_LOOK * 16)) return;
      isRunning = true;
      commits = 0;
      bytesAfterLast = bytes;
      void thread
        .call("checkpoint")
        .catch((error: unknown) => {
          if (!isClosed) logger.warn("store.checkpoint-failed", { error: String(error) });
        })
        .finally(() => (isRunning = false));
    },
    async close() {
      isClosed = true;
      await thread.close();
    },
  };
}
