/** Blocks of a PDF as the layout model would hand them over, for tests of the steps after it. */
import type { PdfBlock, PdfPageLayout } from "../parse/pdf-block.ts";

type Over = Partial<PdfBlock> & { x?: number; right?: number; font?: string };

/** A block of lines 12 points apart from `y` on, 16 points high each, as PDFs with their own leading are. */
export function pdfBlockOf(y: number, texts: readonly string[], over: Over = {}): PdfBlock {
  const { x = 57, right = 510, size = 10, font = "Serif", ...rest } = over;
  const lines = texts.map((text, at) => {
    const place = { x, y: y + 12 * at, width: right - x, height: 16 };
    return { text, x, y: place.y, right, bottom: place.y + 16, words: [{ text, size, font, item: at, ...place }] };
  });
  const frame = { top: y, bottom: lines.at(-1)!.bottom, size, rows: [], hasHeader: false, loose: false };
  return { kind: "paragraph", lines, ...frame, ...rest };
}

export const pdfPageOf = (page: number, blocks: readonly PdfBlock[]): PdfPageLayout => ({ page, height: 842, blocks });

/** "kind: text" of every block. */
export const blockLabels = (pages: readonly PdfPageLayout[]): string[] =>
  pages.flatMap(({ blocks }) => blocks.map(({ kind, lines }) => `${kind}: ${lines.map(({ text }) => text).join(" ")}`));
