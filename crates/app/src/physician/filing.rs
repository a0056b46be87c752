//! A dictation filed under its patient: chosen after it was dictated, or another one than was thought.
//!
//! Every open claim of it goes along as its next revision, and loses what was said of the other patient's coverage, dates
//! and authorisation. What was approved is reopened first; what was sent is not moved, but voided.

use super::refused;
use crate::draft;
use crate::error::AppError;
use crate::people::Action;
use crate::review::not_now;
use crate::session::{Session, blocking};
use crate::view::DictationView;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{ClaimId, DictationId, RevisionId};
use iambilly_claim::{Claim, Coding, Findings, Phi, phi};
use iambilly_store::{ClaimRevision, ClaimState, DictationMove, NewRevision, StoreError};
use serde::{Deserialize, Serialize};

/// Under whom a dictation is to be filed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Filing {
    /// The patient.
    pub patient: Patient,
    /// Payer id, where it is another with the patient.
    pub payer: Option<String>,
    /// Why; needed where somebody else stood there.
    #[serde(serialize_with = "phi::disclose")]
    pub reason: Phi<String>,
}

/// A claim with what it will say.
struct Moved {
    id: ClaimId,
    revision: RevisionId,
    seen: ClaimRevision,
    coding: Coding,
    claim: Claim,
    findings: Findings,
}

/// Whether two are one person, as far as both are said.
fn same(a: &Patient, b: &Patient) -> bool {
    let part = |p: &Phi<Option<String>>| {
        p.expose().as_deref().map(|t| t.trim().to_lowercase()).filter(|t| !t.is_empty())
    };
    match (part(&a.id), part(&b.id)) {
        (Some(a), Some(b)) => a == b,
        _ => {
            part(&a.last) == part(&b.last)
                && part(&a.first) == part(&b.first)
                && part(&a.birth_date) == part(&b.birth_date)
        }
    }
}

/// A claim of somebody else: what was the other patient's is taken away, the codes and who did what stay.
fn of_another(claim: &Claim, patient: &Patient, payer: &str) -> Claim {
    Claim {
        patient: patient.clone(),
        payer: if payer == claim.payer.id { claim.payer.clone() } else { crate::payers::payer(payer) },
        insured: None,
        other_insured: None,
        prior_auth_number: None,
        original_reference: None,
        condition: None,
        signatures: None,
        illness: None,
        other_date: None,
        unable_to_work: None,
        hospitalization: None,
        additional_information: Phi::new(None),
        amount_paid: None,
        total_charge: None,
        history: vec![],
        ..claim.clone()
    }
}

impl Session {
    /// Files a dictation, with its recording, text and claims, under a patient.
    ///
    /// # Errors
    /// `patient_missing`; `reason_needed` to take it from somebody else; `claim_exported` once a claim of it was sent,
    /// `claim_state` while one is approved: nothing is moved then.
    pub async fn file_patient(&self, id: DictationId, filing: Filing) -> Result<DictationView, AppError> {
        self.allow(Action::FileDictation).await?;
        let said = |p: &Phi<Option<String>>| p.expose().as_deref().is_some_and(|t| !t.trim().is_empty());
        let patient = filing.patient;
        let (dictation, claims) = self
            .store(move |s| {
                s.read(|r| {
                    let dictation = r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                    let mut claims = vec![];
                    for claim in r.claims_of(id)? {
                        let revision = r
                            .revision(claim.id, None)?
                            .ok_or(StoreError::NotFound { what: "claim revision" })?;
                        let text = match revision.transcript {
                            Some(t) => r.transcript(t)?.map(|t| t.transcript.text),
                            None => None,
                        };
                        claims.push((claim, revision, text.unwrap_or_default()));
                    }
                    Ok((dictation, claims))
                })
            })
            .await?;
        if !said(&patient.id) && !said(&patient.last) {
            return Err(refused(
                "patient_missing",
                "Nobody was chosen.",
                "Choose a patient of the clinic, or give at least a family name.",
            ));
        }
        let before = dictation.patient.clone().filter(|p| *p != Patient::default());
        let payer = filing.payer.filter(|p| !p.trim().is_empty()).unwrap_or_else(|| dictation.payer.clone());
        let stays = before.as_ref().is_some_and(|b| same(b, &patient));
        if before.is_some() && !stays && filing.reason.expose().trim().is_empty() {
            return Err(refused(
                "reason_needed",
                "This step needs a reason.",
                "Say in a sentence how the dictation came to be under the other patient.",
            ));
        }
        for (claim, ..) in &claims {
            let refusal = match claim.state {
                ClaimState::Exported => refused(
                    "claim_exported",
                    "A claim of this dictation was sent: it is not moved to another patient any more.",
                    "Void the claim that was sent, and dictate the note anew for the right patient.",
                ),
                ClaimState::Approved => not_now(claim.state, "moved to another patient"),
                _ => continue,
            };
            self.note("dictation.move_refused", &id.to_string()).await?;
            return Err(refusal);
        }
        let mut moved = vec![];
        for (claim, revision, text) in claims {
            moved.push(self.moved(claim.id, revision, text, &patient, &payer).await?);
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        let row = DictationMove {
            id: self.surroundings.id(),
            dictation: id,
            from: before.clone(),
            to: Some(patient),
            reason: filing.reason,
            actor: by.to_string(),
            at: now,
        };
        let action = if before.is_none() || stays { "dictation.filed" } else { "dictation.moved" };
        self.store(move |s| {
            s.write(|r| {
                r.move_dictation(&row, Some(&payer))?;
                for one in &moved {
                    let next = NewRevision {
                        id: one.revision,
                        coding: &one.coding,
                        claim: &one.claim,
                        findings: &one.findings,
                        transcript: one.seen.transcript,
                        drafted_by: &one.seen.drafted_by,
                        now,
                    };
                    r.add_revision(one.id, one.seen.number, &next)?;
                    r.append_audit(&by, "claim.patient_changed", &one.id.to_string(), now)?;
                }
                r.append_audit(&by, action, &id.to_string(), now)?;
                let dictation = r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                crate::view::dictation(r, &dictation)
            })
        })
        .await
    }

    /// What a claim says of its new patient, charged and judged.
    async fn moved(
        &self,
        id: ClaimId,
        seen: ClaimRevision,
        text: Phi<String>,
        patient: &Patient,
        payer: &str,
    ) -> Result<Moved, AppError> {
        let mut coding = seen.coding.clone();
        payer.clone_into(&mut coding.payer);
        let header = self.completed(of_another(&seen.claim, patient, payer)).await?;
        let pricing = self.pricing(&coding.payer, coding.dos, None).await?;
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let today = (self.surroundings.today)();
        let (coding, claim, findings) = blocking(move || {
            let mut claim = draft::claim(id, &coding, text.expose(), &header);
            pricing.charge(&mut claim, &rules, today)?;
            let findings = rules.judge(&claim, &payers, today)?;
            Ok((coding, claim, findings))
        })
        .await?;
        Ok(Moved { id, revision: RevisionId::new(self.surroundings.id()), seen, coding, claim, findings })
    }
}

#[cfg(test)]
mod tests {
    use super::{of_another, same};
    use iambilly_claim::Claim;
    use iambilly_claim::claim::Patient;

    fn patient(json: &str) -> Patient {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn one_person_is_told_by_number_else_by_name_and_birth() {
        for (a, b, one) in [
            (r#"{"id":"F-1","last":"A"}"#, r#"{"id":"f-1","last":"B"}"#, true),
            (r#"{"id":"F-1","last":"A"}"#, r#"{"id":"F-2","last":"A"}"#, false),
            (
                r#"{"last":"Fernworth","first":"Odile","birth_date":"1957-08-14"}"#,
                r#"{"id":"F-1","last":"fernworth ","first":"Odile","birth_date":"1957-08-14"}"#,
                true,
            ),
            (r#"{"last":"Fernworth","first":"Odile"}"#, r#"{"last":"Fernworth","first":"Bram"}"#, false),
        ] {
            assert_eq!(same(&patient(a), &patient(b)), one, "{a} {b}");
        }
    }

    #[test]
    fn nothing_of_the_other_patient_goes_along() {
        let claim: Claim = serde_json::from_str(
            r#"{"patient":{"id":"F-1","last":"Fernworth","member_id":"1EG4"},"payer":{"id":"acme"},"prior_auth_number":"A1",
                "insured":{"last":"Fernworth"},"rendering_provider":{"npi":"1245319599"},"diagnoses":["M51.26"],
                "lines":[{"number":1,"code":"63030"}],"amount_paid":"20.00"}"#,
        )
        .unwrap();
        let moved = of_another(&claim, &patient(r#"{"id":"Q-2","last":"Quillfeather"}"#), "acme");
        let text = serde_json::to_string(&moved).unwrap();
        for gone in ["Fernworth", "1EG4", "A1", "20.00"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        assert_eq!(
            (moved.lines.len(), moved.diagnoses.len(), &moved.rendering_provider),
            (1, 1, &claim.rendering_provider)
        );
    }
}
