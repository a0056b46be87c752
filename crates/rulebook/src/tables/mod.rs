//! The official tables, a module each: which columns they have and what their rows become.

mod addon;
mod fees;
mod hcpcs;
mod icd10cm;
mod mue;
mod ptp;

use crate::document::Document;
use crate::edition::{self, Named};
use crate::error::{ImportError, Reason};
use crate::header::{self, Rows};
use crate::{Draft, Request};
use iambilly_scrub::edition::{Head, Record, SourceFile, TableError, TableKind, pack_records};
use jiff::civil::Date;

/// Reads all documents of one import into editions.
pub(crate) fn read(request: &Request, documents: Vec<Document>) -> Result<Vec<Draft>, ImportError> {
    let asked = request.edition.as_deref().map(|text| edition::said(request.kind, text));
    let asked = asked.transpose().map_err(ImportError::Set)?;
    let mut named = vec![];
    for document in documents {
        let edition = name_of(request.kind, &document, asked.as_ref())?;
        named.push((edition, document));
    }
    match request.kind {
        TableKind::NcciPtp => ptp::read(named).map(|draft| vec![draft]),
        TableKind::Mue => single::<mue::Mue>(request.kind, named),
        TableKind::Addon => named.into_iter().map(|(e, d)| addon::read(&e, &d)).collect(),
        TableKind::Mpfs => named.into_iter().map(|(e, d)| fees::values(&e, &d)).collect(),
        TableKind::Gpci => single::<fees::Localities>(request.kind, named),
        TableKind::Hcpcs => named.into_iter().map(|(e, d)| hcpcs::read(&e, &d)).collect(),
        TableKind::Icd10cm => named.into_iter().map(|(e, d)| icd10cm::read(&e, &d)).collect(),
    }
}

/// The edition a document is of: by its name, or as asked for where its name says nothing.
fn name_of(kind: TableKind, document: &Document, asked: Option<&Named>) -> Result<Named, ImportError> {
    match (edition::of_name(kind, &document.member), asked) {
        (Some(found), Some(asked)) if found.name != asked.name => {
            Err(document
                .refused(None, Reason::OtherEdition { found: found.name, expected: asked.name.clone() }))
        }
        (Some(found), _) => Ok(found),
        (None, Some(asked)) => Ok(asked.clone()),
        (None, None) => Err(document.refused(None, Reason::NoEdition)),
    }
}

/// A table of one record a key.
trait Keyed: Rows {
    type Row: Record;
    fn into_rows(self) -> Vec<(String, Self::Row)>;
}

fn single<T: Keyed>(kind: TableKind, named: Vec<(Named, Document)>) -> Result<Vec<Draft>, ImportError> {
    named
        .into_iter()
        .map(|(edition, document)| {
            let table = header::read::<T>(&document)?;
            draft(&document, edition.head(kind), table.into_rows(), "")
        })
        .collect()
}

fn draft<R: Record>(
    document: &Document,
    mut head: Head,
    rows: Vec<(String, R)>,
    texts: &str,
) -> Result<Draft, ImportError> {
    head.files = vec![source(document, rows.len())];
    let bytes = pack_records(head, &rows, texts).map_err(|e| document.refused(None, e))?;
    packed(document, bytes)
}

/// A packed edition with the head it ended up with.
fn packed(document: &Document, bytes: Vec<u8>) -> Result<Draft, ImportError> {
    let (head, _) =
        iambilly_scrub::edition::head_of(&bytes).map_err(|e: TableError| document.refused(None, e))?;
    Ok(Draft { head, bytes })
}

fn source(document: &Document, rows: usize) -> SourceFile {
    SourceFile {
        name: document.name.clone(),
        sha256: document.sha256.clone(),
        rows: u64::try_from(rows).unwrap_or(u64::MAX),
    }
}

/// A date as `20240701` or `07/01/2024`, as a number.
fn day(text: &str) -> Option<u32> {
    let date = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        Date::new(text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..)?.parse().ok()?)
    } else if let Some((month, rest)) = text.split_once('/') {
        let (day, year) = rest.split_once('/')?;
        Date::new(year.parse().ok().filter(|_| year.len() == 4)?, month.parse().ok()?, day.parse().ok()?)
    } else if let [year, month, day] = text.split('-').collect::<Vec<_>>().as_slice() {
        Date::new(year.parse().ok().filter(|_| year.len() == 4)?, month.parse().ok()?, day.parse().ok()?)
    } else {
        return None;
    };
    date.ok().filter(|d| d.year() >= 1900).map(iambilly_scrub::edition::day)
}

/// A date that may be missing (blank or `*`), as 0 then.
fn day_or_none(text: &str) -> Option<u32> {
    if matches!(text, "" | "*") { Some(0) } else { day(text) }
}

/// Rows of two codes with their dates, as PTP and add-on files have them.
#[derive(Debug, Clone, Copy)]
struct Dates {
    from: u32,
    to: u32,
}

impl Dates {
    const fn backwards(self) -> bool {
        self.to != 0 && self.to < self.from
    }
}

/// Reads the two dates of a row; `latest` keeps the last of the effective dates.
fn dates(
    cells: &header::Cells<'_>,
    effective: usize,
    deletion: usize,
    latest: &mut u32,
) -> Result<Dates, Reason> {
    const EXPECTED: &str = "a date such as 20240701";
    let from = cells.read(effective, EXPECTED, day)?;
    let to = cells.read(deletion, "a date such as 20240701, or *", day_or_none)?;
    *latest = (*latest).max(from);
    Ok(Dates { from, to })
}

/// Refuses rows that begin after the edition.
fn not_later(document: &Document, edition: &Named, latest: u32) -> Result<(), ImportError> {
    if latest > iambilly_scrub::edition::day(edition.to) {
        return Err(document.refused(None, Reason::Later(edition.name.clone())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{day, day_or_none};

    #[test]
    fn dates_as_published() {
        for (text, expected) in [
            ("20240701", Some(20_240_701)),
            ("07/01/2024", Some(20_240_701)),
            ("2024-07-01", Some(20_240_701)),
            ("20240230", None),
            ("18991231", None),
            ("2024070", None),
            ("07/01/24", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
        assert_eq!((day_or_none("*"), day_or_none(""), day_or_none("x")), (Some(0), Some(0), None));
    }
}
