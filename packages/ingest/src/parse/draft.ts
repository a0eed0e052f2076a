/**
 * What a format parser makes: blocks in reading order whose texts are not yet placed. `assemble.ts` turns drafts into a
 * ParsedDocument: it cleans the texts, places them, finds sentences and keeps the heading path, once for all formats.
 */
import type { BlockKind } from "@lorekeep/core";

/** Where a piece of a draft block's text stands on its page: points, origin top left; offsets into the block's text. */
export interface DraftBox {
  readonly start: number;
  readonly end: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DraftBlock {
  readonly kind: BlockKind;
  readonly text: string;
  /** 1–6, headings only. */
  readonly level?: number;
  /** A table's or sheet's header row, as one line. */
  readonly header?: string;
  /** Only with text that is clean already: boxes point into it. */
  readonly boxes?: readonly DraftBox[];
  /** Goes on with the last block of the page before; `glue` stands between the two. */
  readonly continues?: { readonly glue: string };
}

export interface DraftPage {
  /** 1-based where the format has pages. */
  readonly page: number | null;
  readonly label: string | null;
  /** Outermost heading of everything on it (a sheet's name), if the blocks do not say it themselves. */
  readonly section?: string;
  readonly blocks: readonly DraftBlock[];
}

export interface DraftDocument {
  readonly title: string | null;
  readonly pageCount: number | null;
  readonly pages: readonly DraftPage[];
  readonly warnings: readonly string[];
}

/** What every format parser gets. `path` is a local file, `bytes` its content. */
export interface ParseInput {
  readonly bytes: Buffer;
  readonly name: string;
  /** Charset that the outside declared, if any. */
  readonly charset: string | null;
  readonly onProgress: (done: number, total: number | null) => void;
}
