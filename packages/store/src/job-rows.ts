/**
 * Rows under the embedded queue. Every method is one statement or one transaction, so any number of processes may work on
 * one table. A running job belongs to its lease's owner; whoever lost the lease can change nothing any more.
 */
import type { Job, JobId, JobRows, JobStatus } from "@lorekeep/core";
import { JOB_STATUSES } from "@lorekeep/core";
import { cursorNumber, toPage } from "./cursors.ts";
import { prepareJobStatements } from "./job-statements.ts";
import type { Connection } from "./open-database.ts";

interface JobRow {
  readonly no: number;
  readonly id: JobId;
  readonly kind: string;
  readonly status: JobStatus;
  readonly payload: string;
  readonly result: string | null;
  readonly error: string | null;
  readonly progressDone: number;
  readonly progressTotal: number | null;
  readonly progressNote: string | null;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly parentId: JobId | null;
  readonly key: string | null;
  readonly runAtMs: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAtMs: number | null;
}

export function openJobRows(connection: Connection): JobRows {
  const { sqlite } = connection;
  const sql = prepareJobStatements(sqlite);

  const get = (id: JobId): Job | null => {
    const row = sql.get.get(id) as JobRow | undefined;
    return row ? toJob(row) : null;
  };

  return {
    insert(job) {
      return connection.write(() => {
        const known = get(job.id);
        if (known) return known;
        const same = job.key === null ? undefined : (sql.getUnended.get(job.key) as JobRow | undefined);
        if (same) return toJob(same);
        const runAtMs = Date.parse(job.runAt);
        sql.insert.run({
          id: job.id,
          kind: job.kind,
          status: runAtMs > Date.parse(job.createdAt) ? "scheduled" : "queued",
          payload: toJson(job.payload),
          maxAttempts: job.maxAttempts,
          parentId: job.parentId,
          key: job.key,
          priority: job.priority,
          runAtMs,
          createdAt: job.createdAt,
        });
        return get(job.id)!;
      });
    },
    claim({ kinds, owner, now, leaseMs }) {
      const nowMs = now.getTime();
      const limits = JSON.stringify(kinds);
      // A look without the write lock: most polls find nothing.
      if (sql.peek.get({ limits, now: nowMs }) === undefined) return null;
      const row = sql.claim.get({ limits, now: nowMs, owner, until: nowMs + leaseMs, startedAt: now.toISOString() });
      return row ? toJob(row as JobRow) : null;
    },
    heartbeat(id, owner, now, leaseMs) {
      return sql.heartbeat.run(now.getTime() + leaseMs, id, owner).changes === 1;
    },
    progress(id, owner, done, total, note) {
      sql.progress.run(done, total, note, id, owner);
    },
    succeed(id, owner, result, now) {
      // Not durable by itself: after a power cut the job is done once more, which ends in the same state.
      return connection.write(
        () =>
          sql.end.run({ id, owner, status: "succeeded", result: toJson(result), error: null, now: now.getTime() })
            .changes === 1,
      );
    },
    synced: () => connection.synced(),
    fail(id, owner, error, outcome, now) {
      const cause = JSON.stringify({ code: error.code, detail: error.detail });
      if ("retryAt" in outcome) return sql.retryLater.run(cause, outcome.retryAt.getTime(), id, owner).changes === 1;
      const { status } = outcome;
      return sql.end.run({ id, owner, status, result: null, error: cause, now: now.getTime() }).changes === 1;
    },
    release(id, owner, now) {
      sql.release.run(now.getTime(), id, owner);
    },
    reapExpired(now) {
      return sql.reap.run({ now: now.getTime() }).changes;
    },
    get,
    list(query) {
      const before = cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER);
      const rows = sql.list.all({
        before,
        statuses: query.statuses ? JSON.stringify(query.statuses) : null,
        kind: query.kind ?? null,
        limit: query.limit + 1,
      }) as JobRow[];
      return toPage(rows, query.limit, toJob, (row) => [row.no]);
    },
    cancel(id, now) {
      return connection.writeDurably(() => (sql.cancel.run(now.getTime(), id).changes === 1 ? get(id) : null));
    },
    retry(id, now) {
      return connection.writeDurably(() => {
        const row = sql.get.get(id) as JobRow | undefined;
        // Another job with the same key is waiting or running already: this one would do its work twice.
        if (!row || (row.key !== null && sql.getUnended.get(row.key))) return null;
        return sql.retry.run(now.getTime(), id).changes === 1 ? get(id) : null;
      });
    },
    prune(endedBefore) {
      return sql.prune.run(endedBefore.getTime()).changes;
    },
    counts() {
      const rows = sql.counts.all() as { status: JobStatus; count: number }[];
      const counts = new Map(rows.map(({ status, count }) => [status, count]));
      return Object.fromEntries(JOB_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as Record<
        JobStatus,
        number
      >;
    },
  };
}

/** `undefined` has no JSON form; null stands for it. */
function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    payload: JSON.parse(row.payload) as unknown,
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error: row.error === null ? null : (JSON.parse(row.error) as Job["error"]),
    progress: { done: row.progressDone, total: row.progressTotal, note: row.progressNote },
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    parentId: row.parentId,
    key: row.key,
    runAt: new Date(row.runAtMs).toISOString(),
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: row.endedAtMs === null ? null : new Date(row.endedAtMs).toISOString(),
  };
}
