import { expect, test } from "vitest";
import { learningRateAt } from "./schedule.ts";
import type { Recipe } from "./recipe.ts";

const RECIPE: Recipe = {
  learningRate: 0.1,
  warmupSteps: 4,
  epochs: 1,
  batchTokens: 1,
  weightDecay: 0,
  clipNorm: 0,
  seed: 0,
  schedule: "cosine",
  validateEverySteps: 0,
  patience: 0,
};
const rates = (steps: number, change: Partial<Recipe>): number[] =>
  Array.from({ length: steps }, (_, step) => learningRateAt(step, steps, { ...RECIPE, ...change }));

test("warms up in equal steps to the full rate", () => {
  expect(
    rates(10, {})
      .slice(0, 5)
      .map((rate) => rate.toFixed(4)),
  ).toEqual(["0.0250", "0.0500", "0.0750", "0.1000", "0.1000"]);
});

test("cosine is at half of the rate in the middle and falls towards the floor", () => {
  expect(learningRateAt(8, 12, RECIPE)).toBeCloseTo(0.05, 12);
  expect(learningRateAt(12, 12, RECIPE)).toBeCloseTo(0, 12);
  expect(learningRateAt(12, 12, { ...RECIPE, finalShare: 0.1 })).toBeCloseTo(0.01, 12);
});

test("linear falls by equal steps and constant stays", () => {
  expect(learningRateAt(6, 12, { ...RECIPE, schedule: "linear" })).toBeCloseTo(0.075, 12);
  expect(new Set(rates(12, { schedule: "constant" }).slice(4))).toEqual(new Set([0.1]));
});

test("without warm-up the first step has the full rate", () => {
  expect(rates(5, { warmupSteps: 0 })[0]).toBe(0.1);
});

test("after the warm-up no step has a higher rate than the one before", () => {
  for (const schedule of ["cosine", "linear"] as const) {
    const after = rates(40, { schedule }).slice(4);
    expect(after).toEqual([...after].sort((a, b) => b - a));
  }
});
