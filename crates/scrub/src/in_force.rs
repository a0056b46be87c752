//! What of the rule book is in force on a date of service: its editions, what is missing, the titles of diagnoses.

use crate::book::{Edition, RuleBook};
use crate::edition::TableKind;
use crate::icd::Editions;
use crate::official::Imported;
use crate::table::Origin;
use jiff::civil::Date;

/// An official table that a date of service is judged without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which table.
    pub table: TableKind,
    /// The edition that is published for the date.
    pub wanted: String,
    /// What is used instead: an older imported edition, or the program's own table.
    pub used: Edition,
    /// Whether that is an imported edition.
    pub imported: bool,
}

fn edition(origin: &Origin) -> Edition {
    Edition { title: origin.title.clone(), edition: origin.edition.clone(), from: origin.from, to: origin.to }
}

impl RuleBook {
    /// The imported ICD-10-CM edition that governs a date, where the program brings none as new for it.
    #[must_use]
    pub fn newer_diagnoses(&self, dos: Date) -> Option<&Imported> {
        let imported = self.official.governing(TableKind::Icd10cm, dos)?;
        let shipped = Editions::shipped().on(dos);
        let has_begun = !shipped.is_empty() && shipped.from() <= dos;
        (!has_begun || imported.head().from > shipped.from()).then_some(imported)
    }

    /// The title of a diagnosis code in the edition in force on a date; where it is not in there any more, its last.
    #[must_use]
    pub fn diagnosis_title_on(&self, code: &str, dos: Date) -> Option<&str> {
        self.icd(dos).title(code).or_else(|| self.diagnosis_title(code))
    }

    /// The editions that govern a date: of each official table the imported one or the program's own, then the
    /// program's rules.
    #[must_use]
    pub fn editions_in_force(&self, dos: Date) -> Vec<Edition> {
        let mut all = vec![];
        for (kind, seed) in [
            (TableKind::NcciPtp, &self.seed_ptp.origin),
            (TableKind::Mue, &self.seed_mue.origin),
            (TableKind::Addon, &self.seed_addons.origin),
            (TableKind::Mpfs, &self.seed_pfs.origin),
        ] {
            let (governing, _) = self.editions_on(kind, seed, dos);
            all.push(edition(governing.map_or(seed, Imported::origin)));
        }
        for kind in [TableKind::Gpci, TableKind::Hcpcs] {
            all.extend(self.official.governing(kind, dos).map(|e| edition(e.origin())));
        }
        all.push(edition(&self.icd(dos).origin));
        let own = [
            &self.icd_origin,
            &self.bundle_origin,
            &self.counts.origin,
            &self.modifier_origin,
            &self.deleted.origin,
            &self.existing_origin,
            &self.no62.origin,
        ];
        all.extend(own.map(edition));
        all
    }

    /// The official tables that a date of service is judged without.
    #[must_use]
    pub fn gaps(&self, dos: Date) -> Vec<Gap> {
        let (old, missing) = self.out_of_date(dos);
        let gap = |(table, origin): &(TableKind, &Origin), imported| Gap {
            table: *table,
            wanted: table.edition_on(dos),
            used: edition(origin),
            imported,
        };
        let old = old.iter().map(|o| gap(o, true));
        old.chain(missing.iter().map(|m| gap(m, false))).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::book::RuleBook;
    use crate::edition::{Head, IcdRow, TableError, TableKind, pack_records};
    use crate::official::{Imported, Shelved};
    use jiff::civil::{Date, date};

    #[derive(Debug)]
    struct Bytes(Vec<u8>);
    impl Shelved for Bytes {
        fn bytes(&self) -> Result<Vec<u8>, TableError> {
            Ok(self.0.clone())
        }
    }

    fn icd(name: &str, from: Date, title: &str) -> Imported {
        let head = Head::new(TableKind::Icd10cm, name, 0, from, date(from.year() + 1, 9, 30));
        let length = u16::try_from(title.len()).unwrap();
        let rows = [("M48062".to_owned(), IcdRow { billable: true, title_at: 0, title_bytes: length })];
        let bytes = pack_records(head.clone(), &rows, title).unwrap();
        Imported::new(crate::edition::head_of(&bytes).unwrap().0, Box::new(Bytes(bytes)))
    }

    #[test]
    fn a_title_is_that_of_the_edition_in_force() {
        let seed = RuleBook::seed();
        let shipped = seed.diagnosis_title_on("M48.062", date(2026, 5, 1)).unwrap();
        let book = RuleBook::with_editions(vec![
            icd("FY2025", date(2024, 10, 1), "Stenosis as it was called"),
            icd("FY2027", date(2026, 10, 1), "Stenosis as it will be called"),
        ]);
        let title = |dos| book.diagnosis_title_on("M48.062", dos);
        assert_eq!(title(date(2025, 2, 1)), Some("Stenosis as it was called"));
        assert_eq!(title(date(2026, 5, 1)), Some(shipped), "what the program brings is newer");
        assert_eq!(title(date(2026, 11, 1)), Some("Stenosis as it will be called"));
        let gone = book.diagnosis_title_on("M43.16", date(2026, 11, 1));
        assert!(gone.is_some(), "a code that is gone keeps its last title");
        assert_eq!(book.diagnosis_title_on("M99.999", date(2026, 11, 1)), None);
    }

    #[test]
    fn editions_are_those_of_the_date() {
        let book = RuleBook::with_editions(vec![icd("FY2027", date(2026, 10, 1), "Stenosis")]);
        let icd = |dos| {
            let all = book.editions_in_force(dos);
            let mut found = all.into_iter().filter(|e| e.title.starts_with("ICD-10-CM"));
            found.next().unwrap().edition
        };
        assert_eq!(icd(date(2026, 12, 1)), "FY2027");
        assert_ne!(icd(date(2026, 5, 1)), "FY2027");
        let gaps = book.gaps(date(2026, 12, 1));
        assert!(gaps.iter().any(|g| g.table == TableKind::NcciPtp && g.wanted == "2026Q4" && !g.imported));
        assert!(!gaps.iter().any(|g| g.table == TableKind::Icd10cm));
    }
}
