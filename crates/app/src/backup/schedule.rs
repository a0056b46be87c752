//! Backups that make themselves: where to, how often, and how the last one went.

use super::BackupView;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const SCHEDULE: &str = "backup_schedule";
const LAST: &str = "backup_last";
/// After one that failed (a disk that is not there) the next try.
const AGAIN: SignedDuration = SignedDuration::from_mins(30);

/// Where backups go and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "BackupSchedule")]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// The folder.
    pub folder: PathBuf,
    /// Hours between two; 1 to 720.
    pub hours: u32,
    /// Days after which one is deleted, once there is a newer; 1 to 3650. None keeps them for good.
    #[serde(default)]
    pub keep_days: Option<u32>,
}

/// How the last backup went, on demand or by schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastBackup {
    /// When it was tried.
    pub at: Timestamp,
    /// Where it is; none for one that failed. Each was restored for trial before it got its name.
    pub folder: Option<PathBuf>,
    /// Claims in it.
    pub claims: u64,
    /// Code of what went wrong.
    pub fault: Option<String>,
}

/// What the two doors show of backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupState {
    /// The schedule, if there is one.
    pub schedule: Option<Schedule>,
    /// How the last one went.
    pub last: Option<LastBackup>,
    /// Whether one is due.
    pub due: bool,
}

/// Whether a backup is due: so many hours after the last that succeeded, and soon again after one that failed.
fn is_due(schedule: Option<&Schedule>, last: Option<&LastBackup>, now: Timestamp) -> bool {
    let Some(schedule) = schedule else { return false };
    let Some(last) = last else { return true };
    let wait =
        if last.fault.is_some() { AGAIN } else { SignedDuration::from_hours(i64::from(schedule.hours)) };
    // A clock that was set back makes one due rather than never.
    now < last.at || now.duration_since(last.at) >= wait
}

impl Session {
    /// The schedule of backups and how the last one went.
    ///
    /// # Errors
    /// `not_allowed`; those of the store.
    pub async fn backup_state(&self) -> Result<BackupState, AppError> {
        self.allow(Action::Backup).await?;
        self.backup_state_now().await
    }

    pub(super) async fn scheduled(&self) -> Result<Option<Schedule>, AppError> {
        self.store(|s| s.read(|r| r.setting(SCHEDULE))).await
    }

    async fn backup_state_now(&self) -> Result<BackupState, AppError> {
        let (schedule, last) =
            self.store(|s| s.read(|r| Ok((r.setting(SCHEDULE)?, r.setting(LAST)?)))).await?;
        let due = is_due(schedule.as_ref(), last.as_ref(), (self.surroundings.now)());
        Ok(BackupState { schedule, last, due })
    }

    /// Sets the schedule, or with none ends it.
    ///
    /// # Errors
    /// `backup_folder` when the folder is not there, `backup_hours`, `backup_days`, `not_allowed`.
    pub async fn schedule_backups(&self, schedule: Option<Schedule>) -> Result<BackupState, AppError> {
        self.allow(Action::Backup).await?;
        if let Some(wanted) = &schedule {
            if !(1..=720).contains(&wanted.hours) {
                return Err(Fault::new(
                    FaultKind::Usage,
                    "backup_hours",
                    "Backups are 1 to 720 hours apart.",
                    "24 makes one a day; nothing was changed.",
                )
                .into());
            }
            if wanted.keep_days.is_some_and(|days| !(1..=3650).contains(&days)) {
                return Err(Fault::new(
                    FaultKind::Usage,
                    "backup_days",
                    "Backups are kept for 1 to 3650 days, or for good.",
                    "30 keeps them for a month; nothing was changed.",
                )
                .into());
            }
            if !wanted.folder.is_dir() {
                return Err(super::no_folder());
            }
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| s.write(|r| r.change_setting(&by, SCHEDULE, schedule.as_ref(), now))).await?;
        self.backup_state_now().await
    }

    /// Makes the backup that is due, if one is; the clinic's own work, whoever is signed in.
    ///
    /// # Errors
    /// Those of a backup; the failure is kept for whoever looks at it.
    pub async fn backup_when_due(&self) -> Result<Option<BackupView>, AppError> {
        let state = self.backup_state_now().await?;
        match state.schedule {
            Some(schedule) if state.due => {
                let made = self.backup_now(schedule.folder.clone()).await?;
                if let Err(error) = self.delete_expired(&schedule).await {
                    // There is a new one; the old are tried again with the next.
                    tracing::warn!(code = error.fault().code, "an old backup was not deleted");
                }
                Ok(Some(made))
            }
            _ => Ok(None),
        }
    }

    /// Keeps how a backup went.
    pub(super) async fn keep_last(&self, made: &Result<BackupView, AppError>) -> Result<(), AppError> {
        let last = LastBackup {
            at: (self.surroundings.now)(),
            folder: made.as_ref().ok().map(|view| view.folder.clone()),
            claims: made.as_ref().map_or(0, |view| view.claims),
            fault: made.as_ref().err().map(|error| error.fault().code),
        };
        self.store(move |s| s.write(|r| r.set_setting(LAST, &last))).await
    }
}

#[cfg(test)]
mod tests {
    use super::{LastBackup, Schedule, is_due};
    use jiff::Timestamp;

    #[test]
    fn one_is_due_by_the_hours_and_soon_again_after_a_failure() {
        let at = |minutes: i64| Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap();
        let daily = Schedule { folder: "/backups".into(), hours: 24, keep_days: None };
        let last = |fault: Option<&str>| LastBackup {
            at: at(0),
            folder: None,
            claims: 0,
            fault: fault.map(str::to_owned),
        };
        assert!(!is_due(None, None, at(0)), "nothing without a schedule");
        assert!(is_due(Some(&daily), None, at(0)));
        let table = [(None, 0, false), (None, 1439, false), (None, 1440, true), (None, -1, true)];
        let failed = [(Some("backup_folder"), 29, false), (Some("backup_folder"), 30, true)];
        for (fault, minutes, due) in table.into_iter().chain(failed) {
            assert_eq!(is_due(Some(&daily), Some(&last(fault)), at(minutes)), due, "{fault:?} {minutes}");
        }
    }
}
