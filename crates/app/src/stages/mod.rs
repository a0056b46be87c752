//! The stages of the pipeline, one file each.

pub(crate) mod chain;
pub(crate) mod draft;
pub(crate) mod final_pass;
pub(crate) mod import;
pub(crate) mod recognise;
pub(crate) mod second_opinion;
pub(crate) mod transcribe;

use crate::error::AppError;
use crate::events::Stage;
use crate::session::Session;
use iambilly_engines::Cancel;
use iambilly_store::{Dictation, Records, StoreError};
use serde_json::{Value, json};

/// What a stage wants stored together with the end of its job.
pub(crate) type Commit = Box<dyn FnOnce(&Records<'_>) -> Result<(), StoreError> + Send>;

/// What a stage made.
pub(crate) struct Outcome {
    /// Stored in the transaction that finishes the job.
    pub(crate) commit: Commit,
    /// The job's result: ids and figures, no PHI.
    pub(crate) result: Value,
    /// A remark for people.
    pub(crate) note: Option<String>,
}

impl Outcome {
    fn new(
        note: Option<String>,
        commit: impl FnOnce(&Records<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Self {
        Self { commit: Box::new(commit), result: json!({"note": note}), note }
    }

    /// The stage had nothing to do.
    fn skipped(why: &str) -> Self {
        Self {
            commit: Box::new(|_| Ok(())),
            result: json!({"skipped": true, "note": why}),
            note: Some(why.to_owned()),
        }
    }
}

/// Runs one stage of a dictation.
pub(crate) async fn run(
    session: &Session,
    dictation: &Dictation,
    stage: Stage,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Outcome, AppError> {
    match stage {
        Stage::Import => import::run(session, dictation, cancel).await,
        Stage::Transcribe => transcribe::run(session, dictation, progress, cancel).await,
        Stage::Draft => draft::run(session, dictation).await,
        Stage::FinalPass => final_pass::run(session, dictation, progress, cancel).await,
        Stage::SecondOpinion => second_opinion::run(session, dictation, progress, cancel).await,
    }
}
