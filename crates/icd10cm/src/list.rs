//! An edition from the yearly list of codes (`icd10cm_order_YYYY.txt`), which has codes and titles but no notes.

use crate::{Edition, EditionError};
use jiff::civil::Date;
use std::fmt::Write as _;

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The code without its dot; with its 7th character where it has one.
    pub code: &'a str,
    /// Whether it can be reported.
    pub billable: bool,
    /// Its whole title.
    pub title: &'a str,
}

impl Edition {
    /// An edition with exactly the listed codes. What a list does not have is taken from `tabular`, another edition:
    /// chapters, sections and the notes of codes that are in both (Excludes1, code first …). A category that
    /// `tabular` does not know stands in the section of the category before it. Every 7th character is a row of its
    /// own, as the list has it.
    ///
    /// # Errors
    /// A code or the name is none ([`Edition::parse`]).
    pub fn of_list(
        name: &str,
        from: Date,
        to: Date,
        list: &[Listed<'_>],
        tabular: &Self,
    ) -> Result<Self, EditionError> {
        let mut rows = list.to_vec();
        rows.sort_unstable_by_key(|r| r.code);
        rows.dedup_by_key(|r| r.code);
        let titles: usize = rows.iter().map(|r| r.title.len() + 16).sum();
        let mut text = String::with_capacity(titles * 2);
        let wrote = |result: std::fmt::Result| result.map_err(|_| EditionError::Header);
        wrote(writeln!(text, "#ICD-10-CM\t{name}\t{from}\t{to}"))?;
        for block in &tabular.blocks {
            let sign = if block.chapter { '@' } else { '=' };
            let (range, title) = (tabular.text(block.range), tabular.text(block.title));
            wrote(writeln!(text, "{sign}\t{range}\t{title}"))?;
            notes(&mut text, tabular.text(block.notes));
        }
        let mut section = 0;
        for row in rows {
            let known = tabular.place_of(row.code).and_then(|i| tabular.row(i));
            if row.code.len() == 3 {
                section = known.map_or(section, |k| k.block);
            }
            wrote(write!(text, "{}\t{}\t", row.code, row.title.replace(['\t', '\n', '\r'], " ")))?;
            if row.code.len() == 3 {
                wrote(write!(text, "{section}"))?;
            }
            text.push_str(if row.billable { "\n" } else { "\t0\n" });
            notes(&mut text, known.map_or("", |k| tabular.text(k.notes)));
        }
        Self::parse(text)
    }
}

fn notes(text: &mut String, lines: &str) {
    if !lines.is_empty() {
        text.push_str(lines);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::Listed;
    use crate::{Edition, EditionError, Editions, Standing};
    use jiff::civil::date;

    fn of(rows: &[(&str, bool, &str)]) -> Result<Edition, EditionError> {
        let list: Vec<Listed<'_>> =
            rows.iter().map(|(code, billable, title)| Listed { code, billable: *billable, title }).collect();
        let tabular = Editions::shipped().on(date(2026, 2, 2));
        Edition::of_list("FY2024", date(2023, 10, 1), date(2024, 9, 30), &list, tabular)
    }

    #[test]
    fn a_list_says_what_can_be_reported_and_the_tabular_list_what_excludes_what() {
        let edition = of(&[
            ("M5136", true, "Other intervertebral disc degeneration, lumbar region"),
            ("M513", false, "Other intervertebral disc degeneration"),
            ("M51", false, "Thoracic disc disorders"),
            ("M545", false, "Low back pain"),
            ("M5451", true, "Vertebrogenic low back pain"),
            ("M54", false, "Dorsalgia"),
            ("M8008", false, "Osteoporosis with fracture, vertebra(e)"),
            ("M8008XA", true, "Osteoporosis with fracture, vertebra(e), initial encounter"),
            ("M80", false, "Osteoporosis with fracture"),
            ("M99", false, "A heading with nothing below it"),
        ])
        .unwrap();
        for (code, standing) in [
            ("M51.36", Standing::Billable),
            ("M51.360", Standing::Unknown),
            ("M51.3", Standing::Heading),
            ("m80.08xa", Standing::Billable),
            ("M80.08XD", Standing::Unknown),
            ("M80.08", Standing::Heading),
            ("M99", Standing::Heading),
        ] {
            assert_eq!(edition.standing(code), standing, "{code}");
        }
        assert_eq!(edition.billable(), 3);
        assert_eq!(edition.billable_under("M80.08", 5), ["M80.08XA"]);
        assert_eq!(
            (edition.name(), edition.from(), edition.to()),
            ("FY2024", date(2023, 10, 1), Some(date(2024, 9, 30)))
        );
        // Low back pain due to a displaced disc is coded to the disc: a note of the tabular list.
        assert!(edition.excludes1("M54.51", "M51.26"), "{:?}", edition.notes("M54.51"));
        assert_eq!(edition.blocks("M51.36").len(), 2, "section and chapter");
    }

    #[test]
    fn the_shipped_edition_as_a_list_is_itself_again() {
        let shipped = Editions::shipped().on(date(2026, 2, 2));
        let codes: Vec<String> = ["M", "S", "G", "Z"]
            .iter()
            .flat_map(|p| ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].map(|d| format!("{p}{d}")))
            .flat_map(|p| shipped.beginning(&p).map(|i| shipped.code_at(i).to_owned()).collect::<Vec<_>>())
            .filter(|c| c.len() == 3)
            .flat_map(|c| shipped.billable_under(&c, 100_000))
            .collect();
        let bare: Vec<String> = codes.iter().map(|c| c.replace('.', "")).collect();
        let list: Vec<Listed<'_>> = bare
            .iter()
            .map(|code| Listed { code, billable: true, title: shipped.title(code).unwrap_or_default() })
            .collect();
        let again = Edition::of_list("again", shipped.from(), date(2026, 9, 30), &list, shipped).unwrap();
        assert!(codes.len() > 5_000, "{}", codes.len());
        assert!(codes.iter().all(|c| again.is_billable(c)));
        assert_eq!(again.billable(), codes.len());
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(matches!(of(&[("M5", true, "too short")]), Err(EditionError::Line { .. })));
        assert!(matches!(of(&[("m51", true, "small letters")]), Err(EditionError::Line { .. })));
        assert!(of(&[]).unwrap().is_empty());
    }
}
