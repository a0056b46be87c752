//! The folder of the rule book: one checksummed file an edition, written whole or not at all.

use crate::error::{ImportError, Reason};
use crate::{Draft, Imported};
use iambilly_claim::{Fault, FaultKind};
use iambilly_scrub::edition::{Head, SourceFile, TableError, TableKind, head_of};
use iambilly_scrub::{RuleBook, Shelved};
use jiff::civil::Date;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const EXTENSION: &str = "table";
const LOCK: &str = ".lock";
/// The longest head, with what stands before it.
const HEAD_LIMIT: u64 = (1 << 20) + 16;

/// What became of an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ImportOutcome")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was not there before.
    Added,
    /// It was there, the same to the last byte.
    Unchanged,
    /// It took the place of other content of the same edition.
    Replaced,
}

/// An edition on the shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Entry {
    /// Which table.
    pub table: TableKind,
    /// Its title.
    pub title: &'static str,
    /// Its edition with revision and, for relative values, whom it is for.
    pub edition: String,
    /// First date of service it governs.
    pub effective_from: Date,
    /// Last date of service it was published for.
    pub effective_to: Date,
    /// Rows in it.
    pub rows: u64,
    /// Rows in force on its last day.
    pub active: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// What it was made from.
    pub files: Vec<SourceFile>,
}

impl Entry {
    fn of(head: &Head, bytes: u64) -> Self {
        Self {
            table: head.kind,
            title: head.kind.title(),
            edition: head.name(),
            effective_from: head.from,
            effective_to: head.to,
            rows: head.rows,
            active: head.active,
            bytes,
            files: head.files.clone(),
        }
    }
}

/// Why a rule book cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The folder or a file in it cannot be read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of it is damaged.
    #[error("{path} cannot be used: {why}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Why.
        why: TableError,
    },
}

impl ShelfError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (code, advice) = match self {
            Self::File { .. } => ("rules_folder", "Check that the folder of the rule book can be read."),
            Self::Damaged { .. } => (
                "rule_book_damaged",
                "Import the official files of this edition again, or delete this file to do without it; no claim is checked until then.",
            ),
        };
        Fault::new(FaultKind::Missing, code, format!("The rule book: {self}."), advice)
    }
}

/// A file on the shelf, read when it is needed.
#[derive(Debug)]
struct OnDisk(PathBuf);

impl Shelved for OnDisk {
    fn bytes(&self) -> Result<Vec<u8>, TableError> {
        fs::read(&self.0).map_err(|e| TableError::Unreadable(e.kind().to_string()))
    }
}

/// The rule book of a folder: the program's own tables with all editions of the folder, whose heads are read now and
/// whose rows are read when a date of service first needs them. A folder that does not exist holds no editions.
///
/// # Errors
/// The folder cannot be read, or a file of it is damaged.
pub fn open(folder: &Path) -> Result<RuleBook, ShelfError> {
    let editions = heads(folder)?
        .into_iter()
        .map(|(path, head, _)| iambilly_scrub::Imported::new(head, Box::new(OnDisk(path))));
    Ok(RuleBook::with_editions(editions.collect()))
}

/// All editions of a folder, each checked to its last byte, by table and date.
///
/// # Errors
/// The folder cannot be read, or a file of it is damaged.
pub fn list(folder: &Path) -> Result<Vec<Entry>, ShelfError> {
    let mut entries = vec![];
    for (path, head, bytes) in heads(folder)? {
        let entry = Entry::of(&head, bytes);
        let edition = iambilly_scrub::Imported::new(head, Box::new(OnDisk(path.clone())));
        edition.check().map_err(|why| ShelfError::Damaged { path, why })?;
        entries.push(entry);
    }
    entries.sort_by(|a, b| {
        (a.table, a.effective_from, &a.edition).cmp(&(b.table, b.effective_from, &b.edition))
    });
    Ok(entries)
}

fn heads(folder: &Path) -> Result<Vec<(PathBuf, Head, u64)>, ShelfError> {
    let trouble = |source| ShelfError::File { path: folder.to_owned(), source };
    let files = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        other => other.map_err(trouble)?,
    };
    let mut heads = vec![];
    for file in files {
        let path = file.map_err(trouble)?.path();
        if path.extension().is_some_and(|e| e == EXTENSION) {
            let (head, bytes) = head(&path)?;
            heads.push((path, head, bytes));
        }
    }
    heads.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(heads)
}

fn head(path: &Path) -> Result<(Head, u64), ShelfError> {
    let trouble = |source| ShelfError::File { path: path.to_owned(), source };
    let damaged = |why| ShelfError::Damaged { path: path.to_owned(), why };
    let mut file = File::open(path).map_err(trouble)?;
    let bytes = file.metadata().map_err(trouble)?.len();
    let mut start = vec![0; 16];
    let prefix = (&mut file).take(16).read(&mut start).map_err(trouble)?;
    start.truncate(prefix);
    // The length of the head stands behind the mark; a wrong one only reads too much, up to the limit.
    let length = start.get(8..12).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    (&mut file).take(u64::from(length).min(HEAD_LIMIT)).read_to_end(&mut start).map_err(trouble)?;
    let (head, _) = head_of(&start).map_err(damaged)?;
    if head.packed_bytes(start.len()) != bytes {
        return Err(damaged(TableError::Truncated));
    }
    if file_name(&head) != path.file_name().unwrap_or_default().to_string_lossy() {
        return Err(damaged(TableError::Foreign));
    }
    Ok((head, bytes))
}

/// One file an edition: a revision takes the place of the one before.
fn file_name(head: &Head) -> String {
    let qualifying = match head.qualifying {
        None => "",
        Some(true) => "_qp",
        Some(false) => "_nonqp",
    };
    format!("{}_{}{qualifying}.{EXTENSION}", head.kind, head.edition.replace(' ', "-"))
}

/// Puts editions on the shelf, all or none of them as far as checks go; each file is replaced in one step.
pub(crate) fn put(folder: &Path, drafts: Vec<Draft>, fewer: bool) -> Result<Vec<Imported>, ImportError> {
    let written = |path: &Path| {
        let path = path.to_owned();
        move |source| ImportError::File { path, doing: "written", source }
    };
    fs::create_dir_all(folder).map_err(written(folder))?;
    let lock_path = folder.join(LOCK);
    let lock = File::create(&lock_path).map_err(written(&lock_path))?;
    lock.lock().map_err(written(&lock_path))?;
    sweep(folder);
    for draft in &drafts {
        compare(folder, &draft.head, fewer)?;
    }
    let mut imported = vec![];
    for draft in drafts {
        let path = folder.join(file_name(&draft.head));
        let before = fs::read(&path);
        let outcome = match &before {
            Ok(bytes) if *bytes == draft.bytes => Outcome::Unchanged,
            Ok(_) => Outcome::Replaced,
            Err(_) => Outcome::Added,
        };
        if outcome != Outcome::Unchanged {
            let mut temporary =
                tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(written(folder))?;
            temporary.write_all(&draft.bytes).map_err(written(&path))?;
            temporary.as_file().sync_all().map_err(written(&path))?;
            temporary.persist(&path).map_err(|e| written(&path)(e.error))?;
        }
        let bytes = u64::try_from(draft.bytes.len()).unwrap_or(u64::MAX);
        imported.push(Imported { outcome, entry: Entry::of(&draft.head, bytes) });
    }
    // The names themselves reach the disk with the folder; where a system cannot do that, the files still have.
    if let Ok(directory) = File::open(folder) {
        let _ = directory.sync_all();
    }
    Ok(imported)
}

const TEMPORARY: &str = ".importing-";

/// Removes what an interrupted import left; the lock is held, so none is under way.
fn sweep(folder: &Path) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    for file in files.filter(|f| f.file_name().to_string_lossy().starts_with(TEMPORARY)) {
        let _ = fs::remove_file(file.path());
    }
}

/// Refuses an edition that is far shorter than its neighbours, or an older revision than the one on the shelf.
fn compare(folder: &Path, head: &Head, fewer: bool) -> Result<(), ImportError> {
    // A damaged file may be replaced, so it does not count here.
    let others = fs::read_dir(folder).into_iter().flatten().flatten().map(|f| f.path());
    let others = others.filter(|p| p.extension().is_some_and(|e| e == EXTENSION));
    let others = others.filter_map(|p| self::head(&p).ok().map(|(h, _)| h));
    let others = others.filter(|h| h.kind == head.kind && h.qualifying == head.qualifying);
    let mut nearest: Option<Head> = None;
    for other in others {
        if other.edition == head.edition {
            if other.revision > head.revision {
                return Err(ImportError::Set(Reason::OlderRevision {
                    edition: head.edition.clone(),
                    found: head.revision,
                    imported: other.revision,
                }));
            }
            continue;
        }
        let distance = |h: &Head| (h.from - head.from).get_days().abs();
        if nearest.as_ref().is_none_or(|n| distance(&other) < distance(n)) {
            nearest = Some(other);
        }
    }
    match nearest {
        Some(other) if !fewer && head.rows < other.rows / 10 * 8 => {
            Err(ImportError::Set(Reason::FewerRows {
                edition: head.edition.clone(),
                rows: head.rows,
                other: other.edition,
                before: other.rows,
            }))
        }
        _ => Ok(()),
    }
}
