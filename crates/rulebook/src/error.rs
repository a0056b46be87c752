//! Why official files are refused.

use iambilly_claim::{Fault, FaultKind};
use iambilly_scrub::edition::TableError;
use std::path::PathBuf;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder cannot be read or written.
    #[error("{path} cannot be {doing}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Completes "cannot be".
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{file}{}: {reason}", line.map(|l| format!(", line {l}")).unwrap_or_default())]
    Refused {
        /// Its name; a member of an archive as `archive.zip: member.txt`.
        file: String,
        /// Line of a text or row of a sheet, from 1.
        line: Option<u64>,
        /// What is wrong.
        reason: Reason,
    },
    /// The files do not belong together, or one is missing.
    #[error("{0}")]
    Set(Reason),
    /// The watch said to stop.
    #[error("The import was cancelled")]
    Cancelled,
}

/// What is wrong with a file. It never quotes a cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A web page was saved instead of the file.
    #[error("this is a web page, not the table")]
    WebPage,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It ends in the middle.
    #[error("the file ends in the middle of a line: the download was cut off")]
    CutOff,
    /// Not text.
    #[error("this is neither text nor a spreadsheet nor a zip archive")]
    Binary,
    /// An archive or spreadsheet that cannot be unpacked.
    #[error("the archive is damaged or cut off ({0})")]
    Archive(String),
    /// An archive without the table.
    #[error("there is no file of the table {0} in the archive")]
    NoMember(&'static str),
    /// Too large to be the table.
    #[error("the file is larger than any published edition")]
    TooLarge,
    /// No row names the columns.
    #[error("no header with the columns of this table was found; missing: {0}")]
    NoHeader(String),
    /// Two columns could be meant.
    #[error("more than one column could be \u{201c}{0}\u{201d}")]
    Ambiguous(&'static str),
    /// A row is shorter than the header.
    #[error("the row has {found} columns, the header has {expected}")]
    Columns {
        /// In the row.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A cell cannot be read.
    #[error("the column \u{201c}{column}\u{201d} is not {expected}")]
    Cell {
        /// Which column.
        column: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A row ends before it begins.
    #[error("the row was deleted before it became effective")]
    Backwards,
    /// A date after the edition.
    #[error("the row becomes effective after the edition {0}: the file is of a later quarter")]
    Later(String),
    /// The same key twice with different content.
    #[error("the row contradicts an earlier one of the same code")]
    Contradiction,
    /// Rows are missing between two.
    #[error("the numbering of the rows has a gap")]
    Gap,
    /// A header and nothing else.
    #[error("the table has no rows")]
    NoRows,
    /// The end of the table is missing.
    #[error("the table ends early: its last codes are missing")]
    EndsEarly,
    /// The edition is not known.
    #[error("the name does not say which edition it is")]
    NoEdition,
    /// Not an edition's name.
    #[error("{0} is not the name of an edition of this table")]
    BadEdition(String),
    /// Name, content and request disagree.
    #[error("it is {found}, not {expected}")]
    OtherEdition {
        /// What name or content say.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// Files of different quarters in one import.
    #[error("the files are of different editions ({0} and {1})")]
    Mixed(String, String),
    /// Not all of the files that make an edition.
    #[error("{edition} comes in {expected} files; missing: {missing}")]
    Parts {
        /// Which edition.
        edition: String,
        /// How many.
        expected: usize,
        /// Which are not there.
        missing: String,
    },
    /// The same part twice.
    #[error("the file f{0} was given twice")]
    PartTwice(usize),
    /// A part far smaller than the others.
    #[error("f{0} is far shorter than the other files: the download was cut off")]
    ShortPart(usize),
    /// Far fewer rows than the edition next to it.
    #[error("{edition} has {rows} rows, the edition {other} had {before}: the files look cut off")]
    FewerRows {
        /// This edition.
        edition: String,
        /// Rows now.
        rows: u64,
        /// The edition next to it.
        other: String,
        /// Rows then.
        before: u64,
    },
    /// An older revision than the imported one.
    #[error("revision {found} of {edition} is older than the imported revision {imported}")]
    OlderRevision {
        /// Which edition.
        edition: String,
        /// Given.
        found: u32,
        /// Already there.
        imported: u32,
    },
    /// The rows do not fit the form on disk.
    #[error("{0}")]
    Table(#[from] TableError),
}

impl ImportError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (kind, code, advice) = match self {
            Self::File { doing: "read", .. } => {
                (FaultKind::Input, "file_unreadable", "Check the path and that you may read the file.")
            }
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => (
                FaultKind::Missing,
                "disk_full",
                "Free some space on the disk and import again; the rule book is as it was.",
            ),
            Self::File { .. } => (
                FaultKind::Missing,
                "rules_folder",
                "Check that the folder of the rule book exists and that you may write to it.",
            ),
            Self::Cancelled => {
                (FaultKind::Cancelled, "cancelled", "Import the files again when you want them.")
            }
            Self::Refused { reason, .. } | Self::Set(reason) => {
                (FaultKind::Input, "table_refused", reason.advice())
            }
        };
        Fault::new(kind, code, format!("{self}. Nothing was imported."), advice)
    }

    pub(crate) fn refused(file: &str, line: Option<u64>, reason: impl Into<Reason>) -> Self {
        Self::Refused { file: file.to_owned(), line, reason: reason.into() }
    }
}

impl Reason {
    const fn advice(&self) -> &'static str {
        match self {
            Self::WebPage => {
                "Accept the licence on the publisher's page first, then download the file itself."
            }
            Self::Empty
            | Self::CutOff
            | Self::Archive(_)
            | Self::ShortPart(_)
            | Self::EndsEarly
            | Self::Gap
            | Self::NoRows => "Download the file again; the zip archive can be given as it is.",
            Self::NoEdition | Self::BadEdition(_) => {
                "Keep the name the publisher gave the file, or say the edition with --edition."
            }
            Self::OtherEdition { .. } | Self::Mixed(..) | Self::Later(_) => {
                "Give the files of one edition, with the names they were published under."
            }
            Self::Parts { .. } | Self::PartTwice(_) => "Give all files of the quarter in one command.",
            Self::FewerRows { .. } => {
                "Download the files again; if the edition really is that short, import with --accept-fewer-rows."
            }
            Self::OlderRevision { .. } => "The newer revision stays; there is nothing to do.",
            _ => "Check that the file is the published one and belongs to this table.",
        }
    }
}
