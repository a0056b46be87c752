//! Endpointing: cuts a 16 kHz stream into pieces that hold speech, at the pauses, while it is still growing.
//!
//! A voice activity detector (a small neural network, 16 ms a frame) says where somebody speaks. A piece
//! begins a little before the first voiced frame, so that no first word is clipped, goes on over short
//! pauses, and ends after the last voiced one. What is between pieces holds no voice and is not shown to the
//! recogniser, which would make words up for it. The cutting depends on the samples alone, not on how they
//! arrive: a recording that is cut again gives the same pieces.

use crate::duration_ms;
use crate::resample::RECOGNISER_RATE;
use earshot::Detector;
use std::collections::VecDeque;

const RATE: u64 = RECOGNISER_RATE as u64;
/// Samples a frame of the detector: 16 ms.
const FRAME: usize = 256;
/// Score (0 to 1) from which a frame is voiced where nobody was speaking; steady noise scores 0.12 to 0.25.
const ONSET: f32 = 0.45;
/// Score below which a frame is unvoiced while somebody is speaking. A pause shown to the recogniser costs
/// little, a word kept from it is lost.
const OFFSET: f32 = 0.38;
/// Score of a frame that surely is speech; noise that begins suddenly scores up to 0.7 for a while.
const SURE: f32 = 0.75;
/// Kept before the first voiced frame: 400 ms.
const PRE_ROLL: u64 = RATE * 4 / 10;
/// Kept after the last voiced frame: 400 ms.
const HANGOVER: u64 = RATE * 4 / 10;
/// A pause between words, as opposed to the stop of a consonant: 250 ms.
const BREATH: u64 = RATE / 4;
/// Sure frames a piece has at least: 96 ms; a click is shorter, "no" is longer.
const MIN_SURE: u64 = 6;
/// What is said after a cut of running speech, at least: 2 s.
const LEFT_OVER: usize = 2 * RECOGNISER_RATE as usize;
/// Where a cut of running speech is looked for, before the longest length: 10 s.
const SEARCH: usize = 10 * RECOGNISER_RATE as usize;
/// Length of the pause that a cut of running speech falls into: 240 ms.
const QUIET_FRAMES: usize = 15;
/// Largest gain before the detector: 30 dB, for a microphone that is far away.
const MAX_GAIN: f32 = 32.0;
/// Level that the loudest recent sound is brought up to; very loud noise is taken for speech.
const TARGET_PEAK: f32 = 0.1;
/// How fast the memory of the loudest sound fades: by half in about ten seconds of frames.
const FADE: f32 = 0.9989;

/// A piece of the stream.
#[derive(Clone, PartialEq)]
pub struct Piece {
    /// First sample, counted from the beginning of the stream.
    pub start: u64,
    /// End of the last moment in which somebody speaks, as a sample of the stream; what follows is quiet.
    pub voiced_until: u64,
    /// Samples in which somebody surely speaks; a click has none.
    pub sure: u64,
    /// 16 kHz mono.
    pub samples: Vec<f32>,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Piece({}, {} samples)", self.start, self.samples.len())
    }
}

impl Piece {
    /// Where it begins in the recording, in milliseconds.
    #[must_use]
    pub const fn offset_ms(&self) -> u64 {
        duration_ms(self.start, RECOGNISER_RATE)
    }

    /// Its length in milliseconds.
    #[must_use]
    pub const fn length_ms(&self) -> u64 {
        duration_ms(self.samples.len() as u64, RECOGNISER_RATE)
    }

    /// What comes after a sample of the stream, if anything does.
    #[must_use]
    pub fn after(&self, sample: u64) -> Option<Self> {
        let gone = usize::try_from(sample.saturating_sub(self.start)).ok()?;
        let samples = self.samples.get(gone..).filter(|rest| !rest.is_empty())?;
        let (voiced_until, sure) = (self.voiced_until, self.sure);
        Some(Self { start: self.start.max(sample), voiced_until, sure, samples: samples.to_vec() })
    }
}

/// When a piece ends; lengths in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoints {
    /// A pause so long ends any piece.
    pub long_pause_ms: u32,
    /// A pause so long ends a piece that has its length.
    pub pause_ms: u32,
    /// Length from which a short pause ends a piece.
    pub enough_ms: u32,
    /// Longest piece (at most 28 s: within the recogniser's window, 10 s at least).
    pub longest_ms: u32,
}

impl Default for Endpoints {
    /// Pieces of some sentences. Shorter ones give text sooner and cost words: without context small models
    /// misunderstand (on nine dictations tiny.en made 0.225 raw word errors so cut, 0.223 uncut, 0.278 with
    /// pieces from 8 s).
    fn default() -> Self {
        Self { long_pause_ms: 1200, pause_ms: 400, enough_ms: 12_000, longest_ms: 26_000 }
    }
}

/// Cuts a stream at its pauses.
pub struct Endpointer {
    detector: Detector,
    gain: Gain,
    limits: Limits,
    /// Samples not yet given away; the first is number `start` of the stream.
    buffer: VecDeque<f32>,
    start: u64,
    /// Samples of the buffer that the detector has seen.
    judged: usize,
    speaking: Option<Speaking>,
    /// Where the last piece ended.
    floor: u64,
    ready: VecDeque<Piece>,
}

#[derive(Clone, Copy)]
struct Limits {
    long_pause: u64,
    pause: u64,
    enough: u64,
    longest: u64,
}

#[derive(Clone, Copy)]
struct Speaking {
    /// First sample of the piece.
    from: u64,
    /// End of the last voiced frame.
    until: u64,
    sure: u64,
    /// The latest short pause: the voiced frame before it, and how far it is known.
    paused: Option<(u64, u64)>,
    /// Sure frames before that pause.
    sure_before: u64,
}

impl std::fmt::Debug for Endpointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpointer(at {}, speaking {})", self.start + self.judged as u64, self.speaking.is_some())
    }
}

impl Endpointer {
    /// A cutter at the beginning of a stream.
    #[must_use]
    pub fn new(endpoints: Endpoints) -> Self {
        let samples = |ms: u32| u64::from(ms) * RATE / 1000;
        Self {
            detector: Detector::default(),
            gain: Gain { loudest: 0.0 },
            limits: Limits {
                long_pause: samples(endpoints.long_pause_ms),
                pause: samples(endpoints.pause_ms),
                enough: samples(endpoints.enough_ms),
                longest: samples(endpoints.longest_ms.clamp(10_000, 28_000)),
            },
            buffer: VecDeque::new(),
            start: 0,
            judged: 0,
            speaking: None,
            floor: 0,
            ready: VecDeque::new(),
        }
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        // A sample that is no number is silence.
        self.buffer.extend(samples.iter().map(|s| if s.is_finite() { s.clamp(-1.0, 1.0) } else { 0.0 }));
        let mut frame = [0.0; FRAME];
        while self.buffer.len() - self.judged >= FRAME {
            for (to, from) in frame.iter_mut().zip(self.buffer.iter().skip(self.judged)) {
                *to = *from;
            }
            self.judged += FRAME;
            self.judge(&frame);
        }
    }

    /// The next piece that has ended; ask until `None` after each push.
    pub fn next_piece(&mut self) -> Option<Piece> {
        self.ready.pop_front()
    }

    /// What is being said and has not ended yet.
    #[must_use]
    pub fn open_piece(&self) -> Option<Piece> {
        let speaking = self.speaking.filter(|s| s.sure >= MIN_SURE)?;
        let to = (speaking.until + HANGOVER).min(self.start + self.buffer.len() as u64);
        Some(self.copy(speaking, to))
    }

    /// The unfinished piece up to its latest short pause: whole words, so worth recognising before it ends.
    #[must_use]
    pub fn up_to_pause(&self) -> Option<Piece> {
        let speaking = self.speaking.filter(|s| s.sure >= MIN_SURE)?;
        let (until, to) = speaking.paused?;
        Some(self.copy(Speaking { until, sure: speaking.sure_before, ..speaking }, to))
    }

    /// Whether nobody speaks at this moment.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.speaking.is_none_or(|s| self.now() > s.until + BREATH)
    }

    /// The end of the stream; what is left comes with the next calls of [`Self::next_piece`].
    pub fn finish(&mut self) {
        let rest = self.buffer.len() - self.judged;
        if rest > 0 {
            let mut frame = [0.0; FRAME];
            for (to, from) in frame.iter_mut().zip(self.buffer.iter().skip(self.judged)) {
                *to = *from;
            }
            self.judged += rest;
            self.judge(&frame);
        }
        if let Some(speaking) = self.speaking.take() {
            self.emit(speaking, speaking.until + HANGOVER);
        }
        self.floor = self.now();
        self.forget();
    }

    const fn now(&self) -> u64 {
        self.start + self.judged as u64
    }

    fn judge(&mut self, frame: &[f32; FRAME]) {
        let score = self.detector.predict_f32(&self.gain.apply(frame));
        let now = self.now();
        let voiced = score >= if self.speaking.is_some() { OFFSET } else { ONSET };
        match &mut self.speaking {
            None if voiced => {
                let from = (now - FRAME as u64).saturating_sub(PRE_ROLL).max(self.floor);
                let sure = u64::from(score >= SURE);
                self.speaking = Some(Speaking { from, until: now, sure, paused: None, sure_before: 0 });
            }
            None => self.forget(),
            Some(speaking) if voiced => {
                speaking.until = now;
                speaking.sure += u64::from(score >= SURE);
            }
            Some(speaking) => {
                if now - speaking.until >= BREATH {
                    speaking.paused = Some((speaking.until, now.min(speaking.until + HANGOVER)));
                    speaking.sure_before = speaking.sure;
                }
                let (speaking, pause) = (*speaking, now - speaking.until);
                let enough = speaking.until - speaking.from >= self.limits.enough;
                if pause >= self.limits.long_pause || (enough && pause >= self.limits.pause) {
                    self.speaking = None;
                    self.emit(speaking, speaking.until + HANGOVER.min(pause));
                }
            }
        }
        if let Some(speaking) = self.speaking
            && now - speaking.from >= self.limits.longest
        {
            let cut = self.quietest(speaking);
            self.emit(speaking, cut);
            self.speaking = Some(Speaking {
                from: cut,
                until: speaking.until.max(cut),
                sure: MIN_SURE,
                paused: None,
                sure_before: 0,
            });
        }
    }

    /// Gives a piece away, if anybody spoke in it.
    fn emit(&mut self, speaking: Speaking, to: u64) {
        let to = to.min(self.start + self.buffer.len() as u64).max(speaking.from);
        self.floor = to;
        if speaking.sure >= MIN_SURE {
            let piece = self.copy(speaking, to);
            self.ready.push_back(piece);
        }
        self.forget();
    }

    fn copy(&self, speaking: Speaking, to: u64) -> Piece {
        let Speaking { from, until, sure, .. } = speaking;
        let at = |sample: u64| usize::try_from(sample.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let samples = self.buffer.iter().skip(at(from)).take(at(to).saturating_sub(at(from))).copied();
        Piece {
            start: from,
            voiced_until: until.min(to),
            sure: sure * FRAME as u64,
            samples: samples.collect(),
        }
    }

    /// Drops what no piece can need any more.
    fn forget(&mut self) {
        let needed = self.speaking.map_or_else(
            || self.now().saturating_sub(PRE_ROLL + FRAME as u64).max(self.floor),
            |s| s.from.max(self.floor),
        );
        let gone = usize::try_from(needed.saturating_sub(self.start)).unwrap_or(0).min(self.judged);
        self.buffer.drain(..gone);
        self.start += gone as u64;
        self.judged -= gone;
    }

    /// Middle of the quietest moment before the longest length.
    fn quietest(&self, speaking: Speaking) -> u64 {
        let from = speaking.from;
        let piece = self.copy(speaking, self.now()).samples;
        let end = piece.len().saturating_sub(LEFT_OVER);
        let begin = end.saturating_sub(SEARCH);
        let levels: Vec<f32> = piece
            .get(begin..end)
            .unwrap_or_default()
            .chunks_exact(FRAME)
            .map(|frame| frame.iter().map(|s| s * s).sum())
            .collect();
        let at = levels
            .windows(QUIET_FRAMES)
            .map(|pause| pause.iter().sum::<f32>())
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(levels.len(), |(at, _)| at + QUIET_FRAMES / 2);
        from + (begin + at * FRAME) as u64
    }
}

/// Brings a quiet recording up for the detector alone; the recogniser hears it as it is.
struct Gain {
    loudest: f32,
}

impl Gain {
    fn apply(&mut self, frame: &[f32; FRAME]) -> [f32; FRAME] {
        let peak = frame.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
        self.loudest = (self.loudest * FADE).max(peak);
        let gain = (TARGET_PEAK / self.loudest.max(f32::MIN_POSITIVE)).clamp(1.0, MAX_GAIN);
        frame.map(|s| (s * gain).clamp(-1.0, 1.0))
    }
}
