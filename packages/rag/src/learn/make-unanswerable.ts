/**
 * Questions paired with passages that look right and hold no answer: what an adapter learns to refuse. The passages are
 * retrieved ones of other documents, without the answer's words. Few of them: trained on more than about a fifth, and on harder
 * ones, a small model learns to refuse everything (measured: 18 % gave F1 0.53, 54 % adversarial ones gave 0.10).
 */
import type { ExampleDraft, ExamplePassage } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { seededRandom, seedOf, shuffled } from "../evaluation/seeded-random.ts";
import { contentTerms, distinctKeys, indexTerms } from "../text/terms.ts";
import { asExamplePassage, DISTRACTORS, holdsAnswer } from "./retrieve-distractors.ts";
import type { RetrievePassages } from "./retrieve-distractors.ts";

export const UNANSWERABLE_SHARE = 0.18;
/** A passage with more of the answer's words than this may answer after all. */
const MOST_OF_ANSWER = 0.4;

export interface UnanswerableOptions {
  readonly retrieve: RetrievePassages;
  /** Of all examples together, those made before counted in. */
  readonly share?: number | undefined;
  /** At most so many new ones. */
  readonly limit?: number | undefined;
  readonly passageCount?: number | undefined;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Asked = Pick<ExampleDraft, "question" | "answer" | "answerable" | "language" | "passages" | "group" | "split">;

/** New examples without an answer; a question for which nothing wrong but similar is found is passed over. */
export async function makeUnanswerable(
  examples: readonly Asked[],
  options: UnanswerableOptions,
): Promise<ExampleDraft[]> {
  const { retrieve, share = UNANSWERABLE_SHARE, limit = Infinity, passageCount = DISTRACTORS + 1, seed = 1 } = options;
  const answerable = examples.filter(({ answerable: isAnswerable, answer }) => isAnswerable && answer !== null);
  const there = examples.length - answerable.length;
  const wanted = Math.min(limit, Math.round((share / (1 - share)) * answerable.length) - there);
  const asked = new Set(examples.filter((example) => !example.answerable).map(({ question }) => question));
  const made: ExampleDraft[] = [];
  for (const example of shuffled(answerable, seededRandom(seed))) {
    if (made.length >= wanted) break;
    throwIfAborted(options.signal);
    if (asked.has(example.question)) continue;
    asked.add(example.question);
    const passages = (await retrieve(example.question)).map(asExamplePassage);
    const wrong = wrongPassages(example, passages).slice(0, passageCount);
    if (wrong.length > 0) made.push(toUnanswerable(example, wrong));
  }
  return made;
}

/** Of other documents if there are any; else of the same one, if they lack the answer's words altogether. */
function wrongPassages({ answer, passages: own, group }: Asked, found: readonly ExamplePassage[]): ExamplePassage[] {
  const keys = distinctKeys(contentTerms(answer!));
  const lacks = ({ text }: ExamplePassage, most: number): boolean => {
    const there = indexTerms(text);
    return !holdsAnswer(text, answer) && keys.filter((key) => there.has(key)).length <= most * keys.length;
  };
  const ownDocuments = new Set([group, ...own.filter(({ gold }) => gold).map(({ documentId }) => documentId)]);
  const ownTexts = new Set(own.filter(({ gold }) => gold).map(({ text }) => text));
  const others = found.filter(({ documentId, text }) => !ownDocuments.has(documentId) && !ownTexts.has(text));
  const wrong = others.filter((passage) => lacks(passage, MOST_OF_ANSWER));
  if (wrong.length > 0) return wrong;
  return found.filter((passage) => !ownTexts.has(passage.text) && lacks(passage, 0));
}

/** Stays in the group and on the side of the question that it is made of. */
function toUnanswerable({ question, language, group, split }: Asked, passages: ExamplePassage[]): ExampleDraft {
  return {
    externalId: `unanswerable:${seedOf(question, 0).toString(36)}`,
    ...{ question, answer: null, rejectedAnswer: null, answerable: false, language, passages, group, split },
    ...{ source: "unanswerable", status: "pending", problems: [], messageId: null },
  };
}
