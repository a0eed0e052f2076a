/**
 * The head of a GGUF file (versions 2 and 3, little-endian): metadata and the table of tensors, parsed from bytes.
 * A hostile file can claim any count, so nothing is allocated by a claim: every read is checked against the bytes that
 * are there, and counts against the size of the file. Specification: ggml/docs/gguf.md.
 */
import { AppError } from "@lorekeep/core";
import { encodingOf, isReadableType } from "./tensor-types.ts";

export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

export interface GgufTensor {
  readonly name: string;
  /** Rows first: [out, in] for the weight of a linear layer. (GGUF writes the contiguous dimension first.) */
  readonly shape: readonly number[];
  /** ggml's number of the encoding; may be one that cannot be decoded. */
  readonly type: number;
  readonly weightCount: number;
  /** From the start of the file. */
  readonly offsetBytes: number;
  /** 0 when the encoding is unknown. */
  readonly sizeBytes: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** Thrown inside the parser when the bytes at hand end too early; the reader then brings more. */
export class NeedMoreBytes extends Error {}

const MAX_NAME_BYTES = 4096;
const MAX_ARRAY_DEPTH = 3;
const MAX_DIMENSIONS = 4;

/** Smallest encoding of a metadata value by its type number: what a claimed count must at least cost in bytes. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  8: 8,
  9: 12,
  10: 8,
  11: 8,
  12: 8,
};

export function invalidGguf(path: string, what: string): AppError {
  return new AppError("model_invalid", `${path} is not a usable GGUF file: ${what}.`, { path });
}

/** Reads little-endian values one after another and refuses to pass the end. */
class Cursor {
  readonly #view: DataView;
  readonly #text: Buffer;
  readonly #fileBytes: number;
  readonly #path: string;
  at = 0;

  constructor(bytes: Uint8Array, fileBytes: number, path: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileBytes = fileBytes;
    this.#path = path;
  }

  fail(what: string): never {
    throw invalidGguf(this.#path, what);
  }

  /** Position of the next `size` bytes, which are there. */
  take(size: number, what: string): number {
    if (size > this.#fileBytes - this.at)
      this.fail(`it ends inside ${what}; the file is cut short or damaged, fetch it again`);
    if (size > this.#view.byteLength - this.at) throw new NeedMoreBytes();
    const at = this.at;
    this.at += size;
    return at;
  }

  u32(what: string): number {
    return this.#view.getUint32(this.take(4, what), true);
  }

  /** A u64 that must be a usable number. */
  count(what: string): number {
    const at = this.take(8, what);
    const value = this.#view.getUint32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) this.fail(`${what} claims ${value}`);
    return value;
  }

  /** A count of things that take at least `leastBytes` each, so the file must be able to hold them. */
  countOf(what: string, leastBytes: number): number {
    const count = this.count(what);
    if (count * leastBytes > this.#fileBytes - this.at)
      this.fail(`${what} claims ${count} entries, more than the file can hold`);
    return count;
  }

  text(what: string, maxBytes = Number.MAX_SAFE_INTEGER): string {
    const length = this.count(what);
    if (length > maxBytes) this.fail(`${what} is ${length} bytes long`);
    const at = this.take(length, what);
    return this.#text.toString("utf8", at, at + length);
  }

  value(type: number, what: string, depth = 0): GgufValue {
    const size = VALUE_BYTES[type];
    if (size === undefined) this.fail(`${what} has the unknown value type ${type}`);
    if (type === 8) return this.text(what);
    if (type === 9) return this.array(what, depth);
    return this.scalar(type, this.take(size, what));
  }

  private scalar(type: number, at: number): GgufValue {
    const view = this.#view;
    if (type === 0) return view.getUint8(at);
    if (type === 1) return view.getInt8(at);
    if (type === 2) return view.getUint16(at, true);
    if (type === 3) return view.getInt16(at, true);
    if (type === 4) return view.getUint32(at, true);
    if (type === 5) return view.getInt32(at, true);
    if (type === 6) return view.getFloat32(at, true);
    if (type === 7) return view.getUint8(at) !== 0;
    if (type === 12) return view.getFloat64(at, true);
    const wide = type === 10 ? view.getBigUint64(at, true) : view.getBigInt64(at, true);
    const number = Number(wide);
    return Number.isSafeInteger(number) ? number : wide;
  }

  private array(what: string, depth: number): GgufValue[] {
    if (depth >= MAX_ARRAY_DEPTH) this.fail(`${what} nests arrays ${depth} deep`);
    const type = this.u32(what);
    const least = VALUE_BYTES[type];
    if (least === undefined) this.fail(`${what} is an array of the unknown type ${type}`);
    const count = this.countOf(what, least);
    const values: GgufValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.value(type, what, depth + 1));
    return values;
  }
}

function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = cursor.text("a metadata key", MAX_NAME_BYTES);
    const type = cursor.u32(`the type of ${key}`);
    if (metadata.has(key)) cursor.fail(`the key ${key} stands there twice`);
    metadata.set(key, cursor.value(type, key));
  }
  return metadata;
}

/** One row of the table; `offsetBytes` still counts from the start of the tensor data. */
function readTensorRow(cursor: Cursor): GgufTensor {
  const name = cursor.text("a tensor's name", MAX_NAME_BYTES);
  const dimensionCount = cursor.u32(`the dimensions of ${name}`);
  if (dimensionCount < 1 || dimensionCount > MAX_DIMENSIONS) cursor.fail(`${name} has ${dimensionCount} dimensions`);
  const dimensions: number[] = [];
  let weightCount = 1;
  for (let i = 0; i < dimensionCount; i++) {
    const dimension = cursor.count(`a dimension of ${name}`);
    weightCount *= dimension;
    if (dimension < 1 || !Number.isSafeInteger(weightCount)) cursor.fail(`${name} has the dimension ${dimension}`);
    dimensions.push(dimension);
  }
  const type = cursor.u32(`the type of ${name}`);
  const offsetBytes = cursor.count(`the place of ${name}`);
  let sizeBytes = 0;
  if (isReadableType(type)) {
    const { blockWeights, blockBytes } = encodingOf(type);
    if (dimensions[0]! % blockWeights !== 0)
      cursor.fail(`the rows of ${name} (${dimensions[0]!} weights) are no whole blocks of ${blockWeights}`);
    sizeBytes = (weightCount / blockWeights) * blockBytes;
  }
  return { name, shape: dimensions.reverse(), type, weightCount, offsetBytes, sizeBytes };
}

function alignmentOf(cursor: Cursor, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 1 || alignment > 1 << 20 || (alignment & (alignment - 1)) !== 0)
    cursor.fail(`its alignment is ${String(alignment)}`);
  return alignment;
}

/**
 * Parses the head from the first `bytes` of a file of `fileBytes`. Throws NeedMoreBytes when the head is longer than
 * `bytes`, AppError model_invalid when the file is cut short, damaged or contradicts itself.
 */
export function parseGgufHeader(bytes: Uint8Array, fileBytes: number, path: string): GgufHeader {
  const cursor = new Cursor(bytes, fileBytes, path);
  if (fileBytes < 24 || Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== "GGUF")
    cursor.fail("it does not begin with the letters GGUF");
  cursor.take(4, "the head");
  const version = cursor.u32("the head");
  if (version !== 2 && version !== 3)
    cursor.fail(`it is of version ${version}; versions 2 and 3 (little-endian) can be read`);
  const tensorCount = cursor.countOf("the table of tensors", 24);
  const metadataCount = cursor.countOf("the metadata", 13);
  const metadata = readMetadata(cursor, metadataCount);
  const rows: GgufTensor[] = [];
  for (let i = 0; i < tensorCount; i++) rows.push(readTensorRow(cursor));
  const alignment = alignmentOf(cursor, metadata);
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const row of rows) {
    const offsetBytes = dataStart + row.offsetBytes;
    if (row.offsetBytes % alignment !== 0) cursor.fail(`${row.name} does not stand on a multiple of ${alignment}`);
    if (offsetBytes + row.sizeBytes > fileBytes)
      cursor.fail(`it ends before ${row.name} does; the file is cut short, fetch it again`);
    if (tensors.has(row.name)) cursor.fail(`the tensor ${row.name} stands there twice`);
    tensors.set(row.name, { ...row, offsetBytes });
  }
  return { version, metadata, tensors };
}
