//! Limits that are numbers: days to file, sessions in a time, levels, age.

use super::Draft;
use super::clause::Clause;
use super::facts::Facts;
use iambilly_claim::{FindingKind, Severity};
use iambilly_scrub::payer::{Condition, Sessions};
use regex::Regex;
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $text:literal) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

pattern!(
    FILING,
    r"\b(\d{2,3}) (?:calendar )?days?(?: of| from| after|:| following)(?: the)? (?:date of )?(?:service|discharge)"
);
pattern!(FILING_MONTHS, r"\b(\d{1,2}) months?(?: of| from| after| following)(?: the)? (?:date of )?service");
pattern!(
    SESSIONS,
    r"\b(\d{1,2}) (?:[a-z-]+ ){0,3}?(?:per|in|within|for each|in each|for|a|each) (?:[a-z0-9-]+ ){0,5}?(?:(\d{1,2})[ -]months?|(calendar year|claim year|year))"
);
pattern!(
    LATER,
    r"\b(second|third|fourth|fifth|sixth)(?: and (?:later|further|subsequent|any further|each further))"
);
pattern!(LEVELS, r"\bmore than (\d) (?:[a-z]+ )?(?:interspaces?|levels?|segments?)\b");
pattern!(YOUNGER, r"\b(?:younger than|under|below) (\d{2}) (?:years|year)|\bage (?:under|below) (\d{2})");
pattern!(OLDER, r"\bage (\d{2}) or (?:under|younger)|\b(?:older than|over) (\d{2}) years");

fn number(found: &regex::Captures<'_>, at: usize) -> Option<u16> {
    found.get(at)?.as_str().parse().ok()
}

/// All services a claim can have.
fn every_code() -> Vec<String> {
    ('0'..='9').chain('A'..='V').map(|c| format!("{c}*")).collect()
}

/// The limits a clause states.
pub(super) fn read(clause: &Clause<'_>, facts: &Facts) -> Vec<Draft> {
    let mut out = vec![];
    out.extend(filing(clause));
    out.extend(later_sessions(clause, facts));
    if out.is_empty() {
        out.extend(sessions(clause, facts));
    }
    out.extend(levels(clause, facts));
    out.extend(age(clause, facts));
    out
}

/// Days to send the first claim.
fn filing(clause: &Clause<'_>) -> Option<Draft> {
    let about = format!("{} {}", clause.above, clause.lower);
    let bill = ["claim", "bill", "filing", "submission"].iter().any(|w| about.contains(w));
    let other = clause.says(&[
        "corrected",
        "appeal",
        "dispute",
        "reconsideration",
        "first report",
        "replacement",
        "authoriz",
        "request",
        "remittance",
        "visit",
        "notif",
    ]);
    if !bill || other {
        return None;
    }
    let days = match FILING.as_ref()?.captures(&clause.lower) {
        Some(found) => u32::from(number(&found, 1)?),
        // A month of 31 days: never too early.
        None => u32::from(number(&FILING_MONTHS.as_ref()?.captures(&clause.lower)?, 1)?) * 31,
    };
    let when = Condition { codes: every_code(), received_after_days: Some(days), ..Condition::default() };
    let message = format!(
        "Received more than {days} days after the service: the payer's limit for a first claim has passed. Show timely filing or write it off; the patient is not billed for it."
    );
    Some(Draft::new(FindingKind::TimelyFiling, Severity::Block, message, when))
}

/// "No more than 3 sessions per region in 6 months".
fn sessions(clause: &Clause<'_>, facts: &Facts) -> Vec<Draft> {
    let words = ["session", "injection", "ablation", "block", "procedure", "at most", "no more than"];
    let counts = clause.says(&words) || clause.passage.heading().to_lowercase().contains("limit");
    // Limits by side, and intervals that only sound like one, cannot be counted by days.
    let other = clause.says(&[
        "per side",
        "apart",
        "at least",
        "more than",
        "relief",
        "no sooner",
        "covered once",
        "within the",
    ]) && !clause.says(&["no more than"]);
    let passed_over = other || clause.says(&["per side", "authori"]);
    let (Some(pattern), true, false) = (SESSIONS.as_ref(), counts, passed_over) else {
        return vec![];
    };
    let named = facts.services(clause);
    let mut out = vec![];
    for found in pattern.captures_iter(&clause.lower) {
        let Some(most) = number(&found, 1) else { continue };
        let months = number(&found, 2).unwrap_or(12);
        if months == 0 || most == 0 || most > 24 {
            continue;
        }
        let regional = found.get(0).is_some_and(|m| m.as_str().contains("region"));
        for region in if regional { &["cervical", "lumbar"][..] } else { &[""] } {
            let of_region: Vec<_> =
                named.iter().copied().filter(|s| region.is_empty() || s.region == *region).collect();
            let codes = facts.codes_of(&of_region);
            if of_region.is_empty() || codes.is_empty() {
                continue;
            }
            let sessions = Sessions { codes: codes.clone(), more_than: usize::from(most), months };
            let when = Condition { codes, sessions: Some(sessions), ..Condition::default() };
            let place = if region.is_empty() { String::new() } else { " in one region".to_owned() };
            let message = format!(
                "More than {most} sessions{place} within {months} months: above the payer's limit. Check the dates of earlier sessions, also at other practices."
            );
            out.push(Draft::new(FindingKind::Frequency, Severity::Warn, message, when));
        }
    }
    out
}

/// "The third and later sessions need authorization".
fn later_sessions(clause: &Clause<'_>, facts: &Facts) -> Option<Draft> {
    if !clause.says(&["authori", "approval"]) || !clause.says(&["need", "require", "must"]) {
        return None;
    }
    let found = LATER.as_ref()?.captures(&clause.lower)?;
    let from = ["first", "second", "third", "fourth", "fifth", "sixth"]
        .iter()
        .position(|w| found.get(1).is_some_and(|m| m.as_str() == *w))?;
    // The time the sessions are counted in stands around it.
    let months =
        SESSIONS.as_ref().and_then(|p| p.captures(&clause.around)).and_then(|f| number(&f, 2)).unwrap_or(12);
    let own = facts.services(clause);
    let words = &clause.around;
    let named: Vec<_> = crate::words::services().iter().filter(|s| s.named_in(words)).collect();
    let codes = facts.codes_of(if named.is_empty() { &own } else { &named });
    if codes.is_empty() {
        return None;
    }
    let sessions = Sessions { codes: codes.clone(), more_than: from, months: months.max(1) };
    let when = Condition { codes, sessions: Some(sessions), no_authorisation: true, ..Condition::default() };
    let message = format!(
        "Session {} within {months} months without a prior authorisation number: the payer wants it from here on. Ask for it, or put its number in item 23.",
        from + 1
    );
    Some(Draft::new(FindingKind::PriorAuth, Severity::Warn, message, when))
}

/// "Fusion of more than two interspaces … is not medically necessary", counted by the codes of further levels.
fn levels(clause: &Clause<'_>, facts: &Facts) -> Option<Draft> {
    if !super::coverage::denies(clause) {
        return None;
    }
    let most = number(&LEVELS.as_ref()?.captures(&clause.lower)?, 1)?;
    let codes = facts.addons(clause);
    if codes.is_empty() || most == 0 {
        return None;
    }
    let spared = clause.lower.split_once("without").map(|(_, rest)| super::vocabulary::diagnoses_named(rest));
    let when = Condition {
        codes,
        // The first level has a code of its own.
        units_above: Some(u32::from(most) - 1),
        diagnoses_none: spared.unwrap_or_default(),
        ..Condition::default()
    };
    let message = format!(
        "More than {most} levels for this kind of disease: the payer does not find that medically necessary. Check the diagnoses, or ask before the operation."
    );
    Some(Draft::new(FindingKind::MedicalNecessity, Severity::Warn, message, when))
}

/// Age limits.
fn age(clause: &Clause<'_>, facts: &Facts) -> Option<Draft> {
    let younger =
        YOUNGER.as_ref()?.captures(&clause.lower).and_then(|f| number(&f, 1).or_else(|| number(&f, 2)));
    let older = OLDER.as_ref()?.captures(&clause.lower);
    let older = older.and_then(|f| number(&f, 1).map(|n| n + 1).or_else(|| number(&f, 2)));
    let codes = facts.codes(clause);
    if codes.is_empty() {
        return None;
    }
    // "Age 60 or under" is who is covered; "younger than 18" is who is looked at alone.
    let (when, message) = match (older, younger) {
        (Some(from), _) => (
            Condition { codes, age_from: Some(from), ..Condition::default() },
            format!(
                "The patient is {from} or older; the payer sets an age limit for this service. Check the policy."
            ),
        ),
        (None, Some(below)) => (
            Condition { codes, age_below: Some(below), ..Condition::default() },
            format!(
                "The patient is younger than {below}; the payer looks at such cases one by one. Check the policy."
            ),
        ),
        _ => return None,
    };
    Some(Draft::new(FindingKind::PayerRule, Severity::Info, message, when))
}
