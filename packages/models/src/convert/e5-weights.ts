/**
 * The weights of a packed E5 file as plain numbers: what training starts from. Serving never needs them (e5-small.ts streams them into
 * ONNX); a trainer holds them once. Names and layout are the file's: `emb.word` [vocabulary][hidden] · `emb.pos` · `emb.type`
 * · `emb.ln.{w,b}` · `lN.{q,k,v,ao,fi,fo}.{w,b}` with w [out][in] · `lN.{aln,oln}.{w,b}`.
 */
import { open } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import { openE5File, Q4_BLOCK_BYTES, Q4_BLOCK_WEIGHTS, unpackQ4, type E5File, type E5Shape } from "./e5-file.ts";

export interface E5Weights {
  readonly shape: E5Shape;
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** A whole tensor, or the part of it between two weights (multiples of 32 where it is in 4-bit blocks). Throws model_invalid. */
export async function readE5Tensor(
  file: E5File,
  name: string,
  range: { readonly start?: number; readonly count?: number } = {},
): Promise<Float32Array> {
  const tensor = file.tensors.get(name);
  const start = range.start ?? 0;
  const count = range.count ?? (tensor?.count ?? 0) - start;
  if (tensor === undefined || start < 0 || start + count > tensor.count)
    throw new AppError("model_invalid", `The packed E5 file has no tensor ${name} of ${start + count} weights.`);
  if (tensor.type === "f32") {
    const bytes = await file.read(tensor, 4 * start, 4 * count);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }
  const blocks = (weights: number): number => (weights / Q4_BLOCK_WEIGHTS) * Q4_BLOCK_BYTES;
  const { nibbles, scales } = unpackQ4(await file.read(tensor, blocks(start), blocks(count)));
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 1) values[i] = nibbles[i]! * scales[i >> 5]!;
  return values;
}

async function withE5File<Value>(path: string, work: (file: E5File) => Promise<Value>): Promise<Value> {
  const handle = await open(path);
  try {
    return await work(await openE5File(handle));
  } finally {
    await handle.close();
  }
}

/**
 * Every tensor of the file as float32, but those in `without` (the word table alone is 384 MB of the real model's 470).
 * Throws model_invalid.
 */
export async function readE5Weights(
  path: string,
  options: { readonly without?: readonly string[] } = {},
): Promise<E5Weights> {
  return withE5File(path, async (file) => {
    const tensors = new Map<string, Float32Array>();
    for (const name of file.tensors.keys())
      if (options.without?.includes(name) !== true) tensors.set(name, await readE5Tensor(file, name));
    return { shape: file.shape, tensors };
  });
}

/** Rows of the word table for these token ids, one after the other: [ids.length][hidden]. Throws model_invalid. */
export async function readE5WordRows(path: string, ids: readonly number[]): Promise<Float32Array> {
  return withE5File(path, async (file) => {
    const { hidden } = file.shape;
    const rows = new Float32Array(ids.length * hidden);
    for (const [i, id] of ids.entries())
      rows.set(await readE5Tensor(file, "emb.word", { start: id * hidden, count: hidden }), i * hidden);
    return rows;
  });
}
