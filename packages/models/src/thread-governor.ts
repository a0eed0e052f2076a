/**
 * How many threads a token should be computed with, found by trying. llama.cpp's threads wait for each other at every layer, so when
 * something else keeps a core busy (an ingest, another program), two threads on two cores can be ten times slower than one. Now and then the
 * governor spends two steps on another number of threads and stays with whichever was fastest lately; the better the current number
 * does, the rarer it asks.
 */
const FIRST_TRIAL_AFTER = 8;
const TRIAL_STEPS = 2;
const TRIAL_EVERY = 32;
const TRIAL_EVERY_AT_MOST = 256;
/** A trial that is this much slower ends at once and makes the next one rarer. */
const CLEARLY_WORSE = 1.5;
const SMOOTHING = 0.3;
/** A step this many times slower than usual: something else has begun to run, so try at once. */
const SUDDENLY_SLOW = 3;

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
  readonly #levels: readonly Level[];
  #home: Level;
  #trial: Level | null = null;
  #lastTrial = 0;
  #stepsHere = 0;
  #trialAfter = FIRST_TRIAL_AFTER;
  #interval = TRIAL_EVERY;

  /** `isBusy`: begin with one thread, because the machine has work already. */
  constructor(most: number, isBusy: boolean) {
    this.#levels = threadLevels(most).map((threads) => ({ threads, stepMs: null }));
    this.#home = isBusy ? this.#levels.at(-1)! : this.#levels[0]!;
  }

  /** For the next step. */
  get threads(): number {
    return (this.#trial ?? this.#home).threads;
  }

  /** Tells how long the step took that ran with `threads`. */
  record(stepMs: number): void {
    if (this.#levels.length === 1) return;
    const level = this.#trial ?? this.#home;
    // The first step of a trial replaces what is remembered: it may be from another time of day.
    const isFresh = this.#trial !== null && this.#stepsHere === 0;
    const isSudden = this.#trial === null && level.stepMs !== null && stepMs > level.stepMs * SUDDENLY_SLOW;
    level.stepMs = level.stepMs === null || isFresh ? stepMs : level.stepMs + SMOOTHING * (stepMs - level.stepMs);
    this.#stepsHere += 1;
    if (isSudden) this.#stepsHere = Math.max(this.#stepsHere, this.#trialAfter);
    if (this.#trial === null) this.#maybeTry();
    else this.#judge(this.#trial);
  }

  #maybeTry(): void {
    if (this.#stepsHere < this.#trialAfter) return;
    const others = this.#levels.filter((level) => level !== this.#home);
    this.#trial = others[this.#lastTrial % others.length]!;
    this.#lastTrial += 1;
    this.#stepsHere = 0;
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
