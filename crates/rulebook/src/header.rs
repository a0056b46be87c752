//! Columns by name. Headers span several rows, stand below preambles and change their wording between quarters, so a
//! column is known by the words in it, of up to five rows read together.

use crate::document::Document;
use crate::error::{ImportError, Reason};

/// A header stands within the first rows.
const SEARCHED: usize = 100;
/// Rows that one header may span.
const STACKED: usize = 5;

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name for people.
    pub(crate) name: &'static str,
    /// Ways to know it, the most exact first: the first that fits one column only is taken.
    pub(crate) known_by: &'static [Words],
    pub(crate) required: bool,
}

/// Words of a header.
#[derive(Debug)]
pub(crate) struct Words {
    /// All of these.
    pub(crate) all: &'static [&'static str],
    /// None of these.
    pub(crate) none: &'static [&'static str],
}

pub(crate) const fn words(all: &'static [&'static str]) -> Words {
    Words { all, none: &[] }
}

pub(crate) const fn but_not(all: &'static [&'static str], none: &'static [&'static str]) -> Words {
    Words { all, none }
}

pub(crate) const fn needed(name: &'static str, known_by: &'static [Words]) -> Column {
    Column { name, known_by, required: true }
}

pub(crate) const fn optional(name: &'static str, known_by: &'static [Words]) -> Column {
    Column { name, known_by, required: false }
}

/// A table that takes its rows one by one; the first column is its key.
pub(crate) trait Rows: Default + 'static {
    const COLUMNS: &'static [Column];
    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason>;
    /// What stands above the header.
    fn preamble(&mut self, _text: &str) -> Result<(), Reason> {
        Ok(())
    }
}

/// The cells of a row by column.
pub(crate) struct Cells<'a> {
    cells: &'a [&'a str],
    places: &'a [Option<usize>],
    columns: &'static [Column],
}

impl<'a> Cells<'a> {
    /// The text of a column, empty where the file does not have it.
    pub(crate) fn text(&self, column: usize) -> &'a str {
        let place = self.places.get(column).copied().flatten();
        place.and_then(|p| self.cells.get(p)).copied().unwrap_or_default()
    }

    /// The value of a column, read by a function.
    pub(crate) fn read<T>(
        &self,
        column: usize,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Reason> {
        let name = self.columns.get(column).map_or("", |c| c.name);
        read(self.text(column)).ok_or(Reason::Cell { column: name, expected })
    }

    /// A five-character code.
    pub(crate) fn code(&self, column: usize) -> Result<&'a str, Reason> {
        let text = self.text(column);
        let is_code = text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        let name = self.columns.get(column).map_or("", |c| c.name);
        if is_code {
            Ok(text)
        } else {
            Err(Reason::Cell { column: name, expected: "a code of five characters" })
        }
    }
}

/// Reads a document's rows into a table.
pub(crate) fn read<T: Rows>(document: &Document) -> Result<T, ImportError> {
    let sheet = document.rows(&Sheet::<T>::default, &Sheet::row, &Sheet::end)?;
    Ok(sheet.table)
}

struct Sheet<T> {
    table: T,
    places: Option<Vec<Option<usize>>>,
    recent: Vec<Vec<String>>,
    seen: usize,
    missing: Option<Vec<&'static str>>,
    begun: bool,
    /// A footnote was met: no rows may follow.
    over: bool,
}

impl<T: Rows> Default for Sheet<T> {
    fn default() -> Self {
        Self {
            table: T::default(),
            places: None,
            recent: vec![],
            seen: 0,
            missing: None,
            begun: false,
            over: false,
        }
    }
}

impl<T: Rows> Sheet<T> {
    fn row(&mut self, _line: u64, cells: &[&str]) -> Result<(), Reason> {
        let Some(places) = &self.places else { return self.search(cells) };
        let row = Cells { cells, places, columns: T::COLUMNS };
        let filled = cells.iter().filter(|c| !c.is_empty()).count();
        let key = row.text(0);
        // Below a header: its further rows, empty rows, and notes in a single cell.
        let is_note = filled == 1 && cells.first().is_some_and(|c| c.len() > 12);
        if filled == 0 || (key.is_empty() && !self.begun) {
            return Ok(());
        }
        if is_note {
            self.over = self.begun;
            return Ok(());
        }
        let width = 1 + T::COLUMNS
            .iter()
            .zip(places)
            .filter_map(|(c, p)| p.filter(|_| c.required))
            .max()
            .unwrap_or(0);
        if self.over || cells.len() < width {
            return Err(Reason::Columns { found: filled, expected: width });
        }
        self.begun = true;
        self.table.take(&row)
    }

    fn search(&mut self, cells: &[&str]) -> Result<(), Reason> {
        self.seen += 1;
        if self.seen > SEARCHED {
            return Err(self.no_header());
        }
        if self.recent.len() == STACKED {
            self.recent.remove(0);
        }
        self.recent.push(cells.iter().map(|c| normal(c)).collect());
        let mut ambiguous = None;
        for from in (0..self.recent.len()).rev() {
            let stacked = joined(self.recent.get(from..).unwrap_or_default());
            match places(T::COLUMNS, &stacked) {
                Ok(places) => {
                    self.places = Some(places);
                    return Ok(());
                }
                Err(Miss::Ambiguous(name)) => ambiguous = ambiguous.or(Some(name)),
                Err(Miss::Missing(names)) => {
                    if self.missing.as_ref().is_none_or(|m| names.len() < m.len()) {
                        self.missing = Some(names);
                    }
                }
            }
        }
        if let Some(name) = ambiguous {
            return Err(Reason::Ambiguous(name));
        }
        if let Some(text) = cells.iter().find(|c| !c.is_empty()) {
            self.table.preamble(text)?;
        }
        Ok(())
    }

    fn no_header(&self) -> Reason {
        let all = || T::COLUMNS.iter().filter(|c| c.required).map(|c| c.name).collect();
        Reason::NoHeader(self.missing.clone().unwrap_or_else(all).join(", "))
    }

    fn end(self) -> Result<Self, Reason> {
        if self.places.is_none() {
            return Err(self.no_header());
        }
        if self.begun { Ok(self) } else { Err(Reason::NoRows) }
    }
}

enum Miss {
    Missing(Vec<&'static str>),
    Ambiguous(&'static str),
}

/// Lower case, letters and digits only.
fn normal(cell: &str) -> String {
    let words = cell.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The words of each column over all rows.
fn joined(rows: &[Vec<String>]) -> Vec<Vec<&str>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    (0..width).map(|i| rows.iter().filter_map(|r| r.get(i)).flat_map(|c| c.split(' ')).collect()).collect()
}

fn places(columns: &'static [Column], header: &[Vec<&str>]) -> Result<Vec<Option<usize>>, Miss> {
    let mut found = Vec::with_capacity(columns.len());
    let (mut missing, mut ambiguous) = (vec![], None);
    for column in columns {
        let mut place = None;
        for way in column.known_by {
            let fits = |words: &&Vec<&str>| {
                way.all.iter().all(|w| words.contains(w)) && !way.none.iter().any(|w| words.contains(w))
            };
            let mut fitting = header.iter().enumerate().filter(|(_, words)| fits(words)).map(|(i, _)| i);
            match (fitting.next(), fitting.next()) {
                (Some(one), None) => {
                    place = Some(one);
                    break;
                }
                (Some(_), Some(_)) if column.required => ambiguous = Some(column.name),
                _ => {}
            }
        }
        if place.is_none() && column.required {
            missing.push(column.name);
        }
        found.push(place);
    }
    match (missing.is_empty(), ambiguous) {
        (true, _) => Ok(found),
        // Only where nothing else is missing: a heading over several columns is no header yet.
        (false, Some(name)) if missing == [name] => Err(Miss::Ambiguous(name)),
        (false, _) => Err(Miss::Missing(missing)),
    }
}
