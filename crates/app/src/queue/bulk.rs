//! Many claims at once: what would happen to each is shown first, then each takes its step on its own, under the same
//! rules as alone. One that cannot says why; the others go on.

use super::QueueQuery;
use crate::error::AppError;
use crate::people::Action;
use crate::review::Step;
use crate::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind, Phi, Verdict, phi};
use iambilly_store::{ClaimState, StoreError};
use serde::{Deserialize, Serialize};

/// As many claims are moved at once.
const MOST: usize = 500;

/// What is done to many claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum BulkStep {
    /// Drafts go to review.
    Submit,
    /// Reviewed claims without any finding or question are approved.
    Approve,
    /// Reviewed claims are sent back.
    Reject {
        /// Why.
        #[serde(serialize_with = "phi::disclose")]
        reason: Phi<String>,
    },
    /// Given to a person, or with an empty id to nobody.
    Assign {
        /// Whose.
        assignee: String,
    },
}

impl BulkStep {
    const fn permission(&self) -> Action {
        match self {
            Self::Submit => Action::Submit,
            Self::Approve | Self::Reject { .. } => Action::Decide,
            Self::Assign { .. } => Action::Organise,
        }
    }
}

/// A claim as it was chosen: the revision is the one seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Chosen {
    /// The claim.
    pub claim_id: ClaimId,
    /// Its newest revision as it was seen.
    pub revision: u32,
}

/// What became, or would become, of one claim.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkOutcome {
    /// The claim.
    pub claim_id: ClaimId,
    /// "Last, First"; empty when not known.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<String>,
    /// Why it cannot be done, or was not.
    pub fault: Option<Fault>,
}

fn too_many() -> AppError {
    Fault::new(
        FaultKind::Usage,
        "too_many_claims",
        format!("At most {MOST} claims are moved at once."),
        "Narrow the filter, or choose fewer.",
    )
    .into()
}

impl Session {
    /// What a step would do to each of the claims; nothing is changed.
    ///
    /// # Errors
    /// `too_many_claims`; those of the store.
    pub async fn bulk_preview(
        &self,
        chosen: Vec<Chosen>,
        step: BulkStep,
    ) -> Result<Vec<BulkOutcome>, AppError> {
        self.allow(step.permission()).await?;
        if chosen.len() > MOST {
            return Err(too_many());
        }
        let mut all = Vec::with_capacity(chosen.len());
        for one in chosen {
            all.push(self.foreseen(one, &step).await?);
        }
        Ok(all)
    }

    /// Takes a step with each of the claims, one after the other.
    ///
    /// # Errors
    /// `too_many_claims`; those of the store. What cannot be done to a claim stands in its outcome.
    pub async fn bulk(&self, chosen: Vec<Chosen>, step: BulkStep) -> Result<Vec<BulkOutcome>, AppError> {
        self.allow(step.permission()).await?;
        if chosen.len() > MOST {
            return Err(too_many());
        }
        let mut all = Vec::with_capacity(chosen.len());
        for one in chosen {
            let mut outcome = self.foreseen(one, &step).await?;
            if outcome.fault.is_none() {
                let seen = Some(one.revision);
                let done = match &step {
                    BulkStep::Submit => self.decide(one.claim_id, seen, Step::Submit).await.map(drop),
                    BulkStep::Approve => self.decide(one.claim_id, seen, Step::Approve).await.map(drop),
                    BulkStep::Reject { reason } => {
                        let step = Step::Reject { reason: reason.clone() };
                        self.decide(one.claim_id, seen, step).await.map(drop)
                    }
                    BulkStep::Assign { assignee } => self.assign(one.claim_id, assignee.clone()).await,
                };
                outcome.fault = done.err().map(|e| e.fault());
            }
            all.push(outcome);
        }
        Ok(all)
    }

    /// The same for every claim that a query finds, as they stand now.
    ///
    /// # Errors
    /// `too_many_claims`; those of [`Session::queue`].
    pub async fn chosen_by(&self, mut query: QueueQuery) -> Result<Vec<Chosen>, AppError> {
        self.allow(Action::ViewClaims).await?;
        query.limit = u32::try_from(MOST).unwrap_or(u32::MAX);
        let page = self.queue(query).await?;
        if page.next.is_some() {
            return Err(too_many());
        }
        Ok(page.rows.iter().map(|r| Chosen { claim_id: r.claim_id, revision: r.revision }).collect())
    }

    async fn foreseen(&self, one: Chosen, step: &BulkStep) -> Result<BulkOutcome, AppError> {
        let missing = |what| StoreError::NotFound { what };
        let id = one.claim_id;
        let (claim, revision) = self
            .store(move |s| {
                s.read(|r| {
                    let claim = r.claim(id)?.ok_or(missing("claim"))?;
                    Ok((claim, r.revision(id, None)?.ok_or(missing("claim revision"))?))
                })
            })
            .await?;
        let name = |part: &Phi<Option<String>>| part.expose().clone().filter(|n| !n.is_empty());
        let patient = &revision.claim.patient;
        let patient = [name(&patient.last), name(&patient.first)].into_iter().flatten().collect::<Vec<_>>();
        let state = |wanted: ClaimState, done: &str| {
            (claim.state != wanted).then(|| crate::review::not_now(claim.state, done).fault())
        };
        let changed = (claim.current_revision != one.revision)
            .then(|| StoreError::ClaimChanged { newest: claim.current_revision }.fault());
        let fault = match step {
            BulkStep::Assign { .. } => None,
            BulkStep::Submit => changed.or_else(|| state(ClaimState::Draft, "submitted")),
            BulkStep::Reject { .. } => changed.or_else(|| state(ClaimState::HumanReview, "rejected")),
            BulkStep::Approve => changed.or_else(|| state(ClaimState::HumanReview, "approved")),
        };
        let fault = match (fault, step) {
            (None, BulkStep::Approve) => self.needs_a_look(id).await?,
            (fault, _) => fault,
        };
        Ok(BulkOutcome { claim_id: id, patient: Phi::new(patient.join(", ")), fault })
    }

    /// Why a claim is not approved unseen: by today's rules it is not clean, or something is asked.
    async fn needs_a_look(&self, id: ClaimId) -> Result<Option<Fault>, AppError> {
        let view = self.draft_now(id).await?;
        let clean = view.findings.verdict == Verdict::Clean && view.coding.queries.is_empty();
        Ok((!clean).then(|| {
            Fault::new(
                FaultKind::Input,
                "needs_a_look",
                "This claim has a finding or an open question.",
                "Open it: only claims that are clean by today's rules are approved together.",
            )
        }))
    }
}
