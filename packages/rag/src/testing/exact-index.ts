/** A vector index that scans the source's rows at every search: always right, never fast. Sees rows only after `refresh`, like the real one. */
import type { VectorIndex, VectorIndexStatus, VectorSource } from "@lorekeep/core";

export interface ExactIndex extends Pick<VectorIndex, "search" | "refresh"> {
  readonly refreshed: readonly string[];
}

export function exactIndex(source: VectorSource): ExactIndex {
  const refreshed: string[] = [];
  return {
    refreshed,
    async search({ generationId, vector, k, allow }) {
      const rows = await source.readVectors(generationId, 0, 1_000_000);
      const admitted = allow === undefined ? null : new Set(allow);
      const neighbours = rows
        .filter(({ seq }) => admitted?.has(seq) ?? true)
        .map(({ seq, vector: other }) => ({
          seq,
          score: other.reduce((sum, value, at) => sum + value * vector[at]!, 0),
        }))
        .sort((left, right) => right.score - left.score);
      return { neighbours: neighbours.slice(0, k), plan: rows.length === 0 ? "empty" : "exact" };
    },
    async refresh(generationId): Promise<VectorIndexStatus> {
      refreshed.push(generationId);
      const vectorCount = await source.countVectors(generationId);
      return {
        generationId,
        vectorCount,
        tombstoneCount: 0,
        tailCount: 0,
        appliedChange: 0,
        snapshotBytes: 0,
        hnsw: false,
      };
    },
  };
}
