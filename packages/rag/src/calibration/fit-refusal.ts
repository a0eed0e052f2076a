/**
 * Questions asked of the right corpus and of the wrong one → the weights in refusal-weights.ts. Pure: whoever runs it
 * retrieves the passages (bench/calibrate-refusal.ts and bench/calibrate-reader.ts do, over public sets split by document).
 *
 * One small model a language, one a language without vectors, one for questions in another language than the passages; and each of
 * them with a reader's say. The bias is shifted so that 0.5 stands at the working point chosen below.
 */
import type { Passage } from "@lorekeep/core";
import type { Question } from "../question.ts";
import { refusalFeatures } from "../refusal-features.ts";
import type { CosineScale, RefusalFeatures } from "../refusal-features.ts";
import type { Reading } from "../read-passages.ts";
import { probabilityOf, refusalModelName } from "../refuse.ts";
import type { RefusalModel } from "../refusal-weights.ts";
import { fitLogistic } from "./logistic.ts";

export interface RefusalSample {
  readonly question: Question;
  /** As retrieved, hybrid. */
  readonly passages: readonly Passage[];
  /** Is the corpus the one that holds the answer? */
  readonly isOnCorpus: boolean;
  /** About the corpus and yet not answered by it: fitted on, but no working point is chosen for it. */
  readonly isAdversarial?: boolean | undefined;
  /** What the calibrated reader said; absent without one. */
  readonly reading?: Pick<Reading, "score" | "relevance"> | undefined;
}

export interface RefusalFit {
  readonly models: Readonly<Record<string, RefusalModel>>;
  readonly scale: CosineScale;
}

/** The working point: this share of off-corpus training questions is refused, as long as wrong refusals stay between these bounds. */
const REFUSED_OFF = 0.97;
const WRONG_BETWEEN = [0.025, 0.05] as const;

/** Signs are held: more words found never makes an answer less likely, a missing name never more. */
const SIGNS: Readonly<Record<keyof RefusalFeatures, 1 | -1>> = {
  passageCoverage: 1,
  windowCoverage: 1,
  dense: 1,
  margin: 1,
  agreement: 1,
  missingExact: -1,
  reader: 1,
  relevance: 1,
};
const ALL = ["passageCoverage", "windowCoverage", "dense", "margin", "agreement", "missingExact"] as const;
const FEATURES_OF: Readonly<Record<string, readonly (keyof RefusalFeatures)[]>> = {
  en: ALL,
  zh: ALL,
  "en-lexical": ["passageCoverage", "windowCoverage", "missingExact"],
  "zh-lexical": ["passageCoverage", "windowCoverage", "missingExact"],
  foreign: ["dense", "margin"],
  "en-reader": ["reader", "relevance", "windowCoverage", "dense", "margin", "missingExact"],
  "zh-reader": ["reader", "relevance", "windowCoverage", "dense", "margin", "missingExact"],
  "en-lexical-reader": ["reader", "relevance", "windowCoverage", "missingExact"],
  "zh-lexical-reader": ["reader", "relevance", "windowCoverage", "missingExact"],
  "foreign-reader": ["reader", "relevance", "dense", "margin"],
};
const isReaders = (name: string): boolean => name.endsWith("-reader");
const isLexical = (name: string): boolean => name.includes("-lexical");

/** Models of those samples: with a reader's say of the ones that were read, without of the others. */
export function fitRefusal(samples: readonly RefusalSample[], scale: CosineScale = scaleOf(samples)): RefusalFit {
  const models: Record<string, RefusalModel> = {};
  for (const [name, features] of Object.entries(FEATURES_OF)) {
    const own = samplesFor(name, samples);
    if (own.length === 0) continue;
    models[name] = fitOne(own, features, isLexical(name) ? null : scale);
  }
  return { models, scale };
}

/** Shares at threshold 0.5, and the balanced accuracy. */
export function measureRefusal(
  samples: readonly RefusalSample[],
  { models, scale }: RefusalFit,
  name: string,
): { count: number; refusedOff: number; refusedOn: number; refusedAdversarial: number; balanced: number } {
  const own = samplesFor(name, samples);
  const cosines = isLexical(name) ? null : scale;
  const refused = (asked: readonly RefusalSample[]): number => {
    const below = asked.filter(
      ({ question, passages, reading }) =>
        probabilityOf(refusalFeatures(question, passages, cosines, reading), models[name]!) < 0.5,
    );
    return asked.length === 0 ? Number.NaN : below.length / asked.length;
  };
  const refusedOff = refused(own.filter(({ isOnCorpus, isAdversarial }) => !isOnCorpus && isAdversarial !== true));
  const refusedAdversarial = refused(own.filter(({ isAdversarial }) => isAdversarial === true));
  const refusedOn = refused(own.filter(({ isOnCorpus }) => isOnCorpus));
  const balanced = (refusedOff + 1 - refusedOn) / 2;
  return { count: own.length, refusedOff, refusedOn, refusedAdversarial, balanced };
}

/** The samples that a model of this name will judge; for the `-lexical` ones, as the keyword arm alone would have found them. */
export function samplesFor(name: string, samples: readonly RefusalSample[]): RefusalSample[] {
  const plain = name.replace(/-reader$/, "");
  const read = samples.filter(({ reading }) => (reading !== undefined) === isReaders(name));
  const nameOf = ({ question, passages }: RefusalSample): string =>
    refusalModelName(question, passages, { hasScale: true, hasReader: false });
  if (!isLexical(name)) return read.filter((sample) => nameOf(sample) === plain);
  // Across languages words say nothing: those questions would only blur the model that must rely on words.
  return read
    .filter((sample) => `${nameOf(sample)}-lexical` === plain)
    .map((sample) => ({ ...sample, passages: withoutVectors(sample.passages) }));
}

function withoutVectors(passages: readonly Passage[]): Passage[] {
  return passages
    .filter(({ scores }) => scores.lexical !== null)
    .toSorted((left, right) => right.scores.lexical! - left.scores.lexical!)
    .map((passage) => ({ ...passage, scores: { ...passage.scores, dense: null } }));
}

function scaleOf(samples: readonly RefusalSample[]): CosineScale {
  const best = samples
    .filter(({ isOnCorpus }) => !isOnCorpus)
    .map(({ passages }) => Math.max(...passages.flatMap(({ scores }) => scores.dense ?? [])))
    .filter(Number.isFinite);
  const mean = best.reduce((sum, value) => sum + value, 0) / best.length;
  const variance = best.reduce((sum, value) => sum + (value - mean) ** 2, 0) / best.length;
  return { mean: round(mean), deviation: round(Math.sqrt(variance)) };
}

function fitOne(
  samples: readonly RefusalSample[],
  names: readonly (keyof RefusalFeatures)[],
  scale: CosineScale | null,
): RefusalModel {
  const rows = samples.map(({ question, passages, reading }) => {
    const features = refusalFeatures(question, passages, scale, reading);
    return names.map((name) => features[name]);
  });
  const labels = samples.map(({ isOnCorpus }) => (isOnCorpus ? 1 : 0));
  const onCount = labels.filter((label) => label === 1).length;
  // Both kinds count the same, however many of each there are.
  const rowWeights = labels.map((label) => labels.length / 2 / (label === 1 ? onCount : labels.length - onCount));
  const { bias, weights } = fitLogistic(rows, labels, { rowWeights, signs: names.map((name) => SIGNS[name]) });
  const scores = rows.map((row) => row.reduce((sum, value, at) => sum + value * weights[at]!, bias));
  const sorted = (label: number): number[] =>
    scores
      .filter((_, at) => labels[at] === label && samples[at]!.isAdversarial !== true)
      .sort((left, right) => left - right);
  const at = (values: readonly number[], share: number): number => values[Math.floor(share * values.length)] ?? 0;
  const [on, off] = [sorted(1), sorted(0)];
  const workingPoint = Math.max(at(on, WRONG_BETWEEN[0]), Math.min(at(off, REFUSED_OFF), at(on, WRONG_BETWEEN[1])));
  return {
    bias: round(bias - workingPoint),
    weights: Object.fromEntries(names.map((name, at) => [name, round(weights[at]!)])),
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
