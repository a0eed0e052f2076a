import type { EvaluationFigures, EvaluationItem } from "@lorekeep/core";
import { expect, test } from "vitest";
import { byChange, questionChange, type Pair } from "./changed-questions.ts";
import { figureNamed, figureOf, lowerIsBetter, measured } from "./evaluation-figures.ts";
import { numbersOf, settingChanges, settingLine } from "./setting-line.ts";

const item = (f1: number, change: Partial<EvaluationItem> = {}): EvaluationItem => ({
  question: "q",
  expected: "e",
  answer: "a",
  refused: false,
  f1,
  ndcgAt10: null,
  retrieved: [],
  ...change,
});
const pair = (question: string, before: EvaluationItem, after: EvaluationItem): Pair => ({ question, before, after });
const passage = (chunkId: string) => ({ documentName: "d", chunkId, gold: false });

test("names in which way a question changed (L4)", () => {
  const change = (before: EvaluationItem, after: EvaluationItem) => questionChange(pair("q", before, after));
  expect(change(item(0.2), item(0.9))).toBe("now-right");
  expect(change(item(0.9), item(0.2))).toBe("now-wrong");
  expect(change(item(0.6), item(0.8))).toBe("better");
  expect(change(item(0.8), item(0.6))).toBe("worse");
  expect(change(item(1), item(1, { answer: "b" }))).toBe("reworded");
  expect(change(item(0), item(0, { refused: true }))).toBe("reworded");
  expect(change(item(1), item(1, { retrieved: [passage("c1")] }))).toBe("retrieval");
  expect(change(item(1), item(1))).toBeNull();
});

test("puts what got worse first, the largest changes before small ones, the unchanged last", () => {
  const order = byChange([
    pair("same", item(1), item(1)),
    pair("small gain", item(0.6), item(0.7)),
    pair("gain", item(0.5), item(0.9)),
    pair("now right", item(0), item(1)),
    pair("now wrong a little", item(0.6), item(0.4)),
    pair("now wrong", item(1), item(0)),
  ]).map(({ pair: { question } }) => question);
  expect(order).toEqual(["now wrong", "now wrong a little", "now right", "gain", "small gain", "same"]);
});

const arm = { ndcgAt10: 0.7, mrrAt10: 0.6, recallAt10: 0.8, recallAt100: 0.9, latency: { p50: 1, p95: 2 } };
const figures: EvaluationFigures = {
  questions: 3,
  hybrid: arm,
  answerF1: 0,
  refusal: { right: 0.9, wrong: 0.1, balanced: 0.9 },
};

test("a figure of zero was measured, one that is absent was not", () => {
  expect(measured(figures)).toEqual([
    "answerF1",
    "refusalBalanced",
    "refusalRight",
    "refusalWrong",
    "ndcgAt10",
    "mrrAt10",
    "recallAt10",
    "recallAt100",
  ]);
  expect(figureOf(figures, "answerF1")).toBe(0);
  expect(figureOf(null, "answerF1")).toBeUndefined();
});

test("knows the wire's names of differences, nested ones too", () => {
  expect(figureNamed("answerF1")).toBe("answerF1");
  expect(figureNamed("refusal.balanced")).toBe("refusalBalanced");
  expect(figureNamed("hybrid.ndcgAt10")).toBe("ndcgAt10");
  expect(figureNamed("refusedWrong")).toBe("refusalWrong");
  expect(figureNamed("novelty")).toBeNull();
  expect([lowerIsBetter("refusalWrong"), lowerIsBetter("answerF1")]).toEqual([true, false]);
});

test("reads a group of numbers, and nothing that has another form", () => {
  const keys = ["maxTokens", "overlapTokens"] as const;
  expect(numbersOf({ maxTokens: 200, overlapTokens: 0 }, keys)).toEqual({ maxTokens: 200, overlapTokens: 0 });
  for (const other of [null, 3, { maxTokens: 200 }, { maxTokens: 200, overlapTokens: "0" }])
    expect(numbersOf(other, keys)).toBeNull();
  expect(numbersOf({ maxTokens: 200, overlapTokens: 0, unit: 1 }, keys)).toBeNull();
});

test("tells settings apart and says them on one line", () => {
  const before = { generator: "smol", adapter: null, chunking: { maxTokens: 200 } };
  const after = { generator: "smol", adapter: "harbour v2", chunking: { maxTokens: 300 } };
  expect(settingLine(before)).toBe("smol");
  expect(settingLine(after)).toBe("harbour v2 · smol");
  expect(settingChanges(before, after)).toEqual([
    { key: "adapter", before: "", after: "harbour v2" },
    { key: "chunking", before: '{"maxTokens":200}', after: '{"maxTokens":300}' },
  ]);
});
