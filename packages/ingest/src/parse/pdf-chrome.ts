/**
 * Page headers, footers and page numbers: lines in the top or bottom band of the page that come again on most pages,
 * numbers aside. Left in, they would break sentences that cross a page and make different files look alike.
 */
import type { PdfBlock, PdfPageLayout } from "./pdf-layout.ts";

/** Share of the page's height at either end where such lines may stand. */
const BAND = 0.12;
const MIN_PAGES = 3;
const MIN_SHARE = 0.5;
const PAGE_NUMBER =
  /^[-–—\s]*(?:(?:page|seite|p\.?|第)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:\/|of|von|de|共)\s*\d{1,4})?\s*[页頁]?[-–—\s]*$/iu;

const textOf = (block: PdfBlock): string => block.lines.map(({ text }) => text).join(" ");
/** Digits do not count: "Page 7" is the same line as "Page 8". */
const signature = (text: string): string => text.toLowerCase().replace(/\d+/g, "#").replace(/\s+/g, " ");

function band(page: PdfPageLayout, block: PdfBlock): "top" | "bottom" | null {
  if (block.lines.length > 3 || block.kind === "table") return null;
  if (block.bottom <= page.height * BAND) return "top";
  return block.top >= page.height * (1 - BAND) ? "bottom" : null;
}

/** The same pages without repeated headers and footers, and without page numbers that stand alone in the bands. */
export function dropChrome(pages: readonly PdfPageLayout[]): PdfPageLayout[] {
  const seenOn = new Map<string, number>();
  for (const page of pages) {
    const keys = new Set(page.blocks.flatMap((block) => keysOf(page, block)));
    for (const key of keys) seenOn.set(key, (seenOn.get(key) ?? 0) + 1);
  }
  // Left and right pages often differ, so a line needs only half of the pages of one parity to be called repeated.
  const needed = Math.max(MIN_PAGES, Math.floor(pages.length * MIN_SHARE * 0.5));
  return pages.map((page) => {
    const kept = page.blocks.filter((block) => {
      if (band(page, block) === null) return true;
      if (PAGE_NUMBER.test(textOf(block).trim())) return false;
      return keysOf(page, block).every((key) => seenOn.get(key)! < needed);
    });
    return kept.length === 0 ? page : { ...page, blocks: kept };
  });
}

/**
 * What may come again: the words, and for lines that no layout block holds also the place, since running titles change with
 * the chapter but never move.
 */
function keysOf(page: PdfPageLayout, block: PdfBlock): string[] {
  const place = band(page, block);
  if (place === null) return [];
  const words = `${place} ${signature(textOf(block))}`;
  return block.loose ? [words, `${place} at ${Math.round(block.top / 3)}`] : [words];
}
