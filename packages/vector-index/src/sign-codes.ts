/**
 * One bit per dimension: does the vector lie above the mean there? The number of equal bits ranks vectors roughly as the
 * cosine does, at a thirtieth of the memory and work; the true score of the best few hundred then decides. Serves every
 * scan: small sets that outgrew plain comparing, the tail, filters, and machines without a graph library.
 *
 * The mean matters: embeddings share a direction, and without taking it off most bits of all vectors are the same. It is
 * taken from the rows that are there when coding begins; `isCurrent` says whether they still stand for the rest.
 *
 * Memory: the query's code, then blocks of 4096 rows: their codes, then room for their distances (16 bits each).
 */
import { PAGE_BYTES, openKernel } from "./hamming-kernel.ts";
import type { Distances, KernelMemory } from "./hamming-kernel.ts";
import type { VectorTable } from "./vector-table.ts";

const BLOCK_ROWS = 4096;
const MEAN_ROWS = 4_096;
/** Coded for fewer rows than this share of the present ones, the mean is no longer trusted. */
const STALE_FACTOR = 4;
/** Below this share of all rows, asking for single rows is cheaper than for all. */
const FEW_ROWS_SHARE = 1 / 8;

export class SignCodes {
  readonly #table: VectorTable;
  readonly #mean: Float32Array;
  readonly #centredAt: number;
  readonly #stride: number;
  readonly #blockBytes: number;
  readonly #memory: KernelMemory;
  readonly #distances: Distances;
  #blockCount = 0;
  /** Rows below this are coded. */
  #codedRows = 0;

  /** Takes the mean of the rows that are there now; `encode` then codes them. */
  constructor(table: VectorTable) {
    this.#table = table;
    this.#mean = meanOf(table);
    this.#centredAt = table.liveCount;
    this.#stride = Math.ceil(table.dimensions / 128) * 16;
    this.#blockBytes = BLOCK_ROWS * (this.#stride + 2);
    const { memory, distances } = openKernel(this.#stride);
    this.#memory = memory;
    this.#distances = distances;
  }

  /** True when all rows are coded around a mean that stands for them. */
  get isCurrent(): boolean {
    return this.isComplete && this.#table.liveCount <= this.#centredAt * STALE_FACTOR;
  }
  get isComplete(): boolean {
    return this.#codedRows === this.#table.rowCount;
  }

  /** Codes rows that have no code yet, until this time. */
  encode(until: number): void {
    while (!this.isComplete) {
      this.set(this.#codedRows);
      if (this.#codedRows % 64 === 0 && performance.now() > until) return;
    }
  }

  /** Codes a row again that changed; a row that was not reached yet is left for `encode`. */
  set(row: number): void {
    if (row > this.#codedRows) return;
    if (row === this.#codedRows) this.#codedRows += 1;
    if (row >= this.#blockCount * BLOCK_ROWS) this.#grow();
    const bytes = new Uint8Array(this.#memory.buffer, this.#codeAddress(row), this.#stride);
    this.#writeCode(bytes, this.#table.vectorAt(row));
  }

  /** The `count` live rows (of `rows`, when given) whose codes are nearest, in no order; ties may add a few. */
  rank(vector: Float32Array, count: number, rows: Uint32Array | null): Uint32Array {
    this.#writeCode(new Uint8Array(this.#memory.buffer, 0, this.#stride), vector);
    const measured = this.#measure(rows);
    const cutOff = nearestDistance(measured.distances, count, this.#table.dimensions);
    const nearest = new Uint32Array(2 * count);
    let found = 0;
    for (let i = 0; i < measured.distances.length; i += 1) {
      if (measured.distances[i] > cutOff) continue;
      nearest[found++] = measured.rows === null ? i : measured.rows[i];
      if (found === nearest.length) break;
    }
    return nearest.subarray(0, found);
  }

  /** Distances of these rows, or of all by row number; a row that is not live is farther than any. */
  #measure(rows: Uint32Array | null): { rows: Uint32Array | null; distances: Uint16Array } {
    const isFew = rows !== null && rows.length < this.#codedRows * FEW_ROWS_SHARE;
    if (!isFew) {
      for (let block = 0; block < this.#blockCount; block += 1) {
        const count = Math.min(BLOCK_ROWS, this.#codedRows - block * BLOCK_ROWS);
        const start = this.#stride + block * this.#blockBytes;
        this.#distances(start, count, 0, this.#stride, start + BLOCK_ROWS * this.#stride);
      }
    }
    if (rows === null) return { rows, distances: this.#allDistances() };
    const memory = new DataView(this.#memory.buffer);
    const distances = new Uint16Array(rows.length);
    rows.forEach((row, i) => {
      const address = this.#distanceAddress(row);
      if (isFew) this.#distances(this.#codeAddress(row), 1, 0, this.#stride, address);
      distances[i] = memory.getUint16(address, true);
    });
    return { rows, distances };
  }

  #allDistances(): Uint16Array {
    const all = new Uint16Array(this.#codedRows);
    for (let block = 0; block < this.#blockCount; block += 1) {
      const from = block * BLOCK_ROWS;
      const count = Math.min(BLOCK_ROWS, this.#codedRows - from);
      all.set(new Uint16Array(this.#memory.buffer, this.#distanceAddress(from), count), from);
    }
    const live = this.#table.liveFlags;
    for (let row = 0; row < all.length; row += 1) if (live[row] === 0) all[row] = 0xffff;
    return all;
  }

  #codeAddress(row: number): number {
    return this.#stride + Math.floor(row / BLOCK_ROWS) * this.#blockBytes + (row % BLOCK_ROWS) * this.#stride;
  }

  #distanceAddress(row: number): number {
    const block = Math.floor(row / BLOCK_ROWS);
    return this.#stride + block * this.#blockBytes + BLOCK_ROWS * this.#stride + (row % BLOCK_ROWS) * 2;
  }

  #writeCode(code: Uint8Array, vector: Float32Array): void {
    code.fill(0);
    for (let i = 0; i < vector.length; i += 1) if (vector[i] > this.#mean[i]) code[i >> 3] |= 1 << (i & 7);
  }

  #grow(): void {
    this.#blockCount += 1;
    const needed = this.#stride + this.#blockCount * this.#blockBytes;
    const pages = Math.ceil((needed - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (pages > 0) this.#memory.grow(pages);
  }
}

/** The smallest distance within which lie at least `count` of these (all, when there are fewer). */
function nearestDistance(distances: Uint16Array, count: number, dimensions: number): number {
  const histogram = new Uint32Array(dimensions + 1);
  for (const distance of distances) if (distance <= dimensions) histogram[distance] += 1;
  let within = 0;
  for (let distance = 0; distance <= dimensions; distance += 1) {
    within += histogram[distance];
    if (within >= count) return distance;
  }
  return dimensions;
}

/** Mean of up to MEAN_ROWS live rows, evenly spread; zeros when there are none. */
function meanOf(table: VectorTable): Float32Array {
  const mean = new Float32Array(table.dimensions);
  const step = Math.max(1, Math.floor(table.rowCount / MEAN_ROWS));
  let count = 0;
  for (let row = 0; row < table.rowCount; row += step) {
    if (!table.isLive(row)) continue;
    const vector = table.vectorAt(row);
    for (let i = 0; i < mean.length; i += 1) mean[i] += vector[i];
    count += 1;
  }
  return count === 0 ? mean : mean.map((sum) => sum / count);
}
