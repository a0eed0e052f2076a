/**
 * Removes for good what was deleted or replaced: rows in slices, originals that nothing uses, index entries. Every step can
 * be repeated; whatever a crash leaves is found by the next run (originals: by `sweepBlobs` of the nightly job).
 */
import { stat } from "node:fs/promises";
import { throwIfAborted } from "@lorekeep/core";
import type { Blobs, Logger, Store, VectorIndex } from "@lorekeep/core";
import { isBackupRunning } from "./backup-lock.ts";
import type { BlobPins } from "./blob-pins.ts";
import { pause, yieldToOthers } from "./wake-ups.ts";

export interface PurgeDeps {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly index: VectorIndex;
  readonly logger: Logger;
  readonly pins: BlobPins;
  readonly backupLock: string;
}

export interface PurgeOutcome {
  readonly purgedRows: number;
  readonly purgedBlobs: number;
}

const SLICE_ROWS = 200;
const BACKUP_POLL_MS = 1_000;
/** A blob younger than this may be one whose row another process is about to commit. */
export const SETTLED_MS = 300_000;

async function waitForBackup(deps: PurgeDeps, signal: AbortSignal | undefined): Promise<void> {
  while (await isBackupRunning(deps.backupLock)) {
    throwIfAborted(signal);
    await pause(BACKUP_POLL_MS, signal);
  }
}

async function removeBlob(deps: PurgeDeps, sha256: string): Promise<boolean> {
  if (deps.pins.isPinned(sha256) || (await deps.store.documents.isBlobUsed(sha256))) return false;
  await deps.blobs.delete(sha256);
  return true;
}

/** Repeats slices until nothing is left, then lets every open index forget the rows. */
export async function purge(
  deps: PurgeDeps,
  options: { signal?: AbortSignal | undefined; onProgress?: (purgedRows: number) => Promise<void> } = {},
): Promise<PurgeOutcome> {
  let [purgedRows, purgedBlobs] = [0, 0];
  for (;;) {
    throwIfAborted(options.signal);
    await waitForBackup(deps, options.signal);
    const { removedRows, unusedBlobs } = await deps.store.versions.purgeDeleted(SLICE_ROWS);
    await waitForBackup(deps, options.signal);
    for (const sha256 of unusedBlobs) if (await removeBlob(deps, sha256)) purgedBlobs += 1;
    purgedRows += removedRows;
    if (removedRows === 0) break;
    await options.onProgress?.(purgedRows);
    await yieldToOthers();
  }
  await refreshIndexes(deps);
  if (purgedRows > 0) deps.logger.info("purge.done", { purgedRows, purgedBlobs });
  return { purgedRows, purgedBlobs };
}

/** Generations that answer nothing any more lose their files; the others drop removed rows. Unopened ones do so when opened. */
async function refreshIndexes(deps: PurgeDeps): Promise<void> {
  for (const generation of await deps.store.collections.generations()) {
    if (generation.status === "retired") await deps.index.drop(generation.id);
    else if ((await deps.index.status(generation.id)) !== null) await deps.index.refresh(generation.id);
  }
}

/** Originals that no document uses, left by a crash between storing bytes and committing their row; returns how many. */
export async function sweepBlobs(deps: PurgeDeps, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for await (const { sha256 } of deps.blobs.list()) {
    throwIfAborted(signal);
    if (await deps.store.documents.isBlobUsed(sha256)) continue;
    const { mtimeMs } = await stat(await deps.blobs.localPath(sha256));
    if (Date.now() - mtimeMs < SETTLED_MS) continue;
    await waitForBackup(deps, signal);
    if (await removeBlob(deps, sha256)) removed += 1;
  }
  return removed;
}
