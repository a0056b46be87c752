//! Reading a sealed recording: frame by frame, from any frame, telling a torn file from an altered one.
//!
//! A file that ends early (crash, full disk) is *torn*: every whole frame before the cut opens. A frame that
//! is whole and fails its seal was *altered* (or moved, or the key is another's): an error naming the frame.

use crate::error::SealedError;
use crate::key::SecretKey;
use crate::sealed_write::{
    FRAME_HEAD_BYTES, FrameKind, HEADER_BYTES, MAX_FRAME_BYTES, SealedHeader, TAG_BYTES, associated, nonce,
};
use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use iambilly_claim::ids::RecordingId;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

/// How a sealed recording ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With its finish frame: complete.
    Finished {
        /// Audio frames.
        frames: u64,
    },
    /// Without: the valid frames before the cut.
    Torn {
        /// Whole audio frames.
        frames: u64,
        /// Bytes of the file they take, header included.
        valid: u64,
    },
}

impl Ending {
    /// Audio frames that can be read.
    #[must_use]
    pub const fn frames(self) -> u64 {
        match self {
            Self::Finished { frames } | Self::Torn { frames, .. } => frames,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct FrameAt {
    offset: u64,
    length: u32,
}

/// Opens the frames of a sealed recording.
pub struct SealedReader<R: Read + Seek> {
    input: R,
    cipher: Aes256Gcm,
    header_bytes: [u8; HEADER_BYTES],
    header: SealedHeader,
    index: Vec<FrameAt>,
    ending: Ending,
    next: u64,
}

impl<R: Read + Seek> std::fmt::Debug for SealedReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedReader").field("ending", &self.ending).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> SealedReader<R> {
    /// Opens a sealed recording: reads its header and frame heads, and checks the finish frame. Audio is
    /// authenticated frame by frame as it is read.
    ///
    /// # Errors
    /// When it is not the recording expected, or its structure was altered.
    pub fn open(mut input: R, expected: RecordingId, key: &SecretKey) -> Result<Self, SealedError> {
        let size = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let mut header_bytes = [0; HEADER_BYTES];
        input.read_exact(&mut header_bytes).map_err(|e| {
            if e.kind() == ErrorKind::UnexpectedEof { SealedError::NotSealed } else { e.into() }
        })?;
        let header = SealedHeader::from_bytes(&header_bytes)?;
        if header.recording != expected {
            return Err(SealedError::OtherRecording);
        }
        let mut reader = Self {
            input,
            cipher: key.cipher(),
            header_bytes,
            header,
            index: Vec::new(),
            ending: Ending::Torn { frames: 0, valid: HEADER_BYTES as u64 },
            next: 0,
        };
        reader.scan(size)?;
        Ok(reader)
    }

    /// What the file says about itself (proven once a frame has opened).
    #[must_use]
    pub const fn header(&self) -> SealedHeader {
        self.header
    }

    /// How it ends.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        self.ending
    }

    /// Plain length in bytes of each audio frame, in order; for finding the frame of a time.
    pub fn frame_lengths(&self) -> impl Iterator<Item = u32> + '_ {
        self.index.iter().map(|f| f.length)
    }

    /// Bytes of audio in all frames.
    #[must_use]
    pub fn plain_bytes(&self) -> u64 {
        self.index.iter().map(|f| u64::from(f.length)).sum()
    }

    /// The next frame's audio; `None` after the last.
    ///
    /// # Errors
    /// [`SealedError::FrameAltered`] naming the first frame that fails its seal.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, SealedError> {
        if self.next >= self.ending.frames() {
            return Ok(None);
        }
        let plain = self.frame(self.next)?;
        self.next += 1;
        Ok(Some(plain))
    }

    /// Makes `next_frame` continue at a frame; one past the last is allowed.
    ///
    /// # Errors
    /// [`SealedError::NoSuchFrame`].
    pub fn seek_frame(&mut self, frame: u64) -> Result<(), SealedError> {
        if frame > self.ending.frames() {
            return Err(SealedError::NoSuchFrame { frame });
        }
        self.next = frame;
        Ok(())
    }

    /// Opens every frame once, to prove the whole file.
    ///
    /// # Errors
    /// The first frame that fails.
    pub fn verify(&mut self) -> Result<Ending, SealedError> {
        for frame in 0..self.ending.frames() {
            let mut plain = self.frame(frame)?;
            zeroize::Zeroize::zeroize(&mut plain);
        }
        Ok(self.ending)
    }

    fn frame(&mut self, number: u64) -> Result<Vec<u8>, SealedError> {
        let at = usize::try_from(number).ok().and_then(|i| self.index.get(i)).copied();
        let at = at.ok_or(SealedError::NoSuchFrame { frame: number })?;
        self.open_frame(at, FrameKind::Audio, number)
    }

    fn open_frame(&mut self, at: FrameAt, kind: FrameKind, number: u64) -> Result<Vec<u8>, SealedError> {
        self.input.seek(SeekFrom::Start(at.offset))?;
        let mut head = [0; FRAME_HEAD_BYTES];
        self.input.read_exact(&mut head)?;
        let mut plain = vec![0; at.length as usize];
        self.input.read_exact(&mut plain)?;
        let mut tag = [0; TAG_BYTES];
        self.input.read_exact(&mut tag)?;
        self.cipher
            .decrypt_in_place_detached(
                Nonce::from_slice(&nonce(kind, number)),
                &associated(&self.header_bytes, &head),
                &mut plain,
                Tag::from_slice(&tag),
            )
            .map_err(|_| SealedError::FrameAltered { frame: number })?;
        Ok(plain)
    }

    /// Walks the frame heads from the header to the end of the file.
    fn scan(&mut self, size: u64) -> Result<(), SealedError> {
        let mut offset = HEADER_BYTES as u64;
        loop {
            let frames = self.index.len() as u64;
            self.ending = Ending::Torn { frames, valid: offset };
            if size - offset < (FRAME_HEAD_BYTES + TAG_BYTES) as u64 {
                return Ok(());
            }
            self.input.seek(SeekFrom::Start(offset))?;
            let mut head = [0; FRAME_HEAD_BYTES];
            self.input.read_exact(&mut head)?;
            if head == [0; FRAME_HEAD_BYTES] && self.only_zeros_from(offset)? {
                // After a power cut a file system may give back length without content.
                return Ok(());
            }
            let kind = FrameKind::from_tag(head[0]).ok_or(SealedError::FrameAltered { frame: frames })?;
            let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
            let number = u64::from_le_bytes([
                head[5], head[6], head[7], head[8], head[9], head[10], head[11], head[12],
            ]);
            if number != frames {
                return Err(SealedError::FrameOutOfOrder { expected: frames, found: number });
            }
            if length == 0 || length as usize > MAX_FRAME_BYTES {
                return Err(SealedError::FrameAltered { frame: frames });
            }
            let end = offset + (FRAME_HEAD_BYTES + TAG_BYTES) as u64 + u64::from(length);
            if end > size {
                return Ok(());
            }
            let at = FrameAt { offset, length };
            match kind {
                FrameKind::Audio => self.index.push(at),
                FrameKind::Finish => return self.check_finish(at, end, size),
            }
            offset = end;
        }
    }

    fn check_finish(&mut self, at: FrameAt, end: u64, size: u64) -> Result<(), SealedError> {
        let frames = self.index.len() as u64;
        let totals = self.open_frame(at, FrameKind::Finish, frames)?;
        let mut expected = [0; 16];
        expected[..8].copy_from_slice(&frames.to_le_bytes());
        expected[8..].copy_from_slice(&self.plain_bytes().to_le_bytes());
        if totals != expected {
            return Err(SealedError::EndMismatch);
        }
        if end != size {
            return Err(SealedError::TrailingBytes);
        }
        self.ending = Ending::Finished { frames };
        Ok(())
    }

    fn only_zeros_from(&mut self, offset: u64) -> Result<bool, SealedError> {
        self.input.seek(SeekFrom::Start(offset))?;
        let mut buffer = [0; 4096];
        loop {
            match self.input.read(&mut buffer) {
                Ok(0) => return Ok(true),
                Ok(n) if buffer[..n].iter().any(|b| *b != 0) => return Ok(false),
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}
