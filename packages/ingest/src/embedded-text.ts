/**
 * What the embedder gets of a chunk, and the hash by which equal inputs share a vector. A chunk from the middle of a document does not
 * say what it is about; its document's title and heading path do, so they are embedded in front of it, unless it says them itself.
 * They are in the vector only: what is shown, quoted and counted as the chunk stays the parsed text.
 *
 * Measured with titles on later chunks of SQuAD 2.0 paragraphs, nDCG@10 without → with: vectors 0.906 → 0.911, both arms 0.954 → 0.955;
 * 90 Chinese questions about the same English text: 0.612 → 0.641, both arms 0.627 → 0.652.
 */
import { createHash } from "node:crypto";
import type { ChunkDraft } from "@lorekeep/core";

/** A heading longer than this is a sentence that was set in bold. */
const MAX_PART_LENGTH = 120;

/** Title and heading path, outermost first, without what the chunk says itself; "" when nothing is left. */
export function contextOf(chunk: Pick<ChunkDraft, "text" | "headings">, title: string | null): string {
  const said = plain(chunk.text);
  const parts = new Map<string, string>();
  for (const part of [title ?? "", ...chunk.headings]) {
    const key = plain(part);
    if (key !== "" && part.length <= MAX_PART_LENGTH && !said.includes(key)) parts.set(key, part.trim());
  }
  return [...parts.values()].join(" › ");
}

/** The chunk's text as shown (a repeated table header is part of it) behind its context. */
export function embeddedText(chunk: Pick<ChunkDraft, "text">, context = ""): string {
  return context === "" ? chunk.text : `${context}\n\n${chunk.text}`;
}

/** sha256, hex, of exactly what is embedded. */
export function contentHashOf(chunk: Pick<ChunkDraft, "text">, context = ""): string {
  return createHash("sha256").update(embeddedText(chunk, context), "utf8").digest("hex");
}

function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}
