//! From glyphs with their places to blocks in reading order: lines, columns, tables, headings, lists.
//!
//! Nothing here knows PDF. Coordinates are points from the top left corner; a glyph stands at its baseline.

mod column;
mod flow;
mod furniture;
mod line;
mod table;

use crate::document::{Block, Content, Document};
use flow::Flow;
use line::{Ink, Line, Style};

/// A glyph on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Left edge.
    pub x: f32,
    /// Baseline.
    pub y: f32,
    /// How far the next one is.
    pub width: f32,
    /// Size of its type.
    pub size: f32,
    /// Its letters (a ligature has several).
    pub text: String,
    /// Share of its square that is printed: tells bold from regular where a font does not say.
    pub ink: f32,
}

/// A page as it is painted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageMarks {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// All glyphs that stand upright.
    pub glyphs: Vec<Glyph>,
    /// Horizontal rules: left, right, place from the top.
    pub rules: Vec<(f32, f32, f32)>,
    /// It holds at least one picture of some size.
    pub picture: bool,
}

/// Fewer letters than this on a page with a picture: a scan.
const LETTERS_OF_A_PAGE: usize = 12;

/// Reads pages of glyphs as a document.
#[must_use]
pub fn read(pages: &[PageMarks]) -> Document {
    let all = Ink::of(pages);
    let first: Vec<Vec<Line>> = pages.iter().map(|page| line::lines(page, &all)).collect();
    // Bold is what is heavier than the running text, which may be set in another face than the tables.
    let ink = Ink::of(&running(pages, &first));
    let mut lines: Vec<Vec<Line>> = pages.iter().map(|page| line::lines(page, &ink)).collect();
    let furniture = furniture::take(&mut lines, pages);
    let style = Style::of(&lines);
    let mut document = Document {
        pages: u32::try_from(pages.len()).unwrap_or(u32::MAX),
        furniture,
        pages_without_text: without_text(pages),
        ..Document::default()
    };
    let mut flow = Flow::new(style);
    for (number, (page, lines)) in (1..).zip(pages.iter().zip(lines)) {
        flow.page(number);
        for region in column::regions(lines, page) {
            flow.region(&region, &page.rules);
        }
    }
    document.blocks = flow.done();
    document
}

/// Only the glyphs of running text; all of them where there is next to none.
fn running(pages: &[PageMarks], lines: &[Vec<Line>]) -> Vec<PageMarks> {
    let count = lines.iter().flatten().filter(|l| l.is_running()).count();
    if count < 5 {
        return pages.to_vec();
    }
    let of = |(page, lines): (&PageMarks, &Vec<Line>)| {
        let inside = |g: &&Glyph| lines.iter().any(|l| l.is_running() && (l.y - g.y).abs() <= 0.3 * g.size);
        PageMarks { glyphs: page.glyphs.iter().filter(inside).cloned().collect(), ..PageMarks::default() }
    };
    pages.iter().zip(lines).map(of).collect()
}

/// Pages that show a picture and next to no letters.
fn without_text(pages: &[PageMarks]) -> Vec<u32> {
    // A running footer alone does not make a page of text: letters in its middle count.
    let letters = |page: &PageMarks| {
        let middle = page.height * 0.08..page.height * 0.92;
        page.glyphs.iter().filter(|g| middle.contains(&g.y) && !g.text.trim().is_empty()).count()
    };
    (1..)
        .zip(pages)
        .filter(|(_, page)| page.picture && letters(page) < LETTERS_OF_A_PAGE)
        .map(|(number, _)| number)
        .collect()
}

/// Words a scanned page was read as, put where the page belongs.
pub fn insert_page(document: &mut Document, page: u32, text: &str) {
    let read = crate::markdown::plain(text);
    let at = document.blocks.partition_point(|b| b.page < page);
    let blocks: Vec<Block> = (read.blocks.into_iter())
        .map(|b| Block { page, ..b })
        .filter(|b| !matches!(&b.content, Content::Paragraph { text } if text.trim().is_empty()))
        .collect();
    if !blocks.is_empty() {
        document.blocks.splice(at..at, blocks);
        document.pages_without_text.retain(|p| *p != page);
    }
}
