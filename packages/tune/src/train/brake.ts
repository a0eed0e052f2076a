/**
 * How the main thread holds a training run: three words in shared memory, because the worker's event loop is blocked while
 * ONNX Runtime computes. The worker looks at them between two batches, so pause and cancel take at most one batch.
 *
 * Making way has two parts. On Linux the training threads are nice (training-thread.ts), which does nearly all of it:
 * SmolLM2-135M answered at 0.88 of its speed beside a training run on the same two cores, and at 0.28 beside one of equal
 * priority (medians of three and two answers of 150 tokens). Elsewhere a thread has no niceness of its own, so while somebody is answered
 * (`setBusy(true)`) the worker also rests after each batch for REST_SHARE times the batch's time, and ends the rest at once
 * when the machine is free again: answers have the cores to themselves for 3/4 of the time however long a batch is, and
 * training goes on at a quarter of its speed instead of starving. A second session with one thread was not worth its memory.
 */

const PAUSED = 0;
const CANCELLED = 1;
const BUSY = 2;
const WORDS = 3;
export const REST_SHARE = 3;

/** The main thread's end; one per run, for a cancelled one stays cancelled. */
export interface TrainingControl {
  /** Shared with the worker. */
  readonly words: Int32Array<SharedArrayBuffer>;
  pause(): void;
  resume(): void;
  /** Ends the run after the batch at hand; a checkpoint is left behind. */
  cancel(): void;
  /** Somebody is being answered: make way. */
  setBusy(isBusy: boolean): void;
}

export function createTrainingControl(): TrainingControl {
  const words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  const set = (word: number, value: number): void => {
    Atomics.store(words, word, value);
    Atomics.notify(words, word);
  };
  return {
    words,
    pause: () => set(PAUSED, 1),
    resume: () => set(PAUSED, 0),
    cancel: () => {
      set(CANCELLED, 1);
      set(PAUSED, 0);
      set(BUSY, 0);
    },
    setBusy: (isBusy) => set(BUSY, isBusy ? 1 : 0),
  };
}

/** The worker's end, asked before every batch. */
export interface Brake {
  /** Waits out a pause and makes way; false = cancelled. */
  mayGoOn(): boolean;
  /** Spent in mayGoOn so far. */
  readonly waitedMs: number;
}

/** Time and waiting, so that the brake can be tested without either. */
export interface BrakeClock {
  now(): number;
  /** Blocks until the word differs from 1 or the time is over. */
  wait(words: Int32Array<SharedArrayBuffer>, word: number, timeoutMs?: number): void;
}
const BLOCKING_CLOCK: BrakeClock = {
  now: () => performance.now(),
  wait: (words, word, timeoutMs) => void Atomics.wait(words, word, 1, timeoutMs),
};

/** Blocks the calling thread while it waits: for workers only. */
export function openBrake(words: Int32Array<SharedArrayBuffer>, clock: BrakeClock = BLOCKING_CLOCK): Brake {
  let releasedAt: number | null = null;
  let waitedMs = 0;
  return {
    get waitedMs() {
      return waitedMs;
    },
    mayGoOn: () => {
      const askedAt = clock.now();
      const workedMs = askedAt - (releasedAt ?? askedAt);
      if (Atomics.load(words, BUSY) === 1) clock.wait(words, BUSY, REST_SHARE * workedMs);
      while (Atomics.load(words, PAUSED) === 1 && Atomics.load(words, CANCELLED) === 0) clock.wait(words, PAUSED);
      releasedAt = clock.now();
      waitedMs += releasedAt - askedAt;
      return Atomics.load(words, CANCELLED) === 0;
    },
  };
}
