import { expect, test } from "vitest";
import { pairedBootstrap } from "./bootstrap.ts";

test("the interval of equal differences is that difference", () => {
  const { mean, interval } = pairedBootstrap([0.25, 0.25, 0.25, 0.25]);
  expect(mean).toBe(0.25);
  expect(interval).toEqual([0.25, 0.25]);
});

test("the interval is that of the binomial law for differences of 0 and 1", () => {
  // 50 of 100: the mean of a resample has standard deviation 0.05, so 95 % of them lie within 0.5 ± 1.96 · 0.05.
  const differences = Array.from({ length: 100 }, (_, at) => at % 2);
  const { mean, interval } = pairedBootstrap(differences, { seed: 3, resamples: 10_000 });
  expect(mean).toBe(0.5);
  expect(interval[0]).toBeCloseTo(0.402, 1);
  expect(Math.abs(interval[0] - 0.402)).toBeLessThan(0.012);
  expect(Math.abs(interval[1] - 0.598)).toBeLessThan(0.012);
});

test("about 95 % of the intervals of samples hold the true mean", () => {
  // Uniform differences in (−0.5, 0.5) around 0, by a fixed low-discrepancy walk.
  let held = 0;
  for (let sample = 0; sample < 200; sample++) {
    const differences = Array.from({ length: 40 }, (_, at) => fraction(Math.sin(sample * 40 + at) * 43_758.5453) - 0.5);
    const [low, high] = pairedBootstrap(differences, { seed: sample, resamples: 400 }).interval;
    if (low <= 0 && 0 <= high) held++;
  }
  expect(held / 200).toBeGreaterThan(0.9);
  expect(held / 200).toBeLessThan(0.99);
});

test("one seed gives one interval, nothing measured gives none", () => {
  const differences = [0.1, -0.4, 0.3, 0.8, -0.2];
  expect(pairedBootstrap(differences, { seed: 5 })).toEqual(pairedBootstrap(differences, { seed: 5 }));
  expect(pairedBootstrap(differences, { seed: 5 })).not.toEqual(pairedBootstrap(differences, { seed: 6 }));
  expect(pairedBootstrap([])).toEqual({ mean: 0, interval: [0, 0] });
});

const fraction = (value: number): number => value - Math.floor(value);
