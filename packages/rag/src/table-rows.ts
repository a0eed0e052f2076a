/**
 * Lines of a parsed table → rows under their column names. Parsing leaves one line a row with its cells set apart by " | ", empty ones
 * at the end left out; which lines are names and which are rows is read from how they look, because a chunk may begin anywhere in
 * a table. The corner above the row labels is mostly empty, and names may stand in two lines ("2019", "$ million").
 */
import type { Span } from "@lorekeep/core";

export interface TableLine {
  readonly kind: "row" | "column-names";
  /** As many as the cells; "" where a column has no name. Empty when no names are known. */
  readonly columns: readonly string[];
  readonly cells: readonly string[];
}

const GAP = /(?<=^| )\|(?= |$)/u;
const AMOUNT = /^[(+\-−–—\s]*[$€£¥]?\s*(?:\d[\d.,\s]*)?[%)\s]*$/u;
export const YEAR = /^(?:19|20)\d{2}$/;

export const holdsCells = (line: string): boolean => GAP.test(line);

/** The cells of a line; null when it has fewer than two. */
export function cellsOf(line: string): string[] | null {
  const cells = line.split(GAP).map((cell) => cell.trim());
  return cells.length < 2 ? null : cells;
}

/** Where the cell stands in its line, without the white space around it. */
export function cellSpan(line: string, at: number): Span {
  let start = 0;
  const cells = line.split(GAP);
  for (const cell of cells.slice(0, at)) start += cell.length + 1;
  const cell = cells[at] ?? "";
  const from = start + cell.length - cell.trimStart().length;
  return [from, from + cell.trim().length];
}

/** Reads the lines of one table after the other; `header`: the line that was repeated before a later chunk of it. */
export function tableReader(header: string | null) {
  let columns = header === null ? null : cellsOf(header);
  let isHead = columns !== null;
  return {
    /** Something else stood between: what comes is another table. */
    leave(): void {
      columns = null;
      isHead = false;
    },
    read(cells: readonly string[]): TableLine {
      if (columns === null) {
        isHead = !isData(cells);
        columns = isHead ? [...cells] : [];
      } else if (isHead && goesOnNaming(cells)) {
        columns = padded(columns, cells.length).map((name, at) => [name, cells[at] ?? ""].join(" ").trim());
      } else if (columns.length > 0 && cells.length > columns.length && cells.every(isName)) {
        isHead = true;
        columns = [...cells];
      } else {
        isHead = false;
      }
      if (isHead || columns.length === 0)
        return { kind: isHead ? "column-names" : "row", columns: isHead ? columns : [], cells };
      const width = Math.max(columns.length, cells.length);
      return { kind: "row", columns: padded(columns, width), cells: padded(cells, width) };
    },
  };
}

/** A row as a person would say it: "Ship: Grey Wagtail; Passengers: 310". */
export function readRow({ columns, cells }: Pick<TableLine, "columns" | "cells">): string {
  const isChinese = /\p{Script=Han}/u.test(columns.join("") + cells.join(""));
  const [colon, stop] = isChinese ? ["：", "；"] : [": ", "; "];
  return cells
    .flatMap((cell, at) => (cell === "" ? [] : [(columns[at] ?? "") === "" ? cell : `${columns[at]}${colon}${cell}`]))
    .join(stop);
}

const isAmount = (cell: string): boolean => cell !== "" && AMOUNT.test(cell) && !YEAR.test(cell);
const isName = (cell: string): boolean => cell !== "" && !isAmount(cell);

/** A label with nothing but amounts beside it. */
function isData([label = "", ...rest]: readonly string[]): boolean {
  const held = rest.filter((cell) => cell !== "");
  return isName(label) && held.length > 0 && held.every(isAmount);
}

/** Right below column names: a line without a label of its own that holds no amounts either. */
function goesOnNaming([label, ...rest]: readonly string[]): boolean {
  const held = rest.filter((cell) => cell !== "");
  return label === "" && held.length > 0 && !held.some(isAmount);
}

const padded = (cells: readonly string[], width: number): string[] =>
  Array.from({ length: Math.max(width, cells.length) }, (_, at) => cells[at] ?? "");
