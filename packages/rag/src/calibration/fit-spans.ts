/**
 * Which of several marked passages holds the answer → the weights in reader-weights.ts. Pairs of a right and a wrong mark for one
 * question, told apart by a logistic model without bias (a conditional logit on pairs, McFadden 1974). Pure: bench/calibrate-reader.ts
 * reads the passages.
 */
import { answerF1, mean } from "../evaluation/metrics.ts";
import { rankOf } from "../read-passages.ts";
import type { PassageReading } from "../read-passages.ts";
import type { SPAN_WEIGHTS } from "../reader-weights.ts";
import { fitLogistic } from "./logistic.ts";

export type Mark = Pick<PassageReading, "text" | "score" | "relevance" | "share">;

/** The marks of one question's passages, and its gold answers. */
export interface MarkedQuestion {
  readonly marks: readonly Mark[];
  readonly answers: readonly string[];
}

type SpanWeights = Readonly<typeof SPAN_WEIGHTS>;

const RIGHT_FROM = 0.5;
const LIMIT = 12;
const held = (logit: number): number => Math.max(-LIMIT, Math.min(LIMIT, logit));
const featuresOf = ({ score, relevance, share }: Mark): number[] => [held(score), held(relevance ?? 0), share];

export function fitSpans(questions: readonly MarkedQuestion[]): SpanWeights {
  const rows: number[][] = [];
  const labels: number[] = [];
  const rowWeights: number[] = [];
  for (const { marks, answers } of questions) {
    const isRight = (mark: Mark): boolean => answerF1(mark.text, answers) >= RIGHT_FROM;
    const [right, wrong] = [marks.filter(isRight), marks.filter((mark) => !isRight(mark))];
    for (const good of right)
      for (const bad of wrong) {
        const row = featuresOf(good).map((value, at) => value - featuresOf(bad)[at]!);
        rows.push(
          row,
          row.map((value) => -value),
        );
        labels.push(1, 0);
        // Each question counts the same, however many pairs it has.
        const weight = 1 / (right.length * wrong.length);
        rowWeights.push(weight, weight);
      }
  }
  const [score, relevance, share] = fitLogistic(rows, labels, { rowWeights, signs: [1, 1, 1] }).weights;
  return { score: round(score!), relevance: round(relevance!), share: round(share!) };
}

/** Mean F1 of the mark that these weights choose. */
export function measureSpans(questions: readonly MarkedQuestion[], weights: SpanWeights): number {
  return mean(
    questions.map(({ marks, answers }) => {
      const best = marks.toSorted((left, right) => rankOf(right, weights) - rankOf(left, weights))[0];
      return best === undefined ? 0 : answerF1(best.text, answers);
    }),
  );
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
