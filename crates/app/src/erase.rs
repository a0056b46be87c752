//! Erasing: a recording by destroying its key, a dictation with everything that was made of it. The audit keeps the ids.
//!
//! What stays: the ids in the audit and of the recordings, phrase rules that people accepted, and backups made before,
//! until they are deleted; when that is, is said.

use crate::backup::Held;
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::stages::import::sealed_path;
use crate::stages::transcribe::forget_parts;
use iambilly_claim::ids::{DictationId, MasterId, RecordingId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{RecordingState, Records, StoreError};
use serde::Serialize;

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// The recordings whose keys were destroyed.
    pub recordings: Vec<RecordingId>,
    /// The patient's records in the master data.
    pub records: Vec<MasterId>,
    /// Whether the database was rewritten without the old pages too; if not (another program was reading), the next
    /// erasure does it. The erased content was overwritten in either case.
    pub compacted: bool,
    /// Backups made before, which still hold it.
    pub backups: Held,
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
    /// `legal_hold`; `recording_in_use` while it is being recorded; `file_waits` while a file with a claim of it and
    /// others' waits to be delivered; `not_found`.
    pub async fn erase_dictation(&self, id: DictationId) -> Result<Erased, AppError> {
        self.allow(Action::Erase).await?;
        self.refuse_waiting(vec![id]).await?;
        let recordings = self.erase_rows(id).await?;
        self.erased(recordings, vec![]).await
    }

    /// Claims in a file with others' cannot be taken out of it.
    pub(crate) async fn refuse_waiting(&self, ids: Vec<DictationId>) -> Result<(), AppError> {
        if self.store(move |s| s.read(|r| r.waits_with_others(&ids))).await? {
            return Err(Fault::new(
                FaultKind::Usage,
                "file_waits",
                "A claim of it is in a file that waits to be delivered together with other claims.",
                "Deliver the file first (iambilly exchange deliver); nothing was erased.",
            )
            .into());
        }
        Ok(())
    }

    /// Erases a dictation; the database is not yet rewritten.
    pub(crate) async fn erase_rows(&self, id: DictationId) -> Result<Vec<RecordingId>, AppError> {
        if !self.store(move |s| s.read(|r| r.is_held(id))).await? {
            self.cancel_now(id).await?;
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.take_away(id, move |r| {
            // Before the rows go, so that the event still knows its dictation.
            r.append_audit(&by, "dictation.erased", &id.to_string(), now)?;
            r.delete_dictation(id)
        })
        .await
    }

    /// Rewrites the database and says where it still is.
    pub(crate) async fn erased(
        &self,
        recordings: Vec<RecordingId>,
        records: Vec<MasterId>,
    ) -> Result<Erased, AppError> {
        let compacted = self.compact().await?;
        Ok(Erased { recordings, records, compacted, backups: self.held_by_backups().await? })
    }

    async fn erase(
        &self,
        id: DictationId,
        then: impl FnOnce(&Records<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Erased, AppError> {
        let recordings = self.take_away(id, then).await?;
        self.erased(recordings, vec![]).await
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
