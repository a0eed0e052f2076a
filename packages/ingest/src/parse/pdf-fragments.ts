/**
 * Paragraphs that the layout model took apart are put together again: where the font changes inside a sentence, and where it
 * left out a paragraph's first line (often the first line of a page, taken for its header).
 */
import type { PdfBlock } from "./pdf-block.ts";
import type { Line } from "./pdf-lines.ts";

export const ENDS_SENTENCE = /[.!?:;。！？：；]["'”’」』）)\]]*$/;
const HAN_END = /\p{Script=Han}$/u;
const HAN_START = /^[\p{Script=Han}\p{L}]/u;
const STARTS_LOWER = /^[\p{Ll}(（]/u;

export function mergeFragments(blocks: readonly PdfBlock[]): PdfBlock[] {
  const merged: PdfBlock[] = [];
  for (const block of blocks) {
    const last = merged.at(-1);
    if (last !== undefined && readsOn(last, block)) {
      const loose = last.loose && block.loose;
      merged[merged.length - 1] = { ...last, loose, lines: [...last.lines, ...block.lines], bottom: block.bottom };
    } else merged.push(block);
  }
  return merged;
}

function readsOn(before: PdfBlock, after: PdfBlock): boolean {
  const isText = before.kind === "paragraph" || before.kind === "list-item";
  const lastLine = before.lines.at(-1);
  const firstLine = after.lines[0];
  if (before.kind === "heading" && after.kind === "heading") return isSameHeading(before, after);
  if (!isText || after.loose || lastLine === undefined || firstLine === undefined) return false;
  if (ENDS_SENTENCE.test(lastLine.text)) return false;
  if (before.loose) return after.kind === "paragraph" && isFirstLine(lastLine, after);
  const gap = firstLine.y - lastLine.bottom;
  if (gap > lastLine.bottom - lastLine.y || gap < -(lastLine.bottom - lastLine.y)) return false;
  if (after.kind === "code") return after.lines.length === 1 && lastLine.right > firstLine.x;
  return after.kind === "paragraph" && (STARTS_LOWER.test(firstLine.text) || isFullHanLine(lastLine, after));
}

/** Chinese has no small letters to tell by: a line without a full stop that fills the column goes on. */
function isFullHanLine(line: Line, { lines, size }: PdfBlock): boolean {
  if (!HAN_END.test(line.text) || !HAN_START.test(lines[0]!.text)) return false;
  const right = Math.max(...lines.map((other) => other.right));
  const width = line.right - line.x;
  return width > size * 30 || (line.right > right - size * 1.5 && width > size * 15);
}

/** Set as close above the paragraph as its lines are, and filling its width: a page header does neither. */
function isFirstLine(line: Line, { lines, size }: PdfBlock): boolean {
  const below = lines[0]!;
  const height = line.bottom - line.y;
  const right = Math.max(...lines.map((other) => other.right));
  const left = Math.min(...lines.map(({ x }) => x));
  const isClose = below.y > line.y && below.y - line.bottom < height * 0.25;
  const isAbove = line.x < right && line.x > left - size * 3;
  return isClose && isAbove && Math.abs(line.words[0]!.size - size) < 0.5 && line.right > right - size * 2;
}

/** A long heading on two lines: same letters, set close, and the second does not begin with a number of its own. */
function isSameHeading(before: PdfBlock, after: PdfBlock): boolean {
  const last = before.lines.at(-1)!;
  const first = after.lines[0]!;
  const sameSize = Math.abs(before.size - after.size) < 0.5;
  return (
    sameSize &&
    first.y - last.bottom < before.size * 0.3 &&
    first.y > last.y &&
    !/^(?:\d|[IVX]+\.|第|chapter\b)/i.test(first.text)
  );
}
