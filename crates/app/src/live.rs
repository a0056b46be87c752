//! Text while somebody speaks.
//!
//! A recording's blocks are copied to a listener beside the sealing. It cuts them at the pauses and has each
//! piece recognised while the next is spoken; a recognised piece is stored at once and never changes. What is
//! being said is recognised tentatively whenever the recogniser has nothing else to do. The recording never
//! waits for any of it: where the recogniser is slow or gone the text comes later, from the sealed audio.

use crate::error::AppError;
use crate::session::Session;
use crate::stages::recognise::{Parts, Stretch};
use crate::stages::transcribe::StoredParts;
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Phi, phi};
use iambilly_engines::{Cancel, ModelPath, TranscribeOptions};
use iambilly_speech::{Endpointer, Endpoints, LevelMeter, Mono16k, Piece, RECOGNISER_RATE, assemble};
use iambilly_worker_protocol::Recognised;
use serde::Serialize;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Most audio that waits for the recogniser, in samples at 16 kHz: ten minutes. Beyond it the text is made
/// after the recording, from the sealed audio.
const MOST_WAITING: usize = 600 * RECOGNISER_RATE as usize;
/// New sound after which the unfinished piece is recognised again: 1.5 s.
const TENTATIVE_EVERY: usize = RECOGNISER_RATE as usize * 3 / 2;

/// What was heard since the last report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveView {
    /// Number of the report, from 1: committed text is added once.
    pub number: u64,
    /// Words that are settled now, to be added to those before.
    #[serde(serialize_with = "phi::disclose")]
    pub committed: Phi<String>,
    /// What is being said, as far as it is understood; replaced by the next report.
    #[serde(serialize_with = "phi::disclose")]
    pub tentative: Phi<String>,
    /// Audio waiting for the recogniser in ms.
    pub behind_ms: u64,
    /// Why there is no text for now, in words for people; the audio goes on.
    pub note: Option<String>,
}

/// Everything a listener heard, when it lost nothing.
pub(crate) struct Heard {
    pub(crate) model: String,
    pub(crate) parts: Vec<(u64, Recognised)>,
    pub(crate) meter: LevelMeter,
}

/// A listener at work; it ends when the sender of its blocks is dropped.
pub(crate) type Listener = tokio::task::JoinHandle<Option<Heard>>;

/// Starts listening to mono blocks at `rate`.
pub(crate) fn listen(
    session: &Arc<Session>,
    dictation: DictationId,
    model: ModelPath,
    rate: u32,
    blocks: mpsc::UnboundedReceiver<Vec<f32>>,
    report: impl Fn(LiveView) + Send + Sync + 'static,
) -> Listener {
    let session = Arc::clone(session);
    tokio::spawn(async move {
        let mono = Mono16k::new(rate, 1).ok()?;
        let ear = Ear {
            mono: Some(mono),
            endpointer: Endpointer::new(Endpoints::default()),
            meter: LevelMeter::new(),
            waiting: VecDeque::new(),
            tried: 0,
        };
        let voice = Voice { report: Box::new(report), number: 0, tentative: String::new() };
        Listening { session, dictation, model, ear, voice, heard: vec![] }.run(blocks).await
    })
}

/// From blocks to pieces.
struct Ear {
    mono: Option<Mono16k>,
    endpointer: Endpointer,
    meter: LevelMeter,
    waiting: VecDeque<Piece>,
    /// Samples of the unfinished piece at the last tentative recognition.
    tried: usize,
}

impl Ear {
    fn hear(&mut self, block: &[f32]) -> Result<(), AppError> {
        let mut ready = vec![];
        if let Some(mono) = self.mono.as_mut() {
            mono.push(block, &mut ready)?;
        }
        self.take(&ready);
        Ok(())
    }

    fn end(&mut self) -> Result<(), AppError> {
        let mut ready = vec![];
        if let Some(mono) = self.mono.take() {
            mono.finish(&mut ready)?;
        }
        self.take(&ready);
        self.endpointer.finish();
        self.waiting.extend(std::iter::from_fn(|| self.endpointer.next_piece()));
        Ok(())
    }

    fn take(&mut self, ready: &[f32]) {
        self.meter.push(ready);
        self.endpointer.push(ready);
        let before = self.waiting.len();
        self.waiting.extend(std::iter::from_fn(|| self.endpointer.next_piece()));
        if self.waiting.len() > before {
            self.tried = 0;
        }
    }

    fn waiting_samples(&self) -> usize {
        self.waiting.iter().map(|p| p.samples.len()).sum()
    }

    /// The unfinished piece, when enough was said since it was last tried.
    fn unfinished(&mut self) -> Option<Piece> {
        let piece = self.endpointer.open_piece()?;
        if piece.samples.len() < self.tried + TENTATIVE_EVERY {
            return None;
        }
        self.tried = piece.samples.len();
        Some(piece)
    }
}

/// Reports in order.
struct Voice {
    report: Box<dyn Fn(LiveView) + Send + Sync>,
    number: u64,
    tentative: String,
}

impl Voice {
    fn say(&mut self, committed: String, behind: usize, note: Option<&str>) {
        self.number += 1;
        (self.report)(LiveView {
            number: self.number,
            committed: Phi::new(committed),
            tentative: Phi::new(self.tentative.clone()),
            behind_ms: behind as u64 * 1000 / u64::from(RECOGNISER_RATE),
            note: note.map(str::to_owned),
        });
    }
}

/// A recognition under way.
struct Work {
    answer: Pin<Box<dyn Future<Output = Result<Recognised, AppError>> + Send>>,
    cancel: Cancel,
    /// The piece, where its text is to stay.
    settles: Option<(Stretch, u64)>,
    samples: usize,
}

struct Listening {
    session: Arc<Session>,
    dictation: DictationId,
    model: ModelPath,
    ear: Ear,
    voice: Voice,
    heard: Vec<(u64, Recognised)>,
}

impl Listening {
    /// Listens to the end; `None` when something is missing, which the sealed audio still has.
    async fn run(mut self, mut blocks: mpsc::UnboundedReceiver<Vec<f32>>) -> Option<Heard> {
        let mut work: Option<Work> = None;
        let mut going = true;
        loop {
            if work.is_none() {
                work = self.next_work(going);
            }
            if work.is_none() && !going {
                break;
            }
            tokio::select! {
                () = self.session.closing.cancelled() => return None,
                block = blocks.recv(), if going => {
                    let taken = match block {
                        Some(block) => self.ear.hear(&block),
                        None => {
                            going = false;
                            self.ear.end()
                        }
                    };
                    if taken.is_err() || self.ear.waiting_samples() > MOST_WAITING {
                        self.give_up();
                        return None;
                    }
                    // A settled piece goes before a guess.
                    if let Some(guess) = work.as_ref().filter(|w| w.settles.is_none())
                        && (!self.ear.waiting.is_empty() || !going)
                    {
                        guess.cancel.cancel();
                    }
                }
                answer = done(&mut work) => {
                    let Some(finished) = work.take() else { continue };
                    if !self.take_answer(finished.settles, finished.samples, answer).await {
                        self.give_up();
                        return None;
                    }
                }
            }
        }
        Some(Heard { model: self.model.id, parts: self.heard, meter: self.ear.meter })
    }

    fn give_up(&mut self) {
        self.voice.tentative.clear();
        let note =
            "The recogniser cannot keep up. The recording goes on; its text will be made when you stop.";
        self.voice.say(String::new(), 0, Some(note));
    }

    fn next_work(&mut self, going: bool) -> Option<Work> {
        if let Some(piece) = self.ear.waiting.pop_front() {
            return Some(self.recognise(piece, true));
        }
        if !going {
            return None;
        }
        self.ear.unfinished().map(|piece| self.recognise(piece, false))
    }

    fn recognise(&self, piece: Piece, settles: bool) -> Work {
        let (session, model, cancel) = (Arc::clone(&self.session), self.model.clone(), Cancel::new());
        let settles = settles.then(|| (Stretch::of(&piece), piece.offset_ms()));
        let samples: Arc<[f32]> = piece.samples.into();
        let (count, stop) = (samples.len(), cancel.clone());
        let answer = Box::pin(async move {
            // A guess may be rough: half the work.
            let options = TranscribeOptions { rough: settles.is_none(), ..TranscribeOptions::default() };
            Ok(session.engines.transcribe(&model, samples, &options, &|_| {}, &stop).await?)
        });
        Work { answer, cancel, settles, samples: count }
    }

    /// Takes what a recognition gave; `false` when a settled piece is missing.
    async fn take_answer(
        &mut self,
        settles: Option<(Stretch, u64)>,
        samples: usize,
        answer: Result<Recognised, AppError>,
    ) -> bool {
        let Some((stretch, offset_ms)) = settles else {
            // A guess that was stopped or failed is no loss.
            if let Ok(guess) = answer {
                self.voice.tentative = words(&guess, samples, &self.model.id);
                self.voice.say(String::new(), self.ear.waiting_samples(), None);
            }
            return true;
        };
        let Ok(part) = answer else { return false };
        let parts = StoredParts { session: &self.session, dictation: self.dictation, model: &self.model.id };
        if parts.keep(stretch, &part).await.is_err() {
            return false;
        }
        let said = words(&part, samples, &self.model.id);
        self.heard.push((offset_ms, part));
        self.voice.tentative.clear();
        self.voice.say(said, self.ear.waiting_samples(), None);
        true
    }
}

/// The words of a piece as the transcript will have them.
fn words(part: &Recognised, samples: usize, model: &str) -> String {
    let length_ms = samples as u64 * 1000 / u64::from(RECOGNISER_RATE);
    let raw = assemble(&[(0, part.clone())], length_ms, model, 0);
    iambilly_coding::correct(&raw).text.into_exposed()
}

async fn done(work: &mut Option<Work>) -> Result<Recognised, AppError> {
    match work {
        Some(work) => work.answer.as_mut().await,
        None => std::future::pending().await,
    }
}
