//! The claim in time: the same service twice, the global period of an earlier operation, timely filing.

use crate::fixes;
use crate::icd::dotted;
use crate::line_rules::affirms;
use crate::rules::Global;
use crate::view::{Line, Note, PayerKind, View, parse_date};
use iambilly_claim::claim::HistoryLine;
use iambilly_claim::{Finding, FindingKind, Severity};
use jiff::ToSpan as _;
use jiff::civil::Date;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    duplicates(view, out);
    global_period(view, out);
    day_before(view, out);
    over(view, out);
    filing(view, out);
}

fn duplicates(view: &View<'_>, out: &mut Vec<Finding>) {
    let sorted = |line: &Line<'_>| {
        let mut m = line.modifiers.clone();
        m.sort();
        m
    };
    let repeats = |line: &Line<'_>| line.has_any(view.book, "repeat");
    for (i, line) in view.lines.iter().enumerate() {
        let earlier = view.lines.iter().take(i).find(|l| {
            l.dos == line.dos
                && line.dos.is_some()
                && l.code == line.code
                && sorted(l) == sorted(line)
                && l.raw.levels == line.raw.levels
                && l.raw.laterality == line.raw.laterality
        });
        let source = || view.book.counts.origin.cite("one service, one line");
        if let Some(earlier) = earlier.filter(|_| !repeats(line)) {
            out.push(
                Note::new(FindingKind::DuplicateLine, Severity::Block, "DUPLICATE", source())
                    .lines([line, earlier])
                    .text(format!(
                        "{} repeats line {}: same code, day, modifiers and level.",
                        line.name(),
                        earlier.number
                    ))
                    .fix(fixes::remove_line(view, line))
                    .done(),
            );
        }
        let rendering = view.claim.rendering_provider.npi.as_deref();
        let split = view.lines.iter().take(i).find(|l| {
            l.dos == line.dos
                && line.dos.is_some()
                && l.code == line.code
                && sorted(l) == sorted(line)
                && (l.raw.levels != line.raw.levels || l.raw.laterality != line.raw.laterality)
        });
        if let Some(split) = split.filter(|_| earlier.is_none() && !repeats(line)) {
            out.push(
                Note::new(FindingKind::DuplicateLine, Severity::Info, "DUPLICATE-LEVEL", source())
                    .lines([line, split])
                    .text(format!(
                        "{} and line {} look alike to a payer, who does not see levels: one line with more units, or 59 on the further one.",
                        line.name(),
                        split.number
                    ))
                    .done(),
            );
        }
        let paid_before = view.claim.history.iter().any(|h| {
            h.code == line.code
                && line.dos.is_some()
                && parse_date(&h.dos) == line.dos
                && h.npi.as_deref() == rendering
        });
        if paid_before && !repeats(line) && view.claim.frequency.as_deref().is_none_or(|f| f == "1") {
            out.push(
                Note::new(FindingKind::DuplicateLine, Severity::Block, "DUPLICATE-HISTORY", source())
                    .lines([line])
                    .text(format!("{} was already billed for this day by the same provider.", line.name()))
                    .done(),
            );
        }
    }
}

/// Global days of an earlier service.
fn days(view: &View<'_>, earlier: &HistoryLine) -> Option<(Date, i64)> {
    let date = parse_date(&earlier.dos)?;
    match view.book.newest_fee(&earlier.code)?.global {
        Global::Days(d) if d > 0 => Some((date, i64::from(d))),
        _ => None,
    }
}

/// A service within the global period of an operation by the same surgeon needs a modifier that says why.
fn global_period(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let rendering = view.claim.rendering_provider.npi.as_deref();
    let visits = &book.policy.visits;
    let source = || iambilly_claim::finding::Source {
        title: visits.title.clone(),
        version: visits.edition.clone(),
        effective_from: Some(visits.from.to_string()),
        effective_to: None,
        locator: visits.locator.clone(),
    };
    for line in &view.lines {
        let Some(dos) = line.dos.filter(|d| visits.from <= *d) else { continue };
        let operation =
            view.claim.history.iter().filter_map(|h| days(view, h).map(|(date, days)| (h, date, days))).find(
                |(_, date, days)| *date < dos && date.checked_add(days.days()).is_ok_and(|end| dos <= end),
            );
        let Some((operation, date, period)) = operation else { continue };
        let same = match (operation.npi.as_deref(), rendering) {
            (Some(a), Some(b)) if a.trim() == b.trim() => Some(true),
            (Some(_), Some(_)) => Some(false),
            _ => None,
        };
        if same == Some(false) {
            continue;
        }
        let severity = if same == Some(true) { Severity::Block } else { Severity::Warn };
        let visit = line.is_visit;
        // The surgical section of the code set, except what the fee schedule gives no global days.
        let section = line.code.parse().is_ok_and(|n: u32| (10_000..70_000).contains(&n));
        let surgery = section && line.newest_fee().is_none_or(|p| p.global != Global::None);
        let day =
            format!("{} falls into the {period} global days of {} ({date})", line.name(), operation.code);
        let (kind, text) = if visit && line.has("24") {
            if !related(view, line, operation) {
                continue;
            }
            out.push(
                Note::new(FindingKind::GlobalPeriod, Severity::Warn, "GLOBAL-24", source())
                    .lines([line])
                    .text(format!(
                        "{day}; 24 says the visit is unrelated, but its diagnosis or the note's words belong to the operation."
                    ))
                    .done(),
            );
            continue;
        } else if visit && !line.has("57") {
            // 25 speaks of a procedure of the same day, not of the operation before.
            (
                FindingKind::GlobalPeriod,
                format!("{day}; a visit in the global period is paid only when unrelated, with 24."),
            )
        } else if surgery && !visit {
            if line.has("79") && related(view, line, operation) {
                out.push(
                        Note::new(FindingKind::GlobalPeriod, Severity::Warn, "GLOBAL-79", source())
                            .lines([line])
                            .text(format!(
                                "{day}; 79 says it is unrelated, but its diagnosis or the note's words belong to the operation; a return for a complication is 78."
                            ))
                            .done(),
                    );
            }
            let excused = line.has_any(book, "returns")
                || (line.is_add_on && view.same_day(line.dos).any(|l| l.has_any(book, "returns")));
            if excused {
                continue;
            }
            (
                FindingKind::GlobalPeriod,
                format!(
                    "{day}; a procedure in the global period needs 58 (planned), 78 (return for a complication) or 79 (unrelated)."
                ),
            )
        } else {
            continue;
        };
        out.push(
            Note::new(kind, severity, "GLOBAL", source())
                .lines([line])
                .codes([operation.code.clone()])
                .text(text)
                .done(),
        );
    }
}

/// Whether a service belongs to an earlier operation: by its diagnosis, as a complication of surgery, or by the
/// note's words.
fn related(view: &View<'_>, line: &Line<'_>, operation: &HistoryLine) -> bool {
    let visits = &view.book.policy.visits;
    let belongs = |d: &str| {
        operation.diagnoses.iter().any(|o| dotted(o) == d)
            || visits.complications.iter().any(|c| d.starts_with(c.as_str()))
    };
    view.pointed(line).any(|(_, d)| belongs(d)) || line.raw.said().any(|p| affirms(p, &visits.related))
}

/// The visit of the day before an operation of 90 global days belongs to it, unless it decided it (57).
fn day_before(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let visits = &book.policy.visits;
    let rendering = view.claim.rendering_provider.npi.as_deref();
    let major = |code: &str| book.newest_fee(code).is_some_and(|f| f.global == Global::Days(90));
    for line in view.lines.iter().filter(|l| l.is_visit && !l.has("57") && !l.has("24")) {
        let Some(next) = line.dos.and_then(|d| d.tomorrow().ok()) else { continue };
        let here =
            view.lines.iter().filter(|l| l.dos == Some(next) && major(&l.code)).map(|l| l.code.clone()).min();
        let known = || {
            let history = &view.claim.history;
            let same = |npi: Option<&str>| npi.is_some() && npi == rendering;
            history
                .iter()
                .find(|h| parse_date(&h.dos) == Some(next) && major(&h.code) && same(h.npi.as_deref()))
        };
        let Some(operation) = here.or_else(|| known().map(|h| h.code.clone())) else { continue };
        let source = iambilly_claim::finding::Source {
            title: visits.title.clone(),
            version: visits.edition.clone(),
            effective_from: Some(visits.from.to_string()),
            effective_to: None,
            locator: "the day before a major operation".to_owned(),
        };
        out.push(
            Note::new(FindingKind::GlobalPeriod, Severity::Block, "GLOBAL-57", source)
                .lines([line])
                .codes([operation.clone()])
                .text(format!(
                    "{} is the day before {operation}: it is paid only as the decision for it, with 57.",
                    line.name()
                ))
                .done(),
        );
    }
}

/// 24, 58, 78 and 79 speak of an operation whose global days still run. Judged only where the history shows this
/// provider's operations and all their days are over.
fn over(view: &View<'_>, out: &mut Vec<Finding>) {
    let visits = &view.book.policy.visits;
    let rendering = view.claim.rendering_provider.npi.as_deref().map(str::trim);
    let own: Vec<(Date, i64)> = (view.claim.history.iter())
        .filter(|h| rendering.is_some() && h.npi.as_deref().map(str::trim) == rendering)
        .filter_map(|h| days(view, h))
        .collect();
    for line in &view.lines {
        let Some(dos) = line.dos else { continue };
        let Some(m) = line.modifiers.iter().find(|m| matches!(m.as_str(), "24" | "58" | "78" | "79")) else {
            continue;
        };
        let runs = |(date, period): &(Date, i64)| {
            *date <= dos && date.checked_add(period.days()).is_ok_and(|end| dos <= end)
        };
        let before = own.iter().any(|(date, _)| *date < dos);
        if !before || own.iter().any(runs) {
            continue;
        }
        let source = iambilly_claim::finding::Source {
            title: visits.title.clone(),
            version: visits.edition.clone(),
            effective_from: Some(visits.from.to_string()),
            effective_to: None,
            locator: visits.locator.clone(),
        };
        out.push(
            Note::new(FindingKind::ModifierInvalid, Severity::Warn, "GLOBAL-OVER", source)
                .lines([line])
                .text(format!(
                    "{}: {m} speaks of global days, and those of every known operation are over.",
                    line.name()
                ))
                .fix(fixes::without_modifier(line, m))
                .done(),
        );
    }
}

fn filing(view: &View<'_>, out: &mut Vec<Finding>) {
    let rule = &view.book.policy.filing;
    let late = |dos: Date, months: i64| dos.checked_add(months.months()).is_ok_and(|end| view.received > end);
    let (months, severity) = match view.payer {
        PayerKind::Medicare => (rule.medicare_months, Severity::Block),
        PayerKind::Medicaid | PayerKind::Other => (rule.other_months, Severity::Warn),
    };
    let lines: Vec<&Line<'_>> =
        view.lines.iter().filter(|l| l.dos.is_some_and(|d| d >= rule.from && late(d, months))).collect();
    if lines.is_empty()
        && view.payer == PayerKind::Other
        && view.claim.frequency.as_deref().is_none_or(|f| f == "1")
    {
        contract_limit(view, out);
    }
    if lines.is_empty() || view.claim.frequency.as_deref().is_some_and(|f| f != "1") {
        return;
    }
    let source = iambilly_claim::finding::Source {
        title: rule.title.clone(),
        version: rule.edition.clone(),
        effective_from: Some(rule.from.to_string()),
        effective_to: None,
        locator: rule.locator.clone(),
    };
    let limit = match severity {
        Severity::Block => "Medicare pays only what it receives within 12 months",
        Severity::Warn | Severity::Info => "look up this payer's contract limit",
    };
    out.push(
        Note::new(FindingKind::TimelyFiling, severity, "FILING", source)
            .lines(lines)
            .text(format!("The claim is received more than {months} months after the service; {limit}."))
            .done(),
    );
}

/// Commercial contracts set limits from 90 days on; beyond the shortest the biller should know this payer's.
fn contract_limit(view: &View<'_>, out: &mut Vec<Finding>) {
    let rule = &view.book.policy.filing;
    let late: Vec<&Line<'_>> = (view.lines.iter())
        .filter(|l| {
            l.dos.is_some_and(|d| {
                d >= rule.from && d.checked_add(90.days()).is_ok_and(|end| view.received > end)
            })
        })
        .collect();
    if late.is_empty() {
        return;
    }
    let source = iambilly_claim::finding::Source {
        title: "Timely filing by contract".to_owned(),
        version: "usual limits 90, 180 and 365 days".to_owned(),
        effective_from: Some(rule.from.to_string()),
        effective_to: None,
        locator: "the payer's own contract".to_owned(),
    };
    out.push(
        Note::new(FindingKind::TimelyFiling, Severity::Info, "FILING-CONTRACT", source)
            .lines(late)
            .text("More than 90 days after the service: some contracts end here; a payer rule can say this payer's limit.")
            .done(),
    );
}
