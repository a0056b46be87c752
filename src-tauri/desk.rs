//! The window's state: the session while it is unlocked, and what runs for the page (playback, recording).

use crate::events::{SessionEnded, tell};
use iambilly_app::audit::AuditRoom;
use iambilly_app::one_window::OneWindow;
use iambilly_app::people::{Guards, NewSecondFactor};
use iambilly_app::recording::{Adrift, Microphone, Recording};
use iambilly_app::session::{Config, RecoveryWords, Session, SessionState};
use iambilly_app::sound::Playing;
use iambilly_app::{Cancel, Surroundings, paths::Paths};
use iambilly_claim::{Fault, FaultKind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tauri::{AppHandle, Manager};

/// How often the window is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often a scheduled backup is looked for.
const BACKUPS: Duration = Duration::from_secs(300);

/// How long the window was left alone.
struct Idle {
    limit: Duration,
    /// By the steady clock, which may stand still while the computer sleeps, and by the wall's.
    since: Option<(Instant, SystemTime)>,
    paused: bool,
}

impl Idle {
    fn new() -> Self {
        Self {
            limit: Duration::from_secs(u64::from(Guards::default().idle_minutes) * 60),
            since: None,
            paused: false,
        }
    }

    fn is_over(&self, now: Instant, wall: SystemTime) -> bool {
        self.since.is_some_and(|(at, then)| {
            let slept = wall.duration_since(then).unwrap_or_default();
            now.duration_since(at).max(slept) >= self.limit
        })
    }
}

/// Locks a window that was left alone, and makes the backups that are due.
pub(crate) fn watch(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        let mut until_backup = Duration::ZERO;
        loop {
            tokio::time::sleep(LOOK).await;
            let desk = app.state::<Desk>();
            desk.look_idle();
            until_backup = until_backup.saturating_sub(LOOK);
            if until_backup.is_zero()
                && let Ok(session) = desk.session()
            {
                until_backup = BACKUPS;
                if let Err(error) = session.backup_when_due().await {
                    tracing::warn!(code = error.fault().code, "the scheduled backup was not made");
                }
                if let Err(error) = session.keep_retention().await {
                    tracing::warn!(code = error.fault().code, "audio past its retention was not erased");
                }
            }
        }
    });
}

/// How soon the window comes forward when it is started again.
const CALLS: Duration = Duration::from_millis(400);

/// Where this window's data and models are.
pub(crate) fn paths() -> Paths {
    let program = std::env::current_exe().unwrap_or_default();
    Paths::from_environment(&|name| std::env::var(name).ok(), Path::new(&program))
}

/// Brings the window forward whenever a second one was started.
pub(crate) fn answer_calls(app: AppHandle, window: OneWindow) {
    tauri::async_runtime::spawn(async move {
        loop {
            tokio::time::sleep(CALLS).await;
            if window.was_called()
                && let Some(shown) = app.get_webview_window("main")
            {
                // What a desktop does not let come forward still asks for attention.
                let _ = shown.unminimize();
                let _ = shown.show();
                let _ = shown.set_focus();
                let _ = shown.request_user_attention(Some(tauri::UserAttentionType::Informational));
                tracing::info!("a second window called this one forward");
            }
        }
    });
}

/// Managed by Tauri; one a process.
pub(crate) struct Desk {
    pub(crate) handle: AppHandle,
    pub(crate) config: Config,
    pub(crate) surroundings: Surroundings,
    session: Mutex<Option<Arc<Session>>>,
    playing: Mutex<Option<Playing>>,
    microphone: Mutex<Option<Microphone>>,
    recording: Mutex<Option<Recording>>,
    /// A recording that goes on while the window is locked.
    adrift: Mutex<Option<Adrift>>,
    idle: Mutex<Idle>,
    kit: Mutex<Option<RecoveryWords>>,
    factor: Mutex<Option<NewSecondFactor>>,
    room: Mutex<Option<AuditRoom>>,
    opened: Mutex<Option<String>>,
    importing: Mutex<Cancel>,
    bringing: Mutex<Cancel>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(crate) fn new(handle: AppHandle, opened: Option<String>) -> Self {
        let paths = paths();
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            handle,
            config: Config::new(paths, threads),
            surroundings: Surroundings::system(),
            session: Mutex::new(None),
            playing: Mutex::new(None),
            microphone: Mutex::new(None),
            recording: Mutex::new(None),
            adrift: Mutex::new(None),
            idle: Mutex::new(Idle::new()),
            kit: Mutex::new(None),
            factor: Mutex::new(None),
            room: Mutex::new(None),
            opened: Mutex::new(opened),
            importing: Mutex::new(Cancel::new()),
            bringing: Mutex::new(Cancel::new()),
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
    pub(crate) async fn opened_session(&self, session: Arc<Session>) {
        // Before the pipeline works: a recording that nobody makes is taken for cut off.
        let adrift = held(&self.adrift).take();
        if let Some(adrift) = adrift {
            match adrift.take_back(Arc::clone(&session)).await {
                Ok(recording) => *held(&self.recording) = Some(recording),
                Err(error) => tracing::warn!(code = error.fault().code, "a recording was not taken back"),
            }
        }
        self.room(None);
        self.idle_after(session.guards().await.unwrap_or_default().idle_minutes);
        self.active();
        let mut events = session.subscribe();
        let handle = self.handle.clone();
        tauri::async_runtime::spawn(async move {
            loop {
                match events.recv().await {
                    Ok(event) => {
                        tell(&handle, &event);
                    }
                    // The page missed some progress; the next event brings it up to date.
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
                }
            }
        });
        let working = Arc::clone(&session);
        tauri::async_runtime::spawn(async move { working.work().await });
        let looked_at = Arc::clone(&session);
        let damaged = self.handle.clone();
        tauri::async_runtime::spawn(async move {
            if let Err(error) = looked_at.check_records().await {
                tell(&damaged, &error.fault());
            }
        });
        let delivering = Arc::clone(&session);
        tauri::async_runtime::spawn(async move { delivering.deliver_to_emrs().await });
        let (watching, page) = (Arc::clone(&session), self.handle.clone());
        tauri::async_runtime::spawn(async move {
            watching.watch_folders(&|looked| tell(&page, looked)).await;
        });
        *held(&self.session) = Some(session);
    }

    /// Locks: keys leave memory with the session, the work that is under way stops and continues on unlock. A recording
    /// goes on with its own key alone.
    pub(crate) fn lock(&self) {
        let recording = held(&self.recording).take();
        if let Some(recording) = recording {
            *held(&self.adrift) = Some(recording.cast_off());
        }
        let session = self.end();
        if let Some(session) = session {
            tauri::async_runtime::spawn(async move { session.shut_down().await });
        }
    }

    /// Closes with the program.
    pub(crate) fn close(&self) {
        held(&self.recording).take();
        held(&self.adrift).take();
        self.end();
    }

    fn end(&self) -> Option<Arc<Session>> {
        crate::keys::give_back(&self.handle);
        held(&self.playing).take();
        held(&self.microphone).take();
        self.kit(None);
        self.factor(None);
        self.room(None);
        let session = held(&self.session).take();
        if let Some(session) = &session {
            session.close();
        }
        tell(&self.handle, &SessionEnded { state: SessionState::Locked });
        session
    }

    /// Somebody uses the window.
    pub(crate) fn active(&self) {
        held(&self.idle).since = Some((Instant::now(), SystemTime::now()));
    }

    /// Locks after so many minutes without use.
    pub(crate) fn idle_after(&self, minutes: u32) {
        held(&self.idle).limit = Duration::from_secs(u64::from(minutes) * 60);
    }

    /// Looks whether the window was left alone; dictating is using it.
    fn look_idle(&self) {
        if !self.is_unlocked() {
            return;
        }
        if self.is_recording() && !held(&self.idle).paused {
            return self.active();
        }
        if held(&self.idle).is_over(Instant::now(), SystemTime::now()) {
            self.lock();
        }
    }

    /// A recording that goes on while the window is locked.
    pub(crate) fn adrift(&self) -> Option<Adrift> {
        held(&self.adrift).take()
    }
    pub(crate) fn kit(&self, drawn: Option<RecoveryWords>) -> Option<RecoveryWords> {
        std::mem::replace(&mut *held(&self.kit), drawn)
    }
    pub(crate) fn factor(&self, drawn: Option<NewSecondFactor>) -> Option<NewSecondFactor> {
        std::mem::replace(&mut *held(&self.factor), drawn)
    }
    pub(crate) fn room(&self, room: Option<AuditRoom>) -> Option<AuditRoom> {
        std::mem::replace(&mut *held(&self.room), room)
    }
    /// The device of a recording that runs, locked or not.
    pub(crate) fn recording_device(&self) -> Option<String> {
        let own = held(&self.recording).as_ref().map(|r| r.device().to_owned());
        own.or_else(|| held(&self.adrift).as_ref().map(|r| r.device().to_owned()))
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
        held(&self.idle).paused = paused;
        self.active();
        if let Some(adrift) = held(&self.adrift).as_ref() {
            adrift.pause(paused);
        }
        if let Some(recording) = held(&self.recording).as_ref() {
            recording.pause(paused);
        }
    }
    pub(crate) fn record(&self, recording: Option<Recording>) -> Option<Recording> {
        held(&self.idle).paused = false;
        std::mem::replace(&mut *held(&self.recording), recording)
    }
    /// Stops the import that runs, if one does, and gives the next one its own end.
    pub(crate) fn import(&self) -> Cancel {
        let next = Cancel::new();
        std::mem::replace(&mut *held(&self.importing), next.clone()).cancel();
        next
    }
    /// The same for models on their way.
    pub(crate) fn bring(&self) -> Cancel {
        let next = Cancel::new();
        std::mem::replace(&mut *held(&self.bringing), next.clone()).cancel();
        next
    }
    pub(crate) fn opened_file(&self) -> Option<String> {
        held(&self.opened).take()
    }
}
