/**
 * Examples as rows, and what they rest on. An example whose essential source is gone is in no view; of one that only shows
 * a passage of a gone document, that passage is in no view. forget-examples.ts takes both out of the rows later.
 *
 * Essential is the document that the question was drafted from (its group), a passage that holds the answer, and, for an
 * answer that the generator wrote, every passage it was shown.
 */
import { newId } from "@lorekeep/core";
import type { DatasetId, Example, ExampleDraft, ExampleFilter, ExampleId, ExamplePassage } from "@lorekeep/core";
import { openSourceLookup, SOURCE_IS_LIVE } from "./live-source.ts";
import type { QuotedDocument } from "./live-source.ts";
import type { Connection } from "./open-database.ts";

/** SQL that is true when the example `e` may be seen. */
export const EXAMPLE_IS_VISIBLE = `NOT EXISTS (SELECT 1 FROM example_sources s
  WHERE s.example_no = e.no AND s.essential = 1 AND NOT ${SOURCE_IS_LIVE})`;

export const EXAMPLE_COLUMNS = `e.no, e.id, e.external_id AS externalId, e.question, e.answer,
  e.rejected_answer AS rejectedAnswer, e.answerable, e.language, e.source, e.passages, e.group_key AS groupKey, e.split,
  e.status, e.problems, e.message_id AS messageId, e.created_at AS createdAt,
  (SELECT json_group_array(s.document_id) FROM example_sources s
    WHERE s.example_no = e.no AND NOT ${SOURCE_IS_LIVE}) AS goneDocuments`;

export interface ExampleRow {
  readonly no: number;
  readonly id: ExampleId;
  readonly externalId: string | null;
  readonly question: string;
  readonly answer: string | null;
  readonly rejectedAnswer: string | null;
  readonly answerable: 0 | 1;
  readonly language: Example["language"];
  readonly source: Example["source"];
  readonly passages: string;
  readonly groupKey: string;
  readonly split: Example["split"];
  readonly status: Example["status"];
  readonly problems: string;
  readonly messageId: string | null;
  readonly createdAt: string;
  readonly goneDocuments: string;
}

export function toExample(row: ExampleRow, datasetId: DatasetId): Example {
  const { no: _no, answerable, passages, groupKey, problems, goneDocuments, ...rest } = row;
  const gone = new Set(JSON.parse(goneDocuments) as string[]);
  const stored = JSON.parse(passages) as ExamplePassage[];
  return {
    ...rest,
    datasetId,
    answerable: answerable === 1,
    passages: gone.size === 0 ? stored : stored.filter((passage) => !gone.has(passage.documentId ?? "")),
    group: groupKey,
    problems: JSON.parse(problems) as Example["problems"],
  };
}

/** The part of a WHERE clause that a filter stands for, with its parameters. */
export function exampleConditions(filter: ExampleFilter): { sql: string; parameters: Record<string, string> } {
  const conditions: string[] = [EXAMPLE_IS_VISIBLE];
  const parameters: Record<string, string> = {};
  const add = (name: string, value: string | undefined, sql: string) => {
    if (value === undefined) return;
    conditions.push(sql);
    parameters[name] = value;
  };
  add("status", filter.status, "e.status = :status");
  add("source", filter.source, "e.source = :source");
  add("problem", filter.problem, "EXISTS (SELECT 1 FROM json_each(e.problems) WHERE value = :problem)");
  const text = filter.query?.trim().toLowerCase();
  add(
    "text",
    text === "" ? undefined : text,
    "instr(lower(e.question || char(10) || coalesce(e.answer, '')), :text) > 0",
  );
  return { sql: conditions.join(" AND "), parameters };
}

export interface ExampleWriter {
  /** True when the example is new; false when it took the place of one with its externalId. Inside a transaction. */
  add(datasetNo: number, draft: ExampleDraft): boolean;
  /** Writes the whole example anew and notes what it rests on. Inside a transaction. */
  replace(no: number, datasetNo: number, draft: ExampleDraft): void;
}

export function openExampleWriter(connection: Connection): ExampleWriter {
  const { sqlite } = connection;
  const columns =
    "question, answer, rejected_answer, answerable, language, source, passages, group_key, split, status, problems, message_id, external_id";
  const values =
    ":question, :answer, :rejectedAnswer, :answerable, :language, :source, :passages, :group, :split, :status, :problems, :messageId, :externalId";
  const insert = sqlite
    .prepare(
      `INSERT INTO examples (id, dataset_no, created_at, ${columns}) VALUES (:id, :datasetNo, :now, ${values}) RETURNING no`,
    )
    .pluck();
  const update = sqlite.prepare(`UPDATE examples SET (${columns}) = (${values}) WHERE no = :no`);
  const findExternal = sqlite.prepare("SELECT no FROM examples WHERE dataset_no = ? AND external_id = ?").pluck();
  const dropSources = sqlite.prepare("DELETE FROM example_sources WHERE example_no = ?");
  const addSource = sqlite.prepare(
    `INSERT INTO example_sources (example_no, document_id, blob, essential) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET essential = max(essential, excluded.essential)`,
  );
  const addDocument = sqlite.prepare(
    "INSERT OR IGNORE INTO dataset_documents (dataset_no, document_id, name) VALUES (?, ?, ?)",
  );
  const lookup = openSourceLookup(connection);

  function noteSource(no: number, datasetNo: number, source: QuotedDocument, essential: boolean): void {
    addSource.run(no, source.documentId, source.blob, essential ? 1 : 0);
    addDocument.run(datasetNo, source.documentId, source.name);
    lookup.noteGone(source);
  }

  function noteSources(no: number, datasetNo: number, draft: ExampleDraft): void {
    const written = draft.source === "feedback" || draft.source === "correction";
    for (const passage of draft.passages) {
      const source = lookup.find(passage);
      if (source) noteSource(no, datasetNo, source, written || passage.gold);
    }
    if (!/^doc_[0-9a-z]{25}$/.test(draft.group)) return;
    const drafted = lookup.find({ documentId: draft.group, chunkId: null });
    if (drafted) noteSource(no, datasetNo, drafted, true);
  }

  const bind = (draft: ExampleDraft) => ({
    ...draft,
    answerable: draft.answerable ? 1 : 0,
    passages: JSON.stringify(draft.passages),
    problems: JSON.stringify(draft.problems),
  });

  function replace(no: number, datasetNo: number, draft: ExampleDraft): void {
    update.run({ ...bind(draft), no });
    dropSources.run(no);
    noteSources(no, datasetNo, draft);
  }

  return {
    replace,
    add(datasetNo, draft) {
      const present = draft.externalId === null ? undefined : findExternal.get(datasetNo, draft.externalId);
      if (present !== undefined) {
        replace(present as number, datasetNo, draft);
        return false;
      }
      const no = insert.get({ ...bind(draft), id: newId("example"), datasetNo, now: connection.now() }) as number;
      noteSources(no, datasetNo, draft);
      return true;
    },
  };
}
