//! Running headers and footers: what stands at the same edge of most pages in nearly the same words.

use super::PageMarks;
use super::line::Line;
use std::collections::HashMap;

/// Takes them out of the pages and gives each once.
pub(super) fn take(pages: &mut [Vec<Line>], marks: &[PageMarks]) -> Vec<String> {
    if pages.len() < 2 {
        return vec![];
    }
    let mut seen: HashMap<(bool, String), (usize, String)> = HashMap::new();
    for (page, mark) in pages.iter().zip(marks) {
        for line in page {
            if let Some(top) = edge(line, mark) {
                let text = line.text();
                seen.entry((top, shape(&text))).or_insert_with(|| (0, text)).0 += 1;
            }
        }
    }
    let often = pages.len().div_ceil(2).max(2);
    seen.retain(|_, (count, _)| *count >= often);
    for (page, mark) in pages.iter_mut().zip(marks) {
        page.retain(|line| {
            edge(line, mark).is_none_or(|top| !seen.contains_key(&(top, shape(&line.text()))))
        });
    }
    let mut texts: Vec<String> = seen.into_values().map(|(_, text)| text).collect();
    texts.sort();
    texts
}

/// Whether a line stands at the top edge or the bottom edge.
fn edge(line: &Line, mark: &PageMarks) -> Option<bool> {
    if line.y < 0.12 * mark.height {
        Some(true)
    } else if line.y > 0.9 * mark.height {
        Some(false)
    } else {
        None
    }
}

/// The words without what changes from page to page.
fn shape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if !(c == '#' && out.ends_with('#')) {
            out.push(c);
        }
    }
    out
}
