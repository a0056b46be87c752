//! Several procedures of one session: which is first, and where 51 belongs.
//!
//! Payers pay the procedure of the highest relative value in full and the next ones in part (multiple-procedure
//! indicator 2); add-ons are outside of the ranking. Medicare ranks by itself, other payers by the order sent.

use crate::fixes;
use crate::view::{Line, Note, PayerKind, View};
use iambilly_claim::{Finding, FindingKind, Severity};
use jiff::civil::Date;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    let mut days: Vec<_> = view.lines.iter().filter_map(|l| l.dos).collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        // Values of two years do not compare: where one lacks this year's, all are ranked by the last year known whole.
        let ranked = ranked(view, day).or_else(|| {
            let whole = Date::new(day.year().saturating_sub(2), 12, 31).ok()?;
            ranked_by(view, day, whole)
        });
        let Some(ranked) = ranked else { continue };
        let Some(highest) = ranked.iter().map(|(_, v)| *v).max() else { continue };
        misplaced_51(view, &ranked, highest, out);
        order(view, &ranked, out);
    }
}

fn ranked<'v, 'a>(view: &'v View<'a>, day: Date) -> Option<Vec<(&'v Line<'a>, u32)>> {
    ranked_by(view, day, day)
}

/// The services of a day that take part in the ranking, with their facility values of a year in ten-thousandths
/// of an RVU; none where one of them has no value.
fn ranked_by<'v, 'a>(view: &'v View<'a>, day: Date, year: Date) -> Option<Vec<(&'v Line<'a>, u32)>> {
    let book = view.book;
    let ranks = |l: &&Line<'_>| !l.is_add_on && book.fee(&l.code, day).is_some_and(|f| f.multiple == 2);
    view.same_day(Some(day))
        .filter(ranks)
        .map(|l| Some((l, book.fee(&l.code, year)?.values.facility_total.filter(|v| *v > 0)?)))
        .collect()
}

/// 51 marks the lesser procedures, never the one paid in full.
fn misplaced_51(view: &View<'_>, ranked: &[(&Line<'_>, u32)], highest: u32, out: &mut Vec<Finding>) {
    let tied = ranked.iter().filter(|(_, v)| *v == highest).count() > 1;
    for (line, v) in ranked.iter().filter(|(l, _)| l.has("51")) {
        let alone = ranked.len() < 2;
        // A code the fee schedule does not rank may be the higher one.
        let unranked = view.same_day(line.dos).any(|l| view.book.fee(&l.code, view.dos).is_none());
        if !alone && (*v < highest || tied) || unranked {
            continue;
        }
        let why = if alone {
            "there is no other procedure that day"
        } else {
            "it is the highest procedure of the day and would be reduced"
        };
        out.push(
            Note::new(
                FindingKind::ModifierInvalid,
                Severity::Warn,
                "RANK-51",
                view.book.line_origin.cite("51"),
            )
            .lines([*line])
            .text(format!("{} has 51, and {why}.", line.name()))
            .fix(fixes::without_modifier(line, "51"))
            .done(),
        );
    }
}

/// Where the payer goes by the order sent, the highest comes first.
fn order(view: &View<'_>, ranked: &[(&Line<'_>, u32)], out: &mut Vec<Finding>) {
    if view.payer == PayerKind::Medicare || ranked.is_sorted_by(|a, b| a.1 >= b.1) {
        return;
    }
    let mut best: Vec<&(&Line<'_>, u32)> = ranked.iter().collect();
    best.sort_by_key(|(l, v)| (std::cmp::Reverse(*v), l.index));
    let names: Vec<&str> = best.iter().map(|(l, _)| l.code.as_str()).collect();
    out.push(
        Note::new(
            FindingKind::ModifierOrder,
            Severity::Info,
            "RANK-ORDER",
            view.book.line_origin.cite("order of procedures"),
        )
        .lines(ranked.iter().map(|(l, _)| *l))
        .text(format!(
            "By relative value the order is {}; this payer may reduce by the order sent.",
            names.join(", ")
        ))
        .done(),
    );
}
