//! Transcribe: the sealed recording through the speech worker, then the spine lexicon.

use super::Outcome;
use super::import;
use super::recognise::{Parts, Sealed, Stretch, recognise, transcript};
use crate::error::AppError;
use crate::models;
use crate::session::{Session, blocking};
use iambilly_claim::ids::{DictationId, TranscriptId};
use iambilly_engines::{Cancel, Role};
use iambilly_store::{Dictation, Records, StoreError};
use iambilly_worker_protocol::Recognised;

/// Recognised pieces in the encrypted store, until the transcript is there.
pub(crate) struct StoredParts<'a> {
    pub(crate) session: &'a Session,
    pub(crate) dictation: DictationId,
    pub(crate) model: &'a str,
}

fn key(dictation: DictationId, model: &str, piece: Stretch) -> String {
    format!("recognised/{dictation}/{model}/{}+{}", piece.start, piece.samples)
}

impl Parts for StoredParts<'_> {
    async fn find(&self, piece: Stretch) -> Result<Option<Recognised>, AppError> {
        let key = key(self.dictation, self.model, piece);
        self.session.store(move |s| s.read(|r| r.setting(&key))).await
    }
    async fn keep(&self, piece: Stretch, part: &Recognised) -> Result<(), AppError> {
        let (key, index, part) =
            (key(self.dictation, self.model, piece), index(self.dictation), part.clone());
        self.session
            .store(move |s| {
                s.write(|r| {
                    let mut keys: Vec<String> = r.setting(&index)?.unwrap_or_default();
                    keys.push(key.clone());
                    r.set_setting(&index, &keys)?;
                    r.set_setting(&key, &part)
                })
            })
            .await
    }
}

/// Names the parts of a dictation, so that they can be removed with the stage's end.
fn index(dictation: DictationId) -> String {
    format!("recognised/{dictation}")
}

/// Removes the stored parts of a dictation.
pub(crate) fn forget_parts(records: &Records<'_>, of: DictationId) -> Result<(), StoreError> {
    let keys: Vec<String> = records.setting(&index(of))?.unwrap_or_default();
    for key in keys.iter().chain([&index(of)]) {
        records.remove_setting(key)?;
    }
    Ok(())
}

pub(super) async fn run(
    session: &Session,
    dictation: &Dictation,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Outcome, AppError> {
    // What was heard while it was recorded; without it, or with a hole in it, the sealed audio is read.
    let live = match session.listener_of(dictation.id) {
        Some(listener) => listener.await.ok().flatten(),
        None => None,
    };
    let model = models::resolve(&session.config.paths, Role::Speech, dictation.speech_model.as_deref())?;
    let id = dictation.recording.ok_or(StoreError::NotFound { what: "recording" })?;
    let recording = session
        .store(move |s| s.read(|r| r.recording(id)))
        .await?
        .ok_or(StoreError::NotFound { what: "recording" })?;
    let raw = match live.filter(|heard| heard.model == model.id) {
        Some(heard) => {
            heard.meter.require_speech()?;
            transcript(&heard.parts, recording.duration_ms, &model, 0)?
        }
        None => {
            let reader = import::open(session, &recording)?;
            let source = blocking(move || Sealed::new(reader, recording.duration_ms)).await?;
            let parts = StoredParts { session, dictation: dictation.id, model: &model.id };
            // Cut as while it was recorded: what was recognised then is found again.
            recognise(&session.engines, &model, source, &parts, progress, cancel).await?
        }
    };
    let transcript = blocking(move || Ok(iambilly_coding::correct(&raw))).await?;
    let corrections = transcript.corrections.iter().filter(|c| c.rule == "spine-lexicon").count();
    let (of, new_id, now) =
        (dictation.id, TranscriptId::new(session.surroundings.id()), (session.surroundings.now)());
    let note = (corrections > 0)
        .then(|| format!("{corrections} recognition errors corrected from the spine lexicon"));
    Ok(Outcome::new(note, move |r| {
        r.add_transcript(new_id, of, &transcript, now)?;
        forget_parts(r, of)
    }))
}
