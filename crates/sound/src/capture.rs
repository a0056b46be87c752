//! Capturing from a microphone: mono blocks and a level, on a thread of its own.
//!
//! The audio callback writes into a wait-free ring; the owner thread reads it, mixes to mono and hands
//! blocks to the caller, who seals them. A full ring is counted as lost samples and said.

use crate::{BUFFER_FRAMES, SoundError, host};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, SampleFormat, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often captured samples are collected and reported.
const COLLECT_EVERY: Duration = Duration::from_millis(50);

/// Level of the last block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Time since the start in ms.
    pub elapsed_ms: u64,
    /// Root mean square, 0 to 1.
    pub rms: f32,
    /// Highest absolute sample, 0 to 1.
    pub peak: f32,
    /// The input reached full scale.
    pub clipped: bool,
    /// Digital silence for two seconds: muted or unplugged.
    pub silent: bool,
}

/// What the device said it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Samples per second.
    pub rate: u32,
}

/// A running capture. [`Capture::finish`] stops it and waits for the last block.
#[derive(Debug)]
pub struct Capture {
    stop: Arc<AtomicBool>,
    lost: Arc<AtomicU64>,
    owner: Option<JoinHandle<()>>,
    /// The device in use.
    pub device: Device,
}

impl Capture {
    /// Starts capturing from the default microphone. `block` gets mono samples in order, with the level.
    ///
    /// # Errors
    /// [`SoundError::NoInput`] without a microphone; [`SoundError::Device`] when it refuses.
    pub fn start(
        prepare: impl FnOnce(&Device) -> bool + Send + 'static,
        mut block: impl FnMut(&[f32], Level) -> bool + Send + 'static,
    ) -> Result<Self, SoundError> {
        let stop = Arc::new(AtomicBool::new(false));
        let lost = Arc::new(AtomicU64::new(0));
        let (stopped, losses) = (Arc::clone(&stop), Arc::clone(&lost));
        let (ready, started) = mpsc::sync_channel(1);
        let owner = thread::spawn(move || {
            let opened = open(losses);
            let (stream, device, channels, mut ring) = match opened {
                Ok(opened) => opened,
                Err(error) => {
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            if !prepare(&device) {
                let _ = ready.send(Err(SoundError::Device("the recording could not be opened".to_owned())));
                return;
            }
            let rate = u64::from(device.rate);
            let _ = ready.send(Ok(device));
            let mut meter = Meter { rate, samples: 0, silent: 0 };
            loop {
                let last = stopped.load(Ordering::Relaxed);
                if last {
                    drop(stream.pause());
                }
                let whole = ring.slots() / channels * channels;
                if let Ok(chunk) = ring.read_chunk(whole) {
                    let mono: Vec<f32> = mono(chunk, channels);
                    if !mono.is_empty() && !block(&mono, meter.level(&mono)) {
                        break;
                    }
                }
                if last {
                    break;
                }
                thread::sleep(COLLECT_EVERY);
            }
        });
        let device = started.recv().map_err(|_| SoundError::NoInput)??;
        Ok(Self { stop, lost, owner: Some(owner), device })
    }

    /// Stops, waits until the last block was handed over, and says how many samples were lost.
    pub fn finish(mut self) -> u64 {
        self.halt();
        self.lost.load(Ordering::Relaxed)
    }

    fn halt(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(owner) = self.owner.take() {
            let _ = owner.join();
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.halt();
    }
}

fn mono(chunk: rtrb::chunks::ReadChunk<'_, f32>, channels: usize) -> Vec<f32> {
    let interleaved: Vec<f32> = chunk.into_iter().collect();
    // Channel counts are small: the cast is exact.
    #[allow(clippy::cast_precision_loss, reason = "a device has few channels")]
    let share = 1.0 / channels as f32;
    interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share).collect()
}

struct Meter {
    rate: u64,
    samples: u64,
    silent: u64,
}

impl Meter {
    fn level(&mut self, block: &[f32]) -> Level {
        let peak = block.iter().fold(0.0f32, |m, s| m.max(s.abs()));
        #[allow(clippy::cast_precision_loss, reason = "a block is a few thousand samples")]
        let rms = (block.iter().map(|s| s * s).sum::<f32>() / block.len().max(1) as f32).sqrt();
        self.samples += block.len() as u64;
        self.silent = if peak == 0.0 { self.silent + block.len() as u64 } else { 0 };
        Level {
            elapsed_ms: self.samples * 1000 / self.rate.max(1),
            rms,
            peak,
            clipped: peak >= 0.999,
            silent: self.silent >= 2 * self.rate,
        }
    }
}

type Opened = (cpal::Stream, Device, usize, rtrb::Consumer<f32>);

fn open(lost: Arc<AtomicU64>) -> Result<Opened, SoundError> {
    let device = host().default_input_device().ok_or(SoundError::NoInput)?;
    let default = device.default_input_config()?;
    let name = device.description().map_or_else(|_| "unnamed".to_owned(), |d| d.name().to_owned());
    let channels = usize::from(default.channels()).max(1);
    let rate = default.sample_rate();
    // Four seconds of room: the owner collects every 50 ms, so only a stalled machine can fill it.
    let (producer, consumer) = rtrb::RingBuffer::new(rate as usize * channels * 4);
    let config = StreamConfig {
        channels: default.channels(),
        sample_rate: rate,
        buffer_size: BufferSize::Fixed(BUFFER_FRAMES),
    };
    let stream = match default.sample_format() {
        SampleFormat::I16 => stream::<i16>(&device, config, producer, lost)?,
        SampleFormat::I32 => stream::<i32>(&device, config, producer, lost)?,
        SampleFormat::U8 => stream::<u8>(&device, config, producer, lost)?,
        _ => stream::<f32>(&device, config, producer, lost)?,
    };
    stream.play()?;
    Ok((stream, Device { name, rate }, channels, consumer))
}

fn stream<T: cpal::SizedSample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut producer: rtrb::Producer<f32>,
    lost: Arc<AtomicU64>,
) -> Result<cpal::Stream, SoundError>
where
    f32: cpal::FromSample<T>,
{
    use cpal::Sample;
    let stream = device.build_input_stream(
        config,
        move |data: &[T], _: &cpal::InputCallbackInfo| {
            for &sample in data {
                if producer.push(f32::from_sample(sample)).is_err() {
                    lost.fetch_add(1, Ordering::Relaxed);
                }
            }
        },
        |_| {},
        None,
    )?;
    Ok(stream)
}
