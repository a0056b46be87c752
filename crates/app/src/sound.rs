//! Hearing a passage, and seeing the waveform: both from the sealed recording, in memory only.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::stages::chain::Chain;
use crate::stages::recognise::Source;
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Fault, FaultKind};
pub use iambilly_sound::playback::{Playing, Speed};
use iambilly_speech::Peaks;
use iambilly_store::{RecordingState, StoreError};

/// Longest passage that is played at once: an evidence passage is seconds, a whole note some minutes.
const LONGEST_MS: u64 = 30 * 60 * 1000;

/// The audio of a dictation; what is being recorded at its end right now is left out.
pub(crate) async fn sealed(session: &Session, id: DictationId) -> Result<Chain, AppError> {
    let mut recordings = session
        .store(move |s| {
            s.read(|r| {
                r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                r.recordings_of(id)
            })
        })
        .await?;
    recordings.retain(|r| r.state != RecordingState::Sealing);
    if recordings.is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            "no_audio",
            "This dictation has no audio.",
            "It was typed, or is being recorded; read its words instead.",
        )
        .into());
    }
    Chain::open(session, &recordings)
}

/// Plays from `start_ms` to `end_ms` of a dictation at a speed, reporting the position in ms of the recording, then
/// `None`.
///
/// # Errors
/// `no_audio`, `recording_erased`, `no_audio_output`, and what the device says.
pub async fn play(
    session: &Session,
    id: DictationId,
    start_ms: u64,
    end_ms: u64,
    speed: Speed,
    report: impl Fn(Option<u64>) + Send + 'static,
) -> Result<Playing, AppError> {
    session.allow(Action::Listen).await?;
    let mut source = sealed(session, id).await?;
    session.note_view("recording.played", &id.to_string()).await?;
    let end_ms = end_ms.min(start_ms.saturating_add(LONGEST_MS));
    blocking(move || {
        let (rate, channels) = (source.rate(), usize::from(source.channels()).max(1));
        let samples_of = |ms: u64| usize::try_from(ms * u64::from(rate) / 1000).unwrap_or(usize::MAX);
        let skip = samples_of(source.seek(start_ms)?);
        let wanted = samples_of(end_ms.saturating_sub(start_ms));
        let (mut mono, mut block) = (vec![], vec![]);
        while mono.len() < skip + wanted && source.next(&mut block)? {
            #[allow(clippy::cast_precision_loss, reason = "a recording has few channels")]
            mono.extend(block.chunks_exact(channels).map(|f| f.iter().sum::<f32>() / channels as f32));
        }
        let passage: Vec<f32> = mono.into_iter().skip(skip).take(wanted).collect();
        let playing = iambilly_sound::playback::play(passage, rate, speed, move |at| {
            report(at.map(|ms| ms + start_ms));
        })?;
        Ok(playing)
    })
    .await
}

/// The waveform in so many buckets: the greatest absolute sample of each, 0 to 1.
///
/// # Errors
/// `no_audio`, `recording_erased`.
pub async fn peaks(session: &Session, id: DictationId, buckets: usize) -> Result<Vec<f32>, AppError> {
    session.allow(Action::Listen).await?;
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
