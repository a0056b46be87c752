//! Taking a dictation in: a WAV file or a typed note. The microphone has a room of its own, [`crate::recording`].

use crate::draft::Providers;
use crate::error::AppError;
use crate::events::Stage;
use crate::people::Action;
use crate::pipeline;
use crate::session::{Session, blocking};
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{DictationId, RecordingId};
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_coding::Reader;
use iambilly_speech::WavSource;
use iambilly_store::{Dictation, DictationKind};
use jiff::civil::Date;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

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
    session.allow(Action::TakeIn).await?;
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

/// Whether a text has a letter or a figure: what is all blanks, marks and signs that nobody sees is no note.
pub(crate) fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
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
    session.allow(Action::TakeIn).await?;
    if !says_something(text.expose()) {
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
pub(crate) struct Material {
    kind: DictationKind,
    name: &'static str,
    file: Option<PathBuf>,
    note: Option<Phi<String>>,
    recording: Option<RecordingId>,
}

impl Material {
    /// What is about to be spoken into the microphone.
    pub(crate) const fn spoken(recording: RecordingId) -> Self {
        Self {
            kind: DictationKind::Audio,
            name: "Dictation",
            file: None,
            note: None,
            recording: Some(recording),
        }
    }
}

pub(crate) fn dictation(
    session: &Session,
    material: Material,
    new: NewDictation,
) -> Result<Dictation, AppError> {
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
