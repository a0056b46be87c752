//! Items of the CMS-1500 that are there and contradict each other: the insured, the condition, dates, money.
//!
//! Nothing here asks for an item that only some payers want: what is not said is not judged.

use super::form::form;
use crate::view::{Note, View, parse_date};
use iambilly_claim::claim::Provider;
use iambilly_claim::finding::Finding;
use iambilly_claim::form::{DateSpan, Insured, QualifiedDate};
use iambilly_claim::money::Cents;
use iambilly_claim::npi::is_npi;
use iambilly_claim::{FindingKind, Phi, Severity};

/// What the patient may be to the insured (item 6).
const RELATIONSHIPS: [&str; 4] = ["self", "spouse", "child", "other"];
/// Qualifiers of item 14, and those of item 15 (NUCC manual for the 02/12 form).
const ILLNESS: [&str; 2] = ["431", "484"];
const OTHER_DATE: [&str; 9] = ["454", "304", "453", "439", "455", "471", "090", "091", "444"];

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    let claim = view.claim;
    let mut said: Vec<(Severity, &str, String)> = Vec::new();
    let mut say = |severity, item: &'static str, text: &str| said.push((severity, item, text.to_owned()));
    if let Some(insured) = &claim.insured {
        relationship(insured, "6", "The insured's", &mut say);
        someone_else(insured, &mut say);
    }
    if let Some(other) = &claim.other_insured {
        relationship(other, "9", "The other insured's", &mut say);
        if other.payer.as_ref().is_none_or(|p| p.id.trim().is_empty()) && blank(other.plan_name.as_ref()) {
            say(Severity::Warn, "9d", "The other coverage names neither its payer nor its plan.");
        }
    }
    let condition = claim.condition.clone().unwrap_or_default();
    if condition.auto_accident == Some(true) && blank(condition.state.as_ref()) {
        say(Severity::Block, "10b", "The state of the auto accident is missing.");
    }
    let accident = condition.auto_accident == Some(true) || condition.other_accident == Some(true);
    let dated = |date: &Option<QualifiedDate>| date.as_ref().is_some_and(|d| !d.date.trim().is_empty());
    if accident && !dated(&claim.illness) && !dated(&claim.other_date) {
        say(Severity::Warn, "15", "The date of the accident is missing (qualifier 439).");
    }
    let dates = [(&claim.illness, "14", &ILLNESS[..]), (&claim.other_date, "15", &OTHER_DATE[..])];
    for (date, item, qualifiers) in dates {
        let Some(date) = date else { continue };
        if parse_date(date.date.trim()).is_none() {
            say(Severity::Warn, item, "The date is not one (YYYY-MM-DD).");
        }
        if !qualifiers.contains(&date.qualifier.trim()) {
            say(
                Severity::Warn,
                item,
                "What the date is the date of is not said by a qualifier this item takes.",
            );
        }
    }
    for (span, item) in [(&claim.unable_to_work, "16"), (&claim.hospitalization, "18")] {
        if span.as_ref().is_some_and(|s| !runs_forward(s)) {
            say(Severity::Warn, item, "The dates are not dates, or run backwards.");
        }
    }
    if claim.signatures.as_ref().and_then(|s| s.patient.as_ref()).and_then(|s| s.on_file) == Some(false) {
        say(Severity::Warn, "12", "No signature that releases the patient's information is on file.");
    }
    money(view, &mut say);
    for (severity, item, text) in said {
        out.push(
            Note::new(
                FindingKind::RequiredField,
                severity,
                format!("SHAPE-{item}"),
                form(&format!("item {item}")),
            )
            .text(text)
            .done(),
        );
    }
    lines(view, out);
    if let Some(provider) = &claim.supervising_provider {
        npi(provider, "supervising provider", "17b", out);
    }
}

fn blank(text: Option<&String>) -> bool {
    text.is_none_or(|t| t.trim().is_empty())
}

fn relationship(
    insured: &Insured,
    item: &'static str,
    whose: &str,
    say: &mut impl FnMut(Severity, &'static str, &str),
) {
    let relationship = insured.relationship.as_deref().unwrap_or_default().trim().to_lowercase();
    if !relationship.is_empty() && !RELATIONSHIPS.contains(&relationship.as_str()) {
        say(
            Severity::Warn,
            item,
            &format!("{whose} relation to the patient is self, spouse, child or other."),
        );
    }
}

/// Where somebody else holds the coverage, the claim names that person; the address and date of birth of an insured who
/// is not the patient are no required part of it (005010X222A1, loop 2010BA).
fn someone_else(insured: &Insured, say: &mut impl FnMut(Severity, &'static str, &str)) {
    if insured.is_patient() {
        return;
    }
    let lacks = |field: &Phi<Option<String>>| blank(field.expose().as_ref());
    if lacks(&insured.last) || lacks(&insured.first) {
        say(Severity::Block, "4", "The insured's name is missing, and the patient is not the insured.");
    }
}

fn runs_forward(span: &DateSpan) -> bool {
    let day = |text: &Option<String>| match text.as_deref().map(str::trim) {
        None | Some("") => Some(None),
        Some(text) => parse_date(text).map(Some),
    };
    match (day(&span.from), day(&span.to)) {
        (Some(Some(from)), Some(Some(to))) => from <= to,
        (Some(_), Some(_)) => true,
        _ => false,
    }
}

fn money(view: &View<'_>, say: &mut impl FnMut(Severity, &'static str, &str)) {
    let cents = |text: &Option<String>| text.as_deref().map(|t| t.trim().parse::<Cents>());
    if cents(&view.claim.outside_lab.as_ref().and_then(|lab| lab.charge.clone())).is_some_and(|c| c.is_err())
    {
        say(Severity::Warn, "20", "The outside laboratory's charge is not an amount of money.");
    }
    let charges: Option<Cents> = (view.lines.iter())
        .map(|l| l.raw.charge.as_ref().and_then(|c| c.parse::<Cents>().ok()))
        .collect::<Option<Vec<_>>>()
        .map(|all| all.into_iter().sum());
    match (cents(&view.claim.amount_paid), charges) {
        (Some(Err(_)), _) => say(Severity::Warn, "29", "The amount paid is not an amount of money."),
        (Some(Ok(paid)), Some(total)) if paid > total => {
            say(Severity::Warn, "29", "More has been paid than the claim charges.");
        }
        _ => {}
    }
}

fn lines(view: &View<'_>, out: &mut Vec<Finding>) {
    for line in &view.lines {
        let Some(to) = line.raw.dos_to.as_deref().map(str::trim).filter(|t| !t.is_empty()) else { continue };
        let backwards = match (line.dos, parse_date(to)) {
            (Some(from), Some(to)) => to < from,
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if backwards {
            out.push(
                Note::new(FindingKind::RequiredField, Severity::Block, "SHAPE-24A", form("item 24A"))
                    .lines([line])
                    .text(format!("{}: the last day of the service is before its first.", line.name()))
                    .done(),
            );
        }
    }
    for line in &view.lines {
        if let Some(provider) = &line.raw.rendering_provider {
            npi(provider, "rendering provider of a line", "24J", out);
        }
    }
}

fn npi(provider: &Provider, who: &str, item: &str, out: &mut Vec<Finding>) {
    let npi = provider.npi.as_deref().unwrap_or_default().trim();
    if npi.is_empty() || is_npi(npi) {
        return;
    }
    out.push(super::form::npi_finding(who, item));
}
