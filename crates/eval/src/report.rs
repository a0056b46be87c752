//! The report of an evaluation: scores of all cases added up, as JSON and as a table.

use crate::claim_score::{ClaimScore, KindCount};
use crate::hearing::{Heard, Hearing};
use crate::note_score::NoteScore;
use crate::rate::{Counts, Share};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Scores of all cases added up.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    notes: Vec<(String, NoteScore)>,
    claims: Vec<(String, ClaimScore)>,
    speech: Vec<(String, Hearing)>,
    failures: Vec<(String, String)>,
}

impl Report {
    /// An empty report.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a coding's score under the case's name.
    pub fn add_note(&mut self, case: impl Into<String>, score: NoteScore) {
        self.notes.push((case.into(), score));
    }
    /// Adds a claim's score.
    pub fn add_claim(&mut self, case: impl Into<String>, score: ClaimScore) {
        self.claims.push((case.into(), score));
    }
    /// Adds how a dictation was heard.
    pub fn add_speech(&mut self, case: impl Into<String>, heard: impl Into<Hearing>) {
        self.speech.push((case.into(), heard.into()));
    }
    /// Notes a case that could not be run at all, with the stable code of the fault.
    pub fn add_failure(&mut self, case: impl Into<String>, code: impl Into<String>) {
        self.failures.push((case.into(), code.into()));
    }

    /// Number of cases that could not be run.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.len()
    }
    /// F1 of lines by code over all notes together.
    #[must_use]
    pub fn line_f1(&self) -> f64 {
        self.sum(|n| n.lines).f1()
    }
    /// F1 of lines by code, units and modifiers.
    #[must_use]
    pub fn whole_line_f1(&self) -> f64 {
        self.sum(|n| n.whole_lines).f1()
    }
    /// Share of notes whose set of codes is exactly right.
    #[must_use]
    pub fn exact_share(&self) -> f64 {
        self.exact().rate()
    }
    /// Codes too many, a note.
    #[must_use]
    pub fn extra_codes_a_note(&self) -> f64 {
        mean(self.sum(|n| n.lines).extra, self.notes.len())
    }
    /// F1 of diagnoses.
    #[must_use]
    pub fn diagnosis_f1(&self) -> f64 {
        self.sum(|n| n.diagnoses).f1()
    }
    /// Share of notes whose first-listed diagnosis is right.
    #[must_use]
    pub fn first_listed_share(&self) -> f64 {
        self.share(|n| n.first_listed).rate()
    }
    /// Share of right lines whose levels are right.
    #[must_use]
    pub fn level_accuracy(&self) -> f64 {
        self.share(|n| n.levels).rate()
    }
    /// Share of right lines whose side is right.
    #[must_use]
    pub fn laterality_accuracy(&self) -> f64 {
        self.share(|n| n.laterality).rate()
    }
    /// Share of evidence whose quote is exactly the slice of the text.
    #[must_use]
    pub fn evidence_validity(&self) -> f64 {
        self.share(|n| n.evidence).rate()
    }
    /// Share of claims whose verdict is right.
    #[must_use]
    pub fn verdict_share(&self) -> f64 {
        self.verdicts().rate()
    }
    /// Findings of all kinds together: precision, recall.
    #[must_use]
    pub fn findings(&self) -> Counts {
        self.kinds().values().fold(Counts::default(), |mut sum, c| {
            sum += *c;
            sum
        })
    }
    /// Number of false alarms.
    #[must_use]
    pub fn false_alarms(&self) -> usize {
        self.claims.iter().map(|(_, c)| c.false_alarms.len()).sum()
    }
    /// Word error rate over all words together.
    #[must_use]
    pub fn word_error_rate(&self) -> f64 {
        self.heard().corrected.word_error_rate()
    }
    /// Spine-term error rate over all terms together.
    #[must_use]
    pub fn term_error_rate(&self) -> f64 {
        self.heard().corrected.term_error_rate()
    }

    fn sum(&self, of: impl Fn(&NoteScore) -> Counts) -> Counts {
        self.notes.iter().fold(Counts::default(), |mut sum, (_, n)| {
            sum += of(n);
            sum
        })
    }
    fn share(&self, of: impl Fn(&NoteScore) -> Share) -> Share {
        self.notes.iter().fold(Share::default(), |mut sum, (_, n)| {
            sum += of(n);
            sum
        })
    }
    /// Lines by code, by family of codes.
    #[must_use]
    pub fn families(&self) -> BTreeMap<&'static str, Counts> {
        let mut all: BTreeMap<&'static str, Counts> = BTreeMap::new();
        for (name, counts) in self.notes.iter().flat_map(|(_, n)| &n.families) {
            *all.entry(name).or_default() += *counts;
        }
        all
    }
    fn exact(&self) -> Share {
        Share { yes: self.notes.iter().filter(|(_, n)| n.exact).count(), of: self.notes.len() }
    }
    fn verdicts(&self) -> Share {
        Share { yes: self.claims.iter().filter(|(_, c)| c.verdict_right).count(), of: self.claims.len() }
    }
    fn kinds(&self) -> KindCount {
        let mut all = KindCount::new();
        for (kind, count) in self.claims.iter().flat_map(|(_, c)| &c.kinds) {
            *all.entry(kind.clone()).or_default() += *count;
        }
        all
    }
    fn heard(&self) -> Heard {
        Heard::of(self.speech.iter().map(|(_, heard)| heard))
    }

    /// Everything as JSON: totals, then each case.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let counts = |c: Counts| {
            json!({"f1": round(c.f1()), "precision": round(c.precision()), "recall": round(c.recall()),
                   "hit": c.hit, "extra": c.extra, "missed": c.missed})
        };
        let mut out = json!({"cases": self.notes.len().max(self.speech.len()) + self.claims.len() + self.failures.len()});
        if !self.notes.is_empty() {
            out["notes"] = json!({
                "count": self.notes.len(),
                "line_f1": round(self.line_f1()), "line_f1_units_modifiers": round(self.whole_line_f1()),
                "exact_code_set": round(self.exact_share()), "extra_codes_a_note": round(self.extra_codes_a_note()),
                "diagnosis_f1": round(self.diagnosis_f1()), "first_listed": round(self.first_listed_share()),
                "level_accuracy": round(self.level_accuracy()), "laterality_accuracy": round(self.laterality_accuracy()),
                "evidence_validity": round(self.evidence_validity()),
                "not_billed_respected": round(self.share(|n| n.not_billed).rate()),
                "lines": counts(self.sum(|n| n.lines)), "diagnoses": counts(self.sum(|n| n.diagnoses)),
                "families": self.families().into_iter().map(|(name, c)| (name.to_owned(), counts(c))).collect::<serde_json::Map<String, Value>>(),
                "by_case": by_case(&self.notes),
            });
        }
        if !self.claims.is_empty() {
            let kinds: serde_json::Map<String, Value> =
                self.kinds().into_iter().map(|(kind, c)| (kind, counts(c))).collect();
            out["claims"] = json!({
                "count": self.claims.len(), "verdict_right": round(self.verdict_share()),
                "precision": round(self.findings().precision()), "recall": round(self.findings().recall()),
                "false_alarms": self.false_alarms(), "kinds": kinds, "by_case": by_case(&self.claims),
            });
        }
        if !self.speech.is_empty() {
            let heard = self.heard();
            let wait = heard.wait_ms().map(|(median, longest)| json!({"median": median, "longest": longest}));
            out["speech"] = json!({
                "count": self.speech.len(), "word_error_rate": round(self.word_error_rate()),
                "term_error_rate": round(self.term_error_rate()), "total": heard.corrected,
                "before_correction": {
                    "word_error_rate": round(heard.raw.word_error_rate()),
                    "term_error_rate": round(heard.raw.term_error_rate()), "total": heard.raw,
                },
                "real_time_factor": heard.real_time_factor().map(round), "wait_ms": wait,
                "by_case": by_case(&self.speech),
            });
        }
        if !self.failures.is_empty() {
            out["failures"] =
                self.failures.iter().map(|(case, code)| json!({"case": case, "code": code})).collect();
        }
        out
    }

    /// Totals as a plain-text table, then what went wrong case by case.
    #[must_use]
    pub fn to_table(&self) -> String {
        let mut out = String::new();
        let mut row = |name: &str, value: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name:<36} {value:>10}");
        };
        if !self.notes.is_empty() {
            row("notes", self.notes.len().to_string());
            row("line F1 (code)", three(self.line_f1()));
            row("line F1 (code, units, modifiers)", three(self.whole_line_f1()));
            row("exact code set", of(self.exact()));
            row("extra codes a note", three(self.extra_codes_a_note()));
            row("diagnosis F1", three(self.diagnosis_f1()));
            row("first-listed right", of(self.share(|n| n.first_listed)));
            row("levels right", of(self.share(|n| n.levels)));
            row("laterality right", of(self.share(|n| n.laterality)));
            row("evidence valid", of(self.share(|n| n.evidence)));
            row("not-billed respected", of(self.share(|n| n.not_billed)));
            for (name, c) in self.families() {
                row(
                    &format!("  {name}"),
                    format!("F1 {:.3}  {} hit, {} missed, {} extra", c.f1(), c.hit, c.missed, c.extra),
                );
            }
        }
        if !self.claims.is_empty() {
            let all = self.findings();
            row("claims", self.claims.len().to_string());
            row("verdict right", of(self.verdicts()));
            row("findings: precision", three(all.precision()));
            row("findings: recall", three(all.recall()));
            row("false alarms", self.false_alarms().to_string());
            for (kind, c) in self.kinds() {
                row(&format!("  {kind}"), format!("{} hit, {} missed, {} extra", c.hit, c.missed, c.extra));
            }
        }
        if !self.speech.is_empty() {
            row("dictations", self.speech.len().to_string());
            row("word error rate", three(self.word_error_rate()));
            row("spine-term error rate", three(self.term_error_rate()));
            let heard = self.heard();
            row("  before correction: words", three(heard.raw.word_error_rate()));
            row("  before correction: spine terms", three(heard.raw.term_error_rate()));
            if let Some(factor) = heard.real_time_factor() {
                row("real-time factor of recognition", three(factor));
            }
            if let Some((median, longest)) = heard.wait_ms() {
                row("stop to text, median", format!("{median} ms"));
                row("stop to text, longest", format!("{longest} ms"));
            }
        }
        for (case, n) in self.notes.iter().filter(|(_, n)| !n.exact) {
            row(
                &format!("- {case}"),
                format!("missing [{}] extra [{}]", n.missing_codes.join(" "), n.extra_codes.join(" ")),
            );
        }
        for (case, c) in &self.claims {
            let verdict = if c.verdict_right { "" } else { "wrong verdict " };
            if !c.verdict_right || !c.missing.is_empty() || !c.false_alarms.is_empty() {
                row(
                    &format!("- {case}"),
                    format!(
                        "{verdict}missing [{}] false alarms [{}]",
                        c.missing.join(", "),
                        c.false_alarms.join(", ")
                    ),
                );
            }
        }
        for (case, code) in &self.failures {
            row(&format!("- {case}"), format!("could not be run: {code}"));
        }
        out
    }
}

fn by_case<T: Serialize>(scores: &[(String, T)]) -> Value {
    scores.iter().map(|(case, score)| json!({"case": case, "score": score})).collect()
}

/// To four decimals: enough to compare, short enough to read.
fn round(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}

fn three(x: f64) -> String {
    format!("{x:.3}")
}

fn of(share: Share) -> String {
    format!("{:.3} ({}/{})", share.rate(), share.yes, share.of)
}

#[allow(clippy::cast_precision_loss, reason = "counts of cases are far below 2^52")]
fn mean(sum: usize, n: usize) -> f64 {
    if n == 0 { 0.0 } else { sum as f64 / n as f64 }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::{Counts, NoteScore, SpeechScore};

    #[test]
    fn totals_are_over_all_lines_not_means_of_means() {
        let mut report = Report::new();
        let note = |hit, missed| NoteScore {
            lines: Counts { hit, extra: 0, missed },
            exact: missed == 0,
            ..NoteScore::default()
        };
        report.add_note("a", note(1, 0));
        report.add_note("b", note(2, 2));
        report.add_speech("c", SpeechScore::of("left", "left facet"));
        assert!((report.line_f1() - 0.75).abs() < 1e-9);
        assert!((report.exact_share() - 0.5).abs() < 1e-9);
        let json = report.to_json();
        assert_eq!(json["notes"]["line_f1"], 0.75);
        assert_eq!(json["speech"]["word_error_rate"], 0.5);
        assert!(json.get("claims").is_none());
        assert!(report.to_table().contains("line F1 (code)"));
        assert!(report.to_table().contains("- b"));
    }

    #[test]
    fn an_empty_report_divides_by_nothing() {
        let report = Report::new();
        assert_eq!(
            (report.line_f1(), report.word_error_rate(), report.extra_codes_a_note()),
            (1.0, 0.0, 0.0)
        );
    }
}
