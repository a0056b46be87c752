//! An approved claim to an EMR: shown first, then queued in one step of the database.

use super::compose::{Composed, Left, Place, compose};
use super::connections::Connected;
use super::patients::FoundPatient;
use super::refused;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::phi::{self, Phi};
use iambilly_emr::{Vendor, Write, WriteKind};
use iambilly_store::{
    ClaimDecision, ClaimRevision, ClaimState, EmrState, EmrWriteKind, NewEmrDelivery, Records, StoreError,
    TranscriptRow,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Something that goes.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedWrite {
    /// What kind.
    pub kind: WriteKind,
    /// What it is.
    pub says: String,
    /// Exactly what is written: the note's text; else empty.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Where it is, if it was sent before.
    pub already: Option<EmrState>,
}

/// Something that does not go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotSent {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// What instead.
    pub instead: String,
}

/// What goes and what does not, before anything is sent.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// To which connection.
    pub connection: Uuid,
    /// Its name.
    pub name: String,
    /// For people.
    pub vendor: &'static str,
    /// The EMR's id of the claim's patient; none until it is chosen.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<Option<String>>,
    /// The patient chosen, as the EMR last showed them here.
    pub chosen: Option<FoundPatient>,
    /// Whether an encounter must be chosen.
    pub needs_encounter: bool,
    /// In the order it leaves.
    pub goes: Vec<PlannedWrite>,
    /// What does not.
    pub stays: Vec<NotSent>,
}

/// A claim as it was approved, and its note.
struct Approved {
    revision: ClaimRevision,
    state: ClaimState,
    transcript: Option<TranscriptRow>,
}

/// What a write is known by: the same content for the same claim at the same EMR is the same write.
fn ledger(connection: Uuid, claim: ClaimId, body: &str) -> String {
    let mut hash = Sha256::new();
    for part in [connection.to_string().as_str(), claim.to_string().as_str(), body] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"))
}

fn body(write: &Write) -> Result<String, AppError> {
    serde_json::to_string(write).map_err(|_| AppError::internal("a write is not JSON"))
}

/// Only exactly what was approved leaves.
fn approved(r: &Records<'_>, id: ClaimId) -> Result<Option<Approved>, StoreError> {
    let row = r.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
    let revision = r.revision(id, None)?.ok_or(StoreError::NotFound { what: "claim revision" })?;
    let approval = r.claim_decisions(id)?.into_iter().rfind(|d| d.to == ClaimState::Approved);
    let signed = approval
        .is_some_and(|a| a.revision == revision.number && a.content_sha256 == revision.content_sha256);
    if !signed || !matches!(row.state, ClaimState::Approved | ClaimState::Exported) {
        return Ok(None);
    }
    let transcript = match revision.transcript {
        Some(of) => r.transcript(of)?,
        None => r.latest_transcript(row.dictation)?,
    };
    Ok(Some(Approved { revision, state: row.state, transcript }))
}

impl Session {
    async fn approved_for_emr(&self, claim: ClaimId) -> Result<Approved, AppError> {
        self.store(move |s| s.read(|r| approved(r, claim))).await?.ok_or_else(|| {
            refused(
                "claim_not_approved",
                "Only exactly what was approved goes to an EMR.",
                "Have the claim approved first.",
            )
        })
    }

    async fn linked(
        &self,
        connected: &Connected,
        approved: &Approved,
    ) -> Result<Phi<Option<String>>, AppError> {
        let id = connected.row.id;
        match approved.revision.claim.patient.id.expose().clone() {
            Some(patient) => {
                let found = self.store(move |s| s.read(|r| r.emr_link(id, &Phi::new(patient)))).await?;
                Ok(found.map(Phi::into_exposed).into())
            }
            None => Ok(None.into()),
        }
    }

    /// What of an approved claim goes to an EMR and what does not.
    ///
    /// # Errors
    /// `claim_not_approved`, `emr_connection_unknown`.
    pub async fn emr_plan(
        &self,
        id: Uuid,
        claim: ClaimId,
        encounter: Phi<Option<String>>,
    ) -> Result<PlanView, AppError> {
        self.allow(Action::ExportClaim).await?;
        let connected = self.emr_connected(id).await?;
        let approved = self.approved_for_emr(claim).await?;
        let patient = self.linked(&connected, &approved).await?;
        let chosen = match patient.expose().clone() {
            Some(remote) => self.emr_patient_kept(id, &Phi::new(remote)).await?,
            None => None,
        };
        let stand_in = Phi::new(patient.expose().clone().unwrap_or_default());
        let place = Place { config: &connected.config, patient: &stand_in, encounter: &encounter };
        let (goes, stays) = compose(&approved.revision, approved.transcript.as_ref(), &place);
        let sent = self.store(move |s| s.read(|r| r.emr_deliveries(Some(claim)))).await?;
        let goes = goes
            .into_iter()
            .map(|Composed { write, says }| {
                let same = body(&write)?;
                let of = sent.iter().rfind(|d| d.connection == id && *d.body.expose() == same);
                Ok(PlannedWrite {
                    kind: write.kind(),
                    text: match &write {
                        Write::Note(note) => note.text.clone(),
                        _ => Phi::new(String::new()),
                    },
                    already: of.map(|d| d.state).filter(|s| *s != EmrState::Cancelled),
                    says,
                })
            })
            .collect::<Result<_, AppError>>()?;
        Ok(PlanView {
            connection: id,
            name: connected.row.name.clone(),
            vendor: connected.config.vendor.name(),
            patient,
            chosen,
            needs_encounter: connected.config.vendor == Vendor::Epic,
            goes,
            stays: stays
                .into_iter()
                .map(|Left { what, why, instead }| NotSent { what, why, instead })
                .collect(),
        })
    }

    /// Queues what goes; what was queued before is not queued again. A claim that the EMR takes itself becomes exported
    /// in the same step, so that it does not go by 837P as well. Answers with how many were queued.
    ///
    /// # Errors
    /// `claim_not_approved`, `emr_patient_not_linked`, `emr_no_encounter`.
    pub async fn send_to_emr(
        &self,
        id: Uuid,
        claim: ClaimId,
        encounter: Phi<Option<String>>,
        kinds: Option<Vec<WriteKind>>,
    ) -> Result<u32, AppError> {
        self.allow(Action::ExportClaim).await?;
        let connected = self.emr_connected(id).await?;
        let approved_now = self.approved_for_emr(claim).await?;
        let patient = self.linked(&connected, &approved_now).await?.into_exposed().ok_or_else(|| {
            refused(
                "emr_patient_not_linked",
                "Nobody has said yet who this patient is in the EMR.",
                "Look the patient up in the EMR and choose them.",
            )
        })?;
        if connected.config.vendor == Vendor::Epic && encounter.expose().is_none() {
            return Err(iambilly_emr::EmrError::from(iambilly_emr::Trouble::NoEncounter).into());
        }
        let patient = Phi::new(patient);
        let place = Place { config: &connected.config, patient: &patient, encounter: &encounter };
        let (goes, _) = compose(&approved_now.revision, approved_now.transcript.as_ref(), &place);
        let (now, by) = ((self.surroundings.now)(), self.by());
        let mut new = vec![];
        for Composed { write, says } in goes {
            if kinds.as_ref().is_some_and(|k| !k.contains(&write.kind())) {
                continue;
            }
            let body = body(&write)?;
            new.push(NewEmrDelivery {
                id: self.surroundings.id(),
                connection: id,
                claim,
                revision: approved_now.revision.number,
                kind: match write.kind() {
                    WriteKind::Note => EmrWriteKind::Note,
                    WriteKind::Problem => EmrWriteKind::Problem,
                    WriteKind::Claim => EmrWriteKind::Claim,
                },
                says,
                ledger: ledger(id, claim, &body),
                body: Phi::new(body),
                actor: by.to_string(),
                now,
            });
        }
        let step = self.surroundings.id();
        let hash = approved_now.revision.content_sha256;
        let queued = self
            .store(move |s| {
                s.write(|r| {
                    // Between the look and this step it may have been reopened.
                    let again = approved(r, claim)?.filter(|a| a.revision.content_sha256 == hash);
                    let again =
                        again.ok_or(StoreError::Conflict { what: "the claim was changed meanwhile" })?;
                    let mut queued = 0;
                    for write in &new {
                        // A claim that left by 837P already does not go to the EMR as well.
                        if write.kind == EmrWriteKind::Claim && again.state == ClaimState::Exported {
                            continue;
                        }
                        if !r.queue_emr(write)? {
                            continue;
                        }
                        queued += 1;
                        r.append_audit(&by, "emr.queued", &claim.to_string(), now)?;
                        if write.kind == EmrWriteKind::Claim {
                            r.decide_claim(&ClaimDecision {
                                id: step,
                                claim,
                                revision: again.revision.number,
                                from: ClaimState::Approved,
                                to: ClaimState::Exported,
                                content_sha256: hash.clone(),
                                actor: by.to_string(),
                                reason: None,
                                at: now,
                            })?;
                            r.append_audit(&by, "claim.exported", &claim.to_string(), now)?;
                        }
                    }
                    Ok(queued)
                })
            })
            .await?;
        self.emr.wake();
        Ok(queued)
    }
}
