/**
 * Text → terms of the keyword index, for SQLite's FTS5 behind it (which folds accents and stems English).
 *
 * - Scripts written without spaces (Han, kana, hangul, Thai …): every character and every pair of neighbours go into the
 *   index; a query uses the pairs, or the character when it stands alone. No dictionary, so no word is unknown.
 * - Words and numbers: identifiers stay findable whole and in parts, however they are joined. `ERR-4711`, `ERR 4711` and
 *   `err4711` meet in `err4711`; `v1.2.3` gives `v1.2.3`, `1.2.3` and `1.2`; `2024/01/15` equals `2024-01-15`; camelCase and
 *   snake_case give their words; `1,000` is `1000`; `C++` is `cplusplus`.
 *
 * Terms hold letters, marks, digits and dots inside numbers only: nothing in them is an operator of the query language.
 */

const DENSE =
  "[[\\p{L}\\p{M}\\p{N}]&&[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]]";
const WORD = `[[\\p{L}\\p{M}\\p{N}]--${DENSE}]`;
const DIGIT = "\\p{Nd}";
/** A run of a dense script, or words and numbers joined without spaces by what identifiers are joined by. */
const RUN = new RegExp(
  `(${DENSE}+)|(${WORD}+(?:[\\-_.\\/@&'’+#]${WORD}+|(?<=${DIGIT}):(?=${DIGIT})${WORD}+|(?<=${DIGIT}),(?=${DIGIT}{3}(?!${DIGIT}))${WORD}+)*(?:\\+\\+|#)?)`,
  "gv",
);
/** Where a joined run falls into identifiers: dots, slashes and at-signs that do not stand between digits. */
const IDENTIFIER_BREAK = /(?<!\p{Nd})[./@]|[./@](?!\p{Nd})/u;
/** Pieces of an identifier: a number with its separators, or one word of camelCase. */
const PIECE =
  /\p{Nd}+(?:[.\-/:_]\p{Nd}+)*|\p{N}+|\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lu}\p{M}]+|[\p{Lo}\p{Lm}\p{Lt}\p{M}]+/gu;
const PLAIN_WORD = /^[a-z]+$/;
const ASCII = /^[\0-\x7f]*$/;
/** Longer terms are cut: nobody types them, and base64 would swell the index. */
const MAX_TERM_LENGTH = 64;

/** The terms of a text in order, joined by spaces, as FTS5 is given them. */
export function splitForIndex(text: string): string {
  const terms: string[] = [];
  for (const [, dense, words] of normalize(text).matchAll(RUN)) {
    if (dense !== undefined) pushDense(dense, terms);
    else if (PLAIN_WORD.test(words!)) pushTerm(words!, terms);
    else pushIdentifiers(words!, terms, false);
  }
  return terms.join(" ");
}

/** A term of a query and the text that it was made from, whose case tells `US` from `us`. */
export interface QueryTerm {
  readonly term: string;
  readonly source: string;
}

/** The distinct terms that a query looks for, in order. */
export function splitForQuery(text: string): QueryTerm[] {
  const found = new Map<string, QueryTerm>();
  for (const [run, dense, words] of normalize(text).matchAll(RUN)) {
    const terms: string[] = [];
    if (dense !== undefined) pushPairs(dense, terms);
    else pushIdentifiers(words!, terms, true);
    const source = terms.length === 1 ? run : "";
    for (const term of terms) if (!found.has(term)) found.set(term, { term, source: source || term });
  }
  return [...found.values()];
}

function normalize(text: string): string {
  return ASCII.test(text) ? text : text.normalize("NFKC");
}

function pushTerm(term: string, terms: string[]): void {
  terms.push(term.length > MAX_TERM_LENGTH ? [...term].slice(0, MAX_TERM_LENGTH).join("") : term);
}

function pushDense(run: string, terms: string[]): void {
  const characters = [...run];
  characters.forEach((character, at) => {
    terms.push(character);
    if (at + 1 < characters.length) terms.push(character + characters[at + 1]!);
  });
}

function pushPairs(run: string, terms: string[]): void {
  const characters = [...run];
  if (characters.length === 1) terms.push(run);
  for (let at = 0; at + 1 < characters.length; at++) terms.push(characters[at]! + characters[at + 1]!);
}

function pushIdentifiers(run: string, terms: string[], isQuery: boolean): void {
  const identifiers = run.split(IDENTIFIER_BREAK).filter((identifier) => identifier !== "");
  const whole: string[] = [];
  for (const identifier of identifiers) {
    const plain = identifier.replaceAll(",", "");
    const pieces = (plain.match(PIECE) ?? []).map(normalizePiece);
    const joined = pieces.join("");
    whole.push(joined);
    if (pieces.length > 1) pushTerm(joined, terms);
    const suffix = /^(\p{L}{1,2})(\+\+|#)$/u.exec(plain);
    if (suffix) pushTerm(`${joined}${suffix[2] === "#" ? "sharp" : "plusplus"}`, terms);
    for (const piece of pieces) pushPiece(piece, terms, { isQuery, isAlone: pieces.length === 1 });
  }
  if (identifiers.length > 1) pushTerm(whole.join(""), terms);
}

function normalizePiece(piece: string): string {
  return piece.toLowerCase().replaceAll(/[-/:_]/g, ".");
}

/** A number with separators is findable whole, by each of its numbers, and (in the index) by its beginnings. */
function pushPiece(piece: string, terms: string[], { isQuery, isAlone }: { isQuery: boolean; isAlone: boolean }): void {
  // A lone letter of a longer identifier finds too much.
  if (isQuery && !isAlone && piece.length < 2) return;
  pushTerm(piece, terms);
  if (!piece.includes(".")) return;
  const numbers = piece.split(".");
  for (const [at, number] of numbers.entries()) {
    if (number.length > 1 || !isQuery) pushTerm(number, terms);
    if (!isQuery && at > 0 && at + 1 < numbers.length) pushTerm(numbers.slice(0, at + 1).join("."), terms);
  }
}
