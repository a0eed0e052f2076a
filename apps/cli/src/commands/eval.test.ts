import { expect, test } from "vitest";
import { describeComparison } from "./eval.ts";

const difference = (mean: number, real: boolean) => ({
  ...{ before: 0.5, after: 0.5 + mean, mean, real },
  interval: [mean - 0.1, mean + 0.1] as [number, number],
});

test("L4 says of each figure of two runs whether the difference is real", () => {
  const text = describeComparison({
    questionCount: 40,
    differences: { ndcgAt10: difference(0.2, true), answerF1: difference(-0.05, false) },
  });
  expect(text).toMatch(/ndcgAt10 +0\.500 +0\.700 +\+0\.200 +\[\+0\.100, \+0\.300\] +real/);
  expect(text).toMatch(/answerF1 +0\.500 +0\.450 +−0\.050 +\[−0\.150, \+0\.050\] +may be chance/);
  expect(text).toContain("40 questions");
  expect(describeComparison({ questionCount: 0, differences: {} })).toContain("no question");
});
