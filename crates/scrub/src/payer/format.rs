//! The format of a file of payer rules, and why one is refused.

use iambilly_claim::{Fault, FaultKind, FindingKind, Severity};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Why a file of payer rules was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct PayerRuleError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

impl PayerRuleError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::new(
            FaultKind::Input,
            "payer_rule_invalid",
            format!("The rule file was refused at {self}."),
            "Mend that line and read the file again; nothing of it is in force until all of it is right.",
        )
    }
}

/// All payer rules in use.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PayerRules {
    rules: Vec<PayerRule>,
}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rule: Vec<PayerRule>,
}

/// One rule of a payer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerRule {
    /// Its name, unique among all payer rules: capitals, digits and hyphens, like `AETNA-ESI-1`.
    pub id: String,
    /// What a finding of it is called; `payer_rule` unless said.
    #[serde(default = "payer_rule")]
    pub kind: FindingKind,
    /// `block`, `warn` or `info`.
    pub severity: Severity,
    /// What the coder reads, in a sentence. No patient's data.
    pub message: String,
    /// First date of service it holds for.
    #[schemars(with = "String")]
    pub from: Date,
    /// Last date of service it holds for; none: until changed.
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// Whom it is about.
    pub scope: Scope,
    /// When it speaks: all conditions given must hold for a line.
    pub when: Condition,
    /// Where it stands.
    pub source: RuleSource,
    /// What would mend it.
    pub remedy: Option<Remedy>,
    /// Why the payer wants it, for `rules explain`.
    #[serde(default)]
    pub why: String,
    /// When it does not apply although it looks so, for `rules explain`.
    #[serde(default)]
    pub except: String,
}

const fn payer_rule() -> FindingKind {
    FindingKind::PayerRule
}

/// Whom a rule is about. An empty list means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Payer ids as claims name them.
    pub payers: Vec<String>,
    /// Lines of business: `medicare`, `medicaid`, `commercial`, `workers_comp`, `auto`, `other`.
    pub types: Vec<String>,
    /// Two-letter states of the service.
    pub states: Vec<String>,
    /// Places of service, like `22`.
    pub places: Vec<String>,
    /// Roles of the rendering provider: `surgeon`, `assistant`, `co_surgeon`, `anesthesia`.
    pub roles: Vec<String>,
}

/// When a rule speaks: every member given must hold for a line of the claim. Codes are written in full (`62323`),
/// as a range (`62320-62327`) or with a star for the rest (`6449*`); diagnoses in full or with a star (`M54.1*`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// The line's code is one of these. Always needed.
    pub codes: Vec<String>,
    /// The line has one of these modifiers.
    pub modifiers_any: Vec<String>,
    /// The line has none of these modifiers.
    pub modifiers_none: Vec<String>,
    /// More units of the code that day than this.
    pub units_above: Option<u32>,
    /// The line names more levels than this.
    pub levels_above: Option<u32>,
    /// The line's charge is more than this, in dollars (`"12000.00"`).
    pub charge_above: Option<String>,
    /// The line points to one of these diagnoses.
    pub diagnoses_any: Vec<String>,
    /// The line points to a diagnosis, and to none of these.
    pub diagnoses_none: Vec<String>,
    /// Another line of that day has one of these codes.
    pub with_codes: Vec<String>,
    /// No line of that day has any of these codes.
    pub without_codes: Vec<String>,
    /// A phrase of the note quoted for the line has one of these words.
    pub documented_any: Vec<String>,
    /// The note is quoted for the line, and no phrase has any of these words.
    pub documented_none: Vec<String>,
    /// The patient is younger than this many years on the date of service.
    pub age_below: Option<u16>,
    /// The patient is at least this many years old on the date of service.
    pub age_from: Option<u16>,
    /// The claim has no prior authorisation number.
    pub no_authorisation: bool,
    /// The claim is received more than this many days after the service.
    pub received_after_days: Option<u32>,
    /// More sessions than this within a time, with those of the history.
    pub sessions: Option<Sessions>,
}

/// Sessions within a time: days on which one of the codes was done, this claim's included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Codes that count.
    pub codes: Vec<String>,
    /// Speaks above this number.
    pub more_than: usize,
    /// Months back from the date of service.
    pub months: u16,
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSource {
    /// Title of the document.
    pub title: String,
    /// Edition, version or date of it.
    pub edition: String,
    /// Section or page.
    pub locator: String,
}

/// What would mend a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Remedy {
    /// Add this modifier to the line.
    AddModifier(String),
    /// Take this modifier off the line.
    RemoveModifier(String),
    /// Report this code instead.
    ReplaceCode(String),
    /// Report so many units.
    SetUnits(u32),
    /// Take the line off the claim.
    RemoveLine,
}

impl PayerRules {
    /// Reads a file of rules, TOML or (where it begins with a brace) JSON.
    ///
    /// # Errors
    /// The line and what is wrong with it; then nothing of the file is taken.
    pub fn read(text: &str) -> Result<Self, PayerRuleError> {
        let file: RuleFile = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| {
                let reason = e.to_string();
                let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
                PayerRuleError { line: e.line().max(1), reason }
            })?
        } else {
            toml::from_str(text).map_err(|e| PayerRuleError {
                line: e.span().map_or(1, |s| 1 + text.bytes().take(s.start).filter(|b| *b == b'\n').count()),
                reason: e.message().lines().next().unwrap_or("cannot be read").to_owned(),
            })?
        };
        let mut seen = HashSet::new();
        for rule in &file.rule {
            let fault = rule.fault().or_else(|| {
                (!seen.insert(rule.id.as_str()))
                    .then(|| ("id", format!("the id {} is there twice; ids are unique", rule.id)))
            });
            if let Some((member, reason)) = fault {
                return Err(PayerRuleError { line: line_of(text, &rule.id, member), reason });
            }
        }
        Ok(Self { rules: file.rule })
    }

    /// These rules and others; a rule of the same id is taken from the others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.rules.retain(|r| !others.rules.iter().any(|o| o.id == r.id));
        self.rules.extend(others.rules);
        self
    }

    /// A rule by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&PayerRule> {
        self.rules.iter().find(|r| r.id == id)
    }

    /// All rules in the order written.
    pub fn iter(&self) -> impl Iterator<Item = &PayerRule> {
        self.rules.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl FromIterator<PayerRule> for PayerRules {
    /// Rules that were read before; of two of the same id the later one counts.
    fn from_iter<I: IntoIterator<Item = PayerRule>>(rules: I) -> Self {
        rules.into_iter().fold(Self::default(), |all, rule| all.and(Self { rules: vec![rule] }))
    }
}

impl PayerRule {
    /// What is wrong with the rule beyond its form: the member and the reason.
    fn fault(&self) -> Option<(&'static str, String)> {
        let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        if self.id.len() < 3 || self.id.len() > 40 || !self.id.chars().all(name) {
            return Some(("id", "an id has 3 to 40 capitals, digits and hyphens".to_owned()));
        }
        if ["SP-", "PTP-", "MUE-", "ICD-", "MOD-", "REQ-"].iter().any(|own| self.id.starts_with(own)) {
            return Some((
                "id",
                format!("ids like {} are the program's own; begin with the payer's name", self.id),
            ));
        }
        if self.message.trim().len() < 10 {
            return Some((
                "message",
                "the message says in a sentence what is wrong and what to do".to_owned(),
            ));
        }
        if self.to.is_some_and(|to| to < self.from) {
            return Some(("to", "the rule ends before it begins".to_owned()));
        }
        for (member, text) in [
            ("title", &self.source.title),
            ("edition", &self.source.edition),
            ("locator", &self.source.locator),
        ] {
            if text.trim().is_empty() {
                return Some((
                    member,
                    "a rule without a source is not a rule: title, edition and locator".to_owned(),
                ));
            }
        }
        let kinds = ["medicare", "medicaid", "commercial", "workers_comp", "auto", "other"];
        if let Some(t) = self.scope.types.iter().find(|t| !kinds.contains(&t.as_str())) {
            return Some(("types", format!("{t} is no line of business: {}", kinds.join(", "))));
        }
        if let Some(s) =
            self.scope.states.iter().find(|s| s.len() != 2 || !s.chars().all(|c| c.is_ascii_uppercase()))
        {
            return Some(("states", format!("{s} is no state: two capitals, like TX")));
        }
        if let Some(p) =
            self.scope.places.iter().find(|p| p.len() != 2 || !p.chars().all(|c| c.is_ascii_digit()))
        {
            return Some(("places", format!("{p} is no place of service: two digits, like 22")));
        }
        self.when.fault().or_else(|| self.remedy_fault())
    }

    fn remedy_fault(&self) -> Option<(&'static str, String)> {
        match self.remedy.as_ref()? {
            Remedy::AddModifier(m) | Remedy::RemoveModifier(m) if !is_modifier(m) => {
                Some(("remedy", format!("{m} is no modifier: two capitals or digits")))
            }
            Remedy::ReplaceCode(c) if !is_code(c) => {
                Some(("remedy", format!("{c} is no code of five characters")))
            }
            Remedy::SetUnits(0) => Some(("remedy", "units begin with 1".to_owned())),
            _ => None,
        }
    }
}

impl Condition {
    fn fault(&self) -> Option<(&'static str, String)> {
        if self.codes.is_empty() {
            return Some(("when", "a rule needs the codes it is about".to_owned()));
        }
        let sessions = self.sessions.as_ref().map_or(&[][..], |s| &s.codes);
        for (member, codes) in [
            ("codes", &self.codes[..]),
            ("with_codes", &self.with_codes),
            ("without_codes", &self.without_codes),
            ("sessions", sessions),
        ] {
            if let Some(c) = codes.iter().find(|c| !is_code_pattern(c)) {
                return Some((member, format!("{c} is no code: write 62323, 62320-62327 or 6449*")));
            }
        }
        if self.sessions.as_ref().is_some_and(|s| s.codes.is_empty() || s.months == 0) {
            return Some(("sessions", "sessions need codes and at least one month".to_owned()));
        }
        for (member, list) in
            [("diagnoses_any", &self.diagnoses_any), ("diagnoses_none", &self.diagnoses_none)]
        {
            if let Some(d) = list.iter().find(|d| !is_diagnosis_pattern(d)) {
                return Some((member, format!("{d} is no diagnosis: write M54.16 or M54.1*")));
            }
        }
        for (member, list) in
            [("modifiers_any", &self.modifiers_any), ("modifiers_none", &self.modifiers_none)]
        {
            if let Some(m) = list.iter().find(|m| !is_modifier(m)) {
                return Some((member, format!("{m} is no modifier: two capitals or digits")));
            }
        }
        if self.charge_above.as_ref().is_some_and(|c| c.parse::<iambilly_claim::money::Cents>().is_err()) {
            return Some(("charge_above", "an amount is dollars with cents, like 12000.00".to_owned()));
        }
        if let (Some(from), Some(below)) = (self.age_from, self.age_below)
            && from >= below
        {
            return Some((
                "age_below",
                "no patient is of this age: age_from is not below age_below".to_owned(),
            ));
        }
        None
    }
}

/// The line of a rule's member: the first line with its name at or after the line of the rule's id. The tables of a
/// rule may stand on either side of its id only in JSON; then the id's own line is named.
fn line_of(text: &str, id: &str, member: &str) -> usize {
    // The id may be a word of another member as well: the line that names it counts.
    let head = |l: &str| l.trim_start().trim_start_matches(['{', '"', ' ']).starts_with("id");
    let names = |l: &str| l.contains(id) && head(l);
    let said = text.lines().any(names);
    let is_id = |l: &str| if said { names(l) } else { l.contains(id) };
    let mut lines = text.lines().enumerate().skip_while(|(_, l)| !is_id(l));
    let first = lines.clone().next().map_or(1, |(i, _)| i + 1);
    if member == "id" {
        return text.lines().enumerate().filter(|(_, l)| is_id(l)).last().map_or(first, |(i, _)| i + 1);
    }
    let named = |l: &str| {
        let head = l.trim_start().trim_start_matches(['"', '[']);
        head.starts_with(member) || l.contains(&format!(".{member}]")) || l.contains(&format!("{member} ="))
    };
    lines.find(|(_, l)| named(l)).map_or(first, |(i, _)| i + 1)
}

fn is_modifier(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn is_code(text: &str) -> bool {
    text.parse::<iambilly_claim::ProcedureCode>().is_ok_and(|c| c.as_str() == text)
}

fn is_code_pattern(text: &str) -> bool {
    match (text.split_once('-'), text.strip_suffix('*')) {
        (Some((low, high)), _) => is_code(low) && is_code(high) && low < high,
        (_, Some(head)) => {
            (1..5).contains(&head.len()) && head.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        }
        _ => is_code(text),
    }
}

fn is_diagnosis_pattern(text: &str) -> bool {
    let head = text.strip_suffix('*').unwrap_or(text);
    let mut chars = head.chars();
    chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && head.len() <= 8
        && (text.ends_with('*') || head.len() >= 3)
        && chars.all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::PayerRules;

    const RULE: &str = "[[rule]]
id = \"AETNA-ESI-1\"
severity = \"warn\"
message = \"Only three epidural sessions a year; ask for more in advance.\"
from = \"2026-01-01\"
[rule.scope]
payers = [\"aetna\"]
[rule.when]
codes = [\"62320-62327\", \"6448*\"]
sessions = { codes = [\"62323\"], more_than = 3, months = 12 }
[rule.source]
title = \"Epidural policy\"
edition = \"2026-01\"
locator = \"p. 3\"
";

    #[test]
    fn a_rule_is_read() {
        let rules = PayerRules::read(RULE).unwrap();
        let rule = rules.get("AETNA-ESI-1").unwrap();
        assert_eq!(rule.when.sessions.as_ref().unwrap().more_than, 3);
        let json = serde_json::json!({"rule": [rule]}).to_string();
        assert_eq!(PayerRules::read(&json).unwrap(), rules);
    }

    #[test]
    fn a_wrong_rule_is_refused_with_its_line() {
        for (from, to, line, word) in [
            ("\"warn\"", "\"bad\"", 3, "bad"),
            ("severity", "severty", 3, "severty"),
            ("2026-01-01", "2026-13-01", 5, "month"),
            ("\"2026-01-01\"", "\"2026-01-01\"\nto = \"2025-01-01\"", 6, "ends before"),
            ("\"6448*\"", "\"6448?\"", 9, "6448?"),
            ("\"6448*\"", "\"62327-62320\"", 9, "62327-62320"),
            ("codes = [\"62320-62327\", \"6448*\"]\n", "", 8, "codes"),
            ("AETNA-ESI-1", "aetna esi", 2, "capitals"),
            ("AETNA-ESI-1", "SP-01", 2, "own"),
            ("\"p. 3\"", "\"\"", 14, "source"),
            ("payers = [\"aetna\"]", "types = [\"private\"]", 7, "private"),
            ("months = 12", "months = 0", 10, "month"),
            ("[[rule]]", "[rule", 1, ""),
        ] {
            let text = RULE.replacen(from, to, 1);
            let error = PayerRules::read(&text).unwrap_err();
            assert_eq!(error.line, line, "{from} -> {to}: {error}");
            assert!(error.reason.contains(word), "{from} -> {to}: {error}");
        }
        let twice = format!("{RULE}{RULE}");
        let error = PayerRules::read(&twice).unwrap_err();
        assert_eq!((error.line, error.reason.contains("twice")), (16, true), "{error}");
    }
}
