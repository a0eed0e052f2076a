/**
 * The moment a document changes: one small, durable transaction in which the staged version starts to answer, the one
 * before it stops, and the indexes' journal says so. Its cost does not depend on the number of chunks but for reading
 * their row numbers.
 */
import { AppError } from "@lorekeep/core";
import type { VersionId } from "@lorekeep/core";
import { openChangeLog } from "./change-log.ts";
import type { Connection } from "./open-database.ts";

interface VersionRow {
  readonly no: number;
  readonly status: "staged" | "live" | "dead";
  readonly blob: string;
  readonly generationNo: number;
  readonly isServing: 0 | 1;
  readonly chunkCount: number;
  readonly documentNo: number;
  readonly documentId: string;
  readonly documentBlob: string;
  readonly publishedBlob: string | null;
  readonly isDeleted: 0 | 1;
}

export function openPublishing(
  connection: Connection,
): (versionId: VersionId) => Promise<{ chunkCount: number; removedChunkCount: number }> {
  const { sqlite } = connection;
  const changeLog = openChangeLog(connection);
  const getVersion = sqlite.prepare(
    `SELECT v.no, v.status, v.blob, v.generation_no AS generationNo, g.status = 'serving' AS isServing,
            v.chunk_count AS chunkCount,
            d.no AS documentNo, d.id AS documentId, d.blob AS documentBlob, d.published_blob AS publishedBlob,
            (d.deleted_at IS NOT NULL OR c.deleted_at IS NOT NULL) AS isDeleted
       FROM document_versions v JOIN documents d ON d.no = v.document_no
       JOIN collections c ON c.no = d.collection_no JOIN generations g ON g.no = v.generation_no
      WHERE v.id = ?`,
  );
  const countChunks = sqlite.prepare("SELECT count(*) FROM chunks WHERE version_no = ?").pluck();
  const findLive = sqlite
    .prepare("SELECT no FROM document_versions WHERE document_no = ? AND generation_no = ? AND status = 'live'")
    .pluck();
  const setLive = sqlite.prepare(
    "UPDATE document_versions SET status = 'live', chunk_count = ?, updated_at = ? WHERE no = ?",
  );
  const setPublished = sqlite.prepare("UPDATE documents SET published_blob = ?, updated_at = ? WHERE no = ?");
  const addGone = sqlite.prepare("INSERT OR IGNORE INTO gone_sources (document_id, blob) VALUES (?, ?)");
  // Other generations that still hold the replaced bytes: what is rolled back to must not bring them back.
  const staleVersions = sqlite
    .prepare(
      "SELECT no FROM document_versions WHERE document_no = ? AND generation_no <> ? AND blob <> ? AND status <> 'dead'",
    )
    .pluck();

  function publishBlob(version: VersionRow): void {
    if (!version.isServing) return;
    setPublished.run(version.blob, connection.now(), version.documentNo);
    if (version.publishedBlob !== null && version.publishedBlob !== version.blob)
      addGone.run(version.documentId, version.publishedBlob);
    for (const no of staleVersions.all(version.documentNo, version.generationNo, version.blob) as number[])
      changeLog.kill(no);
  }

  return (versionId) =>
    connection.writeAndSync(() => {
      const version = getVersion.get(versionId) as VersionRow | undefined;
      if (version?.status === "live") return { chunkCount: version.chunkCount, removedChunkCount: 0 };
      if (version?.status !== "staged" || version.isDeleted)
        throw new AppError("conflict", "The document was deleted while it was processed.");
      if (version.blob !== version.documentBlob)
        throw new AppError("conflict", "The document has got newer bytes while these were processed.");
      const old = findLive.get(version.documentNo, version.generationNo) as number | undefined;
      const removedChunkCount = old === undefined ? 0 : changeLog.kill(old);
      const chunkCount = countChunks.get(version.no) as number;
      setLive.run(chunkCount, connection.now(), version.no);
      changeLog.append("add", version);
      publishBlob(version);
      return { chunkCount, removedChunkCount };
    });
}
