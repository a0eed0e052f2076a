/**
 * Work on texts in small steps: queries first, then counting, then passages, equal ones in turn. A job is an async generator that
 * yields between its steps (a slice of tokenising, one batch of the encoder); at each yield the next step may belong to another job, and a
 * job that was stopped never gets another step. Knows nothing of models or threads.
 */
import type { JobKind } from "./embed-protocol.ts";

export interface QueuedJob {
  readonly id: number;
  readonly kind: JobKind;
  /** Runs to its end unless stopped; reports results and errors itself. */
  readonly steps: AsyncGenerator<void, void, void>;
}

const PRIORITIES: Readonly<Record<JobKind, number>> = { query: 0, count: 1, passage: 2 };

export class EmbedQueue {
  readonly #pause: () => Promise<void>;
  #jobs: QueuedJob[] = [];
  #running: Promise<void> | null = null;

  /** `pause` lets messages in between two steps. */
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  add(job: QueuedJob): void {
    this.#jobs.push(job);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** The step that runs now ends; no further one begins. */
  stop(id: number): void {
    this.#jobs = this.#jobs.filter((job) => job.id !== id);
  }

  async stopAll(): Promise<void> {
    this.#jobs = [];
    await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const job = this.#next();
      if (job === undefined) return;
      const { done } = await job.steps.next();
      // Behind its equals: two ingests advance in turn.
      if (this.#jobs.includes(job)) {
        this.stop(job.id);
        if (done !== true) this.#jobs.push(job);
      }
      await this.#pause();
    }
  }

  #next(): QueuedJob | undefined {
    return this.#jobs.reduce<QueuedJob | undefined>(
      (best, job) => (best === undefined || PRIORITIES[job.kind] < PRIORITIES[best.kind] ? job : best),
      undefined,
    );
  }
}
