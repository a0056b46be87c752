//! What a person decides about a write: whether it arrived, whether it goes again, whether it is taken back.

use super::deliver::{DeliveryView, read};
use super::refused;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::Phi;
use iambilly_emr::Candidate;
use iambilly_store::{
    ClaimDecision, ClaimState, EmrDelivery, EmrOutcome, EmrState, EmrWriteKind, Relation, StoreError,
};
use serde::Deserialize;
use uuid::Uuid;

/// A person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// It is in the EMR under this id.
    #[serde(rename_all = "camelCase")]
    Arrived {
        /// The EMR's id.
        remote_id: Phi<String>,
    },
    /// It is not in the EMR: send it again. Also for what was rejected, once that is put right.
    Again,
    /// It is not in the EMR and is not to be sent any more.
    Cancel,
}

impl Decision {
    const fn allowed(&self, from: EmrState) -> bool {
        use EmrState as S;
        match self {
            Self::Arrived { .. } => matches!(from, S::Unknown),
            Self::Again => matches!(from, S::Unknown | S::Rejected),
            Self::Cancel => matches!(from, S::Queued | S::Rejected | S::Unknown),
        }
    }
}

impl Session {
    async fn emr_delivery(&self, id: Uuid) -> Result<EmrDelivery, AppError> {
        let found = self.store(move |s| s.read(|r| r.emr_delivery(id))).await?;
        Ok(found.ok_or(StoreError::NotFound { what: "delivery" })?)
    }

    /// Looks into the EMR for records that may be a write whose answer was lost.
    ///
    /// # Errors
    /// What the EMR answers.
    pub async fn look_for_emr(&self, id: Uuid) -> Result<Vec<Candidate>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let delivery = self.emr_delivery(id).await?;
        let connected = self.emr_connected(delivery.connection).await?;
        let write = read(&delivery)?;
        let found = connected.adapter.look_for(&write).await;
        self.emr_note(&connected).await?;
        self.note("emr.looked_for", &id.to_string()).await?;
        let sent = self.store(|s| s.read(|r| r.emr_deliveries(None))).await?;
        // What another write of ours is known to have made is not this one; but a problem is on the list once.
        let ours = |c: &Candidate| {
            delivery.kind != EmrWriteKind::Problem
                && sent
                    .iter()
                    .any(|d| d.connection == delivery.connection && d.remote_id.as_ref() == Some(&c.id))
        };
        Ok(found?.into_iter().filter(|c| !ours(c)).collect())
    }

    /// A claim that may be in the EMR, or that was corrected or voided meanwhile, is not taken back: it would become
    /// free to leave by 837P, and the payer would see it twice.
    async fn may_be_taken_back(&self, delivery: &EmrDelivery) -> Result<(), AppError> {
        if delivery.kind != EmrWriteKind::Claim {
            return Ok(());
        }
        let claim = delivery.claim;
        let related = self.store(move |s| s.read(|r| r.related_claims(claim))).await?;
        let amended = related.iter().any(|other| {
            !other.is_older && other.relation != Relation::Companion && other.state != ClaimState::Rejected
        });
        if amended {
            return Err(refused(
                "emr_claim_amended",
                "This claim was corrected or voided since: it cannot be taken back.",
                "Reject the corrected or void claim first, or say that this one is in the EMR.",
            ));
        }
        if delivery.state == EmrState::Unknown {
            let there = self.look_for_emr(delivery.id).await?;
            if there.iter().any(|c| c.same) {
                return Err(refused(
                    "emr_claim_is_there",
                    "The EMR has a claim of that day with the same codes.",
                    "Say that this is it; or void it in the EMR first, then take this one back.",
                ));
            }
        }
        Ok(())
    }

    /// Takes a person's decision.
    ///
    /// # Errors
    /// `emr_decision_impossible` in a state that does not leave the choice; `emr_claim_amended` and `emr_claim_is_there`
    /// for a claim that would be at the payer twice.
    pub async fn decide_emr(&self, id: Uuid, decision: Decision) -> Result<DeliveryView, AppError> {
        self.allow(Action::ExportClaim).await?;
        let delivery = self.emr_delivery(id).await?;
        if !decision.allowed(delivery.state) {
            return Err(refused(
                "emr_decision_impossible",
                format!("A delivery that is {} does not leave this choice.", delivery.state.as_str()),
                "Look at the outbox again: it may have changed meanwhile.",
            ));
        }
        let (state, remote, action) = match &decision {
            Decision::Arrived { remote_id } if remote_id.expose().trim().is_empty() => {
                return Err(refused(
                    "emr_decision_impossible",
                    "The EMR's id of the record is missing.",
                    "Choose one of the records found, or copy its id from the EMR.",
                ));
            }
            Decision::Arrived { remote_id } => {
                (EmrState::Delivered, Some(remote_id.clone()), "emr.said_arrived")
            }
            Decision::Again => (EmrState::Queued, None, "emr.sent_again"),
            Decision::Cancel => (EmrState::Cancelled, None, "emr.cancelled"),
        };
        if decision == Decision::Cancel {
            self.may_be_taken_back(&delivery).await?;
        }
        let (now, by, step) = ((self.surroundings.now)(), self.by(), self.surroundings.id());
        let from = delivery.state;
        let claim = delivery.claim;
        let takes_back = state == EmrState::Cancelled && delivery.kind == EmrWriteKind::Claim;
        self.store(move |s| {
            s.write(|r| {
                let outcome =
                    EmrOutcome { state, remote_id: remote.as_ref(), trouble: None, not_before: now, now };
                r.settle_emr(id, &[from], &outcome)?;
                if decision == Decision::Again && from == EmrState::Unknown {
                    r.emr_not_there(id)?;
                }
                r.append_audit(&by, action, &id.to_string(), now)?;
                // A claim that went nowhere may leave another way.
                if takes_back && r.times_sent(claim)? == 0 {
                    let row = r.claim(claim)?.ok_or(StoreError::NotFound { what: "claim" })?;
                    let revision =
                        r.revision(claim, None)?.ok_or(StoreError::NotFound { what: "claim revision" })?;
                    if row.state == ClaimState::Exported {
                        r.decide_claim(&ClaimDecision {
                            id: step,
                            claim,
                            revision: revision.number,
                            from: ClaimState::Exported,
                            to: ClaimState::Approved,
                            content_sha256: revision.content_sha256,
                            actor: by.to_string(),
                            reason: None,
                            at: now,
                        })?;
                        r.append_audit(&by, "claim.taken_back", &claim.to_string(), now)?;
                    }
                }
                Ok(())
            })
        })
        .await?;
        self.emr.wake();
        let all = self.emr_outbox(Some(claim)).await?;
        all.into_iter().find(|d| d.id == id).ok_or_else(|| StoreError::NotFound { what: "delivery" }.into())
    }
}
