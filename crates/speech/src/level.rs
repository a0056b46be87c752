//! How loud a recording is, and whether anybody can be heard in it.
//!
//! Measured in windows of 20 ms after removing a constant offset (cheap converters have one). Speech, even
//! from across a room, is loud in many windows; below the floor there is only the converter's own noise.

use crate::error::SpeechError;
use crate::resample::RECOGNISER_RATE;

/// Root mean square of a 20 ms window below which nothing is speech, in dB below full scale.
pub const SPEECH_FLOOR_DBFS: f32 = -60.0;
const WINDOW: usize = RECOGNISER_RATE as usize / 50;
/// A tenth of a second in all: a click or a bump of the table is shorter.
const SPEECH_WINDOWS: u64 = 5;
/// Pole of the one-pole high-pass that removes the offset: about 25 Hz at 16 kHz.
const OFFSET_POLE: f32 = 0.99;

/// What the meter found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Largest sample, 0 to about 1; 1 and above was clipped.
    pub peak: f32,
    /// Root mean square over all in dBFS; `None` for digital silence.
    pub rms_dbfs: Option<f32>,
    /// The loudest 20 ms in dBFS; `None` for digital silence.
    pub loudest_dbfs: Option<f32>,
    /// Milliseconds above the speech floor.
    pub above_floor_ms: u64,
}

/// Measures a 16 kHz mono stream.
#[derive(Debug, Clone, Default)]
pub struct LevelMeter {
    window: usize,
    window_energy: f64,
    energy: f64,
    samples: u64,
    loudest: f64,
    above: u64,
    peak: f32,
    last_in: f32,
    last_out: f32,
    started: bool,
}

impl LevelMeter {
    /// A meter at rest.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        for &s in samples {
            self.peak = self.peak.max(s.abs());
            if !self.started {
                // The filter starts settled on the first sample, else an offset would begin with a click.
                self.last_in = s;
                self.started = true;
            }
            self.last_out = s - self.last_in + OFFSET_POLE * self.last_out;
            self.last_in = s;
            let power = f64::from(self.last_out) * f64::from(self.last_out);
            self.energy += power;
            self.window_energy += power;
            self.samples += 1;
            self.window += 1;
            if self.window == WINDOW {
                self.close_window();
            }
        }
    }

    /// What it found so far.
    #[must_use]
    pub fn level(&self) -> Level {
        let mut now = self.clone();
        if now.window > 0 {
            now.close_window();
        }
        #[allow(clippy::cast_precision_loss, reason = "a mean")]
        let mean = if now.samples == 0 { 0.0 } else { now.energy / now.samples as f64 };
        Level {
            peak: now.peak,
            rms_dbfs: decibels(mean),
            loudest_dbfs: decibels(now.loudest),
            above_floor_ms: now.above * 20,
        }
    }

    /// Refuses a recording in which nobody can be heard.
    ///
    /// # Errors
    /// [`SpeechError::NoSpeech`] for digital silence or less than a tenth of a second above the floor.
    pub fn require_speech(&self) -> Result<Level, SpeechError> {
        let level = self.level();
        if level.above_floor_ms >= SPEECH_WINDOWS * 20 {
            return Ok(level);
        }
        #[allow(clippy::cast_possible_truncation, reason = "whole decibels")]
        let loudest_dbfs = level.loudest_dbfs.map(|db| db.round() as i32);
        Err(SpeechError::NoSpeech { loudest_dbfs })
    }

    fn close_window(&mut self) {
        #[allow(clippy::cast_precision_loss, reason = "at most 320")]
        let mean = self.window_energy / self.window as f64;
        self.loudest = self.loudest.max(mean);
        if decibels(mean).is_some_and(|db| db > SPEECH_FLOOR_DBFS) {
            self.above += 1;
        }
        self.window = 0;
        self.window_energy = 0.0;
    }
}

/// Below −140 dBFS there is no converter: silence.
fn decibels(mean_square: f64) -> Option<f32> {
    #[allow(clippy::cast_possible_truncation, reason = "decibels")]
    let db = (10.0 * mean_square.log10()) as f32;
    (mean_square > 1e-14).then_some(db)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
mod tests {
    use super::LevelMeter;
    use crate::error::SpeechError;

    fn tone(amplitude: f32, seconds: f32) -> Vec<f32> {
        (0..(16_000.0 * seconds) as usize)
            .map(|i| amplitude * (i as f32 * 440.0 * std::f32::consts::TAU / 16_000.0).sin())
            .collect()
    }

    fn check(parts: &[Vec<f32>]) -> Result<super::Level, SpeechError> {
        let mut meter = LevelMeter::new();
        parts.iter().for_each(|p| meter.push(p));
        meter.require_speech()
    }

    #[test]
    fn silence_noise_and_clicks_are_not_speech() {
        let silent = check(&[vec![0.0; 160_000]]);
        assert!(matches!(silent, Err(SpeechError::NoSpeech { loudest_dbfs: None })));
        let offset = check(&[vec![0.05; 160_000]]);
        assert!(matches!(offset, Err(SpeechError::NoSpeech { .. })), "an offset is not sound");
        let noise: Vec<f32> = (0..160_000).map(|i| if i % 2 == 0 { 0.0002 } else { -0.0002 }).collect();
        assert!(matches!(check(&[noise]), Err(SpeechError::NoSpeech { loudest_dbfs: Some(-80..-60) })));
        let click = check(&[vec![0.0; 16_000], tone(0.9, 0.03), vec![0.0; 16_000]]);
        assert!(matches!(click, Err(SpeechError::NoSpeech { .. })), "a click is not speech");
        assert!(matches!(check(&[]), Err(SpeechError::NoSpeech { .. })));
    }

    #[test]
    fn quiet_speech_is_speech() {
        let level = check(&[vec![0.0; 16_000], tone(0.005, 0.5)]).unwrap();
        let loudest = level.loudest_dbfs.unwrap();
        assert!((-50.0..-48.0).contains(&loudest), "{loudest}");
        assert_eq!(level.above_floor_ms, 500);
    }
}
