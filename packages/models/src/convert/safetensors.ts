/**
 * Small safetensors files: tensors by name and a table of strings, no code in them. A little-endian u64 header length, a JSON header, the
 * data. Reads F32 and F16, writes F16. Format: https://github.com/huggingface/safetensors#format.
 */
import { AppError, halfToNumber, numberToHalf } from "@lorekeep/core";

export interface SafeTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export interface SafeTensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

const MAX_HEADER_BYTES = 1 << 20;
const BYTES_OF: Readonly<Record<string, number>> = { F16: 2, F32: 4 };
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function invalid(why: string): AppError {
  return new AppError("model_invalid", `The safetensors file cannot be read: ${why}.`);
}

function readTensor(name: string, entry: unknown, data: Buffer): SafeTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const width = typeof dtype === "string" ? BYTES_OF[dtype] : undefined;
  if (width === undefined) throw invalid(`${name} is neither F16 nor F32`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw invalid(`${name} has no shape`);
  if (!Array.isArray(offsets) || !offsets.every(isCount)) throw invalid(`${name} has no place`);
  const count = shape.reduce((product, size) => product * size, 1);
  const [start = 0, end = 0] = offsets;
  if (end - start !== count * width || end > data.length) throw invalid(`${name} does not fit`);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 1)
    values[i] = width === 2 ? halfToNumber(data.readUInt16LE(start + 2 * i)) : data.readFloatLE(start + 4 * i);
  return { shape, values };
}

/** Throws model_invalid for anything that is not such a file. */
export function parseSafetensors(bytes: Buffer): SafeTensors {
  const length = bytes.length < 8 ? Infinity : Number(bytes.readBigUInt64LE(0));
  if (length > MAX_HEADER_BYTES || 8 + length > bytes.length) throw invalid("its header does not fit");
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  } catch (error) {
    throw new AppError("model_invalid", "The header of the safetensors file is no JSON.", {}, { cause: error });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) throw invalid("its header is no table");
  const { __metadata__: notes, ...entries } = header as Readonly<Record<string, unknown>>;
  const strings = Object.entries(notes ?? {}).filter((note): note is [string, string] => typeof note[1] === "string");
  const data = bytes.subarray(8 + length);
  const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, readTensor(name, entry, data)]));
  return { metadata: Object.fromEntries(strings), tensors };
}

/** As F16, in the order given; the same bytes for the same content. */
export function encodeSafetensors(content: SafeTensors): Buffer {
  const header: Record<string, unknown> = { __metadata__: content.metadata };
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of content.tensors) {
    const part = Buffer.from(Uint16Array.from(values, numberToHalf).buffer);
    header[name] = { dtype: "F16", shape, data_offsets: [offset, offset + part.length] };
    parts.push(part);
    offset += part.length;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(
    text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 + text.length - Buffer.byteLength(text)),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...parts]);
}
