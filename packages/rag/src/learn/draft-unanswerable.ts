/**
 * Questions that a collection does not answer, for measuring refusals. Half are of daily life and general knowledge; half are
 * drafted questions in which a name or a number has become one that stands nowhere in the collection, so that everything else
 * about them looks right. Whether the collection knows a word is asked of its own index.
 */
import type { ExampleDraft, Language } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import { OFF_CORPUS_QUESTIONS } from "../calibration/off-corpus-questions.ts";
import { seededRandom, seedOf, shuffled } from "../evaluation/seeded-random.ts";

export interface UnansweredOptions {
  /** How many passages of the collection hold these words, all of them. */
  readonly countOf: (words: string) => Promise<number>;
  readonly limit: number;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Asked = Pick<ExampleDraft, "question" | "answerable" | "language" | "group">;

/** Invented: in no lexicon. */
const NAMES: Readonly<Record<Exclude<Language, "other">, readonly string[]>> = {
  en: ["Velmarra", "Tordanek", "Quillsby", "Ostravane", "Brimholt", "Zendrika"],
  zh: ["韦尔马拉", "托丹内克", "奎尔斯比", "布里姆霍"],
};
/** Words with a capital that open questions and name nothing. */
const NO_NAME =
  /^(?:What|Which|Who|Whom|Whose|Where|When|Why|How|Is|Are|Was|Were|Does|Do|Did|Can|The|In|On|At|Of|For|From|I)$/;

/** In the languages of the set; at most `limit`. */
export async function draftUnanswerable(asked: readonly Asked[], options: UnansweredOptions): Promise<ExampleDraft[]> {
  const { limit, seed = 1, signal } = options;
  const known = new Set(asked.map(({ question }) => question));
  const languages = new Set(asked.map(({ language }) => language));
  const altered: ExampleDraft[] = [];
  const answerable = asked.filter((example) => example.answerable);
  for (const example of shuffled(answerable, seededRandom(seed))) {
    if (altered.length >= Math.floor(limit / 2)) break;
    throwIfAborted(signal);
    const question = await alterQuestion(example, options);
    if (question === null || known.has(question)) continue;
    known.add(question);
    altered.push(toDraft(question, example));
  }
  const general: ExampleDraft[] = [];
  for (const { question, answer, language } of shuffled(OFF_CORPUS_QUESTIONS, seededRandom(seed))) {
    if (altered.length + general.length >= limit) break;
    throwIfAborted(signal);
    if (known.has(question) || (languages.size > 0 && !languages.has(language))) continue;
    if ((await options.countOf(answer)) > 0) continue;
    general.push(toDraft(question, { language, group: "general" }));
  }
  return [...altered, ...general];
}

/** Null when nothing in it can be exchanged. */
async function alterQuestion(
  { question, language }: Pick<Asked, "question" | "language">,
  { countOf, seed = 1 }: UnansweredOptions,
): Promise<string | null> {
  const random = seededRandom(seedOf(question, seed));
  const number = /(?<![\p{L}\p{N}.,])\d{2,4}(?![\p{L}\p{N}.,]*\d)/u.exec(question);
  if (number !== null) {
    const other = await unusedNumber(number[0], countOf, random);
    return other === null ? null : replaceAt(question, number.index, number[0], other);
  }
  const name = findName(question);
  if (name === null || language === "other") return null;
  const names = NAMES[language];
  const other = names[Math.floor(random() * names.length)]!;
  return (await countOf(other)) > 0 ? null : replaceAt(question, name.index, name.text, other);
}

const replaceAt = (text: string, at: number, old: string, other: string): string =>
  `${text.slice(0, at)}${other}${text.slice(at + old.length)}`;

async function unusedNumber(
  old: string,
  countOf: UnansweredOptions["countOf"],
  random: () => number,
): Promise<string | null> {
  const low = 10 ** (old.length - 1);
  for (let tries = 0; tries < 10; tries++) {
    const other = String(low + Math.floor(random() * 9 * low));
    if (other !== old && (await countOf(other)) === 0) return other;
  }
  return null;
}

/** The longest name: words with a capital in a row, or what stands in Chinese quotation marks. */
function findName(question: string): { text: string; index: number } | null {
  const found = [
    ...question.matchAll(/\p{Lu}[\p{L}\p{N}-]*(?: \p{Lu}[\p{L}\p{N}-]*)*|(?<=[《“「])[^》”」]{2,}(?=[》”」])/gu),
  ];
  const names = found
    .map((match) => {
      const words = match[0].split(" ");
      const from = words.findIndex((word) => !NO_NAME.test(word));
      const kept = from < 0 ? "" : words.slice(from).join(" ");
      return { text: kept, index: match.index + match[0].length - kept.length };
    })
    .filter(({ text }) => text.length > 2);
  return names.sort((left, right) => right.text.length - left.text.length)[0] ?? null;
}

function toDraft(question: string, { language, group }: Pick<Asked, "language" | "group">): ExampleDraft {
  return {
    externalId: `unanswerable:${seedOf(question, 0).toString(36)}`,
    ...{ question, answer: null, rejectedAnswer: null, answerable: false, language, passages: [], group },
    ...{ split: "validation", source: "unanswerable", status: "approved", problems: [], messageId: null },
  };
}
