//! Playing a passage: mono samples at any rate to the default output, at the speed asked for.
//!
//! The thread that owns the stream stretches and converts a little ahead of the sound and writes into a
//! wait-free ring; the callback only reads it.

use crate::callback::Mouth;
use crate::{BUFFER_FRAMES, Rate, SoundError, host};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, SampleFormat, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Time between two looks at the ring, and two position reports.
const REPORT_EVERY: Duration = Duration::from_millis(50);
/// Samples of the passage that are prepared at once.
const BLOCK: usize = 2048;

/// How fast a passage is played, at the pitch it was spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed(u16);

impl Speed {
    /// As spoken.
    pub const NORMAL: Self = Self(100);

    /// A speed in percent, 75 to 200.
    #[must_use]
    pub fn of_percent(percent: u16) -> Option<Self> {
        (75..=200).contains(&percent).then_some(Self(percent))
    }

    /// Milliseconds of the passage that have been heard after so many of sound.
    const fn passed(self, heard_ms: u64) -> u64 {
        heard_ms * self.0 as u64 / 100
    }
}

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

/// Plays mono samples and reports the position in ms of the passage from its start, then `None` at the end.
///
/// # Errors
/// [`SoundError::NoOutput`] without a device; [`SoundError::Device`] when it refuses.
pub fn play(
    samples: Vec<f32>,
    rate: u32,
    speed: Speed,
    mut report: impl FnMut(Option<u64>) + Send + 'static,
) -> Result<Playing, SoundError> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let (ready, started) = mpsc::sync_channel(1);
    // A stream may not move between threads on every platform: the thread that opens it owns it.
    thread::spawn(move || match Output::open(samples, rate, speed) {
        Ok(mut output) => {
            let _ = ready.send(Ok(()));
            while !stopped.load(Ordering::Relaxed) && output.go_on() {
                report(Some(output.position_ms()));
                thread::sleep(REPORT_EVERY);
            }
            drop(output);
            report(None);
        }
        Err(error) => {
            let _ = ready.send(Err(error));
        }
    });
    started.recv().map_err(|_| SoundError::NoOutput)??;
    Ok(Playing { stop })
}

/// A stream and what is on its way into it.
struct Output {
    passage: Passage,
    ring: rtrb::Producer<f32>,
    waiting: std::vec::IntoIter<f32>,
    played: Arc<AtomicU64>,
    written: u64,
    rate: u32,
    speed: Speed,
    _stream: cpal::Stream,
}

impl Output {
    fn open(samples: Vec<f32>, rate: u32, speed: Speed) -> Result<Self, SoundError> {
        let device = host().default_output_device().ok_or(SoundError::NoOutput)?;
        let default = device.default_output_config()?;
        let (out_rate, channels) = (default.sample_rate(), default.channels());
        // A second ahead: the thread that fills it looks every 50 ms.
        let (ring, read) = rtrb::RingBuffer::new(out_rate as usize);
        let played = Arc::new(AtomicU64::new(0));
        let mouth = Mouth::new(read, usize::from(channels), Arc::clone(&played));
        let config =
            StreamConfig { channels, sample_rate: out_rate, buffer_size: BufferSize::Fixed(BUFFER_FRAMES) };
        let stream = match default.sample_format() {
            SampleFormat::I16 => stream::<i16>(&device, config, mouth)?,
            SampleFormat::I32 => stream::<i32>(&device, config, mouth)?,
            SampleFormat::U8 => stream::<u8>(&device, config, mouth)?,
            _ => stream::<f32>(&device, config, mouth)?,
        };
        let passage = Passage::new(samples, rate, out_rate, speed)?;
        let mut output = Self {
            passage,
            ring,
            waiting: vec![].into_iter(),
            played,
            written: 0,
            rate: out_rate,
            speed,
            _stream: stream,
        };
        // The first second is there before the sound begins.
        output.go_on();
        output._stream.play()?;
        Ok(output)
    }

    /// Writes what finds room; `false` when all of it has been heard.
    fn go_on(&mut self) -> bool {
        loop {
            while !self.ring.is_full() {
                let Some(sample) = self.waiting.next() else { break };
                if self.ring.push(sample).is_ok() {
                    self.written += 1;
                }
            }
            if self.ring.is_full() {
                return true;
            }
            match self.passage.next() {
                Some(block) => self.waiting = block.into_iter(),
                None => return self.played.load(Ordering::Relaxed) < self.written,
            }
        }
    }

    fn position_ms(&self) -> u64 {
        self.speed.passed(self.played.load(Ordering::Relaxed) * 1000 / u64::from(self.rate.max(1)))
    }
}

fn stream<T: cpal::SizedSample + cpal::FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mut mouth: Mouth,
) -> Result<cpal::Stream, SoundError> {
    let stream = device.build_output_stream(
        config,
        move |out: &mut [T], _: &cpal::OutputCallbackInfo| mouth.speak(out),
        // A lost device shows as a position that stands still; the page's stop button ends it.
        |_| {},
        None,
    )?;
    Ok(stream)
}

/// A passage on its way to the device: at the tempo asked for, at the device's rate, block by block.
struct Passage {
    samples: Vec<f32>,
    at: usize,
    stretch: Option<wsola::TimeStretch>,
    convert: Option<Rate>,
}

impl Passage {
    fn new(samples: Vec<f32>, rate: u32, out_rate: u32, speed: Speed) -> Result<Self, SoundError> {
        let stretch = if speed == Speed::NORMAL {
            None
        } else {
            let mut stretch = wsola::TimeStretch::new(rate, 1)
                .map_err(|_| SoundError::Device(format!("no tempo at {rate} Hz")))?;
            stretch.set_tempo(f32::from(speed.0) / 100.0);
            Some(stretch)
        };
        let convert = (rate != out_rate).then(|| Rate::new(rate, out_rate)).transpose()?;
        Ok(Self { samples, at: 0, stretch, convert })
    }
}

impl Iterator for Passage {
    type Item = Vec<f32>;

    /// The next block, which may be empty; `None` after the last.
    fn next(&mut self) -> Option<Vec<f32>> {
        if self.at > self.samples.len() {
            return None;
        }
        let block = self.samples.get(self.at..).unwrap_or_default();
        let block = block.get(..BLOCK).unwrap_or(block);
        let last = block.is_empty();
        let stretched = match self.stretch.as_mut() {
            Some(stretch) if last => stretch.flush(),
            Some(stretch) => {
                stretch.push(block);
                stretch.pull(usize::MAX)
            }
            None => block.to_vec(),
        };
        // One past the end when the end has been given.
        self.at += if last { 1 } else { block.len() };
        Some(match self.convert.as_mut() {
            Some(convert) => {
                let mut out = convert.push(&stretched);
                if last {
                    out.extend(convert.finish());
                }
                out
            }
            None => stretched,
        })
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "short tones")]
mod tests {
    use super::{Passage, Speed};

    fn tone() -> Vec<f32> {
        (0..16_000).map(|i| (i as f32 * 0.1).sin() * 0.5).collect()
    }

    fn prepared(out_rate: u32, speed: Speed) -> Vec<f32> {
        Passage::new(tone(), 16_000, out_rate, speed).unwrap().flatten().collect()
    }

    /// Times a second that the wave rises through zero, in the middle of the passage.
    fn pitch(samples: &[f32], rate: usize) -> f64 {
        let quarter = samples.len() / 4;
        let middle = &samples[quarter..samples.len() - quarter];
        let rises = middle.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        rises as f64 * rate as f64 / middle.len() as f64
    }

    #[test]
    fn a_tone_keeps_its_length_and_level() {
        let up = prepared(48_000, Speed::NORMAL);
        assert!(up.len().abs_diff(48_000) <= 1, "{}", up.len());
        let peak = up[4_800..43_200].iter().fold(0.0f32, |m, s| m.max(s.abs()));
        assert!((peak - 0.5).abs() < 0.02, "{peak}");
        assert_eq!(prepared(16_000, Speed::NORMAL), tone());
    }

    #[test]
    fn another_speed_changes_the_length_and_not_the_pitch() {
        let expected = pitch(&tone(), 16_000);
        for percent in [75, 100, 125, 150, 200] {
            let out = prepared(48_000, Speed::of_percent(percent).unwrap());
            let length = 48_000 * 100 / usize::from(percent);
            // The last frame of the stretcher may end a little early or late: 40 ms.
            assert!(out.len().abs_diff(length) <= 48 * 40, "{percent} %: {} for {length}", out.len());
            let heard = pitch(&out, 48_000);
            assert!((heard / expected - 1.0).abs() < 0.02, "{percent} %: {heard} Hz for {expected} Hz");
        }
        assert_eq!((Speed::of_percent(74), Speed::of_percent(201)), (None, None));
    }

    #[test]
    fn half_an_hour_is_ready_at_once() {
        let mut long = Passage::new(vec![0.1; 48_000 * 60 * 30], 48_000, 44_100, Speed(150)).unwrap();
        let began = std::time::Instant::now();
        let first: usize = long.by_ref().take(30).map(|b| b.len()).sum();
        assert!(first > 30_000 && began.elapsed().as_secs() < 2, "{first} samples {:?}", began.elapsed());
    }
}
