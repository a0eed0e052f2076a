/** A job with its bar, until it has ended. */
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "@lorekeep/core";
import type { ErrorCode } from "@lorekeep/core";
import type { CommandContext } from "./command-context.ts";
import type { Door } from "./door.ts";
import type { JobState } from "./job-state.ts";

const POLL_MS = 300;

/** The job that succeeded. Throws the error of one that did not, and aborted after Ctrl-C. */
export async function waitForJob(
  context: Pick<CommandContext, "terminal" | "signal">,
  door: Pick<Door, "job">,
  label: string,
  started: JobState,
): Promise<JobState> {
  const bar = context.terminal.bar(label);
  let job = started;
  while (job.endedAt === null) {
    await pause(POLL_MS, undefined, { signal: context.signal });
    job = await door.job(job.id);
    bar.update(job.progress.done, job.progress.total, job.progress.note ?? "");
  }
  bar.end();
  if (job.status === "succeeded") return job;
  // The code is from the closed table: our own queue wrote it.
  throw new AppError((job.error?.code ?? "job_cancelled") as ErrorCode, job.error?.detail ?? "The run was stopped.");
}
