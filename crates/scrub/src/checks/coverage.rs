//! Medicare's own conditions: prior authorisation, sessions within a time, one kind of injection a session.

use crate::codes::Key;
use crate::view::{Line, Note, PayerKind, View, parse_date};
use iambilly_claim::finding::Source;
use iambilly_claim::{Finding, FindingKind, Severity};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeSet;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    if view.payer != PayerKind::Medicare {
        return;
    }
    authorisation(view, out);
    frequency(view, out);
    same_day(view, out);
    not_covered(view, out);
    trial(view, out);
    support(view, out);
    not_enough(view, out);
}

fn cite(title: &str, edition: &str, from: Date, to: Option<Date>, locator: &str) -> Source {
    Source {
        title: title.to_owned(),
        version: edition.to_owned(),
        effective_from: Some(from.to_string()),
        effective_to: to.map(|d| d.to_string()),
        locator: locator.to_owned(),
    }
}

fn authorisation(view: &View<'_>, out: &mut Vec<Finding>) {
    if view.claim.prior_auth_number.as_deref().is_some_and(|n| !n.trim().is_empty()) {
        return;
    }
    let state = view.state();
    let mut named: BTreeSet<u32> = BTreeSet::new();
    for rule in &view.book.policy.authorisation {
        if !rule.states.is_empty() && !state.as_ref().is_some_and(|s| rule.states.contains(s)) {
            continue;
        }
        let lines: Vec<&Line<'_>> = view
            .lines
            .iter()
            .filter(|l| {
                rule.codes.has(l.key)
                    && rule.places.iter().any(|p| p == l.place)
                    && l.dos.is_some_and(|d| rule.from <= d && rule.to.is_none_or(|to| d <= to))
                    && !named.contains(&l.number)
            })
            .collect();
        if lines.is_empty() {
            continue;
        }
        named.extend(lines.iter().map(|l| l.number));
        let names: Vec<String> = lines.iter().map(|l| l.name()).collect();
        out.push(
            Note::new(
                FindingKind::PriorAuth,
                rule.severity,
                rule.id.clone(),
                cite(&rule.title, &rule.edition, rule.from, rule.to, &rule.locator),
            )
            .lines(lines)
            .text(format!(
                "{}: {}, and the claim has no authorisation number.",
                names.join(", "),
                rule.message
            ))
            .done(),
        );
    }
}

fn frequency(view: &View<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.policy.frequency {
        for region in &rule.regions {
            let now: Vec<&Line<'_>> = view
                .lines
                .iter()
                .filter(|l| region.has(l.key) && l.dos.is_some_and(|d| rule.from <= d))
                .collect();
            let Some(last) = now.iter().filter_map(|l| l.dos).max() else { continue };
            let Ok(window) = last.checked_sub(rule.months.months()) else { continue };
            let mut sessions: BTreeSet<Date> = now.iter().filter_map(|l| l.dos).collect();
            sessions.extend(
                view.claim
                    .history
                    .iter()
                    .filter(|h| region.has(Key::of(&h.code)))
                    .filter_map(|h| parse_date(&h.dos))
                    .filter(|d| *d > window && *d <= last),
            );
            if sessions.len() > rule.sessions {
                out.push(
                    Note::new(
                        FindingKind::Frequency,
                        rule.severity,
                        rule.id.clone(),
                        cite(&rule.title, &rule.edition, rule.from, None, &rule.locator),
                    )
                    .lines(now)
                    .text(format!("This is session {} in 12 months: {}.", sessions.len(), rule.message))
                    .done(),
                );
            }
        }
    }
}

fn same_day(view: &View<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.policy.same_day {
        let in_force = |l: &&Line<'_>| l.dos.is_some_and(|d| rule.from <= d);
        let mut days = BTreeSet::new();
        for left in view.lines.iter().filter(in_force).filter(|l| rule.left.has(l.key)) {
            // One finding a day.
            if !days.insert(left.dos) {
                continue;
            }
            let right: Vec<&Line<'_>> = view.same_day(left.dos).filter(|l| rule.right.has(l.key)).collect();
            if right.is_empty() {
                continue;
            }
            out.push(
                Note::new(
                    FindingKind::PayerRule,
                    Severity::Warn,
                    rule.id.clone(),
                    cite(&rule.title, &rule.edition, rule.from, None, &rule.locator),
                )
                .lines(std::iter::once(left).chain(right))
                .text(format!("Beside {}: {}.", left.name(), rule.message))
                .done(),
            );
        }
    }
}

fn not_covered(view: &View<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.policy.not_covered {
        for line in &view.lines {
            let units: u32 = view
                .same_day(line.dos)
                .filter(|l| l.code == line.code)
                .fold(0, |sum, l| sum.saturating_add(l.raw.units));
            let sides = if line.has("LT") || line.has("RT") { 2 } else { 1 };
            let in_force = line.dos.is_some_and(|d| rule.from <= d);
            if in_force && rule.codes.has(line.key) && units > rule.units * sides {
                out.push(
                    Note::new(
                        FindingKind::MedicalNecessity,
                        Severity::Warn,
                        rule.id.clone(),
                        cite(&rule.title, &rule.edition, rule.from, None, &rule.locator),
                    )
                    .lines([line])
                    .text(format!("{}: {}.", line.name(), rule.message))
                    .done(),
                );
            }
        }
    }
}

/// Judged only where the history shows some of the earlier services: an empty history proves nothing.
fn trial(view: &View<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.policy.trial {
        for region in &rule.regions {
            let lines: Vec<&Line<'_>> = view
                .lines
                .iter()
                .filter(|l| region.now.has(l.key) && l.dos.is_some_and(|d| rule.from <= d))
                .collect();
            if lines.is_empty() {
                continue;
            }
            let history = &view.claim.history;
            let done_before = history.iter().any(|h| region.now.has(Key::of(&h.code)));
            let sessions: BTreeSet<Date> = history
                .iter()
                .filter(|h| region.before.has(Key::of(&h.code)))
                .filter_map(|h| parse_date(&h.dos))
                .collect();
            let known = !sessions.is_empty() || (rule.absent && !history.is_empty());
            let replaced = || {
                let under =
                    |code: &String| rule.unless_diagnoses.iter().any(|p| code.starts_with(p.as_str()));
                view.diagnoses.iter().any(under)
            };
            if !done_before && known && sessions.len() < rule.sessions && !replaced() {
                out.push(
                    Note::new(
                        FindingKind::MedicalNecessity,
                        Severity::Warn,
                        rule.id.clone(),
                        cite(&rule.title, &rule.edition, rule.from, None, &rule.locator),
                    )
                    .lines(lines)
                    .text(format!("{} of {} known: {}.", sessions.len(), rule.sessions, rule.message))
                    .done(),
                );
            }
        }
    }
}

/// Diagnoses that alone do not support a service, where nothing else is pointed to.
fn not_enough(view: &View<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.policy.not_enough {
        let poor = |l: &Line<'_>| {
            let mut pointed = view.pointed(l).peekable();
            pointed.peek().is_some()
                && pointed.all(|(_, code)| rule.diagnoses.iter().any(|p| code.starts_with(p.as_str())))
        };
        let lines: Vec<&Line<'_>> = (view.lines.iter())
            .filter(|l| rule.codes.has(l.key) && l.dos.is_some_and(|d| rule.from <= d) && poor(l))
            .collect();
        let mut codes: Vec<&str> = lines.iter().flat_map(|l| view.pointed(l)).map(|(_, code)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        if !lines.is_empty() {
            let names: Vec<String> = lines.iter().map(|l| l.name()).collect();
            out.push(
                Note::new(
                    FindingKind::MedicalNecessity,
                    Severity::Warn,
                    rule.id.clone(),
                    cite(&rule.title, &rule.edition, rule.from, None, &rule.locator),
                )
                .lines(lines)
                .text(format!("{} for {}: {}.", names.join(", "), codes.join(", "), rule.message))
                .codes(codes)
                .done(),
            );
        }
    }
}

fn support(view: &View<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.policy.support {
        let supported = |l: &Line<'_>| {
            view.pointed(l).any(|(_, code)| rule.diagnoses.iter().any(|p| code.starts_with(p.as_str())))
        };
        let lines: Vec<&Line<'_>> = view
            .lines
            .iter()
            .filter(|l| rule.codes.has(l.key) && l.dos.is_some_and(|d| rule.from <= d))
            .filter(|l| view.pointed(l).next().is_some() && !supported(l))
            .collect();
        if !lines.is_empty() {
            out.push(
                Note::new(
                    FindingKind::MedicalNecessity,
                    Severity::Warn,
                    rule.id.clone(),
                    cite(&rule.title, &rule.edition, rule.from, None, &rule.locator),
                )
                .lines(lines)
                .text(format!(
                    "{}{}.",
                    rule.message.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default(),
                    rule.message.chars().skip(1).collect::<String>()
                ))
                .done(),
            );
        }
    }
}
