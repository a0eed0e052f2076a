/**
 * Levels of a PDF's headings. Numbers say it best ("1.3.2" lies below "1.3"); headings without numbers take the level of the
 * numbered ones set in letters of their size, and in documents without numbers the size alone ranks them.
 */
import type { PdfBlock, PdfPageLayout } from "./pdf-block.ts";

const NUMBER = /^(\d{1,3}(?:\.\d{1,3}){0,4})\.?\s+\S/;
const CHAPTER = /^(?:chapter|part|appendix)\s+[\dIVXLA-Z]+\b|^第\s*[\d一二三四五六七八九十百]+\s*[章篇部]/i;
/** From so many numbered headings on, numbers rule. */
const MIN_NUMBERED = 4;
/** Sizes closer than this many points are one size. */
const SAME_SIZE = 0.6;

export type LevelOf = (block: PdfBlock) => number;

const textOf = (block: PdfBlock): string => block.lines.map(({ text }) => text).join(" ");

/** 1–6 by numbering depth, null for a heading without number. */
function depthOf(block: PdfBlock): number | null {
  const text = textOf(block);
  if (CHAPTER.test(text)) return 1;
  const number = NUMBER.exec(text)?.[1];
  return number === undefined ? null : Math.min(6, number.split(".").length);
}

export function headingLevels(pages: readonly PdfPageLayout[]): LevelOf {
  const headings = pages.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === "heading"));
  const sizesByDepth = new Map<number, number[]>();
  for (const heading of headings) {
    const depth = depthOf(heading);
    if (depth !== null) sizesByDepth.set(depth, [...(sizesByDepth.get(depth) ?? []), heading.size]);
  }
  const numbered = [...sizesByDepth.values()].reduce((sum, sizes) => sum + sizes.length, 0);
  if (numbered >= MIN_NUMBERED && Math.max(...sizesByDepth.keys()) >= 2) return byNumber(sizesByDepth);
  return bySize(headings.map(({ size }) => size));
}

function byNumber(sizesByDepth: ReadonlyMap<number, readonly number[]>): LevelOf {
  const steps = [...sizesByDepth]
    .map(([depth, sizes]) => ({ depth, size: median(sizes) }))
    .sort((a, b) => a.depth - b.depth);
  const deepest = steps.at(-1)!.depth;
  return (block) =>
    depthOf(block) ?? steps.find(({ size }) => block.size > size - SAME_SIZE)?.depth ?? Math.min(6, deepest + 1);
}

/** The tallest are level 1, and so on down to 6. */
function bySize(sizes: readonly number[]): LevelOf {
  const steps: number[] = [];
  for (const size of [...sizes].sort((a, b) => b - a))
    if (steps.length === 0 || steps.at(-1)! - size > SAME_SIZE) steps.push(size);
  return (block) => {
    const at = steps.findIndex((step) => block.size > step - SAME_SIZE - 0.01);
    return Math.min(6, (at < 0 ? steps.length : at) + 1);
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
