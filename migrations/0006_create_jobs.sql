-- The embedded queue. Times that are compared are milliseconds since 1970; the others ISO 8601.
CREATE TABLE jobs (
  no             INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT NOT NULL UNIQUE,
  kind           TEXT NOT NULL,
  status         TEXT NOT NULL
                 CHECK (status IN ('queued', 'scheduled', 'running', 'succeeded', 'failed', 'cancelled', 'dead')),
  payload        TEXT NOT NULL CHECK (json_valid(payload)),
  result         TEXT,
  error          TEXT,
  progress_done  REAL NOT NULL DEFAULT 0,
  progress_total REAL,
  progress_note  TEXT,
  attempt        INTEGER NOT NULL DEFAULT 0,
  max_attempts   INTEGER NOT NULL,
  parent_id      TEXT,
  key            TEXT,
  priority       INTEGER NOT NULL DEFAULT 0,
  run_at_ms      INTEGER NOT NULL,
  lease_owner    TEXT,
  lease_until_ms INTEGER,
  created_at     TEXT NOT NULL,
  started_at     TEXT,
  ended_at_ms    INTEGER,
  -- so that a purged document's jobs go with it
  document_id    TEXT GENERATED ALWAYS AS (json_extract(payload, '$.documentId')) VIRTUAL
);
CREATE UNIQUE INDEX jobs_unended_key ON jobs (key)
  WHERE key IS NOT NULL AND status IN ('queued', 'scheduled', 'running');
CREATE INDEX jobs_waiting ON jobs (kind, priority DESC, run_at_ms, no) WHERE status IN ('queued', 'scheduled');
CREATE INDEX jobs_running ON jobs (kind, lease_until_ms) WHERE status = 'running';
CREATE INDEX jobs_by_status ON jobs (status, ended_at_ms);
CREATE INDEX jobs_by_kind ON jobs (kind, no);
CREATE INDEX jobs_of_document ON jobs (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE schedules (
  name        TEXT PRIMARY KEY,
  cron        TEXT NOT NULL,
  timezone    TEXT NOT NULL,
  enabled     INTEGER NOT NULL,
  last_due_at TEXT
) WITHOUT ROWID;
