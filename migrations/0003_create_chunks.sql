-- `seq` is the label in the vector and the keyword index: AUTOINCREMENT, so that it is never used again.
-- A chunk is live when its version is live; no flag here, so that publishing and deleting touch few rows.
CREATE TABLE chunks (
  seq           INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE,
  version_no    INTEGER NOT NULL REFERENCES document_versions (no),
  generation_no INTEGER NOT NULL REFERENCES generations (no),
  ordinal       INTEGER NOT NULL,
  text          TEXT NOT NULL,
  span_start    INTEGER NOT NULL,
  span_end      INTEGER NOT NULL,
  page          INTEGER,
  page_end      INTEGER,
  headings      TEXT NOT NULL CHECK (json_valid(headings)),
  header        TEXT,
  token_count   INTEGER NOT NULL,
  content_hash  BLOB NOT NULL,
  UNIQUE (version_no, ordinal)
);
CREATE INDEX chunks_of_generation ON chunks (generation_no, seq, version_no);
CREATE INDEX chunks_by_hash ON chunks (generation_no, content_hash);

-- f32 little endian, length 4 × the generation's dimensions.
CREATE TABLE vectors (
  seq    INTEGER PRIMARY KEY REFERENCES chunks (seq) ON DELETE CASCADE,
  vector BLOB NOT NULL
);

-- Terms come split, folded and stemmed by split-terms.ts; the tokenizer only cuts at spaces. Holds no text, only terms.
-- `scope` holds the generation as a term (g_12), so that a search in a small collection need not walk the large ones.
CREATE VIRTUAL TABLE chunk_terms USING fts5 (
  scope, title, headings, text,
  content = '', contentless_delete = 1,
  tokenize = "ascii tokenchars '._'"
);
-- Merging by itself comes in bursts of up to a second. The writers merge a few pages with every slice instead.
INSERT INTO chunk_terms (chunk_terms, rank) VALUES ('automerge', 0);
INSERT INTO chunk_terms (chunk_terms, rank) VALUES ('crisismerge', 500);
INSERT INTO chunk_terms (chunk_terms, rank) VALUES ('deletemerge', 20);
INSERT INTO chunk_terms (chunk_terms, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab (chunk_terms, row);

-- What an index has to add and remove, one row a version and not one a chunk: the row stands for the change numbers
-- [first_change, last_change], one for each seq of `ranges` (pairs of u32 little endian: first seq, count; ascending).
CREATE TABLE index_changes (
  first_change  INTEGER PRIMARY KEY,
  last_change   INTEGER NOT NULL,
  generation_no INTEGER NOT NULL REFERENCES generations (no),
  version_no    INTEGER NOT NULL,
  operation     TEXT NOT NULL CHECK (operation IN ('add', 'remove')),
  ranges        BLOB NOT NULL
);
CREATE INDEX index_changes_of_generation ON index_changes (generation_no, last_change);

-- Numbers that only rise, whatever is deleted.
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('change', 0);
