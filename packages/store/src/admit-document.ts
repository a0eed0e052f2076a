/**
 * What becomes of bytes that come in: nothing new (the same bytes are here), a new version of a document, or a document.
 * Decided by content and name in one durable transaction, so that two uploads at once cannot both create.
 */
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { AppError, newId } from "@lorekeep/core";
import type { Documents, NewDocument } from "@lorekeep/core";
import { foldName, readDocuments, toDocument } from "./document-rows.ts";
import type { Connection } from "./open-database.ts";
import { collections, documents } from "./schema.ts";

type Admission = Awaited<ReturnType<Documents["admit"]>>;

export function admitDocument(connection: Connection, request: NewDocument): Promise<Admission> {
  return connection.writeAndSync(() => {
    const collection = connection.orm
      .select({ no: collections.no })
      .from(collections)
      .where(and(eq(collections.id, request.collectionId), isNull(collections.deletedAt)))
      .get();
    if (!collection)
      throw new AppError("not_found", "There is no such collection.", { collectionId: request.collectionId });
    const duplicate = findDuplicate(connection, collection.no, request);
    if (duplicate) return { outcome: "duplicate", document: record(connection, duplicate.no), replacedBlob: null };
    const earlier = findEarlier(connection, collection.no, request);
    if (!earlier)
      return {
        outcome: "created",
        document: record(connection, create(connection, collection.no, request)),
        replacedBlob: null,
      };
    replace(connection, earlier, request);
    return { outcome: "replaced", document: record(connection, earlier.no), replacedBlob: earlier.blob };
  });
}

type DocumentRow = typeof documents.$inferSelect;

const sameExternalId = (request: NewDocument) =>
  request.externalId === undefined ? isNull(documents.externalId) : eq(documents.externalId, request.externalId);

function findDuplicate({ orm }: Connection, collectionNo: number, request: NewDocument): DocumentRow | undefined {
  return orm
    .select()
    .from(documents)
    .where(
      and(
        eq(documents.collectionNo, collectionNo),
        eq(documents.blob, request.blob),
        isNull(documents.deletedAt),
        sameExternalId(request),
      ),
    )
    .orderBy(desc(sql`${documents.name} = ${request.name}`), documents.no)
    .get();
}

function findEarlier({ orm }: Connection, collectionNo: number, request: NewDocument): DocumentRow | undefined {
  return orm
    .select()
    .from(documents)
    .where(
      and(
        eq(documents.collectionNo, collectionNo),
        isNull(documents.deletedAt),
        sameExternalId(request),
        request.externalId === undefined ? eq(documents.name, request.name) : undefined,
      ),
    )
    .get();
}

function create({ orm, now }: Connection, collectionNo: number, request: NewDocument): number {
  const at = now();
  return orm
    .insert(documents)
    .values({
      id: newId("document"),
      collectionNo,
      name: request.name,
      nameFolded: foldName(request.name),
      title: request.title ?? null,
      externalId: request.externalId ?? null,
      source: request.source,
      mediaType: request.mediaType,
      sizeBytes: request.sizeBytes,
      blob: request.blob,
      status: "queued",
      metadata: request.metadata,
      createdAt: at,
      updatedAt: at,
    })
    .returning({ no: documents.no })
    .get().no;
}

/** The old version goes on answering: only the newest bytes change here. Metadata stay unless new ones come along. */
function replace({ orm, now }: Connection, earlier: DocumentRow, request: NewDocument): void {
  orm
    .update(documents)
    .set({
      name: request.name,
      nameFolded: foldName(request.name),
      title: request.title ?? earlier.title,
      source: request.source,
      mediaType: request.mediaType,
      sizeBytes: request.sizeBytes,
      blob: request.blob,
      metadata: Object.keys(request.metadata).length > 0 ? request.metadata : earlier.metadata,
      status: "queued",
      stages: [],
      error: null,
      warnings: [],
      versionNumber: earlier.versionNumber + 1,
      updatedAt: now(),
    })
    .where(eq(documents.no, earlier.no))
    .run();
}

function record(connection: Connection, no: number) {
  return toDocument(readDocuments(connection, eq(documents.no, no), 1)[0]!);
}
