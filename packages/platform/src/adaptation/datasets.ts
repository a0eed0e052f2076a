/** Datasets as use cases: made from files, looked through, reviewed, exported for trainers elsewhere. */
import { AppError, createDatasetSchema, draftExamplesSchema } from "@lorekeep/core";
import type { Collection, Dataset, DatasetId, Example, ExampleDraft, ExampleId } from "@lorekeep/core";
import { cleanExamplesInSlices } from "@lorekeep/rag";
import { findCollection, requireScope } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Adaptation } from "../adaptation.ts";
import { enqueueDraft } from "../enqueue.ts";
import { yieldToOthers } from "../wake-ups.ts";
import { exportDataset } from "./export-dataset.ts";
import { datasetIdOf, exampleIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { parseLine, toDraft } from "./read-example.ts";

/** Lines taken from one file at most. */
const MAX_LINES = 100_000;
const LINES_A_SLICE = 200;
/** Reading lines between two rests, so that answers go on streaming. */
const READ_MS = 8;

type DatasetUseCases = Pick<
  Adaptation,
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
>;

/** By id or by name. Throws not_found. */
export async function findDataset(parts: AdaptationParts, idOrName: string): Promise<Dataset> {
  const { datasets } = parts.store;
  const found = (await datasets.get(idOrName as DatasetId)) ?? (await datasets.getByName(idOrName)); // any text may be looked up
  if (found === null) throw new AppError("not_found", "There is no such dataset.");
  return found;
}

/** Marks problems and decides what is held out, over the whole dataset: call after examples came in. */
export async function cleanDataset(parts: AdaptationParts, id: DatasetId, signal?: AbortSignal): Promise<void> {
  const examples = await parts.store.datasets.allExamples(id, {});
  const kept = examples.filter(({ status }) => status !== "rejected");
  const { marks } = await cleanExamplesInSlices(kept, { signal, rest: yieldToOthers });
  await parts.store.datasets.markExamples(kept.map((example, at) => ({ id: exampleIdOf(example), ...marks[at]! })));
}

async function makeDataset(
  parts: AdaptationParts,
  actor: Actor,
  request: { name: string; collection?: string | undefined },
): Promise<Dataset> {
  const collection: Collection | null =
    request.collection === undefined ? null : await findCollection(parts.store.collections, actor, request.collection);
  const dataset = await parts.store.datasets.create({ name: request.name, collectionId: collection?.id ?? null });
  await parts.store.audit.record({ actor: actor.id, action: "dataset.created", target: dataset.id });
  return dataset;
}

async function reread(parts: AdaptationParts, id: DatasetId): Promise<Dataset> {
  const dataset = await parts.store.datasets.get(id);
  if (dataset === null) throw new AppError("not_found", "There is no such dataset.", { datasetId: id });
  return dataset;
}

/** Nothing stays of a dataset whose file turns out to be wrong in the middle. */
async function fill(parts: AdaptationParts, id: DatasetId, lines: AsyncIterable<string>): Promise<void> {
  let number = 0;
  const drafts: ExampleDraft[] = [];
  let restedMs = performance.now();
  for await (const line of lines) {
    number += 1;
    if (number > MAX_LINES)
      throw new AppError("request_too_large", `A dataset takes at most ${MAX_LINES} examples at once.`);
    if (line.trim() === "") continue;
    drafts.push(toDraft(parseLine(line, number), number, "approved"));
    if (drafts.length < LINES_A_SLICE && performance.now() - restedMs < READ_MS) continue;
    await yieldToOthers();
    if (drafts.length >= LINES_A_SLICE) await parts.store.datasets.addExamples(id, drafts.splice(0));
    restedMs = performance.now();
  }
  await parts.store.datasets.addExamples(id, drafts);
}

async function review(
  parts: AdaptationParts,
  id: DatasetId,
  { ids, allSound, status }: Parameters<Adaptation["reviewExamples"]>[2],
): Promise<{ changed: number }> {
  await reread(parts, id);
  const wanted = new Set(ids);
  const isMeant = (example: Example): boolean =>
    wanted.has(example.id) || (allSound === true && example.status === "pending" && example.problems.length === 0);
  const chosen = (await parts.store.datasets.allExamples(id, {})).filter(isMeant);
  for (const example of chosen)
    if (example.status !== status) await parts.store.datasets.updateExample(exampleIdOf(example), { status });
  return { changed: chosen.length };
}

async function findExample(parts: AdaptationParts, id: ExampleId): Promise<Example> {
  const example = await parts.store.datasets.getExample(id);
  if (example === null) throw new AppError("not_found", "There is no such example.", { exampleId: id });
  return example;
}

export function datasetUseCases(parts: AdaptationParts): DatasetUseCases {
  const { datasets, audit } = parts.store;
  return {
    async createDataset(actor, given) {
      requireScope(actor, "admin");
      const request = createDatasetSchema.parse(given);
      const dataset = await makeDataset(parts, actor, request);
      const id = datasetIdOf(dataset);
      const status = request.review ? "pending" : "approved";
      await datasets.addExamples(
        id,
        request.examples.map((example, at) => toDraft(example, at, status)),
      );
      await cleanDataset(parts, id);
      return reread(parts, id);
    },
    async importDataset(actor, request) {
      requireScope(actor, "admin");
      const id = datasetIdOf(await makeDataset(parts, actor, request));
      try {
        await fill(parts, id, request.lines);
        await cleanDataset(parts, id);
      } catch (error) {
        await datasets.delete(id);
        throw error;
      }
      return reread(parts, id);
    },
    async dataset(actor, id) {
      requireScope(actor, "admin");
      return findDataset(parts, id);
    },
    async datasets(actor, query) {
      requireScope(actor, "admin");
      return datasets.list({ ...query, purpose: "training" });
    },
    async deleteDataset(actor, id) {
      requireScope(actor, "admin");
      if (!(await datasets.delete(id))) throw new AppError("not_found", "There is no such dataset.", { datasetId: id });
      await audit.record({ actor: actor.id, action: "dataset.deleted", target: id });
    },
    async draftExamples(actor, id, given) {
      requireScope(actor, "admin");
      const { collectionId } = await reread(parts, id);
      if (collectionId === null)
        throw new AppError(
          "request_invalid",
          "This dataset has no collection to draft examples from. Make one that names a collection.",
        );
      const request = draftExamplesSchema.parse(given);
      return enqueueDraft(parts.queue, { datasetId: id, ...request });
    },
    async examples(actor, id, filter, query) {
      requireScope(actor, "admin");
      return datasets.examples(id, filter, query);
    },
    async updateExample(actor, id, changes) {
      requireScope(actor, "admin");
      const before = await findExample(parts, id);
      const answer = changes.answer === undefined ? before.answer : changes.answer;
      const answerable = changes.answerable ?? (changes.answer === undefined ? before.answerable : answer !== null);
      if (answerable && answer === null)
        throw new AppError("request_invalid", "An answerable question needs an answer.");
      return datasets.updateExample(id, { ...changes, answerable, answer: answerable ? answer : null });
    },
    async reviewExamples(actor, id, request) {
      requireScope(actor, "admin");
      return review(parts, id, request);
    },
    async deleteExample(actor, id) {
      requireScope(actor, "admin");
      if (!(await datasets.deleteExample(id)))
        throw new AppError("not_found", "There is no such example.", { exampleId: id });
    },
    async exportDataset(actor, id, format) {
      requireScope(actor, "admin");
      return exportDataset(parts, await reread(parts, id), format);
    },
  };
}
