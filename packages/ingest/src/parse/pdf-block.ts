/** A page of a PDF between the layout model and the draft: blocks made of lines whose words know where they stand. */
import type { Line, Word } from "./pdf-lines.ts";

export interface PdfCell {
  readonly words: readonly Word[];
  readonly fallback: string;
}

export interface PdfBlock {
  readonly kind: "heading" | "paragraph" | "list-item" | "code" | "table";
  readonly lines: readonly Line[];
  /** Tables only: words by cell. */
  readonly rows: readonly (readonly PdfCell[])[];
  readonly hasHeader: boolean;
  readonly top: number;
  readonly bottom: number;
  /** Size of the letters in points. */
  readonly size: number;
  /** Not part of any layout block: usually a page header, footer or number. */
  readonly loose: boolean;
}

export interface PdfPageLayout {
  readonly page: number;
  readonly height: number;
  readonly blocks: readonly PdfBlock[];
}
