//! The walls of a WAV file: RIFF chunks up to the sound itself, and what it is when it is not a WAV.
//!
//! Recorders leave odd files: a data chunk cut short, a length never filled in, RF64 for long takes. hound
//! refuses these whole; here they are read as far as they go, and the caller is told.
//! Layout: Microsoft RIFF/WAVE (1994), WAVE_FORMAT_EXTENSIBLE (2001), EBU Tech 3306 (RF64).

use crate::error::SpeechError;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

/// A file of more chunks than this before its sound is not a recording.
const MAX_CHUNKS: usize = 4096;
/// A `fmt ` chunk is 16, 18 or 40 bytes; a little more is tolerated.
const MAX_FMT_BYTES: u32 = 1024;
const UNKNOWN_SIZE: u32 = u32::MAX;

/// The format chunk as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FmtChunk {
    pub(crate) tag: u16,
    pub(crate) channels: u16,
    pub(crate) sample_rate: u32,
    pub(crate) block_align: u16,
    pub(crate) bits: u16,
}

/// Where the sound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) fmt: FmtChunk,
    /// Offset of the first sample.
    pub(crate) data_start: u64,
    /// Bytes of sound that are really there.
    pub(crate) data_bytes: u64,
    /// The file promised more, or never got its length filled in.
    pub(crate) truncated: bool,
}

/// Walks the chunks of a WAV file up to its sound.
pub(crate) fn walk<R: Read + Seek>(input: &mut R) -> Result<Layout, SpeechError> {
    let size = input.seek(SeekFrom::End(0))?;
    if size == 0 {
        return Err(SpeechError::Empty);
    }
    input.seek(SeekFrom::Start(0))?;
    let mut head = [0; 12];
    let got = fill(input, &mut head)?;
    let long = &head[..4] == b"RF64" || &head[..4] == b"BW64";
    if got < 12 || !(long || &head[..4] == b"RIFF") || &head[8..12] != b"WAVE" {
        return Err(SpeechError::NotWav { looks_like: looks_like(&head[..got]) });
    }
    let riff_bytes = le32(&head, 4);
    let (mut fmt, mut long_data, mut offset) = (None, None, 12_u64);
    for _ in 0..MAX_CHUNKS {
        input.seek(SeekFrom::Start(offset))?;
        let mut chunk = [0; 8];
        if fill(input, &mut chunk)? < 8 {
            break;
        }
        let (name, length, body) = (&chunk[..4], le32(&chunk, 4), offset + 8);
        match name {
            b"fmt " => fmt = Some(read_fmt(input, length)?),
            b"ds64" if long && length >= 24 => {
                let mut sizes = [0; 24];
                if fill(input, &mut sizes)? == 24 {
                    long_data = Some(u64::from(le32(&sizes, 8)) | u64::from(le32(&sizes, 12)) << 32);
                }
            }
            b"data" => {
                let fmt = fmt.ok_or(SpeechError::BadHeader { what: "its format comes after its sound" })?;
                let there = size.saturating_sub(body);
                let (data_bytes, truncated) = match (length, long_data) {
                    (UNKNOWN_SIZE, Some(long)) => (long.min(there), long > there),
                    // Written to a pipe: the length was never known and the end is the end.
                    (UNKNOWN_SIZE, None) => (there, false),
                    // The recorder died before it came back to fill the length in.
                    (0, _) if there > 0 && never_closed(riff_bytes, body) => (there, true),
                    (length, _) => (u64::from(length).min(there), u64::from(length) > there),
                };
                return Ok(Layout { fmt, data_start: body, data_bytes, truncated });
            }
            _ => {}
        }
        // Chunks are padded to even length.
        offset = body + u64::from(length) + u64::from(length & 1);
        if offset >= size {
            break;
        }
    }
    Err(match fmt {
        None => SpeechError::BadHeader { what: "it has no format chunk" },
        Some(_) => SpeechError::NoFrames,
    })
}

/// Whether the RIFF length, too, says that nothing follows the header.
fn never_closed(riff_bytes: u32, data_start: u64) -> bool {
    riff_bytes == 0 || riff_bytes == UNKNOWN_SIZE || u64::from(riff_bytes) + 8 <= data_start
}

fn read_fmt<R: Read>(input: &mut R, length: u32) -> Result<FmtChunk, SpeechError> {
    if !(16..=MAX_FMT_BYTES).contains(&length) {
        return Err(SpeechError::BadHeader { what: "its format chunk has an odd length" });
    }
    let mut body = [0; 26];
    let wanted = body.len().min(length as usize);
    let got = fill(input, &mut body[..wanted])?;
    if got < 16 {
        return Err(SpeechError::BadHeader { what: "its format chunk is cut short" });
    }
    let mut tag = le16(&body, 0);
    // Extensible: the real tag opens the sub-format GUID.
    if tag == 0xFFFE {
        if got < 26 {
            return Err(SpeechError::BadHeader { what: "its extended format is cut short" });
        }
        tag = le16(&body, 24);
    }
    Ok(FmtChunk {
        tag,
        channels: le16(&body, 2),
        sample_rate: le32(&body, 4),
        block_align: le16(&body, 12),
        bits: le16(&body, 14),
    })
}

fn looks_like(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    let found = if at(0, b"ID3") {
        "an MP3 file"
    } else if at(4, b"ftyp") {
        "an M4A or MP4 file"
    } else if at(0, b"OggS") {
        "an Ogg (Vorbis or Opus) file"
    } else if at(0, b"fLaC") {
        "a FLAC file"
    } else if at(0, b"FORM") {
        "an AIFF file"
    } else if at(0, b"caff") {
        "a Core Audio (CAF) file"
    } else if at(0, b"#!AMR") {
        "an AMR file"
    } else if at(0, &[0x1A, 0x45, 0xDF, 0xA3]) {
        "a WebM or Matroska file"
    } else if at(0, &[0x30, 0x26, 0xB2, 0x75]) {
        "a WMA file"
    } else if at(0, b"RIFX") {
        "a big-endian WAV file"
    } else if at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64") {
        "another RIFF file, or a WAV cut off in its header"
    } else if at(1, b"ds2") || at(1, b"dss") {
        "a DSS dictation file"
    } else if at(0, b"PK\x03\x04") {
        "a ZIP archive"
    } else if at(0, b"%PDF") {
        "a PDF file"
    } else if head.len() >= 2 && head[0] == 0xFF && head[1] & 0xF6 == 0xF0 {
        "an AAC (ADTS) file"
    } else if head.len() >= 2 && head[0] == 0xFF && head[1] & 0xE0 == 0xE0 {
        "an MP3 file"
    } else if !head.is_empty() && head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) {
        "a text file"
    } else {
        return None;
    };
    Some(found)
}

/// Reads until the buffer is full or the file ends; how much it got.
pub(crate) fn fill<R: Read>(input: &mut R, buffer: &mut [u8]) -> Result<usize, SpeechError> {
    let mut got = 0;
    while got < buffer.len() {
        match input.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(got)
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
