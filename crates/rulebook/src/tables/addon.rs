//! NCCI add-on code edits: add-on code, primary code (`CCCCC`: the contractor defines them), type and dates.
//!
//! Source: CMS, Medicare NCCI add-on code edits, quarterly `AOC_V2024Q3-01-MCR`. Type 1 lists all primaries, type 2
//! leaves them to the contractor, type 3 lists some.

use super::{dates, not_later, packed, source};
use crate::Draft;
use crate::document::Document;
use crate::edition::Named;
use crate::error::{ImportError, Reason};
use crate::header::{self, Cells, Column, Rows, but_not, needed, words};
use iambilly_scrub::edition::{PairBuilder, TableKind, Term};

#[derive(Debug, Default)]
struct AddOns {
    pairs: PairBuilder,
    latest: u32,
}

impl Rows for AddOns {
    const COLUMNS: &'static [Column] = &[
        needed(
            "Add-On Code",
            &[
                but_not(&["add", "on", "code"], &["type", "primary", "edit", "effective"]),
                but_not(&["add", "on"], &["type", "primary"]),
            ],
        ),
        needed("Primary Code", &[but_not(&["primary", "code"], &["type"]), words(&["primary"])]),
        needed("Add-On Code Edit Type", &[words(&["type"])]),
        needed("Effective Date", &[words(&["effective", "date"]), words(&["effective"])]),
        needed("Deletion Date", &[words(&["deletion", "date"]), words(&["deletion"]), words(&["end"])]),
    ];

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason> {
        let (first, second) = (cells.code(0)?, cells.code(1)?);
        let indicator = cells.read(2, "1, 2 or 3", |t| match t.trim_start_matches("Type ") {
            "1" => Some(1),
            "2" => Some(2),
            "3" => Some(3),
            _ => None,
        })?;
        let dates = dates(cells, 3, 4, &mut self.latest)?;
        if dates.backwards() {
            return Err(Reason::Backwards);
        }
        let term = Term { from: dates.from, to: dates.to, indicator, rationale: 0 };
        Ok(self.pairs.push(first, second, term)?)
    }
}

pub(super) fn read(edition: &Named, document: &Document) -> Result<Draft, ImportError> {
    let table = header::read::<AddOns>(document)?;
    not_later(document, edition, table.latest)?;
    let mut head = edition.head(TableKind::Addon);
    head.files = vec![source(document, table.pairs.len())];
    let bytes = table.pairs.pack(head).map_err(|e| document.refused(None, e))?;
    packed(document, bytes)
}
