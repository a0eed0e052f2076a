/**
 * Approved answers as worked examples before the question (few-shot: Brown et al. 2020, section 2): answers that people liked or
 * corrected show a generator how this collection wants to be answered. Only answers whose every passage belongs to a collection that
 * is searched now; never one to this very question, since an answer must come from today's passages and not by heart. Off unless
 * a collection asks for it: small generators copy what they are shown.
 */
import type { CollectionId, RatedAnswer } from "@lorekeep/core";
import { feedbackExamples } from "./learn/feedback-examples.ts";
import type { WorkedExample } from "./prompt.ts";
import { readQuestion } from "./question.ts";
import type { Question } from "./question.ts";
import { coverage } from "./text/term-weights.ts";

/** Longer answers teach rambling, and their passages crowd out those that are asked. */
const MOST_ANSWER_CHARACTERS = 400;
const MOST_PASSAGES = 2;

/** The `count` examples whose questions are likest to this one, the likest last, where a generator looks first. */
export function chooseWorkedExamples(
  question: Question,
  rated: readonly RatedAnswer[],
  { count, collections }: { readonly count: number; readonly collections: ReadonlySet<CollectionId> },
): WorkedExample[] {
  const own = rated.filter(({ passages }) => passages.every(({ collectionId }) => collections.has(collectionId)));
  const asked = new Set(question.keys);
  const likely = feedbackExamples(own).flatMap(({ question: text, answer, language, passages }) => {
    const gold = passages.filter((passage) => passage.gold);
    if (answer === null || answer.length > MOST_ANSWER_CHARACTERS || language !== question.language) return [];
    if (gold.length === 0 || gold.length > MOST_PASSAGES) return [];
    const keys = readQuestion(text, question.weight).keys;
    const held = new Set(keys);
    const isSame = keys.length === asked.size && keys.every((key) => asked.has(key));
    if (isSame) return [];
    const likeness = coverage(question.keys, held, question.weight) + coverage(keys, asked, question.weight);
    const shown = gold.map(({ title, text: body }, at) => ({
      marker: at + 1,
      text: body,
      passage: { documentName: title, headings: [] },
    }));
    return [{ likeness, example: { question: text, answer, passages: shown } }];
  });
  return likely
    .sort((left, right) => right.likeness - left.likeness)
    .slice(0, count)
    .map(({ example }) => example)
    .reverse();
}
