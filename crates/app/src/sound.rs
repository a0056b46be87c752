//! Hearing a passage, and seeing the waveform: both from the sealed recording, in memory only.

use crate::error::AppError;
use crate::session::{Session, blocking};
use crate::stages::import;
use crate::stages::recognise::{Sealed, Source};
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Fault, FaultKind};
pub use iambilly_sound::playback::Playing;
use iambilly_speech::Peaks;
use iambilly_store::StoreError;
use std::fs::File;
use std::io::BufReader;

/// Longest passage that is played at once: an evidence passage is seconds, a whole note some minutes.
const LONGEST_MS: u64 = 30 * 60 * 1000;

pub(crate) async fn sealed(session: &Session, id: DictationId) -> Result<Sealed<BufReader<File>>, AppError> {
    let recording = session
        .store(move |s| {
            s.read(|r| {
                let dictation = r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                Ok(dictation.recording.map(|id| r.recording(id)).transpose()?.flatten())
            })
        })
        .await?;
    let recording = recording.ok_or_else(|| {
        Fault::new(
            FaultKind::Input,
            "no_audio",
            "This dictation has no audio.",
            "It was typed; read its words instead.",
        )
    })?;
    let reader = import::open(session, &recording)?;
    Sealed::new(reader, recording.duration_ms)
}

/// Plays from `start_ms` to `end_ms` of a dictation, reporting the position in ms of the recording, then
/// `None`.
///
/// # Errors
/// `no_audio`, `recording_erased`, `no_audio_output`, and what the device says.
pub async fn play(
    session: &Session,
    id: DictationId,
    start_ms: u64,
    end_ms: u64,
    report: impl Fn(Option<u64>) + Send + 'static,
) -> Result<Playing, AppError> {
    let mut source = sealed(session, id).await?;
    let end_ms = end_ms.min(start_ms.saturating_add(LONGEST_MS));
    blocking(move || {
        let (rate, channels) = (source.rate(), usize::from(source.channels()).max(1));
        let samples_of = |ms: u64| usize::try_from(ms * u64::from(rate) / 1000).unwrap_or(usize::MAX);
        let first_second = start_ms / 1000;
        source.seek_second(first_second)?;
        let skip = samples_of(start_ms - first_second * 1000);
        let wanted = samples_of(end_ms.saturating_sub(start_ms));
        let (mut mono, mut block) = (vec![], vec![]);
        while mono.len() < skip + wanted && source.next(&mut block)? {
            #[allow(clippy::cast_precision_loss, reason = "a recording has few channels")]
            mono.extend(block.chunks_exact(channels).map(|f| f.iter().sum::<f32>() / channels as f32));
        }
        let passage: Vec<f32> = mono.into_iter().skip(skip).take(wanted).collect();
        let playing =
            iambilly_sound::playback::play(passage, rate, move |at| report(at.map(|ms| ms + start_ms)))?;
        Ok(playing)
    })
    .await
}

/// The waveform in so many buckets: the greatest absolute sample of each, 0 to 1.
///
/// # Errors
/// `no_audio`, `recording_erased`.
pub async fn peaks(session: &Session, id: DictationId, buckets: usize) -> Result<Vec<f32>, AppError> {
    let mut source = sealed(session, id).await?;
    blocking(move || {
        let frames = source.length_ms() * u64::from(source.rate()) / 1000;
        let mut peaks = Peaks::new(frames, source.channels(), buckets);
        let mut block = vec![];
        while source.next(&mut block)? {
            peaks.push(&block);
        }
        Ok(peaks.finish().iter().map(|p| p.max.abs().max(p.min.abs()).min(1.0)).collect())
    })
    .await
}
