/**
 * Gives space back and leaves no deleted text in any file: full-text segments without deleted terms, no free pages, no
 * remains inside pages, an empty log. In transactions of some milliseconds with pauses, since every other writer waits for
 * each of them.
 *
 * Must run in a process of its own (compact-process.ts) when the database is a file: it opens the file a second time, and
 * closing any handle of a file drops the locks that the whole process has on it.
 */
import { closeSync, fsyncSync, openSync, statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { AppError } from "@lorekeep/core";
import { readLayout, scrubPages } from "./scrub-pages.ts";
import { openTermIndex } from "./term-index.ts";

const MERGED_PAGES_A_STEP = 64;
const VACUUMED_PAGES_A_STEP = 64;
/** 16 MB of the file while the write lock is held. */
const SCRUBBED_PAGES_A_STEP = 2048;
const PAUSE_MS = 4;
/** For a moment without readers (to empty the log) and without writers (to scrub). */
const TRIES = 400;
const RETRY_PAUSE_MS = 25;

/** Everything that SQLite does by itself. */
export async function compactRows(sqlite: Database): Promise<void> {
  const termIndex = openTermIndex(sqlite);
  while (termIndex.compactSome(MERGED_PAGES_A_STEP)) await pause(PAUSE_MS);
  for (;;) {
    const before = sqlite.pragma("freelist_count", { simple: true }) as number;
    if (before === 0) break;
    sqlite.pragma(`incremental_vacuum(${VACUUMED_PAGES_A_STEP})`);
    // Nothing moved: the file was made without auto_vacuum.
    if ((sqlite.pragma("freelist_count", { simple: true }) as number) >= before) break;
    await pause(PAUSE_MS);
  }
}

/** Rows first, then the file itself. The connection must be used by nobody else and closed afterwards. */
export async function compactFile(sqlite: Database, path: string): Promise<void> {
  await compactRows(sqlite);
  const file = openSync(path, "r+");
  try {
    await emptyLog(sqlite);
    const layout = readLayout(file);
    for (let from = 1; from <= layout.pageCount; from += SCRUBBED_PAGES_A_STEP) {
      await scrubStep(sqlite, path, () => {
        const { pageCount } = readLayout(file);
        scrubPages(file, layout, from, Math.min(from + SCRUBBED_PAGES_A_STEP, pageCount + 1));
      });
      await pause(PAUSE_MS);
    }
    fsyncSync(file);
    await emptyLog(sqlite);
  } finally {
    sqlite.close();
    closeSync(file);
  }
}

/**
 * Changes the file behind SQLite's back, safely: nobody writes meanwhile (write lock), the file is the newest state (empty
 * log), and the commit at the end makes every other connection read its pages afresh, so that none writes back a page as
 * it was before.
 */
async function scrubStep(sqlite: Database, path: string, scrub: () => void): Promise<void> {
  const bump = sqlite.prepare(
    "INSERT INTO counters (name, value) VALUES ('compaction', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
  );
  for (let tries = 0; tries < TRIES; tries++) {
    await emptyLog(sqlite);
    const isDone = sqlite
      .transaction(() => {
        if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return false;
        scrub();
        bump.run();
        return true;
      })
      .immediate();
    if (isDone) return;
    await pause(RETRY_PAUSE_MS);
  }
  throw new AppError("database_busy", "The database was written to without a break, so it could not be scrubbed.");
}

/** The log holds pages from before the deletion; it can be emptied at a moment when nobody reads from it. */
async function emptyLog(sqlite: Database): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [outcome] = sqlite.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
    if (outcome?.busy === 0) return;
    await pause(RETRY_PAUSE_MS);
  }
  throw new AppError("database_busy", "The database was read without a break, so its log could not be emptied.");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
