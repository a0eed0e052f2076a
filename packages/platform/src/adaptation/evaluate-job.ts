/**
 * The job `evaluate`: the dataset's questions go through the same search and the same chat as everybody's. Killed in the
 * middle it starts anew: items are written once, at the end.
 */
import { throwIfAborted, toAppError } from "@lorekeep/core";
import type {
  Collection,
  DatasetId,
  Evaluation,
  EvaluationFigures,
  EvaluationId,
  EvaluationItem,
  Example,
  JobContext,
  SearchResult,
} from "@lorekeep/core";
import { answerF1, evaluateSet, ndcgAt, retrieve, toSearchResult } from "@lorekeep/rag";
import type { EvalAnswer, EvalQuestion, SearchMode } from "@lorekeep/rag";
import { LOCAL_ACTOR } from "../access.ts";
import { askAsUser } from "../ask-as-user.ts";
import { throttleProgress } from "../ingest-into.ts";
import { isCancelledJob } from "./fine-tune-job.ts";
import type { AdaptationParts } from "./parts.ts";

interface Asked {
  readonly example: Example;
  readonly question: EvalQuestion;
  retrieved: readonly SearchResult[];
  answer: EvalAnswer | null;
}

export async function runEvaluation(
  parts: AdaptationParts,
  id: EvaluationId,
  context: JobContext,
): Promise<{ outcome: "gone" | "measured" }> {
  const { evaluations, collections } = parts.store;
  const evaluation = await evaluations.get(id);
  if (evaluation === null || evaluation.endedAt !== null) return { outcome: "gone" };
  const collection = await collections.get(evaluation.collectionId as Collection["id"]); // as the row says
  if (collection === null) return { outcome: "gone" };
  await evaluations.update(id, { status: "running" });
  try {
    const { figures, items } = await measure(parts, { evaluation, collection, context });
    throwIfAborted(context.signal);
    await evaluations.addItems(id, items);
    await evaluations.update(id, { status: "succeeded", figures, endedAt: parts.clock.now().toISOString() });
    return { outcome: "measured" };
  } catch (error) {
    const { code, message, retry } = toAppError(error);
    const { job, signal } = context;
    const ended = (await evaluations.get(id))?.endedAt;
    if (ended === null && isCancelledJob(signal))
      await evaluations.update(id, { status: "cancelled", endedAt: parts.clock.now().toISOString() });
    else if (ended === null && !signal.aborted && !(retry && job.attempt < job.maxAttempts)) {
      const endedAt = parts.clock.now().toISOString();
      await evaluations.update(id, { status: "failed", error: { code, detail: message }, endedAt });
    }
    throw error;
  }
}

interface Measuring {
  readonly evaluation: Evaluation;
  readonly collection: Collection;
  readonly context: JobContext;
}

async function measure(
  parts: AdaptationParts,
  { evaluation, collection, context }: Measuring,
): Promise<{ figures: EvaluationFigures; items: EvaluationItem[] }> {
  const asked = await readQuestions(parts, evaluation);
  const byQuestion = new Map(asked.map((each) => [each.question.question, each]));
  const progress = throttleProgress(context);
  const { answers, adapter } = evaluation.setting;
  const search = async (query: string, mode: SearchMode, limit: number): Promise<string[]> => {
    const request = { query, mode, limit, collections: [collection], signal: context.signal };
    const { passages } = await retrieve(request, parts.answer);
    const found = byQuestion.get(query);
    if (mode === "hybrid" && found) found.retrieved = passages.map(toSearchResult);
    return passages.map(({ documentId }) => documentId);
  };
  const chat = async (question: string): Promise<EvalAnswer> => {
    const request = { question, collections: [collection.id], adapter: adapter as string | null };
    const { citations, ...answer } = await askAsUser(parts, LOCAL_ACTOR, { ...request, signal: context.signal });
    const found = byQuestion.get(question);
    const said = { ...answer, citations };
    if (found) found.answer = said;
    return said;
  };
  const questions = asked.map(({ question }) => question);
  const report = await evaluateSet(
    { documents: [], questions },
    {
      search,
      ...(answers === false ? {} : { chat }),
      onProgress: (done, total) => progress(done, total, "measure"),
      signal: context.signal,
    },
  );
  // Questions that no document is known to answer say nothing about retrieval; what was retrieved is kept all the same.
  for (const each of asked)
    if (each.retrieved.length === 0) await search(each.question.question, "hybrid", 10).catch(() => []);
  return { figures: figuresOf(report, asked), items: asked.map(toItem) };
}

/** Every approved example is a question, once; those with a passage of the collection know their document. */
async function readQuestions(parts: AdaptationParts, { datasetId, setting }: Evaluation): Promise<Asked[]> {
  const id = datasetId as DatasetId; // as the row says
  const examples = await parts.store.datasets.allExamples(id, { status: "approved" });
  const distinct = [...new Map(examples.map((example) => [example.question, example])).values()];
  return distinct.slice(0, Number(setting.limit)).map((example) => {
    const { id, question, answer, answerable, passages } = example;
    const gold = passages.filter(({ gold: isGold, documentId }) => isGold && documentId !== null);
    const relevance = new Map(gold.map(({ documentId }) => [documentId!, 1]));
    const answers = answer === null ? [] : [answer];
    return { example, question: { id, question, answers, answerable, relevance }, retrieved: [], answer: null };
  });
}

function figuresOf(
  { questionCount, lexical, dense, hybrid, ...answers }: Awaited<ReturnType<typeof evaluateSet>>,
  asked: readonly Asked[],
): EvaluationFigures {
  const isJudged = asked.some(({ question }) => question.relevance.size > 0);
  return { questions: questionCount, ...(isJudged ? { lexical, dense, hybrid } : {}), ...answers };
}

function toItem({ example, question, retrieved, answer }: Asked): EvaluationItem {
  const { answers, relevance } = question;
  const shown =
    answer === null || answer.refused ? "" : (answer.shortAnswer ?? answer.answer.replace(/\s*\[\d+\]/g, ""));
  const ranked = [...new Set(retrieved.map(({ documentId }) => documentId))];
  return {
    question: question.question,
    expected: example.answer,
    answer: answer?.answer ?? "",
    refused: answer?.refused ?? false,
    f1: answers.length === 0 ? Number(answer?.refused ?? false) : answerF1(shown, answers),
    ndcgAt10: relevance.size === 0 ? null : ndcgAt(10, ranked, relevance),
    exampleId: example.id,
    retrieved: retrieved.slice(0, 10).map(({ documentName, chunkId, documentId }) => ({
      ...{ documentName, chunkId, documentId },
      gold: relevance.has(documentId),
    })),
  };
}
