/**
 * The VectorIndex port over a worker thread. This side only reads the source, in slices that never hold the event loop,
 * and passes on; everything that computes is in index-worker.ts.
 *
 * Per generation, refresh, compact, verify and drop take turns; searches never wait for them (except for the first
 * opening). The order of changes is the source's: a change number is marked as applied together with its rows.
 */
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { GenerationId, Logger, VectorIndex, VectorIndexStatus, VectorSource } from "@lorekeep/core";
import { packRows, readAllVectors, readChangesAfter } from "./read-source.ts";
import { openTurns } from "./turns.ts";
import { openWorkerLink, startThread } from "./worker-link.ts";
import type { StartPeer } from "./worker-link.ts";
import type { WorkerSettings } from "./worker-protocol.ts";

export interface VectorIndexOptions {
  /** Holds snapshots only; may be deleted at any time. */
  readonly folder: string;
  readonly source: VectorSource;
  readonly logger: Logger;
  /** "auto": graphs where hnswlib-node could be compiled; "off": scans only. */
  readonly hnsw?: "auto" | "off" | undefined;
  /** Generations with fewer vectors are always scanned. */
  readonly exactBelow?: number | undefined;
}

/** Where a scan by byte codes and a graph search cost the same on 384 dimensions: some 0.8 ms. */
const EXACT_BELOW = 20_000;
/** Rows that `verify` asks the source about one by one; more differences than this need no second look. */
const RECHECKED_ROWS = 200;
const SAMPLE_COUNT = 32;
/** Below this, `verify` builds the graph again. */
const MINIMUM_RECALL = 0.9;

/** Where the index runs; tests choose their own thread. */
type PeerChoice = (settings: WorkerSettings) => StartPeer;

export function openVectorIndex(options: VectorIndexOptions, startPeer: PeerChoice = startThread): VectorIndex {
  const { source, logger } = options;
  const turns = openTurns();
  /** Settles when the generation can be searched. */
  const opened = new Map<GenerationId, Promise<void>>();
  const settings = {
    folder: options.folder,
    hnsw: options.hnsw ?? "auto",
    exactBelow: options.exactBelow ?? EXACT_BELOW,
  };
  const link = openWorkerLink(startPeer(settings), logger, () => opened.clear());

  /** Loads everything from the source beside what serves now, then swaps. */
  const load = async (generationId: GenerationId, useSnapshot: boolean): Promise<void> => {
    const startedAt = performance.now();
    const dimensions = await source.dimensions(generationId);
    // Read before the vectors: changes that arrive meanwhile are applied again afterwards, which changes nothing.
    const lastChange = await source.lastChange(generationId);
    await link.ask("open", generationId, { dimensions, useSnapshot });
    let vectorCount = 0;
    for await (const { seqs, vectors } of readAllVectors(source, generationId, dimensions)) {
      vectorCount += seqs.length;
      await link.ask("load", generationId, { seqs, vectors }, { transfer: [seqs.buffer, vectors.buffer] });
    }
    const { fromSnapshotCount } = await link.ask("serve", generationId, { appliedChange: lastChange });
    const durationMs = Math.round(performance.now() - startedAt);
    logger.info("index.opened", { generationId, vectorCount, fromSnapshotCount, durationMs });
  };

  /** Opens a generation once; a failed opening is tried again by whoever asks next. */
  const ensureOpen = (generationId: GenerationId): Promise<void> => {
    let opening = opened.get(generationId);
    if (opening === undefined) {
      opening = load(generationId, true);
      opened.set(generationId, opening);
      opening.catch(() => {
        if (opened.get(generationId) === opening) opened.delete(generationId);
      });
    }
    return opening;
  };

  const statusOf = async (generationId: GenerationId): Promise<VectorIndexStatus> => {
    const status = await link.ask("status", generationId, {});
    if (status === null)
      throw new AppError("index_unavailable", "The index stopped and is being opened again. Try again.");
    return { generationId, ...status };
  };

  const catchUp = async (generationId: GenerationId): Promise<VectorIndexStatus> => {
    await ensureOpen(generationId);
    const { appliedChange } = await statusOf(generationId);
    const dimensions = await source.dimensions(generationId);
    try {
      for await (const batch of readChangesAfter(source, generationId, appliedChange, dimensions)) {
        const transfer = [batch.seqs.buffer, batch.present.buffer, batch.vectors.buffer];
        await link.ask("apply", generationId, batch, { transfer });
      }
    } catch (error) {
      if (!isForgotten(error)) throw error;
      await load(generationId, false);
      return catchUp(generationId);
    }
    return statusOf(generationId);
  };

  /** How many of these rows the source still has and the index still lacks; the first ones are looked at one by one. */
  const countMissing = async (generationId: GenerationId, seqs: Float64Array, dimensions: number): Promise<number> => {
    let count = Math.max(0, seqs.length - RECHECKED_ROWS);
    for (const seq of seqs.subarray(0, RECHECKED_ROWS)) {
      const [row] = await source.readVectors(generationId, seq - 1, 1);
      if (row?.seq !== seq) continue;
      count += (await link.ask("differing", generationId, packRows([row], dimensions))).length;
    }
    return count;
  };

  return {
    async search({ generationId, vector, k, allow, signal }) {
      throwIfAborted(signal);
      await ensureOpen(generationId);
      const result = await link.ask("search", generationId, { vector, k, allow });
      throwIfAborted(signal);
      return result;
    },

    refresh: (generationId) => turns.take(generationId, () => catchUp(generationId)),

    compact: (generationId, { signal, onProgress } = {}) =>
      turns.take(generationId, async () => {
        throwIfAborted(signal);
        await catchUp(generationId);
        const cancel = () => void link.ask("cancelCompact", generationId, {}).catch(() => undefined);
        signal?.addEventListener("abort", cancel);
        try {
          await link.ask("compact", generationId, {}, { onProgress });
        } finally {
          signal?.removeEventListener("abort", cancel);
        }
        return statusOf(generationId);
      }),

    verify: (generationId) =>
      turns.take(generationId, async () => {
        await catchUp(generationId);
        const dimensions = await source.dimensions(generationId);
        await link.ask("beginCheck", generationId, { sampleCount: SAMPLE_COUNT });
        for await (const { seqs, vectors } of readAllVectors(source, generationId, dimensions)) {
          await link.ask("checkRows", generationId, { seqs, vectors }, { transfer: [seqs.buffer, vectors.buffer] });
        }
        const found = await link.ask("endCheck", generationId, {});
        // What changed while the rows streamed past is no difference: look again after catching up.
        await catchUp(generationId);
        const missing = await countMissing(generationId, found.missing, dimensions);
        const orphans = (await link.ask("filterLive", generationId, { seqs: found.orphans })).length;
        const { recallAt10 } = found;
        const healed = missing + orphans > 0 || (recallAt10 !== null && recallAt10 < MINIMUM_RECALL);
        if (healed) {
          logger.warn("index.healed", { generationId, missing, orphans, recallAt10 });
          await load(generationId, false);
        }
        return { missing, orphans, recallAt10, healed };
      }),

    async status(generationId) {
      if (!opened.has(generationId)) return null;
      const status = await link.ask("status", generationId, {});
      return status === null ? null : { generationId, ...status };
    },

    drop: (generationId) =>
      turns.take(generationId, async () => {
        await opened.get(generationId)?.catch(() => undefined); // a failed opening leaves nothing to drop but files
        opened.delete(generationId);
        await link.ask("drop", generationId, {});
      }),

    close: () => link.close(),
  };
}

/** The source's journal does not reach back to where we stopped: only reading everything helps. */
function isForgotten(error: unknown): boolean {
  return error instanceof AppError && error.code === "index_corrupt";
}
