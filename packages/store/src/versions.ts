/**
 * The write path's rows: a version is staged in small transactions that nobody sees, then published in one.
 * Killed anywhere between, the document still answers with its old version, and the next try starts over, finding the
 * vectors of the first one by content.
 */
import { AppError, newId } from "@lorekeep/core";
import type { ChunkDraft, DocumentId, GenerationId, ParsedPage, VersionId, Versions } from "@lorekeep/core";
import { openChangeLog } from "./change-log.ts";
import type { Connection } from "./open-database.ts";
import { openPublishing } from "./publish-version.ts";
import { openPurge } from "./purge.ts";
import { openTermIndex } from "./term-index.ts";
import { bytesToVector, vectorToBytes } from "./vector-bytes.ts";
import { nextTurn, writeInSlices } from "./write-in-slices.ts";

const MAX_CHUNKS_A_CALL = 64;
const HASHES_A_TURN = 256;
/** What keeps the number of full-text segments level however much is written. */
const MERGED_PAGES_A_CHUNK = 1;

interface StagedVersion {
  readonly no: number;
  readonly generationNo: number;
  readonly dimensions: number;
  readonly title: string | null;
  readonly name: string;
}

export function openVersions(connection: Connection): Versions {
  const statements = prepare(connection);
  const changeLog = openChangeLog(connection);
  const termIndex = openTermIndex(connection.sqlite);
  const publish = openPublishing(connection);
  const purge = openPurge(connection);

  function staged(versionId: VersionId): StagedVersion {
    const version = statements.getStaged.get(versionId) as StagedVersion | undefined;
    if (!version)
      throw new AppError(
        "conflict",
        "This version is not being written any more: the document was changed or deleted.",
      );
    return version;
  }

  return {
    async begin({ documentId, generationId, blob }) {
      return connection.write(() => {
        const target = statements.getTarget.get(documentId, generationId) as
          { documentNo: number; generationNo: number } | undefined;
        if (!target) throw new AppError("not_found", "The document or its index generation is gone.", { documentId });
        const earlier = statements.findStaged.get(target.documentNo, target.generationNo) as number | undefined;
        if (earlier !== undefined) changeLog.kill(earlier);
        const id = newId("version");
        const now = connection.now();
        statements.insertVersion.run(id, target.documentNo, target.generationNo, blob, now, now);
        return id;
      });
    },

    async stagePages(versionId, pages) {
      await writeInSlices(connection, pages, (page: ParsedPage) => {
        const { no } = staged(versionId);
        statements.insertPage.run(
          no,
          page.ordinal,
          page.page,
          page.label,
          page.start,
          page.text.length,
          page.text,
          JSON.stringify(page.regions),
        );
      });
    },

    async findVectors(generationId, contentHashes) {
      const generationNo = statements.generationNo.get(generationId) as number | undefined;
      const found = new Map<string, Float32Array>();
      if (generationNo === undefined) return found;
      for (const [at, hash] of contentHashes.entries()) {
        if (at % HASHES_A_TURN === 0) await nextTurn();
        const bytes = statements.findVector.get(generationNo, Buffer.from(hash, "hex")) as Buffer | undefined;
        if (bytes) found.set(hash, bytesToVector(bytes));
      }
      return found;
    },

    async stageChunks(versionId, chunks) {
      if (chunks.length > MAX_CHUNKS_A_CALL)
        throw new AppError("shape_mismatch", `At most ${MAX_CHUNKS_A_CALL} chunks a call, not ${chunks.length}.`);
      const { dimensions } = staged(versionId);
      for (const { vector } of chunks) checkVector(vector, dimensions);
      await writeInSlices(
        connection,
        chunks,
        (chunk) => insertChunk(staged(versionId), chunk),
        (count) => termIndex.mergeSome(count * MERGED_PAGES_A_CHUNK),
      );
    },

    async publish(versionId) {
      return publish(versionId);
    },

    async discard(versionId) {
      connection.write(() => {
        const version = statements.getStaged.get(versionId) as StagedVersion | undefined;
        if (version) changeLog.kill(version.no);
      });
    },

    async purgeDeleted(maxRows) {
      await nextTurn();
      return purge(maxRows);
    },
  };

  function insertChunk(version: StagedVersion, chunk: ChunkDraft & { vector: Float32Array }): void {
    const { lastInsertRowid: seq } = statements.insertChunk.run(
      newId("chunk"),
      version.no,
      version.generationNo,
      chunk.ordinal,
      chunk.text,
      chunk.span[0],
      chunk.span[1],
      chunk.page,
      chunk.pageEnd,
      JSON.stringify(chunk.headings),
      chunk.header,
      chunk.tokenCount,
      Buffer.from(chunk.contentHash, "hex"),
    );
    statements.insertVector.run(seq, vectorToBytes(chunk.vector));
    termIndex.insert({
      seq: Number(seq),
      generationNo: version.generationNo,
      title: version.title === null ? version.name : `${version.title}\n${version.name}`,
      headings: chunk.headings.join("\n"),
      text: chunk.text,
    });
  }

  function prepare({ sqlite }: Connection) {
    return {
      getTarget: sqlite.prepare<[DocumentId, GenerationId]>(
        `SELECT d.no AS documentNo, g.no AS generationNo
           FROM documents d JOIN collections c ON c.no = d.collection_no JOIN generations g ON g.collection_no = c.no
          WHERE d.id = ? AND g.id = ? AND d.deleted_at IS NULL AND c.deleted_at IS NULL`,
      ),
      findStaged: sqlite
        .prepare("SELECT no FROM document_versions WHERE document_no = ? AND generation_no = ? AND status = 'staged'")
        .pluck(),
      insertVersion: sqlite.prepare(
        `INSERT INTO document_versions (id, document_no, generation_no, blob, status, created_at, updated_at)
         VALUES (?, ?, ?, ?, 'staged', ?, ?)`,
      ),
      getStaged: sqlite.prepare<[VersionId]>(
        `SELECT v.no, v.generation_no AS generationNo, g.dimensions, d.title, d.name
           FROM document_versions v JOIN generations g ON g.no = v.generation_no JOIN documents d ON d.no = v.document_no
          WHERE v.id = ? AND v.status = 'staged'`,
      ),
      insertPage: sqlite.prepare(
        `INSERT INTO pages (version_no, ordinal, page, label, start, length, text, regions) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      generationNo: sqlite.prepare("SELECT no FROM generations WHERE id = ?").pluck(),
      findVector: sqlite
        .prepare(
          `SELECT v.vector FROM chunks c JOIN vectors v ON v.seq = c.seq
            WHERE c.generation_no = ? AND c.content_hash = ? LIMIT 1`,
        )
        .pluck(),
      insertChunk: sqlite.prepare(
        `INSERT INTO chunks (id, version_no, generation_no, ordinal, text, span_start, span_end, page, page_end, headings, header, token_count, content_hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      insertVector: sqlite.prepare("INSERT INTO vectors (seq, vector) VALUES (?, ?)"),
    };
  }
}

/** A vector of NaN would rank first in every search, so it never gets in. */
function checkVector(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions)
    throw new AppError("shape_mismatch", `A vector of ${vector.length} numbers does not fit ${dimensions} dimensions.`);
  if (!vector.every(Number.isFinite)) throw new AppError("shape_mismatch", "A vector holds a value that is no number.");
}
