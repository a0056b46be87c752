//! The questions the diagnoses leave open, each naming what its answer would change and what is at risk.
//!
//! Source: ICD-10-CM guidelines FY2026 I.B.16 (documentation of complications), I.C.6.b (pain: the order of G89.-
//! and its cause), I.A.19 (the provider's statement).

use super::story::Story;
use super::{Coded, Gathering, order};
use iambilly_claim::{Query, Risk};

impl Gathering<'_, '_> {
    /// The questions the codes leave open, each naming what the answer would change.
    pub(super) fn questions(&mut self, story: &Story) {
        let open: Vec<(String, Vec<(usize, usize)>)> = self
            .out
            .iter()
            .map(|c| {
                let spans = c.diagnosis.evidence.passages().iter().map(|e| (e.start, e.end)).collect();
                (c.diagnosis.code.as_str().to_owned(), spans)
            })
            .collect();
        self.order_of_pain();
        for (code, spans) in open {
            let spans = spans.get(..1).unwrap_or_default();
            if story.inferred_root && ["M50.1", "M51.1", "M47.2"].iter().any(|c| code.starts_with(c)) {
                let plain =
                    code.replace("M50.1", "M50.2").replace("M51.1", "M51.2").replace("M47.2", "M47.81");
                let question = "Is it a radiculopathy? The note gives a root's distribution, not the word.";
                self.ask(Risk::UpCode, question, &[&code, &plain], spans);
            }
            match code.as_str() {
                "M48.061" => {
                    self.ask(
                        Risk::Denial,
                        "Was neurogenic claudication present?",
                        &["M48.061", "M48.062"],
                        spans,
                    );
                }
                "M51.369" | "M51.379" => {
                    let stem = code.get(..6).unwrap_or_default();
                    let kinds: Vec<String> = ["0", "1", "2"].iter().map(|k| format!("{stem}{k}")).collect();
                    let affects: Vec<&str> =
                        [code.as_str()].into_iter().chain(kinds.iter().map(String::as_str)).collect();
                    self.ask(
                        Risk::Denial,
                        "Does the worn disc cause back pain, leg pain or both?",
                        &affects,
                        spans,
                    );
                }
                "M51.26" | "M51.27" if matches!(story.pain, Some('1' | '2')) => {
                    let root = code.replace(".2", ".1");
                    self.ask(
                        Risk::Denial,
                        "There is leg pain: is it a radiculopathy from the herniated disc?",
                        &[&code, &root],
                        spans,
                    );
                }
                "M41.9" => {
                    self.ask(Risk::Denial, "What kind of scoliosis is it (idiopathic, degenerative, neuromuscular), and in which region?", &["M41.9", "M41.12-", "M41.4-", "M41.8-"], spans);
                }
                "D49.7" | "D49.2" => {
                    self.ask(Risk::Denial, "What did the pathology show?", &[&code], spans);
                }
                "M48.52XA" | "M48.54XA" | "M48.56XA" | "M48.58XA" | "M84.48XA" => {
                    self.ask(
                        Risk::Denial,
                        "What broke the vertebra: osteoporosis, an injury or a tumour?",
                        &[&code, "M80.08XA", "M84.58XA"],
                        spans,
                    );
                }
                c if (c.starts_with("S22.0") || c.starts_with("S32.0")) && c.get(6..7) == Some("1") => {
                    let unstable =
                        format!("{}2{}", c.get(..6).unwrap_or_default(), c.get(7..).unwrap_or_default());
                    self.ask(
                        Risk::Denial,
                        "Was the burst fracture stable or unstable?",
                        &[c, &unstable],
                        spans,
                    );
                }
                c if (c.starts_with("S22.0") || c.starts_with("S32.0")) && c.get(6..7) == Some("9") => {
                    self.ask(
                        Risk::Denial,
                        "Which kind of fracture was it (wedge compression, burst, other)?",
                        &[c],
                        spans,
                    );
                }
                _ => {}
            }
        }
    }

    /// Pain (G89.-) beside its cause: the one the visit was for is listed first.
    fn order_of_pain(&mut self) {
        let code = |c: &Coded| c.diagnosis.code.as_str().to_owned();
        let found = self.out.iter().find(|c| c.diagnosis.code.as_str().starts_with("G89"));
        let pain = found.map(code);
        let spans: Vec<(usize, usize)> = found
            .and_then(|c| c.diagnosis.evidence.passages().first())
            .map(|e| (e.start, e.end))
            .into_iter()
            .collect();
        let cause = self.out.iter().filter(|c| !c.symptom && c.rank == order::Rank::Disease).map(code);
        let cause = cause.into_iter().find(|c| !c.starts_with("G89") && !c.starts_with('Z'));
        if let (Some(pain), Some(cause)) = (pain, cause) {
            let question = "Was the service for the control of the pain, or for the disease that causes it? That one is listed first.";
            self.ask(Risk::Sequence, question, &[&pain, &cause], &spans);
        }
    }

    /// A code the words lead to that cannot be reported on the date of service.
    pub(super) fn not_in_force(&mut self, code: &str, spans: &[(usize, usize)]) {
        let finer = self.icd.billable_under(code, 6);
        let edition = self.icd.name();
        let question = if finer.is_empty() {
            format!(
                "The words lead to {code}, which is not in the edition in force on the date of service ({edition}): which code holds?"
            )
        } else {
            format!(
                "The words lead to {code}, which needs more detail in the edition in force on the date of service ({edition}): which one is it?"
            )
        };
        let affects: Vec<&str> = std::iter::once(code).chain(finer.iter().map(String::as_str)).collect();
        self.ask(Risk::Denial, &question, &affects, spans);
    }

    /// Asks once.
    pub(super) fn ask(&mut self, risk: Risk, question: &str, affects: &[&str], spans: &[(usize, usize)]) {
        if self.queries.iter().any(|q| q.question == question) {
            return;
        }
        self.queries.push(Query {
            question: question.to_owned(),
            affects: affects.iter().map(|s| (*s).to_owned()).collect(),
            evidence: spans.iter().filter_map(|s| self.op.note.doc.evidence(s.0, s.1)).collect(),
            risk,
            stake: 0.0,
        });
    }
}
