/**
 * The job skin: takes jobs and runs the schedules of an open platform. Runs inside `api` by default, or in a process of its
 * own (main.ts); any number of processes may do so, each job and each due time still runs once.
 */
import type { Platform } from "@lorekeep/platform";

export interface RunningWorker {
  /** Running jobs are given back to the queue; they lose no attempt. */
  close(): Promise<void>;
}

export function startWorker(platform: Platform): Promise<RunningWorker> {
  return platform.startWorker();
}
