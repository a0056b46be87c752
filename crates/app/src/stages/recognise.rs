//! Recognition of a stream of any length: read, converted to 16 kHz mono and cut into pieces at quiet points,
//! so that memory stays small, progress is real, and a cut-off job goes on at the next piece.

use crate::error::AppError;
use crate::pipeline::cancelled;
use crate::session::blocking;
use iambilly_claim::{Fault, FaultKind, Phi, Transcript};
use iambilly_coding::OwnWords;
use iambilly_engines::{Cancel, Engines, ModelPath, TranscribeOptions};
use iambilly_speech::{
    Endpointer, Endpoints, LevelMeter, Mono16k, PcmFormat, Piece, WavSource, assemble, duration_ms,
};
use iambilly_vault::SealedReader;
use iambilly_worker_protocol::Recognised;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::time::Instant;

/// Interleaved samples from somewhere.
pub(crate) trait Source: Send + 'static {
    /// Samples per second and channel.
    fn rate(&self) -> u32;
    /// Channels.
    fn channels(&self) -> u16;
    /// Length in ms.
    fn length_ms(&self) -> u64;
    /// Replaces `block` by the next samples; `false` at the end.
    fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AppError>;
}

impl<R: Read + Seek + Send + 'static> Source for WavSource<R> {
    fn rate(&self) -> u32 {
        self.info().sample_rate
    }
    fn channels(&self) -> u16 {
        self.info().channels
    }
    fn length_ms(&self) -> u64 {
        self.info().duration_ms
    }
    fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AppError> {
        Ok(self.next_block(self.info().sample_rate as usize, block)?)
    }
}

/// A sealed recording as a source.
pub(crate) struct Sealed<R: Read + Seek> {
    reader: SealedReader<R>,
    format: PcmFormat,
    length_ms: u64,
}

impl<R: Read + Seek> Sealed<R> {
    pub(crate) fn new(reader: SealedReader<R>, length_ms: u64) -> Result<Self, AppError> {
        let format = PcmFormat::from_tag(reader.header().format)?;
        Ok(Self { reader, format, length_ms })
    }

    /// How its samples are kept.
    pub(crate) const fn format(&self) -> PcmFormat {
        self.format
    }

    /// Stands before the frame that holds a time, and says how many ms of it come before.
    pub(crate) fn seek(&mut self, ms: u64) -> Result<u64, AppError> {
        let header = self.reader.header();
        let sample = (self.format.sample_bytes() * usize::from(header.channels).max(1)) as u64;
        let rate = u64::from(header.sample_rate);
        let (mut left, mut frame) = (ms * rate / 1000, 0);
        for bytes in self.reader.frame_lengths() {
            let samples = u64::from(bytes) / sample;
            if left < samples {
                break;
            }
            (left, frame) = (left - samples, frame + 1);
        }
        self.reader.seek_frame(frame)?;
        Ok(duration_ms(left, header.sample_rate))
    }

    /// Length in ms.
    pub(crate) const fn ms(&self) -> u64 {
        self.length_ms
    }
}

impl<R: Read + Seek + Send + 'static> Source for Sealed<R> {
    fn rate(&self) -> u32 {
        self.reader.header().sample_rate
    }
    fn channels(&self) -> u16 {
        self.reader.header().channels
    }
    fn length_ms(&self) -> u64 {
        self.length_ms
    }
    fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AppError> {
        block.clear();
        let Some(bytes) = self.reader.next_frame()? else { return Ok(false) };
        self.format.decode(&bytes, block);
        Ok(true)
    }
}

/// A source on its way into pieces.
struct Pieces<S> {
    source: S,
    mono: Option<Mono16k>,
    endpointer: Endpointer,
    meter: LevelMeter,
}

impl<S: Source> Pieces<S> {
    fn new(source: S) -> Result<Self, AppError> {
        let mono = Mono16k::new(source.rate(), source.channels())?;
        Ok(Self {
            source,
            mono: Some(mono),
            endpointer: Endpointer::new(Endpoints::default()),
            meter: LevelMeter::new(),
        })
    }

    fn next(&mut self) -> Result<Option<Piece>, AppError> {
        let (mut block, mut ready) = (vec![], vec![]);
        loop {
            if let Some(piece) = self.endpointer.next_piece() {
                return Ok(Some(piece));
            }
            let Some(mono) = self.mono.as_mut() else { return Ok(None) };
            ready.clear();
            let more = self.source.next(&mut block)?;
            if more {
                mono.push(&block, &mut ready)?;
            } else if let Some(mono) = self.mono.take() {
                mono.finish(&mut ready)?;
            }
            self.meter.push(&ready);
            self.endpointer.push(&ready);
            if !more {
                self.endpointer.finish();
            }
        }
    }
}

/// A speech model with the words it is told to expect, and what is mended after it.
#[derive(Debug, Clone)]
pub(crate) struct Recogniser {
    pub(crate) engines: Engines,
    pub(crate) model: ModelPath,
    pub(crate) expected: Phi<Option<String>>,
    /// The physician's own dictionary.
    pub(crate) own: Arc<OwnWords>,
}

impl Recogniser {
    /// A model for a physician with this dictionary; where it hears better for it, it is told what to expect.
    pub(crate) fn new(engines: &Engines, model: ModelPath, own: OwnWords) -> Self {
        let expected = Phi::new(model.expects_words.then(|| iambilly_coding::expected_words(&own)));
        Self { engines: engines.clone(), model, expected, own: Arc::new(own) }
    }

    /// The words in samples at 16 kHz; `rough` for text that is replaced or waited for. A model that hears as well
    /// so is always shown the sound only.
    pub(crate) async fn hear(
        &self,
        samples: Arc<[f32]>,
        rough: bool,
        progress: &(dyn Fn(f32) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<Recognised, AppError> {
        let options = TranscribeOptions {
            initial_prompt: self.expected.clone(),
            rough: rough || self.model.short_window,
            ..TranscribeOptions::default()
        };
        Ok(self.engines.transcribe(&self.model, samples, &options, progress, cancel).await?)
    }
}

/// First sample and number of samples of a piece, at 16 kHz: the same cutting gives the same pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: u64,
    pub(crate) samples: u64,
}

impl Stretch {
    pub(crate) const fn of(piece: &Piece) -> Self {
        Self { start: piece.start, samples: piece.samples.len() as u64 }
    }
}

/// Where recognised pieces are kept between interruptions.
pub(crate) trait Parts: Sync {
    /// The stored part of this piece.
    fn find(&self, piece: Stretch) -> impl Future<Output = Result<Option<Recognised>, AppError>> + Send;
    /// Keeps a part.
    fn keep(&self, piece: Stretch, part: &Recognised) -> impl Future<Output = Result<(), AppError>> + Send;
}

/// Nothing is kept: for stateless recognition.
pub(crate) struct NoParts;

impl Parts for NoParts {
    async fn find(&self, _: Stretch) -> Result<Option<Recognised>, AppError> {
        Ok(None)
    }
    async fn keep(&self, _: Stretch, _: &Recognised) -> Result<(), AppError> {
        Ok(())
    }
}

/// Recognises a whole source.
///
/// # Errors
/// `no_speech` when nobody can be heard, `cancelled`, and those of source, model and parts.
pub(crate) async fn recognise<S: Source>(
    recogniser: &Recogniser,
    source: S,
    parts: &impl Parts,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Transcript, AppError> {
    let (began, length_ms) = (Instant::now(), source.length_ms());
    let recognised = pieces(recogniser, source, parts, progress, cancel).await?;
    let elapsed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    transcript(&recognised, length_ms, &recogniser.model, elapsed)
}

/// Recognises the pieces of a source: each with its offset in ms.
///
/// # Errors
/// As [`recognise`].
pub(crate) async fn pieces<S: Source>(
    recogniser: &Recogniser,
    source: S,
    parts: &impl Parts,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Vec<(u64, Recognised)>, AppError> {
    let length_ms = source.length_ms();
    let mut pieces = Pieces::new(source)?;
    let mut recognised = vec![];
    loop {
        let (back, piece) = blocking(move || {
            let piece = pieces.next()?;
            Ok((pieces, piece))
        })
        .await?;
        pieces = back;
        let Some(piece) = piece else { break };
        if cancel.is_cancelled() {
            return Err(cancelled().into());
        }
        let (offset_ms, stretch) = (piece.offset_ms(), Stretch::of(&piece));
        let part = match parts.find(stretch).await? {
            Some(part) => part,
            None => {
                let piece_ms = piece.length_ms();
                let samples: Arc<[f32]> = piece.samples.into();
                let within = |share: f32| progress(share_of(offset_ms, share, piece_ms, length_ms));
                let part = recogniser.hear(samples, false, &within, cancel).await?;
                parts.keep(stretch, &part).await?;
                part
            }
        };
        recognised.push((offset_ms, part));
    }
    pieces.meter.require_speech()?;
    Ok(recognised)
}

/// The recognised pieces as one transcript.
///
/// # Errors
/// `no_speech` when there are no words in it.
pub(crate) fn transcript(
    parts: &[(u64, Recognised)],
    length_ms: u64,
    model: &ModelPath,
    elapsed_ms: u64,
) -> Result<Transcript, AppError> {
    let transcript = assemble(parts, length_ms, &model.id, elapsed_ms);
    if transcript.text.expose().trim().is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            "no_speech",
            "There is sound, but the speech model heard no words in it.",
            "Play it back; if somebody speaks in it, try another speech model.",
        )
        .into());
    }
    Ok(transcript)
}

#[allow(clippy::cast_precision_loss, reason = "a share for people")]
fn share_of(offset_ms: u64, share: f32, piece_ms: u64, length_ms: u64) -> f32 {
    ((offset_ms as f32 + share * piece_ms as f32) / length_ms.max(1) as f32).clamp(0.0, 1.0)
}
