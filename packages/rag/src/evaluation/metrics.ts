/**
 * The measures, each as the literature defines it, so that our figures can be put beside published ones.
 *
 * nDCG: Järvelin & Kekäläinen 2002 with linear gain, as trec_eval and BEIR compute it. Answer scores: SQuAD 1.1's official
 * script (Rajpurkar et al. 2016) and, for Chinese, characters as in CMRC 2018 (Cui et al. 2019). Intervals: percentile
 * bootstrap over questions (Efron 1979), paired when two runs are compared.
 */
import { seededRandom } from "./seeded-random.ts";

/** Document id → relevance (0 = not relevant). */
export type Relevance = ReadonlyMap<string, number>;

/** `ranked`: distinct ids, best first. 0 when nothing is relevant. */
export function ndcgAt(k: number, ranked: readonly string[], relevance: Relevance): number {
  const gain = (values: readonly number[]): number =>
    values.slice(0, k).reduce((sum, value, index) => sum + value / Math.log2(index + 2), 0);
  const ideal = gain([...relevance.values()].filter((value) => value > 0).sort((left, right) => right - left));
  return ideal === 0 ? 0 : gain(ranked.map((id) => Math.max(0, relevance.get(id) ?? 0))) / ideal;
}

/** One over the rank of the first relevant id; 0 when none is among the first k. */
export function mrrAt(k: number, ranked: readonly string[], relevance: Relevance): number {
  const index = ranked.slice(0, k).findIndex((id) => (relevance.get(id) ?? 0) > 0);
  return index < 0 ? 0 : 1 / (index + 1);
}

/** Share of the relevant ids among the first k; 0 when nothing is relevant. */
export function recallAt(k: number, ranked: readonly string[], relevance: Relevance): number {
  const relevant = [...relevance].filter(([, value]) => value > 0).map(([id]) => id);
  if (relevant.length === 0) return 0;
  const found = new Set(ranked.slice(0, k));
  return relevant.filter((id) => found.has(id)).length / relevant.length;
}

/** SQuAD's normalisation: lower case, no punctuation, no English articles, single blanks. */
export function normalizeAnswer(text: string): string {
  return text
    .toLowerCase()
    .replace(/[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g, "")
    .replace(/\b(?:a|an|the)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** What is counted of an answer: words after SQuAD's normalisation; in text with Han characters, each of them is one. */
export function answerTokens(text: string): string[] {
  if (!/\p{Script=Han}/u.test(text))
    return normalizeAnswer(text)
      .split(" ")
      .filter((token) => token !== "");
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{P}\p{S}\s]+/gu, " ");
  return plain.match(/\p{Script=Han}|[^\p{Script=Han}\s]+/gu) ?? [];
}

/** Best exact match against any gold answer, 0 or 1. */
export function exactMatch(prediction: string, golds: readonly string[]): number {
  const predicted = answerTokens(prediction).join(" ");
  return golds.some((gold) => answerTokens(gold).join(" ") === predicted) ? 1 : 0;
}

/** Best token F1 against any gold answer, in [0,1]. */
export function answerF1(prediction: string, golds: readonly string[]): number {
  const predicted = answerTokens(prediction);
  return Math.max(0, ...golds.map((gold) => tokenF1(predicted, answerTokens(gold))));
}

function tokenF1(predicted: readonly string[], gold: readonly string[]): number {
  if (predicted.length === 0 || gold.length === 0) return predicted.length === gold.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const token of gold) left.set(token, (left.get(token) ?? 0) + 1);
  let common = 0;
  for (const token of predicted) {
    const count = left.get(token) ?? 0;
    if (count === 0) continue;
    left.set(token, count - 1);
    common++;
  }
  if (common === 0) return 0;
  const precision = common / predicted.length;
  const recall = common / gold.length;
  return (2 * precision * recall) / (precision + recall);
}

/** ROUGE-L of the best gold answer (Lin 2004): F-measure of the longest common subsequence of tokens, in [0,1]. */
export function rougeL(prediction: string, golds: readonly string[]): number {
  const predicted = answerTokens(prediction);
  return Math.max(0, ...golds.map((gold) => subsequenceF1(predicted, answerTokens(gold))));
}

function subsequenceF1(predicted: readonly string[], gold: readonly string[]): number {
  if (predicted.length === 0 || gold.length === 0) return predicted.length === gold.length ? 1 : 0;
  // Row by row of the table of longest common subsequences of all prefixes: two rows are enough for the length.
  let above = new Uint32Array(gold.length + 1);
  for (const token of predicted) {
    const row = new Uint32Array(gold.length + 1);
    for (let at = 1; at <= gold.length; at++)
      row[at] = token === gold[at - 1] ? above[at - 1]! + 1 : Math.max(above[at]!, row[at - 1]!);
    above = row;
  }
  return (2 * above[gold.length]!) / (predicted.length + gold.length);
}

/** 0 for no values. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Nearest-rank percentile, `share` in [0,1]; 0 for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 95 % percentile-bootstrap interval of the mean; seeded, so that a report can be repeated. */
export function bootstrapInterval(
  values: readonly number[],
  options: { seed?: number; rounds?: number } = {},
): Interval {
  const { seed = 1, rounds = 1000 } = options;
  if (values.length === 0) return { low: 0, high: 0 };
  const random = seededRandom(seed);
  const means: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) sum += values[Math.floor(random() * values.length)]!;
    means.push(sum / values.length);
  }
  return { low: percentile(means, 0.025), high: percentile(means, 0.975) };
}

/** Paired comparison of two runs over the same questions: the mean difference and its interval; real when 0 is outside. */
export function compareRuns(
  before: readonly number[],
  after: readonly number[],
  options: { seed?: number; rounds?: number } = {},
): { difference: number; interval: Interval; isReal: boolean } {
  if (before.length !== after.length)
    throw new RangeError(`Runs of ${before.length} and ${after.length} questions cannot be paired.`);
  const differences = after.map((value, index) => value - before[index]!);
  const interval = bootstrapInterval(differences, options);
  return { difference: mean(differences), interval, isReal: interval.low > 0 || interval.high < 0 };
}
