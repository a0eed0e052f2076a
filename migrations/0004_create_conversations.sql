CREATE TABLE conversations (
  no             INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT NOT NULL UNIQUE,
  owner          TEXT NOT NULL,
  title          TEXT NOT NULL,
  collection_ids TEXT NOT NULL CHECK (json_valid(collection_ids)),
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL
);
CREATE INDEX conversations_of_owner ON conversations (owner, updated_at, no);

CREATE TABLE messages (
  no                 INTEGER PRIMARY KEY AUTOINCREMENT,
  id                 TEXT NOT NULL UNIQUE,
  conversation_no    INTEGER NOT NULL REFERENCES conversations (no) ON DELETE CASCADE,
  role               TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  text               TEXT NOT NULL,
  status             TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'failed')),
  condensed_question TEXT,
  refused            INTEGER NOT NULL,
  reason             TEXT,
  extractive         INTEGER NOT NULL,
  citations          TEXT NOT NULL CHECK (json_valid(citations)),
  passages           TEXT NOT NULL CHECK (json_valid(passages)),
  trace              TEXT NOT NULL CHECK (json_valid(trace)),
  usage              TEXT,
  model              TEXT,
  feedback           TEXT,
  created_at         TEXT NOT NULL
);
CREATE INDEX messages_of_conversation ON messages (conversation_no, no);
CREATE INDEX messages_streaming ON messages (no) WHERE status = 'streaming';

-- Which bytes of which document a message rests on, so that a deletion finds every message that quotes it.
CREATE TABLE message_sources (
  message_no  INTEGER NOT NULL REFERENCES messages (no) ON DELETE CASCADE,
  document_id TEXT NOT NULL,
  blob        TEXT NOT NULL,
  PRIMARY KEY (message_no, document_id, blob)
) WITHOUT ROWID;
CREATE INDEX message_sources_by_document ON message_sources (document_id, blob);

-- Deleted documents and replaced bytes whose quotes still have to be taken out of messages.
CREATE TABLE gone_sources (
  document_id TEXT NOT NULL,
  blob        TEXT NOT NULL,
  PRIMARY KEY (document_id, blob)
) WITHOUT ROWID;
