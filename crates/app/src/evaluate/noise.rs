//! A recording with noise mixed in, in memory, the same each time.
//!
//! Pink noise (power falling by 3 dB an octave, as of fans, suction and talk far away) at a given distance
//! below the recording's mean power, pauses included.

use crate::error::AppError;
use crate::stages::recognise::Source;

/// A source with noise.
pub(super) struct Noisy<S> {
    source: S,
    noise: Pink,
    gain: f32,
}

impl<S: Source> Noisy<S> {
    /// Mixes noise into a source whose mean power is `power` (of full scale 1), `below_db` under it.
    pub(super) fn new(source: S, power: f64, below_db: f64, seed: u64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a gain")]
        let gain = (power / 10_f64.powf(below_db / 10.0)).sqrt() as f32;
        Self { source, noise: Pink::new(seed), gain }
    }
}

impl<S: Source> Source for Noisy<S> {
    fn rate(&self) -> u32 {
        self.source.rate()
    }
    fn channels(&self) -> u16 {
        self.source.channels()
    }
    fn length_ms(&self) -> u64 {
        self.source.length_ms()
    }
    fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AppError> {
        let more = self.source.next(block)?;
        for sample in block.iter_mut() {
            *sample = (*sample + self.noise.next() * self.gain).clamp(-1.0, 1.0);
        }
        Ok(more)
    }
}

/// Mean power of a source, read to its end.
pub(super) fn power(mut source: impl Source) -> Result<f64, AppError> {
    let (mut block, mut energy, mut count) = (vec![], 0.0, 0_u32);
    while source.next(&mut block)? {
        energy += block.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>();
        count = count.saturating_add(u32::try_from(block.len()).unwrap_or(u32::MAX));
    }
    Ok(energy / f64::from(count.max(1)))
}

/// Pink noise of power 1: rows of white noise, each changing half as often as the one before (Voss and
/// McCartney).
struct Pink {
    state: u64,
    rows: [f32; 12],
    count: u32,
}

impl Pink {
    fn new(seed: u64) -> Self {
        let mut pink =
            Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, rows: [0.0; 12], count: 0 };
        for row in 0..pink.rows.len() {
            let white = pink.white();
            if let Some(row) = pink.rows.get_mut(row) {
                *row = white;
            }
        }
        pink
    }

    /// Uniform between −1 and 1 (xorshift64*).
    fn white(&mut self) -> f32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let bits = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
        bits as f32 / 8_388_608.0 - 1.0
    }

    fn next(&mut self) -> f32 {
        self.count = self.count.wrapping_add(1);
        let fresh = self.white();
        if let Some(row) = self.rows.get_mut(self.count.trailing_zeros() as usize) {
            *row = fresh;
        }
        let sum: f32 = self.rows.iter().sum::<f32>() + self.white();
        // Thirteen uniform rows of power a third each.
        sum / (13.0_f32 / 3.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::{Noisy, Pink, power};
    use crate::error::AppError;
    use crate::stages::recognise::Source;

    struct Tone(usize);
    impl Source for Tone {
        fn rate(&self) -> u32 {
            16_000
        }
        fn channels(&self) -> u16 {
            1
        }
        fn length_ms(&self) -> u64 {
            10_000
        }
        fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AppError> {
            block.clear();
            block.extend((0..16_000).map(|i| if i % 2 == 0 { 0.1 } else { -0.1 }));
            self.0 += 1;
            Ok(self.0 <= 10)
        }
    }

    #[test]
    fn the_noise_is_as_far_below_as_asked_and_the_same_each_time() {
        let clean = power(Tone(0)).unwrap();
        for below in [20.0, 10.0, 5.0] {
            let noisy = power(Noisy::new(Tone(0), clean, below, 7)).unwrap();
            let found = 10.0 * (clean / (noisy - clean)).log10();
            assert!((found - below).abs() < 1.0, "{below}: {found}");
        }
        let run = |seed| {
            let mut pink = Pink::new(seed);
            (0..64).map(|_| pink.next()).collect::<Vec<_>>()
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
    }
}
