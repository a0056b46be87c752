//! A recording that outlives its session: the window was locked while somebody dictated. It goes on sealing with its own
//! key into its own file; nothing else of the data folder stays in memory, and nothing of a patient.

use super::sink::Sink;
use super::state::Happening;
use super::{Recording, SharedSink, held};
use crate::error::AppError;
use crate::session::{Session, blocking};
use iambilly_claim::ids::{DictationId, RecordingId};
use iambilly_sound::capture::Capture;
use iambilly_store::StoreError;
use std::sync::Arc;

/// A recording in progress without a session.
pub struct Adrift {
    id: RecordingId,
    dictation: DictationId,
    continues: bool,
    rate: u32,
    capture: Capture,
    sink: SharedSink,
}

impl std::fmt::Debug for Adrift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adrift").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Recording {
    /// Lets go of the session; the recording goes on. Its words are no longer heard beside it: they come after the stop.
    #[must_use]
    pub fn cast_off(self) -> Adrift {
        let Self { session, id, dictation, continues, rate, capture, sink } = self;
        // The listener ends with the session.
        drop(session.listener_of(id));
        Adrift { id, dictation: dictation.id, continues, rate, capture, sink }
    }
}

impl Adrift {
    /// Name of the microphone.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.capture.device.name
    }

    /// Pauses, or goes on.
    pub fn pause(&self, paused: bool) {
        held(&self.sink).happens(if paused { Happening::Pause } else { Happening::GoOn });
    }

    /// Stops and gives the file its end. The next unlock finds it and sends it on its way.
    ///
    /// # Errors
    /// When sealing failed; what was sealed before is kept.
    pub async fn finish(self) -> Result<(), AppError> {
        let Self { capture, sink, .. } = self;
        let ended = blocking(move || {
            capture.finish();
            let sink = std::mem::replace(&mut *held(&sink), Sink::new());
            Ok(sink.end()?)
        })
        .await?;
        ended.trouble.map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Gives it to a new session of the same data folder. Call this before that session works: what nobody records is
    /// taken for cut off.
    ///
    /// # Errors
    /// `not_found` for another data folder's, or one that was erased meanwhile; the recording ends then.
    pub async fn take_back(self, session: Arc<Session>) -> Result<Recording, AppError> {
        let Self { id, dictation, continues, rate, capture, sink } = self;
        session.set_recording(Some(id));
        let found = session
            .store(move |s| {
                s.read(|r| r.dictation(dictation)?.ok_or(StoreError::NotFound { what: "dictation" }))
            })
            .await;
        match found {
            Ok(dictation) => Ok(Recording { session, id, dictation, continues, rate, capture, sink }),
            Err(error) => {
                session.set_recording(None);
                Err(error)
            }
        }
    }
}
