//! Who sends claims, to whom, and where files are laid for them. Set once by the clinic.

use super::contract::Contract;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_edi::professional::{Correspondent, PayerEntry, Submitter};
use iambilly_sftp::{Credential, Server, SftpError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Setting that remembers it.
const SETTING: &str = "exchange";

fn credential_setting(correspondent: &str) -> String {
    format!("exchange.credential.{correspondent}")
}

/// What lets us in at a server, as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SftpCredential {
    /// A password.
    Password {
        /// It.
        password: String,
    },
    /// A private key in OpenSSH, PEM or PuTTY form.
    Key {
        /// Its text.
        text: String,
        /// What it is sealed with, if it is.
        passphrase: Option<String>,
    },
}

impl std::fmt::Debug for SftpCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SftpCredential")
    }
}

impl SftpCredential {
    fn open(self) -> Credential {
        match self {
            Self::Password { password } => Credential::Password(password.into()),
            Self::Key { text, passphrase } => {
                Credential::Key { text: text.into(), passphrase: passphrase.map(Into::into) }
            }
        }
    }
}

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
    /// Server that a correspondent takes files by, by the correspondent's id; its password or key is kept apart.
    #[serde(default)]
    pub sftp: BTreeMap<String, SftpPlace>,
    /// What payers have agreed to pay: underpayments are told by it.
    #[serde(default)]
    pub contracts: Vec<Contract>,
}

/// A server that takes files by SFTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SftpPlace {
    /// Its name or address.
    pub host: String,
    /// Its port.
    #[serde(default = "usual_port")]
    pub port: u16,
    /// The user there.
    pub user: String,
    /// Fingerprint of its key, `SHA256:…`, as the correspondent says it is.
    pub host_key: String,
    /// Folder there; empty for where the user is let in.
    #[serde(default)]
    pub folder: String,
}

const fn usual_port() -> u16 {
    22
}

impl SftpPlace {
    /// The server, its key pinned.
    pub(super) fn server(&self) -> Result<Server, SftpError> {
        Ok(Server {
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            host_key: self.host_key.parse()?,
            folder: self.folder.clone(),
        })
    }

    /// Where files go, as the outbox and its receipts name it.
    pub(super) fn place(&self) -> String {
        format!("sftp://{}@{}:{}/{}", self.user, self.host, self.port, self.folder.trim_start_matches('/'))
    }
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
        let read: Self = serde_json::from_str(json).map_err(|e| {
            // What stands in the file is not repeated.
            invalid(format!("line {}, column {} cannot be read, or is no setting", e.line(), e.column()))
        })?;
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
        if let Some(unknown) = read.sftp.keys().find(|k| !ids.contains(&k.as_str())) {
            return Err(invalid(format!("there is a server for “{unknown}”, which is no correspondent")));
        }
        if let Some(both) = read.sftp.keys().find(|k| read.folders.contains_key(*k)) {
            return Err(invalid(format!("“{both}” has a folder and a server: give one of them")));
        }
        if let Some(error) = read.sftp.values().find_map(|place| place.server().err()) {
            return Err(error.fault());
        }
        if read.contracts.iter().any(|c| !c.is_sound()) {
            return Err(invalid(
                "a contract names its payer, rates or a percentage of Medicare's fee, and does not end before it begins"
                    .to_owned(),
            ));
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

    /// What payers have agreed to pay; nothing where nothing is set.
    pub(super) async fn contracts(&self) -> Result<Vec<Contract>, AppError> {
        let found: Option<ExchangeSettings> = self.store(|s| s.read(|r| r.setting(SETTING))).await?;
        Ok(found.map(|s| s.contracts).unwrap_or_default())
    }

    /// Keeps the password or key that a correspondent's server lets us in by, or forgets it. It is in the encrypted
    /// database alone: no settings, list or audit shows it.
    ///
    /// # Errors
    /// `exchange_not_set`; `correspondent_unknown` where the correspondent has no server.
    pub async fn set_exchange_credential(
        &self,
        correspondent: &str,
        credential: Option<SftpCredential>,
    ) -> Result<(), AppError> {
        self.allow(Action::ChangeMaster).await?;
        let settings = self.exchange_settings().await?;
        if !settings.sftp.contains_key(correspondent) {
            return Err(AppError::Fault(Fault::new(
                FaultKind::Usage,
                "correspondent_unknown",
                "No correspondent of that id has a server in the exchange settings.",
                "iambilly exchange show lists them.",
            )));
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        let key = credential_setting(correspondent);
        self.store(move |s| s.write(|r| r.change_setting(&by, &key, credential.as_ref(), now))).await
    }

    /// What lets us in at a correspondent's server.
    pub(super) async fn exchange_credential(
        &self,
        correspondent: &str,
    ) -> Result<Option<Credential>, AppError> {
        let key = credential_setting(correspondent);
        let kept: Option<SftpCredential> = self.store(move |s| s.read(|r| r.setting(&key))).await?;
        Ok(kept.map(SftpCredential::open))
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
