/**
 * Brings committed transactions to the disk without the event loop waiting for it. A commit in WAL mode with `synchronous = NORMAL` has
 * written its pages to the log; what makes it outlive a power cut is an fsync of that file, which takes milliseconds, at times
 * hundreds. Here a thread of Node's pool does it, once for all commits that came while the one before was running.
 */
import { open } from "node:fs/promises";

export interface LogSync {
  /** All that was committed before this call is on the disk when it resolves. */
  sync(): Promise<void>;
}

/** `flush` brings the log to the disk; tests put their own. */
export function openLogSync(path: string, flush: () => Promise<void> = () => flushLog(path)): LogSync {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const run = (): Promise<void> => {
    running = flush().finally(() => (running = null));
    return running;
  };
  return {
    sync() {
      if (running === null) return run();
      // The one that runs may have begun before this commit.
      next ??= running
        .catch(() => undefined) // its own callers hear of it
        .then(() => {
          next = null;
          return run();
        });
      return next;
    },
  };
}

/**
 * Another handle of the same file does: what the system keeps for it is one. Never of the database file itself, where closing it
 * would drop SQLite's locks (nothing is locked in the log). Writable, as some systems sync no other handle.
 */
async function flushLog(path: string): Promise<void> {
  const handle = await open(`${path}-wal`, "r+").catch((error: NodeJS.ErrnoException) => {
    // Without a log (a file system that knows none), or with one that the last close took along, the commit itself has synced.
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (handle === null) return;
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
