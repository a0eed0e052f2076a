/** Jobs: at least once, so handlers are idempotent. Two drivers, one contract suite. */
import type { DocumentError, Job, JobStatus } from "../domain.ts";
import type { JobId } from "../ids.ts";

export interface EnqueueOptions {
  /** While a job with this key has not ended, enqueue returns that job instead of making another. */
  readonly key?: string | undefined;
  /** With a key: an ended job with it counts too, as long as it is remembered. Kind and key then make the job's id. */
  readonly once?: boolean | undefined;
  readonly runAt?: Date | undefined;
  readonly parentId?: JobId | undefined;
  /** Larger goes first; default 0. */
  readonly priority?: number | undefined;
}

export interface JobContext {
  readonly job: Job;
  /** Fires on cancel, on timeout, on a lost lease and on shutdown. */
  readonly signal: AbortSignal;
  progress(done: number, total: number | null, note?: string): Promise<void>;
}

export type JobHandler = (payload: unknown, context: JobContext) => Promise<unknown>;

/** How jobs of one kind run; the table is jobs/kinds.ts. */
export interface JobPolicy {
  readonly kind: string;
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

export interface JobWorker {
  /** Stops taking jobs, aborts running ones after `graceMs`, and waits; aborted jobs go back to the queue without losing an attempt. */
  close(graceMs?: number): Promise<void>;
}

export interface Queue {
  enqueue(kind: string, payload: unknown, options?: EnqueueOptions): Promise<Job>;
  work(handlers: Readonly<Record<string, JobHandler>>): Promise<JobWorker>;
  get(id: JobId): Promise<Job | null>;
  list(query: {
    statuses?: readonly JobStatus[];
    kind?: string;
    limit: number;
    cursor?: string | undefined;
  }): Promise<{ items: Job[]; nextCursor: string | null }>;
  /** A waiting job ends at once; a running one is aborted. Throws not_found, conflict (already ended). */
  cancel(id: JobId): Promise<Job>;
  /** Puts a failed, dead or cancelled job back. Throws not_found, conflict. */
  retry(id: JobId): Promise<Job>;
  /** Removes ended jobs older than this; returns how many. */
  prune(endedBefore: Date): Promise<number>;
  counts(): Promise<Readonly<Record<JobStatus, number>>>;
  close(): Promise<void>;
}

/** Rows under the embedded queue: every call is one atomic statement or transaction. Implemented by the store. */
export interface JobRows {
  /** Returns the job that has this id or, unended, this key; else makes it. */
  /** Inserts, or returns the unended job with the same key. */
  insert(
    job: Omit<Job, "startedAt" | "endedAt" | "result" | "error" | "progress" | "attempt" | "status"> & {
      priority: number;
    },
  ): Job;
  /** Leases the next due job of these kinds, respecting per-kind limits of running jobs over all processes; null when none. */
  claim(query: {
    kinds: readonly { kind: string; concurrency: number }[];
    owner: string;
    now: Date;
    leaseMs: number;
  }): Job | null;
  /** Prolongs the lease; false when the lease is lost or the job was cancelled. */
  heartbeat(id: JobId, owner: string, now: Date, leaseMs: number): boolean;
  progress(id: JobId, owner: string, done: number, total: number | null, note: string | null): void;
  succeed(id: JobId, owner: string, result: unknown, now: Date): boolean;
  /** `retryAt` set: back to the queue; null: failed for good (`dead` when attempts ran out, `failed` when retrying is useless). */
  fail(
    id: JobId,
    owner: string,
    error: DocumentError,
    outcome: { retryAt: Date } | { status: "failed" | "dead" },
    now: Date,
  ): boolean;
  /** Gives a job back unharmed, its attempt not counted. */
  release(id: JobId, owner: string, now: Date): void;
  /** Leases that ran out: back to the queue, or dead when attempts are used up. Returns how many. */
  reapExpired(now: Date): number;
  get(id: JobId): Job | null;
  list(query: { statuses?: readonly JobStatus[]; kind?: string; limit: number; cursor?: string | undefined }): {
    items: Job[];
    nextCursor: string | null;
  };
  cancel(id: JobId, now: Date): Job | null;
  retry(id: JobId, now: Date): Job | null;
  prune(endedBefore: Date): number;
  counts(): Readonly<Record<JobStatus, number>>;
  /** All that was written is on the disk when it resolves: to be awaited before somebody is told that the work will be done. */
  synced?(): Promise<void>;
}

/** Rows under the schedules: `takeDue` is what makes a due time run once, however many processes ask. */
export interface ScheduleRows {
  get(
    name: string,
  ): { name: string; cron: string; timezone: string; enabled: boolean; lastDueAt: string | null } | null;
  put(schedule: { name: string; cron: string; timezone: string; enabled: boolean }): void;
  /** Records that `dueAt` is taken; false when it (or a later one) was taken before. */
  takeDue(name: string, dueAt: string): boolean;
}
