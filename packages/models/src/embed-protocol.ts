/** What embedder.ts (main thread) and embed-worker.ts say to each other. */
import type { ErrorCode } from "@lorekeep/core";
import type { Pooling } from "./pooling.ts";

export interface WorkerSetup {
  readonly modelPath: string;
  readonly tokenizerPath: string;
  readonly threads: number;
  readonly dimensions: number;
  readonly windowTokens: number;
  readonly prefixes: { readonly query: string; readonly passage: string };
  readonly pooling: Pooling;
}
export type JobKind = "query" | "passage" | "count";
export type ToWorker =
  | { readonly type: "job"; readonly id: number; readonly kind: JobKind; readonly texts: readonly string[] }
  | { readonly type: "abort"; readonly id: number }
  | { readonly type: "close" };
export type FromWorker =
  | { readonly type: "ready"; readonly maxTokens: number }
  | { readonly type: "progress"; readonly id: number; readonly done: number }
  /** All vectors, one after the other. */
  | { readonly type: "vectors"; readonly id: number; readonly vectors: Float32Array }
  | { readonly type: "counts"; readonly id: number; readonly counts: readonly number[] }
  /** `id` null = the worker cannot start at all. */
  | {
      readonly type: "failed";
      readonly id: number | null;
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };
