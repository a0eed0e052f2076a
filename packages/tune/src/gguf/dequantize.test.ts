import { describe, expect, test } from "vitest";
import { dequantize, halfTable } from "./dequantize.ts";
import { numberToHalf } from "@lorekeep/core";
import { GOLDEN_BLOCKS } from "./testing/golden-blocks.ts";
import { encodingOf, READABLE_TYPE_NAMES, tensorTypeNamed, type TensorTypeName } from "./tensor-types.ts";

const bits = (floats: Float32Array) => [...new Uint32Array(floats.buffer, floats.byteOffset, floats.length)];

describe("dequantize", () => {
  test.each(READABLE_TYPE_NAMES)("decodes %s bit for bit as the gguf package does", (name) => {
    const golden = GOLDEN_BLOCKS[name]!;
    const expected = new Float32Array(new Uint8Array(Buffer.from(golden.weights, "base64")).buffer);
    const out = new Float32Array(expected.length);
    dequantize(tensorTypeNamed(name as TensorTypeName), Buffer.from(golden.blocks, "base64"), out);
    expect(bits(out)).toEqual(bits(expected));
  });

  test("writes only its own part of a larger array", () => {
    const all = new Float32Array(12).fill(7);
    dequantize(0, new Uint8Array(8), all.subarray(4, 6));
    expect([...all]).toEqual([7, 7, 7, 7, 0, 0, 7, 7, 7, 7, 7, 7]);
  });

  test.each(READABLE_TYPE_NAMES)("refuses %s when bytes and weights disagree", (name) => {
    const type = tensorTypeNamed(name as TensorTypeName);
    const { blockBytes, blockWeights } = encodingOf(type);
    expect(() => dequantize(type, new Uint8Array(blockBytes + 1), new Float32Array(blockWeights))).toThrow(RangeError);
    expect(() => dequantize(type, new Uint8Array(blockBytes), new Float32Array(blockWeights + 1))).toThrow(RangeError);
  });
});

describe("numberToHalf", () => {
  test("is the inverse of the table for every number", () => {
    const wrong: number[] = [];
    for (const [pattern, value] of halfTable().entries())
      if (!Number.isNaN(value) && numberToHalf(value) !== pattern) wrong.push(pattern);
    expect(wrong).toEqual([]);
  });

  test("rounds to the nearest, ties to even", () => {
    const table = halfTable();
    expect(table[numberToHalf(1 + 1 / 2048)]).toBe(1); // halfway between 1 and 1 + 1/1024
    expect(table[numberToHalf(1 + 3 / 2048)]).toBe(1 + 2 / 1024);
    expect(table[numberToHalf(65_519)]).toBe(65_504);
    expect(table[numberToHalf(65_520)]).toBe(Infinity);
    expect(table[numberToHalf(2 ** -25)]).toBe(0);
    expect(table[numberToHalf(2 ** -25 * 1.01)]).toBe(2 ** -24);
    expect(table[numberToHalf(-(2 ** -14) * (1 - 1 / 4096))]).toBe(-(2 ** -14));
    expect(numberToHalf(NaN) & 0x7c00).toBe(0x7c00);
  });
});
