//! Does a line agree with itself: the part of the spine its code is for, the levels and the side the note's
//! phrases name, and words that speak for another code.

use crate::codes::Codes;
use crate::fixes;
use crate::line_rules::affirms;
use crate::place::{bones, one_side};
use crate::rules::Unit;
use crate::view::{Line, Note, View, cite};
use iambilly_claim::{Finding, FindingKind, Interspace, Level, Severity, Vertebra};

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for line in view.lines.iter().filter(|l| l.dos.is_some_and(|d| view.book.line_origin.in_force(d))) {
        part(view, line, out);
        evidence(line, out);
        better(view, line, out);
    }
}

/// The part of the spine a code is for, against the line's levels.
fn part(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let rules = &view.book.line_rules;
    let Some(part) = rules.part(&line.code) else { return };
    let placed: Vec<Level> = line.raw.levels.iter().copied().filter(|l| !l.vertebrae().is_empty()).collect();
    let strict = line.count.is_some_and(|c| c.unit == Unit::Body);
    if placed.is_empty() || part.holds_any(&placed, strict) {
        return;
    }
    let sibling = rules.sibling(&line.code, &placed, strict);
    let advice = sibling.map(|s| format!("; there it is {s}")).unwrap_or_default();
    out.push(
        Note::new(
            FindingKind::Overcoded,
            Severity::Block,
            format!("PART-{}", line.code),
            view.book.line_origin.cite(line.code.clone()),
        )
        .lines([line])
        .text(format!(
            "{} is for the {} spine and its levels are elsewhere{advice}.",
            line.name(),
            part.name()
        ))
        .fix(sibling.and_then(|s| fixes::replace_code(line, s, None)))
        .done(),
    );
}

/// Phrases of the note against the line's levels and side. A phrase about an earlier or a neighbouring operation
/// proves nothing.
fn evidence(line: &Line<'_>, out: &mut Vec<Finding>) {
    if line.raw.documented.expose().is_empty() {
        return;
    }
    let elsewhere =
        ["prior", "previous", "old ", "adjacent", "above", "below", "earlier", "separate", "approach"];
    let phrases: Vec<String> = (line.raw.documented.expose().iter())
        .map(|p| p.to_lowercase())
        .filter(|p| !elsewhere.iter().any(|w| p.contains(w)))
        .collect();
    let source = || cite("Documentation of a service", "the note's own words", "documented levels and side");
    let named: Vec<Level> = phrases.iter().flat_map(|p| levels_in(p)).collect();
    let placed: Vec<Level> = line.raw.levels.iter().copied().filter(|l| !l.vertebrae().is_empty()).collect();
    let spaces = |l: &[Level]| l.iter().all(|l| matches!(l, Level::Interspace(_)));
    let meet = if spaces(&named) && spaces(&placed) {
        named.iter().any(|l| placed.contains(l))
    } else {
        !bones(&named).is_disjoint(&bones(&placed))
    };
    if !named.is_empty() && !placed.is_empty() && !meet {
        let mut names: Vec<String> = named.iter().map(ToString::to_string).collect();
        names.dedup();
        out.push(
            Note::new(FindingKind::DocumentationGap, Severity::Warn, "LEVEL-NOTE", source())
                .lines([line])
                .text(format!(
                    "{}: the note's words name {}, the line another level.",
                    line.name(),
                    names.join(", ")
                ))
                .done(),
        );
    }
    let words = |w: &str| phrases.iter().any(|p| p.split(|c: char| !c.is_alphanumeric()).any(|x| x == w));
    let (left, right, both) = (words("left"), words("right"), words("bilateral") || words("both"));
    let opposite = match one_side(line.raw) {
        Some('L') => right && !left && !both,
        Some('R') => left && !right && !both,
        _ => false,
    };
    if opposite {
        out.push(
            Note::new(FindingKind::LateralityConflict, Severity::Warn, "SIDE-WORDS", source())
                .lines([line])
                .text(format!("{}: the note's words name the other side.", line.name()))
                .done(),
        );
    }
}

/// Levels written as `L4-5`, `L4-L5`, `C5/6`, `T12`; a range is its interspaces.
fn levels_in(phrase: &str) -> Vec<Level> {
    let mut found = Vec::new();
    for word in phrase.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '/') {
        let mut ends = word.split(['-', '/']);
        let (Some(first), second) = (ends.next(), ends.next()) else { continue };
        let Some(upper) = vertebra(first, None) else { continue };
        match second.and_then(|s| vertebra(s, first.chars().next())) {
            Some(lower) if lower > upper => {
                found.extend(Interspace::spanning(upper, lower).map(Level::Interspace));
            }
            _ => found.push(Level::Vertebra(upper)),
        }
    }
    found
}

fn vertebra(text: &str, region: Option<char>) -> Option<Vertebra> {
    let own = text.chars().next()?;
    let named = matches!(own, 'c' | 't' | 'l' | 's');
    if named {
        text.to_uppercase().parse().ok()
    } else {
        format!("{}{text}", region?).to_uppercase().parse().ok()
    }
}

/// Words in the note that speak for another code.
fn better(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    for rule in view.book.line_rules.better.iter().filter(|r| r.from.has(line.key)) {
        let there = |codes: &Codes| view.same_day(line.dos).any(|l| codes.has(l.key));
        let said = line.raw.said().any(|p| affirms(p, &rule.says));
        if !said || there(&rule.unless) || (!rule.needs.is_empty() && !there(&rule.needs)) {
            continue;
        }
        let taken = view.same_day(line.dos).any(|l| l.code == rule.to);
        out.push(
            Note::new(
                FindingKind::Undercoded,
                Severity::Warn,
                rule.id.clone(),
                view.book.line_origin.cite(rule.id.clone()),
            )
            .lines([line])
            .text(format!("{}: {}.", line.name(), rule.message))
            .fix(if taken { None } else { fixes::replace_code(line, &rule.to, None) })
            .done(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::levels_in;

    #[test]
    fn levels_of_a_phrase() {
        for (phrase, expected) in [
            ("laminectomy at l4-5", &["L4-L5"][..]),
            ("l3-l5 decompressed", &["L3-L4", "L4-L5"]),
            ("cage c5/6 and t12 body", &["C5-C6", "T12"]),
            ("a 3-4 mm tear, 10 minutes", &[]),
            ("l5-s1 disc", &["L5-S1"]),
        ] {
            let shown: Vec<String> = levels_in(phrase).iter().map(ToString::to_string).collect();
            assert_eq!(shown, expected, "{phrase}");
        }
    }
}
