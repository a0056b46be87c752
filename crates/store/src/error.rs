//! What can go wrong with the store, with a stable code and advice for each. Never a value from a row.

use iambilly_claim::{Fault, FaultKind};
use rusqlite::ErrorCode;

/// Trouble with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key does not open the file, or the file is not a database any more.
    #[error("the key does not open the database, or the file is damaged")]
    WrongKey,
    /// A newer program wrote the database.
    #[error("the database has schema {found}; this program knows up to {known}")]
    DatabaseNewer {
        /// Schema found.
        found: i64,
        /// Newest schema known.
        known: i64,
    },
    /// The disk is full.
    #[error("the disk is full; what was saved before is safe and nothing was saved by halves")]
    DiskFull,
    /// Another process holds the database for longer than the time-out.
    #[error("another process is using the database")]
    Busy,
    /// The database file is damaged.
    #[error("the database file is damaged")]
    Corrupt,
    /// The database may not be written.
    #[error("the database cannot be written")]
    ReadOnly,
    /// A row that should be there is not.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// A change that the records do not allow.
    #[error("{what}")]
    Conflict {
        /// Which, in words.
        what: &'static str,
    },
    /// Another revision of the claim came between.
    #[error("the claim was changed meanwhile: by now it is at revision {newest}")]
    ClaimChanged {
        /// Number of the newest revision.
        newest: u32,
    },
    /// The job's lease has gone to someone else, or the job was cancelled.
    #[error("the job is no longer leased by this worker")]
    LeaseLost,
    /// A value in a row cannot be understood.
    #[error("a value in {column} cannot be understood")]
    Malformed {
        /// Table and column.
        column: &'static str,
    },
    /// A value cannot be stored.
    #[error("a value for {column} cannot be stored")]
    Unstorable {
        /// Table and column.
        column: &'static str,
    },
    /// Another process already holds the data folder.
    #[error("another IamBilly is already working in this data folder")]
    FolderTaken,
    /// The lock file could not be used.
    #[error("the data folder could not be locked ({})", .0.kind())]
    Lock(std::io::Error),
    /// The audit and its anchor contradict each other.
    #[error("{0}")]
    Anchor(crate::AnchorBreak),
    /// The anchor could not be written.
    #[error("the audit's anchor could not be written ({})", .0.kind())]
    AnchorFile(std::io::Error),
    /// Any other answer of SQLite; only its number, since its text may quote data.
    #[error("the database refused an operation (SQLite {code})")]
    Sqlite {
        /// Extended result code.
        code: i32,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match &error {
            E::SqliteFailure(e, _) | E::SqlInputError { error: e, .. } => match e.code {
                ErrorCode::NotADatabase => Self::WrongKey,
                ErrorCode::DiskFull => Self::DiskFull,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted => {
                    Self::Busy
                }
                ErrorCode::DatabaseCorrupt => Self::Corrupt,
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => Self::ReadOnly,
                _ => Self::Sqlite { code: e.extended_code },
            },
            E::QueryReturnedNoRows => Self::NotFound { what: "record" },
            E::FromSqlConversionFailure(..) | E::IntegralValueOutOfRange(..) | E::InvalidColumnType(..) => {
                Self::Malformed { column: "a row" }
            }
            _ => Self::Sqlite { code: -1 },
        }
    }
}

impl StoreError {
    /// The same trouble as a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (kind, code, advice) = match self {
            Self::WrongKey => (
                FaultKind::Locked,
                "wrong_key",
                "Check that database and vault.json come from the same data folder or the same backup.",
            ),
            Self::DatabaseNewer { .. } => (
                FaultKind::Input,
                "database_newer",
                "Update IamBilly to the version that wrote it. Nothing was changed.",
            ),
            Self::DiskFull => (FaultKind::Missing, "disk_full", "Free some space and try again."),
            Self::Busy => {
                (FaultKind::Missing, "database_busy", "Wait for the other window or command, then try again.")
            }
            Self::Corrupt => (FaultKind::Input, "database_corrupt", "Restore the data folder from a backup."),
            Self::ReadOnly => (
                FaultKind::Missing,
                "database_not_writable",
                "Check that the data folder is yours and writable.",
            ),
            Self::NotFound { .. } => (FaultKind::Usage, "not_found", "Check the id."),
            Self::Conflict { .. } => {
                (FaultKind::Usage, "not_allowed_now", "Load it again to see its present state.")
            }
            Self::ClaimChanged { .. } => (
                FaultKind::Usage,
                "claim_changed",
                "Look at the newest revision, then make the change again on it.",
            ),
            Self::LeaseLost => (
                FaultKind::Cancelled,
                "lease_lost",
                "Nothing was lost; the work is done elsewhere or was stopped.",
            ),
            Self::Malformed { .. } => {
                (FaultKind::Internal, "record_malformed", "Restore from a backup, and report this.")
            }
            Self::Unstorable { .. } => (FaultKind::Internal, "record_unstorable", "Report this."),
            Self::FolderTaken => {
                (FaultKind::Missing, "data_folder_in_use", "Use the window that is open, or close it first.")
            }
            Self::Lock(_) => {
                (FaultKind::Missing, "data_folder_lock", "Check that the data folder is yours and writable.")
            }
            Self::Anchor(found) => (FaultKind::Input, found.code(), found.advice()),
            Self::AnchorFile(e) if e.kind() == std::io::ErrorKind::StorageFull => {
                (FaultKind::Missing, "disk_full", "Free some space and try again.")
            }
            Self::AnchorFile(_) => (
                FaultKind::Missing,
                "audit_anchor_not_written",
                "Check that the data folder is yours and writable.",
            ),
            Self::Sqlite { .. } => {
                (FaultKind::Internal, "database_error", "Try again; if it stays, report this number.")
            }
        };
        Fault::new(kind, code, sentence(&self.to_string()), advice)
    }
}

/// First letter upper case, a full stop at the end.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        let mut s: String = first.to_uppercase().collect();
        s.push_str(chars.as_str());
        s.push('.');
        s
    })
}
