/**
 * Do these passages hold an answer? A logistic model over a handful of features that a person can read, fitted on public
 * questions asked of the right and of the wrong corpus (calibration/fit-refusal.ts). The generator has no say in it: small
 * models never refuse. With a reader, its best score is one of the features, and the model another one. The scale is shifted so that 0.5 is the calibrated working point of `refusalThreshold`.
 */
import type { Passage } from "@lorekeep/core";
import type { DenseArm } from "./dense-arm.ts";
import type { Question } from "./question.ts";
import type { Reading } from "./read-passages.ts";
import { LOOKED_AT, refusalFeatures } from "./refusal-features.ts";
import type { CosineScale, RefusalFeatures } from "./refusal-features.ts";
import { CALIBRATED_READER } from "./reader-weights.ts";
import { COSINE_SCALES, REFUSAL_WEIGHTS } from "./refusal-weights.ts";
import type { RefusalModel } from "./refusal-weights.ts";

export interface Answerability {
  /** Calibrated probability that the passages hold an answer. */
  readonly probability: number;
  readonly features: RefusalFeatures;
  /** Which fitted model judged. */
  readonly model: string;
}

/** `cosineScale` null: the verdict rests on words alone. */
export function judgeAnswerability(
  question: Question,
  passages: readonly Passage[],
  cosineScale: CosineScale | null,
  reading: Pick<Reading, "reader" | "score" | "relevance"> | null = null,
): Answerability {
  const features = refusalFeatures(question, passages, cosineScale, reading);
  const known = reading?.reader === CALIBRATED_READER.name;
  const model = refusalModelName(question, passages, { hasScale: cosineScale !== null, hasReader: known });
  return { probability: probabilityOf(features, REFUSAL_WEIGHTS[model]!), features, model };
}

/** Which of the fitted models is meant for such a question and such passages; `has` says what was measured. */
export function refusalModelName(
  question: Question,
  passages: readonly Passage[],
  has: { readonly hasScale: boolean; readonly hasReader: boolean },
): string {
  const language = question.language === "zh" ? "zh" : "en";
  const hasDense = has.hasScale && passages.some(({ scores }) => scores.dense !== null);
  const name = !hasDense ? `${language}-lexical` : isCrossLingual(question, passages) ? "foreign" : language;
  const withReader = `${name}-reader`;
  return has.hasReader && withReader in REFUSAL_WEIGHTS ? withReader : name;
}

/** The scale of the one embedder that served; null when none or several did, or when its cosines were never measured. */
export function cosineScaleOf(arms: readonly DenseArm[]): CosineScale | null {
  const names = new Set(arms.filter(({ hitCount }) => hitCount > 0).map(({ embedder }) => embedder));
  const [name] = names;
  return names.size === 1 && name !== undefined ? (COSINE_SCALES[name] ?? null) : null;
}

export function probabilityOf(features: RefusalFeatures, model: RefusalModel): number {
  let score = model.bias;
  for (const [name, weight] of Object.entries(model.weights)) score += weight * features[name as keyof RefusalFeatures]; // keys of our own table
  return 1 / (1 + Math.exp(-score));
}

/** All passages are in another language than the question: words say nothing then, only meaning can tell. */
export function isCrossLingual(question: Question, passages: readonly Passage[]): boolean {
  const looked = passages.slice(0, LOOKED_AT);
  const known = looked.filter(({ language }) => language !== null && language !== "other");
  return known.length > 0 && known.every(({ language }) => language !== question.language);
}
