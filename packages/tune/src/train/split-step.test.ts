import { describe, expect, test } from "vitest";
import { seededRandom } from "./random.ts";
import { splitStep, type Round } from "./split-step.ts";

const cost = (part: readonly number[], lengths: readonly number[]): number =>
  part.length * Math.max(0, ...part.map((index) => lengths[index]!));
const membersOf = (rounds: readonly Round[]): number[] =>
  rounds.flatMap(({ first, second }) => [...first, ...second]).sort((a, b) => a - b);

describe("a step for two lanes", () => {
  test("has every example once, whatever the batches", () => {
    const random = seededRandom(3);
    for (let trial = 0; trial < 100; trial += 1) {
      const lengths = Array.from({ length: 12 }, () => 1 + Math.floor(random() * 300));
      const batches: number[][] = [];
      for (let index = 0; index < lengths.length;) {
        const size = Math.min(lengths.length - index, 1 + Math.floor(random() * 5));
        batches.push(Array.from({ length: size }, () => index++));
      }
      expect(membersOf(splitStep(batches, lengths, 2))).toEqual([...lengths.keys()]);
    }
  });

  test("cuts a batch of an even count of like lengths into halves of like cost", () => {
    const lengths = [97, 103, 100, 99];
    const [round, ...rest] = splitStep([[0, 1, 2, 3]], lengths, 2);
    expect(rest).toEqual([]);
    expect(round!.first).toHaveLength(2);
    expect(cost(round!.first, lengths) / cost(round!.second, lengths)).toBeGreaterThan(0.94);
  });

  test("puts one long example against several short ones, so that neither lane waits for long", () => {
    expect(splitStep([[0, 1, 2, 3]], [400, 100, 100, 100], 2)).toEqual([{ first: [1, 2, 3], second: [0] }]);
  });

  test("gives the second lane the costlier part, for the first has the sum and the update besides", () => {
    expect(splitStep([[0, 1, 2]], [10, 10, 10], 2)).toEqual([{ first: [0], second: [1, 2] }]);
    expect(splitStep([[0, 1]], [20, 10], 2)).toEqual([{ first: [1], second: [0] }]);
  });

  test("shares a round between batches of one example, the like lengths together; a last one stands on the first lane alone", () => {
    const lengths = [500, 300, 490, 310, 100, 100, 290];
    expect(splitStep([[0], [1], [4, 5], [2], [3], [6]], lengths, 2)).toEqual([
      { first: [4], second: [5] },
      { first: [6], second: [1] },
      { first: [3], second: [2] },
      { first: [0], second: [] },
    ]);
    expect(splitStep([[3]], lengths, 2)).toEqual([{ first: [3], second: [] }]);
  });
});

test("a step for one lane is its batches, in their order", () => {
  expect(splitStep([[2, 0], [1]], [1, 2, 3], 1)).toEqual([
    { first: [2, 0], second: [] },
    { first: [1], second: [] },
  ]);
});
