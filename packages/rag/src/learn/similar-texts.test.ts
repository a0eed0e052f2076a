import fc from "fast-check";
import { expect, test } from "vitest";
import { findSimilar, jaccard, shinglesOf } from "./similar-texts.ts";

test("Jaccard is the share of common shingles", () => {
  expect(jaccard(shinglesOf("pump oil"), shinglesOf("pump oil"))).toBe(1);
  // {pump, oil, pump oil} and {pump, fuel, pump fuel}: one of five.
  expect(jaccard(shinglesOf("pump oil"), shinglesOf("pump fuel"))).toBeCloseTo(1 / 5);
  expect(jaccard(new Set(), new Set())).toBe(0);
  expect(jaccard(shinglesOf("水泵换油"), shinglesOf("水泵换油吗"))).toBeCloseTo(7 / 9);
});

test("banding finds the pairs that comparing everything with everything finds", () => {
  const words = "pump oil every hours filter captain bridge winch grease ticket quay 水 泵 船".split(" ");
  // Variants of a few sentences, each with some words replaced.
  const text = fc
    .tuple(fc.nat(3), fc.array(fc.tuple(fc.nat(11), fc.constantFrom(...words)), { maxLength: 3 }))
    .map(([start, changes]) => {
      const sentence = Array.from({ length: 12 }, (_, at) => words[(start * 3 + at * (start + 1)) % words.length]!);
      for (const [place, word] of changes) sentence[place] = word;
      return sentence.join(" ");
    });
  let [found, expected] = [0, 0];
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 30 }), (texts) => {
      const pairs = findSimilar(texts, { threshold: 0.7 }).map(String);
      const shingles = texts.map(shinglesOf);
      const all = texts.flatMap((_, second) =>
        texts
          .slice(0, second)
          .flatMap((_text, first) =>
            jaccard(shingles[first]!, shingles[second]!) >= 0.7 ? [String([first, second])] : [],
          ),
      );
      expect(all).toEqual(expect.arrayContaining(pairs));
      found += pairs.length;
      expected += all.length;
    }),
    { seed: 4, numRuns: 100 },
  );
  expect(expected).toBeGreaterThan(20);
  expect(found / expected).toBeGreaterThan(0.97);
});

test("texts of different kinds are no pair, however alike", () => {
  const texts = ["the pump of the ferry", "the pump of the ferry", "the pump of the ferry"];
  expect(findSimilar(texts, { threshold: 0.7 })).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  expect(findSimilar(texts, { threshold: 0.7, kinds: ["a", "b", "a"] })).toEqual([[0, 2]]);
});
