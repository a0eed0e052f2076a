import { describe, expect, test } from "vitest";
import { batchesOfEpoch, cutBatches, planSteps } from "./batches.ts";
import { seededRandom } from "./random.ts";
import type { Recipe } from "./recipe.ts";

const random = seededRandom(9);
const LENGTHS = Array.from({ length: 300 }, () => 10 + Math.floor(random() ** 3 * 400));
const BATCH_TOKENS = 1024;
const RECIPE: Recipe = {
  learningRate: 0.1,
  warmupSteps: 0,
  epochs: 3,
  batchTokens: BATCH_TOKENS,
  weightDecay: 0,
  clipNorm: 0,
  seed: 4,
  schedule: "constant",
  validateEverySteps: 0,
  patience: 0,
};
const padded = (batch: readonly number[]): number => batch.length * Math.max(...batch.map((i) => LENGTHS[i]!));

describe("batchesOfEpoch", () => {
  const batches = batchesOfEpoch(LENGTHS, BATCH_TOKENS, { seed: 1, epoch: 0 });

  test("takes every example once", () => {
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...LENGTHS.keys()]);
  });

  test("keeps every batch within the budget, padding included", () => {
    for (const batch of batches) expect(padded(batch)).toBeLessThanOrEqual(BATCH_TOKENS);
  });

  test("spends less than a tenth on padding", () => {
    const tokens = LENGTHS.reduce((sum, length) => sum + length, 0);
    const all = batches.reduce((sum, batch) => sum + padded(batch), 0);
    expect(1 - tokens / all).toBeLessThan(0.1);
  });

  test("follows from seed and epoch alone, and each of them changes it", () => {
    expect(batchesOfEpoch(LENGTHS, BATCH_TOKENS, { seed: 1, epoch: 0 })).toEqual(batches);
    expect(batchesOfEpoch(LENGTHS, BATCH_TOKENS, { seed: 1, epoch: 1 })).not.toEqual(batches);
    expect(batchesOfEpoch(LENGTHS, BATCH_TOKENS, { seed: 2, epoch: 0 })).not.toEqual(batches);
  });
});

describe("cutBatches", () => {
  test("a batch of several holds an even count where its last one fits the next batch", () => {
    const even = Array<number>(9).fill(30);
    expect(cutBatches([...even.keys()], even, 100).map(({ length }) => length)).toEqual([2, 2, 2, 3]);
    expect(cutBatches([...even.keys()], even, 160).map(({ length }) => length)).toEqual([4, 5]);
    expect(cutBatches([0, 1, 2, 3], [30, 30, 30, 60], 100)).toEqual([[0, 1, 2], [3]]);
    expect(cutBatches([0, 1, 2, 3, 4], [30, 30, 30, 50, 50], 100)).toEqual([[0, 1], [2, 3], [4]]);
  });

  test("in an epoch of many lengths, all but the last batch of several are even", () => {
    const several = batchesOfEpoch(LENGTHS, BATCH_TOKENS, { seed: 1, epoch: 0 }).filter(({ length }) => length > 1);
    const odd = several.filter(({ length }) => length % 2 === 1);
    expect(several.length).toBeGreaterThan(10);
    expect(odd.length).toBeLessThan(several.length / 10);
  });
});

test("an example longer than the budget stands alone", () => {
  expect(cutBatches([0, 1, 2], [5, 500, 5], 100)).toEqual([[0], [1], [2]]);
});

describe("planSteps", () => {
  test("groups as many batches as are accumulated, never across epochs", () => {
    const steps = planSteps(LENGTHS, { ...RECIPE, accumulate: 4 });
    for (const epoch of [0, 1, 2]) {
      const own = steps.filter((step) => step.epoch === epoch);
      expect(own.flatMap((step) => step.batches.flat()).sort((a, b) => a - b)).toEqual([...LENGTHS.keys()]);
      expect(own.slice(0, -1).every((step) => step.batches.length === 4)).toBe(true);
      expect(own.map((step) => step.isEpochEnd).indexOf(true)).toBe(own.length - 1);
    }
  });

  test("ends at maxSteps and counts the tokens of each step", () => {
    const steps = planSteps(LENGTHS, { ...RECIPE, maxSteps: 5 });
    expect(steps).toHaveLength(5);
    expect(steps[0]!.tokens).toBe(steps[0]!.batches.flat().reduce((sum, i) => sum + LENGTHS[i]!, 0));
  });
});
