/**
 * Tables of contents, lists of tables and figures, and back-of-book indexes of a PDF: they repeat what stands elsewhere, say
 * nothing themselves, and match every question's words, so they are left out like page headers.
 *
 * A run of lines is a table of contents only when its numbers never fall, most of its titles are found again as lines of their
 * own after it, and the pages on which they are found are, but for one offset, those that it names; an index only when nearly
 * all lines of a page near the end are terms in the alphabet's order with numbers of pages that the document has. A price
 * list, also one of what has chapters of its own, or a table of results is neither. A document of nothing else stays as it is.
 */
import type { PdfBlock, PdfPageLayout } from "./pdf-block.ts";
import type { Line } from "./pdf-lines.ts";

/** "1.2 The shell . . . . 12": a title, leaders perhaps, a page number, arabic or roman. */
const ENTRY = /^(.*?\p{L}.*?)[\s.·…‥⋯_-]*[\s.·…‥⋯](\d{1,4}|[ivxlc]{1,7})$/iu;
const ENTRY_NUMBER =
  /^(?:(?:chapter|part|appendix|table|figure|fig\.|第|表|图|圖|附录|附錄)\s*)?(?:\d{1,3}(?:\.\d+)*|[A-Z](?:\.\d+)+|[IVX]{1,5}(?=\.))?\s*[章节節篇部]?[.:：、]?\s*/iu;
const CONTENTS_TITLE =
  /^(?:(?:table of )?contents|list of (?:tables|figures|listings|examples)|目\s*录|目\s*錄|(?:表格|插图|插圖|图|圖|表)\s*(?:清单|清單|目录|目錄|列表)|index|索\s*引)$/iu;
const INDEX_ENTRY = /^\p{L}.*?[,，]\s*\d{1,4}(?:\s*[-–]\s*\d{1,4})?(?:[,，]\s*\d{1,4}(?:\s*[-–]\s*\d{1,4})?)*\.?$/u;
const MIN_ENTRIES = 5;
/** Lines without a number that may stand between two entries: titles of two lines. */
const MAX_GAP = 2;
const MAX_TITLE_LINES = 3;
const MIN_ENTRY_SHARE = 0.45;
const MIN_FOUND_SHARE = 0.5;
const MIN_RISING_SHARE = 0.9;
/** Of the titles found again, those that stand where the numbers say. */
const MIN_AGREEING_SHARE = 0.5;
/** Pages on which one title is looked for. */
const MOST_PLACES = 40;
const MIN_INDEX_SHARE = 0.6;
const MIN_ORDER_SHARE = 0.8;
const MIN_PAGE_SHARE = 0.9;

interface Row {
  readonly lines: readonly Line[];
  readonly text: string;
  /** Grows down the page and from page to page. */
  readonly place: number;
  readonly entry: { readonly title: string; readonly page: number | null } | null;
}

/** The same pages without such lists. */
export function dropContents(pages: readonly PdfPageLayout[]): PdfPageLayout[] {
  const listed = new Set<Line>();
  const titles = titlePlaces(pages);
  // Once as the blocks have their lines, once across blocks: the model may take the page numbers for a column of their own.
  for (const rowsOf of [ownRows, visualRows])
    for (const run of contentsRuns(pages.flatMap(rowsOf), titles))
      for (const line of run.flatMap(({ lines }) => lines)) listed.add(line);
  const lastThird = Math.floor((pages.length * 2) / 3);
  const lastPage = pages.at(-1)?.page ?? 0;
  for (const { blocks } of pages.slice(lastThird))
    for (const line of indexLines(
      blocks.flatMap(({ lines }) => lines),
      lastPage,
    ))
      listed.add(line);
  if (listed.size === 0) return [...pages];
  const kept = pages.map((page) => ({ ...page, blocks: withoutListed(page.blocks, listed) }));
  return kept.some(({ blocks }) => blocks.some(({ kind }) => kind !== "heading")) ? kept : [...pages];
}

const PAGE_PLACES = 100_000;
const placeOf = (page: PdfPageLayout, line: Line): number => page.page * PAGE_PLACES + line.y;

const pageOf = (place: number): number => Math.floor(place / PAGE_PLACES);
type TitlePlaces = ReadonlyMap<string, readonly number[]>;

/** Where each line, and each short block, stands. */
function titlePlaces(pages: readonly PdfPageLayout[]): TitlePlaces {
  const places = new Map<string, number[]>();
  const note = (text: string, place: number): void => {
    const title = plain(text);
    const known = places.get(title);
    if (title !== "" && known === undefined) places.set(title, [place]);
    else known?.push(place);
  };
  for (const page of pages)
    for (const { lines } of page.blocks) {
      for (const line of lines) note(line.text, placeOf(page, line));
      if (lines.length > 1 && lines.length <= MAX_TITLE_LINES) note(joined(lines), placeOf(page, lines[0]!));
    }
  return places;
}

const joined = (rows: readonly { readonly text: string }[]): string => rows.map(({ text }) => text).join(" ");

const ownRows = (page: PdfPageLayout): Row[] =>
  page.blocks.flatMap(({ lines }) => lines.map((line) => rowOf(page, [line])));

/** What stands at one height is one row, from left to right. */
function visualRows(page: PdfPageLayout): Row[] {
  const rows: Line[][] = [];
  for (const line of page.blocks.flatMap(({ lines }) => lines).sort((a, b) => a.y - b.y)) {
    const row = rows.at(-1);
    if (row !== undefined && line.y + line.bottom < 2 * row[0]!.bottom) row.push(line);
    else rows.push([line]);
  }
  return rows.map((row) =>
    rowOf(
      page,
      row.sort((a, b) => a.x - b.x),
    ),
  );
}

function rowOf(page: PdfPageLayout, lines: readonly Line[]): Row {
  const text = joined(lines);
  return { lines, text, place: placeOf(page, lines[0]!), entry: entryOf(text) };
}

function entryOf(text: string): Row["entry"] {
  const match = ENTRY.exec(text.slice(-300).trim());
  if (match === null) return null;
  const title = plain(match[1]!);
  return title === "" ? null : { title, page: /^\d/.test(match[2]!) ? Number(match[2]) : null };
}

/** A title without its number, blanks, dots and case. */
const plain = (text: string): string =>
  text
    .trim()
    .replace(ENTRY_NUMBER, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");

/** Runs of entries whose numbers rise and whose titles come again after them. */
function contentsRuns(rows: readonly Row[], titles: TitlePlaces): Row[][] {
  const runs: Row[][] = [];
  let at = 0;
  while (at < rows.length) {
    const end = runEnd(rows, at);
    const run = rows.slice(at, end);
    if (isContents(run, titles)) runs.push(run);
    at = Math.max(end, at + 1);
  }
  return runs;
}

function runEnd(placed: readonly Row[], from: number): number {
  let end = from;
  let page = -1;
  for (let at = from; at < placed.length && at - end <= MAX_GAP; at += 1) {
    const { entry } = placed[at]!;
    if (entry === null) continue;
    // The next list (of tables, of figures) begins at a small number again.
    if (entry.page !== null && page - entry.page > 1) break;
    page = entry.page ?? page;
    end = at + 1;
  }
  return end;
}

function isContents(run: readonly Row[], titles: TitlePlaces): boolean {
  const entries = run.flatMap(({ entry }) => entry ?? []);
  if (entries.length < MIN_ENTRIES || entries.length < run.length * MIN_ENTRY_SHARE) return false;
  const numbers = entries.flatMap(({ page }) => page ?? []);
  const rising = numbers.filter((page, at) => at === 0 || page >= numbers[at - 1]!).length;
  const end = run.at(-1)?.place ?? 0;
  const found = run.flatMap(({ entry }, at) => {
    const pages = titlesAt(run, at).flatMap((title) => titles.get(title)?.filter((place) => place > end) ?? []);
    return entry === null || pages.length === 0
      ? []
      : [{ page: entry.page, foundOn: [...new Set(pages.map(pageOf))].slice(0, MOST_PLACES) }];
  });
  return (
    rising >= numbers.length * MIN_RISING_SHARE && found.length >= entries.length * MIN_FOUND_SHARE && pagesAgree(found)
  );
}

/** Printed numbers run beside those of the file, some pages before or after them. */
function pagesAgree(found: readonly { readonly page: number | null; readonly foundOn: readonly number[] }[]): boolean {
  const offsets = found.flatMap(({ page, foundOn }) => (page === null ? [] : [foundOn.map((on) => on - page)]));
  const needed = offsets.length * MIN_AGREEING_SHARE;
  const isMost = (offset: number): boolean =>
    offsets.filter((each) => each.some((other) => Math.abs(other - offset) <= 1)).length >= needed;
  return offsets.length === 0 || [...new Set(offsets.flat())].some(isMost);
}

/** What an entry's title may be: its own row, or with the rows without a number before it. */
function titlesAt(run: readonly Row[], at: number): string[] {
  const entry = run[at]!.entry;
  if (entry === null) return [];
  const titles = [entry.title];
  for (let from = at - 1; from >= 0 && run[from]!.entry === null && at - from < MAX_TITLE_LINES; from -= 1)
    titles.push(plain(joined(run.slice(from, at))) + entry.title);
  return titles;
}

/** All lines of a page of an index, or none. */
function indexLines(lines: readonly Line[], lastPage: number): readonly Line[] {
  const entries = lines.filter(({ text }) => INDEX_ENTRY.test(text.trim()));
  if (entries.length < MIN_ENTRIES * 2 || entries.length < lines.length * MIN_INDEX_SHARE) return [];
  const words = entries.map(({ text }) => text.toLowerCase());
  const ordered = words.filter((word, at) => at === 0 || word.localeCompare(words[at - 1]!) >= 0).length;
  const paged = words.filter((word) => Number(/(\d+)\.?$/.exec(word.trim())?.[1]) <= lastPage).length;
  return ordered >= words.length * MIN_ORDER_SHARE && paged >= words.length * MIN_PAGE_SHARE ? lines : [];
}

function withoutListed(blocks: readonly PdfBlock[], listed: ReadonlySet<Line>): PdfBlock[] {
  const isListed = ({ lines }: PdfBlock): boolean => {
    const count = lines.filter((line) => listed.has(line)).length;
    return count > 0 && count >= lines.length * 0.6;
  };
  return blocks.flatMap((block, at) => {
    if (isListed(block)) return [];
    const title = joined(block.lines).trim();
    const next = blocks[at + 1];
    if (CONTENTS_TITLE.test(title) && (next === undefined || isListed(next))) return [];
    if (block.kind === "table") return [block];
    const lines = block.lines.filter((line) => !listed.has(line));
    return lines.length === 0 ? [] : [lines.length === block.lines.length ? block : { ...block, lines }];
  });
}
