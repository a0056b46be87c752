//! The microphone: open and ready with the last second in memory, then recording, sealed second by second.
//!
//! Beside the sealing a listener makes text. A dictation that was stopped, or cut off and recovered, can be
//! continued: what is added is a recording of its own, under a key of its own, that its dictation names next.

mod adrift;
mod begin;
mod sink;
mod state;

use crate::error::AppError;
use crate::events::Stage;
use crate::intake::{self, Material, NewDictation};
use crate::live::{self, LiveView};
use crate::models;
use crate::people::Action;
use crate::pipeline;
use crate::session::{Session, blocking};
use crate::stages::import;
use crate::stages::recognise::Recogniser;
use crate::view::LevelView;
pub use adrift::Adrift;
use begin::{Begun, Place};
use iambilly_claim::ids::{DictationId, JobId, RecordingId};
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_engines::Role;
pub use iambilly_sound::capture::Input;
use iambilly_sound::capture::{self, Capture};
use iambilly_speech::{assemble, duration_ms};
use iambilly_store::{Dictation, RecordingState};
use sink::{Ended, Sealing, Sink};
use state::Happening;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The microphones that can be chosen.
#[must_use]
pub fn microphones() -> Vec<Input> {
    capture::inputs()
}

/// Setting that remembers the chosen microphone.
const CHOICE: &str = "microphone";

/// Id of the microphone that was chosen; none follows the system's default.
///
/// # Errors
/// Those of the store.
pub async fn chosen(session: &Session) -> Result<Option<String>, AppError> {
    session.store(|s| s.read(|r| r.setting(CHOICE))).await
}

/// Remembers a chosen microphone, or that the system's default is followed.
///
/// # Errors
/// Those of the store.
pub async fn choose(session: &Session, id: Option<String>) -> Result<(), AppError> {
    session.allow(Action::Devices).await?;
    let (now, by) = ((session.surroundings.now)(), session.by());
    session.store(move |s| s.write(|r| r.change_setting(&by, CHOICE, id.as_ref(), now))).await
}

type SharedSink = Arc<Mutex<Sink>>;

fn held(sink: &SharedSink) -> MutexGuard<'_, Sink> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An open microphone. What it hears stays in memory, a second of it, until a recording begins.
pub struct Microphone {
    session: Arc<Session>,
    capture: Capture,
    sink: SharedSink,
}

/// A recording that did not begin. The microphone is as ready as before.
pub struct Refused {
    /// Still open.
    pub microphone: Microphone,
    /// Why.
    pub error: AppError,
}

impl From<Refused> for iambilly_claim::Fault {
    fn from(refused: Refused) -> Self {
        refused.error.fault()
    }
}

impl Microphone {
    /// Opens the microphone of this id, or the default one.
    ///
    /// # Errors
    /// `no_microphone`, `sound_permission`, `sound_device_failed`.
    pub async fn open(
        session: Arc<Session>,
        wanted: Option<String>,
        level: impl Fn(LevelView) + Send + 'static,
    ) -> Result<Self, AppError> {
        session.allow(Action::Dictate).await?;
        let sink: SharedSink = Arc::new(Mutex::new(Sink::new()));
        let writing = Arc::clone(&sink);
        let capture = blocking(move || {
            Ok(Capture::start(wanted, move |block, now| {
                let mut sink = held(&writing);
                let going = sink.take(block);
                let view = sink.view(now);
                drop(sink);
                level(view);
                going
            })?)
        })
        .await?;
        held(&sink).device(capture.device.rate);
        Ok(Self { session, capture, sink })
    }

    /// Name of the device.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.capture.device.name
    }

    /// Starts recording, the second before included. The dictation is stored before the first second is
    /// sealed, so that a crash loses at most the second that was being spoken. `text` gets what is heard.
    ///
    /// # Errors
    /// [`Refused`] with `payer_missing`, `disk_full`, and those of vault and store.
    pub async fn record(
        self,
        new: NewDictation,
        text: impl Fn(LiveView) + Send + Sync + 'static,
    ) -> Result<Recording, Box<Refused>> {
        let id = RecordingId::new(self.session.surroundings.id());
        let allowed = self.session.allow(Action::Dictate).await;
        match allowed.and_then(|()| intake::dictation(&self.session, Material::spoken(id), new)) {
            Ok(dictation) => self.begin(id, Place::New(dictation), text).await,
            Err(error) => Err(Box::new(Refused { microphone: self, error })),
        }
    }

    /// Goes on with a dictation that was recorded before: what is said now follows what was said then.
    ///
    /// # Errors
    /// [`Refused`] with `not_found`, `cannot_continue`, `recording_full`, `disk_full`, and those of vault and
    /// store.
    pub async fn go_on_with(
        self,
        dictation: DictationId,
        text: impl Fn(LiveView) + Send + Sync + 'static,
    ) -> Result<Recording, Box<Refused>> {
        let id = RecordingId::new(self.session.surroundings.id());
        let place = match self.session.allow(Action::Dictate).await {
            Ok(()) => begin::place(&self.session, dictation).await,
            Err(error) => Err(error),
        };
        match place {
            Ok(place) => self.begin(id, place, text).await,
            Err(error) => Err(Box::new(Refused { microphone: self, error })),
        }
    }

    async fn begin(
        self,
        id: RecordingId,
        place: Place,
        text: impl Fn(LiveView) + Send + Sync + 'static,
    ) -> Result<Recording, Box<Refused>> {
        held(&self.sink).happens(Happening::Start);
        self.session.set_recording(Some(id));
        let (owner, device_rate) = (Arc::clone(&self.session), self.capture.device.rate);
        let begun = match blocking(move || begin::make(&owner, id, place, device_rate)).await {
            Ok(begun) => begun,
            Err(error) => {
                self.session.set_recording(None);
                held(&self.sink).happens(Happening::Refused);
                return Err(Box::new(Refused { microphone: self, error }));
            }
        };
        let Self { session, capture, sink } = self;
        let Begun { dictation, continues, file, format, channels, rate, convert, before_ms } = begun;
        let (live, heard) = mpsc::unbounded_channel();
        held(&sink).begin(Sealing { file, format, channels, rate, convert, before_ms, live });
        // Without a speech model the words come when there is one; the recording does not wait for it.
        let model =
            models::resolve(&session.config.paths, Role::Speech, dictation.speech_model.as_deref()).ok();
        if let Some(model) = model {
            // Neither does it wait for a dictionary that cannot be read: the transcript says so later.
            let own = session.own_words().await.unwrap_or_default();
            let recogniser = Recogniser::new(&session.engines, model, own);
            let listener = live::listen(&session, id, recogniser, rate, heard, text);
            session.set_listener(id, listener);
        }
        Ok(Recording { session, id, dictation, continues, rate, capture, sink })
    }
}

/// A recording in progress.
pub struct Recording {
    session: Arc<Session>,
    id: RecordingId,
    dictation: Dictation,
    /// Its dictation has other recordings before it.
    continues: bool,
    rate: u32,
    capture: Capture,
    sink: SharedSink,
}

impl Recording {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> RecordingId {
        self.id
    }

    /// Name of the microphone it began with.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.capture.device.name
    }

    /// Pauses, or goes on; what is said in between is not kept.
    pub fn pause(&self, paused: bool) {
        held(&self.sink).happens(if paused { Happening::Pause } else { Happening::GoOn });
    }

    /// Stops and sends the recording on its way to a draft.
    ///
    /// # Errors
    /// When sealing failed (the sealed part is kept), or the store refuses.
    pub async fn finish(self) -> Result<DictationId, AppError> {
        let Self { session, id, dictation, continues, rate, capture, sink } = self;
        let ended = end(capture, sink).await;
        keep(&session, id, &dictation, continues, rate, ended).await
    }

    /// Stops and erases what was recorded: its key is destroyed. Its dictation is removed, but for one that
    /// was only continued.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn discard(self) -> Result<(), AppError> {
        let Self { session, id, dictation, capture, continues, .. } = self;
        blocking(move || {
            capture.finish();
            Ok(())
        })
        .await?;
        // What the listener heard must not outlive the recording: it ends before its words are removed.
        if let Some(listener) = session.listener_of(id) {
            listener.end().await;
        }
        erase(&session, id, &dictation, continues).await
    }

    /// Stops, hears everything that was said to its end, erases the recording as [`Self::discard`] does, and gives the words:
    /// for what is spoken into a field and is no dictation.
    ///
    /// # Errors
    /// `answer_unheard` when something was not understood: the recording is kept then, as a dictation of its own; those of
    /// sealing and the store.
    pub async fn words(self) -> Result<Phi<String>, AppError> {
        let Self { session, id, dictation, capture, continues, rate, sink } = self;
        // The listener's end of the sound is closed with the sink: it hears what is left, then it has all.
        let ended = end(capture, sink).await;
        let heard = match session.listener_of(id) {
            Some(listener) => listener.heard().await,
            None => None,
        };
        match (ended, heard, session.own_words().await) {
            (Ok(Ended { samples, trouble: None }), Some(heard), Ok(own)) => {
                erase(&session, id, &dictation, continues).await?;
                let raw = assemble(&heard.parts, duration_ms(samples, rate), &heard.model, 0);
                Ok(iambilly_coding::correct_with(&raw, &own).text)
            }
            // What was said is not lost because it was not understood.
            (ended, ..) => {
                keep(&session, id, &dictation, continues, rate, ended).await?;
                Err(unheard())
            }
        }
    }
}

/// Closes the microphone and seals what is left.
async fn end(capture: Capture, sink: SharedSink) -> Result<Ended, AppError> {
    blocking(move || {
        capture.finish();
        let sink = std::mem::replace(&mut *held(&sink), Sink::new());
        Ok(sink.end()?)
    })
    .await
}

/// Sends a recording that has ended on its way to a draft; where sealing failed, the part before the trouble is recovered.
async fn keep(
    session: &Session,
    id: RecordingId,
    dictation: &Dictation,
    continues: bool,
    rate: u32,
    ended: Result<Ended, AppError>,
) -> Result<DictationId, AppError> {
    let trouble = match &ended {
        Ok(ended) => ended.trouble.clone().map(AppError::from),
        Err(error) => Some(error.fault().into()),
    };
    if let Some(error) = trouble {
        session.set_recording(None);
        // Every second before the trouble is sealed; the recovery takes it from there.
        let torn = session.store(move |s| s.read(|r| r.recording(id))).await?;
        if let Some(torn) = torn {
            import::recover_one(session, torn).await?;
        }
        return Err(error);
    }
    let samples = ended.map_or(0, |e| e.samples);
    let (of, job) = (dictation.id, JobId::new(session.surroundings.id()));
    let (now, by) = ((session.surroundings.now)(), session.by());
    let length = duration_ms(samples, rate);
    let action = if continues { "dictation.continued" } else { "dictation.added" };
    let dictation = dictation.clone();
    session
        .store(move |s| {
            s.write(|r| {
                r.end_recording(id, RecordingState::Sealed, samples, length)?;
                r.append_audit(&by, action, &of.to_string(), now)?;
                pipeline::enqueue(r, &dictation, Stage::Transcribe, job, now)
            })
        })
        .await?;
    session.set_recording(None);
    session.work.notify_one();
    Ok(of)
}

/// Removes a recording that has ended, with its dictation unless that was only continued.
async fn erase(
    session: &Session,
    id: RecordingId,
    dictation: &Dictation,
    continues: bool,
) -> Result<(), AppError> {
    session.set_recording(None);
    let of = dictation.id;
    session
        .store(move |s| {
            s.write(|r| {
                r.erase_recording(id)?;
                crate::stages::transcribe::forget_parts(r, id)?;
                if continues { r.drop_continuation(id).map(drop) } else { r.delete_dictation(of) }
            })
        })
        .await?;
    // Without its key the file is noise.
    let _ = std::fs::remove_file(import::sealed_path(&session.config.paths, id));
    Ok(())
}

fn unheard() -> AppError {
    Fault::new(
        FaultKind::Missing,
        "answer_unheard",
        "Not all of it could be written down.",
        "What was said is kept under Dictate as a dictation of its own. Type the rest, or speak it again; Models shows whether a speech model is there.",
    )
    .into()
}
