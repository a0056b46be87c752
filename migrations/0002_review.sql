-- What people did with a draft: decisions over its life, corrections of its codes, and the local phrase rules
-- learned from corrections.

-- Each step of a claim's life; the hash is of the revision it was taken on.
CREATE TABLE claim_decisions (
  id              TEXT PRIMARY KEY,
  claim_id        TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  revision        INTEGER NOT NULL CHECK (revision >= 1),
  from_state      TEXT NOT NULL,
  to_state        TEXT NOT NULL,
  content_sha256  TEXT NOT NULL,
  actor           TEXT NOT NULL,
  reason          TEXT,
  at              TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_decisions_by_claim ON claim_decisions (claim_id, at);
CREATE TRIGGER claim_decisions_are_immutable BEFORE UPDATE ON claim_decisions
BEGIN SELECT RAISE(ABORT, 'claim decisions are immutable'); END;

CREATE TABLE corrections (
  id            TEXT PRIMARY KEY,
  dictation_id  TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  claim_id      TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  -- The revision that the correction made.
  revision      INTEGER NOT NULL CHECK (revision >= 1),
  subject       TEXT NOT NULL CHECK (subject IN ('line', 'diagnosis')),
  was_code      TEXT,
  now_code      TEXT,
  json          TEXT NOT NULL,
  actor         TEXT NOT NULL,
  created_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX corrections_by_change ON corrections (subject, was_code, now_code);
CREATE INDEX corrections_by_dictation ON corrections (dictation_id);

CREATE TABLE phrase_rules (
  id          TEXT PRIMARY KEY,
  state       TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'retired')),
  -- What it says, so that the same rule is not offered twice.
  subject     TEXT NOT NULL CHECK (subject IN ('line', 'diagnosis')),
  was_code    TEXT,
  now_code    TEXT,
  phrase      TEXT NOT NULL,
  seen        INTEGER NOT NULL CHECK (seen >= 1),
  decided_by  TEXT,
  decided_at  TEXT,
  created_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phrase_rules_by_state ON phrase_rules (state, created_at);
