//! `fee_schedules` and `fee_rates`: what the clinic charges, by payer and date of service.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, parse_opt, time, unsigned};
use iambilly_claim::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A fee schedule without its rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeSchedule {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// Payer id; none: for every payer.
    pub payer: Option<String>,
    /// First date of service.
    pub from: Date,
    /// Last date of service, if it ends.
    pub to: Option<Date>,
    /// Tenths of a percent of Medicare's fee; none: its rates.
    pub percent: Option<u32>,
    /// How many rates it has.
    pub rates: u64,
    /// Who made it.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was retired, if it was.
    pub retired_at: Option<Timestamp>,
}

/// The charge of one unit of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeRate {
    /// CPT or HCPCS code.
    pub code: String,
    /// With this modifier only; empty: whatever the modifiers.
    pub modifier: String,
    /// Of one unit.
    pub charge: Cents,
}

const COLUMNS: &str = "id, name, payer, effective_from, effective_to, percent, actor, created_at, retired_at,
    (SELECT count(*) FROM fee_rates WHERE schedule_id = fee_schedules.id)";

impl Records<'_> {
    /// Keeps a new fee schedule with its rates.
    ///
    /// # Errors
    /// Those of the database; two rates of one code and modifier.
    pub fn insert_fee_schedule(&self, schedule: &FeeSchedule, rates: &[FeeRate]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO fee_schedules (id, name, payer, effective_from, effective_to, percent, actor, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                schedule.id.to_string(),
                schedule.name,
                schedule.payer,
                schedule.from.to_string(),
                schedule.to.map(|d| d.to_string()),
                schedule.percent,
                schedule.actor,
                time(schedule.created_at),
            ])?;
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO fee_rates (schedule_id, code, modifier, cents) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for rate in rates {
            insert.execute(params![schedule.id.to_string(), rate.code, rate.modifier, rate.charge.0])?;
        }
        Ok(())
    }

    /// All fee schedules, newest first; those retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fee_schedules(&self) -> Result<Vec<FeeSchedule>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM fee_schedules ORDER BY created_at DESC, id DESC"
        ))?;
        statement.query_and_then([], read)?.collect()
    }

    /// The rates of a schedule: all, or those for some codes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fee_rates(
        &self,
        schedule: Uuid,
        codes: Option<&BTreeSet<String>>,
    ) -> Result<Vec<FeeRate>, StoreError> {
        let mut statement =
            self.sql.prepare_cached("SELECT code, modifier, cents FROM fee_rates WHERE schedule_id = ?1")?;
        let rows = statement.query_and_then([schedule.to_string()], |row| {
            Ok::<_, StoreError>(FeeRate {
                code: row.get(0)?,
                modifier: row.get(1)?,
                charge: Cents(row.get(2)?),
            })
        })?;
        rows.filter(|row| row.as_ref().map_or(true, |r| codes.is_none_or(|c| c.contains(&r.code)))).collect()
    }

    /// Retires a fee schedule: it no longer prices anything.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none of this id that still counts.
    pub fn retire_fee_schedule(&self, id: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE fee_schedules SET retired_by = ?2, retired_at = ?3 WHERE id = ?1 AND retired_at IS NULL",
            )?
            .execute(params![id.to_string(), actor, time(now)])?;
        if changed == 0 {
            return Err(StoreError::NotFound { what: "fee schedule" });
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<FeeSchedule, StoreError> {
    let (id, from, created): (String, String, String) = (row.get(0)?, row.get(3)?, row.get(7)?);
    let (to, retired): (Option<String>, Option<String>) = (row.get(4)?, row.get(8)?);
    Ok(FeeSchedule {
        id: parse(&id, "fee_schedules.id")?,
        name: row.get(1)?,
        payer: row.get(2)?,
        from: parse(&from, "fee_schedules.effective_from")?,
        to: parse_opt(to.as_ref(), "fee_schedules.effective_to")?,
        percent: row.get(5)?,
        actor: row.get(6)?,
        created_at: parse(&created, "fee_schedules.created_at")?,
        retired_at: parse_opt(retired.as_ref(), "fee_schedules.retired_at")?,
        rates: unsigned(row.get(9)?, "fee_rates")?,
    })
}
