//! A payer rule in plain words: whom it is about and when it speaks.

use super::format::PayerRule;
use iambilly_claim::Severity;

/// `a`, `a or b`, `a, b or c`.
fn either(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

fn plural(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// The rule in a few sentences.
pub(crate) fn in_words(rule: &PayerRule) -> String {
    let message = rule.message.trim();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    let conditions = conditions(rule).join("; ");
    let meant = match rule.severity {
        Severity::Block => "A block: the payer denies for certain.",
        Severity::Warn => "A warning: a person decides.",
        Severity::Info => "For information; the verdict stays.",
    };
    format!("{message}{end} It looks at {}. It speaks when {conditions}. {meant}", about(rule))
}

fn about(rule: &PayerRule) -> String {
    let scope = &rule.scope;
    let mut parts = vec![];
    for (head, list) in [
        ("of payer", &scope.payers),
        ("of the line of business", &scope.types),
        ("in state", &scope.states),
        ("at place of service", &scope.places),
        ("billed as", &scope.roles),
    ] {
        if !list.is_empty() {
            parts.push(format!("{head} {}", either(list).replace('_', " ")));
        }
    }
    let whose = if parts.is_empty() { "of any payer".to_owned() } else { parts.join(", ") };
    match rule.to {
        Some(to) => format!("claims {whose}, for services from {} to {to}", rule.from),
        None => format!("claims {whose}, for services from {} on", rule.from),
    }
}

fn conditions(rule: &PayerRule) -> Vec<String> {
    let when = &rule.when;
    let mut all = vec![format!("a line's code is {}", either(&when.codes))];
    for (head, list) in [
        ("it has the modifier", &when.modifiers_any),
        ("it lacks the modifier", &when.modifiers_none),
        ("it points to the diagnosis", &when.diagnoses_any),
        ("none of its diagnoses is", &when.diagnoses_none),
        ("another line of that day is", &when.with_codes),
        ("no line of that day is", &when.without_codes),
        ("the note quoted for it says", &when.documented_any),
        ("the note quoted for it does not say", &when.documented_none),
    ] {
        if !list.is_empty() {
            all.push(format!("{head} {}", either(list)));
        }
    }
    if let Some(units) = when.units_above {
        all.push(format!("more than {} of it are reported that day", plural(u64::from(units), "unit")));
    }
    if let Some(levels) = when.levels_above {
        all.push(format!("it names more than {}", plural(u64::from(levels), "level")));
    }
    if let Some(charge) = &when.charge_above {
        all.push(format!("its charge is above ${charge}"));
    }
    match (when.age_from, when.age_below) {
        (Some(from), Some(below)) => all.push(format!("the patient is {from} to {} years old", below - 1)),
        (Some(from), None) => all.push(format!("the patient is {from} or older")),
        (None, Some(below)) => all.push(format!("the patient is younger than {below}")),
        (None, None) => {}
    }
    if when.no_authorisation {
        all.push("there is no prior authorisation number (item 23)".to_owned());
    }
    if let Some(days) = when.received_after_days {
        all.push(format!(
            "the claim is received more than {} after the service",
            plural(u64::from(days), "day")
        ));
    }
    if let Some(sessions) = &when.sessions {
        let count = u64::try_from(sessions.more_than).unwrap_or(u64::MAX);
        all.push(format!(
            "there are more than {} of {} within {}",
            plural(count, "session"),
            either(&sessions.codes),
            plural(u64::from(sessions.months), "month")
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use crate::PayerRules;

    #[test]
    fn a_rule_is_said_in_sentences() {
        let text = "[[rule]]\nid = \"AETNA-ESI-1\"\nseverity = \"warn\"\nmessage = \"Ask the payer first\"\nfrom = \"2026-01-01\"\nto = \"2026-12-31\"\n[rule.scope]\npayers = [\"aetna\", \"acme\"]\nplaces = [\"22\"]\n[rule.when]\ncodes = [\"62320-62327\", \"6448*\"]\nage_from = 18\nage_below = 65\nunits_above = 1\nno_authorisation = true\nsessions = { codes = [\"62323\"], more_than = 3, months = 12 }\n[rule.source]\ntitle = \"Epidural policy\"\nedition = \"2026-01\"\nlocator = \"p. 3\"\n";
        let rules = PayerRules::read(text).unwrap();
        assert_eq!(
            in_words(rules.get("AETNA-ESI-1").unwrap()),
            "Ask the payer first. It looks at claims of payer aetna or acme, at place of service 22, for services from 2026-01-01 to 2026-12-31. It speaks when a line's code is 62320-62327 or 6448*; more than 1 unit of it are reported that day; the patient is 18 to 64 years old; there is no prior authorisation number (item 23); there are more than 3 sessions of 62323 within 12 months. A warning: a person decides."
        );
    }
}
