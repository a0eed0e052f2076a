/**
 * What the main thread and the index worker say to each other. Every request has one answer with its id; a running
 * compaction also sends progress. Vectors travel as one block of `dimensions` numbers per row, transferred, not copied.
 */
import type { ErrorCode, VectorIndexStatus, VectorSearchResult } from "@lorekeep/core";

export interface WorkerSettings {
  readonly folder: string;
  readonly hnsw: "auto" | "off";
  readonly exactBelow: number;
}

/** Request → result of each operation. */
export interface Operations {
  /** Makes an empty generation beside the serving one, on top of its snapshot when that can be trusted. */
  open: { request: { dimensions: number; useSnapshot: boolean }; result: null };
  /** Vectors for the generation being opened. */
  load: { request: { seqs: Float64Array; vectors: Float32Array }; result: null };
  /** The generation being opened answers from now on. */
  serve: { request: { appliedChange: number }; result: { fromSnapshotCount: number } };
  /** Changes for the serving generation; `vectors` holds one per `present` of 1. */
  apply: {
    request: { seqs: Float64Array; present: Uint8Array; vectors: Float32Array; appliedChange: number };
    result: null;
  };
  search: {
    request: { vector: Float32Array; k: number; allow: Uint32Array | undefined };
    result: VectorSearchResult;
  };
  status: { request: object; result: Omit<VectorIndexStatus, "generationId"> | null };
  compact: { request: object; result: null };
  cancelCompact: { request: object; result: null };
  /** Begins a comparison with the source; `sampleCount` live vectors become queries. */
  beginCheck: { request: { sampleCount: number }; result: null };
  checkRows: { request: { seqs: Float64Array; vectors: Float32Array }; result: null };
  /** Rows that differ, and recall against exact search over what `checkRows` showed; null when nothing was sampled. */
  endCheck: {
    request: object;
    result: { missing: Float64Array; orphans: Float64Array; recallAt10: number | null };
  };
  /** Those of these rows that the index lacks or holds with another vector. */
  differing: { request: { seqs: Float64Array; vectors: Float32Array }; result: Float64Array };
  /** Those of these rows that are live in the index. */
  filterLive: { request: { seqs: Float64Array }; result: Float64Array };
  drop: { request: object; result: null };
  close: { request: object; result: null };
}

export type OperationName = keyof Operations;
export type RequestMessage = {
  [Name in OperationName]: { id: number; operation: Name; generationId: string; request: Operations[Name]["request"] };
}[OperationName];

export type WorkerMessage =
  | { readonly type: "result"; readonly id: number; readonly result: unknown }
  | {
      readonly type: "error";
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "progress"; readonly id: number; readonly done: number; readonly total: number }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly event: string;
      readonly fields: Record<string, unknown>;
    };
