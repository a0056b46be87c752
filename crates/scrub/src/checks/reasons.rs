//! Modifiers that contradict each other, that need words in the note or call for them, and that only some payers
//! or some providers use (`data/rules/lines.toml`).

use crate::fixes;
use crate::line_rules::affirms;
use crate::view::{Line, Note, View, cite};
use iambilly_claim::finding::Source;
use iambilly_claim::{Finding, FindingKind, Severity};

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for line in view.lines.iter().filter(|l| l.dos.is_some_and(|d| view.book.line_origin.in_force(d))) {
        conflicts(view, line, out);
        audience(view, line, out);
        reasons(view, line, out);
        wanted(view, line, out);
        expected_denial(view, line, out);
        assistants(view, line, out);
    }
}

fn conflicts(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.line_rules.conflict {
        let of = |codes: &[String]| line.modifiers.iter().find(|m| codes.contains(m));
        let (Some(a), Some(b)) = (of(&rule.one), of(&rule.other)) else { continue };
        let locator = format!("{a} with {b}");
        out.push(
            Note::new(
                FindingKind::ModifierInvalid,
                rule.severity,
                format!("MOD-{a}-{b}"),
                view.book.line_origin.cite(locator),
            )
            .lines([line])
            .text(format!("{} has {a} and {b}: {}.", line.name(), rule.message))
            .done(),
        );
    }
}

fn audience(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.line_rules.audience {
        let Some(m) = line.modifiers.iter().find(|m| rule.modifiers.contains(m)) else { continue };
        if rule.payers.iter().any(|p| p == view.payer.name()) {
            continue;
        }
        out.push(
            Note::new(
                FindingKind::ModifierInvalid,
                Severity::Warn,
                format!("MOD-{m}"),
                view.book.line_origin.cite(m.clone()),
            )
            .lines([line])
            .text(format!("{}: {m} is not for this payer; {}.", line.name(), rule.message))
            .fix(fixes::without_modifier(line, m))
            .done(),
        );
    }
}

/// Judged only where the note is quoted at all; without it the modifier checks ask for it.
fn reasons(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    for rule in view.book.line_rules.reason.iter().filter(|r| line.has(&r.modifier)) {
        let note = line.raw.documented.expose().join("; ").to_lowercase();
        let measured = note.contains('%') || (rule.number && note.chars().any(|c| c.is_ascii_digit()));
        if note.is_empty() || measured || rule.needs.iter().any(|w| note.contains(w.as_str())) {
            continue;
        }
        out.push(
            Note::new(
                FindingKind::DocumentationGap,
                Severity::Warn,
                format!("WORDS-{}", rule.modifier),
                view.book.line_origin.cite(rule.modifier.clone()),
            )
            .lines([line])
            .text(format!("{}: {}.", line.name(), rule.message))
            .done(),
        );
    }
}

fn wanted(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    for rule in &view.book.line_rules.wanted {
        let said = || line.raw.said().any(|p| affirms(p, &rule.says));
        if line.has(&rule.modifier)
            || !rule.codes.has(line.key)
            || !rule.payers.iter().any(|p| p == view.payer.name())
            || line.dos.is_none_or(|d| d < rule.from)
            || !said()
        {
            continue;
        }
        let source = Source {
            title: rule.title.clone(),
            version: rule.edition.clone(),
            effective_from: Some(rule.from.to_string()),
            effective_to: None,
            locator: rule.modifier.clone(),
        };
        out.push(
            Note::new(FindingKind::ModifierMissing, Severity::Warn, rule.id.clone(), source)
                .lines([line])
                .text(format!("{}: {}.", line.name(), rule.message))
                .fix(fixes::with_modifier(line, &rule.modifier))
                .done(),
        );
    }
}

/// GZ and GY announce a denial; the biller should mean it.
fn expected_denial(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    if view.payer.name() != "medicare" {
        return;
    }
    for (m, severity, text) in [
        (
            "GZ",
            Severity::Warn,
            "GZ is denied automatically, and without a signed notice the patient owes nothing",
        ),
        ("GY", Severity::Info, "GY is denied automatically as a service Medicare never covers"),
    ] {
        if line.has(m) {
            out.push(
                Note::new(
                    FindingKind::MedicalNecessity,
                    severity,
                    format!("MOD-{m}"),
                    cite("Medicare Claims Processing Manual", "ch. 30 s. 40 and 50", m),
                )
                .lines([line])
                .text(format!("{}: {text}.", line.name()))
                .done(),
            );
        }
    }
}

/// AS is for physician assistants and nurse practitioners, 80 to 82 for physicians.
fn assistants(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    if !line.modifiers.iter().any(|m| matches!(m.as_str(), "80" | "81" | "82" | "AS")) {
        return;
    }
    let taxonomy =
        view.claim.rendering_provider.taxonomy.as_deref().unwrap_or_default().trim().to_uppercase();
    let physician = taxonomy.starts_with("20");
    let other = taxonomy.starts_with("363") || taxonomy.starts_with("364");
    let text = match line.modifiers.iter().find(|m| matches!(m.as_str(), "80" | "81" | "82" | "AS")) {
        Some(m) if m == "AS" && physician => {
            "AS is for physician assistants, nurse practitioners and nurse \
             specialists; a physician who assists takes 80 or 82"
        }
        Some(m) if m != "AS" && other => {
            "80, 81 and 82 are for physicians; a physician assistant or nurse practitioner takes AS"
        }
        _ => return,
    };
    out.push(
        Note::new(
            FindingKind::ModifierInvalid,
            Severity::Warn,
            "MOD-ASSISTANT",
            cite("Medicare Claims Processing Manual", "ch. 12 s. 20.4.3", "assistants at surgery"),
        )
        .lines([line])
        .text(format!("{}: {text}.", line.name()))
        .done(),
    );
}
