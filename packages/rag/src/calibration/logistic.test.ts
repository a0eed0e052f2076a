import { expect, test } from "vitest";
import { fitLogistic, predictLogistic } from "./logistic.ts";

/** Rows whose labels follow a known model, drawn on a grid: no randomness. */
function gridOf(bias: number, weights: readonly [number, number]) {
  const rows: number[][] = [];
  const labels: number[] = [];
  const rowWeights: number[] = [];
  for (let x = -3; x <= 3; x += 0.5)
    for (let y = -3; y <= 3; y += 0.5) {
      const probability = 1 / (1 + Math.exp(-(bias + weights[0] * x + weights[1] * y)));
      rows.push([x, y], [x, y]);
      labels.push(1, 0);
      rowWeights.push(probability, 1 - probability);
    }
  return { rows, labels, rowWeights };
}

test("finds the model that made the labels", () => {
  const { rows, labels, rowWeights } = gridOf(0.7, [1.5, -2]);
  const model = fitLogistic(rows, labels, { ridge: 1e-6, rowWeights });
  expect(model.bias).toBeCloseTo(0.7, 3);
  expect(model.weights[0]).toBeCloseTo(1.5, 3);
  expect(model.weights[1]).toBeCloseTo(-2, 3);
  expect(predictLogistic(model, [0, 0])).toBeCloseTo(1 / (1 + Math.exp(-0.7)), 4);
});

test("a sign that is held drops the weight that would break it", () => {
  const { rows, labels, rowWeights } = gridOf(0, [1, -1]);
  const model = fitLogistic(rows, labels, { rowWeights, signs: [1, 1] });
  expect(model.weights[0]).toBeGreaterThan(0);
  expect(model.weights[1]).toBe(0);
});

test("a feature that never changes gets no weight, and separable data no infinite one", () => {
  const model = fitLogistic(
    [
      [0, 5],
      [1, 5],
      [2, 5],
      [3, 5],
    ],
    [0, 0, 1, 1],
  );
  expect(model.weights[1]).toBeCloseTo(0, 9);
  expect(Number.isFinite(model.weights[0])).toBe(true);
});
