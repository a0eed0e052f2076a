/**
 * Page headers, footers and page numbers: lines in the top or bottom band of the page whose words come again on many pages
 * (digits aside), or that stand at one height on many pages, set apart from the text, and mostly made of words that come
 * again, as running titles do. Left in, they would break sentences that cross a page and make different files look alike.
 */
import type { PdfBlock, PdfPageLayout } from "./pdf-block.ts";
import type { Line } from "./pdf-lines.ts";

/** Share of the page's height at either end where such lines may stand. */
const BAND = 0.12;
const MIN_PAGES = 3;
/** Left and right pages often differ, so half of the pages of one side are enough. */
const MIN_SHARE = 0.25;
/** Titles of slides stand at one height too, but their words do not come again. */
const MIN_RUNNING_SHARE = 0.6;
const PAGE_NUMBER =
  /^[-–—\s]*(?:(?:page|seite|p\.?|第)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:\/|of|von|de|共)\s*\d{1,4})?\s*[页頁]?[-–—\s]*$/iu;

interface EdgeLine {
  readonly page: number;
  readonly line: Line;
  readonly edge: "top" | "bottom";
  /** Nothing but chrome lies between it and the page's edge, and a gap between it and the text. */
  readonly apart: boolean;
  readonly words: string;
  readonly parts: readonly string[];
  readonly place: string;
}

/** The same pages without headers, footers and page numbers. A page of nothing else stays as it is. */
export function dropChrome(pages: readonly PdfPageLayout[]): PdfPageLayout[] {
  // Twice, for headers of two lines.
  return dropOuterLines(dropOuterLines(pages));
}

function dropOuterLines(pages: readonly PdfPageLayout[]): PdfPageLayout[] {
  const edges = pages.flatMap(edgeLines);
  const needed = Math.max(MIN_PAGES, Math.floor(pages.length * MIN_SHARE));
  const repeated = keysOnManyPages(edges, (edge) => [edge.words], needed);
  const known = keysOnManyPages(edges, (edge) => edge.parts, 2);
  const places = runningPlaces(edges, known, needed);
  const chrome = new Set(
    edges
      .filter(
        ({ line, words, place, apart }) =>
          PAGE_NUMBER.test(line.text.trim()) || repeated.has(words) || (apart && places.has(place)),
      )
      .map(({ line }) => line),
  );
  return pages.map((page) => {
    const blocks = page.blocks.flatMap((block) => withoutLines(block, chrome));
    return blocks.length === 0 ? page : { ...page, blocks };
  });
}

function withoutLines(block: PdfBlock, chrome: ReadonlySet<Line>): PdfBlock[] {
  if (block.kind === "table") return [block];
  const lines = block.lines.filter((line) => !chrome.has(line));
  if (lines.length === block.lines.length) return [block];
  return lines.length === 0 ? [] : [{ ...block, lines }];
}

/** Digits do not count: "Page 7" is the same line as "Page 8". */
const signature = (text: string): string => text.toLowerCase().replace(/\d+/g, "#").replace(/\s+/g, " ").trim();

function edgeLines(page: PdfPageLayout): EdgeLine[] {
  const lines = page.blocks
    .filter(({ kind }) => kind !== "table" && kind !== "heading")
    .flatMap((block) => block.lines);
  const all = page.blocks.flatMap((block) => block.lines);
  const found: EdgeLine[] = [];
  for (const line of lines) {
    const edge = line.bottom <= page.height * BAND ? "top" : line.y >= page.height * (1 - BAND) ? "bottom" : null;
    if (edge === null) continue;
    const words = `${edge} ${signature(line.text)}`;
    const parts = partsOf(line).map((part) => `${edge} ${part}`);
    const place = `${edge} ${Math.round((edge === "top" ? line.y : line.bottom) / 3)}`;
    found.push({ page: page.page, line, edge, apart: isApart(line, edge, all), words, parts, place });
  }
  return found;
}

function isApart(line: Line, edge: "top" | "bottom", all: readonly Line[]): boolean {
  const gap = (line.bottom - line.y) * 0.5;
  return all.every((other) => {
    const sameRow = other.y < line.bottom && other.bottom > line.y;
    if (other === line || sameRow) return true;
    return edge === "top" ? other.y > line.bottom + gap : other.bottom < line.y - gap;
  });
}

/** Each run of words that the page sets as one piece ("CHAPTER 4. ISSUES" and "4.2. KERNELS" stand on one line). */
function partsOf(line: Line): string[] {
  const parts = new Map<number, string[]>();
  for (const { item, text } of line.words) parts.set(item, [...(parts.get(item) ?? []), text]);
  return [...parts.values()]
    .map((words) => signature(words.join(" ")))
    .filter((part) => (part.match(/\p{Script=Han}/gu)?.length ?? 0) >= 2 || (part.match(/\p{L}/gu)?.length ?? 0) >= 4);
}

function keysOnManyPages(
  edges: readonly EdgeLine[],
  keysOf: (edge: EdgeLine) => readonly string[],
  needed: number,
): Set<string> {
  const pages = new Map<string, Set<number>>();
  for (const edge of edges) {
    for (const key of keysOf(edge)) {
      const seen = pages.get(key);
      if (seen === undefined) pages.set(key, new Set([edge.page]));
      else seen.add(edge.page);
    }
  }
  return new Set([...pages].filter(([, seen]) => seen.size >= needed).map(([key]) => key));
}

/** Heights at which lines stand apart on many pages and most of them say what another page's line says too. */
function runningPlaces(edges: readonly EdgeLine[], known: ReadonlySet<string>, needed: number): Set<string> {
  const byPlace = new Map<string, EdgeLine[]>();
  for (const edge of edges) if (edge.apart) byPlace.set(edge.place, [...(byPlace.get(edge.place) ?? []), edge]);
  const places = new Set<string>();
  for (const [place, group] of byPlace) {
    const running = group.filter(({ parts }) => parts.some((part) => known.has(part))).length;
    if (group.length >= needed && running >= group.length * MIN_RUNNING_SHARE) places.add(place);
  }
  return places;
}
