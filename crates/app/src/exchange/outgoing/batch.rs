//! Approved claims become files, one a receiver and payer: written, kept in the outbox, their claims exported.

use super::super::settings::ExchangeSettings;
use super::control::{claim_control, next_control, utc};
use super::{Exported, ExportedClaim, Target, hex, refused};
use crate::error::AppError;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Claim, Phi};
use iambilly_edi::professional::{
    Batch, CLAIMS_A_TRANSACTION, Correspondent, ProfessionalClaim, professional_claim, write_batch,
};
use iambilly_edi::{EdiError, Lack};
use iambilly_store::{ClaimDecision, ClaimState, NewInterchange, Records, SentClaim, StoreError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// An approved claim on its way out.
struct Approved {
    id: ClaimId,
    step: Uuid,
    revision: u32,
    content_sha256: String,
    control: String,
    claim: Claim,
}

pub(super) fn export(
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
