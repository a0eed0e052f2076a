/**
 * What base and adapter said, put into figures: each answer is scored as it would be shown (cleaned as the read path cleans
 * it), and each figure keeps its value for every question, so that the two can be compared in pairs.
 */
import type { AnswerFigures } from "@lorekeep/core";
import { cleanGenerated } from "../clean-generated.ts";
import { pairedBootstrap } from "../evaluation/bootstrap.ts";
import type { PairedDifference } from "../evaluation/bootstrap.ts";
import { answerF1, answerTokens, mean, rougeL } from "../evaluation/metrics.ts";
import { contentTerms, distinctKeys, indexTerms } from "../text/terms.ts";
import type { AskedExample, TrainingMessages } from "./build-messages.ts";
import { isRefusalText } from "./refusal-target.ts";

export interface GateAnswer {
  /** As generated. */
  readonly text: string;
  readonly tokens: number;
  readonly ms: number;
  /** True when it was cut off by the token limit or by repetition. */
  readonly unfinished?: boolean | undefined;
}

/** A question without passages, with what a right answer holds: one of `accept` (a plain fact). */
export interface GeneralQuestion {
  readonly question: string;
  /** A whole sentence: its loss says how far the adapter has drifted. */
  readonly answer: string;
  readonly accept: readonly string[];
}

/** One held-out example with its prompt. */
export interface GateItem {
  readonly example: AskedExample;
  readonly prompt: TrainingMessages;
}

/** Every measure by question; null where the question has none (F1 of an unanswerable one). */
export interface ScoredRun {
  readonly shown: readonly string[];
  readonly f1: readonly (number | null)[];
  readonly rougeL: readonly (number | null)[];
  readonly refusedRight: readonly (number | null)[];
  readonly refusedWrong: readonly (number | null)[];
  readonly citationSupport: readonly (number | null)[];
  readonly loss: readonly (number | null)[];
  readonly generalScore: readonly (number | null)[];
  readonly generalLoss: readonly (number | null)[];
  readonly tokensPerSecond: number;
}

export function scoreRun(
  asked: { readonly items: readonly GateItem[]; readonly general: readonly GeneralQuestion[] },
  said: {
    readonly answers: readonly GateAnswer[];
    readonly general: readonly GateAnswer[];
    readonly loss: readonly number[] | null;
    readonly generalLoss: readonly number[] | null;
  },
): ScoredRun {
  const rows = asked.items.map((item, at) => scoreAnswer(item, said.answers[at]!));
  const column = <Key extends keyof ReturnType<typeof scoreAnswer>>(key: Key) => rows.map((row) => row[key]);
  return {
    shown: column("shown"),
    f1: column("f1"),
    rougeL: column("rougeL"),
    refusedRight: column("refusedRight"),
    refusedWrong: column("refusedWrong"),
    citationSupport: column("citationSupport"),
    loss: said.loss ?? [],
    generalScore: asked.general.map((question, at) => scoreGeneral(question, said.general[at]!)),
    generalLoss: said.generalLoss ?? [],
    tokensPerSecond: speedOf([...said.answers, ...said.general]),
  };
}

/** A refusal of an answerable question scores 0. */
function scoreAnswer({ example, prompt }: GateItem, { text, unfinished = false }: GateAnswer) {
  const shown = cleanGenerated(text, unfinished).join(" ");
  const refused = isRefusalText(text, example.language);
  const isAnswerable = example.answer !== null && example.answerable !== false;
  const golds = isAnswerable && !refused ? [prompt.target, ...(example.accepted ?? [])] : null;
  return {
    shown: shown === "" ? text.trim() : shown,
    f1: !isAnswerable ? null : golds === null ? 0 : answerF1(shown, golds),
    rougeL: !isAnswerable ? null : golds === null ? 0 : rougeL(shown, golds),
    refusedRight: isAnswerable ? null : Number(refused),
    refusedWrong: isAnswerable ? Number(refused) : null,
    citationSupport: refused ? null : supportedShare(shown, prompt),
  };
}

/** Share of an answer's content words that stand in the passages shown; null for an answer without any. */
export function supportedShare(answer: string, { passages }: Pick<TrainingMessages, "passages">): number | null {
  const keys = distinctKeys(contentTerms(answer));
  if (keys.length === 0) return null;
  const there = indexTerms(passages.map(({ title, text }) => `${title}\n${text}`).join("\n"));
  return keys.filter((key) => there.has(key)).length / keys.length;
}

/** Best share of an accepted answer's tokens that were said: long answers are not punished, the base is chatty. */
export function scoreGeneral({ accept }: GeneralQuestion, { text }: GateAnswer): number {
  const said = new Set(answerTokens(text));
  const shares = accept.map((accepted) => {
    const tokens = answerTokens(accepted);
    return tokens.filter((token) => said.has(token)).length / Math.max(1, tokens.length);
  });
  return Math.max(0, ...shares);
}

function speedOf(answers: readonly GateAnswer[]): number {
  const ms = answers.reduce((sum, answer) => sum + answer.ms, 0);
  const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
  return ms === 0 ? 0 : (tokens * 1000) / ms;
}

const present = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
const meanOrNull = (values: readonly (number | null)[]): number | null =>
  present(values).length === 0 ? null : mean(present(values));

export function figuresOf(run: ScoredRun): AnswerFigures {
  return {
    loss: meanOrNull(run.loss),
    f1: mean(present(run.f1)),
    rougeL: mean(present(run.rougeL)),
    refusedRight: meanOrNull(run.refusedRight),
    refusedWrong: mean(present(run.refusedWrong)),
    citationSupport: mean(present(run.citationSupport)),
    tokensPerSecond: run.tokensPerSecond,
    generalLoss: meanOrNull(run.generalLoss),
    generalScore: meanOrNull(run.generalScore),
  };
}

export const COMPARED = [
  ...(["loss", "f1", "rougeL", "refusedRight", "refusedWrong"] as const),
  ...(["citationSupport", "generalLoss", "generalScore"] as const),
] as const;
export type ComparedFigure = (typeof COMPARED)[number];
export type Differences = Partial<Record<ComparedFigure, PairedDifference>>;

/** Adapter minus base, over the questions where both have a value; a figure that neither has is left out. */
export function compareScores(base: ScoredRun, adapter: ScoredRun, seed: number, resamples?: number): Differences {
  const differences: Differences = {};
  for (const figure of COMPARED) {
    const pairs = base[figure].flatMap((before, at) => {
      const after = adapter[figure][at] ?? null;
      return before === null || after === null ? [] : [after - before];
    });
    if (pairs.length === 0) continue;
    differences[figure] = pairedBootstrap(pairs, { seed, ...(resamples === undefined ? {} : { resamples }) });
  }
  return differences;
}
