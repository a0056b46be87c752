//! Plain text and Markdown: headings, lists, pipe tables; form feeds are page breaks.

use crate::document::{Block, Content, Document};
use crate::structure::level_headings;

/// Markdown.
#[must_use]
pub fn markdown(text: &str) -> Document {
    read(text, true)
}

/// Plain text: numbered or shouted lines between blank ones are headings.
#[must_use]
pub fn plain(text: &str) -> Document {
    read(text, false)
}

struct Reader {
    page: u32,
    blocks: Vec<Block>,
    open: bool,
    header: Option<Vec<String>>,
    fenced: bool,
}

fn read(text: &str, markdown: bool) -> Document {
    let mut r = Reader { page: 1, blocks: vec![], open: false, header: None, fenced: false };
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (page, body) in (1..).zip(&pages) {
        r.page = page;
        r.open = false;
        let lines: Vec<&str> = body.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let alone =
                |at: Option<usize>| at.and_then(|at| lines.get(at)).is_none_or(|l| l.trim().is_empty());
            let next = lines.get(at + 1).copied().unwrap_or_default();
            r.line(line, markdown, alone(at.checked_sub(1)) && alone(Some(at + 1)), next);
        }
    }
    if markdown {
        // `#` says the level; nothing is guessed.
        return Document { pages: r.page, blocks: r.blocks, ..Document::default() };
    }
    level_headings(&mut r.blocks);
    Document { pages: r.page, blocks: r.blocks, ..Document::default() }
}

impl Reader {
    fn push(&mut self, content: Content) {
        self.blocks.push(Block { page: self.page, content });
        self.open = true;
    }

    fn line(&mut self, raw: &str, markdown: bool, alone: bool, next: &str) {
        let line = raw.trim();
        if markdown && line.starts_with("```") {
            self.fenced = !self.fenced;
            self.open = false;
            return;
        }
        if line.is_empty() {
            self.open = false;
            if !self.fenced {
                self.header = None;
            }
            return;
        }
        let hashes = line.chars().take_while(|c| *c == '#').count();
        if markdown && (1..=6).contains(&hashes) && !self.fenced {
            let title = line.trim_start_matches('#');
            if title.starts_with(' ') {
                let level = u8::try_from(hashes).unwrap_or(6);
                let text = bare(title.trim().trim_end_matches('#').trim());
                self.push(Content::Heading { level, text });
                self.open = false;
                return;
            }
        }
        if line.starts_with('|') && line.len() > 1 {
            return self.row(line, next);
        }
        self.header = None;
        if let Some((marker, rest)) = marker(line) {
            let depth = raw.chars().take_while(|c| c.is_whitespace()).count() / 2;
            let heading = !markdown && alone && is_title(rest) && marker.ends_with('.');
            if heading {
                self.push(Content::Heading { level: 2, text: line.to_owned() });
                self.open = false;
            } else {
                let depth = u8::try_from(depth.min(8)).unwrap_or(0);
                self.push(Content::Item { marker: marker.to_owned(), text: bare(rest), depth });
            }
            return;
        }
        if !markdown && alone && is_heading(line) {
            self.push(Content::Heading { level: 2, text: line.to_owned() });
            self.open = false;
            return;
        }
        let text = bare(line);
        if !markdown && is_fact(line) {
            self.open = false;
        }
        match self.blocks.last_mut() {
            Some(Block {
                content: Content::Paragraph { text: last } | Content::Item { text: last, .. },
                ..
            }) if self.open => {
                last.push(' ');
                last.push_str(&text);
            }
            _ => self.push(Content::Paragraph { text }),
        }
    }

    fn row(&mut self, line: &str, next: &str) {
        let cells: Vec<String> =
            line.trim_start_matches('|').trim_end_matches('|').split('|').map(|c| bare(c.trim())).collect();
        let is_line = |text: &str| {
            let text = text.trim();
            text.starts_with('|')
                && text.contains('-')
                && text.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
        };
        if is_line(line) {
            return;
        }
        if is_line(next) {
            self.header = Some(cells);
            return;
        }
        self.push(Content::Row { header: self.header.clone().unwrap_or_default(), cells });
        self.open = false;
    }
}

/// A list item's marker and the rest.
fn marker(line: &str) -> Option<(&str, &str)> {
    let (first, rest) = line.split_once(' ')?;
    let number = |t: &str| !t.is_empty() && t.len() <= 2 && t.chars().all(|c| c.is_ascii_digit());
    let letter = |t: &str| t.len() == 1 && t.chars().all(|c| c.is_ascii_lowercase());
    let inner = first.trim_start_matches('(');
    let ended = inner.strip_suffix(['.', ')']).is_some_and(|t| number(t) || letter(t));
    (matches!(first, "-" | "*" | "+" | "•" | "–") || ended).then(|| (first, rest.trim()))
}

/// Short, and without the end of a sentence.
fn is_title(text: &str) -> bool {
    text.chars().count() < 90 && !text.ends_with(['.', ';', ',', ':']) && text.starts_with(char::is_uppercase)
}

/// `Effective date: January 1, 2026`, alone on its line.
fn is_fact(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(label, _)| {
        label.split_whitespace().count() <= 4
            && label.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-'))
    })
}

fn is_heading(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 3
        && is_title(line)
        && (crate::structure::number_depth(line).is_some()
            || line.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase)
            || line.split_whitespace().count() <= 8)
}

/// Without the marks of emphasis and links.
fn bare(text: &str) -> String {
    text.replace("**", "").replace('`', "").replace("__", "")
}

#[cfg(test)]
mod tests {
    use super::{markdown, plain};
    use crate::document::Content;

    #[test]
    fn markdown_is_read_as_it_is_marked() {
        let d = markdown(
            "# Disc care\n\n| Item | Detail |\n|---|---|\n| Policy number | AC-7 |\n\n## 1. Scope\nOne\nline.\n\n1. First\n2. Second\n   and more\n",
        );
        let kinds: Vec<String> = d.blocks.iter().map(super::Block::text).collect();
        assert_eq!(
            kinds,
            [
                "Disc care",
                "Item: Policy number; Detail: AC-7",
                "1. Scope",
                "One line.",
                "First",
                "Second and more"
            ]
        );
        assert_eq!(d.title(), Some("Disc care"));
    }

    #[test]
    fn plain_text_has_headings_items_and_pages() {
        let d = plain(
            "ACME HEALTH\n\n1. Scope\n\nThis is about discs.\n\n1. Pain for six weeks\n2. MRI\n\u{c}Next page here goes on.\n",
        );
        assert_eq!(d.pages, 2);
        let headings: Vec<&str> = d
            .blocks
            .iter()
            .filter_map(|b| match &b.content {
                Content::Heading { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(headings, ["ACME HEALTH", "1. Scope"]);
        assert_eq!(d.blocks.last().map(|b| b.page), Some(2));
    }
}
