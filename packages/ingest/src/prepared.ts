/** Chunks that the caller has cut already (API input): accepted as they are, never joined, cut or cleaned. */
import type { Block, ChunkDraft, ParsedDocument, ParsedPage } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import { makeCounter } from "./chunk-units.ts";
import type { ChunkOptions } from "./chunk-options.ts";
import { contentHashOf } from "./embedded-text.ts";
import { detectLanguage } from "./language.ts";
import { splitSentences } from "./sentences.ts";

export interface PreparedChunk {
  readonly text: string;
  /** 1-based. */
  readonly page?: number | undefined;
}

const GAP = "\n\n";
/** Pages of text without page numbers are shown in pieces of about this many characters. */
const PIECE_LENGTH = 8_000;

/**
 * One draft per chunk, in order; the parsed text is the chunks set apart by empty lines.
 * Throws document_empty, context_too_long (a chunk over `maxTokens`: nothing is silently cut), aborted.
 */
export async function chunkPrepared(
  chunks: readonly PreparedChunk[],
  options: Pick<ChunkOptions, "countTokens" | "maxTokens" | "signal">,
): Promise<{ parsed: ParsedDocument; drafts: ChunkDraft[] }> {
  const texts = chunks.map(({ text }) => text.toWellFormed());
  if (texts.every((text) => text.trim() === "")) throw new AppError("document_empty", "The chunks hold no text.");
  const counts = await makeCounter(options)(texts, (text) => text);
  const tooLong = counts.findIndex((tokens) => tokens > options.maxTokens);
  if (tooLong >= 0)
    throw new AppError(
      "context_too_long",
      `Chunk ${tooLong + 1} has ${counts[tooLong]} tokens; the embedding model takes at most ${options.maxTokens}. Cut it smaller.`,
      { chunk: tooLong, tokenCount: counts[tooLong], maxTokens: options.maxTokens },
    );
  const language = detectLanguage(texts.slice(0, 50).join("\n"));
  const blocks: Block[] = [];
  const drafts: ChunkDraft[] = [];
  let position = 0;
  for (const [ordinal, text] of texts.entries()) {
    const page = chunks[ordinal]!.page ?? null;
    const span = [position, position + text.length] as const;
    const sentences = splitSentences(text, language).map(([start, end]) => [position + start, position + end] as const);
    blocks.push({
      kind: "paragraph",
      start: span[0],
      end: span[1],
      page,
      headings: [],
      level: null,
      sentences,
      header: null,
    });
    const contentHash = contentHashOf({ text });
    drafts.push({
      ordinal,
      text,
      span,
      page,
      pageEnd: page,
      headings: [],
      header: null,
      tokenCount: counts[ordinal]!,
      contentHash,
    });
    position += text.length + GAP.length;
  }
  const pageCount = blocks.reduce((most, { page }) => Math.max(most, page ?? 0), 0);
  const parsed = {
    mediaType: "text/plain",
    title: null,
    language,
    pageCount: pageCount > 0 ? pageCount : null,
    pages: pagesOf(texts, blocks),
    blocks,
    warnings: [],
  };
  return { parsed, drafts };
}

/** A new page where the page number changes or a piece is long enough. */
function pagesOf(texts: readonly string[], blocks: readonly Block[]): ParsedPage[] {
  const pages: { ordinal: number; page: number | null; label: null; start: number; text: string; regions: [] }[] = [];
  for (const [at, block] of blocks.entries()) {
    const last = pages.at(-1);
    const text = texts[at]! + (at < texts.length - 1 ? GAP : "");
    if (last !== undefined && last.page === block.page && last.text.length < PIECE_LENGTH) last.text += text;
    else pages.push({ ordinal: pages.length, page: block.page, label: null, start: block.start, text, regions: [] });
  }
  return pages;
}
