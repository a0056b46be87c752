//! Finding a code by its words while it is typed.

use crate::rules::Rules;
use iambilly_claim::Fault;
use jiff::civil::Date;
use serde::Serialize;

/// A code that fits what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeHit {
    /// The code; a diagnosis with its dot.
    pub code: String,
    /// The title of a diagnosis (ICD-10-CM, public domain), our own short words of a procedure.
    pub words: String,
    /// Whether it can be reported as it stands: a heading cannot, nor a code that lacks its 7th character.
    pub reportable: bool,
    /// The 7th characters it still needs, if any.
    pub needs: String,
}

/// Diagnosis codes that fit what was typed, best first, and the edition of the date of service they stand in.
#[derive(Debug, Serialize)]
pub struct DiagnosisSearch {
    /// The edition searched, e.g. `FY2026, April 1 2026`.
    pub edition: String,
    /// First date of service it governs.
    pub effective_from: Date,
    /// Last date of service it was published for.
    pub effective_to: Option<Date>,
    /// Codes found.
    pub hits: Vec<DiagnosisHit>,
}

/// A diagnosis code found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagnosisHit {
    /// The code with its dot.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Whether it can be reported as it stands.
    pub billable: bool,
    /// What its 7th character means, where it has one.
    pub seventh: Option<String>,
    /// The 7th characters it still needs, if any.
    pub needs: String,
}

/// Searches ICD-10-CM as of a date of service; at most `limit` codes.
///
/// # Errors
/// `rule_book_damaged`.
pub fn search_diagnoses(
    rules: &Rules,
    query: &str,
    dos: Date,
    limit: usize,
) -> Result<DiagnosisSearch, Fault> {
    let edition = rules.diagnoses(dos)?;
    let hits = edition.search(query, limit).into_iter().map(|h| DiagnosisHit {
        title: h.title.to_owned(),
        billable: h.billable,
        seventh: h.seventh.map(str::to_owned),
        needs: h.needs.to_owned(),
        code: h.code,
    });
    Ok(DiagnosisSearch {
        edition: edition.name().to_owned(),
        effective_from: edition.from(),
        effective_to: edition.to(),
        hits: hits.collect(),
    })
}

/// Diagnoses that fit, best first, in the edition in force on the date of service.
///
/// # Errors
/// `rule_book_damaged`.
pub fn diagnoses(rules: &Rules, query: &str, dos: Date, limit: usize) -> Result<Vec<CodeHit>, Fault> {
    let words = |title: String, seventh: Option<String>| match seventh {
        Some(meaning) => format!("{title}, {meaning}"),
        None => title,
    };
    let hits = search_diagnoses(rules, query, dos, limit)?.hits;
    let hit = |h: DiagnosisHit| CodeHit {
        words: words(h.title, h.seventh),
        reportable: h.billable,
        needs: h.needs,
        code: h.code,
    };
    Ok(hits.into_iter().map(hit).collect())
}

/// Procedure codes of the catalogue that fit, by code: each typed word begins the code or one of its words.
#[must_use]
pub fn procedures(query: &str, limit: usize) -> Vec<CodeHit> {
    // Typed words part where the label's words part: a comma is no letter of either.
    let typed: Vec<String> = (query.split(|c: char| !c.is_alphanumeric()))
        .filter(|t| !t.is_empty())
        .map(str::to_lowercase)
        .collect();
    if typed.is_empty() {
        return vec![];
    }
    let fits = |code: &str, label: &str| {
        let label = label.to_lowercase();
        let words = || label.split(|c: char| !c.is_alphanumeric());
        typed.iter().all(|t| code.to_lowercase().starts_with(t) || words().any(|w| w.starts_with(t)))
    };
    let mut found: Vec<_> = iambilly_coding::labels().filter(|(c, l)| fits(c, l)).collect();
    found.sort_unstable();
    found.truncate(limit);
    found
        .into_iter()
        .map(|(code, label)| CodeHit {
            code: code.to_owned(),
            words: label.to_owned(),
            reportable: true,
            needs: String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Rules, diagnoses, procedures};
    use jiff::civil::date;

    #[test]
    fn a_diagnosis_is_found_by_words_and_by_code() {
        let rules = Rules::of("no such folder".into());
        let found = |query| diagnoses(&rules, query, date(2026, 3, 3), 8).unwrap();
        assert!(found("lumbar stenosis claudication").iter().any(|h| h.code == "M48.062" && h.reportable));
        let begun = found("M48.06");
        assert!(begun.iter().any(|h| h.code == "M48.061"), "{begun:?}");
        assert!(begun.iter().any(|h| h.code == "M48.06" && !h.reportable), "a heading says that it is one");
        assert!(found("").is_empty());
    }

    #[test]
    fn a_procedure_is_found_by_code_and_by_our_words() {
        let by_code = procedures("6304", 8);
        assert!(by_code.iter().any(|h| h.code == "63047"), "{by_code:?}");
        let words = by_code.iter().find(|h| h.code == "63047").map(|h| h.words.clone()).unwrap();
        assert!(procedures(&words, 8).iter().any(|h| h.code == "63047"), "its own words find it");
        assert!(procedures("no such operation", 8).is_empty());
        assert!(procedures(" ", 8).is_empty());
        assert_eq!(procedures("6", 2).len(), 2);
    }
}
