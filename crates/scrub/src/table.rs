//! Rule tables as text: a header that names the source, then tab-separated rows.
//!
//! `#title`, `#edition`, `#from` and `#to` say what the table is and which dates of service its edition was
//! published for; `# …` is a comment. Beyond `#to` the newest edition at hand still applies and says so.

use crate::book::BookError;
use iambilly_claim::finding::Source;
use jiff::civil::Date;

/// Where rules come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) title: String,
    pub(crate) edition: String,
    /// First date of service the edition governs.
    pub(crate) from: Date,
    /// Last date of service it was published for, if it is superseded at all.
    pub(crate) to: Option<Date>,
}

impl Origin {
    /// Whether the rules hold on a date of service.
    pub(crate) fn in_force(&self, dos: Date) -> bool {
        self.from <= dos
    }
    /// Whether a newer edition should exist for this date.
    pub(crate) fn stale(&self, dos: Date) -> bool {
        self.to.is_some_and(|to| to < dos)
    }
    /// The citation of one rule of this table.
    pub(crate) fn cite(&self, locator: impl Into<String>) -> Source {
        Source {
            title: self.title.clone(),
            version: self.edition.clone(),
            effective_from: Some(self.from.to_string()),
            effective_to: self.to.map(|d| d.to_string()),
            locator: locator.into(),
        }
    }
}

/// Reads a date of a rule file.
pub(crate) fn date(text: &str, file: &'static str) -> Result<Date, BookError> {
    text.trim().parse().map_err(|_| BookError::Row { file, line: 0 })
}

/// A table's header and rows.
pub(crate) struct Table<'a> {
    pub(crate) origin: Origin,
    /// Rows with their line number in the file.
    pub(crate) rows: Vec<(usize, Vec<&'a str>)>,
}

/// Reads a table.
pub(crate) fn read<'a>(file: &'static str, text: &'a str) -> Result<Table<'a>, BookError> {
    let mut head = [None; 4];
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if let Some(note) = line.strip_prefix('#') {
            let Some((key, value)) = note.split_once('\t') else { continue };
            for (slot, name) in head.iter_mut().zip(["title", "edition", "from", "to"]) {
                if key == name {
                    *slot = Some(value.trim());
                }
            }
        } else if !line.trim().is_empty() {
            rows.push((i + 1, line.split('\t').map(str::trim).collect()));
        }
    }
    let [Some(title), Some(edition), Some(from), to] = head else {
        return Err(BookError::Header { file });
    };
    let origin = Origin {
        title: title.to_owned(),
        edition: edition.to_owned(),
        from: date(from, file)?,
        to: to.map(|t| date(t, file)).transpose()?,
    };
    Ok(Table { origin, rows })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn header_and_rows() {
        let t = read("t", "#title\tA table\n#edition\t1\n#from\t2024-01-01\n# a comment\nx y\t1\n\nz\t\n")
            .unwrap();
        assert_eq!(t.rows, [(5, vec!["x y", "1"]), (7, vec!["z", ""])]);
        let day = |s: &str| s.parse().unwrap();
        assert!(t.origin.in_force(day("2030-01-01")) && !t.origin.in_force(day("2023-12-31")));
        assert!(!t.origin.stale(day("2030-01-01")));
        assert!(read("t", "x\t1\n").is_err());
    }
}
