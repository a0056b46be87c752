//! Approved claims into files: written whole or not at all, kept in the outbox in the same step in which the claims
//! become exported, and delivered from there as often as it takes.

mod batch;
mod control;

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use batch::export;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{AnswerStatus, ClaimState, Interchange, SentClaim, StoreError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
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
                            // Of each claim too: the accounting of disclosures is one patient's.
                            for sent in r.sent_claims(Some(control))? {
                                r.append_audit(&by, "claim.delivered", &sent.claim.to_string(), now)?;
                            }
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
