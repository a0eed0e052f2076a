/**
 * Workbooks by way of SheetJS (Apache-2.0): every sheet, every row that has a value, cells as they are shown. The first row
 * of names is each row's header, and the sheet's name is the heading above its rows.
 */
import { read, type CellObject, type WorkSheet } from "@e965/xlsx";
import { AppError } from "@lorekeep/core";
import type { DraftBlock, DraftDocument, DraftPage } from "./draft.ts";
import { looksLikeHeader, rowText } from "./table.ts";
import { readEntries, repack, type ZipArchive } from "./zip.ts";

/** A title above the table is at most this many rows of one cell. */
const MAX_TITLE_ROWS = 10;
/** A table of more places than this, most of them empty then, is told by its texts alone: gaps would outgrow them. */
const MAX_GRID = 20_000_000;
/** Cells share strings, so a file of 100 KB can show gigabytes: characters above the free ones, per byte of XML. */
const MAX_SHOWN_PER_BYTE = 16;
const FREE_CHARACTERS = 16_000_000;

/** Characters that all sheets together may still show. */
interface Budget {
  left: number;
}

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
  let xmlBytes = 0;
  for (const { length } of files.values()) xmlBytes += length;
  const budget = { left: Math.max(FREE_CHARACTERS, xmlBytes * MAX_SHOWN_PER_BYTE) };
  const pages: DraftPage[] = [];
  for (const [at, name] of book.SheetNames.entries()) {
    const sheet = book.Sheets[name];
    if (sheet !== undefined) pages.push({ page: null, label: name, section: name, blocks: sheetBlocks(sheet, budget) });
    onProgress(at + 1, book.SheetNames.length);
  }
  const title = book.Props?.Title;
  return { title: title === undefined || title === "" ? null : title, pageCount: null, pages, warnings: [] };
}

/** Only cells that exist are visited: a sheet may claim a million columns. Columns without any text are left out. */
function rowsOf(sheet: WorkSheet, budget: Budget): string[][] {
  const rows: Map<number, string>[] = [];
  const used = new Set<number>();
  // With `dense` the cells are sparse arrays of rows under this key.
  const data = (sheet["!data"] ?? []) as unknown as ((CellObject | undefined)[] | undefined)[];
  // By their keys: walking an array with holes would look at each of the 16,384 places of every row.
  for (const cells of Object.values(data)) {
    const row = new Map<number, string>();
    for (const [key, cell] of Object.entries(cells ?? [])) {
      const column = Number(key);
      const text = cell === undefined ? "" : cellText(cell);
      if (text === "") continue;
      budget.left -= text.length;
      if (budget.left < 0)
        throw new AppError(
          "document_bomb",
          "The document was refused as a decompression bomb: its sheets show far more text than the file holds.",
        );
      used.add(column);
      row.set(column, text);
    }
    if (row.size > 0) rows.push(row);
  }
  const columns = [...used].sort((a, b) => a - b);
  if (rows.length * columns.length > MAX_GRID) return rows.map((row) => [...row.values()]);
  return rows.map((row) => columns.map((column) => row.get(column) ?? ""));
}

function cellText(cell: CellObject): string {
  if (cell.w !== undefined) return cell.w.trim();
  return cell.v === undefined ? "" : String(cell.v).trim();
}

function sheetBlocks(sheet: WorkSheet, budget: Budget): DraftBlock[] {
  const rows = rowsOf(sheet, budget);
  const blocks: DraftBlock[] = [];
  const isTitle = (row: readonly string[]): boolean => row.filter((cell) => cell !== "").length === 1;
  let first = 0;
  if (rows.some((row) => !isTitle(row)))
    while (first < Math.min(rows.length, MAX_TITLE_ROWS) && isTitle(rows[first]!))
      blocks.push({ kind: "paragraph", text: rowText(rows[first++]!) });
  const table = rows.slice(first);
  const header = looksLikeHeader(table) ? rowText(table[0]!) : undefined;
  table.forEach((row, at) => {
    // A line that says one thing is no row of the table: its place says nothing.
    const text = isTitle(row) ? rowText(row.filter((cell) => cell !== "")) : rowText(row);
    blocks.push(header === undefined || at === 0 ? { kind: "row", text } : { kind: "row", text, header });
  });
  return blocks;
}
