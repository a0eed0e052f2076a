/** Ranks many rows cheaply before their true scores are taken. */
import type { VectorTable } from "./vector-table.ts";

export class SignCodes {
  readonly #table: VectorTable;
  constructor(table: VectorTable) {
    this.#table = table;
  }
  set(_row: number): void {}
  rank(_vector: Float32Array, _k: number, rows: Uint32Array | null): Iterable<number> {
    return rows ?? this.#table.rows();
  }
}
