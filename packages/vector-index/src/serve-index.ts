/** The index worker's side of the protocol: what each operation does. */
import type { MessagePort } from "node:worker_threads";
import { AppError, toAppError } from "@lorekeep/core";
import { Generation } from "./generation.ts";
import { loadHnswlib } from "./hnsw-graph.ts";
import type { Hnswlib } from "./hnsw-graph.ts";
import { Slots, reasonOf } from "./slots.ts";
import type { Log } from "./slots.ts";
import { deleteSnapshot, readSnapshot } from "./snapshot.ts";
import { SourceCheck, differingRows } from "./source-check.ts";
import type { OperationName, Operations, RequestMessage, WorkerMessage, WorkerSettings } from "./worker-protocol.ts";

interface Context {
  readonly generationId: string;
  readonly onProgress: (done: number, total: number) => void;
}
type Handlers = {
  [Name in OperationName]: (
    request: Operations[Name]["request"],
    context: Context,
  ) => Promise<Operations[Name]["result"]> | Operations[Name]["result"];
};

/** Answers requests on this port until `close`. Requests are taken in order; background work runs between them. */
export function serveIndex(port: MessagePort, settings: WorkerSettings): void {
  const send = (message: WorkerMessage): void => port.postMessage(message);
  const log: Log = (level, event, fields) => send({ type: "log", level, event, fields });
  const hnswlib = settings.hnsw === "off" ? null : loadHnswlib();
  const slots = new Slots(settings.folder, log);
  const handlers = indexHandlers(slots, settings, hnswlib, log);

  const answer = async ({ id, operation, generationId, request }: RequestMessage): Promise<void> => {
    const context = {
      generationId,
      onProgress: (done: number, total: number) => send({ type: "progress", id, done, total }),
    };
    try {
      const handler = handlers[operation] as (request: unknown, context: Context) => unknown;
      send({ type: "result", id, result: await handler(request, context) });
    } catch (error) {
      const known = toAppError(error);
      if (known.code === "unexpected") {
        log("error", "index.request_failed", { operation, generationId, reason: reasonOf(known) });
      }
      send({ type: "error", id, code: known.code, message: known.message, details: known.details });
    }
    if (operation === "close") port.close();
  };
  port.on("message", (message: RequestMessage) => void answer(message));
}

function indexHandlers(slots: Slots, settings: WorkerSettings, hnswlib: Hnswlib | null, log: Log): Handlers {
  const serving = (generationId: string): Generation => {
    const generation = slots.get(generationId)?.serving;
    if (generation != null) return generation;
    throw new AppError("index_unavailable", "This part of the index is not open.", { generationId });
  };
  const opening = (generationId: string): Generation => {
    const generation = slots.get(generationId)?.opening;
    if (generation != null) return generation;
    throw new AppError("unexpected", "This part of the index is not being opened.", { generationId });
  };

  return {
    async open({ dimensions, useSnapshot }, { generationId }) {
      const slot = slots.ensure(generationId);
      const generation = new Generation({ dimensions, hnswlib, exactBelow: settings.exactBelow });
      slot.opening = generation;
      if (hnswlib === null || !useSnapshot) return null;
      const read = await readSnapshot(settings.folder, generationId, hnswlib, dimensions);
      if (read.snapshot !== null) {
        generation.adopt(read.snapshot.graph);
        slot.snapshotBytes = read.snapshot.bytes;
      } else if (read.reason !== "missing") {
        log("warn", "index.snapshot_refused", { generationId, reason: read.reason });
      }
      return null;
    },
    load({ seqs, vectors }, { generationId }) {
      opening(generationId).apply({ seqs, present: new Uint8Array(seqs.length).fill(1), vectors });
      return null;
    },
    serve({ appliedChange }, { generationId }) {
      const slot = slots.ensure(generationId);
      const generation = opening(generationId);
      const fromSnapshotCount = generation.settle();
      generation.appliedChange = appliedChange;
      slot.cancelCompact?.(new AppError("aborted", "The index was built again meanwhile."));
      slot.serving = generation;
      slot.opening = null;
      slots.wake();
      return { fromSnapshotCount };
    },
    apply({ seqs, present, vectors, appliedChange }, { generationId }) {
      const generation = serving(generationId);
      generation.apply({ seqs, present, vectors });
      generation.appliedChange = appliedChange;
      slots.wake();
      return null;
    },

    search({ vector, k, allow }, { generationId }) {
      const result = serving(generationId).search(vector, k, allow);
      slots.wake(); // some searches are compared with a scan afterwards
      return result;
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

    async compact(_request, { generationId, onProgress }) {
      serving(generationId);
      await slots.compact(slots.ensure(generationId), onProgress);
      return null;
    },
    cancelCompact(_request, { generationId }) {
      slots.get(generationId)?.cancelCompact?.(new AppError("aborted", "Compacting was stopped."));
      slots.wake(); // the tail waited for it
      return null;
    },

    beginCheck({ sampleCount }, { generationId }) {
      slots.ensure(generationId).check = new SourceCheck(serving(generationId), sampleCount);
      return null;
    },
    checkRows({ seqs, vectors }, { generationId }) {
      slots.get(generationId)?.check?.see(seqs, vectors);
      return null;
    },
    endCheck(_request, { generationId }) {
      const slot = slots.ensure(generationId);
      const result = slot.check?.end() ?? {
        missing: new Float64Array(),
        orphans: new Float64Array(),
        recallAt10: null,
      };
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
      await slots.forget(generationId, "This part of the index was deleted.");
      await deleteSnapshot(settings.folder, generationId);
      return null;
    },
    async close() {
      await slots.forgetAll("The index was closed.");
      return null;
    },
  };
}
