/**
 * What parser children and their parent say to each other. A parsed document travels as parts of bounded size, each sent only
 * after the one before was taken, so that reading them never holds the parent's event loop; regions go as plain numbers.
 */
import type { Block, ErrorCode, ParsedDocument, ParsedPage, Region } from "@lorekeep/core";

export interface ParseOrder {
  readonly type: "parse";
  readonly path: string;
  /** The same file under a name that ends in .pdf, for large files. */
  readonly pdfPath: string | null;
  readonly name: string;
  readonly mediaType: string | null;
}

export type ToChild = ParseOrder | { readonly type: "next" };

/** start, end, page, x, y, width, height */
const REGION_NUMBERS = 7;
export interface WirePage extends Omit<ParsedPage, "regions"> {
  readonly regions: Float64Array;
}

export type Head = Omit<ParsedDocument, "pages" | "blocks">;
export type FromChild =
  | { readonly type: "progress"; readonly done: number; readonly total: number | null }
  | { readonly type: "part"; readonly pages: readonly WirePage[]; readonly blocks: readonly Block[] }
  | { readonly type: "done"; readonly head: Head }
  | {
      readonly type: "error";
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

/** Rough size of a part in bytes; the largest single page is bounded by the parser. */
const PART_BYTES = 200_000;

/** Pages first, then blocks, in parts of about PART_BYTES. */
export function* partsOf(document: ParsedDocument): Generator<Extract<FromChild, { type: "part" }>> {
  let pages: WirePage[] = [];
  let blocks: Block[] = [];
  let bytes = 0;
  for (const page of document.pages) {
    const size = page.text.length * 2 + page.regions.length * REGION_NUMBERS * 8 + 100;
    if (bytes > 0 && bytes + size > PART_BYTES) {
      yield { type: "part", pages, blocks };
      pages = [];
      bytes = 0;
    }
    pages.push({ ...page, regions: packRegions(page.regions) });
    bytes += size;
  }
  for (const block of document.blocks) {
    const size = 150 + block.sentences.length * 40 + (block.header?.length ?? 0) * 2;
    if (bytes > 0 && bytes + size > PART_BYTES) {
      yield { type: "part", pages, blocks };
      pages = [];
      blocks = [];
      bytes = 0;
    }
    blocks.push(block);
    bytes += size;
  }
  yield { type: "part", pages, blocks };
}

function packRegions(regions: readonly Region[]): Float64Array {
  const numbers = new Float64Array(regions.length * REGION_NUMBERS);
  regions.forEach(({ start, end, page, x, y, width, height }, at) =>
    numbers.set([start, end, page, x, y, width, height], at * REGION_NUMBERS),
  );
  return numbers;
}

export function unpackPage(page: WirePage): ParsedPage {
  const regions: Region[] = [];
  for (let at = 0; at + REGION_NUMBERS <= page.regions.length; at += REGION_NUMBERS) {
    const [start, end, number, x, y, width, height] = page.regions.subarray(at, at + REGION_NUMBERS);
    regions.push({ start: start!, end: end!, page: number!, x: x!, y: y!, width: width!, height: height! });
  }
  return { ...page, regions };
}
