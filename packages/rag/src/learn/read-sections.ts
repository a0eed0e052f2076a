/**
 * A stored passage → its pieces as a reader sees them: headings, paragraphs, tables with their column names, question and
 * answer lines. Works on the text that was chunked, so every piece is verbatim text of the passage.
 */
import { splitSentences } from "@lorekeep/ingest";
import { cellsOf, holdsCells } from "../table-rows.ts";

/** A chunk of a document, as it is stored and served. */
export interface DraftPassage {
  readonly chunkId: string;
  readonly text: string;
  readonly headings: readonly string[];
  readonly header: string | null;
}

export interface DraftDocument {
  readonly documentId: string;
  readonly name: string;
  readonly title: string | null;
  /** In reading order. */
  readonly passages: readonly DraftPassage[];
}

export type Piece =
  | { readonly kind: "heading"; readonly text: string }
  | {
      readonly kind: "paragraph";
      readonly text: string;
      readonly sentences: readonly string[];
      readonly heading: string;
    }
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      readonly heading: string;
      /** True when its head stands in an earlier passage. */
      readonly continues: boolean;
    };

const SECTION_NUMBER = /^(?:(?:chapter|section|appendix)\s+)?(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)[.):]?\s+/iu;
const CHINESE_NUMBER =
  /^(?:第\s*[一二三四五六七八九十百\d]+\s*[章节條条]|[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）)\s*/u;

/** "3.2. Refunds" → "Refunds". */
export const plainHeading = (heading: string): string =>
  heading.replace(SECTION_NUMBER, "").replace(CHINESE_NUMBER, "").replace(/\s+/gu, " ").trim();

export function readPieces(passage: DraftPassage): Piece[] {
  const pieces: Piece[] = [];
  let heading = plainHeading(passage.headings.at(-1) ?? "");
  let columns = passage.header === null ? null : cellsOf(passage.header.split("\n").at(-1)!);
  for (const block of passage.text.split(/\n{2,}/)) {
    const text = block.trim();
    if (text === "") continue;
    const lines = text.split("\n");
    if (lines.length > 1 && lines.every(holdsCells)) {
      pieces.push(readTable(lines, columns, heading));
      columns = null;
    } else if (isHeading(text, passage.headings)) {
      heading = plainHeading(text);
      pieces.push({ kind: "heading", text: heading });
    } else {
      const sentences = splitSentences(text).map(([start, end]) => text.slice(start, end).trim());
      pieces.push({ kind: "paragraph", text, sentences, heading });
    }
  }
  return pieces;
}

function readTable(lines: readonly string[], header: readonly string[] | null, heading: string): Piece {
  const cells = lines.map((line) => cellsOf(line) ?? []);
  // A header repeated in front of a chunk stands in its text too.
  const [first, ...rest] = cells;
  const columns = header ?? first!;
  const isRepeated = header === null || columns.join() === first!.join();
  return { kind: "table", columns, rows: isRepeated ? rest : cells, heading, continues: header !== null };
}

/** A line that the heading path names, or a short line of its own that ends like no sentence. */
function isHeading(text: string, path: readonly string[]): boolean {
  if (text.includes("\n") || text.length > 120) return false;
  if (path.includes(text)) return true;
  if (/[?？]$/.test(text)) return text.length <= 100;
  const limit = /\p{Script=Han}/u.test(text) ? 20 : 60;
  return text.length <= limit && !/[.!。！:：;；,，|]$/u.test(text) && /^[\p{Lu}\p{Script=Han}\d]/u.test(text);
}
