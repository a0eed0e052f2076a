import type { Span } from "../domain.ts";

/** Text → unit vectors. Drivers add the model's own prefix, so callers never do. */
export interface Embedder {
  /** Catalogue name, for example `multilingual-e5-small`. */
  readonly name: string;
  /** Changes whenever equal text could give another vector: weights, prefix, pooling, number type, truncation. */
  readonly fingerprint: string;
  readonly dimensions: number;
  /** Longest text in the model's own tokens, after prefix and special tokens are taken off. */
  readonly maxTokens: number;
  /**
   * One unit vector per text, in order; length `dimensions`. Batching by length is the driver's business.
   * Throws model_missing, model_failed, aborted, context_too_long (a text over `maxTokens` is an error, never silently cut).
   */
  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
  /**
   * The vectors of each text's tokens as they stand in its context (late interaction, Khattab & Zaharia 2020, section 3.2). A text longer
   * than `maxTokens` is read in windows. Missing where a driver gives one vector a text, or cannot tell where tokens stand.
   * Throws model_missing, model_failed, aborted.
   */
  readonly embedTokens?: ((texts: readonly string[], options: EmbedOptions) => Promise<TokenVectors[]>) | undefined;
  /** Tokens of each text without prefix and special tokens. */
  countTokens(texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
  close(): Promise<void>;
}

export interface TokenVectors {
  /** Half-open UTF-16 span of the text for each token; special tokens and the prefix are left out. */
  readonly spans: readonly Span[];
  /** [tokens, dimensions], row-major, as the encoder gave them: not of unit length. */
  readonly vectors: Float32Array;
  /** Unit vector of the whole text, as `embed` gives it; of a text in windows, of their mean. */
  readonly whole: Float32Array;
}

export interface EmbedOptions {
  readonly kind: "query" | "passage";
  readonly signal?: AbortSignal | undefined;
  /** Queries go before queued passages of a running ingest. */
  readonly onProgress?: ((done: number) => void) | undefined;
}
