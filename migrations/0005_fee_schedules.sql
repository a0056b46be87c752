-- What the clinic charges: fee schedules by payer and date of service. A schedule is either a list of rates or a
-- percentage of Medicare's fee; it is never changed, only retired and replaced.
CREATE TABLE fee_schedules (
  id              TEXT PRIMARY KEY,
  name            TEXT NOT NULL,
  -- Payer id; none: for every payer.
  payer           TEXT,
  effective_from  TEXT NOT NULL,
  effective_to    TEXT,
  -- Tenths of a percent of Medicare's fee; none: its rates.
  percent         INTEGER CHECK (percent > 0),
  actor           TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  retired_by      TEXT,
  retired_at      TEXT,
  CHECK (effective_to IS NULL OR effective_to >= effective_from),
  CHECK ((retired_by IS NULL) = (retired_at IS NULL))
) STRICT;

CREATE TABLE fee_rates (
  schedule_id  TEXT NOT NULL REFERENCES fee_schedules (id),
  code         TEXT NOT NULL,
  -- Empty: whatever the modifiers.
  modifier     TEXT NOT NULL,
  cents        INTEGER NOT NULL CHECK (cents >= 0),
  PRIMARY KEY (schedule_id, code, modifier)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER fee_rates_are_immutable BEFORE UPDATE ON fee_rates
BEGIN SELECT RAISE(ABORT, 'fee rates are immutable'); END;
