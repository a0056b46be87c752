//! Criteria read as structure: passages that say when a payer pays become proposed payer rules.
//!
//! Each reader looks for one kind of sentence and proposes only what it can say in the form of
//! [`iambilly_scrub::PayerRules`]; what it does not understand stays a passage. A proposal warns until a coder has read
//! it beside its passage and confirmed it. A sentence counts only for the dates it names itself.

mod clause;
mod coverage;
mod facts;
mod numbers;
mod vocabulary;

use crate::passage::{Nature, Passage};
use clause::Clause;
use iambilly_claim::{FindingKind, Severity};
use iambilly_scrub::PayerRules;
use iambilly_scrub::payer::{Condition, PayerRule, RuleSource, Scope};
use jiff::civil::Date;

/// What is known of the document the passages are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Payer id.
    pub payer: String,
    /// Title.
    pub title: String,
    /// Number without version.
    pub number: Option<String>,
    /// Version as printed.
    pub version: Option<String>,
    /// First date of service.
    pub from: Date,
    /// Last date of service, if it ends.
    pub to: Option<Date>,
}

/// A rule a passage seems to state.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The rule.
    pub rule: PayerRule,
    /// Place of its passage in the list given.
    pub passage: usize,
}

impl Proposal {
    /// The rule as TOML, as a coder reads and edits it.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        #[derive(serde::Serialize)]
        struct File<'a> {
            rule: [&'a PayerRule; 1],
        }
        toml::to_string(&File { rule: [&self.rule] }).ok()
    }
}

/// What a reader found in a clause.
struct Draft {
    kind: FindingKind,
    severity: Severity,
    message: String,
    when: Condition,
    places: Vec<&'static str>,
}

impl Draft {
    fn new(kind: FindingKind, severity: Severity, message: impl Into<String>, when: Condition) -> Self {
        Self { kind, severity, message: message.into(), when, places: vec![] }
    }
}

/// The rules the passages of a document seem to state, in reading order.
#[must_use]
pub fn proposals(origin: &Origin, passages: &[Passage]) -> Vec<Proposal> {
    let facts = facts::Facts::of(origin, passages);
    let mut out: Vec<Proposal> = vec![];
    for (at, passage) in passages.iter().enumerate() {
        if matches!(passage.nature, Nature::History | Nature::Apparatus) {
            continue;
        }
        for clause in clause::clauses(origin, passage) {
            let found = numbers::read(&clause, &facts).into_iter().chain(coverage::read(&clause, &facts));
            for (part, draft) in found.enumerate() {
                push(origin, &clause, at, part, draft, &mut out);
            }
        }
    }
    if let Some((at, draft)) = facts.supported_diagnoses(passages)
        && let Some(passage) = passages.get(at)
    {
        push(origin, &Clause::whole(origin, passage), at, 0, draft, &mut out);
    }
    out
}

fn push(origin: &Origin, clause: &Clause<'_>, at: usize, part: usize, draft: Draft, out: &mut Vec<Proposal>) {
    if clause.to.is_some_and(|to| to < clause.from) {
        return;
    }
    let passage = clause.passage;
    let mut locator = format!("p. {}", passage.page);
    if !passage.heading().is_empty() {
        locator = format!("{locator}, {}", passage.heading());
    }
    let version = origin.version.as_ref().map(|v| format!("version {v}, ")).unwrap_or_default();
    let rule = PayerRule {
        id: id(origin, at, part, out.len()),
        kind: draft.kind,
        severity: draft.severity,
        message: draft.message,
        from: clause.from,
        to: clause.to,
        scope: Scope {
            payers: vec![origin.payer.clone()],
            places: draft.places.iter().map(|p| (*p).to_owned()).collect(),
            ..Scope::default()
        },
        when: draft.when,
        source: RuleSource {
            title: origin
                .number
                .as_ref()
                .map_or_else(|| origin.title.clone(), |n| format!("{n}, {}", origin.title)),
            edition: format!("{version}from {}", origin.from),
            locator,
        },
        remedy: None,
        why: String::new(),
        except: String::new(),
    };
    let same =
        out.iter().any(|p| p.rule.when == rule.when && p.rule.from == rule.from && p.rule.kind == rule.kind);
    // What the scrubber would not read as a rule is no proposal.
    let one = Proposal { rule, passage: at };
    if !same && one.text().is_some_and(|text| PayerRules::read(&text).is_ok()) {
        out.push(one);
    }
}

/// `ACME-ACSUR7-2026-P12-3`: payer, number, year, passage, and a number of its own.
fn id(origin: &Origin, at: usize, part: usize, count: usize) -> String {
    let name = |text: &str, most: usize| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).take(most).map(|c| c.to_ascii_uppercase()).collect()
    };
    let number = origin.number.as_deref().unwrap_or(&origin.title);
    let from = origin.from.strftime("%Y%m").to_string();
    format!("{}-{}-{from}-{}-{}", name(&origin.payer, 10), name(number, 10), at + 1, part + count + 1)
}

#[cfg(test)]
mod tests;
