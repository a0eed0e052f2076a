/**
 * One generation in memory: the table of all vectors, the graph over most of them (the body), and the rest (the tail),
 * which is scanned. Lives in the index worker; every method is synchronous and short, `work` does at most a slice.
 *
 * New vectors go to the tail and are seen by the next search; `work` moves the tail into the graph while nobody asks.
 * Removed rows leave the table at once, so no search can return them, and are tombstones in the graph until `compact`
 * builds a second graph beside the first and swaps.
 */
import type { AppError, Neighbour, VectorSearchResult } from "@lorekeep/core";
import { ByteCodes } from "./byte-codes.ts";
import { HnswGraph } from "./hnsw-graph.ts";
import type { Hnswlib } from "./hnsw-graph.ts";
import { matchRows } from "./match-rows.ts";
import { SearchEffort } from "./search-effort.ts";
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

/** Up to this many rows, all true scores are taken. */
const PLAIN_SCAN_ROWS = 1_000;
/** So many of the best by code (or 2 k) have their true scores taken. */
const SHORTLIST_ROWS = 64;
const RECENT_QUERIES = 32;
/** One search in so many is compared with a scan, once the first ones were. */
const COMPARE_EVERY = 64;
const COMPARED_K = 10;
/** The tail is worth moving into the graph from here on, or from 2 % of the graph. */
const TAIL_ROWS = 1_000;
/** A second graph is built when this share of the first is tombstones. */
const TOMBSTONE_SHARE = 0.2;

export class Generation {
  readonly table: VectorTable;
  readonly #options: GenerationOptions;
  readonly #codes: ByteCodes;
  readonly #tail = new Set<number>();
  #graph: HnswGraph | null = null;
  /** The graph being built by compact. */
  #next: Compaction | null = null;
  /** Moving the tail has begun and goes on until the tail is empty. */
  #absorbing = false;
  readonly #effort = new SearchEffort();
  #graphSearchCount = 0;
  /** Questions whose graph answers are to be compared with a scan. */
  readonly #uncompared: Float32Array[] = [];
  /** The last questions asked, newest last: what `verify` samples. */
  readonly recentQueries: Float32Array[] = [];
  /** The source's last change that searches see. */
  appliedChange = 0;
  /** Vectors added to the graph since it was last written. */
  unsavedCount = 0;

  constructor(options: GenerationOptions) {
    this.#options = options;
    this.table = new VectorTable(options.dimensions);
    this.#codes = new ByteCodes(options.dimensions);
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

  /** Takes over a graph read from a file, before any vector is applied; `settle` ends the loading. */
  adopt(graph: HnswGraph): void {
    this.#graph = graph;
  }

  /** After the first load from the source: removes from the adopted graph what the source does not have; returns what is left. */
  settle(): number {
    const graph = this.#graph;
    if (graph === null) return 0;
    for (const seq of [...graph.liveSeqs()]) if (this.table.rowOf(seq) === undefined) graph.remove(seq);
    return graph.liveCount;
  }

  #dropGraph(): void {
    this.#graph = null;
    for (const row of this.table.rows()) this.#tail.add(row);
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
    this.#codes.set(row, vector);
    // Only an adopted graph that meets its rows for the first time knows a row before the table does. What it knows is
    // used if it was built from this very vector.
    if (this.#graph?.holds(seq, vector) === true) return;
    this.#graph?.remove(seq);
    this.#tail.add(row);
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
    this.#remember(vector);
    if (live === 0 || k < 1 || allow?.length === 0) return { neighbours: [], plan: "empty" };
    if (allow !== undefined) {
      const rows = matchRows(this.table, allow);
      return { neighbours: this.#scan(vector, k, rows), plan: rows.length === 0 ? "empty" : "exact" };
    }
    const graph = this.#graph;
    if (graph === null || live < this.#options.exactBelow || graph.liveCount < live / 2 || k > live / 4) {
      return { neighbours: this.#scan(vector, k, null), plan: "exact" };
    }
    const found = graph.search(vector, k, this.#effort.candidates(graph.liveCount + graph.deadCount, k));
    // The walk can meet too few live points when most are tombstones: then the scan answers.
    if (found.length < Math.min(k, graph.liveCount)) return { neighbours: this.#scan(vector, k, null), plan: "exact" };
    const best = new TopK(k);
    for (const seq of found) best.offer(seq, this.table.score(this.table.rowOf(seq)!, vector));
    if (this.#tail.size === 0) return { neighbours: best.sorted(), plan: "hnsw" };
    for (const near of this.#scan(vector, k, Uint32Array.from(this.#tail))) best.offer(near.seq, near.score);
    return { neighbours: best.sorted(), plan: "hnsw+tail" };
  }

  #remember(vector: Float32Array): void {
    this.recentQueries.push(vector);
    if (this.recentQueries.length > RECENT_QUERIES) this.recentQueries.shift();
    if (this.#graph === null || this.#uncompared.length === RECENT_QUERIES) return;
    this.#graphSearchCount += 1;
    if (this.#graphSearchCount <= RECENT_QUERIES || this.#graphSearchCount % COMPARE_EVERY === 0)
      this.#uncompared.push(vector);
  }

  /** Answers one question both ways; the effort follows. */
  #compare(vector: Float32Array): void {
    const graph = this.#graph;
    if (graph === null || this.#absorbing || this.table.liveCount < this.#options.exactBelow) return;
    const truth = this.#scan(vector, COMPARED_K, null).filter(({ seq }) => graph.has(seq));
    const candidates = this.#effort.candidates(graph.liveCount + graph.deadCount, COMPARED_K);
    const found = new Set(graph.search(vector, COMPARED_K, candidates));
    if (truth.length > 0) this.#effort.observe(truth.filter(({ seq }) => found.has(seq)).length / truth.length);
  }

  /** The k best of these rows (null = all live ones), by the true score. */
  #scan(vector: Float32Array, k: number, rows: Uint32Array | null): Neighbour[] {
    const count = rows?.length ?? this.table.liveCount;
    const shortlist = Math.max(SHORTLIST_ROWS, 2 * k);
    const best = new TopK(k);
    const candidates =
      count > Math.max(PLAIN_SCAN_ROWS, shortlist)
        ? this.#codes.rank(vector, shortlist, rows, this.table.liveFlags)
        : (rows ?? this.table.rows());
    for (const row of candidates) best.offer(this.table.seqAt(row), this.table.score(row, vector));
    return best.sorted();
  }

  /** True when there is something for `work` to do now. */
  get hasWork(): boolean {
    return (
      this.#uncompared.length > 0 || this.#next !== null || (this.#shouldAbsorb() && this.#graph?.isWriting !== true)
    );
  }

  #shouldAbsorb(): boolean {
    if (this.#options.hnswlib === null || this.table.liveCount < this.#options.exactBelow) return false;
    return this.#absorbing || this.#tail.size > Math.max(TAIL_ROWS, (this.#graph?.liveCount ?? 0) / 50);
  }

  get shouldCompact(): boolean {
    const graph = this.#graph;
    return graph !== null && this.#next === null && graph.deadCount > Math.max(500, TOMBSTONE_SHARE * graph.liveCount);
  }

  get shouldSave(): boolean {
    if (this.#graph === null || this.#absorbing || this.#next !== null || this.#graph.isWriting) return false;
    return this.unsavedCount > Math.max(TAIL_ROWS, this.#graph.liveCount / 10);
  }

  /** Adds vectors to a graph for about `budgetMs`. */
  work(budgetMs: number): void {
    const until = performance.now() + budgetMs;
    const question = this.#uncompared.pop();
    if (question !== undefined) this.#compare(question);
    else if (this.#next !== null) this.#continueCompaction(this.#next, until);
    else if (this.hasWork) this.#absorb(until);
  }

  #absorb(until: number): void {
    this.#absorbing = true;
    this.#graph ??= this.#emptyGraph();
    for (const row of this.#tail) {
      this.#graph.add(this.table.seqAt(row), this.table.vectorAt(row));
      this.#tail.delete(row);
      this.unsavedCount += 1;
      if (performance.now() > until) return;
    }
    this.#absorbing = false;
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
  done: number;
  readonly ended: PromiseWithResolvers<null>;
  readonly onProgress: (done: number, total: number) => void;
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
