/** Rows that belong to nothing, by kind and in both directions. What waits for purgeDeleted is not lost and not counted. */
import type { Database } from "better-sqlite3";

const ORPHANS: Readonly<Record<string, string>> = {
  documentsWithoutCollection: "SELECT count(*) FROM documents WHERE collection_no NOT IN (SELECT no FROM collections)",
  versionsWithoutDocument: "SELECT count(*) FROM document_versions WHERE document_no NOT IN (SELECT no FROM documents)",
  versionsWithoutGeneration:
    "SELECT count(*) FROM document_versions WHERE generation_no NOT IN (SELECT no FROM generations)",
  pagesWithoutVersion: "SELECT count(*) FROM pages WHERE version_no NOT IN (SELECT no FROM document_versions)",
  chunksWithoutVersion: "SELECT count(*) FROM chunks WHERE version_no NOT IN (SELECT no FROM document_versions)",
  vectorsWithoutChunk: "SELECT count(*) FROM (SELECT seq FROM vectors EXCEPT SELECT seq FROM chunks)",
  chunksWithoutVector: "SELECT count(*) FROM (SELECT seq FROM chunks EXCEPT SELECT seq FROM vectors)",
  // The shadow table with one row for each row of the full-text index: https://sqlite.org/fts5.html#the_docsize_table
  termsWithoutChunk: "SELECT count(*) FROM (SELECT id FROM chunk_terms_docsize EXCEPT SELECT seq FROM chunks)",
  chunksWithoutTerms: "SELECT count(*) FROM (SELECT seq FROM chunks EXCEPT SELECT id FROM chunk_terms_docsize)",
  liveVersionsOfDeletedDocuments: `SELECT count(*) FROM document_versions v JOIN documents d ON d.no = v.document_no
    WHERE v.status <> 'dead' AND d.deleted_at IS NOT NULL`,
  liveVersionsWithWrongCount: `SELECT count(*) FROM document_versions v
    WHERE v.status = 'live' AND v.chunk_count <> (SELECT count(*) FROM chunks k WHERE k.version_no = v.no)`,
  sourcesWithoutMessage: "SELECT count(*) FROM message_sources WHERE message_no NOT IN (SELECT no FROM messages)",
  messagesWithoutConversation:
    "SELECT count(*) FROM messages WHERE conversation_no NOT IN (SELECT no FROM conversations)",
  examplesWithoutDataset: "SELECT count(*) FROM examples WHERE dataset_no NOT IN (SELECT no FROM datasets)",
  exampleSourcesWithoutExample:
    "SELECT count(*) FROM example_sources WHERE example_no NOT IN (SELECT no FROM examples)",
  evaluationSourcesWithoutItem:
    "SELECT count(*) FROM evaluation_sources WHERE item_no NOT IN (SELECT no FROM evaluation_items)",
  adapterChoicesWithoutCollection: `SELECT count(*) FROM adapter_choices
    WHERE collection_id <> '*' AND collection_id NOT IN (SELECT id FROM collections)`,
};

/** All 0 when sound. */
export function countOrphans(sqlite: Database): Record<string, number> {
  return sqlite.transaction(() =>
    Object.fromEntries(
      Object.entries(ORPHANS).map(([kind, sql]) => [kind, sqlite.prepare(sql).pluck().get() as number]),
    ),
  )();
}

/** What SQLite finds wrong with the file, its indexes, its full text and its references; empty when sound. */
export function checkIntegrity(sqlite: Database): string[] {
  const file = (sqlite.pragma("integrity_check(100)") as { integrity_check: string }[]).map(
    (row) => row.integrity_check,
  );
  const references = sqlite.pragma("foreign_key_check") as { table: string; parent: string }[];
  return [
    ...file.filter((line) => line !== "ok"),
    ...references.map(({ table, parent }) => `A row of ${table} refers to a row of ${parent} that is not there.`),
  ];
}
