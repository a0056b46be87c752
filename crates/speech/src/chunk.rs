//! Cuts a long 16 kHz stream into pieces for the recogniser, at the quietest moment near their end.
//!
//! No piece is longer than two minutes, so that progress shows, a cancel takes effect and a crashed worker
//! costs little. The cut is in the middle of the quietest 300 ms of the last half minute: between words if
//! the speaker pauses at all. Pieces follow each other without gap or overlap.

use crate::duration_ms;
use crate::resample::RECOGNISER_RATE;

/// Longest piece.
pub const MAX_PIECE_SECONDS: u32 = 120;
const RATE: usize = RECOGNISER_RATE as usize;
/// Where a cut is looked for, before the longest length.
const SEARCH: usize = 30 * RATE;
/// What a cut leaves at least for the next piece: a recogniser makes things up for a scrap of sound.
const LEFT_OVER: usize = 2 * RATE;
const QUIET: usize = RATE * 3 / 10;
const STEP: usize = RATE / 100;

/// A piece of the stream.
#[derive(Clone, PartialEq)]
pub struct Piece {
    /// First sample, counted from the beginning of the stream.
    pub start: u64,
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
}

/// Cuts a stream into pieces.
#[derive(Debug)]
pub struct Chunker {
    longest: usize,
    start: u64,
    buffer: Vec<f32>,
}

impl Chunker {
    /// A cutter for pieces of at most so many seconds (4 to [`MAX_PIECE_SECONDS`]).
    #[must_use]
    pub fn new(seconds: u32) -> Self {
        let longest = seconds.clamp(4, MAX_PIECE_SECONDS) as usize * RATE;
        Self { longest, start: 0, buffer: Vec::new() }
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        self.buffer.extend_from_slice(samples);
    }

    /// A piece, once there are samples beyond its greatest length; ask until `None` after each push.
    pub fn next_piece(&mut self) -> Option<Piece> {
        if self.buffer.len() <= self.longest {
            return None;
        }
        let cut = quietest(&self.buffer[..self.longest]);
        let rest = self.buffer.split_off(cut);
        Some(self.emit(rest))
    }

    /// What is left at the end of the stream.
    pub fn finish(mut self) -> Option<Piece> {
        (!self.buffer.is_empty()).then(|| self.emit(Vec::new()))
    }

    fn emit(&mut self, rest: Vec<f32>) -> Piece {
        let samples = std::mem::replace(&mut self.buffer, rest);
        let start = self.start;
        self.start += samples.len() as u64;
        Piece { start, samples }
    }
}

/// Middle of the quietest stretch near the end; the latest of equally quiet ones.
fn quietest(samples: &[f32]) -> usize {
    let end = samples.len() - LEFT_OVER.min(samples.len() / 4);
    let begin = end.saturating_sub(SEARCH).max(samples.len() / 4);
    let energies: Vec<f64> = samples[begin..end]
        .chunks_exact(STEP)
        .map(|block| block.iter().map(|s| f64::from(*s) * f64::from(*s)).sum())
        .collect();
    let quiet = QUIET / STEP;
    let mut best = (f64::INFINITY, energies.len().saturating_sub(quiet));
    for (at, window) in energies.windows(quiet).enumerate() {
        let energy: f64 = window.iter().sum();
        if energy <= best.0 {
            best = (energy, at);
        }
    }
    begin + best.1 * STEP + QUIET / 2
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
mod tests {
    use super::{Chunker, Piece, RATE};
    use proptest::prelude::*;

    fn cut(seconds: u32, stream: &[f32], block: usize) -> Vec<Piece> {
        let mut chunker = Chunker::new(seconds);
        let mut pieces = vec![];
        for b in stream.chunks(block) {
            chunker.push(b);
            while let Some(piece) = chunker.next_piece() {
                pieces.push(piece);
            }
        }
        pieces.extend(chunker.finish());
        pieces
    }

    #[test]
    fn it_cuts_in_the_pause() {
        // Speech for 100 s with one pause of half a second at 91 s, then more speech.
        let mut stream: Vec<f32> = (0..150 * RATE).map(|i| 0.3 * (i as f32 * 0.17).sin()).collect();
        stream[91 * RATE..91 * RATE + RATE / 2].fill(0.001);
        let pieces = cut(120, &stream, 7000);
        assert_eq!(pieces.len(), 2);
        let at = pieces[1].start as usize;
        assert!((91 * RATE..91 * RATE + RATE / 2).contains(&at), "cut at {at}");
        assert!((91_000..91_500).contains(&pieces[1].offset_ms()));
    }

    #[test]
    fn a_short_stream_is_one_piece_and_an_empty_one_none() {
        assert_eq!(cut(120, &vec![0.1; 120 * RATE], 16_000).len(), 1);
        assert!(cut(120, &[], 16_000).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn pieces_are_the_stream(seconds in 4_u32..9, length in 0_usize..500_000, block in 1_usize..60_000, seed in 1_u32..) {
            let mut state = seed;
            let stream: Vec<f32> = (0..length).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 16_777_216.0 - 0.5
            }).collect();
            let pieces = cut(seconds, &stream, block);
            let mut at = 0;
            for (i, piece) in pieces.iter().enumerate() {
                prop_assert_eq!(piece.start as usize, at);
                prop_assert!(piece.samples.len() <= seconds as usize * RATE);
                prop_assert!(piece.samples.len() >= RATE || i + 1 == pieces.len());
                prop_assert_eq!(&piece.samples[..], &stream[at..at + piece.samples.len()]);
                at += piece.samples.len();
            }
            prop_assert_eq!(at, length);
        }
    }
}
