//! How long backups are kept: what the schedule made is deleted so many days later, and an erasure says until when its
//! content is still in them.

use super::BackupView;
use super::schedule::Schedule;
use crate::error::AppError;
use crate::session::{Session, blocking};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Backups that still hold what was erased.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// How many are in the folder of the schedule; those elsewhere nobody counts.
    pub there: usize,
    /// When the schedule has deleted the last of them; none where it keeps them for good, or there is no schedule.
    pub until: Option<Timestamp>,
}

/// When a backup of this moment is deleted.
fn end(made_at: Timestamp, days: u32) -> Timestamp {
    made_at.checked_add(SignedDuration::from_hours(i64::from(days) * 24)).unwrap_or(Timestamp::MAX)
}

/// Of one data folder's backups, oldest first, those past their days; the newest whole one always stays.
fn expired<'a>(all: &'a [BackupView], vault: &str, days: u32, now: Timestamp) -> Vec<&'a BackupView> {
    let own: Vec<&BackupView> = all.iter().filter(|one| one.vault == vault).collect();
    let newest = own.iter().rposition(|one| one.whole);
    let past =
        own.iter().enumerate().filter(|(at, one)| Some(*at) != newest && end(one.made_at, days) <= now);
    past.map(|(_, one)| *one).collect()
}

impl Session {
    /// Deletes backups of this data folder that are past the days of its schedule.
    pub(super) async fn delete_expired(&self, schedule: &Schedule) -> Result<usize, AppError> {
        let Some(days) = schedule.keep_days else { return Ok(0) };
        let (folder, vault, now) = (schedule.folder.clone(), self.vault.id(), (self.surroundings.now)());
        let gone = blocking(move || {
            let all = super::list(&folder)?;
            let gone = expired(&all, &vault, days, now);
            for one in &gone {
                std::fs::remove_dir_all(&one.folder)
                    .map_err(|e| AppError::file("delete an old backup", &e))?;
            }
            Ok(gone.len())
        })
        .await?;
        for _ in 0..gone {
            self.note("backup.expired", "backup").await?;
        }
        Ok(gone)
    }

    /// Which backups hold what is in the records until now.
    pub(crate) async fn held_by_backups(&self) -> Result<Held, AppError> {
        let Some(schedule) = self.scheduled().await? else { return Ok(Held::default()) };
        let vault = self.vault.id();
        blocking(move || {
            // A disk that is not connected holds some all the same: their end is known, their number is not.
            let all = super::list(&schedule.folder).unwrap_or_default();
            let own: Vec<BackupView> = all.into_iter().filter(|one| one.vault == vault).collect();
            let last = own.iter().map(|one| one.made_at).max();
            let until = last.zip(schedule.keep_days).map(|(made_at, days)| end(made_at, days));
            Ok(Held { there: own.len(), until })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::{BackupView, expired};
    use jiff::Timestamp;

    #[test]
    fn backups_end_after_their_days_and_the_newest_whole_one_never() {
        let at = |days: i64| Timestamp::from_second(1_800_000_000 + days * 86_400).unwrap();
        let one = |day: i64, vault: &str, whole: bool| BackupView {
            folder: format!("/backups/{day}").into(),
            vault: vault.to_owned(),
            made_at: at(day),
            dictations: 0,
            claims: 0,
            bytes: 0,
            missing: vec![],
            whole,
        };
        let all =
            [one(0, "a", true), one(1, "b", true), one(2, "a", true), one(9, "a", true), one(10, "a", false)];
        let days = |keep, now| -> Vec<i64> {
            let gone = expired(&all, "a", keep, at(now));
            gone.iter().map(|b| (b.made_at.as_second() - 1_800_000_000) / 86_400).collect()
        };
        assert_eq!(days(7, 6), Vec::<i64>::new());
        assert_eq!(days(7, 7), [0]);
        assert_eq!(days(7, 9), [0, 2], "another data folder's stays");
        assert_eq!(days(7, 99), [0, 2, 10], "the newest whole one is all there is");
    }
}
