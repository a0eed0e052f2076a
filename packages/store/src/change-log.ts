/**
 * The journal between rows and indexes. One row says that all chunks of a version came or went, so publishing or deleting
 * a document of 10,000 chunks writes two rows. Numbers come from a counter that only rises, in commit order (the write
 * lock is held), and are never used again. Must be called inside a write transaction.
 */
import type { Connection } from "./open-database.ts";
import { encodeSeqRanges } from "./seq-ranges.ts";

export interface ChangeLog {
  /** Journals all chunks of a version as added or removed. */
  append(operation: "add" | "remove", version: { no: number; generationNo: number }): void;
  /** Makes a staged or live version dead, journals what searches must forget, and returns how many live chunks that were. */
  kill(versionNo: number): number;
  /** Kills every version of a document. */
  killAll(documentNo: number): number;
}

interface VersionRow {
  readonly no: number;
  readonly generationNo: number;
  readonly status: "staged" | "live" | "dead";
  readonly chunkCount: number;
}

export function openChangeLog({ sqlite, now }: Connection): ChangeLog {
  const seqsOf = sqlite.prepare("SELECT seq FROM chunks WHERE version_no = ?").pluck();
  const takeNumbers = sqlite
    .prepare("UPDATE counters SET value = value + ? WHERE name = 'change' RETURNING value")
    .pluck();
  const insert = sqlite.prepare(
    "INSERT INTO index_changes (first_change, last_change, generation_no, version_no, operation, ranges) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const versionColumns = "no, generation_no AS generationNo, status, chunk_count AS chunkCount";
  const getVersion = sqlite.prepare(`SELECT ${versionColumns} FROM document_versions WHERE no = ?`);
  const versionsOf = sqlite.prepare("SELECT no FROM document_versions WHERE document_no = ?").pluck();
  const setDead = sqlite.prepare("UPDATE document_versions SET status = 'dead', updated_at = ? WHERE no = ?");

  function append(operation: "add" | "remove", version: { no: number; generationNo: number }): void {
    const seqs = (seqsOf.all(version.no) as number[]).sort((a, b) => a - b);
    if (seqs.length === 0) return;
    const last = takeNumbers.get(seqs.length) as number;
    insert.run(last - seqs.length + 1, last, version.generationNo, version.no, operation, encodeSeqRanges(seqs));
  }

  function kill(versionNo: number): number {
    const version = getVersion.get(versionNo) as VersionRow | undefined;
    if (!version || version.status === "dead") return 0;
    if (version.status === "live") append("remove", version);
    setDead.run(now(), versionNo);
    return version.status === "live" ? version.chunkCount : 0;
  }

  return {
    append,
    kill,
    killAll(documentNo) {
      return (versionsOf.all(documentNo) as number[]).reduce((total, no) => total + kill(no), 0);
    },
  };
}
