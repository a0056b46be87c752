//! Findings against what was expected of them.

use crate::case::{Expect, Expected};
use crate::rate::Counts;
use iambilly_claim::{Finding, FindingKind, Findings, Severity, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Hits, misses and unexpected findings of one kind.
pub type KindCount = BTreeMap<String, Counts>;

/// How well findings fit what was expected of a claim.
///
/// A finding says something when it warns or blocks. A false alarm is one that the case's `never` forbids, or
/// any on a claim that is clean; a finding that was not planted is otherwise only `extra`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ClaimScore {
    /// Whether the verdict is right.
    pub verdict_right: bool,
    /// By kind. An expectation that names several kinds counts under the first.
    pub kinds: KindCount,
    /// Findings that are false alarms, as `kind code code`.
    pub false_alarms: Vec<String>,
    /// Expected findings that are missing, as `kind code code`.
    pub missing: Vec<String>,
}

impl ClaimScore {
    /// Scores findings.
    #[must_use]
    pub fn of(findings: &Findings, expect: &Expect) -> Self {
        let said: Vec<&Finding> = findings.findings.iter().filter(|f| f.severity != Severity::Info).collect();
        let mut score = Self { verdict_right: findings.verdict == expect.verdict, ..Self::default() };
        for wanted in &expect.findings {
            let kind = wanted.kind.first().map(|k| name(*k)).unwrap_or_default();
            let count = score.kinds.entry(kind.clone()).or_default();
            if said.iter().any(|f| fits(f, wanted)) {
                count.hit += 1;
            } else {
                count.missed += 1;
                score.missing.push(format!("{kind} {}", wanted.codes.join(" ")).trim().to_owned());
            }
        }
        for finding in said {
            let planted = expect.findings.iter().any(|w| fits(finding, w));
            if !planted {
                score.kinds.entry(name(finding.kind)).or_default().extra += 1;
            }
            let forbidden = expect
                .never
                .iter()
                .any(|n| n.kind.contains(&finding.kind) && n.codes.iter().all(|c| finding.codes.contains(c)));
            if forbidden || expect.verdict == Verdict::Clean {
                score
                    .false_alarms
                    .push(format!("{} {}", name(finding.kind), finding.codes.join(" ")).trim().to_owned());
            }
        }
        score
    }

    /// All kinds together.
    #[must_use]
    pub fn all(&self) -> Counts {
        self.kinds.values().fold(Counts::default(), |mut sum, c| {
            sum += *c;
            sum
        })
    }
}

fn fits(finding: &Finding, wanted: &Expected) -> bool {
    let touches =
        |wanted: &[String], has: &[String]| wanted.is_empty() || wanted.iter().any(|w| has.contains(w));
    wanted.kind.contains(&finding.kind)
        && touches(&wanted.codes, &finding.codes)
        && (wanted.lines.is_empty() || wanted.lines.iter().any(|l| finding.lines.contains(l)))
}

fn name(kind: FindingKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::ClaimScore;
    use iambilly_claim::{Finding, Findings};
    use serde_json::json;

    fn findings(list: &[(&str, &str, &[&str])]) -> Findings {
        let all = list.iter().map(|(kind, severity, codes)| {
            serde_json::from_value::<Finding>(json!({"kind": kind, "rule": "r", "severity": severity, "lines": [1],
                "codes": codes, "message": "", "fix": null,
                "source": {"title": "", "version": "", "effective_from": null, "effective_to": null, "locator": ""}}))
            .unwrap()
        });
        Findings::of(all.collect())
    }

    #[test]
    fn hits_misses_and_false_alarms() {
        let expect = serde_json::from_value(json!({"verdict": "block",
            "findings": [{"kind": ["ptp", "overcoded"], "codes": ["22633", "63047"]}, {"kind": "units", "codes": ["22551"]}],
            "never": [{"kind": "ptp", "codes": ["22845", "22853"]}, {"kind": "mue", "codes": []}]}))
        .unwrap();
        let s = ClaimScore::of(
            &findings(&[
                ("overcoded", "block", &["63047"]),
                ("ptp", "block", &["22853", "22845"]),
                ("mue", "info", &["20930"]),
                ("ptp", "warn", &["22845"]),
            ]),
            &expect,
        );
        assert!(s.verdict_right);
        assert_eq!((s.all().hit, s.all().missed, s.all().extra), (1, 1, 2));
        assert_eq!(s.false_alarms, ["ptp 22853 22845"]);
        assert_eq!(s.missing, ["units 22551"]);
    }

    #[test]
    fn anything_said_of_a_clean_claim_is_a_false_alarm() {
        let expect = serde_json::from_value(json!({"verdict": "clean"})).unwrap();
        let quiet = ClaimScore::of(&findings(&[("edition_stale", "info", &[])]), &expect);
        assert!(quiet.verdict_right && quiet.false_alarms.is_empty());
        assert_eq!(
            ClaimScore::of(&findings(&[("units", "warn", &["22551"])]), &expect).false_alarms.len(),
            1
        );
    }
}
