/**
 * Workbooks by way of SheetJS (Apache-2.0): every sheet, every row that has a value, cells as they are shown. The first row
 * of names is each row's header, and the sheet's name is the heading above its rows.
 */
import { read, type CellObject, type WorkSheet } from "@e965/xlsx";
import type { DraftBlock, DraftDocument, DraftPage } from "./draft.ts";
import { looksLikeHeader, rowText } from "./table.ts";
import { readEntries, repack, type ZipArchive } from "./zip.ts";

/** A title above the table is at most this many rows of one cell. */
const MAX_TITLE_ROWS = 10;

export async function parseXlsx(
  zip: ZipArchive,
  onProgress: (done: number, total: number | null) => void,
): Promise<DraftDocument> {
  const files = await readEntries(
    zip,
    (name) => /\.(?:xml|rels|bin)$/i.test(name) && !/\/(?:media|drawings|charts|printerSettings)\//i.test(name),
  );
  const book = read(repack(files), {
    type: "buffer",
    dense: true,
    cellFormula: false,
    cellHTML: false,
    dateNF: "yyyy-mm-dd",
  });
  const pages: DraftPage[] = [];
  for (const [at, name] of book.SheetNames.entries()) {
    const sheet = book.Sheets[name];
    if (sheet !== undefined) pages.push({ page: null, label: name, section: name, blocks: sheetBlocks(sheet) });
    onProgress(at + 1, book.SheetNames.length);
  }
  const title = book.Props?.Title;
  return { title: title === undefined || title === "" ? null : title, pageCount: null, pages, warnings: [] };
}

/** Only cells that exist are visited: a sheet may claim a million columns. */
function rowsOf(sheet: WorkSheet): string[][] {
  const rows: string[][] = [];
  // With `dense` the cells are sparse arrays of rows under this key.
  const data = (sheet["!data"] ?? []) as unknown as (CellObject | undefined)[][];
  data.forEach((cells) => {
    const row: string[] = [];
    cells.forEach((cell, column) => {
      const text = cell === undefined ? "" : cellText(cell);
      if (text === "") return;
      while (row.length < column) row.push("");
      row[column] = text;
    });
    if (row.length > 0) rows.push(row);
  });
  return withoutEmptyColumns(rows);
}

function cellText(cell: CellObject): string {
  if (cell.w !== undefined) return cell.w.trim();
  return cell.v === undefined ? "" : String(cell.v).trim();
}

function withoutEmptyColumns(rows: string[][]): string[][] {
  const used = new Set<number>();
  for (const row of rows) row.forEach((text, column) => text !== "" && used.add(column));
  const columns = [...used].sort((a, b) => a - b);
  return rows.map((row) => columns.map((column) => row[column] ?? ""));
}

function sheetBlocks(sheet: WorkSheet): DraftBlock[] {
  const rows = rowsOf(sheet);
  const blocks: DraftBlock[] = [];
  const isTitle = (row: readonly string[]): boolean => row.filter((cell) => cell !== "").length === 1;
  let first = 0;
  if (rows.some((row) => !isTitle(row)))
    while (first < Math.min(rows.length, MAX_TITLE_ROWS) && isTitle(rows[first]!))
      blocks.push({ kind: "paragraph", text: rowText(rows[first++]!) });
  const table = rows.slice(first);
  const header = looksLikeHeader(table) ? rowText(table[0]!) : undefined;
  table.forEach((row, at) => {
    const text = rowText(row).replace(/^(?: \| )+/, "");
    blocks.push(header === undefined || at === 0 ? { kind: "row", text } : { kind: "row", text, header });
  });
  return blocks;
}
