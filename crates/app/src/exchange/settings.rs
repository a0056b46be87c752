//! Who sends claims, to whom, and where files are laid for them. Set once by the clinic.

use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_edi::professional::{Correspondent, PayerEntry, Submitter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Setting that remembers it.
const SETTING: &str = "exchange";

/// What the clinic sets once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeSettings {
    /// Who sends.
    pub submitter: Submitter,
    /// To whom: a clearinghouse for all payers, or several by payer.
    pub correspondents: Vec<Correspondent>,
    /// Payers as the receivers know them, for claims that do not carry it.
    #[serde(default)]
    pub payers: Vec<PayerEntry>,
    /// Folder that is watched for a correspondent's files, by the correspondent's id.
    #[serde(default)]
    pub folders: BTreeMap<String, PathBuf>,
}

impl ExchangeSettings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// `exchange_settings_invalid` with the place.
    pub fn parse(json: &str) -> Result<Self, Fault> {
        let invalid = |why: String| {
            Fault::new(
                FaultKind::Input,
                "exchange_settings_invalid",
                format!("The exchange settings are not valid: {why}."),
                "docs/exchange.md shows them.",
            )
        };
        let read: Self = serde_json::from_str(json).map_err(|e| invalid(e.to_string()))?;
        if read.correspondents.is_empty() {
            return Err(invalid("there is no correspondent".to_owned()));
        }
        let mut ids: Vec<&str> = read.correspondents.iter().map(|c| c.id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|w| w.first() == w.last()) {
            return Err(invalid("two correspondents have the same id".to_owned()));
        }
        if let Some(unknown) = read.folders.keys().find(|k| !ids.contains(&k.as_str())) {
            return Err(invalid(format!("there is a folder for “{unknown}”, which is no correspondent")));
        }
        if read.folders.values().any(|f| !f.is_absolute()) {
            return Err(invalid("a folder must be named from the root".to_owned()));
        }
        Ok(read)
    }

    /// Who takes the claims of a payer: the one that names it, else the one for all.
    pub(super) fn receiver(&self, payer: &str) -> Option<&Correspondent> {
        let names = |c: &&Correspondent| c.payers.iter().any(|p| p.eq_ignore_ascii_case(payer));
        self.correspondents
            .iter()
            .find(names)
            .or_else(|| self.correspondents.iter().find(|c| c.payers.is_empty()))
    }
}

impl Session {
    /// The exchange settings.
    ///
    /// # Errors
    /// `exchange_not_set` where there are none.
    pub async fn exchange_settings(&self) -> Result<ExchangeSettings, AppError> {
        self.allow(Action::ViewMaster).await?;
        let found = self.store(|s| s.read(|r| r.setting(SETTING))).await?;
        found.ok_or_else(|| {
            AppError::Fault(Fault::new(
                FaultKind::Input,
                "exchange_not_set",
                "Nobody has said yet who sends claims and to whom.",
                "iambilly exchange set FILE.json takes submitter, correspondents and payers; docs/exchange.md shows one.",
            ))
        })
    }

    /// Sets them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn set_exchange_settings(&self, settings: ExchangeSettings) -> Result<(), AppError> {
        self.allow(Action::ChangeMaster).await?;
        let by = self.by();
        let now = (self.surroundings.now)();
        self.store(move |s| s.write(|r| r.change_setting(&by, SETTING, Some(&settings), now))).await
    }
}
