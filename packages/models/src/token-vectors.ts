/**
 * A text → the vectors of its tokens with their places in the text, by the encoder that embeds whole texts. Prefix and special tokens
 * take part in the encoding and are left out of what is given back. A text longer than the model's window is read in windows, one
 * after the other: its tokens then see their own window only.
 */
import { AppError, type Span, type TokenVectors } from "@lorekeep/core";
import type { WorkerSetup } from "./embed-protocol.ts";
import type { EncoderSession } from "./encoder-session.ts";
import { poolVectors } from "./pooling.ts";
import type { SpanTokenizer, TextTokenizer } from "./tokenizer.ts";

interface Model {
  readonly setup: Pick<WorkerSetup, "windowTokens" | "dimensions" | "pooling">;
  readonly tokenizer: TextTokenizer | SpanTokenizer;
  readonly encoder: Pick<EncoderSession, "runTokens">;
}

/** Throws model_invalid of a tokenizer that cannot tell where tokens stand, model_failed. */
export async function embedTokensOf(model: Model, text: string, prefix: string): Promise<TokenVectors> {
  const { setup, tokenizer, encoder } = model;
  if (!("encodeSpans" in tokenizer))
    throw new AppError("model_invalid", "This tokenizer cannot tell where its tokens stand.");
  const { dimensions, pooling } = setup;
  const { ids, spans } = tokenizer.encodeSpans(prefix + text);
  const own = spans.findIndex(([, end]) => end > prefix.length);
  const lead = own < 0 ? ids : ids.slice(0, own);
  const head = [...tokenizer.before, ...lead];
  const room = Math.max(1, setup.windowTokens - head.length - tokenizer.after.length);
  const rest = ids.slice(lead.length);
  const vectors = new Float32Array(rest.length * dimensions);
  const wholes: Float32Array[] = [];
  for (let from = 0; from === 0 || from < rest.length; from += room) {
    const part = rest.slice(from, from + room);
    const row = [...head, ...part, ...tokenizer.after];
    const hidden = await encoder.runTokens(row);
    const at = head.length * dimensions;
    vectors.set(hidden.subarray(at, at + part.length * dimensions), from * dimensions);
    wholes.push(poolVectors(hidden, { lengths: [row.length], tokens: row.length, dimensions }, pooling)[0]!);
  }
  const places = spans.slice(lead.length).map(([start, end]): Span => {
    const shift = (at: number): number => Math.max(0, at - prefix.length);
    return [shift(start), shift(end)];
  });
  return { spans: places, vectors, whole: meanOf(wholes, dimensions) };
}

/** Unit vector of the mean of unit vectors. */
function meanOf(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const all = new Float32Array(vectors.length * dimensions);
  for (const [i, vector] of vectors.entries()) all.set(vector, i * dimensions);
  return poolVectors(all, { lengths: [vectors.length], tokens: vectors.length, dimensions }, "mean")[0]!;
}
