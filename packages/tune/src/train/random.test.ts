import { expect, test } from "vitest";
import { gaussian, seededRandom, shuffled } from "./random.ts";

const SAMPLES = 20_000;

test("the same stream repeats itself and another one differs", () => {
  const take = (...stream: number[]): number[] => Array.from({ length: 5 }, seededRandom(...stream));
  expect(take(1, 2)).toEqual(take(1, 2));
  expect(take(1, 2)).not.toEqual(take(2, 1));
  expect(take(1, 2)).not.toEqual(take(1));
});

test("numbers are uniform in [0, 1), also over the first numbers of neighbouring seeds", () => {
  const streams = [
    Array.from({ length: SAMPLES }, seededRandom(7)),
    Array.from({ length: SAMPLES }, (_, i) => seededRandom(i)()),
  ];
  for (const numbers of streams) {
    const mean = numbers.reduce((sum, value) => sum + value, 0) / SAMPLES;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(numbers.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(Math.abs(numbers.filter((value) => value < 0.1).length / SAMPLES - 0.1)).toBeLessThan(0.01);
  }
});

test("gaussian numbers have mean 0 and deviation 1", () => {
  const random = seededRandom(3);
  const numbers = Array.from({ length: SAMPLES }, () => gaussian(random));
  const mean = numbers.reduce((sum, value) => sum + value, 0) / SAMPLES;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SAMPLES;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
});

test("a shuffle keeps every item and leaves the list alone", () => {
  const items = [...Array(50).keys()];
  const mixed = shuffled(items, seededRandom(1));
  expect(mixed).not.toEqual(items);
  expect([...mixed].sort((a, b) => a - b)).toEqual(items);
});
