//! The operative note: its sections as the template wants them, signed, and added to.

use super::sections::{Section, sections};
use super::{ADDENDUM, addendum_content, label, refused, signed_content, standing};
use crate::error::AppError;
use crate::in_hand::InHand;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::ids::{ClaimId, DictationId, TranscriptId};
use iambilly_claim::{Phi, phi};
use iambilly_coding::{Revised, TextChange, append, revise};
use iambilly_store::{
    ClaimRow, ClaimState, Dictation, DictationMove, NoteAddendum, NoteSignature, NoteTemplate, QueryAnswer,
    Records, StoreError, TranscriptRow,
};
use serde::Serialize;

/// Where a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteState {
    /// Its words can be changed.
    Open,
    /// Signed; words can be added.
    Signed,
    /// Was signed for another patient or day: to be signed again.
    Void,
}

/// A part of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoteSection {
    /// Its place among the sections of the text; none for one that is not in it yet.
    pub place: Option<usize>,
    /// Its heading; empty for what stands before the first.
    pub title: String,
    /// Its words.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// First scalar of its words in the transcript, so that they can be played.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The template wants it.
    pub required: bool,
    /// What the template offers to begin with.
    #[serde(serialize_with = "phi::disclose")]
    pub offered: Phi<String>,
}

/// A signature as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    /// Who.
    pub signer: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// SHA-256 in hex of what was signed.
    pub content_sha256: String,
    /// Whether it was given on the note as it is: these words, this patient, this day.
    pub stands: bool,
}

/// What was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddendumView {
    /// Its words.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Who.
    pub signer: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// SHA-256 in hex of what was signed.
    pub content_sha256: String,
    /// Whether the words are those that were signed.
    pub stands: bool,
}

/// A query that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "NoteAnswer")]
#[serde(rename_all = "camelCase")]
pub struct AnswerView {
    /// What was asked.
    pub question: String,
    /// The answer, which stands in the note too; none where the note stands as it is.
    #[serde(serialize_with = "phi::disclose")]
    pub answer: Phi<Option<String>>,
    /// Who.
    pub signer: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

/// A move to another patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MoveView {
    /// Who stood there before; none for nobody.
    #[serde(serialize_with = "phi::disclose")]
    pub from: Phi<Option<String>>,
    /// Who stands there since.
    #[serde(serialize_with = "phi::disclose")]
    pub to: Phi<Option<String>>,
    /// Why.
    #[serde(serialize_with = "phi::disclose")]
    pub reason: Phi<String>,
    /// Who moved it, as in the audit.
    pub actor: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

/// A note with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoteView {
    /// Its dictation.
    pub dictation_id: DictationId,
    /// The claim drafted from it.
    pub claim_id: Option<ClaimId>,
    /// That claim's revision.
    pub claim_revision: u32,
    /// That claim's state.
    pub claim_state: Option<ClaimState>,
    /// What the dictation is called.
    #[serde(serialize_with = "phi::disclose")]
    pub name: Phi<String>,
    /// "Last, First".
    #[serde(serialize_with = "phi::disclose")]
    pub patient_label: Phi<Option<String>>,
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: String,
    /// Whether there is sound to play.
    pub spoken: bool,
    /// Where it is.
    pub state: NoteState,
    /// Revision of the text.
    pub revision: u32,
    /// The template it is held against.
    pub template: String,
    /// Its parts: first as the template wants them, then what else was said.
    pub sections: Vec<NoteSection>,
    /// Headings the template wants that have no words.
    pub missing: Vec<String>,
    /// Blanks that are left to fill, such as `[ ]`.
    pub blanks: usize,
    /// Whether its words can be changed by whoever may.
    pub can_edit: bool,
    /// What was added, oldest first.
    pub addenda: Vec<AddendumView>,
    /// Queries that were answered, oldest first.
    pub answers: Vec<AnswerView>,
    /// Signatures, oldest first.
    pub signatures: Vec<SignatureView>,
    /// Moves, oldest first.
    pub moves: Vec<MoveView>,
}

/// A note's rows.
struct Rows {
    dictation: Dictation,
    claim: Option<ClaimRow>,
    transcript: TranscriptRow,
    signatures: Vec<(NoteSignature, bool)>,
    addenda: Vec<NoteAddendum>,
    answers: Vec<QueryAnswer>,
    moves: Vec<DictationMove>,
}

impl Rows {
    fn read(r: &Records<'_>, of: DictationId) -> Result<Self, StoreError> {
        let dictation = r.dictation(of)?.ok_or(StoreError::NotFound { what: "dictation" })?;
        let claim = r.claim_of(of)?;
        let current = match &claim {
            Some(claim) => r.revision(claim.id, None)?.and_then(|revision| revision.transcript),
            None => None,
        };
        let transcript = match current {
            Some(id) => r.transcript(id)?,
            None => r.latest_transcript(of)?,
        };
        let transcript = transcript.ok_or(StoreError::NotFound { what: "note" })?;
        let stands = standing(r, &dictation)?.map(|s| s.id);
        let signatures = r
            .note_signatures(of)?
            .into_iter()
            .map(|s| {
                let holds = stands == Some(s.id);
                (s, holds)
            })
            .collect();
        Ok(Self {
            claim,
            transcript,
            signatures,
            addenda: r.note_addenda(of)?,
            answers: r.query_answers(of)?,
            moves: r.dictation_moves(of)?,
            dictation,
        })
    }

    fn is_signed(&self) -> bool {
        self.signatures.iter().any(|(_, stands)| *stands)
    }

    /// The text without what was added behind it.
    fn body(&self) -> &str {
        let mut text = self.transcript.transcript.text.expose().as_str();
        for addendum in self.addenda.iter().rev() {
            let Some(before) = text
                .strip_suffix(addendum.text.expose().as_str())
                .and_then(|t| t.strip_suffix(&format!("\n\n{ADDENDUM}")))
            else {
                break;
            };
            text = before;
        }
        text
    }

    fn open_claim(&self) -> Option<&ClaimRow> {
        self.claim.as_ref().filter(|c| matches!(c.state, ClaimState::Draft | ClaimState::HumanReview))
    }
}

/// Places left to fill: brackets with nothing or a proposal in them, underscores, asterisks.
fn blanks(text: &str) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let (mut count, mut at) = (0, 0);
    while let Some(c) = chars.get(at) {
        let run = |mark: char| chars.get(at..).unwrap_or(&[]).iter().take_while(|x| **x == mark).count();
        match c {
            '[' => {
                let rest = chars.get(at + 1..).unwrap_or(&[]);
                if let Some(end) = rest.iter().take(80).position(|x| *x == ']') {
                    count += 1;
                    at += end + 1;
                }
            }
            '_' | '*' if run(*c) >= 3 => {
                count += 1;
                at += run(*c) - 1;
            }
            _ => {}
        }
        at += 1;
    }
    count
}

/// The words of a heading, for telling whether two are one: "Pre-operative Diagnoses" is "preoperative diagnosis".
fn folded(title: &str) -> String {
    let letters: String = title.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let one = letters.replace("diagnoses", "diagnosis").replace("anaesthesia", "anesthesia");
    match one.as_str() {
        "procedure" | "procedures" | "proceduresperformed" | "operationperformed" | "operationsperformed" => {
            "procedureperformed".to_owned()
        }
        "descriptionoftheprocedure"
        | "descriptionofoperation"
        | "descriptionoftheoperation"
        | "proceduredetails"
        | "detailsofprocedure"
        | "detailsoftheprocedure" => "descriptionofprocedure".to_owned(),
        "operativefindings" => "findings".to_owned(),
        "indication" | "indicationsforprocedure" | "indicationsforsurgery" => "indications".to_owned(),
        "implant" | "specimen" => format!("{one}s"),
        "assistants" | "firstassistant" => "assistant".to_owned(),
        _ => one,
    }
}

/// The headings of every template: a text is cut at the same places whichever it is held against.
fn titles(all: &[NoteTemplate]) -> Vec<&str> {
    all.iter().flat_map(|t| &t.sections).map(|s| s.title.as_str()).collect()
}

/// The sections of a text in the template's order, then the others in theirs.
fn arranged(text: &str, template: &NoteTemplate, all: &[NoteTemplate]) -> Vec<NoteSection> {
    let chars: Vec<char> = text.chars().collect();
    let found = sections(text, &titles(all));
    let words = |s: &Section| chars.get(s.body..s.end).unwrap_or(&[]).iter().collect::<String>();
    let shown = |(place, s): (usize, &Section), required: bool, offered: &Phi<String>| NoteSection {
        place: Some(place),
        title: s.title.clone().unwrap_or_default(),
        text: Phi::new(words(s)),
        start: s.body,
        end: s.end,
        required,
        offered: offered.clone(),
    };
    let mut taken = vec![false; found.len()];
    let mut out = vec![];
    for wanted in &template.sections {
        let name = folded(&wanted.title);
        let mut any = false;
        for (place, s) in found.iter().enumerate() {
            let is = s.title.as_deref().is_some_and(|t| folded(t) == name);
            if let (true, Some(seen)) = (is, taken.get_mut(place)) {
                (*seen, any) = (true, true);
                out.push(shown((place, s), wanted.required, &wanted.text));
            }
        }
        if !any {
            out.push(NoteSection {
                place: None,
                title: wanted.title.clone(),
                text: Phi::new(String::new()),
                start: chars.len(),
                end: chars.len(),
                required: wanted.required,
                offered: wanted.text.clone(),
            });
        }
    }
    let rest = found.iter().enumerate().filter(|(place, _)| taken.get(*place) == Some(&false));
    out.extend(rest.map(|(place, s)| shown((place, s), false, &Phi::default())));
    out
}

/// The template a note is held against unless another is named: a visit's where the note has its headings.
fn fitting<'a>(text: &str, all: &'a [NoteTemplate]) -> Option<&'a NoteTemplate> {
    let wanted = titles(all);
    let has = |t: &&NoteTemplate| {
        let titles: Vec<String> = t.sections.iter().map(|s| folded(&s.title)).collect();
        sections(text, &wanted)
            .iter()
            .filter_map(|s| s.title.as_deref())
            .filter(|t| titles.contains(&folded(t)))
            .count()
    };
    // The first of those that fit best.
    all.iter().rev().max_by_key(has)
}

fn view(rows: Rows, template: &NoteTemplate, all: &[NoteTemplate]) -> NoteView {
    let arranged = arranged(rows.body(), template, all);
    let missing = arranged
        .iter()
        .filter(|s| s.required && s.text.expose().is_empty())
        .map(|s| if s.title.is_empty() { template.name.clone() } else { s.title.clone() })
        .collect();
    let is_signed = rows.is_signed();
    let state = match (is_signed, rows.signatures.is_empty()) {
        (true, _) => NoteState::Signed,
        (false, true) => NoteState::Open,
        (false, false) => NoteState::Void,
    };
    let of = rows.dictation.id;
    NoteView {
        dictation_id: of,
        claim_id: rows.claim.as_ref().map(|c| c.id),
        claim_revision: rows.claim.as_ref().map_or(0, |c| c.current_revision),
        claim_state: rows.claim.as_ref().map(|c| c.state),
        patient_label: label(rows.dictation.patient.as_ref()),
        payer: rows.dictation.payer.clone(),
        dos: rows.dictation.dos.to_string(),
        spoken: rows.transcript.transcript.audio_ms > 0,
        state,
        revision: rows.transcript.transcript.revision,
        template: template.name.clone(),
        blanks: blanks(rows.body()),
        missing,
        can_edit: !is_signed && rows.open_claim().is_some(),
        answers: rows
            .answers
            .iter()
            .map(|a| AnswerView {
                question: a.question.clone(),
                answer: Phi::new(
                    a.addendum
                        .and_then(|id| rows.addenda.iter().find(|x| x.id == id))
                        .map(|x| x.text.expose().clone()),
                ),
                signer: a.signer.clone(),
                at: a.at.to_string(),
            })
            .collect(),
        addenda: rows
            .addenda
            .iter()
            .map(|a| AddendumView {
                text: a.text.clone(),
                signer: a.signer.clone(),
                at: a.at.to_string(),
                stands: a.content_sha256 == addendum_content(of, &a.actor, a.text.expose()),
                content_sha256: a.content_sha256.clone(),
            })
            .collect(),
        signatures: rows
            .signatures
            .into_iter()
            .map(|(s, stands)| SignatureView {
                signer: s.signer,
                at: s.at.to_string(),
                content_sha256: s.content_sha256,
                stands,
            })
            .collect(),
        moves: rows
            .moves
            .into_iter()
            .map(|m| MoveView {
                from: label(m.from.as_ref()),
                to: label(m.to.as_ref()),
                reason: m.reason,
                actor: m.actor,
                at: m.at.to_string(),
            })
            .collect(),
        sections: arranged,
        name: rows.dictation.name,
    }
}

fn no_claim() -> AppError {
    refused(
        "note_not_drafted",
        "The draft of this dictation is not there yet.",
        "Wait until it is drafted; the list of dictations shows how far it is.",
    )
}

impl Session {
    /// A dictation's note, held against a template: the one named, else the one that fits best.
    ///
    /// # Errors
    /// `not_found` while there is no text yet, or for a template that is none.
    pub async fn note_of(&self, id: DictationId, template: Option<String>) -> Result<NoteView, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.note_view("note.viewed", &id.to_string()).await?;
        self.note_now(id, template).await
    }

    async fn note_now(&self, id: DictationId, template: Option<String>) -> Result<NoteView, AppError> {
        let rows = self.store(move |s| s.read(|r| Rows::read(r, id))).await?;
        let all: Vec<NoteTemplate> = self.templates_now().await?.into_iter().map(|t| t.template).collect();
        let chosen = match &template {
            Some(name) => all.iter().find(|t| t.name == *name),
            None => fitting(rows.body(), &all),
        };
        let chosen = chosen.ok_or(StoreError::NotFound { what: "template" })?;
        Ok(view(rows, chosen, &all))
    }

    /// Writes a section of a note: over the one at a place of its text, or a new one behind the others. Empty words take
    /// the section away. `seen` is the claim's revision the person saw.
    ///
    /// # Errors
    /// `note_signed`; `claim_state`; `claim_changed`; `text_…` for words that cannot stand in a note.
    pub async fn write_section(
        &self,
        id: DictationId,
        seen: u32,
        place: Option<usize>,
        title: String,
        words: Phi<String>,
    ) -> Result<NoteView, AppError> {
        self.allow(Action::EditTranscript).await?;
        let open = self.note_in_hand(id, seen, "note.edited_refused").await?;
        self.unsigned(id, "note.edited_refused").await?;
        let text = open.transcript.transcript.text.expose().clone();
        let chars: Vec<char> = text.chars().collect();
        let words = words.into_exposed().trim().to_owned();
        let all: Vec<NoteTemplate> = self.templates_now().await?.into_iter().map(|t| t.template).collect();
        let revised = match place {
            None if words.is_empty() => return self.note_now(id, None).await,
            None => append(&open.transcript.transcript, &format!("{}: {words}", title.trim())),
            Some(place) => {
                let parts = sections(&text, &titles(&all));
                let section = parts.get(place).ok_or(StoreError::NotFound { what: "section" })?;
                // Without words the heading goes too.
                let start = if words.is_empty() { section.start } else { section.body };
                let was: String = chars.get(start..section.end).unwrap_or(&[]).iter().collect();
                if was == words {
                    return self.note_now(id, None).await;
                }
                let now = if section.body == section.end && !words.is_empty() {
                    format!(" {words}")
                } else {
                    words
                };
                let change = TextChange { start, end: section.end, was: Phi::new(was), now: Phi::new(now) };
                revise(&open.transcript.transcript, &[change])
            }
        };
        let revised = revised.map_err(|e| AppError::Fault(e.fault()))?;
        let next = self.redrafted(&open, revised, None).await?;
        self.keep(open, seen, next, "note.edited", |_, _| Ok(())).await?;
        self.note_now(id, None).await
    }

    /// Signs a note: the hash of its words, for whom and of which day, by whom and when. `seen` is the revision of the
    /// text that was read; `despite` signs a note that lacks parts the template wants.
    ///
    /// # Errors
    /// `note_changed`; `note_signed`; `note_without_patient`; `note_has_blanks`; `note_incomplete` with what it lacks.
    pub async fn sign_note(
        &self,
        id: DictationId,
        seen: u32,
        template: Option<String>,
        despite: bool,
    ) -> Result<NoteView, AppError> {
        self.allow(Action::SignNote).await?;
        let note = self.note_now(id, template.clone()).await?;
        let refusal = if note.revision != seen {
            Some(refused(
                "note_changed",
                "The note was changed after it was shown.",
                "Read it again, then sign it.",
            ))
        } else if note.state == NoteState::Signed {
            Some(refused("note_signed", "The note is signed already.", "Add what is missing as an addendum."))
        } else if note.patient_label.expose().is_none() {
            Some(refused(
                "note_without_patient",
                "The note is of nobody yet.",
                "File the dictation under its patient first, then sign.",
            ))
        } else if note.blanks > 0 {
            Some(refused(
                "note_has_blanks",
                format!(
                    "The note has {} to fill in.",
                    if note.blanks == 1 { "a blank".to_owned() } else { format!("{} blanks", note.blanks) }
                ),
                "Write over what stands in square brackets, or take it away.",
            ))
        } else if !despite && !note.missing.is_empty() {
            Some(refused(
                "note_incomplete",
                format!("The note lacks: {}.", note.missing.join(", ")),
                "Write what is missing, or sign it all the same.",
            ))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.note("note.signed_refused", &id.to_string()).await?;
            return Err(refusal);
        }
        let (now, by, signer) = ((self.surroundings.now)(), self.by(), self.actor().name().to_owned());
        let signature = self.surroundings.id();
        let incomplete = !note.missing.is_empty();
        self.store(move |s| {
            s.write(|r| {
                let rows = Rows::read(r, id)?;
                if rows.transcript.transcript.revision != seen {
                    return Err(StoreError::Conflict { what: "the note was changed meanwhile" });
                }
                let content_sha256 =
                    signed_content(&rows.dictation, rows.transcript.transcript.text.expose());
                r.sign_note(&NoteSignature {
                    id: signature,
                    dictation: id,
                    transcript: rows.transcript.id,
                    content_sha256,
                    actor: by.to_string(),
                    signer,
                    at: now,
                })?;
                let action = if incomplete { "note.signed_incomplete" } else { "note.signed" };
                r.append_audit(&by, action, &id.to_string(), now).map(drop)
            })
        })
        .await?;
        self.note_now(id, template).await
    }

    /// Adds to a note that is signed. The claim is drafted from the longer text as after any change of it.
    ///
    /// # Errors
    /// `note_unsigned`; `claim_state` for a claim that is not open; `text_…`.
    pub async fn addend_note(&self, id: DictationId, words: Phi<String>) -> Result<NoteView, AppError> {
        self.allow(Action::SignNote).await?;
        let rows = self.store(move |s| s.read(|r| Rows::read(r, id))).await?;
        if !rows.is_signed() {
            return Err(refused(
                "note_unsigned",
                "The note is not signed yet: an addendum is for one that is.",
                "Change its sections, then sign it.",
            ));
        }
        let seen = rows.claim.as_ref().map(|c| c.current_revision).ok_or_else(no_claim)?;
        let open = self.note_in_hand(id, seen, "note.addended_refused").await?;
        let (revised, row) = self.added(&open, &words)?;
        let next = self.redrafted(&open, revised, None).await?;
        self.keep(open, seen, next, "note.addended", move |r, transcript| {
            r.addend_note(&NoteAddendum { transcript, ..row })
        })
        .await?;
        self.note_now(id, None).await
    }

    /// A text with words added behind it, and the row of what was added, its transcript still to be named.
    pub(super) fn added(
        &self,
        open: &InHand,
        words: &Phi<String>,
    ) -> Result<(Revised, NoteAddendum), AppError> {
        let words = words.expose().trim().to_owned();
        let fault = |e: iambilly_coding::TextChangeError| AppError::Fault(e.fault());
        if words.is_empty() {
            return Err(fault(iambilly_coding::TextChangeError::Empty));
        }
        let revised = append(&open.transcript.transcript, &format!("{ADDENDUM}{words}")).map_err(fault)?;
        let (of, by) = (open.dictation.id, self.by());
        let row = NoteAddendum {
            id: self.surroundings.id(),
            dictation: of,
            transcript: TranscriptId::new(uuid::Uuid::nil()),
            content_sha256: addendum_content(of, &by, &words),
            text: Phi::new(words),
            actor: by.to_string(),
            signer: self.actor().name().to_owned(),
            at: (self.surroundings.now)(),
        };
        Ok((revised, row))
    }

    /// The claim of a dictation in hand, to change its text.
    async fn note_in_hand(
        &self,
        id: DictationId,
        seen: u32,
        refusal: &'static str,
    ) -> Result<InHand, AppError> {
        let claim = self.store(move |s| s.read(|r| r.claim_of(id))).await?.ok_or_else(no_claim)?;
        self.codes_in_hand(claim.id, seen, None, refusal).await
    }
}

#[cfg(test)]
mod tests {
    use super::{arranged, blanks, fitting, folded};
    use crate::physician::templates::given;

    #[test]
    fn what_is_left_to_fill_is_counted() {
        for (text, count) in [
            ("Estimated blood loss: [ ] mL.", 1),
            ("[None.] and [left/right]", 2),
            ("___ mL, *** graft", 2),
            ("L4-L5 * and a_b [", 0),
            ("", 0),
        ] {
            assert_eq!(blanks(text), count, "{text}");
        }
    }

    #[test]
    fn sections_stand_as_the_template_wants_them() {
        let all = given();
        let text = "Findings: a free fragment. Operation performed: microdiscectomy. Pre-operative diagnosis: sciatica. Counts were right.";
        let template = fitting(text, &all).unwrap();
        assert_eq!(template.name, "Operation");
        let parts = arranged(text, template, &all);
        let titles: Vec<_> = parts.iter().filter(|s| s.place.is_some()).map(|s| s.title.as_str()).collect();
        assert_eq!(titles, ["Pre-operative diagnosis", "Operation performed", "Findings"]);
        let missing: Vec<_> =
            parts.iter().filter(|s| s.place.is_none() && s.required).map(|s| s.title.as_str()).collect();
        assert!(missing.contains(&"Surgeon") && missing.contains(&"Estimated blood loss"), "{missing:?}");
        assert!(!missing.contains(&"Findings") && !missing.contains(&"Procedure performed"), "{missing:?}");
    }

    #[test]
    fn a_visit_is_held_against_a_visit() {
        let all = given();
        let text =
            "Chief complaint: back pain.\nAssessment: stenosis.\nPlan: therapy.\nTotal time: 32 minutes.";
        assert_eq!(fitting(text, &all).unwrap().name, "Office visit");
        assert_eq!(fitting("", &all).unwrap().name, "Operation");
        assert_eq!(folded("Pre-Operative Diagnoses"), folded("Preoperative diagnosis"));
    }
}
