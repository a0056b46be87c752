//! Each service: does its code exist, does an add-on stand with a primary, is what it belongs to there and what
//! it needs documented.

use crate::fixes;
use crate::place::{Relation, relation};
use crate::rules::AddOnKind;
use crate::view::{Line, Note, PayerKind, View, parse_date};
use iambilly_claim::{Finding, FindingKind, ProcedureCode, Severity};
use jiff::civil::Date;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for line in &view.lines {
        exists(view, line, out);
        add_on(view, line, out);
        lone_add_on(view, line, out);
    }
    companions(view, out);
    documentation(view, out);
}

fn exists(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    if line.code.parse::<ProcedureCode>().is_err() {
        out.push(
            Note::new(
                FindingKind::CodeInvalid,
                Severity::Block,
                "CODE",
                view.book.counts.origin.cite("form of a code"),
            )
            .lines([line])
            .text(format!("Line {} has no CPT or HCPCS code of five characters.", line.number))
            .done(),
        );
    }
    let Some(dos) = line.dos else { return };
    let book = view.book;
    if let Some(fee) = line.on.fee
        && fee.status == 'I'
        && view.payer == PayerKind::Medicare
    {
        out.push(
            Note::new(FindingKind::CodeInvalid, Severity::Block, "STATUS-I", fee.cite(line.code.clone()))
                .lines([line])
                .text(format!("{} is not valid for Medicare.", line.name()))
                .done(),
        );
    }
    if book.deleted.get(&line.code).is_none_or(|(gone, _)| *gone > dos)
        && book.does_not_exist(&line.code, dos)
    {
        // A later year may have brought a new code: then a person looks it up.
        let severity = if book.existing_origin.stale(dos) { Severity::Warn } else { Severity::Block };
        out.push(
            Note::new(
                FindingKind::CodeInvalid,
                severity,
                "CODE",
                book.existing_origin.cite(line.code.clone()),
            )
            .lines([line])
            .text(format!("{} is not a code of {}.", line.name(), book.existing_origin.edition))
            .done(),
        );
    }
    level_two(view, line, dos, out);
    if let Some((gone, instead)) = view.book.deleted.get(&line.code)
        && *gone <= dos
    {
        let instead: &str = instead;
        let advice = if instead == "-" { "it has no successor".to_owned() } else { format!("use {instead}") };
        let single = instead.parse::<ProcedureCode>().is_ok();
        out.push(
            Note::new(
                FindingKind::CodeDeleted,
                Severity::Block,
                "DELETED",
                view.book.deleted.origin.cite(line.code.clone()),
            )
            .lines([line])
            .text(format!("{} was deleted on {gone}; {advice}.", line.name()))
            .fix(if single { fixes::replace_code(line, instead, None) } else { None })
            .done(),
        );
    }
}

/// HCPCS Level II codes against the imported edition of the date.
fn level_two(view: &View<'_>, line: &Line<'_>, dos: Date, out: &mut Vec<Finding>) {
    let mut characters = line.code.bytes();
    let letter = characters.next().is_some_and(|b| b.is_ascii_uppercase());
    if !letter || line.code.len() != 5 || !characters.all(|b| b.is_ascii_digit()) {
        return;
    }
    let Some(known) = view.book.hcpcs(&line.code, dos) else { return };
    let day = crate::edition::day(dos);
    let (kind, what) = match *known {
        None => (FindingKind::CodeInvalid, "is not in this edition of HCPCS Level II"),
        Some(row) if row.added > day => (FindingKind::CodeInvalid, "cannot be used before it was added"),
        Some(row) if row.terminated != 0 && row.terminated < day => {
            (FindingKind::CodeDeleted, "was terminated before the date of service")
        }
        Some(_) => return,
    };
    let source = known.cite(line.code.clone());
    // An older edition cannot know a code that came later.
    let unsure =
        kind == FindingKind::CodeInvalid && source.effective_to.as_deref().and_then(parse_date) < Some(dos);
    let severity = if unsure { Severity::Warn } else { Severity::Block };
    out.push(
        Note::new(kind, severity, "HCPCS", source)
            .lines([line])
            .text(format!("{} {what}.", line.name()))
            .done(),
    );
}

fn add_on(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    // A line that cannot be billed beside the others at all needs no primary.
    let denied = out.iter().any(|f| f.severity == Severity::Block && f.lines.first() == Some(&line.number));
    if denied || !line.orphan {
        return;
    }
    let Some(dos) = line.dos else { return };
    let Some(rule) = line.on.add_on else { return };
    // The add-on of the same kind whose primary is on the claim, if there is exactly one.
    let mut others =
        book.families.iter().filter(|f| f.contains(line.code.as_str())).flatten().filter(|code| {
            let primaries = book.add_on(code, dos);
            ***code != *line.code
                && primaries.is_some_and(|p| {
                    view.same_day(line.dos).any(|l| l.index != line.index && !l.is_add_on && p.has(&l.code))
                })
        });
    let fix = match (others.next(), others.next()) {
        (Some(code), None) => fixes::replace_code(line, code, None),
        _ => None,
    };
    let primaries = rule.codes();
    let shown = primaries.iter().take(6).copied().collect::<Vec<_>>().join(", ");
    let more = if primaries.len() > 6 { " and others" } else { "" };
    out.push(
        Note::new(
            FindingKind::AddonWithoutPrimary,
            Severity::Block,
            format!("ADDON-{}", line.code),
            rule.cite(line.code.clone()),
        )
        .lines([line])
        .text(format!(
            "{} is an add-on and none of its primaries is on the claim that day: {shown}{more}.",
            line.name()
        ))
        .fix(fix)
        .done(),
    );
}

/// An add-on whose primaries the contractor decides (type 2) still needs some primary procedure that day; where he
/// only adds to a list (type 3), a service of the list is the answer to expect.
fn lone_add_on(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let Some(rule) = line.on.add_on.filter(|r| r.kind != AddOnKind::Listed) else {
        return;
    };
    let partly = rule.kind == AddOnKind::Partly;
    let primary = |code: &str| {
        if partly { rule.has(code) } else { !book.is_add_on(code) && !book.is_visit(code) }
    };
    let there = view.same_day(line.dos).any(|l| primary(&l.code))
        || view.claim.history.iter().any(|h| parse_date(&h.dos) == line.dos && primary(&h.code));
    if !there {
        out.push(
            Note::new(
                FindingKind::AddonWithoutPrimary,
                Severity::Warn,
                format!("ADDON-{}", line.code),
                rule.cite(line.code.clone()),
            )
            .lines([line])
            .text(if partly {
                format!(
                    "{} is an add-on, and none of its listed primaries is on the claim that day ({}, …); a contractor may accept others.",
                    line.name(),
                    rule.codes().into_iter().take(4).collect::<Vec<_>>().join(", ")
                )
            } else {
                format!("{} is an add-on, and the claim has no primary procedure that day.", line.name())
            })
            .done(),
        );
    }
}

/// Services that need another one at the same place.
fn companions(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    for rule in &book.companions {
        for line in view.lines.iter().filter(|l| rule.codes.has(l.key) && !l.orphan) {
            let others: Vec<&Line<'_>> = view.same_day(line.dos).filter(|l| rule.any_of.has(l.key)).collect();
            let alone = if others.is_empty() {
                rule.absent
            } else {
                others.iter().all(|l| relation(l.raw, line.raw, rule.site) == Relation::Apart)
            };
            if alone && line.dos.is_some_and(|d| book.bundle_origin.in_force(d)) {
                out.push(
                    Note::new(
                        FindingKind::Overcoded,
                        rule.severity,
                        rule.id.clone(),
                        book.bundle_origin.cite(rule.id.clone()),
                    )
                    .lines(std::iter::once(line).chain(others))
                    .text(format!("{}: {}.", line.name(), rule.message))
                    .done(),
                );
            }
        }
    }
}

/// What the phrases quoted from the note leave out.
fn documentation(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    for rule in &book.documentation {
        for line in
            view.lines.iter().filter(|l| rule.codes.has(l.key) && rule.lacking(l.raw.documented.expose()))
        {
            out.push(
                Note::new(
                    FindingKind::DocumentationGap,
                    Severity::Warn,
                    rule.id.clone(),
                    book.bundle_origin.cite(rule.id.clone()),
                )
                .lines([line])
                .text(format!("{}: {}.", line.name(), rule.message))
                .done(),
            );
        }
    }
}
