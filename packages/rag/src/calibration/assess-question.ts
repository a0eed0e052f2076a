/**
 * What the chat would think of a question, without asking it in public: the read path itself runs with a threshold that never
 * refuses, and its trace says how sure the verdict was. So a change of the read path changes the curve with it.
 *
 * Answers are quoted here: a generator would take seconds a question, and what it refuses is not the threshold's doing.
 */
import { AppError } from "@lorekeep/core";
import type { Collection, Passage, SearchFilter } from "@lorekeep/core";
import { answerQuestion } from "../answer-question.ts";
import type { AnswerDeps } from "../answer-run.ts";
import { COSINE_SCALES, REFUSAL_WEIGHTS } from "../refusal-weights.ts";
import { verdictIn } from "../refuse.ts";
import { STATED_WEIGHTS } from "../stated-weights.ts";

/** What the verdict is fitted to be: figures measured with other weights speak of another judge. */
export const REFUSAL_JUDGE = JSON.stringify([REFUSAL_WEIGHTS, STATED_WEIGHTS, COSINE_SCALES]);

export interface Assessment {
  readonly probability: number;
  readonly refusedAnyway: boolean;
  /** Those that were read. */
  readonly passages: readonly Passage[];
}

/** Throws aborted, and what the read path throws. */
export async function assessQuestion(
  request: {
    readonly question: string;
    readonly collection: Collection;
    readonly filter?: SearchFilter | undefined;
    readonly signal?: AbortSignal | undefined;
  },
  deps: AnswerDeps,
): Promise<Assessment> {
  const { question, collection, filter, signal } = request;
  const willing = { ...collection, retrieval: { ...collection.retrieval, refusalThreshold: 0 } };
  let passages: readonly Passage[] = [];
  let refusedAnyway = false;
  let isAnswered = false;
  for await (const event of answerQuestion(
    { question, history: [], collections: [willing], filter, writing: "quote", signal },
    deps,
  )) {
    if (event.type === "passages") passages = event.items;
    if (event.type === "refusal") refusedAnyway = true;
    if (event.type === "citations") isAnswered = true;
    if (event.type !== "end") continue;
    if (event.stopped) throw new AppError("aborted", "The question was not judged to its end.");
    const verdict = verdictIn(event.trace);
    // Summaries and comparisons are answered without a verdict, whatever the threshold.
    return { probability: verdict?.probability ?? Number(isAnswered), refusedAnyway, passages };
  }
  throw new AppError("unexpected", "The read path ended without saying so.");
}
