//! The shelf of official editions as the rules screen shows it: what is here, what is missing, what is old.

use crate::doctor::State;
use crate::rules;
use crate::session::Config;
use iambilly_claim::Fault;
use iambilly_icd10cm::Editions;
use iambilly_rulebook::{Entry, TableKind};
use jiff::civil::Date;
use serde::Serialize;
use std::path::PathBuf;

/// Where an official table stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "TableStanding")]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// An imported edition was published for today.
    Current,
    /// What the program brings was published for today.
    BuiltIn,
    /// The newest imported edition is older than today.
    Older,
    /// Nothing is imported.
    Missing,
}

/// An official table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct TableView {
    /// Its name on the command line.
    pub table: TableKind,
    /// Its title.
    pub title: &'static str,
    /// What claims are checked for with it.
    pub about: &'static str,
    /// Where it stands.
    pub state: Standing,
    /// The same in a sentence.
    pub says: String,
    /// Which files to give.
    pub files: &'static str,
    /// Imported editions, oldest first.
    pub editions: Vec<Entry>,
}

/// All official tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Shelf {
    /// The folder of the rule book.
    pub folder: PathBuf,
    /// Its tables, in the order in which they matter.
    pub tables: Vec<TableView>,
}

impl Shelf {
    /// Whether the official tables are up to date, in a sentence.
    #[must_use]
    pub fn summary(&self) -> (State, String) {
        let fine = |t: &&TableView| matches!(t.state, Standing::Current | Standing::BuiltIn);
        let up_to_date = self.tables.iter().filter(fine).count();
        let state = if up_to_date == self.tables.len() { State::Ok } else { State::Warn };
        let rest: Vec<_> = self.tables.iter().filter(|t| !fine(t)).map(|t| t.table.name()).collect();
        let mut said = format!("{up_to_date} of {} official tables up to date", self.tables.len());
        if !rest.is_empty() {
            said = format!("{said}; not: {}", rest.join(", "));
        }
        (state, said)
    }
}

/// Looks at the shelf; each edition is checked to its last byte.
///
/// # Errors
/// `rules_folder`, `rule_book_damaged`.
pub async fn look(config: &Config, today: Date) -> Result<Shelf, Fault> {
    let list = rules::list(config).await?;
    let of = |kind| list.imported.iter().filter(|e| e.table == kind).cloned().collect();
    Ok(Shelf {
        folder: list.folder.clone(),
        tables: TableKind::ALL.into_iter().map(|kind| table(kind, of(kind), today)).collect(),
    })
}

fn table(kind: TableKind, editions: Vec<Entry>, today: Date) -> TableView {
    let (about, files, without) = words(kind);
    let wanted = kind.edition_on(today);
    let newest = editions.iter().rev().find(|e| e.effective_from <= today);
    let shipped = Editions::shipped().on(today);
    let built_in = kind == TableKind::Icd10cm
        && shipped.from() <= today
        && shipped.to().is_none_or(|to| to >= today)
        && newest.is_none_or(|e| e.effective_from <= shipped.from());
    let (state, says) = match newest {
        Some(e) if e.effective_to >= today => (Standing::Current, format!("{} governs today.", e.edition)),
        _ if built_in => (Standing::BuiltIn, format!("The program brings {}.", shipped.name())),
        Some(e) => {
            (Standing::Older, format!("{} is the newest here; {wanted} is published for today.", e.edition))
        }
        None if editions.is_empty() => {
            (Standing::Missing, format!("{wanted} is published for today. {without}"))
        }
        None => (Standing::Missing, format!("Only later editions are here. {without}")),
    };
    TableView { table: kind, title: kind.title(), about, state, says, files, editions }
}

/// What a table is for, which files make it, and what is done without it.
const fn words(kind: TableKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        TableKind::NcciPtp => (
            "Which codes are not paid together, and whether a modifier may part them",
            "All four files of the quarter (f1 to f4), or their archives, in one go: ccipra-v….zip",
            "The program’s own spine pairs are used.",
        ),
        TableKind::Mue => (
            "How many units of a code a day can hold",
            "The practitioner file of the quarter: MCR_MUE_PractitionerServices_Eff_….csv, .xlsx or .zip",
            "The program’s own spine limits are used.",
        ),
        TableKind::Addon => (
            "Which add-on code goes with which primary",
            "The add-on code file of the quarter: AOC_V….txt, .xlsx or .zip",
            "The program’s own spine add-ons are used.",
        ),
        TableKind::Mpfs => (
            "Relative values, global days, bilateral, assistant and co-surgeon indicators",
            "The relative value file of the quarter: rvu….zip or PPRRVU….csv, .xlsx",
            "The program’s own spine values are used.",
        ),
        TableKind::Gpci => (
            "Practice costs by locality, for expected payments",
            "The relative value file holds it: rvu….zip or GPCI….csv, .xlsx",
            "Payments are not estimated by locality.",
        ),
        TableKind::Hcpcs => (
            "Which Level II codes and modifiers exist on a date",
            "The alphanumeric file of the quarter: HCPC…_ANWEB.xlsx, .txt or .zip",
            "Level II codes are not checked by date.",
        ),
        TableKind::Icd10cm => (
            "Which diagnosis codes exist and can be reported on a date",
            "Code descriptions in tabular order: icd10cm_order_….txt or its archive",
            "What the program brings is used.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, table};
    use iambilly_rulebook::{Entry, TableKind};
    use jiff::civil::date;

    fn mue(name: &str, from: (i16, i8), to: (i16, i8, i8)) -> Entry {
        Entry {
            table: TableKind::Mue,
            title: TableKind::Mue.title(),
            edition: name.to_owned(),
            effective_from: date(from.0, from.1, 1),
            effective_to: date(to.0, to.1, to.2),
            rows: 2,
            active: 2,
            bytes: 100,
            files: vec![],
        }
    }

    #[test]
    fn a_table_stands_by_its_newest_edition_that_has_begun() {
        let today = date(2026, 5, 5);
        let (q1, q2, q3) = (
            mue("2026Q1", (2026, 1), (2026, 3, 31)),
            mue("2026Q2", (2026, 4), (2026, 6, 30)),
            mue("2026Q3", (2026, 7), (2026, 9, 30)),
        );
        for (editions, state, said) in [
            (vec![], Standing::Missing, "2026Q2 is published"),
            (vec![q1.clone()], Standing::Older, "2026Q1 is the newest"),
            (vec![q1.clone(), q2.clone()], Standing::Current, "2026Q2 governs"),
            (vec![q1, q2, q3.clone()], Standing::Current, "2026Q2 governs"),
            (vec![q3], Standing::Missing, "Only later"),
        ] {
            let view = table(TableKind::Mue, editions, today);
            assert_eq!(view.state, state);
            assert!(view.says.contains(said), "{}", view.says);
        }
        assert_eq!(table(TableKind::Icd10cm, vec![], date(2026, 5, 5)).state, Standing::BuiltIn);
        assert_eq!(table(TableKind::Icd10cm, vec![], date(2030, 5, 5)).state, Standing::Missing);
    }
}
