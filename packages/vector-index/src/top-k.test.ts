import fc from "fast-check";
import { expect, test } from "vitest";
import { dot } from "./dot.ts";
import { TopK } from "./top-k.ts";

test("keeps the k best of any stream, as sorting would, ties by the smaller seq", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 0, max: 12 }), (scores, k) => {
      const best = new TopK(k);
      scores.forEach((score, seq) => best.offer(seq, score));
      const sorted = scores.map((score, seq) => ({ seq, score })).sort((a, b) => b.score - a.score || a.seq - b.seq);
      expect(best.sorted()).toEqual(sorted.slice(0, k));
    }),
  );
});

test("the dot product is the sum of products, whatever the length and the offsets", () => {
  const number = fc.float({ noNaN: true, min: -4, max: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 40 }), fc.nat(3), (pairs, offset) => {
      const a = Float32Array.from([...Array<number>(offset).fill(9), ...pairs.map(([x]) => x)]);
      const b = Float32Array.from(pairs.map(([, y]) => y));
      const expected = pairs.reduce((sum, [x, y]) => sum + x * y, 0);
      expect(dot(a, offset, b, 0, pairs.length)).toBeCloseTo(expected, 6);
    }),
  );
});
