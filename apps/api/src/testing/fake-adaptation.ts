/** The closed loop in memory, as far as the HTTP skin can see it: names and ids are found or are not_found. */
import { newExampleSchema, newId, type Dataset, type Example, type Job } from "@lorekeep/core";
import type { Adaptation } from "@lorekeep/platform";
import { find, now, page, remove, type AdaptationRows, type Part } from "./adaptation-rows.ts";
import { fakeAdapters, fakeEvaluations, fakeFineTunes } from "./fake-learning.ts";
import { fakeQuestionSets } from "./fake-question-sets.ts";

const makeDataset = (name: string, exampleCount: number): Dataset => ({
  id: newId("dataset"),
  name,
  collectionId: null,
  exampleCount,
  counts: {
    approved: exampleCount,
    pending: 0,
    rejected: 0,
    answerable: exampleCount,
    unanswerable: 0,
    train: exampleCount,
    validation: 0,
    preferences: 0,
  },
  problems: {},
  sources: { upload: exampleCount },
  deletedDocuments: [],
  newSinceLastFineTune: 0,
  createdAt: now(),
  updatedAt: now(),
});

const makeExample = (datasetId: string, question: string, answer: string | null): Example => ({
  id: newId("example"),
  datasetId,
  externalId: null,
  question,
  answer,
  rejectedAnswer: null,
  answerable: answer !== null,
  language: "en",
  source: "upload",
  passages: [],
  group: question,
  split: "train",
  status: "pending",
  problems: [],
  messageId: null,
  createdAt: now(),
});

function fakeDatasets(
  rows: AdaptationRows,
  enqueue: (kind: string) => Promise<Job>,
): Part<
  | "createDataset"
  | "importDataset"
  | "dataset"
  | "datasets"
  | "deleteDataset"
  | "draftExamples"
  | "examples"
  | "updateExample"
  | "reviewExamples"
  | "deleteExample"
  | "exportDataset"
> {
  const create: Adaptation["createDataset"] = async (_actor, { name, examples = [] }) => {
    const dataset = makeDataset(name, examples.length);
    rows.datasets.set(dataset.id, dataset);
    for (const each of examples) {
      const example = makeExample(dataset.id, each.question, each.answer ?? null);
      rows.examples.set(example.id, example);
    }
    return dataset;
  };
  return {
    createDataset: create,
    importDataset: async (actor, { name, lines }) => {
      const examples = [];
      for await (const line of lines) if (line !== "") examples.push(newExampleSchema.parse(JSON.parse(line)));
      return create(actor, { name, examples });
    },
    dataset: async (_actor, id) => find(rows.datasets, "dataset", id),
    datasets: async (_actor, { limit }) => page(rows.datasets, limit),
    deleteDataset: async (_actor, id) => remove(rows.datasets, "dataset", id),
    draftExamples: async (_actor, id) => {
      find(rows.datasets, "dataset", id);
      return enqueue("draft-examples");
    },
    examples: async (_actor, id, { status }, { limit }) => {
      find(rows.datasets, "dataset", id);
      const found = [...rows.examples.values()].filter(
        (each) => each.datasetId === id && (status ?? each.status) === each.status,
      );
      return { items: found.slice(0, limit), nextCursor: null };
    },
    updateExample: async (_actor, id, changes) => {
      const { question, answer, answerable, status } = { ...find(rows.examples, "example", id), ...changes };
      const example = { ...find(rows.examples, "example", id), question: question ?? "", answer: answer ?? null };
      const changed = { ...example, answerable: answerable ?? true, status: status ?? "pending" };
      rows.examples.set(id, changed);
      return changed;
    },
    reviewExamples: async (_actor, id, { status, ids }) => {
      find(rows.datasets, "dataset", id);
      const chosen = [...rows.examples.values()].filter(
        (each) => each.datasetId === id && (ids?.includes(each.id) ?? true),
      );
      for (const each of chosen) rows.examples.set(each.id, { ...each, status });
      return { changed: chosen.length };
    },
    deleteExample: async (_actor, id) => remove(rows.examples, "example", id),
    exportDataset: async (_actor, id, format) => ({
      name: `数据-${format}.jsonl`,
      mediaType: "application/x-ndjson",
      bytes: new TextEncoder().encode(find(rows.datasets, "dataset", id).name),
    }),
  };
}

export function fakeAdaptation(rows: AdaptationRows, enqueue: (kind: string) => Promise<Job>): Adaptation {
  return {
    ...fakeDatasets(rows, enqueue),
    ...fakeFineTunes(rows),
    ...fakeAdapters(rows),
    ...fakeEvaluations(rows),
    ...fakeQuestionSets(enqueue),
  };
}
