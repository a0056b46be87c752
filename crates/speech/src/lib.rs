//! Speech: audio files in, 16 kHz mono for the recogniser, and a transcript out of what it recognised.
//!
//! The way of an imported recording: [`WavSource`] → [`PcmFormat::encode`] → sealed file → decode →
//! [`Mono16k`] → [`Endpointer`] → recogniser → [`assemble`]. Everything streams: no step holds a whole file.
//! Pure of clock, environment and devices; the vault seals the bytes, the application moves them.
//!
//! Units: `frames` are sample frames (one sample of each channel), times are milliseconds, samples are f32
//! with full scale at ±1.

mod assemble;
mod doubt;
mod endpoint;
mod error;
mod level;
mod pcm;
mod peaks;
mod resample;
mod riff;
mod wav;

pub use assemble::assemble;
pub use doubt::POSSIBLE_HALLUCINATION;
pub use endpoint::{Endpointer, Endpoints, Piece};
pub use error::SpeechError;
pub use level::{Level, LevelMeter, SPEECH_FLOOR_DBFS};
pub use pcm::PcmFormat;
pub use peaks::{Peak, Peaks, peaks};
pub use resample::{Mono16k, RECOGNISER_RATE};
pub use wav::{SampleCoding, WavInfo, WavSource};

/// Milliseconds of a number of sample frames, rounded down.
#[must_use]
pub const fn duration_ms(frames: u64, sample_rate: u32) -> u64 {
    if sample_rate == 0 {
        return 0;
    }
    // Whole seconds and the rest apart, so that no length overflows.
    let rate = sample_rate as u64;
    (frames / rate).saturating_mul(1000).saturating_add(frames % rate * 1000 / rate)
}
