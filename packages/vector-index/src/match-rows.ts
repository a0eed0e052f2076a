/** Which rows of a table a filter admits. */
import type { VectorTable } from "./vector-table.ts";

/** Rows of those of `allow` (seqs, ascending) that are live. */
export function matchRows(table: VectorTable, allow: Uint32Array): Uint32Array {
  const rows = new Uint32Array(Math.min(allow.length, table.liveCount));
  let count = 0;
  let last = -1;
  for (const seq of allow) {
    const row = seq === last ? undefined : table.rowOf(seq);
    last = seq;
    if (row !== undefined) rows[count++] = row;
  }
  return rows.subarray(0, count);
}
