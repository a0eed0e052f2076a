/**
 * Judged questions of a collection → what each refusal threshold would do there: of the questions without an answer the share
 * refused (right), of those with one the share refused (wrong). Pure, so that the page, the job and the tests see one curve.
 *
 * The recommended threshold refuses as many as it can while wrong refusals stay within 5 %; among thresholds that these few
 * questions cannot tell apart it is the one nearest to the calibrated default, which rests on far more questions than these
 * (the one-standard-error rule: Breiman et al. 1984, Classification and Regression Trees, section 3.4).
 */
import type { RefusalCurveFigures, RefusalQuestionSource } from "@lorekeep/core";

/** One question, judged as the chat judges it. */
export interface JudgedQuestion {
  readonly source: RefusalQuestionSource;
  readonly answerable: boolean;
  /** Calibrated probability that the retrieved passages hold an answer, in [0,1]; 0 when nothing was retrieved. */
  readonly probability: number;
  /** True when no sentence survived the check after the verdict: refused whatever the threshold. */
  readonly refusedAnyway: boolean;
}

/** Thresholds 0, 0.01 … 1. */
export const CURVE_STEPS = 100;
export const MOST_WRONG = 0.05;
/** With fewer of either kind a share says nothing. */
export const FEWEST_QUESTIONS = 10;

export const THRESHOLDS = Array.from({ length: CURVE_STEPS + 1 }, (_, at) => at / CURVE_STEPS);

/** The chat refuses below the threshold, not at it. */
export const isRefused = (
  { probability, refusedAnyway }: Pick<JudgedQuestion, "probability" | "refusedAnyway">,
  threshold: number,
): boolean => refusedAnyway || probability < threshold;

/** null when there are too few questions of either kind. `defaultThreshold` is what the product would use unasked. */
export function refusalCurve(judged: readonly JudgedQuestion[], defaultThreshold: number): RefusalCurveFigures | null {
  const answerable = judged.filter((each) => each.answerable);
  const unanswerable = judged.filter((each) => !each.answerable);
  if (answerable.length < FEWEST_QUESTIONS || unanswerable.length < FEWEST_QUESTIONS) return null;
  const right = refusedShares(unanswerable);
  const wrong = refusedShares(answerable);
  return {
    answerable: answerable.length,
    unanswerable: unanswerable.length,
    points: THRESHOLDS.map((threshold, at) => ({ threshold, right: right[at]!, wrong: wrong[at]! })),
    sources: sourcesOf(judged),
    recommended: recommend(right, wrong, { count: unanswerable.length, defaultThreshold }),
  };
}

/** Of these questions the share refused, at each of the thresholds. */
export function refusedShares(judged: readonly Pick<JudgedQuestion, "probability" | "refusedAnyway">[]): number[] {
  return THRESHOLDS.map(
    (threshold) => judged.filter((each) => isRefused(each, threshold)).length / Math.max(1, judged.length),
  );
}

function sourcesOf(judged: readonly JudgedQuestion[]): RefusalCurveFigures["sources"] {
  const groups = Map.groupBy(judged, ({ source, answerable }) => `${source} ${String(answerable)}`);
  return [...groups.values()].map((group) => {
    const { source, answerable } = group[0]!;
    return { source, answerable, questions: group.length, refused: refusedShares(group) };
  });
}

function recommend(
  right: readonly number[],
  wrong: readonly number[],
  { count, defaultThreshold }: { count: number; defaultThreshold: number },
): number {
  // Some answers fall to the check after the verdict at every threshold: then the least wrong ones are the candidates.
  const limit = Math.max(MOST_WRONG, wrong[0]!);
  const candidates = THRESHOLDS.map((_, at) => at).filter((at) => wrong[at]! <= limit);
  const best = Math.max(...candidates.map((at) => right[at]!));
  const deviation = Math.sqrt((best * (1 - best)) / count);
  const alike = candidates.filter((at) => right[at]! >= best - deviation);
  const distance = (at: number): number => Math.abs(THRESHOLDS[at]! - defaultThreshold);
  return THRESHOLDS[alike.reduce((nearest, at) => (distance(at) < distance(nearest) ? at : nearest))]!;
}
