/**
 * The embedded queue: rows in the database, leases with heartbeats, no other server. Default driver of the Queue port.
 *
 * A job belongs to a process while its lease lives; the process prolongs it from its main loop, so a handler must do
 * CPU-bound work in a worker thread or child process. A process that dies stops prolonging, and whichever process looks
 * next takes the job over (at least once, hence idempotent handlers). Every row change is one atomic call of JobRows.
 */
import { randomUUID } from "node:crypto";
import { AppError, newId, systemClock } from "@lorekeep/core";
import type { Clock, Job, JobHandler, JobRows, JobStatus, JobWorker, Logger, Queue } from "@lorekeep/core";
import type { JobKinds } from "./kinds.ts";
import { onceId } from "./once-id.ts";
import { kindOf } from "./retry.ts";
import { startSqliteWorker } from "./sqlite-worker.ts";
import type { SqliteWorker } from "./sqlite-worker.ts";

export interface SqliteQueueOptions {
  readonly rows: JobRows;
  readonly kinds: JobKinds;
  readonly logger: Logger;
  readonly clock?: Clock | undefined;
  /** How often to look for jobs that other processes enqueued; jobs of this process start at once. */
  readonly pollMs?: number | undefined;
  /** A process silent for this long has lost its jobs. */
  readonly leaseMs?: number | undefined;
  /** A handler has this long to come back after its signal fired. */
  readonly abortGraceMs?: number | undefined;
  /** Spreads retries; [0,1). */
  readonly random?: (() => number) | undefined;
}

const ENDED: readonly JobStatus[] = ["succeeded", "failed", "cancelled", "dead"];

export function openSqliteQueue(options: SqliteQueueOptions): Queue {
  const { rows, kinds, logger } = options;
  const clock = options.clock ?? systemClock;
  const workers = new Set<SqliteWorker>();

  const found = (job: Job | null, id: string): Job => {
    if (job === null) throw new AppError("not_found", `There is no job ${id}.`, { jobId: id });
    return job;
  };

  return {
    async enqueue(kind, payload, enqueueOptions = {}) {
      const policy = kindOf(kinds, kind);
      const now = clock.now();
      const { key, once } = enqueueOptions;
      const job = rows.insert({
        id: once === true && key !== undefined ? onceId(kind, key) : newId("job"),
        kind,
        payload,
        maxAttempts: policy.maxAttempts,
        parentId: enqueueOptions.parentId ?? null,
        key: key ?? null,
        runAt: (enqueueOptions.runAt ?? now).toISOString(),
        createdAt: now.toISOString(),
        priority: enqueueOptions.priority ?? 0,
      });
      await rows.synced?.();
      for (const worker of workers) worker.wake();
      return job;
    },

    async work(handlers: Readonly<Record<string, JobHandler>>): Promise<JobWorker> {
      for (const name of Object.keys(handlers)) kindOf(kinds, name);
      const worker = startSqliteWorker({
        rows,
        kinds,
        logger,
        clock,
        handlers,
        owner: `${process.pid}-${randomUUID()}`,
        pollMs: options.pollMs ?? 500,
        leaseMs: options.leaseMs ?? 30_000,
        abortGraceMs: options.abortGraceMs,
        random: options.random ?? Math.random,
      });
      workers.add(worker);
      return {
        async close(graceMs) {
          workers.delete(worker);
          await worker.close(graceMs);
        },
      };
    },

    async get(id) {
      return rows.get(id);
    },
    async list(query) {
      return rows.list(query);
    },

    async cancel(id) {
      const job = rows.cancel(id, clock.now());
      if (job === null) {
        const current = found(rows.get(id), id);
        throw new AppError("conflict", `Job ${id} has already ended (${current.status}).`, { jobId: id });
      }
      for (const worker of workers) worker.stopCancelled(id);
      return job;
    },

    async retry(id) {
      const job = rows.retry(id, clock.now());
      if (job === null) {
        const current = found(rows.get(id), id);
        const why = ENDED.includes(current.status) ? "another job with its key is waiting" : "it has not ended";
        throw new AppError("conflict", `Job ${id} (${current.status}) cannot be tried again: ${why}.`, { jobId: id });
      }
      for (const worker of workers) worker.wake();
      return job;
    },

    async prune(endedBefore) {
      return rows.prune(endedBefore);
    },
    async counts() {
      return rows.counts();
    },

    async close() {
      const closing = [...workers];
      workers.clear();
      await Promise.all(closing.map((worker) => worker.close()));
    },
  };
}
