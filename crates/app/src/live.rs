//! Text while somebody speaks.
//!
//! A recording's blocks are copied to a listener beside the sealing. It cuts them at the pauses and has each
//! piece recognised while the next is spoken; a recognised piece is stored at once and never changes. What is
//! being said is recognised tentatively whenever the recogniser has nothing else to do: in full up to the last
//! pause, so that little is left when the speaker stops, roughly after it. The recording never waits for any
//! of it: where the recogniser is slow or gone the text comes later, from the sealed audio.

mod draft;
mod rehearsal;

pub(crate) use rehearsal::rehearse;

use crate::error::AppError;
use crate::live::draft::{At, Draft, Rest};
use crate::session::Session;
use crate::stages::recognise::{Parts, Recogniser, Stretch};
use crate::stages::transcribe::StoredParts;
use iambilly_claim::ids::RecordingId;
use iambilly_claim::{Phi, phi};
use iambilly_engines::{Cancel, ModelPath};
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
/// New sound after which the end of the unfinished piece is guessed at again: 1.5 s.
const TENTATIVE_EVERY: usize = RECOGNISER_RATE as usize * 3 / 2;
/// Time of a full recognition above which the words that are left at the stop are recognised roughly.
const SLOW_MS: u64 = 1500;
/// New voice after which the unfinished piece is recognised in full again while somebody speaks: 2 s.
const DRAFT_EVERY: u64 = RECOGNISER_RATE as u64 * 2;

/// What was heard since the last report.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
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
pub(crate) struct Listener {
    task: tokio::task::JoinHandle<Option<Heard>>,
    stop: Cancel,
}

impl Listener {
    /// A task that ends soon after `stop`, and in the middle of nothing it stores.
    pub(crate) const fn of(task: tokio::task::JoinHandle<Option<Heard>>, stop: Cancel) -> Self {
        Self { task, stop }
    }

    /// Waits for its end; `None` when it missed something, which the sealed audio still has.
    pub(crate) async fn heard(self) -> Option<Heard> {
        self.task.await.ok().flatten()
    }

    /// Ends it at once. A piece that is just being stored is stored when this returns, so that what is removed
    /// afterwards stays removed.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        let _ = self.task.await;
    }
}

/// Starts listening to mono blocks at `rate`.
pub(crate) fn listen(
    session: &Arc<Session>,
    recording: RecordingId,
    recogniser: Recogniser,
    rate: u32,
    blocks: mpsc::UnboundedReceiver<Vec<f32>>,
    report: impl Fn(LiveView) + Send + Sync + 'static,
) -> Listener {
    let stop = session.closing.child_token();
    let hearing = Hearing {
        stop: stop.clone(),
        parts: Kept { session: Arc::clone(session), recording, model: recogniser.model.id.clone() },
        recogniser,
    };
    Listener::of(tokio::spawn(hearing.listen(rate, blocks, report)), stop)
}

/// With what a listener hears, and where its settled words go.
struct Hearing<P> {
    recogniser: Recogniser,
    parts: P,
    stop: Cancel,
}

impl<P: Parts> Hearing<P> {
    async fn listen(
        self,
        rate: u32,
        blocks: mpsc::UnboundedReceiver<Vec<f32>>,
        report: impl Fn(LiveView) + Send + Sync + 'static,
    ) -> Option<Heard> {
        let mono = Mono16k::new(rate, 1).ok()?;
        let ear = Ear {
            mono: Some(mono),
            endpointer: Endpointer::new(Endpoints::default()),
            meter: LevelMeter::new(),
            waiting: VecDeque::new(),
            tried: 0,
            draft: None,
        };
        let voice =
            Voice { report: Box::new(report), number: 0, drafted: String::new(), guessed: String::new() };
        Listening { with: self, ear, voice, heard: vec![], slow: false }.run(blocks).await
    }
}

/// Settled words go into the encrypted store.
struct Kept {
    session: Arc<Session>,
    recording: RecordingId,
    model: String,
}

impl Kept {
    fn stored(&self) -> StoredParts<'_> {
        StoredParts { session: &self.session, recording: self.recording, model: &self.model }
    }
}

impl Parts for Kept {
    async fn find(&self, piece: Stretch) -> Result<Option<Recognised>, AppError> {
        self.stored().find(piece).await
    }
    async fn keep(&self, piece: Stretch, part: &Recognised) -> Result<(), AppError> {
        self.stored().keep(piece, part).await
    }
}

/// From blocks to pieces.
struct Ear {
    mono: Option<Mono16k>,
    endpointer: Endpointer,
    meter: LevelMeter,
    waiting: VecDeque<Piece>,
    /// End of the unfinished piece at the last guess, as a sample of the stream.
    tried: u64,
    /// What is understood of the piece that is unfinished, or of the one that waits first.
    draft: Option<Draft>,
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
        self.waiting.extend(std::iter::from_fn(|| self.endpointer.next_piece()));
    }

    fn waiting_samples(&self) -> usize {
        self.waiting.iter().map(|p| p.samples.len()).sum()
    }

    /// The unfinished piece up to its last pause, when it is worth recognising in full.
    fn next_draft(&self) -> Option<Piece> {
        let piece = self.endpointer.up_to_pause()?;
        let grown = self.draft.as_ref().map_or(u64::MAX, |draft| draft.at().grown(&piece));
        let worth = if self.endpointer.is_quiet() { 1 } else { DRAFT_EVERY };
        (grown >= worth).then_some(piece)
    }

    /// The end of the unfinished piece, when enough was said since it was last guessed at.
    fn next_guess(&mut self) -> Option<Piece> {
        let open = self.endpointer.open_piece()?;
        let end = open.start + open.samples.len() as u64;
        if end < self.tried.max(open.start) + TENTATIVE_EVERY as u64 {
            return None;
        }
        let rest = match self.draft.as_ref().map_or(Rest::Whole, |draft| draft.rest(&open)) {
            Rest::Whole => open,
            Rest::After(rest) => rest,
            Rest::Nothing => return None,
        };
        self.tried = end;
        Some(rest)
    }
}

/// Reports in order.
struct Voice {
    report: Box<dyn Fn(LiveView) + Send + Sync>,
    number: u64,
    /// What is understood of the unfinished piece up to a pause, and what is guessed after it.
    drafted: String,
    guessed: String,
}

impl Voice {
    fn clear(&mut self) {
        self.drafted.clear();
        self.guessed.clear();
    }

    fn tentative(&self) -> String {
        [self.drafted.as_str(), self.guessed.as_str()]
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn say(&mut self, committed: String, behind: usize, note: Option<&str>) {
        self.number += 1;
        (self.report)(LiveView {
            number: self.number,
            committed: Phi::new(committed),
            tentative: Phi::new(self.tentative()),
            behind_ms: behind as u64 * 1000 / u64::from(RECOGNISER_RATE),
            note: note.map(str::to_owned),
        });
    }
}

/// A recognition under way.
struct Work {
    answer: Pin<Box<dyn Future<Output = Result<Recognised, AppError>> + Send>>,
    cancel: Cancel,
    aim: Aim,
    samples: usize,
}

/// What a recognition is for.
#[derive(Clone, Copy)]
enum Aim {
    /// The text of a piece, which stays.
    Settle(Stretch, u64),
    /// The text of a piece after its draft, which stays: the speaker has stopped and waits for it.
    End(Stretch, u64),
    /// The unfinished piece up to a pause, in full.
    Draft(At),
    /// Words to be shown until better ones come.
    Guess,
}

struct Listening<P> {
    with: Hearing<P>,
    ear: Ear,
    voice: Voice,
    heard: Vec<(u64, Recognised)>,
    /// Whether a whole window took longer than a speaker should wait.
    slow: bool,
}

impl<P: Parts> Listening<P> {
    /// Listens to the end; `None` when something is missing, which the sealed audio still has.
    async fn run(mut self, mut blocks: mpsc::UnboundedReceiver<Vec<f32>>) -> Option<Heard> {
        // The model is in memory before the first word; where it cannot be, the first recognition says why.
        let _ = self.with.recogniser.engines.warm(self.model(), &self.with.stop).await;
        let mut work: Option<Work> = None;
        let mut going = true;
        loop {
            if work.is_none() {
                let Ok(next) = self.next_work(going).await else {
                    self.give_up();
                    return None;
                };
                work = next;
            }
            if work.is_none() && !going {
                break;
            }
            tokio::select! {
                () = self.with.stop.cancelled() => return None,
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
                    if let Some(vain) = work.as_ref().filter(|w| self.is_vain(w.aim, going)) {
                        vain.cancel.cancel();
                    }
                }
                answer = done(&mut work) => {
                    let Some(finished) = work.take() else { continue };
                    if !self.take_answer(finished.aim, finished.samples, answer).await {
                        self.give_up();
                        return None;
                    }
                }
            }
        }
        Some(Heard { model: self.with.recogniser.model.id, parts: self.heard, meter: self.ear.meter })
    }

    fn model(&self) -> &ModelPath {
        &self.with.recogniser.model
    }

    fn give_up(&mut self) {
        self.voice.clear();
        let note =
            "The recogniser cannot keep up. The recording goes on; its text will be made when you stop.";
        self.voice.say(String::new(), 0, Some(note));
    }

    /// Whether a recognition delays what matters more: a settled piece goes before a guess, and before a draft
    /// that does not hold all of it.
    fn is_vain(&self, aim: Aim, going: bool) -> bool {
        match (aim, self.ear.waiting.front()) {
            (Aim::Settle(..) | Aim::End(..), _) => false,
            (Aim::Draft(at), Some(piece)) => !at.holds(piece),
            (Aim::Guess, Some(_)) => true,
            (_, None) => !going,
        }
    }

    async fn next_work(&mut self, going: bool) -> Result<Option<Work>, AppError> {
        while let Some(piece) = self.ear.waiting.pop_front() {
            let known = self.ear.draft.take();
            let rest = known.as_ref().map_or(Rest::Whole, |draft| draft.rest(&piece));
            match (known, rest) {
                (Some(draft), Rest::Nothing) => {
                    self.settle(Stretch::of(&piece), piece.offset_ms(), draft.part, piece.samples.len())
                        .await?;
                }
                // The speaker waits for his text: what is understood stands, its end is what is left to do.
                (Some(draft), Rest::After(end)) if !going => {
                    let (length, offset_ms) = (piece.samples.len() - end.samples.len(), piece.offset_ms());
                    let stretch = Stretch { start: piece.start, samples: length as u64 };
                    self.settle(stretch, offset_ms, draft.part, length).await?;
                    let aim = Aim::End(Stretch::of(&end), end.offset_ms());
                    return Ok(Some(self.recognise(end, aim)));
                }
                _ => {
                    let aim = Aim::Settle(Stretch::of(&piece), piece.offset_ms());
                    return Ok(Some(self.recognise(piece, aim)));
                }
            }
        }
        if !going {
            return Ok(None);
        }
        if let Some(piece) = self.ear.next_draft() {
            let aim = Aim::Draft(At::of(&piece));
            return Ok(Some(self.recognise(piece, aim)));
        }
        let guess = self.ear.next_guess();
        Ok(guess.map(|piece| self.recognise(piece, Aim::Guess)))
    }

    fn recognise(&self, piece: Piece, aim: Aim) -> Work {
        let (recogniser, cancel) = (self.with.recogniser.clone(), Cancel::new());
        let samples: Arc<[f32]> = piece.samples.into();
        let (count, stop) = (samples.len(), cancel.clone());
        let rough = match aim {
            // A guess may be rough: half the work.
            Aim::Guess => true,
            // So may a few words that somebody waits for on a slow machine.
            Aim::End(..) => self.slow,
            Aim::Settle(..) | Aim::Draft(_) => false,
        };
        let answer = Box::pin(async move { recogniser.hear(samples, rough, &|_| {}, &stop).await });
        Work { answer, cancel, aim, samples: count }
    }

    /// Takes what a recognition gave; `false` when a settled piece is missing.
    async fn take_answer(&mut self, aim: Aim, samples: usize, answer: Result<Recognised, AppError>) -> bool {
        match (aim, answer) {
            (Aim::Settle(stretch, offset_ms) | Aim::End(stretch, offset_ms), Ok(part)) => {
                self.settle(stretch, offset_ms, part, samples).await.is_ok()
            }
            (Aim::Settle(..) | Aim::End(..), Err(_)) => false,
            (Aim::Draft(at), Ok(part)) => {
                self.slow = part.elapsed_ms > SLOW_MS;
                self.voice.drafted = words(&part, samples, &self.with.recogniser);
                self.voice.guessed.clear();
                self.ear.draft = Some(Draft::new(at, part));
                self.voice.say(String::new(), self.ear.waiting_samples(), None);
                true
            }
            (Aim::Guess, Ok(guess)) => {
                self.voice.guessed = words(&guess, samples, &self.with.recogniser);
                self.voice.say(String::new(), self.ear.waiting_samples(), None);
                true
            }
            // What was stopped or failed and is not to stay is no loss.
            (Aim::Draft(_) | Aim::Guess, Err(_)) => true,
        }
    }

    /// Words that stay from now on.
    async fn settle(
        &mut self,
        stretch: Stretch,
        offset_ms: u64,
        part: Recognised,
        samples: usize,
    ) -> Result<(), AppError> {
        self.with.parts.keep(stretch, &part).await?;
        let said = words(&part, samples, &self.with.recogniser);
        self.heard.push((offset_ms, part));
        self.voice.clear();
        self.voice.say(said, self.ear.waiting_samples(), None);
        Ok(())
    }
}

/// The words of a piece as the transcript will have them.
fn words(part: &Recognised, samples: usize, recogniser: &Recogniser) -> String {
    let length_ms = samples as u64 * 1000 / u64::from(RECOGNISER_RATE);
    let raw = assemble(&[(0, part.clone())], length_ms, &recogniser.model.id, 0);
    iambilly_coding::correct_with(&raw, &recogniser.own).text.into_exposed()
}

async fn done(work: &mut Option<Work>) -> Result<Recognised, AppError> {
    match work {
        Some(work) => work.answer.as_mut().await,
        None => std::future::pending().await,
    }
}
