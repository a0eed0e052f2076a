/**
 * Answerable question → one that looks the same and that its passage does not answer: a name or a number is exchanged for another of
 * the passage's, or a word for its opposite. The ways in which people made SQuAD 2.0's unanswerable questions (Rajpurkar et
 * al. 2018, table 1), by rule, since a reader needs more of them than the set has.
 */
import { OPPOSITE_WORDS } from "../../packages/rag/src/text/opposites.ts";

/** The usual opposite of a word. */
const OPPOSITE = new Map(
  [...OPPOSITE_WORDS].reverse().flatMap(([one, other]) => [[one, other] as const, [other, one] as const]),
);

const NAME = /(?<![.?!]\s|^|\p{L})\p{Lu}[\p{L}'’-]+(?:\s(?:of\s|the\s|de\s)*\p{Lu}[\p{L}'’-]+)*/gu;
const NUMBER = /(?<![\p{L}\d])\d[\d,.]*\d|(?<![\p{L}\d])\d(?![\p{L}\d])/gu;

const pieces = (text: string, pattern: RegExp): string[] => [...new Set(text.match(pattern) ?? [])];
const isYear = (number: string): boolean => /^1\d{3}$|^20\d{2}$/.test(number);

/**
 * Every way to alter it; [] when there is none. `answers` never become part of a question, since that would ask something else that
 * the passage may well answer.
 */
export function alteredQuestions(question: string, passage: string, answers: readonly string[]): string[] {
  const fits = (piece: string): boolean =>
    !question.includes(piece) && !answers.some((answer) => answer.includes(piece) || piece.includes(answer));
  const names = pieces(passage, NAME).filter(fits);
  const numbers = pieces(passage, NUMBER).filter(fits);
  const swapped = pieces(question, NAME)
    .filter((name) => passage.includes(name))
    .flatMap((name) => names.map((other) => question.replace(name, other)));
  const counted = pieces(question, NUMBER).flatMap((number) =>
    numbers.filter((other) => isYear(other) === isYear(number)).map((other) => question.replace(number, other)),
  );
  const turned = [...question.matchAll(/[\p{L}-]+/gu)].flatMap(({ 0: word, index }) => {
    const opposite = OPPOSITE.get(word.toLowerCase());
    if (opposite === undefined) return [];
    const cased = word === word.toLowerCase() ? opposite : opposite[0]!.toUpperCase() + opposite.slice(1);
    return [question.slice(0, index) + cased + question.slice(index + word.length)];
  });
  return [...turned, ...turned, ...counted, ...swapped.slice(0, 6)];
}
