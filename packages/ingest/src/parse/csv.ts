/**
 * CSV and its relatives: the delimiter is the one that cuts most lines into equally many fields; the first row is the header
 * when it looks like names. Each record is one block, so that no chunk ever begins or ends inside a row.
 */
import { parse } from "csv-parse/sync";
import type { DraftBlock, DraftDocument } from "./draft.ts";
import { looksLikeHeader, rowText } from "./table.ts";

const DELIMITERS = [",", ";", "\t", "|"] as const;
const SAMPLE_LINES = 50;
const SAMPLE_LENGTH = 200_000;

export function parseCsv(source: string, preferred?: string): DraftDocument {
  const rows = readRows(source, preferred ?? sniffDelimiter(source));
  const header = looksLikeHeader(rows) ? rowText(rows[0]!) : undefined;
  const blocks: DraftBlock[] = [];
  for (const [at, row] of rows.entries()) {
    const text = rowText(row);
    if (text === "") continue;
    blocks.push(header === undefined || at === 0 ? { kind: "row", text } : { kind: "row", text, header });
  }
  return { title: null, pageCount: null, pages: [{ page: null, label: null, blocks }], warnings: [] };
}

/** A CSV file as rows of fields, whatever its delimiter. */
export const readCsvRows = (source: string): string[][] => readRows(source, sniffDelimiter(source));

function readRows(source: string, delimiter: string): string[][] {
  const options = { delimiter, bom: true, relax_column_count: true, skip_empty_lines: true, relax_quotes: true };
  try {
    return parse(source, options);
  } catch {
    // A quote that never closes swallows the rest of the file: read the lines as they stand.
    return source.split(/\r\n?|\n/).map((line) => line.split(delimiter));
  }
}

/** The candidate whose fields per line agree best; "," when none is found. */
export function sniffDelimiter(source: string): string {
  const lines = linesOutsideQuotes(source.slice(0, SAMPLE_LENGTH)).slice(0, SAMPLE_LINES);
  let best = ",";
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1).filter((count) => count > 0);
    if (counts.length === 0) continue;
    const usual = mode(counts);
    const agreeing = counts.filter((count) => count === usual).length;
    const score = (agreeing / lines.length) * Math.min(usual, 20) ** 0.25;
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

function mode(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}

/** Records as lines with the quoted parts taken out. */
function linesOutsideQuotes(source: string): string[] {
  return source
    .replace(/"(?:[^"]|"")*"/g, "")
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== "");
}
