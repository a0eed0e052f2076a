/**
 * The job `refusal-curve`: the collection is asked questions that its documents answer and questions that they do not, through
 * the chat's own read path, and what each threshold would do is kept. Killed in the middle it starts anew; cancelled, the
 * curve from before stays.
 */
import { throwIfAborted } from "@lorekeep/core";
import type { Clock, Collection, CollectionId, JobContext, RefusalCurveOutcome } from "@lorekeep/core";
import { assessQuestion, curveQuestions, judgeCurveQuestion, refusalCurve } from "@lorekeep/rag";
import type { AnswerDeps, JudgedQuestion } from "@lorekeep/rag";
import { throttleProgress } from "../ingest-into.ts";
import type { Platform } from "../platform.ts";
import { yieldToOthers } from "../wake-ups.ts";
import { gatherMaterial } from "./gather-material.ts";
import { judgeName, keepCurve } from "./kept-curves.ts";

export interface CurveParts extends Pick<Platform, "config" | "store" | "queue" | "logger"> {
  readonly clock: Clock;
  /** The read path's ports, as the chat has them. */
  readonly answer: AnswerDeps;
}

export async function runRefusalCurve(
  parts: CurveParts,
  id: CollectionId,
  context: JobContext,
): Promise<RefusalCurveOutcome> {
  const collection = await parts.store.collections.get(id);
  if (collection === null) return { outcome: "gone", answerable: 0, unanswerable: 0 };
  const judged = await judgeAll(parts, collection, context);
  throwIfAborted(context.signal);
  // Deleted meanwhile: nothing is kept of it.
  if ((await parts.store.collections.get(id)) === null) return { outcome: "gone", answerable: 0, unanswerable: 0 };
  const answerable = judged.filter((each) => each.answerable).length;
  const counts = { answerable, unanswerable: judged.length - answerable };
  const figures = refusalCurve(judged, parts.config.retrieval.refusalThreshold);
  if (figures === null) return { outcome: "too_few", ...counts };
  const { generationId, documentCount } = collection;
  const curve = {
    ...figures,
    ...{ generationId, documentCount },
    madeAt: parts.clock.now().toISOString(),
    judge: judgeName(await readerName(parts.answer)),
  };
  await keepCurve(parts.store, id, { curve });
  parts.logger.info("refusal-curve.made", { collectionId: id, ...counts });
  return { outcome: "measured", ...counts };
}

async function judgeAll(parts: CurveParts, collection: Collection, context: JobContext): Promise<JudgedQuestion[]> {
  const { signal } = context;
  await context.progress(0, null, "gather");
  const material = await gatherMaterial(parts.store, collection, signal);
  const questions = curveQuestions(material, { documentCount: collection.documentCount });
  const progress = throttleProgress(context);
  const judged: JudgedQuestion[] = [];
  for (const [at, each] of questions.entries()) {
    throwIfAborted(signal);
    progress(at, questions.length, "measure");
    const found = await judgeCurveQuestion(each, (question, filter) =>
      assessQuestion({ question, collection, filter, signal }, parts.answer),
    );
    if (found !== null) judged.push(found);
    await yieldToOthers();
  }
  await context.progress(questions.length, questions.length, "measure");
  return judged;
}

/** null without a reader that works: the verdict rests on words and vectors then. */
export async function readerName(answer: AnswerDeps): Promise<string | null> {
  return (await answer.reader?.())?.fingerprint ?? null;
}
