//! What a reader of a draft should know about the editions it was judged by: a sentence, and the rest on demand.

use iambilly_scrub::Gap;
use serde::Serialize;

/// The note under a draft's findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct EditionNote {
    /// A short sentence.
    pub short: String,
    /// Each table with what was used.
    pub details: Vec<String>,
}

impl EditionNote {
    /// The note of a draft that was judged without some official edition; `gaps` are those that are still open.
    #[must_use]
    pub fn of(gaps: &[Gap]) -> Self {
        let (old, missing) = gaps.iter().partition::<Vec<_>, _>(|g| g.imported);
        let tables =
            |n: usize| if n == 1 { "1 official table".to_owned() } else { format!("{n} official tables") };
        let short = match (old.len(), missing.len()) {
            (0, 0) => {
                "Judged before the official editions of this date were imported; the next edit judges it by them."
                    .to_owned()
            }
            (0, n) => format!("{} not imported: judged by the program’s own.", tables(n)),
            (n, 0) => format!("{} older than the date of service.", tables(n)),
            (n, m) => format!("{} older than the date of service, {m} not imported.", tables(n)),
        };
        let detail = |g: &Gap| match g.imported {
            true => format!("{}: {} was used, {} is published.", g.table.title(), g.used.edition, g.wanted),
            false => format!("{} {}: {} was used.", g.table.title(), g.wanted, g.used.edition),
        };
        Self { short, details: gaps.iter().map(detail).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::EditionNote;
    use iambilly_scrub::RuleBook;
    use jiff::civil::date;

    #[test]
    fn the_note_is_a_sentence_with_its_details() {
        let note = EditionNote::of(&RuleBook::seed().gaps(date(2026, 2, 2)));
        assert_eq!(note.short, "4 official tables not imported: judged by the program’s own.");
        assert_eq!(note.details.len(), 4);
        assert!(note.details.iter().any(|d| d.contains("2026Q1")), "{note:?}");
        assert!(EditionNote::of(&[]).short.contains("next edit"));
    }
}
