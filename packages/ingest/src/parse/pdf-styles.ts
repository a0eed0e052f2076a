/**
 * A second look at a PDF's blocks with the whole document in view. The layout model judges page by page and is now and then
 * wrong on one of them; what most pages say about a style of letters (font and size) settles it for the others.
 *
 * Headings: a short block set in the letters of the document's headings is one too, wherever the model overlooked it.
 * Labels of notes ("Tip", "注意") are none: else all that follows would stand under them. Listings in the letters of the text
 * are text. Lines that stand left of a list item's own text are no part of it, where items hang.
 */
import type { PdfBlock, PdfPageLayout } from "./pdf-block.ts";
import type { Line, Word } from "./pdf-lines.ts";
import { retext } from "./pdf-rectify.ts";

/** Headings of a size seen so often in the document speak for that size. */
const MIN_HEADINGS = 2;
/** Share of a size's short blocks that the model must have called headings. */
const MIN_HEADING_SHARE = 0.5;
/** A size with more letters than this share of the text's is text too. */
const MAX_HEADING_LETTERS = 0.15;
const MIN_TEXT_LINE = 20;
const MAX_HEADING_LINES = 2;
const MAX_HEADING_LENGTH = 120;
const ENDS_LIKE_TEXT = /[.。:：;；,，]$/;
const FIXED_WIDTH = /mono|courier|consol|typewriter|fixed|cmtt/i;
const LABEL =
  /^(?:note|notes|tip|hint|warning|caution|important|attention|danger|see also|example|注意|提示|警告|小心|备注|重要|注|说明|示例)\s*[:：]?$/iu;

/** The same pages; no word is lost, only kinds and borders of blocks change. */
export function settleStyles(pages: readonly PdfPageLayout[]): PdfPageLayout[] {
  const styles = readStyles(pages);
  const hangs = itemsHang(pages);
  return pages.map((page) => ({
    ...page,
    blocks: page.blocks.flatMap((block) => settle(block, styles, hangs)),
  }));
}

interface Styles {
  /** Size of most letters, in half points. */
  readonly body: number;
  /** Fonts that hold a fair part of the letters of that size; one for each script. */
  readonly bodyFonts: ReadonlySet<string>;
  /** Sizes of headings, in half points; not fonts, since a heading may mix scripts. */
  readonly headings: ReadonlySet<number>;
}

const halfPoints = ({ size }: Word): number => Math.round(size * 2);

/** The size of a line's letters when it has only one, else null. */
function lineSize(line: Line): number | null {
  const size = halfPoints(line.words[0]!);
  return line.words.every((word) => halfPoints(word) === size) ? size : null;
}

const textOf = (lines: readonly Line[]): string => lines.map(({ text }) => text).join(" ");

function readStyles(pages: readonly PdfPageLayout[]): Styles {
  const letters = new Map<number, number>();
  const short = new Map<number, { headings: number; all: number }>();
  const blocks = pages.flatMap((page) => page.blocks);
  const words = blocks.flatMap(({ lines }) => lines.flatMap((line) => line.words));
  for (const word of words) add(letters, halfPoints(word), word.text.length);
  for (const { kind, lines } of blocks) {
    const size = lines[0] === undefined ? null : lineSize(lines[0]);
    if (kind === "table" || size === null || lines.length > MAX_HEADING_LINES) continue;
    const seen = short.get(size) ?? { headings: 0, all: 0 };
    seen.all += 1;
    if (kind === "heading" && !LABEL.test(textOf(lines))) seen.headings += 1;
    short.set(size, seen);
  }
  const body = [...letters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  const inBody = new Map<string, number>();
  for (const word of words) if (halfPoints(word) === body) add(inBody, word.font, word.text.length);
  const rare = [...short].filter(
    ([size]) => size > body * 1.08 && letters.get(size)! <= letters.get(body)! * MAX_HEADING_LETTERS,
  );
  const proven = rare.filter(
    ([, { headings: count, all }]) => count >= MIN_HEADINGS && count >= all * MIN_HEADING_SHARE,
  );
  const smallest = Math.min(...proven.map(([size]) => size));
  const headings = rare.filter(([size]) => size >= smallest);
  const fonts = [...inBody].filter(([font, count]) => count > letters.get(body)! * 0.1 && !FIXED_WIDTH.test(font));
  return { body, bodyFonts: new Set(fonts.map(([font]) => font)), headings: new Set(headings.map(([size]) => size)) };
}

function add<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function settle(block: PdfBlock, styles: Styles, hangs: boolean): PdfBlock[] {
  if (block.kind === "table") return [block];
  if (block.kind === "heading") return [LABEL.test(textOf(block.lines)) ? { ...block, kind: "paragraph" } : block];
  if (block.kind === "code") return splitListing(block, styles);
  const head = headingLines(block.lines, styles);
  if (head > 0) return [part(block, "heading", block.lines.slice(0, head)), ...settleRest(block, head, styles, hangs)];
  if (block.lines.length > 1 && LABEL.test(block.lines[0]!.text))
    return [part(block, "paragraph", block.lines.slice(0, 1)), ...settleRest(block, 1, styles, hangs)];
  if (block.kind === "list-item" && hangs) return endItem(block);
  return [block];
}

function settleRest(block: PdfBlock, from: number, styles: Styles, hangs: boolean): PdfBlock[] {
  const rest = block.lines.slice(from);
  return rest.length === 0 ? [] : settle(part(block, "paragraph", rest), styles, hangs);
}

/** How many of the first lines are an overlooked heading. */
function headingLines(lines: readonly Line[], { headings }: Styles): number {
  const size = lines[0] === undefined ? null : lineSize(lines[0]);
  if (size === null || !headings.has(size)) return 0;
  const other = lines.findIndex((line) => lineSize(line) !== size);
  const count = other < 0 ? lines.length : other;
  const text = textOf(lines.slice(0, count));
  if (count > MAX_HEADING_LINES || text.length > MAX_HEADING_LENGTH || text.length < 2) return 0;
  return ENDS_LIKE_TEXT.test(text) || !/\p{L}/u.test(text) ? 0 : count;
}

/** The model takes wide-set text beside a listing for part of it. Real listings have letters of their own, of one width. */
function splitListing(block: PdfBlock, styles: Styles): PdfBlock[] {
  if (styles.bodyFonts.size === 0) return [block];
  const runs: { kind: "heading" | "paragraph" | "code"; lines: Line[] }[] = [];
  block.lines.forEach((line, at) => {
    const kind = headingLines([line], styles) > 0 ? "heading" : isTextLine(line, styles) ? "paragraph" : "code";
    const last = runs.at(-1);
    if (last?.kind === kind && at > 0) last.lines.push(line);
    else runs.push({ kind, lines: [line] });
  });
  if (runs.length === 1 && runs[0]!.kind === "code") return [block];
  return runs.flatMap(({ kind, lines }) => {
    const piece = part(block, kind, lines);
    return kind === "paragraph" ? retext(piece) : [piece];
  });
}

function isTextLine({ words, text }: Line, { body, bodyFonts }: Styles): boolean {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  if (text.length < MIN_TEXT_LINE && han < 4) return false;
  // A piece of a line names the font of its first letter only, often that of a command.
  if (han > text.length * 0.4) return !/^[#$%/;<*]/.test(text);
  const own = words.filter((word) => halfPoints(word) === body && bodyFonts.has(word.font));
  return own.reduce((sum, word) => sum + word.text.length, 0) > text.replace(/\s/g, "").length * 0.6;
}

/** A second line of an item stands right of its marker in this document. */
function itemsHang(pages: readonly PdfPageLayout[]): boolean {
  let hanging = 0;
  let flush = 0;
  for (const { kind, lines } of pages.flatMap(({ blocks }) => blocks)) {
    if (kind !== "list-item" || lines.length < 2) continue;
    if (lines[1]!.x > lines[0]!.x + 3) hanging += 1;
    else flush += 1;
  }
  return hanging >= 3 && hanging > flush * 2;
}

/** A line back at the marker's place is text again. */
function endItem(block: PdfBlock): PdfBlock[] {
  const first = block.lines[0]!;
  const end = block.lines.findIndex((line, at) => at > 0 && line.x < first.x + 1 && line.y > block.lines[at - 1]!.y);
  if (end < 0) return [block];
  return [part(block, "list-item", block.lines.slice(0, end)), part(block, "paragraph", block.lines.slice(end))];
}

function part(block: PdfBlock, kind: PdfBlock["kind"], lines: readonly Line[]): PdfBlock {
  const sizes = lines.flatMap(({ words }) => words.map(({ size }) => size)).sort((a, b) => a - b);
  return {
    ...block,
    kind,
    lines,
    top: Math.min(...lines.map(({ y }) => y)),
    bottom: Math.max(...lines.map(({ bottom }) => bottom)),
    size: sizes[Math.floor(sizes.length / 2)] ?? block.size,
  };
}
