/** The closed loop wired together: use cases for the API and the CLI, handlers for the jobs. */
import type { JobHandler } from "@lorekeep/core";
import type { JobKindName, JobPayload } from "@lorekeep/jobs";
import type { Adaptation } from "../adaptation.ts";
import { adapterUseCases } from "./adapters.ts";
import { autoTrainUseCases, trainWhenDue } from "./auto-train.ts";
import { closeAbandoned } from "./close-abandoned.ts";
import { datasetUseCases } from "./datasets.ts";
import { runDraft } from "./draft-job.ts";
import { runEvaluation } from "./evaluate-job.ts";
import { evaluationUseCases } from "./evaluations.ts";
import { questionSetUseCases } from "../evaluation/question-sets.ts";
import { runFineTune } from "./fine-tune-job.ts";
import { fineTuneUseCases } from "./fine-tunes.ts";
import type { AdaptationParts } from "./parts.ts";
import type { ServingParts } from "./serving-adapter.ts";

export interface OpenedAdaptation {
  readonly adaptation: Adaptation;
  readonly handlers: Readonly<Record<Extract<JobKindName, "draft-examples" | "fine-tune" | "evaluate">, JobHandler>>;
  /** When a worker starts: ends rows whose jobs are over. */
  readonly closeAbandoned: () => Promise<void>;
  /** For the nightly run: starts what is due when this is switched on. */
  readonly trainWhenDue: () => Promise<string[]>;
}

export function openAdaptation(parts: AdaptationParts & ServingParts): OpenedAdaptation {
  return {
    adaptation: {
      ...datasetUseCases(parts),
      ...fineTuneUseCases(parts),
      ...adapterUseCases(parts),
      ...evaluationUseCases(parts),
      ...questionSetUseCases(parts),
      ...autoTrainUseCases(parts),
    },
    // The queue has checked each payload against its kind's schema, so the casts hold.
    handlers: {
      "draft-examples": (payload, context) => runDraft(parts, payload as JobPayload<"draft-examples">, context),
      "fine-tune": (payload, context) => runFineTune(parts, (payload as JobPayload<"fine-tune">).fineTuneId, context),
      evaluate: (payload, context) => runEvaluation(parts, (payload as JobPayload<"evaluate">).evaluationId, context),
    },
    closeAbandoned: () =>
      // A queue that is away must not keep a worker from starting; the next start looks again.
      closeAbandoned(parts).catch((error: unknown) => parts.logger.warn("runs.close_failed", { error })),
    trainWhenDue: () => trainWhenDue(parts),
  };
}
