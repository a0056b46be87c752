-- The queue: one slim row a claim, kept in step by triggers, so that 100,000 claims are filtered and sorted by indexes
-- without opening their JSON; who works on a claim; and what people say about it.
CREATE TABLE claim_queue (
  -- Row of the full-text index, and what parts claims that sort alike.
  number      INTEGER PRIMARY KEY,
  claim_id    TEXT NOT NULL UNIQUE REFERENCES claims (id) ON DELETE CASCADE,
  state       TEXT NOT NULL,
  revision    INTEGER NOT NULL,
  payer       TEXT NOT NULL,
  physician   TEXT NOT NULL,
  patient     TEXT NOT NULL,
  dos         TEXT NOT NULL,
  -- 3 blocked; 2 warned, or a question open whose wrong answer could be a false claim; 1 another question open; 0 none.
  risk        INTEGER NOT NULL,
  cents       INTEGER NOT NULL,
  lines       INTEGER NOT NULL,
  blocks      INTEGER NOT NULL,
  warns       INTEGER NOT NULL,
  questions   INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  changed_at  TEXT NOT NULL,
  -- A person's id; empty for nobody.
  assignee    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX queue_by_risk ON claim_queue (state, risk, cents, number);
CREATE INDEX queue_by_money ON claim_queue (state, cents, number);
CREATE INDEX queue_by_age ON claim_queue (state, created_at, number);
CREATE INDEX queue_by_payer ON claim_queue (state, payer, created_at, number);
CREATE INDEX queue_by_dos ON claim_queue (state, dos, number);
CREATE INDEX queue_of_payer ON claim_queue (payer);
CREATE INDEX queue_of_physician ON claim_queue (physician);
CREATE INDEX queue_of_assignee ON claim_queue (assignee);
CREATE INDEX queue_of_day ON claim_queue (dos);

CREATE VIRTUAL TABLE claim_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
-- Words of an erased claim leave the index at once.
INSERT INTO claim_search (claim_search, rank) VALUES ('secure-delete', 1);

-- What the queue shows of a claim's newest revision.
CREATE VIEW queued_claims AS
SELECT
  c.id AS claim_id, c.state, c.current_revision AS revision,
  coalesce(json_extract(r.coding_json, '$.payer'), '') AS payer,
  coalesce(
    nullif(trim(concat_ws(', ', nullif(trim(coalesce(json_extract(r.claim_json, '$.rendering_provider.last'), '')), ''),
                                nullif(trim(coalesce(json_extract(r.claim_json, '$.rendering_provider.first'), '')), ''))), ''),
    nullif(trim(coalesce(json_extract(r.claim_json, '$.rendering_provider.name'), '')), ''),
    nullif(trim(coalesce(json_extract(r.claim_json, '$.rendering_provider.npi'), '')), ''), '') AS physician,
  coalesce(concat_ws(', ', nullif(trim(coalesce(json_extract(r.claim_json, '$.patient.last'), '')), ''),
                           nullif(trim(coalesce(json_extract(r.claim_json, '$.patient.first'), '')), '')), '') AS patient,
  coalesce(json_extract(r.coding_json, '$.dos'), '') AS dos,
  CASE
    WHEN json_extract(r.findings_json, '$.verdict') = 'block' THEN 3
    WHEN json_extract(r.findings_json, '$.verdict') = 'warn'
      OR EXISTS (SELECT 1 FROM json_each(r.coding_json, '$.queries') q WHERE json_extract(q.value, '$.risk') IN ('compliance', 'up_code')) THEN 2
    WHEN coalesce(json_array_length(r.coding_json, '$.queries'), 0) > 0 THEN 1
    ELSE 0
  END AS risk,
  coalesce((SELECT CAST(round(sum(CAST(json_extract(l.value, '$.charge') AS REAL)) * 100) AS INTEGER)
            FROM json_each(r.claim_json, '$.lines') l), 0) AS cents,
  coalesce(json_array_length(r.claim_json, '$.lines'), 0) AS lines,
  (SELECT count(*) FROM json_each(r.findings_json, '$.findings') f WHERE json_extract(f.value, '$.severity') = 'block') AS blocks,
  (SELECT count(*) FROM json_each(r.findings_json, '$.findings') f WHERE json_extract(f.value, '$.severity') = 'warn') AS warns,
  coalesce(json_array_length(r.coding_json, '$.queries'), 0) AS questions,
  c.created_at, r.created_at AS changed_at,
  concat_ws(' ',
    json_extract(r.claim_json, '$.patient.last'), json_extract(r.claim_json, '$.patient.first'),
    json_extract(r.claim_json, '$.patient.middle'), json_extract(r.claim_json, '$.patient.id'),
    json_extract(r.claim_json, '$.patient.member_id'), json_extract(r.claim_json, '$.patient.account'),
    d.name, c.id, json_extract(r.coding_json, '$.payer'), json_extract(r.claim_json, '$.payer.name'),
    json_extract(r.claim_json, '$.rendering_provider.last'), json_extract(r.claim_json, '$.rendering_provider.name'),
    json_extract(r.claim_json, '$.rendering_provider.npi'), json_extract(r.claim_json, '$.prior_auth_number'),
    (SELECT group_concat(json_extract(l.value, '$.code'), ' ') FROM json_each(r.claim_json, '$.lines') l),
    (SELECT group_concat(x.value, ' ') FROM json_each(r.claim_json, '$.diagnoses') x)) AS text
FROM claims c
JOIN claim_revisions r ON r.claim_id = c.id AND r.number = c.current_revision
JOIN dictations d ON d.id = c.dictation_id;

INSERT INTO claim_queue (claim_id, state, revision, payer, physician, patient, dos, risk, cents, lines, blocks, warns, questions, created_at, changed_at)
SELECT claim_id, state, revision, payer, physician, patient, dos, risk, cents, lines, blocks, warns, questions, created_at, changed_at
FROM queued_claims ORDER BY created_at, claim_id;
INSERT INTO claim_search (rowid, text) SELECT q.number, v.text FROM claim_queue q JOIN queued_claims v ON v.claim_id = q.claim_id;

CREATE TRIGGER claim_revisions_are_queued AFTER INSERT ON claim_revisions
BEGIN
  INSERT INTO claim_queue (claim_id, state, revision, payer, physician, patient, dos, risk, cents, lines, blocks, warns, questions, created_at, changed_at)
  SELECT claim_id, state, revision, payer, physician, patient, dos, risk, cents, lines, blocks, warns, questions, created_at, changed_at
  FROM queued_claims WHERE claim_id = NEW.claim_id
  ON CONFLICT (claim_id) DO UPDATE SET
    state = excluded.state, revision = excluded.revision, payer = excluded.payer, physician = excluded.physician,
    patient = excluded.patient, dos = excluded.dos, risk = excluded.risk, cents = excluded.cents, lines = excluded.lines,
    blocks = excluded.blocks, warns = excluded.warns, questions = excluded.questions, changed_at = excluded.changed_at;
  DELETE FROM claim_search WHERE rowid = (SELECT number FROM claim_queue WHERE claim_id = NEW.claim_id);
  INSERT INTO claim_search (rowid, text)
  SELECT q.number, v.text FROM queued_claims v JOIN claim_queue q ON q.claim_id = v.claim_id WHERE v.claim_id = NEW.claim_id;
END;
CREATE TRIGGER claims_move_in_the_queue AFTER UPDATE OF state ON claims
BEGIN UPDATE claim_queue SET state = NEW.state WHERE claim_id = NEW.id; END;
CREATE TRIGGER claim_search_goes AFTER DELETE ON claim_queue
BEGIN DELETE FROM claim_search WHERE rowid = old.number; END;

CREATE TABLE claim_comments (
  id        TEXT PRIMARY KEY,
  claim_id  TEXT NOT NULL REFERENCES claims (id) ON DELETE CASCADE,
  author    TEXT NOT NULL,
  text      TEXT NOT NULL CHECK (text <> ''),
  at        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_comments_by_claim ON claim_comments (claim_id, at, id);
CREATE TRIGGER claim_comments_are_immutable BEFORE UPDATE ON claim_comments
BEGIN SELECT RAISE(ABORT, 'comments are immutable'); END;
