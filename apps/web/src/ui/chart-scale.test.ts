import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest, pathOf, roundTicks, smooth, ticksWithin } from "./chart-scale.ts";

test("ticks are round and span the data", () => {
  expect(roundTicks(0.79, 2.4, 4)).toEqual([0.5, 1, 1.5, 2, 2.5]);
  expect(roundTicks(0, 0.3, 4)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(roundTicks(5, 5, 4)).toEqual([5]);
});

test("ticks ascend, cover both ends and stay few, whatever the range", () => {
  const range = fc.tuple(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  );
  fc.assert(
    fc.property(range, ([low, size]) => {
      const high = low + size;
      const ticks = roundTicks(low, high, 4);
      const slack = (high - low) * 1e-6 + Math.abs(low) * 1e-9;
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks[0]).toBeLessThanOrEqual(low + slack);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(high - slack);
      expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
    }),
  );
});

test("a narrow axis still shows more than one round number, and none outside of the data", () => {
  expect(ticksWithin(1, 118, 3)).toEqual([50, 100]);
  expect(ticksWithin(1, 312, 3)).toEqual([100, 200, 300]);
  expect(ticksWithin(1, 312, 8)).toEqual([50, 100, 150, 200, 250, 300]);
  expect(ticksWithin(5, 5, 3)).toEqual([5]);
});

test("smoothing keeps a constant, begins at the first value, and lies between the extremes", () => {
  const line = (values: number[]) => values.map((y, x) => ({ x, y }));
  for (const { y } of smooth(line([2, 2, 2]), 5)) expect(y).toBeCloseTo(2, 9);
  const smoothed = smooth(line([4, 0, 4, 0, 4, 0]), 4).map(({ y }) => y);
  expect(smoothed[0]).toBeCloseTo(4, 9);
  expect(Math.max(...smoothed.slice(2)) - Math.min(...smoothed.slice(2))).toBeLessThan(3);
  expect(smooth(line([3, 1]), 1).map(({ y }) => y)).toEqual([3, 1]);
});

test("finds the nearest point, and none among none", () => {
  const points = [1, 5, 9].map((x) => ({ x, y: 0 }));
  expect([nearest(points, 6.9)?.x, nearest(points, 7.1)?.x, nearest(points, -3)?.x]).toEqual([5, 9, 1]);
  expect(nearest([], 1)).toBeNull();
});

test("writes a path", () => {
  expect(
    pathOf([
      { x: 1, y: 2 },
      { x: 3.25, y: 4 },
    ]),
  ).toBe("M1.0 2.0L3.3 4.0");
  expect(pathOf([])).toBe("");
});
