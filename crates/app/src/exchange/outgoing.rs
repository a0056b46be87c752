//! Approved claims into files: written whole or not at all, kept in the outbox in the same step in which the claims
//! become exported, and delivered from there as often as it takes.

use super::settings::ExchangeSettings;
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Claim, Fault, FaultKind, Phi};
use iambilly_edi::professional::{Batch, Correspondent, ProfessionalClaim, professional_claim, write_batch};
use iambilly_edi::{EdiError, Lack};
use iambilly_store::{
    ClaimDecision, ClaimState, Interchange, NewInterchange, Records, SentClaim, StoreError,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Where files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One file of this name, or a folder that is there.
    Path(PathBuf),
    /// The folder that the settings name for the correspondent.
    Watched,
}

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// Control number on its envelope.
    pub control: u32,
    /// To whom.
    pub correspondent: String,
    /// Where it was laid, or is to be.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 in hex: the receipt names it.
    pub sha256: String,
    /// Whether it was delivered; else it waits in the outbox.
    pub delivered: bool,
    /// Its claims.
    pub claims: Vec<ExportedClaim>,
}

/// A claim in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedClaim {
    /// Which.
    pub claim_id: ClaimId,
    /// The approved revision.
    pub revision: u32,
    /// The number by which answers name it.
    pub control: String,
}

/// An approved claim on its way out.
struct Approved {
    id: ClaimId,
    step: Uuid,
    revision: u32,
    content_sha256: String,
    control: String,
    claim: Claim,
}

impl Session {
    /// Writes approved claims into X12 837P files, one a receiver and payer, and delivers them. All of them or none.
    ///
    /// # Errors
    /// `claim_not_approved`; `claim_incomplete` with everything the claims lack; `file_exists`; `folder_needed`.
    pub async fn export_837p(&self, ids: Vec<ClaimId>, target: Target) -> Result<Vec<Exported>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let by = self.by();
        let settings = self.exchange_settings().await?;
        let now = (self.surroundings.now)();
        let steps: Vec<(ClaimId, Uuid)> = ids.into_iter().map(|id| (id, self.surroundings.id())).collect();
        let store = self.store_handle();
        let made = blocking(move || {
            let mut refused = None;
            let done = store.write(|r| {
                export(r, &settings, &steps, &target, (&by, now)).map_err(|error| match error {
                    AppError::Store(error) => error,
                    other => {
                        refused = Some(other);
                        // Whatever it says, it undoes what was begun.
                        StoreError::Conflict { what: "the export was refused" }
                    }
                })
            });
            match refused {
                Some(error) => Err(error),
                None => Ok(done?),
            }
        })
        .await?;
        let delivered = self.deliver().await?;
        Ok(made
            .into_iter()
            .map(|mut file| {
                file.delivered = delivered.contains(&file.control);
                file
            })
            .collect())
    }

    /// The claims that are approved and not sent yet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn approved_claims(&self) -> Result<Vec<ClaimId>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let claims = self.store(|s| s.read(|r| r.claims(Some(ClaimState::Approved), u32::MAX))).await?;
        Ok(claims.into_iter().map(|c| c.claim.id).collect())
    }

    /// Delivers what waits in the outbox; what cannot be laid down stays there. Answers with the control numbers of
    /// what was delivered.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deliver(&self) -> Result<Vec<u32>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let by = self.by();
        let waiting = self.store(|s| s.read(|r| r.interchanges(true))).await?;
        let mut delivered = vec![];
        for file in waiting.into_iter().rev() {
            let control = file.control;
            let laid = blocking(move || lay(&file)).await;
            let (now, by) = ((self.surroundings.now)(), Arc::clone(&by));
            match laid {
                Ok(sha256) => {
                    self.store(move |s| {
                        s.write(|r| {
                            r.delivered(control, now)?;
                            let receipt = format!("{control:09}:{sha256}");
                            r.append_audit(&by, "interchange.delivered", &receipt, now).map(drop)
                        })
                    })
                    .await?;
                    delivered.push(control);
                }
                Err(_) => self.store(move |s| s.write(|r| r.delivery_failed(control))).await?,
            }
        }
        Ok(delivered)
    }

    /// Files of claims that left or wait to, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn interchanges(&self) -> Result<Vec<Exported>, AppError> {
        self.allow(Action::ExportClaim).await?;
        self.store(|s| {
            s.read(|r| {
                let sent = r.sent_claims(None)?;
                let files = r.interchanges(false)?;
                Ok(files.into_iter().map(|file| view(&file, &sent)).collect())
            })
        })
        .await
    }
}

fn view(file: &Interchange, sent: &[SentClaim]) -> Exported {
    let claims = sent.iter().filter(|c| c.interchange == file.control).map(|c| ExportedClaim {
        claim_id: c.claim,
        revision: c.revision,
        control: c.control.clone(),
    });
    Exported {
        control: file.control,
        correspondent: file.correspondent.clone(),
        file: Path::new(&file.folder).join(&file.name),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        delivered: file.delivered_at.is_some(),
        claims: claims.collect(),
    }
}

fn refused(code: &str, message: String, advice: &str) -> AppError {
    AppError::Fault(Fault::new(FaultKind::Input, code, message, advice))
}

fn export(
    r: &Records<'_>,
    settings: &ExchangeSettings,
    steps: &[(ClaimId, Uuid)],
    target: &Target,
    (by, now): (&str, Timestamp),
) -> Result<Vec<Exported>, AppError> {
    let mut approved = vec![];
    for (id, step) in steps {
        approved.push(take(r, *id, *step)?);
    }
    let batches = batches(settings, approved)?;
    let mut control = r.last_interchange()?;
    let (one, several) = (batches.len() == 1, batches.len() > 1);
    let mut made = vec![];
    for ((correspondent, _), claims) in batches {
        control = next_control(control, now);
        let name = format!("{control:09}.837");
        let (folder, name) = match target {
            Target::Path(path) if path.is_dir() => (path.clone(), name),
            Target::Path(path) if one && !several => file_of(path)?,
            Target::Path(_) => {
                return Err(refused(
                    "folder_needed",
                    "These claims go to several payers, so they need several files.".to_owned(),
                    "Give a folder that is there.",
                ));
            }
            Target::Watched => match settings.folders.get(&correspondent.id) {
                Some(folder) => (folder.clone(), name),
                None => {
                    return Err(refused(
                        "folder_needed",
                        format!("No folder is set for the correspondent “{}”.", correspondent.id),
                        "Give a file or folder with -o, or a folder in the exchange settings.",
                    ));
                }
            },
        };
        made.push(keep(r, settings, correspondent, control, (&folder, &name), &claims, (by, now))?);
    }
    Ok(made)
}

/// A file's folder and name; a file that is there is never overwritten.
fn file_of(path: &Path) -> Result<(PathBuf, String), AppError> {
    let exists = path.exists();
    let name = path.file_name().and_then(|n| n.to_str()).filter(|_| !exists);
    let folder = path.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
    match (folder.and_then(|f| f.canonicalize().ok()), name) {
        (Some(folder), Some(name)) => Ok((folder, name.to_owned())),
        _ if exists => Err(refused(
            "file_exists",
            "A file of that name exists already.".to_owned(),
            "Choose another name; nothing was written.",
        )),
        _ => Err(refused(
            "file_trouble",
            "That file cannot be made.".to_owned(),
            "Check that its folder exists.",
        )),
    }
}

/// A claim exactly as it was approved.
fn take(r: &Records<'_>, id: ClaimId, step: Uuid) -> Result<Approved, AppError> {
    let row = r.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
    let revision = r.revision(id, None)?.ok_or(StoreError::NotFound { what: "claim revision" })?;
    let approval = r.claim_decisions(id)?.into_iter().rfind(|d| d.to == ClaimState::Approved);
    let signed = approval
        .is_some_and(|a| a.revision == revision.number && a.content_sha256 == revision.content_sha256);
    if row.state != ClaimState::Approved || !signed {
        let state = row.state.as_str().replace('_', " ");
        return Err(refused(
            "claim_not_approved",
            format!("A claim in state “{state}” cannot leave: only exactly what was approved does."),
            "Have it approved first; an exported claim is sent again as a replacement.",
        ));
    }
    let times = r.times_sent(id)?;
    Ok(Approved {
        id,
        step,
        revision: revision.number,
        content_sha256: revision.content_sha256,
        control: claim_control(id, times + 1),
        claim: revision.claim,
    })
}

type Batches<'a> = BTreeMap<(Order<'a>, String), Vec<(Approved, ProfessionalClaim)>>;

/// A correspondent in the order of ids.
#[derive(Clone, Copy)]
struct Order<'a>(&'a Correspondent);

impl PartialEq for Order<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}
impl Eq for Order<'_> {}
impl PartialOrd for Order<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Order<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.id.cmp(&other.0.id)
    }
}
impl std::ops::Deref for Order<'_> {
    type Target = Correspondent;
    fn deref(&self) -> &Correspondent {
        self.0
    }
}

/// Claims by receiver and payer; what any of them lacks is said of all.
fn batches(settings: &ExchangeSettings, approved: Vec<Approved>) -> Result<Batches<'_>, AppError> {
    let several = approved.len() > 1;
    let mut lacks: Vec<Lack> = vec![];
    let mut batches = Batches::new();
    for claim in approved {
        let Some(receiver) = settings.receiver(&claim.claim.payer.id) else {
            let says = format!("no correspondent takes claims for the payer “{}”.", claim.claim.payer.id);
            lacks.push(Lack { item: "settings".to_owned(), says });
            continue;
        };
        match professional_claim(&claim.claim, &claim.control, &settings.payers) {
            Ok(built) => {
                let key = (Order(receiver), built.payer.id.as_str().to_owned());
                batches.entry(key).or_default().push((claim, built));
            }
            Err(EdiError::Lacks(of)) => lacks.extend(of.into_iter().map(|lack| Lack {
                says: if several { format!("{} (claim {})", lack.says, claim.id) } else { lack.says },
                ..lack
            })),
            Err(other) => return Err(other.into()),
        }
    }
    if lacks.is_empty() { Ok(batches) } else { Err(EdiError::Lacks(lacks).into()) }
}

/// Writes a file, keeps it in the outbox, and its claims become exported.
fn keep(
    r: &Records<'_>,
    settings: &ExchangeSettings,
    correspondent: Order<'_>,
    control: u32,
    (folder, name): (&Path, &str),
    claims: &[(Approved, ProfessionalClaim)],
    (by, now): (&str, Timestamp),
) -> Result<Exported, AppError> {
    let body = Phi::new(write_batch(&Batch {
        submitter: settings.submitter.clone(),
        receiver: correspondent.0.clone(),
        control,
        at: utc(now),
        claims: claims.iter().map(|(_, built)| built.clone()).collect(),
    })?);
    let sha256 = hex(&Sha256::digest(body.expose()));
    let sent: Vec<SentClaim> = claims
        .iter()
        .map(|(of, _)| SentClaim {
            control: of.control.clone(),
            interchange: control,
            claim: of.id,
            revision: of.revision,
            content_sha256: of.content_sha256.clone(),
        })
        .collect();
    let folder = folder.to_str().ok_or_else(|| AppError::internal("the folder's name is no text"))?;
    r.insert_interchange(&NewInterchange {
        control,
        correspondent: &correspondent.id,
        folder,
        name,
        sha256: &sha256,
        body: &body,
        claims: &sent,
        actor: by,
        now,
    })?;
    r.append_audit(by, "interchange.written", &format!("{control:09}:{sha256}"), now)?;
    for (of, _) in claims {
        r.decide_claim(&ClaimDecision {
            id: of.step,
            claim: of.id,
            revision: of.revision,
            from: ClaimState::Approved,
            to: ClaimState::Exported,
            content_sha256: of.content_sha256.clone(),
            actor: by.to_owned(),
            reason: None,
            at: now,
        })?;
        r.append_audit(by, "claim.exported", &of.id.to_string(), now)?;
    }
    Ok(Exported {
        control,
        correspondent: correspondent.id.clone(),
        file: Path::new(folder).join(name),
        bytes: body.expose().len() as u64,
        sha256,
        delivered: false,
        claims: sent
            .into_iter()
            .map(|c| ExportedClaim { claim_id: c.claim, revision: c.revision, control: c.control })
            .collect(),
    })
}

/// Lays a file down under its name in one step. A file of the same content that is there already was laid down before
/// the program was stopped.
fn lay(file: &Interchange) -> Result<String, AppError> {
    let body = file.body.as_ref().ok_or_else(|| AppError::internal("the outbox has no such file"))?.expose();
    if hex(&Sha256::digest(body)) != file.sha256 {
        return Err(AppError::internal("a file in the outbox is damaged"));
    }
    let folder = Path::new(&file.folder);
    let path = folder.join(&file.name);
    let trouble = |e: &std::io::Error| AppError::file("lay down the file", e);
    if path.exists() {
        let same = std::fs::read(&path).is_ok_and(|there| there == *body);
        return if same {
            Ok(file.sha256.clone())
        } else {
            Err(AppError::internal("another file has its name"))
        };
    }
    // Hidden and with another ending until it is whole, so that nobody who watches the folder takes half of it.
    let mut part =
        tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder).map_err(|e| trouble(&e))?;
    part.write_all(body).map_err(|e| trouble(&e))?;
    part.as_file().sync_all().map_err(|e| trouble(&e))?;
    part.persist_noclobber(&path).map_err(|e| trouble(&e.error))?;
    Ok(file.sha256.clone())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Seconds from 1970 to 2020.
const EPOCH: i64 = 1_577_836_800;

/// The next control number: above the last, and at least the seconds since 2020, so that an older backup that is
/// restored gives no number a second time. Nine digits last until 2051.
fn next_control(last: u32, now: Timestamp) -> u32 {
    let clock = u32::try_from(now.as_second().saturating_sub(EPOCH)).unwrap_or(0);
    (last + 1).max(clock.min(999_999_998))
}

/// The clock of a file is UTC: it must not depend on the machine's place.
fn utc(at: Timestamp) -> DateTime {
    at.to_zoned(jiff::tz::TimeZone::UTC).datetime()
}

/// The number by which answers name a claim: the random half of its id, and how often it was sent. Fifteen letters
/// and digits; the standard has room for twenty.
fn claim_control(id: ClaimId, times: u32) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letter = |n: u64| LETTERS.get(usize::try_from(n & 31).unwrap_or(0)).map_or('0', |b| char::from(*b));
    let (_, half) = id.uuid().as_u64_pair();
    let mut text: String = (0..13).rev().map(|place| letter(half >> (5 * place))).collect();
    text.push(letter(u64::from(times) >> 5));
    text.push(letter(u64::from(times)));
    text
}

#[cfg(test)]
mod tests {
    use super::{claim_control, next_control};
    use iambilly_claim::ids::ClaimId;
    use jiff::Timestamp;
    use uuid::Uuid;

    #[test]
    fn control_numbers_rise_and_outlive_a_restored_backup() {
        let at: Timestamp = "2026-11-22T09:30:00Z".parse().unwrap();
        let first = next_control(0, at);
        assert!(first > 200_000_000 && first < 999_999_999);
        assert_eq!(next_control(first, at), first + 1);
        let later = at + jiff::SignedDuration::from_hours(1);
        assert!(next_control(0, later) > next_control(first, at), "a backup of yesterday knows no number");
        assert_eq!(next_control(7, "1999-01-01T00:00:00Z".parse().unwrap()), 8, "a clock that is wrong");
    }

    #[test]
    fn claims_are_named_in_fifteen_characters() {
        let id = |n: u128| ClaimId::new(Uuid::from_u128(n));
        let one = claim_control(id(0x0197_0000_0000_7000_8abc_def0_1234_5678), 1);
        assert!(one.len() == 15 && one.bytes().all(|b| b.is_ascii_alphanumeric()), "{one}");
        assert_ne!(one, claim_control(id(0x0197_0000_0000_7000_8abc_def0_1234_5679), 1));
        assert_ne!(one, claim_control(id(0x0197_0000_0000_7000_8abc_def0_1234_5678), 2));
    }
}
