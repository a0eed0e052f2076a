/**
 * The safetensors format: u64 length of a JSON head, the head (name → dtype, shape, byte range), the bytes. Reading
 * accepts F32, F16 and BF16 and gives float32. Source: github.com/huggingface/safetensors, README "Format".
 */
import { dequantize } from "../gguf/dequantize.ts";
import { tensorTypeNamed } from "../gguf/tensor-types.ts";
import { adapterError } from "./adapter.ts";

const MAX_HEAD_BYTES = 16 << 20;

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** F32; tensors in the order given, the head padded to 8 bytes. */
export function encodeSafetensors(tensors: ReadonlyMap<string, NamedTensor>): Buffer {
  const head: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const [name, { shape, data }] of tensors) {
    head[name] = { dtype: "F32", shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const json = JSON.stringify(head);
  const text = Buffer.from(json.padEnd(json.length + ((8 - (Buffer.byteLength(json) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const bodies = [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([length, text, ...bodies]);
}

/** Throws model_invalid for anything that is not whole and well-formed. */
export function decodeSafetensors(bytes: Buffer): Map<string, NamedTensor> {
  const length = bytes.length >= 8 ? bytes.readBigUInt64LE(0) : -1n;
  if (length < 2n || length > BigInt(Math.min(MAX_HEAD_BYTES, bytes.length - 8)))
    throw adapterError("its safetensors file is cut short or damaged");
  const bodyStart = 8 + Number(length);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, entry] of Object.entries(parseHead(bytes.toString("utf8", 8, bodyStart)))) {
    if (name !== "__metadata__") tensors.set(name, decodeTensor(name, entry, bytes.subarray(bodyStart)));
  }
  return tensors;
}

function parseHead(text: string): Record<string, unknown> {
  try {
    const head: unknown = JSON.parse(text);
    if (typeof head === "object" && head !== null) return head as Record<string, unknown>;
  } catch {
    // said below
  }
  throw adapterError("the head of its safetensors file is no JSON object");
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function decodeTensor(name: string, entry: unknown, body: Buffer): NamedTensor {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  if (!Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(range) || !range.every(isCount))
    throw adapterError(`the safetensors entry ${name} is malformed`);
  if (dtype !== "F32" && dtype !== "F16" && dtype !== "BF16")
    throw adapterError(`${name} is stored as ${String(dtype)}; F32, F16 and BF16 can be read`);
  const [start, end] = range;
  const count = shape.reduce((product, size) => product * size, 1);
  if (
    start === undefined ||
    end === undefined ||
    end > body.length ||
    end - start !== count * (dtype === "F32" ? 4 : 2)
  )
    throw adapterError(`the safetensors entry ${name} does not fit its bytes`);
  const data = new Float32Array(count);
  dequantize(tensorTypeNamed(dtype), body.subarray(start, end), data);
  return { shape, data };
}
