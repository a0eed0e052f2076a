import { expect, test } from "vitest";
import { fitSpans, measureSpans } from "./fit-spans.ts";
import type { MarkedQuestion } from "./fit-spans.ts";

const mark = (text: string, score: number, share: number) => ({ text, score, relevance: null, share });
/** The better-ranked passage is right unless another one is surer by more than 4. */
const questions: MarkedQuestion[] = Array.from({ length: 40 }, (_, at) => {
  const lead = (at % 9) - 1;
  const [first, second] = lead > 4 ? ["wrong", "400 hours"] : ["400 hours", "wrong"];
  return { answers: ["400 hours"], marks: [mark(first, 0, 1), mark(second, lead, 0.5)] };
});

test("weighs the reader's score against the rank of the passage as the answers ask for", () => {
  const weights = fitSpans(questions);
  expect(weights).toMatchObject({ relevance: 0 });
  expect((weights.share * 0.5) / weights.score).toBeGreaterThan(4);
  expect((weights.share * 0.5) / weights.score).toBeLessThan(5);
  const byScore = measureSpans(questions, { score: 1, relevance: 0, share: 0 });
  expect(measureSpans(questions, weights)).toBe(1);
  expect(byScore).toBeLessThan(0.7);
});

test("a question whose marks are all right or all wrong teaches nothing", () => {
  const dull = [{ answers: ["a"], marks: [mark("b", 9, 1), mark("c", -9, 0.1)] }];
  expect(fitSpans([...questions, ...dull])).toEqual(fitSpans(questions));
});
