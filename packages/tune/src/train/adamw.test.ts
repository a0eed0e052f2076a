import { describe, expect, test } from "vitest";
import { clipGradient, gradientNorm, startAdam, updateAdamW } from "./adamw.ts";
import { gaussian, seededRandom } from "./random.ts";

/** Rounding of float32 parameters and moments over the steps taken here. */
const FLOAT32_TOLERANCE = 2e-6;

/** Algorithm 2 line by line in float64, with means divided by (1 − βᵗ) as the paper writes them. */
function paperAdamW(start: number[], gradients: number[][], rate: number, decay: number): number[] {
  const [p, m, v] = [[...start], start.map(() => 0), start.map(() => 0)];
  for (const [i, gradient] of gradients.entries())
    for (const [j, g] of gradient.entries()) {
      m[j] = 0.9 * m[j]! + 0.1 * g;
      v[j] = 0.999 * v[j]! + 0.001 * g * g;
      const meanHat = m[j] / (1 - 0.9 ** (i + 1));
      const squareHat = v[j] / (1 - 0.999 ** (i + 1));
      p[j] = p[j]! - rate * decay * p[j]! - (rate * meanHat) / (Math.sqrt(squareHat) + 1e-8);
    }
  return p;
}

describe("updateAdamW", () => {
  test("equals the paper's algorithm over 50 steps", () => {
    const random = seededRandom(1);
    const start = Array.from({ length: 20 }, () => gaussian(random));
    const gradients = Array.from({ length: 50 }, () => start.map(() => gaussian(random) * 10 ** (4 * random() - 3)));
    const parameters = Float32Array.from(start);
    const state = startAdam(20);
    for (const gradient of gradients)
      updateAdamW(parameters, Float32Array.from(gradient), state, { learningRate: 0.01, weightDecay: 0.1 });
    const expected = paperAdamW(start, gradients, 0.01, 0.1);
    for (const [i, value] of expected.entries())
      expect(Math.abs(parameters[i]! - value)).toBeLessThan(FLOAT32_TOLERANCE * 10);
    expect(state.t).toBe(50);
  });

  test("moves the first step by the learning rate against the gradient's sign, whatever its size", () => {
    const parameters = Float32Array.from([1, 1, 1]);
    updateAdamW(parameters, Float32Array.from([5, -0.001, 0]), startAdam(3), { learningRate: 0.01, weightDecay: 0 });
    expect(Array.from(parameters, (value) => value.toFixed(4))).toEqual(["0.9900", "1.0100", "1.0000"]);
  });

  test("decay is decoupled: without a gradient the parameter shrinks by rate × decay", () => {
    const parameters = Float32Array.from([2]);
    updateAdamW(parameters, new Float32Array(1), startAdam(1), { learningRate: 0.1, weightDecay: 0.5 });
    expect(parameters[0]).toBeCloseTo(1.9, 6);
  });
});

describe("clipGradient", () => {
  test("shortens a long gradient to the given length and keeps its direction", () => {
    const gradient = Float32Array.from([3, 4]);
    clipGradient(gradient, gradientNorm(gradient), 1);
    expect(gradientNorm(gradient)).toBeCloseTo(1, 5);
    expect(gradient[1]! / gradient[0]!).toBeCloseTo(4 / 3, 5);
  });

  test("leaves a short one alone, and every one when clipping is off", () => {
    const gradient = Float32Array.from([3, 4]);
    clipGradient(gradient, 5, 6);
    clipGradient(gradient, 5, 0);
    expect([...gradient]).toEqual([3, 4]);
  });

  test("the norm of a gradient with one entry that is not a number is not finite", () => {
    expect(Number.isFinite(gradientNorm(Float32Array.from([1, NaN, 2])))).toBe(false);
    expect(Number.isFinite(gradientNorm(Float32Array.from([1, Infinity])))).toBe(false);
  });
});
