//! `dictation_moves`, `planned_cases`, `note_templates` and `typed_texts`; a day's and a search's dictations, and the claims
//! that ask something.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::claim::ClaimRow;
use crate::table::dictation::Dictation;
use crate::table::{from_json, parse, time, to_json};
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::{Phi, phi};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A dictation that was filed under somebody else.
#[derive(Debug, Clone, PartialEq)]
pub struct DictationMove {
    /// Its id.
    pub id: Uuid,
    /// Which dictation.
    pub dictation: DictationId,
    /// Who stood there before.
    pub from: Option<Patient>,
    /// Who stands there since; none for nobody.
    pub to: Option<Patient>,
    /// Why.
    pub reason: Phi<String>,
    /// Who moved it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// A case that is to be dictated.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCase {
    /// Its id.
    pub id: Uuid,
    /// On which day.
    pub day: Date,
    /// `HH:MM`; empty where it is not said.
    pub at_time: String,
    /// Who.
    pub patient: Patient,
    /// Payer id.
    pub payer: String,
    /// What is planned, in words.
    pub operation: Phi<String>,
    /// Who planned it.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateSection {
    /// Its heading.
    pub title: String,
    /// What stands there until the physician writes; blanks in square brackets.
    #[serde(default, serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// A note without it is not whole.
    #[serde(default)]
    pub required: bool,
}

/// The parts of a note, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoteTemplate {
    /// What it is called.
    pub name: String,
    /// Its parts.
    pub sections: Vec<TemplateSection>,
}

impl Records<'_> {
    /// Files a dictation under a patient or under nobody, and keeps who stood there before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn move_dictation(&self, moved: &DictationMove, payer: Option<&str>) -> Result<(), StoreError> {
        let json = |p: &Option<Patient>| p.as_ref().map(|p| to_json(p, "dictation_moves.json")).transpose();
        let (from, to) = (json(&moved.from)?, json(&moved.to)?);
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE dictations SET patient_json = ?2, payer = coalesce(?3, payer) WHERE id = ?1",
            )?
            .execute(params![moved.dictation.to_string(), to, payer])?;
        if changed == 0 {
            return Err(StoreError::NotFound { what: "dictation" });
        }
        self.sql
            .prepare_cached(
                "INSERT INTO dictation_moves (id, dictation_id, from_json, to_json, reason, actor, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                moved.id.to_string(),
                moved.dictation.to_string(),
                from,
                to,
                moved.reason.expose(),
                moved.actor,
                time(moved.at),
            ])?;
        Ok(())
    }

    /// Where a dictation was filed before, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictation_moves(&self, of: DictationId) -> Result<Vec<DictationMove>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, dictation_id, from_json, to_json, reason, actor, at FROM dictation_moves
             WHERE dictation_id = ?1 ORDER BY at, id",
        )?;
        let rows = statement.query_and_then([of.to_string()], |row| {
            let patient = |at: usize| -> Result<Option<Patient>, StoreError> {
                let json: Option<String> = row.get(at)?;
                json.map(|t| from_json(&t, "dictation_moves.json")).transpose()
            };
            Ok(DictationMove {
                id: parse(&row.get::<_, String>(0)?, "dictation_moves.id")?,
                dictation: parse(&row.get::<_, String>(1)?, "dictation_moves.dictation_id")?,
                from: patient(2)?,
                to: patient(3)?,
                reason: Phi::new(row.get(4)?),
                actor: row.get(5)?,
                at: parse(&row.get::<_, String>(6)?, "dictation_moves.at")?,
            })
        })?;
        rows.collect()
    }

    /// Every claim of a dictation, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn claims_of(&self, dictation: DictationId) -> Result<Vec<ClaimRow>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT id FROM claims WHERE dictation_id = ?1 ORDER BY created_at, id")?;
        let ids: Vec<ClaimId> = statement
            .query_and_then([dictation.to_string()], |row| parse(&row.get::<_, String>(0)?, "claims.id"))?
            .collect::<Result<_, StoreError>>()?;
        let mut claims = vec![];
        for id in ids {
            claims.extend(self.claim(id)?);
        }
        Ok(claims)
    }

    /// Plans a case.
    ///
    /// # Errors
    /// Those of the database.
    pub fn plan_case(&self, case: &PlannedCase) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO planned_cases (id, day, at_time, patient_json, payer, operation, actor, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                case.id.to_string(),
                case.day.to_string(),
                case.at_time,
                to_json(&case.patient, "planned_cases.patient_json")?,
                case.payer,
                case.operation.expose(),
                case.actor,
                time(case.created_at),
            ])?;
        Ok(())
    }

    /// Takes a planned case away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn drop_case(&self, id: Uuid) -> Result<(), StoreError> {
        let changed =
            self.sql.prepare_cached("DELETE FROM planned_cases WHERE id = ?1")?.execute([id.to_string()])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "case" }) }
    }

    /// The cases planned for a day, by time.
    ///
    /// # Errors
    /// Those of the database.
    pub fn planned_cases(&self, day: Date) -> Result<Vec<PlannedCase>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, day, at_time, patient_json, payer, operation, actor, created_at FROM planned_cases
             WHERE day = ?1 ORDER BY at_time = '', at_time, id",
        )?;
        let rows = statement.query_and_then([day.to_string()], |row| {
            Ok(PlannedCase {
                id: parse(&row.get::<_, String>(0)?, "planned_cases.id")?,
                day: parse(&row.get::<_, String>(1)?, "planned_cases.day")?,
                at_time: row.get(2)?,
                patient: from_json(&row.get::<_, String>(3)?, "planned_cases.patient_json")?,
                payer: row.get(4)?,
                operation: Phi::new(row.get(5)?),
                actor: row.get(6)?,
                created_at: parse(&row.get::<_, String>(7)?, "planned_cases.created_at")?,
            })
        })?;
        rows.collect()
    }

    /// The dictations served on a day, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictations_served(&self, day: Date, limit: u32) -> Result<Vec<Dictation>, StoreError> {
        self.dictations_by(
            "SELECT id FROM dictations WHERE dos = ?1 ORDER BY created_at, id LIMIT ?2",
            params![day.to_string(), limit],
        )
    }

    /// Dictations with words that stand in their name, patient, payer or date; the newest first, after a place. `unfiled`
    /// leaves those of no patient.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictation_history(
        &self,
        words: &Phi<String>,
        unfiled: bool,
        after: Option<DictationId>,
        limit: u32,
    ) -> Result<Vec<Dictation>, StoreError> {
        let escaped = |w: &str| w.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let like: Vec<String> =
            words.expose().split_whitespace().take(6).map(|w| format!("%{}%", escaped(w))).collect();
        let mut sql = String::from(
            "SELECT id FROM dictations WHERE (?1 IS NULL OR (created_at, id) < (SELECT created_at, id FROM dictations WHERE id = ?1))",
        );
        if unfiled {
            sql.push_str(" AND patient_json IS NULL AND cancelled_at IS NULL");
        }
        for n in 0..like.len() {
            let mark = n + 3;
            sql.push_str(&format!(
                " AND ((name || ' ' || payer || ' ' || dos || ' ' || coalesce(json_extract(patient_json, '$.last'), '') || ' ' \
                 || coalesce(json_extract(patient_json, '$.first'), '') || ' ' || coalesce(json_extract(patient_json, '$.id'), '')) \
                 LIKE ?{mark} ESCAPE '\\')"
            ));
        }
        sql.push_str(" ORDER BY created_at DESC, id DESC LIMIT ?2");
        let mut bound: Vec<rusqlite::types::Value> = vec![
            after.map_or(rusqlite::types::Value::Null, |id| id.to_string().into()),
            i64::from(limit).into(),
        ];
        bound.extend(like.into_iter().map(Into::into));
        self.dictations_by(&sql, rusqlite::params_from_iter(bound))
    }

    fn dictations_by(&self, sql: &str, bound: impl rusqlite::Params) -> Result<Vec<Dictation>, StoreError> {
        let mut statement = self.sql.prepare_cached(sql)?;
        let ids: Vec<DictationId> = statement
            .query_and_then(bound, |row| parse(&row.get::<_, String>(0)?, "dictations.id"))?
            .collect::<Result<_, StoreError>>()?;
        let mut found = vec![];
        for id in ids {
            found.extend(self.dictation(id)?);
        }
        Ok(found)
    }

    /// Claims in a person's hands that ask something, the riskiest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn claims_with_questions(&self, limit: u32) -> Result<Vec<ClaimId>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT claim_id FROM claim_queue WHERE questions > 0 AND state IN ('draft', 'human_review')
             ORDER BY risk DESC, number LIMIT ?1",
        )?;
        let rows = statement
            .query_and_then([limit], |row| parse(&row.get::<_, String>(0)?, "claim_queue.claim_id"))?;
        rows.collect()
    }

    /// The clinic's own templates, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_templates(&self) -> Result<Vec<NoteTemplate>, StoreError> {
        let mut statement =
            self.sql.prepare_cached("SELECT json FROM note_templates ORDER BY name COLLATE NOCASE")?;
        let rows = statement
            .query_and_then([], |row| from_json(&row.get::<_, String>(0)?, "note_templates.json"))?;
        rows.collect()
    }

    /// Keeps a template under its name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_template(
        &self,
        template: &NoteTemplate,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO note_templates (name, json, actor, changed_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET json = excluded.json, actor = excluded.actor, changed_at = excluded.changed_at",
            )?
            .execute(params![template.name, to_json(template, "note_templates.json")?, actor, time(now)])?;
        Ok(())
    }

    /// Takes a template away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn remove_template(&self, name: &str) -> Result<(), StoreError> {
        let changed =
            self.sql.prepare_cached("DELETE FROM note_templates WHERE name = ?1")?.execute([name])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "template" }) }
    }

    /// Keeps what somebody is typing at a place; nothing typed forgets it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_typed(
        &self,
        actor: &str,
        place: &str,
        text: &Phi<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if text.expose().is_empty() {
            self.sql
                .prepare_cached("DELETE FROM typed_texts WHERE actor = ?1 AND place = ?2")?
                .execute([actor, place])?;
            return Ok(());
        }
        self.sql
            .prepare_cached(
                "INSERT INTO typed_texts (actor, place, text, changed_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (actor, place) DO UPDATE SET text = excluded.text, changed_at = excluded.changed_at",
            )?
            .execute(params![actor, place, text.expose(), time(now)])?;
        Ok(())
    }

    /// What somebody was typing at a place.
    ///
    /// # Errors
    /// Those of the database.
    pub fn typed(&self, actor: &str, place: &str) -> Result<Option<Phi<String>>, StoreError> {
        Ok(self
            .sql
            .prepare_cached("SELECT text FROM typed_texts WHERE actor = ?1 AND place = ?2")?
            .query_row([actor, place], |row| row.get::<_, String>(0))
            .optional()?
            .map(Phi::new))
    }

    /// Forgets what is planned for a patient, and that dictations were moved from or to them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_planned_patient(&self, patient: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM planned_cases WHERE json_extract(patient_json, '$.id') = ?1")?
            .execute([patient])?;
        self.sql
            .prepare_cached(
                "DELETE FROM dictation_moves WHERE json_extract(from_json, '$.id') = ?1 OR json_extract(to_json, '$.id') = ?1",
            )?
            .execute([patient])?;
        Ok(())
    }

    /// Forgets what is being typed with any of these words, and about dictations and claims that are not there any more.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_typed(&self, words: &[Phi<String>]) -> Result<(), StoreError> {
        let mut statement =
            self.sql.prepare_cached("DELETE FROM typed_texts WHERE instr(lower(text), lower(?1)) > 0")?;
        for word in words {
            statement.execute([word.expose()])?;
        }
        // A place is a word, and where it is about something its id.
        self.sql
            .prepare_cached(
                "DELETE FROM typed_texts WHERE length(place) >= instr(place, ' ') + 36 AND instr(place, ' ') > 0
                 AND substr(place, instr(place, ' ') + 1, 36) NOT IN (SELECT id FROM dictations UNION ALL SELECT id FROM claims)",
            )?
            .execute([])?;
        Ok(())
    }
}
