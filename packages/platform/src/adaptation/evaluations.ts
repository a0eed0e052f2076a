/** Evaluations as use cases: a set's questions asked over a collection, two such runs set against each other, one switched on. */
import { AppError } from "@lorekeep/core";
import type { Evaluation, EvaluationId, JobId } from "@lorekeep/core";
import { promptVersions } from "@lorekeep/rag";
import { requireScope } from "../access.ts";
import type { Adaptation } from "../adaptation.ts";
import { startEvaluation } from "../evaluation/start-evaluation.ts";
import { switchOn } from "../evaluation/switch-on.ts";
import { requireActivatable } from "./adapters.ts";
import { compareRuns } from "./compare-evaluations.ts";
import type { AdaptationParts } from "./parts.ts";
import type { ServingParts } from "./serving-adapter.ts";

type EvaluationUseCases = Pick<
  Adaptation,
  | "startEvaluation"
  | "evaluation"
  | "evaluations"
  | "cancelEvaluation"
  | "deleteEvaluation"
  | "compareEvaluations"
  | "switchOnEvaluation"
  | "prompts"
>;
type Parts = AdaptationParts & ServingParts;

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
      return startEvaluation(parts, actor, request);
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
    async prompts(actor) {
      requireScope(actor, "admin");
      return { items: promptVersions() };
    },
    async switchOnEvaluation(actor, id) {
      requireScope(actor, "admin");
      return switchOn(parts, { adapter: (adapterId) => requireActivatable(parts, adapterId) }, { actor, id });
    },
  };
}
