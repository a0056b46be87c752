//! From what a device delivers to one channel at the recording's rate.

use crate::SoundError;
use rubato::{FftFixedIn, Resampler};

/// Mixes interleaved channels to one: the mean of those that carry sound, so that a dead channel of a stereo
/// input does not halve the level.
pub(crate) struct Mixer {
    alive: Vec<bool>,
}

impl Mixer {
    pub(crate) fn new(channels: usize) -> Self {
        Self { alive: vec![false; channels.max(1)] }
    }

    pub(crate) fn channels(&self) -> usize {
        self.alive.len()
    }

    pub(crate) fn mix(&mut self, interleaved: impl Iterator<Item = f32>) -> Vec<f32> {
        let samples: Vec<f32> = interleaved.collect();
        let frames = samples.chunks_exact(self.alive.len());
        for frame in frames.clone() {
            for (alive, sample) in self.alive.iter_mut().zip(frame) {
                *alive |= *sample != 0.0;
            }
        }
        let count = self.alive.iter().filter(|a| **a).count().max(1);
        #[allow(clippy::cast_precision_loss, reason = "a device has few channels")]
        let share = 1.0 / count as f32;
        // Channels without sound add nothing.
        frames.map(|frame| frame.iter().sum::<f32>() * share).collect()
    }
}

/// Converts a running mono stream from one rate to another.
pub(crate) struct Rate {
    converter: FftFixedIn<f32>,
    pending: Vec<f32>,
}

impl Rate {
    pub(crate) fn new(from: u32, to: u32) -> Result<Self, SoundError> {
        const BLOCK: usize = 1024;
        let converter = FftFixedIn::new(from as usize, to as usize, BLOCK, 1, 1)
            .map_err(|_| SoundError::Device(format!("no conversion from {from} Hz to {to} Hz")))?;
        Ok(Self { converter, pending: vec![] })
    }

    pub(crate) fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        self.pending.extend_from_slice(samples);
        let mut out = vec![];
        loop {
            let step = self.converter.input_frames_next();
            if self.pending.len() < step {
                return out;
            }
            let block: Vec<f32> = self.pending.drain(..step).collect();
            if let Ok(converted) = self.converter.process(&[block], None) {
                out.extend(converted.into_iter().flatten());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, clippy::cast_precision_loss, reason = "exact by construction")]
mod tests {
    use super::{Mixer, Rate};

    #[test]
    fn a_dead_channel_does_not_halve_the_level() {
        let mut mixer = Mixer::new(2);
        assert_eq!(mixer.mix([0.5, 0.0, -0.25, 0.0].into_iter()), [0.5, -0.25]);
        assert_eq!(mixer.mix([0.5, 0.25].into_iter()), [0.375], "now both are alive");
    }

    #[test]
    fn a_headset_of_8_khz_goes_on_in_a_recording_of_48() {
        let mut rate = Rate::new(8000, 48_000).expect("a common pair");
        let tone: Vec<f32> = (0..8000).map(|i| (i as f32 * 0.2).sin()).collect();
        let out: Vec<f32> = tone.chunks(333).flat_map(|b| rate.push(b)).collect();
        // A second less what waits for a whole block.
        assert!((40_000..=48_000).contains(&out.len()), "{}", out.len());
        let loudest = out.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
        assert!((0.9..1.1).contains(&loudest), "{loudest}");
    }
}
