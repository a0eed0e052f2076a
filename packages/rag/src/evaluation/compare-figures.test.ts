import { expect, test } from "vitest";
import { compareFigures, stratifiedInterval } from "./compare-figures.ts";
import type { FigurePair } from "./compare-figures.ts";

const pairs = (name: string, rows: readonly (readonly [number, number])[]): FigurePair[] =>
  rows.map(([was, is]) => ({ before: { [name]: was }, after: { [name]: is } }));

test("L4 a steady gain is real, its mean and interval worked out by hand", () => {
  // Every question gains 0.25, so every resample does.
  const rows = Array.from({ length: 20 }, (_, at) => [at / 40, at / 40 + 0.25] as const);
  const { answerF1 } = compareFigures(pairs("answerF1", rows));
  expect(answerF1!.mean).toBeCloseTo(0.25, 12);
  expect(answerF1!.interval[0]).toBeCloseTo(0.25, 12);
  expect(answerF1!.interval[1]).toBeCloseTo(0.25, 12);
  expect(answerF1!.real).toBe(true);
  expect(answerF1!.before).toBeCloseTo(9.5 / 40, 12);
});

test("one question more and one less is chance, however large the steps", () => {
  const { answerF1 } = compareFigures(
    pairs("answerF1", [
      [0, 1],
      [1, 0],
      [0.5, 0.5],
    ]),
  );
  expect(answerF1).toMatchObject({ mean: 0, real: false });
});

test("the interval of 0 and 1 differences is the binomial one", () => {
  // 100 questions, 30 of which gain 1: the standard error is sqrt(0.3 · 0.7 / 100) = 0.0458, 95 % ≈ 0.3 ± 0.09.
  const rows = Array.from({ length: 100 }, (_, at) => [0, at < 30 ? 1 : 0] as const);
  const { answerF1 } = compareFigures(pairs("answerF1", rows));
  expect(answerF1!.interval[0]).toBeGreaterThan(0.18);
  expect(answerF1!.interval[0]).toBeLessThan(0.24);
  expect(answerF1!.interval[1]).toBeGreaterThan(0.36);
  expect(answerF1!.interval[1]).toBeLessThan(0.42);
});

test("only questions that have a figure in both runs count for it", () => {
  const both = { before: { ndcgAt10: 0.5 }, after: { ndcgAt10: 1 } };
  const gone = { before: { ndcgAt10: 0, answerF1: 1 }, after: {} };
  const differences = compareFigures([both, gone]);
  expect(differences.ndcgAt10).toMatchObject({ before: 0.5, after: 1 });
  expect(differences).not.toHaveProperty("answerF1");
});

test("G3 balanced refusals are compared side by side of answerable and unanswerable questions", () => {
  const differences = compareFigures([
    ...pairs("refusedRight", [
      [0, 1],
      [1, 1],
    ]),
    ...pairs("refusedWrong", [
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 0],
    ]),
  ]);
  // Before (0.5 + 1 − 0) / 2, after (1 + 1 − 0.25) / 2.
  expect(differences.refusalBalanced!.before).toBeCloseTo(0.75, 12);
  expect(differences.refusalBalanced!.after).toBeCloseTo(0.875, 12);
  expect(differences.refusalBalanced!.mean).toBeCloseTo(0.125, 12);
  expect(differences.refusalBalanced!.real).toBe(false);
  expect(compareFigures(pairs("refusedRight", [[0, 1]]))).not.toHaveProperty("refusalBalanced");
});

test("a stratified interval weighs its groups alike, whatever their sizes", () => {
  const [low, high] = stratifiedInterval([[1], Array.from({ length: 50 }, () => 0)]);
  expect([low, high]).toEqual([0.5, 0.5]);
});
