import type { RefusalCurve } from "@lorekeep/core";
import { expect, test } from "vitest";
import { figuresAt, placeOf, shareInterval } from "./refusal-figures.ts";

const curve: RefusalCurve = {
  answerable: 50,
  unanswerable: 80,
  points: Array.from({ length: 101 }, (_, at) => ({ threshold: at / 100, right: at / 100, wrong: at / 200 })),
  sources: [],
  recommended: 0.4,
  madeAt: "2026-01-01T00:00:00.000Z",
  generationId: "gen_1",
  documentCount: 9,
  judge: "j",
};

test("knows how little few questions say (Wilson's interval of 8 of 10)", () => {
  const [low, high] = shareInterval(0.8, 10);
  expect(low).toBeCloseTo(0.4902, 3);
  expect(high).toBeCloseTo(0.9433, 3);
  expect(shareInterval(0, 20)[0]).toBe(0);
  expect(shareInterval(0, 20)[1]).toBeGreaterThan(0.1);
  expect(shareInterval(0.5, 0)).toEqual([0, 1]);
});

test("G3 reads right and wrong refusals at a threshold, each with its own number of questions", () => {
  const { right, wrong } = figuresAt(curve, 0.7);
  expect([right.share, right.questions]).toEqual([0.7, 80]);
  expect([wrong.share, wrong.questions]).toEqual([0.35, 50]);
  expect(right.low).toBeLessThan(0.7);
  expect(right.high).toBeGreaterThan(0.7);
});

test("stays on the curve at its ends", () => {
  expect([placeOf(curve, 0), placeOf(curve, 1), placeOf(curve, 1.4), placeOf(curve, -1)]).toEqual([0, 100, 100, 0]);
});
