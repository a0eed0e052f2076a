/** Evaluations as use cases: a dataset's questions asked over a collection, and two such runs set against each other. */
import { AppError, createEvaluationSchema } from "@lorekeep/core";
import type { Dataset, Evaluation, EvaluationId, JobId } from "@lorekeep/core";
import { PROMPT_VERSION } from "@lorekeep/rag";
import { findCollection, requireScope } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Adaptation } from "../adaptation.ts";
import { enqueueEvaluation } from "../enqueue.ts";
import { compareRuns } from "./compare-evaluations.ts";
import { findDataset } from "./datasets.ts";
import { evaluationIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { chooseAdapter } from "./serving-adapter.ts";
import type { ServingParts } from "./serving-adapter.ts";

type EvaluationUseCases = Pick<
  Adaptation,
  "startEvaluation" | "evaluation" | "evaluations" | "cancelEvaluation" | "deleteEvaluation" | "compareEvaluations"
>;
type Parts = AdaptationParts & ServingParts;

async function start(
  parts: Parts,
  actor: Actor,
  given: Parameters<Adaptation["startEvaluation"]>[1],
): Promise<Evaluation> {
  const request = createEvaluationSchema.parse(given);
  const dataset = await findDataset(parts, request.dataset);
  const collection = await findCollection(parts.store.collections, actor, collectionName(request, dataset));
  const adapter = await chooseAdapter(parts, request.adapter, [collection]);
  const setting = {
    answers: request.answers,
    limit: request.limit,
    // Taken now, so that the run measures one thing whatever is switched on meanwhile.
    adapter: adapter?.id ?? null,
    generator: parts.config.models.generator,
    embedder: collection.embedder,
    chunking: collection.chunking,
    retrieval: collection.retrieval,
    prompt: PROMPT_VERSION,
  };
  const name = request.name ?? `${dataset.name} · ${parts.clock.now().toISOString().slice(0, 16).replace("T", " ")}`;
  const row = { name, datasetId: dataset.id, collectionId: collection.id, setting, jobId: null };
  const id = evaluationIdOf(await parts.store.evaluations.create(row));
  try {
    const job = await enqueueEvaluation(parts.queue, id);
    return await parts.store.evaluations.update(id, { jobId: job.id });
  } catch (error) {
    await parts.store.evaluations.delete(id);
    throw error;
  }
}

function collectionName(request: { collection?: string | undefined }, { collectionId }: Dataset): string {
  const name = request.collection ?? collectionId;
  if (name === null)
    throw new AppError("request_invalid", "Say which collection is to be asked: the dataset belongs to none.");
  return name;
}

async function cancel(parts: Parts, id: EvaluationId): Promise<Evaluation> {
  const found = await find(parts, id);
  if (found.status !== "queued" && found.status !== "running") return found;
  const endedAt = parts.clock.now().toISOString();
  const ended = await parts.store.evaluations.update(id, { status: "cancelled", endedAt });
  if (found.jobId !== null)
    await parts.queue.cancel(found.jobId as JobId).catch((error: unknown) => {
      // It ended meanwhile, or was pruned: then nothing runs.
      if (!(error instanceof AppError) || !["conflict", "not_found"].includes(error.code)) throw error;
    });
  return ended;
}

async function find(parts: Parts, id: EvaluationId) {
  const found = await parts.store.evaluations.get(id);
  if (found === null) throw new AppError("not_found", "There is no such evaluation.", { evaluationId: id });
  return found;
}

export function evaluationUseCases(parts: Parts): EvaluationUseCases {
  const { evaluations } = parts.store;
  return {
    async startEvaluation(actor, request) {
      requireScope(actor, "admin");
      return start(parts, actor, request);
    },
    async evaluation(actor, id) {
      requireScope(actor, "admin");
      return find(parts, id);
    },
    async evaluations(actor, query) {
      requireScope(actor, "admin");
      return evaluations.list(query);
    },
    async cancelEvaluation(actor, id) {
      requireScope(actor, "admin");
      return cancel(parts, id);
    },
    async deleteEvaluation(actor, id) {
      requireScope(actor, "admin");
      await cancel(parts, id);
      await evaluations.delete(id);
    },
    async compareEvaluations(actor, before, after) {
      requireScope(actor, "admin");
      return compareRuns(await find(parts, before), await find(parts, after));
    },
  };
}
