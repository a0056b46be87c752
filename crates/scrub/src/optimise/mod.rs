//! The optimiser: what a claim would be paid, what it leaves out although the documentation bears it, and what in it
//! is over-coded or at risk in an audit.
//!
//! A proposal is a finding's fix or an add-on the note's words call for, priced before and after. One that raises the
//! payment always rests on levels or words of the claim's own lines ([`Proposal::proof`]) and is dropped when the claim's verdict
//! would be worse with it. Nothing is applied here: the coder looks at the proof first.

mod payment;

use crate::book::RuleBook;
use crate::fixes;
use crate::line_rules::affirms;
use crate::payer::PayerRules;
use crate::view::{Line, View};
use iambilly_claim::finding::{Fix, Source};
use iambilly_claim::money::Cents;
use iambilly_claim::{Claim, Finding, FindingKind, Findings, Level, Phi, Severity, phi};
use jiff::civil::Date;
pub(crate) use payment::PaymentRules;
pub use payment::{Fee, LinePayment, Payment, Setting};
use serde::Serialize;

/// What can be said of a claim's value.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Optimum {
    /// As it stands.
    pub payment: Payment,
    /// What could change, most valuable first; then what is at risk.
    pub proposals: Vec<Proposal>,
    /// Line numbers in the order of relative value, where it is not the claim's.
    pub order: Option<Vec<u32>>,
}

/// What a proposal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// An add-on or further unit that the documentation bears.
    Missed,
    /// One code for two services.
    Combined,
    /// A fuller or a lesser code that the documentation describes.
    Recode,
    /// A modifier that is right and missing, or wrong and there.
    Modifier,
    /// Something billed that the documentation or an edit does not allow.
    Overcoded,
    /// Payable, and likely to be asked for in an audit.
    AuditRisk,
}

/// A change worth a look.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Proposal {
    /// What it does.
    pub kind: ProposalKind,
    /// The rule it rests on (`rules explain`).
    pub rule: String,
    /// In a sentence.
    pub message: String,
    /// Levels and words of the claim's lines that bear it.
    pub proof: Vec<Proof>,
    /// Where the rule stands.
    pub source: Source,
    /// The change; none where a person must decide what it is.
    pub fix: Option<Fix>,
    /// Change of the expected payment, where both sides can be priced.
    pub payment: Option<Cents>,
    /// Change of relative value units in ten-thousandths.
    pub rvu: Option<i64>,
}

/// What in the claim bears a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Proof {
    /// Line number.
    pub line: u32,
    /// Its levels.
    pub levels: Vec<Level>,
    /// Phrases of the note quoted for it.
    #[serde(serialize_with = "phi::disclose")]
    pub documented: Phi<Vec<String>>,
}

/// Prices a claim and proposes what its own documentation bears.
#[must_use]
pub fn optimise(
    claim: &Claim,
    book: &RuleBook,
    rules: &PayerRules,
    setting: &Setting,
    today: Date,
) -> Optimum {
    let view = View::new(claim, book, today, true);
    let payment = payment::price(&view, setting);
    let findings = crate::scrub_with(claim, book, rules, today);
    let worth = |changed: &Claim| payment::price(&View::new(changed, book, today, false), setting);
    let mut proposals: Vec<Proposal> =
        findings.findings.iter().filter_map(|f| of_finding(&view, f)).collect();
    proposals.extend(further(&view));
    proposals.extend(missed(&view));
    proposals.retain_mut(|proposal| {
        let Some(fix) = &proposal.fix else { return true };
        let Ok(changed) = crate::apply(claim, fix) else { return false };
        let after = worth(&changed);
        if payment.complete && after.complete {
            proposal.payment = Some(Cents(after.total.0.saturating_sub(payment.total.0)));
            let signed = |v: u64| i64::try_from(v).unwrap_or(i64::MAX);
            proposal.rvu = Some(signed(after.rvu).saturating_sub(signed(payment.rvu)));
        }
        let raises = proposal.rvu.is_none_or(|r| r > 0);
        let shown = proposal.proof.iter().any(|p| !p.levels.is_empty() || !p.documented.expose().is_empty());
        let worse = severity(&crate::scrub_with(&changed, book, rules, today)) > severity(&findings);
        if raises && (!shown || worse) {
            return false;
        }
        // A fix that only lowers what is paid is no gain that was missed.
        if proposal.rvu.is_some_and(|r| r < 0) && proposal.kind == ProposalKind::Missed {
            proposal.kind = ProposalKind::Overcoded;
        }
        true
    });
    proposals
        .sort_by_key(|p| (p.kind == ProposalKind::AuditRisk, std::cmp::Reverse(p.rvu.unwrap_or(0)), p.kind));
    Optimum { order: order(&view, &payment), payment, proposals }
}

/// Medicare's fee of one unit of each line, in the claim's order; none where the tables do not say. What modifiers,
/// rank and sides change in a payment is not in it: a clinic's charge is not lowered by what a payer does.
#[must_use]
pub fn fees(claim: &Claim, book: &RuleBook, setting: &Setting, today: Date) -> Vec<Option<Fee>> {
    payment::fees(&View::new(claim, book, today, false), setting)
}

/// What Medicare pays nationally for `values` (relative value units in ten-thousandths) on a date of service; none for
/// a year without a known conversion factor.
#[must_use]
pub fn national(book: &RuleBook, dos: Date, values: u64, setting: &Setting) -> Option<Cents> {
    payment::national(book, dos, values, setting)
}

/// The worst severity; that a line just added still wants its charge does not count.
fn severity(findings: &Findings) -> Option<Severity> {
    findings.findings.iter().filter(|f| f.rule != "REQ-24F").map(|f| f.severity).max()
}

fn proof<'a>(lines: impl Iterator<Item = &'a Line<'a>>) -> Vec<Proof> {
    lines
        .map(|l| Proof {
            line: l.number,
            levels: l.raw.levels.clone(),
            documented: l.raw.said().cloned().collect::<Vec<_>>().into(),
        })
        .collect()
}

/// What a finding means for the claim's value; most findings mean nothing.
fn of_finding(view: &View<'_>, finding: &Finding) -> Option<Proposal> {
    use FindingKind as K;
    let combines = finding.fix.as_ref().is_some_and(|f| f.description.contains(" and "));
    let kind = match finding.kind {
        K::Ptp | K::Overcoded | K::Units if combines => ProposalKind::Combined,
        K::Undercoded if finding.rule.starts_with("BETTER-") || finding.rule.starts_with("COUNT-") => {
            ProposalKind::Recode
        }
        K::Undercoded => ProposalKind::Missed,
        K::ModifierMissing | K::ModifierInvalid | K::BilateralIndicator => ProposalKind::Modifier,
        K::Ptp if finding.fix.as_ref().is_some_and(|f| f.description.starts_with("Add modifier")) => {
            ProposalKind::Modifier
        }
        K::Ptp | K::Overcoded | K::Units | K::Mue | K::CosurgeonIndicator | K::AssistantIndicator => {
            ProposalKind::Overcoded
        }
        K::DocumentationGap
        | K::MedicalNecessity
        | K::Frequency
        | K::LateralityConflict
        | K::IcdLevelMismatch => ProposalKind::AuditRisk,
        _ => return None,
    };
    // A bundled code that is kept for the record costs nothing and risks nothing.
    if finding.rule.starts_with("STATUS-B") {
        return None;
    }
    Some(Proposal {
        kind,
        rule: finding.rule.clone(),
        message: finding.message.clone(),
        proof: proof(view.lines.iter().filter(|l| finding.lines.contains(&l.number))),
        source: finding.source.clone(),
        fix: finding.fix.clone(),
        payment: None,
        rvu: None,
    })
}

/// Further levels that the primary's line documents and no line reports.
fn further(view: &View<'_>) -> Vec<Proposal> {
    let book = view.book;
    let proposal = |line: &Line<'_>| {
        let count = line.count?;
        let add_on = count.further.as_deref()?;
        let spaces: Vec<Level> = {
            let mut seen = std::collections::BTreeSet::new();
            let only = line.raw.levels.iter().copied().filter(|l| matches!(l, Level::Interspace(_)));
            only.filter(|l| seen.insert(*l)).collect()
        };
        let all_spaces = line.raw.levels.iter().all(|l| matches!(l, Level::Interspace(_)));
        let there = view.same_day(line.dos).any(|l| l.code == add_on);
        if line.raw.units != 1 || !all_spaces || spaces.len() < 2 || there {
            return None;
        }
        let rest = spaces.get(1..)?;
        Some(Proposal {
            kind: ProposalKind::Missed,
            rule: format!("UNITS-{}", line.code),
            message: format!(
                "{} reports one of {} documented levels; each further one is {add_on}.",
                line.name(),
                spaces.len()
            ),
            proof: proof(std::iter::once(line)),
            source: book.counts.origin.cite(line.code.clone()),
            fix: fixes::add_line(view, line, add_on, u32::try_from(rest.len()).ok()?, rest),
            payment: None,
            rvu: None,
        })
    };
    view.lines.iter().filter_map(proposal).collect()
}

/// Add-ons that the words quoted for a primary call for.
fn missed(view: &View<'_>) -> Vec<Proposal> {
    let rules = &view.book.payment_rules;
    let mut out = Vec::new();
    for rule in &rules.missed {
        for line in view.lines.iter().filter(|l| rule.beside.has(l.key)) {
            let there = view.same_day(line.dos).any(|l| rule.unless.has(l.key));
            let said: Vec<String> = line.raw.said().filter(|p| affirms(p, &rule.says)).cloned().collect();
            if there || said.is_empty() {
                continue;
            }
            let units = if rule.each { u32::try_from(line.raw.levels.len().max(1)).unwrap_or(1) } else { 1 };
            let levels: &[Level] =
                if rule.each { &line.raw.levels } else { line.raw.levels.get(..1).unwrap_or_default() };
            out.push(Proposal {
                kind: ProposalKind::Missed,
                rule: format!("ADDON-{}", rule.add),
                message: format!("{}: {}; that is {}.", line.name(), rule.message, rule.add),
                proof: vec![Proof {
                    line: line.number,
                    levels: line.raw.levels.clone(),
                    documented: said.into(),
                }],
                source: Source {
                    title: rules.title.clone(),
                    version: rules.edition.clone(),
                    effective_from: Some(rules.from.to_string()),
                    effective_to: None,
                    locator: format!("{} beside {}", rule.add, line.code),
                },
                fix: fixes::add_line(view, line, &rule.add, units, levels),
                payment: None,
                rvu: None,
            });
        }
    }
    out
}

/// The order of relative value: procedures by their fee, each followed by the add-ons that stand behind it.
fn order(view: &View<'_>, payment: &Payment) -> Option<Vec<u32>> {
    let value = |l: &Line<'_>| payment.lines.get(l.index).and_then(|p| p.rvu).unwrap_or(0);
    let mut groups: Vec<(u32, Vec<&Line<'_>>)> = Vec::new();
    for line in &view.lines {
        match groups.last_mut() {
            Some((_, group)) if line.is_add_on => group.push(line),
            _ => groups.push((value(line), vec![line])),
        }
    }
    groups.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
    let best: Vec<u32> = groups.iter().flat_map(|(_, g)| g.iter().map(|l| l.number)).collect();
    (!best.iter().eq(view.lines.iter().map(|l| &l.number))).then_some(best)
}
