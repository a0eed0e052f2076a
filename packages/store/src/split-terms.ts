/**
 * Text → terms of the keyword index, ready to be compared: SQLite's FTS5 behind it only cuts at spaces.
 *
 * - Scripts written without spaces (Han, kana, hangul, Thai …): every character and every pair of neighbours go into the
 *   index; a query uses the pairs, or the character when it stands alone. No dictionary, so no word is unknown.
 * - Words and numbers: identifiers stay findable whole and in parts, however they are joined. `ERR-4711` and `err4711`
 *   meet in `err4711`; `v1.2.3` gives `v1.2.3`, `1.2.3` and `1.2`; `2024/01/15` equals `2024-01-15`; camelCase and snake_case
 *   give their words; `1,000` is `1000`; `C++` is `cplusplus`. Case, width and accents do not matter; English is stemmed.
 *
 * Terms hold letters, marks, digits and dots inside numbers only: nothing in them is an operator of the query language.
 */
import { stem } from "@lorekeep/core";

const DENSE =
  "[[\\p{L}\\p{M}\\p{N}]&&[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]]";
const WORD = `[[\\p{L}\\p{M}\\p{N}]--${DENSE}]`;
const DIGIT = "\\p{Nd}";
/** A run of a dense script, or words and numbers joined without spaces by what identifiers are joined by. */
const RUN = new RegExp(
  `(${DENSE}+)|(${WORD}+(?:[\\-_.\\/@&'’+#]${WORD}+|(?<=${DIGIT}):(?=${DIGIT})${WORD}+|(?<=${DIGIT}),(?=${DIGIT}{3}(?!${DIGIT}))${WORD}+)*(?:\\+\\+|#)?)`,
  "gv",
);
const LETTERS_AND_NUMBER = /(?<![\p{L}\p{N}])(\p{L}{1,8}) (\p{Nd}+)(?![\p{L}\p{N}])/gu;
/** Where a joined run falls into identifiers: dots, slashes and at-signs that do not stand between digits. */
const IDENTIFIER_BREAK = /(?<!\p{Nd})[./@]|[./@](?!\p{Nd})/u;
/** Pieces of an identifier: a number with its separators, or one word of camelCase. */
const PIECE =
  /\p{Nd}+(?:[.\-/:_]\p{Nd}+)*|\p{N}+|\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lu}\p{M}]+|[\p{Lo}\p{Lm}\p{Lt}\p{M}]+/gu;
/** Scripts whose accents are left out by people who type quickly; elsewhere marks are letters. */
const ACCENTED_SCRIPTS = /\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}/u;
const PLAIN_WORD = /^[a-z]+$/;
const ASCII = /^[\0-\x7f]*$/;
/** Longer terms are cut: nobody types them, and base64 would swell the index. */
const MAX_TERM_LENGTH = 64;

/** The terms of a text, in order. */
export function indexTerms(text: string): string[] {
  const terms: string[] = [];
  for (const [, dense, words] of normalize(text).matchAll(RUN)) {
    if (dense !== undefined) pushDense(dense, terms);
    else if (words!.length <= MAX_TERM_LENGTH && PLAIN_WORD.test(words!)) terms.push(stem(words!));
    else for (const word of splitIdentifiers(words!, false)) terms.push(toTerm(word));
  }
  return terms;
}

/** The terms of a text as FTS5 is given them. */
export function splitForIndex(text: string): string {
  return indexTerms(text).join(" ");
}

/** A term of a query, and the word that it was made from as the user wrote it, whose case tells `US` from `us`. */
export interface QueryTerm {
  readonly term: string;
  readonly word: string;
}

/** The distinct terms that a query looks for, in order. */
export function splitForQuery(text: string): QueryTerm[] {
  const normalized = normalize(text);
  const found = new Map<string, QueryTerm>();
  const add = (term: string, word: string) => {
    if (!found.has(term)) found.set(term, { term, word });
  };
  for (const [run, dense, words] of normalized.matchAll(RUN)) {
    const split = dense === undefined ? splitIdentifiers(words!, true) : splitPairs(dense);
    for (const word of split) add(dense === undefined ? toTerm(word) : word, split.length === 1 ? run : word);
  }
  // Who types `ERR 4711` or `ISO 9001` may mean the text that writes it in one.
  for (const [pair, letters, digits] of normalized.matchAll(LETTERS_AND_NUMBER)) add(toTerm(letters! + digits!), pair);
  return [...found.values()];
}

function normalize(text: string): string {
  return ASCII.test(text) ? text : text.normalize("NFKC");
}

/** Letters that a dictionary would sort under others but that do not decompose. */
const LIGATURES: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i" };

/** What two spellings of a word have in common. */
function toTerm(word: string): string {
  let term = word.toLowerCase();
  if (!ASCII.test(term) && ACCENTED_SCRIPTS.test(term))
    term = term
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/[ßæœøłđı]/g, (letter) => LIGATURES[letter]!)
      .normalize("NFC");
  return stem(term.length > MAX_TERM_LENGTH ? [...term].slice(0, MAX_TERM_LENGTH).join("") : term);
}

function pushDense(run: string, terms: string[]): void {
  const characters = [...run];
  characters.forEach((character, at) => {
    terms.push(character);
    if (at + 1 < characters.length) terms.push(character + characters[at + 1]!);
  });
}

function splitPairs(run: string): string[] {
  const characters = [...run];
  return characters.length === 1 ? characters : characters.slice(1).map((character, at) => characters[at]! + character);
}

/** The words of a joined run: each identifier whole and in pieces, then the run whole. */
function splitIdentifiers(run: string, isQuery: boolean): string[] {
  const words: string[] = [];
  const identifiers = run.split(IDENTIFIER_BREAK).filter((identifier) => identifier !== "");
  const whole: string[] = [];
  for (const identifier of identifiers) {
    const plain = identifier.replaceAll(",", "");
    const pieces = (plain.match(PIECE) ?? []).map((piece) => piece.replaceAll(/[-/:_]/g, "."));
    const joined = pieces.join("");
    whole.push(joined);
    if (pieces.length > 1) words.push(joined);
    const suffix = /^(\p{L}{1,2})(\+\+|#)$/u.exec(plain);
    if (suffix) words.push(`${joined}${suffix[2] === "#" ? "sharp" : "plusplus"}`);
    for (const piece of pieces) pushPiece(piece, words, { isQuery, isAlone: pieces.length === 1 });
  }
  if (identifiers.length > 1) words.push(whole.join(""));
  return words;
}

/** A number with separators is findable whole, by each of its numbers, and (in the index) by its beginnings. */
function pushPiece(piece: string, words: string[], { isQuery, isAlone }: { isQuery: boolean; isAlone: boolean }): void {
  // A lone letter of a longer identifier finds too much.
  if (isQuery && !isAlone && piece.length < 2) return;
  words.push(piece);
  if (!piece.includes(".")) return;
  const numbers = piece.split(".");
  for (const [at, number] of numbers.entries()) {
    if (number.length > 1 || !isQuery) words.push(number);
    if (!isQuery && at > 0 && at + 1 < numbers.length) words.push(numbers.slice(0, at + 1).join("."));
  }
}
