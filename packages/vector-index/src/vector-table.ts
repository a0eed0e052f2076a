/**
 * The vectors of one generation in memory, by row. Rows are dense and used again after a removal, so churn does not grow
 * the table; blocks keep growth from copying. `seq` is the outside name (the chunk's row number), `row` the inside one.
 *
 * Invariants: a row is live exactly when `rowOf(seqAt(row)) === row`; `liveCount` rows are live; vectors are finite.
 */
import { AppError } from "@lorekeep/core";
import { dot } from "./dot.ts";

const BLOCK_ROWS = 4096;
/** hnswlib keeps labels in 32 bits and cuts larger ones silently. */
export const MAX_SEQ = 2 ** 32 - 1;

export class VectorTable {
  readonly dimensions: number;
  readonly #blocks: Float32Array[] = [];
  readonly #rowOf = new Map<number, number>();
  readonly #freeRows: number[] = [];
  #seqs = new Float64Array(0);
  #live = new Uint8Array(0);
  #rowCount = 0;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  get liveCount(): number {
    return this.#rowOf.size;
  }

  /** Rows in use or free: every row number is below this. */
  get rowCount(): number {
    return this.#rowCount;
  }

  rowOf(seq: number): number | undefined {
    return this.#rowOf.get(seq);
  }

  seqAt(row: number): number {
    return this.#seqs[row];
  }

  isLive(row: number): boolean {
    return this.#live[row] === 1;
  }

  /** 1 per live row; valid until the next insert. */
  get liveFlags(): Uint8Array {
    return this.#live;
  }

  seqs(): IterableIterator<number> {
    return this.#rowOf.keys();
  }

  rows(): IterableIterator<number> {
    return this.#rowOf.values();
  }

  /** The row's vector, as a view: valid until the row is removed. */
  vectorAt(row: number): Float32Array {
    const start = (row % BLOCK_ROWS) * this.dimensions;
    return this.#blocks[(row / BLOCK_ROWS) | 0].subarray(start, start + this.dimensions);
  }

  score(row: number, query: Float32Array): number {
    return dot(this.#blocks[(row / BLOCK_ROWS) | 0], (row % BLOCK_ROWS) * this.dimensions, query, 0, this.dimensions);
  }

  /** The new row. The seq must not be live. */
  insert(seq: number, vector: Float32Array): number {
    if (this.#rowOf.has(seq)) throw new AppError("unexpected", "A live seq was inserted again.", { seq });
    const row = this.#freeRows.pop() ?? this.#newRow();
    this.vectorAt(row).set(vector);
    this.#seqs[row] = seq;
    this.#live[row] = 1;
    this.#rowOf.set(seq, row);
    return row;
  }

  /** The row that is free now; undefined when the seq was not live. */
  remove(seq: number): number | undefined {
    const row = this.#rowOf.get(seq);
    if (row === undefined) return undefined;
    this.#rowOf.delete(seq);
    this.#live[row] = 0;
    this.#freeRows.push(row);
    return row;
  }

  #newRow(): number {
    const row = this.#rowCount++;
    if (row % BLOCK_ROWS === 0) {
      this.#blocks.push(new Float32Array(BLOCK_ROWS * this.dimensions));
      this.#seqs = grown(this.#seqs, new Float64Array(this.#rowCount + BLOCK_ROWS - 1));
      this.#live = grown(this.#live, new Uint8Array(this.#rowCount + BLOCK_ROWS - 1));
    }
    return row;
  }
}

function grown<Numbers extends Float64Array | Uint8Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old);
  return larger;
}

/** Throws shape_mismatch for what must never reach native code: wrong length, NaN, infinity, a seq that needs over 32 bits. */
export function checkVector(seq: number, vector: Float32Array, dimensions: number): void {
  if (!Number.isInteger(seq) || seq < 0 || seq > MAX_SEQ) {
    throw new AppError("shape_mismatch", `Row number ${seq} does not fit the index (0 to ${MAX_SEQ}).`, { seq });
  }
  checkNumbers(vector, dimensions, { seq });
}

/** Throws shape_mismatch unless `vector` holds `dimensions` finite numbers. */
export function checkNumbers(vector: Float32Array, dimensions: number, details: Record<string, unknown> = {}): void {
  if (!(vector instanceof Float32Array) || vector.length !== dimensions) {
    throw new AppError(
      "shape_mismatch",
      `A vector has ${vector?.length ?? "no"} numbers, but this generation has ${dimensions}.`,
      { ...details, dimensions },
    );
  }
  // NaN and infinities survive the sum of squares, so one test at the end finds them.
  if (!Number.isFinite(dot(vector, 0, vector, 0, dimensions))) {
    throw new AppError("shape_mismatch", "A vector holds numbers that are not finite.", details);
  }
}
