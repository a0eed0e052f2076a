import { expect, test } from "vitest";
import { candidateOf, verdictOf } from "./trial.ts";

test("only what answers depend on can be tried", () => {
  expect(candidateOf({ name: "other", description: "new", language: "zh" })).toBeNull();
  const retrieval = { passageCount: 4, denseWeight: 0.3, refusalThreshold: 0.6 };
  expect(candidateOf({ name: "other", retrieval })).toEqual({ retrieval });
  expect(candidateOf({ embedder: "e5", chunking: { maxTokens: 300 } })).toEqual({
    embedder: "e5",
    chunking: { maxTokens: 300 },
  });
});

const difference = (mean: number, real = true) => ({
  ...{ before: 0.5, after: 0.5 + mean, mean, real },
  interval: [mean, mean] as [number, number],
});

test("L4 the verdict rests on real differences, and knows which figures are better when lower", () => {
  expect(verdictOf({ answerF1: difference(0.1), refusedWrong: difference(-0.1) })).toBe("better");
  expect(verdictOf({ answerF1: difference(0.1), refusedWrong: difference(0.1) })).toBe("mixed");
  expect(verdictOf({ ndcgAt10: difference(-0.1), answerF1: difference(0.3, false) })).toBe("worse");
  expect(verdictOf({ answerF1: difference(0.3, false) })).toBe("same");
  expect(verdictOf({})).toBe("same");
});
