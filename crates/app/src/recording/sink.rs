//! What the capture's owner thread writes into: the second before the button, then sealed half seconds.
//!
//! Pressing a button only changes the state (`super::state`), so that no sample falls between two of them.

use super::state::{Happening, Sound, after, sound};
use crate::view::{LevelView, MicrophoneState};
use iambilly_claim::Fault;
use iambilly_sound::Rate;
use iambilly_sound::capture::Level;
use iambilly_speech::{PcmFormat, duration_ms};
use iambilly_vault::{SealedError, SealedFile};
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Kept before the button is pressed, so that the first word is whole: a second.
const PRE_ROLL_MS: u64 = 1000;
/// Sealed and on the disk at once: half a second, so that with everything between microphone and file a kill costs
/// less than a second.
const SEALED_MS: u32 = 500;
/// Longest recording: three hours. It ends by itself there, with everything kept.
pub(super) const LONGEST_MS: u64 = 3 * 60 * 60 * 1000;

/// How a recording is sealed.
pub(super) struct Sealing {
    pub(super) file: SealedFile,
    pub(super) format: PcmFormat,
    /// Channels of the file; each gets the same.
    pub(super) channels: u16,
    /// Samples per second of the file.
    pub(super) rate: u32,
    /// From the device's rate to that of the file, where they differ.
    pub(super) convert: Option<Rate>,
    /// Length of what the recording continues.
    pub(super) before_ms: u64,
    pub(super) live: mpsc::UnboundedSender<Vec<f32>>,
}

/// How a recording ended.
pub(super) struct Ended {
    pub(super) samples: u64,
    pub(super) trouble: Option<Fault>,
}

/// What the capture thread writes into.
pub(super) struct Sink {
    state: MicrophoneState,
    /// The last second before the recording, and what is captured while its file is made.
    ring: VecDeque<f32>,
    /// Samples per second of the device.
    device_rate: u32,
    sealing: Option<Sealing>,
    /// Samples that are not a whole frame yet.
    pending: Vec<f32>,
    samples: u64,
    trouble: Option<Fault>,
}

impl Sink {
    pub(super) const fn new() -> Self {
        Self {
            state: MicrophoneState::Ready,
            ring: VecDeque::new(),
            device_rate: 0,
            sealing: None,
            pending: vec![],
            samples: 0,
            trouble: None,
        }
    }

    /// Says what the device turned out to be.
    pub(super) const fn device(&mut self, rate: u32) {
        self.device_rate = rate;
    }

    pub(super) const fn happens(&mut self, happening: Happening) {
        self.state = after(self.state, happening);
    }

    /// Takes the next samples; `false` ends the capture.
    pub(super) fn take(&mut self, block: &[f32]) -> bool {
        match sound(self.state) {
            Sound::LastSecond => {
                self.ring.extend(block);
                let kept = usize::try_from(u64::from(self.device_rate) * PRE_ROLL_MS / 1000).unwrap_or(0);
                let old = self.ring.len().saturating_sub(kept);
                self.ring.drain(..old);
            }
            Sound::Waiting => self.ring.extend(block),
            Sound::Sealed => self.record(block),
            // What was spoken before a pause does not wait for its end.
            Sound::Dropped => self.seal(true),
        }
        self.trouble.is_none()
    }

    /// Begins: the file takes what the ring holds, and from now on everything.
    pub(super) fn begin(&mut self, sealing: Sealing) {
        self.sealing = Some(sealing);
        self.happens(Happening::FileMade);
        let before: Vec<f32> = self.ring.drain(..).collect();
        self.record(&before);
    }

    /// Seals what is left and gives the file its end.
    pub(super) fn end(mut self) -> Result<Ended, SealedError> {
        let rest = self.sealing.as_mut().and_then(|s| s.convert.as_mut()).map(Rate::finish);
        self.keep(&rest.unwrap_or_default());
        self.seal(true);
        if let (Some(sealing), None) = (self.sealing, &self.trouble) {
            sealing.file.finish()?;
        }
        Ok(Ended { samples: self.samples, trouble: self.trouble })
    }

    fn record(&mut self, block: &[f32]) {
        let converted = self.sealing.as_mut().and_then(|s| s.convert.as_mut()).map(|rate| rate.push(block));
        self.keep(converted.as_deref().unwrap_or(block));
        self.seal(false);
        if self.elapsed_ms() >= LONGEST_MS {
            self.happens(Happening::Longest);
        }
    }

    fn keep(&mut self, block: &[f32]) {
        let Some(sealing) = self.sealing.as_mut() else { return };
        self.samples += block.len() as u64;
        self.pending.extend_from_slice(block);
        if !sealing.live.is_closed() {
            // As it will be read from the sealed file, so that both are cut alike.
            let (mut bytes, mut heard) = (vec![], Vec::with_capacity(block.len()));
            sealing.format.encode(block, &mut bytes);
            sealing.format.decode(&bytes, &mut heard);
            // A listener that has ended needs nothing.
            let _ = sealing.live.send(heard);
        }
    }

    /// Seals whole frames; with `all` the rest too.
    fn seal(&mut self, all: bool) {
        let Some(sealing) = self.sealing.as_mut() else { return };
        let frame = (sealing.rate * SEALED_MS / 1000) as usize;
        while self.pending.len() >= frame || (all && !self.pending.is_empty()) {
            let take = self.pending.len().min(frame);
            let copies = usize::from(sealing.channels).max(1);
            let samples: Vec<f32> =
                self.pending.drain(..take).flat_map(|sample| std::iter::repeat_n(sample, copies)).collect();
            let mut bytes = vec![];
            sealing.format.encode(&samples, &mut bytes);
            let sealed = sealing.file.append(&bytes).and_then(|()| sealing.file.sync());
            if let Err(error) = sealed {
                self.trouble = Some(error.fault());
                return;
            }
        }
    }

    /// Length so far in ms, with what the recording continues.
    fn elapsed_ms(&self) -> u64 {
        self.sealing.as_ref().map_or(0, |s| s.before_ms + duration_ms(self.samples, s.rate))
    }

    pub(super) fn view(&self, level: &Level) -> LevelView {
        let elapsed_ms = self.elapsed_ms();
        LevelView {
            state: self.state,
            elapsed_ms,
            remaining_ms: LONGEST_MS.saturating_sub(elapsed_ms),
            rms: level.rms,
            peak: level.peak,
            clipped: level.clipped,
            silent: level.silent,
            device: level.device.as_ref().map(|name| name.to_string()),
            trouble: self.trouble.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::Happening;
    use super::{LONGEST_MS, Sealing, Sink};
    use crate::view::MicrophoneState;
    use iambilly_claim::ids::RecordingId;
    use iambilly_sound::Rate;
    use iambilly_speech::PcmFormat;
    use iambilly_vault::{SealedFile, SealedHeader, SealedReader, SecretKey};
    use std::path::Path;

    const RATE: u32 = 1000;

    fn ready() -> Sink {
        let mut sink = Sink::new();
        sink.device(RATE);
        sink
    }

    fn id() -> RecordingId {
        "018f0000-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn sealing(folder: &Path, channels: u16, before_ms: u64) -> Sealing {
        let format = PcmFormat::I16;
        let header = SealedHeader { recording: id(), sample_rate: RATE, channels, format: format.tag() };
        let file =
            SealedFile::create(&folder.join("sealed"), header, &SecretKey::from_bytes([7; 32])).unwrap();
        let live = tokio::sync::mpsc::unbounded_channel().0;
        Sealing { file, format, channels, rate: RATE, convert: None, before_ms, live }
    }

    fn sealed(folder: &Path) -> Vec<f32> {
        let file = std::fs::File::open(folder.join("sealed")).unwrap();
        let mut reader = SealedReader::open(file, id(), &SecretKey::from_bytes([7; 32])).unwrap();
        let mut samples = vec![];
        while let Some(bytes) = reader.next_frame().unwrap() {
            PcmFormat::I16.decode(&bytes, &mut samples);
        }
        samples
    }

    #[test]
    fn a_ready_microphone_keeps_one_second_and_loses_nothing_while_the_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = ready();
        for block in 0_u8..30 {
            assert!(sink.take(&[f32::from(block) / 64.0; 100]));
        }
        assert_eq!((sink.ring.len(), sink.samples), (1000, 0));
        assert_eq!(sink.ring.front(), Some(&(20.0 / 64.0)), "the newest second");
        sink.happens(Happening::Start);
        sink.take(&[0.5; 5000]);
        sink.begin(sealing(folder.path(), 1, 0));
        sink.take(&[0.25; 10]);
        assert_eq!(sink.end().unwrap().samples, 6010);
        let kept = sealed(folder.path());
        assert_eq!((kept.len(), kept[0], kept[5999], kept[6009]), (6010, 20.0 / 64.0, 0.5, 0.25));
    }

    #[test]
    fn a_refused_start_goes_back_to_the_last_second() {
        let mut sink = ready();
        sink.happens(Happening::Start);
        sink.take(&[0.5; 5000]);
        sink.happens(Happening::Refused);
        sink.take(&[0.25; 10]);
        assert_eq!((sink.state, sink.ring.len()), (MicrophoneState::Ready, 1000));
    }

    #[test]
    fn a_pause_is_not_kept_and_the_end_comes_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = ready();
        sink.happens(Happening::Start);
        // It continues what is nearly the longest recording.
        sink.begin(sealing(folder.path(), 1, LONGEST_MS - 2000));
        sink.take(&[0.5; 100]);
        assert_eq!(sealed(folder.path()).len(), 0, "not a frame yet");
        sink.happens(Happening::Pause);
        sink.take(&[0.5; 500]);
        assert_eq!((sink.samples, sealed(folder.path()).len()), (100, 100), "sealed at the pause");
        sink.happens(Happening::GoOn);
        sink.take(&[0.5; 1400]);
        assert_eq!(sealed(folder.path()).len(), 1100, "half seconds");
        assert_eq!(sink.state, MicrophoneState::Recording);
        sink.take(&[0.5; 600]);
        assert_eq!(sink.state, MicrophoneState::Full);
        sink.take(&[0.5; 100]);
        assert_eq!(sink.end().unwrap().samples, 2100);
    }

    #[test]
    fn what_continues_a_recording_is_sealed_as_that_one_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = Sink::new();
        sink.device(500);
        let mut sealing = sealing(folder.path(), 2, 0);
        sealing.convert = Some(Rate::new(500, RATE).unwrap());
        sink.happens(Happening::Start);
        sink.begin(sealing);
        for _ in 0..40 {
            sink.take(&[0.5; 100]);
        }
        let samples = sink.end().unwrap().samples;
        // Eight seconds at the file's rate, to a sample or two; both channels alike.
        assert!(samples.abs_diff(8000) <= 2, "{samples}");
        let kept = sealed(folder.path());
        assert_eq!(kept.len() as u64, 2 * samples);
        assert!(kept.chunks(2).all(|frame| frame[0] == frame[1]));
        assert!((kept[8000] - 0.5).abs() < 0.01, "{}", kept[8000]);
    }
}
