import { expect, test } from "vitest";
import { isUncertain } from "./certainty.ts";

const judged = (probability: unknown) => [{ name: "judge", startMs: 0, durationMs: 1, detail: { probability } }];

test("an answer is uncertain when its last verdict was narrow", () => {
  expect(isUncertain(judged(0.6))).toBe(true);
  expect(isUncertain(judged(0.95))).toBe(false);
  expect(isUncertain([...judged(0.6), ...judged(0.95)])).toBe(false);
});

test("an answer without a verdict says nothing about its certainty", () => {
  expect(isUncertain([])).toBe(false);
  expect(isUncertain(judged(null))).toBe(false);
});
