//! Where a word begins to sound, between the end of the word before it and its own.
//!
//! Time warping follows the recogniser's attention, which has moved on to the next word when one has been said:
//! a token's time is its end. After a pause the beginning is heard in the sound itself.

/// Samples a frame: 10 ms at 16 kHz.
const FRAME: usize = 160;
/// Frames of quiet that are a pause and no closed mouth within a word: 120 ms.
const PAUSE: usize = 12;
/// Part of the loudest frame's level below which a frame is quiet: -26 dB.
const QUIET: f32 = 0.05;
/// A word is begun a little before it is heard, for its soft first sound: 20 ms.
const BEFORE_MS: u64 = 20;

/// The beginning of what is said between two times, in ms of 16 kHz audio: after the first pause, or at once.
#[must_use]
pub fn onset(audio: &[f32], from_ms: u64, to_ms: u64) -> u64 {
    let sample = |ms: u64| usize::try_from(ms * 16).unwrap_or(usize::MAX).min(audio.len());
    let Some(stretch) = audio.get(sample(from_ms)..sample(to_ms)) else { return from_ms };
    let energies: Vec<f32> =
        stretch.chunks_exact(FRAME).map(|frame| frame.iter().map(|s| s * s).sum()).collect();
    let loudest = energies.iter().copied().fold(0.0, f32::max);
    let quiet = |energy: &f32| *energy <= loudest * QUIET * QUIET;
    let mut run = 0;
    for (at, energy) in energies.iter().enumerate() {
        if quiet(energy) {
            run += 1;
        } else if run >= PAUSE {
            return (from_ms + at as u64 * 10).saturating_sub(BEFORE_MS).max(from_ms);
        } else {
            run = 0;
        }
    }
    from_ms
}

#[cfg(test)]
mod tests {
    use super::onset;

    /// Stretches of sound and quiet, in ms.
    fn audio(stretches: &[(u32, f32)]) -> Vec<f32> {
        stretches.iter().flat_map(|(ms, level)| std::iter::repeat_n(*level, *ms as usize * 16)).collect()
    }

    #[test]
    fn a_word_begins_after_the_pause_before_it() {
        // A word to 300 ms, a pause, a word with a closed mouth in it.
        let sound = audio(&[(300, 0.3), (400, 0.001), (150, 0.2), (80, 0.001), (200, 0.3)]);
        for (from, to, expected) in
            [(300, 1100, 680), (280, 1100, 680), (0, 250, 0), (700, 1100, 700), (2000, 2100, 2000)]
        {
            assert_eq!(onset(&sound, from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn silence_has_no_beginning() {
        assert_eq!(onset(&audio(&[(500, 0.0)]), 100, 400), 100);
    }
}
