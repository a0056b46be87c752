//! The rule book of official tables: import, list, and the one that claims are judged by.

use crate::payer_rules::PayerRuleView;
use crate::session::{Config, blocking};
use iambilly_claim::{Claim, Fault, Findings};
use iambilly_rulebook::{ImportError, ShelfError};
use iambilly_scrub::{PayerRules, RuleBook};
use jiff::civil::Date;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

pub use iambilly_rulebook::{Entry, Imported, Outcome, Request, TableKind};

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
        let files = files(&self.folder);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = opened.as_ref().filter(|o| o.files == files) {
            return Ok(Arc::clone(&known.book));
        }
        let book = Arc::new(iambilly_rulebook::open(&self.folder).map_err(|e| ShelfError::fault(&e))?);
        *opened = Some(Opened { files, book: Arc::clone(&book) });
        Ok(book)
    }

    /// Judges a claim by the rule book as it is now, with the clinic's payer rules beside it.
    ///
    /// # Errors
    /// Those of [`Self::book`]; a table that governs one of the claim's dates is damaged.
    pub fn judge(&self, claim: &Claim, payers: &PayerRules, today: Date) -> Result<Findings, Fault> {
        let book = self.book()?;
        let dates = claim.lines.iter().filter_map(|l| l.dos.as_deref()?.trim().parse().ok());
        match book.trouble(dates) {
            Some(trouble) => Err(trouble.fault()),
            None => Ok(iambilly_scrub::scrub_with(claim, &book, payers, today)),
        }
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
    let folder = config.rules.folder().to_owned();
    let imported = blocking(move || {
        iambilly_rulebook::import(&folder, &request).map_err(|e| ImportError::fault(&e).into())
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
