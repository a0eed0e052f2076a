/**
 * Chunks → what is embedded of them, and the hashes by which vectors are found again. The embedder's window decides: a context that
 * would not fit beside its chunk is left out, so that no vector is ever of half a chunk.
 */
import type { ChunkDraft, Embedder } from "@lorekeep/core";
import { contentHashOf, contextOf, embeddedText } from "@lorekeep/ingest";

export interface EmbeddableDraft extends ChunkDraft {
  /** What the embedder gets; `contentHash` is of it. */
  readonly embedded: string;
}

/** Tokens that joining two texts may add. */
const JOIN_TOKENS = 8;
const MAX_CONTEXT_TOKENS = 64;

export async function embedInContext(
  drafts: readonly ChunkDraft[],
  title: string | null,
  embedder: Pick<Embedder, "countTokens" | "maxTokens">,
  signal: AbortSignal | undefined,
): Promise<EmbeddableDraft[]> {
  const contexts = drafts.map((draft) => contextOf(draft, title));
  const distinct = [...new Set(contexts)].filter((context) => context !== "");
  const counts = distinct.length === 0 ? [] : await embedder.countTokens(distinct, signal);
  const tokensOf = new Map(distinct.map((context, at) => [context, counts[at] ?? Infinity]));
  return drafts.map((draft, at) => {
    const tokens = tokensOf.get(contexts[at]!) ?? 0;
    const fits = tokens <= MAX_CONTEXT_TOKENS && draft.tokenCount + tokens + JOIN_TOKENS <= embedder.maxTokens;
    const context = fits ? contexts[at]! : "";
    return { ...draft, embedded: embeddedText(draft, context), contentHash: contentHashOf(draft, context) };
  });
}
