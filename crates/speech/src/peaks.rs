//! The waveform of a recording: the lowest and highest sample of each of so many equal stretches.

use crate::error::SpeechError;
use crate::wav::WavSource;
use serde::Serialize;
use std::io::{Read, Seek};

/// Extremes of one stretch, full scale at ±1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Peak {
    /// Lowest sample.
    pub min: f32,
    /// Highest sample.
    pub max: f32,
}

/// Collects the waveform of an interleaved stream of known length.
#[derive(Debug)]
pub struct Peaks {
    total: u64,
    channels: usize,
    at: u64,
    peaks: Vec<Peak>,
}

impl Peaks {
    /// A waveform of `buckets` stretches (1 to 65536; fewer when there are fewer frames).
    #[must_use]
    pub fn new(total_frames: u64, channels: u16, buckets: usize) -> Self {
        let buckets = buckets.clamp(1, 65_536).min(usize::try_from(total_frames).unwrap_or(usize::MAX));
        Self {
            total: total_frames,
            channels: usize::from(channels.max(1)),
            at: 0,
            peaks: vec![Peak::default(); buckets],
        }
    }

    /// Takes whole interleaved frames.
    pub fn push(&mut self, interleaved: &[f32]) {
        let buckets = self.peaks.len() as u128;
        for frame in interleaved.chunks_exact(self.channels) {
            let bucket = u128::from(self.at) * buckets / u128::from(self.total.max(1));
            self.at += 1;
            let Some(peak) = usize::try_from(bucket).ok().and_then(|b| self.peaks.get_mut(b)) else { return };
            for &s in frame {
                peak.min = peak.min.min(s);
                peak.max = peak.max.max(s);
            }
        }
    }

    /// The waveform.
    #[must_use]
    pub fn finish(self) -> Vec<Peak> {
        self.peaks
    }
}

/// The waveform of a WAV file, read to its end.
///
/// # Errors
/// When the file cannot be read.
pub fn peaks<R: Read + Seek>(source: &mut WavSource<R>, buckets: usize) -> Result<Vec<Peak>, SpeechError> {
    let info = source.info();
    let mut peaks = Peaks::new(info.frames, info.channels, buckets);
    let mut block = Vec::new();
    while source.next_block(16_384, &mut block)? {
        peaks.push(&block);
    }
    Ok(peaks.finish())
}

#[cfg(test)]
mod tests {
    use super::Peaks;

    #[test]
    fn each_stretch_has_its_extremes() {
        let mut peaks = Peaks::new(8, 2, 4);
        peaks.push(&[0.1, -0.2, 0.0, 0.0, 0.3, 0.3, 0.0, 0.0]);
        peaks.push(&[0.0, 0.0, 0.0, -0.9, 1.0, 0.0, 0.0, 0.0]);
        let found: Vec<(f32, f32)> = peaks.finish().iter().map(|p| (p.min, p.max)).collect();
        assert_eq!(found, [(-0.2, 0.1), (0.0, 0.3), (-0.9, 0.0), (0.0, 1.0)]);
    }

    #[test]
    fn odd_sizes_do_no_harm() {
        let mut none = Peaks::new(0, 1, 10);
        none.push(&[0.5; 10]);
        assert!(none.finish().is_empty());
        let mut more = Peaks::new(3, 1, 1000);
        more.push(&[0.5; 10]);
        assert_eq!(more.finish().len(), 3);
    }
}
