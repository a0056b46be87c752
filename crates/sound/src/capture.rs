//! Capturing from a microphone: mono blocks and a level, on a thread of its own.
//!
//! The audio callback writes into a wait-free ring; the owner thread reads it, mixes to mono and hands
//! blocks to the caller, who seals them. A full ring is counted as lost samples and said. A device that is
//! pulled out is waited for: the capture goes on with it, or with the default one, as soon as there is one,
//! at the rate it began with.

use crate::callback::Ear;
use crate::mono::Mixer;
use crate::{Rate, SoundError, host};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, SampleFormat, StreamConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A device hands over a tenth of a second at once. A sound server keeps no more than that for us: with less,
/// a busy machine loses sound; its own default of two seconds damages it.
const BLOCKS_A_SECOND: u32 = 10;
/// How often captured samples are collected and reported.
const COLLECT_EVERY: Duration = Duration::from_millis(50);
/// How often the devices are looked at: is a lost one back, is another the default now.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A stream that has given nothing for so long is lost, whatever it says.
const STALLED: Duration = Duration::from_secs(3);
/// Largest sample of digital silence: a muted converter may toggle its last bit.
const SILENCE: f32 = 1.5 / 32_768.0;

/// A microphone that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Stable id, for remembering a choice.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is the system's default now.
    pub default: bool,
}

/// The microphones of this machine that can really be used.
#[must_use]
pub fn inputs() -> Vec<Input> {
    let host = host();
    let default = host.default_input_device().and_then(|d| identity(&d));
    let Ok(devices) = host.input_devices() else { return vec![] };
    devices
        .filter(|d| d.default_input_config().is_ok())
        .filter_map(|d| {
            let id = identity(&d)?;
            Some(Input { default: default.as_ref() == Some(&id), name: name_of(&d), id })
        })
        .collect()
}

fn identity(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.to_string())
}

fn name_of(device: &cpal::Device) -> String {
    device.description().map_or_else(|_| "unnamed".to_owned(), |d| d.name().to_owned())
}

/// Level of the last block.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Time captured since the start in ms.
    pub elapsed_ms: u64,
    /// Root mean square, 0 to 1.
    pub rms: f32,
    /// Highest absolute sample, 0 to 1.
    pub peak: f32,
    /// The input reached full scale.
    pub clipped: bool,
    /// Digital silence for two seconds: muted or unplugged.
    pub silent: bool,
    /// The device in use; none while it is lost and waited for.
    pub device: Option<Arc<str>>,
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
    /// The device it began with.
    pub device: Device,
}

impl Capture {
    /// Starts capturing from the microphone of this id, or from the default one, which is followed as it
    /// changes. `block` gets mono samples in order, with the level; an empty block only tells the level.
    ///
    /// # Errors
    /// [`SoundError::NoInput`] without a microphone; [`SoundError::Device`] when it refuses.
    pub fn start(
        wanted: Option<String>,
        mut block: impl FnMut(&[f32], &Level) -> bool + Send + 'static,
    ) -> Result<Self, SoundError> {
        let stop = Arc::new(AtomicBool::new(false));
        let lost = Arc::new(AtomicU64::new(0));
        let (stopped, losses) = (Arc::clone(&stop), Arc::clone(&lost));
        let (ready, started) = mpsc::sync_channel(1);
        let owner = thread::spawn(move || {
            let mut source = match Source::new(wanted, losses) {
                Ok(source) => source,
                Err(error) => {
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            let rate = source.rate;
            let _ = ready.send(Ok(Device { name: source.name(), rate }));
            let mut meter = Meter { rate: u64::from(rate), samples: 0, silent: 0 };
            loop {
                let last = stopped.load(Ordering::Relaxed);
                if last {
                    source.pause();
                }
                let samples = source.collect();
                let told = source.open.as_ref().map(|o| Arc::clone(&o.name));
                if (!samples.is_empty() || told.is_none()) && !block(&samples, &meter.level(&samples, told)) {
                    break;
                }
                if last {
                    break;
                }
                source.look_after();
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

struct Meter {
    rate: u64,
    samples: u64,
    silent: u64,
}

impl Meter {
    fn level(&mut self, block: &[f32], device: Option<Arc<str>>) -> Level {
        let peak = block.iter().fold(0.0f32, |m, s| m.max(s.abs()));
        #[allow(clippy::cast_precision_loss, reason = "a block is a few thousand samples")]
        let rms = (block.iter().map(|s| s * s).sum::<f32>() / block.len().max(1) as f32).sqrt();
        self.samples += block.len() as u64;
        self.silent = if peak <= SILENCE { self.silent + block.len() as u64 } else { 0 };
        Level {
            elapsed_ms: self.samples * 1000 / self.rate.max(1),
            rms,
            peak,
            clipped: peak >= 0.999,
            silent: self.silent >= 2 * self.rate,
            device,
        }
    }
}

/// The microphone, through its losses and changes; always at the rate it began with.
struct Source {
    host: cpal::Host,
    wanted: Option<String>,
    open: Option<Open>,
    rate: u32,
    lost: Arc<AtomicU64>,
    looked: Instant,
}

struct Open {
    stream: cpal::Stream,
    id: Option<String>,
    name: Arc<str>,
    ring: rtrb::Consumer<f32>,
    mixer: Mixer,
    /// From the device's rate to that of the recording, where they differ.
    convert: Option<Rate>,
    failed: Arc<AtomicBool>,
    heard: Instant,
}

impl Source {
    fn new(wanted: Option<String>, lost: Arc<AtomicU64>) -> Result<Self, SoundError> {
        let mut source = Self { host: host(), wanted, open: None, rate: 0, lost, looked: Instant::now() };
        let device = source.choose().ok_or(SoundError::NoInput)?;
        source.rate = device.default_input_config()?.sample_rate();
        source.open = Some(source.opened(&device)?);
        Ok(source)
    }

    fn name(&self) -> String {
        self.open.as_ref().map_or_else(String::new, |o| o.name.to_string())
    }

    /// The chosen microphone if it is there, else the default one.
    fn choose(&self) -> Option<cpal::Device> {
        let chosen = self.wanted.as_ref().and_then(|wanted| {
            let mut devices = self.host.input_devices().ok()?;
            devices.find(|d| identity(d).as_ref() == Some(wanted) && d.default_input_config().is_ok())
        });
        chosen.or_else(|| self.host.default_input_device())
    }

    fn opened(&self, device: &cpal::Device) -> Result<Open, SoundError> {
        let default = device.default_input_config()?;
        let channels = usize::from(default.channels()).max(1);
        let rate = default.sample_rate();
        // Four seconds of room: the owner collects every 50 ms, so only a stalled machine can fill it.
        let (producer, ring) = rtrb::RingBuffer::new(rate as usize * channels * 4);
        let config = StreamConfig {
            channels: default.channels(),
            sample_rate: rate,
            buffer_size: BufferSize::Fixed(rate / BLOCKS_A_SECOND),
        };
        let failed = Arc::new(AtomicBool::new(false));
        let (ear, fails) = (Ear::new(producer, Arc::clone(&self.lost)), Arc::clone(&failed));
        let stream = match default.sample_format() {
            SampleFormat::I16 => stream::<i16>(device, config, ear, fails)?,
            SampleFormat::I32 => stream::<i32>(device, config, ear, fails)?,
            SampleFormat::U8 => stream::<u8>(device, config, ear, fails)?,
            _ => stream::<f32>(device, config, ear, fails)?,
        };
        stream.play()?;
        let convert = (rate != self.rate).then(|| Rate::new(rate, self.rate)).transpose()?;
        Ok(Open {
            stream,
            id: identity(device),
            name: name_of(device).into(),
            ring,
            mixer: Mixer::new(channels),
            convert,
            failed,
            heard: Instant::now(),
        })
    }

    fn pause(&self) {
        if let Some(open) = &self.open {
            drop(open.stream.pause());
        }
    }

    /// What was captured since the last call, mono.
    fn collect(&mut self) -> Vec<f32> {
        let Some(open) = self.open.as_mut() else { return vec![] };
        let channels = open.mixer.channels();
        let whole = open.ring.slots() / channels * channels;
        let Ok(chunk) = open.ring.read_chunk(whole) else { return vec![] };
        let mono = open.mixer.mix(chunk.into_iter());
        if !mono.is_empty() {
            open.heard = Instant::now();
        }
        match open.convert.as_mut() {
            Some(convert) => convert.push(&mono),
            None => mono,
        }
    }

    /// Notices a lost device, finds one again, and follows the system's default.
    fn look_after(&mut self) {
        if self.looked.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked = Instant::now();
        let gone = self
            .open
            .as_ref()
            .is_none_or(|o| o.failed.load(Ordering::Relaxed) || o.heard.elapsed() > STALLED);
        let Some(device) = self.choose() else {
            if gone {
                self.open = None;
            }
            return;
        };
        let another = self.open.as_ref().is_some_and(|o| o.id != identity(&device));
        if gone || another {
            // The old stream ends first: some systems give a device to one stream only.
            self.open = None;
            self.open = self.opened(&device).ok();
        }
    }
}

fn stream<T: cpal::SizedSample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut ear: Ear,
    failed: Arc<AtomicBool>,
) -> Result<cpal::Stream, SoundError>
where
    f32: cpal::FromSample<T>,
{
    let stream = device.build_input_stream(
        config,
        move |data: &[T], _: &cpal::InputCallbackInfo| ear.hear(data),
        // An overrun is told here too; only a device that stops giving is given up.
        move |error| {
            if matches!(
                error.kind(),
                cpal::ErrorKind::DeviceNotAvailable | cpal::ErrorKind::StreamInvalidated
            ) {
                failed.store(true, Ordering::Relaxed);
            }
        },
        None,
    )?;
    Ok(stream)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::Meter;

    #[test]
    fn silence_is_said_within_two_seconds_and_clipping_at_once() {
        let mut meter = Meter { rate: 1000, samples: 0, silent: 0 };
        assert!(!meter.level(&[0.0; 1900], None).silent);
        assert!(meter.level(&[0.00002; 100], None).silent, "the last bit is no sound");
        let loud = meter.level(&[0.5, -1.0], None);
        assert!(!loud.silent && loud.clipped && loud.peak == 1.0 && loud.elapsed_ms == 2002);
    }
}
