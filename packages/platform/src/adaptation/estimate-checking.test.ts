import { expect, test } from "vitest";
import { estimateChecking, type CheckedRun } from "./estimate-checking.ts";

const RUN: CheckedRun = {
  ...{ examples: 300, heldOut: 60, meanTokens: 250, epochs: 2 },
  ...{ isPreference: false, tokensPerSecond: 280 },
};

test("the comparison with the base takes minutes even for a small run, and halves on a machine twice as fast", () => {
  const seconds = estimateChecking(RUN);
  expect(seconds).toBeGreaterThan(120);
  expect(seconds).toBeLessThan(900);
  expect(estimateChecking({ ...RUN, tokensPerSecond: 560 })).toBeCloseTo(seconds / 2, 6);
});

test("held-out questions beyond those asked cost their losses only", () => {
  const at = (heldOut: number): number => estimateChecking({ ...RUN, heldOut });
  expect(at(121) - at(120)).toBeGreaterThan(0);
  expect(at(121) - at(120)).toBeLessThan((at(120) - at(119)) / 2);
});

test("preference pairs are read once more by the base, both answers of each", () => {
  const more = estimateChecking({ ...RUN, isPreference: true }) - estimateChecking(RUN);
  expect(more).toBeGreaterThan((2 * 250 * 360 * 0.4) / 280);
});
