//! ICD-10-CM as it is in force on a date of service: what the program brings, or a newer imported edition.
//!
//! An imported edition holds codes and titles only. To be searched it takes the inclusion terms of the same codes from
//! the edition the program brings: they change little from year to year and serve only to find a code by its words.

use iambilly_claim::Fault;
use iambilly_icd10cm::{Edition, EditionError, Editions, NoteKind};
use iambilly_scrub::{Imported, RuleBook};
use jiff::civil::Date;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// The imported edition that was searched last, ready to be searched again.
#[derive(Debug, Default)]
pub(crate) struct Searched(Mutex<Option<(Date, Arc<Edition>)>>);

impl Searched {
    /// The edition in force on a date.
    ///
    /// # Errors
    /// `rule_book_damaged` when the imported edition cannot be read.
    pub(crate) fn on(&self, book: &RuleBook, dos: Date) -> Result<Arc<Edition>, Fault> {
        let Some(imported) = book.newer_diagnoses(dos) else {
            return Ok(Arc::clone(Editions::shipped().on(dos)));
        };
        let from = imported.head().from;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, edition)) = last.as_ref().filter(|(day, _)| *day == from) {
            return Ok(Arc::clone(edition));
        }
        imported.load().map_err(|e| e.fault())?;
        let edition = Arc::new(searchable(imported).map_err(|e| e.fault())?);
        *last = Some((from, Arc::clone(&edition)));
        Ok(edition)
    }
}

/// The edition's compact text (see [`Edition::parse`]) from its codes and titles.
fn searchable(imported: &Imported) -> Result<Edition, EditionError> {
    let (head, known) = (imported.head(), Editions::shipped().on(imported.head().from));
    let mut text = format!("#ICD-10-CM\t{}\t{}\t{}\n", head.name(), head.from, head.to);
    for (code, title) in imported.diagnoses() {
        let title = title.replace(['\t', '\n', '\r'], " ");
        // Writing to a string does not fail.
        let _ = writeln!(text, "{code}\t{title}\t");
        for note in known.notes(code).iter().filter(|n| n.kind == NoteKind::InclusionTerm) {
            if note.at.replace('.', "") == code {
                let _ = writeln!(text, " i\t{}", note.text);
            }
        }
    }
    Edition::parse(text)
}
