-- Files of claims that left, and what came back. Answers and denials go with their claim; the file's own row keeps no
-- content once it is delivered.
CREATE TABLE interchanges (
  -- Control number on the envelope, never given twice.
  control        INTEGER PRIMARY KEY CHECK (control BETWEEN 1 AND 999999999),
  correspondent  TEXT NOT NULL,
  -- Folder and name that it is delivered to.
  folder         TEXT NOT NULL,
  name           TEXT NOT NULL,
  sha256         TEXT NOT NULL,
  bytes          INTEGER NOT NULL CHECK (bytes > 0),
  -- The file itself until it is delivered.
  body           BLOB,
  attempts       INTEGER NOT NULL DEFAULT 0,
  actor          TEXT NOT NULL,
  created_at     TEXT NOT NULL,
  delivered_at   TEXT,
  CHECK ((body IS NULL) = (delivered_at IS NOT NULL))
) STRICT;

CREATE TABLE sent_claims (
  -- The number by which answers name the claim (CLM01).
  control         TEXT PRIMARY KEY,
  interchange     INTEGER NOT NULL REFERENCES interchanges (control),
  claim_id        TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  revision        INTEGER NOT NULL,
  -- Of the revision that was approved and sent.
  content_sha256  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_claims_by_claim ON sent_claims (claim_id);
CREATE INDEX sent_claims_by_interchange ON sent_claims (interchange);

CREATE TABLE answer_files (
  sha256       TEXT PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('999', '277ca', '835')),
  actor        TEXT NOT NULL,
  imported_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE claim_answers (
  seq       INTEGER PRIMARY KEY,
  claim_id  TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  kind      TEXT NOT NULL CHECK (kind IN ('999', '277ca', '835')),
  status    TEXT NOT NULL CHECK (status IN ('accepted', 'rejected', 'paid', 'partly_paid', 'denied', 'reversed')),
  json      TEXT NOT NULL,
  at        TEXT NOT NULL
) STRICT;
CREATE INDEX claim_answers_by_claim ON claim_answers (claim_id, seq);
CREATE TRIGGER claim_answers_are_immutable BEFORE UPDATE ON claim_answers
BEGIN SELECT RAISE(ABORT, 'answers are immutable'); END;

-- Denials as work.
CREATE TABLE denials (
  id         TEXT PRIMARY KEY,
  claim_id   TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  -- None: the claim as a whole.
  line       INTEGER,
  code       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  cents      INTEGER NOT NULL,
  -- The payer rule that was proposed, if any.
  rule_id    TEXT,
  opened_at  TEXT NOT NULL,
  closed_by  TEXT,
  closed_at  TEXT,
  CHECK ((closed_by IS NULL) = (closed_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX denials_by_claim ON denials (claim_id);
