/**
 * Stands in while the embedder of a collection is missing: documents are still chunked, stored and found by their words.
 * Its vectors say nothing (one dimension, all equal) and are never searched; when the real embedder arrives, a new
 * generation is built over the stored originals.
 */
import type { Embedder } from "@lorekeep/core";

export const LEXICAL_ONLY_FINGERPRINT = "lexical-only-1";
const CHARACTERS_PER_TOKEN = 4;
const MAX_TOKENS = 510;

/** Han, kana and hangul count one token a character; other scripts a token for four characters, at least one a word. */
export function estimateTokens(text: string): number {
  const ideographs =
    text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  const words = text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;
  return Math.max(ideographs + Math.ceil((text.length - ideographs) / CHARACTERS_PER_TOKEN), words);
}

export function lexicalOnlyEmbedder(name: string): Embedder {
  return {
    name,
    fingerprint: LEXICAL_ONLY_FINGERPRINT,
    dimensions: 1,
    maxTokens: MAX_TOKENS,
    embed: async (texts) => texts.map(() => Float32Array.of(1)),
    countTokens: async (texts) => texts.map(estimateTokens),
    close: async () => undefined,
  };
}
