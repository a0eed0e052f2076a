import { expect, test } from "vitest";
import type { Adapter } from "@lorekeep/tune";
import { averageAdapters } from "./average-adapters.ts";

const adapter = (fill: number, changes: Partial<Adapter> = {}): Adapter => ({
  rank: 2,
  alpha: 4,
  tensors: ["blk.0.attn_q.weight", "blk.1.attn_q.weight"].map((name, at) => ({
    name,
    a: new Float32Array(6).fill(fill + at),
    b: new Float32Array(8).fill(2 * fill),
  })),
  ...changes,
});

test("every factor becomes the mean, whatever order the weights come in", () => {
  const other = adapter(3);
  const mean = averageAdapters([adapter(1), { ...other, tensors: other.tensors.toReversed() }]);
  expect(mean).toEqual(adapter(2));
});

test("adapters of other ranks, scales or weights are not averaged", () => {
  for (const other of [adapter(1, { rank: 1 }), adapter(1, { alpha: 8 }), adapter(1, { tensors: [] })])
    expect(() => averageAdapters([adapter(1), other])).toThrow("not alike");
});
