/**
 * Do these passages hold an answer? A logistic model over a handful of features that a person can read, fitted on public
 * questions asked of the right and of the wrong corpus (calibration/fit-refusal.ts). The generator has no say in it: small
 * models never refuse. The scale is shifted so that 0.5 is the calibrated working point of `refusalThreshold`.
 */
import type { Passage } from "@lorekeep/core";
import { passageSentences } from "./passage-sentences.ts";
import type { Question } from "./question.ts";
import { COSINE_SCALES, REFUSAL_WEIGHTS } from "./refusal-weights.ts";
import type { CosineScale, RefusalModel } from "./refusal-weights.ts";
import type { DenseArm } from "./dense-arm.ts";
import { coverage } from "./text/term-weights.ts";
import { indexTerms, sharedCount } from "./text/terms.ts";

export type RefusalFeatures = {
  /** Weighted share of the question's telling terms in the best passage, its headings and its document's name. */
  readonly passageCoverage: number;
  /** The same in the best three neighbouring sentences. */
  readonly windowCoverage: number;
  /** Best cosine, in standard deviations above the usual best cosine of an off-corpus question; 0 without vectors. */
  readonly dense: number;
  /** Best cosine minus the mean of the others, times 10; 0 without vectors. */
  readonly margin: number;
  /** Share of the five best passages of one arm that are among the five best of the other. */
  readonly agreement: number;
  /** Weighted share of the question's names, numbers and identifiers that the best passage lacks. */
  readonly missingExact: number;
};

export interface Answerability {
  /** Calibrated probability that the passages hold an answer. */
  readonly probability: number;
  readonly features: RefusalFeatures;
  /** Which fitted model judged. */
  readonly model: string;
}

/** Passages looked at; more of them only add chance matches. */
const LOOKED_AT = 6;
const WINDOW = 3;

/** `cosineScale` null: the verdict rests on words alone. */
export function judgeAnswerability(
  question: Question,
  passages: readonly Passage[],
  cosineScale: CosineScale | null,
): Answerability {
  const features = refusalFeatures(question, passages, cosineScale);
  const model = refusalModelName(question, passages, cosineScale !== null);
  return { probability: probabilityOf(features, REFUSAL_WEIGHTS[model]!), features, model };
}

/** Which of the fitted models is meant for such a question and such passages. */
export function refusalModelName(question: Question, passages: readonly Passage[], hasScale: boolean): string {
  const language = question.language === "zh" ? "zh" : "en";
  const hasDense = hasScale && passages.some(({ scores }) => scores.dense !== null);
  if (!hasDense) return `${language}-lexical`;
  return isCrossLingual(question, passages) ? "foreign" : language;
}

/** The scale of the one embedder that served; null when none or several did, or when its cosines were never measured. */
export function cosineScaleOf(arms: readonly DenseArm[]): CosineScale | null {
  const names = new Set(arms.filter(({ hitCount }) => hitCount > 0).map(({ embedder }) => embedder));
  const [name] = names;
  return names.size === 1 && name !== undefined ? (COSINE_SCALES[name] ?? null) : null;
}

export function refusalFeatures(
  question: Question,
  passages: readonly Passage[],
  cosineScale: CosineScale | null,
): RefusalFeatures {
  const { keys, weight } = question;
  const best = passages.slice(0, LOOKED_AT).map((passage) => {
    const held = indexTerms([passage.text, passage.documentName, ...passage.headings].join("\n"));
    return { held, passage, share: coverage(keys, held, weight) };
  });
  best.sort((left, right) => right.share - left.share);
  const cosines = passages.flatMap(({ scores }) => scores.dense ?? []).sort((left, right) => right - left);
  const exact = [
    ...new Set(question.terms.filter(({ kind }) => kind !== "word" && kind !== "pair").map(({ key }) => key)),
  ];
  return {
    passageCoverage: best[0]?.share ?? 0,
    windowCoverage: Math.max(0, ...best.map(({ passage }) => windowCoverage(question, passage))),
    dense: cosineScale === null || cosines.length === 0 ? 0 : (cosines[0]! - cosineScale.mean) / cosineScale.deviation,
    margin: cosines.length < 2 ? 0 : 10 * (cosines[0]! - mean(cosines.slice(1))),
    agreement: agreement(passages),
    missingExact: exact.length === 0 || best.length === 0 ? 0 : 1 - coverage(exact, best[0]!.held, weight),
  };
}

export function probabilityOf(features: RefusalFeatures, model: RefusalModel): number {
  let score = model.bias;
  for (const [name, weight] of Object.entries(model.weights)) score += weight * features[name as keyof RefusalFeatures]; // keys of our own table
  return 1 / (1 + Math.exp(-score));
}

/** The question shares no term with passages in another script: only meaning can tell. */
function isCrossLingual(question: Question, passages: readonly Passage[]): boolean {
  const looked = passages.slice(0, LOOKED_AT);
  const known = looked.filter(({ language }) => language !== null && language !== "other");
  return known.length > 0 && known.every(({ language }) => language !== question.language);
}

function windowCoverage(question: Question, passage: Passage): number {
  const sentences = passageSentences(passage);
  const headings = indexTerms([passage.documentName, ...passage.headings].join("\n"));
  let best = 0;
  for (let from = 0; from < sentences.length; from++) {
    const held = new Set([...headings, ...sentences.slice(from, from + WINDOW).flatMap(({ keys }) => [...keys])]);
    best = Math.max(best, coverage(question.keys, held, question.weight));
  }
  return best;
}

function agreement(passages: readonly Passage[]): number {
  const top = (score: (passage: Passage) => number | null): Set<string> =>
    new Set(
      passages
        .filter((passage) => score(passage) !== null)
        .toSorted((left, right) => score(right)! - score(left)!)
        .slice(0, 5)
        .map(({ chunkId }) => chunkId),
    );
  const dense = top(({ scores }) => scores.dense);
  const lexical = top(({ scores }) => scores.lexical);
  const smaller = Math.min(dense.size, lexical.size);
  return smaller === 0 ? 0 : sharedCount(dense, lexical) / Math.max(smaller, 3);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
