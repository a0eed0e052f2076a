/**
 * Vectors → neighbours, one generation at a time. The index is a cache over a VectorSource (SQLite rows):
 * losing or damaging its files costs time, never answers.
 */
import type { GenerationId } from "../ids.ts";

export interface Neighbour {
  /** Row number of the chunk. */
  readonly seq: number;
  /** Cosine in [-1,1]. */
  readonly score: number;
}

export interface VectorSearch {
  readonly generationId: GenerationId;
  /** Unit vector of the generation's dimensions. */
  readonly vector: Float32Array;
  readonly k: number;
  /** Rows that the filter admits, ascending; absent = all. */
  readonly allow?: Uint32Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VectorSearchResult {
  /** Best first, at most k, fewer only when fewer rows qualify. */
  readonly neighbours: readonly Neighbour[];
  /** Which way served the query, for the log and for `explain`. */
  readonly plan: "exact" | "hnsw" | "hnsw+tail" | "empty";
}

export interface VectorIndexStatus {
  readonly generationId: GenerationId;
  readonly vectorCount: number;
  readonly tombstoneCount: number;
  readonly tailCount: number;
  readonly appliedChange: number;
  readonly snapshotBytes: number;
  readonly hnsw: boolean;
}

export interface VectorIndex {
  search(request: VectorSearch): Promise<VectorSearchResult>;
  /** Applies the source's changes since the last one applied, and returns when searches see them. Opens or rebuilds when needed. */
  refresh(generationId: GenerationId): Promise<VectorIndexStatus>;
  /** Rebuilds without tombstones and writes a fresh snapshot, while the old index goes on answering. */
  compact(
    generationId: GenerationId,
    options?: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
  ): Promise<VectorIndexStatus>;
  /** Compares ids and a sample of neighbours with the source; heals by rebuilding. */
  verify(generationId: GenerationId): Promise<{
    readonly missing: number;
    readonly orphans: number;
    readonly recallAt10: number | null;
    readonly healed: boolean;
  }>;
  status(generationId: GenerationId): Promise<VectorIndexStatus | null>;
  /** Forgets a generation and deletes its files. */
  drop(generationId: GenerationId): Promise<void>;
  close(): Promise<void>;
}

/** What the index reads; implemented by the store. Change numbers rise by commit order and are never used again. */
export interface VectorSource {
  dimensions(generationId: GenerationId): Promise<number>;
  /** The last change number of the generation; 0 when there is none. */
  lastChange(generationId: GenerationId): Promise<number>;
  /** Changes after `afterChange`, oldest first, at most `limit`. `vector` null = removed (or removed since). */
  readChanges(generationId: GenerationId, afterChange: number, limit: number): Promise<readonly VectorChange[]>;
  /** Live vectors with seq > afterSeq, ascending, at most `limit`. */
  readVectors(
    generationId: GenerationId,
    afterSeq: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly vector: Float32Array }[]>;
  countVectors(generationId: GenerationId): Promise<number>;
}

export interface VectorChange {
  readonly changeNumber: number;
  readonly seq: number;
  readonly vector: Float32Array | null;
}
