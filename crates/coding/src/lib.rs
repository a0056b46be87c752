//! Transcript to entities with spans to codes, each with its proof.
//!
//! Data flows down one street: [`correct`] mends what the recogniser misheard; `text` normalises the words
//! (one ASCII byte per Unicode scalar, so every offset stays what it was); `sections` and `assertion` say
//! where a passage stands and whether it was done, denied, planned or past; `level` reads levels and sides;
//! `reader` finds the catalogue's concepts; `account` puts them in order as what was done, each act at the
//! interspaces the discourse has reached, and takes out what the telling takes back; `operation` holds the
//! headings against it; `rules` turns that into service lines, `diagnosis` into ICD-10-CM codes. A language model may propose passages ([`llm`]);
//! they are read by the same parser and become entities of the same type.
//!
//! Pure: no input or output, no clock, no randomness. Nothing here fails: what cannot be read becomes a
//! query to the physician.

mod account;
mod approach;
mod assertion;
mod catalogue;
mod concept;
mod correct;
mod diagnosis;
mod document;
pub mod edit;
mod expected;
pub mod learned;
mod level;
mod lexicon;
pub mod llm;
mod notice;
mod operation;
mod phonetic;
mod reader;
mod reanchor;
mod retraction;
mod rules;
mod sections;
mod stake;
mod standing;
mod tabular;
mod text;
mod trace;
mod unread;
mod version;

pub use catalogue::{Catalogue, CatalogueError, label, labels, office_rvu, rvu, values_edition};
pub use correct::{
    FINAL_PASS, OwnWordError, OwnWords, PERSON, Revised, TextChange, TextChangeError, append, compare,
    continued, correct, correct_with, revise,
};
pub use expected::expected_words;
pub use reanchor::reanchor;
pub use trace::trace;
pub use version::{catalogue_version, prompt_version};

use iambilly_claim::{CodedDiagnosis, Coding, Transcript};
use iambilly_icd10cm::{Edition, Editions};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Which readers' findings a coding is built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// The deterministic reader alone.
    Rules,
    /// Only what the language model proposed, read by the rules.
    Llm,
    /// Both, merged by evidence.
    #[default]
    Both,
}

impl Reader {
    /// Its name, as the contract writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Llm => "llm",
            Self::Both => "both",
        }
    }
}

/// A text that names no reader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such reader; write rules, llm or both")]
pub struct UnknownReader;

impl UnknownReader {
    /// As a person sees it.
    #[must_use]
    pub fn fault(&self) -> iambilly_claim::Fault {
        iambilly_claim::Fault::new(
            iambilly_claim::FaultKind::Usage,
            "reader_unknown",
            "There is no such reader.",
            "Write rules, llm or both.",
        )
    }
}

impl FromStr for Reader {
    type Err = UnknownReader;
    fn from_str(s: &str) -> Result<Self, UnknownReader> {
        match s {
            "rules" => Ok(Self::Rules),
            "llm" => Ok(Self::Llm),
            "both" => Ok(Self::Both),
            _ => Err(UnknownReader),
        }
    }
}

/// What the coding depends on beside the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Date of service.
    pub dos: Date,
    /// Payer id, e.g. `medicare`.
    pub payer: String,
}

/// Codes a transcript: service lines, diagnoses, what is not billed and why, and questions.
///
/// `proposals` are the language model's, already checked against this transcript by [`llm::parse`]; with
/// [`Reader::Rules`] they are ignored, with [`Reader::Llm`] only passages the model quoted are coded.
#[must_use]
pub fn code(t: &Transcript, ctx: &Context, reader: Reader, proposals: Option<&llm::Proposals>) -> Coding {
    code_with(&Tables::shipped(ctx.dos), t, ctx, reader, proposals)
}

/// What the reader looks codes up in.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    /// The procedures it knows: the standard ones, or those with a clinic's own ([`Catalogue::extended`]), which
    /// live as long as the program.
    pub catalogue: &'static Catalogue,
    /// The edition of ICD-10-CM in force on the date of service.
    pub icd: &'a Edition,
}

impl Tables<'static> {
    /// What the program comes with, for a date of service.
    #[must_use]
    pub fn shipped(dos: Date) -> Self {
        Self { catalogue: Catalogue::standard(), icd: Editions::shipped().on(dos) }
    }
}

/// [`code`] with tables of one's own: a larger catalogue, an imported edition of ICD-10-CM.
#[must_use]
pub fn code_with(
    tables: &Tables<'_>,
    t: &Transcript,
    ctx: &Context,
    reader: Reader,
    proposals: Option<&llm::Proposals>,
) -> Coding {
    let mut note = reader::Note::read_with(t.text.expose(), tables.catalogue, ctx.dos);
    if let (Reader::Llm | Reader::Both, Some(p)) = (reader, proposals) {
        note.merge(p, reader == Reader::Llm);
    }
    let op = operation::Operation::new(&note, reader == Reader::Llm);
    let sheet = rules::apply(&op, ctx);
    let mut lines = rules::lines(&op, &sheet);
    let (coded, questions) = if note.standing.silent {
        (vec![], vec![])
    } else {
        diagnosis::read(&op, ctx.dos, tables.icd, &lines)
    };
    diagnosis::point(&mut lines, &coded);
    let mut queries = notice::queries(&note, &lines);
    queries.extend(rules::queries(&op, &sheet));
    // What a report of others found is no diagnosis of this claim.
    let coded = if lines.is_empty() && note.kind.reports_no_service() { vec![] } else { coded };
    if !lines.is_empty() || !coded.is_empty() {
        queries.extend(questions);
    }
    let alternatives = rules::alternatives(&op, &sheet, |lines| diagnosis::point(lines, &coded));
    let diagnoses: Vec<CodedDiagnosis> = coded.into_iter().map(|c| c.diagnosis).collect();
    stake::rank(&mut queries, &lines, &diagnoses);
    Coding {
        dos: ctx.dos,
        payer: ctx.payer.clone(),
        diagnoses,
        lines,
        not_billed: rules::not_billed(&op, &sheet),
        queries,
        alternatives,
        made_by: None,
    }
}
