/**
 * An evaluation set → the figures of `lorekeep eval --json`. Data in, data out: searching and chatting are functions that
 * the caller passes, so the same instrument measures a running server, a library in process, or a fake.
 */
import type { Citation, TokenUsage } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { splitSentences } from "@lorekeep/ingest";
import type { EvalQuestion, EvalSet } from "./load-eval-set.ts";
import { answerF1, exactMatch, mean, mrrAt, ndcgAt, percentile, recallAt } from "./metrics.ts";

export const SEARCH_MODES = ["lexical", "dense", "hybrid"] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

export interface EvalDeps {
  /** External document ids best first, at most `limit` results; repeated ids (several chunks of one document) are fine. */
  readonly search: (query: string, mode: SearchMode, limit: number) => Promise<readonly string[]>;
  /** Absent: answers are not measured. */
  readonly chat?: ((question: string) => Promise<EvalAnswer>) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EvalAnswer {
  /** Without markers or with them: they are taken off. */
  readonly answer: string;
  readonly shortAnswer?: string | undefined;
  readonly refused: boolean;
  /** `documentId` here is the external id. */
  readonly citations: readonly (Pick<Citation, "answerSpan" | "supported"> & { readonly documentId: string })[];
  readonly usage: TokenUsage;
  readonly generateMs: number;
}

export interface ModeFigures {
  readonly ndcgAt10: number;
  readonly mrrAt10: number;
  readonly recallAt10: number;
  readonly recallAt100: number;
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p95: number };
}

export interface AnswerFigures {
  /** Of shortAnswer where there is one, else of the whole text; answerable questions only, a refusal scores 0. */
  readonly answerF1: number;
  readonly answerEm: number;
  readonly fullAnswerF1: number;
  /** Of the unanswerable questions refused; of the answerable ones refused; mean of right and 1 − wrong. */
  readonly refusal: { readonly right: number; readonly wrong: number; readonly balanced: number };
  /** Of the citations, those of a gold document. */
  readonly citationPrecision: number;
  /** Of the gold documents of answered questions, those cited. */
  readonly citationRecall: number;
  /** Of the sentences shown, those that no supported citation covers. */
  readonly unsupportedShare: number;
  readonly tokensPerSecond: number;
}

export type EvalReport = Readonly<Record<SearchMode, ModeFigures>> &
  Partial<AnswerFigures> & { readonly questionCount: number };

const DEPTH = 100;

/** Questions without gold documents (unanswerable ones) count in the answers' figures only. */
export async function evaluateSet(set: EvalSet, deps: EvalDeps): Promise<EvalReport> {
  const judged = set.questions.filter(({ relevance, answerable }) => relevance.size > 0 && answerable !== false);
  const total = judged.length * SEARCH_MODES.length + (deps.chat === undefined ? 0 : set.questions.length);
  let done = 0;
  const step = (): void => {
    throwIfAborted(deps.signal);
    deps.onProgress?.(++done, total);
  };
  const modes = {
    lexical: await measureMode("lexical", judged, deps, step),
    dense: await measureMode("dense", judged, deps, step),
    hybrid: await measureMode("hybrid", judged, deps, step),
  };
  const answers = deps.chat === undefined ? {} : await measureAnswers(set.questions, deps.chat, step);
  return { ...modes, ...answers, questionCount: set.questions.length };
}

async function measureMode(
  mode: SearchMode,
  questions: readonly EvalQuestion[],
  deps: EvalDeps,
  step: () => void,
): Promise<ModeFigures> {
  const rows: { ndcg: number; mrr: number; recall10: number; recall100: number; ms: number }[] = [];
  for (const { question, relevance } of questions) {
    const startedAt = performance.now();
    const found = await deps.search(question, mode, DEPTH);
    const ms = performance.now() - startedAt;
    const ranked = [...new Set(found)];
    rows.push({
      ndcg: ndcgAt(10, ranked, relevance),
      mrr: mrrAt(10, ranked, relevance),
      recall10: recallAt(10, ranked, relevance),
      recall100: recallAt(100, ranked, relevance),
      ms,
    });
    step();
  }
  const times = rows.map(({ ms }) => ms);
  return {
    ndcgAt10: mean(rows.map(({ ndcg }) => ndcg)),
    mrrAt10: mean(rows.map(({ mrr }) => mrr)),
    recallAt10: mean(rows.map(({ recall10 }) => recall10)),
    recallAt100: mean(rows.map(({ recall100 }) => recall100)),
    latency: { p50: percentile(times, 0.5), p95: percentile(times, 0.95) },
  };
}

async function measureAnswers(
  questions: readonly EvalQuestion[],
  chat: (question: string) => Promise<EvalAnswer>,
  step: () => void,
): Promise<AnswerFigures> {
  const rows: { question: EvalQuestion; answer: EvalAnswer }[] = [];
  for (const question of questions) {
    rows.push({ question, answer: await chat(question.question) });
    step();
  }
  return summarizeAnswers(rows);
}

/** Also what compares two saved runs. */
export function summarizeAnswers(
  rows: readonly { readonly question: EvalQuestion; readonly answer: EvalAnswer }[],
): AnswerFigures {
  const scored = rows.filter(({ question }) => question.answers.length > 0 && question.answerable !== false);
  const answerable = rows.filter(({ question }) => question.answerable !== false);
  const unanswerable = rows.filter(({ question }) => question.answerable === false);
  const shown = ({ answer }: { answer: EvalAnswer }): string => (answer.refused ? "" : withoutMarkers(answer.answer));
  const short = (row: { answer: EvalAnswer }): string =>
    row.answer.refused ? "" : (row.answer.shortAnswer ?? shown(row));
  const right = mean(unanswerable.map(({ answer }) => (answer.refused ? 1 : 0)));
  const wrong = mean(answerable.map(({ answer }) => (answer.refused ? 1 : 0)));
  const tokens = rows.reduce((sum, { answer }) => sum + answer.usage.completionTokens, 0);
  const seconds =
    rows.reduce((sum, { answer }) => sum + (answer.usage.completionTokens > 0 ? answer.generateMs : 0), 0) / 1000;
  return {
    answerF1: mean(scored.map((row) => answerF1(short(row), row.question.answers))),
    answerEm: mean(scored.map((row) => exactMatch(short(row), row.question.answers))),
    fullAnswerF1: mean(scored.map((row) => answerF1(shown(row), row.question.answers))),
    refusal: { right, wrong, balanced: (right + 1 - wrong) / 2 },
    ...citationFigures(answerable.filter(({ answer }) => !answer.refused)),
    unsupportedShare: unsupportedShare(rows.map(({ answer }) => answer)),
    tokensPerSecond: seconds === 0 ? 0 : tokens / seconds,
  };
}

function citationFigures(rows: readonly { readonly question: EvalQuestion; readonly answer: EvalAnswer }[]): {
  citationPrecision: number;
  citationRecall: number;
} {
  const precise: number[] = [];
  const recalled: number[] = [];
  for (const { question, answer } of rows) {
    if (question.relevance.size === 0) continue;
    const isGold = (id: string): boolean => (question.relevance.get(id) ?? 0) > 0;
    for (const { documentId } of answer.citations) precise.push(isGold(documentId) ? 1 : 0);
    const cited = new Set(answer.citations.map(({ documentId }) => documentId));
    for (const [id, relevance] of question.relevance) if (relevance > 0) recalled.push(cited.has(id) ? 1 : 0);
  }
  return { citationPrecision: mean(precise), citationRecall: mean(recalled) };
}

function unsupportedShare(answers: readonly EvalAnswer[]): number {
  const covered: number[] = [];
  for (const { answer, refused, citations } of answers) {
    if (refused) continue;
    for (const [start, end] of splitSentences(answer)) {
      if (!/[\p{L}\p{N}]/u.test(answer.slice(start, end).replace(/\[\d+\]/g, ""))) continue;
      const middle = (start + end) / 2;
      covered.push(
        citations.some(({ answerSpan: [from, to], supported }) => supported && from <= middle && middle <= to) ? 0 : 1,
      );
    }
  }
  return mean(covered);
}

function withoutMarkers(answer: string): string {
  return answer.replace(/\s*\[\d+\]/g, "");
}
