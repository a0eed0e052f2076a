/**
 * Examples are learnt among the passages that the product itself would retrieve for them: the right one and some that merely
 * look right. Which one is right is decided by the answer standing in it, or by most of its words standing there.
 */
import type { ExampleDraft, ExamplePassage, Passage } from "@lorekeep/core";
import { passageTitle } from "../prompt.ts";
import { contentTerms, distinctKeys, indexTerms, sharedCount } from "../text/terms.ts";

/** The product's retrieval, best first. */
export type RetrievePassages = (question: string) => Promise<readonly RetrievedPassage[]>;
export type RetrievedPassage = Pick<Passage, "text" | "documentName" | "headings" | "documentId" | "chunkId">;

export const DISTRACTORS = 2;
const SUPPORT_FROM = 0.6;
/** Above this share of common terms two passages say the same. */
const SAME_FROM = 0.85;

type Asked = Pick<ExampleDraft, "question" | "answer" | "answerable" | "passages">;

/**
 * The example's passages: its own, or the right one of those retrieved, and up to `distractorCount` that do not hold the
 * answer. An answerable question whose answer nothing retrieved supports gets no gold passage: cleaning marks it.
 */
export async function addPassages(
  example: Asked,
  retrieve: RetrievePassages,
  options: { readonly distractorCount?: number | undefined } = {},
): Promise<ExamplePassage[]> {
  const { distractorCount = DISTRACTORS } = options;
  const { question, passages: own } = example;
  const answer = example.answerable ? example.answer : null;
  if (own.filter(({ gold }) => !gold).length >= distractorCount && (own.some(({ gold }) => gold) || answer === null))
    return [...own];
  const retrieved = (await retrieve(question)).map(asExamplePassage);
  const marked = own.length > 0 ? markUnmarked(own, answer, question) : [];
  const right = marked.some(({ gold }) => gold) || answer === null ? [] : findGold(retrieved, answer, question);
  const kept = [...marked, ...right];
  // A question without an answer is asked of one passage more, where others have their right one.
  const room = distractorCount + (answer === null ? 1 : 0) - kept.filter(({ gold }) => !gold).length;
  const distractors = retrieved.filter(
    (passage) => !holdsAnswer(passage.text, answer) && !kept.some(saysTheSameAs(passage)),
  );
  return [...kept, ...distractors.slice(0, Math.max(0, room))];
}

/** Passages that came without marks: the one that holds the answer becomes the right one. */
export function markUnmarked(
  passages: readonly ExamplePassage[],
  answer: string | null,
  question: string,
): ExamplePassage[] {
  if (answer === null || passages.some(({ gold }) => gold)) return [...passages];
  const [right] = findGold(passages, answer, question);
  return passages.map((passage) => (passage.text === right?.text ? { ...passage, gold: true } : passage));
}

/** The best passage that holds the answer, or supports most of it; none when all fall short. */
function findGold(passages: readonly ExamplePassage[], answer: string, question: string): ExamplePassage[] {
  const asked = distinctKeys(contentTerms(question));
  const scored = passages.map((passage) => {
    const there = indexTerms(`${passage.title}\n${passage.text}`);
    const base = holdsAnswer(passage.text, answer) ? 1 : supportOf(answer, there);
    return { passage, base, score: base + shareOf(asked, there) };
  });
  const [best] = scored.filter(({ base }) => base >= SUPPORT_FROM).sort((left, right) => right.score - left.score);
  return best === undefined ? [] : [{ ...best.passage, gold: true }];
}

/** True when the answer stands in the text as it is, case, blanks and punctuation apart; "6" does not stand in "16". */
export function holdsAnswer(text: string, answer: string | null): boolean {
  if (answer === null) return false;
  const wanted = fold(answer);
  return wanted !== "" && ` ${fold(text)} `.includes(/\p{Script=Han}/u.test(wanted) ? wanted : ` ${wanted} `);
}

/** Chinese has no blanks between words: none is kept beside a Han character. */
const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, "")
    .trim();

const supportOf = (answer: string, there: ReadonlySet<string>): number =>
  shareOf(distinctKeys(contentTerms(answer)), there);
const shareOf = (keys: readonly string[], there: ReadonlySet<string>): number =>
  keys.length === 0 ? 0 : keys.filter((key) => there.has(key)).length / keys.length;

/** A chunk that overlaps with the right one often holds the answer in other words. */
const saysTheSameAs = (passage: ExamplePassage) => {
  const keys = indexTerms(passage.text);
  return (other: ExamplePassage): boolean => {
    if (passage.chunkId !== null && passage.chunkId === other.chunkId) return true;
    const others = indexTerms(other.text);
    return sharedCount(keys, others) / Math.max(1, Math.min(keys.size, others.size)) >= SAME_FROM;
  };
};

export const asExamplePassage = (passage: RetrievedPassage): ExamplePassage => ({
  title: passageTitle(passage),
  text: passage.text,
  gold: false,
  documentId: passage.documentId,
  chunkId: passage.chunkId,
});
