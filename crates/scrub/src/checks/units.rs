//! Units: against the documented levels, the number of segments a code stands for, and the unlikely edits.

use crate::fixes;
use crate::place::bones;
use crate::rules::{Count, Unit};
use crate::view::{Line, Note, View};
use iambilly_claim::{Finding, FindingKind, Laterality, Level, Severity};
use std::collections::BTreeSet;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    let mut counted = vec![];
    for line in &view.lines {
        if units(view, line, out) {
            counted.push(line.index);
        }
        construct(view, line, out);
        bundled(line, out);
    }
    for line in &view.lines {
        mue(view, line, &counted, out);
    }
    repeated_level(view, out);
}

/// Fewest and most units the levels of a line stand for; `None` where they do not say.
fn units_of(levels: &[Level], count: &Count) -> Option<(u32, u32)> {
    let spaces = levels.iter().filter(|l| matches!(l, Level::Interspace(_))).collect::<BTreeSet<_>>().len();
    let bodies = levels.iter().filter(|l| matches!(l, Level::Vertebra(_))).collect::<BTreeSet<_>>().len();
    let (low, high) = match count.unit {
        _ if levels.is_empty() || (spaces > 0 && bodies > 0) => return None,
        // Bones that border one interspace: C5 and C6 are C5-C6.
        Unit::Interspace if spaces == 0 => (bodies.checked_sub(1)?, bodies.checked_sub(1)?),
        Unit::Interspace | Unit::Foramen | Unit::Joint => (spaces.max(bodies), spaces.max(bodies)),
        // A decompressed segment is named by its interspace as often as by its bones, one or both.
        Unit::Segment if spaces == 0 => (bodies.saturating_sub(1).max(1), bodies),
        Unit::Segment => (spaces, spaces),
        Unit::Body if spaces == 0 => (bodies, bodies),
        Unit::Body | Unit::Gap | Unit::Session | Unit::Construct | Unit::Lead => return None,
    };
    let both = (u32::try_from(low).ok()?, u32::try_from(high).ok()?);
    (both.0 > 0).then_some(both)
}

/// Units against the documented levels and the once-a-session codes. True when it spoke.
fn units(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) -> bool {
    let book = view.book;
    let Some(count) = line.on.count else { return false };
    let units = line.raw.units;
    let say = |severity, text: String, fix| {
        Note::new(
            FindingKind::Units,
            severity,
            format!("UNITS-{}", line.code),
            book.counts.origin.cite(line.code.clone()),
        )
        .lines([line])
        .text(text)
        .fix(fix)
        .done()
    };
    if count.unit == Unit::Session && units > 1 {
        let severity = if line.is_bundled() { Severity::Warn } else { Severity::Block };
        out.push(say(
            severity,
            format!("{} is reported once a session.", line.name()),
            fixes::set_units(line, 1),
        ));
        return true;
    }
    let limit = line.on.mue.map(|m| m.units);
    if let Some(further) = count.further.as_deref()
        && units > 1
        && limit.is_none_or(|l| l <= 1)
    {
        let both_sides = line.newest_fee().is_some_and(|p| p.bilateral == 1)
            && (line.has("50") || line.raw.laterality == Some(Laterality::Bilateral));
        let (text, fix) = if both_sides {
            (format!("{}: both sides are one unit with 50.", line.name()), fixes::both_sides(line))
        } else {
            let text = format!("{} is one {}; each further one is {further}.", line.name(), name(count.unit));
            (text, fixes::split_units(view, line, further))
        };
        out.push(say(Severity::Block, text, fix));
        return true;
    }
    let Some((documented, most)) = units_of(&line.raw.levels, count) else { return false };
    if units > most {
        let text = format!("{} has {units} units; the documented levels are {most}.", line.name());
        out.push(say(Severity::Block, text, fixes::set_units(line, most)));
        return true;
    }
    let further_there =
        count.further.as_deref().is_some_and(|f| view.same_day(line.dos).any(|l| l.code == f));
    if units > 0 && units < documented && !further_there {
        let advice = match count.further.as_deref() {
            Some(further) => format!("each further one is {further}"),
            None => format!("{documented} units are documented"),
        };
        out.push(
            Note::new(
                FindingKind::Undercoded,
                Severity::Warn,
                format!("UNITS-{}", line.code),
                book.counts.origin.cite(line.code.clone()),
            )
            .lines([line])
            .text(format!("{} stands for {units} of {documented} documented levels; {advice}.", line.name()))
            .fix(if count.further.is_none() { fixes::set_units(line, documented) } else { None })
            .done(),
        );
        return true;
    }
    false
}

const fn name(unit: Unit) -> &'static str {
    match unit {
        Unit::Interspace => "interspace",
        Unit::Segment => "segment",
        Unit::Body => "vertebral body",
        Unit::Joint => "facet joint",
        Unit::Foramen => "nerve-root level",
        Unit::Gap => "defect",
        Unit::Session => "session",
        Unit::Construct => "construct",
        Unit::Lead => "lead",
    }
}

/// Instrumentation and deformity codes against the number of segments documented.
fn construct(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let Some(count) = line.on.count else { return };
    let (Some((low, high)), Some(group)) = (count.segments, count.group.as_deref()) else { return };
    let n = bones(&line.raw.levels).len();
    if n < 2 || (low..=high).contains(&n) {
        return;
    }
    let right = book.counts.codes().find(|code| {
        book.counts.get(code).is_some_and(|c| {
            c.group.as_deref() == Some(group) && c.segments.is_some_and(|(a, b)| (a..=b).contains(&n))
        })
    });
    let (kind, severity) = if n < low {
        (FindingKind::Overcoded, Severity::Block)
    } else {
        (FindingKind::Undercoded, Severity::Warn)
    };
    let advice = right.map(|r| format!("; {n} segments are {r}")).unwrap_or_default();
    let range = if high >= 99 {
        format!("{low} or more")
    } else if low == high {
        low.to_string()
    } else {
        format!("{low} to {high}")
    };
    out.push(
        Note::new(kind, severity, format!("COUNT-{}", line.code), book.counts.origin.cite(line.code.clone()))
            .lines([line])
            .text(format!("{} stands for {range} segments{advice}.", line.name()))
            .fix(
                right
                    .filter(|r| !view.lines.iter().any(|l| l.code == *r))
                    .and_then(|r| fixes::replace_code(line, r, None)),
            )
            .done(),
    );
}

/// Codes whose payment is bundled (status B) are kept for reporting: information, never more.
fn bundled(line: &Line<'_>, out: &mut Vec<Finding>) {
    if let Some(fee) = line.on.fee
        && fee.status == 'B'
    {
        out.push(
            Note::new(
                FindingKind::Mue,
                Severity::Info,
                format!("STATUS-B-{}", line.code),
                fee.cite(line.code.clone()),
            )
            .lines([line])
            .text(format!("{} is reported but its payment is part of the other services.", line.name()))
            .done(),
        );
    }
}

/// Medically unlikely edits: by line (indicator 1) or over the day. Silent where the units of one of the lines have been
/// found wrong already (`counted`).
fn mue(view: &View<'_>, line: &Line<'_>, counted: &[usize], out: &mut Vec<Finding>) {
    let Some(edit) = line.on.mue else { return };
    // Nothing is paid for a bundled code, and one that Medicare does not know is said to be so elsewhere.
    let unknown = line.on.fee.is_some_and(|f| f.status == 'I');
    if edit.units == 0 && (line.is_bundled() || unknown) {
        return;
    }
    let same: Vec<&Line<'_>> = if edit.indicator == 1 {
        vec![line]
    } else {
        view.same_day(line.dos).filter(|l| l.code == line.code).collect()
    };
    if same.iter().any(|l| counted.contains(&l.index)) {
        return;
    }
    if same.iter().fold(0_u32, |sum, l| sum.saturating_add(l.raw.units)) <= edit.units {
        return;
    }
    // The two sides of a bilateral service on two lines are one unit each side.
    let side = |m: &str| {
        same.iter()
            .filter(|l| l.has(m) && !(l.has("LT") && l.has("RT")))
            .fold(0_u32, |sum, l| sum.saturating_add(l.raw.units))
    };
    let bilateral = line.newest_fee().is_some_and(|p| p.bilateral == 1);
    let all = same.iter().fold(0_u32, |sum, l| sum.saturating_add(l.raw.units));
    let (left, right) = (side("LT"), side("RT"));
    let units = if bilateral {
        all.saturating_sub(left).saturating_sub(right).saturating_add(left.max(right))
    } else {
        all
    };
    // Over the day it is one finding, on the line that goes over.
    let first_over = same.iter().scan(0_u32, |sum, l| {
        *sum = sum.saturating_add(l.raw.units);
        Some((*sum, l.index))
    });
    let here = edit.indicator == 1
        || first_over.filter(|(sum, _)| *sum > edit.units).map(|(_, i)| i).next() == Some(line.index);
    if units <= edit.units || !here {
        return;
    }
    // Where the levels bear the units out, an appeal can be won: a person decides.
    let proven = line.count.is_some_and(|count| {
        let levels: Vec<Level> = same.iter().flat_map(|l| l.raw.levels.iter().copied()).collect();
        units_of(&levels, count).is_some_and(|(_, most)| most >= units)
    });
    let (severity, why) = match edit.indicator {
        2 => (Severity::Block, "never paid above"),
        3 if proven => (Severity::Warn, "paid above only on appeal with documentation"),
        3 => (Severity::Block, "paid above only with documentation, and the levels do not show it"),
        _ => (Severity::Block, "paid above only on further lines with a modifier"),
    };
    let further = line.count.and_then(|c| c.further.as_deref());
    let fix = match (same.len(), further) {
        (1, _) => fixes::set_units(line, edit.units),
        (_, Some(further)) => fixes::replace_code(line, further, None),
        _ => None,
    };
    out.push(
        Note::new(FindingKind::Mue, severity, format!("MUE-{}", line.code), edit.cite(line.code.clone()))
            .lines(same.iter().copied())
            .text(format!("{} has {units} units that day; the limit is {} ({why}).", line.code, edit.units))
            .fix(fix)
            .done(),
    );
}

/// An add-on for a further level at the very level of its primary.
fn repeated_level(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    for primary in &view.lines {
        let Some(further) = primary.count.and_then(|c| c.further.as_deref()) else { continue };
        // A primary that names the whole range is no repetition.
        if primary.raw.levels.len() > 1 {
            continue;
        }
        for add in view.same_day(primary.dos).filter(|l| l.code == further) {
            let sides = (crate::place::one_side(add.raw), crate::place::one_side(primary.raw));
            let opposite = matches!(sides, (Some(a), Some(b)) if a != b);
            let levels = &add.raw.levels;
            if opposite || levels.is_empty() || !levels.iter().all(|l| primary.raw.levels.contains(l)) {
                continue;
            }
            let names: Vec<String> = levels.iter().map(ToString::to_string).collect();
            out.push(
                Note::new(
                    FindingKind::Overcoded,
                    Severity::Warn,
                    format!("LEVEL-{}", add.code),
                    book.counts.origin.cite(add.code.clone()),
                )
                .lines([add, primary])
                .text(format!(
                    "{} stands for a further level, but names {}, the level of {}.",
                    add.name(),
                    names.join(", "),
                    primary.name()
                ))
                .done(),
            );
        }
    }
}
