/**
 * Reads a packed E5 file (magic `E5S1`, little-endian): a multilingual-e5 encoder with 4-bit weights and its Unigram
 * vocabulary in one file. Only the head (vocabulary and directory) is held in memory; tensors are read by range.
 * Layout: header · vocabulary · normalisation map · directory · tensors. Q4_0 is GGML's block of 32 weights: one f16 scale,
 * then 16 bytes whose low nibbles are weights 0–15 and high nibbles 16–31; weight = (nibble − 8) × scale.
 */
import type { FileHandle } from "node:fs/promises";
import { AppError, halfToNumber } from "@lorekeep/core";

export interface E5Shape {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly maxPositions: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
}
export interface E5Vocabulary {
  readonly pieces: readonly string[];
  readonly scores: Float32Array;
  readonly ids: { readonly bos: number; readonly eos: number; readonly pad: number; readonly unk: number };
}
export interface E5Tensor {
  readonly name: string;
  readonly type: "f32" | "q4_0";
  readonly count: number;
  readonly offset: number;
  readonly bytes: number;
}
export interface E5File {
  readonly shape: E5Shape;
  readonly vocabulary: E5Vocabulary;
  readonly tensors: ReadonlyMap<string, E5Tensor>;
  /** Bytes of a part of a tensor. */
  read(tensor: E5Tensor, start: number, bytes: number): Promise<Buffer>;
}

export const Q4_BLOCK_WEIGHTS = 32;
export const Q4_BLOCK_BYTES = 18;
const MAX_HEAD_BYTES = 64_000_000;

class Cursor {
  readonly #bytes: Buffer;
  offset = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  take(length: number): Buffer {
    if (length < 0 || this.offset + length > this.#bytes.length) throw invalid("it ends too early");
    this.offset += length;
    return this.#bytes.subarray(this.offset - length, this.offset);
  }
  i32 = (): number => this.take(4).readInt32LE();
  u32 = (): number => this.take(4).readUInt32LE();
  u16 = (): number => this.take(2).readUInt16LE();
  f32 = (): number => this.take(4).readFloatLE();
  u64 = (): number => Number(this.take(8).readBigUInt64LE());
}

function invalid(why: string): AppError {
  return new AppError("model_invalid", `The packed E5 file cannot be read: ${why}.`);
}

function readShape(cursor: Cursor): E5Shape {
  if (cursor.take(4).toString("latin1") !== "E5S1") throw invalid("it does not begin with E5S1");
  const version = cursor.u32();
  if (version !== 1) throw invalid(`its version is ${version}, this reader knows 1`);
  const [hidden, layers, heads, intermediate] = [cursor.i32(), cursor.i32(), cursor.i32(), cursor.i32()];
  const [vocabulary, maxPositions, tokenTypes] = [cursor.i32(), cursor.i32(), cursor.i32()];
  const epsilon = cursor.f32();
  const block = cursor.i32();
  const positive = [hidden, layers, heads, intermediate, vocabulary, maxPositions, tokenTypes].every((n) => n > 0);
  if (!positive || block !== Q4_BLOCK_WEIGHTS || hidden % block !== 0 || intermediate % block !== 0)
    throw invalid("its shape is not one of an encoder with blocks of 32");
  return { hidden, layers, heads, intermediate, vocabulary, maxPositions, tokenTypes, epsilon };
}

function readVocabulary(cursor: Cursor): E5Vocabulary {
  const count = cursor.i32();
  const ids = { bos: cursor.i32(), eos: cursor.i32(), pad: cursor.i32(), unk: cursor.i32() };
  const blobBytes = cursor.u64();
  const offsets = cursor.take(4 * (count + 1));
  const scoreBytes = cursor.take(4 * count);
  const blob = cursor.take(blobBytes);
  const pieces = Array.from({ length: count }, (_, i) =>
    blob.toString("utf8", offsets.readUInt32LE(4 * i), offsets.readUInt32LE(4 * i + 4)),
  );
  const scores = Float32Array.from({ length: count }, (_, i) => scoreBytes.readFloatLE(4 * i));
  cursor.i32();
  cursor.take(cursor.u32()); // The map equals NFKC, which the tokenizer applies itself.
  return { pieces, scores, ids };
}

function readDirectory(cursor: Cursor, fileBytes: number): Map<string, E5Tensor> {
  const tensors = new Map<string, E5Tensor>();
  const count = cursor.i32();
  for (let i = 0; i < count; i += 1) {
    const name = cursor.take(cursor.u16()).toString("utf8");
    const type = cursor.take(1)[0] === 0 ? "f32" : "q4_0";
    const tensor = { name, type, count: cursor.u32(), offset: cursor.u64(), bytes: cursor.u64() } as const;
    const wanted = type === "f32" ? tensor.count * 4 : (tensor.count / Q4_BLOCK_WEIGHTS) * Q4_BLOCK_BYTES;
    if (tensor.bytes !== wanted || tensor.offset + tensor.bytes > fileBytes) throw invalid(`${name} does not fit`);
    tensors.set(name, tensor);
  }
  return tensors;
}

/** Throws model_invalid for anything that is not such a file. The handle stays the caller's to close. */
export async function openE5File(handle: FileHandle): Promise<E5File> {
  const fileBytes = (await handle.stat()).size;
  const read = async (start: number, bytes: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, start);
    if (bytesRead !== bytes) throw invalid("it ends too early");
    return buffer;
  };
  const cursor = new Cursor(await read(0, Math.min(fileBytes, MAX_HEAD_BYTES)));
  const shape = readShape(cursor);
  const vocabulary = readVocabulary(cursor);
  const tensors = readDirectory(cursor, fileBytes);
  return { shape, vocabulary, tensors, read: (tensor, start, bytes) => read(tensor.offset + start, bytes) };
}

/** Signed nibbles [count] in −8…7 and scales [count / 32] of Q4_0 blocks. */
export function unpackQ4(blocks: Buffer): { nibbles: Int8Array; scales: Float32Array } {
  const blockCount = blocks.length / Q4_BLOCK_BYTES;
  const nibbles = new Int8Array(blockCount * Q4_BLOCK_WEIGHTS);
  const scales = new Float32Array(blockCount);
  for (let block = 0; block < blockCount; block += 1) {
    const from = block * Q4_BLOCK_BYTES;
    const to = block * Q4_BLOCK_WEIGHTS;
    scales[block] = halfToNumber(blocks.readUInt16LE(from));
    for (let i = 0; i < 16; i += 1) {
      const byte = blocks[from + 2 + i]!;
      nibbles[to + i] = (byte & 15) - 8;
      nibbles[to + 16 + i] = (byte >> 4) - 8;
    }
  }
  return { nibbles, scales };
}
