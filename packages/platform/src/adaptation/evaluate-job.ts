/**
 * The job `evaluate`: a set's questions go through the search and the read path that everybody's go through, with the serving
 * settings or with a candidate's. Each question is written down when it is done, so a run that was killed goes on at its next
 * question, and its figures are made of all of them (`reportOf`).
 */
import { throwIfAborted, toAppError } from "@lorekeep/core";
import type {
  Collection,
  DatasetId,
  Evaluation,
  EvaluationDetail,
  EvaluationFigures,
  EvaluationId,
  EvaluationItem,
  Example,
  JobContext,
} from "@lorekeep/core";
import { answerF1, figuresOfQuestion, reportOf } from "@lorekeep/rag";
import type { EvalAnswer, EvalQuestion, ScoredQuestion } from "@lorekeep/rag";
import { answerAsChat, searchQuestion } from "../evaluation/ask-question.ts";
import type { Asking, Said, Searched } from "../evaluation/ask-question.ts";
import { tryCandidate } from "../evaluation/try-candidate.ts";
import { throttleProgress } from "../ingest-into.ts";
import { isCancelledJob } from "./fine-tune-job.ts";
import type { AdaptationParts } from "./parts.ts";
import { chooseAdapter } from "./serving-adapter.ts";
import type { ServingParts } from "./serving-adapter.ts";

type Parts = AdaptationParts & ServingParts;

/** Passages kept of each search, and how much of their text. */
const SHOWN = 10;
const EXCERPT = 300;

export async function runEvaluation(
  parts: Parts,
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
    const figures = await measure(parts, { evaluation, id, collection, context });
    throwIfAborted(context.signal);
    await evaluations.update(id, { status: "succeeded", figures, endedAt: parts.clock.now().toISOString() });
    return { outcome: "measured" };
  } catch (error) {
    await settle(parts, id, context, error);
    throw error;
  }
}

/** What a retry may heal leaves the row as it is. */
async function settle(parts: Parts, id: EvaluationId, { job, signal }: JobContext, thrown: unknown): Promise<void> {
  const { evaluations } = parts.store;
  const { code, message, retry } = toAppError(thrown);
  if ((await evaluations.get(id))?.endedAt !== null) return;
  const endedAt = parts.clock.now().toISOString();
  if (isCancelledJob(signal)) await evaluations.update(id, { status: "cancelled", endedAt });
  else if (!signal.aborted && !(retry && job.attempt < job.maxAttempts))
    await evaluations.update(id, { status: "failed", error: { code, detail: message }, endedAt });
}

interface Measuring {
  readonly evaluation: EvaluationDetail;
  readonly id: EvaluationId;
  readonly collection: Collection;
  readonly context: JobContext;
}

async function measure(parts: Parts, measuring: Measuring): Promise<EvaluationFigures> {
  const { evaluation, collection, context } = measuring;
  const report = throttleProgress(context);
  const tried = await tryCandidate(parts, evaluation, { collection, context, report });
  let isComplete = false;
  try {
    const requested = evaluation.setting.adapter as string | null;
    const { candidate, setting } = evaluation;
    const adapter = await chooseAdapter(parts, requested, [collection], Number(setting.adapterScale ?? 1));
    const serving = { ...tried.collection, retrieval: { ...tried.collection.retrieval, ...savedRetrieval(setting) } };
    const asking = { collection: serving, adapter, writing: candidate?.writing, signal: context.signal };
    const scored = await askAll(parts, measuring, { asking, report, check: () => tried.check() });
    isComplete = true;
    return figuresOf(scored);
  } finally {
    // A process that is going down comes back to its index; everything else has done with it.
    if (isComplete || !context.signal.aborted || isCancelledJob(context.signal)) await tried.end(isComplete);
  }
}

/** Taken when the run was asked for, so that it measures one thing whatever is switched on meanwhile. */
function savedRetrieval({
  retrieval,
  prompt,
  instructions,
  examples,
}: Evaluation["setting"]): Partial<Collection["retrieval"]> {
  const saved: Partial<Collection["retrieval"]> = retrieval ?? {}; // as start-evaluation.ts wrote it
  if (typeof prompt !== "string") return saved;
  const own = typeof instructions === "string" ? { instructions } : {};
  const shown = typeof examples === "number" ? { examples } : {};
  // The name says the version first, then what was changed of it.
  return { ...saved, prompt: { version: prompt.split("+", 1)[0]!, ...own, ...shown } };
}

interface Steps {
  readonly asking: Asking;
  readonly report: (done: number, total: number, note: string) => void;
  readonly check: () => Promise<void>;
}

async function askAll(parts: Parts, { evaluation, id }: Measuring, { asking, report, check }: Steps) {
  const examples = await readQuestions(parts, evaluation);
  const there = new Map(evaluation.items.map((item) => [item.exampleId, item]));
  const scored: ScoredQuestion[] = [];
  for (const [turn, example] of examples.entries()) {
    throwIfAborted(asking.signal);
    const question = toQuestion(example);
    let item = there.get(example.id);
    if (item === undefined) {
      await check();
      const searched = await searchQuestion(parts, example, { asking, turn });
      const said = evaluation.setting.answers === false ? null : await answerAsChat(parts, example.question, asking);
      item = toItem({ example, question, searched, said });
      await parts.store.evaluations.addItems(id, [item]);
    }
    scored.push(toScored(question, item));
    report(turn + 1, examples.length, "measure");
  }
  return scored;
}

/** Every approved example is a question, once. */
async function readQuestions(parts: Parts, { datasetId, setting }: Evaluation): Promise<Example[]> {
  const id = datasetId as DatasetId; // as the row says
  const examples = await parts.store.datasets.allExamples(id, { status: "approved" });
  const distinct = [...new Map(examples.map((example) => [example.question, example])).values()];
  return distinct.slice(0, Number(setting.limit));
}

/** Citations are judged by their documents, since an answer may be found in another passage of the right one. */
function toQuestion({ id, question, answer, answerable, passages }: Example): EvalQuestion {
  const gold = passages.flatMap(({ gold: isGold, documentId }) => (isGold && documentId !== null ? [documentId] : []));
  const relevance = new Map(answerable ? gold.map((documentId) => [documentId, 1]) : []);
  return { id, question, answers: answer === null ? [] : [answer], answerable, relevance };
}

const answerOf = ({ answer, refused, said }: Pick<EvaluationItem, "answer" | "refused" | "said">): EvalAnswer | null =>
  said == null ? null : { answer, refused, ...said };

const toScored = (question: EvalQuestion, item: EvaluationItem): ScoredQuestion => ({
  question,
  arms: item.arms ?? null,
  answer: answerOf(item),
});

function figuresOf(scored: readonly ScoredQuestion[]): EvaluationFigures {
  const { questionCount, lexical, dense, hybrid, ...answers } = reportOf(scored);
  const isJudged = scored.some(({ arms }) => arms !== null);
  return { questions: questionCount, ...(isJudged ? { lexical, dense, hybrid } : {}), ...answers };
}

interface Asked {
  readonly example: Example;
  readonly question: EvalQuestion;
  readonly searched: Searched;
  readonly said: Said | null;
}

function toItem({ example, question, searched, said }: Asked): EvaluationItem {
  const { answer = "", refused = false, ...measured } = said ?? {};
  const { arms, passages, isRight } = searched;
  const item = {
    question: question.question,
    ...{ expected: example.answer, answerable: example.answerable, answer, refused },
    exampleId: example.id,
    ...{ arms, ndcgAt10: arms?.hybrid.ndcgAt10 ?? null },
    said: said === null ? null : (measured as Omit<Said, "answer" | "refused">), // all that is left of it
    retrieved: passages.slice(0, SHOWN).map((passage) => ({
      documentName: passage.documentName,
      ...{ chunkId: passage.chunkId, documentId: passage.documentId, page: passage.page },
      gold: isRight(passage),
      text: passage.text.slice(0, EXCERPT),
    })),
  };
  const shown = refused ? "" : (said?.shortAnswer ?? answer.replace(/\s*\[\d+\]/g, ""));
  const { answers } = question;
  return {
    ...item,
    f1: answers.length === 0 ? Number(refused) : answerF1(shown, answers),
    figures: figuresOfQuestion({ question, arms, answer: answerOf(item) }),
  };
}
