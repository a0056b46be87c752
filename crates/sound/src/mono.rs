//! From what a device delivers to one channel.

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

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::Mixer;

    #[test]
    fn a_dead_channel_does_not_halve_the_level() {
        let mut mixer = Mixer::new(2);
        assert_eq!(mixer.mix([0.5, 0.0, -0.25, 0.0].into_iter()), [0.5, -0.25]);
        assert_eq!(mixer.mix([0.5, 0.25].into_iter()), [0.375], "now both are alive");
    }
}
