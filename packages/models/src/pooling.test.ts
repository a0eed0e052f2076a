import { expect, test } from "vitest";
import { poolVectors } from "./pooling.ts";

// Two texts, three tokens, two dimensions; the second text has one token, the rest is padding.
const HIDDEN = Float32Array.from([3, 0, 0, 4, 3, 4, 0, 5, 100, 100, 100, 100]);
const SHAPE = { lengths: [3, 1], tokens: 3, dimensions: 2 };
const rounded = (vectors: Float32Array[]): number[][] =>
  vectors.map((v) => [...v].map((x) => Math.round(x * 1e4) / 1e4));

test("averages a text's own tokens, leaves padding out, and scales to length 1", () => {
  expect(rounded(poolVectors(HIDDEN, SHAPE, "mean"))).toEqual([
    [0.6, 0.8],
    [0, 1],
  ]);
});

test("takes the first or the last token", () => {
  expect(rounded(poolVectors(HIDDEN, SHAPE, "first"))).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(rounded(poolVectors(HIDDEN, SHAPE, "last"))).toEqual([
    [0.6, 0.8],
    [0, 1],
  ]);
});

test("gives zeros, not NaN, for a text of no tokens", () => {
  const shape = { lengths: [0], tokens: 1, dimensions: 2 };
  expect(rounded(poolVectors(Float32Array.of(7, 7), shape, "mean"))).toEqual([[0, 0]]);
});

test("refuses an output of another shape", () => {
  expect(() => poolVectors(HIDDEN, { ...SHAPE, dimensions: 3 }, "mean")).toThrow(
    expect.objectContaining({ code: "shape_mismatch" }),
  );
});
