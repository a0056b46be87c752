//! A document cut by its structure: criterion by criterion, a table by row with its header, prose by paragraph.

use crate::dates::dates;
use crate::document::{Content, Document};
use jiff::civil::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Prose longer than this is cut between sentences, in words.
const LONG: usize = 120;
/// Length of the pieces, in words.
const PIECE: usize = 80;

/// What a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// One item of a list of conditions.
    Criterion,
    /// A row of a table.
    Row,
    /// Running text.
    Prose,
    /// What changed from version to version.
    History,
    /// References, disclaimers, contacts: seldom an answer.
    Apparatus,
}

/// A piece of a policy that can answer a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Page, from 1.
    pub page: u32,
    /// Headings above it, outermost first, without the document's title.
    pub section: Vec<String>,
    /// The sentence that leads to a list, such as "All must be met:".
    pub lead: String,
    /// Its words, exactly.
    pub text: String,
    /// What it is.
    pub nature: Nature,
    /// Procedure and diagnosis codes it names, ranges written out.
    pub codes: Vec<String>,
    /// First date of service it holds for, where it differs from the document's.
    pub from: Option<Date>,
    /// Last date of service, likewise.
    pub to: Option<Date>,
}

impl Passage {
    /// The nearest heading, or nothing.
    #[must_use]
    pub fn heading(&self) -> &str {
        self.section.last().map_or("", String::as_str)
    }

    /// What a model that turns text into numbers reads: the passage where it stands.
    #[must_use]
    pub fn for_embedding(&self, title: &str) -> String {
        let mut parts = vec![title.to_owned()];
        parts.extend(self.section.iter().cloned());
        if !self.lead.is_empty() {
            parts.push(self.lead.clone());
        }
        parts.push(self.text.clone());
        parts.retain(|p| !p.is_empty());
        parts.join(". ")
    }
}

/// The passages of a document in reading order; `from` is the first date of service it holds for.
///
/// A row of the revision history that speaks of an earlier version is left out: it would answer from a document that
/// is not in force.
#[must_use]
pub fn passages(document: &Document, from: Option<Date>) -> Vec<Passage> {
    let mut out: Vec<Passage> = vec![];
    let mut path: Vec<(u8, String)> = vec![];
    let mut lead = String::new();
    let mut parents: Vec<(u8, String)> = vec![];
    for block in &document.blocks {
        match &block.content {
            Content::Heading { level, text } => {
                path.retain(|(l, _)| l < level);
                path.push((*level, text.clone()));
                lead.clear();
                parents.clear();
                continue;
            }
            Content::Paragraph { text } => {
                parents.clear();
                lead = if leads(text) { text.clone() } else { String::new() };
            }
            Content::Item { depth, .. } => parents.retain(|(d, _)| d < depth),
            Content::Row { .. } => parents.clear(),
        }
        let section: Vec<String> = path.iter().filter(|(l, _)| *l > 1).map(|(_, t)| t.clone()).collect();
        let nature = match &block.content {
            // The table of facts at the beginning says what the document is, not what it wants.
            Content::Row { .. } if section.is_empty() && block.page == 1 && !path.is_empty() => {
                Nature::Apparatus
            }
            content => nature(&section, content),
        };
        let text = block.text();
        let of = |text: String, lead: String| Passage {
            page: block.page,
            codes: codes(&text),
            section: section.clone(),
            lead,
            text,
            nature,
            from: None,
            to: None,
        };
        match &block.content {
            Content::Paragraph { .. } => out.extend(pieces(&text).into_iter().map(|t| of(t, String::new()))),
            Content::Item { depth, text: own, .. } => {
                let above: Vec<&str> =
                    std::iter::once(lead.as_str()).chain(parents.iter().map(|(_, t)| t.as_str())).collect();
                let above = above.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
                out.extend(pieces(&text).into_iter().map(|t| of(t, above.clone())));
                parents.push((*depth, own.clone()));
            }
            Content::Row { .. } if nature == Nature::History => {
                let mut passage = of(text, String::new());
                let at = dates(&passage.text).first().map(|f| f.date);
                let earlier = at.zip(from).is_some_and(|(at, from)| at < from);
                if !earlier {
                    passage.from = at.filter(|at| from.is_some_and(|f| *at > f));
                    out.push(passage);
                }
            }
            _ => out.push(of(text, lead.clone())),
        }
    }
    out.retain(|p| p.text.chars().filter(|c| c.is_alphanumeric()).count() > 2);
    out
}

/// A sentence that leads to a list.
fn leads(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.trim_end().ends_with(':') || (lower.contains("following") && text.len() < 300)
}

fn nature(section: &[String], content: &Content) -> Nature {
    let headings: Vec<String> = section.iter().map(|s| s.to_lowercase()).collect();
    let about = |words: &[&str]| headings.iter().any(|h| words.iter().any(|w| h.contains(w)));
    if about(&["revision", "history", "changes since", "change log", "what changed", "summary of changes"]) {
        return Nature::History;
    }
    if about(&["reference", "bibliograph", "disclaimer", "sources", "contact", "table of contents"]) {
        return Nature::Apparatus;
    }
    match content {
        Content::Item { .. } => Nature::Criterion,
        Content::Row { .. } => Nature::Row,
        _ => Nature::Prose,
    }
}

/// Long prose between sentences.
fn pieces(text: &str) -> Vec<String> {
    if text.split_whitespace().count() <= LONG {
        return vec![text.to_owned()];
    }
    let mut out = vec![];
    let mut open = String::new();
    for sentence in sentences(text) {
        if !open.is_empty() && (open.split_whitespace().count() + sentence.split_whitespace().count()) > PIECE
        {
            out.push(std::mem::take(&mut open));
        }
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(sentence);
    }
    out.push(open);
    out
}

/// The sentences of a text. A full stop ends one when a blank and a capital or digit follow, and it is no abbreviation.
#[must_use]
pub fn sentences(text: &str) -> Vec<&str> {
    let mut out = vec![];
    let mut from = 0;
    let bytes: Vec<(usize, char)> = text.char_indices().collect();
    for (at, (index, c)) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).map(|(_, c)| *c);
        let after = bytes.get(at + 2).map(|(_, c)| *c);
        let ends = matches!(c, '.' | '!' | '?')
            && next.is_some_and(char::is_whitespace)
            && after.is_some_and(|a| a.is_uppercase() || a.is_ascii_digit() || a == '(');
        let short = text.get(from..*index).is_some_and(|s| {
            let word = s.rsplit(' ').next().unwrap_or_default();
            matches!(word, "No" | "vs" | "e.g" | "i.e" | "Dr" | "St" | "approx" | "p") || word.len() == 1
        });
        if ends && !short {
            out.extend(text.get(from..=*index).map(str::trim));
            from = index + 1;
        }
    }
    out.extend(text.get(from..).map(str::trim));
    out.retain(|s| !s.is_empty());
    out
}

static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b([0-9A-Z][0-9]{4})\s*(?:to|through|thru|-|–)\s*([0-9A-Z][0-9]{4})\b").ok()
});
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:[0-9]{5}|[0-9]{4}[FT]|[A-V][0-9]{4}|[A-TV-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,4})\b").ok()
});

/// Procedure and diagnosis codes of a text, each once; `64490 to 64495` names six.
#[must_use]
pub fn codes(text: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![];
    if let Some(ranges) = RANGE.as_ref() {
        for found in ranges.captures_iter(text) {
            let part = |at| found.get(at).map(|m| m.as_str()).unwrap_or_default();
            out.extend(written_out(part(1), part(2)));
        }
    }
    if let Some(codes) = CODE.as_ref() {
        out.extend(codes.find_iter(text).map(|m| m.as_str().to_owned()));
    }
    let mut seen = std::collections::HashSet::new();
    out.retain(|c| seen.insert(c.clone()));
    out
}

fn written_out(low: &str, high: &str) -> Vec<String> {
    let split = |code: &str| {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let head: String = code.chars().take_while(|c| !c.is_ascii_digit()).collect();
        Some((head, digits.len(), digits.parse::<u32>().ok()?))
    };
    let (Some((a, width, from)), Some((b, _, to))) = (split(low), split(high)) else { return vec![] };
    if a != b || to < from || to - from > 300 {
        return vec![];
    }
    (from..=to).map(|n| format!("{a}{n:0width$}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Nature, codes, passages, sentences};
    use crate::markdown::markdown;
    use jiff::civil::date;

    #[test]
    fn criteria_rows_and_prose_stand_for_themselves() {
        let d = markdown(
            "# Disc\n\n## 2. Rules\nAll of these:\n\n1. Pain for six weeks.\n2. MRI with:\n   - stenosis\n\n| Code | Note |\n|---|---|\n| 64490 to 64492 | One a day |\n\n## 9. Revision history\n| Date | Change |\n|---|---|\n| 2025-01-01 | Old. |\n| 2026-07-01 | New. |\n",
        );
        let all = passages(&d, Some(date(2026, 1, 1)));
        let texts: Vec<&str> = all.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "All of these:",
                "Pain for six weeks.",
                "MRI with:",
                "stenosis",
                "Code: 64490 to 64492; Note: One a day",
                "Date: 2026-07-01; Change: New."
            ]
        );
        assert_eq!(all[3].lead, "All of these: MRI with:");
        assert_eq!(all[4].codes, ["64490", "64491", "64492"]);
        assert_eq!((all[5].nature, all[5].from), (Nature::History, Some(date(2026, 7, 1))));
        assert_eq!(all[1].section, ["2. Rules"]);
    }

    #[test]
    fn codes_are_found_and_ranges_written_out() {
        for (text, found) in [
            ("22630 or 22633 (M51.360)", "22630 22633 M51.360"),
            ("64633 to 64636", "64633 64634 64635 64636"),
            ("G0453, 0275T, 2026-01-01, 441019998", "G0453 0275T"),
            ("99999 to 10000", "99999 10000"),
        ] {
            assert_eq!(codes(text).join(" "), found, "{text}");
        }
    }

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(
            sentences("Needed at L4-5 vs. L5. Then 3.2 mm. Not p. 4."),
            ["Needed at L4-5 vs. L5.", "Then 3.2 mm.", "Not p. 4."]
        );
    }
}
