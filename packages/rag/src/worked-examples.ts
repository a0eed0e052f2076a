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
  const asked = new Set(question.keys);
  const byKeys = new Map<string, { readonly likeness: number; readonly rated: RatedAnswer[] }>();
  for (const answer of rated) {
    if (!answer.passages.every(({ collectionId }) => collections.has(collectionId))) continue;
    const { keys, language } = readQuestion(answer.question, question.weight);
    const isSame = keys.length === asked.size && keys.every((key) => asked.has(key));
    if (isSame || language !== question.language) continue;
    const likeness = coverage(question.keys, new Set(keys), question.weight) + coverage(keys, asked, question.weight);
    const known = byKeys.get(keys.join(" "));
    if (known === undefined) byKeys.set(keys.join(" "), { likeness, rated: [answer] });
    else known.rated.push(answer);
  }
  const chosen: WorkedExample[] = [];
  // Examples are made of the likest only: finding what each rests on takes longer than telling how like they are.
  for (const { rated: likest } of [...byKeys.values()].sort((left, right) => right.likeness - left.likeness)) {
    if (chosen.length >= count) break;
    chosen.push(...feedbackExamples(likest).flatMap(asWorkedExample));
  }
  return chosen.slice(0, count).reverse();
}

function asWorkedExample({ question, answer, passages }: ReturnType<typeof feedbackExamples>[number]): WorkedExample[] {
  const gold = passages.filter((passage) => passage.gold);
  if (answer === null || answer.length > MOST_ANSWER_CHARACTERS) return [];
  if (gold.length === 0 || gold.length > MOST_PASSAGES) return [];
  const shown = gold.map(({ title, text }, at) => ({
    marker: at + 1,
    text,
    passage: { documentName: title, headings: [] },
  }));
  return [{ question, answer, passages: shown }];
}
