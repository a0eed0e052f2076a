/** Two runs question by question: what changed most comes first, what stayed the same can be folded away. */
import type { EvaluationComparison, EvaluationItem } from "@lorekeep/core";

export type Pair = EvaluationComparison["questions"][number];
/** In which way a question changed; null = the same answer, as good as before. */
export type QuestionChange = "now-right" | "now-wrong" | "better" | "worse" | "reworded" | "retrieval";

const RIGHT = 0.5;
const NOTICEABLE = 0.01;

export function questionChange({ before, after }: Pair): QuestionChange | null {
  const gain = after.f1 - before.f1;
  if (before.f1 < RIGHT && after.f1 >= RIGHT) return "now-right";
  if (before.f1 >= RIGHT && after.f1 < RIGHT) return "now-wrong";
  if (Math.abs(gain) > NOTICEABLE) return gain > 0 ? "better" : "worse";
  if (before.answer !== after.answer || before.refused !== after.refused) return "reworded";
  return sameRetrieval(before, after) ? null : "retrieval";
}

const sameRetrieval = (before: EvaluationItem, after: EvaluationItem) =>
  before.retrieved.map(({ chunkId }) => chunkId).join() === after.retrieved.map(({ chunkId }) => chunkId).join();

const ORDER: readonly (QuestionChange | null)[] = [
  "now-wrong",
  "now-right",
  "worse",
  "better",
  "reworded",
  "retrieval",
  null,
];

/** Losses first, then gains, each by its size: what one wants to look at before switching anything on. */
export function byChange(pairs: readonly Pair[]): { pair: Pair; change: QuestionChange | null }[] {
  return pairs
    .map((pair) => ({ pair, change: questionChange(pair) }))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.change) - ORDER.indexOf(b.change) ||
        Math.abs(b.pair.after.f1 - b.pair.before.f1) - Math.abs(a.pair.after.f1 - a.pair.before.f1),
    );
}
