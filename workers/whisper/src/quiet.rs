//! Leaves out long stretches in which nobody can have spoken.
//!
//! A recogniser that is given silence makes up speech. Stretches of [`MIN_QUIET`] or more below the floor
//! are not shown to it; shorter pauses stay, because the model needs them for its sentences.

use iambilly_worker_protocol::SAMPLE_RATE;
use std::ops::Range;

/// Level of a frame (root mean square of full scale) below which it is silence: -60 dB, below the noise of
/// any microphone that is open.
pub const FLOOR: f32 = 0.001;
/// Silence shorter than this is kept: 3 seconds.
const MIN_QUIET: usize = 3 * SAMPLE_RATE as usize;
/// Kept around speech: 300 milliseconds.
const MARGIN: usize = SAMPLE_RATE as usize * 3 / 10;
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
    for piece in &mut pieces {
        *piece = piece.start.saturating_sub(MARGIN)..(piece.end + MARGIN).min(samples.len());
    }
    pieces
}

fn level(frame: &[f32]) -> f32 {
    let energy: f32 = frame.iter().map(|s| s * s).sum();
    (energy / frame.len().max(1) as f32).sqrt()
}

#[cfg(test)]
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
