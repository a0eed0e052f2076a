/**
 * One PDF page as liteparse sees it (text items with word boxes, and layout blocks with outlines) → blocks made of lines.
 * Items belong to the block whose outline holds their middle; what no block holds becomes a block of its own.
 */
import type { LayoutBlock, LayoutCell, ParsedPage as PdfPage } from "@llamaindex/liteparse";
import type { PdfBlock, PdfCell, PdfPageLayout } from "./pdf-block.ts";
import { rectify } from "./pdf-rectify.ts";
import { linesOf, splitColumns, wordsOf, type Line, type Word } from "./pdf-lines.ts";

const KINDS: Readonly<Record<LayoutBlock["kind"], PdfBlock["kind"]>> = {
  heading: "heading",
  paragraph: "paragraph",
  list_item: "list-item",
  code: "code",
  table: "table",
  grid_fallback: "code",
  rule: "paragraph",
  figure: "paragraph",
};

export function layOut(page: PdfPage): PdfPageLayout {
  const layout = (page.blocks ?? []).filter((block) => block.bbox !== undefined);
  const words = page.textItems.flatMap((item, index) => wordsOf(item, index));
  const owners = ownersOf(page, layout);
  const byOwner = new Map<number, Word[]>();
  for (const word of words) {
    const owner = owners[word.item] ?? -1;
    const list = byOwner.get(owner);
    if (list === undefined) byOwner.set(owner, [word]);
    else list.push(word);
  }
  const blocks: PdfBlock[] = [];
  layout.forEach((block, at) => {
    const own = byOwner.get(at);
    if (own !== undefined) blocks.push(...rectify(blockOf(block, own)));
  });
  for (const line of linesOf(byOwner.get(-1) ?? [])) insertLoose(blocks, line);
  return { page: page.pageNum, height: page.height, blocks };
}

/** Index of the layout block of each item, -1 for none. Where outlines overlap, the block whose text names the item wins. */
function ownersOf(page: PdfPage, layout: readonly LayoutBlock[]): number[] {
  const texts = layout.map((block) => compact(blockText(block)));
  return page.textItems.map((item) => {
    const x = item.x + item.width / 2;
    const y = item.y + item.height / 2;
    let best = -1;
    let bestArea = Infinity;
    let bestNamed = false;
    const needle = compact(item.text);
    layout.forEach((block, at) => {
      const box = block.bbox!;
      if (x < box.x - 1 || x > box.x + box.width + 1 || y < box.y - 1 || y > box.y + box.height + 1) return;
      const named = needle !== "" && texts[at]!.includes(needle);
      const area = box.width * box.height;
      if ((named && !bestNamed) || (named === bestNamed && area < bestArea)) {
        best = at;
        bestArea = area;
        bestNamed = named;
      }
    });
    return best;
  });
}

const compact = (text: string): string => text.replace(/[\s*_`\\]+/g, "");

function blockText(block: LayoutBlock): string {
  const cells = [...(block.header ?? []), ...(block.rows ?? []).flat()];
  return [block.marker, block.text, ...(block.lines ?? []), ...cells.map((cell) => cell.text)].join("");
}

function blockOf(block: LayoutBlock, words: readonly Word[]): PdfBlock {
  const lines = block.kind === "table" ? linesOf(words) : splitColumns(words).flatMap(linesOf);
  const rows = block.kind === "table" ? tableRows(block, words) : [];
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const kind = block.kind === "table" && columns < 2 ? "code" : KINDS[block.kind];
  const box = block.bbox!;
  const size = [...words].sort((a, b) => a.size - b.size)[Math.floor(words.length / 2)]!.size;
  const hasHeader = block.header !== undefined && block.header.length > 0;
  return { kind, lines, rows, hasHeader, top: box.y, bottom: box.y + box.height, size, loose: false };
}

/** Words of each cell by the cells' outlines; a word outside all of them goes to the nearest cell. */
function tableRows(block: LayoutBlock, words: readonly Word[]): PdfCell[][] {
  const source: LayoutCell[][] = [
    ...(block.header !== undefined && block.header.length > 0 ? [block.header] : []),
    ...(block.rows ?? []),
  ];
  const cells = source.map((row) => row.map((cell) => ({ words: [] as Word[], fallback: cell.text, box: cell.bbox })));
  const boxed = cells.flat().filter((cell) => cell.box !== undefined);
  if (boxed.length === 0) return cells;
  for (const word of words) {
    const x = word.x + word.width / 2;
    const y = word.y + word.height / 2;
    let best = boxed[0]!;
    let bestDistance = Infinity;
    for (const cell of boxed) {
      const box = cell.box!;
      const dx = Math.max(box.x - x, 0, x - box.x - box.width);
      const dy = Math.max(box.y - y, 0, y - box.y - box.height);
      const distance = dx + dy * 4;
      if (distance < bestDistance) {
        best = cell;
        bestDistance = distance;
      }
    }
    best.words.push(word);
  }
  return cells;
}

/** Puts a line that no block holds where its height on the page says: onto the block it continues, else between blocks. */
function insertLoose(blocks: PdfBlock[], line: Line): void {
  const size = line.words[0]!.size;
  const above = blocks.findLastIndex((block) => block.top <= line.y && !block.loose);
  const near = blocks[above];
  const touches = near !== undefined && line.y - near.bottom < size * 0.4 && near.kind !== "table";
  const overlaps = near?.lines.some(({ x, right }) => line.x < right && line.right > x) === true;
  if (touches && overlaps && Math.abs(near.size - size) < size * 0.25) {
    blocks[above] = { ...near, lines: [...near.lines, line], bottom: Math.max(near.bottom, line.bottom) };
    return;
  }
  const at = blocks.findIndex((block) => block.top > line.y);
  const block: PdfBlock = {
    kind: "paragraph",
    lines: [line],
    rows: [],
    hasHeader: false,
    top: line.y,
    bottom: line.bottom,
    size,
    loose: true,
  };
  blocks.splice(at < 0 ? blocks.length : at, 0, block);
}
