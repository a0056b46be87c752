//! The window's state: the session while it is unlocked, and what runs for the page (playback, recording).

use iambilly_app::recording::{Microphone, Recording};
use iambilly_app::session::{Config, Session};
use iambilly_app::sound::Playing;
use iambilly_app::{Cancel, Surroundings, paths::Paths};
use iambilly_claim::{Fault, FaultKind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Emitter};

/// Managed by Tauri; one a process.
pub(crate) struct Desk {
    pub(crate) handle: AppHandle,
    pub(crate) config: Config,
    pub(crate) surroundings: Surroundings,
    session: Mutex<Option<Arc<Session>>>,
    playing: Mutex<Option<Playing>>,
    microphone: Mutex<Option<Microphone>>,
    recording: Mutex<Option<Recording>>,
    opened: Mutex<Option<String>>,
    importing: Mutex<Cancel>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(crate) fn new(handle: AppHandle, opened: Option<String>) -> Self {
        let program = std::env::current_exe().unwrap_or_default();
        let paths = Paths::from_environment(&|name| std::env::var(name).ok(), Path::new(&program));
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            handle,
            config: Config::new(paths, threads),
            surroundings: Surroundings::system(),
            session: Mutex::new(None),
            playing: Mutex::new(None),
            microphone: Mutex::new(None),
            recording: Mutex::new(None),
            opened: Mutex::new(opened),
            importing: Mutex::new(Cancel::new()),
        }
    }

    /// The unlocked session.
    pub(crate) fn session(&self) -> Result<Arc<Session>, Fault> {
        held(&self.session).clone().ok_or_else(|| {
            Fault::new(
                FaultKind::Locked,
                "locked",
                "IamBilly is locked.",
                "Unlock it; nothing has been lost.",
            )
        })
    }

    pub(crate) fn is_unlocked(&self) -> bool {
        held(&self.session).is_some()
    }

    /// Takes the session in, forwards its events to the page and lets its pipeline work.
    pub(crate) fn opened_session(&self, session: Arc<Session>) {
        let mut events = session.subscribe();
        let handle = self.handle.clone();
        tauri::async_runtime::spawn(async move {
            loop {
                match events.recv().await {
                    Ok(event) => {
                        let _ = handle.emit("stage", event);
                    }
                    // The page missed some progress; the next event brings it up to date.
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
                }
            }
        });
        let working = Arc::clone(&session);
        tauri::async_runtime::spawn(async move { working.work().await });
        *held(&self.session) = Some(session);
    }

    /// Locks: keys leave memory with the session; the work that is under way stops and continues on unlock.
    pub(crate) fn close(&self) {
        crate::keys::give_back(&self.handle);
        held(&self.playing).take();
        held(&self.microphone).take();
        held(&self.recording).take();
        if let Some(session) = held(&self.session).take() {
            session.close();
        }
        let _ = self.handle.emit("session", serde_json::json!({"state": "locked"}));
    }

    pub(crate) fn play(&self, playing: Option<Playing>) {
        *held(&self.playing) = playing;
    }
    pub(crate) fn microphone(&self, ready: Option<Microphone>) -> Option<Microphone> {
        std::mem::replace(&mut *held(&self.microphone), ready)
    }
    pub(crate) fn is_recording(&self) -> bool {
        held(&self.recording).is_some()
    }
    pub(crate) fn pause(&self, paused: bool) {
        if let Some(recording) = held(&self.recording).as_ref() {
            recording.pause(paused);
        }
    }
    pub(crate) fn record(&self, recording: Option<Recording>) -> Option<Recording> {
        std::mem::replace(&mut *held(&self.recording), recording)
    }
    /// Stops the import that runs, if one does, and gives the next one its own end.
    pub(crate) fn import(&self) -> Cancel {
        let next = Cancel::new();
        std::mem::replace(&mut *held(&self.importing), next.clone()).cancel();
        next
    }
    pub(crate) fn opened_file(&self) -> Option<String> {
        held(&self.opened).take()
    }
}
