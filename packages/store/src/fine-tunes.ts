/** Fine-tunes: the run's state, its loss series, and which documents were in its training data. */
import { desc, eq, lt } from "drizzle-orm";
import { AppError, newId } from "@lorekeep/core";
import type { FineTune, FineTuneId, FineTunes } from "@lorekeep/core";
import { fineTunes } from "./adaptation-schema.ts";
import { cursorNumber, toPage } from "./cursors.ts";
import { openSourceLookup } from "./live-source.ts";
import type { Connection } from "./open-database.ts";

type FineTuneRow = typeof fineTunes.$inferSelect;

export function openFineTunes(connection: Connection): FineTunes {
  const { orm, sqlite } = connection;
  const lookup = openSourceLookup(connection);
  const losses = sqlite.prepare(
    "SELECT step, loss FROM fine_tune_losses WHERE fine_tune_no = ? AND series = ? ORDER BY step",
  );
  const putLoss = sqlite.prepare(
    `INSERT INTO fine_tune_losses (fine_tune_no, series, step, loss) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET loss = excluded.loss`,
  );
  const datasetName = sqlite.prepare("SELECT name FROM datasets WHERE id = ?").pluck();
  const dropDocuments = sqlite.prepare("DELETE FROM fine_tune_documents WHERE fine_tune_no = ?");
  const addDocument = sqlite.prepare(
    "INSERT OR IGNORE INTO fine_tune_documents (fine_tune_no, document_id, name, blob) VALUES (?, ?, ?, ?)",
  );

  const series = (no: number, name: "loss" | "validationLoss") => losses.all(no, name) as FineTune["loss"];
  const toFineTune = ({ no, exampleIds: _ids, ...row }: FineTuneRow): FineTune => ({
    ...row,
    loss: series(no, "loss"),
    validationLoss: series(no, "validationLoss"),
  });
  const find = (id: FineTuneId) => orm.select().from(fineTunes).where(eq(fineTunes.id, id)).get();

  function rowOf(id: FineTuneId): FineTuneRow {
    const row = find(id);
    if (!row) throw new AppError("not_found", "There is no such fine-tune.", { fineTuneId: id });
    return row;
  }

  return {
    async create(request) {
      const row = orm
        .insert(fineTunes)
        .values({
          ...request,
          ...BLANK,
          id: newId("fineTune"),
          datasetName: (datasetName.get(request.datasetId) as string | undefined) ?? "",
          createdAt: connection.now(),
        })
        .returning()
        .get();
      return toFineTune(row);
    },
    async setExamples(id, exampleIds, documentIds) {
      const { no } = rowOf(id);
      connection.write(() => {
        orm.update(fineTunes).set({ exampleIds }).where(eq(fineTunes.no, no)).run();
        dropDocuments.run(no);
        for (const documentId of documentIds) {
          const source = lookup.find({ documentId, chunkId: null });
          if (!source) continue;
          addDocument.run(no, documentId, source.name, source.blob);
          lookup.noteGone(source);
        }
      });
    },
    async get(id) {
      const row = find(id);
      return row ? toFineTune(row) : null;
    },
    async list(query) {
      const rows = orm
        .select()
        .from(fineTunes)
        .where(lt(fineTunes.no, cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER)))
        .orderBy(desc(fineTunes.no))
        .limit(query.limit + 1)
        .all();
      return toPage(rows, query.limit, toFineTune, (row) => [row.no]);
    },
    async update(id, changes) {
      return connection.write(() => {
        const { no } = rowOf(id);
        if (Object.keys(changes).length > 0) orm.update(fineTunes).set(changes).where(eq(fineTunes.no, no)).run();
        return toFineTune(rowOf(id));
      });
    },
    async addLoss(id, name, points) {
      const { no } = rowOf(id);
      connection.write(() => {
        for (const { step, loss } of points) putLoss.run(no, name, step, loss);
      });
    },
  };
}

const BLANK = { status: "queued", phase: "prepare", step: 0, steps: 0, skippedSteps: 0 } as const;
