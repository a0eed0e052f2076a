import fc from "fast-check";
import { expect, test } from "vitest";
import { fuseRankings } from "./fuse.ts";

const hits = (...pairs: (readonly [seq: number, score: number])[]) => pairs.map(([seq, score]) => ({ seq, score }));

test("adds weighted scores, each arm scaled to its own range: by hand", () => {
  const fused = fuseRankings([
    { hits: hits([1, 12], [2, 7], [3, 2]), weight: 0.6 },
    { hits: hits([2, 0.9], [3, 0.8]), weight: 0.4 },
  ]);
  expect([...fused.keys()]).toEqual([2, 1, 3]);
  expect(fused.get(1)).toBeCloseTo(0.6, 12);
  expect(fused.get(2)).toBeCloseTo(0.6 * 0.55 + 0.4, 12);
  expect(fused.get(3)).toBeCloseTo(0.6 * 0.1 + 0.4 * 0.1, 12);
});

test("how far ahead the first hit is decides, not only that it is first", () => {
  const lexical = (second: number) => ({ hits: hits([1, 20], [2, second], [3, 1]), weight: 0.5 });
  const dense = { hits: hits([2, 0.9], [1, 0.85], [3, 0.7]), weight: 0.5 };
  expect([...fuseRankings([lexical(5), dense]).keys()][0]).toBe(1);
  expect([...fuseRankings([lexical(19), dense]).keys()][0]).toBe(2);
});

test("first in every ranking scores 1, also when it is the only hit", () => {
  const only = { hits: hits([7, 3]), weight: 0.3 };
  expect(fuseRankings([only, { hits: hits([7, 0.8]), weight: 0.9 }]).get(7)).toBeCloseTo(1, 12);
  expect(fuseRankings([only, { hits: [], weight: 0.9 }]).get(7)).toBeCloseTo(1, 12);
});

test("a weight of 0 silences an arm's order but keeps its finds at the end", () => {
  const fused = fuseRankings([
    { hits: hits([3, 5], [1, 4]), weight: 1 },
    { hits: hits([9, 1], [1, 0.9], [3, 0.8]), weight: 0 },
  ]);
  expect([...fused.keys()]).toEqual([3, 1, 9]);
});

test("never scores outside [0,1] and lists every hit once, whatever the scores are", () => {
  const score = fc.double({ min: -50, max: 50, noNaN: true });
  const ranking = fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }),
      fc.array(score, { minLength: 20, maxLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([seqs, scores, weight]) => {
      const falling = scores.toSorted((left, right) => right - left);
      return { hits: seqs.map((seq, at) => ({ seq, score: falling[at]! })), weight };
    });
  fc.assert(
    fc.property(fc.array(ranking, { minLength: 1, maxLength: 4 }), (rankings) => {
      const fused = fuseRankings(rankings);
      expect(new Set(fused.keys())).toEqual(new Set(rankings.flatMap((one) => one.hits.map(({ seq }) => seq))));
      for (const value of fused.values()) expect(value >= 0 && value <= 1 + 1e-9).toBe(true);
    }),
  );
});
