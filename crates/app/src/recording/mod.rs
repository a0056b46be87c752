//! The microphone: open and ready with the last second in memory, then recording, sealed second by second.
//!
//! The capture's owner thread writes into a sink that is in one of five states; pressing a button only
//! changes the state, so that no sample falls between two of them. A listener beside it makes text.

use crate::error::AppError;
use crate::events::Stage;
use crate::intake::{self, Material, NewDictation};
use crate::live::{self, LiveView};
use crate::models;
use crate::pipeline;
use crate::session::{Session, blocking};
use crate::stages::import;
use crate::view::{LevelView, MicrophoneState};
use iambilly_claim::ids::{DictationId, JobId, RecordingId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_engines::Role;
pub use iambilly_sound::capture::Input;
use iambilly_sound::capture::{self, Capture, Level};
use iambilly_speech::{PcmFormat, duration_ms};
use iambilly_store::{Dictation, RecordingState};
use iambilly_vault::{SealedFile, SealedHeader};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Kept before the button is pressed, so that the first word is whole: a second.
const PRE_ROLL_MS: u64 = 1000;
/// Longest recording: three hours. It ends by itself there, with everything kept.
const LONGEST_MS: u64 = 3 * 60 * 60 * 1000;
/// Free disk below which no recording begins: half an hour at 48 kHz.
const LEAST_FREE: u64 = 200 << 20;

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
    session
        .store(move |s| {
            s.write(|r| match &id {
                Some(id) => r.set_setting(CHOICE, id),
                None => r.remove_setting(CHOICE).map(drop),
            })
        })
        .await
}

/// What the capture thread writes into.
struct Sink {
    state: MicrophoneState,
    /// The last second before the recording, and what is captured while its file is made.
    ring: VecDeque<f32>,
    file: Option<SealedFile>,
    pending: Vec<f32>,
    rate: u32,
    samples: u64,
    live: Option<mpsc::UnboundedSender<Vec<f32>>>,
    trouble: Option<Fault>,
}

impl Sink {
    const fn new() -> Self {
        Self {
            state: MicrophoneState::Ready,
            ring: VecDeque::new(),
            file: None,
            pending: vec![],
            rate: 0,
            samples: 0,
            live: None,
            trouble: None,
        }
    }

    /// Takes the next samples; `false` ends the capture.
    fn take(&mut self, block: &[f32]) -> bool {
        match self.state {
            MicrophoneState::Ready => {
                self.ring.extend(block);
                let kept = usize::try_from(u64::from(self.rate) * PRE_ROLL_MS / 1000).unwrap_or(0);
                let old = self.ring.len().saturating_sub(kept);
                self.ring.drain(..old);
            }
            MicrophoneState::Starting => self.ring.extend(block),
            MicrophoneState::Recording => self.record(block),
            MicrophoneState::Paused | MicrophoneState::Full => {}
        }
        self.trouble.is_none()
    }

    fn record(&mut self, block: &[f32]) {
        self.samples += block.len() as u64;
        self.pending.extend_from_slice(block);
        if let Some(live) = &self.live {
            // As it will be read from the sealed file, so that both are cut alike. A listener that has ended
            // needs nothing.
            let (mut bytes, mut heard) = (vec![], Vec::with_capacity(block.len()));
            PcmFormat::I16.encode(block, &mut bytes);
            PcmFormat::I16.decode(&bytes, &mut heard);
            if live.send(heard).is_err() {
                self.live = None;
            }
        }
        self.seal(false);
        if self.elapsed_ms() >= LONGEST_MS {
            self.state = MicrophoneState::Full;
        }
    }

    /// Begins: the file takes what the ring holds, and from now on everything.
    fn begin(&mut self, file: SealedFile, live: mpsc::UnboundedSender<Vec<f32>>) {
        self.file = Some(file);
        self.live = Some(live);
        self.state = MicrophoneState::Recording;
        let before: Vec<f32> = self.ring.drain(..).collect();
        self.record(&before);
    }

    /// Seals whole seconds; with `all` the rest too.
    fn seal(&mut self, all: bool) {
        while self.pending.len() >= self.rate as usize || (all && !self.pending.is_empty()) {
            let take = self.pending.len().min(self.rate as usize);
            let second: Vec<f32> = self.pending.drain(..take).collect();
            let Some(file) = self.file.as_mut() else { return };
            let mut bytes = vec![];
            PcmFormat::I16.encode(&second, &mut bytes);
            let sealed = file.append(&bytes).and_then(|()| file.sync());
            if let Err(error) = sealed {
                self.trouble = Some(error.fault());
                return;
            }
        }
    }

    fn elapsed_ms(&self) -> u64 {
        duration_ms(self.samples, self.rate)
    }

    fn view(&self, level: &Level) -> LevelView {
        let elapsed_ms = self.elapsed_ms();
        LevelView {
            state: self.state,
            elapsed_ms,
            remaining_ms: LONGEST_MS.saturating_sub(elapsed_ms),
            rms: level.rms,
            peak: level.peak,
            clipped: level.clipped,
            silent: level.silent,
            device: level.device.as_ref().map(|name| name.to_string()),
        }
    }
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

impl Microphone {
    /// Opens the microphone of this id, or the default one.
    ///
    /// # Errors
    /// `no_microphone`, `sound_device_failed`.
    pub async fn open(
        session: Arc<Session>,
        wanted: Option<String>,
        level: impl Fn(LevelView) + Send + 'static,
    ) -> Result<Self, AppError> {
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
        held(&sink).rate = capture.device.rate;
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
    /// `payer_missing`, `disk_full`, and those of vault and store.
    pub async fn record(
        self,
        new: NewDictation,
        text: impl Fn(LiveView) + Send + Sync + 'static,
    ) -> Result<Recording, AppError> {
        let Self { session, capture, sink } = self;
        held(&sink).state = MicrophoneState::Starting;
        let id = RecordingId::new(session.surroundings.id());
        let dictation = intake::dictation(&session, Material::spoken(id), new)?;
        session.set_recording(Some(id));
        let (owner, row, rate) = (Arc::clone(&session), dictation.clone(), capture.device.rate);
        let made = blocking(move || make_file(&owner, id, &row, rate)).await;
        let file = match made {
            Ok(file) => file,
            Err(error) => {
                session.set_recording(None);
                return Err(error);
            }
        };
        let (blocks, heard) = mpsc::unbounded_channel();
        held(&sink).begin(file, blocks);
        // Without a speech model the words come when there is one; the recording does not wait for it.
        let model =
            models::resolve(&session.config.paths, Role::Speech, dictation.speech_model.as_deref()).ok();
        if let Some(model) = model {
            let listener = live::listen(&session, dictation.id, model, rate, heard, text);
            session.set_listener(dictation.id, listener);
        }
        Ok(Recording { session, id, dictation, capture, sink })
    }
}

/// Stores the rows, then makes the sealed file: the wrapped key is stored before the file exists.
fn make_file(
    session: &Session,
    id: RecordingId,
    dictation: &Dictation,
    rate: u32,
) -> Result<SealedFile, AppError> {
    if crate::doctor::free_space(&session.config).is_some_and(|free| free < LEAST_FREE) {
        return Err(Fault::new(
            FaultKind::Missing,
            "disk_full",
            "There is too little room on the disk for a recording.",
            "Free at least 200 MB, then press record again.",
        )
        .into());
    }
    let (key, wrapped) = session.vault.wrap_new_key(&id.to_string(), &mut session.randomness())?;
    let path = import::sealed_path(&session.config.paths, id);
    let recording = import::row(session, id, &wrapped, rate, 1);
    session.store_now(|s| {
        s.write(|r| {
            r.insert_recording(&recording)?;
            r.insert_dictation(dictation)
        })
    })?;
    let header = SealedHeader { recording: id, sample_rate: rate, channels: 1, format: PcmFormat::I16.tag() };
    Ok(SealedFile::create(&path, header, &key)?)
}

/// A recording in progress.
pub struct Recording {
    session: Arc<Session>,
    id: RecordingId,
    dictation: Dictation,
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
        let mut sink = held(&self.sink);
        match (sink.state, paused) {
            (MicrophoneState::Recording, true) => sink.state = MicrophoneState::Paused,
            (MicrophoneState::Paused, false) => sink.state = MicrophoneState::Recording,
            _ => {}
        }
    }

    /// Stops and sends the recording on its way to a draft.
    ///
    /// # Errors
    /// When sealing failed (the sealed part is kept), or the store refuses.
    pub async fn finish(self) -> Result<DictationId, AppError> {
        let Self { session, id, dictation, capture, sink } = self;
        let rate = capture.device.rate;
        let (samples, trouble) = blocking(move || {
            capture.finish();
            let mut sink = std::mem::replace(&mut *held(&sink), Sink::new());
            sink.seal(true);
            if let (Some(file), None) = (sink.file, &sink.trouble) {
                file.finish()?;
            }
            Ok((sink.samples, sink.trouble))
        })
        .await?;
        if let Some(fault) = trouble {
            session.set_recording(None);
            // Every second before the trouble is sealed; the recovery takes it from there.
            let torn = session.store(move |s| s.read(|r| r.recording(id))).await?;
            if let Some(torn) = torn {
                import::recover_one(&session, torn).await?;
            }
            return Err(fault.into());
        }
        let (of, job) = (dictation.id, JobId::new(session.surroundings.id()));
        let (now, length) = ((session.surroundings.now)(), duration_ms(samples, rate));
        session
            .store(move |s| {
                s.write(|r| {
                    r.end_recording(id, RecordingState::Sealed, samples, length)?;
                    r.append_audit("owner", "dictation.added", &of.to_string(), now)?;
                    pipeline::enqueue(r, &dictation, Stage::Transcribe, job, now)
                })
            })
            .await?;
        session.set_recording(None);
        session.work.notify_one();
        Ok(of)
    }

    /// Stops and erases what was recorded: its key is destroyed, its dictation removed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn discard(self) -> Result<(), AppError> {
        let path = import::sealed_path(&self.session.config.paths, self.id);
        let (id, dictation, session, capture) = (self.id, self.dictation.id, self.session, self.capture);
        // What the listener heard must not outlive the recording.
        if let Some(listener) = session.listener_of(dictation) {
            listener.abort();
        }
        blocking(move || {
            capture.finish();
            Ok(())
        })
        .await?;
        session.set_recording(None);
        session
            .store(move |s| {
                s.write(|r| {
                    r.erase_recording(id)?;
                    crate::stages::transcribe::forget_parts(r, dictation)?;
                    r.delete_dictation(dictation)
                })
            })
            .await?;
        // Without its key the file is noise.
        let _ = std::fs::remove_file(path);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_MS, Sink};
    use crate::view::MicrophoneState;

    fn sink(state: MicrophoneState) -> Sink {
        Sink { rate: 1000, state, ..Sink::new() }
    }

    #[test]
    fn a_ready_microphone_keeps_one_second() {
        let mut sink = sink(MicrophoneState::Ready);
        for block in 0_u8..30 {
            assert!(sink.take(&[f32::from(block); 100]));
        }
        assert_eq!((sink.ring.len(), sink.samples), (1000, 0));
        assert_eq!(sink.ring.front(), Some(&20.0), "the newest second");
        // From the button on nothing is dropped, however long the file takes.
        sink.state = MicrophoneState::Starting;
        sink.take(&[9.0; 5000]);
        assert_eq!(sink.ring.len(), 6000);
    }

    #[test]
    fn a_pause_is_not_kept_and_the_end_comes_by_itself() {
        let mut sink = sink(MicrophoneState::Paused);
        sink.take(&[0.5; 500]);
        assert_eq!(sink.samples, 0);
        sink.state = MicrophoneState::Recording;
        sink.samples = LONGEST_MS;
        sink.take(&[0.5; 10]);
        assert_eq!(sink.state, MicrophoneState::Full);
        let kept = sink.samples;
        sink.take(&[0.5; 10]);
        assert_eq!(sink.samples, kept);
    }
}
