/**
 * The chunk that a quote is cited by. A passage of merged neighbours is shown under the best one's id, but a quote is looked up in
 * the chunk that it stands in, and its page is counted from there.
 */
import { holdsSpan } from "@lorekeep/core";
import type { Passage, Span } from "@lorekeep/core";
import type { PackedPassage } from "../pack-context.ts";

/** The passage's own chunk where that holds the whole quote, else one that does, else the one in which it begins. */
export function citedChunk({ passage, parts = [] }: PackedPassage, span: Span): Passage {
  const holding = parts.filter((part) => holdsSpan(part, { documentId: passage.documentId, span }));
  const own = holding.find(({ chunkId }) => chunkId === passage.chunkId);
  return own ?? holding[0] ?? parts.findLast((part) => part.span[0] <= span[0]) ?? passage;
}
