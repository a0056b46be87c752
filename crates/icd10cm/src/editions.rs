//! Editions side by side, chosen by date of service.

use crate::{Edition, EditionError};
use jiff::civil::Date;
use std::sync::{Arc, LazyLock};

static PACKED: [&[u8]; 1] = [include_bytes!("../../../data/icd10cm/fy2026-april.tsv.gz")];

static SHIPPED: LazyLock<Editions> = LazyLock::new(|| {
    let mut shipped = Editions::default();
    for packed in PACKED {
        match Edition::unpack(packed) {
            Ok(edition) => shipped.add(edition),
            Err(damage) => shipped.damage = Some(damage),
        }
    }
    shipped
});

/// The editions at hand, by their first date of service.
#[derive(Debug, Clone, Default)]
pub struct Editions {
    editions: Vec<Arc<Edition>>,
    nothing: Arc<Edition>,
    damage: Option<EditionError>,
}

impl Editions {
    /// The editions the program comes with, unpacked on first use (some tens of milliseconds).
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }
    /// What is wrong with a shipped edition, if anything; it is then not among them.
    #[must_use]
    pub const fn damage(&self) -> Option<&EditionError> {
        self.damage.as_ref()
    }
    /// Adds an edition; one of the same first date takes the place of the old.
    pub fn add(&mut self, edition: Edition) {
        let edition = Arc::new(edition);
        match self.editions.binary_search_by_key(&edition.from(), |e| e.from()) {
            Ok(same) => {
                if let Some(old) = self.editions.get_mut(same) {
                    *old = edition;
                }
            }
            Err(place) => self.editions.insert(place, edition),
        }
    }
    /// The edition for a date of service: the newest that had begun, even if it was published for an earlier
    /// year ([`Edition::to`] tells); before all of them, the oldest. An empty edition where there is none.
    #[must_use]
    pub fn on(&self, dos: Date) -> &Arc<Edition> {
        let begun = self.editions.partition_point(|e| e.from() <= dos);
        self.editions.get(begun.saturating_sub(1)).unwrap_or(&self.nothing)
    }
    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Edition>> {
        self.editions.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Editions;
    use crate::{Edition, EditionError};

    fn edition(name: &str, from: &str, to: &str, more: &str) -> Edition {
        Edition::parse(format!("#ICD-10-CM\t{name}\t{from}\t{to}\n@\tM00-M99\tMusculoskeletal\n=\tM40-M54\tDorsopathies\nM48\tOther spondylopathies\t2\n{more}"))
            .unwrap()
    }

    #[test]
    fn the_date_of_service_chooses() {
        let mut all = Editions::default();
        assert!(all.on("2026-01-01".parse().unwrap()).is_empty());
        all.add(edition("FY2027", "2026-10-01", "2027-09-30", "M480\tStenosis\nM481\tNew next October\n"));
        all.add(edition("FY2026", "2025-10-01", "2026-09-30", "M480\tStenosis\n"));
        let on = |d: &str| all.on(d.parse().unwrap()).name().to_owned();
        assert_eq!(on("2025-01-01"), "FY2026", "before all: the oldest");
        assert_eq!(on("2026-09-30"), "FY2026");
        assert_eq!(on("2026-10-01"), "FY2027");
        assert_eq!(on("2029-01-01"), "FY2027", "beyond all: the newest");
        let day = |d: &str| d.parse::<jiff::civil::Date>().unwrap();
        assert!(!all.on(day("2026-09-30")).is_billable("M48.1"));
        assert!(all.on(day("2026-10-01")).is_billable("M48.1"));
        all.add(edition("FY2026, April", "2025-10-01", "", "M480\tStenosis\n"));
        assert_eq!(all.on(day("2026-09-30")).name(), "FY2026, April");
        assert_eq!(all.iter().count(), 2);
    }

    #[test]
    fn damage_is_said_with_its_line() {
        let parse = |t: &str| Edition::parse(t.to_owned()).unwrap_err();
        assert_eq!(parse(""), EditionError::Header);
        assert_eq!(parse("#ICD-10-CM\tX\tsome day\t\n"), EditionError::Header);
        let head = "#ICD-10-CM\tX\t2025-10-01\t\n";
        assert_eq!(parse(&format!("{head}M51\tb\t\nM50\ta\t\n")), EditionError::Line { line: 3 }, "unsorted");
        assert_eq!(parse(&format!("{head} i\tnote of nothing\n")), EditionError::Line { line: 2 });
        assert_eq!(parse(&format!("{head}M50\ta\tx\n")), EditionError::Line { line: 2 });
        assert_eq!(parse(&format!("{head}?\n")), EditionError::Line { line: 2 });
        assert_eq!(Edition::unpack(b"not gzip").unwrap_err(), EditionError::Unpack);
    }
}
