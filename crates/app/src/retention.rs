//! How long audio is kept: recordings of finished claims are erased so many days after the last decision on them.
//!
//! Text and claim stay, and so does the audit. What is open, under legal hold or being recorded is never touched.

use crate::erase::Erased;
use crate::error::AppError;
use crate::people::{Action, guards_of};
use crate::session::Session;
use jiff::{SignedDuration, Timestamp};

/// Most dictations one round erases, so that a clinic that turns it on late is not held up.
const ROUND: u32 = 200;

impl Session {
    /// Erases the audio of dictations whose claims were all exported, rejected or void before `before`.
    ///
    /// # Errors
    /// `not_allowed`; those of the store.
    pub async fn erase_old_audio(&self, before: Timestamp) -> Result<Erased, AppError> {
        self.allow(Action::Erase).await?;
        self.erase_done_with(before).await
    }

    /// Erases the audio the clinic's retention gives up by now; nothing where audio is kept for good.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_retention(&self) -> Result<Erased, AppError> {
        let guards = self.store(|s| s.read(guards_of)).await?;
        let nothing = Erased { compacted: true, ..Erased::default() };
        let Some(days) = guards.audio_days else { return Ok(nothing) };
        let kept = SignedDuration::from_hours(i64::from(days) * 24);
        match (self.surroundings.now)().checked_sub(kept) {
            Ok(before) => self.erase_done_with(before).await,
            Err(_) => Ok(nothing),
        }
    }

    async fn erase_done_with(&self, before: Timestamp) -> Result<Erased, AppError> {
        let ids = self.store(move |s| s.read(|r| r.audio_done_with(before, ROUND))).await?;
        if ids.is_empty() {
            return Ok(Erased { compacted: true, ..Erased::default() });
        }
        let mut recordings = vec![];
        let (now, by) = ((self.surroundings.now)(), self.by());
        for id in ids {
            let by = by.clone();
            let gone = self
                .take_away(id, move |r| {
                    r.append_audit(&by, "recording.retention_ended", &id.to_string(), now).map(drop)
                })
                .await?;
            recordings.extend(gone);
        }
        self.erased(recordings, vec![]).await
    }
}
