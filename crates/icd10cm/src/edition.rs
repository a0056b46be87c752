//! One edition: its nodes, what each is, its 7th characters, its place in the classification.

use crate::EditionError;
use crate::code::{bare, dotted, extended};
use crate::index::Index;
use flate2::read::GzDecoder;
use jiff::civil::Date;
use std::io::Read as _;
use std::sync::OnceLock;

/// What a code is in an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be reported.
    Billable,
    /// It is a heading: more characters are needed.
    Heading,
    /// It needs a 7th character (with `X` in the empty places).
    NeedsSeventh,
    /// It is not in this edition.
    Unknown,
}

/// A piece of the edition's text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// A node of the tabular list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) code: Span,
    pub(crate) title: Span,
    /// Number of the block a category stands in, from 1; 0 below categories.
    pub(crate) block: u16,
    /// Number of the set of 7th characters, from 1; 0 where none is required.
    seventh: u8,
    /// The 7th characters that are valid here.
    extensions: Span,
    /// The lines of its notes.
    pub(crate) notes: Span,
    /// A heading even where nothing stands below it.
    heading: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockRow {
    pub(crate) chapter: bool,
    pub(crate) range: Span,
    pub(crate) title: Span,
    pub(crate) notes: Span,
}

/// A chapter or section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// Its codes, e.g. `M50-M54`.
    pub range: &'a str,
    /// Its title.
    pub title: &'a str,
}

/// An edition of ICD-10-CM.
#[derive(Debug, Default)]
pub struct Edition {
    name: String,
    from: Date,
    to: Option<Date>,
    text: Box<str>,
    pub(crate) rows: Vec<Row>,
    /// First row of each letter, A to Z, and the number of rows.
    letters: Vec<usize>,
    pub(crate) blocks: Vec<BlockRow>,
    /// Meanings of 7th characters by set.
    sevenths: Vec<Vec<(char, Box<str>)>>,
    index: OnceLock<Index>,
}

impl Edition {
    /// Reads a packed (gzip) edition.
    ///
    /// # Errors
    /// When it cannot be unpacked or read.
    pub fn unpack(packed: &[u8]) -> Result<Self, EditionError> {
        let mut text = String::new();
        GzDecoder::new(packed).read_to_string(&mut text).map_err(|_| EditionError::Unpack)?;
        Self::parse(text)
    }

    /// Reads an edition's compact text. Cells are separated by tabs:
    ///
    /// - first line: `#ICD-10-CM`, the edition's name, first and last date of service (the last may be empty);
    /// - `7`, `A=meaning|D=meaning…`: a set of 7th characters, numbered from 1;
    /// - `@`, range, title: a chapter; `=`, range, title: a section of the chapter before it. Chapters and
    ///   sections are numbered together from 1;
    /// - code without its dot, title, number of its block (categories only), `set:CHARACTERS` where a 7th
    ///   character is required, or `0` where it is a heading even without codes below: a node. Nodes are sorted
    ///   by code;
    /// - a space and a letter (`n` includes, `i` inclusion term, `1` Excludes1, `2` Excludes2, `f` code
    ///   first, `u` use additional, `a` code also, `o` other), text: a note of the node or block above.
    ///
    /// # Errors
    /// At the first line that is none of these or out of order.
    pub fn parse(text: String) -> Result<Self, EditionError> {
        let mut edition = Self::default();
        let (mut at, mut line_number) = (0_usize, 0_usize);
        let (mut below_row, mut last_code) = (false, Span::default());
        for line in text.split_inclusive('\n') {
            line_number += 1;
            let start = at;
            at += line.len();
            let bad = || EditionError::Line { line: line_number };
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            let cells = Cells::new(&text, start, end).ok_or_else(bad)?;
            if line_number == 1 {
                edition.head(cells).ok_or(EditionError::Header)?;
                continue;
            }
            if start == end {
                continue;
            }
            match line.as_bytes().first() {
                Some(b' ') => {
                    let rows = edition.rows.last_mut().map(|r| &mut r.notes).filter(|_| below_row);
                    let notes = rows.or_else(|| edition.blocks.last_mut().map(|b| &mut b.notes));
                    let notes = notes.ok_or_else(bad)?;
                    if notes.end == 0 {
                        notes.start = Cells::place(start).ok_or_else(bad)?;
                    }
                    notes.end = Cells::place(end).ok_or_else(bad)?;
                }
                Some(b'7') => {
                    let set = cells.text(1).split('|').filter_map(|m| {
                        let (c, meaning) = m.split_once('=')?;
                        Some((c.chars().next()?, meaning.into()))
                    });
                    edition.sevenths.push(set.collect());
                }
                Some(kind @ (b'@' | b'=')) => {
                    let (range, title) = (cells.span(1), cells.span(2));
                    let chapter = *kind == b'@';
                    edition.blocks.push(BlockRow { chapter, range, title, notes: Span::default() });
                    below_row = false;
                }
                Some(b'A'..=b'Z') => {
                    let code = cells.span(0);
                    if cells.text(0).len() < 3
                        || cells.text(0).len() > 7
                        || (below_row && slice(&text, last_code) >= cells.text(0))
                    {
                        return Err(bad());
                    }
                    (below_row, last_code) = (true, code);
                    let block = match cells.text(2) {
                        "" => 0,
                        number => number.parse().map_err(|_| bad())?,
                    };
                    let heading = cells.text(3) == "0";
                    let (seventh, extensions) = match cells.text(3).split_once(':') {
                        Some((set, _)) => {
                            let mut span = cells.span(3);
                            span.start += Cells::place(set.len() + 1).ok_or_else(bad)?;
                            (set.parse().map_err(|_| bad())?, span)
                        }
                        None if heading || cells.text(3).is_empty() => (0, Span::default()),
                        None => return Err(bad()),
                    };
                    let title = cells.span(1);
                    let notes = Span::default();
                    edition.rows.push(Row { code, title, block, seventh, extensions, notes, heading });
                }
                _ => return Err(bad()),
            }
        }
        if edition.name.is_empty() {
            return Err(EditionError::Header);
        }
        edition.text = text.into();
        let first =
            |letter: u8| edition.rows.partition_point(|r| edition.text(r.code).as_bytes() < &[letter]);
        edition.letters = (b'A'..=b'Z' + 1).map(first).collect();
        Ok(edition)
    }

    fn head(&mut self, cells: Cells<'_>) -> Option<()> {
        if cells.text(0) != "#ICD-10-CM" || cells.text(1).is_empty() {
            return None;
        }
        cells.text(1).clone_into(&mut self.name);
        self.from = cells.text(2).parse().ok()?;
        self.to = match cells.text(3) {
            "" => None,
            day => Some(day.parse().ok()?),
        };
        Some(())
    }

    /// Its name, e.g. `FY2026, April 1 2026`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    /// First date of service it governs.
    #[must_use]
    pub const fn from(&self) -> Date {
        self.from
    }
    /// Last date of service it was published for.
    #[must_use]
    pub const fn to(&self) -> Option<Date> {
        self.to
    }
    /// How many nodes it has, headings included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether it has no nodes at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// How many codes of it can be reported.
    #[must_use]
    pub fn billable(&self) -> usize {
        let count = |(i, r): (usize, &Row)| match r.seventh {
            0 => usize::from(!r.heading && !self.has_below(i)),
            _ => self.text(r.extensions).len(),
        };
        self.rows.iter().enumerate().map(count).sum()
    }

    /// Every node with its title, in order; codes without their dots.
    pub fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().map(|r| (self.text(r.code), self.text(r.title)))
    }
    pub(crate) fn text(&self, span: Span) -> &str {
        slice(&self.text, span)
    }
    pub(crate) fn code_at(&self, row: usize) -> &str {
        self.rows.get(row).map_or("", |r| self.text(r.code))
    }
    pub(crate) fn row(&self, row: usize) -> Option<&Row> {
        self.rows.get(row)
    }
    pub(crate) fn place_of(&self, bare: &str) -> Option<usize> {
        let letter = bare.bytes().next()?.checked_sub(b'A')?;
        let starts = self.letters.get(usize::from(letter)..)?;
        let (start, end) = (*starts.first()?, *starts.get(1)?);
        let rows = self.rows.get(start..end)?;
        Some(start + rows.binary_search_by(|r| self.text(r.code).cmp(bare)).ok()?)
    }
    /// Rows whose code begins so; `bare` need not be a node itself.
    pub(crate) fn beginning(&self, bare: &str) -> std::ops::Range<usize> {
        let start = self.rows.partition_point(|r| self.text(r.code) < bare);
        let more = self.rows.iter().skip(start).take_while(|r| self.text(r.code).starts_with(bare)).count();
        start..start + more
    }
    /// The row of a code, and its 7th character where the row is the code without it.
    pub(crate) fn find(&self, bare: &str) -> Option<(usize, Option<char>)> {
        if let Some(i) = self.place_of(bare) {
            return Some((i, None));
        }
        let last = bare.chars().next_back().filter(|_| bare.len() == 7)?;
        let base = bare.get(..6)?;
        let i = self.place_of(base).or_else(|| self.place_of(base.trim_end_matches('X')))?;
        let row = self.row(i)?;
        (row.seventh > 0 && self.text(row.extensions).contains(last)).then_some((i, Some(last)))
    }
    pub(crate) fn has_below(&self, row: usize) -> bool {
        self.code_at(row + 1).starts_with(self.code_at(row))
    }
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }
    /// The 7th characters valid at a row.
    pub(crate) fn extensions_at(&self, row: usize) -> &str {
        self.row(row).filter(|r| r.seventh > 0).map_or("", |r| self.text(r.extensions))
    }

    /// What the code is in this edition.
    #[must_use]
    pub fn standing(&self, code: &str) -> Standing {
        match self.find(&bare(code)) {
            None => Standing::Unknown,
            Some((_, Some(_))) => Standing::Billable,
            Some((i, None)) => match self.row(i) {
                Some(r) if r.seventh > 0 => Standing::NeedsSeventh,
                Some(r) if r.heading => Standing::Heading,
                _ if self.has_below(i) => Standing::Heading,
                _ => Standing::Billable,
            },
        }
    }
    /// Whether the code is in this edition at all, billable or not.
    #[must_use]
    pub fn is_valid(&self, code: &str) -> bool {
        self.standing(code) != Standing::Unknown
    }
    /// Whether the code can be reported.
    #[must_use]
    pub fn is_billable(&self, code: &str) -> bool {
        self.standing(code) == Standing::Billable
    }
    /// The code's title; for a code with a 7th character, of the code before it (see [`Edition::seventh`]).
    #[must_use]
    pub fn title(&self, code: &str) -> Option<&str> {
        let (i, _) = self.find(&bare(code))?;
        self.row(i).map(|r| self.text(r.title))
    }
    /// Meaning of a code's 7th character.
    #[must_use]
    pub fn seventh(&self, code: &str) -> Option<&str> {
        let (i, seventh) = self.find(&bare(code))?;
        let seventh = seventh?;
        self.meanings(i).iter().find(|(c, _)| *c == seventh).map(|(_, m)| &**m)
    }
    fn meanings(&self, row: usize) -> &[(char, Box<str>)] {
        let set = self.row(row).map_or(0, |r| usize::from(r.seventh));
        set.checked_sub(1).and_then(|i| self.sevenths.get(i)).map_or(&[], Vec::as_slice)
    }
    /// The 7th characters a code needs, with their meanings; empty where none is required. The whole code is
    /// [`Edition::extend`].
    #[must_use]
    pub fn extensions(&self, code: &str) -> Vec<(char, &str)> {
        let Some((i, _)) = self.find(&bare(code)) else { return vec![] };
        let valid = self.extensions_at(i);
        let meaning = |c: char| self.meanings(i).iter().find(|(k, _)| *k == c).map_or("", |(_, m)| &**m);
        valid.chars().map(|c| (c, meaning(c))).collect()
    }
    /// The code with a 7th character, `X` in its empty places; none where that is no code of this edition.
    #[must_use]
    pub fn extend(&self, code: &str, seventh: char) -> Option<String> {
        let whole = extended(&bare(code), seventh.to_ascii_uppercase());
        self.is_billable(&whole).then(|| dotted(&whole))
    }
    /// Whether it may never be first-listed because it belongs to another disease: its title, or that of a
    /// code above it, says "in" or "as the cause of diseases classified elsewhere".
    #[must_use]
    pub fn is_manifestation(&self, code: &str) -> bool {
        let bare = bare(code);
        if bare.starts_with(['V', 'W', 'X', 'Y', 'Z']) {
            return false;
        }
        let Some((i, _)) = self.find(&bare) else { return false };
        self.lineage(i).any(|r| {
            let title = self.text(r.title);
            let elsewhere = title.contains("classified elsewhere");
            let low = || title.to_ascii_lowercase();
            let other = ["not elsewhere", "not classified", "unspecified diseases"];
            elsewhere && !other.iter().any(|w| low().contains(w))
        })
    }
    /// The node and those above it, nearest first.
    pub(crate) fn lineage(&self, row: usize) -> impl Iterator<Item = &Row> {
        let code = self.code_at(row);
        (3..=code.len())
            .rev()
            .filter_map(move |n| code.get(..n))
            .filter_map(|c| self.place_of(c))
            .filter_map(|i| self.row(i))
    }
    /// The codes above a code, nearest first, with their dots.
    #[must_use]
    pub fn parents(&self, code: &str) -> Vec<String> {
        let Some((i, seventh)) = self.find(&bare(code)) else { return vec![] };
        let above = self.lineage(i).skip(usize::from(seventh.is_none()));
        above.map(|r| dotted(self.text(r.code))).collect()
    }
    /// The section and the chapter of a code.
    #[must_use]
    pub fn blocks(&self, code: &str) -> Vec<Block<'_>> {
        let Some((i, _)) = self.find(&bare(code)) else { return vec![] };
        let shown = |b: &BlockRow| Block { range: self.text(b.range), title: self.text(b.title) };
        self.blocks_at(i).map(shown).collect()
    }
    /// The section and the chapter of a row.
    pub(crate) fn blocks_at(&self, row: usize) -> impl Iterator<Item = &BlockRow> {
        let number = self.lineage(row).last().map_or(0, |r| usize::from(r.block));
        let upto = self.blocks.get(..number).unwrap_or_default();
        let section = upto.last();
        let chapter = upto.iter().rev().find(|b| b.chapter);
        section.into_iter().chain(chapter.filter(|_| section.is_some_and(|s| !s.chapter)))
    }
    /// The billable codes under a heading, or the code with each of its 7th characters; at most `limit`.
    #[must_use]
    pub fn billable_under(&self, code: &str, limit: usize) -> Vec<String> {
        let bare = bare(code);
        if self.place_of(&bare).is_none() {
            return vec![];
        }
        let mut out = Vec::new();
        for i in self.beginning(&bare) {
            let code = self.code_at(i);
            match self.extensions_at(i) {
                "" if self.has_below(i) || self.row(i).is_some_and(|r| r.heading) => {}
                "" => out.push(dotted(code)),
                extensions => out.extend(extensions.chars().map(|c| dotted(&extended(code, c)))),
            }
            if out.len() >= limit {
                break;
            }
        }
        out.truncate(limit);
        out
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// The cells of a line.
#[derive(Clone, Copy)]
struct Cells<'a> {
    text: &'a str,
    cells: [Span; 4],
}

impl<'a> Cells<'a> {
    fn place(at: usize) -> Option<u32> {
        u32::try_from(at).ok()
    }
    fn new(text: &'a str, start: usize, end: usize) -> Option<Self> {
        let mut cells = [Span::default(); 4];
        let mut at = start;
        for (cell, words) in cells.iter_mut().zip(text.get(start..end)?.split('\t')) {
            *cell = Span { start: Self::place(at)?, end: Self::place(at + words.len())? };
            at += words.len() + 1;
        }
        Some(Self { text, cells })
    }
    fn span(&self, cell: usize) -> Span {
        self.cells.get(cell).copied().unwrap_or_default()
    }
    fn text(&self, cell: usize) -> &'a str {
        slice(self.text, self.span(cell)).trim()
    }
}
