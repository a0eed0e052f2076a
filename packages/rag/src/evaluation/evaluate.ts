/**
 * An evaluation set → the figures of `lorekeep eval --json`. Data in, data out: searching and chatting are functions that
 * the caller passes, so the same instrument measures a running server, a library in process, or a fake.
 */
import type { Citation, Span, TokenUsage } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { splitSentences } from "@lorekeep/ingest";
import type { AnswerVerdict } from "../refuse.ts";
import { bestThreshold, refusalShares } from "./best-threshold.ts";
import type { BestThreshold, RefusalShares } from "./best-threshold.ts";
import type { EvalQuestion, EvalSet } from "./load-eval-set.ts";
import { answerF1, exactMatch, mean } from "./metrics.ts";
import { scoreRanking, summarizeRanking } from "./score-ranking.ts";
import type { ModeFigures, RankRow } from "./score-ranking.ts";

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
  /** Sentences that were written and taken out again; absent = not told. */
  readonly cutSentenceCount?: number | undefined;
  /** Absent = not told, or there was none. */
  readonly verdict?: AnswerVerdict | undefined;
}

export interface AnswerFigures {
  /** Of shortAnswer where there is one, else of the whole text; answerable questions only, a refusal scores 0. */
  readonly answerF1: number;
  readonly answerEm: number;
  readonly fullAnswerF1: number;
  /** With the threshold that served; `best`: with the one that balances best on these questions, where verdicts are told. */
  readonly refusal: RefusalShares & { readonly best?: BestThreshold };
  /** Of the citations, those of a gold document. */
  readonly citationPrecision: number;
  /** Of the gold documents of answered questions, those cited. */
  readonly citationRecall: number;
  /** Of the sentences shown, those that no supported citation covers. */
  readonly unsupportedShare: number;
  /** Of the sentences written, those that were cut because no passage supports them. */
  readonly cutShare: number;
  readonly tokensPerSecond: number;
}

export type EvalReport = Readonly<Record<SearchMode, ModeFigures>> &
  Partial<AnswerFigures> & { readonly questionCount: number };

const DEPTH = 100;

/** What is known of one question when a run has asked it; null = it was not searched, or not answered. */
export interface ScoredQuestion {
  readonly question: EvalQuestion;
  readonly arms: Readonly<Record<SearchMode, RankRow>> | null;
  readonly answer: EvalAnswer | null;
}

export interface EvalRun {
  readonly report: EvalReport;
  /** One for each question of the set, in its order. */
  readonly questions: readonly ScoredQuestion[];
}

/** Questions without gold documents (unanswerable ones) count in the answers' figures only. */
export async function evaluateSet(set: EvalSet, deps: EvalDeps): Promise<EvalReport> {
  return (await evaluateQuestions(set, deps)).report;
}

/** As `evaluateSet`, with what each question got: what another run is compared with. */
export async function evaluateQuestions(set: EvalSet, deps: EvalDeps): Promise<EvalRun> {
  const judged = set.questions.filter(({ relevance, answerable }) => relevance.size > 0 && answerable !== false);
  const total = judged.length * SEARCH_MODES.length + (deps.chat === undefined ? 0 : set.questions.length);
  let done = 0;
  const step = (): void => {
    throwIfAborted(deps.signal);
    deps.onProgress?.(++done, total);
  };
  // One mode after the other: a search must not find warm what another mode has just read.
  const arms = {
    lexical: await measureMode("lexical", judged, deps, step),
    dense: await measureMode("dense", judged, deps, step),
    hybrid: await measureMode("hybrid", judged, deps, step),
  };
  const answers = deps.chat === undefined ? null : await askAll(set.questions, deps.chat, step);
  const questions = set.questions.map((question): ScoredQuestion => {
    const [lexical, dense, hybrid] = SEARCH_MODES.map((mode) => arms[mode].get(question));
    const isRanked = lexical !== undefined && dense !== undefined && hybrid !== undefined;
    return { question, arms: isRanked ? { lexical, dense, hybrid } : null, answer: answers?.get(question) ?? null };
  });
  return { report: reportOf(questions), questions };
}

/** The figures of a run from its questions alone. */
export function reportOf(questions: readonly ScoredQuestion[]): EvalReport {
  const figuresOf = (mode: SearchMode): ModeFigures =>
    summarizeRanking(questions.flatMap(({ arms }) => (arms === null ? [] : [arms[mode]])));
  const answered = questions.flatMap(({ question, answer }) => (answer === null ? [] : [{ question, answer }]));
  return {
    lexical: figuresOf("lexical"),
    dense: figuresOf("dense"),
    hybrid: figuresOf("hybrid"),
    ...(answered.length === 0 ? {} : summarizeAnswers(answered)),
    questionCount: questions.length,
  };
}

async function measureMode(
  mode: SearchMode,
  questions: readonly EvalQuestion[],
  deps: EvalDeps,
  step: () => void,
): Promise<Map<EvalQuestion, RankRow>> {
  const rows = new Map<EvalQuestion, RankRow>();
  for (const question of questions) {
    const startedAt = performance.now();
    const found = await deps.search(question.question, mode, DEPTH);
    rows.set(question, scoreRanking(found, question.relevance, performance.now() - startedAt));
    step();
  }
  return rows;
}

async function askAll(
  questions: readonly EvalQuestion[],
  chat: (question: string) => Promise<EvalAnswer>,
  step: () => void,
): Promise<Map<EvalQuestion, EvalAnswer>> {
  const answers = new Map<EvalQuestion, EvalAnswer>();
  for (const question of questions) {
    answers.set(question, await chat(question.question));
    step();
  }
  return answers;
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
  const best = bestThreshold(
    rows.map(({ question, answer }) => ({ ...answer, answerable: question.answerable !== false })),
  );
  const tokens = rows.reduce((sum, { answer }) => sum + answer.usage.completionTokens, 0);
  const seconds =
    rows.reduce((sum, { answer }) => sum + (answer.usage.completionTokens > 0 ? answer.generateMs : 0), 0) / 1000;
  return {
    answerF1: mean(scored.map((row) => answerF1(short(row), row.question.answers))),
    answerEm: mean(scored.map((row) => exactMatch(short(row), row.question.answers))),
    fullAnswerF1: mean(scored.map((row) => answerF1(shown(row), row.question.answers))),
    refusal: { ...refusalShares(right, wrong), ...(best === undefined ? {} : { best }) },
    ...citationFigures(answerable.filter(({ answer }) => !answer.refused)),
    unsupportedShare: unsupportedShare(rows.map(({ answer }) => answer)),
    cutShare: cutShare(rows.map(({ answer }) => answer)),
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

function cutShare(answers: readonly EvalAnswer[]): number {
  const cut = answers.reduce((sum, { cutSentenceCount }) => sum + (cutSentenceCount ?? 0), 0);
  const shown = answers.reduce((sum, { answer, refused }) => sum + (refused ? 0 : sentencesOf(answer).length), 0);
  return cut === 0 ? 0 : cut / (cut + shown);
}

function unsupportedShare(answers: readonly EvalAnswer[]): number {
  const covered: number[] = [];
  for (const { answer, refused, citations } of answers) {
    if (refused) continue;
    for (const [start, end] of sentencesOf(answer)) {
      const middle = (start + end) / 2;
      covered.push(
        citations.some(({ answerSpan: [from, to], supported }) => supported && from <= middle && middle <= to) ? 0 : 1,
      );
    }
  }
  return mean(covered);
}

/** Those that say something: a marker alone is none. */
const sentencesOf = (answer: string): Span[] =>
  splitSentences(answer).filter(([start, end]) =>
    /[\p{L}\p{N}]/u.test(answer.slice(start, end).replace(/\[\d+\]/g, "")),
  );

function withoutMarkers(answer: string): string {
  return answer.replace(/\s*\[\d+\]/g, "");
}
