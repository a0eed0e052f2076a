/**
 * PDF by way of liteparse (PDFium and a layout model in Rust, Apache-2.0): words with boxes, headings, lists, tables, reading
 * order of columns. Here its pages become draft blocks: paragraphs re-flowed, words hyphenated at line ends joined, page
 * headers, footers and tables of contents left out, headings known by the whole document's letters, paragraphs that cross a
 * page border kept whole, and a box for each line of a sentence.
 */
import { LiteParse, type ParseResult } from "@llamaindex/liteparse";
import { AppError } from "@lorekeep/core";
import { hyphenatedWords, lineJoint } from "../normalize.ts";
import type { DraftBlock, DraftBox, DraftDocument, DraftPage } from "./draft.ts";
import { dropChrome } from "./pdf-chrome.ts";
import { headingLevels, type LevelOf } from "./pdf-headings.ts";
import type { PdfBlock, PdfPageLayout } from "./pdf-block.ts";
import { dropContents } from "./pdf-contents.ts";
import { ENDS_SENTENCE, mergeFragments } from "./pdf-fragments.ts";
import { layOut } from "./pdf-layout.ts";
import { outline, placeLines, wordGap, type PlacedText } from "./pdf-lines.ts";
import { settleStyles } from "./pdf-styles.ts";
import { CELL_GAP, looksLikeHeader } from "./table.ts";

/** Pages per call: bounds memory and lets progress be seen. */
const BATCH_PAGES = 100;

export interface PdfInput {
  /** The bytes, or a path that ends in .pdf. */
  readonly source: Buffer | string;
  readonly onProgress: (done: number, total: number | null) => void;
}

/** Throws document_encrypted, document_corrupt, document_no_text. */
export async function parsePdf({ source, onProgress }: PdfInput): Promise<DraftDocument> {
  const layouts: PdfPageLayout[] = [];
  const warnings: string[] = [];
  let total = 1;
  let failedPageCount = 0;
  for (let from = 1; from <= total; from += BATCH_PAGES) {
    const result = await readPages(source, from);
    total = result.totalPages;
    failedPageCount += result.pageErrors.length;
    for (const page of result.pages) layouts.push(layOut(page));
    onProgress(Math.min(total, from + BATCH_PAGES - 1), total);
  }
  const withText = layouts.filter(({ blocks }) => blocks.length > 0).length;
  if (withText === 0) {
    throw new AppError(
      "document_no_text",
      `PDF has no text layer (0 of ${total} ${total === 1 ? "page has" : "pages have"} text). Run OCR first.`,
      { pageCount: total },
    );
  }
  if (failedPageCount > 0) warnings.push(`${failedPageCount} of ${total} pages are damaged and were left out.`);
  const silent = total - withText - failedPageCount;
  if (silent > 0) warnings.push(`${silent} of ${total} pages have no text; they may be scans that need OCR.`);
  return {
    title: null,
    pageCount: total,
    pages: draftPages(settleStyles(dropContents(dropChrome(layouts)))),
    warnings,
  };
}

async function readPages(source: Buffer | string, from: number): Promise<ParseResult> {
  const parser = new LiteParse({
    ocrEnabled: false,
    quiet: true,
    emitWordBoxes: true,
    extractBlocks: true,
    extractLinks: false,
    imageMode: "off",
    continueOnPageError: true,
    outputFormat: "json",
    numWorkers: 1,
    maxPages: Number.MAX_SAFE_INTEGER,
    targetPages: `${from}-${from + BATCH_PAGES - 1}`,
  });
  try {
    return await parser.parse(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/password|encrypt|security handler/i.test(reason))
      throw new AppError(
        "document_encrypted",
        "The PDF is protected by a password. Remove the password and upload it again.",
      );
    throw new AppError(
      "document_corrupt",
      "The PDF is damaged and cannot be opened.",
      { reason: reason.slice(0, 200), native: true },
      { cause: error },
    );
  }
}

function draftPages(pages: readonly PdfPageLayout[]): DraftPage[] {
  const hyphenated = hyphenatedWords(
    pages.flatMap(({ blocks }) => blocks.flatMap(({ lines }) => lines.map(({ text }) => text))),
  );
  const levels = headingLevels(pages);
  const drafts: DraftPage[] = [];
  for (const page of pages) {
    const blocks = mergeFragments(page.blocks).flatMap((block) => draftBlocks(block, levels, hyphenated));
    continueParagraph(drafts.at(-1), blocks, hyphenated);
    drafts.push({ page: page.page, label: null, blocks });
  }
  return drafts;
}

function draftBlocks(block: PdfBlock, levels: LevelOf, hyphenated: ReadonlySet<string>): DraftBlock[] {
  if (block.kind === "table") {
    const table = draftTable(block);
    return table === null ? [] : [table];
  }
  const placed = placeLines(block.lines, { reflow: block.kind !== "code", hyphenated });
  if (placed.text === "") return [];
  if (block.kind === "heading") return [{ kind: "heading", level: levels(block), ...placed }];
  if (block.kind === "list-item") return [{ kind: "list-item", ...withoutBullet(placed) }];
  return [{ kind: block.kind, ...placed }];
}

function withoutBullet({ text, boxes }: PlacedText): PlacedText {
  const bullet = /^[•◦▪‣·●○■□–*-]\s+/u.exec(text)?.[0].length ?? 0;
  if (bullet === 0 || bullet >= text.length) return { text, boxes };
  const moved = boxes
    .map((box) => ({ ...box, start: Math.max(0, box.start - bullet), end: box.end - bullet }))
    .filter((box) => box.end > box.start);
  return { text: text.slice(bullet), boxes: moved };
}

function draftTable(block: PdfBlock): DraftBlock | null {
  let text = "";
  let header: string | undefined;
  const boxes: DraftBox[] = [];
  for (const row of block.rows) {
    let line = "";
    const rowBoxes: DraftBox[] = [];
    row.forEach((cell, at) => {
      if (at > 0) line += CELL_GAP;
      const words = cell.words
        .map((word, index) => (index === 0 ? "" : wordGap(cell.words[index - 1]!, word)) + word.text)
        .join("");
      if (words !== "") rowBoxes.push({ start: line.length, end: line.length + words.length, ...outline(cell.words) });
      line += words;
    });
    const trimmed = line.replace(/(?: \| )*$/, "").trimEnd();
    if (trimmed.replace(/[| ]/g, "") === "") continue;
    if (text !== "") text += "\n";
    const offset = text.length;
    boxes.push(...rowBoxes.map((box) => ({ ...box, start: box.start + offset, end: box.end + offset })));
    text += trimmed;
    header ??= trimmed;
  }
  if (text === "") return null;
  const hasHeader = (block.hasHeader || namesColumns(block)) && header !== undefined && text.length > header.length;
  return { kind: "table", text, boxes, ...(hasHeader ? { header } : {}) };
}

/** The layout model names few headers; short distinct words over longer cells are one. */
function namesColumns({ rows }: PdfBlock): boolean {
  const texts = rows.map((row) => row.map(({ words }) => words.map(({ text }) => text).join(" ")));
  const average = (cells: readonly string[]): number =>
    cells.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, cells.length);
  if (!looksLikeHeader(texts) || texts[0]!.some((cell) => cell.length > 30)) return false;
  return average(texts[0]!) < average(texts.slice(1).flat()) * 0.8;
}

/** Marks the first block of a page as going on with the last one of the page before, when the sentence does. */
function continueParagraph(before: DraftPage | undefined, blocks: DraftBlock[], hyphenated: ReadonlySet<string>): void {
  const last = before?.blocks.at(-1);
  const first = blocks[0];
  if (before === undefined || last === undefined || first === undefined) return;
  if ((last.kind !== "paragraph" && last.kind !== "list-item") || first.kind !== "paragraph") return;
  if (ENDS_SENTENCE.test(last.text) || !/^[\p{Ll}\p{Script=Han}\p{Script=Hiragana}\d(（"“]/u.test(first.text)) return;
  const joint = lineJoint(last.text.slice(-80), first.text.slice(0, 80), hyphenated);
  if (joint.cut > 0) {
    const text = last.text.slice(0, -joint.cut);
    const boxes = (last.boxes ?? []).map((box) => ({ ...box, end: Math.min(box.end, text.length) }));
    // The page before was made in this call, so it may still be changed.
    (before.blocks as DraftBlock[])[before.blocks.length - 1] = { ...last, text, boxes };
  }
  blocks[0] = { ...first, continues: { glue: joint.glue } };
}
