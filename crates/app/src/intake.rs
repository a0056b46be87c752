//! Taking a dictation in: a WAV file, a typed note, or the microphone.

use crate::draft::Providers;
use crate::error::AppError;
use crate::events::Stage;
use crate::pipeline;
use crate::session::{Session, blocking};
use crate::stages::import;
use crate::view::LevelView;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{DictationId, JobId, RecordingId};
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_coding::Reader;
use iambilly_sound::capture::{Capture, Level};
use iambilly_speech::{PcmFormat, WavSource, duration_ms};
use iambilly_store::{Dictation, DictationKind, RecordingState};
use iambilly_vault::{SealedFile, SealedHeader};
use jiff::civil::Date;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a person says about a dictation.
#[derive(Debug, Clone)]
pub struct NewDictation {
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: Date,
    /// The patient, when known.
    pub patient: Option<Patient>,
    /// The providers, when given.
    pub providers: Option<Providers>,
    /// Speech model id or path; the installed default when `None`.
    pub speech_model: Option<String>,
    /// Who reads.
    pub reader: Reader,
}

impl Default for NewDictation {
    fn default() -> Self {
        Self {
            payer: String::new(),
            dos: Date::default(),
            patient: None,
            providers: None,
            speech_model: None,
            reader: Reader::Both,
        }
    }
}

/// Opens a WAV file and judges it, storing nothing.
///
/// # Errors
/// `file_unreadable`, and what the WAV reader finds: not a WAV, no samples, an unknown codec.
pub fn check_audio(path: &Path) -> Result<WavSource<BufReader<File>>, Fault> {
    let file = File::open(path).map_err(|error| {
        Fault::new(
            FaultKind::Input,
            "file_unreadable",
            format!("The recording cannot be read: {error}."),
            "Check the path and that you may read it.",
        )
    })?;
    WavSource::open(BufReader::new(file)).map_err(|e| e.fault())
}

/// Takes a WAV file in: checked now, sealed by the first stage.
///
/// # Errors
/// Those of [`check_audio`], and of the store.
pub async fn import_audio(
    session: &Session,
    path: &Path,
    new: NewDictation,
) -> Result<DictationId, AppError> {
    let path = std::path::absolute(path).map_err(|e| AppError::file("find the recording", &e))?;
    let checked = path.clone();
    blocking(move || check_audio(&checked).map(drop).map_err(AppError::from)).await?;
    let material = Material {
        kind: DictationKind::Audio,
        name: "Recording",
        file: Some(path),
        note: None,
        recording: None,
    };
    let row = dictation(session, material, new)?;
    let id = row.id;
    pipeline::begin(session, row, Some(Stage::Import)).await?;
    Ok(id)
}

/// Takes a typed note in.
///
/// # Errors
/// `note_empty`, and those of the store.
pub async fn add_note(
    session: &Session,
    text: Phi<String>,
    new: NewDictation,
) -> Result<DictationId, AppError> {
    if text.expose().trim().is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            "note_empty",
            "The note is empty.",
            "Type or paste the operative note.",
        )
        .into());
    }
    let material = Material {
        kind: DictationKind::Note,
        name: "Typed note",
        file: None,
        note: Some(text),
        recording: None,
    };
    let row = dictation(session, material, new)?;
    let id = row.id;
    pipeline::begin(session, row, Some(Stage::Draft)).await?;
    Ok(id)
}

/// What a dictation is made from.
struct Material {
    kind: DictationKind,
    name: &'static str,
    file: Option<PathBuf>,
    note: Option<Phi<String>>,
    recording: Option<RecordingId>,
}

fn dictation(session: &Session, material: Material, new: NewDictation) -> Result<Dictation, AppError> {
    if new.payer.trim().is_empty() {
        return Err(Fault::new(
            FaultKind::Usage,
            "payer_missing",
            "No payer is named.",
            "Name one, e.g. medicare.",
        )
        .into());
    }
    let name = material.file.as_deref().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    let provider = new.providers.as_ref().map(serde_json::to_value).transpose();
    Ok(Dictation {
        id: DictationId::new(session.surroundings.id()),
        name: Phi::new(name.unwrap_or_else(|| material.name.to_owned())),
        kind: material.kind,
        source_path: material.file.map(|p| Phi::new(p.to_string_lossy().into_owned())),
        recording: material.recording,
        note_text: material.note,
        payer: new.payer,
        dos: new.dos,
        patient: new.patient,
        provider: provider.map_err(|_| AppError::internal("the providers could not be written"))?,
        speech_model: new.speech_model,
        reader: reader_name(new.reader).to_owned(),
        created_at: (session.surroundings.now)(),
        cancelled_at: None,
    })
}

pub(crate) const fn reader_name(reader: Reader) -> &'static str {
    match reader {
        Reader::Rules => "rules",
        Reader::Llm => "llm",
        Reader::Both => "both",
    }
}

/// A recording in progress: sealed second by second while it is made. Its dictation is stored before the first
/// second, so that a crash loses at most the second that was being spoken.
pub struct Recording {
    session: Arc<Session>,
    id: RecordingId,
    dictation: Dictation,
    capture: Capture,
    sealing: Arc<Mutex<Sealing>>,
}

/// What the capture thread writes into.
#[derive(Default)]
struct Sealing {
    file: Option<SealedFile>,
    pending: Vec<f32>,
    rate: u32,
    samples: u64,
    trouble: Option<Fault>,
}

impl Sealing {
    /// Seals whole seconds; with `all` the rest too.
    fn seal(&mut self, all: bool) {
        while self.pending.len() >= self.rate as usize || (all && !self.pending.is_empty()) {
            let take = self.pending.len().min(self.rate as usize);
            let second: Vec<f32> = self.pending.drain(..take).collect();
            let Some(file) = self.file.as_mut() else { return };
            let mut bytes = vec![];
            PcmFormat::I16.encode(&second, &mut bytes);
            let sealed = file.append(&bytes).and_then(|()| file.sync());
            if let Err(error) = sealed {
                self.trouble = Some(error.fault());
                return;
            }
        }
    }
}

impl Recording {
    /// Starts recording from the default microphone into a sealed file.
    ///
    /// # Errors
    /// `no_microphone`, `sound_device_failed`, and those of vault and store.
    pub async fn start(
        session: Arc<Session>,
        new: NewDictation,
        level: impl Fn(LevelView) + Send + 'static,
    ) -> Result<Self, AppError> {
        let id = RecordingId::new(session.surroundings.id());
        let material = Material {
            kind: DictationKind::Audio,
            name: "Dictation",
            file: None,
            note: None,
            recording: Some(id),
        };
        let dictation = dictation(&session, material, new)?;
        blocking(move || Self::start_now(session, id, dictation, level)).await
    }

    fn start_now(
        session: Arc<Session>,
        id: RecordingId,
        dictation: Dictation,
        level: impl Fn(LevelView) + Send + 'static,
    ) -> Result<Self, AppError> {
        let (key, wrapped) = session.vault.wrap_new_key(&id.to_string(), &mut session.randomness())?;
        let path = import::sealed_path(&session.config.paths, id);
        let sealing = Arc::new(Mutex::new(Sealing::default()));
        let (opening, writing) = (Arc::clone(&sealing), Arc::clone(&sealing));
        let (owner, row) = (Arc::clone(&session), dictation.clone());
        session.set_recording(Some(id));
        let capture = Capture::start(
            move |device| {
                let mut sealing = opening.lock().unwrap_or_else(PoisonError::into_inner);
                sealing.rate = device.rate;
                let recording = import::row(&owner, id, &wrapped, device.rate, 1);
                // The wrapped key is stored before the file exists.
                let stored = owner.store_now(|s| {
                    s.write(|r| {
                        r.insert_recording(&recording)?;
                        r.insert_dictation(&row)
                    })
                });
                let header = SealedHeader {
                    recording: id,
                    sample_rate: device.rate,
                    channels: 1,
                    format: PcmFormat::I16.tag(),
                };
                let opened = stored.and_then(|()| Ok(SealedFile::create(&path, header, &key)?));
                match opened {
                    Ok(file) => sealing.file = Some(file),
                    Err(error) => sealing.trouble = Some(error.fault()),
                }
                sealing.file.is_some()
            },
            move |block: &[f32], now: Level| {
                let mut sealing = writing.lock().unwrap_or_else(PoisonError::into_inner);
                sealing.samples += block.len() as u64;
                sealing.pending.extend_from_slice(block);
                sealing.seal(false);
                let going = sealing.trouble.is_none();
                drop(sealing);
                level(LevelView::from(now));
                going
            },
        );
        let trouble = || sealing.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone();
        match capture {
            Ok(capture) => Ok(Self { session, id, dictation, capture, sealing }),
            // The device was there but the disk was not: say that instead.
            Err(error) => {
                session.set_recording(None);
                Err(trouble().map_or_else(|| error.into(), AppError::from))
            }
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> RecordingId {
        self.id
    }

    /// Name of the microphone.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.capture.device.name
    }

    /// Stops and sends the recording on its way to a draft.
    ///
    /// # Errors
    /// When sealing failed (the sealed part is kept), or the store refuses.
    pub async fn finish(self) -> Result<DictationId, AppError> {
        let Self { session, id, dictation, capture, sealing } = self;
        let rate = capture.device.rate;
        let (samples, trouble) = blocking(move || {
            capture.finish();
            let mut sealing = std::mem::take(&mut *sealing.lock().unwrap_or_else(PoisonError::into_inner));
            sealing.seal(true);
            if let (Some(file), None) = (sealing.file, &sealing.trouble) {
                file.finish()?;
            }
            Ok((sealing.samples, sealing.trouble))
        })
        .await?;
        if let Some(fault) = trouble {
            session.set_recording(None);
            // Every second before the trouble is sealed; the recovery takes it from there.
            let torn = session.store(move |s| s.read(|r| r.recording(id))).await?;
            if let Some(torn) = torn {
                import::recover_one(&session, torn).await?;
            }
            return Err(fault.into());
        }
        let (of, job) = (dictation.id, JobId::new(session.surroundings.id()));
        let (now, length) = ((session.surroundings.now)(), duration_ms(samples, rate));
        session
            .store(move |s| {
                s.write(|r| {
                    r.end_recording(id, RecordingState::Sealed, samples, length)?;
                    r.append_audit("owner", "dictation.added", &of.to_string(), now)?;
                    pipeline::enqueue(r, &dictation, Stage::Transcribe, job, now)
                })
            })
            .await?;
        session.set_recording(None);
        session.work.notify_one();
        Ok(of)
    }

    /// Stops and erases what was recorded: its key is destroyed, its dictation removed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn discard(self) -> Result<(), AppError> {
        let path = import::sealed_path(&self.session.config.paths, self.id);
        let (id, dictation, session, capture) = (self.id, self.dictation.id, self.session, self.capture);
        blocking(move || {
            capture.finish();
            Ok(())
        })
        .await?;
        session.set_recording(None);
        session
            .store(move |s| {
                s.write(|r| {
                    r.erase_recording(id)?;
                    r.delete_dictation(dictation)
                })
            })
            .await?;
        // Without its key the file is noise.
        let _ = std::fs::remove_file(path);
        Ok(())
    }
}
