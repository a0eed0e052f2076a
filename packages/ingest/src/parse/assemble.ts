/**
 * Draft blocks → ParsedDocument: texts are cleaned and placed one after the other, sentences found, heading paths kept.
 *
 * Invariants: the pages' texts concatenate to the parsed text; blocks are disjoint and ascending; each block's sentences
 * partition it; a region's span lies on its page's text. Blocks are set apart by an empty line, neighbouring list items and
 * rows by one line break. A paragraph that crosses a page border is one block whose span crosses it too.
 */
import type { Block, Language, ParsedDocument, ParsedPage, Region, Span } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import { detectLanguage } from "../language.ts";
import { cleanCharacters, tidyLines, tidyProse } from "../normalize.ts";
import { splitLines, splitSentences } from "../sentences.ts";
import type { DraftBlock, DraftDocument, DraftPage } from "./draft.ts";

/** Texts without pages of their own are shown in pieces of about this many characters, cut between blocks. */
const PIECE_LENGTH = 8_000;
/** A single block longer than this is cut inside, so that no page is unbounded. */
const MAX_PAGE_LENGTH = 60_000;
const MAX_HEADING_LENGTH = 300;

interface OpenBlock {
  readonly draft: DraftBlock;
  readonly start: number;
  text: string;
  readonly page: number | null;
  readonly headings: readonly string[];
}

interface Placing {
  readonly pages: ParsedPage[];
  readonly blocks: Block[];
  readonly headings: { level: number; text: string }[];
  path: readonly string[];
  open: OpenBlock | null;
  position: number;
  language: Language;
  invisibleCount: number;
  /** The last header cleaned: thousands of rows share one. */
  header: { raw: string; clean: string };
}

/** Throws document_no_text when nothing is left to read. */
export function assemble(draft: DraftDocument, mediaType: string): ParsedDocument {
  const state: Placing = {
    pages: [],
    blocks: [],
    headings: [],
    path: [],
    open: null,
    position: 0,
    language: detectLanguage(sampleText(draft.pages)),
    invisibleCount: 0,
    header: { raw: "", clean: "" },
  };
  for (const page of draft.pages) placePage(state, page);
  closeBlock(state);
  if (state.blocks.length === 0)
    throw new AppError("document_no_text", "The document holds no text.", { mediaType, pageCount: draft.pageCount });
  const warnings = [...draft.warnings];
  if (state.invisibleCount > 0)
    warnings.push(
      `${state.invisibleCount} invisible character${state.invisibleCount === 1 ? " was" : "s were"} removed.`,
    );
  return {
    mediaType,
    title: titleOf(draft, state.blocks, state.pages),
    language: state.language,
    pageCount: draft.pageCount,
    pages: state.pages,
    blocks: state.blocks,
    warnings,
  };
}

function sampleText(pages: readonly DraftPage[]): string {
  const parts: string[] = [];
  let length = 0;
  const stride = Math.max(1, Math.floor(pages.length / 8));
  for (let at = 0; at < pages.length && length < 12_000; at += stride) {
    let onPage = 0;
    for (const block of pages[at]!.blocks) {
      if (block.kind === "code") continue;
      const text = block.text.slice(0, 2000);
      parts.push(text);
      onPage += text.length;
      if (onPage > (pages.length === 1 ? 12_000 : 3_000)) break;
    }
    length += onPage;
  }
  return parts.join("\n");
}

function cleanBlock(state: Placing, block: DraftBlock): string {
  if (block.boxes !== undefined) return block.text;
  const clean = cleanCharacters(block.text);
  state.invisibleCount += clean.invisibleCount;
  return block.kind === "code" ? tidyLines(clean.text) : tidyProse(clean.text);
}

function placePage(state: Placing, page: DraftPage): void {
  if (page.section !== undefined) {
    state.headings.length = 0;
    state.path = [tidyProse(cleanCharacters(page.section).text).slice(0, MAX_HEADING_LENGTH)];
    state.headings.push({ level: 0, text: state.path[0]! });
  }
  let text = "";
  let regions: Region[] = [];
  let pageStart = state.position;
  const flush = (): void => {
    if (text === "") return;
    for (const [from, to] of cutPage(text)) {
      state.pages.push({
        ordinal: state.pages.length,
        page: page.page,
        label: page.label,
        start: pageStart + from,
        text: text.slice(from, to),
        regions: regions
          .filter(({ start }) => start >= pageStart + from && start < pageStart + to)
          .map((region) => ({ ...region, end: Math.min(region.end, pageStart + to) })),
      });
    }
    pageStart += text.length;
    state.position = pageStart;
    text = "";
    regions = [];
  };
  for (const block of page.blocks) {
    const body = cleanBlock(state, block);
    if (body === "") continue;
    const last = state.open;
    let glue = "";
    if (last !== null)
      glue = block.continues !== undefined && text === "" ? block.continues.glue : gapBetween(last.draft, block);
    if (text === "" && last !== null) extendLastPage(state, glue);
    else text += glue;
    pageStart = state.position;
    const start = pageStart + text.length;
    if (last !== null && block.continues !== undefined && text === "") {
      last.text += glue + body;
    } else {
      closeBlock(state);
      openBlock(state, block, body, start, page.page);
    }
    text += body;
    for (const box of block.boxes ?? [])
      regions.push({ ...box, start: start + box.start, end: start + box.end, page: page.page ?? 1 });
    if (page.page === null && text.length >= PIECE_LENGTH) flush();
  }
  flush();
}

/** The gap before the first block of a page belongs to the page before it. */
function extendLastPage(state: Placing, glue: string): void {
  const last = state.pages.at(-1);
  if (last === undefined || glue === "") return;
  state.pages[state.pages.length - 1] = { ...last, text: last.text + glue };
  state.position += glue.length;
}

function gapBetween(before: DraftBlock, after: DraftBlock): string {
  const tight = before.kind === after.kind && (after.kind === "row" || after.kind === "list-item");
  return tight ? "\n" : "\n\n";
}

function cutPage(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  while (text.length - from > MAX_PAGE_LENGTH) {
    const line = text.lastIndexOf("\n", from + MAX_PAGE_LENGTH);
    let to = line > from + MAX_PAGE_LENGTH / 2 ? line + 1 : from + MAX_PAGE_LENGTH;
    if (/[\uDC00-\uDFFF]/.test(text[to] ?? "")) to -= 1;
    spans.push([from, to]);
    from = to;
  }
  spans.push([from, text.length]);
  return spans;
}

function openBlock(state: Placing, draft: DraftBlock, text: string, start: number, page: number | null): void {
  if (draft.kind === "heading") {
    const level = draft.level ?? 1;
    while (state.headings.length > 0 && state.headings.at(-1)!.level >= level) state.headings.pop();
    state.path = state.headings.map((heading) => heading.text);
  }
  state.open = { draft, start, text, page, headings: state.path };
  if (draft.kind === "heading") {
    const short = text.replace(/\s+/g, " ").slice(0, MAX_HEADING_LENGTH);
    state.headings.push({ level: draft.level ?? 1, text: short });
    state.path = state.headings.map((heading) => heading.text);
  }
}

function closeBlock(state: Placing): void {
  const open = state.open;
  if (open === null) return;
  const { kind, level, header } = open.draft;
  const byLine = kind === "code" || kind === "table";
  const spans: Span[] =
    kind === "heading" || kind === "row"
      ? [[0, open.text.length]]
      : byLine
        ? splitLines(open.text)
        : splitSentences(open.text, state.language);
  if (header !== undefined && header !== state.header.raw)
    state.header = { raw: header, clean: tidyProse(cleanCharacters(header).text).replaceAll("\n", " ") };
  const cleanHeader = header === undefined ? null : state.header.clean;
  state.blocks.push({
    kind,
    start: open.start,
    end: open.start + open.text.length,
    page: open.page,
    headings: open.headings,
    level: kind === "heading" ? (level ?? 1) : null,
    sentences: spans.map(([from, to]) => [open.start + from, open.start + to] as const),
    header: cleanHeader === "" ? null : cleanHeader,
  });
  state.open = null;
}

function titleOf(draft: DraftDocument, blocks: readonly Block[], pages: readonly ParsedPage[]): string | null {
  const own = draft.title === null ? "" : tidyProse(cleanCharacters(draft.title).text).replaceAll("\n", " ");
  if (own !== "") return own.slice(0, 500);
  const first = blocks.slice(0, 5).find((block) => block.kind === "heading" && (block.level ?? 9) <= 2);
  const page = first && pages.find((candidate) => first.start < candidate.start + candidate.text.length);
  if (first === undefined || page === undefined) return null;
  const text = page.text.slice(first.start - page.start, first.end - page.start).replaceAll("\n", " ");
  return text.length > MAX_HEADING_LENGTH ? null : text;
}
