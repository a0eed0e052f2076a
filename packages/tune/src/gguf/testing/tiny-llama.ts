/**
 * A random Llama model of a few kilobytes as a GGUF file, for tests. Grouped heads (4 query, 2 key-value), tied
 * embeddings. The tokenizer names pieces only; it is enough for reading, not for llama.cpp.
 */
import type { LlamaConfig } from "../llama-config.ts";
import { linearShapes } from "../llama-config.ts";
import { writeGguf, type GgufEntry, type GgufTensorData } from "../writer.ts";

export const TINY_LLAMA: LlamaConfig = {
  layers: 2,
  hidden: 32,
  feedForward: 64,
  heads: 4,
  kvHeads: 2,
  headDimension: 8,
  vocabulary: 48,
  contextTokens: 128,
  ropeBase: 10_000,
  rmsEpsilon: Math.fround(1e-5),
  tiedEmbeddings: true,
};

/** Uniform in [-scale, scale), the same for the same seed (mulberry32). */
export function randomWeights(length: number, scale: number, seed: number): Float32Array {
  let state = seed | 0;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1) * scale;
  });
}

export function tinyLlamaTensors(config: LlamaConfig, seed: number): GgufTensorData[] {
  const tensors: GgufTensorData[] = [];
  const add = (name: string, shape: readonly number[], data: Float32Array) =>
    tensors.push({ name, shape, data, type: "F32" });
  const matrix = (name: string, rows: number, columns: number) =>
    add(name, [rows, columns], randomWeights(rows * columns, 0.3, seed + tensors.length));
  const norm = (name: string) =>
    add(
      name,
      [config.hidden],
      randomWeights(config.hidden, 0.2, seed + tensors.length).map((value) => 1 + value),
    );
  matrix("token_embd.weight", config.vocabulary, config.hidden);
  norm("output_norm.weight");
  if (!config.tiedEmbeddings) matrix("output.weight", config.vocabulary, config.hidden);
  for (let layer = 0; layer < config.layers; layer++) {
    norm(`blk.${layer}.attn_norm.weight`);
    norm(`blk.${layer}.ffn_norm.weight`);
    for (const [name, [out, into]] of Object.entries(linearShapes(config)))
      matrix(`blk.${layer}.${name}.weight`, out, into);
  }
  return tensors;
}

export function tinyLlamaMetadata(config: LlamaConfig): Record<string, GgufEntry> {
  return {
    "general.architecture": "llama",
    "general.type": "model",
    "llama.block_count": config.layers,
    "llama.context_length": config.contextTokens,
    "llama.embedding_length": config.hidden,
    "llama.feed_forward_length": config.feedForward,
    "llama.attention.head_count": config.heads,
    "llama.attention.head_count_kv": config.kvHeads,
    "llama.rope.freq_base": { float: config.ropeBase },
    "llama.attention.layer_norm_rms_epsilon": { float: config.rmsEpsilon },
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": Array.from({ length: config.vocabulary }, (_, i) => `t${i}`),
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.add_bos_token": false,
  };
}

/** Writes the model; `metadata` replaces or adds entries. */
export async function writeTinyLlama(
  path: string,
  {
    config = TINY_LLAMA,
    seed = 1,
    metadata = {},
  }: { config?: LlamaConfig; seed?: number; metadata?: Record<string, GgufEntry> } = {},
): Promise<void> {
  await writeGguf(path, {
    metadata: { ...tinyLlamaMetadata(config), ...metadata },
    tensors: tinyLlamaTensors(config, seed),
  });
}
