/** Documents as their owners see them. A deletion is one small transaction that hides everything at once. */
import { and, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import { DOCUMENT_STATUSES } from "@lorekeep/core";
import type { DocumentId, Documents, DocumentStatus } from "@lorekeep/core";
import { admitDocument } from "./admit-document.ts";
import { openChangeLog } from "./change-log.ts";
import { cursorNumber, toPage } from "./cursors.ts";
import { foldName, readDocuments, toDocument } from "./document-rows.ts";
import { prepareBlobUse } from "./blob-use.ts";
import { SOURCES_OF_DOCUMENT } from "./live-source.ts";
import type { Connection } from "./open-database.ts";
import { collections, documents } from "./schema.ts";

export function openDocuments(connection: Connection): Documents {
  const { orm, sqlite } = connection;
  const changeLog = openChangeLog(connection);
  const isBlobUsed = prepareBlobUse(sqlite);
  const markGone = sqlite.prepare(`INSERT OR IGNORE INTO gone_sources (document_id, blob) ${SOURCES_OF_DOCUMENT}`);

  const changedSince = sqlite
    .prepare(
      `SELECT count(*) FROM documents d JOIN collections c ON c.no = d.collection_no
        WHERE c.id = ? AND d.updated_at > ? AND d.deleted_at IS NULL`,
    )
    .pluck();

  /** Changes to a document that has been deleted meanwhile are dropped: nobody can see it. */
  function change(id: DocumentId, values: Partial<typeof documents.$inferInsert>): void {
    connection.write(() =>
      orm
        .update(documents)
        .set({ ...values, updatedAt: connection.now() })
        .where(and(eq(documents.id, id), isNull(documents.deletedAt)))
        .run(),
    );
  }

  return {
    async admit(request) {
      return admitDocument(connection, request);
    },
    async get(id) {
      const row = readDocuments(connection, eq(documents.id, id), 1)[0];
      return row ? toDocument(row) : null;
    },
    async getByExternalId(collectionId, externalId) {
      const condition = and(eq(collections.id, collectionId), eq(documents.externalId, externalId));
      const row = readDocuments(connection, condition, 1)[0];
      return row ? toDocument(row) : null;
    },
    async list(query) {
      const before = cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER);
      const condition = and(
        lt(documents.no, before),
        query.collectionId ? eq(collections.id, query.collectionId) : undefined,
        query.collectionIds ? inArray(collections.id, [...query.collectionIds]) : undefined,
        query.status ? eq(documents.status, query.status) : undefined,
        query.nameContains ? sql`instr(${documents.nameFolded}, ${foldName(query.nameContains)}) > 0` : undefined,
      );
      const rows = readDocuments(connection, condition, query.limit + 1);
      return toPage(rows, query.limit, toDocument, (row) => [row.document.no]);
    },
    async setStatus(id, status, values = {}) {
      const { error, warnings, stages } = values;
      change(id, {
        status,
        ...(error !== undefined || status !== "failed" ? { error: error ?? null } : {}),
        ...(warnings ? { warnings } : {}),
        ...(stages ? { stages } : {}),
      });
    },
    async setStages(id, stages) {
      change(id, { stages });
    },
    async setParsed(id, parsed) {
      change(id, { ...parsed });
    },
    async delete(id) {
      return connection.writeDurably(() => {
        const row = readDocuments(connection, eq(documents.id, id), 1)[0];
        if (!row) return null;
        orm.update(documents).set({ deletedAt: connection.now() }).where(eq(documents.no, row.document.no)).run();
        changeLog.killAll(row.document.no);
        markGone.run({ documentId: id });
        return { document: toDocument(row) };
      });
    },
    async countChangedSince(collectionId, since) {
      return changedSince.get(collectionId, since) as number;
    },
    async countByStatus(collectionId) {
      const rows = orm
        .select({ status: documents.status, count: sql<number>`count(*)` })
        .from(documents)
        .innerJoin(collections, eq(collections.no, documents.collectionNo))
        .where(
          and(
            isNull(documents.deletedAt),
            isNull(collections.deletedAt),
            collectionId ? eq(collections.id, collectionId) : undefined,
          ),
        )
        .groupBy(documents.status)
        .all();
      const counts = new Map(rows.map(({ status, count }) => [status, count]));
      return Object.fromEntries(DOCUMENT_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as Record<
        DocumentStatus,
        number
      >;
    },
    async isBlobUsed(sha256) {
      return isBlobUsed(sha256);
    },
  };
}
