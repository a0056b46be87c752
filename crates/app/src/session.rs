//! The unlocked session: store, vault and engines, open together and closed together.

use crate::error::AppError;
use crate::events::Event;
use crate::live::Listener;
use crate::paths::Paths;
use crate::people::{Actor, Attempt, SignIn, unnamed};
use crate::rules::Rules;
use crate::surroundings::Surroundings;
use iambilly_claim::ids::{DictationId, RecordingId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_engines::{Cancel, EngineSettings, Engines, GpuChoice};
use iambilly_store::{Store, StoreKeys};
pub use iambilly_vault::RecoveryWords;
use iambilly_vault::{
    KeySource, KeyringStore, KeyringTrouble, Opener, OsKeyring, PersonRef, Randomness, Vault, VaultError,
    VaultMode, VaultStatus,
};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast};

/// Where the program lives and how much of the machine it may use.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folders.
    pub paths: Paths,
    /// Processor threads for the model workers.
    pub threads: usize,
    /// The rule book that claims are judged by.
    pub rules: Rules,
    /// Which device the workers should use.
    pub gpu: GpuChoice,
}

impl Config {
    /// A configuration with automatic device choice.
    #[must_use]
    pub fn new(paths: Paths, threads: usize) -> Self {
        let rules = Rules::of(paths.rules.clone());
        Self { paths, threads, rules, gpu: GpuChoice::default() }
    }

    /// The model workers of this configuration.
    #[must_use]
    pub fn engines(&self) -> Engines {
        let mut settings =
            EngineSettings::new(self.paths.workers.clone(), self.paths.models.clone(), self.threads);
        settings.gpu = self.gpu;
        Engines::new(settings)
    }
}

/// How to unlock.
pub enum Unlock {
    /// With the operating system's keyring.
    Keyring,
    /// With a passphrase.
    Passphrase(SecretString),
    /// With the recovery kit, where keyring or passphrase is gone.
    Kit(RecoveryWords),
    /// As a person, once there are accounts.
    Person(SignIn),
}

impl Unlock {
    /// A passphrase as typed.
    #[must_use]
    pub fn passphrase(typed: String) -> Self {
        Self::Passphrase(SecretString::from(typed))
    }
    /// The words of a recovery kit as typed.
    ///
    /// # Errors
    /// `recovery_kit_unreadable`.
    pub fn kit(typed: &str) -> Result<Self, Fault> {
        Ok(Self::Kit(RecoveryWords::typed(typed).map_err(|e| e.fault())?))
    }
}

/// Shortest passphrase a new data folder takes, in characters.
const SHORTEST_PASSPHRASE: usize = 8;

/// Whether a data folder is there, and open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Nothing is there yet.
    New,
    /// Keys are needed to read it.
    Locked,
    /// It is open.
    Unlocked,
}

/// What opens a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    /// The system's keyring.
    Keyring,
    /// One passphrase.
    Passphrase,
    /// A name and a password.
    People,
}

impl OpenedBy {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::People => "people",
        }
    }
}

/// State of the data folder as the unlock screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionStatus {
    /// Whether it is there, and open.
    pub state: SessionState,
    /// What opens it.
    pub mode: OpenedBy,
    /// Whether this machine has a keyring that answers.
    pub keyring_available: bool,
    /// Version of the program.
    pub version: &'static str,
}

impl SessionStatus {
    /// Whether a name and a password are needed to go on.
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        self.mode == OpenedBy::People
    }
    /// Whether a passphrase is needed to go on.
    #[must_use]
    pub fn needs_passphrase(&self) -> bool {
        self.mode == OpenedBy::Passphrase
    }
    /// Whether nothing exists yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.state == SessionState::New
    }
}

/// An unlocked data folder at work.
pub struct Session {
    pub(crate) config: Config,
    pub(crate) surroundings: Surroundings,
    pub(crate) actor: Actor,
    /// Until when the glass is broken.
    pub(crate) glass: Mutex<Option<Timestamp>>,
    pub(crate) vault: Arc<Vault>,
    store: Arc<Store>,
    pub(crate) engines: Engines,
    events: broadcast::Sender<Event>,
    /// Told when a job was enqueued.
    pub(crate) work: Notify,
    /// Ends everything this session runs.
    pub(crate) closing: Cancel,
    running: Mutex<HashMap<DictationId, Cancel>>,
    recording: Mutex<Option<RecordingId>>,
    listening: Mutex<HashMap<RecordingId, Listener>>,
    pub(crate) notes: crate::audit::Notes,
    pub(crate) library: crate::library::Cache,
    pub(crate) emr: crate::emr::Adapters,
}

/// Randomness of the surroundings, as the vault wants it.
pub(crate) struct Random(pub(crate) fn(&mut [u8]) -> bool);

impl Randomness for Random {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), VaultError> {
        if (self.0)(buffer) { Ok(()) } else { Err(VaultError::NoRandomness) }
    }
}

impl Session {
    /// Looks at the data folder without opening it.
    ///
    /// # Errors
    /// When the vault file is damaged or newer than the program.
    pub fn status(config: &Config, unlocked: bool) -> Result<SessionStatus, Fault> {
        let status = Vault::status(&config.paths.data).map_err(|e| e.fault())?;
        let keyring_available = OsKeyring::connect().is_ok();
        let (state, mode) = match status {
            VaultStatus::New if keyring_available => (SessionState::New, OpenedBy::Keyring),
            VaultStatus::New => (SessionState::New, OpenedBy::Passphrase),
            VaultStatus::Locked { mode: VaultMode::Keyring } => (SessionState::Locked, OpenedBy::Keyring),
            VaultStatus::Locked { mode: VaultMode::Passphrase } => {
                (SessionState::Locked, OpenedBy::Passphrase)
            }
            VaultStatus::Locked { mode: VaultMode::People } => (SessionState::Locked, OpenedBy::People),
        };
        let state = if unlocked { SessionState::Unlocked } else { state };
        Ok(SessionStatus { state, mode, keyring_available, version: env!("CARGO_PKG_VERSION") })
    }

    /// Opens the data folder, making it on first use.
    ///
    /// # Errors
    /// `wrong_passphrase`, `keyring_…`, `database_newer`, `disk_full` and what the file system says.
    pub async fn open(
        config: Config,
        surroundings: Surroundings,
        how: Unlock,
    ) -> Result<Arc<Self>, AppError> {
        let opening = config.clone();
        let again = match &how {
            Unlock::Person(given) => Some((given.name.clone(), given.password.clone())),
            _ => None,
        };
        let (vault, store, actor) = blocking(move || {
            let opened = open_sealed(&opening, surroundings, how, Opening::Usual)?;
            if let (Some((name, password)), Opener::Person { id, stale: true }) =
                (again, opened.0.opened_by())
            {
                // The password is here only now; one that cannot be kept under today's costs still opens.
                let person = PersonRef { id: id.clone(), name };
                let keyring = OsKeyring::connect().ok();
                let keyring = keyring.as_ref().map(|k| k as &dyn KeyringStore);
                let _ = opened.0.let_in(
                    &opening.paths.data,
                    &person,
                    &password,
                    keyring,
                    &mut Random(surroundings.random),
                );
            }
            Ok(opened)
        })
        .await?;
        Self::start(config, surroundings, vault, store, actor).await
    }

    /// A session of an open vault and store; that it was unlocked is the first thing noted.
    pub(crate) async fn start(
        config: Config,
        surroundings: Surroundings,
        vault: Vault,
        store: Store,
        actor: Actor,
    ) -> Result<Arc<Self>, AppError> {
        let engines = config.engines();
        let (events, _) = broadcast::channel(256);
        let session = Arc::new(Self {
            config,
            surroundings,
            actor,
            glass: Mutex::new(None),
            vault: Arc::new(vault),
            store: Arc::new(store),
            engines,
            events,
            work: Notify::new(),
            closing: Cancel::new(),
            running: Mutex::new(HashMap::new()),
            recording: Mutex::new(None),
            listening: Mutex::new(HashMap::new()),
            notes: crate::audit::Notes::default(),
            library: crate::library::Cache::default(),
            emr: crate::emr::Adapters::default(),
        });
        session.note_unlock().await?;
        session.recall_glass().await?;
        Ok(session)
    }

    /// Events from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    pub(crate) fn store_handle(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// Runs a store call on a thread that may wait for the disk.
    pub(crate) async fn store<T, F>(&self, call: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&Store) -> Result<T, iambilly_store::StoreError> + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        blocking(move || call(&store).map_err(AppError::from)).await
    }

    /// The same on the calling thread, for threads of our own.
    pub(crate) fn store_now<T>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, iambilly_store::StoreError>,
    ) -> Result<T, AppError> {
        Ok(call(&self.store)?)
    }

    pub(crate) fn randomness(&self) -> impl Randomness + use<> {
        Random(self.surroundings.random)
    }

    pub(crate) fn running(&self) -> MutexGuard<'_, HashMap<DictationId, Cancel>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes which recording the microphone is writing, if any.
    pub(crate) fn set_recording(&self, id: Option<RecordingId>) {
        *self.recording.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }

    pub(crate) fn recording_now(&self, id: RecordingId) -> bool {
        *self.recording.lock().unwrap_or_else(PoisonError::into_inner) == Some(id)
    }

    /// Whether a recording runs, or its words are still being heard.
    pub(crate) fn hears_now(&self) -> bool {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner).is_some()
            || !self.listening.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Keeps who listens to a recording until its transcript is made.
    pub(crate) fn set_listener(&self, of: RecordingId, listener: Listener) {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).insert(of, listener);
    }

    pub(crate) fn listener_of(&self, recording: RecordingId) -> Option<Listener> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).remove(&recording)
    }

    /// Stops what runs; jobs go back to the queue and continue at the next unlock.
    pub fn close(&self) {
        self.closing.cancel();
        for cancel in self.running().values() {
            cancel.cancel();
        }
    }

    /// Closes and waits until the workers have ended.
    pub async fn shut_down(&self) {
        self.close();
        self.anchor_elsewhere().await;
        self.engines.shutdown().await;
    }
}

/// Whether a data folder that its owner opens alone has no recovery kit; where people sign in, administrators are told.
#[must_use]
pub fn kit_is_missing(config: &Config) -> bool {
    let alone = match Vault::status(&config.paths.data) {
        Ok(VaultStatus::Locked { mode }) => mode != VaultMode::People,
        _ => false,
    };
    alone && Vault::has_kit(&config.paths.data).is_ok_and(|made| !made)
}

/// Runs a blocking call off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(call)
        .await
        .unwrap_or_else(|_| Err(AppError::internal("a background task ended early")))
}

/// Whether records that contradict their anchor are refused or opened to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    Usual,
    Unanchored,
}

pub(crate) fn open_sealed(
    config: &Config,
    surroundings: Surroundings,
    how: Unlock,
    opening: Opening,
) -> Result<(Vault, Store, Actor), AppError> {
    let (paths, now) = (&config.paths, (surroundings.now)());
    let (named, code) = match &how {
        Unlock::Person(given) => (Some(given.name.clone()), given.code.clone()),
        _ => (None, None),
    };
    let mut attempt = named.map(|name| Attempt::begin(&paths.data, &name, now)).transpose()?;
    let vault = with_source(how, |source| match Vault::status(&paths.data)? {
        VaultStatus::Locked { .. } => Ok(Vault::open(&paths.data, source).inspect_err(|error| {
            let refused = VaultError::fault(error).kind == FaultKind::Locked;
            if let Some(attempt) = &mut attempt {
                attempt.refused(error);
            } else if refused && !matches!(error, VaultError::KeyringUnavailable | VaultError::KeyringLocked)
            {
                crate::audit::note_refused_unlock(&paths.data, now, None);
            }
        })?),
        VaultStatus::New if matches!(source, KeySource::Person { .. }) => Err(no_accounts().into()),
        VaultStatus::New => {
            check_new_passphrase(source)?;
            create_folder(&paths.data)?;
            Ok(Vault::create(&paths.data, source, &mut Random(surroundings.random))?)
        }
    })?;
    create_folder(&paths.audio())?;
    let look = opening == Opening::Usual && crate::soundness::ended_badly(config);
    let audit = vault.audit_key()?;
    let keys = StoreKeys { database: vault.database_key().expose(), audit: audit.expose() };
    let store = match opening {
        Opening::Usual => Store::open(&paths.database(), keys)?,
        Opening::Unanchored => Store::open_unanchored(&paths.database(), keys)?,
    };
    if look {
        store.look_through(false)?;
    }
    let actor = match (attempt, vault.opened_by()) {
        (Some(attempt), Opener::Person { id, .. }) => attempt.finish(&store, id, code.as_deref())?,
        (_, opener) => unnamed(&store, opener)?,
    };
    Ok((vault, store, actor))
}

/// Opens with what a person gave; the keyring stays connected meanwhile.
pub(crate) fn with_source<T>(
    how: Unlock,
    open: impl FnOnce(&KeySource<'_>) -> Result<T, AppError>,
) -> Result<T, AppError> {
    match how {
        Unlock::Keyring => {
            let keyring = OsKeyring::connect().map_err(|trouble| match trouble {
                KeyringTrouble::Locked => VaultError::KeyringLocked,
                KeyringTrouble::Unavailable => VaultError::KeyringUnavailable,
            })?;
            open(&KeySource::Keyring(&keyring))
        }
        Unlock::Passphrase(passphrase) => open(&KeySource::Passphrase(passphrase)),
        Unlock::Kit(words) => open(&KeySource::Kit(words)),
        Unlock::Person(given) => {
            // Needed only where the vault was made with one; it says so itself.
            let keyring = OsKeyring::connect().ok();
            let keyring = keyring.as_ref().map(|k| k as &dyn KeyringStore);
            open(&KeySource::Person { name: given.name, password: given.password, keyring })
        }
    }
}

fn no_accounts() -> Fault {
    Fault::new(
        FaultKind::Usage,
        "no_accounts",
        "This data folder has no accounts, so nobody signs in by name.",
        "Leave --user away; iambilly users add NAME --role administrator makes the first account.",
    )
}

pub(crate) fn check_new_passphrase(source: &KeySource<'_>) -> Result<(), AppError> {
    use secrecy::ExposeSecret;
    match source {
        KeySource::Passphrase(p) if p.expose_secret().chars().count() < SHORTEST_PASSPHRASE => {
            Err(Fault::new(
                FaultKind::Usage,
                "passphrase_short",
                "That passphrase is too short to guard patients' records.",
                format!(
                    "Take at least {SHORTEST_PASSPHRASE} characters; four or five random words are good."
                ),
            )
            .into())
        }
        _ => Ok(()),
    }
}

/// Makes a folder that only its owner can enter.
fn create_folder(path: &std::path::Path) -> Result<(), AppError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| AppError::file("make the data folder", &e))
}
