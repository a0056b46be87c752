-- The payer-rule library: policies as they were read, cut into passages, each with its vector.
CREATE TABLE policies (
  id                  TEXT PRIMARY KEY,
  payer               TEXT NOT NULL,
  title               TEXT NOT NULL,
  -- Number without version, and version as printed.
  number              TEXT,
  version             TEXT,
  -- Dates of service it was added for. A newer version of the same number ends it earlier; that is worked out, not
  -- stored, so that taking the newer one out again brings it back.
  effective_from      TEXT NOT NULL,
  effective_to        TEXT,
  replaces            TEXT,
  superseded_by       TEXT,
  file_name           TEXT NOT NULL,
  pages               INTEGER NOT NULL,
  -- JSON lists of page numbers.
  pages_without_text  TEXT NOT NULL,
  pages_recognised    TEXT NOT NULL,
  -- SHA-256 of the file in hex.
  sha256              TEXT NOT NULL,
  actor               TEXT NOT NULL,
  added_at            TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX policies_once ON policies (payer, sha256, effective_from);

CREATE TABLE policy_passages (
  id      INTEGER PRIMARY KEY,
  policy  TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
  place   INTEGER NOT NULL,
  -- The passage as JSON (`iambilly_policy::Passage`).
  body    TEXT NOT NULL,
  UNIQUE (policy, place)
) STRICT;

-- Vectors as sqlite-vec keeps them: little-endian f32 one behind the other.
CREATE TABLE policy_vectors (
  passage  INTEGER PRIMARY KEY REFERENCES policy_passages (id) ON DELETE CASCADE,
  model    TEXT NOT NULL,
  vector   BLOB NOT NULL
) STRICT;

-- Full text of the same passages, for finding words in the library whatever the payer.
CREATE VIRTUAL TABLE policy_words USING fts5 (heading, body, tokenize = 'porter unicode61');
CREATE TRIGGER policy_words_go AFTER DELETE ON policy_passages
BEGIN DELETE FROM policy_words WHERE rowid = old.id; END;

-- Which passage a proposed payer rule is from. The rule itself lives as every payer rule does: a draft until a coder
-- confirms it.
CREATE TABLE policy_rules (
  rule_id  TEXT PRIMARY KEY,
  policy   TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
  passage  INTEGER NOT NULL REFERENCES policy_passages (id) ON DELETE CASCADE
) STRICT;
