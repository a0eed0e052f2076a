-- The closed loop: datasets and their examples, fine-tunes, adapters and where they answer, evaluations.
ALTER TABLE messages ADD COLUMN adapter TEXT;
ALTER TABLE messages ADD COLUMN short_answer TEXT;
-- when the feedback was given: a dataset counts what came after its last fine-tune
ALTER TABLE messages ADD COLUMN feedback_at TEXT;
UPDATE messages SET feedback_at = created_at WHERE feedback IS NOT NULL;
CREATE INDEX messages_rated ON messages (feedback_at, no) WHERE feedback_at IS NOT NULL;

CREATE TABLE datasets (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  collection_id TEXT,
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
);
CREATE INDEX datasets_by_name ON datasets (name, no);

CREATE TABLE examples (
  no              INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,
  dataset_no      INTEGER NOT NULL REFERENCES datasets (no) ON DELETE CASCADE,
  external_id     TEXT,
  question        TEXT NOT NULL,
  answer          TEXT,
  rejected_answer TEXT,
  answerable      INTEGER NOT NULL,
  language        TEXT NOT NULL,
  source          TEXT NOT NULL,
  passages        TEXT NOT NULL CHECK (json_valid(passages)),
  -- examples of one group are never split between training and validation
  group_key       TEXT NOT NULL,
  split           TEXT NOT NULL CHECK (split IN ('train', 'validation')),
  status          TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
  problems        TEXT NOT NULL CHECK (json_valid(problems)),
  message_id      TEXT,
  created_at      TEXT NOT NULL
);
CREATE INDEX examples_of_dataset ON examples (dataset_no, no);
CREATE UNIQUE INDEX examples_by_external_id ON examples (dataset_no, external_id) WHERE external_id IS NOT NULL;

-- Which bytes of which document an example rests on. Essential: without them the example itself goes, not one passage of it.
CREATE TABLE example_sources (
  example_no  INTEGER NOT NULL REFERENCES examples (no) ON DELETE CASCADE,
  document_id TEXT NOT NULL,
  blob        TEXT NOT NULL,
  essential   INTEGER NOT NULL,
  PRIMARY KEY (example_no, document_id, blob)
) WITHOUT ROWID;
CREATE INDEX example_sources_by_document ON example_sources (document_id, blob);

-- Documents that ever gave text to a dataset, by id and name only: they stay listed when they are deleted.
CREATE TABLE dataset_documents (
  dataset_no  INTEGER NOT NULL REFERENCES datasets (no) ON DELETE CASCADE,
  document_id TEXT NOT NULL,
  name        TEXT NOT NULL,
  PRIMARY KEY (dataset_no, document_id)
) WITHOUT ROWID;

-- A run outlives its dataset, so it keeps the name and holds no reference.
CREATE TABLE fine_tunes (
  no                INTEGER PRIMARY KEY AUTOINCREMENT,
  id                TEXT NOT NULL UNIQUE,
  name              TEXT NOT NULL,
  dataset_id        TEXT NOT NULL,
  dataset_name      TEXT NOT NULL,
  base              TEXT NOT NULL,
  recipe            TEXT NOT NULL CHECK (json_valid(recipe)),
  status            TEXT NOT NULL,
  phase             TEXT NOT NULL,
  job_id            TEXT,
  step              INTEGER NOT NULL,
  steps             INTEGER NOT NULL,
  tokens_per_second REAL,
  eta_seconds       REAL,
  memory_bytes      INTEGER,
  skipped_steps     INTEGER NOT NULL,
  adapter_id        TEXT,
  gate              TEXT,
  error             TEXT,
  example_ids       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(example_ids)),
  created_at        TEXT NOT NULL,
  started_at        TEXT,
  ended_at          TEXT
);
CREATE INDEX fine_tunes_of_dataset ON fine_tunes (dataset_id, created_at);

CREATE TABLE fine_tune_losses (
  fine_tune_no INTEGER NOT NULL REFERENCES fine_tunes (no) ON DELETE CASCADE,
  series       TEXT NOT NULL CHECK (series IN ('loss', 'validationLoss')),
  step         INTEGER NOT NULL,
  loss         REAL NOT NULL,
  PRIMARY KEY (fine_tune_no, series, step)
) WITHOUT ROWID;

CREATE TABLE fine_tune_documents (
  fine_tune_no INTEGER NOT NULL REFERENCES fine_tunes (no) ON DELETE CASCADE,
  document_id  TEXT NOT NULL,
  name         TEXT NOT NULL,
  blob         TEXT NOT NULL,
  PRIMARY KEY (fine_tune_no, document_id)
) WITHOUT ROWID;
CREATE INDEX fine_tune_documents_by_document ON fine_tune_documents (document_id);

CREATE TABLE adapters (
  no           INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  version      INTEGER NOT NULL,
  base         TEXT NOT NULL,
  origin       TEXT NOT NULL CHECK (origin IN ('fine-tune', 'import', 'built-in')),
  fine_tune_id TEXT,
  rank         INTEGER NOT NULL,
  alpha        REAL NOT NULL,
  size_bytes   INTEGER NOT NULL,
  sha256       TEXT NOT NULL,
  passed       INTEGER NOT NULL,
  gate         TEXT,
  card         TEXT NOT NULL CHECK (json_valid(card)),
  -- below the data folder's adapters/; a path never gets another content
  file         TEXT NOT NULL UNIQUE,
  created_at   TEXT NOT NULL,
  UNIQUE (name, version)
);
CREATE INDEX adapters_of_fine_tune ON adapters (fine_tune_id) WHERE fine_tune_id IS NOT NULL;

-- What was chosen to answer, by collection id, or '*' for collections without a choice of their own. NULL = the bare base.
CREATE TABLE adapter_choices (
  collection_id TEXT PRIMARY KEY,
  adapter_no    INTEGER REFERENCES adapters (no) ON DELETE SET NULL,
  scale         REAL NOT NULL,
  since         TEXT NOT NULL
) WITHOUT ROWID;

-- Every change of a choice. chosen = 0: the choice was taken back, so '*' or the built-in adapter answers.
CREATE TABLE adapter_history (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  at            TEXT NOT NULL,
  collection_id TEXT NOT NULL,
  adapter_id    TEXT,
  chosen        INTEGER NOT NULL,
  scale         REAL NOT NULL,
  actor         TEXT NOT NULL
);
CREATE INDEX adapter_history_of_collection ON adapter_history (collection_id, no);

CREATE TABLE evaluations (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  dataset_id    TEXT NOT NULL,
  dataset_name  TEXT NOT NULL,
  collection_id TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  job_id        TEXT,
  setting       TEXT NOT NULL CHECK (json_valid(setting)),
  figures       TEXT,
  error         TEXT,
  created_at    TEXT NOT NULL,
  ended_at      TEXT
);
CREATE INDEX evaluations_of_collection ON evaluations (collection_id);

CREATE TABLE evaluation_items (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  evaluation_no INTEGER NOT NULL REFERENCES evaluations (no) ON DELETE CASCADE,
  item          TEXT NOT NULL CHECK (json_valid(item))
);
CREATE INDEX evaluation_items_of_evaluation ON evaluation_items (evaluation_no, no);

CREATE TABLE evaluation_sources (
  item_no     INTEGER NOT NULL REFERENCES evaluation_items (no) ON DELETE CASCADE,
  document_id TEXT NOT NULL,
  blob        TEXT NOT NULL,
  PRIMARY KEY (item_no, document_id, blob)
) WITHOUT ROWID;
CREATE INDEX evaluation_sources_by_document ON evaluation_sources (document_id, blob);
