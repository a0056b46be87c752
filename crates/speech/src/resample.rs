//! Any interleaved stream to the recogniser's 16 kHz mono, without a lost tail.
//!
//! Channels are averaged, then resampled by a windowed sinc (rubato). The filter is as many times longer as
//! the rate is above 16 kHz, so that what would alias is more than 60 dB down at every rate. The output is in
//! time with the input (to half a sample) and exactly `round(frames × 16000 / rate)` samples long.

use crate::error::SpeechError;
use rubato::{Resampler, SincFixedIn, SincInterpolationParameters, SincInterpolationType, WindowFunction};

/// What speech models listen to.
pub const RECOGNISER_RATE: u32 = 16_000;
/// Input frames a step of the resampler takes.
const STEP: usize = 4096;
/// Filter length in samples of the slower of the two rates.
const TAPS: u32 = 128;

/// Converts an interleaved stream to 16 kHz mono.
pub struct Mono16k {
    rate: u32,
    channels: usize,
    resampler: Option<SincFixedIn<f32>>,
    pending: Vec<f32>,
    frames_in: u64,
    samples_out: u64,
    early: usize,
    scratch: Vec<Vec<f32>>,
}

impl std::fmt::Debug for Mono16k {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mono16k")
            .field("rate", &self.rate)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

impl Mono16k {
    /// A converter for a stream of this rate and number of channels.
    ///
    /// # Errors
    /// [`SpeechError::Resample`] for a rate or number of channels of zero.
    pub fn new(sample_rate: u32, channels: u16) -> Result<Self, SpeechError> {
        if sample_rate == 0 || channels == 0 {
            return Err(SpeechError::Resample);
        }
        let resampler = if sample_rate == RECOGNISER_RATE { None } else { Some(sinc(sample_rate)?) };
        let (late, early) = if resampler.is_some() { misfit(sample_rate) } else { (0, 0) };
        let scratch = resampler.as_ref().map_or_else(Vec::new, |r| r.output_buffer_allocate(true));
        Ok(Self {
            rate: sample_rate,
            channels: usize::from(channels),
            resampler,
            pending: vec![0.0; late],
            frames_in: 0,
            samples_out: 0,
            early,
            scratch,
        })
    }

    /// Takes whole interleaved frames and appends what is ready to `out`.
    ///
    /// # Errors
    /// [`SpeechError::Resample`].
    pub fn push(&mut self, interleaved: &[f32], out: &mut Vec<f32>) -> Result<(), SpeechError> {
        #[allow(clippy::cast_precision_loss, reason = "a few channels")]
        let share = 1.0 / self.channels as f32;
        let mono = interleaved.chunks_exact(self.channels).map(|frame| frame.iter().sum::<f32>() * share);
        self.frames_in += (interleaved.len() / self.channels) as u64;
        if self.resampler.is_none() {
            self.samples_out = self.frames_in;
            out.extend(mono);
            return Ok(());
        }
        self.pending.extend(mono);
        let mut taken = 0;
        while self.pending.len() - taken >= STEP {
            let step: Vec<f32> = self.pending[taken..taken + STEP].to_vec();
            self.step(&step, u64::MAX, out)?;
            taken += STEP;
        }
        self.pending.drain(..taken);
        Ok(())
    }

    /// Pushes out what is still in the filter.
    ///
    /// # Errors
    /// [`SpeechError::Resample`].
    pub fn finish(mut self, out: &mut Vec<f32>) -> Result<(), SpeechError> {
        if self.resampler.is_none() {
            return Ok(());
        }
        let rate = u64::from(self.rate);
        let total = (self.frames_in * u64::from(RECOGNISER_RATE) + rate / 2) / rate;
        let mut step = std::mem::take(&mut self.pending);
        while self.samples_out < total {
            step.resize(STEP, 0.0);
            self.step(&step, total, out)?;
            step.clear();
        }
        Ok(())
    }

    /// One step of the resampler; appends its output, up to `total` samples.
    fn step(&mut self, input: &[f32], total: u64, out: &mut Vec<f32>) -> Result<(), SpeechError> {
        let Some(resampler) = &mut self.resampler else { return Ok(()) };
        let (_, made) = resampler
            .process_into_buffer(&[input], &mut self.scratch, None)
            .map_err(|_| SpeechError::Resample)?;
        let made = self.scratch.first().and_then(|s| s.get(..made)).ok_or(SpeechError::Resample)?;
        let skipped = self.early.min(made.len());
        self.early -= skipped;
        let room = usize::try_from(total - self.samples_out).unwrap_or(usize::MAX);
        let kept = &made[skipped..];
        let kept = &kept[..kept.len().min(room)];
        out.extend_from_slice(kept);
        self.samples_out += kept.len() as u64;
        Ok(())
    }
}

/// Points between two input samples at which the filter is tabulated.
const OVERSAMPLING: u32 = 256;

/// rubato's first output belongs not to the first input sample but to `step − 1 + 1/oversampling` samples
/// after it (`step` input samples an output sample), without further delay: how many zeros to put before
/// the input, or how many outputs to leave out, to be in time.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
fn misfit(sample_rate: u32) -> (usize, usize) {
    let step = f64::from(sample_rate) / f64::from(RECOGNISER_RATE);
    let after = step - 1.0 + 1.0 / f64::from(OVERSAMPLING);
    if after >= 0.0 { (after.round() as usize, 0) } else { (0, (-after / step).round() as usize) }
}

fn sinc(sample_rate: u32) -> Result<SincFixedIn<f32>, SpeechError> {
    let window = WindowFunction::BlackmanHarris2;
    let sinc_len = (TAPS * sample_rate.div_ceil(RECOGNISER_RATE)) as usize;
    let parameters = SincInterpolationParameters {
        sinc_len,
        // Of the slower rate's half: with this length and window the stop band begins at 8 kHz.
        f_cutoff: rubato::calculate_cutoff(TAPS as usize, window),
        oversampling_factor: OVERSAMPLING as usize,
        interpolation: SincInterpolationType::Cubic,
        window,
    };
    let ratio = f64::from(RECOGNISER_RATE) / f64::from(sample_rate);
    SincFixedIn::new(ratio, 1.0, parameters, STEP, 1).map_err(|_| SpeechError::Resample)
}
