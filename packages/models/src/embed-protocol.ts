/** What embedder.ts (main thread) and embed-worker.ts say to each other. */
import type { TokenVectors } from "@lorekeep/core";
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
export interface EmbedJob {
  readonly kind: JobKind;
  readonly texts: readonly string[];
  /** Vectors of tokens are wanted, not of texts. */
  readonly perToken?: boolean;
}
export interface EmbedReady {
  readonly maxTokens: number;
  /** The tokenizer can tell where tokens stand. */
  readonly hasSpans: boolean;
}
/** `vectors`: all of them, one after the other. */
export type EmbedAnswer =
  | { readonly vectors: Float32Array }
  | { readonly counts: readonly number[] }
  | { readonly tokens: readonly TokenVectors[] };
