/**
 * Do these passages hold an answer? Two questions, and the worse verdict counts: are they about it (this file's models), and do they
 * state it (stated-features.ts)? A logistic model over a handful of features that a person can read, fitted on public
 * questions asked of the right and of the wrong corpus (calibration/fit-refusal.ts). The generator has no say in it: small
 * models never refuse. With a reader, its best score is one of the features, and the model another one. The scale is shifted so that 0.5 is the calibrated working point of `refusalThreshold`.
 */
import type { Passage, TraceStep } from "@lorekeep/core";
import type { WordAlignment } from "./align-words.ts";
import type { DenseArm } from "./dense-arm.ts";
import { foreignAmong } from "./foreign-passages.ts";
import type { Question } from "./question.ts";
import type { PassageReading, Reading } from "./read-passages.ts";
import { LOOKED_AT, refusalFeatures } from "./refusal-features.ts";
import type { CosineScale, RefusalFeatures } from "./refusal-features.ts";
import { CALIBRATED_READER } from "./reader-weights.ts";
import { COSINE_SCALES, REFUSAL_WEIGHTS } from "./refusal-weights.ts";
import { bestStating, statedFeatures } from "./stated-features.ts";
import type { StatedFeatures } from "./stated-features.ts";
import { STATED_WEIGHTS } from "./stated-weights.ts";

export interface Answerability {
  /** Calibrated probability that the passages hold an answer. */
  readonly probability: number;
  /** Its two parts: about what is asked, and stating it; null where nobody could measure the second. */
  readonly about: number;
  readonly stated: number | null;
  readonly features: RefusalFeatures;
  readonly statedFeatures: StatedFeatures | null;
  /** Which fitted model judged. */
  readonly model: string;
  /** What was judged: all passages, or those in another language alone, which answer where the others do not. */
  readonly over: "all" | "foreign";
}

/** The calibrated working point of both halves. */
const CALIBRATED = 0.5;

export interface AnswerVerdict {
  /** That the passages hold an answer. */
  readonly probability: number;
  /** The one that served. */
  readonly threshold: number;
}

type Heard = Pick<Reading, "reader" | "score" | "relevance" | "passages"> | null;

/** `cosineScale` null: the verdict rests on words alone. */
export function judgeAnswerability(
  question: Question,
  passages: readonly Passage[],
  cosineScale: CosineScale | null,
  reading: Heard = null,
  alignment: WordAlignment | null = null,
): Answerability {
  const all = judge(question, passages, cosineScale, reading, alignment);
  const foreign = cosineScale === null ? [] : foreignAmong(question, passages);
  if (foreign.length === 0) return { ...all, over: "all" };
  const apart = judge(question, foreign, cosineScale, null, null);
  // Only one of the two was asked whether it states the answer: where that went well, they compare by what both were asked.
  const toBeat = all.probability >= CALIBRATED ? all.about : all.probability;
  return apart.probability > toBeat ? { ...apart, over: "foreign" } : { ...all, over: "all" };
}

function judge(
  question: Question,
  passages: readonly Passage[],
  cosineScale: CosineScale | null,
  reading: Heard,
  alignment: WordAlignment | null,
): Omit<Answerability, "over"> {
  const features = refusalFeatures(question, passages, cosineScale, reading);
  const known = reading?.reader === CALIBRATED_READER.name;
  const model = refusalModelName(question, passages, { hasScale: cosineScale !== null, hasReader: known });
  const about = probabilityOf(features, REFUSAL_WEIGHTS[model]!);
  const isForeign = model.startsWith("foreign");
  const said = isForeign ? null : judgeStated(question, passages, leadOf(reading), alignment);
  const probability = Math.min(about, said?.stated ?? 1);
  return { probability, about, stated: said?.stated ?? null, features, statedFeatures: said?.features ?? null, model };
}

/** The trace is stored and shown to admins: names and numbers, no texts. */
export const describeVerdict = (judged: Answerability, threshold: number) => {
  const { features, statedFeatures: stated, ...figures } = judged;
  return { ...figures, threshold, ...features, ...(stated === null ? {} : { statedFeatures: stated }) };
};

/** The passage that would be quoted first, if a reader that was calibrated said so. */
function leadOf(reading: Heard): PassageReading | null {
  return reading?.reader === CALIBRATED_READER.name ? (reading.passages[0] ?? null) : null;
}

/** What describeVerdict left in an answer's trace; undefined where the answer needed no verdict, as a summary. */
export function verdictIn(trace: readonly Pick<TraceStep, "name" | "detail">[]): AnswerVerdict | undefined {
  const { probability, threshold } = trace.findLast(({ name }) => name === "judge")?.detail ?? {};
  return typeof probability === "number" && typeof threshold === "number" ? { probability, threshold } : undefined;
}

/** Null for languages without a fitted model. */
function judgeStated(
  question: Question,
  passages: readonly Passage[],
  lead: Pick<PassageReading, "packed" | "score"> | null,
  alignment: WordAlignment | null,
): { stated: number; features: StatedFeatures } | null {
  const language = question.language === "zh" ? "zh" : "en";
  const aligned = alignment === null ? undefined : alignedModel(question, alignment.embedder);
  const model = aligned ?? STATED_WEIGHTS[language];
  if (model === undefined || passages.length === 0) return null;
  const features = statedFeatures(question, passages, lead, alignment);
  return { stated: probabilityOf(features, model), features };
}

/** Characters: longer ones were not fitted on, take seconds to encode and would hold the event loop while they are compared. */
const [MOST_ASKED, MOST_ALIGNED] = [1_000, 4_000];

/** Of that language and that embedder alone: words are judged for every Latin language as for English, cosines are not. */
const alignedModel = ({ language }: Question, embedder: string) => STATED_WEIGHTS[`${language}-${embedder}`];

/** What `alignWords` should compare for the verdict; null where no fitted model would make use of it. */
export function passageToAlign(
  question: Question,
  passages: readonly Passage[],
  reading: Heard,
  embedder: string,
): Passage | null {
  if (alignedModel(question, embedder) === undefined || isCrossLingual(question, passages)) return null;
  const passage = bestStating(question, passages, leadOf(reading))?.passage;
  if (passage === undefined || (passage.language ?? question.language) !== question.language) return null;
  return question.text.length > MOST_ASKED || passage.text.length > MOST_ALIGNED ? null : passage;
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

/** The weights' names are those of the features: both are our own tables. */
export function probabilityOf(
  features: Readonly<Record<string, number>>,
  model: { readonly bias: number; readonly weights: Readonly<Partial<Record<string, number>>> },
): number {
  let score = model.bias;
  for (const [name, weight = 0] of Object.entries(model.weights)) score += weight * features[name]!;
  return 1 / (1 + Math.exp(-score));
}

/** All passages are in another language than the question: words say nothing then, only meaning can tell. */
export function isCrossLingual(question: Question, passages: readonly Passage[]): boolean {
  const looked = passages.slice(0, LOOKED_AT);
  const known = looked.filter(({ language }) => language !== null && language !== "other");
  return known.length > 0 && known.every(({ language }) => language !== question.language);
}
