/** Fine-tunes as use cases: started, watched, held and stopped. The work is a job (fine-tune-job.ts). */
import { AppError, createFineTuneSchema } from "@lorekeep/core";
import type { CreateFineTuneRequest, Dataset, FineTune, FineTuneId, JobId } from "@lorekeep/core";
import { requireScope } from "../access.ts";
import type { Adaptation } from "../adaptation.ts";
import { enqueueFineTune } from "../enqueue.ts";
import { pause } from "../wake-ups.ts";
import { findDataset } from "./datasets.ts";
import { estimateFineTune, requireFit } from "./estimate.ts";
import { fineTuneIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { recipeOf } from "./recipe.ts";
import type { Recipe, TrainableBase } from "./trainer.ts";

type FineTuneUseCases = Pick<
  Adaptation,
  | "estimate"
  | "startFineTune"
  | "fineTune"
  | "fineTunes"
  | "watchFineTune"
  | "cancelFineTune"
  | "pauseFineTune"
  | "resumeFineTune"
>;

const WATCH_EVERY_MS = 400;
const ENDED: ReadonlySet<FineTune["status"]> = new Set(["succeeded", "failed", "cancelled", "rejected"]);
export const isEnded = ({ status }: Pick<FineTune, "status">): boolean => ENDED.has(status);

interface Prepared {
  readonly request: CreateFineTuneRequest;
  readonly dataset: Dataset;
  readonly recipe: Recipe;
  readonly base: TrainableBase;
}

async function prepare(parts: AdaptationParts, given: CreateFineTuneRequest): Promise<Prepared> {
  const request = createFineTuneSchema.parse(given);
  const dataset = await findDataset(parts, request.dataset);
  if (dataset.purpose === "evaluation")
    throw new AppError("request_invalid", "This is a question set: nothing is trained on what measures the training.");
  const base = await parts.trainer.openBase(request.base ?? parts.config.models.generator);
  return { request, dataset, recipe: recipeOf(request), base };
}

async function findFineTune(parts: AdaptationParts, id: FineTuneId): Promise<FineTune> {
  const found = await parts.store.fineTunes.get(id);
  if (found === null) throw new AppError("not_found", "There is no such fine-tune.", { fineTuneId: id });
  return found;
}

/** Row, then job: a row whose job could not be made is failed at once, so that nothing waits for ever. */
export async function startFineTune(
  parts: AdaptationParts,
  actor: { readonly id: string },
  given: CreateFineTuneRequest,
): Promise<FineTune> {
  const { request, dataset, recipe, base } = await prepare(parts, given);
  requireFit(await estimateFineTune(parts, { dataset, base, recipe }));
  const name = request.name ?? dataset.name;
  const row = await parts.store.fineTunes.create({ name, datasetId: dataset.id, base: base.name, recipe, jobId: null });
  const id = fineTuneIdOf(row);
  try {
    const job = await enqueueFineTune(parts.queue, id);
    await parts.store.audit.record({ actor: actor.id, action: "fine-tune.started", target: id });
    return await parts.store.fineTunes.update(id, { jobId: job.id });
  } catch (error) {
    const failed = { code: "queue_unavailable", detail: "The job could not be started. Try again." };
    await parts.store.fineTunes.update(id, {
      status: "failed",
      error: failed,
      endedAt: parts.clock.now().toISOString(),
    });
    throw error;
  }
}

/** Yields at once, then at each change; returns when the run has ended. */
async function* watch(parts: AdaptationParts, id: FineTuneId, signal: AbortSignal): AsyncGenerator<FineTune> {
  let last = "";
  while (!signal.aborted) {
    const row = await findFineTune(parts, id);
    const seen = JSON.stringify(row);
    if (seen !== last) yield row;
    last = seen;
    if (isEnded(row)) return;
    await pause(WATCH_EVERY_MS, signal);
  }
}

async function cancel(parts: AdaptationParts, id: FineTuneId): Promise<FineTune> {
  const row = await findFineTune(parts, id);
  if (isEnded(row)) return row;
  const endedAt = parts.clock.now().toISOString();
  const ended = await parts.store.fineTunes.update(id, { status: "cancelled", etaSeconds: null, endedAt });
  parts.runs.control(id)?.cancel();
  if (row.jobId !== null)
    await parts.queue.cancel(row.jobId as JobId).catch((error: unknown) => {
      // It ended meanwhile, or was pruned: then nothing runs.
      if (!(error instanceof AppError) || !["conflict", "not_found"].includes(error.code)) throw error;
    });
  return ended;
}

export function fineTuneUseCases(parts: AdaptationParts): FineTuneUseCases {
  const { fineTunes } = parts.store;
  return {
    async estimate(actor, request) {
      requireScope(actor, "admin");
      return estimateFineTune(parts, await prepare(parts, request));
    },
    async startFineTune(actor, request) {
      requireScope(actor, "admin");
      return startFineTune(parts, actor, request);
    },
    async fineTune(actor, id) {
      requireScope(actor, "admin");
      return findFineTune(parts, id);
    },
    async fineTunes(actor, query) {
      requireScope(actor, "admin");
      return fineTunes.list(query);
    },
    async *watchFineTune(actor, id, signal) {
      requireScope(actor, "admin");
      yield* watch(parts, id, signal);
    },
    async cancelFineTune(actor, id) {
      requireScope(actor, "admin");
      return cancel(parts, id);
    },
    async pauseFineTune(actor, id) {
      requireScope(actor, "admin");
      const row = await findFineTune(parts, id);
      if (isEnded(row)) throw new AppError("conflict", "This fine-tune has ended.");
      // The row first: the run's own beat reads it and would let go again.
      const paused = await fineTunes.update(id, { status: "paused", etaSeconds: null });
      parts.runs.control(id)?.pause();
      return paused;
    },
    async resumeFineTune(actor, id) {
      requireScope(actor, "admin");
      const row = await findFineTune(parts, id);
      if (row.status !== "paused") throw new AppError("conflict", "This fine-tune is not paused.");
      const resumed = await fineTunes.update(id, { status: row.startedAt === null ? "queued" : "running" });
      parts.runs.control(id)?.resume();
      return resumed;
    },
  };
}
