//! Where a recording begins: a new dictation, or the end of one that was recorded before; its rows and its file.

use super::sink::LONGEST_MS;
use crate::error::AppError;
use crate::session::Session;
use crate::stages::import;
use crate::view;
use iambilly_claim::ids::{DictationId, RecordingId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_sound::Rate;
use iambilly_speech::PcmFormat;
use iambilly_store::{Dictation, StoreError};
use iambilly_vault::{SealedFile, SealedHeader};

/// Free disk below which no recording begins: half an hour at 48 kHz.
const LEAST_FREE: u64 = 200 << 20;

/// What a recording begins.
pub(super) enum Place {
    /// A dictation that is not stored yet.
    New(Dictation),
    /// The end of a stored one; the recording is sealed as its first one was.
    EndOf { dictation: Dictation, first: iambilly_store::Recording, before_ms: u64 },
}

/// A recording whose rows and file are made.
pub(super) struct Begun {
    pub(super) dictation: Dictation,
    pub(super) continues: bool,
    pub(super) file: SealedFile,
    pub(super) format: PcmFormat,
    pub(super) channels: u16,
    pub(super) rate: u32,
    pub(super) convert: Option<Rate>,
    pub(super) before_ms: u64,
}

/// The end of a stored dictation.
///
/// # Errors
/// `not_found`, `cannot_continue`, `recording_full`, and those of the store.
pub(super) async fn place(session: &Session, id: DictationId) -> Result<Place, AppError> {
    let (dictation, recordings, why) = session
        .store(move |s| {
            s.read(|r| {
                let dictation = r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                let recordings = r.recordings_of(id)?;
                let why = view::why_not_continued(r, &dictation, &recordings)?;
                Ok((dictation, recordings, why))
            })
        })
        .await?;
    if let Some((message, advice)) = why {
        return Err(Fault::new(FaultKind::Input, "cannot_continue", message, advice).into());
    }
    let before_ms = recordings.iter().map(|r| r.duration_ms).sum();
    let first = recordings.into_iter().next().ok_or(StoreError::NotFound { what: "recording" })?;
    if before_ms >= LONGEST_MS {
        return Err(Fault::new(
            FaultKind::Input,
            "recording_full",
            "This dictation has the longest length already.",
            "Dictate what is missing as a new one.",
        )
        .into());
    }
    Ok(Place::EndOf { dictation, first, before_ms })
}

/// Stores the rows, then makes the sealed file: the wrapped key is stored before the file exists.
///
/// # Errors
/// `disk_full`, and those of vault, store and disk.
pub(super) fn make(
    session: &Session,
    id: RecordingId,
    place: Place,
    device_rate: u32,
) -> Result<Begun, AppError> {
    if crate::doctor::free_space(&session.config).is_some_and(|free| free < LEAST_FREE) {
        return Err(Fault::new(
            FaultKind::Missing,
            "disk_full",
            "There is too little room on the disk for a recording.",
            "Free at least 200 MB, then press record again.",
        )
        .into());
    }
    let (format, channels, rate) = match &place {
        Place::New(_) => (PcmFormat::I16, 1, device_rate),
        Place::EndOf { first, .. } => {
            let format = PcmFormat::from_tag(import::open(session, first)?.header().format)?;
            (format, first.channels, first.sample_rate)
        }
    };
    let convert = (rate != device_rate).then(|| Rate::new(device_rate, rate)).transpose()?;
    let (key, wrapped) = session.vault.wrap_new_key(&id.to_string(), &mut session.randomness())?;
    let path = import::sealed_path(&session.config.paths, id);
    let recording = import::row(session, id, &wrapped, rate, channels);
    session.store_now(|s| {
        s.write(|r| {
            r.insert_recording(&recording)?;
            match &place {
                Place::New(dictation) => r.insert_dictation(dictation),
                Place::EndOf { dictation, .. } => r.continue_dictation(dictation.id, id),
            }
        })
    })?;
    let header = SealedHeader { recording: id, sample_rate: rate, channels, format: format.tag() };
    let file = match SealedFile::create(&path, header, &key) {
        Ok(file) => file,
        Err(error) => {
            // A recording that did not begin leaves no rows.
            session.store_now(|s| {
                s.write(|r| {
                    r.erase_recording(id)?;
                    match &place {
                        Place::New(dictation) => r.delete_dictation(dictation.id),
                        Place::EndOf { .. } => r.drop_continuation(id).map(drop),
                    }
                })
            })?;
            return Err(error.into());
        }
    };
    let (dictation, continues, before_ms) = match place {
        Place::New(dictation) => (dictation, false, 0),
        Place::EndOf { dictation, before_ms, .. } => (dictation, true, before_ms),
    };
    Ok(Begun { dictation, continues, file, format, channels, rate, convert, before_ms })
}
