//! NCCI procedure-to-procedure edits, practitioner services: four files a quarter, tab-separated or XLSX.
//!
//! Source: CMS, Medicare NCCI PTP coding edits, quarterly `ccipra-vNNNrR-f1` to `-f4`. The deletion date is the last
//! day a row is in force; `*` stands for none. Indicator 9 marks rows that count as never in force, as do rows that were
//! deleted before they became effective.

use super::{dates, not_later, packed, source};
use crate::Draft;
use crate::document::Document;
use crate::edition::{Named, part};
use crate::error::{ImportError, Reason};
use crate::header::{self, Cells, Column, Rows, but_not, needed, optional, words};
use iambilly_scrub::edition::{PairBuilder, TableKind, Term};

/// Files of one quarter.
const PARTS: usize = 4;
/// From this size on the four files are about equal; a part with less than half its share was cut off.
const LARGE: usize = 100_000;

#[derive(Debug, Default)]
struct Edits {
    pairs: PairBuilder,
    latest: u32,
}

impl Rows for Edits {
    const COLUMNS: &'static [Column] = &[
        needed("Column 1", &[but_not(&["column", "1"], &["2"])]),
        needed("Column 2", &[but_not(&["column", "2"], &["1"])]),
        needed("Effective Date", &[words(&["effective", "date"]), words(&["effective"])]),
        needed("Deletion Date", &[words(&["deletion", "date"]), words(&["deletion"])]),
        needed("Modifier", &[words(&["modifier"])]),
        optional("PTP Edit Rationale", &[words(&["rationale"])]),
    ];

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason> {
        let (first, second) = (cells.code(0)?, cells.code(1)?);
        let dates = dates(cells, 2, 3, &mut self.latest)?;
        let indicator = cells.read(4, "0, 1 or 9", |t| match t {
            "0" => Some(0),
            "1" => Some(1),
            "9" => Some(9),
            _ => None,
        })?;
        let rationale = self.pairs.rationale(cells.text(5))?;
        let term = Term { from: dates.from, to: dates.to, indicator, rationale };
        Ok(self.pairs.push(first, second, term)?)
    }
}

/// Reads the four files of one quarter.
pub(super) fn read(named: Vec<(Named, Document)>) -> Result<Draft, ImportError> {
    let Some(edition) = named.first().map(|(e, _)| e.clone()) else {
        return Err(ImportError::Set(Reason::Empty));
    };
    if let Some((other, _)) = named.iter().find(|(e, _)| *e != edition) {
        let name = |e: &Named| format!("{} revision {}", e.name, e.revision);
        return Err(ImportError::Set(Reason::Mixed(name(&edition), name(other))));
    }
    let mut parts = named.into_iter().map(|(_, d)| (part(&d.member), d)).collect::<Vec<_>>();
    // Renamed files: in the order given, if there are as many as there must be.
    if parts.len() == PARTS && parts.iter().all(|(p, _)| p.is_none()) {
        parts.iter_mut().zip(1..).for_each(|((p, _), number)| *p = Some(number));
    }
    parts.sort_by_key(|(p, _)| *p);
    let has = |number: usize| parts.iter().filter(|(p, _)| *p == Some(number)).count();
    if let Some(twice) = (1..=PARTS).find(|n| has(*n) > 1) {
        return Err(ImportError::Set(Reason::PartTwice(twice)));
    }
    let missing: Vec<String> = (1..=PARTS).filter(|n| has(*n) == 0).map(|n| format!("f{n}")).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(ImportError::Set(Reason::Parts { edition: edition.name, expected: PARTS, missing }));
    }
    // One thread a file; they share nothing until they are joined.
    let read: Vec<Result<Edits, ImportError>> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            parts.iter().map(|(_, document)| scope.spawn(|| header::read::<Edits>(document))).collect();
        threads
            .into_iter()
            .zip(&parts)
            .map(|(thread, (_, document))| {
                thread.join().unwrap_or_else(|_| Err(document.refused(None, Reason::Binary)))
            })
            .collect()
    });
    let mut all = PairBuilder::default();
    let mut head = edition.head(TableKind::NcciPtp);
    let mut counts = vec![];
    for (edits, (_, document)) in read.into_iter().zip(&parts) {
        let edits = edits?;
        not_later(document, &edition, edits.latest)?;
        head.files.push(source(document, edits.pairs.len()));
        counts.push(edits.pairs.len());
        all.absorb(edits.pairs).map_err(|e| document.refused(None, e))?;
    }
    let share = all.len() / PARTS;
    if all.len() >= LARGE
        && let Some(short) = counts.iter().position(|n| *n < share / 2)
    {
        return Err(ImportError::Set(Reason::ShortPart(short + 1)));
    }
    let (_, document) = parts.first().ok_or(ImportError::Set(Reason::Empty))?;
    let bytes = all.pack(head).map_err(|e| document.refused(None, e))?;
    packed(document, bytes)
}
