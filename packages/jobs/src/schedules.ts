/**
 * Repeating jobs: exactly one run per due time, however many processes ask and however often they restart.
 *
 * A due time first becomes a job whose id follows from it (`once`), then the schedule's row moves past it (`takeDue`). So any
 * process may enqueue it and any number of times: the queue knows the job already, even ended. A process killed before,
 * between or after the two steps neither skips a run nor doubles it, whichever queue driver holds the jobs and although the
 * rows stay in the store. A due time that passed while nothing ran is made up once at the next tick (the latest one only).
 */
import { Cron } from "croner";
import { AppError, systemClock } from "@lorekeep/core";
import type { Clock, Logger, Queue, Schedule, ScheduleRows } from "@lorekeep/core";

export interface ScheduleChange {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
}

export interface Schedules {
  get(name: string): Schedule | null;
  /** Takes effect at once; due times before now are not made up for a changed schedule. Throws schedule_invalid. */
  put(change: ScheduleChange): Promise<Schedule>;
  /** Enqueues what is due; returns how many due times this process took. */
  tick(): Promise<number>;
  /** Ticks now, and then every `tickMs`. */
  start(): Promise<void>;
  close(): void;
}

/** What a due schedule of this name enqueues; the job's key is `name:dueAt`. */
export type ScheduleTargets = Readonly<Record<string, (dueAt: string) => { kind: string; payload: unknown }>>;

const REINDEX: ScheduleTargets = {
  reindex: (dueAt) => ({ kind: "reindex", payload: { trigger: "schedule", dueAt } }),
};

export interface SchedulesOptions {
  readonly rows: ScheduleRows;
  readonly queue: Pick<Queue, "enqueue">;
  readonly logger: Logger;
  readonly clock?: Clock | undefined;
  readonly targets?: ScheduleTargets | undefined;
  readonly tickMs?: number | undefined;
}

export function openSchedules(options: SchedulesOptions): Schedules {
  const { rows, queue, logger } = options;
  const clock = options.clock ?? systemClock;
  const targets = options.targets ?? REINDEX;
  /** Latest due time of each schedule that is no job yet (its queue's server is away): a changed schedule still owes it. */
  const owed = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let ticking: Promise<number> | null = null;

  const get = (name: string): Schedule | null => {
    const row = rows.get(name);
    if (row === null) return null;
    const next = row.enabled ? parseCron(row.cron, row.timezone).nextRun(clock.now()) : null;
    return { ...row, nextDueAt: next?.toISOString() ?? null };
  };

  const run = async (): Promise<number> => {
    for (const name of Object.keys(targets)) {
      const row = rows.get(name);
      if (row === null || !row.enabled) continue;
      const dueAt = lastDue(parseCron(row.cron, row.timezone), clock.now());
      if (dueAt === null || (row.lastDueAt !== null && dueAt <= row.lastDueAt)) continue;
      owed.set(name, dueAt);
    }
    let taken = 0;
    for (const [name, dueAt] of owed) {
      const target = targets[name]!(dueAt);
      const job = await queue.enqueue(target.kind, target.payload, { key: `${name}:${dueAt}`, once: true });
      owed.delete(name);
      if (!rows.takeDue(name, dueAt)) continue;
      taken += 1;
      logger.info("schedule.due", { schedule: name, dueAt, jobId: job.id });
    }
    return taken;
  };
  const tick = (): Promise<number> => (ticking ??= run().finally(() => (ticking = null)));

  const tickSafely = async (): Promise<void> => {
    try {
      await tick();
    } catch (error) {
      logger.error("schedule.tick_failed", { error });
    }
  };

  return {
    get,
    tick,

    async put(change) {
      if (!Object.hasOwn(targets, change.name)) {
        throw new AppError("not_found", `There is no schedule named "${change.name}".`, { schedule: change.name });
      }
      const cron = parseCron(change.cron, change.timezone);
      if (cron.nextRun(clock.now()) === null) {
        throw new AppError("schedule_invalid", `The schedule "${change.cron}" never comes due.`);
      }
      if (rows.get(change.name) !== null) await tickSafely(); // what was due under the old times still runs
      // Due times of the new schedule that are already past count as taken. First on the old row, so that no other
      // process sees the new times with the old mark; again afterwards, because a new schedule has no row before.
      const past = lastDue(cron, clock.now());
      if (past !== null) rows.takeDue(change.name, past);
      rows.put(change);
      if (past !== null) rows.takeDue(change.name, past);
      return get(change.name)!;
    },

    async start() {
      clearInterval(timer);
      await tickSafely();
      timer = setInterval(() => void tickSafely(), options.tickMs ?? 1_000);
    },
    close() {
      clearInterval(timer);
    },
  };
}

/** The latest due time that is not after `now`; null when there is none. */
function lastDue(cron: Cron, now: Date): string | null {
  // croner's "previous" is strictly before its reference
  return cron.previousRuns(1, new Date(now.getTime() + 1))[0]?.toISOString() ?? null;
}

function parseCron(cron: string, timezone: string): Cron {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch (cause) {
    throw new AppError(
      "schedule_invalid",
      `"${timezone}" is not a time zone. Use a name such as Europe/Berlin, Asia/Shanghai or UTC.`,
      {},
      { cause },
    );
  }
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) {
    throw new AppError(
      "schedule_invalid",
      `A schedule has five fields (minute hour day month weekday), for example "0 2 * * *"; "${cron}" has ${cron.trim() === "" ? 0 : fields.length}.`,
    );
  }
  try {
    return new Cron(fields.join(" "), { timezone, mode: "5-part", paused: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^Cron\w+: /, "") : String(cause);
    throw new AppError("schedule_invalid", `The schedule "${cron}" cannot be read: ${why}.`, {}, { cause });
  }
}
