/**
 * One attempt of one job, the same for both drivers: check the payload, call the handler, end it on timeout, cancel or
 * shutdown. The promise settles in bounded time even when a handler ignores its signal: it is then abandoned (and logged),
 * because a job that never ends would hold its place for ever.
 */
import { AppError } from "@lorekeep/core";
import type { Job, JobHandler, Logger } from "@lorekeep/core";
import type { JobKind } from "./kinds.ts";
import { describeError, parsePayload } from "./retry.ts";

/** A handler has this long to come back after its signal fired. */
export const ABORT_GRACE_MS = 5_000;

export type StopReason = "cancelled" | "timeout" | "lease-lost" | "shutdown";
export type Outcome =
  | { readonly type: "succeeded"; readonly result: unknown }
  | { readonly type: "stopped"; readonly reason: Exclude<StopReason, "timeout"> }
  | { readonly type: "failed"; readonly error: AppError };

export interface Attempt {
  readonly job: Job;
  readonly outcome: Promise<Outcome>;
  stop(reason: StopReason): void;
}

export interface AttemptOptions {
  readonly job: Job;
  readonly kind: JobKind;
  readonly handler: JobHandler;
  readonly progress: (done: number, total: number | null, note?: string) => Promise<void>;
  readonly logger: Logger;
  readonly abortGraceMs?: number | undefined;
}

export function startAttempt(options: AttemptOptions): Attempt {
  const { job, kind } = options;
  const controller = new AbortController();
  let reason: StopReason | null = null;
  let abandon: () => void = () => undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  const abandoned = new Promise<"abandoned">((resolve) => (abandon = () => resolve("abandoned")));

  const stop = (why: StopReason): void => {
    if (reason !== null) return;
    reason = why;
    controller.abort(stopError(why, kind));
    graceTimer = setTimeout(abandon, options.abortGraceMs ?? ABORT_GRACE_MS);
  };
  const timeout = setTimeout(() => stop("timeout"), Math.min(kind.timeoutMs, 2 ** 31 - 1));

  const run = async (): Promise<Outcome> => {
    try {
      const payload = parsePayload(kind, job.kind, job.payload);
      const handled = options.handler(payload, { job, signal: controller.signal, progress: options.progress });
      // An abandoned handler may still reject later; nobody waits for it then.
      handled.catch(() => undefined);
      const winner = await Promise.race([handled.then((result) => ({ result })), abandoned]);
      if (winner !== "abandoned") return { type: "succeeded", result: winner.result };
      options.logger.error("job.abandoned", { jobId: job.id, kind: job.kind, reason });
      return stopped(reason, kind);
    } catch (error) {
      if (reason !== null) return stopped(reason, kind);
      return { type: "failed", error: describeError(error).error };
    } finally {
      clearTimeout(timeout);
      clearTimeout(graceTimer);
    }
  };
  return { job, outcome: run(), stop };
}

function stopped(reason: StopReason | null, kind: JobKind): Outcome {
  if (reason === null || reason === "timeout") return { type: "failed", error: stopError("timeout", kind) };
  return { type: "stopped", reason };
}

function stopError(reason: StopReason, kind: JobKind): AppError {
  if (reason === "timeout") {
    return new AppError(
      "job_timeout",
      `The job took longer than ${Math.round(kind.timeoutMs / 1000)} s and was stopped.`,
      {
        timeoutMs: kind.timeoutMs,
      },
    );
  }
  return new AppError("job_cancelled", `The job was stopped (${reason}).`, { reason });
}
