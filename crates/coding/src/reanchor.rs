//! A person's coding under an edited transcript: every quote follows its words, and where the words changed it is
//! asked whether the code still stands. Codes are never changed here.

use crate::correct::Revised;
use iambilly_claim::coding::{CodedLine, Query, Risk};
use iambilly_claim::{Coding, Evidence, Proof, Span};
use std::collections::BTreeSet;

/// The coding with its evidence in the revised transcript. `before` and `after` are what the readers make of the old
/// and of the new text: what an edit newly supports, or supports no more, becomes a query.
#[must_use]
pub fn reanchor(coding: &Coding, revised: &Revised, before: &Coding, after: &Coding) -> Coding {
    let text = revised.transcript.text.expose().as_str();
    let mut out = coding.clone();
    let mut asked: Vec<Query> = vec![];
    let mut doubtful = BTreeSet::new();
    for line in &mut out.lines {
        if let Some(evidence) = moved(&mut line.evidence, revised, text) {
            doubtful.insert(line.code.to_string());
            asked.push(still(line.code.as_str(), evidence));
        }
    }
    for diagnosis in &mut out.diagnoses {
        if let Some(evidence) = moved(&mut diagnosis.evidence, revised, text) {
            doubtful.insert(diagnosis.code.to_string());
            asked.push(still(diagnosis.code.as_str(), evidence));
        }
    }
    for left in &mut out.not_billed {
        moved(&mut left.evidence, revised, text);
    }
    for line in out.alternatives.iter_mut().flat_map(|a| &mut a.lines) {
        moved(&mut line.evidence, revised, text);
    }
    for query in &mut out.queries {
        query.evidence = query.evidence.iter().filter_map(|e| cut(e, revised, text).0).collect();
    }
    for line in after.lines.iter().filter(|l| !holds(before, l) && !holds(coding, l)) {
        let says = said(line);
        asked.push(Query {
            question: format!("The changed words now support {says}, which the claim does not have like this. Is it to be billed so?"),
            affects: vec![line.code.to_string()],
            evidence: line.evidence.passages().to_vec(),
            risk: Risk::Missed,
            stake: crate::rvu(line.code.as_str()).unwrap_or(0.0),
        });
    }
    for line in before.lines.iter().filter(|l| !holds(after, l) && holds(coding, l)) {
        if doubtful.insert(line.code.to_string()) {
            let mut evidence = line.evidence.clone();
            moved(&mut evidence, revised, text);
            asked.push(Query {
                question: format!("The changed words no longer support {}. Does it still stand?", said(line)),
                affects: vec![line.code.to_string()],
                evidence: evidence.passages().to_vec(),
                risk: Risk::UpCode,
                stake: crate::rvu(line.code.as_str()).unwrap_or(0.0),
            });
        }
    }
    let codes = |c: &Coding| c.diagnoses.iter().map(|d| d.code.to_string()).collect::<BTreeSet<_>>();
    let (was, is, has) = (codes(before), codes(after), codes(coding));
    for diagnosis in
        after.diagnoses.iter().filter(|d| !was.contains(d.code.as_str()) && !has.contains(d.code.as_str()))
    {
        asked.push(Query {
            question: format!(
                "The changed words now support the diagnosis {}. Is it to be on the claim?",
                diagnosis.code
            ),
            affects: vec![diagnosis.code.to_string()],
            evidence: diagnosis.evidence.passages().to_vec(),
            risk: Risk::Sequence,
            stake: 0.0,
        });
    }
    for diagnosis in
        out.diagnoses.iter().filter(|d| was.contains(d.code.as_str()) && !is.contains(d.code.as_str()))
    {
        if doubtful.insert(diagnosis.code.to_string()) {
            asked.push(still(diagnosis.code.as_str(), diagnosis.evidence.passages().to_vec()));
        }
    }
    out.queries.retain(|q| !asked.iter().any(|a| a.question == q.question));
    asked.append(&mut out.queries);
    out.queries = asked;
    out
}

fn still(code: &str, evidence: Vec<Evidence>) -> Query {
    Query {
        question: format!("Words behind {code} were edited. Does the note still support it?"),
        affects: vec![code.to_owned()],
        evidence,
        risk: Risk::UpCode,
        stake: crate::rvu(code).unwrap_or(0.0),
    }
}

/// "22633 ×1 L4-L5".
fn said(line: &CodedLine) -> String {
    let levels: Vec<String> = line.levels.iter().map(ToString::to_string).collect();
    format!("{} ×{} {}", line.code, line.units, levels.join(" ")).trim_end().to_owned()
}

fn holds(coding: &Coding, line: &CodedLine) -> bool {
    coding.lines.iter().any(|l| {
        (&l.code, l.units, &l.levels, l.laterality) == (&line.code, line.units, &line.levels, line.laterality)
    })
}

/// Moves a proof; the passages whose words were changed, as they stand now.
fn moved(proof: &mut Proof, revised: &Revised, text: &str) -> Option<Vec<Evidence>> {
    let cuts: Vec<(Option<Evidence>, bool)> =
        proof.passages().iter().map(|e| cut(e, revised, text)).collect();
    let touched: Vec<Evidence> = cuts.iter().filter(|(_, hit)| *hit).filter_map(|(e, _)| e.clone()).collect();
    let all: Vec<Evidence> = cuts.into_iter().filter_map(|(e, _)| e).collect();
    let hit = !touched.is_empty() || all.len() < proof.passages().len();
    // Words of a change are never nothing, so something is left; if it were not, the old proof stands and is asked about.
    if let Ok(new) = Proof::try_from(all) {
        *proof = new;
    }
    hit.then_some(touched)
}

fn cut(evidence: &Evidence, revised: &Revised, text: &str) -> (Option<Evidence>, bool) {
    let (span, touched) = revised.follow(Span { start: evidence.start, end: evidence.end });
    (Evidence::cut(text, span), touched)
}

#[cfg(test)]
mod tests {
    use super::reanchor;
    use crate::correct::{TextChange, revise};
    use crate::{Context, Reader, Tables, code_with};
    use iambilly_claim::{Coding, Transcript};

    const NOTE: &str = "Preoperative diagnosis: lumbar stenosis with neurogenic claudication at L4-L5. \
        Procedure performed: L4-L5 laminectomy with bilateral foraminotomy for decompression. \
        Description: The lamina of L4 was removed and the L4-L5 facets were undercut on both sides until the roots were free. \
        Counts were correct.";

    fn read(t: &Transcript) -> Coding {
        let context = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        code_with(&Tables::shipped(context.dos), t, &context, Reader::Rules, None)
    }

    fn after(changes: &[(&str, &str)]) -> (Coding, Coding, String) {
        let t = Transcript::typed(NOTE);
        let changes: Vec<TextChange> = changes
            .iter()
            .map(|(was, now)| {
                let start = NOTE.find(was).unwrap();
                TextChange { start, end: start + was.len(), was: (*was).into(), now: (*now).into() }
            })
            .collect();
        let revised = revise(&t, &changes).unwrap();
        let (old, new) = (read(&t), read(&revised.transcript));
        let out = reanchor(&old, &revised, &old, &new);
        (old, out, revised.transcript.text.into_exposed())
    }

    fn sound(coding: &Coding, text: &str) {
        let lines = coding.lines.iter().flat_map(|l| l.evidence.passages());
        let diagnoses = coding.diagnoses.iter().flat_map(|d| d.evidence.passages());
        let rest = coding.queries.iter().flat_map(|q| &q.evidence);
        for e in lines
            .chain(diagnoses)
            .chain(rest)
            .chain(coding.not_billed.iter().flat_map(|n| n.evidence.passages()))
        {
            assert!(e.matches(text), "{e:?}");
        }
    }

    #[test]
    fn quotes_follow_words_that_did_not_change() {
        let (old, out, text) =
            after(&[("Counts were correct.", "All counts were correct, and the wound was closed.")]);
        assert!(!old.lines.is_empty());
        sound(&out, &text);
        assert_eq!(out.lines.len(), old.lines.len());
        assert_eq!(out.queries.len(), old.queries.len(), "{:?}", out.queries);
        let (_, out, text) = after(&[("Preoperative diagnosis", "Diagnosis before the operation")]);
        sound(&out, &text);
    }

    #[test]
    fn words_that_changed_are_asked_about_and_codes_stand() {
        let (old, out, text) =
            after(&[("L4-L5 laminectomy", "L3-L4 laminectomy"), ("L4-L5 facets", "L3-L4 facets")]);
        sound(&out, &text);
        let codes =
            |c: &Coding| c.lines.iter().map(|l| (l.code.to_string(), l.levels.clone())).collect::<Vec<_>>();
        assert_eq!(codes(&old), codes(&out));
        let asks = |words: &str| out.queries.iter().any(|q| q.question.contains(words));
        assert!(asks("were edited") && asks("now support"), "{:?}", out.queries);
    }
}
