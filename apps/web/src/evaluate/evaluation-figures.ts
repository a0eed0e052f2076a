/** Figures of an evaluation by name, so that tables and plots can treat them alike. Shares are 0–1, larger is better unless said. */
import type { EvaluationFigures } from "@lorekeep/core";

export const FIGURES = [
  "answerF1",
  "answerEm",
  "fullAnswerF1",
  "refusalBalanced",
  "refusalRight",
  "refusalWrong",
  "citationPrecision",
  "citationRecall",
  "unsupportedShare",
  "cutShare",
  "ndcgAt10",
  "mrrAt10",
  "recallAt10",
  "recallAt100",
  "lexicalNdcgAt10",
  "denseNdcgAt10",
  "tokensPerSecond",
] as const;
export type FigureName = (typeof FIGURES)[number];

const LOWER = new Set<FigureName>(["refusalWrong", "unsupportedShare", "cutShare"]);
export const lowerIsBetter = (name: FigureName) => LOWER.has(name);
const FINE = new Set<FigureName>([
  "ndcgAt10",
  "mrrAt10",
  "recallAt10",
  "recallAt100",
  "lexicalNdcgAt10",
  "denseNdcgAt10",
]);
/** In how many digits it is told. */
export const unitOf = (name: FigureName) =>
  name === "tokensPerSecond" ? ("rate" as const) : FINE.has(name) ? ("fine" as const) : ("share" as const);

/** undefined = it was not measured. Retrieval is that of the chat: both arms together. */
export function figureOf(figures: EvaluationFigures | null, name: FigureName): number | undefined {
  if (figures === null) return undefined;
  switch (name) {
    case "refusalBalanced":
      return figures.refusal?.balanced;
    case "refusalRight":
      return figures.refusal?.right;
    case "refusalWrong":
      return figures.refusal?.wrong;
    case "ndcgAt10":
    case "mrrAt10":
    case "recallAt10":
    case "recallAt100":
      return figures.hybrid?.[name];
    case "lexicalNdcgAt10":
      return figures.lexical?.ndcgAt10;
    case "denseNdcgAt10":
      return figures.dense?.ndcgAt10;
    default:
      return figures[name];
  }
}

export const measured = (figures: EvaluationFigures | null) =>
  FIGURES.filter((name) => figureOf(figures, name) !== undefined);
/** A difference's name on the wire, in our words; null for one that we have no words for. */
export function figureNamed(key: string): FigureName | null {
  const bare = key.replace(/^hybrid\./, "").replace(/^refused(?=Right|Wrong)/, "refusal");
  const joined = bare.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase());
  return FIGURES.find((name) => name === bare || name === joined) ?? null;
}
