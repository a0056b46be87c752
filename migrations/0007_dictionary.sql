-- The physician's own dictionary: words as they are to be written, and what the recogniser writes for them.

CREATE TABLE dictionary (
  id          TEXT PRIMARY KEY,
  meant       TEXT NOT NULL CHECK (meant <> ''),
  -- None for a word that is only to be expected.
  heard       TEXT CHECK (heard <> ''),
  added_by    TEXT NOT NULL,
  created_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- The same is in it once, and what is heard stands for one thing.
CREATE UNIQUE INDEX dictionary_by_heard ON dictionary (lower(heard)) WHERE heard IS NOT NULL;
CREATE UNIQUE INDEX dictionary_by_meant ON dictionary (meant) WHERE heard IS NULL;
