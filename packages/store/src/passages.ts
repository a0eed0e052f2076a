/** The read path's rows: live chunks as passages, parsed pages for the viewer, and the doors to keyword search. */
import type {
  Chunk,
  ChunkId,
  CollectionId,
  DocumentId,
  Language,
  ParsedPage,
  Passage,
  Passages,
  Region,
  VersionId,
} from "@lorekeep/core";
import { cursorNumber, toPage } from "./cursors.ts";
import type { Connection } from "./open-database.ts";

interface ChunkRow {
  readonly id: ChunkId;
  readonly seq: number;
  readonly ordinal: number;
  readonly text: string;
  readonly spanStart: number;
  readonly spanEnd: number;
  readonly page: number | null;
  readonly pageEnd: number | null;
  readonly headings: string;
  readonly header: string | null;
  readonly tokenCount: number;
  readonly contentHash: string;
  readonly versionId: VersionId;
  readonly documentId: DocumentId;
  readonly documentName: string;
  readonly externalId: string | null;
  readonly mediaType: string;
  readonly language: Language | null;
  readonly collectionId: CollectionId;
}

/** A chunk whose version is live, whose document and collection are not deleted. */
const LIVE_CHUNKS = `
  SELECT k.id, k.seq, k.ordinal, k.text, k.span_start AS spanStart, k.span_end AS spanEnd, k.page, k.page_end AS pageEnd,
         k.headings, k.header, k.token_count AS tokenCount, lower(hex(k.content_hash)) AS contentHash, v.id AS versionId,
         d.id AS documentId, d.name AS documentName, d.external_id AS externalId, d.media_type AS mediaType, d.language,
         c.id AS collectionId
    FROM chunks k JOIN document_versions v ON v.no = k.version_no AND v.status = 'live'
    JOIN documents d ON d.no = v.document_no AND d.deleted_at IS NULL
    JOIN collections c ON c.no = d.collection_no AND c.deleted_at IS NULL`;

/** The version that answers now. */
const LIVE_VERSION = `
  SELECT v.no FROM documents d JOIN collections c ON c.no = d.collection_no AND c.deleted_at IS NULL
    JOIN document_versions v ON v.document_no = d.no AND v.generation_no = c.serving_no AND v.status = 'live'
   WHERE d.id = ? AND d.deleted_at IS NULL`;

type RowReads = Pick<Passages, "load" | "getChunk" | "listChunks" | "readPages" | "readText">;

export function openPassageRows({ sqlite }: Connection): RowReads {
  const bySeq = sqlite.prepare(`${LIVE_CHUNKS} WHERE k.seq = ?`);
  const byId = sqlite.prepare(`${LIVE_CHUNKS} WHERE k.id = ?`);
  const byVersion = sqlite.prepare(
    `${LIVE_CHUNKS} WHERE k.version_no = ? AND k.ordinal > ? ORDER BY k.ordinal LIMIT ?`,
  );
  const liveVersion = sqlite.prepare(LIVE_VERSION).pluck();
  const pages = sqlite.prepare(
    "SELECT ordinal, page, label, start, text, regions FROM pages WHERE version_no = ? AND ordinal >= ? ORDER BY ordinal LIMIT ?",
  );
  const pagesOfSpan = sqlite.prepare(
    "SELECT start, text FROM pages WHERE version_no = ? AND start < ? AND start + length > ? ORDER BY ordinal",
  );
  // All reads of one call see one state.
  const read = <Value>(work: () => Value): Value => sqlite.transaction(work)();

  return {
    async load(seqs) {
      return read(() =>
        seqs.flatMap((seq) => {
          const row = bySeq.get(seq) as ChunkRow | undefined;
          return row ? [toPassage(row)] : [];
        }),
      );
    },
    async getChunk(id) {
      const row = byId.get(id) as ChunkRow | undefined;
      return row ? { ...toChunk(row), documentName: row.documentName } : null;
    },
    async listChunks(documentId, query) {
      const after = cursorNumber(query.cursor, -1);
      return read(() => {
        const versionNo = liveVersion.get(documentId) as number | undefined;
        const rows = versionNo === undefined ? [] : (byVersion.all(versionNo, after, query.limit + 1) as ChunkRow[]);
        return toPage(rows, query.limit, toChunk, (row) => [row.ordinal]);
      });
    },
    async readPages(documentId, range) {
      return read(() => {
        const versionNo = liveVersion.get(documentId) as number | undefined;
        if (versionNo === undefined) return [];
        const rows = pages.all(versionNo, range.from, range.limit) as (Omit<ParsedPage, "regions"> & {
          regions: string;
        })[];
        return rows.map((row) => ({ ...row, regions: JSON.parse(row.regions) as Region[] }));
      });
    },
    async readText(documentId, start, end) {
      return read(() => {
        const versionNo = liveVersion.get(documentId) as number | undefined;
        if (versionNo === undefined) return "";
        const rows = pagesOfSpan.all(versionNo, end, start) as { start: number; text: string }[];
        return rows.map((row) => row.text.slice(Math.max(0, start - row.start), end - row.start)).join("");
      });
    },
  };
}

function toChunk(row: ChunkRow): Chunk {
  return {
    id: row.id,
    seq: row.seq,
    documentId: row.documentId,
    collectionId: row.collectionId,
    versionId: row.versionId,
    ordinal: row.ordinal,
    text: row.text,
    span: [row.spanStart, row.spanEnd],
    page: row.page,
    pageEnd: row.pageEnd,
    headings: JSON.parse(row.headings) as string[],
    header: row.header,
    tokenCount: row.tokenCount,
    contentHash: row.contentHash,
  };
}

function toPassage(row: ChunkRow): Omit<Passage, "scores"> {
  return {
    chunkId: row.id,
    seq: row.seq,
    documentId: row.documentId,
    collectionId: row.collectionId,
    documentName: row.documentName,
    externalId: row.externalId,
    mediaType: row.mediaType,
    language: row.language,
    text: row.text,
    span: [row.spanStart, row.spanEnd],
    header: row.header,
    page: row.page,
    headings: JSON.parse(row.headings) as string[],
    tokenCount: row.tokenCount,
  };
}
