/**
 * Adapters, and the one table that says where which of them answers. Every change of that table is appended to a history, so
 * that putting back what answered before is one transaction.
 */
import { desc, eq, lt } from "drizzle-orm";
import { newId } from "@lorekeep/core";
import type { Adapter, AdapterHistory, AdapterId, Adapters, CollectionId } from "@lorekeep/core";
import { adapters } from "./adaptation-schema.ts";
import { cursorNumber, toPage } from "./cursors.ts";
import { DOCUMENT_IS_LIVE } from "./live-source.ts";
import type { Connection } from "./open-database.ts";

type AdapterRow = typeof adapters.$inferSelect;
type StoredAdapter = Adapter & { file: string };

/** What a collection's row says: an adapter, the bare base (null), or nothing (absent row). */
interface Choice {
  readonly adapterNo: number | null;
  readonly adapterId: AdapterId | null;
  readonly scale: number;
}
interface Change {
  readonly collectionId: CollectionId | "*";
  readonly actor: string;
}
interface HistoryRow {
  readonly no: number;
  readonly at: string;
  readonly collectionId: string;
  readonly adapterId: AdapterId | null;
  readonly chosen: 0 | 1;
  readonly scale: number;
  readonly actor: string;
}

type Chosen = { readonly adapterId: AdapterId | null; readonly scale: number } | undefined;

/** Writes what a collection's answers come from, with its line of the history; inside the caller's transaction. */
export function openAdapterChoices(connection: Connection, statements = prepareStatements(connection)) {
  function record({ collectionId, actor }: Change, choice: Chosen) {
    const item = {
      at: connection.now(),
      collectionId,
      adapterId: choice?.adapterId ?? null,
      scale: choice?.scale ?? 1,
      actor,
    };
    statements.append.run({ ...item, chosen: choice === undefined ? 0 : 1 });
    return item;
  }
  return {
    put: (change: Change, choice: Chosen) => {
      if (choice === undefined) statements.dropChoice.run(change.collectionId);
      else statements.putChoice.run({ collectionId: change.collectionId, ...choice, since: connection.now() });
      return record(change, choice);
    },
  };
}

export function openAdapters(connection: Connection): Adapters {
  const { orm } = connection;
  const statements = prepareStatements(connection);
  const { put } = openAdapterChoices(connection, statements);

  function toAdapter({ no, ...row }: AdapterRow): StoredAdapter {
    const gone =
      row.fineTuneId === null ? [] : (statements.deleted.all(row.fineTuneId) as { id: string; name: string }[]);
    return {
      ...row,
      activeIn: statements.activeIn.all(no) as Adapter["activeIn"],
      deletedDocuments: gone.map((document) => document.id),
      deletedDocumentNames: Object.fromEntries(gone.map((document) => [document.id, document.name])),
    };
  }
  const toListed = (row: AdapterRow): Adapter => {
    const { file: _file, ...adapter } = toAdapter(row);
    return adapter;
  };
  const find = (id: AdapterId) => orm.select().from(adapters).where(eq(adapters.id, id)).get();
  const choiceOf = (collectionId: string) => statements.choice.get(collectionId) as Choice | undefined;

  return {
    async create({ file, ...given }) {
      return connection.writeDurably(() => {
        const counter = `adapter:${given.name}`;
        const version = statements.nextVersion.get(counter) as number;
        const row = orm
          .insert(adapters)
          .values({ ...given, id: newId("adapter"), version, file, createdAt: connection.now() })
          .returning()
          .get();
        return toListed(row);
      });
    },
    async get(id) {
      const row = find(id);
      return row ? toAdapter(row) : null;
    },
    async list(query) {
      const rows = orm
        .select()
        .from(adapters)
        .where(lt(adapters.no, cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER)))
        .orderBy(desc(adapters.no))
        .limit(query.limit + 1)
        .all();
      return toPage(rows, query.limit, toListed, (row) => [row.no]);
    },
    async delete(id) {
      return connection.writeDurably(() => orm.delete(adapters).where(eq(adapters.id, id)).run().changes > 0);
    },
    async activate({ collectionId, adapterId, scale, actor }) {
      connection.writeDurably(() => put({ collectionId, actor }, { adapterId, scale }));
    },
    async activeFor(collectionId) {
      const choice = choiceOf(collectionId) ?? choiceOf("*");
      if (!choice || choice.adapterId === null) return null;
      return { adapter: toAdapter(find(choice.adapterId)!), scale: choice.scale };
    },
    async chosen(collectionId) {
      const choice = choiceOf(collectionId);
      return choice && { adapterId: choice.adapterId, scale: choice.scale };
    },
    async history(limit) {
      return statements.history.all(limit) as AdapterHistory["items"];
    },
    async rollback(change) {
      return connection.writeDurably(() => {
        const [last, ...before] = statements.historyOf.all(change.collectionId) as HistoryRow[];
        if (!last) return null;
        const previous = before.find(({ adapterId }) => adapterId === null || find(adapterId) !== undefined);
        return put(change, previous?.chosen === 1 ? previous : undefined);
      });
    },
  };
}

function prepareStatements({ sqlite }: Connection) {
  return {
    nextVersion: sqlite
      .prepare(
        `INSERT INTO counters (name, value) VALUES (?, 1)
         ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value`,
      )
      .pluck(),
    activeIn: sqlite.prepare(
      `SELECT h.collection_id AS collectionId, h.scale, h.since FROM adapter_choices h WHERE h.adapter_no = ?
          AND (h.collection_id = '*' OR EXISTS
            (SELECT 1 FROM collections c WHERE c.id = h.collection_id AND c.deleted_at IS NULL))`,
    ),
    deleted: sqlite.prepare(
      `SELECT s.document_id AS id, s.name FROM fine_tunes f JOIN fine_tune_documents s ON s.fine_tune_no = f.no
        WHERE f.id = ? AND NOT ${DOCUMENT_IS_LIVE} ORDER BY s.document_id`,
    ),
    choice: sqlite.prepare(
      `SELECT h.adapter_no AS adapterNo, a.id AS adapterId, h.scale
         FROM adapter_choices h LEFT JOIN adapters a ON a.no = h.adapter_no WHERE h.collection_id = ?`,
    ),
    putChoice: sqlite.prepare(
      `INSERT INTO adapter_choices (collection_id, adapter_no, scale, since)
       VALUES (:collectionId, (SELECT no FROM adapters WHERE id = :adapterId), :scale, :since)
       ON CONFLICT DO UPDATE SET adapter_no = excluded.adapter_no, scale = excluded.scale, since = excluded.since`,
    ),
    dropChoice: sqlite.prepare("DELETE FROM adapter_choices WHERE collection_id = ?"),
    append: sqlite.prepare(
      `INSERT INTO adapter_history (at, collection_id, adapter_id, chosen, scale, actor)
       VALUES (:at, :collectionId, :adapterId, :chosen, :scale, :actor)`,
    ),
    history: sqlite.prepare(
      `SELECT at, collection_id AS collectionId, adapter_id AS adapterId, scale, actor
         FROM adapter_history ORDER BY no DESC LIMIT ?`,
    ),
    historyOf: sqlite.prepare(
      `SELECT no, at, collection_id AS collectionId, adapter_id AS adapterId, chosen, scale, actor
         FROM adapter_history WHERE collection_id = ? ORDER BY no DESC LIMIT 100`,
    ),
  };
}
