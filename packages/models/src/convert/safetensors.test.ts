import { halfToNumber, numberToHalf } from "@lorekeep/core";
import { expect, test } from "vitest";
import { encodeSafetensors, parseSafetensors } from "./safetensors.ts";

const CONTENT = {
  metadata: { rank: "2", note: "深度" },
  tensors: new Map([
    ["a", { shape: [2, 3], values: Float32Array.of(1, -2, 0.5, 0, 65504, 2 ** -24) }],
    ["b", { shape: [1], values: Float32Array.of(-0.333251953125) }],
  ]),
};

test("what is written is read again, and written alike", () => {
  const bytes = encodeSafetensors(CONTENT);
  const { metadata, tensors } = parseSafetensors(bytes);
  expect(metadata).toEqual(CONTENT.metadata);
  expect(tensors).toEqual(CONTENT.tensors);
  expect(encodeSafetensors(CONTENT).equals(bytes)).toBe(true);
  expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
});

test("every half is its own nearest half, and others go to the nearest with ties to even", () => {
  const halves = Array.from({ length: 0x10000 }, (_, half) => half).filter((half) => !Number.isNaN(halfToNumber(half)));
  expect(halves.filter((half) => numberToHalf(halfToNumber(half)) !== half)).toEqual([]);
  expect(numberToHalf(1 + 2 ** -11)).toBe(0x3c00);
  expect(numberToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
  expect(numberToHalf(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01);
  expect(numberToHalf(2 ** -26)).toBe(0);
  expect(numberToHalf(65520)).toBe(0x7c00);
  expect(Number.isNaN(halfToNumber(numberToHalf(NaN)))).toBe(true);
});

test("reads F32 tensors too", () => {
  const header = Buffer.from(JSON.stringify({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Buffer.from(Float32Array.of(1.5, -0.1).buffer);
  expect(parseSafetensors(Buffer.concat([length, header, data])).tensors.get("w")?.values).toEqual(
    Float32Array.of(1.5, -0.1),
  );
});

test("refuses what is cut off, mislabelled or no table, never reading past its end", () => {
  const bytes = encodeSafetensors(CONTENT);
  const refuses = (content: Buffer): void =>
    expect(() => parseSafetensors(content)).toThrow(expect.objectContaining({ code: "model_invalid" }));
  for (let length = 0; length < bytes.length; length += 1) refuses(bytes.subarray(0, length));
  const changed = (from: string, to: string): Buffer =>
    Buffer.from(bytes.toString("latin1").replace(from, to), "latin1");
  refuses(changed('"F16"', '"I64"'));
  refuses(changed("[2,3]", "[9,9]"));
  refuses(changed("[2,3]", "[-2]"));
  refuses(changed('{"__meta', '["__meta'));
});
