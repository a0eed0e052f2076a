-- Collections and their generations. `no` columns are small integer keys for joins; `id` is what the outside sees.
CREATE TABLE collections (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  description   TEXT NOT NULL,
  language      TEXT NOT NULL,
  retrieval     TEXT NOT NULL CHECK (json_valid(retrieval)),
  serving_no    INTEGER REFERENCES generations (no),
  next_no       INTEGER REFERENCES generations (no),
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL,
  deleted_at    TEXT
);
CREATE UNIQUE INDEX collections_by_name ON collections (name) WHERE deleted_at IS NULL;

-- One (embedder, chunking) pair of one collection. `purge_after`: rows of a retired generation stay until then, for a rollback.
CREATE TABLE generations (
  no                   INTEGER PRIMARY KEY AUTOINCREMENT,
  id                   TEXT NOT NULL UNIQUE,
  collection_no        INTEGER NOT NULL REFERENCES collections (no),
  embedder             TEXT NOT NULL,
  embedder_fingerprint TEXT NOT NULL,
  dimensions           INTEGER NOT NULL CHECK (dimensions > 0),
  max_tokens           INTEGER NOT NULL,
  overlap_tokens       INTEGER NOT NULL,
  status               TEXT NOT NULL CHECK (status IN ('building', 'serving', 'retired')),
  purge_after          TEXT,
  -- index_changes up to this number have been trimmed
  trimmed_change       INTEGER NOT NULL DEFAULT 0,
  created_at           TEXT NOT NULL
);
CREATE INDEX generations_of_collection ON generations (collection_no);
CREATE UNIQUE INDEX generations_serving ON generations (collection_no) WHERE status = 'serving';
