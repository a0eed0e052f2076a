/**
 * The queue's SQL. `claim` is one UPDATE … RETURNING: kinds with free places → the best waiting job of each → the best of
 * those, leased. Places are counted over all processes; a lease that ran out still counts until it is reaped.
 */
import type { Database } from "better-sqlite3";

const JOB_COLUMNS = `no, id, kind, status, payload, result, error, progress_done AS progressDone,
  progress_total AS progressTotal, progress_note AS progressNote, attempt, max_attempts AS maxAttempts,
  parent_id AS parentId, key, run_at_ms AS runAtMs, created_at AS createdAt, started_at AS startedAt,
  ended_at_ms AS endedAtMs`;

const BEST_DUE_JOB = `
  WITH free AS MATERIALIZED (
    SELECT json_extract(k.value, '$.kind') AS kind FROM json_each(:limits) k
     WHERE (SELECT count(*) FROM jobs r WHERE r.kind = json_extract(k.value, '$.kind') AND r.status = 'running')
           < json_extract(k.value, '$.concurrency'))
  SELECT j.no FROM free JOIN jobs j ON j.no = (
    SELECT w.no FROM jobs w
     WHERE w.kind = free.kind AND w.status IN ('queued', 'scheduled') AND w.run_at_ms <= :now
     ORDER BY w.priority DESC, w.run_at_ms, w.no LIMIT 1)
   ORDER BY j.priority DESC, j.run_at_ms, j.no LIMIT 1`;

const HELD = "id = ? AND lease_owner = ? AND status = 'running'";

export function prepareJobStatements(sqlite: Database) {
  return {
    get: sqlite.prepare(`SELECT ${JOB_COLUMNS} FROM jobs WHERE id = ?`),
    getUnended: sqlite.prepare(
      `SELECT ${JOB_COLUMNS} FROM jobs WHERE key = ? AND status IN ('queued', 'scheduled', 'running')`,
    ),
    insert: sqlite.prepare(
      `INSERT INTO jobs (id, kind, status, payload, max_attempts, parent_id, key, priority, run_at_ms, created_at)
       VALUES (:id, :kind, :status, :payload, :maxAttempts, :parentId, :key, :priority, :runAtMs, :createdAt)`,
    ),
    peek: sqlite.prepare(BEST_DUE_JOB).pluck(),
    claim: sqlite.prepare(
      `UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_owner = :owner, lease_until_ms = :until,
              started_at = :startedAt, ended_at_ms = NULL, progress_done = 0, progress_total = NULL, progress_note = NULL
        WHERE no = (${BEST_DUE_JOB}) RETURNING ${JOB_COLUMNS}`,
    ),
    heartbeat: sqlite.prepare(`UPDATE jobs SET lease_until_ms = ? WHERE ${HELD}`),
    progress: sqlite.prepare(`UPDATE jobs SET progress_done = ?, progress_total = ?, progress_note = ? WHERE ${HELD}`),
    end: sqlite.prepare(
      `UPDATE jobs SET status = :status, result = :result, error = :error, ended_at_ms = :now,
              lease_owner = NULL, lease_until_ms = NULL
        WHERE id = :id AND lease_owner = :owner AND status = 'running'`,
    ),
    retryLater: sqlite.prepare(
      `UPDATE jobs SET status = 'scheduled', error = ?, run_at_ms = ?, lease_owner = NULL, lease_until_ms = NULL WHERE ${HELD}`,
    ),
    release: sqlite.prepare(
      `UPDATE jobs SET status = 'queued', attempt = attempt - 1, run_at_ms = min(run_at_ms, ?), lease_owner = NULL,
              lease_until_ms = NULL WHERE ${HELD}`,
    ),
    reap: sqlite.prepare(
      `UPDATE jobs SET status = iif(attempt >= max_attempts, 'dead', 'queued'),
              ended_at_ms = iif(attempt >= max_attempts, :now, NULL),
              error = iif(attempt >= max_attempts,
                json_object('code', 'job_timeout', 'detail', 'The process that ran this job ended or stopped responding.'), error),
              lease_owner = NULL, lease_until_ms = NULL
        WHERE status = 'running' AND lease_until_ms <= :now`,
    ),
    list: sqlite.prepare(
      `SELECT ${JOB_COLUMNS} FROM jobs
        WHERE no < :before AND (:kind IS NULL OR kind = :kind)
          AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
        ORDER BY no DESC LIMIT :limit`,
    ),
    cancel: sqlite.prepare(
      `UPDATE jobs SET status = 'cancelled', ended_at_ms = ?, lease_owner = NULL, lease_until_ms = NULL
        WHERE id = ? AND status IN ('queued', 'scheduled', 'running')`,
    ),
    retry: sqlite.prepare(
      `UPDATE jobs SET status = 'queued', attempt = 0, run_at_ms = ?, error = NULL, result = NULL, started_at = NULL,
              ended_at_ms = NULL, progress_done = 0, progress_total = NULL, progress_note = NULL
        WHERE id = ? AND status IN ('failed', 'dead', 'cancelled')`,
    ),
    prune: sqlite.prepare(
      "DELETE FROM jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'dead') AND ended_at_ms < ?",
    ),
    counts: sqlite.prepare("SELECT status, count(*) AS count FROM jobs GROUP BY status"),
  };
}
