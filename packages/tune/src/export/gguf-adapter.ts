/**
 * An adapter as a GGUF file, as llama.cpp loads it: one `NAME.lora_a` [rank, in] and `NAME.lora_b` [out, rank] per weight.
 * The trainer's layout is GGUF's, so this is a dump. llama.cpp caches adapters by path while a model is loaded: whoever
 * writes a new adapter gives it a new name. Source: llama.cpp, convert_lora_to_gguf.py and llama-adapter.cpp.
 */
import { openGguf, type GgufFile } from "../gguf/reader.ts";
import { writeGguf, type GgufEntry, type GgufTensorData } from "../gguf/writer.ts";
import { adapterError, type Adapter, type AdapterTensor } from "./adapter.ts";

export interface GgufAdapterContent extends Adapter {
  /** Kept in the file besides what llama.cpp asks for, such as general.name. */
  readonly metadata?: Readonly<Record<string, GgufEntry>>;
  /** F32 when missing; F16 halves the file. */
  readonly precision?: "F32" | "F16";
}

/** Atomic. Throws RangeError when sizes disagree with the rank, disk_full. */
export async function writeGgufAdapter(path: string, adapter: GgufAdapterContent): Promise<void> {
  const { rank, alpha, metadata = {}, precision: type = "F32" } = adapter;
  const tensors = adapter.tensors.flatMap(({ name, a, b }): GgufTensorData[] => [
    { name: `${name}.lora_a`, shape: [rank, a.length / rank], data: a, type },
    { name: `${name}.lora_b`, shape: [b.length / rank, rank], data: b, type },
  ]);
  await writeGguf(path, {
    metadata: {
      ...metadata,
      "general.architecture": "llama",
      "general.type": "adapter",
      "adapter.type": "lora",
      "adapter.lora.alpha": { float: alpha },
    },
    tensors,
  });
}

/** Throws model_missing, model_invalid, model_unsupported. Whether it fits a base is `checkAdapter`'s question. */
export async function readGgufAdapter(path: string): Promise<Adapter> {
  await using file = await openGguf(path);
  const { metadata } = file;
  if (metadata.get("general.type") !== "adapter" || metadata.get("adapter.type") !== "lora")
    throw adapterError(`${path} is a GGUF file, but no LoRA adapter`);
  if (metadata.get("general.architecture") !== "llama")
    throw adapterError(`it is for the architecture ${String(metadata.get("general.architecture"))}, not llama`);
  const names = pairedNames(file);
  const rank = file.tensors.get(`${names[0]!}.lora_a`)!.shape[0]!;
  const tensors: AdapterTensor[] = [];
  for (const name of names) {
    checkShapes(file, name, rank);
    tensors.push({
      name,
      a: await file.readTensor(`${name}.lora_a`),
      b: await file.readTensor(`${name}.lora_b`),
    });
  }
  const alpha = metadata.get("adapter.lora.alpha");
  // llama.cpp takes a missing or zero alpha for a scale of 1.
  return { tensors, rank, alpha: typeof alpha === "number" && alpha !== 0 ? alpha : rank };
}

function pairedNames(file: GgufFile): string[] {
  const names: string[] = [];
  for (const key of file.tensors.keys()) {
    const [, name, part] = /^(.*)\.lora_([ab])$/.exec(key) ?? [];
    if (name === undefined) throw adapterError(`it holds ${key}, which is no part of a LoRA adapter`);
    if (!file.tensors.has(`${name}.lora_${part === "a" ? "b" : "a"}`))
      throw adapterError(`it has only half of ${name}`);
    if (part === "a") names.push(name);
  }
  if (names.length === 0) throw adapterError("it changes no weight");
  return names;
}

function checkShapes(file: GgufFile, name: string, rank: number): void {
  const a = file.tensors.get(`${name}.lora_a`)!.shape;
  const b = file.tensors.get(`${name}.lora_b`)!.shape;
  if (a.length !== 2 || b.length !== 2 || a[0] !== rank || b[1] !== rank)
    throw adapterError(
      `${name} has the shapes ${a.join("×")} and ${b.join("×")}, which are not of rank ${rank} like the others`,
    );
}
