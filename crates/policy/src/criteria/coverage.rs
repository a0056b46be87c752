//! What is never covered, not together, not with a modifier, not without an authorisation or its documentation.

use super::Draft;
use super::clause::Clause;
use super::facts::Facts;
use super::vocabulary::{VOCABULARY, diagnoses_named};
use crate::passage::{Nature, codes};
use iambilly_claim::{FindingKind, Severity};
use iambilly_scrub::payer::Condition;
use regex::Regex;
use std::sync::LazyLock;

static TOGETHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(.*?)\b(?:is|are) (?:never |not )?(?:paid|payable|denied|reimbursed|covered|included)(?: in addition)?(?: to)? ?(?:with|to) (.*)$").ok()
});
static MODIFIER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:not accept|not accepted|do not (?:send|add|append|use|report)|never (?:append|add|use)|rejects?) (?:the )?modifiers? ([0-9]{2}|[a-z][a-z0-9])(?: or ([0-9]{2}|[a-z][a-z0-9]))? (?:on|with|for)\b").ok()
});

/// Modifiers that say "another level, another session".
const DISTINCT: [&str; 5] = ["59", "XE", "XP", "XS", "XU"];

/// What a clause states about coverage.
pub(super) fn read(clause: &Clause<'_>, facts: &Facts) -> Vec<Draft> {
    let mut out = vec![];
    out.extend(authorisation(clause, facts));
    out.extend(modifier(clause));
    out.extend(together(clause));
    if out.is_empty() {
        out.extend(never(clause, facts));
        out.extend(reason(clause, facts));
    }
    out.extend(documentation(clause, facts));
    out
}

/// Whether a clause, or the heading it stands under, denies coverage.
pub(super) fn denies(clause: &Clause<'_>) -> bool {
    const DENIED: [&str; 12] = [
        "not covered",
        "never covered",
        "not medically necessary",
        "not reasonable and necessary",
        "investigational",
        "experimental",
        "not paid under any",
        "no cover",
        "not payable",
        "never paid",
        "unproven",
        "non-covered",
    ];
    clause.says(&DENIED) || DENIED.iter().any(|w| clause.above.contains(w))
}

/// Codes that are never covered.
fn never(clause: &Clause<'_>, _: &Facts) -> Option<Draft> {
    let listed = clause.procedures();
    // A row is about the code it begins with; what it only mentions is not denied.
    let found = if clause.passage.nature == Nature::Row {
        let cell = clause.text.split("; ").find(|c| !codes(c).is_empty()).map(codes).unwrap_or_default();
        cell.into_iter().filter(|c| !c.contains('.')).collect()
    } else {
        listed
    };
    let depends = clause.says(&[
        " if ",
        " when ",
        " unless ",
        " except",
        " other than",
        " until ",
        " only ",
        " alone",
        "use the unlisted",
        "billed as",
        " without ",
        " after ",
        " with ",
        "excluding",
        " before ",
        " within ",
    ]);
    if found.is_empty()
        || depends
        || !denies(clause)
        || clause.says(&["is covered", "are covered", "payable when"])
    {
        return None;
    }
    let when = Condition { codes: found, ..Condition::default() };
    let message = "The payer never covers this service. Take the line off, or have the patient's agreement before it is done.";
    Some(Draft::new(FindingKind::MedicalNecessity, Severity::Block, message, when))
}

/// "Fusion for discogenic pain without stenosis is not medically necessary".
fn reason(clause: &Clause<'_>, facts: &Facts) -> Option<Draft> {
    let own = clause.says(&["not medically necessary", "not covered", "not reasonable", "not approved"]);
    if !own || clause.says(&[" alone", " only", "unless", "except", " if ", "this policy", " when "]) {
        return None;
    }
    let (head, rest) = clause.lower.split_once("without").unwrap_or((&clause.lower, ""));
    let (_, about) = head.split_once(" for ")?;
    let mut wanted = clause.diagnoses();
    if wanted.is_empty() {
        wanted = diagnoses_named(about);
    }
    let found = facts.primaries(clause);
    if wanted.is_empty() || found.is_empty() {
        return None;
    }
    let spared: Vec<String> = diagnoses_named(rest).into_iter().filter(|d| !wanted.contains(d)).collect();
    let when =
        Condition { codes: found, diagnoses_any: wanted, diagnoses_none: spared, ..Condition::default() };
    let message = "For this diagnosis by itself the payer does not find the operation medically necessary. Check whether the record shows another indication.";
    Some(Draft::new(FindingKind::MedicalNecessity, Severity::Warn, message, when))
}

/// "22845 is denied with 22853".
fn together(clause: &Clause<'_>) -> Option<Draft> {
    let negative = clause.says(&[
        "not paid",
        "denied",
        "not payable",
        "never paid",
        "not reimbursed",
        "are included",
        "is included",
    ]);
    if !negative || clause.passage.nature == Nature::Row {
        return None;
    }
    let found = TOGETHER.as_ref()?.captures(clause.text)?;
    let of = |at: usize| -> Vec<String> {
        let named = found.get(at).map(|m| codes(m.as_str())).unwrap_or_default();
        named.into_iter().filter(|c| !c.contains('.')).collect()
    };
    let (first, second) = (of(1), of(2));
    if first.is_empty() || second.is_empty() {
        return None;
    }
    // A modifier that says "elsewhere" is an answer, unless the payer says that none is.
    let released = !clause.says(&["no modifier"]);
    let when = Condition {
        codes: first,
        with_codes: second,
        modifiers_none: if released { DISTINCT.map(str::to_owned).to_vec() } else { vec![] },
        ..Condition::default()
    };
    let message = "The payer does not pay this together with another line of the claim, unless the record shows a separate place or device. Check the note, then the modifier.";
    Some(Draft::new(FindingKind::PayerRule, Severity::Warn, message, when))
}

/// "Does not accept modifier 50 on 64479 to 64484".
fn modifier(clause: &Clause<'_>) -> Option<Draft> {
    if clause.says(&["except"]) {
        return None;
    }
    let found = MODIFIER.as_ref()?.captures(&clause.lower)?;
    let after = clause.text.get(found.get(0)?.end()..).unwrap_or_default();
    let listed: Vec<String> = codes(after).into_iter().filter(|c| !c.contains('.')).collect();
    let modifiers: Vec<String> =
        [1, 2].into_iter().filter_map(|at| Some(found.get(at)?.as_str().to_uppercase())).collect();
    if listed.is_empty() {
        return None;
    }
    let message = format!(
        "The payer does not accept modifier {} on this service. See the policy for how it wants it reported.",
        modifiers.join(" or ")
    );
    let when = Condition { codes: listed, modifiers_any: modifiers, ..Condition::default() };
    Some(Draft::new(FindingKind::PayerRule, Severity::Block, message, when))
}

/// Prior authorisation, by code, service and place.
fn authorisation(clause: &Clause<'_>, facts: &Facts) -> Option<Draft> {
    const NAMES: [&str; 5] = ["authoriz", "authoris", "precert", "preapproval", "prior approval"];
    let row = clause.passage.nature == Nature::Row;
    let about = clause.says(&NAMES) || (row && NAMES.iter().any(|n| clause.above.contains(n)));
    let wanted = if row {
        clause.says(&["needed: yes", "required: yes", "authorization: yes", "authorisation: yes"])
            || clause.says(&[
                "authorization required",
                "authorisation required",
                "prior authorization: required",
            ])
    } else {
        clause.says(&[
            "is required",
            "are required",
            "require ",
            "requires ",
            "required for",
            "need authori",
            "needs authori",
            "need an authori",
            "for every session",
            "must be authori",
            "needs prior",
            "need prior",
        ])
    };
    let not = clause.says(&[
        "no prior",
        "not need",
        "not require",
        "no authori",
        "without authori",
        "do not",
        "does not",
        "failure to",
        "later sessions",
        "and later",
        "not apply",
        "is valid",
        "notification only if",
    ]);
    if !about || !wanted || not {
        return None;
    }
    let found = if row {
        let cell = clause.text.split("; ").next().map(codes).unwrap_or_default();
        cell.into_iter().filter(|c| !c.contains('.')).collect()
    } else {
        facts.codes(clause)
    };
    if found.is_empty() {
        return None;
    }
    let when = Condition { codes: found, no_authorisation: true, ..Condition::default() };
    let message = "The payer wants prior authorisation for this service here, and item 23 is empty. Put the number in, or ask for it before the claim goes out.";
    let mut draft = Draft::new(FindingKind::PriorAuth, Severity::Warn, message, when);
    draft.places = places(&clause.lower);
    Some(draft)
}

/// Places of service a clause names; none: everywhere.
fn places(lower: &str) -> Vec<&'static str> {
    let named: [(&[&str], &[&str]); 4] = [
        (&["outpatient hospital", "hospital outpatient", "pos 22"], &["19", "22"]),
        (&["ambulatory surg", "surgery center", "surgical centre", "pos 24", "and 24)"], &["24"]),
        (&["pos 11", "office setting", "in the office", "in an office"], &["11"]),
        (&["inpatient", "pos 21"], &["21"]),
    ];
    let found = named.into_iter().filter(|(words, _)| words.iter().any(|w| lower.contains(w)));
    let found: Vec<&'static str> = found.flat_map(|(_, places)| places.iter().copied()).collect();
    // "Inpatient and outpatient" is everywhere.
    if lower.contains("every setting") || (lower.contains("inpatient and outpatient")) {
        vec![]
    } else {
        found
    }
}

/// A general requirement of which the note shows nothing.
fn documentation(clause: &Clause<'_>, facts: &Facts) -> Vec<Draft> {
    let general = [
        "general requirement",
        "every elective",
        "every request",
        "all requests",
        "all of the following must",
    ];
    let is_general = general.iter().any(|w| clause.above.contains(w));
    let conditional = clause.says(&[
        " if ",
        "for members with",
        " when there",
        "unless there",
        "not needed",
        "is accepted",
    ]);
    if !is_general || clause.passage.nature != Nature::Criterion || conditional {
        return vec![];
    }
    let found = facts.primaries(clause);
    if found.is_empty() {
        return vec![];
    }
    let asked =
        VOCABULARY.evidence.iter().filter(|e| e.asked.iter().any(|a| clause.lower.contains(a.as_str())));
    let draft = |e: &super::vocabulary::Evidence| {
        let when =
            Condition { codes: found.clone(), documented_none: e.shown.clone(), ..Condition::default() };
        let message = format!(
            "The payer asks for {}, and the note quoted for this line shows none. Add it, or send it with the claim.",
            e.name
        );
        Draft::new(FindingKind::DocumentationGap, Severity::Warn, message, when)
    };
    asked.map(draft).collect()
}
