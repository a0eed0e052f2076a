/**
 * What people said about answers → examples: a thumb up is an answer worth repeating, a correction is the answer that should
 * have come (and the one that came instead is what to avoid), a thumb down alone teaches only beside a better answer to the
 * same question.
 */
import { citedPassage } from "@lorekeep/core";
import type { ExampleDraft, ExamplePassage, RatedAnswer } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import { isRefusalText, REFUSAL_TARGETS } from "./refusal-target.ts";
import { asExamplePassage, markUnmarked } from "./retrieve-distractors.ts";

/** In the order of rating; the last word on a question counts. `status`: what the new examples begin with. */
export function feedbackExamples(
  rated: readonly RatedAnswer[],
  options: { readonly status?: ExampleDraft["status"] } = {},
): ExampleDraft[] {
  const { status = "pending" } = options;
  const byQuestion = new Map<string, ExampleDraft>();
  for (const answer of rated) {
    const example = toExample(answer, status);
    if (example !== null) byQuestion.set(keyOf(answer.question), keepRejected(example, byQuestion));
  }
  for (const { question, answer, rating, refused } of rated) {
    const example = byQuestion.get(keyOf(question));
    const rejected = refused ? REFUSAL_TARGETS[detectLanguage(question)] : withoutMarkers(answer);
    if (rating === 1 || example === undefined || example.rejectedAnswer !== null || rejected === example.answer)
      continue;
    byQuestion.set(keyOf(question), { ...example, rejectedAnswer: rejected });
  }
  return [...byQuestion.values()];
}

/** null for a thumb down without a correction: nobody said what would have been right. */
function toExample(rated: RatedAnswer, status: ExampleDraft["status"]): ExampleDraft | null {
  const { question, refused, rating, messageId } = rated;
  const correction = rated.correction?.trim() ?? "";
  if (correction === "" && rating === -1) return null;
  const language = detectLanguage(question);
  const said = refused ? REFUSAL_TARGETS[language] : withoutMarkers(rated.answer);
  const told = correction === "" ? said : correction;
  const answer = isRefusalText(told, language) || (correction === "" && refused) ? null : told;
  const passages = passagesOf(rated, answer, correction !== "");
  const isRejected = correction !== "" && said !== "" && said !== told;
  return {
    externalId: `feedback:${messageId}`,
    ...{ question: question.trim(), answer, answerable: answer !== null, language, passages },
    rejectedAnswer: isRejected ? said : null,
    source: correction === "" ? "feedback" : "correction",
    group: passages.find(({ gold }) => gold)?.documentId ?? `message:${messageId}`,
    ...{ split: "train", status, problems: [], messageId },
  };
}

/** A liked answer rests on what it cites; a correction on the passage that says it. */
function passagesOf(
  { passages, citations, question }: RatedAnswer,
  answer: string | null,
  corrected: boolean,
): ExamplePassage[] {
  const cited = new Set(citations.map((citation) => citedPassage(citation, passages)));
  const shown = passages.map(asExamplePassage);
  if (answer === null) return shown;
  if (corrected) return markUnmarked(shown, answer, question);
  const marked = shown.map((passage, at) => ({ ...passage, gold: cited.has(passages[at]) }));
  return markUnmarked(marked, answer, question);
}

/** A later rating of the same question keeps what an earlier one rejected. */
function keepRejected(example: ExampleDraft, earlier: ReadonlyMap<string, ExampleDraft>): ExampleDraft {
  const rejectedAnswer = example.rejectedAnswer ?? earlier.get(keyOf(example.question))?.rejectedAnswer ?? null;
  return { ...example, rejectedAnswer: rejectedAnswer === example.answer ? null : rejectedAnswer };
}

const withoutMarkers = (text: string): string =>
  text
    .replace(/\s*\[\d+\]/g, "")
    .replace(/\s+/gu, " ")
    .trim();
const keyOf = (question: string): string =>
  question
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, "");
