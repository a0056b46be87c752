//! A coder's edits of a coding: the new coding, and each change as a correction to learn from.
//!
//! Numbers of lines and diagnoses are those of the coding as the coder saw it, whatever the order of the
//! edits. Every code keeps or is given its words: an added one needs a passage of the transcript.

use iambilly_claim::coding::{CodedDiagnosis, CodedLine, Laterality};
use iambilly_claim::{
    Coding, Correction, Decision, DiagnosisCode, Evidence, Fault, FaultKind, Level, Modifier, ProcedureCode,
    Proof, ReadBy, Span, Subject,
};
use serde::{Deserialize, Serialize};

/// A field that is there, `null` or not, is given.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Changes what is given of a line.
    SetLine {
        /// Line number from 1.
        line: usize,
        /// Another code.
        #[serde(default)]
        code: Option<ProcedureCode>,
        /// Other units.
        #[serde(default)]
        units: Option<u32>,
        /// Other modifiers.
        #[serde(default)]
        modifiers: Option<Vec<Modifier>>,
        /// Other diagnosis pointers.
        #[serde(default)]
        pointers: Option<Vec<char>>,
        /// Other levels.
        #[serde(default)]
        levels: Option<Vec<Level>>,
        /// Another side; `null` takes the side away, nothing given leaves it.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        laterality: Option<Option<Laterality>>,
    },
    /// Takes a line away.
    RemoveLine {
        /// Line number from 1.
        line: usize,
    },
    /// Adds a line at the end.
    AddLine {
        /// Its code.
        code: ProcedureCode,
        /// Units.
        #[serde(default = "one")]
        units: u32,
        /// Modifiers.
        #[serde(default)]
        modifiers: Vec<Modifier>,
        /// Diagnosis pointers; the first diagnosis if none are given.
        #[serde(default)]
        pointers: Vec<char>,
        /// Levels.
        #[serde(default)]
        levels: Vec<Level>,
        /// Side.
        #[serde(default)]
        laterality: Option<Laterality>,
        /// The words that support it.
        evidence: Span,
    },
    /// Changes a diagnosis.
    SetDiagnosis {
        /// Number from 1 (`A` is 1).
        diagnosis: usize,
        /// The code it should be.
        code: DiagnosisCode,
    },
    /// Takes a diagnosis away; pointers to it go too.
    RemoveDiagnosis {
        /// Number from 1.
        diagnosis: usize,
    },
    /// Adds a diagnosis at the end.
    AddDiagnosis {
        /// Its code.
        code: DiagnosisCode,
        /// The words that support it.
        evidence: Span,
    },
    /// Makes a diagnosis the first-listed one.
    LeadWith {
        /// Number from 1.
        diagnosis: usize,
    },
}

const fn one() -> u32 {
    1
}

/// Why an edit cannot be made. Nothing is changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No line has this number.
    #[error("there is no line {0}")]
    NoLine(usize),
    /// No diagnosis has this number.
    #[error("there is no diagnosis {0}")]
    NoDiagnosis(usize),
    /// A code needs words, and these offsets hold none.
    #[error("the evidence lies outside the transcript")]
    NoEvidence,
    /// Units of service start at 1.
    #[error("a line needs at least one unit")]
    NoUnits,
    /// A pointer names no diagnosis of the claim.
    #[error("pointer {0} names no diagnosis")]
    NoPointer(char),
    /// The claim form holds twelve diagnoses.
    #[error("a claim holds at most twelve diagnoses")]
    TooManyDiagnoses,
}

impl EditError {
    /// As a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (code, advice) = match self {
            Self::NoLine(_) | Self::NoDiagnosis(_) => {
                ("edit_target", "Look at the newest revision; lines and diagnoses are counted from 1.")
            }
            Self::NoEvidence => {
                ("edit_evidence", "Select the words of the transcript that support the code.")
            }
            Self::NoUnits => ("edit_units", "Give 1 or more units, or remove the line."),
            Self::NoPointer(_) => ("edit_pointer", "Use the letters of the diagnoses, from A."),
            Self::TooManyDiagnoses => ("edit_diagnoses", "Remove one that supports no line."),
        };
        Fault::new(FaultKind::Input, code, format!("The edit was not made: {self}."), advice)
    }
}

/// Diagnoses a CMS-1500 holds (item 21, A to L).
const MOST_DIAGNOSES: usize = 12;

fn letter(index: usize) -> Option<char> {
    u8::try_from(index).ok().filter(|i| usize::from(*i) < MOST_DIAGNOSES).map(|i| char::from(b'A' + i))
}

/// What the coder's line or diagnosis amounts to.
fn decision(line: &CodedLine) -> Decision {
    Decision { code: line.code.to_string(), units: line.units, modifiers: line.modifiers.clone() }
}

fn diagnosed(d: &CodedDiagnosis) -> Decision {
    Decision { code: d.code.to_string(), units: 1, modifiers: vec![] }
}

/// Makes all edits, or none.
///
/// # Errors
/// See [`EditError`].
pub fn apply(coding: &Coding, edits: &[Edit], text: &str) -> Result<(Coding, Vec<Correction>), EditError> {
    let mut lines: Vec<Option<CodedLine>> = coding.lines.iter().cloned().map(Some).collect();
    let mut diagnoses: Vec<Option<CodedDiagnosis>> = coding.diagnoses.iter().cloned().map(Some).collect();
    let mut lead = None;
    for edit in edits {
        match edit {
            Edit::SetLine { line, code, units, modifiers, pointers, levels, laterality } => {
                let found = slot(&mut lines, *line).ok_or(EditError::NoLine(*line))?;
                if *units == Some(0) {
                    return Err(EditError::NoUnits);
                }
                found.code = code.clone().unwrap_or_else(|| found.code.clone());
                found.units = units.unwrap_or(found.units);
                found.modifiers = modifiers.clone().unwrap_or_else(|| found.modifiers.clone());
                found.pointers = pointers.clone().unwrap_or_else(|| found.pointers.clone());
                found.levels = levels.clone().unwrap_or_else(|| found.levels.clone());
                found.laterality = laterality.unwrap_or(found.laterality);
                (found.source, found.confidence) = (ReadBy::Coder, 1.0);
                "changed by a coder".clone_into(&mut found.why);
            }
            Edit::RemoveLine { line } => {
                slot(&mut lines, *line).ok_or(EditError::NoLine(*line))?;
                lines[*line - 1] = None;
            }
            Edit::AddLine { code, units, modifiers, pointers, levels, laterality, evidence } => {
                if *units == 0 {
                    return Err(EditError::NoUnits);
                }
                let first = if diagnoses.is_empty() { vec![] } else { vec!['A'] };
                lines.push(Some(CodedLine {
                    code: code.clone(),
                    units: *units,
                    modifiers: modifiers.clone(),
                    pointers: if pointers.is_empty() { first } else { pointers.clone() },
                    levels: levels.clone(),
                    laterality: *laterality,
                    evidence: proof(text, *evidence)?,
                    confidence: 1.0,
                    source: ReadBy::Coder,
                    why: "added by a coder".to_owned(),
                }));
            }
            Edit::SetDiagnosis { diagnosis, code } => {
                let found = slot(&mut diagnoses, *diagnosis).ok_or(EditError::NoDiagnosis(*diagnosis))?;
                found.code = code.clone();
                (found.source, found.confidence) = (ReadBy::Coder, 1.0);
                "changed by a coder".clone_into(&mut found.why);
            }
            Edit::RemoveDiagnosis { diagnosis } => {
                slot(&mut diagnoses, *diagnosis).ok_or(EditError::NoDiagnosis(*diagnosis))?;
                diagnoses[*diagnosis - 1] = None;
            }
            Edit::AddDiagnosis { code, evidence } => diagnoses.push(Some(CodedDiagnosis {
                code: code.clone(),
                evidence: proof(text, *evidence)?,
                confidence: 1.0,
                source: ReadBy::Coder,
                why: "added by a coder".to_owned(),
            })),
            Edit::LeadWith { diagnosis } => {
                slot(&mut diagnoses, *diagnosis).ok_or(EditError::NoDiagnosis(*diagnosis))?;
                lead = Some(*diagnosis - 1);
            }
        }
    }
    let mut corrections = changes(&coding.lines, &lines, Subject::Line, decision, |l| &l.evidence);
    corrections
        .extend(changes(&coding.diagnoses, &diagnoses, Subject::Diagnosis, diagnosed, |d| &d.evidence));

    // Diagnoses move up when one goes or another leads: pointers follow them.
    let mut order: Vec<usize> = (0..diagnoses.len()).filter(|i| diagnoses[*i].is_some()).collect();
    if let Some(lead) = lead {
        order.sort_by_key(|i| *i != lead);
    }
    if order.len() > MOST_DIAGNOSES {
        return Err(EditError::TooManyDiagnoses);
    }
    let mut lines: Vec<CodedLine> = lines.into_iter().flatten().collect();
    for line in &mut lines {
        let mut moved = vec![];
        for pointer in &line.pointers {
            let old = (0..diagnoses.len()).find(|i| letter(*i) == Some(*pointer));
            let old = old.ok_or(EditError::NoPointer(*pointer))?;
            moved.extend(order.iter().position(|i| *i == old).and_then(letter));
        }
        if moved.is_empty() && !order.is_empty() {
            moved.push('A');
        }
        line.pointers = moved;
    }
    let diagnoses = order.into_iter().filter_map(|i| diagnoses[i].take()).collect();
    Ok((Coding { lines, diagnoses, ..coding.clone() }, corrections))
}

fn slot<T>(items: &mut [Option<T>], number: usize) -> Option<&mut T> {
    items.get_mut(number.checked_sub(1)?)?.as_mut()
}

fn proof(text: &str, span: Span) -> Result<Proof, EditError> {
    Evidence::cut(text, span).map(Proof::of).ok_or(EditError::NoEvidence)
}

/// What is different between the coding as drafted and as edited.
fn changes<T>(
    before: &[T],
    after: &[Option<T>],
    subject: Subject,
    decision: impl Fn(&T) -> Decision,
    words: impl Fn(&T) -> &Proof,
) -> Vec<Correction> {
    let mut out = vec![];
    for (i, after) in after.iter().enumerate() {
        let before = before.get(i);
        let (was, now) = (before.map(&decision), after.as_ref().map(&decision));
        if was != now {
            let evidence =
                before.or(after.as_ref()).map(|t| words(t).passages().to_vec()).unwrap_or_default();
            out.push(Correction { subject, was, now, evidence });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Edit, EditError, apply};
    use crate::{Context, Reader, code};
    use iambilly_claim::{Coding, Laterality, ReadBy, Span, Subject, Transcript};
    use jiff::civil::date;
    use serde_json::json;

    const NOTE: &str = "Postoperative diagnosis: lumbar stenosis L4-5 with neurogenic claudication, spondylolisthesis L4-5.\n\
        Procedure: L4-5 laminectomy, bilateral facetectomy and foraminotomy for decompression. Drain placed.";

    fn drafted() -> Coding {
        let context = Context { dos: date(2026, 2, 2), payer: "medicare".into() };
        let coding = code(&Transcript::typed(NOTE), &context, Reader::Rules, None);
        assert!(!coding.lines.is_empty() && coding.diagnoses.len() >= 2);
        coding
    }

    fn edits(value: serde_json::Value) -> Vec<Edit> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_changed_code_keeps_its_words_and_is_a_correction() {
        let before = drafted();
        let change = edits(json!([{"op": "set_line", "line": 1, "code": "63005", "units": 2}]));
        let (after, corrections) = apply(&before, &change, NOTE).unwrap();
        assert_eq!((after.lines[0].code.as_str(), after.lines[0].units), ("63005", 2));
        assert_eq!(after.lines[0].source, ReadBy::Coder);
        assert_eq!(after.lines[0].evidence, before.lines[0].evidence);
        assert_eq!(corrections.len(), 1);
        assert_eq!(corrections[0].subject, Subject::Line);
        assert_eq!(corrections[0].was.as_ref().unwrap().code, before.lines[0].code.as_str());
        assert_eq!(corrections[0].evidence, before.lines[0].evidence.passages());
    }

    #[test]
    fn a_side_is_given_changed_taken_away_or_left() {
        let before = drafted();
        let side =
            |change: serde_json::Value, of: &Coding| apply(of, &edits(json!([change])), NOTE).unwrap().0;
        let left = side(json!({"op": "set_line", "line": 1, "laterality": "left"}), &before);
        assert_eq!(left.lines[0].laterality, Some(Laterality::Left));
        let same = side(json!({"op": "set_line", "line": 1, "units": 1}), &left);
        assert_eq!(same.lines[0].laterality, Some(Laterality::Left));
        let none = side(json!({"op": "set_line", "line": 1, "laterality": null}), &left);
        assert_eq!(none.lines[0].laterality, None);
    }

    #[test]
    fn pointers_follow_their_diagnoses() {
        let before = drafted();
        let first = before.diagnoses[0].code.clone();
        let (after, _) = apply(&before, &edits(json!([{"op": "lead_with", "diagnosis": 2}])), NOTE).unwrap();
        assert_eq!(after.diagnoses[1].code, first);
        for (a, b) in before.lines[0].pointers.iter().zip(&after.lines[0].pointers) {
            let index = |p: &char| (*p as usize) - ('A' as usize);
            assert_eq!(before.diagnoses[index(a)].code, after.diagnoses[index(b)].code);
        }
        let (after, corrections) =
            apply(&before, &edits(json!([{"op": "remove_diagnosis", "diagnosis": 1}])), NOTE).unwrap();
        assert_eq!(after.diagnoses.len() + 1, before.diagnoses.len());
        assert!(corrections[0].now.is_none());
        assert!(!after.lines[0].pointers.is_empty());
    }

    #[test]
    fn an_added_code_needs_words() {
        let before = drafted();
        let at = NOTE.find("Drain").unwrap();
        let add = |start, end| {
            edits(json!([{"op": "add_line", "code": "20930", "evidence": {"start": start, "end": end}}]))
        };
        let (after, corrections) = apply(&before, &add(at, at + 12), NOTE).unwrap();
        assert_eq!(after.lines.last().unwrap().evidence.passages()[0].quote.expose(), "Drain placed");
        assert!(corrections[0].was.is_none());
        assert_eq!(apply(&before, &add(9_000, 9_010), NOTE), Err(EditError::NoEvidence));
    }

    #[test]
    fn what_is_not_there_cannot_be_edited() {
        let before = drafted();
        let refused = |value| apply(&before, &edits(value), NOTE).unwrap_err();
        assert_eq!(refused(json!([{"op": "remove_line", "line": 0}])), EditError::NoLine(0));
        assert_eq!(refused(json!([{"op": "set_line", "line": 1, "units": 0}])), EditError::NoUnits);
        assert_eq!(
            refused(json!([{"op": "set_line", "line": 1, "pointers": ["K"]}])),
            EditError::NoPointer('K')
        );
        assert_eq!(
            refused(json!([{"op": "remove_line", "line": 1}, {"op": "set_line", "line": 1}])),
            EditError::NoLine(1)
        );
        let twelve: Vec<Edit> = (0..12)
            .map(|_| Edit::AddDiagnosis { code: "I10".parse().unwrap(), evidence: Span::new(0, 4) })
            .collect();
        assert_eq!(apply(&before, &twelve, NOTE), Err(EditError::TooManyDiagnoses));
        assert!(
            serde_json::from_value::<Vec<Edit>>(json!([{"op": "set_line", "line": 1, "cod": "63047"}]))
                .is_err()
        );
    }
}
