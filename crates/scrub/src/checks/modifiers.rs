//! Modifiers against the code, the payment indicators and each other.

use crate::fixes;
use crate::rules::Global;
use crate::view::{Line, Note, View, cite};
use iambilly_claim::finding::{Finding, Source};
use iambilly_claim::{FindingKind, Laterality, Severity};

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for line in &view.lines {
        shape(view, line, out);
        visit_or_not(view, line, out);
        add_on(line, out);
        bilateral(view, line, out);
        surgeons(view, line, out);
        stated_reason(line, out);
        order(view, line, out);
    }
    roles(view, out);
    visits(view, out);
}

fn cpt(locator: &str) -> Source {
    cite("CPT modifier instructions, in our own words", "2026-11 seed", locator)
}

fn say(kind: FindingKind, severity: Severity, rule: &str, line: &Line<'_>, text: String) -> Note {
    Note::new(kind, severity, rule, cpt(rule)).lines([line]).text(text)
}

/// Form, number and combination.
fn shape(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let invalid = FindingKind::ModifierInvalid;
    for m in &line.modifiers {
        let imported = || line.dos.and_then(|d| book.hcpcs(m, d)).is_some_and(|row| row.is_some());
        if !book.modifier_is("known", m) && !imported() {
            let shown: String = m.chars().take(4).collect();
            out.push(
                Note::new(invalid, Severity::Block, "MOD-UNKNOWN", book.modifier_origin.cite(shown.clone()))
                    .lines([line])
                    .text(format!("{}: {shown} is not a modifier.", line.name()))
                    .fix(fixes::without_modifier(line, m))
                    .done(),
            );
        }
    }
    if line.modifiers.len() > 4 {
        out.push(
            say(
                invalid,
                Severity::Block,
                "MOD-FOUR",
                line,
                format!("{} has more than four modifiers.", line.name()),
            )
            .done(),
        );
    }
    if line.modifiers.is_empty() {
        return;
    }
    let mut unique = line.modifiers.clone();
    unique.sort();
    unique.dedup();
    if unique.len() < line.modifiers.len() {
        let mut kept: Vec<String> = Vec::new();
        kept.extend(line.modifiers.iter().fold(Vec::new(), |mut k: Vec<String>, m| {
            if !k.contains(m) {
                k.push(m.clone());
            }
            k
        }));
        let fix = fixes::set_modifiers(line, &kept, format!("Keep each modifier of {} once", line.name()));
        out.push(
            say(invalid, Severity::Warn, "MOD-TWICE", line, format!("{} has a modifier twice.", line.name()))
                .fix(fix)
                .done(),
        );
    }
    let distinct: Vec<&String> = unique.iter().filter(|m| book.modifier_is("distinct", m)).collect();
    if distinct.len() > 1 {
        let text = format!(
            "{}: 59 and the X modifiers say the same; only one of them may stand on a line.",
            line.name()
        );
        let fix = if line.has("59") { fixes::without_modifier(line, "59") } else { None };
        out.push(say(invalid, Severity::Block, "MOD-59-X", line, text).fix(fix).done());
    }
    if line.has("LT") && line.has("RT") {
        let text = format!("{} has LT and RT on one line; both sides are 50, or two lines.", line.name());
        out.push(say(invalid, Severity::Warn, "MOD-LT-RT", line, text).done());
    }
    if line.has("54") && line.has("55") {
        let text = format!(
            "{}: 54 and 55 divide the care between two providers and do not stand on one line.",
            line.name()
        );
        out.push(say(invalid, Severity::Warn, "MOD-54-55", line, text).done());
    }
    if (line.has("26") || line.has("TC")) && line.on.fee.is_some_and(|p| !divides(p.components, p.global)) {
        let text = format!("{} has no professional and technical part to divide.", line.name());
        let gone = if line.has("26") { "26" } else { "TC" };
        out.push(
            say(invalid, Severity::Block, "MOD-SPLIT", line, text)
                .fix(fixes::without_modifier(line, gone))
                .done(),
        );
    }
}

/// Modifiers of visits on procedures, and of procedures on visits.
fn visit_or_not(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    if line.modifiers.is_empty() {
        return;
    }
    let book = view.book;
    let visit = line.is_visit;
    // 92xxx and unknown codes may be visits we do not list: only codes known as procedures are judged.
    let procedure = line.newest_fee().is_some() || line.count.is_some() || line.is_add_on;
    for m in &line.modifiers {
        let wrong = if visit {
            book.modifier_is("not-on-visit", m)
        } else {
            procedure && book.modifier_is("visit", m)
        };
        if wrong {
            let where_to = if visit { "a procedure, not on a visit" } else { "a visit, not on a procedure" };
            let text = format!("{}: modifier {m} belongs on {where_to}.", line.name());
            let note = say(FindingKind::ModifierInvalid, Severity::Block, &format!("MOD-{m}"), line, text);
            out.push(note.fix(fixes::without_modifier(line, m)).done());
        }
    }
}

fn add_on(line: &Line<'_>, out: &mut Vec<Finding>) {
    if !line.is_add_on {
        return;
    }
    for (m, severity) in [("51", Severity::Block), ("76", Severity::Warn), ("77", Severity::Warn)] {
        if line.has(m) {
            let text = format!("{} is an add-on and takes no modifier {m}.", line.name());
            let note = say(FindingKind::ModifierInvalid, severity, &format!("MOD-{m}"), line, text);
            out.push(note.fix(fixes::without_modifier(line, m)).done());
        }
    }
}

/// 50, LT and RT against the bilateral indicator and the documented side.
fn bilateral(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let Some(pfs) = line.on.fee else { return };
    let origin = pfs.origin;
    if line.has("50") {
        let why = match pfs.bilateral {
            1 | 3 => None,
            2 => Some("already covers both sides"),
            0 => Some("is not a service of two sides"),
            _ => Some("has no sides"),
        };
        if let Some(why) = why {
            out.push(
                Note::new(
                    FindingKind::BilateralIndicator,
                    Severity::Block,
                    format!("BILATERAL-{}", line.code),
                    origin.cite(line.code.clone()),
                )
                .lines([line])
                .text(format!(
                    "{} {why}: 50 is not valid (bilateral indicator {}).",
                    line.name(),
                    pfs.bilateral
                ))
                .fix(fixes::without_modifier(line, "50"))
                .done(),
            );
        }
    }
    let side = |m: &str, opposite: Laterality| line.has(m) && line.raw.laterality == Some(opposite);
    let conflict = side("LT", Laterality::Right)
        || side("RT", Laterality::Left)
        || (line.has("50") && matches!(line.raw.laterality, Some(Laterality::Left | Laterality::Right)));
    if conflict {
        let text = format!("{}: the modifier and the documented side disagree.", line.name());
        out.push(say(FindingKind::LateralityConflict, Severity::Block, "SIDE-NOTE", line, text).done());
    }
    let one_of_two =
        view.same_day(line.dos).filter(|l| l.code == line.code && (l.has("LT") || l.has("RT"))).count() > 1;
    let sided = line.has("50") || line.has("LT") || line.has("RT") || one_of_two;
    if pfs.bilateral == 1 && line.raw.laterality == Some(Laterality::Bilateral) && !sided {
        let text = format!("{} was done on both sides and is reported for one.", line.name());
        out.push(
            say(FindingKind::ModifierMissing, Severity::Warn, "MOD-50", line, text)
                .fix(fixes::with_modifier(line, "50"))
                .done(),
        );
    }
}

/// Co-surgeons, team and assistants against their indicators.
fn surgeons(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let Some(dos) = line.dos else { return };
    if line.has("62") && book.no62.on(&line.code, dos).is_some() {
        out.push(
            Note::new(FindingKind::ModifierInvalid, Severity::Block, "MOD-62", book.no62.origin.cite(line.code.clone()))
                .lines([line])
                .text(format!("{}: co-surgeons do not share instrumentation, devices or grafts; the surgeon who placed them reports them without 62.", line.name()))
                .fix(fixes::without_modifier(line, "62"))
                .done(),
        );
        return;
    }
    let Some(pfs) = line.on.fee else { return };
    let documented = !line.raw.documented.expose().is_empty();
    let mut judge = |m: &str, kind: FindingKind, indicator: u8, who: &str| {
        let needs_note = if m == "62" || m == "66" { indicator == 1 } else { indicator == 0 };
        if indicator == 2 || (needs_note && documented) {
            return;
        }
        let (severity, text) = if needs_note {
            (
                Severity::Warn,
                format!(
                    "{}: {who} is paid only with documentation of the need (indicator {indicator}).",
                    line.name()
                ),
            )
        } else if pfs.status == 'B' {
            return;
        } else {
            (
                Severity::Block,
                format!("{}: {who} is not paid for this service (indicator {indicator}).", line.name()),
            )
        };
        let fix = if needs_note {
            None
        } else {
            fixes::without_modifier(line, m).filter(|_| m == "62" || m == "66")
        };
        out.push(
            Note::new(kind, severity, format!("MOD-{m}"), pfs.cite(line.code.clone()))
                .lines([line])
                .text(text)
                .fix(fix)
                .done(),
        );
    };
    if line.has("62") {
        judge("62", FindingKind::CosurgeonIndicator, pfs.cosurgeon, "a co-surgeon");
    }
    if line.has("66") {
        judge("66", FindingKind::CosurgeonIndicator, pfs.team, "a surgical team");
    }
    if let Some(m) = line.modifiers.iter().find(|m| book.modifier_is("assistant", m)) {
        judge(m, FindingKind::AssistantIndicator, pfs.assistant, "an assistant at surgery");
    }
}

/// Modifiers that need words in the note.
fn stated_reason(line: &Line<'_>, out: &mut Vec<Finding>) {
    let needs = [
        ("22", "substantially greater work"),
        ("52", "what was left out"),
        ("53", "the threat to the patient that ended it"),
    ];
    for (m, what) in needs {
        if line.has(m) && line.raw.documented.expose().is_empty() {
            // An excerpt may leave out what the note says.
            let text = if line.raw.said().next().is_none() {
                format!(
                    "{}: {m} needs {what} in the note, and nothing is documented for this line.",
                    line.name()
                )
            } else {
                format!("{}: {m} needs {what} in the note; look whether it is told there.", line.name())
            };
            out.push(
                say(FindingKind::DocumentationGap, Severity::Warn, &format!("MOD-{m}"), line, text).done(),
            );
        }
    }
}

/// Modifiers that change the price come first.
fn order(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    if line.modifiers.len() < 2 {
        return;
    }
    let pricing = |m: &String| view.book.modifier_is("pricing", m);
    let sorted: Vec<String> = (line.modifiers.iter().filter(|m| pricing(m)))
        .chain(line.modifiers.iter().filter(|m| !pricing(m)))
        .cloned()
        .collect();
    if sorted != line.modifiers && line.modifiers.len() <= 4 {
        let fix = fixes::set_modifiers(
            line,
            &sorted,
            format!("Put the pricing modifiers of {} first", line.name()),
        );
        let text = format!("{}: modifiers that change the price come first.", line.name());
        out.push(say(FindingKind::ModifierOrder, Severity::Warn, "MOD-ORDER", line, text).fix(fix).done());
    }
}

/// The role of the rendering provider against the modifiers that role always bears.
fn roles(view: &View<'_>, out: &mut Vec<Finding>) {
    let Some(first) = view.lines.first() else { return };
    let none = |has: &dyn Fn(&Line<'_>) -> bool| !view.lines.iter().any(has);
    let missing = match view.claim.rendering_provider.role.as_deref() {
        Some("co_surgeon") if none(&|l| l.has("62")) => Some(("62", "a co-surgeon")),
        Some("assistant") if none(&|l| l.has_any(view.book, "assistant")) => {
            Some(("80, 82 or AS", "an assistant"))
        }
        _ => None,
    };
    if let Some((modifier, who)) = missing {
        let text = format!("The rendering provider is {who}, and no line has modifier {modifier}.");
        out.push(say(FindingKind::ModifierMissing, Severity::Warn, "MOD-ROLE", first, text).done());
    }
}

/// A visit on the day of a procedure.
fn visits(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    for line in view.lines.iter().filter(|l| l.is_visit) {
        let globals: Vec<u16> = view
            .same_day(line.dos)
            .filter_map(|l| match l.newest_fee()?.global {
                Global::Days(d) => Some(d),
                Global::AddOn | Global::None => None,
            })
            .collect();
        let Some(longest) = globals.iter().max() else {
            continue;
        };
        let source = || book.bundle_origin.cite("visits on the day of a procedure");
        let (wanted, what) = if *longest >= 90 {
            ("57", "the decision for it")
        } else {
            ("25", "a significant, separate visit")
        };
        if !line.has("25") && !line.has("57") && !line.has("24") {
            // New patients have no row in the table of pairs; the policy text is the same.
            let new = matches!(line.code.as_str(), "99202" | "99203" | "99204" | "99205");
            let severity = if new { Severity::Warn } else { Severity::Block };
            out.push(
                Note::new(FindingKind::ModifierMissing, severity, format!("MOD-{wanted}"), source())
                    .lines([line])
                    .text(format!(
                        "{} on the day of a procedure is paid only as {what}, with {wanted}.",
                        line.name()
                    ))
                    .done(),
            );
        } else if line.has("57") && *longest < 90 {
            let modifiers: Vec<String> =
                line.modifiers.iter().map(|m| if m == "57" { "25".to_owned() } else { m.clone() }).collect();
            out.push(
                Note::new(FindingKind::ModifierInvalid, Severity::Block, "MOD-57", source())
                    .lines([line])
                    .text(format!(
                        "{}: 57 goes with operations of 90 global days; beside a minor procedure it is 25.",
                        line.name()
                    ))
                    .fix(fixes::set_modifiers(
                        line,
                        &modifiers,
                        format!("Use 25 instead of 57 on {}", line.name()),
                    ))
                    .done(),
            );
        } else if line.has("25") && !line.has("57") && globals.iter().all(|g| *g >= 90) {
            out.push(
                Note::new(FindingKind::ModifierInvalid, Severity::Warn, "MOD-25", source())
                    .lines([line])
                    .text(format!("{}: beside an operation of 90 global days the visit that decided it takes 57, not 25.", line.name()))
                    .done(),
            );
        }
    }
}

/// Whether a code has a professional and a technical part: the schedule's indicator 1, or 6 (a pathologist's
/// interpretation); where only the seed is known, a service without global days.
fn divides(components: Option<u8>, global: Global) -> bool {
    components.map_or(global == Global::None, |indicator| matches!(indicator, 1 | 6))
}
