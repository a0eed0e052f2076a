/**
 * Words of a PDF → lines of text that know where they stand. Built from the word boxes themselves, so that every span of the
 * text has exact boxes; normalising happens word by word, before offsets are taken.
 */
import type { TextItem } from "@llamaindex/liteparse";
import { cleanCharacters, lineJoint } from "../normalize.ts";
import type { DraftBox } from "./draft.ts";

export interface Word {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of the letters, in points. */
  readonly size: number;
  /** Name of the letters' font without its subset tag; "" when the file does not say. */
  readonly font: string;
  /** Words of one item stand on one line by construction. */
  readonly item: number;
}

export interface Line {
  readonly words: readonly Word[];
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly bottom: number;
}

const HAN_END =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3001-\u303F\uFF01-\uFF60\u2014\u2026\u2018-\u201D]$/u;
const HAN_START =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3001-\u303F\uFF01-\uFF60\u2014\u2026\u2018-\u201D]/u;
const SENTENCE_END = /[.!?。！？]["'”’」』）)]*$/;

/** Clean words of an item; an item without word boxes counts as one word. */
export function wordsOf(item: TextItem, index: number): Word[] {
  const source = item.words !== undefined && item.words.length > 0 ? item.words : [item];
  const words: Word[] = [];
  // A size far from the box's height was scaled by the page's matrix: the height tells more then.
  const stated = item.fontSize ?? 0;
  const size = stated > item.height * 0.4 && stated < item.height * 1.6 ? stated : item.height * 0.85;
  const font = (item.fontName ?? "").replace(/^[A-Z]{6}\+/, "");
  for (const { text, x, y, width, height } of source) {
    const clean = cleanCharacters(text).text.replace(/\s+/g, " ").trim();
    if (clean !== "") words.push({ text: clean, x, y, width, height, size, font, item: index });
  }
  return words;
}

/** Words in reading order → lines: a word that starts left of the one before it, or clearly lower, begins a new line. */
export function linesOf(words: readonly Word[]): Line[] {
  const rows: Word[][] = [];
  for (const word of words) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    if (row !== undefined && last !== undefined && (last.item === word.item || isSameLine(last, word))) row.push(word);
    else rows.push([word]);
  }
  return rows.map((row) => ({
    words: row,
    text: row.map((word, at) => (at === 0 ? "" : wordGap(row[at - 1]!, word)) + word.text).join(""),
    x: Math.min(...row.map(({ x }) => x)),
    y: Math.min(...row.map(({ y }) => y)),
    right: Math.max(...row.map(({ x, width }) => x + width)),
    bottom: Math.max(...row.map(({ y, height }) => y + height)),
  }));
}

const MIN_GUTTER = 7;
const MIN_COLUMN_ITEMS = 3;

/**
 * Words of a block that the layout model took for one column although a gutter runs through it: left column first. Only a
 * gutter that no piece of a line crosses counts, with text of at least three lines side by side.
 */
export function splitColumns(words: readonly Word[]): Word[][] {
  const items = new Map<number, { left: number; right: number; top: number; bottom: number }>();
  for (const { item, x, y, width, height } of words) {
    const box = items.get(item);
    items.set(item, {
      left: Math.min(box?.left ?? x, x),
      right: Math.max(box?.right ?? x, x + width),
      top: Math.min(box?.top ?? y, y),
      bottom: Math.max(box?.bottom ?? y, y + height),
    });
  }
  const boxes = [...items.values()].sort((a, b) => a.left - b.left);
  let right = -Infinity;
  for (const [at, box] of boxes.entries()) {
    if (at > 0 && box.left - right >= MIN_GUTTER && isColumnPair(boxes.slice(0, at), boxes.slice(at))) {
      const before = words.filter(({ x }) => x < box.left - MIN_GUTTER / 2);
      const after = words.filter(({ x }) => x >= box.left - MIN_GUTTER / 2);
      return [before, ...splitColumns(after)];
    }
    right = Math.max(right, box.right);
  }
  return [[...words]];
}

interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Both sides are wide and tall enough, and stand side by side: a list's markers are no column. */
function isColumnPair(left: readonly Extent[], right: readonly Extent[]): boolean {
  const extent = (side: readonly Extent[]): Extent => ({
    left: Math.min(...side.map((box) => box.left)),
    right: Math.max(...side.map((box) => box.right)),
    top: Math.min(...side.map((box) => box.top)),
    bottom: Math.max(...side.map((box) => box.bottom)),
  });
  if (left.length < MIN_COLUMN_ITEMS || right.length < MIN_COLUMN_ITEMS) return false;
  const [a, b] = [extent(left), extent(right)];
  const overlap = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const narrow = Math.min(a.right - a.left, b.right - b.left) < (b.right - a.left) * 0.25;
  return !narrow && overlap > Math.min(a.bottom - a.top, b.bottom - b.top) * 0.5;
}

function isSameLine(before: Word, after: Word): boolean {
  const overlap = Math.min(before.y + before.height, after.y + after.height) - Math.max(before.y, after.y);
  return overlap > Math.min(before.height, after.height) * 0.5 && after.x >= before.x + before.width * 0.5;
}

/** A blank, unless the words touch or are Han characters set close together. */
export function wordGap(before: Word, after: Word): "" | " " {
  const gap = after.x - (before.x + before.width);
  const size = Math.min(before.height, after.height);
  const han = HAN_END.test(before.text) && HAN_START.test(after.text);
  if (han) return gap > size * 0.9 ? " " : "";
  if (before.item === after.item) return " ";
  return gap < size * 0.08 ? "" : " ";
}

export interface PlacedText {
  readonly text: string;
  readonly boxes: readonly DraftBox[];
}

/** Joins lines of one block; `reflow` turns line ends into blanks (or nothing), else they stay. */
export function placeLines(
  lines: readonly Line[],
  options: { reflow: boolean; hyphenated: ReadonlySet<string> },
): PlacedText {
  let text = "";
  const boxes: DraftBox[] = [];
  for (const line of apart(lines)) {
    if (text !== "") {
      const joint = options.reflow
        ? lineJoint(text.slice(-80), line.text.slice(0, 80), options.hyphenated)
        : { cut: 0, glue: "\n" };
      if (joint.cut > 0) {
        text = text.slice(0, -joint.cut);
        const last = boxes.pop();
        if (last !== undefined) boxes.push({ ...last, end: Math.min(last.end, text.length) });
      }
      text += joint.glue;
    }
    boxes.push(...boxesOf(line, text.length));
    text += line.text;
  }
  return { text, boxes };
}

/** Fonts claim boxes taller than their line: where two lines overlap, each keeps its half, so that marks do not run together. */
function apart(lines: readonly Line[]): Line[] {
  return lines.map((line, at) => {
    const above = lines[at - 1];
    const below = lines[at + 1];
    const top = above !== undefined && above.y < line.y && above.bottom > line.y ? (above.bottom + line.y) / 2 : line.y;
    const bottom =
      below !== undefined && below.y > line.y && below.y < line.bottom ? (below.y + line.bottom) / 2 : line.bottom;
    if (top === line.y && bottom === line.bottom) return line;
    const words = line.words.map((word) => {
      const y = Math.max(word.y, top);
      return { ...word, y, height: Math.max(1, Math.min(word.y + word.height, bottom) - y) };
    });
    return { ...line, words };
  });
}

/** One box a line, cut where a sentence ends, so that a quoted sentence can be marked exactly. */
function boxesOf(line: Line, offset: number): DraftBox[] {
  const boxes: DraftBox[] = [];
  let position = offset;
  let start = offset;
  let group: Word[] = [];
  line.words.forEach((word, at) => {
    const before = line.words[at - 1];
    if (before !== undefined) position += wordGap(before, word).length;
    if (group.length === 0) start = position;
    group.push(word);
    position += word.text.length;
    if (SENTENCE_END.test(word.text) || at === line.words.length - 1) {
      boxes.push({ start, end: position, ...outline(group) });
      group = [];
    }
  });
  return boxes;
}

const round = (points: number): number => Math.round(points * 100) / 100;

export function outline(words: readonly { x: number; y: number; width: number; height: number }[]): {
  x: number;
  y: number;
  width: number;
  height: number;
} {
  const x = Math.min(...words.map((word) => word.x));
  const y = Math.min(...words.map((word) => word.y));
  const right = Math.max(...words.map((word) => word.x + word.width));
  const bottom = Math.max(...words.map((word) => word.y + word.height));
  return { x: round(x), y: round(y), width: round(right - x), height: round(bottom - y) };
}
