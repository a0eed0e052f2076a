import { expect, test } from "vitest";
import type { EvalAnswer } from "./evaluate.ts";
import type { EvalQuestion } from "./load-eval-set.ts";
import { figuresOfQuestion } from "./score-question.ts";
import { scoreRanking, summarizeRanking } from "./score-ranking.ts";

const question: EvalQuestion = {
  ...{ id: "q", question: "How much?", answers: ["forty litres"], answerable: true },
  relevance: new Map([["d1", 1]]),
};
const answer: EvalAnswer = {
  answer: "It moves forty litres. [1]",
  refused: false,
  citations: [{ documentId: "d1", answerSpan: [0, 26], supported: true }],
  usage: { promptTokens: 1, completionTokens: 5 },
  generateMs: 10,
  cutSentenceCount: 1,
};

test("a ranking is scored at its first right place, and many by their means", () => {
  const second = scoreRanking(["d2", "d1", "d1"], question.relevance, 4);
  expect(second).toMatchObject({ mrrAt10: 0.5, ndcgAt10: 1 / Math.log2(3), recallAt10: 1, ms: 4 });
  const none = scoreRanking(["d2"], question.relevance, 8);
  expect(summarizeRanking([second, none])).toMatchObject({
    mrrAt10: 0.25,
    recallAt10: 0.5,
    latency: { p50: 4, p95: 8 },
  });
});

test("a question says only what it can: answered, refused, unanswerable", () => {
  const arm = scoreRanking(["d1"], question.relevance, 1);
  const arms = { lexical: arm, dense: scoreRanking([], question.relevance, 1), hybrid: arm };
  expect(figuresOfQuestion({ question, arms, answer })).toMatchObject({
    ...{ ndcgAt10: 1, mrrAt10: 1, "dense.ndcgAt10": 0, refusedWrong: 0, citationPrecision: 1, citationRecall: 1 },
    ...{ unsupportedShare: 0, cutShare: 0.5, answerF1: 2 / 3, answerEm: 0 },
  });
  const refused = { ...answer, refused: true, answer: "", citations: [], cutSentenceCount: 0 };
  const of = figuresOfQuestion({ question, arms: null, answer: refused });
  expect(of).toMatchObject({ refusedWrong: 1, answerF1: 0 });
  expect(of).not.toHaveProperty("citationPrecision");
  const none: EvalQuestion = { ...question, answers: [], answerable: false, relevance: new Map() };
  expect(figuresOfQuestion({ question: none, arms: null, answer: refused })).toEqual({ refusedRight: 1, cutShare: 0 });
  expect(figuresOfQuestion({ question, arms: null, answer: null })).toEqual({});
});
