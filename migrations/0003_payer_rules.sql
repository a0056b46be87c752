-- The clinic's own payer rules (docs/payer-rules.md): every wording of a rule is kept as it was saved, and every step of
-- its life. What counts now is said by the newest step of the rule: the confirmed wording, the draft beside it, or
-- neither (retired).
CREATE TABLE payer_rule_revisions (
  rule_id     TEXT NOT NULL,
  revision    INTEGER NOT NULL CHECK (revision >= 1),
  -- One rule as TOML.
  text        TEXT NOT NULL,
  sha256      TEXT NOT NULL,
  actor       TEXT NOT NULL,
  created_at  TEXT NOT NULL,
  PRIMARY KEY (rule_id, revision)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER payer_rule_revisions_are_immutable BEFORE UPDATE ON payer_rule_revisions
BEGIN SELECT RAISE(ABORT, 'payer rule revisions are immutable'); END;
CREATE TRIGGER payer_rule_revisions_are_not_deleted BEFORE DELETE ON payer_rule_revisions
BEGIN SELECT RAISE(ABORT, 'payer rule revisions are kept'); END;

CREATE TABLE payer_rule_steps (
  seq               INTEGER PRIMARY KEY,
  rule_id           TEXT NOT NULL,
  step              TEXT NOT NULL CHECK (step IN ('saved', 'confirmed', 'retired', 'undone')),
  -- The step that an `undone` takes back.
  undoes            INTEGER REFERENCES payer_rule_steps (seq),
  -- State after the step, and the revisions that count then.
  state             TEXT NOT NULL CHECK (state IN ('draft', 'confirmed', 'retired')),
  draft             INTEGER,
  confirmed         INTEGER,
  actor             TEXT NOT NULL,
  at                TEXT NOT NULL,
  FOREIGN KEY (rule_id, draft) REFERENCES payer_rule_revisions (rule_id, revision),
  FOREIGN KEY (rule_id, confirmed) REFERENCES payer_rule_revisions (rule_id, revision),
  CHECK (state = CASE WHEN confirmed IS NOT NULL THEN 'confirmed' WHEN draft IS NOT NULL THEN 'draft' ELSE 'retired' END)
) STRICT;
CREATE INDEX payer_rule_steps_by_rule ON payer_rule_steps (rule_id, seq);
CREATE TRIGGER payer_rule_steps_are_immutable BEFORE UPDATE ON payer_rule_steps
BEGIN SELECT RAISE(ABORT, 'payer rule steps are immutable'); END;
CREATE TRIGGER payer_rule_steps_are_not_deleted BEFORE DELETE ON payer_rule_steps
BEGIN SELECT RAISE(ABORT, 'payer rule steps are kept'); END;
