/**
 * Evaluations and the answers they got. An item rests on the documents it retrieved and on those of its example: when one of
 * them is gone, the item is in no view and leaves with the next purge; the figures stay, being numbers.
 */
import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { AppError, newId } from "@lorekeep/core";
import type { Evaluation, EvaluationId, EvaluationItem, Evaluations } from "@lorekeep/core";
import { evaluations } from "./adaptation-schema.ts";
import { cursorNumber, toPage } from "./cursors.ts";
import { openSourceLookup, SOURCE_IS_LIVE } from "./live-source.ts";
import type { Connection } from "./open-database.ts";
import { openSwitchOn } from "./switch-on-rows.ts";

type EvaluationRow = typeof evaluations.$inferSelect;

/** Of collections that are not deleted. */
const IS_VISIBLE = sql`EXISTS (SELECT 1 FROM collections c WHERE c.id = ${evaluations.collectionId} AND c.deleted_at IS NULL)`;

export function openEvaluations(connection: Connection): Evaluations {
  const { orm, sqlite } = connection;
  const lookup = openSourceLookup(connection);
  const switchOn = openSwitchOn(connection);
  const items = sqlite
    .prepare(
      `SELECT i.item FROM evaluation_items i WHERE i.evaluation_no = ? AND NOT EXISTS
         (SELECT 1 FROM evaluation_sources s WHERE s.item_no = i.no AND NOT ${SOURCE_IS_LIVE}) ORDER BY i.no`,
    )
    .pluck();
  const insertItem = sqlite
    .prepare("INSERT INTO evaluation_items (evaluation_no, item) VALUES (?, ?) RETURNING no")
    .pluck();
  const addSource = sqlite.prepare(
    "INSERT OR IGNORE INTO evaluation_sources (item_no, document_id, blob) VALUES (?, ?, ?)",
  );
  const exampleSources = sqlite.prepare(
    `SELECT s.document_id AS documentId, '' AS name, s.blob FROM example_sources s JOIN examples e ON e.no = s.example_no
      WHERE e.id = ?`,
  );
  const datasetName = sqlite.prepare("SELECT name FROM datasets WHERE id = ?").pluck();

  const find = (id: EvaluationId) =>
    orm
      .select()
      .from(evaluations)
      .where(and(eq(evaluations.id, id), IS_VISIBLE))
      .get();

  function rowOf(id: EvaluationId): EvaluationRow {
    const row = find(id);
    if (!row) throw new AppError("not_found", "There is no such evaluation.", { evaluationId: id });
    return row;
  }

  function addItem(evaluationNo: number, item: EvaluationItem): void {
    const no = insertItem.get(evaluationNo, JSON.stringify(item)) as number;
    const shown = item.retrieved.map(({ chunkId, documentId }) =>
      lookup.find({ chunkId, documentId: documentId ?? null }),
    );
    const asked = item.exampleId ? (exampleSources.all(item.exampleId) as NonNullable<(typeof shown)[number]>[]) : [];
    const cited = (item.said?.citations ?? []).map(({ documentId, chunkId }) =>
      lookup.find({ chunkId: chunkId ?? null, documentId }),
    );
    for (const source of [...shown, ...asked, ...cited]) {
      if (source === null) continue;
      addSource.run(no, source.documentId, source.blob);
      lookup.noteGone(source);
    }
  }

  return {
    async create(request) {
      const row = orm
        .insert(evaluations)
        .values({
          ...request,
          id: newId("evaluation"),
          datasetName: (datasetName.get(request.datasetId) as string | undefined) ?? "",
          status: "queued",
          createdAt: connection.now(),
        })
        .returning()
        .get();
      return toEvaluation(row);
    },
    async get(id) {
      const row = find(id);
      if (!row) return null;
      const stored = (items.all(row.no) as string[]).map((item) => JSON.parse(item) as EvaluationItem);
      return { ...toEvaluation(row), items: stored };
    },
    async list(query) {
      const rows = orm
        .select()
        .from(evaluations)
        .where(and(lt(evaluations.no, cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER)), IS_VISIBLE))
        .orderBy(desc(evaluations.no))
        .limit(query.limit + 1)
        .all();
      return toPage(rows, query.limit, toEvaluation, (row) => [row.no]);
    },
    async update(id, changes) {
      return connection.write(() => {
        const { no } = rowOf(id);
        if (Object.keys(changes).length > 0) orm.update(evaluations).set(changes).where(eq(evaluations.no, no)).run();
        return toEvaluation(rowOf(id));
      });
    },
    async switchOn(id, change) {
      switchOn(id, change);
      return toEvaluation(rowOf(id));
    },
    async addItems(id, added) {
      const { no } = rowOf(id);
      connection.write(() => {
        for (const item of added) addItem(no, item);
      });
    },
    async delete(id) {
      return connection.write(
        () =>
          orm
            .delete(evaluations)
            .where(inArray(evaluations.id, [id]))
            .run().changes > 0,
      );
    },
  };
}

function toEvaluation({ no: _no, ...row }: EvaluationRow): Evaluation {
  return row;
}
