//! What a rule says, why, when it does not apply, what to do, and where it stands: for every rule of the scrubber
//! and every payer rule.
//!
//! The words are data (`data/rules/explain.toml`); what a table or a rule file already says is taken from there.

use crate::book::RuleBook;
use crate::bundle::{Bundle, Separate, Site};
use crate::codes::Codes;
use crate::payer::{PayerRule, PayerRules};
use crate::view::cite;
use iambilly_claim::finding::Source;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A note on a rule, as a coder would write it for a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Explanation {
    /// The rule's id.
    pub rule: String,
    /// A few words.
    pub title: String,
    /// What it says.
    pub what: String,
    /// Why it exists.
    pub why: String,
    /// When it does not apply although it looks so.
    pub exceptions: Vec<String>,
    /// What to do about a finding.
    pub advice: String,
    /// An example, where there is one.
    pub example: Option<String>,
    /// Where it stands, with edition and dates.
    pub source: Source,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}\n\n{}", self.rule, self.title, self.what)?;
        if !self.why.is_empty() {
            writeln!(f, "\nWhy: {}", self.why)?;
        }
        if !self.exceptions.is_empty() {
            writeln!(f, "\nDoes not apply:")?;
            for exception in &self.exceptions {
                writeln!(f, "  - {exception}")?;
            }
        }
        if !self.advice.is_empty() {
            writeln!(f, "\nWhat to do: {}", self.advice)?;
        }
        if let Some(example) = &self.example {
            writeln!(f, "\nExample: {example}")?;
        }
        let s = &self.source;
        write!(f, "\nSource: {}, {}; {}", s.title, s.version, s.locator)?;
        match (&s.effective_from, &s.effective_to) {
            (Some(from), Some(to)) => writeln!(f, "; {from} to {to}"),
            (Some(from), None) => writeln!(f, "; from {from}"),
            _ => writeln!(f),
        }
    }
}

/// The file of notes.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Notes {
    pub(crate) note: Vec<Words>,
}

/// A note as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    id: String,
    title: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default, rename = "do")]
    advice: String,
    example: Option<String>,
    source: Option<String>,
}

/// Said of a rule that nobody wrote a note on yet.
const UNTITLED: &str = "Rule of the scrubber";
const UNADVISED: &str = "Look at the passage of the note the lines rest on; mend the line it contradicts.";

/// Explains a rule by the id a finding gives it; `None` where there is no such rule. `on` is the date of service the
/// edition is wanted for.
#[must_use]
pub fn explain(book: &RuleBook, payers: &PayerRules, rule: &str, on: Date) -> Option<Explanation> {
    let rule = rule.trim();
    if let Some(own) = payers.get(rule) {
        return Some(of_payer(own));
    }
    let words = book.notes.find(rule);
    let stated = stated(book, rule);
    if words.is_none() && stated.is_none() {
        return None;
    }
    let rest =
        words.and_then(|w| w.id.strip_suffix('*')).and_then(|head| rule.strip_prefix(head)).unwrap_or(rule);
    let fill = |text: &str| {
        let (a, b) = rest.split_once('-').unwrap_or((rest, rest));
        text.replace("{code}", rest).replace("{a}", a).replace("{b}", b)
    };
    let words = words.cloned().unwrap_or_default();
    let (what, derived) = stated.map_or((String::new(), vec![]), |s| (s.what, s.exceptions));
    let what = if words.what.is_empty() { what } else { fill(&words.what) };
    let mut exceptions: Vec<String> = words.not.iter().map(|n| fill(n)).collect();
    if exceptions.is_empty() {
        exceptions = derived;
    }
    let title = if words.title.is_empty() { UNTITLED.to_owned() } else { fill(&words.title) };
    let advice = if words.advice.is_empty() { UNADVISED.to_owned() } else { fill(&words.advice) };
    Some(Explanation {
        rule: rule.to_owned(),
        title,
        what,
        why: fill(&words.why),
        exceptions,
        advice,
        example: words.example.as_deref().map(fill),
        source: source(book, rule, rest, words.source.as_deref(), on),
    })
}

impl Notes {
    /// The note of a rule: its own, else the longest beginning that fits.
    fn find(&self, rule: &str) -> Option<&Words> {
        let own = self.note.iter().find(|n| n.id == rule);
        own.or_else(|| {
            let heads = self.note.iter().filter_map(|n| Some((n, n.id.strip_suffix('*')?)));
            heads
                .filter(|(_, head)| rule.starts_with(head))
                .max_by_key(|(_, head)| head.len())
                .map(|(n, _)| n)
        })
    }
}

fn of_payer(rule: &PayerRule) -> Explanation {
    Explanation {
        rule: rule.id.clone(),
        title: format!("Payer rule for {}", rule.when.codes.join(", ")),
        what: crate::payer::in_words(rule),
        why: rule.why.clone(),
        exceptions: Some(rule.except.clone()).filter(|e| !e.trim().is_empty()).into_iter().collect(),
        advice: match &rule.remedy {
            Some(_) => {
                "The finding offers the remedy the rule names; look at it before you take it.".to_owned()
            }
            None => {
                "Read the payer's document at the place named; the rule itself offers no remedy.".to_owned()
            }
        },
        example: None,
        source: crate::payer::cite(rule),
    }
}

/// What the rule files themselves say.
struct Stated {
    what: String,
    exceptions: Vec<String>,
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

fn stated(book: &RuleBook, rule: &str) -> Option<Stated> {
    if let Some(bundle) = book.bundles.iter().find(|b| b.id == rule) {
        return Some(of_bundle(bundle));
    }
    let policy = &book.policy;
    let plain = (book.companions.iter().map(|c| (&c.id, &c.codes, &c.message)))
        .chain(book.documentation.iter().map(|d| (&d.id, &d.codes, &d.message)))
        .chain(policy.authorisation.iter().map(|a| (&a.id, &a.codes, &a.message)))
        .chain(policy.not_covered.iter().map(|n| (&n.id, &n.codes, &n.message)))
        .chain(policy.support.iter().map(|s| (&s.id, &s.codes, &s.message)))
        .chain(policy.not_enough.iter().map(|s| (&s.id, &s.codes, &s.message)))
        .chain(policy.same_day.iter().map(|s| (&s.id, &s.left, &s.message)))
        .chain(book.line_rules.better.iter().map(|b| (&b.id, &b.from, &b.message)))
        .chain(book.line_rules.wanted.iter().map(|w| (&w.id, &w.codes, &w.message)));
    let found =
        plain.into_iter().find(|(id, ..)| *id == rule).map(|(_, codes, message)| (codes.clone(), message));
    let grouped =
        policy
            .frequency
            .iter()
            .map(|f| (&f.id, f.regions.iter().flatten().cloned().collect(), &f.message))
            .chain(policy.trial.iter().map(|t| {
                (&t.id, t.regions.iter().flat_map(|r| r.now.iter().cloned()).collect(), &t.message)
            }));
    let found = found.or_else(|| {
        let own = grouped.into_iter().find(|(id, ..)| *id == rule);
        own.map(|(_, codes, message): (_, Vec<String>, _)| (Codes::from(codes), message))
    });
    let (codes, message) = found?;
    Some(Stated { what: format!("{} (Codes: {}.)", sentence(message), codes.listed()), exceptions: vec![] })
}

fn of_bundle(bundle: &Bundle) -> Stated {
    let mut primary: Vec<&str> = bundle.primary.iter().map(String::as_str).collect();
    primary.sort_unstable();
    let place = match bundle.site {
        Site::Interspace => "at one interspace",
        Site::Segments => "at a shared vertebra",
        Site::Construct => "over levels that touch",
        Site::Session => "on one day",
    };
    let what = format!(
        "{} (Speaks of {} beside {}, {place}.)",
        sentence(&bundle.message),
        bundle.other.listed(),
        primary.join(", ")
    );
    let mut exceptions = Vec::new();
    match bundle.separate {
        Separate::Level => exceptions.push(
            "The two were done at different places, which the lines' levels show; where the table pairs them, 59 or XS on the line that is denied."
                .to_owned(),
        ),
        Separate::Documented => exceptions.push(
            "The note says in so many words that the second is separate; then 59 or XS on the line that is denied."
                .to_owned(),
        ),
        Separate::Never => exceptions.push("No modifier and no documentation changes it.".to_owned()),
    }
    if !bundle.unless.is_empty() {
        exceptions.push(format!("One of these is on the claim that day: {}.", bundle.unless.listed()));
    }
    if bundle.commercial.is_some() {
        exceptions.push("Payers other than Medicare and Medicaid decide by their own policy.".to_owned());
    }
    Stated { what, exceptions }
}

/// Where a rule stands: the very row where a table has one on that day.
fn source(book: &RuleBook, rule: &str, rest: &str, named: Option<&str>, on: Date) -> Source {
    if let Some(title) = named {
        return cite(title, "02/12", format!("item {rest}"));
    }
    let mut parts = rest.split('-');
    let (a, b) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let row = match rule.split('-').next().unwrap_or_default() {
        "PTP" => {
            book.pair(a, b, on).map(|e| e.cite(format!("{a} / {b}, modifier indicator {}", e.indicator)))
        }
        "MUE" => book
            .mue(rest, on)
            .map(|m| m.cite(format!("{rest}: {} units, indicator {}", m.units, m.indicator))),
        "ADDON" => book.add_on(rest, on).map(|r| r.cite(rest)),
        "BILATERAL" | "STATUS" => book.fee(rest.trim_start_matches("B-"), on).map(|f| f.cite(rest)),
        "UNITS" | "COUNT" | "LEVEL" => Some(book.counts.origin.cite(rest)),
        "ICD" => Some(book.icd_origin.cite(rest)),
        "PART" | "BETTER" | "WORDS" | "RANK" => Some(book.line_origin.cite(rest)),
        "NPI" => Some(cite(
            "45 CFR 162.406, National Provider Identifier",
            "check digit by ISO 7812",
            "item 24J, 33a",
        )),
        "POINTER" | "TOTAL" => {
            Some(cite("CMS-1500 claim form and X12 837P 005010X222A1", "02/12", "items 24E and 28"))
        }
        "GLOBAL" => {
            let v = &book.policy.visits;
            Some(cite(&v.title, &v.edition, v.locator.clone()))
        }
        "FILING" => {
            let f = &book.policy.filing;
            Some(cite(&f.title, &f.edition, f.locator.clone()))
        }
        _ => None,
    };
    row.or_else(|| policy_source(book, rule)).unwrap_or_else(|| book.bundle_origin.cite(rule))
}

fn policy_source(book: &RuleBook, rule: &str) -> Option<Source> {
    let p = &book.policy;
    let rows = (p.authorisation.iter().map(|r| (&r.id, &r.title, &r.edition, r.from, r.to, &r.locator)))
        .chain(p.frequency.iter().map(|r| (&r.id, &r.title, &r.edition, r.from, None, &r.locator)))
        .chain(p.same_day.iter().map(|r| (&r.id, &r.title, &r.edition, r.from, None, &r.locator)))
        .chain(p.not_covered.iter().map(|r| (&r.id, &r.title, &r.edition, r.from, None, &r.locator)))
        .chain(p.trial.iter().map(|r| (&r.id, &r.title, &r.edition, r.from, None, &r.locator)))
        .chain(p.support.iter().map(|r| (&r.id, &r.title, &r.edition, r.from, None, &r.locator)));
    let (_, title, edition, from, to, locator) = rows.into_iter().find(|(id, ..)| *id == rule)?;
    Some(Source {
        title: title.clone(),
        version: edition.clone(),
        effective_from: Some(from.to_string()),
        effective_to: to.map(|d| d.to_string()),
        locator: locator.clone(),
    })
}

/// Ids of all rules that stand by themselves, with their titles: what a list shows.
#[must_use]
pub fn rules(book: &RuleBook, payers: &PayerRules, on: Date) -> Vec<(String, String)> {
    let p = &book.policy;
    let mut ids: Vec<String> = (book.bundles.iter().map(|b| b.id.clone()))
        .chain(book.companions.iter().map(|c| c.id.clone()))
        .chain(book.documentation.iter().map(|d| d.id.clone()))
        .chain(p.authorisation.iter().map(|r| r.id.clone()))
        .chain(p.frequency.iter().map(|r| r.id.clone()))
        .chain(p.same_day.iter().map(|r| r.id.clone()))
        .chain(p.not_covered.iter().map(|r| r.id.clone()))
        .chain(p.trial.iter().map(|r| r.id.clone()))
        .chain(p.support.iter().map(|r| r.id.clone()))
        .chain(book.line_rules.better.iter().map(|r| r.id.clone()))
        .chain(book.line_rules.wanted.iter().map(|r| r.id.clone()))
        .chain(book.notes.note.iter().filter(|n| !n.id.ends_with('*')).map(|n| n.id.clone()))
        .chain(payers.iter().map(|r| r.id.clone()))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| explain(book, payers, &id, on).map(|e| (id, e.title))).collect()
}

#[cfg(test)]
mod tests {
    use super::{UNADVISED, UNTITLED, explain, rules};
    use crate::{PayerRules, RuleBook};

    const ON: jiff::civil::Date = jiff::civil::date(2026, 2, 2);

    #[test]
    fn every_rule_is_explained_with_a_source() {
        let (book, none) = (RuleBook::seed(), PayerRules::default());
        let all = rules(book, &none, ON);
        assert!(all.len() > 100, "{}", all.len());
        for (id, _) in &all {
            let e = explain(book, &none, id, ON).unwrap();
            assert!(e.what.len() > 20 && e.advice.len() > 5 && !e.source.title.is_empty(), "{id}: {e}");
            assert!(!format!("{e}").contains('{'), "{e}");
            assert!(
                e.title != UNTITLED && e.advice != UNADVISED && !e.why.is_empty(),
                "{id} has no note: {e}"
            );
        }
        assert!(explain(book, &none, "NO-SUCH-RULE", ON).is_none());
    }

    #[test]
    fn a_rule_about_a_row_cites_the_row() {
        let (book, none) = (RuleBook::seed(), PayerRules::default());
        let text = |id: &str| explain(book, &none, id, ON).unwrap().to_string();
        assert!(text("PTP-22633-63047").contains("modifier indicator 1"));
        assert!(text("MUE-22612").contains("1 units, indicator 2"));
        assert!(text("ICD-EX1-M54.1").contains("Excludes1 at M54.1"));
        let note = text("SP-01");
        for word in
            ["63052", "Why:", "Does not apply:", "What to do:", "Example:", "Source:", "from 2017-01-01"]
        {
            assert!(note.contains(word), "{word}: {note}");
        }
    }
}
