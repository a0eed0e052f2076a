import { describe, expect, test } from "vitest";
import {
  answerF1,
  answerTokens,
  bootstrapInterval,
  compareRuns,
  exactMatch,
  mean,
  mrrAt,
  ndcgAt,
  normalizeAnswer,
  percentile,
  recallAt,
  rougeL,
} from "./metrics.ts";

const relevance = new Map([
  ["a", 1],
  ["b", 2],
  ["c", 0],
]);

describe("ranking measures, by hand", () => {
  test("nDCG discounts gains by log2 of the rank plus one", () => {
    // found b (2) at rank 1 and a (1) at rank 3; ideal is b, a.
    const found = 2 / Math.log2(2) + 1 / Math.log2(4);
    const ideal = 2 / Math.log2(2) + 1 / Math.log2(3);
    expect(ndcgAt(10, ["b", "c", "a"], relevance)).toBeCloseTo(found / ideal, 12);
    expect(ndcgAt(10, ["b", "a"], relevance)).toBe(1);
    expect(ndcgAt(2, ["c", "x", "b"], relevance)).toBe(0);
    expect(ndcgAt(10, ["a"], new Map())).toBe(0);
  });

  test("nDCG@k takes the ideal of k places only", () => {
    const many = new Map(Array.from({ length: 20 }, (_, index) => [`d${index}`, 1]));
    expect(ndcgAt(10, [...many.keys()].slice(0, 10), many)).toBe(1);
  });

  test("nDCG agrees with published examples", () => {
    // Järvelin & Kekäläinen's measure as worked out in Wikipedia's article on it: gains 3, 2, 3, 0, 1, 2 of seven judged
    // documents with 3, 3, 3, 2, 2, 2, 1: DCG 6.861, ideal 8.740, nDCG 0.785.
    const judged = new Map(Object.entries({ d1: 3, d2: 2, d3: 3, d4: 0, d5: 1, d6: 2, d7: 3, d8: 2 }));
    expect(ndcgAt(6, ["d1", "d2", "d3", "d4", "d5", "d6"], judged)).toBeCloseTo(0.785, 3);
  });

  test("MRR agrees with the published example of three queries: ranks 3, 2 and 1 give 11/18", () => {
    const of = (word: string) => new Map([[word, 1]]);
    const ranks = [
      mrrAt(10, ["catten", "cati", "cats"], of("cats")),
      mrrAt(10, ["torii", "tori", "toruses"], of("tori")),
      mrrAt(10, ["viruses", "virii", "viri"], of("viruses")),
    ];
    expect(mean(ranks)).toBeCloseTo(11 / 18, 12);
  });

  test("MRR is one over the first relevant rank, and 0 past k", () => {
    expect(mrrAt(10, ["c", "x", "a", "b"], relevance)).toBeCloseTo(1 / 3, 12);
    expect(mrrAt(2, ["c", "x", "a"], relevance)).toBe(0);
  });

  test("recall counts relevant ids once", () => {
    expect(recallAt(1, ["b", "a"], relevance)).toBe(0.5);
    expect(recallAt(10, ["b", "x", "a"], relevance)).toBe(1);
    expect(recallAt(10, ["b"], new Map())).toBe(0);
  });
});

describe("answer measures, by hand", () => {
  test("SQuAD's normalisation drops case, punctuation, articles and blanks", () => {
    expect(normalizeAnswer("  The Rankine-Cycle, an “idea”! ")).toBe("rankinecycle “idea”");
  });

  test("exact match takes the best of several golds", () => {
    expect(exactMatch("The Rankine cycle.", ["Rankine", "rankine cycle"])).toBe(1);
    expect(exactMatch("a Rankine cycle engine", ["rankine cycle"])).toBe(0);
  });

  test("F1 is the harmonic mean over shared words, counted with repetition", () => {
    // 2 shared of 4 predicted and 2 gold: precision 1/2, recall 1.
    expect(answerF1("high steam pressure boiler", ["steam pressure"])).toBeCloseTo(2 / 3, 12);
    expect(answerF1("steam steam", ["steam"])).toBeCloseTo(2 / 3, 12);
    expect(answerF1("nothing shared", ["steam"])).toBe(0);
    expect(answerF1("", ["steam"])).toBe(0);
  });

  test("Chinese answers count characters, and words of other scripts between them", () => {
    expect(answerTokens("天正16年（1588年）")).toEqual(["天", "正", "16", "年", "1588", "年"]);
    // 4 shared of 6 predicted and 4 gold.
    expect(answerF1("在永禄五年里", ["永禄五年"])).toBeCloseTo(0.8, 12);
    expect(exactMatch("永禄5年。", ["永禄5年"])).toBe(1);
  });
});

describe("statistics", () => {
  test("mean and percentile of nothing are 0", () => {
    expect(mean([])).toBe(0);
    expect(percentile([], 0.5)).toBe(0);
  });

  test("percentile takes the nearest rank", () => {
    const values = [5, 1, 4, 2, 3];
    expect(percentile(values, 0.5)).toBe(3);
    expect(percentile(values, 0.95)).toBe(5);
    expect(percentile(values, 0)).toBe(1);
  });

  test("the bootstrap interval holds the mean, repeats itself with its seed, and narrows with more values", () => {
    const few = [0, 1, 1, 0, 1, 1, 0, 1];
    const many = Array.from({ length: 50 }, () => few).flat();
    const wide = bootstrapInterval(few, { seed: 3 });
    const narrow = bootstrapInterval(many, { seed: 3 });
    expect(bootstrapInterval(few, { seed: 3 })).toEqual(wide);
    expect(wide.low).toBeLessThanOrEqual(mean(few));
    expect(wide.high).toBeGreaterThanOrEqual(mean(few));
    expect(narrow.high - narrow.low).toBeLessThan(wide.high - wide.low);
  });

  test("a paired comparison calls a steady gain real and noise not", () => {
    const before = Array.from({ length: 200 }, (_, index) => (index % 3) / 3);
    expect(
      compareRuns(
        before,
        before.map((value) => value + 0.05),
      ).isReal,
    ).toBe(true);
    const noise = before.map((value, index) => value + (index % 2 === 0 ? 0.05 : -0.05));
    expect(compareRuns(before, noise).isReal).toBe(false);
    expect(() => compareRuns([1], [1, 2])).toThrow(RangeError);
  });
});

test("ROUGE-L is the F-measure of the longest common subsequence, by characters in Chinese", () => {
  // Lin 2004's example: reference "police killed the gunman" (without the article).
  expect(rougeL("police kill gunman", ["police killed gunman"])).toBeCloseTo(2 / 3);
  expect(rougeL("gunman kill police", ["police killed gunman"])).toBeCloseTo(1 / 3);
  expect(rougeL("gunman police killed", ["police killed gunman"])).toBeCloseTo(2 / 3);
  expect(rougeL("水泵每四百小时保养", ["每四百小时"])).toBeCloseTo((2 * 5) / (9 + 5));
  expect(rougeL("", ["x"])).toBe(0);
  expect(rougeL("b", ["x y", "b"])).toBe(1);
});
