export interface ChunkOptions {
  readonly maxTokens: number;
  readonly overlapTokens: number;
  /** The embedder's own count, special tokens and prefix left out. */
  readonly countTokens: (texts: readonly string[]) => Promise<number[]>;
  readonly signal?: AbortSignal | undefined;
}
