/**
 * Runs the jobs of one kind from BullMQ with the same attempt logic as the embedded queue. BullMQ's part is the lock: it
 * is renewed from this process's main loop (so handlers do CPU-bound work elsewhere), and a process that died loses it.
 */
import type { Job, JobHandler, Logger } from "@lorekeep/core";
import { DelayedError, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Failure, JobData, QueuedJob, Records } from "./bullmq-records.ts";
import type { JobKind } from "./kinds.ts";
import { backoffMs, describeError, verdict } from "./retry.ts";
import { startAttempt } from "./run-attempt.ts";
import type { Attempt, Outcome } from "./run-attempt.ts";

export interface KindWorkerOptions {
  readonly name: string;
  readonly queueName: string;
  readonly prefix: string;
  readonly kind: JobKind;
  readonly handler: JobHandler;
  readonly records: Records;
  readonly redis: Redis;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly abortGraceMs: number | undefined;
  readonly random: () => number;
}

export interface KindWorker {
  run(): void;
  stopCancelled(id: string): void;
  close(graceMs: number): Promise<void>;
}

/** Redis may be away while closing: what is not over by then is cut off. */
const CLOSE_MS = 3_000;

export function openKindWorker(options: KindWorkerOptions): KindWorker {
  const { kind, records, leaseMs, logger } = options;
  const running = new Set<Attempt>();
  const stop = (id: string, reason: "cancelled" | "lease-lost"): void => {
    for (const attempt of running) if (attempt.job.id === id) attempt.stop(reason);
  };

  const process = async (bull: QueuedJob, token: string | undefined): Promise<unknown> => {
    const found = await records.find(bull.id!);
    if (found === null)
      throw fail({ status: "dead", error: { code: "not_found", detail: "The job has been removed." } });
    const { job } = found;
    if (job.status === "cancelled") throw fail(cancelled);
    if (job.attempt > job.maxAttempts) throw fail({ status: "dead", error: lost });
    const log = logger.child({ jobId: job.id, kind: job.kind, attempt: job.attempt });
    const startedAt = performance.now();
    const attempt = startAttempt({
      job: { ...job, status: "running" },
      kind,
      handler: options.handler,
      logger: log,
      abortGraceMs: options.abortGraceMs,
      progress: (done, total, note) => bull.updateProgress({ done, total, note: note ?? null }),
    });
    running.add(attempt);
    // The message about a cancel can be missed while Redis is away; the record cannot.
    const check = setInterval(() => {
      records.isCancelled(job.id).then(
        (isCancelled) => isCancelled && attempt.stop("cancelled"),
        () => undefined, // Redis is away: the lock's renewal notices
      );
    }, leaseMs / 3);
    try {
      const outcome = await attempt.outcome;
      log.info("job.attempt_ended", { outcome: outcome.type, durationMs: Math.round(performance.now() - startedAt) });
      return await settle(bull, token, job, outcome);
    } finally {
      clearInterval(check);
      running.delete(attempt);
    }
  };

  /** Returns the result, or throws what makes BullMQ do the right thing. */
  const settle = async (bull: QueuedJob, token: string | undefined, job: Job, outcome: Outcome): Promise<unknown> => {
    if (await records.isCancelled(job.id)) throw fail(cancelled);
    if (outcome.type === "succeeded") return outcome.result ?? null;
    if (outcome.type === "stopped") {
      if (outcome.reason !== "shutdown") throw fail(cancelled);
      await bull.updateData({ ...bull.data, releasedCount: bull.data.releasedCount + 1 });
      await bull.moveToWait(token);
      throw new WaitingError();
    }
    const next = verdict(outcome.error, job.attempt, job.maxAttempts);
    const error = describeError(outcome.error).record;
    logger.warn(next === "retry" ? "job.retried" : `job.${next}`, {
      jobId: job.id,
      kind: job.kind,
      code: error.code,
      error: outcome.error.cause ?? outcome.error,
    });
    if (next !== "retry") throw fail({ status: next, error });
    const runAt = Date.now() + backoffMs(kind, job.attempt, options.random);
    await bull.updateData({ ...bull.data, error, runAt: new Date(runAt).toISOString() });
    await bull.moveToDelayed(runAt, token);
    throw new DelayedError();
  };

  const worker = new Worker<JobData>(options.queueName, process, {
    connection: options.redis,
    prefix: options.prefix,
    autorun: false,
    concurrency: kind.concurrency,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: 1_000, // attempts are bounded above
    runRetryDelay: 1_000,
  });
  worker.on("error", (error) => logger.debug("job.queue_error", { kind: options.name, error }));
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) stop(id, "lease-lost");
  });

  return {
    run: () =>
      void worker.run().catch((error: unknown) => logger.error("job.worker_stopped", { kind: options.name, error })),
    stopCancelled: (id) => stop(id, "cancelled"),
    async close(graceMs) {
      await worker.pause(true);
      const stopAll = setTimeout(() => running.forEach((attempt) => attempt.stop("shutdown")), graceMs);
      await Promise.all([...running].map(({ outcome }) => outcome));
      clearTimeout(stopAll);
      let cutOff: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (cutOff = setTimeout(resolve, CLOSE_MS)));
      await Promise.race([worker.close(), late]);
      clearTimeout(cutOff);
    },
  };
}

const cancelled: Failure = { status: "cancelled", error: { code: "job_cancelled", detail: "The job was cancelled." } };
const lost = { code: "job_timeout", detail: "The process that ran this job went away." } as const;

function fail(failure: Failure): UnrecoverableError {
  return new UnrecoverableError(JSON.stringify(failure));
}
