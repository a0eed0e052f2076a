import { expect, test } from "vitest";
import { ThreadGovernor, threadLevels, type Machine } from "./thread-governor.ts";

interface Stage {
  readonly governor: ThreadGovernor;
  /** Runs steps whose time depends on the threads; gives the total time. */
  readonly run: (steps: number, stepMs: (threads: number) => number, load: number) => number;
}
function stage(most: number, cores: number, load = 0): Stage {
  const machine: { cores: number; value: number } & Machine = { cores, value: load, load: () => machine.value };
  const governor = new ThreadGovernor(most, machine);
  return {
    governor,
    run: (steps, stepMs, now) => {
      machine.value = now;
      let totalMs = 0;
      for (let i = 0; i < steps; i += 1) {
        const ms = stepMs(governor.threads);
        totalMs += ms;
        governor.record(ms);
      }
      return totalMs;
    },
  };
}
const IDLE = (threads: number): number => 60 / threads;
const CONTENDED = (threads: number): number => (threads === 1 ? 80 : 900 * threads);

test("halves the threads down to one", () => {
  expect(threadLevels(6)).toEqual([6, 3, 1]);
  expect(threadLevels(1)).toEqual([1]);
  expect(threadLevels(0)).toEqual([1]);
});

test("costs little on an idle machine", () => {
  const { run } = stage(2, 2);
  expect(run(1000, IDLE, 2)).toBeLessThan(1000 * IDLE(2) * 1.05);
});

test("goes down to one thread at once when something else keeps a core busy", () => {
  const { governor, run } = stage(2, 2);
  run(100, IDLE, 2);
  run(2, CONTENDED, 2); // the load of the last minute does not show it yet
  expect(governor.threads).toBe(1);
  expect(run(300, CONTENDED, 4)).toBeLessThan(300 * CONTENDED(1) * 1.1);
});

test("begins with one thread on a machine that is busy, and tries no more while it is", () => {
  const { governor, run } = stage(4, 4, 9);
  expect(governor.threads).toBe(1);
  expect(run(1000, CONTENDED, 9)).toBe(1000 * CONTENDED(1));
});

test("a machine that is only noisy does not make it try more threads", () => {
  const { run } = stage(2, 2, 9);
  let step = 0;
  const noisy = (threads: number): number => (threads === 1 ? (step++ % 5 === 0 ? 400 : 60) : 5_000);
  expect(run(500, noisy, 9)).toBeLessThan(500 * 150);
});

test("comes back to all threads when the machine is free again", () => {
  const { run } = stage(4, 4, 9);
  run(200, CONTENDED, 9);
  run(1000, IDLE, 1);
  expect(run(200, IDLE, 4)).toBeLessThan(200 * IDLE(4) * 1.1);
});

test("finds out by trying where the system does not tell its load", () => {
  const { governor, run } = stage(2, 2);
  run(50, CONTENDED, 0);
  expect(governor.threads).toBe(1);
  run(600, IDLE, 0);
  expect(run(100, IDLE, 0)).toBeLessThan(100 * IDLE(2) * 1.1);
});

test("has nothing to decide with one thread", () => {
  const { governor, run } = stage(1, 2);
  run(100, CONTENDED, 9);
  expect(governor.threads).toBe(1);
});
