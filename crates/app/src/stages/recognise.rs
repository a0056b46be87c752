//! Recognition of a stream of any length: read, converted to 16 kHz mono and cut into pieces at quiet points,
//! so that memory stays small, progress is real, and a cut-off job goes on at the next piece.

use crate::error::AppError;
use crate::pipeline::cancelled;
use crate::session::blocking;
use iambilly_claim::{Fault, FaultKind, Transcript};
use iambilly_engines::{Cancel, Engines, ModelPath, TranscribeOptions};
use iambilly_speech::{Chunker, LevelMeter, Mono16k, PcmFormat, Piece, RECOGNISER_RATE, WavSource, assemble};
use iambilly_vault::SealedReader;
use iambilly_worker_protocol::Recognised;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::time::Instant;

/// Longest piece in seconds: whisper's own windows are 30 s, so little context is lost at a quiet cut.
const PIECE_SECONDS: u32 = 120;

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

    /// Stands before a second of the recording; frames are one second each.
    pub(crate) fn seek_second(&mut self, second: u64) -> Result<(), AppError> {
        Ok(self.reader.seek_frame(second)?)
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
    chunker: Option<Chunker>,
    meter: LevelMeter,
}

impl<S: Source> Pieces<S> {
    fn new(source: S) -> Result<Self, AppError> {
        let mono = Mono16k::new(source.rate(), source.channels())?;
        Ok(Self {
            source,
            mono: Some(mono),
            chunker: Some(Chunker::new(PIECE_SECONDS)),
            meter: LevelMeter::new(),
        })
    }

    fn next(&mut self) -> Result<Option<Piece>, AppError> {
        let (mut block, mut ready) = (vec![], vec![]);
        loop {
            let Some(chunker) = self.chunker.as_mut() else { return Ok(None) };
            if let Some(piece) = chunker.next_piece() {
                return Ok(Some(piece));
            }
            let Some(mono) = self.mono.as_mut() else {
                return Ok(self.chunker.take().and_then(Chunker::finish));
            };
            ready.clear();
            if self.source.next(&mut block)? {
                mono.push(&block, &mut ready)?;
            } else if let Some(mono) = self.mono.take() {
                mono.finish(&mut ready)?;
            }
            self.meter.push(&ready);
            chunker.push(&ready);
        }
    }
}

/// Where recognised pieces are kept between interruptions.
pub(crate) trait Parts: Sync {
    /// The stored part that begins at this sample.
    fn find(&self, start: u64) -> impl Future<Output = Result<Option<Recognised>, AppError>> + Send;
    /// Keeps a part.
    fn keep(&self, start: u64, part: &Recognised) -> impl Future<Output = Result<(), AppError>> + Send;
}

/// Nothing is kept: for stateless recognition.
pub(crate) struct NoParts;

impl Parts for NoParts {
    async fn find(&self, _: u64) -> Result<Option<Recognised>, AppError> {
        Ok(None)
    }
    async fn keep(&self, _: u64, _: &Recognised) -> Result<(), AppError> {
        Ok(())
    }
}

/// Recognises a whole source.
///
/// # Errors
/// `no_speech` when nobody can be heard, `cancelled`, and those of source, model and parts.
pub(crate) async fn recognise<S: Source>(
    engines: &Engines,
    model: &ModelPath,
    source: S,
    parts: &impl Parts,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Transcript, AppError> {
    let began = Instant::now();
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
        let offset_ms = piece.offset_ms();
        let part = match parts.find(piece.start).await? {
            Some(part) => part,
            None => {
                let piece_ms = piece.samples.len() as u64 * 1000 / u64::from(RECOGNISER_RATE);
                let samples: Arc<[f32]> = piece.samples.into();
                let options = TranscribeOptions::default();
                let within = |share: f32| progress(share_of(offset_ms, share, piece_ms, length_ms));
                let part = engines.transcribe(model, samples, &options, &within, cancel).await?;
                parts.keep(piece.start, &part).await?;
                part
            }
        };
        recognised.push((offset_ms, part));
    }
    pieces.meter.require_speech()?;
    let elapsed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let transcript = assemble(&recognised, length_ms, &model.id, elapsed);
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
