-- A dictation can be continued: each stretch of it is a recording of its own, sealed under a key of its own.

CREATE TABLE continuations (
  recording_id  TEXT PRIMARY KEY REFERENCES recordings (id),
  dictation_id  TEXT NOT NULL REFERENCES dictations (id) ON DELETE CASCADE,
  -- Place among the dictation's recordings; the first is dictations.recording_id.
  number        INTEGER NOT NULL CHECK (number >= 2),
  UNIQUE (dictation_id, number)
) STRICT, WITHOUT ROWID;

-- What was recognised in a whole recording, so that a continued dictation is not recognised from its beginning again.
CREATE TABLE recognitions (
  recording_id  TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
  model         TEXT NOT NULL,
  json          TEXT NOT NULL,
  PRIMARY KEY (recording_id, model)
) STRICT, WITHOUT ROWID;
