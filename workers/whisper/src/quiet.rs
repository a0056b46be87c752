//! Cuts a recording into pieces for the recogniser: at pauses, without the long silences.
//!
//! A recogniser that is given silence makes up speech, so stretches of three seconds or more below the floor
//! are not shown to it. Whisper sees thirty seconds at a time and, left to itself, begins the next window
//! where its last guessed time stamp ends, which loses words there; so longer speech is cut at the quietest
//! moment before a window is full.

use iambilly_worker_protocol::SAMPLE_RATE;
use std::ops::Range;

/// Level of a frame (root mean square of full scale) below which it is silence: -60 dB, below the noise of
/// any microphone that is open.
pub const FLOOR: f32 = 0.001;
/// Silence shorter than this is kept: 3 seconds.
const MIN_QUIET: usize = 3 * SAMPLE_RATE as usize;
/// Kept around speech: 300 milliseconds.
const MARGIN: usize = SAMPLE_RATE as usize * 3 / 10;
/// Longest piece: within Whisper's window of 30 seconds.
const MAX_PIECE: usize = 28 * SAMPLE_RATE as usize;
/// A cut is looked for from here on.
const MIN_PIECE: usize = 18 * SAMPLE_RATE as usize;
/// Frames over which a pause is judged: 240 milliseconds.
const PAUSE_FRAMES: usize = 12;
/// Frame of the level: 20 milliseconds.
const FRAME: usize = SAMPLE_RATE as usize / 50;

/// The stretches worth listening to, in order, as sample ranges.
#[must_use]
pub fn pieces(samples: &[f32]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = vec![];
    for (index, frame) in samples.chunks(FRAME).enumerate() {
        if level(frame) < FLOOR {
            continue;
        }
        let start = index * FRAME;
        let end = start + frame.len();
        match pieces.last_mut() {
            Some(last) if start - last.end < MIN_QUIET => last.end = end,
            _ => pieces.push(start..end),
        }
    }
    pieces
        .into_iter()
        .map(|piece| piece.start.saturating_sub(MARGIN)..(piece.end + MARGIN).min(samples.len()))
        .flat_map(|piece| windows(samples, piece))
        .collect()
}

/// A piece as windows of at most [`MAX_PIECE`], cut at its quietest moments.
fn windows(samples: &[f32], piece: Range<usize>) -> Vec<Range<usize>> {
    let mut windows = vec![];
    let mut start = piece.start;
    while piece.end - start > MAX_PIECE {
        let search = samples.get(start + MIN_PIECE..start + MAX_PIECE).unwrap_or_default();
        let levels: Vec<f32> = search.chunks(FRAME).map(level).collect();
        let quietest = levels
            .windows(PAUSE_FRAMES)
            .map(|pause| pause.iter().sum::<f32>())
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(i, _)| i + PAUSE_FRAMES / 2);
        let cut = start + MIN_PIECE + quietest * FRAME;
        windows.push(start..cut);
        start = cut;
    }
    windows.push(start..piece.end);
    windows
}

fn level(frame: &[f32]) -> f32 {
    // A sample that is no number is silence, not sound.
    let energy: f32 = frame.iter().filter(|s| s.is_finite()).map(|s| s * s).sum();
    (energy / frame.len().max(1) as f32).sqrt()
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::type_complexity,
    reason = "tables of made-up sound"
)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE as usize;

    /// Seconds of tone (positive) and silence (negative).
    fn sound(parts: &[f32]) -> Vec<f32> {
        let part = |seconds: &f32| {
            let level = if *seconds > 0.0 { 0.1 } else { 0.0001 };
            let count = (seconds.abs() * SECOND as f32) as usize;
            (0..count).map(move |i| if i % 2 == 0 { level } else { -level })
        };
        parts.iter().flat_map(part).collect()
    }

    #[test]
    fn long_speech_is_cut_at_its_pauses() {
        // Pauses of half a second after 22, 42.5 and 68 seconds; none between 68.5 and 100.
        let samples = sound(&[22.0, -0.5, 20.0, -0.5, 25.0, -0.5, 31.5]);
        let found = pieces(&samples);
        let seconds = |at: usize| at as f32 / SECOND as f32;
        let cuts: Vec<f32> = found.iter().map(|piece| seconds(piece.end)).collect();
        for (cut, pause) in cuts.iter().zip([22.25, 42.75, 68.25]) {
            assert!((cut - pause).abs() < 0.2, "{cuts:?}");
        }
        assert!(found.iter().all(|piece| piece.len() <= MAX_PIECE), "{cuts:?}");
        let whole = found.windows(2).all(|pair| pair[0].end == pair[1].start);
        assert!(
            whole && found[0].start == 0 && found[found.len() - 1].end == samples.len(),
            "nothing is lost"
        );
    }

    #[test]
    fn only_long_silence_is_left_out() {
        let cases: [(&[f32], &[(f32, f32)]); 6] = [
            (&[], &[]),
            (&[-30.0], &[]),
            (&[5.0], &[(0.0, 5.0)]),
            (&[2.0, -2.0, 2.0], &[(0.0, 6.0)]),
            (&[-5.0, 2.0, -10.0, 1.0], &[(4.7, 7.3), (16.7, 18.0)]),
            (&[1.0, -4.0], &[(0.0, 1.3)]),
        ];
        for (parts, expected) in cases {
            let samples = sound(parts);
            let found: Vec<(f32, f32)> = pieces(&samples)
                .into_iter()
                .map(|r| (r.start as f32 / SECOND as f32, r.end as f32 / SECOND as f32))
                .collect();
            assert_eq!(found.len(), expected.len(), "{parts:?}: {found:?}");
            for (f, e) in found.iter().zip(expected) {
                assert!((f.0 - e.0).abs() < 0.03 && (f.1 - e.1).abs() < 0.03, "{parts:?}: {found:?}");
            }
        }
    }
}
