//! What a claim says beside its codes, edited by a person: patient, insured, payer, providers, facility, authorisation,
//! dates, and of a line what its evidence does not decide. Each change is the next revision, scrubbed again.
//!
//! Who drafted the codes stays as it was, so that a second opinion still comes and the readers' work stays theirs; the
//! audit says who changed the header.

use crate::draft::{self, Providers};
use crate::error::AppError;
use crate::in_hand::InHand;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::view::DraftView;
use iambilly_claim::form::Insured;
use iambilly_claim::ids::{ClaimId, RevisionId};
use iambilly_claim::{Claim, Coding, Fault, FaultKind};
use iambilly_store::{NewRevision, Relation};
use jiff::civil::Date;

/// A claim's header as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Everything beside diagnoses and lines. A line given here by its number changes its charge, place, last day,
    /// emergency, EPSDT, rendering provider and supplement; codes are changed by edits.
    pub claim: Claim,
    /// The date of service, where it is to be another.
    pub dos: Option<Date>,
}

/// Reads a header from JSON: the claim's fields, and `dos`.
///
/// # Errors
/// `header_invalid` with line and column, never content.
pub fn read(json: &str) -> Result<Header, Fault> {
    let invalid = |what: String| {
        Fault::new(
            FaultKind::Input,
            "header_invalid",
            what,
            "Give the claim's fields beside diagnoses and lines; docs/contract.md names all of them.",
        )
    };
    let claim: Claim = serde_json::from_str(json).map_err(|e| {
        invalid(format!(
            "The header is not valid JSON of a claim (line {}, column {}).",
            e.line(),
            e.column()
        ))
    })?;
    of(claim).ok_or_else(|| invalid("The date of service is not a date (YYYY-MM-DD).".to_owned()))
}

/// A claim's header, with the date of service that stands beside its fields; none when that is not a date.
fn of(mut claim: Claim) -> Option<Header> {
    let dos = match claim.other.remove("dos") {
        None | Some(serde_json::Value::Null) => None,
        Some(value) => Some(value.as_str().and_then(|t| t.trim().parse().ok())?),
    };
    // A part of the form with nothing in it says nothing.
    for part in [&mut claim.insured, &mut claim.other_insured] {
        part.take_if(|insured| *insured == Insured::default());
    }
    Some(Header { claim, dos })
}

/// The next revision's coding and claim, before charges.
fn changed(id: ClaimId, coding: &Coding, now: &Claim, text: &str, header: Header) -> (Coding, Claim) {
    let mut coding = coding.clone();
    if let Some(dos) = header.dos {
        coding.dos = dos;
    }
    let mut wanted = header.claim;
    if wanted.payer.id.trim().is_empty() {
        wanted.payer.clone_from(&now.payer);
    }
    coding.payer.clone_from(&wanted.payer.id);
    let mut lines = now.lines.clone();
    let moved = wanted.facility.pos.is_some() && wanted.facility.pos != now.facility.pos;
    for line in &mut lines {
        if moved && line.pos == now.facility.pos {
            line.pos.clone_from(&wanted.facility.pos);
        }
        let Some(asked) = wanted.lines.iter().find(|l| l.number == line.number) else { continue };
        if asked.charge.is_some() && asked.charge != line.charge {
            line.charge.clone_from(&asked.charge);
            line.charge_source = None;
        }
        if asked.pos.is_some() {
            line.pos.clone_from(&asked.pos);
        }
        line.dos_to.clone_from(&asked.dos_to);
        line.emergency = asked.emergency;
        line.epsdt.clone_from(&asked.epsdt);
        line.rendering_provider.clone_from(&asked.rendering_provider);
        line.supplement.clone_from(&asked.supplement);
    }
    let header = Claim { lines, history: now.history.clone(), total_charge: None, ..wanted };
    let claim = draft::claim(id, &coding, text, &header);
    (coding, claim)
}

impl Session {
    /// Makes a header the claim's, as the next revision. `seen` is the revision the person saw. What the dictation
    /// says of patient, payer and date follows.
    ///
    /// # Errors
    /// `claim_state` for an approved, rejected or exported claim; a conflict when the claim was changed meanwhile.
    pub async fn set_header(&self, id: ClaimId, seen: u32, header: Header) -> Result<DraftView, AppError> {
        self.allow(Action::Correct).await?;
        let by = self.by();
        let InHand { claim: row, revision, dictation, transcript } =
            self.in_hand(id, seen, None, "claim.header_refused").await?;
        let today = (self.surroundings.today)();
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let text = transcript.transcript.text.clone();
        let mut header = header;
        // A replacement or void stays one, whatever a header says or leaves out.
        if let Some((_, relation)) = self.store(move |s| s.read(|r| r.relation_of(id))).await? {
            header.claim.frequency = match relation {
                Relation::Replacement => Some("7".to_owned()),
                Relation::Void => Some("8".to_owned()),
                Relation::Companion => header.claim.frequency,
            };
        }
        let now = self.completed(revision.claim.clone()).await?;
        let (coding, claim) = changed(id, &revision.coding, &now, text.expose(), header);
        let claim = self.completed(claim).await?;
        let pricing = self.pricing(&coding.payer, coding.dos, None).await?;
        let (claim, findings) = blocking(move || {
            let mut claim = claim;
            pricing.charge(&mut claim, &rules, today)?;
            let findings = rules.judge(&claim, &payers, today)?;
            Ok((claim, findings))
        })
        .await?;
        if claim == revision.claim && coding == revision.coding {
            return self.draft_now(id).await;
        }
        let person = |c: &Claim| (c.patient.id.clone(), c.patient.last.clone(), c.patient.first.clone());
        let other_patient = dictation.patient.is_some() && person(&revision.claim) != person(&claim);
        let providers = serde_json::to_value(Providers {
            billing_provider: claim.billing_provider.clone(),
            rendering_provider: claim.rendering_provider.clone(),
            facility: claim.facility.clone(),
            prior_auth_number: claim.prior_auth_number.clone(),
        })
        .map_err(|_| AppError::internal("the providers could not be written"))?;
        let (at, revision_id) = ((self.surroundings.now)(), RevisionId::new(self.surroundings.id()));
        let transcript = transcript.id;
        self.store(move |s| {
            s.write(|r| {
                let next = NewRevision {
                    id: revision_id,
                    coding: &coding,
                    claim: &claim,
                    findings: &findings,
                    transcript: Some(transcript),
                    drafted_by: &revision.drafted_by,
                    now: at,
                };
                r.add_revision(id, seen, &next)?;
                r.file_dictation(row.dictation, &coding.payer, coding.dos, &claim.patient, &providers)?;
                r.append_audit(&by, "claim.header_changed", &id.to_string(), at)?;
                if other_patient {
                    r.append_audit(&by, "claim.patient_changed", &id.to_string(), at)?;
                }
                Ok(())
            })
        })
        .await?;
        self.draft_now(id).await
    }
}
