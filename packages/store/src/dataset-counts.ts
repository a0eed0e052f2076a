/** What a dataset's page says about it: counts by status, split, source and problem, what was deleted, what came new. */
import type { CollectionId, Dataset, DatasetId } from "@lorekeep/core";
import { EXAMPLE_IS_VISIBLE } from "./example-rows.ts";
import { DOCUMENT_IS_LIVE } from "./live-source.ts";
import type { Connection } from "./open-database.ts";

type Counted = Omit<Dataset, "id" | "name" | "collectionId" | "createdAt" | "updatedAt">;

/** `train`, `validation` and `preferences` count approved examples: what a fine-tune would see. */
export function countDataset({
  sqlite,
}: Connection): (no: number, dataset: { id: DatasetId; collectionId: CollectionId | null }) => Counted {
  const groups = sqlite.prepare(
    `SELECT e.status, e.source, e.problems, e.answerable, e.split, e.rejected_answer IS NOT NULL AS isPreference,
            count(*) AS count
       FROM examples e WHERE e.dataset_no = ? AND ${EXAMPLE_IS_VISIBLE} GROUP BY 1, 2, 3, 4, 5, 6`,
  );
  const deleted = sqlite.prepare(
    `SELECT s.document_id AS id, s.name FROM dataset_documents s
      WHERE s.dataset_no = ? AND NOT ${DOCUMENT_IS_LIVE} ORDER BY s.document_id`,
  );
  const newRatings = sqlite
    .prepare(
      `SELECT count(*) FROM messages m JOIN conversations t ON t.no = m.conversation_no
        WHERE m.feedback_at > coalesce((SELECT max(f.created_at) FROM fine_tunes f
                WHERE f.dataset_id = :id AND f.status NOT IN ('failed', 'cancelled')), '')
          AND ${isAboutCollection("m", "t")}`,
    )
    .pluck();

  return (no, { id, collectionId }) => {
    const gone = deleted.all(no) as { id: string; name: string }[];
    return {
      ...summarize(groups.all(no) as Group[]),
      deletedDocuments: gone.map((document) => document.id),
      deletedDocumentNames: Object.fromEntries(gone.map((document) => [document.id, document.name])),
      newSinceLastFineTune: collectionId === null ? 0 : (newRatings.get({ id, collectionId }) as number),
    };
  };
}

/** SQL that is true when a message rests on passages of `:collectionId`, or its conversation was about that collection. */
export function isAboutCollection(message: string, conversation: string): string {
  return `(EXISTS (SELECT 1 FROM json_each(${conversation}.collection_ids) WHERE value = :collectionId)
    OR EXISTS (SELECT 1 FROM message_sources s JOIN documents d ON d.id = s.document_id
                 JOIN collections c ON c.no = d.collection_no
                WHERE s.message_no = ${message}.no AND c.id = :collectionId))`;
}

interface Group {
  readonly status: "approved" | "pending" | "rejected";
  readonly source: keyof Dataset["sources"];
  readonly problems: string;
  readonly answerable: 0 | 1;
  readonly split: "train" | "validation";
  readonly isPreference: 0 | 1;
  readonly count: number;
}

function summarize(groups: readonly Group[]): Pick<Counted, "exampleCount" | "counts" | "problems" | "sources"> {
  const counts = {
    approved: 0,
    pending: 0,
    rejected: 0,
    answerable: 0,
    unanswerable: 0,
    train: 0,
    validation: 0,
    preferences: 0,
  };
  const problems: Dataset["problems"] = {};
  const sources: Dataset["sources"] = {};
  let exampleCount = 0;
  for (const group of groups) {
    exampleCount += group.count;
    counts[group.status] += group.count;
    counts[group.answerable === 1 ? "answerable" : "unanswerable"] += group.count;
    if (group.status === "approved") counts[group.split] += group.count;
    if (group.status === "approved" && group.isPreference === 1) counts.preferences += group.count;
    sources[group.source] = (sources[group.source] ?? 0) + group.count;
    for (const problem of JSON.parse(group.problems) as (keyof Dataset["problems"])[])
      problems[problem] = (problems[problem] ?? 0) + group.count;
  }
  return { exampleCount, counts, problems, sources };
}
