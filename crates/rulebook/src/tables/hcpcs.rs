//! HCPCS Level II: codes and modifiers with the dates they could be used. Descriptions are not read.
//!
//! Source: CMS, quarterly `HCPCyyyy_MMM_ANWEB`, as XLSX or CSV (the text in the same archive is of fixed width and has
//! no header; it is refused). A code's description may go on over several rows, which then name the same code.

use super::{Keyed, day_or_none};
use crate::error::Reason;
use crate::header::{Cells, Column, Rows, but_not, needed, optional, words};
use iambilly_scrub::edition::HcpcsRow;
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
