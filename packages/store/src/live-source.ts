/**
 * What a row of the closed loop may rest on: a document that is not deleted, with bytes that still answer. Said once, for
 * views (nobody sees what is gone) and for the purge (no row keeps it).
 */
import type { Connection } from "./open-database.ts";

/** SQL that is true when the source `s` (document_id, blob) is still there. */
export const SOURCE_IS_LIVE = `EXISTS (SELECT 1 FROM documents d JOIN collections c ON c.no = d.collection_no AND c.deleted_at IS NULL
  WHERE d.id = s.document_id AND d.deleted_at IS NULL AND (d.blob = s.blob OR d.published_blob = s.blob))`;

/** SQL that is true when the document of `s` (document_id) was not deleted, whatever its bytes are now. */
export const DOCUMENT_IS_LIVE = `EXISTS (SELECT 1 FROM documents d JOIN collections c ON c.no = d.collection_no AND c.deleted_at IS NULL
  WHERE d.id = s.document_id AND d.deleted_at IS NULL)`;

/** Every source of a document that rows rest on, so that a purge forgets them: what is put into `gone_sources` when it goes. */
export const SOURCES_OF_DOCUMENT = `SELECT document_id, blob FROM message_sources WHERE document_id = :documentId
  UNION SELECT document_id, blob FROM example_sources WHERE document_id = :documentId
  UNION SELECT document_id, blob FROM evaluation_sources WHERE document_id = :documentId
  UNION SELECT document_id, blob FROM fine_tune_documents WHERE document_id = :documentId`;

export interface QuotedDocument {
  readonly documentId: string;
  readonly name: string;
  /** sha256 of the bytes that were quoted; "" when they cannot be told any more, which counts as gone. */
  readonly blob: string;
}

export interface SourceLookup {
  /** The document and bytes of a chunk; of the document itself when the chunk is not known. Null: no such document. */
  find(quoted: { documentId: string | null; chunkId: string | null }): QuotedDocument | null;
  /** To be called inside the transaction that noted a source: what is gone already is left for the next purge. */
  noteGone(source: QuotedDocument): void;
}

export function openSourceLookup({ sqlite }: Connection): SourceLookup {
  const byChunk = sqlite.prepare(
    `SELECT d.id AS documentId, d.name, v.blob FROM chunks k JOIN document_versions v ON v.no = k.version_no
       JOIN documents d ON d.no = v.document_no WHERE k.id = ?`,
  );
  const byDocument = sqlite.prepare(
    "SELECT id AS documentId, name, coalesce(published_blob, blob) AS blob FROM documents WHERE id = ?",
  );
  const isLive = sqlite.prepare(
    `SELECT 1 FROM (SELECT :documentId AS document_id, :blob AS blob) s WHERE ${SOURCE_IS_LIVE}`,
  );
  const addGone = sqlite.prepare("INSERT OR IGNORE INTO gone_sources (document_id, blob) VALUES (?, ?)");
  return {
    find({ documentId, chunkId }) {
      const found =
        (chunkId === null ? undefined : (byChunk.get(chunkId) as QuotedDocument | undefined)) ??
        // The bytes of a chunk that went meanwhile cannot be told: gone.
        (documentId === null ? undefined : (byDocument.get(documentId) as QuotedDocument | undefined));
      if (found === undefined) return documentId === null ? null : { documentId, name: documentId, blob: "" };
      return chunkId !== null && documentId !== null && byChunk.get(chunkId) === undefined
        ? { ...found, blob: "" }
        : found;
    },
    noteGone({ documentId, blob }) {
      if (isLive.get({ documentId, blob }) === undefined) addGone.run(documentId, blob);
    },
  };
}
