//! Playing a passage: mono samples at any rate to the default output.

use crate::{BUFFER_FRAMES, SoundError, host};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, SampleFormat, StreamConfig};
use rubato::{FftFixedIn, Resampler};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Time between two position reports.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// A passage that is being played; dropping it stops the sound.
#[derive(Debug)]
pub struct Playing {
    stop: Arc<AtomicBool>,
}

impl Playing {
    /// Stops within one report interval.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Plays mono samples and reports the position in ms from their start, then `None` at the end.
///
/// # Errors
/// [`SoundError::NoOutput`] without a device; [`SoundError::Device`] when it refuses.
pub fn play(
    samples: Vec<f32>,
    rate: u32,
    mut report: impl FnMut(Option<u64>) + Send + 'static,
) -> Result<Playing, SoundError> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let (ready, started) = mpsc::sync_channel(1);
    // A stream may not move between threads on every platform: the thread that opens it owns it.
    thread::spawn(move || {
        let played = Arc::new(AtomicU64::new(0));
        let opened = open(samples, rate, Arc::clone(&played));
        match opened {
            Ok((stream, total, out_rate)) => {
                let _ = ready.send(Ok(()));
                while !stopped.load(Ordering::Relaxed) && played.load(Ordering::Relaxed) < total {
                    report(Some(played.load(Ordering::Relaxed) * 1000 / u64::from(out_rate)));
                    thread::sleep(REPORT_EVERY);
                }
                drop(stream);
                report(None);
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    });
    started.recv().map_err(|_| SoundError::NoOutput)??;
    Ok(Playing { stop })
}

type Opened = (cpal::Stream, u64, u32);

fn open(samples: Vec<f32>, rate: u32, played: Arc<AtomicU64>) -> Result<Opened, SoundError> {
    let device = host().default_output_device().ok_or(SoundError::NoOutput)?;
    let default = device.default_output_config()?;
    let (out_rate, channels) = (default.sample_rate(), default.channels());
    let samples = resample(samples, rate, out_rate)?;
    let total = samples.len() as u64;
    let config =
        StreamConfig { channels, sample_rate: out_rate, buffer_size: BufferSize::Fixed(BUFFER_FRAMES) };
    let stream = match default.sample_format() {
        SampleFormat::I16 => stream::<i16>(&device, config, samples, played)?,
        SampleFormat::I32 => stream::<i32>(&device, config, samples, played)?,
        SampleFormat::U8 => stream::<u8>(&device, config, samples, played)?,
        _ => stream::<f32>(&device, config, samples, played)?,
    };
    stream.play()?;
    Ok((stream, total, out_rate))
}

fn stream<T: cpal::SizedSample + cpal::FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    samples: Vec<f32>,
    played: Arc<AtomicU64>,
) -> Result<cpal::Stream, SoundError> {
    let channels = usize::from(config.channels).max(1);
    let mut source = samples.into_iter();
    let stream = device.build_output_stream(
        config,
        move |out: &mut [T], _: &cpal::OutputCallbackInfo| {
            for frame in out.chunks_mut(channels) {
                let sample = source.next().unwrap_or(0.0);
                frame.fill(T::from_sample(sample));
            }
            played.fetch_add((out.len() / channels) as u64, Ordering::Relaxed);
        },
        // A lost device shows as a position that stands still; the page's stop button ends it.
        |_| {},
        None,
    )?;
    Ok(stream)
}

fn resample(samples: Vec<f32>, from: u32, to: u32) -> Result<Vec<f32>, SoundError> {
    if from == to || samples.is_empty() {
        return Ok(samples);
    }
    const BLOCK: usize = 1024;
    let failed = |_| SoundError::Device(format!("no conversion from {from} Hz to {to} Hz"));
    let mut converter = FftFixedIn::<f32>::new(from as usize, to as usize, BLOCK, 1, 1)
        .map_err(|_| SoundError::Device(format!("no conversion from {from} Hz to {to} Hz")))?;
    let delay = converter.output_delay();
    let mut out = Vec::with_capacity(samples.len() * to as usize / from as usize + BLOCK);
    for block in samples.chunks(BLOCK) {
        let result = if block.len() == BLOCK {
            converter.process(&[block], None)
        } else {
            converter.process_partial(Some(&[block]), None)
        };
        out.extend(result.map_err(failed)?.into_iter().flatten());
    }
    let tail = converter.process_partial::<&[f32]>(None, None).map_err(failed)?;
    out.extend(tail.into_iter().flatten());
    let expected = samples.len() * to as usize / from as usize;
    Ok(out.into_iter().skip(delay).take(expected).collect())
}

#[cfg(test)]
mod tests {
    use super::resample;

    #[test]
    fn a_tone_keeps_its_length_and_level() {
        let tone: Vec<f32> = (0..16_000).map(|i| (i as f32 * 0.1).sin() * 0.5).collect();
        let up = resample(tone.clone(), 16_000, 48_000).unwrap();
        assert!(up.len().abs_diff(48_000) <= 1, "{}", up.len());
        let peak = up[4_800..43_200].iter().fold(0.0f32, |m, s| m.max(s.abs()));
        assert!((peak - 0.5).abs() < 0.02, "{peak}");
        assert_eq!(resample(tone.clone(), 16_000, 16_000).unwrap(), tone);
    }
}
