//! A claim after it was sent, and claims beside it: corrected (frequency 7), voided (frequency 8), and the companion
//! claim of whoever assisted or shared the operation, where the note proves it.
//!
//! Each is a claim of its own, with revisions and decisions of its own; the one it is about stays as it was sent. Sources:
//! NUCC 1500 instruction manual, item 22; 42 CFR 414.40 and CMS claims processing manual 100-04, chapter 12, sections
//! 20.4.3 (assistants at surgery) and 40.8 (co-surgeons).

use crate::draft;
use crate::error::AppError;
use crate::in_hand::InHand;
use crate::people::Action;
use crate::review::not_now;
use crate::session::{Session, blocking};
use crate::view::DraftView;
use iambilly_claim::claim::Provider;
use iambilly_claim::ids::{ClaimId, RevisionId};
use iambilly_claim::{Claim, Coding, Evidence, Fault, FaultKind, Modifier, Phi, Span};
use iambilly_store::{ClaimState, NewRevision, Relation, StoreError};
use serde::{Deserialize, Serialize};

/// What is done about a claim that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Amend {
    /// It is replaced by a corrected one.
    Correct,
    /// It is taken back.
    Void,
}

/// Who bills beside the surgeon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Assisted at surgery.
    Assistant,
    /// Operated as one of two surgeons.
    CoSurgeon,
}

/// A companion claim that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewCompanion {
    /// What the person did.
    pub part: Part,
    /// `80`, `81`, `82` or `AS` for an assistant, `62` for a co-surgeon.
    pub modifier: String,
    /// Who it was: with NPI and family name.
    pub provider: Provider,
    /// The words of the note that name them and say so.
    pub evidence: Span,
}

fn refused(code: &str, message: &str, advice: &str) -> AppError {
    Fault::new(FaultKind::Input, code, message, advice).into()
}

/// How many words may stand between a name and what the person did ("Marta B. Quill, PA-C, first assistant").
const NEAR: usize = 5;

/// What a word says of somebody's part in an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A label: whoever is named beside it.
    Label(Option<Part>),
    /// Whoever is named before it did it.
    Before(Part),
    /// Whoever is named after it did it: "assisted by".
    After(Part),
}

/// What the word at `at` says; "no assistant" and "without a co-surgeon" say nothing of anybody.
fn said(tokens: &[&str], at: usize) -> Option<Said> {
    let word = |n: usize| tokens.get(n).copied().unwrap_or_default();
    let before = |n: usize| at.checked_sub(n).map(word).unwrap_or_default();
    let denied = (1..=3).any(|n| matches!(before(n), "no" | "not" | "without" | "none"));
    // Computer-assisted navigation is nobody.
    let machine =
        matches!(before(1), "computer" | "image" | "robot" | "robotic" | "robotically" | "navigation");
    let found = match word(at) {
        "assistant" | "assistants" | "asst" => Said::Label(Some(Part::Assistant)),
        "assisted" | "assist" if word(at + 1) == "by" => Said::After(Part::Assistant),
        "assisted" | "assisting" | "assist" if !machine => Said::Before(Part::Assistant),
        "cosurgeon" | "cosurgeons" => Said::Label(Some(Part::CoSurgeon)),
        "surgeon" | "surgeons" if before(1) == "co" => Said::Label(Some(Part::CoSurgeon)),
        "surgeon" | "surgeons" if matches!(before(1), "assistant" | "assisting" | "assist") => {
            Said::Label(Some(Part::Assistant))
        }
        "surgeon" | "surgeons" | "surgery" | "anesthesia" | "anaesthesia" | "anesthesiologist"
        | "anaesthesiologist" | "anesthetist" | "scrub" | "circulator" | "neuromonitoring" | "resident"
        | "fellow" | "physiologist" => Said::Label(None),
        _ => return None,
    };
    (!denied).then_some(found)
}

/// Whether words of a note say that somebody of this name took this part. A name belongs to the label before it
/// ("Surgeon: Quill. Assistant: Ash"), else to the one after it; "assisted" is said of whoever stands before it,
/// "assisted by" of whoever stands after.
fn proves(words: &str, part: Part, last: &str) -> bool {
    let words = words.to_lowercase();
    let split = |c: char| !c.is_alphanumeric();
    let tokens: Vec<&str> = words.split(split).filter(|t| !t.is_empty()).collect();
    let last = last.to_lowercase();
    let named: Vec<&str> = last.split(split).filter(|t| !t.is_empty()).collect();
    if named.is_empty() {
        return false;
    }
    let names = tokens.windows(named.len()).enumerate().filter(|(_, w)| *w == named.as_slice());
    let mut names = names.map(|(at, _)| at);
    names.any(|name| {
        // The nearest word before the name that can be said of it, else the nearest after it.
        let before = (name.saturating_sub(NEAR)..name).rev().find_map(|at| match said(&tokens, at) {
            Some(Said::Label(of)) => Some(of),
            Some(Said::After(of)) => Some(Some(of)),
            _ => None,
        });
        let end = name + named.len();
        let after = (end..(end + NEAR).min(tokens.len())).find_map(|at| match said(&tokens, at) {
            Some(Said::Label(of)) => Some(of),
            Some(Said::Before(of)) => Some(Some(of)),
            // What follows is somebody else.
            Some(Said::After(_)) => Some(None),
            None => None,
        });
        before.unwrap_or_else(|| after.flatten()) == Some(part)
    })
}

/// A coding with a modifier in front on each line.
fn with_modifier(coding: &Coding, modifier: &Modifier) -> Coding {
    let mut coding = coding.clone();
    for line in &mut coding.lines {
        line.modifiers.retain(|m| !matches!(m.to_string().as_str(), "62" | "80" | "81" | "82" | "AS"));
        line.modifiers.insert(0, modifier.clone());
    }
    coding.alternatives.clear();
    coding
}

/// The payer's own number of a claim, as far as its answers name it: the newest one.
fn payer_number(answers: &[iambilly_store::ClaimAnswer]) -> Option<String> {
    answers.iter().rev().find_map(|answer| {
        let detail: serde_json::Value = serde_json::from_str(answer.json.expose()).ok()?;
        let number = detail.get("payer_control")?.as_str()?.trim();
        (!number.is_empty()).then(|| number.to_owned())
    })
}

impl Session {
    /// Makes the claim that replaces or voids one that was sent: a claim of its own, in review, with the payer's number
    /// of the original where an answer named it. `seen` is the revision that was sent.
    ///
    /// # Errors
    /// `reason_needed`; `claim_state` for a claim that was not sent; `claim_changed`; `amended_already` while another
    /// replacement or void of it is there that was not rejected.
    pub async fn amend(
        &self,
        id: ClaimId,
        seen: u32,
        how: Amend,
        reason: Phi<String>,
    ) -> Result<DraftView, AppError> {
        self.allow(Action::Decide).await?;
        if reason.expose().trim().is_empty() {
            return Err(refused(
                "reason_needed",
                "This step needs a reason.",
                "Say in a sentence what was wrong with the claim that was sent.",
            ));
        }
        let missing = |what| StoreError::NotFound { what };
        let (claim, revision, related, answers) = self
            .store(move |s| {
                s.read(|r| {
                    let claim = r.claim(id)?.ok_or(missing("claim"))?;
                    let revision = r.revision(id, None)?.ok_or(missing("claim revision"))?;
                    Ok((claim, revision, r.related_claims(id)?, r.answers(id)?))
                })
            })
            .await?;
        if claim.state != ClaimState::Exported {
            return Err(not_now(claim.state, "corrected or voided before it was sent"));
        }
        if claim.current_revision != seen {
            return Err(StoreError::ClaimChanged { newest: claim.current_revision }.into());
        }
        let stands = related.iter().any(|other| {
            !other.is_older && other.relation != Relation::Companion && other.state != ClaimState::Rejected
        });
        if stands {
            return Err(refused(
                "amended_already",
                "This claim has a replacement or void already.",
                "Open that one: the payer takes one after the other.",
            ));
        }
        let (relation, frequency, action) = match how {
            Amend::Correct => (Relation::Replacement, "7", "claim.replaced"),
            Amend::Void => (Relation::Void, "8", "claim.voided"),
        };
        let new = ClaimId::new(self.surroundings.id());
        let mut next: Claim = revision.claim.clone();
        next.claim_id = new.to_string();
        next.frequency = Some(frequency.to_owned());
        next.original_reference = payer_number(&answers).or(next.original_reference);
        let said = Made { of: id, new, relation, action, reason };
        self.made(said, claim.dictation, revision.coding, next, revision.transcript).await
    }

    /// Makes the claim of whoever assisted or shared the operation, from the same note.
    ///
    /// # Errors
    /// `companion_unproven` where the words do not name the person and say what they did; `companion_invalid` for a
    /// modifier that does not go with the part, a provider without NPI, or the one who renders the claim already;
    /// `claim_state` for a claim that was rejected; `claim_changed`.
    pub async fn companion(
        &self,
        id: ClaimId,
        seen: u32,
        asked: NewCompanion,
    ) -> Result<DraftView, AppError> {
        self.allow(Action::Correct).await?;
        let missing = |what| StoreError::NotFound { what };
        let (claim, revision, transcript) = self
            .store(move |s| {
                s.read(|r| {
                    let claim = r.claim(id)?.ok_or(missing("claim"))?;
                    let revision = r.revision(id, None)?.ok_or(missing("claim revision"))?;
                    let transcript = match revision.transcript {
                        Some(t) => r.transcript(t)?,
                        None => r.latest_transcript(claim.dictation)?,
                    };
                    Ok((claim, revision, transcript.ok_or(missing("transcript"))?))
                })
            })
            .await?;
        if claim.state == ClaimState::Rejected {
            return Err(not_now(claim.state, "billed beside"));
        }
        if claim.current_revision != seen {
            return Err(StoreError::ClaimChanged { newest: claim.current_revision }.into());
        }
        let text = transcript.transcript.text.clone();
        let goes = match asked.part {
            Part::Assistant => ["80", "81", "82", "AS"].contains(&asked.modifier.as_str()),
            Part::CoSurgeon => asked.modifier == "62",
        };
        let npi = asked.provider.npi.as_deref().unwrap_or_default().trim();
        let same = revision.claim.rendering_provider.npi.as_deref().map(str::trim) == Some(npi);
        if !goes || npi.is_empty() || same {
            return Err(refused(
                "companion_invalid",
                "A companion claim is for somebody else with an NPI, with modifier 80, 81, 82 or AS for an assistant and 62 for a co-surgeon.",
                "Choose the person among the clinic's people, and the modifier that goes with what they did.",
            ));
        }
        let evidence = Evidence::cut(text.expose(), asked.evidence);
        let last = asked.provider.last.clone().or_else(|| asked.provider.name.clone()).unwrap_or_default();
        let proven = evidence.as_ref().is_some_and(|e| {
            proves(e.quote.expose(), asked.part, &last)
                // 82 stands for want of a qualified resident; the note has to say so.
                && (asked.modifier != "82" || e.quote.expose().to_lowercase().contains("resident"))
        });
        let modifier: Option<Modifier> = asked.modifier.parse().ok();
        let (true, Some(modifier)) = (proven, modifier) else {
            return Err(refused(
                "companion_unproven",
                "The chosen words do not name this person and say what they did in the operation.",
                "Choose the words of the note that do; where there are none, ask the surgeon to addend the note.",
            ));
        };
        let new = ClaimId::new(self.surroundings.id());
        let mut header: Claim = revision.claim.clone();
        let role = match asked.part {
            Part::Assistant => "assistant",
            Part::CoSurgeon => "co_surgeon",
        };
        header.rendering_provider = Provider { role: Some(role.to_owned()), ..asked.provider };
        header.frequency = Some("1".to_owned());
        header.original_reference = None;
        for line in &mut header.lines {
            // What somebody wrote for the surgeon's own line is not the assistant's charge.
            line.charge = None;
            line.charge_source = None;
            line.rendering_provider = None;
        }
        let coding = with_modifier(&revision.coding, &modifier);
        let next = draft::claim(new, &coding, text.expose(), &header);
        let said = Made {
            of: id,
            new,
            relation: Relation::Companion,
            action: "claim.companion_made",
            reason: Phi::new(String::new()),
        };
        self.made(said, claim.dictation, coding, next, revision.transcript).await
    }

    /// Keeps a claim about another, charged and judged as of today.
    async fn made(
        &self,
        said: Made,
        dictation: iambilly_claim::ids::DictationId,
        coding: Coding,
        claim: Claim,
        transcript: Option<iambilly_claim::ids::TranscriptId>,
    ) -> Result<DraftView, AppError> {
        let today = (self.surroundings.today)();
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let pricing = self.pricing(&coding.payer, coding.dos, None).await?;
        let priced = said.relation == Relation::Companion;
        let (claim, findings) = blocking(move || {
            let mut claim = claim;
            if priced {
                pricing.charge(&mut claim, &rules, today)?;
            }
            let findings = rules.judge(&claim, &payers, today)?;
            Ok((claim, findings))
        })
        .await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let revision_id = RevisionId::new(self.surroundings.id());
        let (id, comment) = (said.new, self.surroundings.id());
        self.store(move |s| {
            s.write(|r| {
                let first = NewRevision {
                    id: revision_id,
                    coding: &coding,
                    claim: &claim,
                    findings: &findings,
                    transcript,
                    drafted_by: &by,
                    now,
                };
                r.insert_related_claim(said.new, dictation, &first, (said.of, said.relation))?;
                if !said.reason.expose().is_empty() {
                    r.add_comment(&iambilly_store::Comment {
                        id: comment,
                        claim: said.new,
                        author: by.to_string(),
                        text: said.reason,
                        at: now,
                    })?;
                }
                r.append_audit(&by, said.action, &said.of.to_string(), now)?;
                r.append_audit(&by, "claim.drafted", &said.new.to_string(), now).map(drop)
            })
        })
        .await?;
        self.draft_now(id).await
    }

    /// A claim whose codes are to be changed: a void repeats what was sent, so its codes are not.
    pub(crate) async fn codes_in_hand(
        &self,
        id: ClaimId,
        seen: u32,
        older: Option<u32>,
        refusal: &'static str,
    ) -> Result<InHand, AppError> {
        let taken = self.in_hand(id, seen, older, refusal).await?;
        let relation = self.store(move |s| s.read(|r| r.relation_of(id))).await?;
        if relation.is_some_and(|(_, relation)| relation == Relation::Void) {
            self.note(refusal, &id.to_string()).await?;
            return Err(refused(
                "void_repeats",
                "A void repeats the claim that was sent; its codes are not changed.",
                "To send other codes, reject the void and correct the claim instead.",
            ));
        }
        Ok(taken)
    }
}

/// A claim about another that is being made.
struct Made {
    of: ClaimId,
    new: ClaimId,
    relation: Relation,
    action: &'static str,
    reason: Phi<String>,
}

#[cfg(test)]
mod tests {
    use super::{Part, proves};

    #[test]
    fn words_prove_a_part_only_where_they_name_the_person_and_say_it() {
        for (words, part, last, proven) in [
            ("First assistant: Marta Quill, PA-C", Part::Assistant, "Quill", true),
            ("Dr. Quill assisted with the exposure", Part::Assistant, "quill", true),
            ("Dr. Van Osten was my co-surgeon", Part::CoSurgeon, "Van Osten", true),
            ("Cosurgeons: Osei and Quill", Part::CoSurgeon, "Quill", true),
            ("Surgeon: Quill", Part::CoSurgeon, "Quill", false),
            ("Dr. Quill was the co-surgeon", Part::Assistant, "Quill", false),
            ("There was no assistant; Dr. Quill operated alone", Part::Assistant, "Quill", false),
            ("performed without an assistant, Quill", Part::Assistant, "Quill", false),
            ("The assistant was Quillfeather", Part::Assistant, "Quill", false),
            ("First assistant: Marta Quill", Part::Assistant, "", false),
            ("computer-assisted navigation, Quill", Part::Assistant, "Quill", false),
            ("Surgeon: Dr. Quill. First assistant: Jo Ash, PA-C", Part::Assistant, "Quill", false),
            ("Surgeon: Dr. Quill. First assistant: Jo Ash, PA-C", Part::Assistant, "Ash", true),
            ("Dr. Quill was assisted by Dr. Ash", Part::Assistant, "Quill", false),
            ("Dr. Quill was assisted by Dr. Ash", Part::Assistant, "Ash", true),
            ("Anesthesia: Dr. Quill. Assistant: Jo Ash", Part::Assistant, "Quill", false),
            ("Co-surgeon: Dr. Ash. Assistant: Jo Quill", Part::CoSurgeon, "Quill", false),
        ] {
            assert_eq!(proves(words, part, last), proven, "{words}");
        }
    }
}
