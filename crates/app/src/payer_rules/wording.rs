//! The wording of rules: a file cut into its rules with their comments, and a rule written out as TOML.

use super::check;
use iambilly_claim::Fault;
use iambilly_scrub::PayerRules;
use iambilly_scrub::payer::PayerRule;
use serde_json::Value as Json;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// Members of a rule that stand before its tables, in the order they are written.
const MEMBERS: [&str; 9] = ["id", "severity", "kind", "message", "from", "to", "why", "except", "remedy"];
/// Tables of a rule, in the order they are written.
const TABLES: [&str; 3] = ["scope", "when", "source"];

/// A rule with its own text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Worded {
    pub(super) rule: PayerRule,
    pub(super) text: String,
}

/// Reads a file of rules and cuts it into the text of each, with the comments that stand in it.
pub(super) fn each(text: &str) -> Result<Vec<Worded>, Fault> {
    let rules = check(text)?;
    let pieces = pieces(text);
    let worded = |(i, rule): (usize, &PayerRule)| {
        let own = pieces.get(i).filter(|piece| says(piece, rule));
        Worded { rule: rule.clone(), text: own.cloned().unwrap_or_else(|| written(rule)) }
    };
    Ok(rules.iter().enumerate().map(worded).collect())
}

/// Whether a text is this rule and nothing else.
fn says(text: &str, rule: &PayerRule) -> bool {
    PayerRules::read(text).is_ok_and(|read| read.iter().eq([rule]))
}

/// The text of each rule of a TOML file; none of any other.
fn pieces(text: &str) -> Vec<String> {
    let Ok(document) = text.parse::<DocumentMut>() else { return vec![] };
    let Some(rules) = document.get("rule").and_then(Item::as_array_of_tables) else { return vec![] };
    if rules.len() == 1 {
        return vec![format!("{}\n", text.trim())];
    }
    rules.iter().map(|rule| alone(rule.clone())).collect()
}

/// A file with one rule.
fn alone(rule: Table) -> String {
    let mut rules = ArrayOfTables::new();
    rules.push(rule);
    let mut document = DocumentMut::new();
    document.insert("rule", Item::ArrayOfTables(rules));
    format!("{}\n", document.to_string().trim())
}

/// A rule as TOML, in the order of `docs/payer-rules.md`; what says nothing is left out.
pub(crate) fn written(rule: &PayerRule) -> String {
    let Ok(json) = serde_json::to_value(rule) else { return String::new() };
    let mut table = Table::new();
    for member in MEMBERS {
        let said = json.get(member).filter(|v| !(member == "kind" && *v == "payer_rule"));
        if let Some(value) = said.and_then(value) {
            table.insert(member, Item::Value(value));
        }
    }
    for name in TABLES {
        let mut inner = Table::new();
        for (member, said) in json.get(name).and_then(Json::as_object).into_iter().flatten() {
            if let Some(value) = value(said) {
                inner.insert(member, Item::Value(value));
            }
        }
        table.insert(name, Item::Table(inner));
    }
    alone(table)
}

/// A value, unless it says nothing.
fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => None,
        Json::Bool(said) => said.then(|| Value::from(true)),
        Json::Number(number) => number.as_i64().map(Value::from),
        Json::String(text) => (!text.is_empty()).then(|| Value::from(text.as_str())),
        Json::Array(list) => {
            let list: Array = list.iter().filter_map(value).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Json::Object(members) => {
            let mut table = InlineTable::new();
            for (member, said) in members {
                if let Some(value) = value(said) {
                    table.insert(member, value);
                }
            }
            Some(Value::InlineTable(table))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{each, written};
    use crate::payer_rules::check;

    const TWO: &str = "# Our file.\n[[rule]]\n# Ask first.\nid = \"ACME-1\"\nseverity = \"warn\"\nmessage = \"Ask this payer first.\"\nfrom = \"2026-01-01\"\n[rule.scope]\n[rule.when]\ncodes = [\"62323\"] # epidural\n[rule.source]\ntitle = \"Policy\"\nedition = \"2026\"\nlocator = \"p. 1\"\n\n[[rule]]\nid = \"ACME-2\"\nseverity = \"block\"\nmessage = \"Not covered \\\"at all\\\".\"\nfrom = \"2026-01-01\"\nto = \"2026-06-30\"\nremedy = \"remove_line\"\n[rule.scope]\npayers = [\"acme\"]\n[rule.when]\ncodes = [\"6449*\"]\nno_authorisation = true\nsessions = { codes = [\"64490\"], more_than = 2, months = 6 }\n[rule.source]\ntitle = \"Policy\"\nedition = \"2026\"\nlocator = \"p. 2\"\n";

    #[test]
    fn a_file_is_cut_into_rules_that_say_the_same() {
        let both = check(TWO).unwrap();
        let worded = each(TWO).unwrap();
        assert_eq!(worded.len(), 2);
        for (one, rule) in worded.iter().zip(both.iter()) {
            assert_eq!(&one.rule, rule);
            assert_eq!(check(&one.text).unwrap().iter().collect::<Vec<_>>(), [rule], "{}", one.text);
        }
        assert!(worded[0].text.contains("# Ask first.") && worded[0].text.contains("# epidural"));
        assert!(!worded[0].text.contains("ACME-2"), "{}", worded[0].text);
    }

    #[test]
    fn a_rule_written_out_is_the_rule() {
        for rule in check(TWO).unwrap().iter() {
            let text = written(rule);
            assert_eq!(check(&text).unwrap().iter().collect::<Vec<_>>(), [rule], "{text}");
            assert!(text.starts_with("[[rule]]\nid = ") && !text.contains("[]") && !text.contains("false"));
            let json = serde_json::json!({ "rule": [rule] }).to_string();
            assert_eq!(each(&json).unwrap()[0].text, text, "a JSON file becomes TOML");
        }
        assert_eq!(each("[[rule]]\nid = 1").unwrap_err().code, "payer_rule_invalid");
    }
}
