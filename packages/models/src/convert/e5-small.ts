/**
 * multilingual-e5-small from its 4-bit file to what ONNX Runtime serves: `model.onnx` (graph), `model.onnx.data` (weights) and
 * `tokenizer.json`. The word table keeps its 4-bit blocks (bit-equal, mapped into memory, rows dequantised on the fly);
 * the linear layers become what `precision` says. Streams tensor by tensor; runs once, its result is cached beside the model.
 */
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import { bertModel, type LinearPrecision } from "../onnx/bert.ts";
import { encodeOnnxModel, type Initializer } from "@lorekeep/autodiff";
import { WeightFile } from "../onnx/weight-file.ts";
import { openE5File, Q4_BLOCK_BYTES, Q4_BLOCK_WEIGHTS, unpackQ4, type E5File, type E5Tensor } from "./e5-file.ts";
import { readE5Tensor } from "./e5-weights.ts";
import { unigramTokenizerJson } from "./tokenizer-json.ts";

/** Part of the embedder's fingerprint: raise it whenever the same file could give another vector. */
export const E5_CONVERTER_VERSION = 1;
const SLICE_ROWS = 8192;

/** What is learnt on top of the file's weights: see merge-reader.ts. */
export interface LearntParts {
  /** Adds to rows [out][in] of a linear layer, named as in the file without its `.w`; may be the zero change. */
  addTo(name: string, rows: Float32Array): void;
  /** One linear layer on every token's last vector: weight [outputs][hidden], bias [outputs]. */
  readonly head: { readonly weight: Float32Array; readonly bias: Float32Array };
}

interface Source {
  readonly file: E5File;
  readonly out: WeightFile;
  readonly learnt: LearntParts | undefined;
}

/** Throws model_invalid when the file has no tensor of this name and size. */
function tensorOf(file: E5File, name: string, count: number): E5Tensor {
  const tensor = file.tensors.get(name);
  if (tensor?.count !== count)
    throw new AppError("model_invalid", `The packed E5 file has no tensor ${name} of ${count} weights.`);
  return tensor;
}
async function floats(file: E5File, name: string, count: number): Promise<Float32Array> {
  tensorOf(file, name, count);
  return readE5Tensor(file, name);
}
const raw = (values: Float32Array | Int8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

async function appendFloats(
  out: WeightFile,
  name: string,
  shape: number[],
  values: Float32Array,
): Promise<Initializer> {
  return out.append({ name, type: "float32", shape, bytes: values.byteLength }, [raw(values)]);
}

/** Pairs of neighbouring signed nibbles, low one first: ONNX's int4 packing. */
function packInt4(nibbles: Int8Array): Uint8Array {
  const packed = new Uint8Array(nibbles.length / 2);
  for (let i = 0; i < packed.length; i += 1) packed[i] = (nibbles[2 * i]! & 15) | ((nibbles[2 * i + 1]! & 15) << 4);
  return packed;
}

async function convertWordTable({ file, out }: Source): Promise<Initializer[]> {
  const { hidden, vocabulary } = file.shape;
  const tensor = tensorOf(file, "emb.word", vocabulary * hidden);
  const rowBytes = (hidden / Q4_BLOCK_WEIGHTS) * Q4_BLOCK_BYTES;
  const scales = new Float32Array((vocabulary * hidden) / Q4_BLOCK_WEIGHTS);
  async function* slices(): AsyncGenerator<Uint8Array> {
    for (let row = 0; row < vocabulary; row += SLICE_ROWS) {
      const rows = Math.min(SLICE_ROWS, vocabulary - row);
      const part = unpackQ4(await file.read(tensor, row * rowBytes, rows * rowBytes));
      scales.set(part.scales, (row * hidden) / Q4_BLOCK_WEIGHTS);
      yield packInt4(part.nibbles);
    }
  }
  const table = {
    name: "emb.word",
    type: "int4",
    shape: [vocabulary, hidden],
    bytes: (vocabulary * hidden) / 2,
  } as const;
  const words = await out.append(table, slices());
  return [words, await appendFloats(out, "emb.word.scale", [vocabulary, hidden / Q4_BLOCK_WEIGHTS], scales)];
}

/** Seven bits: see `product` in onnx/bert.ts. */
const WEIGHT_LEVELS = 63;

/** Symmetric, one scale per output, transposed: rows [out][in] → weights [in, out] in −63…63, scales [out]. */
export function quantizePerChannel(rows: Float32Array, inputs: number): { weights: Int8Array; scales: Float32Array } {
  const outputs = rows.length / inputs;
  const weights = new Int8Array(rows.length);
  const scales = new Float32Array(outputs);
  for (let o = 0; o < outputs; o += 1) {
    let largest = 0;
    for (let i = 0; i < inputs; i += 1) largest = Math.max(largest, Math.abs(rows[o * inputs + i]!));
    const scale = largest === 0 ? 1 : largest / WEIGHT_LEVELS;
    scales[o] = scale;
    for (let i = 0; i < inputs; i += 1) weights[i * outputs + o] = Math.round(rows[o * inputs + i]! / scale);
  }
  return { weights, scales };
}

/** rows [out][in] → columns [in, out]. */
function transpose(rows: Float32Array, inputs: number): Float32Array {
  const outputs = rows.length / inputs;
  const columns = new Float32Array(rows.length);
  for (let o = 0; o < outputs; o += 1)
    for (let i = 0; i < inputs; i += 1) columns[i * outputs + o] = rows[o * inputs + i]!;
  return columns;
}

/** The named tensors one after the other: q, k and v become one product. */
async function joined(
  file: E5File,
  names: readonly string[],
  count: number,
  change?: (name: string, values: Float32Array) => void,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (const name of names) {
    const part = await floats(file, name, count);
    change?.(name, part);
    parts.push(part);
  }
  const all = new Float32Array(names.length * count);
  for (const [i, part] of parts.entries()) all.set(part, i * count);
  return all;
}

async function convertLinear(
  { file, out, learnt }: Source,
  linear: { name: string; parts: readonly string[]; inputs: number; outputs: number; precision: LinearPrecision },
): Promise<Initializer[]> {
  const { name, inputs, outputs } = linear;
  const bias = await joined(
    file,
    linear.parts.map((part) => `${part}.b`),
    outputs,
  );
  const rows = await joined(
    file,
    linear.parts.map((part) => `${part}.w`),
    inputs * outputs,
    (part, values) => learnt?.addTo(part.slice(0, -2), values),
  );
  const shape = [inputs, bias.length];
  const biases = await appendFloats(out, `${name}.b`, [bias.length], bias);
  if (linear.precision === "float32")
    return [biases, await appendFloats(out, `${name}.w`, shape, transpose(rows, inputs))];
  const { weights, scales } = quantizePerChannel(rows, inputs);
  return [
    biases,
    await out.append({ name: `${name}.w`, type: "int8", shape, bytes: weights.byteLength }, [raw(weights)]),
    await appendFloats(out, `${name}.scale`, [bias.length], scales),
  ];
}

async function convertNorm({ file, out }: Source, name: string): Promise<Initializer[]> {
  const { hidden } = file.shape;
  return [
    await appendFloats(out, `${name}.w`, [hidden], await floats(file, `${name}.w`, hidden)),
    await appendFloats(out, `${name}.b`, [hidden], await floats(file, `${name}.b`, hidden)),
  ];
}

async function convertPositions({ file, out }: Source): Promise<Initializer> {
  const { hidden, maxPositions, tokenTypes } = file.shape;
  const positions = await floats(file, "emb.pos", maxPositions * hidden);
  const tokenType = await floats(file, "emb.type", tokenTypes * hidden);
  return appendFloats(
    out,
    "emb.pos",
    [maxPositions, hidden],
    positions.map((value, i) => value + tokenType[i % hidden]!),
  );
}

async function convertLayer(source: Source, n: number, precision: LinearPrecision): Promise<Initializer[]> {
  const { hidden, intermediate } = source.file.shape;
  const at = (name: string): string => `l${n}.${name}`;
  const square = { inputs: hidden, outputs: hidden, precision };
  return [
    ...(await convertLinear(source, {
      name: at("qkv"),
      parts: [at("q"), at("k"), at("v")],
      ...square,
    })),
    ...(await convertLinear(source, { name: at("ao"), parts: [at("ao")], ...square })),
    ...(await convertNorm(source, at("aln"))),
    ...(await convertLinear(source, {
      name: at("fi"),
      parts: [at("fi")],
      inputs: hidden,
      outputs: intermediate,
      precision,
    })),
    ...(await convertLinear(source, {
      name: at("fo"),
      parts: [at("fo")],
      inputs: intermediate,
      outputs: hidden,
      precision,
    })),
    ...(await convertNorm(source, at("oln"))),
  ];
}

async function convertHead({ file, out, learnt }: Source): Promise<Initializer[]> {
  if (learnt === undefined) return [];
  const { weight, bias } = learnt.head;
  const { hidden } = file.shape;
  return [
    await appendFloats(out, "head.w", [hidden, bias.length], transpose(weight, hidden)),
    await appendFloats(out, "head.b", [bias.length], bias),
  ];
}

/**
 * Writes model.onnx, model.onnx.data and tokenizer.json into `folder`, which must exist and be the caller's to throw away on error.
 * Throws model_invalid, aborted. Memory stays under about 100 MB; a few seconds.
 */
export async function convertE5Small(request: {
  readonly from: string;
  readonly folder: string;
  readonly precision?: LinearPrecision | undefined;
  /** Merged in; the output is then the head's logits per token. */
  readonly learnt?: LearntParts | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}): Promise<void> {
  const precision = request.precision ?? "int8";
  const input = await open(request.from);
  const output = await open(join(request.folder, "model.onnx.data"), "wx");
  try {
    const file = await openE5File(input);
    const source = { file, out: new WeightFile(output, "model.onnx.data"), learnt: request.learnt };
    const total = file.shape.layers + 1;
    const initializers: Initializer[] = [];
    initializers.push(
      ...(await convertWordTable(source)),
      await convertPositions(source),
      ...(await convertNorm(source, "emb.ln")),
    );
    request.onProgress?.(1, total);
    for (let n = 0; n < file.shape.layers; n += 1) {
      throwIfAborted(request.signal);
      initializers.push(...(await convertLayer(source, n, precision)));
      request.onProgress?.(n + 2, total);
    }
    initializers.push(...(await convertHead(source)));
    await writeFile(
      join(request.folder, "model.onnx"),
      encodeOnnxModel(bertModel(file.shape, initializers, precision, request.learnt?.head.bias.length)),
    );
    await writeFile(join(request.folder, "tokenizer.json"), JSON.stringify(unigramTokenizerJson(file.vocabulary)));
    await output.sync();
  } finally {
    await input.close();
    await output.close();
  }
}
