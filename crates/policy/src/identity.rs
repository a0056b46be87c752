//! What a document says of itself: number, version, payer, the dates it is in force, what it replaces.
//!
//! Only the beginning is believed, and its table of facts first; what a person gives on the way in always wins.

use crate::dates::dates;
use crate::document::{Block, Content, Document};
use jiff::civil::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its title.
    pub title: Option<String>,
    /// Policy number without version, such as `AC-SUR-114`.
    pub number: Option<String>,
    /// Version or revision as printed.
    pub version: Option<String>,
    /// First date of service.
    pub from: Option<Date>,
    /// Last date of service.
    pub to: Option<Date>,
    /// What it replaces, as printed.
    pub replaces: Option<String>,
    /// The document that took its place, as printed.
    pub superseded_by: Option<String>,
    /// Names that may be the payer's, from the running headers.
    pub payer_names: Vec<String>,
}

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b[A-Z][A-Z0-9]{1,7}(?:[-.][A-Z0-9]{1,8}){1,4}\b|\b[A-Z]{2,6}\s?\d{2,6}\b").ok()
});
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:version|revision|rev\.?|edition|v)\s*([0-9]+(?:\.[0-9]+)?)\b").ok()
});

/// Blocks that may speak of the document as a whole.
const BEGINNING: usize = 24;

impl Identity {
    /// Reads it.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let mut own = Self {
            title: document.title().map(str::to_owned),
            payer_names: document.furniture.clone(),
            ..Self::default()
        };
        let beginning = document.blocks.iter().take(BEGINNING).filter(|b| b.page <= 2);
        for block in beginning {
            match &block.content {
                Content::Row { cells, .. } => {
                    if let [label, value, ..] = cells.as_slice() {
                        own.fact(label, value);
                    }
                }
                Content::Paragraph { text } | Content::Item { text, .. } if text.chars().count() < 240 => {
                    // "Effective: January 1, 2026", also several on a line.
                    for line in text.split([';', '|']) {
                        if let Some((label, value)) = line.split_once(':') {
                            own.fact(label, value);
                        }
                    }
                    let lower = text.to_lowercase();
                    if own.superseded_by.is_none() && lower.contains("superseded by") {
                        own.superseded_by = number(text);
                    }
                }
                _ => {}
            }
        }
        if own.number.is_none() {
            own.number = document.furniture.iter().find_map(|f| number(f));
        }
        if own.version.is_none() {
            own.version = document.furniture.iter().find_map(|f| version(f));
        }
        if own.title.is_none() {
            own.title = document.blocks.first().map(Block::text).map(|t| t.chars().take(90).collect());
        }
        own
    }

    /// A fact of the table at the beginning.
    fn fact(&mut self, label: &str, value: &str) {
        let label = label.trim().to_lowercase();
        let words = label.split_whitespace().count();
        if words > 4 {
            return;
        }
        let is = |names: &[&str]| names.iter().any(|n| label.contains(n));
        if is(&["superseded by", "replaced by"]) {
            self.superseded_by = Some(value.trim().to_owned());
        } else if is(&["replaces", "supersedes"]) {
            self.replaces = Some(value.trim().to_owned());
        } else if is(&["end date", "expir", "retired", "terminat", "valid until"]) {
            self.to = self.to.or(dates(value).first().map(|f| f.date));
        } else if is(&["effective", "in force", "valid from", "applies from"]) {
            let found = dates(value);
            self.from = self.from.or(found.first().map(|f| f.date));
            if let [first, second, ..] = found.as_slice() {
                let between = value.get(first.end..second.start).unwrap_or_default().to_lowercase();
                if ["through", "until", " to ", "–"].iter().any(|w| between.contains(w))
                    || between.trim() == "-"
                {
                    self.to = self.to.or(Some(second.date));
                }
            }
        } else if is(&["policy", "manual", "number", "guideline", "document"])
            && !is(&["date", "owner", "type"])
        {
            self.number = self.number.take().or_else(|| number(value));
            self.version = self.version.take().or_else(|| version(value));
        } else if matches!(label.as_str(), "payer" | "plan" | "plans" | "health plan" | "company") {
            self.payer_names.push(value.trim().to_owned());
        } else if is(&["version", "revision"]) && words <= 2 {
            self.version = self.version.take().or_else(|| version(&format!("version {value}")));
        }
    }
}

/// A policy number in a text; it has a digit.
fn number(text: &str) -> Option<String> {
    let mut found = NUMBER.as_ref()?.find_iter(text).map(|m| m.as_str());
    found.find(|n| n.chars().any(|c| c.is_ascii_digit())).map(str::to_owned)
}

fn version(text: &str) -> Option<String> {
    Some(VERSION.as_ref()?.captures(text)?.get(1)?.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Identity;
    use crate::markdown::{markdown, plain};

    #[test]
    fn the_table_of_facts_is_believed() {
        let d = markdown(
            "# Disc care\n\n| Item | Detail |\n|---|---|\n| Policy number | AC-SUR-7, version 3 |\n| Effective | Services 2026-01-01 through 2026-12-31 |\n| Replaces | Version 2 (2025-01-01) |\n",
        );
        let own = Identity::of(&d);
        assert_eq!(own.number.as_deref(), Some("AC-SUR-7"));
        assert_eq!(own.version.as_deref(), Some("3"));
        assert_eq!(own.from.map(|d| d.to_string()).as_deref(), Some("2026-01-01"));
        assert_eq!(own.to.map(|d| d.to_string()).as_deref(), Some("2026-12-31"));
        assert_eq!(own.replaces.as_deref(), Some("Version 2 (2025-01-01)"));
        assert_eq!(own.title.as_deref(), Some("Disc care"));
    }

    #[test]
    fn a_second_date_that_amends_is_no_end() {
        let d = markdown("# D\n\n| Effective | On or after 2026-01-01; section 3 amended on 2026-05-01 |\n");
        let own = Identity::of(&d);
        assert_eq!((own.from.map(|d| d.to_string()).as_deref(), own.to), (Some("2026-01-01"), None));
    }

    #[test]
    fn lines_with_colons_are_facts_too() {
        let d = plain(
            "ACME SPINE POLICY\n\nPolicy number: SP 0042\nEffective date: January 1, 2026\n\nText of the policy. Superseded by: none\n",
        );
        let own = Identity::of(&d);
        assert_eq!(own.from.map(|d| d.to_string()).as_deref(), Some("2026-01-01"), "{own:?}");
    }
}
