/**
 * What a refusal threshold could do on the questions of a run, beside what the serving one did: the one with the best balance, found
 * on the curve that the settings page draws (calibration/refusal-curve.ts). It is chosen on the questions that it is measured on,
 * so it flatters a little: a bound of what moving the threshold can bring, not a promise.
 */
import { refusedShares, THRESHOLDS } from "../calibration/refusal-curve.ts";
import type { JudgedQuestion } from "../calibration/refusal-curve.ts";
import type { AnswerVerdict } from "../refuse.ts";

export interface RefusalShares {
  /** Of the unanswerable questions refused; of the answerable ones refused; mean of right and 1 − wrong. */
  readonly right: number;
  readonly wrong: number;
  readonly balanced: number;
}
export interface BestThreshold extends RefusalShares {
  readonly threshold: number;
}
type Judged = Pick<JudgedQuestion, "answerable" | "probability" | "refusedAnyway">;

/** Undefined without verdicts, or without questions of both kinds. */
export function bestThreshold(
  rows: readonly {
    readonly answerable: boolean;
    readonly refused: boolean;
    readonly verdict?: AnswerVerdict | null | undefined;
  }[],
): BestThreshold | undefined {
  const judged = rows.map(({ answerable, refused, verdict }): Judged => {
    if (!verdict) return { answerable, probability: refused ? 0 : 1, refusedAnyway: refused };
    const { probability, threshold } = verdict;
    // Below its threshold nobody knows whether the check after it would have refused too.
    return { answerable, probability, refusedAnyway: refused && probability >= threshold };
  });
  const [can, cannot] = [judged.filter((each) => each.answerable), judged.filter((each) => !each.answerable)];
  if (can.length === 0 || cannot.length === 0 || !rows.some(({ verdict }) => verdict)) return undefined;
  const [right, wrong] = [refusedShares(cannot), refusedShares(can)];
  return THRESHOLDS.map((threshold, at): BestThreshold => ({
    threshold,
    ...refusalShares(right[at]!, wrong[at]!),
  })).reduce((best, next) => (next.balanced > best.balanced ? next : best));
}

export const refusalShares = (right: number, wrong: number): RefusalShares => ({
  ...{ right, wrong },
  balanced: (right + 1 - wrong) / 2,
});
