/**
 * What a verdict on answerability rests on: how much of the question stands in the passages, how near they are in meaning,
 * and what of it is missing altogether. Numbers that a person can read in the trace.
 */
import type { Passage } from "@lorekeep/core";
import { passageSentences } from "./passage-sentences.ts";
import type { Question } from "./question.ts";
import type { Reading } from "./read-passages.ts";
import { coverage } from "./text/term-weights.ts";
import { indexTerms, sharedCount } from "./text/terms.ts";

/** Best cosines of off-corpus questions under one embedder. */
export interface CosineScale {
  readonly mean: number;
  readonly deviation: number;
}

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
  /** The reader's best logit that a passage holds the answer; 0 without a reader. */
  readonly reader: number;
  /** The reader's best logit that a passage is about the question; 0 without a reader. */
  readonly relevance: number;
};

/** Passages looked at; more of them only add chance matches. */
export const LOOKED_AT = 6;
const WINDOW = 3;

export function refusalFeatures(
  question: Question,
  passages: readonly Passage[],
  cosineScale: CosineScale | null,
  reading: Pick<Reading, "score" | "relevance"> | null = null,
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
    reader: reading?.score ?? 0,
    relevance: reading?.relevance ?? 0,
  };
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
