-- The physician's side: who signed a note and what stood in it, what was added to it since, answers to queries, moves to
-- another patient, cases of a day, templates; and what a person was typing when the window closed.

-- The note is the transcript: a signature names the revision that was signed and the hash of what it says of whom.
CREATE TABLE note_signatures (
  id              TEXT PRIMARY KEY,
  dictation_id    TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  transcript_id   TEXT NOT NULL REFERENCES transcripts (id) ON DELETE CASCADE,
  content_sha256  TEXT NOT NULL,
  actor           TEXT NOT NULL,
  -- The name as it was then: names change, signatures do not.
  signer          TEXT NOT NULL,
  at              TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX note_signatures_by_dictation ON note_signatures (dictation_id, at, id);
CREATE TRIGGER note_signatures_are_immutable BEFORE UPDATE ON note_signatures
BEGIN SELECT RAISE(ABORT, 'signatures are immutable'); END;

-- What was added to a note: an addendum of the physician's own, or the answer to a query.
CREATE TABLE note_addenda (
  id              TEXT PRIMARY KEY,
  dictation_id    TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  -- The revision it made.
  transcript_id   TEXT NOT NULL REFERENCES transcripts (id) ON DELETE CASCADE,
  text            TEXT NOT NULL CHECK (text <> ''),
  content_sha256  TEXT NOT NULL,
  actor           TEXT NOT NULL,
  signer          TEXT NOT NULL,
  at              TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX note_addenda_by_dictation ON note_addenda (dictation_id, at, id);
CREATE TRIGGER note_addenda_are_immutable BEFORE UPDATE ON note_addenda
BEGIN SELECT RAISE(ABORT, 'addenda are immutable'); END;

-- What the physician answered; without an addendum the note stands as it is. The question never enters the note: its
-- words would be read as the physician's.
CREATE TABLE query_answers (
  id            TEXT PRIMARY KEY,
  dictation_id  TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  claim_id      TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  question      TEXT NOT NULL,
  addendum_id   TEXT REFERENCES note_addenda (id) ON DELETE CASCADE,
  actor         TEXT NOT NULL,
  signer        TEXT NOT NULL,
  at            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX query_answers_by_dictation ON query_answers (dictation_id, at, id);
CREATE TRIGGER query_answers_are_immutable BEFORE UPDATE ON query_answers
BEGIN SELECT RAISE(ABORT, 'answers are immutable'); END;

-- A dictation filed under somebody else: who stood there before, and why.
CREATE TABLE dictation_moves (
  id            TEXT PRIMARY KEY,
  dictation_id  TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  from_json     TEXT,
  to_json       TEXT,
  reason        TEXT NOT NULL,
  actor         TEXT NOT NULL,
  at            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dictation_moves_by_dictation ON dictation_moves (dictation_id, at, id);

-- Cases that are to be dictated on a day.
CREATE TABLE planned_cases (
  id            TEXT PRIMARY KEY,
  day           TEXT NOT NULL,
  -- HH:MM, or empty.
  at_time       TEXT NOT NULL,
  patient_json  TEXT NOT NULL,
  payer         TEXT NOT NULL,
  operation     TEXT NOT NULL,
  actor         TEXT NOT NULL,
  created_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX planned_cases_by_day ON planned_cases (day, at_time, id);
CREATE INDEX dictations_by_dos ON dictations (dos, created_at);

CREATE TABLE note_templates (
  name        TEXT PRIMARY KEY,
  json        TEXT NOT NULL,
  actor       TEXT NOT NULL,
  changed_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a person was typing, by its place in the window; gone once it was saved or thrown away.
CREATE TABLE typed_texts (
  actor       TEXT NOT NULL,
  place       TEXT NOT NULL,
  text        TEXT NOT NULL,
  changed_at  TEXT NOT NULL,
  PRIMARY KEY (actor, place)
) STRICT, WITHOUT ROWID;

-- Claims with open queries, the riskiest first.
CREATE INDEX queue_with_questions ON claim_queue (state, risk, number) WHERE questions > 0;

-- Few claims by money or risk are found without walking an order.
CREATE INDEX queue_of_money ON claim_queue (cents);
CREATE INDEX queue_of_risk ON claim_queue (risk);
