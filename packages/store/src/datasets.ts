/** Datasets and their examples. Counts are taken from the rows that may be seen; large sets are read and written in slices. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError, newId } from "@lorekeep/core";
import type { CollectionId, Dataset, DatasetId, Datasets, Example, ExampleDraft, ExampleId } from "@lorekeep/core";
import { cursorNumber, toPage } from "./cursors.ts";
import { countDataset } from "./dataset-counts.ts";
import {
  EXAMPLE_COLUMNS,
  EXAMPLE_IS_VISIBLE,
  exampleConditions,
  openExampleWriter,
  toExample,
} from "./example-rows.ts";
import type { ExampleRow } from "./example-rows.ts";
import type { Connection } from "./open-database.ts";

/** Examples read, marked or deleted without letting others have a turn. */
const SLICE = 200;
/** Time that examples are written for before others have a turn: they differ in length by a hundred times. */
const WRITE_MS = 8;

interface DatasetRow {
  readonly no: number;
  readonly id: DatasetId;
  readonly name: string;
  readonly purpose: NonNullable<Dataset["purpose"]>;
  readonly collectionId: CollectionId | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** `collectionId` is null as soon as the collection is deleted. */
const DATASET_COLUMNS = `t.no, t.id, t.name, t.purpose, t.created_at AS createdAt, t.updated_at AS updatedAt,
  (SELECT c.id FROM collections c WHERE c.id = t.collection_id AND c.deleted_at IS NULL) AS collectionId`;

export function openDatasets(connection: Connection): Datasets {
  const { sqlite } = connection;
  const writer = openExampleWriter(connection);
  const count = countDataset(connection);
  const statements = prepareStatements(connection);

  const toDataset = ({ no, ...row }: DatasetRow): Dataset => ({ ...row, ...count(no, row) });
  const touch = (no: number) => statements.touch.run(connection.now(), no);

  function rowOf(id: DatasetId): DatasetRow {
    const row = statements.byId.get(id) as DatasetRow | undefined;
    if (!row) throw new AppError("not_found", "There is no such dataset.", { datasetId: id });
    return row;
  }

  function findExample(id: ExampleId): (ExampleRow & { datasetNo: number; datasetId: DatasetId }) | undefined {
    return statements.example.get(id) as (ExampleRow & { datasetNo: number; datasetId: DatasetId }) | undefined;
  }

  /** Visible examples after row `after`, oldest first. */
  function readExamples(
    datasetNo: number,
    filter: Parameters<typeof exampleConditions>[0],
    after: number,
    limit: number,
  ) {
    const { sql, parameters } = exampleConditions(filter);
    return sqlite
      .prepare(
        `SELECT ${EXAMPLE_COLUMNS} FROM examples e
          WHERE e.dataset_no = :datasetNo AND e.no > :after AND ${sql} ORDER BY e.no LIMIT :limit`,
      )
      .all({ ...parameters, datasetNo, after, limit }) as ExampleRow[];
  }

  return {
    async create({ name, collectionId, purpose = "training" }) {
      const now = connection.now();
      const id = newId("dataset");
      statements.insert.run(id, name, purpose, collectionId, now, now);
      return toDataset(rowOf(id));
    },
    async get(id) {
      const row = statements.byId.get(id) as DatasetRow | undefined;
      return row ? toDataset(row) : null;
    },
    async getByName(name) {
      const row = statements.byName.get(name) as DatasetRow | undefined;
      return row ? toDataset(row) : null;
    },
    async list(query) {
      const before = cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER);
      const { purpose = null, collectionId = null, limit } = query;
      const rows = statements.list.all({ before, purpose, collectionId, limit: limit + 1 }) as DatasetRow[];
      return toPage(rows, query.limit, toDataset, (row) => [row.no]);
    },
    async rename(id, name) {
      statements.rename.run(name, connection.now(), rowOf(id).no);
    },
    async delete(id) {
      const row = statements.byId.get(id) as DatasetRow | undefined;
      while (row && connection.write(() => statements.removeSlice.run(row.no, SLICE).changes) === SLICE)
        await nextTurn();
      return connection.writeDurably(() => statements.remove.run(id).changes > 0);
    },
    async addExamples(id, drafts) {
      const { no } = rowOf(id);
      let [at, added] = [0, 0];
      while (at < drafts.length) {
        connection.write(() => {
          const until = performance.now() + WRITE_MS;
          do added += writer.add(no, drafts[at++]!) ? 1 : 0;
          while (at < drafts.length && performance.now() < until);
        });
        await nextTurn();
      }
      touch(no);
      return added;
    },
    async examples(id, filter, query) {
      const rows = readExamples(rowOf(id).no, filter, cursorNumber(query.cursor, 0), query.limit + 1);
      return toPage(
        rows,
        query.limit,
        (row) => toExample(row, id),
        (row) => [row.no],
      );
    },
    async allExamples(id, filter) {
      const { no } = rowOf(id);
      const all: Example[] = [];
      for (let after = 0; ; await nextTurn()) {
        const rows = readExamples(no, filter, after, SLICE);
        all.push(...rows.map((row) => toExample(row, id)));
        if (rows.length < SLICE) return all;
        after = rows.at(-1)!.no;
      }
    },
    async getExample(id) {
      const row = findExample(id);
      if (!row) return null;
      const { datasetNo: _datasetNo, datasetId, ...rest } = row;
      return toExample(rest, datasetId);
    },
    async updateExample(id, changes) {
      return connection.write(() => {
        const row = findExample(id);
        if (!row) throw new AppError("not_found", "There is no such example.", { exampleId: id });
        const { datasetNo, datasetId, ...rest } = row;
        const { id: _id, datasetId: _dataset, createdAt: _created, ...draft } = toExample(rest, datasetId);
        writer.replace(row.no, datasetNo, { ...draft, ...defined(changes) });
        touch(datasetNo);
        const { datasetNo: _no, datasetId: _d, ...after } = findExample(id)!;
        return toExample(after, datasetId);
      });
    },
    async markExamples(marks) {
      for (let from = 0; from < marks.length; from += SLICE) {
        connection.write(() => {
          for (const { id, problems, split } of marks.slice(from, from + SLICE))
            statements.mark.run(JSON.stringify(problems), split, id);
        });
        await nextTurn();
      }
    },
    async deleteExample(id) {
      return connection.write(() => statements.removeExample.run(id).changes > 0);
    },
  };
}

/** Without the keys that are undefined: those stay as they are. */
function defined(changes: Partial<ExampleDraft>): Partial<ExampleDraft> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function prepareStatements({ sqlite }: Connection) {
  const select = `SELECT ${DATASET_COLUMNS} FROM datasets t`;
  return {
    byId: sqlite.prepare(`${select} WHERE t.id = ?`),
    // A question set may share its name with the dataset that is trained on, as both are named after their collection.
    byName: sqlite.prepare(`${select} WHERE t.name = ? ORDER BY t.purpose = 'training' DESC, t.no DESC LIMIT 1`),
    list: sqlite.prepare(
      `${select} WHERE t.no < :before AND (:purpose IS NULL OR t.purpose = :purpose)
         AND (:collectionId IS NULL OR t.collection_id = :collectionId) ORDER BY t.no DESC LIMIT :limit`,
    ),
    insert: sqlite.prepare(
      "INSERT INTO datasets (id, name, purpose, collection_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    rename: sqlite.prepare("UPDATE datasets SET name = ?, updated_at = ? WHERE no = ?"),
    touch: sqlite.prepare("UPDATE datasets SET updated_at = ? WHERE no = ?"),
    remove: sqlite.prepare("DELETE FROM datasets WHERE id = ?"),
    removeSlice: sqlite.prepare(
      "DELETE FROM examples WHERE no IN (SELECT no FROM examples WHERE dataset_no = ? LIMIT ?)",
    ),
    mark: sqlite.prepare("UPDATE examples SET problems = ?, split = ? WHERE id = ?"),
    example: sqlite.prepare(
      `SELECT ${EXAMPLE_COLUMNS}, e.dataset_no AS datasetNo, t.id AS datasetId
         FROM examples e JOIN datasets t ON t.no = e.dataset_no WHERE e.id = ? AND ${EXAMPLE_IS_VISIBLE}`,
    ),
    removeExample: sqlite.prepare("DELETE FROM examples WHERE id = ?"),
  };
}
