/**
 * Two runs' questions → what changed and whether it is more than chance, on the questions that both asked. Each figure is
 * compared on the questions that have it in both runs, by paired bootstrap (bootstrap.ts).
 *
 * Balanced refusals are the mean of two shares over different questions, so each side is resampled by itself (a stratified
 * bootstrap: Davison & Hinkley 1997, section 3.2).
 */
import { pairedBootstrap } from "./bootstrap.ts";
import { mean, percentile } from "./metrics.ts";
import { seededRandom } from "./seeded-random.ts";

export type FiguresByName = Readonly<Record<string, number>>;

export interface FigureDifference {
  readonly before: number;
  readonly after: number;
  /** After minus before. */
  readonly mean: number;
  /** 95 %. */
  readonly interval: [number, number];
  /** The interval leaves zero out. */
  readonly real: boolean;
}

export interface FigurePair {
  readonly before: FiguresByName;
  readonly after: FiguresByName;
}

/** By figure; a figure that no question has in both runs is left out. */
export function compareFigures(pairs: readonly FigurePair[]): Record<string, FigureDifference> {
  const differences: Record<string, FigureDifference> = {};
  const names = new Set(pairs.flatMap(({ before }) => Object.keys(before)));
  for (const name of names) {
    const rows = rowsOf(pairs, name);
    if (rows.length === 0) continue;
    const { mean: difference, interval } = pairedBootstrap(rows.map(({ was, is }) => is - was));
    differences[name] = describe(
      mean(rows.map(({ was }) => was)),
      mean(rows.map(({ is }) => is)),
      difference,
      interval,
    );
  }
  const balanced = compareBalanced(rowsOf(pairs, "refusedRight"), rowsOf(pairs, "refusedWrong"));
  return balanced === null ? differences : { ...differences, refusalBalanced: balanced };
}

interface Row {
  readonly was: number;
  readonly is: number;
}

function rowsOf(pairs: readonly FigurePair[], name: string): Row[] {
  return pairs.flatMap(({ before, after }) => {
    const [was, is] = [before[name], after[name]];
    return was === undefined || is === undefined ? [] : [{ was, is }];
  });
}

/** Null unless both kinds of questions were asked. */
function compareBalanced(right: readonly Row[], wrong: readonly Row[]): FigureDifference | null {
  if (right.length === 0 || wrong.length === 0) return null;
  const balanced = (key: "was" | "is"): number =>
    (mean(right.map((row) => row[key])) + 1 - mean(wrong.map((row) => row[key]))) / 2;
  const gains = [right.map(({ was, is }) => is - was), wrong.map(({ was, is }) => was - is)];
  const interval = stratifiedInterval(gains);
  return describe(balanced("was"), balanced("is"), mean(gains.map(mean)), interval);
}

/** 95 % interval of the mean of the groups' means; every group is resampled by itself. Seeded. */
export function stratifiedInterval(
  groups: readonly (readonly number[])[],
  options: { readonly seed?: number; readonly resamples?: number } = {},
): [number, number] {
  const { seed = 1, resamples = 2000 } = options;
  const random = seededRandom(seed);
  const resample = (values: readonly number[]): number => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) sum += values[Math.floor(random() * values.length)]!;
    return sum / values.length;
  };
  const means = Array.from({ length: resamples }, () => mean(groups.map(resample)));
  return [percentile(means, 0.025), percentile(means, 0.975)];
}

function describe(
  before: number,
  after: number,
  difference: number,
  [low, high]: readonly [number, number],
): FigureDifference {
  return { before, after, mean: difference, interval: [low, high], real: low > 0 || high < 0 };
}
