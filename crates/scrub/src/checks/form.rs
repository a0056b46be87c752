//! What every claim must carry: required items, NPIs, charges, pointers, dates that can be.

use crate::view::{Line, Note, View, cite, parse_date, pointer};
use iambilly_claim::finding::{Finding, Source};
use iambilly_claim::money::Cents;
use iambilly_claim::npi::is_npi;
use iambilly_claim::{FindingKind, Severity};

pub(super) fn form(locator: &str) -> Source {
    cite("CMS-1500 claim form and X12 837P 005010X222A1", "02/12", locator)
}

fn filled(text: Option<&String>) -> bool {
    text.is_some_and(|t| !t.trim().is_empty())
}

/// Lines a professional claim in X12 837P carries at most (005010X222A1, loop 2400).
const MOST_LINES: usize = 50;
/// Beyond this the claim is a mistake: it is refused whole instead of judged line by line.
const UNREADABLE: usize = 200;

/// A claim with so many lines or diagnoses that nothing else is worth saying.
pub(crate) fn too_large(claim: &iambilly_claim::Claim, out: &mut Vec<Finding>) -> bool {
    for (n, what, item) in
        [(claim.lines.len(), "service lines", "24"), (claim.diagnoses.len(), "diagnoses", "21")]
    {
        if n > UNREADABLE {
            out.push(
                Note::new(FindingKind::RequiredField, Severity::Block, "SIZE", form(&format!("item {item}")))
                    .text(format!("The claim has {n} {what}; it was not checked further. Divide it first."))
                    .done(),
            );
        }
    }
    !out.is_empty()
}

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    required(view, out);
    shapes(view, out);
    replacement(view, out);
    npis(view, out);
    for line in &view.lines {
        required_on_line(view, line, out);
        pointers(view, line, out);
    }
    total(view, out);
}

fn missing(what: &str, locator: &str, severity: Severity) -> Note {
    Note::new(
        FindingKind::RequiredField,
        severity,
        format!("REQ-{locator}"),
        form(&format!("item {locator}")),
    )
    .text(format!("{what} is missing."))
}

fn required(view: &View<'_>, out: &mut Vec<Finding>) {
    let claim = view.claim;
    let patient = &claim.patient;
    let block = [
        (filled(patient.member_id.expose().as_ref()), "The insured's member number", "1a"),
        (filled(patient.last.expose().as_ref()), "The patient's family name", "2"),
        (filled(patient.first.expose().as_ref()), "The patient's given name", "2"),
        (
            patient.birth_date.expose().as_deref().and_then(parse_date).is_some(),
            "The patient's date of birth",
            "3",
        ),
        (filled(patient.sex.expose().as_ref()), "The patient's sex", "3"),
        (!claim.payer.id.trim().is_empty(), "The payer", "11"),
        (!claim.diagnoses.is_empty(), "A diagnosis", "21"),
        (!claim.lines.is_empty(), "A service line", "24"),
        (filled(claim.rendering_provider.npi.as_ref()), "The rendering provider's NPI", "24J"),
        (filled(claim.billing_provider.tax_id.as_ref()), "The billing provider's tax number", "25"),
        (filled(claim.billing_provider.npi.as_ref()), "The billing provider's NPI", "33a"),
    ];
    out.extend(
        block
            .iter()
            .filter(|(there, ..)| !there)
            .map(|(_, what, item)| missing(what, item, Severity::Block).done()),
    );
    let warn = [
        (patient.address.expose().is_some(), "The patient's address", "5"),
        (filled(claim.billing_provider.name.as_ref()), "The billing provider's name", "33"),
        (claim.billing_provider.address.is_some(), "The billing provider's address", "33"),
    ];
    out.extend(
        warn.iter()
            .filter(|(there, ..)| !there)
            .map(|(_, what, item)| missing(what, item, Severity::Warn).done()),
    );
    let inside = ["21", "22", "24"];
    if view.lines.iter().any(|l| inside.contains(&l.place)) && !filled(claim.facility.npi.as_ref()) {
        out.push(
            missing("The facility's NPI (place of service 21, 22 or 24)", "32a", Severity::Block).done(),
        );
    }
    if claim.diagnoses.len() > 12 {
        let extra = claim.diagnoses.iter().skip(12).cloned();
        out.push(
            Note::new(FindingKind::RequiredField, Severity::Block, "REQ-21", form("item 21"))
                .codes(extra)
                .text(format!(
                    "A claim carries at most 12 diagnoses; this one has {}.",
                    claim.diagnoses.len()
                ))
                .done(),
        );
    }
    if let Some(birth) = patient.birth_date.expose().as_deref().and_then(parse_date)
        && birth > view.dos
    {
        out.push(
            Note::new(FindingKind::RequiredField, Severity::Block, "REQ-3", form("item 3"))
                .text("The patient's date of birth is after the date of service.")
                .done(),
        );
    }
}

/// Items that are there and cannot be right.
fn shapes(view: &View<'_>, out: &mut Vec<Finding>) {
    let claim = view.claim;
    let mut say = |severity, item: &str, text: &str| {
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
    };
    if view.lines.len() > MOST_LINES {
        say(Severity::Block, "24", "A claim carries at most 50 service lines; divide it.");
    }
    let taxonomies =
        [(&claim.billing_provider, "33b", "billing"), (&claim.rendering_provider, "24J", "rendering")];
    for (provider, item, who) in taxonomies {
        let taxonomy = provider.taxonomy.as_deref().unwrap_or_default().trim();
        if !taxonomy.is_empty() && !is_taxonomy(taxonomy) {
            let text = format!(
                "The taxonomy of the {who} provider is not one: ten characters ending in X, like 207XS0117X."
            );
            say(Severity::Warn, item, &text);
        }
    }
    let digits = |t: &str| t.chars().filter(char::is_ascii_digit).count();
    let tax = claim.billing_provider.tax_id.as_deref().unwrap_or_default().trim();
    if !tax.is_empty() && (digits(tax) != 9 || !tax.chars().all(|c| c.is_ascii_digit() || c == '-')) {
        say(Severity::Warn, "25", "The billing provider's tax number is not nine digits.");
    }
    let billing = claim.billing_provider.address.as_ref();
    let zip = billing.and_then(|a| a.zip.as_deref()).unwrap_or_default().trim();
    if !zip.is_empty() && digits(zip) != 9 {
        say(Severity::Warn, "33", "The billing provider's ZIP needs nine digits.");
    }
    let sex = claim.patient.sex.expose().as_deref().unwrap_or_default().trim().to_uppercase();
    if !sex.is_empty() && !["F", "M", "U", "FEMALE", "MALE", "UNKNOWN"].contains(&sex.as_str()) {
        say(Severity::Warn, "3", "The patient's sex is F, M or U.");
    }
    let birth = claim.patient.birth_date.expose().as_deref().and_then(parse_date);
    if birth.is_some_and(|b| view.dos.year().saturating_sub(b.year()) > 120) {
        say(Severity::Block, "3", "The patient's date of birth lies more than 120 years back.");
    }
}

/// Ten capital letters and digits; every code of the set ends in X.
fn is_taxonomy(text: &str) -> bool {
    let valid = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    text.len() == 10 && text.bytes().all(valid) && text.ends_with('X')
}

/// Characters of the payer's claim number at most (X12 837P 005010X222A1, REF02).
const LONGEST_REFERENCE: usize = 50;

/// The claim frequency code, and the payer's number of the original claim that a replacement or void names. There is
/// no fix: the code is the clinic's decision and the number stands on the payer's remittance.
fn replacement(view: &View<'_>, out: &mut Vec<Finding>) {
    let frequency = view.claim.frequency.as_deref().unwrap_or_default().trim();
    let reference = original(view.claim);
    let mut say = |severity, text: &str| {
        out.push(
            Note::new(FindingKind::RequiredField, severity, "REQ-22", form("item 22")).text(text).done(),
        );
    };
    match (frequency, &reference) {
        ("7" | "8", None) => say(
            Severity::Block,
            "The payer's number of the original claim (needed for frequency 7 or 8) is missing.",
        ),
        ("" | "1", Some(_)) => say(
            Severity::Warn,
            "The claim names the payer's number of an earlier claim and says that it is an original: is it a replacement (7) or a void (8)?",
        ),
        ("" | "1" | "7" | "8", _) => {}
        _ => say(Severity::Block, "The claim frequency code is 1 (original), 7 (replacement) or 8 (void)."),
    }
    if reference.is_some_and(|r| r.chars().count() > LONGEST_REFERENCE) {
        say(
            Severity::Block,
            "The payer's number of the original claim is longer than the 50 characters a claim carries.",
        );
    }
}

/// The payer's number of the original claim, also where a sender calls it otherwise.
fn original(claim: &iambilly_claim::Claim) -> Option<String> {
    let others = [
        "original_reference_number",
        "original_ref_no",
        "original_claim_number",
        "payer_claim_control_number",
        "payer_control_number",
        "icn",
        "dcn",
    ];
    let other = others.iter().filter_map(|name| match claim.other.get(*name)? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let mut all = claim.original_reference.iter().cloned().chain(other);
    all.find(|text| !text.trim().is_empty())
}

fn required_on_line(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let mut say = |what: &str, locator: &str| {
        out.push(
            Note::new(
                FindingKind::RequiredField,
                Severity::Block,
                format!("REQ-{locator}"),
                form(&format!("item {locator}")),
            )
            .lines([line])
            .text(format!("{}: {what}.", line.name()))
            .done(),
        );
    };
    match line.dos {
        None => say("the date of service is missing or not a date", "24A"),
        Some(dos) if dos.year() < 1990 => say("the date of service is before 1990", "24A"),
        Some(dos) if dos > view.received => {
            say("the date of service is after the date the claim was received", "24A");
        }
        Some(_) => {}
    }
    if line.place.is_empty() {
        say("the place of service is missing", "24B");
    }
    match line.raw.units {
        0 => say("units are missing or not a number from 1", "24G"),
        1..=999 => {}
        _ => say("units have more than three digits", "24G"),
    }
    match line.raw.charge.as_deref().map(str::parse::<Cents>) {
        Some(Ok(charge)) if (0..=99_999_999).contains(&charge.0) => {}
        Some(Ok(charge)) if charge.0 > 0 => {
            say("the charge has more than six digits before the cents", "24F")
        }
        Some(_) => say("the charge is not an amount of money", "24F"),
        None => say("the charge is missing", "24F"),
    }
}

fn npis(view: &View<'_>, out: &mut Vec<Finding>) {
    let claim = view.claim;
    let all = [
        (claim.billing_provider.npi.as_ref(), "billing provider", "33a"),
        (claim.rendering_provider.npi.as_ref(), "rendering provider", "24J"),
        (claim.referring_provider.as_ref().and_then(|p| p.npi.as_ref()), "referring provider", "17b"),
        (claim.facility.npi.as_ref(), "facility", "32a"),
    ];
    for (npi, who, item) in all {
        if let Some(npi) = npi.filter(|n| !n.trim().is_empty())
            && !is_npi(npi.trim())
        {
            out.push(npi_finding(who, item));
        }
    }
}

/// That an NPI is wrong.
pub(super) fn npi_finding(who: &str, item: &str) -> Finding {
    let source = cite(
        "45 CFR 162.406, National Provider Identifier",
        "check digit by ISO 7812 with prefix 80840",
        format!("item {item}"),
    );
    Note::new(FindingKind::NpiChecksum, Severity::Block, "NPI", source)
        .text(format!("The NPI of the {who} is not a valid number: its check digit is wrong."))
        .done()
}

fn pointers(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let mut say = |text: String| {
        out.push(
            Note::new(FindingKind::PointerInvalid, Severity::Block, "POINTER", form("item 24E"))
                .lines([line])
                .text(text)
                .done(),
        );
    };
    if line.raw.pointers.is_empty() {
        say(format!("{} points to no diagnosis.", line.name()));
    }
    if line.raw.pointers.len() > 4 {
        say(format!("{} points to more than four diagnoses.", line.name()));
    }
    let bad: Vec<&str> = (line.raw.pointers.iter())
        .filter(|p| pointer(p).is_none_or(|i| i >= view.claim.diagnoses.len()))
        .map(String::as_str)
        .collect();
    if !bad.is_empty() {
        say(format!("{}: pointer {} names no diagnosis of this claim.", line.name(), bad.join(", ")));
    }
}

fn total(view: &View<'_>, out: &mut Vec<Finding>) {
    let Some(stated) = &view.claim.total_charge else { return };
    let charges: Option<Vec<Cents>> =
        view.lines.iter().map(|l| l.raw.charge.as_ref().and_then(|c| c.parse().ok())).collect();
    let Some(sum) = charges.map(|c| c.into_iter().sum::<Cents>()) else { return };
    if stated.parse() == Ok(sum) {
        return;
    }
    out.push(
        Note::new(FindingKind::ChargeTotal, Severity::Block, "TOTAL", form("item 28"))
            .text(format!("The total charge does not equal the sum of the lines, {sum}."))
            .done(),
    );
}

#[cfg(test)]
mod tests {
    #[test]
    fn taxonomy_codes_end_in_x() {
        assert!(super::is_taxonomy("207XS0117X") && super::is_taxonomy("207T00000X"));
        for bad in ["207T", "207t00000x", "207T000000", "orthopedic"] {
            assert!(!super::is_taxonomy(bad), "{bad}");
        }
    }
}
