/**
 * What a text is about, as comparable terms: English stems, numbers, identifiers kept whole as well as split, names, and
 * pairs of neighbouring characters for scripts without spaces. Everything that compares texts here (support, extraction,
 * refusal, condensing) stands on it.
 *
 * Two views of one tokenization: `contentTerms` of a question or an answer sentence leaves out stop words; `indexTerms` of
 * a passage keeps everything, so that a stop word cut differently on the two sides never hides a match.
 */
import { stem } from "@lorekeep/core";
import { CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS } from "./stop-words.ts";

export type TermKind = "word" | "name" | "number" | "identifier" | "pair";

/** `key` is what is compared; [start, end) is where the term stands in the text that was read. */
export interface Term {
  readonly key: string;
  readonly kind: TermKind;
  readonly start: number;
  readonly end: number;
}

const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}ー々〇";
const TOKEN = new RegExp(
  `([${UNSPACED}]+)|((?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+(?:[-_.,'’/:#+](?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+)*)`,
  "gu",
);
const MEASURES = new Set("long old far tall high fast large big deep wide heavy hot cold soon late early".split(" "));
const HAN = /\p{Script=Han}/u;
const NUMBER = /^\d+(?:[.,]\d+)*$/;
const HAS_DIGIT = /\p{N}/u;
const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Terms that carry the topic of a question or of one sentence, in order; repeated terms stay repeated. */
export function contentTerms(text: string): Term[] {
  const terms: Term[] = [];
  let sentenceStart = true;
  let previousEnd = 0;
  let previous = "";
  for (const token of text.matchAll(TOKEN)) {
    if (/[.!?。！？\n]/.test(text.slice(previousEnd, token.index))) sentenceStart = true;
    previousEnd = token.index + token[0].length;
    // "How long" asks for a number; a long answer, or a long seal, has nothing to do with it.
    const isMeasure = previous.toLowerCase() === "how" && MEASURES.has(token[0].toLowerCase());
    previous = token[0];
    if (isMeasure) continue;
    if (token[1] !== undefined) addUnspacedContent(terms, token[1], token.index);
    else addSpacedContent(terms, token[0], token.index, sentenceStart);
    sentenceStart = false;
  }
  return terms;
}

/** Every key that a text can be found under. */
export function indexTerms(text: string): Set<string> {
  const keys = new Set<string>();
  for (const token of text.matchAll(TOKEN)) {
    if (token[1] !== undefined) {
      const characters = Array.from(token[1]);
      for (const [at, character] of characters.entries()) {
        keys.add(character);
        const next = characters[at + 1];
        if (next !== undefined) keys.add(character + next);
      }
      continue;
    }
    const whole = fold(token[0]);
    keys.add(whole).add(stem(whole));
    if (HAS_DIGIT.test(whole)) keys.add(wholeNumber(whole));
    for (const part of whole.split(/[-_.,'’/:#+]+/)) keys.add(part).add(stem(part));
  }
  return keys;
}

/** The distinct keys of content terms, in order of first appearance. */
export function distinctKeys(terms: readonly Term[]): string[] {
  return [...new Set(terms.map((term) => term.key))];
}

/** How many members two sets have in common. */
export function sharedCount(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const [smaller, larger] = left.size <= right.size ? [left, right] : [right, left];
  let count = 0;
  for (const key of smaller) if (larger.has(key)) count++;
  return count;
}

function addUnspacedContent(terms: Term[], run: string, offset: number): void {
  // Runs between stop words, each cut into overlapping pairs; a lone character stays alone.
  let runStart = -1;
  const flush = (end: number): void => {
    if (runStart >= 0) addPairs(terms, run.slice(runStart, end), offset + runStart);
    runStart = -1;
  };
  for (const { segment, index } of segmenter.segment(run)) {
    if (CHINESE_STOP_WORDS.has(segment)) flush(index);
    else if (runStart < 0) runStart = index;
  }
  flush(run.length);
}

function addPairs(terms: Term[], run: string, offset: number): void {
  const characters = Array.from(run);
  let at = offset;
  for (const [position, character] of characters.entries()) {
    const next = characters[position + 1];
    if (next !== undefined)
      terms.push({ key: character + next, kind: "pair", start: at, end: at + character.length + next.length });
    else if (characters.length === 1)
      terms.push({ key: character, kind: "pair", start: at, end: at + character.length });
    at += character.length;
  }
}

function addSpacedContent(terms: Term[], token: string, offset: number, sentenceStart: boolean): void {
  const whole = fold(token);
  if (HAS_DIGIT.test(whole)) {
    const kind = NUMBER.test(whole) ? "number" : "identifier";
    terms.push({ key: wholeNumber(whole), kind, start: offset, end: offset + token.length });
    return;
  }
  for (const part of token.matchAll(/[^-_.,'’/:#+]+/g)) {
    const lower = fold(part[0]);
    if (ENGLISH_STOP_WORDS.has(lower) || (lower.length === 1 && !HAN.test(lower))) continue;
    const start = offset + part.index;
    const isName = /^\p{Lu}/u.test(part[0]) && !(sentenceStart && part.index === 0);
    terms.push({ key: stem(lower), kind: isName ? "name" : "word", start, end: start + part[0].length });
  }
}

/** Lower case, compatibility forms and accents folded: "Kraków" meets "krakow". */
function fold(token: string): string {
  return token
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
}

/** 1,000 and 1000 are one number; 1.5 and 1,5 stay what they are. */
function wholeNumber(token: string): string {
  return /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(token) ? token.replaceAll(",", "") : token;
}
