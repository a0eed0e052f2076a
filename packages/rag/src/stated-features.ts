/**
 * The second thing a verdict asks: the passage is about the question, but does it *state* what is asked? SQuAD 2.0's unanswerable
 * questions (Rajpurkar et al. 2018) are of this kind: their words stand in the passage, far apart, one of them exchanged,
 * negated or missing. Features of the one passage that answers best, in numbers a person can read in the trace.
 */
import type { Passage } from "@lorekeep/core";
import type { WordAlignment } from "./align-words.ts";
import { passageSentences } from "./passage-sentences.ts";
import type { Question } from "./question.ts";
import type { PassageReading } from "./read-passages.ts";
import { LOOKED_AT } from "./refusal-features.ts";
import { saysOpposite } from "./text/opposites.ts";
import { coverage } from "./text/term-weights.ts";
import { indexTerms } from "./text/terms.ts";

export type StatedFeatures = {
  /** Weighted share of the question's telling terms in the best single sentence, with the passage's headings. */
  readonly sentenceCoverage: number;
  /** In the whole passage beyond that sentence: words that stand there, but apart. */
  readonly spread: number;
  /** Weight of the most telling term that the best sentence lacks, 0 to 1. */
  readonly missing: number;
  /** Weighted share of the question's names, numbers and identifiers that the best sentence lacks. */
  readonly missingExact: number;
  /** 1 when the sentence, or the passage, says the opposite of a word of the question and not that word. */
  readonly opposite: number;
  /** 1 when the question denies something ("not", "never", 不). */
  readonly negation: number;
  /** Telling terms of the question: a bare question says little about what would answer it. */
  readonly terms: number;
  /** The reader's logit that this passage holds the answer. */
  readonly reader: number;
  /** How near the question's least met word comes to a word of the best sentence (align-words.ts); 0 where that was not compared. */
  readonly leastAlike: number;
  /** How near the question as a whole comes to one sentence; 0 likewise. */
  readonly likeness: number;
};

const NEGATION = /\b(?:not|never|no|without|except|cannot|neither|nor|least)\b|n['’]t\b/iu;
const CHINESE_NEGATION = /[不没沒非无無未]/u;
const MANY_TERMS = 12;

export const deniesSomething = ({ text, language }: Pick<Question, "text" | "language">): boolean =>
  (language === "zh" ? CHINESE_NEGATION : NEGATION).test(text);

/** Of the passage that a reader ranks first, or without a reader of the one with the best sentence. */
export function statedFeatures(
  question: Question,
  passages: readonly Passage[],
  reading: Pick<PassageReading, "packed" | "score"> | null,
  alignment: WordAlignment | null = null,
): StatedFeatures {
  const best = bestStating(question, passages, reading);
  return {
    ...(best?.words ?? { sentenceCoverage: 0, spread: 0, missing: 0, missingExact: 0, opposite: 0 }),
    negation: deniesSomething(question) ? 1 : 0,
    terms: Math.min(question.keys.length, MANY_TERMS),
    reader: reading?.score ?? 0,
    leastAlike: alignment?.leastAlike ?? 0,
    likeness: alignment?.likeness ?? 0,
  };
}

/** The passage that the features are about; null without passages. */
export function bestStating(
  question: Question,
  passages: readonly Passage[],
  reading: Pick<PassageReading, "packed"> | null,
) {
  const looked = reading === null ? passages.slice(0, LOOKED_AT) : [reading.packed.passage];
  const all = looked.map((passage) => ({ passage, words: wordsIn(question, passage) }));
  return all.toSorted((left, right) => right.words.sentenceCoverage - left.words.sentenceCoverage)[0] ?? null;
}

function wordsIn(question: Question, passage: Passage) {
  const { keys, weight, terms } = question;
  const headings = indexTerms([passage.documentName, ...passage.headings].join("\n"));
  const held = new Set([...headings, ...indexTerms(passage.text)]);
  const sentences = passageSentences(passage).map((sentence) => {
    const said = new Set([...headings, ...sentence.keys]);
    return { said, share: coverage(keys, said, weight) };
  });
  const best = sentences.toSorted((left, right) => right.share - left.share)[0] ?? { said: headings, share: 0 };
  const exact = [...new Set(terms.filter(({ kind }) => kind !== "word" && kind !== "pair").map(({ key }) => key))];
  return {
    sentenceCoverage: best.share,
    spread: Math.max(0, coverage(keys, held, weight) - best.share),
    missing: Math.max(0, ...keys.filter((key) => !best.said.has(key)).map(weight)),
    missingExact: exact.length === 0 ? 0 : 1 - coverage(exact, best.said, weight),
    opposite: saysOpposite(keys, best.said) || saysOpposite(keys, held) ? 1 : 0,
  };
}
