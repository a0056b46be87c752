//! Official tables in, a checked and indexed rule book on disk out.
//!
//! CMS and NCHS publish the tables that a claim is judged by as text, CSV and XLSX, mostly inside zip archives. Their
//! columns and headers change between quarters, so columns are found by their names. [`import`] reads the files of
//! one table whole, refuses them whole at the first thing that is wrong (with line and reason), and writes each
//! edition as one checksummed file; [`open`] gives the scrubber a [`RuleBook`](iambilly_scrub::RuleBook) on them.
//!
//! How it fits: `document` unpacks what was given, `header` finds columns, `edition` reads the edition from names,
//! a module under `tables` reads each table, `shelf` is the folder. The form on disk and every look-up are
//! [`iambilly_scrub::edition`]'s; why it is so, and what else was tried, is in `docs/rulebook.md`.
//!
//! The files hold no PHI, but a wrong file given by mistake might: no error quotes a cell.

mod document;
mod edition;
mod error;
mod header;
mod shelf;
mod tables;

pub use error::{ImportError, Reason};
pub use iambilly_scrub::edition::TableKind;
pub use shelf::{Entry, Outcome, ShelfError, list, open};

use iambilly_scrub::edition::Head;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to import.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which table.
    pub kind: TableKind,
    /// The files as published: text, CSV, XLSX, or zip archives of them.
    pub files: Vec<PathBuf>,
    /// The edition (`2024Q3`, `RVU24C`, `2024`, `FY2026`), where the files' names do not say it.
    pub edition: Option<String>,
    /// Takes a file with far fewer rows than the edition next to it, which otherwise counts as cut short.
    pub accept_fewer_rows: bool,
}

/// One edition that was imported.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ImportedEdition")]
pub struct Imported {
    /// What happened.
    pub outcome: Outcome,
    /// What it is.
    #[serde(flatten)]
    pub entry: Entry,
}

/// An edition in memory, not yet on the shelf.
struct Draft {
    head: Head,
    bytes: Vec<u8>,
}

/// Imports the files of one table into the rule book in `folder`. Nothing is written unless every file is right;
/// importing the same files again changes nothing.
///
/// # Errors
/// Which file is refused, at which line and why; or what is wrong with the folder.
pub fn import(folder: &Path, request: &Request) -> Result<Vec<Imported>, ImportError> {
    let documents = document::unpack(request.kind, &request.files)?;
    let drafts = tables::read(request, documents)?;
    shelf::put(folder, drafts, request.accept_fewer_rows)
}

/// Is told how much of the files is read, 0 to 1, and answers whether to go on.
pub type Watch = Arc<dyn Fn(f64) -> bool + Send + Sync>;

/// The same under a watch, which may stop it until the editions are written.
///
/// # Errors
/// As [`import`]; [`ImportError::Cancelled`].
pub fn import_watched(folder: &Path, request: &Request, watch: &Watch) -> Result<Vec<Imported>, ImportError> {
    let mut documents = document::unpack(request.kind, &request.files)?;
    document::follow(&mut documents, watch);
    let drafts = tables::read(request, documents)?;
    if !watch(1.0) {
        return Err(ImportError::Cancelled);
    }
    shelf::put(folder, drafts, request.accept_fewer_rows)
}

/// Reads the files of one table without writing anything; what [`import`] would take, it takes.
///
/// # Errors
/// As [`import`].
pub fn check(request: &Request) -> Result<Vec<Head>, ImportError> {
    let documents = document::unpack(request.kind, &request.files)?;
    Ok(tables::read(request, documents)?.into_iter().map(|d| d.head).collect())
}
