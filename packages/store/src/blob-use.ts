/** Who still needs bytes: a document (its newest or its answering bytes), or a version that is staged or live. */
import type { Database } from "better-sqlite3";

export function prepareBlobUse(sqlite: Database): (sha256: string) => boolean {
  const visible = "d.deleted_at IS NULL AND c.deleted_at IS NULL";
  const use = sqlite
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM documents d JOIN collections c ON c.no = d.collection_no
                       WHERE d.blob = :blob AND ${visible})
           OR EXISTS (SELECT 1 FROM documents d JOIN collections c ON c.no = d.collection_no
                       WHERE d.published_blob = :blob AND ${visible})
           OR EXISTS (SELECT 1 FROM document_versions v JOIN documents d ON d.no = v.document_no
                        JOIN collections c ON c.no = d.collection_no
                       WHERE v.blob = :blob AND v.status <> 'dead' AND ${visible})`,
    )
    .pluck();
  return (sha256) => use.get({ blob: sha256 }) === 1;
}
