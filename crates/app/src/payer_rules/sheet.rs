//! One rule as a form and as text, kept in step: what is typed on one side is at once on the other.
//!
//! The text is the rule; the form is a view of it. A change in the form changes only the members it is about, so that a
//! coder's comments and order stay.

use super::members::{MEMBERS, Member, Shape};
use super::wording;
use iambilly_scrub::explain::Explanation;
use iambilly_scrub::{PayerRules, RuleBook};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// Values of a form by member.
pub type Fields = BTreeMap<String, String>;

/// A rule as its editor shows it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Sheet {
    /// The rule as TOML.
    pub text: String,
    /// The form's values; none while the text cannot be read at all.
    pub fields: Option<Fields>,
    /// What is wrong, if anything.
    pub problem: Option<Problem>,
    /// The rule in plain words, where nothing is wrong.
    pub note: Option<Explanation>,
}

/// What is wrong with a rule, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// Line of the text, from 1.
    pub line: usize,
    /// The member on that line (`when.codes`, `source`), where one is.
    pub member: Option<String>,
    /// What is wrong there.
    pub reason: String,
}

/// A new rule that warns, from today on.
#[must_use]
pub fn blank(today: Date) -> Sheet {
    let said = [("severity", "warn".to_owned()), ("from", today.to_string())];
    of_fields("", &said.map(|(path, value)| (path.to_owned(), value)).into(), today)
}

/// A rule from its text.
#[must_use]
pub fn of_text(text: &str, on: Date) -> Sheet {
    let text = match text.trim_start().starts_with('{').then(|| wording::each(text)) {
        // JSON becomes the TOML that is kept.
        Some(Ok(rules)) if rules.len() == 1 => rules.into_iter().map(|r| r.text).collect(),
        _ => text.to_owned(),
    };
    let fields = text.parse::<DocumentMut>().ok().map(|document| {
        let rule = rule(&document).cloned().unwrap_or_default();
        MEMBERS.iter().filter_map(|m| Some((m.path.to_owned(), said(&rule, m.path)?))).collect()
    });
    let (problem, note) = judged(&text, on);
    Sheet { text, fields, problem, note }
}

/// A rule from its form; `text` is what stood there before, with its comments.
#[must_use]
pub fn of_fields(text: &str, fields: &Fields, on: Date) -> Sheet {
    let mut document = text.parse::<DocumentMut>().unwrap_or_default();
    if rule(&document).is_none() {
        let mut rules = ArrayOfTables::new();
        rules.push(Table::new());
        document.insert("rule", Item::ArrayOfTables(rules));
    }
    let table = document.get_mut("rule").and_then(Item::as_array_of_tables_mut).and_then(|r| r.get_mut(0));
    if let Some(rule) = table {
        for name in ["scope", "when", "source"] {
            if rule.get(name).is_none() {
                rule.insert(name, Item::Table(Table::new()));
            }
        }
        // What is added to members in their usual order goes to its place there.
        let ordered = rule.iter().map(|(name, _)| place(name)).is_sorted();
        for member in MEMBERS.iter().filter(|m| !m.path.starts_with("remedy.") && !is_session(m)) {
            let value = fields.get(member.path).map(String::as_str).unwrap_or_default();
            if plain(member, &said(rule, member.path).unwrap_or_default()) != plain(member, value) {
                put(rule, member.path, value_of(member, value));
            }
        }
        sessions(rule, fields);
        remedy(rule, fields);
        if ordered {
            rule.sort_values_by(|a, _, b, _| place(a).cmp(&place(b)));
        }
    }
    let text = format!("{}\n", document.to_string().trim());
    let (problem, note) = judged(&text, on);
    Sheet { text, fields: Some(fields.clone()), problem, note }
}

/// Place of a member in the usual order; tables stand below all of them.
fn place(name: &str) -> usize {
    let of = |m: &Member| m.path == name || m.path.split('.').next() == Some(name);
    let table = ["scope", "when", "source"].contains(&name);
    MEMBERS.iter().position(of).map_or(usize::MAX, |p| if table { MEMBERS.len() + p } else { p })
}

fn judged(text: &str, on: Date) -> (Option<Problem>, Option<Explanation>) {
    let problem = |line, reason| Problem { line, member: member_at(text, line), reason };
    let rules = match PayerRules::read(text) {
        Ok(rules) => rules,
        Err(error) => return (Some(problem(error.line, error.reason)), None),
    };
    let mut all = rules.iter();
    match (all.next(), all.next()) {
        (Some(rule), None) => {
            (None, iambilly_scrub::explain::explain(RuleBook::seed(), &rules, &rule.id, on))
        }
        (None, _) => (Some(problem(1, "there is no rule yet".to_owned())), None),
        (Some(_), Some(_)) => {
            let heads = text.lines().zip(1..).filter(|(l, _)| l.trim() == "[[rule]]");
            let line = heads.map(|(_, n)| n).nth(1).unwrap_or(1);
            (Some(problem(line, "one rule at a time is written here".to_owned())), None)
        }
    }
}

/// The member a line of the text is about: its own, or that of the line above which it continues.
fn member_at(text: &str, line: usize) -> Option<String> {
    let (mut table, mut member) = (None, None);
    for written in text.lines().take(line).map(str::trim) {
        if let Some(name) = written.strip_prefix('[') {
            table = name.trim_matches(['[', ']']).strip_prefix("rule.").map(str::to_owned);
            member.clone_from(&table);
        } else if let Some((name, _)) = written.split_once('=') {
            let name = name.trim();
            if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                member = Some(table.as_ref().map_or_else(|| name.to_owned(), |t| format!("{t}.{name}")));
            }
        }
    }
    member
}

fn rule(document: &DocumentMut) -> Option<&Table> {
    document.get("rule")?.as_array_of_tables()?.get(0)
}

/// What a rule says of a member, as the form shows it.
fn said(rule: &Table, path: &str) -> Option<String> {
    if let Some(part) = path.strip_prefix("remedy.") {
        let item = rule.get("remedy")?;
        let (what, with) = match (item.as_str(), item.as_table_like()?.iter().next()) {
            (Some(word), _) => (word.to_owned(), String::new()),
            (None, Some((word, with))) => (word.to_owned(), shown(with)),
            (None, None) => return None,
        };
        return Some(if part == "do" { what } else { with });
    }
    let mut item = None;
    for (depth, name) in path.split('.').enumerate() {
        item = if depth == 0 {
            rule.get(name)
        } else {
            item.and_then(Item::as_table_like).and_then(|t| t.get(name))
        };
    }
    item.map(shown)
}

fn shown(item: &Item) -> String {
    item.as_value().map(shown_value).unwrap_or_default()
}

fn shown_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        Value::Integer(number) => number.value().to_string(),
        Value::Float(number) => number.value().to_string(),
        Value::Boolean(said) => said.value().to_string(),
        Value::Datetime(date) => date.value().to_string(),
        Value::Array(list) => list.iter().map(shown_value).collect::<Vec<_>>().join(", "),
        Value::InlineTable(_) => String::new(),
    }
}

fn list(shape: Shape, text: &str) -> Vec<String> {
    let between = |c: char| matches!(c, ',' | ';' | '\n') || (shape == Shape::Codes && c.is_whitespace());
    let parts = text.split(between).map(str::trim).filter(|p| !p.is_empty());
    parts.map(|p| if shape == Shape::Codes { p.to_uppercase() } else { p.to_owned() }).collect()
}

/// A value without the ways to write it, to be compared.
fn plain(member: &Member, text: &str) -> Vec<String> {
    match member.shape {
        Shape::List | Shape::Codes => list(member.shape, text),
        Shape::Flag => (text == "true").then(|| "true".to_owned()).into_iter().collect(),
        Shape::Choice if member.path == "kind" && text == "payer_rule" => vec![],
        Shape::Prose | Shape::Text => (!text.is_empty()).then(|| text.to_owned()).into_iter().collect(),
        _ => Some(text.trim()).filter(|t| !t.is_empty()).map(str::to_owned).into_iter().collect(),
    }
}

/// What is written for a member; what cannot be right is written as typed, so that it is refused at its line.
fn value_of(member: &Member, text: &str) -> Option<Value> {
    let plain = plain(member, text);
    let first = plain.first()?.clone();
    Some(match member.shape {
        Shape::List | Shape::Codes => Value::Array(plain.into_iter().collect::<Array>()),
        Shape::Flag => Value::from(true),
        Shape::Number => first.parse::<i64>().map_or_else(|_| Value::from(first), Value::from),
        _ => Value::from(first),
    })
}

/// Puts a value where it stands, in the old one's surroundings.
fn put(rule: &mut Table, path: &str, value: Option<Value>) {
    let (table, name) = match path.split_once('.') {
        Some((table, name)) => (rule.get_mut(table).and_then(Item::as_table_like_mut), name),
        None => (Some(rule as &mut dyn toml_edit::TableLike), path),
    };
    let Some(table) = table else { return };
    match (value, table.get_mut(name).and_then(Item::as_value_mut)) {
        (Some(mut new), Some(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (Some(new), None) => {
            table.insert(name, Item::Value(new));
        }
        (None, _) => {
            table.remove(name);
        }
    }
}

fn is_session(member: &Member) -> bool {
    member.path.starts_with("when.sessions.")
}

fn sessions(rule: &mut Table, fields: &Fields) {
    let mut new = InlineTable::new();
    let mut differs = false;
    for member in MEMBERS.iter().filter(|m| is_session(m)) {
        let value = fields.get(member.path).map(String::as_str).unwrap_or_default();
        differs |= plain(member, &said(rule, member.path).unwrap_or_default()) != plain(member, value);
        if let (Some(value), Some(name)) = (value_of(member, value), member.path.rsplit('.').next()) {
            new.insert(name, value);
        }
    }
    if differs {
        put(rule, "when.sessions", (!new.is_empty()).then_some(Value::InlineTable(new)));
    }
}

fn remedy(rule: &mut Table, fields: &Fields) {
    let field = |path: &str| fields.get(path).map(|v| v.trim()).unwrap_or_default();
    let (what, with) = (field("remedy.do"), field("remedy.with"));
    let was = |path| said(rule, path).unwrap_or_default();
    if was("remedy.do") == what && (what == "remove_line" || was("remedy.with") == with) {
        return;
    }
    let value = match what {
        "" => None,
        "remove_line" => Some(Value::from(what)),
        _ => {
            let with = match (what, with.parse::<i64>()) {
                ("set_units", Ok(units)) => Value::from(units),
                _ => Value::from(with.to_uppercase()),
            };
            let mut table = InlineTable::new();
            table.insert(what, with);
            Some(Value::InlineTable(table))
        }
    };
    put(rule, "remedy", value);
}

#[cfg(test)]
mod tests {
    use super::{Fields, MEMBERS, blank, of_fields, of_text};
    use jiff::civil::{Date, date};

    const ON: Date = date(2026, 2, 2);
    const TEXT: &str = "# Ours.\n[[rule]]\nid = \"ACME-1\"\nseverity = \"warn\" # for now\nmessage = \"Ask this payer first.\"\nfrom = \"2026-01-01\"\nremedy = { add_modifier = \"KX\" }\n[rule.scope]\npayers = [\"acme\"]\n[rule.when]\ncodes = [\"62320-62323\", \"6449*\"]\nsessions = { codes = [\"62323\"], more_than = 3, months = 12 }\n[rule.source]\ntitle = \"Policy\"\nedition = \"2026\"\nlocator = \"p. 1\"\n";

    fn fields(text: &str) -> Fields {
        of_text(text, ON).fields.unwrap()
    }
    fn with(path: &str, value: &str) -> super::Sheet {
        let mut changed = fields(TEXT);
        changed.insert(path.to_owned(), value.to_owned());
        of_fields(TEXT, &changed, ON)
    }

    #[test]
    fn a_text_fills_the_form_and_the_form_leaves_the_text() {
        let sheet = of_text(TEXT, ON);
        assert_eq!(sheet.problem, None);
        let shown = sheet.fields.unwrap();
        for (path, value) in [
            ("id", "ACME-1"),
            ("scope.payers", "acme"),
            ("when.codes", "62320-62323, 6449*"),
            ("when.sessions.months", "12"),
            ("remedy.do", "add_modifier"),
            ("remedy.with", "KX"),
        ] {
            assert_eq!(shown.get(path).map(String::as_str), Some(value), "{path}");
        }
        assert!(sheet.note.unwrap().what.contains("Ask this payer first"));
        assert_eq!(of_fields(TEXT, &shown, ON).text, TEXT, "what is not changed stays as it is written");
    }

    #[test]
    fn a_change_in_the_form_keeps_comments_and_everything_else() {
        for (path, value, expected) in [
            ("severity", "block", "severity = \"block\" # for now"),
            ("when.codes", "63047 63048, g0260", "codes = [\"63047\", \"63048\", \"G0260\"]"),
            ("to", "2026-12-31", "to = \"2026-12-31\""),
            ("when.no_authorisation", "true", "no_authorisation = true"),
            ("when.sessions.more_than", "4", "more_than = 4"),
            ("when.units_above", "2", "units_above = 2"),
            ("remedy.with", "59", "remedy = { add_modifier = \"59\" }"),
            ("remedy.do", "remove_line", "remedy = \"remove_line\""),
            ("why", "They say \"so\".", "why = "),
        ] {
            let sheet = with(path, value);
            assert_eq!(sheet.problem, None, "{path}: {}", sheet.text);
            assert!(sheet.text.contains(expected), "{path}: {}", sheet.text);
            assert!(sheet.text.starts_with("# Ours.\n[[rule]]") && sheet.text.contains("locator = \"p. 1\""));
            let again = fields(&sheet.text);
            if path != "when.codes" && path != "remedy.do" {
                assert_eq!(again.get(path).map(String::as_str), Some(value));
            }
        }
        let without = with("scope.payers", " ");
        assert!(!without.text.contains("payers") && without.problem.is_none(), "{}", without.text);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_member() {
        for (path, value, line, reason) in [
            ("from", "2026-13-01", 6, "month"),
            ("when.codes", "6232", 11, "6232"),
            ("when.codes", "", 10, "codes"),
            ("when.units_above", "many", 13, "invalid type"),
            ("severity", "", 2, "severity"),
            ("source.locator", "", 13, "locator"),
            ("id", "acme", 3, "capitals"),
        ] {
            let problem = with(path, value).problem.unwrap_or_else(|| panic!("{path} = {value} was taken"));
            assert_eq!(problem.line, line, "{path}: {problem:?}");
            assert!(problem.reason.contains(reason), "{path}: {problem:?}");
            if line > 2 {
                let member = problem.member.unwrap();
                assert!(path.starts_with(&member), "{path}: {member}");
            }
        }
    }

    #[test]
    fn a_form_alone_makes_a_rule_and_a_broken_text_keeps_none() {
        let sheet = of_fields("", &fields(TEXT), ON);
        assert_eq!(sheet.problem, None, "{}", sheet.text);
        assert_eq!(fields(&sheet.text), fields(TEXT));
        let mut begun = blank(ON).fields.unwrap();
        begun.insert("id".to_owned(), "ACME-9".to_owned());
        let text = of_fields(&blank(ON).text, &begun, ON).text;
        assert!(text.starts_with("[[rule]]\nid = \"ACME-9\"\nseverity = "), "{text}");
        let empty = of_fields("", &Fields::new(), ON);
        assert!(empty.problem.is_some() && empty.text.contains("[rule.when]"));
        assert_eq!(of_text("[[rule", ON).fields, None);
        assert!(of_text("", ON).problem.unwrap().reason.contains("rule"));
        assert_eq!(
            of_text(&format!("{TEXT}{}", TEXT.replace("ACME-1", "ACME-2")), ON).problem.unwrap().line,
            18
        );
        let paths: std::collections::HashSet<_> = MEMBERS.iter().map(|m| m.path).collect();
        assert_eq!(paths.len(), MEMBERS.len());
    }
}
