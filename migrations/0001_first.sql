-- The records of one data folder. Ids are UUIDv7 as text; times are RFC 3339 in UTC with milliseconds, so that
-- they sort as text; JSON is the shape of docs/contract.md. The whole file is encrypted (SQLCipher).

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  json  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A recording's audio is a sealed file beside the database; erasing wrapped_key erases the recording.
CREATE TABLE recordings (
  id           TEXT PRIMARY KEY,
  file_name    TEXT NOT NULL,
  wrapped_key  TEXT,
  sample_rate  INTEGER NOT NULL CHECK (sample_rate > 0),
  channels     INTEGER NOT NULL CHECK (channels > 0),
  frames       INTEGER NOT NULL CHECK (frames >= 0),
  duration_ms  INTEGER NOT NULL CHECK (duration_ms >= 0),
  state        TEXT NOT NULL CHECK (state IN ('sealing', 'sealed', 'torn', 'erased')),
  created_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dictations (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('audio', 'note')),
  -- Where the audio is still to be taken from; empty once it is sealed.
  source_path    TEXT,
  recording_id   TEXT REFERENCES recordings (id) ON DELETE SET NULL,
  note_text      TEXT,
  payer          TEXT NOT NULL,
  dos            TEXT NOT NULL,
  patient_json   TEXT,
  provider_json  TEXT,
  speech_model   TEXT,
  reader         TEXT NOT NULL,
  created_at     TEXT NOT NULL,
  cancelled_at   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX dictations_by_time ON dictations (created_at DESC, id DESC);

-- Revisions are never updated: evidence points into them. They may be deleted when a patient is erased.
CREATE TABLE transcripts (
  id            TEXT PRIMARY KEY,
  dictation_id  TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  revision      INTEGER NOT NULL CHECK (revision >= 1),
  json          TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  UNIQUE (dictation_id, revision)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER transcripts_are_immutable BEFORE UPDATE ON transcripts
BEGIN SELECT RAISE(ABORT, 'transcripts are immutable'); END;

CREATE TABLE claims (
  id                TEXT PRIMARY KEY,
  dictation_id      TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  state             TEXT NOT NULL CHECK (state IN ('draft', 'human_review', 'approved', 'rejected', 'exported')),
  current_revision  INTEGER NOT NULL CHECK (current_revision >= 1),
  created_at        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_dictation ON claims (dictation_id);
CREATE INDEX claims_by_time ON claims (created_at DESC, id DESC);

CREATE TABLE claim_revisions (
  id              TEXT PRIMARY KEY,
  claim_id        TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  number          INTEGER NOT NULL CHECK (number >= 1),
  coding_json     TEXT NOT NULL,
  claim_json      TEXT NOT NULL,
  findings_json   TEXT NOT NULL,
  transcript_id   TEXT REFERENCES transcripts (id) ON DELETE CASCADE,
  drafted_by      TEXT NOT NULL,
  content_sha256  TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  UNIQUE (claim_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_revisions_by_transcript ON claim_revisions (transcript_id);
CREATE TRIGGER claim_revisions_are_immutable BEFORE UPDATE ON claim_revisions
BEGIN SELECT RAISE(ABORT, 'claim revisions are immutable'); END;

-- One row per piece of work; the same input is worked on once.
CREATE TABLE jobs (
  id            TEXT PRIMARY KEY,
  dictation_id  TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  stage         TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  attempts      INTEGER NOT NULL DEFAULT 0,
  max_attempts  INTEGER NOT NULL CHECK (max_attempts >= 1),
  input_hash    TEXT NOT NULL,
  result_json   TEXT,
  fault_json    TEXT,
  progress      REAL NOT NULL DEFAULT 0,
  not_before    TEXT NOT NULL,
  lease_owner   TEXT,
  lease_until   TEXT,
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL,
  UNIQUE (dictation_id, stage, input_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_to_do ON jobs (state, not_before, created_at);

-- A hash chain of ids and actions; no PHI, never changed, never deleted.
CREATE TABLE audit_events (
  seq              INTEGER PRIMARY KEY,
  at               TEXT NOT NULL,
  actor            TEXT NOT NULL,
  action           TEXT NOT NULL,
  subject_id       TEXT NOT NULL,
  previous_sha256  TEXT NOT NULL,
  sha256           TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_by_subject ON audit_events (subject_id);
CREATE TRIGGER audit_events_are_not_updated BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
CREATE TRIGGER audit_events_are_not_deleted BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;

-- Models of the clinic's own, registered by path.
CREATE TABLE registered_models (
  id      TEXT PRIMARY KEY,
  role    TEXT NOT NULL,
  path    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  bytes   INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;
