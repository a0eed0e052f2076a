/** A VectorSource in memory with the store's rules: every change gets the next number, and vectors are read by seq. */
import type { GenerationId } from "../ids.ts";
import type { VectorChange, VectorSource } from "../ports/vector-index.ts";

export interface MemoryVectorSource extends VectorSource {
  put(seq: number, vector: Float32Array): void;
  remove(seq: number): void;
  /** Changes rows without telling anybody, as damage would. */
  readonly rows: Map<number, Float32Array>;
}

/** Serves the same rows for every generation id. */
export function memoryVectorSource(dimensions: number): MemoryVectorSource {
  const rows = new Map<number, Float32Array>();
  const log: { changeNumber: number; seq: number }[] = [];
  const record = (seq: number) => log.push({ changeNumber: log.length + 1, seq });
  /** Kept while one reader goes through. */
  let sorted: number[] | null = null;
  return {
    rows,
    put(seq, vector) {
      rows.set(seq, vector);
      record(seq);
      sorted = null;
    },
    remove(seq) {
      if (rows.delete(seq)) record(seq);
      sorted = null;
    },
    dimensions: async () => dimensions,
    lastChange: async () => log.length,
    async readChanges(_generationId: GenerationId, afterChange: number, limit: number): Promise<VectorChange[]> {
      return log
        .slice(afterChange, afterChange + limit)
        .map((change) => ({ ...change, vector: rows.get(change.seq) ?? null }));
    },
    async readVectors(_generationId: GenerationId, afterSeq: number, limit: number) {
      if (afterSeq < 0 || sorted === null) sorted = [...rows.keys()].sort((a, b) => a - b);
      const from = sorted.findIndex((seq) => seq > afterSeq);
      if (from < 0) return [];
      return sorted
        .slice(from, from + limit)
        .filter((seq) => rows.has(seq))
        .map((seq) => ({ seq, vector: rows.get(seq)! }));
    },
    countVectors: async () => rows.size,
  };
}
