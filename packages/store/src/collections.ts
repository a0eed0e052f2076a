/** Collections and their generations. Exactly one generation of a collection serves; switching is one row that flips. */
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { AppError, newId } from "@lorekeep/core";
import type { Collection, CollectionId, Collections } from "@lorekeep/core";
import { cursorNumber, toPage } from "./cursors.ts";
import { openGenerations } from "./generations.ts";
import type { Connection } from "./open-database.ts";
import { collections, generations } from "./schema.ts";

const serving = alias(generations, "serving");
const next = alias(generations, "next");

export function openCollections(connection: Connection): Collections {
  const { orm } = connection;
  const byId = (id: CollectionId) => read(connection, eq(collections.id, id))[0];

  function live(id: CollectionId): { no: number } {
    const row = orm
      .select({ no: collections.no })
      .from(collections)
      .where(and(eq(collections.id, id), isNull(collections.deletedAt)))
      .get();
    if (!row) throw new AppError("not_found", "There is no such collection.", { collectionId: id });
    return row;
  }

  return {
    ...openGenerations(connection, (id) => {
      const row = byId(id);
      if (!row) throw new AppError("not_found", "There is no such collection.", { collectionId: id });
      return toCollection(row);
    }),
    async create(request) {
      return connection.writeDurably(() => {
        if (read(connection, eq(collections.name, request.name)).length > 0) throw nameTaken(request.name);
        const now = connection.now();
        const id = newId("collection");
        const { no } = orm
          .insert(collections)
          .values({
            id,
            name: request.name,
            description: request.description ?? "",
            language: request.language,
            retrieval: request.retrieval,
            createdAt: now,
            updatedAt: now,
          })
          .returning({ no: collections.no })
          .get();
        const generation = orm
          .insert(generations)
          .values({
            id: newId("generation"),
            collectionNo: no,
            embedder: request.embedder,
            embedderFingerprint: request.embedderFingerprint,
            dimensions: request.dimensions,
            maxTokens: request.chunking.maxTokens,
            overlapTokens: request.chunking.overlapTokens,
            status: "serving",
            createdAt: now,
          })
          .returning({ no: generations.no })
          .get();
        orm.update(collections).set({ servingNo: generation.no }).where(eq(collections.no, no)).run();
        return toCollection(byId(id)!);
      });
    },
    async get(id) {
      const row = byId(id);
      return row ? toCollection(row) : null;
    },
    async getByName(name) {
      const row = read(connection, eq(collections.name, name))[0];
      return row ? toCollection(row) : null;
    },
    async list(query) {
      const after = cursorNumber(query.cursor, 0);
      const rows = read(connection, gt(collections.no, after), query.limit + 1);
      return toPage(rows, query.limit, toCollection, (row) => [row.no]);
    },
    async update(id, changes) {
      return connection.writeDurably(() => {
        const { no } = live(id);
        if (changes.name !== undefined) {
          const taken = read(connection, eq(collections.name, changes.name))[0];
          if (taken && taken.no !== no) throw nameTaken(changes.name);
        }
        orm
          .update(collections)
          .set({ ...changes, updatedAt: connection.now() })
          .where(eq(collections.no, no))
          .run();
        return toCollection(byId(id)!);
      });
    },
    async delete(id) {
      // Everything below is hidden by this one row; purgeDeleted takes the rest away in slices.
      connection.writeDurably(() => {
        const { no } = live(id);
        orm.update(collections).set({ deletedAt: connection.now() }).where(eq(collections.no, no)).run();
      });
    },
  };
}

function nameTaken(name: string): AppError {
  return new AppError("conflict", `A collection with the name “${name}” is there already.`);
}

type Condition = Parameters<typeof and>[number];

function read({ orm }: Connection, condition: Condition, limit = 1) {
  return orm
    .select({
      no: collections.no,
      id: collections.id,
      name: collections.name,
      description: collections.description,
      language: collections.language,
      retrieval: collections.retrieval,
      createdAt: collections.createdAt,
      updatedAt: collections.updatedAt,
      generationId: serving.id,
      nextGenerationId: next.id,
      embedder: serving.embedder,
      maxTokens: serving.maxTokens,
      overlapTokens: serving.overlapTokens,
      documentCount: sql<number>`(SELECT count(*) FROM documents d WHERE d.collection_no = ${collections.no} AND d.deleted_at IS NULL)`,
      // Live versions, less those of documents that wait for the purge: both read from indexes alone, or nearly.
      searchableCount: sql<number>`(SELECT count(*) FROM document_versions v WHERE v.generation_no = ${serving.no} AND v.status = 'live')
        - (SELECT count(*) FROM documents d JOIN document_versions v ON v.document_no = d.no AND v.generation_no = ${serving.no} AND v.status = 'live' WHERE d.collection_no = ${collections.no} AND d.deleted_at IS NOT NULL)`,
      chunkCount: sql<number>`(SELECT coalesce(sum(v.chunk_count), 0) FROM document_versions v WHERE v.generation_no = ${serving.no} AND v.status = 'live')`,
    })
    .from(collections)
    .innerJoin(serving, eq(serving.no, collections.servingNo))
    .leftJoin(next, eq(next.no, collections.nextNo))
    .where(and(isNull(collections.deletedAt), condition))
    .orderBy(asc(collections.no))
    .limit(limit)
    .all();
}

function toCollection(row: ReturnType<typeof read>[number]): Collection {
  const { no: _no, maxTokens, overlapTokens, ...rest } = row;
  return {
    ...rest,
    generationId: row.generationId,
    chunking: { maxTokens, overlapTokens },
  };
}
