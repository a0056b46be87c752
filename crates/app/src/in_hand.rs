//! A claim taken in hand to be changed: everything its next revision is made from, once its state and the revision that
//! the person saw allow it.

use crate::error::AppError;
use crate::review::not_now;
use crate::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_store::{ClaimRevision, ClaimRow, ClaimState, Dictation, StoreError, TranscriptRow};

/// A claim with its newest revision, or an older one that is to become the newest again.
pub(crate) struct InHand {
    /// The claim.
    pub(crate) claim: ClaimRow,
    /// The revision to start from.
    pub(crate) revision: ClaimRevision,
    /// The dictation it came from.
    pub(crate) dictation: Dictation,
    /// The transcript that the revision's evidence points into.
    pub(crate) transcript: TranscriptRow,
}

impl Session {
    /// Takes a claim in hand. `seen` is the newest revision as the person knows it; `older` one to start from instead.
    /// A refusal by the claim's state is noted in the audit as `refused`.
    ///
    /// # Errors
    /// `claim_state` for an approved, rejected or exported claim; `claim_changed` with the newer revision's number.
    pub(crate) async fn in_hand(
        &self,
        id: ClaimId,
        seen: u32,
        older: Option<u32>,
        refused: &'static str,
    ) -> Result<InHand, AppError> {
        let missing = |what| StoreError::NotFound { what };
        let taken = self
            .store(move |s| {
                s.read(|r| {
                    let claim = r.claim(id)?.ok_or(missing("claim"))?;
                    let revision = r.revision(id, older)?.ok_or(missing("claim revision"))?;
                    let dictation = r.dictation(claim.dictation)?.ok_or(missing("dictation"))?;
                    let transcript = match revision.transcript {
                        Some(t) => r.transcript(t)?,
                        None => r.latest_transcript(claim.dictation)?,
                    };
                    let transcript = transcript.ok_or(missing("transcript"))?;
                    Ok(InHand { claim, revision, dictation, transcript })
                })
            })
            .await?;
        if !matches!(taken.claim.state, ClaimState::Draft | ClaimState::HumanReview) {
            self.note(refused, &id.to_string()).await?;
            return Err(not_now(taken.claim.state, "edited"));
        }
        if taken.claim.current_revision != seen {
            return Err(StoreError::ClaimChanged { newest: taken.claim.current_revision }.into());
        }
        Ok(taken)
    }
}
