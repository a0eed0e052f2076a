/**
 * One question of a run → its figures by name: what two runs are compared by. A run's own figures are made of its questions'
 * rows alone (`reportOf` in evaluate.ts), so a run that was cut off goes on at its next question.
 */
import { summarizeAnswers } from "./evaluate.ts";
import type { ScoredQuestion } from "./evaluate.ts";

/** Only what this question can say: an unanswerable one has no F1, a refused one no citations. */
export function figuresOfQuestion({ question, arms, answer }: ScoredQuestion): Record<string, number> {
  const figures: Record<string, number> = {};
  if (arms !== null) {
    const { ms: _ms, ...hybrid } = arms.hybrid;
    Object.assign(figures, hybrid);
    figures["lexical.ndcgAt10"] = arms.lexical.ndcgAt10;
    figures["dense.ndcgAt10"] = arms.dense.ndcgAt10;
  }
  if (answer === null) return figures;
  const isAnswerable = question.answerable !== false;
  figures[isAnswerable ? "refusedWrong" : "refusedRight"] = Number(answer.refused);
  const summary = summarizeAnswers([{ question, answer }]);
  if (isAnswerable && question.answers.length > 0) {
    const { answerF1, answerEm, fullAnswerF1 } = summary;
    Object.assign(figures, { answerF1, answerEm, fullAnswerF1 });
  }
  if (answer.cutSentenceCount !== undefined) figures.cutShare = summary.cutShare;
  if (answer.refused) return figures;
  figures.unsupportedShare = summary.unsupportedShare;
  if (!isAnswerable || question.relevance.size === 0) return figures;
  figures.citationRecall = summary.citationRecall;
  if (answer.citations.length > 0) figures.citationPrecision = summary.citationPrecision;
  return figures;
}
