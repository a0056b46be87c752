//! ICD-10-CM code descriptions in tabular order: every code of a fiscal year, whether it may be reported, its title.
//!
//! Source: CDC/NCHS and CMS (public domain), yearly `icd10cm_order_YYYY.txt`, with an April update. Lines of fixed
//! width: number, code, 0 for a heading or 1 for a code that may be reported, short title, long title.

use super::draft;
use crate::Draft;
use crate::document::Document;
use crate::edition::Named;
use crate::error::{ImportError, Reason};
use iambilly_scrub::edition::{IcdRow, TableKind};

/// The tabular list's last chapter is Z; the U codes stand before it.
const LAST_CHAPTER: char = 'Z';

pub(super) fn read(edition: &Named, document: &Document) -> Result<Draft, ImportError> {
    let text = document.text()?;
    let mut rows: Vec<(String, IcdRow)> = vec![];
    let mut titles = String::new();
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() {
            continue;
        }
        let refused = |reason: Reason| document.refused(Some(number), reason);
        let row = Line::of(line).map_err(refused)?;
        if row.number != u64::try_from(rows.len()).unwrap_or(u64::MAX) + 1 {
            return Err(refused(Reason::Gap));
        }
        let too_many = |_| refused(iambilly_scrub::edition::TableError::TooMany("titles").into());
        let title_at = u32::try_from(titles.len()).map_err(too_many)?;
        let title_bytes = u16::try_from(row.title.len()).map_err(too_many)?;
        titles.push_str(row.title);
        rows.push((row.code.to_owned(), IcdRow { billable: row.billable, title_at, title_bytes }));
    }
    match rows.last() {
        None => Err(document.refused(None, Reason::NoRows)),
        Some((code, _)) if !code.starts_with(LAST_CHAPTER) => Err(document.refused(None, Reason::EndsEarly)),
        Some(_) => draft(document, edition.head(TableKind::Icd10cm), rows, &titles),
    }
}

struct Line<'a> {
    number: u64,
    code: &'a str,
    billable: bool,
    title: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Result<Self, Reason> {
        let cell = |column, expected| Reason::Cell { column, expected };
        let field = |from: usize, to: usize| line.get(from..to).map(str::trim).unwrap_or_default();
        let number = field(0, 5).parse().map_err(|_| cell("order number", "five digits"))?;
        let code = field(6, 13);
        let shape = code.len() >= 3
            && code.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !shape {
            return Err(cell("code", "a diagnosis code without its dot"));
        }
        let billable = match field(14, 15) {
            "0" => false,
            "1" => true,
            _ => return Err(cell("header flag", "0 or 1")),
        };
        let title = line.get(77..).map(str::trim).filter(|t| !t.is_empty());
        let title = title.ok_or(cell("long title", "there"))?;
        Ok(Self { number, code, billable, title })
    }
}
