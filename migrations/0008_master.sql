-- Master data: the clinic, who works in it, facilities, payers, patients with their coverage. A record is one JSON object
-- (docs/master-data.md); it is changed under the version seen, and merged or retired, never deleted.
CREATE TABLE master_records (
  -- Row of the full-text index.
  number       INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  kind         TEXT NOT NULL CHECK (kind IN ('clinic', 'provider', 'facility', 'payer', 'patient')),
  version      INTEGER NOT NULL CHECK (version >= 1),
  -- What a list shows and sorts by.
  label        TEXT NOT NULL,
  json         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('current', 'retired', 'merged')),
  merged_into  TEXT REFERENCES master_records (id),
  is_default   INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
  CHECK (is_default = 0 OR state = 'current')
) STRICT;
CREATE UNIQUE INDEX master_default ON master_records (kind) WHERE is_default = 1;
CREATE INDEX master_by_label ON master_records (kind, state, label COLLATE NOCASE, number);
CREATE TRIGGER master_records_are_kept BEFORE DELETE ON master_records
BEGIN SELECT RAISE(ABORT, 'master records are kept'); END;

-- What tells one from another: two records that share one may be the same.
CREATE TABLE master_identifiers (
  number  INTEGER NOT NULL REFERENCES master_records (number),
  kind    TEXT NOT NULL,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (kind, name, value, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX master_identifiers_by_record ON master_identifiers (number);

CREATE VIRTUAL TABLE master_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');
