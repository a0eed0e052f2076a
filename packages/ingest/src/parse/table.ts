/**
 * Tables as text that people and models can read: one line a row, cells set apart by " | ", so that a chunk may begin at any
 * row. The first row is the header when the source says so or when it looks like one; it is repeated before later rows.
 */
import type { DraftBlock } from "./draft.ts";

export const CELL_GAP = " | ";
const NUMBER = /^[\s(+\-−]*[$€£¥]?\d[\d.,\s]*[%)]?\s*$/;

/** One line; empty cells at the end are left out, empty ones inside keep their place. */
export function rowText(cells: readonly string[]): string {
  const clean = cells.map((cell) => cell.replace(/\s+/g, " ").trim());
  while (clean.length > 0 && clean.at(-1) === "") clean.pop();
  return clean.join(CELL_GAP);
}

/** True for a row of names: no empty cell, no numbers, and something below that it could name. */
export function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const first = rows[0];
  if (first === undefined || rows.length < 2) return false;
  const cells = first.map((cell) => cell.trim());
  while (cells.length > 0 && cells.at(-1) === "") cells.pop();
  if (cells.length < 2) return false;
  return (
    cells.every((cell) => cell !== "" && cell.length <= 80 && !NUMBER.test(cell)) &&
    new Set(cells).size === cells.length
  );
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
