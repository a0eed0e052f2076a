/** What the tests of the queue contract stand on: a fresh queue each, the kinds of its jobs, and how to wait for one. */
import { z } from "zod";
import type { Job, JobStatus } from "../domain.ts";
import type { Queue } from "../ports/queue.ts";

const base = { payload: z.strictObject({ value: z.string() }), maxAttempts: 3, backoffMs: 10, timeoutMs: 20_000 };
/** The kinds that the driver under test must be opened with. Pauses are tiny: a driver's server has its own clock. */
export const CONTRACT_KINDS = {
  echo: { ...base, concurrency: 2 },
  single: { ...base, concurrency: 1 },
  brief: { ...base, maxAttempts: 2, timeoutMs: 60, concurrency: 2 },
} as const;

export interface QueueUnderTest {
  /** One more handle on the same queue, as another process would have. */
  open(): Promise<Queue>;
  close(): Promise<void>;
}

export interface QueueStage {
  readonly queue: Queue;
  open(): Promise<Queue>;
  /** The job once it has this status. */
  status(job: Job, wanted: JobStatus): Promise<Job>;
}

export const value = (text: string) => ({ value: text });
