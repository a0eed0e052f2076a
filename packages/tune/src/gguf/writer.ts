/**
 * Writes a GGUF file (version 3, little-endian): metadata, table of tensors, tensors on multiples of 32 bytes. Only what
 * adapters and tiny test models need: scalar and array metadata, tensors as F32 or F16. Source: ggml/docs/gguf.md.
 * Invariant: the bytes depend on nothing but the arguments, so the same adapter has the same hash.
 */
import { writeAtomically } from "../atomic-file.ts";
import { numberToHalf } from "@lorekeep/core";
import { tensorTypeNamed } from "./tensor-types.ts";

const ALIGNMENT_BYTES = 32;

/** Integers are written as u32; `float` and `floats` mark numbers that GGUF must hold as f32. */
export type GgufEntry =
  string | number | boolean | { readonly float: number } | readonly string[] | { readonly integers: readonly number[] };

export interface GgufTensorData {
  readonly name: string;
  /** Rows first. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly type: "F32" | "F16";
}

export interface GgufContent {
  readonly metadata: Readonly<Record<string, GgufEntry>>;
  readonly tensors: readonly GgufTensorData[];
}

/** Writes atomically (atomic-file.ts). Throws RangeError when data and shape disagree, disk_full. */
export async function writeGguf(path: string, content: GgufContent): Promise<void> {
  const head = encodeHead(content);
  await writeAtomically(path, async (file) => {
    await file.appendFile(head);
    for (const tensor of content.tensors) await file.appendFile(padded(encodeTensor(tensor)));
  });
}

function encodeTensor({ name, shape, data, type }: GgufTensorData): Buffer {
  if (shape.reduce((product, size) => product * size, 1) !== data.length)
    throw new RangeError(`${name} has ${data.length} weights, not ${shape.join("×")}.`);
  if (type === "F32") return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const bytes = Buffer.alloc(data.length * 2);
  for (let i = 0; i < data.length; i++) bytes.writeUInt16LE(numberToHalf(data[i]!), i * 2);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % ALIGNMENT_BYTES;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(ALIGNMENT_BYTES - rest)]);
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
};

/** Type number, then value. */
function encodeEntry(entry: GgufEntry): Buffer {
  if (typeof entry === "string") return Buffer.concat([u32(8), text(entry)]);
  if (typeof entry === "boolean") return Buffer.concat([u32(7), Buffer.from([entry ? 1 : 0])]);
  if (typeof entry === "number") return Buffer.concat([u32(4), u32(entry)]);
  if ("float" in entry) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(entry.float);
    return Buffer.concat([u32(6), bytes]);
  }
  if ("integers" in entry) {
    const bytes = Buffer.alloc(entry.integers.length * 4);
    for (const [i, value] of entry.integers.entries()) bytes.writeInt32LE(value, i * 4);
    return Buffer.concat([u32(9), u32(5), u64(entry.integers.length), bytes]);
  }
  return Buffer.concat([u32(9), u32(8), u64(entry.length), ...entry.map(text)]);
}

function encodeHead({ metadata, tensors }: GgufContent): Buffer {
  const entries = Object.entries(metadata);
  const parts: Buffer[] = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, entry] of entries) parts.push(text(key), encodeEntry(entry));
  let offset = 0;
  for (const { name, shape, data, type } of tensors) {
    parts.push(text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(tensorTypeNamed(type)), u64(offset));
    offset += Math.ceil((data.length * (type === "F32" ? 4 : 2)) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }
  return padded(Buffer.concat(parts));
}
