//! A WAV file as a stream of blocks of f32 samples, whatever its rate, channels and sample coding.

use crate::duration_ms;
use crate::error::SpeechError;
use crate::pcm::PcmFormat;
use crate::riff;
use std::io::{Read, Seek, SeekFrom};

/// Rates that a microphone or a sound card has; others are damaged headers.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;
const MAX_CHANNELS: u16 = 32;
/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;

/// How a sample is written. Sizes are those of its container: 20 bits in three bytes read as 24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleCoding {
    /// 8-bit unsigned.
    U8,
    /// 16-bit signed.
    I16,
    /// 24-bit signed.
    I24,
    /// 32-bit signed.
    I32,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

impl SampleCoding {
    const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// What a WAV file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavInfo {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Interleaved channels.
    pub channels: u16,
    /// How samples are written.
    pub coding: SampleCoding,
    /// Sample frames that are really there.
    pub frames: u64,
    /// Their length in milliseconds.
    pub duration_ms: u64,
    /// The file promised more than it holds, or was never closed by its recorder.
    pub truncated: bool,
}

impl WavInfo {
    /// The format in which a sealed file keeps these samples without loss that could be heard: 8 and 16 bits
    /// exactly in i16, all else in f32.
    #[must_use]
    pub const fn sealed_format(&self) -> PcmFormat {
        match self.coding {
            SampleCoding::U8 | SampleCoding::I16 => PcmFormat::I16,
            SampleCoding::I24 | SampleCoding::I32 | SampleCoding::F32 | SampleCoding::F64 => PcmFormat::F32,
        }
    }
}

/// Reads a WAV file block by block.
#[derive(Debug)]
pub struct WavSource<R> {
    input: R,
    info: WavInfo,
    frames_left: u64,
    bytes: Vec<u8>,
}

impl<R: Read + Seek> WavSource<R> {
    /// Opens a WAV file and stands before its first sample.
    ///
    /// # Errors
    /// A typed one for everything that is not a usable PCM or float WAV; a cut-off file is usable.
    pub fn open(mut input: R) -> Result<Self, SpeechError> {
        let layout = riff::walk(&mut input)?;
        let fmt = layout.fmt;
        let bad = |what| Err(SpeechError::BadHeader { what });
        if fmt.channels == 0 {
            return bad("it has no channels");
        }
        if fmt.channels > MAX_CHANNELS {
            return bad("it has more than 32 channels");
        }
        let (codec, float) = match fmt.tag {
            1 => (None, false),
            3 => (None, true),
            2 => (Some("Microsoft ADPCM"), false),
            6 => (Some("A-law"), false),
            7 => (Some("µ-law"), false),
            0x11 => (Some("IMA ADPCM"), false),
            0x22 => (Some("TrueSpeech"), false),
            0x31 => (Some("GSM 6.10"), false),
            0x50 | 0x55 => (Some("MPEG (MP3)"), false),
            0xFF | 0x1600..=0x1610 => (Some("AAC"), false),
            _ => (Some("compressed"), false),
        };
        if let Some(codec) = codec {
            return Err(SpeechError::Compressed { codec });
        }
        if !RATES.contains(&fmt.sample_rate) {
            return bad("its sample rate is not between 4 and 384 kHz");
        }
        let container = if fmt.block_align == 0 {
            fmt.bits.div_ceil(8)
        } else if fmt.block_align.is_multiple_of(fmt.channels) {
            fmt.block_align / fmt.channels
        } else {
            return bad("its block size does not fit its channels");
        };
        if fmt.bits.div_ceil(8) > container || fmt.bits == 0 {
            return bad("its sample size does not fit its block size");
        }
        let coding = match (float, container) {
            (false, 1) => SampleCoding::U8,
            (false, 2) => SampleCoding::I16,
            (false, 3) => SampleCoding::I24,
            (false, 4) => SampleCoding::I32,
            (true, 4) => SampleCoding::F32,
            (true, 8) => SampleCoding::F64,
            _ => return bad("its sample size is not one of 8, 16, 24, 32 or (float) 64 bits"),
        };
        let frames = layout.data_bytes / (coding.bytes() as u64 * u64::from(fmt.channels));
        if frames == 0 {
            return Err(SpeechError::NoFrames);
        }
        input.seek(SeekFrom::Start(layout.data_start))?;
        let info = WavInfo {
            sample_rate: fmt.sample_rate,
            channels: fmt.channels,
            coding,
            frames,
            duration_ms: duration_ms(frames, fmt.sample_rate),
            truncated: layout.truncated,
        };
        Ok(Self { input, info, frames_left: frames, bytes: Vec::new() })
    }

    /// What it holds.
    #[must_use]
    pub const fn info(&self) -> WavInfo {
        self.info
    }

    /// Replaces `block` with up to `max_frames` interleaved sample frames; `false` after the last.
    ///
    /// # Errors
    /// When the file ends or fails although it was longer before.
    pub fn next_block(&mut self, max_frames: usize, block: &mut Vec<f32>) -> Result<bool, SpeechError> {
        block.clear();
        let frame_bytes = self.info.coding.bytes() * usize::from(self.info.channels);
        let mut wanted = self.frames_left.min(max_frames as u64);
        while wanted > 0 {
            let frames = wanted.min((READ_BYTES / frame_bytes).max(1) as u64);
            // At most READ_BYTES or one frame, so it fits usize.
            #[allow(clippy::cast_possible_truncation, reason = "bounded by READ_BYTES")]
            self.bytes.resize(frames as usize * frame_bytes, 0);
            if riff::fill(&mut self.input, &mut self.bytes)? < self.bytes.len() {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            decode(self.info.coding, &self.bytes, block);
            wanted -= frames;
            self.frames_left -= frames;
        }
        Ok(!block.is_empty())
    }

    /// Stands before the first sample again.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rewind(self) -> Result<Self, SpeechError> {
        Self::open(self.input)
    }
}

fn decode(coding: SampleCoding, bytes: &[u8], out: &mut Vec<f32>) {
    out.reserve(bytes.len() / coding.bytes());
    match coding {
        SampleCoding::U8 => out.extend(bytes.iter().map(|b| (f32::from(*b) - 128.0) / 128.0)),
        SampleCoding::I16 => {
            out.extend(bytes.chunks_exact(2).map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0))
        }
        SampleCoding::I24 => out.extend(bytes.chunks_exact(3).map(|b| {
            // Shifted up so that the sign comes along; 24 bits are exact in f32.
            #[allow(clippy::cast_precision_loss, reason = "24 significant bits")]
            let value = (i32::from_le_bytes([0, b[0], b[1], b[2]]) >> 8) as f32;
            value / 8_388_608.0
        })),
        SampleCoding::I32 => out.extend(bytes.chunks_exact(4).map(|b| {
            #[allow(clippy::cast_precision_loss, reason = "24 of 32 bits are more than any converter gives")]
            let value = i32::from_le_bytes([b[0], b[1], b[2], b[3]]) as f32;
            value / 2_147_483_648.0
        })),
        SampleCoding::F32 => {
            out.extend(bytes.chunks_exact(4).map(|b| finite(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))))
        }
        SampleCoding::F64 => out.extend(bytes.chunks_exact(8).map(|b| {
            #[allow(clippy::cast_possible_truncation, reason = "samples need no more than f32")]
            let value = f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32;
            finite(value)
        })),
    }
}

/// A float WAV may hold anything; what is not a sound level becomes silence or full scale.
fn finite(value: f32) -> f32 {
    if value.is_finite() { value.clamp(-8.0, 8.0) } else { 0.0 }
}
