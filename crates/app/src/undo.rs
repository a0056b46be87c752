//! Taking edits back: an older revision's coding becomes the newest revision again.
//!
//! Revisions stay as they are, so that the way of a claim can be followed; but nothing is learned from
//! corrections that were taken back.

use crate::draft;
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::view::DraftView;
use iambilly_claim::ids::{ClaimId, RevisionId};
use iambilly_store::NewRevision;

impl Session {
    /// Makes the coding of an older revision the newest one again. `seen` is the revision the coder saw.
    ///
    /// # Errors
    /// `claim_state` for an approved, rejected or exported claim; a conflict when the claim was changed
    /// meanwhile; not found for a revision that never was.
    pub async fn restore(&self, id: ClaimId, seen: u32, older: u32) -> Result<DraftView, AppError> {
        self.allow(Action::Correct).await?;
        let taken = self.codes_in_hand(id, seen, Some(older), "claim.restored_refused").await?;
        let of = taken.dictation.id;
        let (newest, moved) = self
            .store(move |s| {
                s.read(|r| Ok((r.revision(id, None)?, r.dictation_moves(of)?.last().map(|m| m.at))))
            })
            .await?;
        if newest.is_some_and(|n| n.transcript != taken.revision.transcript) {
            self.unsigned(of, "claim.restored_refused").await?;
        }
        if moved.is_some_and(|at| at > taken.revision.created_at) {
            return Err(crate::physician::refused(
                "moved_since",
                "This revision is from before the dictation was filed under its patient of now.",
                "Change the codes by hand; a revision of another patient is not taken up again.",
            ));
        }
        let (revision, dictation, text) = (taken.revision, taken.dictation, taken.transcript.transcript.text);
        let today = (self.surroundings.today)();
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let (payer, dos) = (&revision.coding.payer, revision.coding.dos);
        let pricing = self.pricing(payer, dos, None).await?;
        let header = self.completed(revision.claim.clone()).await?;
        let (revision, claim, findings) = blocking(move || {
            let mut claim = draft::claim(id, &revision.coding, text.expose(), &header);
            pricing.charge(&mut claim, &rules, today)?;
            let findings = rules.judge(&claim, &payers, today)?;
            Ok((revision, claim, findings))
        })
        .await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let revision_id = RevisionId::new(self.surroundings.id());
        self.store(move |s| {
            s.write(|r| {
                let again = NewRevision {
                    id: revision_id,
                    coding: &revision.coding,
                    claim: &claim,
                    findings: &findings,
                    transcript: revision.transcript,
                    drafted_by: &revision.drafted_by,
                    now,
                };
                r.add_revision(id, seen, &again)?;
                let providers = dictation.provider.clone().unwrap_or_default();
                r.file_dictation(
                    dictation.id,
                    &revision.coding.payer,
                    revision.coding.dos,
                    &claim.patient,
                    &providers,
                )?;
                r.withdraw_corrections(id, older)?;
                r.append_audit(&by, "claim.restored", &id.to_string(), now).map(drop)
            })
        })
        .await?;
        self.draft_now(id).await
    }
}
