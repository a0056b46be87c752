//! Import: the audio of a WAV file into sealed frames of one second.
//!
//! The recording's wrapped key is stored before its file exists, so that what is on disk can always be opened
//! again. An import that was cut off leaves a recording nobody names: it is erased and begun anew, from the
//! user's own file.

use super::Outcome;
use crate::error::AppError;
use crate::events::Stage;
use crate::intake;
use crate::paths::Paths;
use crate::pipeline::{self, cancelled};
use crate::session::{Session, blocking};
use iambilly_claim::ids::{JobId, RecordingId};
use iambilly_engines::Cancel;
use iambilly_speech::{WavSource, duration_ms};
use iambilly_store::{Dictation, Recording, RecordingState};
use iambilly_vault::{Ending, SealedFile, SealedHeader, SealedReader, SecretKey, WrappedKey};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Name of a recording's sealed file: from its id, never from a patient's name.
pub(crate) fn sealed_name(id: RecordingId) -> String {
    format!("{id}.sealed")
}

/// Where a recording's sealed file is.
pub(crate) fn sealed_path(paths: &Paths, id: RecordingId) -> PathBuf {
    paths.audio().join(sealed_name(id))
}

/// The row of a recording that is about to be sealed.
pub(crate) fn row(
    session: &Session,
    id: RecordingId,
    wrapped: &WrappedKey,
    rate: u32,
    channels: u16,
) -> Recording {
    Recording {
        id,
        file_name: sealed_name(id),
        wrapped_key: Some(wrapped.to_string()),
        sample_rate: rate,
        channels,
        frames: 0,
        duration_ms: 0,
        state: RecordingState::Sealing,
        created_at: (session.surroundings.now)(),
    }
}

pub(super) async fn run(
    session: &Session,
    dictation: &Dictation,
    cancel: &Cancel,
) -> Result<Outcome, AppError> {
    let Some(source) = dictation.source_path.clone() else {
        // Sealed before: a crash fell between this stage's end and the next one's beginning.
        return Ok(Outcome::new(None, |_| Ok(())));
    };
    let id = RecordingId::new(session.surroundings.id());
    let (key, wrapped) = session.vault.wrap_new_key(&id.to_string(), &mut session.randomness())?;
    let opened = PathBuf::from(source.into_exposed());
    let wav = blocking(move || Ok(intake::check_audio(&opened)?)).await?;
    let info = wav.info();
    let recording = row(session, id, &wrapped, info.sample_rate, info.channels);
    session.store(move |s| s.write(|r| r.insert_recording(&recording))).await?;
    let header = SealedHeader {
        recording: id,
        sample_rate: info.sample_rate,
        channels: info.channels,
        format: info.sealed_format().tag(),
    };
    let (path, stop) = (sealed_path(&session.config.paths, id), cancel.clone());
    let frames = blocking(move || seal(wav, &path, header, &key, &stop)).await?;
    let (length, dictation) = (duration_ms(frames, info.sample_rate), dictation.id);
    let note = info.truncated.then(|| "The file was cut off; everything in it was read.".to_owned());
    Ok(Outcome::new(note, move |r| {
        r.end_recording(id, RecordingState::Sealed, frames, length)?;
        r.attach_recording(dictation, id)
    }))
}

/// Seals a WAV second by second; returns its sample frames.
fn seal(
    mut wav: WavSource<BufReader<File>>,
    path: &Path,
    header: SealedHeader,
    key: &SecretKey,
    stop: &Cancel,
) -> Result<u64, AppError> {
    let info = wav.info();
    let format = info.sealed_format();
    let mut file = SealedFile::create(path, header, key)?;
    let (mut block, mut bytes, mut frames) = (vec![], vec![], 0u64);
    while wav.next_block(info.sample_rate as usize, &mut block)? {
        if stop.is_cancelled() {
            return Err(cancelled().into());
        }
        bytes.clear();
        format.encode(&block, &mut bytes);
        file.append(&bytes)?;
        frames += (block.len() / usize::from(info.channels)) as u64;
    }
    file.finish()?;
    Ok(frames)
}

/// Opens a recording's sealed file.
pub(crate) fn open(
    session: &Session,
    recording: &Recording,
) -> Result<SealedReader<BufReader<File>>, AppError> {
    let wrapped = recording.wrapped_key.as_deref().ok_or_else(|| {
        iambilly_claim::Fault::new(
            iambilly_claim::FaultKind::Input,
            "recording_erased",
            "This recording was erased and cannot be played or read again.",
            "Its transcript and claim remain.",
        )
    })?;
    let key = session.vault.unwrap_key(&wrapped.parse()?, &recording.id.to_string())?;
    let path = pipeline::audio_file(session, &recording.file_name);
    let file = File::open(path).map_err(|e| AppError::file("open a sealed recording", &e))?;
    Ok(SealedReader::open(BufReader::new(file), recording.id, &key)?)
}

/// Whether a recording has ended and its audio can be read.
pub(crate) fn readable(recording: &Recording) -> bool {
    matches!(recording.state, RecordingState::Sealed | RecordingState::Torn)
}

/// Looks after recordings that were cut off: an import is erased (its job begins anew), a dictation made at
/// the microphone goes on with every second that was sealed.
pub(crate) async fn recover(session: &Session) -> Result<(), AppError> {
    let torn = session.store(|s| s.read(|r| r.recordings_in(RecordingState::Sealing))).await?;
    for recording in torn {
        // What this program, or another one on the same folder, is recording right now is not torn.
        let path = pipeline::audio_file(session, &recording.file_name);
        if !session.recording_now(recording.id) && !SealedFile::is_being_written(&path) {
            recover_one(session, recording).await?;
        }
    }
    Ok(())
}

/// Looks after one recording whose sealing ended without its finish.
pub(crate) async fn recover_one(session: &Session, recording: Recording) -> Result<(), AppError> {
    let id = recording.id;
    let dictation = session.store(move |s| s.read(|r| r.dictation_of_recording(id))).await?;
    let now = (session.surroundings.now)();
    let Some(dictation) = dictation else {
        let path = sealed_path(&session.config.paths, id);
        session.store(move |s| s.write(|r| r.erase_recording(id))).await?;
        // Without its key the file is noise; that it cannot be removed harms nobody.
        let _ = std::fs::remove_file(path);
        return Ok(());
    };
    let frames = match open(session, &recording) {
        Ok(reader) => sealed_frames(&reader, &recording)?,
        Err(_) => 0,
    };
    if frames == 0 && dictation.recording != Some(id) {
        // Nothing was said after all: the dictation is as it was before it was continued.
        let path = sealed_path(&session.config.paths, id);
        session
            .store(move |s| {
                s.write(|r| {
                    r.erase_recording(id)?;
                    r.drop_continuation(id).map(drop)
                })
            })
            .await?;
        let _ = std::fs::remove_file(path);
        return Ok(());
    }
    let (length, job) = (duration_ms(frames, recording.sample_rate), JobId::new(session.surroundings.id()));
    session
        .store(move |s| {
            s.write(|r| {
                r.end_recording(id, RecordingState::Torn, frames, length)?;
                r.append_audit("pipeline", "recording.recovered", &id.to_string(), now)?;
                pipeline::enqueue(r, &dictation, Stage::Transcribe, job, now)
            })
        })
        .await
}

fn sealed_frames(reader: &SealedReader<BufReader<File>>, recording: &Recording) -> Result<u64, AppError> {
    let format = iambilly_speech::PcmFormat::from_tag(reader.header().format)?;
    let frame_bytes = (format.sample_bytes() * usize::from(recording.channels)) as u64;
    let whole = match reader.ending() {
        Ending::Finished { .. } | Ending::Torn { .. } => reader.plain_bytes(),
    };
    Ok(whole / frame_bytes.max(1))
}
