//! Writing a sealed recording: append-only AES-256-GCM frames, each readable on its own after a crash.
//!
//! File: header (33 bytes, in the clear, bound into every frame), then frames, then one finish frame that
//! carries the totals, so that a cut is seen.
//!
//! ```text
//! header  magic "IAMBSEAL" · version u16 · format u8 · channels u16 · sample rate u32 · recording id 16
//! frame   kind u8 (1 audio, 2 finish) · plain length u32 · number u64 · ciphertext · tag 16
//! ```
//! All integers little-endian. The nonce is kind and number; header, kind, length and number are
//! authenticated. A key seals exactly one file, written once from its beginning, so no nonce repeats; that
//! is also why a torn file is never appended to: what comes after a crash is a new recording.

use crate::error::SealedError;
use crate::key::SecretKey;
use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, Nonce};
use iambilly_claim::ids::RecordingId;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;
use zeroize::Zeroize;

/// Largest plain frame: one second of eight channels of 32-bit samples at 384 kHz fits.
pub const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;
pub(crate) const MAGIC: [u8; 8] = *b"IAMBSEAL";
pub(crate) const VERSION: u16 = 1;
pub(crate) const HEADER_BYTES: usize = 33;
pub(crate) const FRAME_HEAD_BYTES: usize = 13;
pub(crate) const TAG_BYTES: usize = 16;

/// What a sealed file says about itself, in the clear and authenticated by every frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedHeader {
    /// Whose audio it is.
    pub recording: RecordingId,
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Interleaved channels.
    pub channels: u16,
    /// Tag of the sample format; the vault passes it on without knowing it.
    pub format: u8,
}

impl SealedHeader {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[10] = self.format;
        bytes[11..13].copy_from_slice(&self.channels.to_le_bytes());
        bytes[13..17].copy_from_slice(&self.sample_rate.to_le_bytes());
        bytes[17..33].copy_from_slice(self.recording.uuid().as_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Result<Self, SealedError> {
        if bytes[..8] != MAGIC {
            return Err(SealedError::NotSealed);
        }
        let version = u16::from_le_bytes([bytes[8], bytes[9]]);
        if version == 0 || version > VERSION {
            return Err(SealedError::Newer { found: version, known: VERSION });
        }
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[17..33]);
        Ok(Self {
            recording: RecordingId::new(uuid::Uuid::from_bytes(id)),
            format: bytes[10],
            channels: u16::from_le_bytes([bytes[11], bytes[12]]),
            sample_rate: u32::from_le_bytes([bytes[13], bytes[14], bytes[15], bytes[16]]),
        })
    }
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// A stretch of audio.
    Audio,
    /// The last frame, with the totals.
    Finish,
}

impl FrameKind {
    pub(crate) const fn tag(self) -> u8 {
        match self {
            Self::Audio => 1,
            Self::Finish => 2,
        }
    }
    pub(crate) const fn from_tag(tag: u8) -> Option<Self> {
        match tag {
            1 => Some(Self::Audio),
            2 => Some(Self::Finish),
            _ => None,
        }
    }
}

pub(crate) fn frame_head(kind: FrameKind, length: u32, number: u64) -> [u8; FRAME_HEAD_BYTES] {
    let mut head = [0; FRAME_HEAD_BYTES];
    head[0] = kind.tag();
    head[1..5].copy_from_slice(&length.to_le_bytes());
    head[5..13].copy_from_slice(&number.to_le_bytes());
    head
}

pub(crate) fn nonce(kind: FrameKind, number: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[0] = kind.tag();
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    nonce
}

pub(crate) fn associated(
    header: &[u8; HEADER_BYTES],
    head: &[u8; FRAME_HEAD_BYTES],
) -> [u8; HEADER_BYTES + FRAME_HEAD_BYTES] {
    let mut data = [0; HEADER_BYTES + FRAME_HEAD_BYTES];
    data[..HEADER_BYTES].copy_from_slice(header);
    data[HEADER_BYTES..].copy_from_slice(head);
    data
}

/// Seals frames into a byte stream. A file that is not [finished](Self::finish) reads as torn.
pub struct SealedWriter<W: Write> {
    out: W,
    cipher: Aes256Gcm,
    header: [u8; HEADER_BYTES],
    frames: u64,
    plain_bytes: u64,
    stopped: bool,
    buffer: Vec<u8>,
}

impl<W: Write> std::fmt::Debug for SealedWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedWriter").field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl<W: Write> SealedWriter<W> {
    /// Starts a sealed stream. The key must be fresh: one key, one file.
    ///
    /// # Errors
    /// When the header cannot be written.
    pub fn new(mut out: W, header: SealedHeader, key: &SecretKey) -> Result<Self, SealedError> {
        let header = header.to_bytes();
        out.write_all(&header)?;
        let cipher = key.cipher();
        Ok(Self { out, cipher, header, frames: 0, plain_bytes: 0, stopped: false, buffer: Vec::new() })
    }

    /// Seals and appends one frame (1 byte to [`MAX_FRAME_BYTES`]; about a second of audio).
    ///
    /// # Errors
    /// When it cannot be written; after that the writer takes no more frames.
    pub fn append(&mut self, plain: &[u8]) -> Result<(), SealedError> {
        if plain.is_empty() || plain.len() > MAX_FRAME_BYTES {
            return Err(SealedError::FrameSize { bytes: plain.len() });
        }
        self.seal(FrameKind::Audio, plain)?;
        self.frames += 1;
        self.plain_bytes += plain.len() as u64;
        Ok(())
    }

    /// Frames appended so far.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Appends the finish frame with the totals and gives the stream back.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<W, SealedError> {
        let mut totals = [0; 16];
        totals[..8].copy_from_slice(&self.frames.to_le_bytes());
        totals[8..].copy_from_slice(&self.plain_bytes.to_le_bytes());
        self.seal(FrameKind::Finish, &totals)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, kind: FrameKind, plain: &[u8]) -> Result<(), SealedError> {
        if self.stopped {
            return Err(SealedError::Stopped);
        }
        let length = u32::try_from(plain.len()).map_err(|_| SealedError::FrameSize { bytes: plain.len() })?;
        let head = frame_head(kind, length, self.frames);
        // Head, ciphertext and tag leave in one write, so that a crash tears at most this frame.
        self.buffer.zeroize();
        self.buffer.extend_from_slice(&head);
        self.buffer.extend_from_slice(plain);
        let tag = self
            .cipher
            .encrypt_in_place_detached(
                Nonce::from_slice(&nonce(kind, self.frames)),
                &associated(&self.header, &head),
                &mut self.buffer[FRAME_HEAD_BYTES..],
            )
            .map_err(|_| SealedError::Cipher)?;
        self.buffer.extend_from_slice(&tag);
        // Pessimistic until the write is known to be whole.
        self.stopped = true;
        self.out.write_all(&self.buffer)?;
        self.stopped = false;
        Ok(())
    }
}

/// A sealed recording in a file of its own, readable only by its owner.
#[derive(Debug)]
pub struct SealedFile {
    writer: SealedWriter<File>,
}

impl SealedFile {
    /// Creates the file; one that exists is never overwritten.
    ///
    /// # Errors
    /// When it exists or cannot be written.
    pub fn create(path: &Path, header: SealedHeader, key: &SecretKey) -> Result<Self, SealedError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(path)?;
        // Held until the file is closed, by a crash too: who wants to mend it can tell it from a torn one. A
        // file system without locks is no reason not to record.
        let _ = file.try_lock();
        Ok(Self { writer: SealedWriter::new(file, header, key)? })
    }

    /// Whether a program, this one or another, is writing the file now.
    #[must_use]
    pub fn is_being_written(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Appends one frame.
    ///
    /// # Errors
    /// As [`SealedWriter::append`].
    pub fn append(&mut self, plain: &[u8]) -> Result<(), SealedError> {
        self.writer.append(plain)
    }
    /// Makes what was appended durable; a recorder calls it every second.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&mut self) -> Result<(), SealedError> {
        Ok(self.writer.out.sync_data()?)
    }
    /// Finishes the recording and makes it durable.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self) -> Result<(), SealedError> {
        Ok(self.writer.finish()?.sync_all()?)
    }
}
