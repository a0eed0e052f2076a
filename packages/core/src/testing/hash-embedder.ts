/**
 * An embedder without weights: a text's words (Han characters and their pairs) are hashed into a vector of ±1 counts, so texts that
 * share words are near. Deterministic, instant, passes the embedder contract; remembers which passages it embedded.
 */
import { AppError, throwIfAborted } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";

export interface HashEmbedder extends Embedder {
  /** Every passage so far, repeats included. */
  readonly embeddedTexts: readonly string[];
}
export interface HashEmbedderOptions {
  readonly name?: string;
  readonly fingerprint?: string;
  readonly dimensions?: number;
  readonly maxTokens?: number;
}

function tokensOf(text: string): string[] {
  return text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
}

/** FNV-1a over code points, 32 bit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return hash;
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const tokens = tokensOf(text);
  const pairs = tokens.slice(1).flatMap((token, i) => (/^\p{Script=Han}$/u.test(token) ? [tokens[i]! + token] : []));
  const vector = new Float32Array(dimensions);
  vector[0] = 0.01; // an empty text has a direction too
  for (const feature of [...tokens, ...pairs]) {
    const hash = hashOf(feature);
    const at = hash % dimensions;
    vector[at] = vector[at]! + (hash & 0x10000 ? 1 : -1);
  }
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

export function hashEmbedder(options: HashEmbedderOptions = {}): HashEmbedder {
  const { name = "hash-64", dimensions = 64, maxTokens = 480 } = options;
  const embeddedTexts: string[] = [];
  let closed = false;
  const assertOpen = (signal: AbortSignal | undefined): void => {
    throwIfAborted(signal);
    if (closed) throw new AppError("aborted", "The embedder was closed.");
  };
  return {
    name,
    fingerprint: options.fingerprint ?? `${name}@1`,
    dimensions,
    maxTokens,
    embeddedTexts,
    embed: async (texts, { kind, signal, onProgress }) => {
      assertOpen(signal);
      const lengths = texts.map((text) => tokensOf(text).length);
      const index = lengths.findIndex((length) => length > maxTokens);
      if (index >= 0)
        throw new AppError("context_too_long", `A text has ${lengths[index]!} tokens, ${maxTokens} fit.`, { index });
      const vectors = texts.map((text) => vectorOf(text, dimensions));
      await Promise.resolve(); // as with a real one, a caller can stop before the answer
      throwIfAborted(signal);
      if (kind === "passage") embeddedTexts.push(...texts);
      onProgress?.(texts.length);
      return vectors;
    },
    countTokens: async (texts, signal) => {
      assertOpen(signal);
      return texts.map((text) => tokensOf(text).length);
    },
    close: async () => {
      closed = true;
    },
  };
}
