/**
 * One generation in memory: the table of all vectors, the graph over most of them (the body), and the rest (the tail),
 * which is scanned. Lives in the index worker; every method is synchronous and short, `work` does at most a slice.
 *
 * New vectors go to the tail and are seen by the next search; `work` moves the tail into the graph while nobody asks.
 * Removed rows leave the table at once, so no search can return them, and are tombstones in the graph until `compact`
 * builds a second graph beside the first and swaps.
 */
import type { AppError, Neighbour, VectorSearchResult } from "@lorekeep/core";
import { SignCodes } from "./sign-codes.ts";
import { HnswGraph } from "./hnsw-graph.ts";
import type { Hnswlib } from "./hnsw-graph.ts";
import { matchRows } from "./match-rows.ts";
import { TopK } from "./top-k.ts";
import { VectorTable, checkNumbers, checkVector } from "./vector-table.ts";

export interface GenerationOptions {
  readonly dimensions: number;
  /** null: no graph is ever built. */
  readonly hnswlib: Hnswlib | null;
  /** Below this many vectors every search scans. */
  readonly exactBelow: number;
}

export interface ChangeBatch {
  readonly seqs: readonly number[] | Uint32Array | Float64Array;
  /** 1 = a vector (the next one of `vectors`), 0 = removed. */
  readonly present: Uint8Array;
  readonly vectors: Float32Array;
}

/** Up to this many rows, comparing f32 vectors costs less than ranking by codes first. */
const PLAIN_SCAN_ROWS = 2_000;
/** The tail is worth moving into the graph from here on, or from 2 % of the graph. */
const TAIL_ROWS = 1_000;
/** A second graph is built when this share of the first is tombstones. */
const TOMBSTONE_SHARE = 0.2;
/** Vectors of a graph read from a file that are compared with the source's. */
const SPOT_CHECKS = 100;

export class Generation {
  readonly table: VectorTable;
  readonly #options: GenerationOptions;
  readonly #codes: SignCodes;
  readonly #tail = new Set<number>();
  #graph: HnswGraph | null = null;
  /** The graph being built by compact. */
  #next: Compaction | null = null;
  /** Moving the tail has begun and goes on until the tail is empty. */
  #absorbing = false;
  /** What `graphChange` becomes when the tail is empty. */
  #absorbTarget = 0;
  /** The source's last change that searches see. */
  appliedChange = 0;
  /** The last change of which the graph is known to hold everything: what a snapshot can promise. */
  graphChange = 0;
  /** Vectors added to the graph since it was last written. */
  unsavedCount = 0;

  constructor(options: GenerationOptions) {
    this.#options = options;
    this.table = new VectorTable(options.dimensions);
    this.#codes = new SignCodes(this.table);
  }

  get graph(): HnswGraph | null {
    return this.#graph;
  }
  get tailCount(): number {
    return this.#tail.size;
  }
  get tombstoneCount(): number {
    return this.#graph?.deadCount ?? 0;
  }

  /** Takes over a graph read from a file, before any vector is applied. `settle` ends the loading. */
  adopt(graph: HnswGraph, graphChange: number): void {
    this.#graph = graph;
    this.graphChange = graphChange;
  }

  /**
   * After the first load from the source: removes from the adopted graph what the source does not have. False when a
   * sample of its vectors is not the source's: the graph belongs to other data and is dropped.
   */
  settle(): boolean {
    const graph = this.#graph;
    if (graph === null) return true;
    const seqs = [...graph.liveSeqs()];
    for (const seq of seqs) if (this.table.rowOf(seq) === undefined) graph.remove(seq);
    const step = Math.max(1, Math.floor(seqs.length / SPOT_CHECKS));
    for (let i = 0; i < seqs.length; i += step) {
      const row = this.table.rowOf(seqs[i]);
      if (row === undefined || equal(this.table.vectorAt(row), graph.vectorOf(seqs[i]))) continue;
      this.#dropGraph();
      return false;
    }
    return true;
  }

  #dropGraph(): void {
    this.#graph = null;
    for (const row of this.table.rows()) this.#tail.add(row);
  }

  /** Forgets the adopted graph's entry of a row that changed after the snapshot. */
  distrust(seq: number): void {
    this.#graph?.remove(seq);
  }

  /** Checks all, then applies all; the same batch applied twice changes nothing. Throws shape_mismatch. */
  apply(batch: ChangeBatch): void {
    const { dimensions } = this.#options;
    const vectors: (Float32Array | null)[] = [];
    let start = 0;
    for (let i = 0; i < batch.seqs.length; i += 1) {
      const vector = batch.present[i] === 1 ? batch.vectors.subarray(start, (start += dimensions)) : null;
      if (vector !== null) checkVector(batch.seqs[i], vector, dimensions);
      vectors.push(vector);
    }
    vectors.forEach((vector, i) => {
      const seq = batch.seqs[i];
      const row = this.table.rowOf(seq);
      if (row !== undefined && vector !== null && equal(this.table.vectorAt(row), vector)) return;
      if (row !== undefined) this.#remove(seq, row);
      if (vector !== null) this.#insert(seq, vector);
    });
  }

  #insert(seq: number, vector: Float32Array): void {
    const row = this.table.insert(seq, vector);
    this.#codes.set(row);
    // Only while an adopted graph meets its vectors for the first time does it know a live seq before the table does.
    if (this.#graph?.has(seq) !== true) this.#tail.add(row);
  }

  #remove(seq: number, row: number): void {
    this.table.remove(seq);
    this.#tail.delete(row);
    this.#graph?.remove(seq);
    this.#next?.graph.remove(seq);
  }

  search(vector: Float32Array, k: number, allow: Uint32Array | undefined): VectorSearchResult {
    checkNumbers(vector, this.#options.dimensions);
    const live = this.table.liveCount;
    if (live === 0 || k < 1 || allow?.length === 0) return { neighbours: [], plan: "empty" };
    if (allow !== undefined) {
      const rows = matchRows(this.table, allow);
      return { neighbours: this.#scan(vector, k, rows), plan: rows.length === 0 ? "empty" : "exact" };
    }
    const graph = this.#graph;
    if (graph === null || live < this.#options.exactBelow || graph.liveCount < live / 2 || k > live / 4) {
      return { neighbours: this.#scan(vector, k, null), plan: "exact" };
    }
    const labels = graph.search(vector, k);
    // The walk can meet too few live points when most are tombstones: then the scan answers.
    if (labels.length < Math.min(k, graph.liveCount)) return { neighbours: this.#scan(vector, k, null), plan: "exact" };
    const best = new TopK(k);
    for (const seq of labels) best.offer(seq, this.table.score(this.table.rowOf(seq)!, vector));
    if (this.#tail.size === 0) return { neighbours: best.sorted(), plan: "hnsw" };
    for (const near of this.#scan(vector, k, Uint32Array.from(this.#tail))) best.offer(near.seq, near.score);
    return { neighbours: best.sorted(), plan: "hnsw+tail" };
  }

  /** The k best of these rows (null = all live ones), by the true score. */
  #scan(vector: Float32Array, k: number, rows: Uint32Array | null): Neighbour[] {
    const count = rows?.length ?? this.table.liveCount;
    const best = new TopK(k);
    const candidates =
      count > Math.max(PLAIN_SCAN_ROWS, 4 * k) ? this.#codes.rank(vector, k, rows) : (rows ?? this.table.rows());
    for (const row of candidates) best.offer(this.table.seqAt(row), this.table.score(row, vector));
    return best.sorted();
  }

  /** True when there is something for `work` to do now. */
  get hasWork(): boolean {
    return this.#next !== null || (this.#shouldAbsorb() && this.#graph?.isWriting !== true);
  }

  #shouldAbsorb(): boolean {
    if (this.#options.hnswlib === null || this.table.liveCount < this.#options.exactBelow) return false;
    return this.#absorbing || this.#tail.size > Math.max(TAIL_ROWS, (this.#graph?.liveCount ?? 0) / 50);
  }

  get shouldCompact(): boolean {
    const graph = this.#graph;
    return graph !== null && this.#next === null && graph.deadCount > 1_000 + TOMBSTONE_SHARE * graph.liveCount;
  }

  get shouldSave(): boolean {
    if (this.#graph === null || this.#absorbing || this.#next !== null || this.#graph.isWriting) return false;
    return this.unsavedCount > Math.max(TAIL_ROWS, this.#graph.liveCount / 10);
  }

  /** Adds vectors to a graph for about `budgetMs`. */
  work(budgetMs: number): void {
    const until = performance.now() + budgetMs;
    if (this.#next !== null) this.#continueCompaction(this.#next, until);
    else if (this.hasWork) this.#absorb(until);
  }

  #absorb(until: number): void {
    if (!this.#absorbing) {
      this.#absorbing = true;
      this.#absorbTarget = this.appliedChange;
    }
    this.#graph ??= this.#emptyGraph();
    for (const row of this.#tail) {
      this.#graph.add(this.table.seqAt(row), this.table.vectorAt(row));
      this.#tail.delete(row);
      this.unsavedCount += 1;
      if (performance.now() > until) return;
    }
    this.#absorbing = false;
    this.graphChange = this.#absorbTarget;
  }

  /** Begins a second graph without tombstones; `work` fills it. Settles when it serves; rejects with `aborted` when `cancel` comes first. */
  compact(onProgress: (done: number, total: number) => void): {
    done: Promise<null>;
    cancel: (reason: AppError) => void;
  } {
    if (this.#options.hnswlib === null || this.table.liveCount < this.#options.exactBelow) {
      this.#dropGraph();
      return { done: Promise.resolve(null), cancel: () => undefined };
    }
    this.#next ??= {
      graph: this.#emptyGraph(),
      seqs: [...this.table.seqs()],
      change: this.appliedChange,
      done: 0,
      ended: Promise.withResolvers<null>(),
      onProgress,
    };
    const compaction = this.#next;
    return {
      done: compaction.ended.promise,
      cancel: (reason) => {
        if (this.#next !== compaction) return;
        this.#next = null;
        compaction.ended.reject(reason);
      },
    };
  }

  #continueCompaction(compaction: Compaction, until: number): void {
    const { graph, seqs } = compaction;
    while (compaction.done < seqs.length) {
      const seq = seqs[compaction.done++];
      const row = this.table.rowOf(seq);
      if (row !== undefined) graph.add(seq, this.table.vectorAt(row));
      if (performance.now() > until) return compaction.onProgress(compaction.done, seqs.length);
    }
    this.#graph = graph;
    this.#next = null;
    this.#absorbing = false;
    this.graphChange = compaction.change;
    this.unsavedCount = graph.liveCount;
    this.#tail.clear();
    for (const row of this.table.rows()) if (!graph.has(this.table.seqAt(row))) this.#tail.add(row);
    compaction.onProgress(seqs.length, seqs.length);
    compaction.ended.resolve(null);
  }

  #emptyGraph(): HnswGraph {
    const { dimensions, hnswlib } = this.#options;
    return HnswGraph.empty(hnswlib!, { dimensions, capacity: this.table.liveCount * 1.1 });
  }
}

interface Compaction {
  readonly graph: HnswGraph;
  /** Live rows when it began; those that came later are the new tail. */
  readonly seqs: readonly number[];
  readonly change: number;
  done: number;
  readonly ended: PromiseWithResolvers<null>;
  readonly onProgress: (done: number, total: number) => void;
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
