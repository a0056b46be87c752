//! HCPCS Level II: codes and modifiers with the dates they could be used. Descriptions are not read.
//!
//! Source: CMS, quarterly `HCPCyyyy_MMM_ANWEB`, as XLSX, CSV or the text of fixed width in the same archive. A code's description may go on over several rows, which then name the same code.

use super::{Keyed, day_or_none, draft};
use crate::Draft;
use crate::document::Document;
use crate::edition::Named;
use crate::error::{ImportError, Reason};
use crate::header::{self, Cells, Column, Rows, but_not, needed, optional, words};
use iambilly_scrub::edition::{HcpcsRow, TableKind};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Codes {
    rows: BTreeMap<String, HcpcsRow>,
}

impl Rows for Codes {
    const COLUMNS: &'static [Column] = &[
        needed("HCPC", &[words(&["hcpc"]), words(&["hcpcs", "code"]), words(&["hcpcs"])]),
        needed(
            "Add Dt",
            &[words(&["add", "dt"]), words(&["add", "date"]), words(&["date", "added"]), words(&["added"])],
        ),
        needed("Term Dt", &[words(&["term", "dt"]), words(&["term", "date"]), words(&["termination"])]),
        optional("Cov", &[words(&["cov"]), but_not(&["coverage"], &["date"])]),
    ];

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason> {
        let code = cells.read(0, "a code of five or a modifier of two characters", |t| {
            let fits =
                matches!(t.len(), 2 | 5) && t.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
            fits.then(|| t.to_owned())
        })?;
        let date = |column| cells.read(column, "a date such as 20240701, or blank", day_or_none);
        let row = HcpcsRow {
            added: date(1)?,
            terminated: date(2)?,
            coverage: cells.text(3).bytes().next().unwrap_or(b' '),
        };
        if row.terminated != 0 && row.terminated < row.added {
            return Err(Reason::Backwards);
        }
        // Further rows of a description repeat the code without its dates.
        self.rows.entry(code).or_insert(row);
        Ok(())
    }
}

impl Keyed for Codes {
    type Row = HcpcsRow;
    fn into_rows(self) -> Vec<(String, HcpcsRow)> {
        self.rows.into_iter().collect()
    }
}

/// Reads a quarter: the text of fixed width, or a table with a header.
pub(super) fn read(edition: &Named, document: &Document) -> Result<Draft, ImportError> {
    let codes = if document.is_spreadsheet() {
        header::read::<Codes>(document)?
    } else {
        let text = document.text()?;
        if text.lines().find(|l| !l.trim().is_empty()).is_some_and(is_record) {
            fixed(document, &text)?
        } else {
            header::read::<Codes>(document)?
        }
    };
    draft(document, edition.head(TableKind::Hcpcs), codes.into_rows(), "")
}

/// Whether a line is a record of fixed width: a code, the five digits of its sequence and the kind of record.
fn is_record(line: &str) -> bool {
    let place = |n: usize| line.as_bytes().get(n).copied().unwrap_or_default();
    (5..10).all(|n| place(n).is_ascii_digit()) && matches!(place(10), b'3' | b'4' | b'7' | b'8')
}

/// The records of fixed width. Places, counted from 1, are those of the record layout that CMS publishes with each
/// quarter (`HCPCyyyy_recordlayout`, 320 characters): 1–5 the code (a modifier in 4–5); 11 the kind of record, 3 a
/// code and 7 a modifier with their details, 4 and 8 further words of the one before; 230 coverage; 269–276 the day it
/// was added; 285–292 its last day. Blanks at a line's end may be missing.
fn fixed(document: &Document, text: &str) -> Result<Codes, ImportError> {
    let mut codes = Codes::default();
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() {
            continue;
        }
        let refused = |column, expected| document.refused(Some(number), Reason::Cell { column, expected });
        if !is_record(line) {
            return Err(refused(
                "record",
                "one of the published layout: code, sequence, 3, 4, 7 or 8 in place 11",
            ));
        }
        // By characters: descriptions need not be plain ASCII.
        let field = |from: usize, to: usize| -> String {
            line.chars().skip(from - 1).take(to + 1 - from).collect::<String>().trim().to_owned()
        };
        let (code, kind) = (field(1, 5), field(11, 11));
        let width = if matches!(kind.as_str(), "3" | "4") { 5 } else { 2 };
        let plain = code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if code.len() != width || !plain {
            return Err(refused("HCPC", "a code of five or a modifier of two characters"));
        }
        if matches!(kind.as_str(), "4" | "8") {
            if !codes.rows.contains_key(&code) {
                return Err(refused("record", "further words of the code before it"));
            }
            continue;
        }
        let date = |from, to, column| {
            day_or_none(&field(from, to)).ok_or_else(|| refused(column, "a date such as 20240701, or blank"))
        };
        let row = HcpcsRow {
            added: date(269, 276, "Add Dt")?,
            terminated: date(285, 292, "Term Dt")?,
            coverage: field(230, 230).bytes().next().unwrap_or(b' '),
        };
        if row.terminated != 0 && row.terminated < row.added {
            return Err(document.refused(Some(number), Reason::Backwards));
        }
        if codes.rows.insert(code, row).is_some_and(|before| before != row) {
            return Err(document.refused(Some(number), Reason::Contradiction));
        }
    }
    Ok(codes)
}
