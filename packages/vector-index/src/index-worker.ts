/**
 * The index worker's entry: takes requests in order, and between them moves vectors into graphs in slices short enough
 * that a search never waits long. Holds every generation of this process; an index object cannot be shared by threads.
 */
import { parentPort, workerData } from "node:worker_threads";
import { AppError, toAppError } from "@lorekeep/core";
import { SourceCheck, differingRows } from "./source-check.ts";
import { Generation } from "./generation.ts";
import { loadHnswlib } from "./hnsw-graph.ts";
import { deleteSnapshot, readSnapshot, writeSnapshot } from "./snapshot.ts";
import type { OperationName, Operations, RequestMessage, WorkerMessage, WorkerSettings } from "./worker-protocol.ts";

/** Longest time that building holds up a search. */
const SLICE_MS = 8;

const settings = workerData as WorkerSettings; // what openWorkerLink passes
const port = parentPort!; // this file only ever runs as a worker
const hnswlib = settings.hnsw === "off" ? null : loadHnswlib();

interface Slot {
  serving: Generation | null;
  opening: Generation | null;
  check: SourceCheck | null;
  cancelCompact: ((reason: AppError) => void) | null;
  snapshotBytes: number;
  saving: Promise<void> | null;
  /** Saving failed (disk full); not tried again before this many more vectors were added. */
  saveAgainAt: number;
}
const slots = new Map<string, Slot>();
let workScheduled = false;

const send = (message: WorkerMessage): void => port.postMessage(message);
const log = (level: "info" | "warn" | "error", event: string, fields: Record<string, unknown>): void =>
  send({ type: "log", level, event, fields });

function slotOf(generationId: string): Slot {
  let slot = slots.get(generationId);
  if (slot === undefined) {
    slot = {
      serving: null,
      opening: null,
      check: null,
      cancelCompact: null,
      snapshotBytes: 0,
      saving: null,
      saveAgainAt: 0,
    };
    slots.set(generationId, slot);
  }
  return slot;
}

function serving(generationId: string): Generation {
  const generation = slots.get(generationId)?.serving;
  if (generation == null)
    throw new AppError("index_unavailable", "This part of the index is not open.", { generationId });
  return generation;
}

function opening(generationId: string): Generation {
  const generation = slots.get(generationId)?.opening;
  if (generation == null)
    throw new AppError("unexpected", "This part of the index is not being opened.", { generationId });
  return generation;
}

type Handlers = {
  [Name in OperationName]: (
    request: Operations[Name]["request"],
    context: { generationId: string; id: number },
  ) => Promise<Operations[Name]["result"]> | Operations[Name]["result"];
};

const handlers: Handlers = {
  async open({ dimensions, useSnapshot }, { generationId }) {
    const slot = slotOf(generationId);
    const generation = new Generation({ dimensions, hnswlib, exactBelow: settings.exactBelow });
    slot.opening = generation;
    if (hnswlib === null || !useSnapshot) return null;
    const read = await readSnapshot(settings.folder, generationId, hnswlib, dimensions);
    if (read.snapshot === null) {
      if (read.reason !== "missing") log("warn", "index.snapshot_refused", { generationId, reason: read.reason });
      return null;
    }
    generation.adopt(read.snapshot.graph);
    slot.snapshotBytes = read.snapshot.bytes;
    return null;
  },

  load({ seqs, vectors }, { generationId }) {
    opening(generationId).apply({ seqs, present: new Uint8Array(seqs.length).fill(1), vectors });
    return null;
  },

  serve({ appliedChange }, { generationId }) {
    const slot = slotOf(generationId);
    const generation = opening(generationId);
    const fromSnapshotCount = generation.settle();
    generation.appliedChange = appliedChange;
    slot.cancelCompact?.(new AppError("aborted", "The index was built again meanwhile."));
    slot.serving = generation;
    slot.opening = null;
    scheduleWork();
    return { fromSnapshotCount };
  },

  apply({ seqs, present, vectors, appliedChange }, { generationId }) {
    const generation = serving(generationId);
    generation.apply({ seqs, present, vectors });
    generation.appliedChange = appliedChange;
    scheduleWork();
    return null;
  },

  search({ vector, k, allow }, { generationId }) {
    return serving(generationId).search(vector, k, allow);
  },

  status(_request, { generationId }) {
    const slot = slots.get(generationId);
    const generation = slot?.serving;
    if (slot === undefined || generation == null) return null;
    return {
      vectorCount: generation.table.liveCount,
      tombstoneCount: generation.tombstoneCount,
      tailCount: generation.tailCount,
      appliedChange: generation.appliedChange,
      snapshotBytes: slot.snapshotBytes,
      hnsw: generation.graph !== null,
    };
  },

  async compact(_request, { generationId, id }) {
    const slot = slotOf(generationId);
    await compact(generationId, slot, (done, total) => send({ type: "progress", id, done, total }));
    await save(generationId, slot);
    return null;
  },
  cancelCompact(_request, { generationId }) {
    slots.get(generationId)?.cancelCompact?.(new AppError("aborted", "Compacting was stopped."));
    scheduleWork(); // the tail waited for it
    return null;
  },

  beginCheck({ sampleCount }, { generationId }) {
    slotOf(generationId).check = new SourceCheck(serving(generationId), sampleCount);
    return null;
  },
  checkRows({ seqs, vectors }, { generationId }) {
    slots.get(generationId)?.check?.see(seqs, vectors);
    return null;
  },
  endCheck(_request, { generationId }) {
    const slot = slotOf(generationId);
    const result = slot.check?.end() ?? { missing: new Float64Array(), orphans: new Float64Array(), recallAt10: null };
    slot.check = null;
    return result;
  },
  differing({ seqs, vectors }, { generationId }) {
    return differingRows(serving(generationId).table, seqs, vectors);
  },
  filterLive({ seqs }, { generationId }) {
    const { table } = serving(generationId);
    return seqs.filter((seq) => table.rowOf(seq) !== undefined);
  },

  async drop(_request, { generationId }) {
    const slot = slots.get(generationId);
    slots.delete(generationId);
    slot?.cancelCompact?.(new AppError("aborted", "This part of the index was deleted."));
    await slot?.saving;
    await deleteSnapshot(settings.folder, generationId);
    return null;
  },

  async close() {
    const all = [...slots.values()];
    slots.clear();
    for (const slot of all) slot.cancelCompact?.(new AppError("aborted", "The index was closed."));
    for (const slot of all) await slot.saving;
    return null;
  },
};

async function compact(
  generationId: string,
  slot: Slot,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const compaction = serving(generationId).compact(onProgress);
  slot.cancelCompact = compaction.cancel;
  scheduleWork();
  try {
    await compaction.done;
  } finally {
    slot.cancelCompact = null;
  }
}

/** Writes the serving graph; a failure is logged and costs time at the next start, nothing else. */
async function save(generationId: string, slot: Slot): Promise<void> {
  await slot.saving;
  const generation = slot.serving;
  const graph = generation?.graph ?? null;
  if (generation === null || slots.get(generationId) !== slot) return;
  const writing = async (): Promise<void> => {
    const startedAt = performance.now();
    const saved = generation.unsavedCount;
    try {
      if (graph === null) {
        await deleteSnapshot(settings.folder, generationId);
        slot.snapshotBytes = 0;
        return;
      }
      const about = { dimensions: generation.table.dimensions, change: generation.appliedChange };
      slot.snapshotBytes = await writeSnapshot(settings.folder, generationId, graph, about);
      generation.unsavedCount -= saved;
      slot.saveAgainAt = 0;
      const durationMs = Math.round(performance.now() - startedAt);
      log("info", "index.snapshot_written", { generationId, bytes: slot.snapshotBytes, durationMs });
    } catch (error) {
      slot.saveAgainAt = 2 * generation.unsavedCount;
      const { code, cause } = toAppError(error);
      log("warn", "index.snapshot_failed", {
        generationId,
        code,
        reason: cause instanceof Error ? cause.message : undefined,
      });
    }
  };
  slot.saving = writing().finally(() => {
    slot.saving = null;
    scheduleWork();
  });
  await slot.saving;
}

function reasonOf({ cause, message }: AppError): string {
  return cause instanceof Error ? cause.message : message;
}

function scheduleWork(): void {
  if (workScheduled) return;
  workScheduled = true;
  setImmediate(work);
}

/** One slice for every generation that has work; requests are taken between slices. */
function work(): void {
  workScheduled = false;
  for (const [generationId, slot] of slots) {
    const generation = slot.serving;
    if (generation === null) continue;
    if (generation.hasWork) generation.work(SLICE_MS);
    if (generation.hasWork) scheduleWork();
    else if (slot.saving === null && generation.shouldSave && generation.unsavedCount >= slot.saveAgainAt) {
      void save(generationId, slot);
    } else if (slot.saving === null && slot.cancelCompact === null && generation.shouldCompact) {
      compact(generationId, slot, () => undefined)
        .then(() => save(generationId, slot))
        .catch(() => undefined); // stopped: whoever stopped it knows
    }
  }
}

async function answer({ id, operation, generationId, request }: RequestMessage): Promise<void> {
  try {
    const handler = handlers[operation] as (request: unknown, context: { generationId: string; id: number }) => unknown;
    send({ type: "result", id, result: await handler(request, { generationId, id }) });
  } catch (error) {
    const known = toAppError(error);
    if (known.code === "unexpected") {
      log("error", "index.request_failed", { operation, generationId, reason: reasonOf(known) });
    }
    send({ type: "error", id, code: known.code, message: known.message, details: known.details });
  }
}

port.on("message", (message: RequestMessage) => void answer(message));
