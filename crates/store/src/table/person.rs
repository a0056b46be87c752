//! `people` and `recovery_codes`: who signs in, with which roles and which second factor.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, parse_opt, time, unsigned, words};
use iambilly_claim::ids::ClaimId;
use jiff::Timestamp;
use rusqlite::{ErrorCode, OptionalExtension, Row, params};

words! {
    /// Whether a person may sign in.
    PersonState {
        /// Added, and never signed in yet.
        Pending = "pending",
        /// Signs in.
        Active = "active",
        /// Kept out; what they did stays theirs.
        Disabled = "disabled",
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Id, the same as in the vault and the audit.
    pub id: String,
    /// As the person signs in.
    pub name: String,
    /// Names of roles.
    pub roles: Vec<String>,
    /// Whether they may sign in.
    pub state: PersonState,
    /// Whether signing in asks for a code too.
    pub second_factor: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub signed_in_at: Option<Timestamp>,
}

/// A second factor's secret, in base32, and the newest time step whose code was used.
pub type SecondFactor = (String, Option<u64>);

const COLUMNS: &str = "id, name, roles, state, totp_secret IS NOT NULL, created_at, signed_in_at";

fn read(row: &Row<'_>) -> Result<PersonRow, StoreError> {
    let (roles, state, created, signed): (String, String, String, Option<String>) =
        (row.get(2)?, row.get(3)?, row.get(5)?, row.get(6)?);
    Ok(PersonRow {
        id: row.get(0)?,
        name: row.get(1)?,
        roles: roles.split_whitespace().map(str::to_owned).collect(),
        state: parse(&state, "people.state")?,
        second_factor: row.get(4)?,
        created_at: parse(&created, "people.created_at")?,
        signed_in_at: parse_opt(signed.as_ref(), "people.signed_in_at")?,
    })
}

impl Records<'_> {
    /// All people, in the order they were added.
    ///
    /// # Errors
    /// Those of the database.
    pub fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        let mut statement =
            self.sql.prepare_cached(&format!("SELECT {COLUMNS} FROM people ORDER BY created_at, id"))?;
        let rows = statement.query_and_then([], read)?;
        rows.collect()
    }

    /// One person by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn person(&self, id: &str) -> Result<Option<PersonRow>, StoreError> {
        let mut statement =
            self.sql.prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE id = ?1"))?;
        let mut rows = statement.query_and_then([id], read)?;
        rows.next().transpose()
    }

    /// Adds a person, pending.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for a name that is taken, in any case of letters.
    pub fn add_person(&self, id: &str, name: &str, roles: &[&str], now: Timestamp) -> Result<(), StoreError> {
        let added = self
            .sql
            .prepare_cached(
                "INSERT INTO people (id, name, roles, state, created_at) VALUES (?1, ?2, ?3, 'pending', ?4)",
            )?
            .execute(params![id, name, roles.join(" "), time(now)]);
        match added {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(StoreError::Conflict { what: "somebody of this name is there already" })
            }
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    /// Gives a person these roles and no others.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn set_roles(&self, id: &str, roles: &[&str]) -> Result<(), StoreError> {
        self.one(
            self.sql
                .prepare_cached("UPDATE people SET roles = ?2 WHERE id = ?1")?
                .execute(params![id, roles.join(" ")])?,
        )
    }

    /// Whether a person may sign in.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn set_person_state(&self, id: &str, state: PersonState) -> Result<(), StoreError> {
        self.one(
            self.sql
                .prepare_cached("UPDATE people SET state = ?2 WHERE id = ?1")?
                .execute(params![id, state.as_str()])?,
        )
    }

    /// Notes a sign-in; who was pending is active from then on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn person_signed_in(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.one(
            self.sql
                .prepare_cached(
                    "UPDATE people SET signed_in_at = ?2,
                       state = CASE state WHEN 'pending' THEN 'active' ELSE state END
                     WHERE id = ?1",
                )?
                .execute(params![id, time(now)])?,
        )
    }

    /// A person's second factor, if they have one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn second_factor(&self, id: &str) -> Result<Option<SecondFactor>, StoreError> {
        let found: Option<(Option<String>, Option<i64>)> = self
            .sql
            .prepare_cached("SELECT totp_secret, totp_step FROM people WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((Some(secret), step)) = found else { return Ok(None) };
        Ok(Some((secret, step.map(|s| unsigned(s, "people.totp_step")).transpose()?)))
    }

    /// Gives a person a second factor with recovery codes (their seals), or takes both away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn set_second_factor(
        &self,
        id: &str,
        secret: Option<&str>,
        seals: &[String],
    ) -> Result<(), StoreError> {
        self.one(
            self.sql
                .prepare_cached("UPDATE people SET totp_secret = ?2, totp_step = NULL WHERE id = ?1")?
                .execute(params![id, secret])?,
        )?;
        self.sql.prepare_cached("DELETE FROM recovery_codes WHERE person = ?1")?.execute([id])?;
        let mut insert =
            self.sql.prepare_cached("INSERT INTO recovery_codes (person, seal) VALUES (?1, ?2)")?;
        for seal in seals {
            insert.execute(params![id, seal])?;
        }
        Ok(())
    }

    /// Takes a time step's code for used; `false` when it, or a later one, was used before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn use_totp_step(&self, id: &str, step: u64) -> Result<bool, StoreError> {
        let step = crate::table::integer(step, "people.totp_step")?;
        let used = self
            .sql
            .prepare_cached(
                "UPDATE people SET totp_step = ?2 WHERE id = ?1 AND (totp_step IS NULL OR totp_step < ?2)",
            )?
            .execute(params![id, step])?;
        Ok(used == 1)
    }

    /// Takes a recovery code for used; `false` when there is no such code, or it was used before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn use_recovery_code(&self, id: &str, seal: &str, now: Timestamp) -> Result<bool, StoreError> {
        let used = self
            .sql
            .prepare_cached(
                "UPDATE recovery_codes SET used_at = ?3 WHERE person = ?1 AND seal = ?2 AND used_at IS NULL",
            )?
            .execute(params![id, seal, time(now)])?;
        Ok(used == 1)
    }

    /// How many recovery codes a person has left.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recovery_codes_left(&self, id: &str) -> Result<u32, StoreError> {
        let left: i64 = self
            .sql
            .prepare_cached("SELECT count(*) FROM recovery_codes WHERE person = ?1 AND used_at IS NULL")?
            .query_row([id], |row| row.get(0))?;
        unsigned(left, "recovery_codes")
    }

    /// Whether any revision of a claim was made by this person.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drafted_any(&self, claim: ClaimId, person: &str) -> Result<bool, StoreError> {
        Ok(self
            .sql
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM claim_revisions WHERE claim_id = ?1 AND drafted_by = ?2)",
            )?
            .query_row(params![claim.to_string(), person], |row| row.get(0))?)
    }

    #[allow(clippy::unused_self, reason = "reads as a step of the records")]
    fn one(&self, changed: usize) -> Result<(), StoreError> {
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "person" }) }
    }
}
