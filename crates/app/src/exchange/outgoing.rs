//! Approved claims into files: written whole or not at all, kept in the outbox in the same step in which the claims
//! become exported, and delivered from there as often as it takes.

use super::settings::ExchangeSettings;
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Claim, Fault, FaultKind, Phi};
use iambilly_edi::professional::{
    Batch, CLAIMS_A_TRANSACTION, Correspondent, ProfessionalClaim, professional_claim, write_batch,
};
use iambilly_edi::{EdiError, Lack};
use iambilly_store::{
    AnswerStatus, ClaimDecision, ClaimState, Interchange, NewInterchange, Records, SentClaim, StoreError,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
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
    /// Why it could not be delivered just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// How often delivery was tried.
    pub attempts: u32,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
    /// When it was delivered.
    pub delivered_at: Option<String>,
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
    /// What was answered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<AnswerStatus>,
}

/// What became of a delivery that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivered {
    /// Control number of the file.
    pub control: u32,
    /// Why it still waits.
    pub fault: Option<Fault>,
}

/// How the place of a file that goes to a server begins.
const SFTP: &str = "sftp://";

/// The fingerprint of the key that a server shows now, for a person to compare with what the correspondent says it is.
///
/// # Errors
/// `sftp_unreachable`.
pub async fn host_key(host: &str, port: u16) -> Result<String, Fault> {
    iambilly_sftp::host_key(host, port).await.map(|key| key.to_string()).map_err(|e| e.fault())
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
                let tried = delivered.iter().find(|d| d.control == file.control);
                file.delivered = tried.is_some_and(|d| d.fault.is_none());
                file.fault = tried.and_then(|d| d.fault.clone());
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

    /// Delivers what waits in the outbox, the oldest first; what cannot be delivered stays there, and the answer says
    /// why.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deliver(&self) -> Result<Vec<Delivered>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let by = self.by();
        let waiting = self.store(|s| s.read(|r| r.interchanges(true))).await?;
        let mut tried = vec![];
        for file in waiting.into_iter().rev() {
            let control = file.control;
            let laid = if file.folder.starts_with(SFTP) {
                self.send(&file).await
            } else {
                blocking(move || lay(&file)).await
            };
            let (now, by) = ((self.surroundings.now)(), Arc::clone(&by));
            let fault = match laid {
                Ok(receipt) => {
                    self.store(move |s| {
                        s.write(|r| {
                            r.delivered(control, now)?;
                            let receipt = format!("{control:09}:{receipt}");
                            r.append_audit(&by, "interchange.delivered", &receipt, now).map(drop)
                        })
                    })
                    .await?;
                    None
                }
                Err(error) => {
                    self.store(move |s| s.write(|r| r.delivery_failed(control))).await?;
                    Some(error.fault())
                }
            };
            tried.push(Delivered { control, fault });
        }
        Ok(tried)
    }

    /// Delivers what waits and lists all files, those that still wait with the reason.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deliver_and_list(&self) -> Result<Vec<Exported>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let mut tried: HashMap<u32, Delivered> =
            self.deliver().await?.into_iter().map(|d| (d.control, d)).collect();
        let mut files = self.interchanges().await?;
        for file in &mut files {
            file.fault = tried.remove(&file.control).and_then(|d| d.fault);
        }
        Ok(files)
    }

    /// Sends a file to its correspondent's server; the receipt names file, place and the server's key.
    async fn send(&self, file: &Interchange) -> Result<String, AppError> {
        let body =
            file.body.as_ref().ok_or_else(|| AppError::internal("the outbox has no such file"))?.expose();
        if hex(&Sha256::digest(body)) != file.sha256 {
            return Err(AppError::internal("a file in the outbox is damaged"));
        }
        // Where it goes is as the settings are now: a server that moved, or has another key, is set there.
        let settings = self.exchange_settings().await?;
        let place = settings.sftp.get(&file.correspondent).ok_or_else(|| {
            refused(
                "server_missing",
                format!("No server is set for the correspondent “{}” any more.", file.correspondent),
                "Give it one in the exchange settings; the file waits.",
            )
        })?;
        let credential = self.exchange_credential(&file.correspondent).await?.ok_or_else(|| {
            refused(
                "credential_missing",
                format!("No password or key is kept for the server of “{}”.", file.correspondent),
                "iambilly exchange credential takes one; the file waits.",
            )
        })?;
        let server = place.server().map_err(|e| e.fault())?;
        iambilly_sftp::upload(&server, &credential, &file.name, body).await.map_err(|e| e.fault())?;
        Ok(format!("{}:{}:{}", file.sha256, place.place(), server.host_key))
    }

    /// Files of claims that left or wait to, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn interchanges(&self) -> Result<Vec<Exported>, AppError> {
        self.allow(Action::ExportClaim).await?;
        self.store(|s| {
            s.read(|r| {
                let mut sent: HashMap<u32, Vec<SentClaim>> = HashMap::new();
                for claim in r.sent_claims(None)? {
                    sent.entry(claim.interchange).or_default().push(claim);
                }
                let (files, answered) = (r.interchanges(false)?, r.last_answers()?);
                let view = |file: Interchange| {
                    let claims = sent.remove(&file.control).unwrap_or_default();
                    view(&file, claims, &answered)
                };
                Ok(files.into_iter().map(view).collect())
            })
        })
        .await
    }
}

fn view(file: &Interchange, claims: Vec<SentClaim>, answered: &HashMap<ClaimId, AnswerStatus>) -> Exported {
    let claims = claims.into_iter().map(|c| ExportedClaim {
        claim_id: c.claim,
        revision: c.revision,
        answered: answered.get(&c.claim).copied(),
        control: c.control,
    });
    Exported {
        control: file.control,
        correspondent: file.correspondent.clone(),
        file: Path::new(&file.folder).join(&file.name),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        delivered: file.delivered_at.is_some(),
        fault: None,
        attempts: file.attempts,
        created_at: file.created_at.to_string(),
        delivered_at: file.delivered_at.map(|at| at.to_string()),
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
    // One transaction a file: an answer to it is an answer to all its claims.
    let files: Vec<(Order<'_>, Vec<(Approved, ProfessionalClaim)>)> = batches(settings, approved)?
        .into_iter()
        .flat_map(|((correspondent, _), claims)| {
            let mut rest = claims.into_iter().peekable();
            std::iter::from_fn(move || {
                rest.peek()?;
                Some((correspondent, rest.by_ref().take(CLAIMS_A_TRANSACTION).collect()))
            })
        })
        .collect();
    let mut control = r.last_interchange()?;
    let (one, several) = (files.len() == 1, files.len() > 1);
    let mut made = vec![];
    for (correspondent, claims) in files {
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
            Target::Watched => {
                match (settings.sftp.get(&correspondent.id), settings.folders.get(&correspondent.id)) {
                    (Some(server), _) => (PathBuf::from(server.place()), name),
                    (None, Some(folder)) => (folder.clone(), name),
                    (None, None) => {
                        return Err(refused(
                            "folder_needed",
                            format!(
                                "No folder or server is set for the correspondent “{}”.",
                                correspondent.id
                            ),
                            "Give a file or folder with -o, or a folder or server in the exchange settings.",
                        ));
                    }
                }
            }
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
        fault: None,
        attempts: 0,
        created_at: now.to_string(),
        delivered_at: None,
        claims: sent
            .into_iter()
            .map(|c| ExportedClaim {
                claim_id: c.claim,
                revision: c.revision,
                control: c.control,
                answered: None,
            })
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
