//! The anchor: the audit's newest number and hash in a small authenticated file beside the database.
//!
//! The chain alone cannot tell that its end was cut off, or that the whole database is an older copy; the anchor can.
//! It holds no PHI. Every committed event raises it: first the database commits (and is on disk), then the anchor is
//! written to a temporary file, flushed and renamed. A crash between the two leaves an anchor that is behind, which
//! is honest; an anchor that is ahead of the database never comes about by a crash. It is made before the first sealed
//! event, so from then on a missing one was taken away.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::audit::{AuditHead, AuditKey};
use crate::table::audit_check::BreakKind;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How the audit and its anchor contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorBreak {
    /// The database ends before the anchored event and never had it: an older copy.
    #[error("the database is an older copy: events that this data folder has seen are not in it")]
    RolledBack,
    /// The database had the anchored event and has it no more.
    #[error("the newest audit events were cut off")]
    Truncated,
    /// Another event stands where the anchored one belongs.
    #[error("the audit was rewritten: the anchored event is another one")]
    Rewritten,
    /// There are sealed events but no anchor.
    #[error("the audit's anchor is gone")]
    Missing,
    /// The anchor is damaged or was not made with this vault's key.
    #[error("the audit's anchor is not this data folder's own")]
    Forged,
}

impl AnchorBreak {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::RolledBack => "records_rolled_back",
            Self::Truncated => "audit_truncated",
            Self::Rewritten => "audit_rewritten",
            Self::Missing => "audit_anchor_missing",
            Self::Forged => "audit_anchor_forged",
        }
    }
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::RolledBack => {
                "Nothing was changed. Put the newer database back, or restore a backup with iambilly restore. If the older records are all there is, iambilly audit accept goes on with them and notes it in the audit for ever."
            }
            _ => {
                "Nothing was changed. Have someone look at iambilly audit verify. iambilly audit accept goes on with the records as they are and notes it in the audit for ever."
            }
        }
    }
    /// The action under which a person's acceptance stands in the audit.
    pub(crate) const fn accepted(self) -> &'static str {
        match self {
            Self::RolledBack => "audit.accepted_rollback",
            Self::Truncated => "audit.accepted_truncation",
            Self::Rewritten => "audit.accepted_rewriting",
            Self::Missing => "audit.accepted_missing_anchor",
            Self::Forged => "audit.accepted_forged_anchor",
        }
    }
    pub(crate) const fn kind(self) -> BreakKind {
        match self {
            Self::RolledBack => BreakKind::RolledBack,
            Self::Truncated => BreakKind::Truncated,
            Self::Rewritten => BreakKind::Edited,
            Self::Missing => BreakKind::AnchorMissing,
            Self::Forged => BreakKind::AnchorForged,
        }
    }
}

/// How the audit stands to its anchor.
pub(crate) enum Standing {
    /// They agree.
    Sound,
    /// No anchor yet, and no sealed event either.
    First(AuditHead),
    /// They contradict each other.
    Broken(AnchorBreak),
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    #[serde(flatten)]
    head: AuditHead,
    mac: String,
}

const VERSION: u32 = 1;
/// Far more than any anchor has.
const MAX_BYTES: u64 = 4096;

/// A head as authenticated text.
pub(crate) fn encode(key: &AuditKey, head: &AuditHead) -> String {
    format!(
        "{{\"version\":{VERSION},\"seq\":{},\"sha256\":\"{}\",\"mac\":\"{}\"}}\n",
        head.seq,
        head.sha256,
        seal(key, head)
    )
}

/// The head in an authenticated text of this key.
pub(crate) fn decode(key: &AuditKey, text: &[u8]) -> Option<AuditHead> {
    let content: Content = serde_json::from_slice(text).ok()?;
    (content.version == VERSION && key.verifies(&parts(&content.head), &content.mac)).then_some(content.head)
}

fn parts(head: &AuditHead) -> [String; 3] {
    ["iambilly anchor 1".to_owned(), head.seq.to_string(), head.sha256.clone()]
}

fn seal(key: &AuditKey, head: &AuditHead) -> String {
    key.mac(&parts(head))
}

/// Where the anchor of a database is.
#[derive(Debug)]
pub(crate) struct AnchorFile {
    path: PathBuf,
}

impl AnchorFile {
    pub(crate) fn beside(database: &Path) -> Self {
        Self { path: database.with_extension("anchor") }
    }

    /// The anchored head; none where there is no file.
    pub(crate) fn read(&self, key: &AuditKey) -> Result<Option<AuditHead>, AnchorBreak> {
        match std::fs::metadata(&self.path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(meta) if meta.len() <= MAX_BYTES => {}
            _ => return Err(AnchorBreak::Forged),
        }
        let bytes = std::fs::read(&self.path).map_err(|_| AnchorBreak::Forged)?;
        decode(key, &bytes).map(Some).ok_or(AnchorBreak::Forged)
    }

    /// Anchors a head, unless a newer one is anchored already. Durable when it returns.
    pub(crate) fn raise(&self, key: &AuditKey, head: &AuditHead) -> Result<(), StoreError> {
        // Two programs may append: whoever writes second must not take the anchor back.
        let _lock = self.lock();
        match self.read(key) {
            Ok(Some(now)) if now.seq >= head.seq => return Ok(()),
            // Evidence is never written over.
            Err(found) => return Err(StoreError::Anchor(found)),
            _ => {}
        }
        self.put(encode(key, head).as_bytes()).map_err(StoreError::AnchorFile)
    }

    /// Keeps the anchor that is there under another name.
    pub(crate) fn set_aside(&self) -> Result<(), StoreError> {
        let _lock = self.lock();
        for n in 1..u32::MAX {
            let aside = self.path.with_extension(format!("anchor.{n}"));
            if !aside.exists() {
                return match std::fs::rename(&self.path, aside) {
                    Err(e) if e.kind() != ErrorKind::NotFound => Err(StoreError::AnchorFile(e)),
                    _ => Ok(()),
                };
            }
        }
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut temporary = tempfile::Builder::new().prefix(".anchor").tempfile_in(folder)?;
        temporary.write_all(bytes)?;
        temporary.as_file().sync_all()?;
        temporary.persist(&self.path).map_err(|e| e.error)?;
        sync_folder(folder)
    }

    /// A file system without locks is no reason not to anchor.
    fn lock(&self) -> Option<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.path.with_extension("anchor-lock")).ok()?;
        file.lock().ok()?;
        Some(file)
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

impl Records<'_> {
    /// How the audit stands to an anchor read before this transaction began.
    pub(crate) fn standing(
        &self,
        anchor: &Result<Option<AuditHead>, AnchorBreak>,
    ) -> Result<Standing, StoreError> {
        let head = self.audit_head()?;
        let anchor = match anchor {
            Err(found) => return Ok(Standing::Broken(*found)),
            Ok(None) => {
                // An audit emptied together with its anchor does not pass for a new one.
                let fresh = !self.has_sealed_events()? && (head.seq > 0 || self.audit_count()? == 0);
                return Ok(if fresh {
                    Standing::First(head)
                } else {
                    Standing::Broken(AnchorBreak::Missing)
                });
            }
            Ok(Some(anchor)) => anchor,
        };
        if anchor.seq > head.seq {
            let had = self.audit_count()? > head.seq;
            return Ok(Standing::Broken(if had { AnchorBreak::Truncated } else { AnchorBreak::RolledBack }));
        }
        Ok(if self.has_audit_head(anchor)? {
            Standing::Sound
        } else {
            Standing::Broken(AnchorBreak::Rewritten)
        })
    }
}
