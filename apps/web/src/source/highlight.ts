/**
 * From a span of the parsed text to what is painted: pieces of text, or boxes on PDF pages.
 * Offsets are UTF-16 code units of the whole parsed text; boxes are points from the page's top left.
 */
import type { DocumentTextResponse } from "@lorekeep/core";

export type SourcePage = DocumentTextResponse["pages"][number];
export type Region = SourcePage["regions"][number];
export type Span = readonly [start: number, end: number];

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** A page's text in order, cut where the span begins and ends; a span that crosses pages marks a piece of each. */
export function markText(page: SourcePage, span: Span | null): Piece[] {
  const start = span === null ? 0 : clamp(span[0] - page.start, page.text.length);
  const end = span === null ? 0 : clamp(span[1] - page.start, page.text.length);
  if (end <= start) return page.text === "" ? [] : [{ text: page.text, marked: false }];
  return [
    { text: page.text.slice(0, start), marked: false },
    { text: page.text.slice(start, end), marked: true },
    { text: page.text.slice(end), marked: false },
  ].filter((piece) => piece.text !== "");
}

const clamp = (offset: number, length: number) => Math.min(Math.max(offset, 0), length);

export interface Box {
  readonly page: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The boxes of the regions that the span touches. A region touched in part is cut in proportion to its characters,
 * which is exact for even widths and off by a letter or so otherwise. Boxes of one line are joined.
 */
export function boxesOf(pages: readonly SourcePage[], span: Span): Box[] {
  const boxes: Box[] = [];
  for (const region of pages.flatMap((page) => page.regions)) {
    const length = region.end - region.start;
    const from = Math.max(span[0], region.start);
    const to = Math.min(span[1], region.end);
    if (length <= 0 || to <= from) continue;
    const left = region.x + (region.width * (from - region.start)) / length;
    const right = region.x + (region.width * (to - region.start)) / length;
    boxes.push({ page: region.page, x: left, y: region.y, width: right - left, height: region.height });
  }
  return joinLines(boxes);
}

function joinLines(boxes: readonly Box[]): Box[] {
  const lines: Box[] = [];
  for (const box of boxes) {
    const last = lines.at(-1);
    if (last === undefined || !onOneLine(last, box)) {
      lines.push(box);
      continue;
    }
    const x = Math.min(last.x, box.x);
    const y = Math.min(last.y, box.y);
    lines[lines.length - 1] = {
      page: box.page,
      x,
      y,
      width: Math.max(last.x + last.width, box.x + box.width) - x,
      height: Math.max(last.y + last.height, box.y + box.height) - y,
    };
  }
  return lines;
}

/** Overlapping by more than half in height, and no further apart than two line heights. */
function onOneLine(a: Box, b: Box): boolean {
  if (a.page !== b.page) return false;
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const gap = Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width);
  return overlap > Math.min(a.height, b.height) / 2 && gap < 2 * Math.max(a.height, b.height);
}
