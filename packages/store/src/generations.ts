/**
 * Generations: one (embedder, chunking) pair of a collection. A new one is built beside the serving one; `serveGeneration`
 * flips. The old one stays whole for a day, so that going back is a flip too; then purgeDeleted takes it away.
 */
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { AppError, newId } from "@lorekeep/core";
import type { Collection, CollectionId, Collections, Generation, GenerationId } from "@lorekeep/core";
import { openChangeLog } from "./change-log.ts";
import type { Connection } from "./open-database.ts";
import { collections, generations } from "./schema.ts";

export const ROLLBACK_GRACE_MS = 24 * 3600 * 1000;

type GenerationPort = Pick<
  Collections,
  "generation" | "generations" | "beginGeneration" | "serveGeneration" | "retireGeneration"
>;
type Target = Parameters<Collections["beginGeneration"]>[1];
type GenerationRow = typeof generations.$inferSelect;

export function openGenerations(
  connection: Connection,
  getCollection: (id: CollectionId) => Collection,
): GenerationPort {
  const { orm, sqlite } = connection;
  const changeLog = openChangeLog(connection);
  // Documents whose version in the coming generation is of other bytes than the one that answers now.
  const changedBlobs = sqlite.prepare(
    `SELECT d.no AS documentNo, d.id AS documentId, d.published_blob AS publishedBlob, v.blob AS blob
       FROM document_versions v JOIN documents d ON d.no = v.document_no
      WHERE v.generation_no = ? AND v.status = 'live' AND v.blob IS NOT d.published_blob`,
  );
  const setPublished = sqlite.prepare("UPDATE documents SET published_blob = ? WHERE no = ?");
  const addGone = sqlite.prepare("INSERT OR IGNORE INTO gone_sources (document_id, blob) VALUES (?, ?)");
  const staleVersions = sqlite
    .prepare(
      "SELECT no FROM document_versions WHERE document_no = ? AND generation_no <> ? AND blob <> ? AND status <> 'dead'",
    )
    .pluck();
  const incomplete = sqlite
    .prepare(
      `SELECT count(*) FROM document_versions o JOIN documents d ON d.no = o.document_no AND d.deleted_at IS NULL
        WHERE o.generation_no = ? AND o.status = 'live' AND NOT EXISTS
          (SELECT 1 FROM document_versions n WHERE n.document_no = d.no AND n.generation_no = ? AND n.status = 'live')`,
    )
    .pluck();

  function find(id: GenerationId): { generation: GenerationRow; collectionId: CollectionId } | null {
    const row = orm
      .select()
      .from(generations)
      .innerJoin(collections, eq(collections.no, generations.collectionNo))
      .where(and(eq(generations.id, id), isNull(collections.deletedAt)))
      .get();
    return row ? { generation: row.generations, collectionId: row.collections.id } : null;
  }

  function demand(id: GenerationId) {
    const found = find(id);
    if (!found) throw new AppError("not_found", "There is no such index generation.", { generationId: id });
    return found;
  }

  function retire(no: number, purgeAfter: string): void {
    orm.update(generations).set({ status: "retired", purgeAfter }).where(eq(generations.no, no)).run();
    orm.update(collections).set({ nextNo: null }).where(eq(collections.nextNo, no)).run();
  }

  function begin(collectionNo: number, target: Target): GenerationRow {
    const all = orm.select().from(generations).where(eq(generations.collectionNo, collectionNo)).all();
    const unfinished = all.find((row) => row.status === "building");
    if (unfinished && isSame(unfinished, target)) return unfinished;
    if (unfinished) retire(unfinished.no, connection.now());
    // Going back to what was served until a moment ago: its rows are still there.
    const kept = all.find((row) => row.status === "retired" && isSame(row, target) && isKept(row, connection.now()));
    if (kept)
      return orm
        .update(generations)
        .set({ status: "building", purgeAfter: null })
        .where(eq(generations.no, kept.no))
        .returning()
        .get();
    return orm
      .insert(generations)
      .values({
        id: newId("generation"),
        collectionNo,
        embedder: target.embedder,
        embedderFingerprint: target.embedderFingerprint,
        dimensions: target.dimensions,
        maxTokens: target.chunking.maxTokens,
        overlapTokens: target.chunking.overlapTokens,
        status: "building",
        createdAt: connection.now(),
      })
      .returning()
      .get();
  }

  /** Makes the bytes of the coming generation the published ones, and forgets what other bytes said. */
  function publishBlobs(generationNo: number): void {
    const rows = changedBlobs.all(generationNo) as {
      documentNo: number;
      documentId: string;
      publishedBlob: string | null;
      blob: string;
    }[];
    for (const row of rows) {
      setPublished.run(row.blob, row.documentNo);
      if (row.publishedBlob) addGone.run(row.documentId, row.publishedBlob);
      for (const no of staleVersions.all(row.documentNo, generationNo, row.blob) as number[]) changeLog.kill(no);
    }
  }

  return {
    async generation(id) {
      const found = find(id);
      return found ? toGeneration(found.generation, found.collectionId) : null;
    },
    async generations(filter) {
      return orm
        .select()
        .from(generations)
        .innerJoin(collections, eq(collections.no, generations.collectionNo))
        .where(
          and(
            isNull(collections.deletedAt),
            filter?.collectionId ? eq(collections.id, filter.collectionId) : gt(collections.no, 0),
          ),
        )
        .orderBy(asc(generations.no))
        .all()
        .map((row) => toGeneration(row.generations, row.collections.id));
    },
    async beginGeneration(collectionId, target) {
      return connection.writeDurably(() => {
        getCollection(collectionId);
        const { no } = orm
          .select({ no: collections.no })
          .from(collections)
          .where(eq(collections.id, collectionId))
          .get()!;
        const generation = begin(no, target);
        orm.update(collections).set({ nextNo: generation.no }).where(eq(collections.no, no)).run();
        return toGeneration(generation, collectionId);
      });
    },
    async serveGeneration(id) {
      return connection.writeDurably(() => {
        const { generation, collectionId } = demand(id);
        if (generation.status === "serving") return getCollection(collectionId);
        const old = orm
          .select()
          .from(generations)
          .where(and(eq(generations.collectionNo, generation.collectionNo), eq(generations.status, "serving")))
          .get();
        if (generation.status === "retired") {
          const missing = old ? (incomplete.get(old.no, generation.no) as number) : 0;
          if (!isKept(generation, connection.now()) || missing > 0)
            throw new AppError("conflict", "This index generation is no longer complete: build it again.", {
              missing,
            });
        }
        const purgeAfter = new Date(Date.parse(connection.now()) + ROLLBACK_GRACE_MS).toISOString();
        if (old) retire(old.no, purgeAfter);
        orm
          .update(generations)
          .set({ status: "serving", purgeAfter: null })
          .where(eq(generations.no, generation.no))
          .run();
        orm
          .update(collections)
          .set({ servingNo: generation.no, nextNo: null, updatedAt: connection.now() })
          .where(eq(collections.no, generation.collectionNo))
          .run();
        publishBlobs(generation.no);
        return getCollection(collectionId);
      });
    },
    async retireGeneration(id, keepMs = 0) {
      connection.writeDurably(() => {
        const { generation } = demand(id);
        if (generation.status === "serving")
          throw new AppError("conflict", "The serving index generation cannot be retired.", { generationId: id });
        retire(generation.no, new Date(Date.parse(connection.now()) + keepMs).toISOString());
      });
    },
  };
}

function isKept(row: GenerationRow, now: string): boolean {
  return row.purgeAfter !== null && row.purgeAfter > now;
}

function isSame(row: GenerationRow, target: Target): boolean {
  return (
    row.embedder === target.embedder &&
    row.embedderFingerprint === target.embedderFingerprint &&
    row.dimensions === target.dimensions &&
    row.maxTokens === target.chunking.maxTokens &&
    row.overlapTokens === target.chunking.overlapTokens
  );
}

function toGeneration(row: GenerationRow, collectionId: CollectionId): Generation {
  return {
    id: row.id,
    collectionId,
    embedder: row.embedder,
    embedderFingerprint: row.embedderFingerprint,
    dimensions: row.dimensions,
    chunking: { maxTokens: row.maxTokens, overlapTokens: row.overlapTokens },
    status: row.status,
    createdAt: row.createdAt,
  };
}
