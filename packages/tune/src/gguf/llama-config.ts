/**
 * What a GGUF file says about its model: sizes of the Llama architecture, and the tokenizer. The trainer's graph knows
 * exactly this architecture (grouped-query attention, SwiGLU, RMS norms, interleaved RoPE without scaling), so any
 * other file is refused here, with a sentence, before a graph is built on wrong assumptions.
 */
import { AppError } from "@lorekeep/core";
import { invalidGguf, type GgufHeader, type GgufValue } from "./header.ts";

export interface LlamaConfig {
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly vocabulary: number;
  readonly contextTokens: number;
  readonly ropeBase: number;
  readonly rmsEpsilon: number;
  /** The output head is the token embedding. */
  readonly tiedEmbeddings: boolean;
}

export interface TokenizerFacts {
  /** "gpt2" (byte-level BPE), "llama" (SentencePiece) … */
  readonly model: string;
  readonly pre: string | null;
  readonly tokens: readonly string[];
  readonly bosId: number | null;
  readonly eosId: number | null;
  readonly paddingId: number | null;
  readonly addBos: boolean;
  readonly chatTemplate: string | null;
}

/** What `llamaConfigOf` needs of a GgufFile. */
export type GgufFacts = GgufHeader & { readonly path: string };

const SUPPORTED = "Models of the Llama architecture without scaled RoPE can be trained, such as SmolLM2 and TinyLlama";

function unsupported(file: GgufFacts, what: string): AppError {
  return new AppError("model_unsupported", `${file.path} cannot be trained: ${what}. ${SUPPORTED}.`, {
    path: file.path,
  });
}

function numberAt(file: GgufFacts, key: string, fallback?: number): number {
  const value = file.metadata.get(key) ?? fallback;
  if (typeof value !== "number" || !(value > 0)) throw invalidGguf(file.path, `${key} is ${describe(value)}`);
  return value;
}

function countAt(file: GgufFacts, key: string, fallback?: number): number {
  const value = numberAt(file, key, fallback);
  if (!Number.isInteger(value) || value > 1 << 24) throw invalidGguf(file.path, `${key} is ${value}`);
  return value;
}

function describe(value: GgufValue | undefined): string {
  if (value === undefined) return "missing";
  return typeof value === "object" ? "an array" : String(value);
}

/** Throws model_unsupported for another architecture, model_invalid when sizes and tensors disagree. */
export function llamaConfigOf(file: GgufFacts): LlamaConfig {
  refuseOthers(file);
  const hidden = countAt(file, "llama.embedding_length");
  const heads = countAt(file, "llama.attention.head_count");
  const headDimension = countAt(file, "llama.attention.key_length", hidden / heads);
  const config: LlamaConfig = {
    layers: countAt(file, "llama.block_count"),
    hidden,
    feedForward: countAt(file, "llama.feed_forward_length"),
    heads,
    kvHeads: countAt(file, "llama.attention.head_count_kv", heads),
    headDimension,
    vocabulary: file.tensors.get("token_embd.weight")?.shape[0] ?? 0,
    contextTokens: countAt(file, "llama.context_length"),
    ropeBase: numberAt(file, "llama.rope.freq_base", 10_000),
    rmsEpsilon: numberAt(file, "llama.attention.layer_norm_rms_epsilon"),
    tiedEmbeddings: !file.tensors.has("output.weight"),
  };
  if (heads % config.kvHeads !== 0)
    throw invalidGguf(file.path, `${heads} heads do not share ${config.kvHeads} key-value heads evenly`);
  if (countAt(file, "llama.rope.dimension_count", headDimension) !== headDimension || headDimension % 2 !== 0)
    throw unsupported(file, "its RoPE turns only a part of each head");
  if (countAt(file, "llama.attention.value_length", headDimension) !== headDimension)
    throw unsupported(file, "its keys and values differ in width");
  checkTensors(file, config);
  return config;
}

function refuseOthers(file: GgufFacts): void {
  const text = (key: string) => {
    const value = file.metadata.get(key);
    return typeof value === "string" ? value : null;
  };
  const architecture = text("general.architecture");
  if (architecture !== "llama") throw unsupported(file, `its architecture is “${architecture ?? "unknown"}”`);
  if ((text("general.type") ?? "model") !== "model")
    throw unsupported(file, `its type is ${text("general.type") ?? ""}, not model`);
  if (file.tensors.has("rope_freqs.weight"))
    throw unsupported(file, "it scales RoPE by a table (rope_freqs.weight), as Llama 3 does");
  const scaling = text("llama.rope.scaling.type");
  if (scaling !== null && scaling !== "none") throw unsupported(file, `it scales RoPE (${scaling})`);
  if (Number(file.metadata.get("llama.expert_count") ?? 0) > 0) throw unsupported(file, "it is a mixture of experts");
  if (Number(file.metadata.get("split.count") ?? 1) > 1)
    throw unsupported(
      file,
      "it is one part of a model that is split over several files; merge them with llama-gguf-split",
    );
  if (file.tensors.has("blk.0.attn_q.bias") || file.tensors.has("blk.0.attn_output.bias"))
    throw unsupported(file, "its attention has biases");
}

/** Shapes of the linear layers that may carry an adapter, by GGUF name inside a layer: [out, in]. */
export function linearShapes(config: LlamaConfig): Readonly<Record<LinearName, readonly [number, number]>> {
  const { hidden, feedForward, heads, kvHeads, headDimension } = config;
  return {
    attn_q: [heads * headDimension, hidden],
    attn_k: [kvHeads * headDimension, hidden],
    attn_v: [kvHeads * headDimension, hidden],
    attn_output: [hidden, heads * headDimension],
    ffn_gate: [feedForward, hidden],
    ffn_up: [feedForward, hidden],
    ffn_down: [hidden, feedForward],
  };
}

export const LINEAR_NAMES = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] as const;
export type LinearName = (typeof LINEAR_NAMES)[number];

function checkTensors(file: GgufFacts, config: LlamaConfig): void {
  const { hidden } = config;
  const expect = (name: string, shape: readonly number[]) => {
    const found = file.tensors.get(name);
    if (found === undefined) throw invalidGguf(file.path, `it has no tensor ${name}`);
    if (found.shape.join("×") !== shape.join("×"))
      throw invalidGguf(file.path, `${name} is ${found.shape.join("×")}, but its metadata ask for ${shape.join("×")}`);
  };
  expect("token_embd.weight", [config.vocabulary, hidden]);
  expect("output_norm.weight", [hidden]);
  if (!config.tiedEmbeddings) expect("output.weight", [config.vocabulary, hidden]);
  for (let layer = 0; layer < config.layers; layer++) {
    expect(`blk.${layer}.attn_norm.weight`, [hidden]);
    expect(`blk.${layer}.ffn_norm.weight`, [hidden]);
    for (const [name, shape] of Object.entries(linearShapes(config))) expect(`blk.${layer}.${name}.weight`, shape);
  }
}

/** Throws model_invalid when the file has no vocabulary. */
export function tokenizerFactsOf(file: GgufFacts): TokenizerFacts {
  const get = (key: string) => file.metadata.get(`tokenizer.${key}`);
  const tokens = get("ggml.tokens");
  const model = get("ggml.model");
  if (!Array.isArray(tokens) || typeof model !== "string") throw invalidGguf(file.path, "it has no tokenizer");
  const id = (key: string) => {
    const value = get(`ggml.${key}_token_id`);
    return typeof value === "number" && value < tokens.length ? value : null;
  };
  const text = (value: GgufValue | undefined) => (typeof value === "string" ? value : null);
  return {
    model,
    pre: text(get("ggml.pre")),
    tokens: tokens.map(String),
    bosId: id("bos"),
    eosId: id("eos"),
    paddingId: id("padding"),
    addBos: get("ggml.add_bos_token") === true,
    chatTemplate: text(get("chat_template")),
  };
}
