//! Regions of lines to blocks: headings, paragraphs, items, rows; text that goes on over a page or a column is joined.

use super::line::{Line, Style, is_marker, join};
use super::table;
use crate::document::{Block, Content};

/// The blocks so far, and what is still open.
pub(super) struct Flow {
    style: Style,
    page: u32,
    blocks: Vec<Block>,
    /// The last block may go on with the next line.
    open: bool,
    /// Left edges of the markers of lists that are open, from the region's own edge, outermost first.
    lists: Vec<f32>,
    /// Left edge of the region.
    left: f32,
    /// Header of the last table and its number of columns, while nothing but pages came between.
    table: Option<Vec<String>>,
}

impl Flow {
    pub(super) const fn new(style: Style) -> Self {
        Self { style, page: 0, blocks: vec![], open: false, lists: vec![], left: 0.0, table: None }
    }

    pub(super) const fn page(&mut self, number: u32) {
        self.page = number;
    }

    pub(super) fn done(mut self) -> Vec<Block> {
        crate::structure::level_headings(&mut self.blocks);
        self.blocks
    }

    /// Reads a region; a paragraph left open by the one before may go on in it.
    pub(super) fn region(&mut self, lines: &[Line], rules: &[(f32, f32, f32)]) {
        let right = lines.iter().map(Line::x1).fold(0.0, f32::max);
        self.left = lines.iter().map(Line::x0).fold(f32::INFINITY, f32::min);
        let mut at = 0;
        let mut before: Option<&Line> = None;
        while let Some(line) = lines.get(at) {
            let rest = lines.get(at..).unwrap_or_default();
            if let Some(found) = table::at_start(rest, rules, self.style) {
                at += found.lines;
                before = lines.get(at - 1);
                self.rows(found);
                continue;
            }
            self.line(line, before, right);
            before = Some(line);
            at += 1;
        }
    }

    fn rows(&mut self, found: table::Table) {
        self.open = false;
        self.lists.clear();
        let mut rows = found.rows.into_iter().peekable();
        let known = self.table.take().filter(|header| rows.peek().is_some_and(|r| r.len() == header.len()));
        let header = match known {
            // The table of the page before goes on; its header may be printed again.
            Some(header) => {
                if rows.peek() == Some(&header) || found.bold_first {
                    rows.next()
                } else {
                    Some(header)
                }
            }
            None => {
                let first = rows.peek();
                let named = first.is_some_and(|r| {
                    r.iter().all(|c| !c.is_empty() && !c.starts_with(|c: char| c.is_ascii_digit()))
                });
                if found.bold_first || named { rows.next() } else { None }
            }
        };
        let header = header.unwrap_or_default();
        for cells in rows {
            self.push(Content::Row { header: header.clone(), cells });
        }
        self.open = false;
        self.table = Some(header);
    }

    fn line(&mut self, line: &Line, before: Option<&Line>, right: f32) {
        let text = line.text();
        let gap = before.map(|b| line.y - b.y);
        let close = gap.is_none_or(|g| g < 1.35 * self.style.pitch.max(line.size()));
        if self.is_heading(line, right) {
            self.lists.clear();
            self.table = None;
            if let (true, Some(before), Some(Block { page, content: Content::Heading { text: last, .. } })) =
                (close && self.open, before, self.blocks.last_mut())
            {
                let same = (before.size() - line.size()).abs() < 0.3 && before.bold() == line.bold();
                if same && *page == self.page && !numbered(&text) && before.x1() > 0.6 * right {
                    last.push(' ');
                    last.push_str(&text);
                    return;
                }
            }
            // The size stands for the level until all headings are known.
            let level = size_level(line.size(), self.style.body);
            self.push(Content::Heading { level, text });
            return;
        }
        if let Some((first, rest)) =
            line.words.split_first().filter(|(w, r)| is_marker(&w.text) && !r.is_empty())
            && self.is_item(line, before, &first.text)
        {
            self.table = None;
            let depth = self.depth(line.x0() - self.left);
            self.push(Content::Item { marker: first.text.clone(), text: join(rest), depth });
            return;
        }
        if self.goes_on(line, &text, close)
            && let Some(Block { content, .. }) = self.blocks.last_mut()
            && let Content::Paragraph { text: last } | Content::Item { text: last, .. } = content
        {
            last.push(' ');
            last.push_str(&text);
            return;
        }
        self.table = None;
        self.lists.clear();
        self.push(Content::Paragraph { text });
    }

    /// Whether a line goes on with the last block.
    fn goes_on(&self, line: &Line, text: &str, close: bool) -> bool {
        let Some(last) = self.blocks.last().filter(|_| self.open) else { return false };
        let (Content::Paragraph { text: words } | Content::Item { text: words, .. }) = &last.content else {
            return false;
        };
        let ended = words.ends_with(['.', ':', '!', '?', ';']);
        let lower = text.starts_with(|c: char| c.is_lowercase() || c == '(' || c.is_ascii_digit());
        if last.page != self.page || !close {
            // Over the edge of a page or column, or over air, only a sentence that has not ended goes on.
            return !ended && lower;
        }
        match (&last.content, self.lists.last()) {
            // Text at the left of an item's marker is no longer the item's.
            (Content::Item { .. }, Some(marker)) => {
                line.x0() - self.left > marker + 0.4 * line.size() || (!ended && lower)
            }
            _ => true,
        }
    }

    /// `1. Scope` in bold is a heading; `1. Pain for three months` is an item. A number that only happens to begin a
    /// line is neither.
    fn is_item(&self, line: &Line, before: Option<&Line>, marker: &str) -> bool {
        let follows = before.is_none_or(|b| line.x0() <= b.x0() + 40.0);
        let number = marker.trim_end_matches(['.', ')']).parse::<u32>().ok();
        // "… within 6\n12. The" does not happen in lists: a number continues or begins one.
        let next = number.is_none_or(|n| n == 1 || !self.lists.is_empty() || self.last_number() + 1 == n);
        follows && next
    }

    fn last_number(&self) -> u32 {
        let items = self.blocks.iter().rev().filter_map(|b| match &b.content {
            Content::Item { marker, .. } => marker.trim_end_matches(['.', ')']).parse().ok(),
            _ => None,
        });
        items.into_iter().next().unwrap_or(0)
    }

    fn depth(&mut self, x: f32) -> u8 {
        self.lists.retain(|known| *known < x - 3.0);
        let depth = u8::try_from(self.lists.len()).unwrap_or(u8::MAX);
        self.lists.push(x);
        depth
    }

    fn is_heading(&self, line: &Line, right: f32) -> bool {
        let text = line.text();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if letters < 3 || text.chars().count() > 140 || line.segments().len() > 1 {
            return false;
        }
        let large = line.size() > 1.12 * self.style.body;
        let ends = text.ends_with(['.', ',', ';']) && !large;
        let short = line.x1() < 0.97 * right || large || numbered(&text);
        (large || line.bold()) && !ends && short
    }

    fn push(&mut self, content: Content) {
        self.blocks.push(Block { page: self.page, content });
        self.open = true;
    }
}

/// `3.`, `3.1`, `A.4`, `Section B.`, `Chapter 4.` before a title.
pub(crate) fn numbered(text: &str) -> bool {
    crate::structure::number_depth(text).is_some()
}

/// 1 for the largest letters; sharpened by [`crate::structure::level_headings`].
fn size_level(size: f32, body: f32) -> u8 {
    match size / body {
        r if r > 1.5 => 1,
        r if r > 1.25 => 2,
        r if r > 1.08 => 3,
        _ => 4,
    }
}
