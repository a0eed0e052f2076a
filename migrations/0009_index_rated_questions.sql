-- The terms of rated questions, so that the likest to a new one are found among all of them. No text, only terms, cut as those of
-- the keyword index; a plain table and no FTS5, so that a row that is deleted is overwritten at once.
CREATE TABLE rated_terms (
  term       TEXT NOT NULL,
  message_no INTEGER NOT NULL REFERENCES messages (no) ON DELETE CASCADE,
  PRIMARY KEY (term, message_no)
) WITHOUT ROWID;
CREATE INDEX rated_terms_of_message ON rated_terms (message_no);

-- A question that is forgotten, because it was resolved from what is gone, is no longer found by it.
CREATE TRIGGER rated_terms_forgotten AFTER UPDATE OF condensed_question ON messages
  WHEN old.condensed_question IS NOT new.condensed_question
BEGIN
  DELETE FROM rated_terms WHERE message_no = new.no;
END;
