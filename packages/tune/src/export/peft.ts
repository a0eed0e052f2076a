/**
 * An adapter as PEFT keeps it: adapter_config.json and adapter_model.safetensors, here in one ZIP file (or, when read, in
 * a folder). Names are Hugging Face's; the rows of B for q and k change their order (rope-layout.ts), everything else is
 * copied. Source: huggingface/peft, LoraConfig and save_and_load.py.
 */
import { open, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeAtomically } from "../atomic-file.ts";
import type { LinearName, LlamaConfig } from "../gguf/llama-config.ts";
import { adapterError, adapterPlace, type Adapter, type AdapterTensor } from "./adapter.ts";
import { interleaveRows, splitRows } from "./rope-layout.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "./safetensors.ts";
import { encodeZip, zipEntries } from "./zip.ts";

const CONFIG_NAME = "adapter_config.json";
const WEIGHTS_NAME = "adapter_model.safetensors";
const MAX_FILE_BYTES = 1 << 30;

/** Hugging Face's name of each linear, within a layer. */
export const PEFT_MODULES: Readonly<Record<LinearName, string>> = {
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** What q and k need to find their heads. */
export type HeadCounts = Pick<LlamaConfig, "heads" | "kvHeads">;

export interface PeftContent extends Adapter {
  readonly config: HeadCounts;
  /** As Hugging Face names it: "HuggingFaceTB/SmolLM2-135M-Instruct". */
  readonly baseModel: string;
  /** Further files by name, such as a model card as README.md. */
  readonly extraFiles?: Readonly<Record<string, string>>;
}

/** Files by name, as they stand in the ZIP file. Throws RangeError for a weight that no PEFT module is. */
export function peftFiles(content: PeftContent): Map<string, Buffer> {
  const { rank, alpha, config } = content;
  const tensors = new Map<string, NamedTensor>();
  const modules = new Set<string>();
  for (const { name, a, b } of content.tensors) {
    const place = adapterPlace(name);
    if (place === null) throw new RangeError(`${name} has no name in PEFT.`);
    const module = PEFT_MODULES[place.linear];
    modules.add(module.split(".")[1]!);
    const prefix = `base_model.model.model.layers.${place.layer}.${module}`;
    const heads = headsOf(place.linear, config);
    tensors.set(`${prefix}.lora_A.weight`, { shape: [rank, a.length / rank], data: a });
    const rows = heads === null ? b : splitRows(b, heads, rank);
    tensors.set(`${prefix}.lora_B.weight`, { shape: [b.length / rank, rank], data: rows });
  }
  const settings = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: content.baseModel,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    target_modules: [...modules],
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
    layers_to_transform: null,
    rank_pattern: {},
    alpha_pattern: {},
  };
  return new Map([
    [CONFIG_NAME, Buffer.from(`${JSON.stringify(settings, null, 2)}\n`)],
    [WEIGHTS_NAME, encodeSafetensors(tensors)],
    ...Object.entries(content.extraFiles ?? {}).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
  ]);
}

/** Writes the ZIP file atomically. Throws disk_full. */
export async function writePeftZip(path: string, content: PeftContent): Promise<void> {
  const zip = encodeZip(peftFiles(content));
  await writeAtomically(path, (file) => file.writeFile(zip));
}

function headsOf(linear: LinearName, config: HeadCounts): number | null {
  if (linear === "attn_q") return config.heads;
  return linear === "attn_k" ? config.kvHeads : null;
}

/** Reads a folder or a ZIP file. Throws model_missing, model_invalid. Whether it fits a base is `checkAdapter`'s question. */
export async function readPeft(path: string, config: HeadCounts): Promise<Adapter> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw adapterError(`there is nothing at ${path}`);
  const read = info.isDirectory() ? readFrom(path) : await readFromZip(path);
  const settings = parseSettings((await read(CONFIG_NAME)).toString("utf8"));
  const found = decodeSafetensors(await read(WEIGHTS_NAME));
  return { ...settings, tensors: tensorsOf(found, settings.rank, config) };
}

type ReadNamed = (name: string) => Promise<Buffer>;

function readFrom(folder: string): ReadNamed {
  return async (name) => {
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    if (info?.isFile() !== true) throw adapterError(`${name} is missing in ${folder}`);
    if (info.size > MAX_FILE_BYTES) throw adapterError(`${path} is larger than 1 GiB`);
    return readFile(path);
  };
}

async function readFromZip(path: string): Promise<ReadNamed> {
  const handle = await open(path);
  try {
    if ((await handle.stat()).size > MAX_FILE_BYTES) throw adapterError(`${path} is larger than 1 GiB`);
    const entries = zipEntries(await handle.readFile());
    return async (name) => {
      const [entry, ...more] = entries.filter((each) => basename(each.name) === name);
      if (entry === undefined) throw adapterError(`${name} is missing in ${path}`);
      if (more.length > 0) throw adapterError(`${path} holds several adapters`);
      return entry.read();
    };
  } finally {
    await handle.close();
  }
}

/** Settings that change what A and B mean, and the only value under which they are plain LoRA. */
const REFUSED: Readonly<Record<string, string>> = {
  use_dora: "it is a DoRA adapter",
  fan_in_fan_out: "its weights are transposed (fan_in_fan_out)",
  lora_bias: "it has biases (lora_bias)",
  modules_to_save: "it replaces whole modules (modules_to_save)",
  rank_pattern: "its layers differ in rank (rank_pattern)",
  alpha_pattern: "its layers differ in alpha (alpha_pattern)",
  layer_replication: "it repeats layers (layer_replication)",
};

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

function parseSettings(text: string): { rank: number; alpha: number } {
  let settings: Record<string, unknown>;
  try {
    settings = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw adapterError(`its ${CONFIG_NAME} is no JSON`);
  }
  if (settings.peft_type !== "LORA")
    throw adapterError(`it is of the kind ${String(settings.peft_type)}; LORA can be read`);
  for (const [key, sentence] of Object.entries(REFUSED)) if (!isEmpty(settings[key])) throw adapterError(sentence);
  if (settings.bias !== undefined && settings.bias !== "none") throw adapterError("it trains biases");
  const { r: rank, lora_alpha: alpha } = settings;
  if (typeof rank !== "number" || typeof alpha !== "number" || !Number.isInteger(rank) || rank < 1)
    throw adapterError(`its ${CONFIG_NAME} names no rank (r) and alpha (lora_alpha)`);
  // rank-stabilised LoRA scales by alpha / √rank
  return { rank, alpha: settings.use_rslora === true ? alpha * Math.sqrt(rank) : alpha };
}

const PEFT_NAME = /^(?:base_model\.model\.)?model\.layers\.(\d{1,5})\.(\w+\.\w+)\.lora_([AB])(?:\.default)?\.weight$/;

function tensorsOf(found: ReadonlyMap<string, NamedTensor>, rank: number, config: HeadCounts): AdapterTensor[] {
  const linears = new Map(Object.entries(PEFT_MODULES).map(([linear, module]) => [module, linear as LinearName]));
  const parts = new Map<string, { linear: LinearName; a?: Float32Array; b?: Float32Array }>();
  for (const [key, { shape, data }] of found) {
    const [, layer, module, part] = PEFT_NAME.exec(key) ?? [];
    const linear = linears.get(module ?? "");
    if (layer === undefined || linear === undefined)
      throw adapterError(`it holds ${key}; only the linear layers of a Llama model can carry an adapter`);
    if (shape.length !== 2 || shape[part === "A" ? 0 : 1] !== rank)
      throw adapterError(`${key} is ${shape.join("×")}, which is not of rank ${rank}`);
    const name = `blk.${Number(layer)}.${linear}.weight`;
    const pair = parts.get(name) ?? { linear };
    parts.set(name, part === "A" ? { ...pair, a: data } : { ...pair, b: data });
  }
  return [...parts].map(([name, { linear, a, b }]) => {
    if (a === undefined || b === undefined) throw adapterError(`it has only half of ${name}`);
    return { name, a, b: interleavedOf(name, b, { heads: headsOf(linear, config), rank }) };
  });
}

function interleavedOf(
  name: string,
  b: Float32Array,
  { heads, rank }: { heads: number | null; rank: number },
): Float32Array {
  if (heads === null) return b;
  if ((b.length / rank) % (2 * heads) !== 0)
    throw adapterError(
      `its part for ${name} has ${b.length / rank} rows, which ${heads} heads cannot share; it belongs to another base model`,
    );
  return interleaveRows(b, heads, rank);
}
