/**
 * Quantised blocks → float32. Every encoding is a loop over blocks: a half-precision scale (and minimum), then small
 * integers. All products are exact in float32, so the results are bit-equal to ggml's own reference.
 * Source: ggml-quants.c, dequantize_row_*; the tests hold blocks recorded from the gguf Python package.
 */
import { halfToNumber } from "@lorekeep/core";
import { encodingOf, type TensorType } from "./tensor-types.ts";

/** Whole blocks from `bytes` into `out`; the n-th block starts at out[n · blockWeights]. */
type BlockDecoder = (bytes: Uint8Array, out: Float32Array, blockCount: number) => void;

/**
 * Decodes `bytes` (a whole number of blocks) into `out`, which has exactly as many elements as the blocks hold weights.
 * Throws RangeError when the sizes do not agree: a mistake of the caller, since the reader checks files.
 */
export function dequantize(type: TensorType, bytes: Uint8Array, out: Float32Array): void {
  const { blockWeights, blockBytes, name } = encodingOf(type);
  const blockCount = out.length / blockWeights;
  if (!Number.isInteger(blockCount) || bytes.length !== blockCount * blockBytes)
    throw new RangeError(`${bytes.length} bytes of ${name} do not decode to ${out.length} weights.`);
  DECODERS[type](bytes, out, blockCount);
}

let halves: Float32Array | undefined;

/** Every float16 as float32, by its bit pattern. Built at first use (256 KiB). */
export function halfTable(): Float32Array {
  if (halves !== undefined) return halves;
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < table.length; bits++) table[bits] = halfToNumber(bits);
  halves = table;
  return table;
}

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at]!;
const signedAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 24) >> 24;
const halfAt = (bytes: Uint8Array, at: number): number => halfTable()[bytes[at]! | (bytes[at + 1]! << 8)]!;

function f32(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
}

function f16(bytes: Uint8Array, out: Float32Array): void {
  const table = halfTable();
  for (let i = 0, at = 0; i < out.length; i++, at += 2) out[i] = table[bytes[at]! | (bytes[at + 1]! << 8)]!;
}

function bf16(bytes: Uint8Array, out: Float32Array): void {
  const raw = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0, at = 0; i < raw.length; i += 4, at += 2) {
    raw[i] = 0;
    raw[i + 1] = 0;
    raw[i + 2] = bytes[at]!;
    raw[i + 3] = bytes[at + 1]!;
  }
}

/** d, 16 bytes: low nibbles are weights 0–15, high nibbles 16–31. */
function q40(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 18, to += 32) {
    const d = halfAt(bytes, at);
    for (let i = 0; i < 16; i++) {
      const pair = byteAt(bytes, at + 2 + i);
      out[to + i] = d * ((pair & 15) - 8);
      out[to + 16 + i] = d * ((pair >> 4) - 8);
    }
  }
}

/** d, minimum, 16 bytes of nibbles. */
function q41(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 20, to += 32) {
    const d = halfAt(bytes, at);
    const minimum = halfAt(bytes, at + 2);
    for (let i = 0; i < 16; i++) {
      const pair = byteAt(bytes, at + 4 + i);
      out[to + i] = d * (pair & 15) + minimum;
      out[to + 16 + i] = d * (pair >> 4) + minimum;
    }
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** d, 32 fifth bits, 16 bytes of nibbles. */
function q50(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 22, to += 32) {
    const d = halfAt(bytes, at);
    const fifth = wordAt(bytes, at + 2);
    for (let i = 0; i < 16; i++) {
      const pair = byteAt(bytes, at + 6 + i);
      out[to + i] = d * (((pair & 15) | (((fifth >>> i) & 1) << 4)) - 16);
      out[to + 16 + i] = d * (((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - 16);
    }
  }
}

/** d, minimum, 32 fifth bits, 16 bytes of nibbles. */
function q51(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 24, to += 32) {
    const d = halfAt(bytes, at);
    const minimum = halfAt(bytes, at + 2);
    const fifth = wordAt(bytes, at + 4);
    for (let i = 0; i < 16; i++) {
      const pair = byteAt(bytes, at + 8 + i);
      out[to + i] = d * ((pair & 15) | (((fifth >>> i) & 1) << 4)) + minimum;
      out[to + 16 + i] = d * ((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + minimum;
    }
  }
}

function q80(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 34, to += 32) {
    const d = halfAt(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = d * signedAt(bytes, at + 2 + i);
  }
}

/** Scale of group j (0–7) of a Q4_K or Q5_K block: 6 bits, spread over the 12 bytes at `at`. */
function groupScale(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return byteAt(bytes, at + j) & 63;
  return (byteAt(bytes, at + j + 4) & 15) | ((byteAt(bytes, at + j - 4) >> 6) << 4);
}

/** Minimum of group j, likewise. */
function groupMinimum(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return byteAt(bytes, at + j + 4) & 63;
  return (byteAt(bytes, at + j + 4) >> 4) | ((byteAt(bytes, at + j) >> 6) << 4);
}

/** d, dmin, 12 bytes of scales, 128 bytes of nibbles: 8 groups of 32; two groups share 32 bytes. */
function q4k(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 144, to += 256) {
    const d = halfAt(bytes, at);
    const dMinimum = halfAt(bytes, at + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * groupScale(bytes, at + 4, group);
      const minimum = dMinimum * groupMinimum(bytes, at + 4, group);
      const from = at + 16 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++)
        out[to + group * 32 + i] = scale * ((byteAt(bytes, from + i) >> shift) & 15) - minimum;
    }
  }
}

/** As Q4_K, with a fifth bit: bit `group` of the 32 bytes after the scales. */
function q5k(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 176, to += 256) {
    const d = halfAt(bytes, at);
    const dMinimum = halfAt(bytes, at + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * groupScale(bytes, at + 4, group);
      const minimum = dMinimum * groupMinimum(bytes, at + 4, group);
      const from = at + 48 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const fifth = (byteAt(bytes, at + 16 + i) >> group) & 1;
        out[to + group * 32 + i] = scale * (((byteAt(bytes, from + i) >> shift) & 15) | (fifth << 4)) - minimum;
      }
    }
  }
}

/** 128 bytes of low nibbles, 64 of high pairs, 16 signed scales, d: two halves of 128 weights. */
function q6k(bytes: Uint8Array, out: Float32Array, blockCount: number): void {
  for (let block = 0, at = 0, to = 0; block < blockCount; block++, at += 210, to += 256) {
    const d = halfAt(bytes, at + 208);
    for (let group = 0; group < 8; group++) {
      const half = group >> 2;
      const quarter = group & 3;
      const low = at + half * 64 + (quarter & 1) * 32;
      const high = at + 128 + half * 32;
      const shift = (quarter >> 1) * 4;
      for (let i = 0; i < 32; i++) {
        const scale = d * signedAt(bytes, at + 192 + group * 2 + (i >> 4));
        const bits = ((byteAt(bytes, low + i) >> shift) & 15) | (((byteAt(bytes, high + i) >> (quarter * 2)) & 3) << 4);
        out[to + group * 32 + i] = scale * (bits - 32);
      }
    }
  }
}

const DECODERS: Record<TensorType, BlockDecoder> = {
  0: f32,
  1: f16,
  2: q40,
  3: q41,
  6: q50,
  7: q51,
  8: q80,
  12: q4k,
  13: q5k,
  14: q6k,
  30: bf16,
};
