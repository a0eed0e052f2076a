/**
 * Takes jobs of the embedded queue and runs them. One loop: reap leases that ran out, claim until nothing is due, sleep
 * until the next poll or a wake-up. Row errors (database busy, disk full) are logged and tried again at the next poll:
 * an unfinished lease heals by itself.
 */
import type { Clock, Job, JobHandler, JobRows, Logger } from "@lorekeep/core";
import type { JobKinds } from "./kinds.ts";
import { backoffMs, describeError, kindOf, verdict } from "./retry.ts";
import { startAttempt } from "./run-attempt.ts";
import type { Attempt, Outcome } from "./run-attempt.ts";

export interface SqliteWorkerOptions {
  readonly rows: JobRows;
  readonly kinds: JobKinds;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  readonly owner: string;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly abortGraceMs: number | undefined;
  readonly random: () => number;
}

export interface SqliteWorker {
  /** Look for work now rather than at the next poll. */
  wake(): void;
  /** Aborts this job when it runs here; its row is cancelled already. */
  stopCancelled(id: string): void;
  close(graceMs?: number): Promise<void>;
}

export const DEFAULT_GRACE_MS = 5_000;

export function startSqliteWorker(options: SqliteWorkerOptions): SqliteWorker {
  const { rows, clock, logger, owner, leaseMs } = options;
  const claimable = Object.keys(options.handlers).map((kind) => ({
    kind,
    concurrency: kindOf(options.kinds, kind).concurrency,
  }));
  /** By lease: a job whose lease this process lost may come back to it while its old handler still unwinds. */
  const running = new Map<string, { attempt: Attempt; done: Promise<void> }>();
  let claimCount = 0;
  let closing: Promise<void> | null = null;
  let pollTimer: NodeJS.Timeout | undefined;
  let wakeUp: NodeJS.Immediate | undefined;
  let nextReapAt = 0;

  const look = (): void => {
    wakeUp = undefined;
    clearTimeout(pollTimer);
    if (closing !== null) return;
    attemptRows("job.claim_failed", () => {
      if (clock.now().getTime() >= nextReapAt) {
        const reaped = rows.reapExpired(clock.now());
        if (reaped > 0) logger.warn("job.leases_expired", { jobCount: reaped });
        nextReapAt = clock.now().getTime() + leaseMs / 3;
      }
      for (;;) {
        const lease = `${owner}:${++claimCount}`;
        const job = rows.claim({ kinds: claimable, owner: lease, now: clock.now(), leaseMs });
        if (job === null) break;
        begin(job, lease);
      }
    });
    pollTimer = setTimeout(look, options.pollMs);
  };
  const wake = (): void => {
    if (closing === null) wakeUp ??= setImmediate(look);
  };

  const attemptRows = <Value>(
    event: string,
    change: () => Value,
    fields: Record<string, unknown> = {},
  ): Value | null => {
    try {
      return change();
    } catch (error) {
      logger.error(event, { ...fields, error });
      return null;
    }
  };

  const begin = (job: Job, lease: string): void => {
    const kind = kindOf(options.kinds, job.kind);
    const log = logger.child({ jobId: job.id, kind: job.kind, attempt: job.attempt });
    const startedAt = performance.now();
    const attempt = startAttempt({
      job,
      kind,
      handler: options.handlers[job.kind]!, // claim asks for these kinds only
      logger: log,
      abortGraceMs: options.abortGraceMs,
      async progress(done, total, note) {
        attemptRows("job.progress_failed", () => rows.progress(job.id, lease, done, total, note ?? null), {
          jobId: job.id,
        });
      },
    });
    const heartbeat = setInterval(() => {
      const alive = attemptRows("job.heartbeat_failed", () => rows.heartbeat(job.id, lease, clock.now(), leaseMs), {
        jobId: job.id,
      });
      if (alive !== false) return;
      const cancelled = attemptRows("job.read_failed", () => rows.get(job.id)?.status === "cancelled");
      attempt.stop(cancelled === true ? "cancelled" : "lease-lost");
    }, leaseMs / 3);
    log.debug("job.started");
    const done = attempt.outcome.then((outcome) => {
      clearInterval(heartbeat);
      running.delete(lease);
      settle(job, lease, outcome, log, performance.now() - startedAt);
      wake(); // a place is free
    });
    running.set(lease, { attempt, done });
  };

  const settle = (job: Job, lease: string, outcome: Outcome, log: Logger, durationMs: number): void => {
    const now = clock.now();
    const fields = { durationMs: Math.round(durationMs) };
    attemptRows("job.settle_failed", () => {
      if (outcome.type === "succeeded") {
        const kept = rows.succeed(job.id, lease, outcome.result ?? null, now);
        log.info(kept ? "job.succeeded" : "job.result_discarded", fields);
      } else if (outcome.type === "stopped") {
        if (outcome.reason === "shutdown") rows.release(job.id, lease, now);
        log.info("job.stopped", { ...fields, reason: outcome.reason });
      } else {
        const next = verdict(outcome.error, job.attempt, job.maxAttempts);
        const pauseMs = backoffMs(kindOf(options.kinds, job.kind), job.attempt, options.random);
        const fate = next === "retry" ? { retryAt: new Date(now.getTime() + pauseMs) } : { status: next };
        rows.fail(job.id, lease, describeError(outcome.error).record, fate, now);
        const event = next === "retry" ? "job.retried" : `job.${next}`;
        log.warn(event, { ...fields, code: outcome.error.code, error: outcome.error.cause ?? outcome.error });
      }
    });
  };

  const close = async (graceMs: number): Promise<void> => {
    clearTimeout(pollTimer);
    clearImmediate(wakeUp);
    const stopAll = setTimeout(() => {
      for (const { attempt } of running.values()) attempt.stop("shutdown");
    }, graceMs);
    await Promise.all([...running.values()].map(({ done }) => done));
    clearTimeout(stopAll);
  };

  look();
  return {
    wake,
    stopCancelled(id) {
      for (const { attempt } of running.values()) if (attempt.job.id === id) attempt.stop("cancelled");
    },
    close: (graceMs = DEFAULT_GRACE_MS) => (closing ??= close(graceMs)),
  };
}
