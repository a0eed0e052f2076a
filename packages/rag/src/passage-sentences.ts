/**
 * The sentences of a passage with their places in the parsed text, so that whatever is quoted is a verbatim piece of it.
 * A row of a table counts as a sentence that says its column names too: "Grey Wagtail | 310" is read as "Ship: Grey Wagtail;
 * Passengers: 310". A table header repeated in front of a chunk is never quoted: it does not stand at the chunk's span.
 */
import type { Passage, Span } from "@lorekeep/core";
import { splitSentences } from "@lorekeep/ingest";
import { cellsOf, holdsCells, readRow, tableReader } from "./table-rows.ts";
import { indexTerms } from "./text/terms.ts";

export interface PassageSentence {
  /** Verbatim piece of the parsed text, without white space at its ends. */
  readonly text: string;
  /** Where it stands in the parsed text. */
  readonly span: Span;
  /** As a person would say it: white space folded, list marks off, a row with its column names. */
  readonly readAs: string;
  /** Terms of `readAs`. */
  readonly keys: ReadonlySet<string>;
  readonly kind: "sentence" | "row" | "column-names";
  /** Of a row under column names, as many as it has cells. */
  readonly table?: { readonly columns: readonly string[]; readonly cells: readonly string[] } | undefined;
}

/** The part of a passage's text that stands in the parsed text at its span. */
export function passageBody(passage: Pick<Passage, "text" | "span" | "header">): string {
  const length = passage.span[1] - passage.span[0];
  return passage.header === null ? passage.text.slice(0, length) : passage.text.slice(-length);
}

export function passageSentences(passage: Pick<Passage, "text" | "span" | "header">): PassageSentence[] {
  const body = passageBody(passage);
  const sentences: PassageSentence[] = [];
  const table = tableReader(passage.header);
  let readTo = 0;
  for (const piece of rowsAndSentences(body)) {
    const raw = body.slice(...piece);
    const text = raw.trim();
    if (text === "") continue;
    const at = passage.span[0] + piece[0] + raw.length - raw.trimStart().length;
    const cells = cellsOf(text);
    if (cells !== null && isApart(body.slice(readTo, piece[0]))) table.leave();
    if (cells !== null) readTo = piece[1];
    const line = cells === null ? null : table.read(cells);
    const kind = line?.kind ?? "sentence";
    const readAs = line?.kind === "row" ? readRow(line) : asProse(text);
    sentences.push({
      text,
      span: [at, at + text.length],
      readAs,
      keys: indexTerms(readAs),
      kind,
      ...(line?.kind === "row" && line.columns.length > 0 ? { table: line } : {}),
    });
  }
  return sentences;
}

/** A blank line ends a table, and so does prose; a line of one cell, which names a part of it, does not. */
const MOST_PART_NAME = 100;
const isApart = (between: string): boolean => /\n[ \t]*\n/.test(between) || between.trim().length > MOST_PART_NAME;

/** Lines with cells stay whole, whatever punctuation is in them; the text between is cut into sentences. */
function rowsAndSentences(body: string): Span[] {
  const pieces: Span[] = [];
  let proseStart = 0;
  const flush = (end: number): void => {
    for (const [from, to] of splitSentences(body.slice(proseStart, end)))
      pieces.push([proseStart + from, proseStart + to]);
  };
  for (const line of body.matchAll(/[^\n]+/g)) {
    if (!holdsCells(line[0])) continue;
    flush(line.index);
    proseStart = line.index + line[0].length;
    pieces.push([line.index, proseStart]);
  }
  flush(body.length);
  return pieces;
}

function asProse(text: string): string {
  return text.replace(/^(?:[-*•·]|\d{1,3}[.)])\s+/u, "").replace(/\s+/gu, " ");
}
