/**
 * How many threads a token should be computed with, found by trying. llama.cpp's threads wait for each other at every layer, so when
 * something else keeps a core busy (an ingest, another program), two threads on two cores can be ten times slower than one. Now and then
 * the governor spends a step or two on another number of threads and stays with whichever was fastest lately. More threads are tried only when
 * the system's load leaves room for them; fewer at once when a step is suddenly slow or the load is above the cores.
 */
import { availableParallelism, loadavg } from "node:os";

const FIRST_TRIAL_AFTER = 8;
const TRIAL_STEPS = 2;
const TRIAL_EVERY = 32;
const TRIAL_EVERY_AT_MOST = 256;
/** A trial that is this much slower ends at once and makes the next one rarer. */
const CLEARLY_WORSE = 1.5;
const SMOOTHING = 0.3;
/** A step this many times slower than usual: something else has begun to run. */
const SUDDENLY_SLOW = 3;
/** Load above the cores that still counts as nothing. */
const LOAD_NOISE = 0.5;

export interface Machine {
  readonly cores: number;
  /** Processes that run or wait to, averaged over the last minute; 0 where the system does not say (Windows). */
  load(): number;
}
const thisMachine: Machine = { cores: availableParallelism(), load: () => loadavg()[0]! };

interface Level {
  readonly threads: number;
  /** Smoothed; null = never tried. */
  stepMs: number | null;
}

/** 8 → 8, 4, 2, 1. */
export function threadLevels(most: number): number[] {
  const levels: number[] = [];
  for (let threads = Math.max(1, most); threads > 1; threads = Math.floor(threads / 2)) levels.push(threads);
  return [...levels, 1];
}

export class ThreadGovernor {
  readonly #machine: Machine;
  /** From most threads to one. */
  readonly #levels: readonly Level[];
  #home: Level;
  #trial: Level | null = null;
  #trials = 0;
  #stepsHere = 0;
  #trialAfter = FIRST_TRIAL_AFTER;
  #interval = TRIAL_EVERY;

  constructor(most: number, machine: Machine = thisMachine) {
    this.#machine = machine;
    this.#levels = threadLevels(most).map((threads) => ({ threads, stepMs: null }));
    this.#home = machine.load() > machine.cores + LOAD_NOISE ? this.#levels.at(-1)! : this.#levels[0]!;
  }

  /** For the next step. */
  get threads(): number {
    return (this.#trial ?? this.#home).threads;
  }

  /** Tells how long the step took that ran with `threads`. */
  record(stepMs: number): void {
    if (this.#levels.length === 1) return;
    const level = this.#trial ?? this.#home;
    const isSlow = level.stepMs !== null && stepMs > level.stepMs * SUDDENLY_SLOW;
    // The first step of a trial replaces what is remembered: it may be from another time of day.
    const isFresh = this.#trial !== null && this.#stepsHere === 0;
    level.stepMs = level.stepMs === null || isFresh ? stepMs : level.stepMs + SMOOTHING * (stepMs - level.stepMs);
    this.#stepsHere += 1;
    if (this.#trial !== null) this.#judge(this.#trial);
    else this.#begin(this.#nextTrial(isSlow));
  }

  #begin(trial: Level | null): void {
    if (trial === null) return;
    this.#trial = trial;
    this.#trials += 1;
    this.#stepsHere = 0;
  }

  #nextTrial(isSlow: boolean): Level | null {
    const { cores } = this.#machine;
    const fewer = this.#levels.filter((level) => level.threads < this.#home.threads);
    const isDue = this.#stepsHere >= this.#trialAfter;
    if (!isDue && !isSlow && this.#stepsHere % FIRST_TRIAL_AFTER !== 0) return null;
    const load = this.#machine.load();
    if (fewer.length > 0 && (isSlow || load > cores + LOAD_NOISE)) return fewer[0]!;
    if (!isDue) return null;
    const hasRoom = (level: Level): boolean => load + level.threads - this.#home.threads <= cores + LOAD_NOISE;
    const others = this.#levels.filter((level) => level !== this.#home && hasRoom(level));
    return others[this.#trials % others.length] ?? null;
  }

  #judge(trial: Level): void {
    const homeMs = this.#home.stepMs ?? Infinity;
    const trialMs = trial.stepMs ?? Infinity;
    const isHopeless = trialMs > homeMs * CLEARLY_WORSE;
    if (!isHopeless && this.#stepsHere < TRIAL_STEPS) return;
    if (trialMs < homeMs) {
      this.#home = trial;
      this.#interval = TRIAL_EVERY;
    } else {
      this.#interval = isHopeless ? Math.min(TRIAL_EVERY_AT_MOST, this.#interval * 2) : TRIAL_EVERY;
    }
    this.#trial = null;
    this.#stepsHere = 0;
    this.#trialAfter = this.#interval;
  }
}
