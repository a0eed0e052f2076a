/**
 * Sentences with known support → the weights in citation/support-weights.ts. Pure: whoever runs it reads the public texts
 * (bench/calibrate-support.ts). The stretch that a sentence is compared with is chosen by the model itself, as in serving, so the fit
 * is made twice: once over the stretches that the old weights choose, once over its own choice.
 */
import { readClaim } from "../citation/evidence.ts";
import type { EvidenceText } from "../citation/evidence.ts";
import type { SupportFeatures } from "../citation/support-features.ts";
import { judgeSupport, supportFeatures } from "../support.ts";
import type { SupportModel } from "../citation/support-weights.ts";
import type { TermWeight } from "../text/term-weights.ts";
import { fitLogistic } from "./logistic.ts";
import type { SupportSample } from "./fit-support-samples.ts";

/** A sentence with what the model sees of each stretch of its passage. */
export interface JudgedSample extends SupportSample {
  readonly seen: readonly SupportFeatures[];
}

/** Stretches that share next to nothing with the sentence are left out, as in serving. */
export function judgeSample(
  sample: SupportSample,
  stretches: readonly EvidenceText[],
  weight: TermWeight,
): JudgedSample {
  const claim = readClaim(sample.sentence);
  return { ...sample, seen: stretches.flatMap((evidence) => supportFeatures(claim, evidence, weight) ?? []) };
}

/** Signs are held: more of the sentence found never speaks against it, a name missing never for it. */
const SIGNS: Readonly<Partial<Record<keyof SupportFeatures, 1 | -1>>> = {
  ...{ coverage: 1, lacking: -1, order: 1, strayNumbers: -1, missingNames: -1, borrowedNames: -1 },
  ...{ swapped: -1, crossing: -1, negationDiffers: -1, tooStrong: -1, opposed: -1 },
};
const NAMES = Object.keys(SIGNS) as (keyof SupportFeatures)[]; // the keys of our own table
/** Of the sentences shown as supported, on balanced training samples. */
const PRECISION = 0.95;
const ROUNDS = 2;
/** Some features are seldom other than 0: without it one rare accident would decide. */
const RIDGE = 10;

export function fitSupport(samples: readonly JudgedSample[], start: SupportModel): SupportModel {
  let model = start;
  for (let round = 0; round < ROUNDS; round++) {
    const rows = samples.map((sample) => bestFeatures(sample, model));
    // The vetoes decide alone; what is left is fitted.
    const open = rows.flatMap((features, at) => (features === null || isVetoed(features) ? [] : [{ features, at }]));
    const weights = balance(samples);
    const { bias, weights: fitted } = fitLogistic(
      open.map(({ features }) => NAMES.map((name) => features[name])),
      open.map(({ at }) => (samples[at]!.isSupported ? 1 : 0)),
      { rowWeights: open.map(({ at }) => weights[at]!), signs: NAMES.map((name) => SIGNS[name]!), ridge: RIDGE },
    );
    const table = Object.fromEntries(NAMES.map((name, at) => [name, rounded(fitted[at]!)]));
    model = { ...model, bias: rounded(bias), weights: table };
  }
  return { ...model, ...thresholds(samples, model) };
}

/** Shares of the sentences of each kind by verdict, and over all: kinds of one label count alike. */
export function measureSupport(samples: readonly JudgedSample[], model: SupportModel) {
  const weights = balance(samples);
  const tally = { right: 0, wrong: 0, weakRight: 0, weakWrong: 0, supportedAll: 0 };
  const kinds: Record<string, { count: number; supported: number; weak: number }> = {};
  for (const [at, sample] of samples.entries()) {
    const probability = bestProbability(sample, model);
    const kind = (kinds[`${sample.isSupported ? "+" : "-"}${sample.kind}`] ??= { count: 0, supported: 0, weak: 0 });
    kind.count++;
    if (sample.isSupported) tally.supportedAll += weights[at]!;
    if (probability >= model.supportedFrom) {
      kind.supported++;
      tally[sample.isSupported ? "right" : "wrong"] += weights[at]!;
    } else if (probability >= model.weakFrom) {
      kind.weak++;
      tally[sample.isSupported ? "weakRight" : "weakWrong"] += weights[at]!;
    }
  }
  const share = (right: number, all: number): number => (all === 0 ? 0 : rounded(right / all));
  return {
    precision: share(tally.right, tally.right + tally.wrong),
    recall: share(tally.right, tally.supportedAll),
    weakPrecision: share(tally.weakRight, tally.weakRight + tally.weakWrong),
    kinds: Object.fromEntries(
      Object.entries(kinds).map(([name, { count, supported, weak }]) => [
        name,
        { count, supported: share(supported, count), weak: share(weak, count) },
      ]),
    ),
  };
}

/** Both labels count alike, and within one a kind by the root of its number: common ways to be wrong more, rare ones too. */
function balance(samples: readonly JudgedSample[]): number[] {
  const counts = new Map<string, number>();
  const name = ({ kind, isSupported }: JudgedSample): string => `${isSupported} ${kind}`;
  for (const sample of samples) counts.set(name(sample), (counts.get(name(sample)) ?? 0) + 1);
  const own = samples.map((sample) => 1 / Math.sqrt(counts.get(name(sample))!));
  const totalOf = (isSupported: boolean): number =>
    samples.reduce((sum, sample, at) => sum + (sample.isSupported === isSupported ? own[at]! : 0), 0);
  const [right, wrong] = [totalOf(true), totalOf(false)];
  return samples.map((sample, at) => (own[at]! * samples.length) / 2 / (sample.isSupported ? right : wrong));
}

function bestFeatures({ seen }: JudgedSample, model: SupportModel): SupportFeatures | null {
  const judged = seen.map((features) => judgeSupport(features, model));
  if (judged.length === 0) return null;
  return judged.reduce((left, right) => (right.probability > left.probability ? right : left)).features;
}

function bestProbability({ seen }: JudgedSample, model: SupportModel): number {
  return Math.max(0, ...seen.map((features) => judgeSupport(features, model).probability));
}

const isVetoed = ({ missingNumbers, otherRow }: SupportFeatures): boolean => missingNumbers > 0 || otherRow > 0;

/** Supported from where the precision above holds; weak where a sentence is still about as likely supported as not. */
function thresholds(
  samples: readonly JudgedSample[],
  model: SupportModel,
): Pick<SupportModel, "supportedFrom" | "weakFrom"> {
  const weights = balance(samples);
  const sorted = samples
    .map((sample, at) => ({
      probability: bestProbability(sample, model),
      weight: weights[at]!,
      isSupported: sample.isSupported,
    }))
    .sort((left, right) => right.probability - left.probability);
  let [right, all, supportedFrom] = [0, 0, 1];
  for (const { probability, weight, isSupported } of sorted) {
    all += weight;
    if (isSupported) right += weight;
    if (right / all >= PRECISION && probability >= 0.5) supportedFrom = probability;
  }
  // Rounded down: the surest sentences often share one probability, and that is where the threshold stands.
  return { supportedFrom: Math.floor(1000 * Math.min(0.95, supportedFrom)) / 1000, weakFrom: 0.5 };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
