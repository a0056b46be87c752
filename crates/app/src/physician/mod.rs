//! The physician's side: the operative note that a transcript becomes, signed and added to; queries answered; dictations
//! filed under their patient, at once or later; the cases of a day; templates; a sample for whoever is new.
//!
//! The note is the transcript. Its sections are cut from the text where its headings stand, a change of a section is a
//! change of the transcript, and so evidence never points into words that the signed note does not have. A signature
//! closes the text: from then on words are added as addenda, each signed by itself. The answer to a query is an addendum
//! too, and is read as evidence like the rest of the note; the question never enters the text, since its words would be
//! taken for the physician's.

mod day;
mod filing;
mod note;
mod queries;
mod sample;
mod sections;
mod templates;
mod typed;

pub use day::{CaseView, DayView, HistoryPage, HistoryRow, NewCase};
pub use filing::Filing;
pub use note::{AddendumView, AnswerView, MoveView, NoteSection, NoteState, NoteView, SignatureView};
pub use queries::QueryView;
pub use sample::Sample;
pub use templates::{NoteTemplate, TemplateSection, TemplateView};

use crate::error::AppError;
use crate::session::Session;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_store::{Dictation, NoteSignature, Records, StoreError, note_sha256};

/// How an addendum begins in the text.
const ADDENDUM: &str = "Addendum: ";

/// Whether somebody answers for the words of a dictation by name: signed it, or added to it.
pub(crate) fn touched(r: &Records<'_>, of: DictationId) -> Result<bool, StoreError> {
    Ok(!r.note_signatures(of)?.is_empty() || !r.note_addenda(of)?.is_empty())
}

/// What a signature is given on: whose note, of which day, and every word of it.
pub(crate) fn signed_content(dictation: &Dictation, text: &str) -> String {
    let nobody = Patient::default();
    let patient = dictation.patient.as_ref().unwrap_or(&nobody);
    let part = |p: &Phi<Option<String>>| p.expose().clone().unwrap_or_default();
    note_sha256(&[
        "iambilly note 1",
        &dictation.id.to_string(),
        &dictation.dos.to_string(),
        &part(&patient.id),
        &part(&patient.last),
        &part(&patient.first),
        &part(&patient.birth_date),
        text,
    ])
}

/// What the signature under an addendum is given on.
pub(crate) fn addendum_content(of: DictationId, actor: &str, text: &str) -> String {
    note_sha256(&["iambilly addendum 1", &of.to_string(), actor, text])
}

/// The signature that stands: the newest, if it was given on the words it names, for the patient and day of now.
pub(crate) fn standing(r: &Records<'_>, dictation: &Dictation) -> Result<Option<NoteSignature>, StoreError> {
    let Some(newest) = r.note_signatures(dictation.id)?.pop() else { return Ok(None) };
    let row = r.transcript(newest.transcript)?.ok_or(StoreError::NotFound { what: "transcript" })?;
    let now = signed_content(dictation, row.transcript.text.expose());
    Ok((now == newest.content_sha256).then_some(newest))
}

pub(crate) fn refused(code: &str, message: impl Into<String>, advice: &str) -> AppError {
    AppError::Fault(Fault::new(FaultKind::Input, code, message, advice))
}

/// "Last, First", as far as it is known.
pub(crate) fn label(patient: Option<&Patient>) -> Phi<Option<String>> {
    let Some(patient) = patient else { return Phi::new(None) };
    let name = |part: &Phi<Option<String>>| part.expose().clone().filter(|n| !n.trim().is_empty());
    Phi::new(match (name(&patient.last), name(&patient.first)) {
        (Some(last), Some(first)) => Some(format!("{last}, {first}")),
        (last, first) => last.or(first),
    })
}

impl Session {
    /// Refuses to change the words of a note that is signed.
    ///
    /// # Errors
    /// `note_signed`.
    pub(crate) async fn unsigned(&self, of: DictationId, action: &'static str) -> Result<(), AppError> {
        let signed = self
            .store(move |s| {
                s.read(|r| {
                    let dictation = r.dictation(of)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                    Ok(standing(r, &dictation)?.is_some())
                })
            })
            .await?;
        if !signed {
            return Ok(());
        }
        self.note(action, &of.to_string()).await?;
        Err(refused(
            "note_signed",
            "The note is signed: its words are not changed any more.",
            "Say what is missing or wrong in an addendum; the physician writes it under Notes.",
        ))
    }
}
