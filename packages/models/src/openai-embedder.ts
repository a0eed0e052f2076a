/**
 * Embeddings from any OpenAI-compatible server. Tokens can only be estimated and prefixes are the server's business, so
 * the limit for a text is set well below what such models take.
 */
import { AppError, throwIfAborted, type Embedder } from "@lorekeep/core";
import { estimateTokens, OpenaiClient, type OpenaiOptions } from "./openai-request.ts";

const TEXTS_PER_REQUEST = 64;
const MAX_TOKENS = 480;

function unit(values: readonly number[]): Float32Array {
  const norm = Math.hypot(...values);
  return Float32Array.from(values, (value) => (norm === 0 ? 0 : value / norm));
}

/** One unit vector per text, in the order of the texts whatever the order of the answer. */
function parseEmbeddings(body: unknown, count: number): Float32Array[] {
  const data = (body as { data?: unknown } | null)?.data;
  if (!Array.isArray(data) || data.length !== count) throw new Error("not one embedding for each text");
  const vectors = new Map<number, Float32Array>();
  for (const [i, item] of data.entries()) {
    const { index, embedding } = item as { index?: unknown; embedding?: unknown }; // checked in the next line
    if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === "number"))
      throw new Error("an embedding is not a list of numbers");
    vectors.set(typeof index === "number" ? index : i, unit(embedding));
  }
  return Array.from({ length: count }, (_, i) => {
    const vector = vectors.get(i);
    if (vector === undefined || vector.length !== vectors.get(0)?.length) throw new Error("an embedding is missing");
    return vector;
  });
}

/** Asks once for the number of dimensions. Throws model_missing, model_busy, model_failed. */
export async function openaiEmbedder(options: OpenaiOptions): Promise<Embedder> {
  const client = new OpenaiClient(options);
  const request = async (texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const body = { model: client.model, input: texts, encoding_format: "float" };
    const answer = client.post("/embeddings", { body, signal }, async function* ({ response }) {
      yield* parseEmbeddings(await response.json(), texts.length);
    });
    const vectors: Float32Array[] = [];
    for await (const vector of answer) vectors.push(vector);
    return vectors;
  };
  const dimensions = (await request(["dimensions"]))[0]!.length;
  return {
    name: options.name,
    fingerprint: `${options.name}@${dimensions}`,
    dimensions,
    maxTokens: MAX_TOKENS,
    embed: async (texts, { signal, onProgress }) => {
      throwIfAborted(signal);
      const index = texts.findIndex((text) => estimateTokens(text) > MAX_TOKENS);
      if (index >= 0)
        throw new AppError("context_too_long", `A text has more than about ${MAX_TOKENS} tokens. Split it.`, { index });
      const vectors: Float32Array[] = [];
      for (let i = 0; i < texts.length; i += TEXTS_PER_REQUEST) {
        vectors.push(...(await request(texts.slice(i, i + TEXTS_PER_REQUEST), signal)));
        onProgress?.(vectors.length);
      }
      return vectors;
    },
    countTokens: async (texts, signal) => {
      throwIfAborted(signal);
      return texts.map(estimateTokens);
    },
    close: async () => client.close(),
  };
}
