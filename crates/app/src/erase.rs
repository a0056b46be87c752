//! Erasing: a recording by destroying its key, a dictation with everything that was made of it. The audit keeps the ids.
//!
//! What stays: the ids in the audit and of the recordings, phrase rules that people accepted, and backups made before,
//! until they are deleted.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::stages::import::sealed_path;
use crate::stages::transcribe::forget_parts;
use iambilly_claim::ids::{DictationId, RecordingId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{RecordingState, Records, StoreError};
use serde::Serialize;

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The recordings whose keys were destroyed.
    pub recordings: Vec<RecordingId>,
    /// Whether the database was rewritten without the old pages too; if not (another program was reading), the next
    /// erasure does it. The erased content was overwritten in either case.
    pub compacted: bool,
}

impl Session {
    /// Erases the audio of a dictation: its text and claim stay.
    ///
    /// # Errors
    /// `legal_hold`; `recording_in_use` while it is being recorded; `not_found`.
    pub async fn erase_recording(&self, id: DictationId) -> Result<Erased, AppError> {
        self.allow(Action::Erase).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.erase(id, move |r| r.append_audit(&by, "recording.erased", &id.to_string(), now).map(drop)).await
    }

    /// Erases a dictation: audio, transcripts, claims with all revisions, corrections and jobs.
    ///
    /// # Errors
    /// `legal_hold`; `recording_in_use` while it is being recorded; `not_found`.
    pub async fn erase_dictation(&self, id: DictationId) -> Result<Erased, AppError> {
        self.allow(Action::Erase).await?;
        if !self.store(move |s| s.read(|r| r.is_held(id))).await? {
            self.cancel_now(id).await?;
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.erase(id, move |r| {
            // Before the rows go, so that the event still knows its dictation.
            r.append_audit(&by, "dictation.erased", &id.to_string(), now)?;
            r.delete_dictation(id)
        })
        .await
    }

    async fn erase(
        &self,
        id: DictationId,
        then: impl FnOnce(&Records<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Erased, AppError> {
        let recordings = self.take_away(id, then).await?;
        let compacted = self.compact().await?;
        Ok(Erased { recordings, compacted })
    }

    /// Rewrites the database without its free pages; `false` while another program reads.
    pub(crate) async fn compact(&self) -> Result<bool, AppError> {
        self.store(|s| Ok(s.compact().is_ok())).await
    }

    /// Destroys the keys of a dictation's recordings and deletes their files; the database is not yet rewritten.
    pub(crate) async fn take_away(
        &self,
        id: DictationId,
        then: impl FnOnce(&Records<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Vec<RecordingId>, AppError> {
        if self.store(move |s| s.read(|r| r.is_held(id))).await? {
            self.note("dictation.erase_refused", &id.to_string()).await?;
            return Err(crate::hold::held());
        }
        let recordings = self
            .store(move |s| {
                s.write(|r| {
                    r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                    if r.is_held(id)? {
                        return Err(StoreError::Conflict { what: "it was put under legal hold meanwhile" });
                    }
                    let recordings = r.recordings_of(id)?;
                    if recordings.iter().any(|one| one.state == RecordingState::Sealing) {
                        return Ok(None);
                    }
                    for one in &recordings {
                        forget_parts(r, one.id)?;
                        if one.state != RecordingState::Erased {
                            r.erase_recording(one.id)?;
                        }
                    }
                    then(r)?;
                    Ok(Some(recordings.into_iter().map(|one| one.id).collect::<Vec<_>>()))
                })
            })
            .await?
            .ok_or_else(|| {
                AppError::from(Fault::new(
                    FaultKind::Usage,
                    "recording_in_use",
                    "This dictation is being recorded or taken in.",
                    "End the recording first; nothing was erased.",
                ))
            })?;
        let paths = self.config.paths.clone();
        let files = recordings.clone();
        // Without their keys the files are noise already.
        blocking(move || {
            files.into_iter().for_each(|one| drop(std::fs::remove_file(sealed_path(&paths, one))));
            Ok(())
        })
        .await?;
        Ok(recordings)
    }
}
