//! Transcribe: the sealed recordings of a dictation through the speech worker, then the spine lexicon.

use super::Outcome;
use super::import;
use super::recognise::{Parts, Recogniser, Sealed, Stretch, pieces, transcript};
use crate::error::AppError;
use crate::live::Heard;
use crate::models;
use crate::session::{Session, blocking};
use iambilly_claim::Transcript;
use iambilly_claim::ids::{RecordingId, TranscriptId};
use iambilly_engines::{Cancel, Role};
use iambilly_speech::SpeechError;
use iambilly_store::{Dictation, Recording, Records, StoreError};
use iambilly_worker_protocol::Recognised;
use std::collections::HashMap;
use std::sync::Arc;

/// Recognised pieces of a recording in the encrypted store, until all of it is recognised.
pub(crate) struct StoredParts<'a> {
    pub(crate) session: &'a Session,
    pub(crate) recording: RecordingId,
    pub(crate) model: &'a str,
}

fn key(recording: RecordingId, model: &str, piece: Stretch) -> String {
    format!("recognised/{recording}/{model}/{}+{}", piece.start, piece.samples)
}

impl Parts for StoredParts<'_> {
    async fn find(&self, piece: Stretch) -> Result<Option<Recognised>, AppError> {
        let key = key(self.recording, self.model, piece);
        self.session.store(move |s| s.read(|r| r.setting(&key))).await
    }
    async fn keep(&self, piece: Stretch, part: &Recognised) -> Result<(), AppError> {
        let (key, index, part) =
            (key(self.recording, self.model, piece), index(self.recording), part.clone());
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

/// Names the parts of a recording, so that they can be removed together.
fn index(recording: RecordingId) -> String {
    format!("recognised/{recording}")
}

/// Removes the stored parts of a recording.
pub(crate) fn forget_parts(records: &Records<'_>, of: RecordingId) -> Result<(), StoreError> {
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
    let of = dictation.id;
    let mut recordings = session.store(move |s| s.read(|r| r.recordings_of(of))).await?;
    recordings.retain(import::readable);
    if recordings.is_empty() {
        return Err(StoreError::NotFound { what: "recording" }.into());
    }
    let total_ms: u64 = recordings.iter().map(|r| r.duration_ms).sum();
    let (mut parts, mut before_ms, mut silent) = (vec![], 0, None);
    // What was heard while it was recorded; without it, or with a hole in it, the sealed audio is read.
    let mut live = HashMap::new();
    for recording in &recordings {
        if let Some(listener) = session.listener_of(recording.id) {
            live.insert(recording.id, listener.heard().await);
        }
    }
    // What was heard live stands, whatever model was chosen since.
    let heard_by = || live.values().flatten().next().map(|heard| heard.model.clone());
    let named = dictation.speech_model.clone().or_else(heard_by);
    let model = models::resolve(&session.config.paths, Role::Speech, named.as_deref())?;
    let recogniser = Recogniser::new(&session.engines, model, session.own_words().await?);
    let model = &recogniser.model;
    let mut recognised = vec![];
    for recording in recordings {
        let (id, length_ms) = (recording.id, recording.duration_ms);
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        let within = |share: f32| {
            progress((before_ms as f32 + share * length_ms as f32) / total_ms.max(1) as f32);
        };
        let heard = live.remove(&id).flatten();
        let kept = StoredParts { session, recording: recording.id, model: &recogniser.model.id };
        match words_of(session, recording, heard, &recogniser, &kept, &within, cancel).await {
            Ok(words) => {
                parts.extend(words.iter().map(|(at, part)| (at + before_ms, part.clone())));
                recognised.push((id, words));
            }
            // Nobody spoke in this one; perhaps in another.
            Err(AppError::Speech(error @ SpeechError::NoSpeech { .. })) => silent = Some(error),
            Err(error) => return Err(error),
        }
        before_ms += length_ms;
    }
    if let (true, Some(silent)) = (recognised.is_empty(), silent) {
        return Err(silent.into());
    }
    let raw = transcript(&parts, total_ms, model, 0)?;
    let own = Arc::clone(&recogniser.own);
    // What was there before a dictation went on stands, with what people and a larger model made of it.
    let before = earlier(session, dictation).await?.filter(|before| before.audio_ms < total_ms);
    let transcript = blocking(move || {
        let anew = iambilly_coding::correct_with(&raw, &own);
        Ok(match before {
            Some(before) => iambilly_coding::continued(&before, &anew).transcript,
            None => anew,
        })
    })
    .await?;
    let by = |rule| transcript.corrections.iter().filter(|c| c.rule == rule).count();
    let (corrections, own) = (by("spine-lexicon"), by("own-dictionary"));
    let (new_id, now) = (TranscriptId::new(session.surroundings.id()), (session.surroundings.now)());
    let note = match (corrections, own) {
        (0, 0) => None,
        (0, own) => Some(format!("{own} words written by your dictionary")),
        (mended, 0) => Some(format!("{mended} recognition errors corrected from the spine lexicon")),
        (mended, own) => Some(format!(
            "{mended} recognition errors corrected from the spine lexicon, {own} by your dictionary"
        )),
    };
    Ok(Outcome::new(note, move |r| {
        r.add_transcript(new_id, of, &transcript, now)?;
        recognised.iter().try_for_each(|(id, words)| {
            r.keep_recognition(*id, &recogniser.model.id, words)?;
            forget_parts(r, *id)
        })
    }))
}

/// The transcript as it stands: what the claim's newest revision points into, else the newest one.
async fn earlier(session: &Session, dictation: &Dictation) -> Result<Option<Transcript>, AppError> {
    let of = dictation.id;
    session
        .store(move |s| {
            s.read(|r| {
                let newest = match r.claim_of(of)? {
                    Some(claim) => r.revision(claim.id, None)?.and_then(|revision| revision.transcript),
                    None => None,
                };
                let row = match newest {
                    Some(id) => r.transcript(id)?,
                    None => r.latest_transcript(of)?,
                };
                Ok(row.map(|row| row.transcript))
            })
        })
        .await
}

/// The recognised pieces of one recording, each with its offset in ms: as kept, as heard live, or recognised now.
pub(super) async fn words_of(
    session: &Session,
    recording: Recording,
    live: Option<Heard>,
    recogniser: &Recogniser,
    parts: &impl Parts,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Vec<(u64, Recognised)>, AppError> {
    let model = &recogniser.model;
    let (id, of_model) = (recording.id, model.id.clone());
    if let Some(kept) = session.store(move |s| s.read(|r| r.recognition(id, &of_model))).await? {
        return Ok(kept);
    }
    if let Some(heard) = live.filter(|heard| heard.model == model.id) {
        heard.meter.require_speech()?;
        return Ok(heard.parts);
    }
    let reader = import::open(session, &recording)?;
    let source = blocking(move || Sealed::new(reader, recording.duration_ms)).await?;
    // Cut as while it was recorded: what was recognised then is found again.
    pieces(recogniser, source, parts, progress, cancel).await
}

#[cfg(test)]
mod tests {
    use super::{Parts, StoredParts, Stretch, forget_parts, index, key};
    use crate::Surroundings;
    use crate::paths::Paths;
    use crate::session::{Config, Session, Unlock};
    use iambilly_claim::ids::RecordingId;
    use iambilly_worker_protocol::Recognised;
    use std::path::Path;

    /// What is discarded while its words are being stored leaves none of them.
    #[test]
    fn words_end_with_the_recording_that_is_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let none = |_: &str| None;
        let mut paths = Paths::from_environment(&none, Path::new("iambilly"));
        paths.data = folder.path().join("data");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let how = Unlock::passphrase("correct horse battery".to_owned());
            let session = Session::open(Config::new(paths, 1), Surroundings::system(), how).await.unwrap();
            let id = RecordingId::new(session.surroundings.id());
            let (writing, stop) = (std::sync::Arc::clone(&session), session.closing.child_token());
            let ended = stop.clone();
            let (told, mut first) = tokio::sync::mpsc::unbounded_channel();
            // Stores piece after piece, as a listener does: between two of them it looks whether it is to end.
            let task = tokio::spawn(async move {
                let parts = StoredParts { session: &writing, recording: id, model: "tiny" };
                let mut start = 0;
                while !ended.is_cancelled() {
                    let _ = told.send(());
                    let part = Recognised { segments: vec![], language: "en".to_owned(), elapsed_ms: 0 };
                    parts.keep(Stretch { start, samples: 1 }, &part).await.unwrap();
                    start += 1;
                }
                None
            });
            for _ in 0..5 {
                first.recv().await;
            }
            crate::live::Listener::of(task, stop).end().await;
            session.store(move |s| s.write(|r| forget_parts(r, id))).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            for start in 0..10 {
                let key = key(id, "tiny", Stretch { start, samples: 1 });
                let kept: Option<Recognised> =
                    session.store(move |s| s.read(|r| r.setting(&key))).await.unwrap();
                assert!(kept.is_none(), "piece {start} is left");
            }
            let index: Option<Vec<String>> =
                session.store(move |s| s.read(|r| r.setting(&index(id)))).await.unwrap();
            assert!(index.is_none());
        });
    }
}
