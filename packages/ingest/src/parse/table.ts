/**
 * Tables as text that people and models can read: one line a row, cells set apart by " | ", so that a chunk may begin at any
 * row. The first row is the header when the source says so or when it looks like one; it is repeated before later rows.
 * Names of columns may be years, and the corner above the labels of the rows may be empty, where the rows below are of another shape.
 */
import type { DraftBlock } from "./draft.ts";

export const CELL_GAP = " | ";
const NUMBER = /^[\s(+\-−]*[$€£¥]?\d[\d.,\s]*[%)]?\s*$/;
const YEAR = /^(?:19|20)\d{2}$/;
/** Rows below the first that are looked at. */
const LOOKED_AT = 50;

/** One line; empty cells at the end are left out, empty ones inside keep their place. */
export function rowText(cells: readonly string[]): string {
  const clean = cells.map((cell) => cell.replace(/\s+/g, " ").trim());
  while (clean.length > 0 && clean.at(-1) === "") clean.pop();
  return clean.join(CELL_GAP);
}

/** True for a row of names: no empty cell but the corner, no numbers but years, and something below that it could name. */
export function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const first = rows[0];
  if (first === undefined || rows.length < 2) return false;
  const cells = first.map((cell) => cell.trim());
  while (cells.length > 0 && cells.at(-1) === "") cells.pop();
  if (cells.length < 2) return false;
  const below = rows.slice(1, 1 + LOOKED_AT);
  return (
    cells.every((cell, at) => isName(cell) || (at === 0 && isCorner(cells, below)) || isYearOver(cell, at, below)) &&
    new Set(cells).size === cells.length
  );
}

const isName = (cell: string): boolean => cell !== "" && cell.length <= 80 && !NUMBER.test(cell);

const heldAt = (at: number, rows: readonly (readonly string[])[]): string[] =>
  rows.map((row) => (row[at] ?? "").trim()).filter((value) => value !== "");

/** Nothing, over the labels that most rows begin with; beside it as many names as most rows have cells, or it is half of a head in two lines. */
function isCorner({ 0: corner, length }: readonly string[], below: readonly (readonly string[])[]): boolean {
  const wider = below.filter((row) => row.findLastIndex((cell) => cell.trim() !== "") >= length);
  return corner === "" && 2 * heldAt(0, below).length >= below.length && 2 * wider.length < below.length;
}

/** A year over what are mostly no years: a row that is like those below it names nothing. */
function isYearOver(cell: string, at: number, below: readonly (readonly string[])[]): boolean {
  const held = heldAt(at, below);
  return YEAR.test(cell) && held.length > 0 && 2 * held.filter((value) => YEAR.test(value)).length < held.length;
}

/** `hasHeader` undefined: decided by look. Null when every cell is empty; a table of one column is a plain paragraph. */
export function tableBlock(rows: readonly (readonly string[])[], hasHeader?: boolean): DraftBlock | null {
  const lines = rows.map(rowText).filter((line) => line !== "");
  if (lines.length === 0) return null;
  const text = lines.join("\n");
  if (rows.every((row) => row.filter((cell) => cell.trim() !== "").length <= 1))
    return {
      kind: "paragraph",
      text: rows
        .map((row) => row.join("").replace(/\s+/g, " ").trim())
        .filter(Boolean)
        .join("\n"),
    };
  const withHeader = lines.length > 1 && (hasHeader ?? looksLikeHeader(rows)) && rowText(rows[0] ?? []) !== "";
  return withHeader ? { kind: "table", text, header: lines[0]! } : { kind: "table", text };
}
