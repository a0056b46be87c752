//! Connections: set up, tested step by step, signed in to. Secrets are sealed by the vault and shown to nobody.

use super::refused;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_emr::auth::{Launch, SigningAlgorithm};
use iambilly_emr::transport::Surroundings as EmrSurroundings;
use iambilly_emr::{
    Adapter, Capability, ConnectionConfig, Limiter, Probe, Secrets, SignIn, SigningKey, Support, Trace,
    Transport, connect_within,
};
use iambilly_store::EmrConnectionRow;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// A connection as it is set.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewConnection {
    /// The one to change; a new one where none is given.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its name for people.
    pub name: String,
    /// Its settings.
    pub config: ConnectionConfig,
    /// Client secret; the one that is kept where none is given.
    #[serde(default, deserialize_with = "hidden")]
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<SecretString>,
}

fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Into::into))
}

/// What it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapabilityView {
    /// Which.
    pub capability: Capability,
    /// For people.
    pub name: &'static str,
    /// Whether.
    pub support: Support,
}

/// A connection as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// For people.
    pub vendor_name: &'static str,
    /// Its settings; no secret is in them.
    pub config: ConnectionConfig,
    /// Whether a client secret is kept.
    pub has_secret: bool,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Id of the key it signs with.
    pub key_id: Option<String>,
    /// What the vendor lets other programs do.
    pub capabilities: Vec<CapabilityView>,
}

/// Secrets as they lie sealed.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    client_secret: Option<String>,
    key: Option<(SigningAlgorithm, String)>,
    refresh_token: Option<String>,
}

/// Adapters in use, so that one tenant's limits hold across everything that is asked of it.
#[derive(Default)]
pub(crate) struct Adapters {
    made: Mutex<HashMap<Uuid, Arc<Connected>>>,
    limits: Mutex<HashMap<Uuid, Limiter>>,
    queued: tokio::sync::Notify,
}

impl Adapters {
    /// Something was queued.
    pub(super) fn wake(&self) {
        self.queued.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.queued.notified().await;
    }

    /// A tenant's limit, whatever its settings have become meanwhile.
    fn limit(&self, id: Uuid, config: &ConnectionConfig) -> Limiter {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = limits.get(&id).map_or_else(|| Limiter::of(config), |old| old.again(config));
        limits.insert(id, limit.clone());
        limit
    }

    fn keep(&self, id: Uuid, connected: &Arc<Connected>) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(connected));
    }

    fn forget(&self, id: Uuid) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// A connection at work.
pub(super) struct Connected {
    pub adapter: Arc<dyn Adapter>,
    pub row: EmrConnectionRow,
    pub config: ConnectionConfig,
    traces: Arc<Mutex<Vec<Trace>>>,
}

fn context(id: Uuid) -> String {
    format!("emr:{id}")
}

fn unknown() -> AppError {
    refused("emr_connection_unknown", "There is no such connection.", "iambilly emr list shows them.")
}

impl Session {
    fn emr_surroundings(&self) -> EmrSurroundings {
        EmrSurroundings { now: self.surroundings.now, random: self.surroundings.random }
    }

    fn kept_secrets(&self, row: &EmrConnectionRow) -> Result<Kept, AppError> {
        let plain = self.vault.open_secret(&row.secrets, &context(row.id))?;
        serde_json::from_slice(&plain).map_err(|_| AppError::internal("a connection's secrets are damaged"))
    }

    fn seal_secrets(&self, id: Uuid, kept: &Kept) -> Result<String, AppError> {
        let plain = zeroize(kept)?;
        Ok(self.vault.seal_secret(&plain, &context(id), &mut self.randomness())?)
    }

    async fn emr_row(&self, id: Uuid) -> Result<EmrConnectionRow, AppError> {
        self.emr_rows().await?.into_iter().find(|r| r.id == id).ok_or_else(unknown)
    }

    /// The adapter of a connection, made once.
    pub(super) async fn emr_connected(&self, id: Uuid) -> Result<Arc<Connected>, AppError> {
        let row = self.emr_row(id).await?;
        let kept = self.emr.made.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(connected) = kept.filter(|c| c.row == row) {
            return Ok(connected);
        }
        let config: ConnectionConfig = read_config(&row)?;
        let secrets = secrets(&self.kept_secrets(&row)?)?;
        let traces: Arc<Mutex<Vec<Trace>>> = Arc::default();
        let heard = Arc::clone(&traces);
        let listener = Arc::new(move |trace| {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
        });
        let limit = self.emr.limit(id, &config);
        let adapter = connect_within(config.clone(), secrets, self.emr_surroundings(), listener, limit)?;
        let connected = Arc::new(Connected { adapter, row, config, traces });
        self.emr.keep(id, &connected);
        Ok(connected)
    }

    /// Keeps the traces of what was just asked, and a refresh token that came with it.
    pub(super) async fn emr_note(&self, connected: &Connected) -> Result<(), AppError> {
        let traces = std::mem::take(&mut *connected.traces.lock().unwrap_or_else(PoisonError::into_inner));
        let (id, now) = (connected.row.id, (self.surroundings.now)());
        if !traces.is_empty() {
            let lines: Vec<String> =
                traces.iter().filter_map(|trace| serde_json::to_string(trace).ok()).collect();
            self.store(move |s| s.write(|r| lines.iter().try_for_each(|line| r.trace_emr(id, line, now))))
                .await?;
        }
        if let Some(refresh) = connected.adapter.fresh_refresh_token() {
            let row = self.keep_refresh(self.emr_row(id).await?, &refresh).await?;
            // The adapter that was given it goes on with it, and with the token that came with it.
            if row.config == connected.row.config {
                let same = Connected {
                    adapter: Arc::clone(&connected.adapter),
                    config: connected.config.clone(),
                    traces: Arc::clone(&connected.traces),
                    row,
                };
                self.emr.keep(id, &Arc::new(same));
            }
        }
        Ok(())
    }

    async fn keep_refresh(
        &self,
        mut row: EmrConnectionRow,
        refresh: &SecretString,
    ) -> Result<EmrConnectionRow, AppError> {
        let mut kept = self.kept_secrets(&row)?;
        kept.refresh_token = Some(refresh.expose_secret().to_owned());
        row.secrets = self.seal_secrets(row.id, &kept)?;
        let kept = row.clone();
        self.store(move |s| s.write(|r| r.keep_emr_connection(&kept))).await?;
        Ok(row)
    }

    /// The clinic's connections.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn emr_connections(&self) -> Result<Vec<ConnectionView>, AppError> {
        // Whoever may send, look patients up or set connections up sees which there are; no secret is in them.
        if !self.may(Action::ConnectEmr) && !self.may(Action::ExportClaim) {
            self.allow(Action::ViewMaster).await?;
        }
        self.emr_rows().await?.iter().map(|row| self.emr_view(row)).collect()
    }

    pub(super) async fn emr_rows(&self) -> Result<Vec<EmrConnectionRow>, AppError> {
        self.store(|s| s.read(|r| r.emr_connections())).await
    }

    fn emr_view(&self, row: &EmrConnectionRow) -> Result<ConnectionView, AppError> {
        let config = read_config(row)?;
        let kept = self.kept_secrets(row)?;
        let key_id = secrets(&kept)?.key.map(|k| k.id()).transpose()?;
        let capability = |capability: Capability| CapabilityView {
            capability,
            name: capability.name(),
            support: config.vendor.support(capability),
        };
        Ok(ConnectionView {
            id: row.id,
            name: row.name.clone(),
            vendor_name: config.vendor.name(),
            capabilities: Capability::ALL.into_iter().map(capability).collect(),
            has_secret: kept.client_secret.is_some(),
            signed_in: kept.refresh_token.is_some(),
            key_id,
            config,
        })
    }

    /// Keeps a connection, new or changed. A key that it needs is drawn.
    ///
    /// # Errors
    /// `emr_address_invalid`, `emr_not_set_up`, `emr_name_missing`.
    pub async fn keep_emr(&self, new: NewConnection) -> Result<ConnectionView, AppError> {
        self.allow(Action::ConnectEmr).await?;
        let name = new.name.trim().to_owned();
        if name.is_empty() {
            return Err(refused(
                "emr_name_missing",
                "The connection has no name.",
                "Give it one, e.g. the hospital's.",
            ));
        }
        new.config.check()?;
        let now = (self.surroundings.now)();
        let (mut row, mut kept) = match new.id {
            Some(id) => {
                let row = self.emr_row(id).await?;
                let mut kept = self.kept_secrets(&row)?;
                // Another system's token is not this one's.
                if read_config(&row)?.base_url != new.config.base_url {
                    kept.refresh_token = None;
                }
                (row, kept)
            }
            None => {
                let id = self.surroundings.id();
                let row = EmrConnectionRow {
                    id,
                    name: String::new(),
                    config: String::new(),
                    secrets: String::new(),
                    created_at: now,
                };
                (row, Kept::default())
            }
        };
        if let Some(secret) = new.client_secret.filter(|s| !s.expose_secret().is_empty()) {
            kept.client_secret = Some(secret.expose_secret().to_owned());
        }
        let algorithm = match new.config.sign_in {
            SignIn::BackendRs384 => Some(SigningAlgorithm::Rs384),
            SignIn::BackendEs384 => Some(SigningAlgorithm::Es384),
            _ => None,
        };
        if let Some(algorithm) = algorithm.filter(|a| kept.key.as_ref().is_none_or(|(of, _)| of != a)) {
            let key = crate::session::blocking(move || Ok(SigningKey::generate(algorithm)?)).await?;
            kept.key = Some((algorithm, key.private().expose_secret().to_owned()));
        }
        row.name = name;
        row.config =
            serde_json::to_string(&new.config).map_err(|_| AppError::internal("settings are not JSON"))?;
        row.secrets = self.seal_secrets(row.id, &kept)?;
        let view = self.emr_view(&row)?;
        self.emr.forget(row.id);
        let by = self.by();
        self.store(move |s| {
            s.write(|r| {
                r.keep_emr_connection(&row)?;
                r.append_audit(&by, "emr.connection_kept", &row.id.to_string(), now).map(drop)
            })
        })
        .await?;
        Ok(view)
    }

    /// Removes a connection with its secrets.
    ///
    /// # Errors
    /// `not_found`, `not_allowed_now` while something is on its way there.
    pub async fn remove_emr(&self, id: Uuid) -> Result<(), AppError> {
        self.allow(Action::ConnectEmr).await?;
        let (by, now) = (self.by(), (self.surroundings.now)());
        self.emr.forget(id);
        self.store(move |s| {
            s.write(|r| {
                r.remove_emr_connection(id, now)?;
                r.append_audit(&by, "emr.connection_removed", &id.to_string(), now).map(drop)
            })
        })
        .await
    }

    /// Checks a connection step by step; says what the hospital's administrator must do.
    ///
    /// # Errors
    /// `emr_connection_unknown`; trouble with the EMR is in the answer.
    pub async fn test_emr(&self, id: Uuid) -> Result<Vec<Probe>, AppError> {
        self.allow(Action::ConnectEmr).await?;
        let connected = self.emr_connected(id).await?;
        let probes = connected.adapter.probe().await;
        self.emr_note(&connected).await?;
        Ok(probes)
    }

    /// The public half of the connection's key as a JWK set, to be hosted or handed to the administrator.
    ///
    /// # Errors
    /// `emr_no_key`.
    pub async fn emr_jwks(&self, id: Uuid) -> Result<serde_json::Value, AppError> {
        self.allow(Action::ConnectEmr).await?;
        let row = self.emr_row(id).await?;
        let key = secrets(&self.kept_secrets(&row)?)?.key;
        let key = key.ok_or_else(|| {
            refused(
                "emr_no_key",
                "This connection signs with no key.",
                "Choose SMART backend services as its sign-in.",
            )
        })?;
        Ok(key.jwks()?)
    }

    /// Signs a person in in the browser (SMART App Launch); `open` is given the address to open. Waits five minutes at
    /// most.
    ///
    /// # Errors
    /// `emr_timed_out`, `emr_sign_in_refused`, `emr_not_set_up`.
    pub async fn sign_in_emr(&self, id: Uuid, open: impl FnOnce(&str) + Send) -> Result<(), AppError> {
        self.allow(Action::ConnectEmr).await?;
        let row = self.emr_row(id).await?;
        let config = read_config(&row)?;
        if config.sign_in != SignIn::Launch {
            return Err(Fault::new(
                FaultKind::Input,
                "emr_no_sign_in",
                "This connection needs no sign-in by a person.",
                "Test it instead.",
            )
            .into());
        }
        let limit = self.emr.limit(id, &config);
        let transport = Transport::within(&config, self.emr_surroundings(), Arc::new(|_| {}), limit)?;
        let launch = Launch::begin(&config, &transport).await?;
        open(launch.url.as_str());
        let token = launch.finish(&transport).await?;
        let refresh = token.refresh.ok_or_else(|| {
            refused(
                "emr_no_refresh_token",
                "The EMR gave a sign-in that ends within the hour.",
                "Ask the administrator to allow “offline_access” for this program.",
            )
        })?;
        self.keep_refresh(row, &refresh).await?;
        self.emr.forget(id);
        self.note("emr.signed_in", &id.to_string()).await
    }

    /// The newest exchanges with an EMR, without anything of a patient.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn emr_traces(&self, id: Uuid) -> Result<Vec<serde_json::Value>, AppError> {
        self.allow(Action::ConnectEmr).await?;
        let rows = self.store(move |s| s.read(|r| r.emr_traces(id, 200))).await?;
        let line = |(at, json): (jiff::Timestamp, String)| {
            let mut value: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
            if let Some(members) = value.as_object_mut() {
                members.insert("at".to_owned(), format!("{at:.3}").into());
            }
            value
        };
        Ok(rows.into_iter().map(line).collect())
    }
}

pub(super) fn read_config(row: &EmrConnectionRow) -> Result<ConnectionConfig, AppError> {
    serde_json::from_str(&row.config).map_err(|_| AppError::internal("a connection's settings are damaged"))
}

fn secrets(kept: &Kept) -> Result<Secrets, AppError> {
    let key = kept.key.as_ref().map(|(algorithm, key)| SigningKey::kept(*algorithm, key.clone().into()));
    Ok(Secrets {
        client_secret: kept.client_secret.clone().map(Into::into),
        key: key.transpose()?,
        refresh_token: kept.refresh_token.clone().map(Into::into),
    })
}

fn zeroize(kept: &Kept) -> Result<zeroize::Zeroizing<Vec<u8>>, AppError> {
    let plain = serde_json::to_vec(kept).map_err(|_| AppError::internal("secrets are not JSON"))?;
    Ok(zeroize::Zeroizing::new(plain))
}
