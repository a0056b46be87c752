//! NCCI medically unlikely edits, practitioner services: code, units, adjudication indicator.
//!
//! Source: CMS, `MCR_MUE_PractitionerServices_Eff_MM-DD-YYYY`, CSV or XLSX. Indicators: 1 line edit, 2 date of service
//! by policy, 3 date of service clinical.

use super::Keyed;
use crate::error::Reason;
use crate::header::{Cells, Column, Rows, but_not, needed, words};
use iambilly_scrub::edition::MueRow;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Mue {
    rows: BTreeMap<String, MueRow>,
}

impl Rows for Mue {
    const COLUMNS: &'static [Column] = &[
        needed("HCPCS/CPT Code", &[words(&["hcpcs", "code"]), words(&["hcpcs"]), words(&["code"])]),
        needed(
            "MUE Values",
            &[
                words(&["mue", "values"]),
                words(&["mue", "value"]),
                but_not(&["mue"], &["adjudication", "rationale", "indicator"]),
            ],
        ),
        needed("MUE Adjudication Indicator", &[words(&["adjudication", "indicator"]), words(&["mai"])]),
    ];

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason> {
        let code = cells.code(0)?;
        let units = cells.read(1, "a number of units", |t| {
            t.parse().ok().filter(|_| t.bytes().all(|b| b.is_ascii_digit()))
        })?;
        let indicator = cells.read(2, "1, 2 or 3", |t| match t.split_whitespace().next()? {
            "1" => Some(1),
            "2" => Some(2),
            "3" => Some(3),
            _ => None,
        })?;
        let row = MueRow { units, indicator };
        match self.rows.insert(code.to_owned(), row) {
            Some(before) if before != row => Err(Reason::Contradiction),
            _ => Ok(()),
        }
    }
}

impl Keyed for Mue {
    type Row = MueRow;
    fn into_rows(self) -> Vec<(String, MueRow)> {
        self.rows.into_iter().collect()
    }
}
