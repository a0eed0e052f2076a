import { expect, test } from "vitest";
import { ThreadGovernor, threadLevels } from "./thread-governor.ts";

/** Runs `steps` steps whose time depends on the threads; gives the total time and what was chosen last. */
function run(governor: ThreadGovernor, steps: number, stepMs: (threads: number) => number): number {
  let totalMs = 0;
  for (let i = 0; i < steps; i += 1) {
    const ms = stepMs(governor.threads);
    totalMs += ms;
    governor.record(ms);
  }
  return totalMs;
}
const IDLE = (threads: number): number => 60 / threads;
const CONTENDED = (threads: number): number => (threads === 1 ? 80 : 900 * threads);

test("halves the threads down to one", () => {
  expect(threadLevels(6)).toEqual([6, 3, 1]);
  expect(threadLevels(1)).toEqual([1]);
  expect(threadLevels(0)).toEqual([1]);
});

test("costs little on an idle machine", () => {
  const spentMs = run(new ThreadGovernor(2, false), 1000, IDLE);
  expect(spentMs).toBeLessThan(1000 * IDLE(2) * 1.05);
});

test("goes down to one thread when something else keeps a core busy, soon", () => {
  const governor = new ThreadGovernor(2, false);
  run(governor, 100, IDLE);
  run(governor, 10, CONTENDED);
  expect(governor.threads).toBe(1);
  expect(run(governor, 300, CONTENDED)).toBeLessThan(300 * CONTENDED(1) * 1.5);
});

test("comes back to all threads when the machine is free again", () => {
  const governor = new ThreadGovernor(4, true);
  expect(governor.threads).toBe(1);
  run(governor, 200, CONTENDED);
  expect(governor.threads).toBe(1);
  run(governor, 1000, IDLE);
  expect(run(governor, 100, IDLE)).toBeLessThan(100 * IDLE(4) * 1.2);
});

test("has nothing to decide with one thread", () => {
  const governor = new ThreadGovernor(1, false);
  run(governor, 100, CONTENDED);
  expect(governor.threads).toBe(1);
});
