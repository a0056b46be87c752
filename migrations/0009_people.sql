-- People who sign in. Passwords are not here: each opens the vault itself (vault.json).
CREATE TABLE people (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL CHECK (name <> ''),
  -- Names of roles, parted by blanks.
  roles         TEXT NOT NULL,
  -- pending: added, but never signed in; the first sign-in makes them active.
  state         TEXT NOT NULL CHECK (state IN ('pending', 'active', 'disabled')),
  -- Base32; none without a second factor.
  totp_secret   TEXT,
  -- The newest time step whose code was used: a code counts once.
  totp_step     INTEGER,
  created_at    TEXT NOT NULL,
  signed_in_at  TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX people_by_name ON people (lower(name));

-- Codes that stand in for the second factor, once each; only their seals are kept.
CREATE TABLE recovery_codes (
  person   TEXT NOT NULL REFERENCES people (id),
  seal     TEXT NOT NULL,
  used_at  TEXT,
  PRIMARY KEY (person, seal)
) STRICT, WITHOUT ROWID;

-- Emergency access: whoever took it, why, until when, and which administrator saw it.
CREATE TABLE glass_breaks (
  id               TEXT PRIMARY KEY,
  person           TEXT NOT NULL,
  reason           TEXT NOT NULL CHECK (reason <> ''),
  at               TEXT NOT NULL,
  until            TEXT NOT NULL,
  acknowledged_by  TEXT,
  acknowledged_at  TEXT
) STRICT, WITHOUT ROWID;

-- Dictations that must be kept whatever anybody asks, until the hold is lifted.
CREATE TABLE legal_holds (
  dictation_id  TEXT PRIMARY KEY REFERENCES dictations (id),
  reason        TEXT NOT NULL CHECK (reason <> ''),
  held_by       TEXT NOT NULL,
  at            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
