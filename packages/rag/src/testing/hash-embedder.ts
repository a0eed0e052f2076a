/** An embedder without weights: texts that share terms get near vectors. Deterministic, counts what it was asked to embed. */
import { AppError, throwIfAborted } from "@lorekeep/core";
import type { Embedder } from "@lorekeep/core";
import { indexTerms } from "../text/terms.ts";

export interface HashEmbedder extends Embedder {
  readonly embeddedTexts: readonly string[];
}

export function hashEmbedder(
  options: { name?: string; fingerprint?: string; dimensions?: number; maxTokens?: number } = {},
): HashEmbedder {
  const { name = "hash-64", dimensions = 64, maxTokens = 480 } = options;
  const embeddedTexts: string[] = [];
  const count = (text: string): number => (text.match(/\p{Script=Han}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).length;
  return {
    name,
    fingerprint: options.fingerprint ?? `${name}@1`,
    dimensions,
    maxTokens,
    embeddedTexts,
    async embed(texts, { kind, signal }) {
      throwIfAborted(signal);
      return texts.map((text) => {
        if (count(text) > maxTokens) throw new AppError("context_too_long", `${count(text)} tokens`);
        if (kind === "passage") embeddedTexts.push(text);
        return vectorOf(text, dimensions);
      });
    },
    countTokens: async (texts) => texts.map(count),
    close: async () => undefined,
  };
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const key of indexTerms(text)) {
    const hash = fnv1a(key);
    const at = hash % dimensions;
    vector[at] = vector[at]! + (hash & 0x10000 ? 1 : -1);
  }
  const length = Math.hypot(...vector) || 1;
  return length === 1 && vector.every((value) => value === 0)
    ? vector.fill(1 / Math.sqrt(dimensions))
    : vector.map((value) => value / length);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return hash;
}
