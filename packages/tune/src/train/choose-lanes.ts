/**
 * One lane or two (lanes.ts)? Two are faster where there are two threads to give and most of the work can be shared; they
 * hold the packed weights twice, so memory decides besides. A run that is resumed may be given another number: its losses then
 * differ by rounding.
 */
import { availableParallelism } from "node:os";
import type { PlannedStep } from "./batches.ts";
import type { MemoryMode } from "./step-session.ts";

/** As many lanes as there may be: each holds packed weights of its own, and two were measured. */
export type LaneCount = 1 | 2;

/**
 * A step of one example has half of the threads in a run of two lanes and takes 1.6 times as long as with all of them,
 * while a shared step takes 0.8 of its time (SmolLM2-135M, two cores). So this share of the tokens must be in shared steps.
 */
const WORTH_SHARE = 0.75;

/** Two lanes against one session with all threads: 316 against 263 tokens/s, medians of steps taken in turn on two cores. */
export const TWO_LANES_FASTER = 1.2;

export interface LanesWanted {
  readonly memoryMode: MemoryMode;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly plan: readonly PlannedStep[];
}

/** As far as speed goes: whoever knows the shape of the model asks for the memory. */
export function fasterLanes({ memoryMode, threads, plan }: LanesWanted): LaneCount {
  const given = threadCount(threads);
  // Of an odd number one thread is idle, which must not cost more than lanes bring.
  const isWorthThreads = given >= 2 && 2 * threadsOfLane(given, 2) * TWO_LANES_FASTER >= given;
  return memoryMode === "fast" && isWorthThreads && isMostlyShared(plan) ? 2 : 1;
}

/** Threads of each lane. */
export function threadsOfLane(threads: number, lanes: LaneCount): number {
  return lanes === 1 ? threads : Math.floor(threadCount(threads) / lanes);
}

function threadCount(threads: number): number {
  return threads === 0 ? availableParallelism() : threads;
}

function isMostlyShared(plan: readonly PlannedStep[]): boolean {
  let [shared, all] = [0, 0];
  for (const { batches, tokens } of plan) {
    all += tokens;
    if (batches.length > 1 || batches[0]!.length > 1) shared += tokens;
  }
  return all > 0 && shared >= WORTH_SHARE * all;
}
