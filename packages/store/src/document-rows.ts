/** Reads documents as their owners see them: joined with the version that answers now in the serving generation. */
import { and, desc, eq, isNull } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { DocumentRecord } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";
import { collections, documents, documentVersions } from "./schema.ts";

/** Newest first; deleted documents and those of deleted collections are never among them. */
export function readDocuments({ orm }: Connection, condition: SQL | undefined, limit: number) {
  return orm
    .select({
      document: documents,
      collectionId: collections.id,
      versionId: documentVersions.id,
      chunkCount: documentVersions.chunkCount,
    })
    .from(documents)
    .innerJoin(collections, eq(collections.no, documents.collectionNo))
    .leftJoin(
      documentVersions,
      and(
        eq(documentVersions.documentNo, documents.no),
        eq(documentVersions.generationNo, collections.servingNo),
        eq(documentVersions.status, "live"),
      ),
    )
    .where(and(isNull(documents.deletedAt), isNull(collections.deletedAt), condition))
    .orderBy(desc(documents.no))
    .limit(limit)
    .all();
}
export type DocumentRow = ReturnType<typeof readDocuments>[number];

export function toDocument({ document, collectionId, versionId, chunkCount }: DocumentRow): DocumentRecord {
  return {
    id: document.id,
    collectionId: collectionId,
    name: document.name,
    title: document.title,
    externalId: document.externalId,
    source: document.source,
    mediaType: document.mediaType,
    sizeBytes: document.sizeBytes,
    blob: document.blob,
    status: document.status,
    stages: document.stages,
    error: document.error,
    warnings: document.warnings,
    metadata: document.metadata,
    language: document.language,
    pageCount: document.pageCount,
    chunkCount: chunkCount ?? 0,
    versionId,
    versionNumber: document.versionNumber,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
  };
}

/** What `name contains` compares: width, case and composition do not matter. */
export function foldName(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}
