/**
 * Compares a generation with its source while the source's rows stream past: which rows the index lacks, which it should
 * not have, and how often its ten nearest are the true ten. The true ones are found here, from the rows themselves.
 */
import type { Generation } from "./generation.ts";
import { dot } from "./dot.ts";
import { TopK } from "./top-k.ts";
import type { VectorTable } from "./vector-table.ts";

const K = 10;

export class SourceCheck {
  readonly #generation: Generation;
  readonly #unseen: Set<number>;
  readonly #missing: number[] = [];
  readonly #samples: readonly { readonly vector: Float32Array; readonly truth: TopK }[];

  constructor(generation: Generation, sampleCount: number) {
    this.#generation = generation;
    const seqs = [...generation.table.seqs()];
    this.#unseen = new Set(seqs);
    // Questions first: they are harder to answer than the index's own vectors. Those fill up, evenly spread.
    const queries = generation.recentQueries.slice(-sampleCount);
    const step = Math.max(1, Math.floor(seqs.length / Math.max(1, sampleCount - queries.length)));
    for (let i = 0; i < seqs.length && queries.length < sampleCount; i += step) {
      queries.push(generation.table.vectorAt(generation.table.rowOf(seqs[i])!).slice());
    }
    this.#samples = queries.map((vector) => ({ vector, truth: new TopK(K) }));
  }

  see(seqs: Float64Array, vectors: Float32Array): void {
    const { table } = this.#generation;
    for (const seq of differingRows(table, seqs, vectors)) this.#missing.push(seq);
    seqs.forEach((seq, i) => {
      this.#unseen.delete(seq);
      for (const { vector, truth } of this.#samples) {
        truth.offer(seq, dot(vectors, i * table.dimensions, vector, 0, table.dimensions));
      }
    });
  }

  end(): { missing: Float64Array; orphans: Float64Array; recallAt10: number | null } {
    let found = 0;
    let expected = 0;
    for (const { vector, truth } of this.#samples) {
      const near = new Set(this.#generation.search(vector, K, undefined).neighbours.map(({ seq }) => seq));
      for (const { seq } of truth.sorted()) {
        expected += 1;
        if (near.has(seq)) found += 1;
      }
    }
    return {
      missing: Float64Array.from(this.#missing),
      orphans: Float64Array.from(this.#unseen),
      recallAt10: expected === 0 ? null : found / expected,
    };
  }
}

/** Those of the source's rows that the table lacks or holds with another vector. */
export function differingRows(table: VectorTable, seqs: Float64Array, vectors: Float32Array): Float64Array {
  return seqs.filter((seq, i) => {
    const row = table.rowOf(seq);
    return row === undefined || !isSame(table.vectorAt(row), vectors, i * table.dimensions);
  });
}

function isSame(mine: Float32Array, theirs: Float32Array, start: number): boolean {
  for (let i = 0; i < mine.length; i += 1) if (mine[i] !== theirs[start + i]) return false;
  return true;
}
