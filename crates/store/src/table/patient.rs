//! Erasing all of one patient: what the records hold of them beside their dictations, and files that still wait to leave.
//!
//! Which table holds what of a patient, and how it goes, is listed and tried in `tests/erasure.rs`; a new table fails it.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::master::{COLUMNS, MasterRow, read};
use crate::table::{from_json, parse};
use iambilly_claim::Phi;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{DictationId, MasterId};

impl Records<'_> {
    /// Every dictation that names a patient, with the patient as it was filed, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn patients_of_dictations(&self) -> Result<Vec<(DictationId, Patient)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, patient_json FROM dictations WHERE patient_json IS NOT NULL ORDER BY created_at, id",
        )?;
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            let (id, patient): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((parse(&id, "dictations.id")?, from_json(&patient, "dictations.patient_json")?))
        })?;
        rows.collect()
    }

    /// Master records of patients with this identifier in whatever state, with all that were merged into them and that
    /// they were merged into.
    ///
    /// # Errors
    /// Those of the database.
    pub fn patients_known_as(&self, name: &str, value: &Phi<String>) -> Result<Vec<MasterRow>, StoreError> {
        self.family(
            "r.number IN (SELECT i.number FROM master_identifiers i
                          WHERE i.kind = 'patient' AND i.name = ?1 AND i.value = ?2)",
            &[name, value.expose()],
        )
    }

    /// The same of the master record with this id; empty where there is none, or it is not a patient's.
    ///
    /// # Errors
    /// Those of the database.
    pub fn patient_and_doubles(&self, id: MasterId) -> Result<Vec<MasterRow>, StoreError> {
        self.family("r.id = ?1", &[&id.to_string()])
    }

    fn family(&self, first: &str, values: &[&str]) -> Result<Vec<MasterRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "WITH RECURSIVE family (number, id, merged_into) AS (
               SELECT r.number, r.id, r.merged_into FROM master_records r WHERE r.kind = 'patient' AND {first}
               UNION SELECT r.number, r.id, r.merged_into FROM family f
               JOIN master_records r ON r.id = f.merged_into OR r.merged_into = f.id
             )
             SELECT {COLUMNS} FROM family f JOIN master_records m ON m.number = f.number ORDER BY m.number"
        ))?;
        let rows = statement.query_and_then(rusqlite::params_from_iter(values), read)?;
        rows.collect()
    }

    /// Erases master records of patients, with the words and identifiers they are found by. Give all of a family: a
    /// record that another was merged into does not go alone.
    ///
    /// # Errors
    /// Those of the database, which refuses any other kind of record.
    pub fn erase_patients(&self, ids: &[MasterId]) -> Result<(), StoreError> {
        // They name each other; the whole family is gone when the transaction ends.
        self.sql.execute_batch("PRAGMA defer_foreign_keys = ON")?;
        for id in ids {
            let id = id.to_string();
            for sql in [
                "DELETE FROM master_search WHERE rowid = (SELECT number FROM master_records WHERE id = ?1)",
                "DELETE FROM master_identifiers WHERE number = (SELECT number FROM master_records WHERE id = ?1)",
                "DELETE FROM master_records WHERE id = ?1",
            ] {
                self.sql.prepare_cached(sql)?.execute([&id])?;
            }
        }
        Ok(())
    }

    /// Forgets whose patient this one is in every EMR, and what was last seen of them there. What an EMR showed of nobody
    /// in particular may be of this one and goes too: it is only kept for when the EMR is away.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_emr_patient(&self, patient: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM emr_patients WHERE NOT EXISTS (SELECT 1 FROM emr_links l WHERE l.patient <> ?1
                     AND l.connection = emr_patients.connection AND l.remote_id = emr_patients.remote_id)",
            )?
            .execute([patient])?;
        self.sql.prepare_cached("DELETE FROM emr_links WHERE patient = ?1")?.execute([patient])?;
        Ok(())
    }

    /// Whether a file that waits to be delivered holds claims of these dictations together with others': it cannot be
    /// taken apart.
    ///
    /// # Errors
    /// Those of the database.
    pub fn waits_with_others(&self, dictations: &[DictationId]) -> Result<bool, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT i.control, c.dictation_id FROM interchanges i JOIN sent_claims s ON s.interchange = i.control
             JOIN claims c ON c.id = s.claim_id
             WHERE i.delivered_at IS NULL AND length(i.body) > 0",
        )?;
        let mut files = std::collections::HashMap::<i64, (bool, bool)>::new();
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            let id: String = row.get(1)?;
            Ok((row.get(0)?, parse::<DictationId>(&id, "claims.dictation_id")?))
        })?;
        for row in rows {
            let (control, dictation) = row?;
            let (theirs, others) = files.entry(control).or_default();
            if dictations.contains(&dictation) { *theirs = true } else { *others = true }
        }
        Ok(files.values().any(|(theirs, others)| *theirs && *others))
    }

    /// Empties files that wait to be delivered and have no claim any more. The control number stays taken.
    ///
    /// # Errors
    /// Those of the database.
    pub fn empty_orphaned_files(&self) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE interchanges SET body = X'' WHERE delivered_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM sent_claims s WHERE s.interchange = interchanges.control)",
            )?
            .execute([])?;
        Ok(())
    }
}
