import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { planSteps } from "./batches.ts";
import { fasterLanes, threadsOfLane } from "./choose-lanes.ts";
import { TOY_RECIPE } from "./testing/toy-run.ts";

const planOf = (lengths: readonly number[], more: { accumulate?: number } = {}) =>
  planSteps(lengths, { ...TOY_RECIPE, batchTokens: 100, epochs: 1, ...more });
const [pairs, singles] = [Array<number>(20).fill(50), Array<number>(20).fill(60)];

test("two lanes share a fast run on two threads or more whose steps hold several examples", () => {
  const wanted = { memoryMode: "fast", threads: 2, plan: planOf(pairs) } as const;
  expect(fasterLanes(wanted)).toBe(2);
  expect(fasterLanes({ ...wanted, threads: 1 })).toBe(1);
  for (const [threads, lanes] of [
    [3, 1],
    [4, 2],
    [5, 1],
    [7, 2],
    [8, 2],
  ] as const)
    expect(fasterLanes({ ...wanted, threads }), `${threads} threads`).toBe(lanes);
  expect(fasterLanes({ ...wanted, memoryMode: "checkpointed" })).toBe(1);
  expect(fasterLanes({ ...wanted, memoryMode: "small" })).toBe(1);
});

test("one lane has all threads where too many steps hold a single example", () => {
  const wanted = { memoryMode: "fast", threads: 2 } as const;
  expect(fasterLanes({ ...wanted, plan: planOf(singles) })).toBe(1);
  expect(fasterLanes({ ...wanted, plan: planOf([...pairs, ...singles.slice(0, 10)]) })).toBe(1);
  expect(fasterLanes({ ...wanted, plan: planOf([...pairs, ...singles.slice(0, 4)]) })).toBe(2);
  expect(fasterLanes({ ...wanted, plan: planOf(singles, { accumulate: 2 }) })).toBe(2);
  expect(fasterLanes({ ...wanted, plan: [] })).toBe(1);
});

test("each of two lanes has half of the threads, one lane what was asked for", () => {
  expect(threadsOfLane(5, 2)).toBe(2);
  expect(threadsOfLane(0, 2)).toBe(Math.floor(availableParallelism() / 2));
  expect(threadsOfLane(0, 1)).toBe(0);
  expect(threadsOfLane(3, 1)).toBe(3);
});
