//! The members of a payer rule as a form asks for them, in the order of `docs/payer-rules.md`.

use serde::Serialize;

/// How a member is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A line of text.
    Text,
    /// Several lines of text.
    Prose,
    /// A date of service, `2026-01-01`.
    Date,
    /// One of the choices.
    Choice,
    /// Ids or words, with commas between.
    List,
    /// Codes, with commas or blanks between; written in capitals.
    Codes,
    /// A whole number.
    Number,
    /// Yes, or not said.
    Flag,
}

/// A part of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What the rule says.
    Rule,
    /// Whom it is about.
    Scope,
    /// When it speaks.
    When,
    /// Where it stands.
    Source,
    /// What would mend it.
    Remedy,
    /// For the note on the rule.
    Note,
}

/// A member of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Member {
    /// Where it stands: `id`, `scope.payers`, `when.sessions.months`.
    pub path: &'static str,
    /// Which part of the form it belongs to.
    pub group: Group,
    /// Its name for people.
    pub label: &'static str,
    /// What to write, in a few words.
    pub hint: &'static str,
    /// How it is written.
    pub shape: Shape,
    /// What can be chosen, with the words for it.
    pub choices: &'static [(&'static str, &'static str)],
    /// Nearly every rule has it; the others are shown on demand.
    pub common: bool,
}

const SEVERITIES: &[(&str, &str)] = &[
    ("block", "Block: the payer denies for certain"),
    ("warn", "Warn: a person decides"),
    ("info", "Info: good to know"),
];
const KINDS: &[(&str, &str)] = &[
    ("", "Payer rule"),
    ("prior_auth", "Prior authorisation"),
    ("frequency", "Frequency"),
    ("medical_necessity", "Medical necessity"),
    ("documentation_gap", "Documentation"),
    ("timely_filing", "Timely filing"),
    ("modifier_missing", "Modifier missing"),
    ("modifier_invalid", "Modifier not wanted"),
    ("units", "Units"),
];
const REMEDIES: &[(&str, &str)] = &[
    ("", "None"),
    ("add_modifier", "Add a modifier"),
    ("remove_modifier", "Take a modifier off"),
    ("replace_code", "Report another code"),
    ("set_units", "Set the units"),
    ("remove_line", "Take the line off"),
];

const fn member(
    group: Group,
    path: &'static str,
    label: &'static str,
    hint: &'static str,
    shape: Shape,
) -> Member {
    Member { path, group, label, hint, shape, choices: &[], common: false }
}
const fn common(
    group: Group,
    path: &'static str,
    label: &'static str,
    hint: &'static str,
    shape: Shape,
) -> Member {
    Member { path, group, label, hint, shape, choices: &[], common: true }
}
const fn choice(
    group: Group,
    path: &'static str,
    label: &'static str,
    choices: &'static [(&'static str, &'static str)],
    common: bool,
) -> Member {
    Member { path, group, label, hint: "", shape: Shape::Choice, choices, common }
}

/// All members a form asks for.
pub const MEMBERS: &[Member] = &[
    common(
        Group::Rule,
        "id",
        "Name",
        "Capitals, digits, hyphens; the payer first: AETNA-ESI-YEAR",
        Shape::Text,
    ),
    choice(Group::Rule, "severity", "Severity", SEVERITIES, true),
    common(Group::Rule, "message", "Message", "What is wrong and what to do, in a sentence", Shape::Prose),
    common(Group::Rule, "from", "From", "First date of service, 2026-01-01", Shape::Date),
    common(Group::Rule, "to", "To", "Last date of service; empty: until changed", Shape::Date),
    choice(Group::Rule, "kind", "Called", KINDS, false),
    common(Group::Scope, "scope.payers", "Payers", "Ids as claims name them; empty: all", Shape::List),
    member(
        Group::Scope,
        "scope.types",
        "Lines of business",
        "medicare, medicaid, commercial, workers_comp, auto, other",
        Shape::List,
    ),
    member(Group::Scope, "scope.states", "States", "TX, LA", Shape::Codes),
    member(Group::Scope, "scope.places", "Places of service", "11, 22, 24", Shape::Codes),
    member(Group::Scope, "scope.roles", "Roles", "surgeon, assistant, co_surgeon, anesthesia", Shape::List),
    common(Group::When, "when.codes", "Codes", "62323, 62320-62327 or 6449*", Shape::Codes),
    member(Group::When, "when.modifiers_any", "With one of these modifiers", "50, KX", Shape::Codes),
    member(Group::When, "when.modifiers_none", "Without these modifiers", "59, XS", Shape::Codes),
    member(Group::When, "when.units_above", "Units above", "More units of the code that day", Shape::Number),
    member(Group::When, "when.levels_above", "Levels above", "More levels named on the line", Shape::Number),
    member(Group::When, "when.charge_above", "Charge above", "12000.00", Shape::Text),
    member(Group::When, "when.diagnoses_any", "With one of these diagnoses", "M54.16, M54.1*", Shape::Codes),
    member(Group::When, "when.diagnoses_none", "Without these diagnoses", "M54.16, M54.1*", Shape::Codes),
    member(
        Group::When,
        "when.with_codes",
        "With another of these codes that day",
        "62323, 6449*",
        Shape::Codes,
    ),
    member(
        Group::When,
        "when.without_codes",
        "Without any of these codes that day",
        "62323, 6449*",
        Shape::Codes,
    ),
    member(
        Group::When,
        "when.documented_any",
        "The note says one of",
        "Words of the note, with commas",
        Shape::List,
    ),
    member(
        Group::When,
        "when.documented_none",
        "The note says none of",
        "Words of the note, with commas",
        Shape::List,
    ),
    member(Group::When, "when.age_from", "Age from", "Years", Shape::Number),
    member(Group::When, "when.age_below", "Age below", "Years", Shape::Number),
    member(
        Group::When,
        "when.no_authorisation",
        "No prior authorisation number",
        "Item 23 is empty",
        Shape::Flag,
    ),
    member(
        Group::When,
        "when.received_after_days",
        "Received after days",
        "The contract's filing limit",
        Shape::Number,
    ),
    member(Group::When, "when.sessions.codes", "Sessions of these codes", "62320-62323", Shape::Codes),
    member(Group::When, "when.sessions.more_than", "More sessions than", "3", Shape::Number),
    member(Group::When, "when.sessions.months", "Within months", "12", Shape::Number),
    common(Group::Source, "source.title", "Document", "Title of the policy", Shape::Text),
    common(Group::Source, "source.edition", "Edition", "Its version or date", Shape::Text),
    common(Group::Source, "source.locator", "Place", "Section or page", Shape::Text),
    choice(Group::Remedy, "remedy.do", "What would mend it", REMEDIES, false),
    member(Group::Remedy, "remedy.with", "With", "The modifier, code or units", Shape::Text),
    member(Group::Note, "why", "Why", "Why the payer wants it", Shape::Prose),
    member(Group::Note, "except", "Except", "When it does not apply although it looks so", Shape::Prose),
];
