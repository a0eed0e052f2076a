/**
 * A run is a row and a job. A run with a candidate is held against one of the serving settings over the same questions: an
 * earlier one if nothing has changed since, else one that is measured first.
 */
import { isDeepStrictEqual } from "node:util";
import { AppError, createEvaluationSchema } from "@lorekeep/core";
import type { Collection, Dataset, Evaluation, EvaluationCandidate, EvaluationId } from "@lorekeep/core";
import { promptName, requirePrompt } from "@lorekeep/rag";
import type { z } from "zod";
import { findCollection } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Adaptation } from "../adaptation.ts";
import { findDataset } from "../adaptation/datasets.ts";
import { evaluationIdOf } from "../adaptation/parts.ts";
import type { AdaptationParts } from "../adaptation/parts.ts";
import { chooseAdapter, scaleOf } from "../adaptation/serving-adapter.ts";
import type { ServingParts } from "../adaptation/serving-adapter.ts";
import { enqueueEvaluation } from "../enqueue.ts";
import { requireFreePlace, targetOfCandidate, withCandidate } from "./try-candidate.ts";

type Parts = AdaptationParts & ServingParts;
type Request = z.output<typeof createEvaluationSchema>;

interface Asked {
  readonly request: Request;
  readonly dataset: Dataset;
  readonly collection: Collection;
}

/** Runs looked at for one that can be held against. */
const LOOK_BACK = 50;

export async function startEvaluation(
  parts: Parts,
  actor: Actor,
  given: Parameters<Adaptation["startEvaluation"]>[1],
): Promise<Evaluation> {
  const request = createEvaluationSchema.parse(given);
  const dataset = await findDataset(parts, request.dataset);
  const collection = await findCollection(parts.store.collections, actor, collectionName(request, dataset));
  const asked: Asked = { request, dataset, collection };
  const candidate = candidateOf(request);
  if (candidate === null) return begin(parts, asked, { name: request.name, candidate, baselineId: null });
  if ((await targetOfCandidate(parts, collection, candidate)) !== null) await requireFreePlace(parts, collection);
  // Before the baseline is begun: an unknown adapter or embedder begins nothing.
  await settingOf(parts, asked, candidate);
  const baselineId = request.baseline ?? (await baselineOf(parts, asked)).id;
  if (request.baseline !== undefined) await requireBaseline(parts, asked, request.baseline);
  return begin(parts, asked, { name: request.name, candidate, baselineId });
}

function candidateOf({ candidate, adapter }: Request): EvaluationCandidate | null {
  if (candidate === undefined) return null;
  return adapter === undefined ? candidate : { ...candidate, adapter };
}

function collectionName(request: { collection?: string | undefined }, { collectionId }: Dataset): string {
  const name = request.collection ?? collectionId;
  if (name === null)
    throw new AppError("request_invalid", "Say which collection is to be asked: the dataset belongs to none.");
  return name;
}

/** What a run is made with, on the row for good. Throws not_found, request_invalid, model_missing. */
async function settingOf(parts: Parts, { request, collection }: Asked, candidate: EvaluationCandidate | null) {
  const requested = candidate === null ? request.adapter : candidate.adapter;
  const adapter = await chooseAdapter(parts, requested, [collection]);
  const target = await targetOfCandidate(parts, collection, candidate);
  const { prompt, ...retrieval } = withCandidate(collection, candidate).retrieval;
  requirePrompt(prompt);
  const scale = scaleOf(adapter);
  return {
    answers: request.answers,
    limit: request.limit,
    // Taken now, so that the run measures one thing whatever is switched on meanwhile.
    adapter: adapter?.id ?? null,
    ...(scale === 1 ? {} : { adapterScale: scale }),
    generator: parts.config.models.generator,
    writing: candidate?.writing ?? parts.config.models.writing,
    embedder: target?.embedder ?? collection.embedder,
    chunking: target?.chunking ?? collection.chunking,
    retrieval,
    prompt: promptName(prompt),
    ...(prompt?.instructions === undefined ? {} : { instructions: prompt.instructions }),
    ...(prompt?.examples === undefined ? {} : { examples: prompt.examples }),
    // The state of the serving index: another one is another thing that was measured.
    documents: collection.documentCount,
    indexChange: await parts.lastChange(collection.generationId),
  };
}

interface NewRun {
  readonly name: string | undefined;
  readonly candidate: EvaluationCandidate | null;
  readonly baselineId: string | null;
}

async function begin(parts: Parts, asked: Asked, { name, candidate, baselineId }: NewRun): Promise<Evaluation> {
  const { dataset, collection } = asked;
  const setting = await settingOf(parts, asked, candidate);
  const { evaluations } = parts.store;
  const row = await evaluations.create({
    name: name ?? `${dataset.name} · ${parts.clock.now().toISOString().slice(0, 16).replace("T", " ")}`,
    ...{ datasetId: dataset.id, collectionId: collection.id, setting, jobId: null, candidate, baselineId },
  });
  const id = evaluationIdOf(row);
  try {
    const job = await enqueueEvaluation(parts.queue, id);
    return await evaluations.update(id, { jobId: job.id });
  } catch (error) {
    await evaluations.delete(id);
    throw error;
  }
}

/** A run of what serves now over these questions: one that is there and still true, else a new one. */
async function baselineOf(parts: Parts, asked: Asked): Promise<Evaluation> {
  const { request, dataset, collection } = asked;
  const serving: Asked = { ...asked, request: { ...request, adapter: undefined, candidate: undefined } };
  const setting = await settingOf(parts, serving, null);
  const { items } = await parts.store.evaluations.list({ limit: LOOK_BACK });
  const known = items.find(
    (run) =>
      run.datasetId === dataset.id &&
      run.collectionId === collection.id &&
      (run.candidate ?? null) === null &&
      ["queued", "running", "succeeded"].includes(run.status) &&
      run.createdAt >= dataset.updatedAt &&
      isDeepStrictEqual(run.setting, setting),
  );
  return known ?? begin(parts, serving, { name: undefined, candidate: null, baselineId: null });
}

async function requireBaseline(parts: Parts, { dataset, collection }: Asked, id: string): Promise<void> {
  const found = await parts.store.evaluations.get(id as EvaluationId); // any text may be looked up
  if (found === null) throw new AppError("not_found", "There is no such evaluation.", { evaluationId: id });
  if (found.datasetId !== dataset.id || found.collectionId !== collection.id)
    throw new AppError("request_invalid", "This run asked other questions, or another collection.");
}
