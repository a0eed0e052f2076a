import fc from "fast-check";
import { expect, test } from "vitest";
import { fuseRankings } from "./fuse.ts";

test("adds weighted reciprocal ranks: by hand", () => {
  const fused = fuseRankings(
    [
      { seqs: [1, 2], weight: 0.75 },
      { seqs: [2, 3], weight: 0.25 },
    ],
    20,
  );
  expect([...fused.keys()]).toEqual([2, 1, 3]);
  expect(fused.get(2)).toBeCloseTo(0.75 * (21 / 22) + 0.25, 12);
  expect(fused.get(1)).toBeCloseTo(0.75, 12);
  expect(fused.get(3)).toBeCloseTo(0.25 * (21 / 22), 12);
});

test("first in every ranking scores 1", () => {
  expect(
    fuseRankings([
      { seqs: [7], weight: 0.3 },
      { seqs: [7], weight: 0.9 },
    ]).get(7),
  ).toBeCloseTo(1, 12);
});

test("a weight of 0 silences an arm's order but keeps its finds at the end", () => {
  const fused = fuseRankings([
    { seqs: [3, 1], weight: 1 },
    { seqs: [9, 1, 3], weight: 0 },
  ]);
  expect([...fused.keys()]).toEqual([3, 1, 9]);
});

test("never scores outside [0,1] and lists every hit once", () => {
  const ranking = fc.record({
    seqs: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }),
    weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(ranking, { minLength: 1, maxLength: 4 }), (rankings) => {
      const fused = fuseRankings(rankings);
      const all = new Set(rankings.flatMap(({ seqs }) => seqs));
      expect(new Set(fused.keys())).toEqual(all);
      for (const score of fused.values()) expect(score >= 0 && score <= 1 + 1e-9).toBe(true);
    }),
  );
});
