/** Reading a refusal curve: the figures at one threshold, and how sure they are. */
import type { RefusalCurve } from "@lorekeep/core";

/** z of a 95 % interval. */
const Z = 1.96;

/** 95 % interval of a share of `count` questions (Wilson 1927): also sound at 0 and 1, and for few questions. */
export function shareInterval(share: number, count: number): readonly [low: number, high: number] {
  if (count === 0) return [0, 1];
  const scale = 1 / (1 + Z ** 2 / count);
  const middle = scale * (share + Z ** 2 / (2 * count));
  const half = scale * Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Place of the threshold among the curve's points. A threshold between two of them refuses at least what the lower one does. */
export const placeOf = (curve: RefusalCurve, threshold: number): number =>
  Math.min(curve.points.length - 1, Math.max(0, Math.round(threshold * (curve.points.length - 1))));

export interface ShareAt {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly questions: number;
}

export function figuresAt(
  curve: RefusalCurve,
  threshold: number,
): { readonly right: ShareAt; readonly wrong: ShareAt } {
  const { right, wrong } = curve.points[placeOf(curve, threshold)]!;
  const at = (share: number, questions: number): ShareAt => {
    const [low, high] = shareInterval(share, questions);
    return { share, low, high, questions };
  };
  return { right: at(right, curve.unanswerable), wrong: at(wrong, curve.answerable) };
}
