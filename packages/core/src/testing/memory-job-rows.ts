/** JobRows and ScheduleRows in memory: the smallest thing that keeps their promises. Shared by "processes" of one test. */
import type { Job, JobStatus } from "../domain.ts";
import { JOB_STATUSES } from "../domain.ts";
import type { JobRows, ScheduleRows } from "../ports/queue.ts";

interface Row {
  job: Job;
  priority: number;
  order: number;
  owner: string | null;
  leaseUntil: number;
}

const WAITING: readonly JobStatus[] = ["queued", "scheduled"];
const UNENDED: readonly JobStatus[] = [...WAITING, "running"];

export function memoryJobRows(): JobRows {
  const rows = new Map<string, Row>();
  let order = 0;
  const waiting = (row: Row) => WAITING.includes(row.job.status);
  const unended = (row: Row) => UNENDED.includes(row.job.status);
  const change = (row: Row, changes: Partial<Job>): Job => (row.job = { ...row.job, ...changes });
  const owned = (id: string, owner: string): Row | null => {
    const row = rows.get(id);
    return row?.owner === owner && row.job.status === "running" ? row : null;
  };
  const holderOf = (key: string | null) =>
    key === null ? undefined : [...rows.values()].find((row) => row.job.key === key && unended(row));
  const end = (row: Row, now: Date, changes: Partial<Job>): Job => {
    row.owner = null;
    return change(row, { ...changes, endedAt: now.toISOString() });
  };

  return {
    insert({ priority, ...job }) {
      const holder = rows.get(job.id) ?? holderOf(job.key);
      if (holder !== undefined) return holder.job;
      const made: Job = {
        ...structuredClone(job),
        status: job.runAt > job.createdAt ? "scheduled" : "queued",
        result: null,
        error: null,
        progress: { done: 0, total: null, note: null },
        attempt: 0,
        startedAt: null,
        endedAt: null,
      };
      rows.set(job.id, { job: made, priority, order: order++, owner: null, leaseUntil: 0 });
      return made;
    },
    claim({ kinds, owner, now, leaseMs }) {
      const free = new Set(
        kinds
          .filter(
            ({ kind, concurrency }) =>
              [...rows.values()].filter((row) => row.job.kind === kind && row.job.status === "running").length <
              concurrency,
          )
          .map(({ kind }) => kind),
      );
      const [row] = [...rows.values()]
        .filter((row) => waiting(row) && free.has(row.job.kind) && row.job.runAt <= now.toISOString())
        .sort((a, b) => b.priority - a.priority || a.job.runAt.localeCompare(b.job.runAt) || a.order - b.order);
      if (row === undefined) return null;
      row.owner = owner;
      row.leaseUntil = now.getTime() + leaseMs;
      return change(row, { status: "running", attempt: row.job.attempt + 1, startedAt: now.toISOString() });
    },
    heartbeat(id, owner, now, leaseMs) {
      const row = owned(id, owner);
      if (row !== null) row.leaseUntil = now.getTime() + leaseMs;
      return row !== null;
    },
    progress(id, owner, done, total, note) {
      const row = owned(id, owner);
      if (row !== null) change(row, { progress: { done, total, note } });
    },
    succeed(id, owner, result, now) {
      const row = owned(id, owner);
      if (row !== null) end(row, now, { status: "succeeded", result, error: null });
      return row !== null;
    },
    fail(id, owner, error, outcome, now) {
      const row = owned(id, owner);
      if (row === null) return false;
      if ("status" in outcome) end(row, now, { status: outcome.status, error });
      else {
        row.owner = null;
        change(row, { status: "scheduled", error, runAt: outcome.retryAt.toISOString() });
      }
      return true;
    },
    release(id, owner) {
      const row = owned(id, owner);
      if (row === null) return;
      row.owner = null;
      change(row, { status: "queued", attempt: row.job.attempt - 1, startedAt: null });
    },
    reapExpired(now) {
      const expired = [...rows.values()].filter(
        (row) => row.job.status === "running" && row.leaseUntil < now.getTime(),
      );
      for (const row of expired) {
        row.owner = null;
        const error = { code: "job_timeout", detail: "The process that ran this job went away." } as const;
        if (row.job.attempt >= row.job.maxAttempts) end(row, now, { status: "dead", error });
        else change(row, { status: "queued" });
      }
      return expired.length;
    },
    get: (id) => rows.get(id)?.job ?? null,
    list({ statuses, kind, limit, cursor }) {
      const matching = [...rows.values()]
        .filter((row) => (statuses?.includes(row.job.status) ?? true) && (kind === undefined || row.job.kind === kind))
        .sort((a, b) => b.order - a.order)
        .filter((row) => cursor === undefined || row.order < Number(cursor));
      const page = matching.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((row) => row.job),
        nextCursor: last !== undefined && matching.length > limit ? String(last.order) : null,
      };
    },
    cancel(id, now) {
      const row = rows.get(id);
      return row !== undefined && unended(row) ? end(row, now, { status: "cancelled" }) : null;
    },
    retry(id, now) {
      const row = rows.get(id);
      if (row === undefined || unended(row) || row.job.status === "succeeded") return null;
      if (holderOf(row.job.key) !== undefined) return null;
      const runAt = now.toISOString();
      return change(row, { status: "queued", attempt: 0, error: null, startedAt: null, endedAt: null, runAt });
    },
    prune(endedBefore) {
      const old = [...rows.values()].filter(
        (row) => row.job.endedAt !== null && row.job.endedAt < endedBefore.toISOString(),
      );
      for (const row of old) rows.delete(row.job.id);
      return old.length;
    },
    counts() {
      const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;
      for (const row of rows.values()) counts[row.job.status] += 1;
      return counts;
    },
  };
}

export function memoryScheduleRows(): ScheduleRows {
  const rows = new Map<string, NonNullable<ReturnType<ScheduleRows["get"]>>>();
  return {
    get: (name) => rows.get(name) ?? null,
    put: (schedule) =>
      void rows.set(schedule.name, { ...schedule, lastDueAt: rows.get(schedule.name)?.lastDueAt ?? null }),
    takeDue(name, dueAt) {
      const row = rows.get(name);
      if (row === undefined || (row.lastDueAt !== null && row.lastDueAt >= dueAt)) return false;
      row.lastDueAt = dueAt;
      return true;
    },
  };
}
