/**
 * What the embedder gets of a chunk, and the hash by which equal inputs share a vector. One function, so that adding the
 * heading path later changes vectors, token counts and hashes together.
 */
import { createHash } from "node:crypto";
import type { ChunkDraft } from "@lorekeep/core";

/** The chunk's text as shown: a repeated table header is part of it, the heading path is not. */
export function embeddedText(draft: Pick<ChunkDraft, "text">): string {
  return draft.text;
}

/** sha256, hex, of exactly what is embedded. */
export function contentHashOf(draft: Pick<ChunkDraft, "text">): string {
  return createHash("sha256").update(embeddedText(draft), "utf8").digest("hex");
}
