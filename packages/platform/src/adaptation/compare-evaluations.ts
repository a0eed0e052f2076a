/** Two runs → what changed and whether it is more than chance, on the questions that both asked. */
import type { EvaluationComparison, EvaluationDetail, EvaluationItem } from "@lorekeep/core";
import { pairedBootstrap } from "@lorekeep/rag";

/** Each figure of an item; null where the item has none. Higher is better, but for wrongly refused ones. */
const FIGURES: Readonly<Record<string, (item: EvaluationItem) => number | null>> = {
  answerF1: (item) => (item.expected === null ? null : item.f1),
  refusedRight: (item) => (item.expected === null ? Number(item.refused) : null),
  refusedWrong: (item) => (item.expected === null ? null : Number(item.refused)),
  ndcgAt10: (item) => item.ndcgAt10,
};

export function compareRuns(before: EvaluationDetail, after: EvaluationDetail): EvaluationComparison {
  const later = new Map(after.items.map((item) => [keyOf(item), item]));
  const pairs = before.items.flatMap((item) => {
    const match = later.get(keyOf(item));
    return match === undefined ? [] : [{ question: item.question, before: item, after: match }];
  });
  const differences: EvaluationComparison["differences"] = {};
  for (const [name, figure] of Object.entries(FIGURES)) {
    const rows = pairs.flatMap((pair) => {
      const [was, is] = [figure(pair.before), figure(pair.after)];
      return was === null || is === null ? [] : [{ was, is }];
    });
    if (rows.length === 0) continue;
    const { mean, interval } = pairedBootstrap(rows.map(({ was, is }) => is - was));
    const share = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    differences[name] = {
      before: share(rows.map(({ was }) => was)),
      after: share(rows.map(({ is }) => is)),
      mean,
      interval,
      // An interval that holds 0 may be chance.
      real: interval[0] > 0 || interval[1] < 0,
    };
  }
  return { before: withoutItems(before), after: withoutItems(after), differences, questions: pairs };
}

const keyOf = ({ exampleId, question }: EvaluationItem): string => exampleId ?? question;
const withoutItems = ({ items: _items, ...evaluation }: EvaluationDetail) => evaluation;
