/** Two runs → what changed and whether it is more than chance, on the questions that both asked. */
import type { EvaluationComparison, EvaluationDetail, EvaluationItem } from "@lorekeep/core";
import { compareFigures } from "@lorekeep/rag";
import type { FiguresByName } from "@lorekeep/rag";

/** Items of earlier releases tell less. */
export function figuresOfItem({ figures, expected, f1, refused, ndcgAt10 }: EvaluationItem): FiguresByName {
  if (figures !== undefined) return figures;
  return {
    ...(expected === null ? { refusedRight: Number(refused) } : { answerF1: f1, refusedWrong: Number(refused) }),
    ...(ndcgAt10 === null ? {} : { ndcgAt10 }),
  };
}

export function compareRuns(before: EvaluationDetail, after: EvaluationDetail): EvaluationComparison {
  const later = new Map(after.items.map((item) => [keyOf(item), item]));
  const pairs = before.items.flatMap((item) => {
    const match = later.get(keyOf(item));
    return match === undefined ? [] : [{ question: item.question, before: item, after: match }];
  });
  const differences = compareFigures(
    pairs.map((pair) => ({ before: figuresOfItem(pair.before), after: figuresOfItem(pair.after) })),
  );
  return { before: withoutItems(before), after: withoutItems(after), differences, questions: pairs };
}

const keyOf = ({ exampleId, question }: EvaluationItem): string => exampleId ?? question;
const withoutItems = ({ items: _items, ...evaluation }: EvaluationDetail) => evaluation;
