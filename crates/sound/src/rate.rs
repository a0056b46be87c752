//! From one sample rate to another, for a running stream and for a whole passage.

use crate::SoundError;
use rubato::{FftFixedIn, Resampler};

/// Samples that are converted at once.
const BLOCK: usize = 1024;

/// Converts a running mono stream from one rate to another: what comes out lasts as long as what went in.
pub struct Rate {
    converter: FftFixedIn<f32>,
    pending: Vec<f32>,
    from: u32,
    to: u32,
    /// Samples that the converter gives before the first one of the stream.
    early: usize,
    taken: u64,
    given: u64,
}

impl std::fmt::Debug for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rate({} to {} Hz)", self.from, self.to)
    }
}

impl Rate {
    /// A conversion from `from` to `to` samples a second.
    ///
    /// # Errors
    /// [`SoundError::Device`] when there is none between the two.
    pub fn new(from: u32, to: u32) -> Result<Self, SoundError> {
        let converter = FftFixedIn::new(from as usize, to as usize, BLOCK, 1, 1)
            .map_err(|_| SoundError::Device(format!("no conversion from {from} Hz to {to} Hz")))?;
        let early = converter.output_delay();
        Ok(Self { converter, pending: vec![], from, to, early, taken: 0, given: 0 })
    }

    /// Takes the next samples and gives those that are ready.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        self.taken += samples.len() as u64;
        self.pending.extend_from_slice(samples);
        let mut out = vec![];
        loop {
            let step = self.converter.input_frames_next();
            if self.pending.len() < step {
                break;
            }
            let block: Vec<f32> = self.pending.drain(..step).collect();
            self.convert(Some(&block), &mut out);
        }
        self.given += out.len() as u64;
        out
    }

    /// Gives what is left at the end of the stream; the next samples are those of a new one.
    pub fn finish(&mut self) -> Vec<f32> {
        let due = self.taken * u64::from(self.to) / u64::from(self.from.max(1));
        let missing = usize::try_from(due.saturating_sub(self.given)).unwrap_or(0);
        let mut out = vec![];
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.convert(Some(&rest), &mut out);
        }
        while out.len() < missing {
            let before = out.len();
            self.convert(None, &mut out);
            if out.len() == before {
                break;
            }
        }
        out.truncate(missing);
        self.converter.reset();
        (self.early, self.taken, self.given) = (self.converter.output_delay(), 0, 0);
        out
    }

    /// Converts a block, a shorter last one, or the silence that drives out what is inside.
    fn convert(&mut self, block: Option<&[f32]>, out: &mut Vec<f32>) {
        let whole = block.is_some_and(|b| b.len() == self.converter.input_frames_next());
        let converted = match block {
            Some(block) if whole => self.converter.process(&[block], None),
            Some(block) => self.converter.process_partial(Some(&[block]), None),
            None => self.converter.process_partial::<&[f32]>(None, None),
        };
        // The sizes are the converter's own, so that it refuses none.
        let Ok(converted) = converted else { return };
        let skipped = self.early.min(converted.first().map_or(0, Vec::len));
        self.early -= skipped;
        out.extend(converted.into_iter().flatten().skip(skipped));
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "short streams")]
mod tests {
    use super::Rate;

    #[test]
    fn a_stream_keeps_its_length_its_level_and_its_place() {
        for (from, to) in [(8000, 48_000), (48_000, 8000), (44_100, 16_000), (192_000, 48_000)] {
            let tone: Vec<f32> =
                (0..2 * from).map(|i| (i as f32 * 1000.0 / from as f32).sin() * 0.5).collect();
            let mut rate = Rate::new(from, to).expect("a common pair");
            let mut out: Vec<f32> = tone.chunks(333).flat_map(|b| rate.push(b)).collect();
            out.extend(rate.finish());
            assert_eq!(out.len(), 2 * to as usize, "{from} to {to}");
            // Away from the ends, where the filter rings, it is the same tone in the same place, to a sample.
            let middle = to as usize / 4..2 * to as usize - to as usize / 4;
            for (i, sample) in out.iter().enumerate().skip(middle.start).take(middle.len()) {
                let expected = (i as f32 * 1000.0 / to as f32).sin() * 0.5;
                assert!((sample - expected).abs() < 0.06, "{from} to {to}, sample {i}: {sample} {expected}");
            }
            assert!(rate.finish().is_empty(), "nothing is left");
        }
    }
}
