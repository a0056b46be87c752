//! All recordings of a dictation, one after another: what is heard, shown and exported.

use super::import;
use super::recognise::{Sealed, Source};
use crate::error::AppError;
use crate::session::Session;
use iambilly_speech::PcmFormat;
use iambilly_store::Recording;
use std::fs::File;
use std::io::BufReader;

/// Sealed recordings of one rate, format and number of channels, as one source.
pub(crate) struct Chain {
    parts: Vec<Sealed<BufReader<File>>>,
    /// The one that is read.
    at: usize,
    rate: u32,
    channels: u16,
    format: PcmFormat,
}

impl Chain {
    /// Opens the recordings; what continues a dictation is sealed as its first recording was.
    ///
    /// # Errors
    /// `recording_erased`, and those of the sealed files.
    pub(crate) fn open(session: &Session, recordings: &[Recording]) -> Result<Self, AppError> {
        let parts = recordings
            .iter()
            .map(|recording| Sealed::new(import::open(session, recording)?, recording.duration_ms))
            .collect::<Result<Vec<_>, _>>()?;
        let first =
            parts.first().ok_or_else(|| AppError::internal("a dictation without recordings was opened"))?;
        let (rate, channels, format) = (first.rate(), first.channels(), first.format());
        if parts.iter().any(|p| (p.rate(), p.channels(), p.format()) != (rate, channels, format)) {
            return Err(AppError::internal("the recordings of a dictation differ in form"));
        }
        Ok(Self { parts, at: 0, rate, channels, format })
    }

    /// How its samples are kept.
    pub(crate) const fn format(&self) -> PcmFormat {
        self.format
    }

    /// Stands at the beginning of a sealed frame at or before a time, and says how many ms are left to it.
    pub(crate) fn seek(&mut self, ms: u64) -> Result<u64, AppError> {
        let mut left = ms;
        for (at, part) in self.parts.iter_mut().enumerate() {
            if left < part.ms() {
                self.at = at;
                return part.seek(left);
            }
            left -= part.ms();
        }
        self.at = self.parts.len();
        Ok(0)
    }
}

impl Source for Chain {
    fn rate(&self) -> u32 {
        self.rate
    }
    fn channels(&self) -> u16 {
        self.channels
    }
    fn length_ms(&self) -> u64 {
        self.parts.iter().map(Sealed::ms).sum()
    }
    fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AppError> {
        while let Some(part) = self.parts.get_mut(self.at) {
            if part.next(block)? {
                return Ok(true);
            }
            self.at += 1;
            if let Some(next) = self.parts.get_mut(self.at) {
                next.seek(0)?;
            }
        }
        Ok(false)
    }
}
