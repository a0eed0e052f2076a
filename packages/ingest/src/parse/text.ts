/**
 * Plain text: paragraphs stand apart by empty lines; hard-wrapped ones are re-flowed, everything else keeps its lines.
 * Headings are only taken where they are marked beyond doubt: underlined, numbered and alone, or "Chapter 3" / "第三章".
 */
import { hyphenatedWords, joinLines } from "../normalize.ts";
import type { DraftBlock, DraftDocument } from "./draft.ts";

const BULLET = /^\s*(?:[-*•◦▪‣·–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S/;
const UNDERLINE = /^\s*([=\-~^*#])\1{2,}\s*$/;
const CHAPTER =
  /^\s*(?:(?:chapter|part|appendix|section|book)\s+[\dIVXLC]+\b.{0,80}|第\s*[\d一二三四五六七八九十百零]+\s*[章节節部篇回卷].{0,60})$/iu;
const NUMBERED = /^\s*(\d{1,3}(?:\.\d{1,3}){0,4})\.?\s+(?=[\p{Lu}\p{Script=Han}]).{1,100}$/u;
const ENDS_LIKE_PROSE = /[.,;:!?。，；：！？]\s*$/;
/** A run of lines counts as wrapped prose when all but the last are at least this long (CJK characters count double). */
const MIN_WRAPPED_WIDTH = 45;

export function parseText(source: string): DraftDocument {
  const lines = source
    .replace(/\r\n?|\u0085|\u2028|\u2029/g, "\n")
    .replace(/\f/g, "\n\n")
    .split("\n");
  const hyphenated = hyphenatedWords(lines);
  const blocks: DraftBlock[] = [];
  let run: string[] = [];
  const flush = (): void => {
    if (run.length > 0) blocks.push(...blocksOfRun(run, hyphenated));
    run = [];
  };
  for (const line of lines) {
    if (line.trim() === "") flush();
    else run.push(line);
  }
  flush();
  return { title: null, pageCount: null, pages: [{ page: null, label: null, blocks }], warnings: [] };
}

function blocksOfRun(run: readonly string[], hyphenated: ReadonlySet<string>): DraftBlock[] {
  const first = run[0]!;
  const underline = run[1];
  if (underline !== undefined && UNDERLINE.test(underline) && first.trim().length <= 120 && !UNDERLINE.test(first)) {
    const level = underline.trim().startsWith("=") ? 1 : 2;
    return [{ kind: "heading", level, text: first }, ...(run.length > 2 ? blocksOfRun(run.slice(2), hyphenated) : [])];
  }
  if (run.length === 1) {
    const level = headingLevel(first);
    if (level !== null) return [{ kind: "heading", level, text: first }];
  }
  if (run.some((line) => BULLET.test(line))) return listBlocks(run, hyphenated);
  return [{ kind: "paragraph", text: isWrapped(run) ? joinLines(run, hyphenated) : run.join("\n") }];
}

function headingLevel(line: string): number | null {
  if (ENDS_LIKE_PROSE.test(line) || line.includes("....")) return null;
  if (CHAPTER.test(line)) return 1;
  const number = NUMBERED.exec(line)?.[1];
  return number === undefined ? null : Math.min(6, number.split(".").length);
}

function listBlocks(run: readonly string[], hyphenated: ReadonlySet<string>): DraftBlock[] {
  const blocks: DraftBlock[] = [];
  let item: string[] = [];
  let isItem = false;
  const flush = (): void => {
    if (item.length > 0)
      blocks.push({
        kind: isItem ? "list-item" : "paragraph",
        text: isItem || isWrapped(item) ? joinLines(item, hyphenated) : item.join("\n"),
      });
  };
  for (const line of run) {
    if (BULLET.test(line)) {
      flush();
      item = [line];
      isItem = true;
    } else item.push(line);
  }
  flush();
  return blocks;
}

function isWrapped(run: readonly string[]): boolean {
  if (run.length === 1) return true;
  const widths = run.map((line) => line.trim().replace(/[\u3000-\uFFFF]/g, "xx").length);
  const widest = Math.max(...widths);
  // Columns of a table or a listing are set apart by runs of blanks.
  if (run.filter((line) => /\S {3,}\S/.test(line)).length * 2 > run.length) return false;
  return widths.slice(0, -1).every((width) => width >= MIN_WRAPPED_WIDTH && width >= widest * 0.6);
}
