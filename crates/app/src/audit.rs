//! The audit as people use it: what is noted in it, whether it holds, what leaves it for an auditor, and its anchors off
//! this machine. Ids and action names only, never PHI.

use crate::error::AppError;
use crate::people::{Action, Actor};
use crate::session::{Config, Opening, Session, Unlock, blocking, open_sealed};
use crate::surroundings::Surroundings;
use iambilly_claim::{Fault, FaultKind};
pub use iambilly_store::{AuditBreak, BreakKind};
use iambilly_store::{AuditHead, AuditSubject, AuditVerdict, Store, StoreError};
use iambilly_vault::Vault;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Looking at the same thing again within this time is the same view: a page asks again at every event.
const SAME_VIEW: SignedDuration = SignedDuration::from_mins(5);
/// A clock that is behind the newest event by more than this was set back.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// Where refused unlocks wait for the next unlock: the audit itself is locked then.
const REFUSED: &str = "refused-unlocks";
/// Refused unlocks are kept up to here, in bytes; some ten thousand.
const MOST_REFUSED: u64 = 256 * 1024;
/// Setting with the folder for anchors off this machine.
const ANCHOR_FOLDER: &str = "audit_anchors";

/// What this session has noted.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    viewed: Mutex<HashMap<(&'static str, String), Timestamp>>,
    /// What a full disk kept from being written, in order.
    waiting: Mutex<Vec<(String, String, Timestamp)>>,
}

/// Notes an unlock that was refused, to be taken into the audit by the next one that is not. Best effort: a folder
/// that cannot be written must not turn a wrong passphrase into another error.
pub(crate) fn note_refused_unlock(data: &Path, now: Timestamp, person: Option<&str>) {
    let path = data.join(REFUSED);
    if path.metadata().is_ok_and(|m| m.len() > MOST_REFUSED) {
        return;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Ok(mut file) = options.open(path) {
        let _ = file.write_all(format!("{now:.3} {}\n", person.unwrap_or("vault")).as_bytes());
    }
}

impl Session {
    /// Appends one event of the actor's.
    pub(crate) async fn note(&self, action: &str, subject: &str) -> Result<(), AppError> {
        let now = (self.surroundings.now)();
        let mut events = std::mem::take(&mut *self.waiting());
        events.push((action.to_owned(), subject.to_owned(), now));
        let (kept, by) = (events.clone(), self.by());
        let written = self
            .store(move |s| {
                s.write(|r| {
                    events.iter().try_for_each(|(action, subject, at)| {
                        r.append_audit(&by, action, subject, *at).map(drop)
                    })
                })
            })
            .await;
        match written {
            // On a full disk the records can still be read; the event is written with the next that can be.
            Err(AppError::Store(StoreError::DiskFull)) => {
                self.waiting().splice(..0, kept);
                Ok(())
            }
            other => other,
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<(String, String, Timestamp)>> {
        self.notes.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that something was looked at, unless it was a moment ago.
    pub(crate) async fn note_view(&self, action: &'static str, subject: &str) -> Result<(), AppError> {
        let now = (self.surroundings.now)();
        {
            let mut viewed = self.notes.viewed.lock().unwrap_or_else(PoisonError::into_inner);
            let last = viewed.get(&(action, subject.to_owned()));
            if last.is_some_and(|at| now.duration_since(*at).abs() < SAME_VIEW) {
                return Ok(());
            }
            viewed.insert((action, subject.to_owned()), now);
        }
        self.note(action, subject).await
    }

    /// Notes the unlock, after those that were refused, and a clock that was set back.
    pub(crate) async fn note_unlock(&self) -> Result<(), AppError> {
        let path = self.config.paths.data.join(REFUSED);
        let refused = std::fs::read_to_string(&path).unwrap_or_default();
        let refused: Vec<(Timestamp, &str)> = refused
            .lines()
            .filter_map(|line| {
                let (at, of) = line.split_once(' ').unwrap_or((line, "vault"));
                // Whoever wrote the line, only an id gets into the audit.
                let of = if uuid::Uuid::try_parse(of).is_ok() { of } else { "vault" };
                Some((at.parse().ok()?, of))
            })
            .collect();
        let now = (self.surroundings.now)();
        let last = self.store(|s| s.read(|r| r.audit_clock())).await?;
        let set_back = last.is_some_and(|last| last.duration_since(now) > CLOCK_TOLERANCE);
        {
            let mut waiting = self.waiting();
            let mut wait =
                |action: &str, subject: &str, at| waiting.push((action.to_owned(), subject.to_owned(), at));
            refused.iter().for_each(|(at, of)| wait("vault.unlock_refused", of, *at));
            if set_back {
                wait("clock.set_back", "clock", now);
            }
        }
        self.note("vault.unlocked", "vault").await?;
        if !self.actor().is_owner() {
            let by = self.by();
            // On a full disk it can still be read; that somebody signed in is written with the next event.
            let _ = self.store(move |s| s.write(|r| r.person_signed_in(&by, now))).await;
        }
        if self.waiting().is_empty() {
            // They are in the audit now. Killed in between, they are noted twice rather than not at all.
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }

    /// Notes tables imported into the rule book, by somebody who was let in before ([`Session::permit`]).
    ///
    /// # Errors
    /// Those of the store.
    pub async fn note_import(&self, imported: &[crate::rules::Imported]) -> Result<(), AppError> {
        for one in imported {
            let subject = format!("{} {}", one.entry.table.name(), one.entry.edition);
            self.note("rules.imported", &subject).await?;
        }
        Ok(())
    }

    /// Writes the audit's head into a folder, which may be another machine's, and remembers it: from then on every
    /// session that closes writes one there. None forgets the folder.
    ///
    /// # Errors
    /// `file_trouble` when nothing can be written there.
    pub async fn anchor_to(&self, folder: Option<PathBuf>) -> Result<Option<AuditHead>, AppError> {
        self.allow(Action::Guard).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let setting = folder.clone();
        self.store(move |s| s.write(|r| r.change_setting(&by, ANCHOR_FOLDER, setting.as_ref(), now))).await?;
        match folder {
            Some(folder) => self.write_anchor(folder).await.map(Some),
            None => Ok(None),
        }
    }

    /// Writes the head to the remembered folder, if there is one. A folder that cannot be reached now gets the next.
    pub(crate) async fn anchor_elsewhere(&self) {
        let folder: Option<PathBuf> =
            self.store(|s| s.read(|r| r.setting(ANCHOR_FOLDER))).await.unwrap_or_default();
        if let Some(folder) = folder
            && let Err(error) = self.write_anchor(folder).await
        {
            tracing::warn!(code = error.fault().code, "the audit's anchor was not written off this machine");
        }
    }

    async fn write_anchor(&self, folder: PathBuf) -> Result<AuditHead, AppError> {
        let vault = self.vault.id();
        let (head, text) = self
            .store(|s| {
                let head = s.read(|r| r.audit_head())?;
                let text = s.seal_head(&head);
                Ok((head, text))
            })
            .await?;
        let name = anchor_name(&vault, head.seq);
        blocking(move || {
            write_durably(&folder, &name, text.as_bytes()).map_err(|e| AppError::file("write the anchor", &e))
        })
        .await?;
        Ok(head)
    }
}

/// Anchors are never written over: one a session, each named by its event.
fn anchor_name(vault: &str, seq: u64) -> String {
    format!("iambilly-anchor-{vault}-{seq:012}.json")
}

pub(crate) fn write_durably(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(folder.join(name)).map(drop).map_err(|e| e.error)
}

/// The records opened to look at their audit, whatever the anchor says; nothing is noted, nothing works on them.
pub struct AuditRoom {
    vault: Arc<Vault>,
    actor: Actor,
    store: Arc<Store>,
    surroundings: Surroundings,
}

impl std::fmt::Debug for AuditRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditRoom")
    }
}

/// Which events to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All.
    All,
    /// About one id: a dictation with its claims, or a claim.
    Id(String),
    /// About the dictations of the patient with this id.
    Patient(String),
    /// What of that patient's left the program: the accounting of disclosures of 45 CFR 164.528.
    Disclosures(String),
}

impl Selection {
    fn subject(&self) -> AuditSubject<'_> {
        match self {
            Self::All => AuditSubject::All,
            Self::Id(id) => AuditSubject::Id(id),
            Self::Patient(id) | Self::Disclosures(id) => AuditSubject::Patient(id),
        }
    }
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A line an event.
    Csv,
    /// A JSON list.
    Json,
}

impl AuditRoom {
    /// The audit of a session that is open already.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self {
            vault: Arc::clone(&session.vault),
            actor: session.actor().clone(),
            store: session.store_handle(),
            surroundings: session.surroundings,
        }
    }

    /// Opens the records of a data folder to look at their audit.
    ///
    /// # Errors
    /// Those of [`Session::open`], but for the anchor.
    pub async fn open(config: &Config, surroundings: Surroundings, how: Unlock) -> Result<Self, AppError> {
        let config = config.clone();
        if !config.paths.database().exists() {
            return Err(Fault::new(
                FaultKind::Usage,
                "no_records",
                "This data folder has no records yet.",
                "Choose the right data folder with --data-dir; nothing was made.",
            )
            .into());
        }
        let (vault, store, actor) =
            blocking(move || open_sealed(&config, surroundings, how, Opening::Unanchored)).await?;
        Ok(Self { vault: Arc::new(vault), actor, store: Arc::new(store), surroundings })
    }

    /// The same room for somebody else.
    #[cfg(test)]
    pub(crate) fn as_actor(&self, actor: Actor) -> Self {
        let (vault, store) = (Arc::clone(&self.vault), Arc::clone(&self.store));
        Self { vault, actor, store, surroundings: self.surroundings }
    }

    /// Lets the actor go on, or refuses; noted where the records agree with their anchor, which is what an event needs.
    async fn allow(&self, action: Action) -> Result<(), AppError> {
        let Err(refused) = self.actor.check(action) else { return Ok(()) };
        let (now, by) = ((self.surroundings.now)(), self.actor.id());
        let noted = self.with(move |store| {
            Ok(store.write(|r| r.append_audit(&by, "permission.refused", action.name(), now))?)
        });
        // A broken anchor is refused more loudly elsewhere.
        let _ = noted.await;
        Err(refused.into())
    }

    async fn with<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let store = Arc::clone(&self.store);
        blocking(move || call(&store)).await
    }

    /// Checks every event, against the anchor beside the database and those of this vault in `anchors`.
    ///
    /// # Errors
    /// `file_trouble` when the folder cannot be read; those of the store. A broken chain is an answer.
    pub async fn verify(&self, anchors: Option<PathBuf>) -> Result<AuditVerdict, AppError> {
        self.allow(Action::ReadAudit).await?;
        let vault = self.vault.id();
        self.with(move |store| {
            let mut elsewhere = vec![];
            if let Some(folder) = anchors {
                let failed = |e: &std::io::Error| AppError::file("read the anchors", e);
                for entry in std::fs::read_dir(&folder).map_err(|e| failed(&e))? {
                    let path = entry.map_err(|e| failed(&e))?.path();
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    if name.starts_with(&format!("iambilly-anchor-{vault}-")) {
                        let bytes = std::fs::read(&path).map_err(|e| failed(&e))?;
                        elsewhere.push(store.unseal_head(&bytes).ok_or_else(|| anchor_foreign(&name))?);
                    }
                }
                if elsewhere.is_empty() {
                    return Err(Fault::new(
                        FaultKind::Input,
                        "no_anchors",
                        "That folder holds no anchor of this data folder.",
                        "Choose the folder that audit anchor was given.",
                    )
                    .into());
                }
            }
            Ok(store.verify_audit(&elsewhere)?)
        })
        .await
    }

    /// Goes on with records that contradict their anchor; the audit says so for ever.
    ///
    /// # Errors
    /// A conflict when there is nothing to accept.
    pub async fn accept(&self) -> Result<AuditHead, AppError> {
        self.allow(Action::AcceptAudit).await?;
        let (now, by) = ((self.surroundings.now)(), self.actor.id());
        self.with(move |store| Ok(store.accept_audit(&by, now)?)).await
    }

    /// Writes events to a file, and beside it `FILE.sig.json` with a signature that shows it is unchanged. That they
    /// left is noted first, where the records agree with their anchor.
    ///
    /// # Errors
    /// `file_exists`, and what the disk says.
    pub async fn export(
        &self,
        selection: Selection,
        format: Format,
        file: PathBuf,
    ) -> Result<crate::audit_export::Signature, AppError> {
        self.allow(Action::ReadAudit).await?;
        let seed = self.vault.signing_seed()?;
        let (now, by) = ((self.surroundings.now)(), self.actor.id());
        let vault = self.vault.id();
        self.with(move |store| {
            let signature = crate::audit_export::signature_path(&file);
            for path in [&file, &signature] {
                if path.exists() {
                    return Err(Fault::new(
                        FaultKind::Usage,
                        "file_exists",
                        "A file of that name exists already.",
                        "Choose another name; nothing was written.",
                    )
                    .into());
                }
            }
            let subject = match &selection {
                Selection::All => "audit",
                Selection::Id(id) => id.as_str(),
                // A patient's id in another system may identify the patient.
                Selection::Patient(_) => "patient",
                Selection::Disclosures(_) => "disclosures",
            };
            store.write(|r| r.append_audit(&by, "audit.exported", subject, now))?;
            let mut events = store.read(|r| r.audit_events(selection.subject()))?;
            if matches!(selection, Selection::Disclosures(_)) {
                events.retain(|event| left_the_program(&event.action));
            }
            crate::audit_export::write(&events, format, &file, &signature, &vault, &seed)
        })
        .await
    }
}

/// Whether an action let something of a patient out: exports, files that arrived, writes into a record system, also
/// those that may have arrived.
fn left_the_program(action: &str) -> bool {
    action.ends_with(".exported")
        || matches!(
            action,
            "claim.form_exported"
                | "claim.delivered"
                | "interchange.delivered"
                | "emr.delivered"
                | "emr.said_arrived"
                | "emr.unknown"
        )
}

fn anchor_foreign(name: &str) -> AppError {
    Fault::new(
        FaultKind::Input,
        "anchor_altered",
        format!("The anchor {name} is damaged or was not made with this data folder's key."),
        "Nothing was concluded from it. Compare it with another copy, or leave it out.",
    )
    .into()
}
