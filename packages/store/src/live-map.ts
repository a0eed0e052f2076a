/**
 * Row number → generation for every live chunk, as one array: what keyword search tests each match with, instead of a
 * join. Kept up to date from the journal, inside the transaction of the query, so a deletion that has been committed is
 * seen by the very next search, in any process. Rebuilt when the journal has been trimmed past what this map has seen.
 */
import type { Database } from "better-sqlite3";
import { decodeSeqRanges } from "./seq-ranges.ts";

interface ChangeRow {
  readonly lastChange: number;
  readonly generationNo: number;
  readonly operation: "add" | "remove";
  readonly ranges: Buffer;
}

export interface LiveMap {
  /** Brings the map to the state of the transaction that the connection is in. */
  refresh(): void;
  /** The generation's number, 0 when the chunk is not live. Valid until the next refresh. */
  generationOf(seq: number): number;
  /** Live chunks of a generation. */
  count(generationNo: number): number;
  /** Live chunks of all generations. */
  total(): number;
}

export function openLiveMap(sqlite: Database): LiveMap {
  const lastChange = sqlite.prepare("SELECT value FROM counters WHERE name = 'change'").pluck();
  const lastTrimmed = sqlite.prepare("SELECT coalesce(max(trimmed_change), 0) FROM generations").pluck();
  const lastSeq = sqlite.prepare("SELECT coalesce(max(seq), 0) FROM chunks").pluck();
  const changesAfter = sqlite.prepare(
    `SELECT last_change AS lastChange, generation_no AS generationNo, operation, ranges FROM index_changes
      WHERE first_change > ? ORDER BY first_change`,
  );
  // The generation is the version's, so that an index is enough and no chunk (with its text) is read.
  const liveSeqs = sqlite
    .prepare(
      `SELECT c.seq, v.generation_no FROM document_versions v CROSS JOIN chunks c ON c.version_no = v.no
        WHERE v.status = 'live'`,
    )
    .raw();

  let generations = new Uint32Array(0);
  let counts = new Map<number, number>();
  let applied = -1;

  function set(seq: number, generationNo: number): void {
    const before = generations[seq]!;
    if (before === generationNo) return;
    generations[seq] = generationNo;
    if (before !== 0) counts.set(before, (counts.get(before) ?? 0) - 1);
    if (generationNo !== 0) counts.set(generationNo, (counts.get(generationNo) ?? 0) + 1);
  }

  function reserve(seq: number): void {
    if (seq < generations.length) return;
    const larger = new Uint32Array(Math.ceil((seq + 1) * 1.25) + 1024);
    larger.set(generations);
    generations = larger;
  }

  function rebuild(): void {
    generations = new Uint32Array(0);
    counts = new Map();
    reserve(lastSeq.get() as number);
    for (const [seq, generationNo] of liveSeqs.iterate() as IterableIterator<[number, number]>) set(seq, generationNo);
  }

  return {
    refresh() {
      const newest = lastChange.get() as number;
      if (newest === applied) return;
      if (applied < 0 || (lastTrimmed.get() as number) > applied) rebuild();
      else
        for (const row of changesAfter.iterate(applied) as IterableIterator<ChangeRow>)
          for (const { first, count } of decodeSeqRanges(row.ranges)) {
            reserve(first + count);
            for (let seq = first; seq < first + count; seq++) set(seq, row.operation === "add" ? row.generationNo : 0);
          }
      applied = newest;
    },
    generationOf: (seq) => generations[seq] ?? 0,
    count: (generationNo) => counts.get(generationNo) ?? 0,
    total: () => [...counts.values()].reduce((total, count) => total + count, 0),
  };
}
