/**
 * The generations of one worker, and the work that goes on between requests: moving vectors into graphs, compacting,
 * writing snapshots. Each turn is one short slice per generation, so a search never waits long.
 */
import { AppError, toAppError } from "@lorekeep/core";
import type { Generation } from "./generation.ts";
import { deleteSnapshot, writeSnapshot } from "./snapshot.ts";
import type { SourceCheck } from "./source-check.ts";

/** Longest time that building holds up a search. */
const SLICE_MS = 8;

export type Log = (level: "info" | "warn" | "error", event: string, fields: Record<string, unknown>) => void;

export interface Slot {
  readonly generationId: string;
  serving: Generation | null;
  opening: Generation | null;
  check: SourceCheck | null;
  cancelCompact: ((reason: AppError) => void) | null;
  snapshotBytes: number;
  saving: Promise<void> | null;
  /** Saving failed (disk full); not tried again before this many vectors were added. */
  saveAgainAt: number;
}

export class Slots {
  readonly #folder: string;
  readonly #log: Log;
  readonly #slots = new Map<string, Slot>();
  #isScheduled = false;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  get(generationId: string): Slot | undefined {
    return this.#slots.get(generationId);
  }

  ensure(generationId: string): Slot {
    let slot = this.#slots.get(generationId);
    if (slot === undefined) {
      const files = { snapshotBytes: 0, saving: null, saveAgainAt: 0 };
      slot = { generationId, serving: null, opening: null, check: null, cancelCompact: null, ...files };
      this.#slots.set(generationId, slot);
    }
    return slot;
  }

  /** Ends its work, waits for a file being written, and forgets it. */
  async forget(generationId: string, why: string): Promise<void> {
    const slot = this.#slots.get(generationId);
    this.#slots.delete(generationId);
    slot?.cancelCompact?.(new AppError("aborted", why));
    await slot?.saving;
  }

  async forgetAll(why: string): Promise<void> {
    for (const generationId of [...this.#slots.keys()]) await this.forget(generationId, why);
  }

  /** Something has changed: look for work after the requests that are waiting. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#work());
  }

  async compact(slot: Slot, onProgress: (done: number, total: number) => void): Promise<void> {
    const compaction = slot.serving!.compact(onProgress);
    slot.cancelCompact = compaction.cancel;
    this.wake();
    try {
      await compaction.done;
    } finally {
      slot.cancelCompact = null;
    }
    await this.save(slot);
  }

  /** Writes the serving graph; a failure is logged and costs time at the next start, nothing else. */
  async save(slot: Slot): Promise<void> {
    while (slot.saving !== null) await slot.saving;
    if (slot.serving === null || this.#slots.get(slot.generationId) !== slot) return;
    slot.saving = this.#write(slot, slot.serving).finally(() => {
      slot.saving = null;
      this.wake();
    });
    await slot.saving;
  }

  async #write(slot: Slot, generation: Generation): Promise<void> {
    const { generationId } = slot;
    const { graph } = generation;
    const startedAt = performance.now();
    const savedCount = generation.unsavedCount;
    try {
      if (graph === null) {
        await deleteSnapshot(this.#folder, generationId);
        slot.snapshotBytes = 0;
        return;
      }
      const about = { dimensions: generation.table.dimensions, change: generation.appliedChange };
      slot.snapshotBytes = await writeSnapshot(this.#folder, generationId, graph, about);
      generation.unsavedCount -= savedCount;
      slot.saveAgainAt = 0;
      const durationMs = Math.round(performance.now() - startedAt);
      this.#log("info", "index.snapshot_written", { generationId, bytes: slot.snapshotBytes, durationMs });
    } catch (error) {
      slot.saveAgainAt = 2 * generation.unsavedCount;
      const known = toAppError(error);
      this.#log("warn", "index.snapshot_failed", { generationId, code: known.code, reason: reasonOf(known) });
    }
  }

  #work(): void {
    this.#isScheduled = false;
    for (const slot of this.#slots.values()) {
      const generation = slot.serving;
      if (generation === null) continue;
      if (generation.hasWork) generation.work(SLICE_MS);
      if (generation.hasWork) this.wake();
      else if (slot.saving !== null) continue;
      else if (generation.shouldSave && generation.unsavedCount >= slot.saveAgainAt) void this.save(slot);
      else if (slot.cancelCompact === null && generation.shouldCompact) {
        this.compact(slot, () => undefined).catch(() => undefined); // stopped: whoever stopped it knows
      }
    }
  }
}

export function reasonOf({ cause, message }: AppError): string {
  return cause instanceof Error ? cause.message : message;
}
