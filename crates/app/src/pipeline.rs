//! The durable job pipeline: leases jobs, runs their stages, tells what happens.
//!
//! Only the holder of the data folder's lock leases. A stage's outcome and the next stage's job are stored in
//! one transaction, so a program killed at any point continues from the last finished stage.

use crate::error::AppError;
use crate::events::{Event, Stage};
use crate::models;
use crate::people::Action;
use crate::session::Session;
use crate::stages::{self, Outcome, final_pass, import};
use crate::view::{DictationView, StageView, WorkState};
use iambilly_claim::ids::{DictationId, JobId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{DataFolderLock, Dictation, Job, NewJob, Records, StoreError};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a lease lasts without being renewed. The lock makes it a second line only.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Interruptions a job survives: a machine that is switched off ten times in one job has other troubles.
const MAX_ATTEMPTS: u32 = 10;
/// Attempts after a fault that a second try may mend (a worker crash, a busy database).
const TRANSIENT_ATTEMPTS: u32 = 3;
/// How often progress is stored and told.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// How long to wait before looking again when there is nothing to do, or someone else works.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Stores a new dictation with its first job.
pub(crate) async fn begin(
    session: &Session,
    dictation: Dictation,
    first: Option<Stage>,
) -> Result<(), AppError> {
    let (now, by) = ((session.surroundings.now)(), session.by());
    let job = JobId::new(session.surroundings.id());
    session
        .store(move |store| {
            store.write(|r| {
                r.insert_dictation(&dictation)?;
                r.append_audit(&by, "dictation.added", &dictation.id.to_string(), now)?;
                if let Some(stage) = first {
                    enqueue(r, &dictation, stage, job, now)?;
                }
                Ok(())
            })
        })
        .await?;
    session.work.notify_one();
    Ok(())
}

/// Queues a stage; its input hash covers everything its result depends on.
pub(crate) fn enqueue(
    records: &Records<'_>,
    dictation: &Dictation,
    stage: Stage,
    id: JobId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut hash = Sha256::new();
    for part in [stage.name(), dictation.speech_model.as_deref().unwrap_or(""), &dictation.reader] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    // A dictation that was continued is other input than before.
    let more = records.recordings_of(dictation.id)?.into_iter().skip(1).filter(import::readable);
    for recording in more {
        hash.update(recording.id.to_string());
    }
    // So is a text that was changed.
    let text = records.latest_transcript(dictation.id)?.map_or(1, |row| row.transcript.revision);
    if matches!(stage, Stage::FinalPass | Stage::SecondOpinion) && text > 1 {
        hash.update(text.to_le_bytes());
    }
    let input_hash = hash.finalize().iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"));
    let new = NewJob {
        id,
        dictation: dictation.id,
        stage: stage.name(),
        input_hash: &input_hash,
        max_attempts: MAX_ATTEMPTS,
    };
    records.enqueue(&new, now).map(drop)
}

/// The stages a dictation goes through; `finally` with a final pass by a larger speech model.
pub(crate) fn stages_of(dictation: &Dictation, finally: bool) -> Vec<Stage> {
    let audio = dictation.kind == iambilly_store::DictationKind::Audio;
    Stage::ALL
        .into_iter()
        .filter(|stage| match stage {
            Stage::Import | Stage::Transcribe => audio,
            Stage::Draft => true,
            Stage::FinalPass => audio && finally,
            Stage::SecondOpinion => dictation.reader != "rules",
        })
        .collect()
}

impl Session {
    /// Works off jobs until the session closes; waits while another process holds the data folder's lock.
    pub async fn work(&self) {
        let owner = self.surroundings.id().to_string();
        while !self.closing.is_cancelled() {
            match self.take_lock().await {
                Ok(Some(_lock)) => {
                    while !self.closing.is_cancelled() {
                        match self.run_next(&owner).await {
                            Ok(true) => {}
                            // A store that is busy or full now may serve later; the job stays queued.
                            Ok(false) | Err(_) => self.pause().await,
                        }
                    }
                }
                Ok(None) | Err(_) => self.pause().await,
            }
        }
    }

    /// Works until one dictation is settled (done, failed or cancelled), whoever does the work.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn work_on(
        &self,
        id: DictationId,
        on_event: &(dyn Fn(&Event) + Sync),
    ) -> Result<DictationView, AppError> {
        let settled = async || {
            let view = self.dictation_now(id).await?;
            Ok((!matches!(view.state, WorkState::Queued | WorkState::Running)).then_some(view))
        };
        self.work_until(settled, on_event).await
    }

    /// Works until nothing is queued or running; returns how many dictations there are that are done.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn work_off(&self, on_event: &(dyn Fn(&Event) + Sync)) -> Result<usize, AppError> {
        self.allow(Action::Work).await?;
        let settled = async || {
            let all = self.dictations_now().await?;
            let busy = all.iter().any(|d| matches!(d.state, WorkState::Queued | WorkState::Running));
            Ok((!busy).then(|| all.iter().filter(|d| d.state == WorkState::Done).count()))
        };
        // What failed is tried once more: that is what a person asks for with "resume".
        for failed in self.dictations_now().await?.iter().filter(|d| d.state == WorkState::Failed) {
            self.retry(failed.id).await?;
        }
        self.work_until(settled, on_event).await
    }

    async fn work_until<T>(
        &self,
        settled: impl AsyncFn() -> Result<Option<T>, AppError>,
        on_event: &(dyn Fn(&Event) + Sync),
    ) -> Result<T, AppError> {
        let owner = self.surroundings.id().to_string();
        let mut events = self.subscribe();
        let listen = async {
            // Events that were missed are followed by newer ones.
            loop {
                match events.recv().await {
                    Ok(event) => on_event(&event),
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        let work = async {
            let mut lock = None;
            loop {
                if lock.is_none() {
                    lock = self.take_lock().await?;
                }
                if let Some(done) = settled().await? {
                    return Ok(done);
                }
                if lock.is_none() || !self.run_next(&owner).await? {
                    self.pause().await;
                }
            }
        };
        tokio::select! {
            result = work => result,
            () = listen => Err(AppError::internal("the events ended")),
        }
    }

    /// Takes the data folder's lock and puts back what its last holder left running.
    async fn take_lock(&self) -> Result<Option<DataFolderLock>, AppError> {
        let lock = match DataFolderLock::take(&self.config.paths.data) {
            Ok(lock) => lock,
            Err(StoreError::FolderTaken) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let now = (self.surroundings.now)();
        self.store(move |s| s.write(|r| r.requeue_abandoned(now).map(drop))).await?;
        import::recover(self).await?;
        Ok(Some(lock))
    }

    async fn pause(&self) {
        tokio::select! {
            () = self.closing.cancelled() => {}
            () = self.work.notified() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }

    /// Leases and runs one job; `false` when there was none.
    async fn run_next(&self, owner: &str) -> Result<bool, AppError> {
        let (now, me) = ((self.surroundings.now)(), owner.to_owned());
        let Some(job) = self.store(move |s| s.write(|r| r.lease_next(&me, now, LEASE))).await? else {
            return Ok(false);
        };
        let dictation = job.dictation;
        let cancel = self.closing.child_token();
        self.running().insert(dictation, cancel.clone());
        let result = self.run(&job, owner, &cancel).await;
        self.running().remove(&dictation);
        result.map(|()| true)
    }

    async fn run(&self, job: &Job, owner: &str, cancel: &iambilly_engines::Cancel) -> Result<(), AppError> {
        let Some(stage) = Stage::of_name(&job.stage) else {
            return Err(AppError::internal("a job of an unknown stage"));
        };
        let id = job.dictation;
        let dictation = self
            .store(move |s| s.read(|r| r.dictation(id)))
            .await?
            .ok_or(StoreError::NotFound { what: "dictation" })?;
        self.tell_stage(id, stage, WorkState::Running, Some(0.0), None, None);
        let told = Mutex::new(Instant::now());
        let progress = |share: f32| {
            let Ok(mut last) = told.lock() else { return };
            if last.elapsed() < PROGRESS_EVERY {
                return;
            }
            *last = Instant::now();
            self.tell_stage(id, stage, WorkState::Running, Some(f64::from(share)), None, None);
        };
        let result =
            self.renewing(job, owner, cancel, stages::run(self, &dictation, stage, &progress, cancel)).await;
        let now = (self.surroundings.now)();
        match result {
            Ok(outcome) => {
                let note = outcome.note.clone();
                let stored = self.finish(job, owner, dictation, outcome, now).await;
                match stored {
                    Ok(()) => {
                        tracing::info!(request = %job.id, dictation = %id, stage = job.stage, "stage done");
                        self.tell_stage(id, stage, WorkState::Done, None, note, None);
                    }
                    Err(AppError::Store(StoreError::LeaseLost)) => {}
                    Err(error) => self.fail(job, owner, stage, error.fault()).await?,
                }
            }
            // Closing or a lost lease is not the job's fault: it goes back to the queue.
            Err(error) => self.fail(job, owner, stage, error.fault()).await?,
        }
        Ok(())
    }

    /// Runs a stage while its lease is renewed.
    async fn renewing(
        &self,
        job: &Job,
        owner: &str,
        cancel: &iambilly_engines::Cancel,
        work: impl Future<Output = Result<Outcome, AppError>>,
    ) -> Result<Outcome, AppError> {
        let renew = async {
            loop {
                tokio::time::sleep(Duration::from_secs(15)).await;
                let (id, me, now) = (job.id, owner.to_owned(), (self.surroundings.now)());
                let renewed = self.store(move |s| s.write(|r| r.renew_lease(id, &me, 0.0, now, LEASE))).await;
                if matches!(renewed, Err(AppError::Store(StoreError::LeaseLost))) {
                    cancel.cancel();
                }
            }
        };
        tokio::select! {
            result = work => result,
            () = renew => Err(AppError::internal("the lease's clock stopped")),
        }
    }

    async fn finish(
        &self,
        job: &Job,
        owner: &str,
        dictation: Dictation,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let (id, me, next_id) = (job.id, owner.to_owned(), JobId::new(self.surroundings.id()));
        let stage = Stage::of_name(&job.stage);
        let finally = models::final_pass(&self.config.paths).is_some() || stage == Some(Stage::FinalPass);
        self.store(move |store| {
            store.write(|r| {
                (outcome.commit)(r)?;
                r.finish_job(id, &me, &outcome.result, now)?;
                let order = stages_of(&dictation, finally);
                let next = order.iter().skip_while(|s| Some(**s) != stage).nth(1);
                if let Some(next) = next {
                    enqueue(r, &dictation, *next, next_id, now)?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn fail(&self, job: &Job, owner: &str, stage: Stage, fault: Fault) -> Result<(), AppError> {
        let now = (self.surroundings.now)();
        tracing::warn!(request = %job.id, dictation = %job.dictation, stage = job.stage, code = fault.code, "stage stopped");
        if fault.code == final_pass::YIELDED {
            let (id, me, later) = (job.id, owner.to_owned(), now + final_pass::AGAIN_AFTER);
            self.store(move |s| s.write(|r| r.put_back_job(id, &me, later, now))).await?;
            self.tell_stage(job.dictation, stage, WorkState::Queued, None, None, None);
            return Ok(());
        }
        let closing = self.closing.is_cancelled();
        let transient = matches!(fault.code.as_str(), "worker_crashed" | "timeout" | "database_busy");
        let again = closing || (transient && job.attempts < TRANSIENT_ATTEMPTS);
        let (id, me, kept) = (job.id, owner.to_owned(), fault.clone());
        let state =
            self.store(move |s| s.write(|r| r.fail_job(id, &me, &kept, again.then_some(now), now))).await;
        match state {
            Ok(iambilly_store::JobState::Queued) => {
                self.tell_stage(job.dictation, stage, WorkState::Queued, None, None, None);
            }
            Ok(_) => self.tell_stage(job.dictation, stage, WorkState::Failed, None, None, Some(fault)),
            // Cancelled by a person meanwhile: that was told when it happened.
            Err(AppError::Store(StoreError::LeaseLost)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn tell_stage(
        &self,
        dictation_id: DictationId,
        stage: Stage,
        state: WorkState,
        progress: Option<f64>,
        note: Option<String>,
        fault: Option<Fault>,
    ) {
        let stage = StageView { stage, state, progress, note, fault };
        self.tell(Event { dictation_id, stage, claim_id: None });
    }

    /// Cancels the work on a dictation; what was recorded or stored stays.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn cancel(&self, id: DictationId) -> Result<(), AppError> {
        self.allow(Action::Work).await?;
        self.cancel_now(id).await
    }

    /// The same as part of a step that was allowed.
    pub(crate) async fn cancel_now(&self, id: DictationId) -> Result<(), AppError> {
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.cancel_dictation(id, now)?;
                r.append_audit(&by, "dictation.cancelled", &id.to_string(), now)?;
                r.cancel_jobs_of(id, now).map(drop)
            })
        })
        .await?;
        if let Some(cancel) = self.running().get(&id) {
            cancel.cancel();
        }
        let view = self.dictation_now(id).await?;
        for stage in view.stages.into_iter().filter(|s| s.state == WorkState::Cancelled) {
            self.tell(Event { dictation_id: id, stage, claim_id: view.claim_id });
        }
        Ok(())
    }

    /// Takes up the work on a failed or cancelled dictation again, at the stage where it stopped.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn retry(&self, id: DictationId) -> Result<(), AppError> {
        self.allow(Action::Work).await?;
        let (now, job) = ((self.surroundings.now)(), JobId::new(self.surroundings.id()));
        self.store(move |s| {
            s.write(|r| {
                let dictation = r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                r.resume_dictation(id)?;
                let jobs = r.jobs_of(id)?;
                // The newest counts: a dictation that was continued has older ones that are done.
                let done = |stage: &Stage| {
                    let newest = jobs.iter().rev().find(|j| j.stage == stage.name());
                    newest.is_some_and(|j| j.state == iambilly_store::JobState::Done)
                };
                let finally = jobs.iter().any(|j| j.stage == Stage::FinalPass.name());
                match stages_of(&dictation, finally).into_iter().find(|stage| !done(stage)) {
                    Some(stage) => enqueue(r, &dictation, stage, job, now),
                    None => Ok(()),
                }
            })
        })
        .await?;
        self.work.notify_one();
        Ok(())
    }

    /// A dictation as the list shows it.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn dictation(&self, id: DictationId) -> Result<DictationView, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.dictation_now(id).await
    }

    async fn dictation_now(&self, id: DictationId) -> Result<DictationView, AppError> {
        self.store(move |s| {
            s.read(|r| {
                let dictation = r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                crate::view::dictation(r, &dictation)
            })
        })
        .await
    }

    /// A claim with everything needed to review it; an open one judged by the rules as they stand today.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn draft(&self, id: iambilly_claim::ids::ClaimId) -> Result<crate::view::DraftView, AppError> {
        self.allow(Action::ViewClaims).await?;
        let view = self.draft_now(id).await?;
        self.note_view("claim.viewed", &id.to_string()).await?;
        Ok(view)
    }

    /// The same as the answer to a step that is an event of its own.
    pub(crate) async fn draft_now(
        &self,
        id: iambilly_claim::ids::ClaimId,
    ) -> Result<crate::view::DraftView, AppError> {
        // A draft can be read whatever has become of the rule book; only judging it again needs that.
        let book = self.config.rules.book();
        let draft = move |r: &iambilly_store::Records<'_>| {
            crate::view::draft(r, id, book.as_deref().unwrap_or_else(|_| iambilly_scrub::RuleBook::seed()))
        };
        let view = self.store(move |s| s.read(draft)).await?;
        let mut view = self.judge_again(view).await?;
        let book = self.config.rules.book();
        view.edition_note =
            view.edition_note(book.as_deref().unwrap_or_else(|_| iambilly_scrub::RuleBook::seed()));
        Ok(view)
    }

    /// The newest dictations.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn dictations(&self) -> Result<Vec<DictationView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.note_view("dictations.listed", "dictations").await?;
        self.dictations_now().await
    }

    async fn dictations_now(&self) -> Result<Vec<DictationView>, AppError> {
        /// As many as a list can show; search comes with the queue.
        const NEWEST: u32 = 500;
        self.store(|s| {
            s.read(|r| r.dictations(NEWEST)?.iter().map(|d| crate::view::dictation(r, d)).collect())
        })
        .await
    }
}

/// The fault of work that was stopped on request.
pub(crate) fn cancelled() -> Fault {
    Fault::new(
        FaultKind::Cancelled,
        "cancelled",
        "The work was stopped.",
        "Start it again when you like; nothing is lost.",
    )
}

/// Where a file of the audio folder is.
pub(crate) fn audio_file(session: &Session, name: &str) -> PathBuf {
    session.config.paths.audio().join(name)
}
