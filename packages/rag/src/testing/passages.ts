/** Passages for tests: a document text, cut where the test says. */
import type { ChunkId, CollectionId, DocumentId, Passage } from "@lorekeep/core";
import type { PackedPassage } from "../pack-context.ts";

export interface PassageOptions {
  readonly seq?: number;
  readonly document?: string;
  readonly start?: number;
  readonly header?: string | null;
  readonly headings?: readonly string[];
  readonly language?: Passage["language"];
  readonly dense?: number | null;
  readonly lexical?: number | null;
  readonly fused?: number;
}

export function makePassage(text: string, options: PassageOptions = {}): Passage {
  const { seq = 1, document = "handbook.md", start = 0, header = null, language = "en" } = options;
  const shown = header === null ? text : `${header}\n${text}`;
  return {
    // Test ids: only their being distinct matters.
    chunkId: `chk_${seq}` as ChunkId,
    seq,
    documentId: `doc_${document}` as DocumentId,
    collectionId: "col_1" as CollectionId,
    documentName: document,
    externalId: null,
    mediaType: "text/markdown",
    language,
    text: shown,
    span: [start, start + text.length],
    header,
    page: null,
    headings: options.headings ?? [],
    tokenCount: Math.ceil(shown.length / 4),
    scores: { dense: options.dense ?? null, lexical: options.lexical ?? null, fused: options.fused ?? 1 / seq },
  };
}

/** Passages numbered in the order given. */
export function packAll(passages: readonly Passage[]): PackedPassage[] {
  return passages.map((passage, index) => ({ marker: index + 1, passage, text: passage.text }));
}
