import { expect, test } from "vitest";
import { bestSpan, LONGEST_SPAN_TOKENS } from "./span-scores.ts";

/** [tokens][2] from starts and ends. */
const logits = (starts: number[], ends: number[]): Float32Array =>
  Float32Array.from(starts.flatMap((start, i) => [start, ends[i]!]));

test("finds the best start and end, and how much better they are than no answer", () => {
  const found = bestSpan(logits([1, 0, 5, 0, 1], [2, 0, 1, 4, 3]), 2, [1, 2, 3, 4]);
  expect(found).toEqual({ tokens: [2, 3], score: 9 - 3 });
});

test("never ends before it begins and never points where it may not", () => {
  expect(bestSpan(logits([0, 0, 9], [0, 9, 1]), 2, [1, 2]).tokens).toEqual([2, 2]);
  expect(bestSpan(logits([0, 9, 1], [0, 9, 1]), 2, [2]).tokens).toEqual([2, 2]);
  expect(bestSpan(logits([0, 9], [0, 9]), 2, [])).toEqual({ tokens: null, score: -Infinity });
});

test("does not go on over the end of a paragraph", () => {
  const values = logits([0, 9, 0, 1], [0, 0, 1, 9]);
  expect(bestSpan(values, 2, [1, 2, 3]).tokens).toEqual([1, 3]);
  expect(bestSpan(values, 2, [1, 2, 3], new Set([3])).tokens).toEqual([1, 2]);
});

test("leaves out spans that are too long", () => {
  const length = LONGEST_SPAN_TOKENS + 2;
  const [starts, ends] = [new Array<number>(length).fill(0), new Array<number>(length).fill(0)];
  [starts[1], ends[length - 1], ends[length - 2]] = [5, 9, 3];
  const allowed = Array.from({ length: length - 1 }, (_, i) => i + 1);
  expect(bestSpan(logits(starts, ends), 2, allowed).tokens![1]).toBe(length - 1);
  expect(bestSpan(logits(starts, ends), 2, allowed).tokens![0]).toBeGreaterThan(1);
});

test("agrees with trying everything, whatever the other outputs say", () => {
  let state = 3;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 50; round += 1) {
    const tokens = 2 + Math.floor(next() * 60);
    const values = Float32Array.from({ length: tokens * 3 }, () => next() * 4 - 2);
    const allowed = Array.from({ length: tokens - 1 }, (_, i) => i + 1).filter(() => next() > 0.2);
    let best = -Infinity;
    for (const first of allowed)
      for (const last of allowed)
        if (last >= first && last - first < LONGEST_SPAN_TOKENS)
          best = Math.max(best, values[first * 3]! + values[last * 3 + 1]!);
    const found = bestSpan(values, 3, allowed);
    expect(found.score).toBeCloseTo(best - (values[0]! + values[1]!), 5);
  }
});
