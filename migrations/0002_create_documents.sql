-- A document is what its owner sees; a version is one parse of its bytes in one generation.
CREATE TABLE documents (
  no             INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT NOT NULL UNIQUE,
  collection_no  INTEGER NOT NULL REFERENCES collections (no),
  name           TEXT NOT NULL,
  -- NFKC and lower case, for `name contains`
  name_folded    TEXT NOT NULL,
  title          TEXT,
  external_id    TEXT,
  source         TEXT NOT NULL,
  media_type     TEXT NOT NULL,
  size_bytes     INTEGER NOT NULL,
  -- the newest bytes, and the bytes of the version that answers now
  blob           TEXT NOT NULL,
  published_blob TEXT,
  status         TEXT NOT NULL CHECK (status IN ('queued', 'processing', 'ready', 'failed')),
  stages         TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(stages)),
  error          TEXT,
  warnings       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
  metadata       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
  language       TEXT,
  page_count     INTEGER,
  version_number INTEGER NOT NULL DEFAULT 1,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  deleted_at     TEXT
);
-- what makes a second document of the same name or external id impossible
CREATE UNIQUE INDEX documents_by_external_id ON documents (collection_no, external_id)
  WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX documents_by_name ON documents (collection_no, name)
  WHERE external_id IS NULL AND deleted_at IS NULL;
CREATE INDEX documents_by_blob ON documents (blob);
CREATE INDEX documents_by_published_blob ON documents (published_blob) WHERE published_blob IS NOT NULL;
CREATE INDEX documents_by_status ON documents (collection_no, status, no) WHERE deleted_at IS NULL;
CREATE INDEX documents_deleted ON documents (no) WHERE deleted_at IS NOT NULL;

CREATE TABLE document_versions (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE,
  document_no   INTEGER NOT NULL REFERENCES documents (no),
  generation_no INTEGER NOT NULL REFERENCES generations (no),
  blob          TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('staged', 'live', 'dead')),
  chunk_count   INTEGER NOT NULL DEFAULT 0,
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
);
CREATE UNIQUE INDEX versions_live ON document_versions (document_no, generation_no) WHERE status = 'live';
CREATE UNIQUE INDEX versions_staged ON document_versions (document_no, generation_no) WHERE status = 'staged';
CREATE INDEX versions_of_document ON document_versions (document_no);
CREATE INDEX versions_of_generation ON document_versions (generation_no, status, chunk_count);
CREATE INDEX versions_by_blob ON document_versions (blob);
CREATE INDEX versions_dead ON document_versions (no) WHERE status = 'dead';

-- Parsed text in reading order; `start` and `length` are UTF-16 code units.
CREATE TABLE pages (
  no         INTEGER PRIMARY KEY,
  version_no INTEGER NOT NULL REFERENCES document_versions (no),
  ordinal    INTEGER NOT NULL,
  page       INTEGER,
  label      TEXT,
  start      INTEGER NOT NULL,
  length     INTEGER NOT NULL,
  text       TEXT NOT NULL,
  regions    TEXT NOT NULL CHECK (json_valid(regions)),
  UNIQUE (version_no, ordinal)
);
