-- Electronic medical records: connections, whose patients are whose, what was looked up, and writes that leave.
CREATE TABLE emr_connections (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  -- JSON (docs/emr.md), without secrets.
  config      TEXT NOT NULL,
  -- Client secret, key and refresh token, sealed under a key of the vault.
  secrets     TEXT NOT NULL,
  created_at  TEXT NOT NULL,
  removed_at  TEXT
) STRICT, WITHOUT ROWID;

-- PatientEMRMap: the clinic's number of a patient and the EMR's id.
CREATE TABLE emr_links (
  connection  TEXT NOT NULL REFERENCES emr_connections (id),
  patient     TEXT NOT NULL,
  remote_id   TEXT NOT NULL,
  actor       TEXT NOT NULL,
  linked_at   TEXT NOT NULL,
  PRIMARY KEY (connection, patient),
  UNIQUE (connection, remote_id)
) STRICT, WITHOUT ROWID;

-- Patients as an EMR last showed them.
CREATE TABLE emr_patients (
  connection  TEXT NOT NULL REFERENCES emr_connections (id),
  remote_id   TEXT NOT NULL,
  -- Names and numbers in lower case, for finding them without the EMR.
  words       TEXT NOT NULL,
  json        TEXT NOT NULL,
  seen_at     TEXT NOT NULL,
  PRIMARY KEY (connection, remote_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE emr_deliveries (
  -- Rises; the order in which a claim's writes leave.
  seq             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  connection      TEXT NOT NULL REFERENCES emr_connections (id),
  claim_id        TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  revision        INTEGER NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('note', 'problem', 'claim')),
  -- What it is, in words without a patient.
  says            TEXT NOT NULL,
  -- SHA-256 over EMR, claim and content: the same is never sent twice.
  ledger          TEXT NOT NULL,
  body            TEXT NOT NULL,
  state           TEXT NOT NULL
    CHECK (state IN ('queued', 'sending', 'delivered', 'rejected', 'unknown', 'cancelled')),
  remote_id       TEXT,
  read_back       TEXT CHECK (read_back IN ('confirmed', 'differs', 'unreadable')),
  -- Why it waits, was rejected or is unknown: code, words, advice as JSON.
  trouble         TEXT,
  attempts        INTEGER NOT NULL DEFAULT 0,
  not_before      TEXT NOT NULL,
  -- A person has looked into the EMR and said that it is not there.
  not_there       INTEGER NOT NULL DEFAULT 0 CHECK (not_there IN (0, 1)),
  actor           TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  changed_at      TEXT NOT NULL,
  CHECK ((state = 'delivered') = (remote_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX emr_deliveries_once ON emr_deliveries (ledger) WHERE state <> 'cancelled';
CREATE INDEX emr_deliveries_by_claim ON emr_deliveries (claim_id, connection, seq);
CREATE INDEX emr_deliveries_open ON emr_deliveries (state, seq);

-- Each exchange without PHI; the newest few thousand are kept.
CREATE TABLE emr_exchanges (
  seq         INTEGER PRIMARY KEY,
  connection  TEXT NOT NULL,
  at          TEXT NOT NULL,
  json        TEXT NOT NULL
) STRICT;
