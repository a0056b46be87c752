//! Every table of the database, what a patient's erasure does to it, and a row of each that is a patient's.

/// What becomes of a table's rows when a patient is erased.
#[derive(Debug)]
pub enum Fate {
    /// Theirs go. The statement makes a row with `?1` wherever the program could write a patient's words, for the patient
    /// number `?2`; empty where triggers make it.
    Goes(&'static str),
    /// Nothing of a patient is in it, or it stays for a reason that docs/security.md gives.
    Stays,
}
pub use Fate::{Goes, Stays};

/// Every table. A new one has to be entered here, with what becomes of it.
#[rustfmt::skip]
pub const TABLES: &[(&str, Fate)] = &[
    ("settings", Goes("INSERT INTO settings VALUES ('part:' || ?2, json_object('text', ?1))")),
    ("recordings", Goes("INSERT INTO recordings VALUES ('r' || ?2, ?2 || '.sealed', 'key', 16000, 1, 0, 0, 'sealed', '2026')")),
    ("dictations", Goes("INSERT INTO dictations (id, name, kind, source_path, recording_id, note_text, payer, dos, patient_json, provider_json, reader, created_at)
        VALUES (printf('00000000-0000-0000-0000-%012d', ?2), ?1, 'note', ?1, 'r' || ?2, ?1, 'medicare', '2026-02-02', json_object('id', ?1, 'last', ?1), '{}', 'both', '2026-01-01T00:00:00.000Z')")),
    ("transcripts", Goes("INSERT INTO transcripts SELECT 't' || ?2, id, 1, json_object('text', ?1), '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("claims", Goes("INSERT INTO claims (id, dictation_id, state, current_revision, created_at) SELECT 'c' || ?2, id, 'exported', 1, '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("claim_revisions", Goes("INSERT INTO claim_revisions VALUES ('v' || ?2, 'c' || ?2, 1, json_object('payer', 'm', 'queries', json_array(), 'quote', ?1),
        json_object('patient', json_object('last', ?1)), json_object('verdict', 'clean', 'message', ?1), 't' || ?2, 'x', 'x', '2026')")),
    ("jobs", Goes("INSERT INTO jobs (id, dictation_id, stage, state, max_attempts, input_hash, result_json, fault_json, not_before, created_at, updated_at)
        SELECT 'j' || ?2, id, 'draft', 'done', 1, 'x', ?1, ?1, '2026', '2026', '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("audit_events", Stays),
    ("audit_count", Stays),
    ("registered_models", Stays),
    ("claim_decisions", Goes("INSERT INTO claim_decisions VALUES ('d' || ?2, 'c' || ?2, 1, 'draft', 'approved', 'x', 'x', ?1, '2026')")),
    ("corrections", Goes("INSERT INTO corrections SELECT 'k' || ?2, id, 'c' || ?2, 1, 'line', NULL, NULL, ?1, 'x', '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("phrase_rules", Stays),
    ("payer_rule_revisions", Stays),
    ("payer_rule_steps", Stays),
    ("continuations", Goes("INSERT INTO continuations SELECT 'r' || ?2, id, 2 FROM dictations WHERE recording_id = 'r' || ?2")),
    ("recognitions", Goes("INSERT INTO recognitions VALUES ('r' || ?2, 'm', ?1)")),
    ("fee_schedules", Stays),
    ("fee_rates", Stays),
    ("dictionary", Stays),
    ("master_records", Goes("INSERT INTO master_records (id, kind, version, label, json, state, created_at, updated_at)
        VALUES (printf('00000000-0000-0000-0000-%012d', 900 + ?2), 'patient', 1, ?1, json_object('id', ?1), 'current', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')")),
    ("master_identifiers", Goes("INSERT INTO master_identifiers SELECT number, 'patient', 'chart', ?1 FROM master_records WHERE label = ?1")),
    ("master_search", Goes("INSERT INTO master_search (rowid, text) SELECT number, ?1 FROM master_records WHERE label = ?1")),
    ("people", Stays),
    ("recovery_codes", Stays),
    ("glass_breaks", Stays),
    // A dictation under legal hold is not erased; the reason goes with the hold.
    ("legal_holds", Stays),
    ("interchanges", Goes("INSERT INTO interchanges VALUES (?2, 'x', 'x', 'x', 'x', 9, CAST(?1 AS BLOB), 0, 'x', '2026', NULL)")),
    ("sent_claims", Goes("INSERT INTO sent_claims VALUES ('s' || ?2, ?2, 'c' || ?2, 1, ?1)")),
    ("answer_files", Stays),
    ("claim_answers", Goes("INSERT INTO claim_answers (claim_id, kind, status, json, at) VALUES ('c' || ?2, '835', 'paid', ?1, '2026')")),
    ("denials", Goes("INSERT INTO denials VALUES ('n' || ?2, 'c' || ?2, 1, ?1, ?1, 5, NULL, '2026', NULL, NULL)")),
    ("policies", Stays),
    ("policy_passages", Stays),
    ("policy_vectors", Stays),
    ("policy_words", Stays),
    ("policy_rules", Stays),
    ("claim_queue", Goes("")),
    ("claim_search", Goes("")),
    ("claim_comments", Goes("INSERT INTO claim_comments VALUES ('m' || ?2, 'c' || ?2, 'x', ?1, '2026')")),
    ("emr_connections", Stays),
    ("emr_links", Goes("INSERT INTO emr_links VALUES ('e', ?1, ?1, 'x', '2026')")),
    ("emr_patients", Goes("INSERT INTO emr_patients VALUES ('e', ?1, ?1, ?1, '2026')")),
    ("emr_deliveries", Goes("INSERT INTO emr_deliveries (id, connection, claim_id, revision, kind, says, ledger, body, state, trouble, not_before, actor, created_at, changed_at)
        VALUES ('y' || ?2, 'e', 'c' || ?2, 1, 'note', 'a note', ?2, ?1, 'queued', ?1, '2026', 'x', '2026', '2026')")),
    ("emr_exchanges", Stays),
    ("note_signatures", Goes("INSERT INTO note_signatures SELECT 'g' || ?2, id, 't' || ?2, 'x', 'x', ?1, '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("note_addenda", Goes("INSERT INTO note_addenda SELECT 'a' || ?2, id, 't' || ?2, ?1, 'x', 'x', 'x', '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("query_answers", Goes("INSERT INTO query_answers SELECT 'q' || ?2, id, 'c' || ?2, ?1, 'a' || ?2, 'x', 'x', '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("dictation_moves", Goes("INSERT INTO dictation_moves SELECT 'w' || ?2, id, json_object('id', ?1), json_object('id', ?1), ?1, 'x', '2026' FROM dictations WHERE recording_id = 'r' || ?2")),
    ("planned_cases", Goes("INSERT INTO planned_cases VALUES ('z' || ?2, '2026-02-02', '', json_object('id', ?1), 'm', ?1, 'x', '2026')")),
    // Parts of a note, without a patient.
    ("note_templates", Stays),
    ("typed_texts", Goes("INSERT INTO typed_texts VALUES ('x', 'place ' || ?2, ?1, '2026')")),
];

/// Tables that a full-text index keeps for itself.
pub fn is_shadow(name: &str) -> bool {
    ["master_search", "policy_words", "claim_search"].iter().any(|index| {
        name.strip_prefix(index)
            .is_some_and(|rest| ["_data", "_idx", "_content", "_docsize", "_config"].contains(&rest))
    })
}

/// Rows of a table.
pub fn count(db: &rusqlite::Connection, table: &str) -> i64 {
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Tables of a database, of whatever schema, without those that full-text indexes keep for themselves.
pub fn names(db: &rusqlite::Connection) -> Vec<String> {
    let mut names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    names.filter(|name| !is_shadow(name)).collect()
}

/// Makes a row of each table there is that holds something of a patient.
pub fn fill(db: &rusqlite::Connection, who: &str, number: i64) {
    let there = names(db);
    if there.iter().any(|n| n == "emr_connections") {
        db.execute("INSERT OR IGNORE INTO emr_connections VALUES ('e', 'x', '{}', '', '2026', NULL)", [])
            .unwrap();
    }
    for (table, fate) in TABLES.iter().filter(|(table, _)| there.iter().any(|n| n == table)) {
        let (Goes(sql), before) = (fate, count(db, table)) else { continue };
        if !sql.is_empty() {
            let mut statement = db.prepare(sql).unwrap_or_else(|e| panic!("{table}: {e}"));
            let values: &[&dyn rusqlite::ToSql] =
                if statement.parameter_count() == 1 { &[&who] } else { &[&who, &number] };
            let added = statement.execute(values).unwrap_or_else(|e| panic!("{table}: {e}"));
            assert_eq!((added, count(db, table)), (1, before + 1), "{table}");
        }
    }
}
