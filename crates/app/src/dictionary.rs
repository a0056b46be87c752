//! The physician's own dictionary: seen, added to, taken from.

use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::ids::OwnWordId;
use iambilly_claim::{OwnWord, Phi, phi};
use iambilly_coding::OwnWords;
use iambilly_store::OwnWordRow;
use serde::Serialize;

/// A word of the dictionary as the two doors show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnWordView {
    /// Its id.
    pub id: String,
    /// As it is to be written.
    #[serde(serialize_with = "phi::disclose")]
    pub meant: Phi<String>,
    /// What the recogniser writes for it; none for a word that is only to be expected.
    #[serde(serialize_with = "phi::disclose")]
    pub heard: Phi<Option<String>>,
    /// When it was added, RFC 3339.
    pub added_at: String,
}

impl From<OwnWordRow> for OwnWordView {
    fn from(row: OwnWordRow) -> Self {
        Self {
            id: row.id.to_string(),
            meant: row.word.meant,
            heard: row.word.heard,
            added_at: format!("{:.3}", row.created_at),
        }
    }
}

impl Session {
    /// The dictionary, the newest word first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn dictionary(&self) -> Result<Vec<OwnWordView>, AppError> {
        self.allow(Action::Dictionary).await?;
        let rows = self.store(|s| s.read(|r| r.own_words())).await?;
        Ok(rows.into_iter().map(OwnWordView::from).collect())
    }

    /// Adds a word; it acts on what is recognised from now on.
    ///
    /// # Errors
    /// `own_word_…` when it cannot be in a dictionary, a conflict when what is heard stands for something already.
    pub async fn add_own_word(&self, word: OwnWord) -> Result<OwnWordView, AppError> {
        self.allow(Action::Dictionary).await?;
        let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let word = OwnWord {
            meant: tidy(word.meant.expose()).into(),
            heard: word.heard.expose().as_deref().map(tidy).into(),
        };
        OwnWords::check(&word).map_err(|e| AppError::Fault(e.fault()))?;
        let (id, by) = (OwnWordId::new(self.surroundings.id()), self.by());
        let now = (self.surroundings.now)();
        let row = self
            .store(move |s| {
                s.write(|r| {
                    let row = r.add_own_word(id, &word, &by, now)?;
                    r.append_audit(&by, "own_word.added", &id.to_string(), now)?;
                    Ok(row)
                })
            })
            .await?;
        Ok(row.into())
    }

    /// Takes a word out of the dictionary; what it changed in transcripts stays.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_own_word(&self, id: OwnWordId) -> Result<OwnWordView, AppError> {
        self.allow(Action::Dictionary).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let row = self
            .store(move |s| {
                s.write(|r| {
                    let row = r.remove_own_word(id)?;
                    r.append_audit(&by, "own_word.removed", &id.to_string(), now)?;
                    Ok(row)
                })
            })
            .await?;
        Ok(row.into())
    }

    /// The dictionary, ready to act.
    pub(crate) async fn own_words(&self) -> Result<OwnWords, AppError> {
        let rows = self.store(|s| s.read(|r| r.own_words())).await?;
        Ok(OwnWords::new(rows.iter().map(|row| &row.word)))
    }
}
