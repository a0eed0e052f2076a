/** What the vector index reads: live vectors in order, and the journal expanded to one change a chunk. */
import { AppError } from "@lorekeep/core";
import type { GenerationId, VectorChange, VectorSource } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";
import { decodeSeqRanges, sliceSeqs } from "./seq-ranges.ts";
import { bytesToVector } from "./vector-bytes.ts";
import { nextTurn } from "./write-in-slices.ts";

export interface TrimmableVectorSource extends VectorSource {
  /** Forgets changes up to and including this number, once every index has applied them. */
  trimChanges(generationId: GenerationId, upTo: number): Promise<number>;
}

interface GenerationRow {
  readonly no: number;
  readonly dimensions: number;
  readonly trimmedChange: number;
}
interface ChangeRow {
  readonly firstChange: number;
  readonly lastChange: number;
  readonly operation: "add" | "remove";
  readonly ranges: Buffer;
  readonly isLive: 0 | 1;
}

export function openVectorSource(connection: Connection): TrimmableVectorSource {
  const { sqlite } = connection;
  const getGeneration = sqlite.prepare(
    `SELECT g.no, g.dimensions, g.trimmed_change AS trimmedChange
       FROM generations g JOIN collections c ON c.no = g.collection_no WHERE g.id = ? AND c.deleted_at IS NULL`,
  );
  const lastChange = sqlite
    .prepare("SELECT coalesce(max(last_change), 0) FROM index_changes WHERE generation_no = ?")
    .pluck();
  const changesAfter = sqlite.prepare(
    `SELECT i.first_change AS firstChange, i.last_change AS lastChange, i.operation, i.ranges,
            coalesce(v.status = 'live', 0) AS isLive
       FROM index_changes i LEFT JOIN document_versions v ON v.no = i.version_no
      WHERE i.generation_no = ? AND i.last_change > ? ORDER BY i.last_change`,
  );
  const getVector = sqlite.prepare("SELECT vector FROM vectors WHERE seq = ?").pluck();
  const liveVectors = sqlite.prepare(
    `SELECT c.seq, x.vector FROM chunks c JOIN document_versions v ON v.no = c.version_no AND v.status = 'live'
       JOIN vectors x ON x.seq = c.seq
      WHERE c.generation_no = ? AND c.seq > ? ORDER BY c.seq LIMIT ?`,
  );
  const countLive = sqlite
    .prepare("SELECT coalesce(sum(chunk_count), 0) FROM document_versions WHERE generation_no = ? AND status = 'live'")
    .pluck();
  const trim = sqlite.prepare("DELETE FROM index_changes WHERE generation_no = ? AND last_change <= ?");
  const setTrimmed = sqlite.prepare("UPDATE generations SET trimmed_change = ? WHERE no = ?");

  function generation(id: GenerationId): GenerationRow {
    const row = getGeneration.get(id) as GenerationRow | undefined;
    if (!row) throw new AppError("not_found", "There is no such index generation.", { generationId: id });
    return row;
  }

  /** Last number given out, also when its row has been trimmed away. */
  const lastOf = (row: GenerationRow) => Math.max(lastChange.get(row.no) as number, row.trimmedChange);

  function expand(row: ChangeRow, after: number, limit: number): VectorChange[] {
    const start = Math.max(0, after + 1 - row.firstChange);
    const seqs = sliceSeqs(decodeSeqRanges(row.ranges), start, start + limit);
    return seqs.map((seq, at) => {
      const bytes = row.operation === "add" && row.isLive ? (getVector.get(seq) as Buffer | undefined) : undefined;
      return { changeNumber: row.firstChange + start + at, seq, vector: bytes ? bytesToVector(bytes) : null };
    });
  }

  return {
    async dimensions(generationId) {
      return generation(generationId).dimensions;
    },
    async lastChange(generationId) {
      return lastOf(generation(generationId));
    },
    async readChanges(generationId, afterChange, limit) {
      await nextTurn();
      // One snapshot for the journal and the vectors.
      return sqlite.transaction(() => {
        const row = generation(generationId);
        if (afterChange < row.trimmedChange)
          throw new AppError("index_corrupt", "The journal no longer reaches back that far: rebuild the index.", {
            afterChange,
            trimmedChange: row.trimmedChange,
          });
        const changes: VectorChange[] = [];
        for (const change of changesAfter.iterate(row.no, afterChange) as IterableIterator<ChangeRow>) {
          changes.push(...expand(change, afterChange, limit - changes.length));
          if (changes.length >= limit) break;
        }
        return changes;
      })();
    },
    async readVectors(generationId, afterSeq, limit) {
      await nextTurn();
      const rows = liveVectors.all(generation(generationId).no, afterSeq, limit) as { seq: number; vector: Buffer }[];
      return rows.map(({ seq, vector }) => ({ seq, vector: bytesToVector(vector) }));
    },
    async countVectors(generationId) {
      return countLive.get(generation(generationId).no) as number;
    },
    async trimChanges(generationId, upTo) {
      return connection.write(() => {
        const row = generation(generationId);
        const trimmed = Math.min(upTo, lastOf(row));
        const { changes } = trim.run(row.no, upTo);
        if (trimmed > row.trimmedChange) setTrimmed.run(trimmed, row.no);
        return changes;
      });
    },
  };
}
