import { expect, test } from "vitest";
import type { EvaluationDetail, EvaluationItem } from "@lorekeep/core";
import { compareRuns } from "./compare-evaluations.ts";

const item = (at: number, f1: number, more: Partial<EvaluationItem> = {}): EvaluationItem => ({
  ...{ question: `q${at}`, expected: "e", answer: "a", refused: false, f1, ndcgAt10: null, retrieved: [] },
  ...more,
});
const run = (items: EvaluationItem[]): EvaluationDetail => ({
  ...{ id: "evl", name: "n", datasetId: "d", datasetName: "d", collectionId: "c", status: "succeeded", jobId: null },
  ...{ setting: {}, figures: null, error: null, createdAt: "2026-01-01T00:00:00.000Z", endedAt: null, items },
});

test("a difference on the questions that both asked is real when its interval leaves zero out", () => {
  const before = run(Array.from({ length: 30 }, (_, at) => item(at, 0.2)));
  const after = run(Array.from({ length: 25 }, (_, at) => item(at, 0.5 + (at % 2) / 10)));
  const { differences, questions } = compareRuns(before, after);
  expect(questions).toHaveLength(25);
  expect(differences.answerF1).toMatchObject({ real: true });
  expect(differences.answerF1!.before).toBeCloseTo(0.2, 9);
  expect(differences.answerF1!.mean).toBeCloseTo(0.348, 3);
  expect(differences).not.toHaveProperty("ndcgAt10");
});

test("a small difference is not called real, and refusals count on their own side", () => {
  const before = run([item(0, 0.4), item(1, 0.6), item(2, 0, { expected: null, refused: false })]);
  const after = run([item(0, 0.6), item(1, 0.4), item(2, 1, { expected: null, refused: true })]);
  const { differences } = compareRuns(before, after);
  expect(differences.answerF1).toMatchObject({ mean: 0, real: false });
  expect(differences.refusedRight).toMatchObject({ before: 0, after: 1 });
  expect(differences.refusedWrong).toMatchObject({ before: 0, after: 0, real: false });
});
