/**
 * Second thoughts about the layout model's blocks. It takes numbered headings, lists and wide-set Chinese prose for tables or
 * listings now and then; what reads like prose is put back together from its lines.
 */
import type { PdfBlock } from "./pdf-block.ts";
import type { Line } from "./pdf-lines.ts";

const SECTION_NUMBER = /^\d{1,3}(?:\.\d{1,3})+\.?$/;
const NUMBERED_HEADING = /^\d{1,3}(?:\.\d{1,3})+\.?\s+\S/;
const BULLET = /^[•◦▪‣●○■□]\s*/u;
/** A list item that is more than its marker. */
const BULLET_ITEM = /^(?:[•◦▪‣●○■□–*-]|\(?\d{1,2}[.)])\s+\S/u;
const ENDS_SENTENCE = /[.!?。！？：:][”’"'）)]*$/;
const MAX_HEADING_LENGTH = 120;
const MAX_CROSSING_SHARE = 0.2;

/** The block itself when it is what it claims, else the prose that it is. */
export function rectify(block: PdfBlock): PdfBlock[] {
  if (block.kind === "table" && isProseTable(block)) return retext(block);
  if (block.kind === "code" && isProseListing(block)) return retext(block);
  if (block.kind === "heading" && isProseHeading(block))
    return [{ ...block, kind: BULLET_ITEM.test(block.lines[0]!.text) ? "list-item" : "paragraph" }];
  return block.kind === "paragraph" || block.kind === "list-item" ? splitParagraphs(block) : [block];
}

/** Cuts where more room is left between lines than usual, or where a line is indented after the end of a sentence. */
function splitParagraphs(block: PdfBlock): PdfBlock[] {
  const { lines } = block;
  const pitches = lines.slice(1).map((line, at) => line.y - lines[at]!.y);
  const usual = median(pitches.filter((pitch) => pitch > 0));
  const parts: Line[][] = [[]];
  lines.forEach((line, at) => {
    const before = lines[at - 1];
    if (before !== undefined && beginsParagraph(before, line, lines[at + 1], usual)) parts.push([]);
    parts.at(-1)!.push(line);
  });
  if (parts.length === 1) return [block];
  return parts.map((part, at) => ({
    ...block,
    kind: at === 0 ? block.kind : "paragraph",
    lines: part,
    top: Math.min(...part.map(({ y }) => y)),
    bottom: Math.max(...part.map(({ bottom }) => bottom)),
  }));
}

function beginsParagraph(before: Line, line: Line, after: Line | undefined, usual: number): boolean {
  if (!ENDS_SENTENCE.test(before.text)) return false;
  if (usual > 0 && line.y - before.y > usual * 1.3) return true;
  const indent = sizeOf(line) * 0.8;
  return line.x - before.x > indent && after !== undefined && line.x - after.x > indent && line.y > before.y;
}

const cellText = (cell: PdfBlock["rows"][number][number]): string =>
  cell.words.length > 0 ? cell.words.map(({ text }) => text).join(" ") : "";

function isProseTable({ rows }: PdfBlock): boolean {
  const texts = rows.map((row) => row.map(cellText));
  const filled = texts.map((row) => row.filter((text) => text !== "").length);
  const rowCount = filled.filter((count) => count > 0).length;
  if (rowCount <= 1) return true;
  if (texts.some((row) => SECTION_NUMBER.test(row[0] ?? "")) && filled.every((count) => count <= 2)) return true;
  const bulleted = texts.filter((row) => row.some((text) => BULLET.test(text))).length;
  if (bulleted >= rowCount * 0.3 && filled.every((count) => count <= 3)) return true;
  if (crossingShare(rows) > MAX_CROSSING_SHARE) return true;
  const columns = Math.max(...rows.map((row) => row.length));
  return columns === 2 && filled.filter((count) => count === 1).length > rowCount * 0.4;
}

/** Share of the pieces of text that run over a cell's border: the page sets the cells of a real table one by one. */
function crossingShare(rows: PdfBlock["rows"]): number {
  const cellsOf = new Map<number, Set<unknown>>();
  for (const cell of rows.flat())
    for (const { item } of cell.words) cellsOf.set(item, (cellsOf.get(item) ?? new Set()).add(cell));
  const crossing = [...cellsOf.values()].filter(({ size }) => size > 1).length;
  return crossing / Math.max(1, cellsOf.size);
}

/** Listings are Latin text in a fixed width; lines of Chinese that fill the column are not. */
function isProseListing({ lines }: PdfBlock): boolean {
  const text = lines.map((line) => line.text).join("");
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  return han > text.length * 0.4 && lines.length > 1;
}

/** Whole sentences in bold, and items of lists. */
function isProseHeading({ lines }: PdfBlock): boolean {
  const text = lines.map((line) => line.text).join(" ");
  const sentences = text.match(/[.!?](?=\s)|[。！？；]/g)?.length ?? 0;
  const han = /\p{Script=Han}/u.test(text);
  if (BULLET_ITEM.test(text) && !NUMBERED_HEADING.test(text) && !/^\d{1,2}\.\s/.test(text)) return true;
  return text.length > (han ? 80 : 200) || sentences > 2 || (/[.。]$/.test(text) && text.length > (han ? 20 : 60));
}

export function retext(block: PdfBlock): PdfBlock[] {
  const body = median(block.lines.map(sizeOf));
  const blocks: { kind: PdfBlock["kind"]; lines: Line[] }[] = [];
  for (const line of block.lines) {
    const last = blocks.at(-1);
    const before = last?.lines.at(-1);
    const isHeading =
      NUMBERED_HEADING.test(line.text) &&
      line.text.length <= MAX_HEADING_LENGTH &&
      !/[.。:：;；,，]$/.test(line.text) &&
      sizeOf(line) > body * 1.08;
    if (isHeading) blocks.push({ kind: "heading", lines: [line] });
    else if (BULLET_ITEM.test(line.text)) blocks.push({ kind: "list-item", lines: [line] });
    else if (
      last === undefined ||
      before === undefined ||
      last.kind === "heading" ||
      startsParagraph(before, line, body)
    )
      blocks.push({ kind: "paragraph", lines: [line] });
    else last.lines.push(line);
  }
  return blocks.map(({ kind, lines }) => ({
    kind,
    lines,
    rows: [],
    hasHeader: false,
    top: Math.min(...lines.map(({ y }) => y)),
    bottom: Math.max(...lines.map(({ bottom }) => bottom)),
    size: median(lines.map(sizeOf)),
    loose: false,
  }));
}

function startsParagraph(before: Line, line: Line, body: number): boolean {
  if (line.y - before.bottom > body * 0.8) return true;
  return ENDS_SENTENCE.test(before.text) && before.right < line.right - body * 2;
}

const sizeOf = (line: Line): number => Math.max(...line.words.map(({ size }) => size));

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
