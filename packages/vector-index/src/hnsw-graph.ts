/**
 * hnswlib-node behind rails. The library can end the whole process or answer nonsense when it is misused, so nothing
 * else in the house calls it, and this file keeps its rules:
 *
 * - only arrays of finite numbers of the right length go in (NaN ranks first, a missing number aborts the process);
 * - its labels are 32 bits wide, so they are our own: 0, 1, 2 … in the order of adding, each used once (no updates in
 *   place, no replaceDeleted); `seqs[label]` says which row it is, −1 when that row was removed;
 * - `ef` is set before every search (loading resets it to 10);
 * - a file is read into a fresh object only (a failed read into a used one crashes the next search);
 * - nothing is added, resized or deleted while a file is written (the writer takes no lock).
 *
 * Source: Malkov & Yashunin 2016, "Efficient and robust approximate nearest neighbor search using HNSW graphs".
 */
import { createRequire } from "node:module";
import { AppError } from "@lorekeep/core";
import type * as hnswlib from "hnswlib-node";

/** M of the paper: links per node and layer (2·M on the lowest). */
const LINKS = 16;
const SEED = 100;
const REMOVED = -1;

export type Hnswlib = typeof hnswlib;

/** The native library, or null where it could not be compiled: it is an optional dependency. */
export function loadHnswlib(): Hnswlib | null {
  try {
    return createRequire(import.meta.url)("hnswlib-node") as Hnswlib;
  } catch {
    return null;
  }
}

/** Candidates kept while building; more for larger graphs, because recall at a fixed value falls with N. */
export function efConstruction(count: number): number {
  return count > 200_000 ? 200 : 128;
}

/** By label: which row it is, and the fingerprint of the vector that was added. */
export interface GraphLabels {
  /** −1 for a removed row. */
  readonly seqs: readonly number[];
  readonly prints: readonly number[];
}

export class HnswGraph {
  readonly #graph: hnswlib.HierarchicalNSW;
  readonly #dimensions: number;
  /** label → seq. */
  readonly #seqs: number[];
  /** label → fingerprint of the vector that was added. */
  readonly #prints: number[];
  /** seq → label of the live ones. */
  readonly #labels = new Map<number, number>();
  /** Labels whose removal waits until the file is written. */
  readonly #postponed: number[] = [];
  readonly #numbers: number[];
  #writing = false;

  private constructor(graph: hnswlib.HierarchicalNSW, dimensions: number, { seqs, prints }: GraphLabels) {
    this.#graph = graph;
    this.#dimensions = dimensions;
    this.#numbers = new Array<number>(dimensions).fill(0);
    this.#seqs = [...seqs];
    this.#prints = [...prints];
    seqs.forEach((seq, label) => {
      if (seq !== REMOVED) this.#labels.set(seq, label);
    });
  }

  static empty(library: Hnswlib, options: { dimensions: number; capacity: number }): HnswGraph {
    const graph = new library.HierarchicalNSW("ip", options.dimensions);
    const capacity = Math.max(16, Math.ceil(options.capacity));
    graph.initIndex(capacity, LINKS, efConstruction(capacity), SEED);
    return new HnswGraph(graph, options.dimensions, { seqs: [], prints: [] });
  }

  /** Reads a file that the caller has checked (length, hash, dimensions); `labels` as `write` gave them. Throws index_corrupt. */
  static async read(library: Hnswlib, path: string, dimensions: number, labels: GraphLabels): Promise<HnswGraph> {
    const graph = new library.HierarchicalNSW("ip", dimensions);
    const corrupt = (cause?: unknown) =>
      new AppError("index_corrupt", "An index file could not be read; it is built again.", {}, { cause });
    try {
      await graph.readIndex(path);
    } catch (cause) {
      throw corrupt(cause);
    }
    // getIdsList and getCurrentCount include removed labels.
    if (graph.getCurrentCount() !== labels.seqs.length) throw corrupt();
    return new HnswGraph(graph, dimensions, labels);
  }

  get liveCount(): number {
    return this.#labels.size;
  }
  get deadCount(): number {
    return this.#seqs.length - this.#labels.size;
  }
  get isWriting(): boolean {
    return this.#writing;
  }
  has(seq: number): boolean {
    return this.#labels.has(seq);
  }
  /** True when the row is in the graph with this very vector. */
  holds(seq: number, vector: Float32Array): boolean {
    const label = this.#labels.get(seq);
    return label !== undefined && this.#prints[label] === fingerprint(vector);
  }
  liveSeqs(): IterableIterator<number> {
    return this.#labels.keys();
  }

  /** `vector` is trusted to be finite and of the right length (VectorTable holds no others). */
  add(seq: number, vector: Float32Array): void {
    if (this.#writing) throw new AppError("unexpected", "A vector was added while the index file was written.");
    if (this.#labels.has(seq)) throw new AppError("unexpected", "A row was added to the graph twice.", { seq });
    const label = this.#seqs.length;
    if (label >= this.#graph.getMaxElements()) this.#graph.resizeIndex(Math.ceil(label * 1.25) + 64);
    this.#graph.addPoint(this.#toNumbers(vector), label);
    this.#seqs.push(seq);
    this.#prints.push(fingerprint(vector));
    this.#labels.set(seq, label);
  }

  remove(seq: number): void {
    const label = this.#labels.get(seq);
    if (label === undefined) return;
    this.#labels.delete(seq);
    this.#seqs[label] = REMOVED;
    if (this.#writing) this.#postponed.push(label);
    else this.#graph.markDelete(label);
  }

  /** Live rows, nearest first; at most k. Fewer when the graph has fewer, or when the walk met too few of `candidates`. */
  search(vector: Float32Array, k: number, candidates: number): number[] {
    // While a file is written, rows removed meanwhile are still found by the walk: ask for as many more.
    const wanted = Math.min(k, this.#labels.size) + this.#postponed.length;
    if (this.#labels.size === 0) return [];
    this.#graph.setEf(Math.max(candidates, wanted));
    const { neighbors } = this.#graph.searchKnn(this.#toNumbers(vector), wanted);
    return neighbors
      .map((label) => this.#seqs[label])
      .filter((seq) => seq !== REMOVED)
      .slice(0, k);
  }

  /**
   * Writes the graph off this thread, and says which rows the file holds: searches go on, removals wait, adding is refused.
   * The library reports success for a full disk and for a missing folder, so the caller checks what lies on the disk.
   */
  async write(path: string): Promise<GraphLabels> {
    if (this.#writing) throw new AppError("unexpected", "Two index files were written at once.");
    const labels = { seqs: [...this.#seqs], prints: [...this.#prints] };
    this.#writing = true;
    try {
      await this.#graph.writeIndex(path);
      return labels;
    } finally {
      this.#writing = false;
      for (const label of this.#postponed.splice(0)) this.#graph.markDelete(label);
    }
  }

  #toNumbers(vector: Float32Array): number[] {
    // One array serves all calls: the library copies it, and making a new one costs ten times as much.
    for (let i = 0; i < this.#dimensions; i += 1) this.#numbers[i] = vector[i];
    return this.#numbers;
  }
}

/** Bytes that a file of so many labels has at least: links, vector and label of the lowest layer. */
export function minimumFileBytes(labelCount: number, dimensions: number): number {
  return labelCount * (dimensions * 4 + 2 * LINKS * 4 + 4 + 8 + 4);
}

/** 32 bits of a vector's bytes (FNV-1a over whole words): tells a changed vector from the one that was added. */
export function fingerprint(vector: Float32Array): number {
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  let hash = 0x811c9dc5;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15; // whole words leave the low bits weak otherwise
  }
  return hash >>> 0;
}
