//! The rule book of official tables: import, list, and the one that claims are judged by.

use crate::diagnoses::Searched;
use crate::payer_rules::PayerRuleView;
use crate::session::{Config, blocking};
use iambilly_claim::{Claim, Fault, Findings};
use iambilly_icd10cm::Edition;
use iambilly_rulebook::{ImportError, ShelfError};
pub use iambilly_scrub::optimise::{Optimum, ProposalKind, Setting};
use iambilly_scrub::{PayerRules, RuleBook};
use jiff::civil::Date;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

pub use iambilly_rulebook::{Entry, Imported, Outcome, Request, TableKind, Watch};

/// The rule book of a folder, opened on first use and again when its files have changed, so that an import by another
/// door is seen.
#[derive(Debug, Clone)]
pub struct Rules {
    folder: PathBuf,
    opened: Arc<Mutex<Option<Opened>>>,
}

#[derive(Debug)]
struct Opened {
    files: Vec<(PathBuf, u64, Option<SystemTime>)>,
    book: Arc<RuleBook>,
    diagnoses: Arc<Searched>,
}

impl Rules {
    /// The rule book of this folder, which need not exist.
    #[must_use]
    pub fn of(folder: PathBuf) -> Self {
        Self { folder, opened: Arc::default() }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The rule book as it is now.
    ///
    /// # Errors
    /// `rules_folder`, `rule_book_damaged`.
    pub fn book(&self) -> Result<Arc<RuleBook>, Fault> {
        self.opened().map(|(book, _)| book)
    }

    /// The edition of ICD-10-CM in force on a date of service.
    ///
    /// # Errors
    /// Those of [`Self::book`]; the imported edition is damaged.
    pub fn diagnoses(&self, dos: Date) -> Result<Arc<Edition>, Fault> {
        let (book, searched) = self.opened()?;
        searched.on(&book, dos)
    }

    fn opened(&self) -> Result<(Arc<RuleBook>, Arc<Searched>), Fault> {
        let files = files(&self.folder);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = opened.as_ref().filter(|o| o.files == files) {
            return Ok((Arc::clone(&known.book), Arc::clone(&known.diagnoses)));
        }
        let book = Arc::new(iambilly_rulebook::open(&self.folder).map_err(|e| ShelfError::fault(&e))?);
        let diagnoses = Arc::<Searched>::default();
        *opened = Some(Opened { files, book: Arc::clone(&book), diagnoses: Arc::clone(&diagnoses) });
        Ok((book, diagnoses))
    }

    /// Judges a claim by the rule book as it is now, with the clinic's payer rules beside it.
    ///
    /// # Errors
    /// Those of [`Self::book`]; a table that governs one of the claim's dates is damaged.
    pub fn judge(&self, claim: &Claim, payers: &PayerRules, today: Date) -> Result<Findings, Fault> {
        Ok(iambilly_scrub::scrub_with(claim, &*self.sound(claim)?, payers, today))
    }

    /// What a claim would be paid by the fee schedule, and what its own documentation bears beyond it.
    ///
    /// # Errors
    /// Those of [`Self::judge`].
    pub fn optimise(
        &self,
        claim: &Claim,
        payers: &PayerRules,
        setting: &Setting,
        today: Date,
    ) -> Result<Optimum, Fault> {
        Ok(iambilly_scrub::optimise::optimise(claim, &*self.sound(claim)?, payers, setting, today))
    }

    /// The rule book, when no table that governs one of the claim's dates is damaged.
    fn sound(&self, claim: &Claim) -> Result<Arc<RuleBook>, Fault> {
        let book = self.book()?;
        let dates = claim.lines.iter().filter_map(|l| l.dos.as_deref()?.trim().parse().ok());
        book.trouble(dates).map_or_else(|| Ok(Arc::clone(&book)), |trouble| Err(trouble.fault()))
    }
}

/// Names, sizes and times of the files in a folder: what tells that one has changed.
fn files(folder: &Path) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = read
        .filter_map(|f| {
            let data = f.metadata().ok()?;
            Some((f.path(), data.len(), data.modified().ok()))
        })
        .collect();
    files.sort();
    files
}

/// All imported editions, each checked to its last byte, and the program's own tables.
#[derive(Debug, Serialize)]
pub struct List {
    /// The folder of the rule book.
    pub folder: PathBuf,
    /// Imported editions by table and date.
    pub imported: Vec<Entry>,
    /// What the program brings.
    pub built_in: Vec<iambilly_scrub::Edition>,
    /// The clinic's own payer rules; none where the data folder was not opened.
    pub payer_rules: Option<Vec<PayerRuleView>>,
}

/// Imports the files of one table.
///
/// # Errors
/// `table_refused` with file, line and reason; `file_unreadable`; trouble with the folder.
pub async fn import(config: &Config, request: Request) -> Result<Vec<Imported>, Fault> {
    import_watched(config, request, Arc::new(|_| true)).await
}

/// The same under a watch, which is told how much is read and may stop it.
///
/// # Errors
/// As [`import`]; `cancelled`.
pub async fn import_watched(config: &Config, request: Request, watch: Watch) -> Result<Vec<Imported>, Fault> {
    let folder = config.rules.folder().to_owned();
    let imported = blocking(move || {
        iambilly_rulebook::import_watched(&folder, &request, &watch)
            .map_err(|e| ImportError::fault(&e).into())
    });
    Ok(imported.await?)
}

/// Lists the rule book; the payer rules are the session's to add.
///
/// # Errors
/// `rules_folder`, `rule_book_damaged`.
pub async fn list(config: &Config) -> Result<List, Fault> {
    let folder = config.rules.folder().to_owned();
    let list = blocking(move || {
        let imported = iambilly_rulebook::list(&folder).map_err(|e| ShelfError::fault(&e))?;
        Ok(List { folder, imported, built_in: RuleBook::seed().editions(), payer_rules: None })
    });
    Ok(list.await?)
}

#[cfg(test)]
mod tests {
    use super::{Config, Request, Rules, TableKind, import, import_watched};
    use crate::codes::search_diagnoses;
    use crate::paths::Paths;
    use jiff::civil::date;
    use std::path::Path;
    use std::sync::Arc;

    /// A small edition of next year in the published layout: a new code, one renamed, and the last chapter.
    fn next_year(folder: &Path) -> std::path::PathBuf {
        let rows = [
            ("M48", '0', "Other spondylopathies"),
            ("M4806", '0', "Spinal stenosis, lumbar region"),
            ("M48062", '1', "Spinal stenosis, lumbar region, as it is called next year"),
            ("M48069", '1', "Spinal stenosis, lumbar region, newly told apart"),
            ("Z981", '1', "Arthrodesis status"),
        ];
        let lines = (1..)
            .zip(rows)
            .map(|(n, (code, flag, title))| format!("{n:05} {code:<7} {flag} {title:<60.60} {title}\n"));
        let file = folder.join("icd10cm_order_2027.txt");
        std::fs::write(&file, lines.collect::<String>()).unwrap();
        file
    }

    #[tokio::test]
    async fn diagnoses_are_those_of_the_edition_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Paths::from_environment(&|_| None, Path::new("/iambilly"));
        paths.rules = folder.path().join("rules");
        let config = Config::new(paths, 1);
        let request = Request {
            kind: TableKind::Icd10cm,
            files: vec![next_year(folder.path())],
            edition: None,
            accept_fewer_rows: false,
        };
        let stopped = import_watched(&config, request.clone(), Arc::new(|_| false)).await;
        assert_eq!(stopped.unwrap_err().code, "cancelled");
        assert!(super::list(&config).await.unwrap().imported.is_empty(), "nothing is written by halves");
        import(&config, request).await.unwrap();
        let rules: &Rules = &config.rules;
        let codes = |query: &str, dos| {
            let found = search_diagnoses(rules, query, dos, 9).unwrap();
            found.hits.into_iter().map(|h| (h.code, h.billable)).collect::<Vec<_>>()
        };
        let (now, then) = (date(2026, 5, 5), date(2026, 11, 5));
        assert!(codes("newly told apart", now).is_empty());
        assert_eq!(codes("newly told apart", then), [("M48.069".to_owned(), true)]);
        assert!(codes("M48.06", then).contains(&("M48.06".to_owned(), false)), "a heading stays one");
        assert_eq!(search_diagnoses(rules, "stenosis", then, 1).unwrap().edition, "FY2027");
        let words = |dos| crate::view::words(&rules.book().unwrap(), "M48.062", dos).unwrap();
        assert!(words(then).contains("next year") && !words(now).contains("next year"));
    }
}
