/**
 * A fixed number of places and a fair queue before them. Whoever comes takes the free place that suits best; when none is free
 * they wait in order, and past a limit they are turned away (model_busy) instead of waiting for minutes.
 */
import { AppError, throwIfAborted } from "@lorekeep/core";

interface Waiter<Place> {
  readonly take: (place: Place) => void;
  readonly fail: (error: AppError) => void;
}

export class Slots<Place> {
  readonly #free: Place[];
  readonly #maxWaiting: number;
  readonly #waiting: Waiter<Place>[] = [];

  constructor(places: readonly Place[], maxWaiting: number) {
    this.#free = [...places];
    this.#maxWaiting = maxWaiting;
  }

  /** Runs `work` in a place; `suits` gives the free place with the highest number. Throws model_busy, aborted. */
  async take(suits: (place: Place) => number, signal?: AbortSignal): Promise<Place> {
    throwIfAborted(signal);
    if (this.#free.length > 0) {
      const best = this.#free.reduce((a, b) => (suits(b) > suits(a) ? b : a));
      this.#free.splice(this.#free.indexOf(best), 1);
      return best;
    }
    if (this.#waiting.length >= this.#maxWaiting)
      throw new AppError("model_busy", `${this.#waiting.length} answers are waiting already. Try again in a moment.`, {
        waiting: this.#waiting.length,
      });
    let onAbort = (): void => undefined;
    try {
      return await new Promise<Place>((take, fail) => {
        const waiter: Waiter<Place> = { take, fail };
        this.#waiting.push(waiter);
        onAbort = () => {
          this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
          fail(new AppError("aborted", "The request was stopped.", {}, { cause: signal?.reason }));
        };
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Hands the place to the next in line. Every take needs exactly one give, in a finally. */
  give(place: Place): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(place);
    else next.take(place);
  }

  /** Turns everyone away who waits. */
  failWaiting(error: AppError): void {
    for (const waiter of this.#waiting.splice(0)) waiter.fail(error);
  }
}
