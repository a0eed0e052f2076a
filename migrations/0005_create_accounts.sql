-- Secrets are kept as hashes only: passwords argon2id, tokens and keys sha256.
CREATE TABLE users (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL UNIQUE,
  role          TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at    TEXT NOT NULL
);
CREATE TABLE sessions (
  no         INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  user_no    INTEGER NOT NULL REFERENCES users (no) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_no);
CREATE TABLE api_keys (
  no             INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  prefix         TEXT NOT NULL,
  secret_hash    TEXT NOT NULL UNIQUE,
  scopes         TEXT NOT NULL CHECK (json_valid(scopes)),
  collection_ids TEXT,
  expires_at     TEXT,
  last_used_at   TEXT,
  created_at     TEXT NOT NULL
);
CREATE TABLE one_time_secrets (
  purpose     TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  expires_at  TEXT NOT NULL,
  PRIMARY KEY (purpose, secret_hash)
) WITHOUT ROWID;
CREATE TABLE audit_log (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     TEXT NOT NULL,
  actor  TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT,
  detail TEXT NOT NULL CHECK (json_valid(detail))
);
CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) WITHOUT ROWID;
