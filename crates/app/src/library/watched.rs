//! Watched folders: what is remembered of one, and what a look at it shows that is new.

use super::AddOutcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Most files of a folder that are looked at.
pub(super) const MOST_FILES: usize = 5_000;
/// Folders below a watched one that are looked into.
const DEEP: usize = 4;
/// A file that changed less than this ago may still be on its way into the folder.
const SETTLES: Duration = Duration::from_secs(2);
/// Endings of files that can be policies.
const ENDINGS: [&str; 14] = [
    "pdf", "html", "htm", "xhtml", "xlsx", "xlsm", "xlsb", "xls", "ods", "csv", "md", "markdown", "txt",
    "text",
];

/// A folder that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watched {
    /// The folder.
    pub(super) folder: PathBuf,
    /// Payer id of all its files; without one each folder in it is named by its payer's id.
    pub(super) payer: Option<String>,
    /// What is known of its files, by their path below the folder with `/` between.
    pub(super) files: BTreeMap<String, Known>,
    /// Why it could not be looked into the last time.
    pub(super) trouble: Option<Trouble>,
}

/// A file as it was when it was last taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Bytes.
    pub(super) size: u64,
    /// Last change in milliseconds since 1970, as the file system tells.
    pub(super) changed: i64,
    /// What became of it.
    pub(super) became: Became,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub(super) enum Became {
    /// It is in the library.
    Policy {
        /// The policy's id.
        policy: String,
        /// How it came in.
        outcome: AddOutcome,
    },
    /// It was refused; it is tried again when it changes.
    Refused(Trouble),
    /// It is no longer in the folder; its policy stays in the library until a person takes it out.
    Gone {
        /// The policy's id, if it was one.
        policy: Option<String>,
    },
}

/// A refusal for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Trouble {
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
}

/// A file there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Present {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) changed: i64,
}

impl Watched {
    pub(super) fn new(folder: PathBuf, payer: Option<String>) -> Self {
        Self { folder, payer, files: BTreeMap::new(), trouble: None }
    }

    /// The payer of a file, by the folder's or its first folder's name.
    pub(super) fn payer_of(&self, name: &str) -> Option<String> {
        let first = || name.split_once('/').map(|(first, _)| first.trim().to_lowercase());
        self.payer.clone().or_else(first).filter(|p| !p.is_empty())
    }

    /// Files that are new or other than they were.
    pub(super) fn fresh(&self, present: &BTreeMap<String, Present>) -> Vec<String> {
        let same = |name: &str, file: &Present| {
            self.files.get(name).is_some_and(|k| {
                !matches!(k.became, Became::Gone { .. }) && k.size == file.size && k.changed == file.changed
            })
        };
        present.iter().filter(|(name, file)| !same(name, file)).map(|(name, _)| name.clone()).collect()
    }

    /// Marks the files that went away, and names them.
    pub(super) fn mark_gone(&mut self, present: &BTreeMap<String, Present>) -> Vec<String> {
        let mut gone = vec![];
        for (name, known) in &mut self.files {
            if present.contains_key(name) || matches!(known.became, Became::Gone { .. }) {
                continue;
            }
            let policy = match &known.became {
                Became::Policy { policy, .. } => Some(policy.clone()),
                Became::Refused(_) | Became::Gone { .. } => None,
            };
            known.became = Became::Gone { policy };
            gone.push(name.clone());
        }
        // What never was a policy and is gone needs no memory.
        self.files.retain(|_, k| k.became != Became::Gone { policy: None });
        gone
    }
}

/// The files of a folder that can be policies and have settled; `still` counts those that are being written.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn files(folder: &Path, now: SystemTime) -> std::io::Result<(BTreeMap<String, Present>, usize)> {
    let mut found = BTreeMap::new();
    let mut still = 0;
    let mut waiting: Vec<(PathBuf, String, usize)> = vec![(folder.to_path_buf(), String::new(), 0)];
    while let Some((at, prefix, depth)) = waiting.pop() {
        let entries = match std::fs::read_dir(&at) {
            Ok(entries) => entries,
            // One folder in it that cannot be read does not hide the others.
            Err(_) if depth > 0 => continue,
            Err(error) => return Err(error),
        };
        for entry in entries.flatten() {
            // A name that is no text, hidden files, and links (which may lead anywhere) are passed over.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            if name.starts_with(['.', '~']) || kind.is_symlink() {
                continue;
            }
            let below = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            if kind.is_dir() {
                if depth < DEEP {
                    waiting.push((entry.path(), below, depth + 1));
                }
                continue;
            }
            let ending = Path::new(&name).extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
            if !ending.is_some_and(|e| ENDINGS.contains(&e.as_str())) || found.len() >= MOST_FILES {
                continue;
            }
            let Ok(meta) = entry.metadata() else { continue };
            let changed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if now.duration_since(changed).is_ok_and(|age| age < SETTLES) {
                still += 1;
                continue;
            }
            let since = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let changed = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
            found.insert(below, Present { path: entry.path(), size: meta.len(), changed });
        }
    }
    Ok((found, still))
}

#[cfg(test)]
mod tests {
    use super::{Became, Known, Present, Watched, files};
    use crate::library::AddOutcome;
    use std::collections::BTreeMap;
    use std::time::{Duration, SystemTime};

    fn present(size: u64, changed: i64) -> Present {
        Present { path: "x".into(), size, changed }
    }

    fn known(became: Became) -> Known {
        Known { size: 1, changed: 1, became }
    }

    fn policy() -> Became {
        Became::Policy { policy: "p".to_owned(), outcome: AddOutcome::New }
    }

    #[test]
    fn new_and_changed_files_are_fresh_and_known_ones_are_not() {
        let mut watched = Watched::new("/folder".into(), None);
        watched.files.insert("acme/same.pdf".into(), known(policy()));
        watched.files.insert("acme/grown.pdf".into(), known(policy()));
        watched.files.insert("acme/back.pdf".into(), known(Became::Gone { policy: Some("p".into()) }));
        let now: BTreeMap<String, Present> = [
            ("acme/same.pdf".to_owned(), present(1, 1)),
            ("acme/grown.pdf".to_owned(), present(2, 1)),
            ("acme/back.pdf".to_owned(), present(1, 1)),
            ("acme/new.pdf".to_owned(), present(1, 1)),
        ]
        .into();
        assert_eq!(watched.fresh(&now), ["acme/back.pdf", "acme/grown.pdf", "acme/new.pdf"]);
        assert_eq!(watched.payer_of("Acme /a/b.pdf").as_deref(), Some("acme"));
        assert_eq!(watched.payer_of("loose.pdf"), None);
    }

    #[test]
    fn what_went_away_is_said_once_and_keeps_its_policy() {
        let mut watched = Watched::new("/folder".into(), Some("acme".into()));
        watched.files.insert("a.pdf".into(), known(policy()));
        assert_eq!(watched.mark_gone(&BTreeMap::new()), ["a.pdf"]);
        assert_eq!(watched.files["a.pdf"].became, Became::Gone { policy: Some("p".into()) });
        assert!(watched.mark_gone(&BTreeMap::new()).is_empty());
    }

    #[test]
    fn only_settled_files_of_known_kinds_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("acme/2026")).unwrap();
        for name in ["acme/2026/a.PDF", "b.md", ".hidden.pdf", "~lock.pdf", "c.exe", "acme/d.docx"] {
            std::fs::write(folder.path().join(name), "text").unwrap();
        }
        let later = SystemTime::now() + Duration::from_secs(60);
        let (found, still) = files(folder.path(), later).unwrap();
        assert_eq!(
            (found.keys().cloned().collect::<Vec<_>>(), still),
            (vec!["acme/2026/a.PDF".to_owned(), "b.md".to_owned()], 0)
        );
        let (found, still) = files(folder.path(), SystemTime::now()).unwrap();
        assert_eq!((found.len(), still), (0, 2), "written a moment ago");
        assert!(files(&folder.path().join("nowhere"), later).is_err());
    }
}
