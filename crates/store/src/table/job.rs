//! `jobs`: the durable pipeline. One row per dictation, stage and input; done once, whatever dies meanwhile.
//!
//! A worker leases a job for a while and renews the lease with its progress. Whoever lost the lease (it ran
//! out, the job was cancelled) cannot finish the job any more. Every lease counts as an attempt, also one
//! that ended with a killed process, so that a job that kills its process does not do so for ever.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, parse, parse_opt, time, to_json, words};
use iambilly_claim::ids::{DictationId, JobId};
use iambilly_claim::{Fault, FaultKind};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

words! {
    /// Where a job is.
    JobState {
        /// Waiting.
        Queued = "queued",
        /// Leased.
        Running = "running",
        /// Done, with its result.
        Done = "done",
        /// Failed for good, with its fault.
        Failed = "failed",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

/// A piece of work to be queued.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// Its id, used if it is new.
    pub id: JobId,
    /// For which dictation.
    pub dictation: DictationId,
    /// Stage of the pipeline.
    pub stage: &'a str,
    /// Hash of everything its result depends on.
    pub input_hash: &'a str,
    /// Attempts before it fails for good; at least 1.
    pub max_attempts: u32,
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// For which dictation.
    pub dictation: DictationId,
    /// Stage of the pipeline.
    pub stage: String,
    /// Where it is.
    pub state: JobState,
    /// Leases so far.
    pub attempts: u32,
    /// Leases it may have.
    pub max_attempts: u32,
    /// Hash of its input.
    pub input_hash: String,
    /// What it gave (ids and figures; texts belong into their own tables).
    pub result: Option<serde_json::Value>,
    /// Why it failed, last time.
    pub fault: Option<Fault>,
    /// 0 to 1.
    pub progress: f64,
    /// Not to be leased before.
    pub not_before: Timestamp,
    /// Who works on it.
    pub lease_owner: Option<String>,
    /// Until when.
    pub lease_until: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What queueing a job found.
#[derive(Debug, Clone, PartialEq)]
pub enum Enqueued {
    /// It is new, or it had failed or been cancelled and starts afresh.
    Fresh(Job),
    /// The same work is queued or running already.
    Underway(Job),
    /// The same work is done; its result is in the job.
    Done(Job),
}

impl Enqueued {
    /// The job.
    #[must_use]
    pub const fn job(&self) -> &Job {
        match self {
            Self::Fresh(job) | Self::Underway(job) | Self::Done(job) => job,
        }
    }
}

const COLUMNS: &str = "id, dictation_id, stage, state, attempts, max_attempts, input_hash, result_json, \
                       fault_json, progress, not_before, lease_owner, lease_until, created_at, updated_at";

/// No job waits longer: one that seems to was queued before the clock was set back.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

impl Records<'_> {
    /// Queues a job; the same work (dictation, stage, input) is never queued twice.
    ///
    /// # Errors
    /// Those of the database.
    pub fn enqueue(&self, new: &NewJob<'_>, now: Timestamp) -> Result<Enqueued, StoreError> {
        let inserted = self
            .sql
            .prepare_cached(
                "INSERT INTO jobs (id, dictation_id, stage, state, max_attempts, input_hash, not_before,
                                   created_at, updated_at)
                 VALUES (?1, ?2, ?3, 'queued', ?4, ?5, ?6, ?6, ?6)
                 ON CONFLICT (dictation_id, stage, input_hash) DO UPDATE
                   SET state = 'queued', attempts = 0, max_attempts = excluded.max_attempts, progress = 0,
                       fault_json = NULL, not_before = excluded.not_before, updated_at = excluded.updated_at,
                       lease_owner = NULL, lease_until = NULL
                   WHERE state IN ('failed', 'cancelled')",
            )?
            .execute(params![
                new.id.to_string(),
                new.dictation.to_string(),
                new.stage,
                new.max_attempts,
                new.input_hash,
                time(now),
            ])?;
        let job = self
            .sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM jobs WHERE dictation_id = ?1 AND stage = ?2 AND input_hash = ?3"
            ))?
            .query_row(params![new.dictation.to_string(), new.stage, new.input_hash], |row| {
                Ok(read(row))
            })??;
        Ok(match job.state {
            _ if inserted == 1 => Enqueued::Fresh(job),
            JobState::Done => Enqueued::Done(job),
            _ => Enqueued::Underway(job),
        })
    }

    /// Leases the job that has waited longest; `None` when there is nothing to do now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn lease_next(
        &self,
        owner: &str,
        now: Timestamp,
        lease_for: SignedDuration,
    ) -> Result<Option<Job>, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, progress = 0,
                        lease_owner = ?1, lease_until = ?3, updated_at = ?2
                 WHERE id = (SELECT id FROM jobs
                             WHERE state = 'queued' AND attempts < max_attempts
                                   AND (not_before <= ?2 OR not_before > ?4)
                             -- Nobody waits for a second hearing or reading as for a first draft.
                             ORDER BY CASE stage WHEN 'final_pass' THEN 2 WHEN 'second_opinion' THEN 1 ELSE 0 END,
                                      not_before, created_at, id LIMIT 1)
                 RETURNING {COLUMNS}"
            ))?
            .query_row(params![owner, time(now), time(later(now, lease_for)), time(later(now, LONGEST_WAIT))], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// Renews a lease and notes the progress (0 to 1).
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the job is not this owner's any more: stop working.
    pub fn renew_lease(
        &self,
        id: JobId,
        owner: &str,
        progress: f64,
        now: Timestamp,
        lease_for: SignedDuration,
    ) -> Result<(), StoreError> {
        let progress = if progress.is_finite() { progress.clamp(0.0, 1.0) } else { 0.0 };
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE jobs SET progress = max(progress, ?3), lease_until = ?5, updated_at = ?4
                 WHERE id = ?1 AND lease_owner = ?2 AND state = 'running'",
            )?
            .execute(params![id.to_string(), owner, progress, time(now), time(later(now, lease_for))])?;
        held(changed)
    }

    /// Finishes a job with its result. Store what it made in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: the transaction must then not be kept.
    pub fn finish_job(
        &self,
        id: JobId,
        owner: &str,
        result: &serde_json::Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE jobs SET state = 'done', result_json = ?3, fault_json = NULL, progress = 1,
                        lease_owner = NULL, lease_until = NULL, updated_at = ?4
                 WHERE id = ?1 AND lease_owner = ?2 AND state = 'running'",
            )?
            .execute(params![id.to_string(), owner, to_json(result, "jobs.result_json")?, time(now)])?;
        held(changed)
    }

    /// Notes that an attempt failed. With `retry_at` and attempts left it is queued again, else it failed.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub fn fail_job(
        &self,
        id: JobId,
        owner: &str,
        fault: &Fault,
        retry_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<JobState, StoreError> {
        let state: Option<String> = self
            .sql
            .prepare_cached(
                "UPDATE jobs SET state = CASE WHEN ?4 IS NOT NULL AND attempts < max_attempts
                                              THEN 'queued' ELSE 'failed' END,
                        fault_json = ?3, not_before = coalesce(?4, not_before),
                        lease_owner = NULL, lease_until = NULL, updated_at = ?5
                 WHERE id = ?1 AND lease_owner = ?2 AND state = 'running'
                 RETURNING state",
            )?
            .query_row(
                params![
                    id.to_string(),
                    owner,
                    to_json(fault, "jobs.fault_json")?,
                    retry_at.map(time),
                    time(now)
                ],
                |row| row.get(0),
            )
            .optional()?;
        parse(&state.ok_or(StoreError::LeaseLost)?, "jobs.state")
    }

    /// Puts a job back that makes way for others; the attempt does not count.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the job is not this owner's any more.
    pub fn put_back_job(
        &self,
        id: JobId,
        owner: &str,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE jobs SET state = 'queued', attempts = max(attempts - 1, 0), not_before = ?3,
                        lease_owner = NULL, lease_until = NULL, updated_at = ?4
                 WHERE id = ?1 AND lease_owner = ?2 AND state = 'running'",
            )?
            .execute(params![id.to_string(), owner, time(not_before), time(now)])?;
        held(changed)
    }

    /// Whether a job of another stage could be taken now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn others_wait(&self, stage: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.sql
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'queued' AND stage <> ?1
                                  AND (not_before <= ?2 OR not_before > ?3))",
            )?
            .query_row(params![stage, time(now), time(later(now, LONGEST_WAIT))], |row| row.get(0))
            .map_err(StoreError::from)
    }

    /// Cancels whatever of a dictation is queued or running; its workers lose their leases.
    ///
    /// # Errors
    /// Those of the database.
    pub fn cancel_jobs_of(&self, dictation: DictationId, now: Timestamp) -> Result<Vec<JobId>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "UPDATE jobs SET state = 'cancelled', lease_owner = NULL, lease_until = NULL, updated_at = ?2
             WHERE dictation_id = ?1 AND state IN ('queued', 'running') RETURNING id",
        )?;
        let rows = statement.query_and_then(params![dictation.to_string(), time(now)], read_id)?;
        rows.collect()
    }

    /// Queues again every job whose lease ran out before `now`; without attempts left it failed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn requeue_expired(&self, now: Timestamp) -> Result<Vec<JobId>, StoreError> {
        self.requeue("lease_until <= ?1", now)
    }

    /// Queues again every running job. For the new holder of the data folder's lock only: whoever ran
    /// them is dead.
    ///
    /// # Errors
    /// Those of the database.
    pub fn requeue_abandoned(&self, now: Timestamp) -> Result<Vec<JobId>, StoreError> {
        self.requeue("?1 IS NOT NULL", now)
    }

    fn requeue(&self, which: &str, now: Timestamp) -> Result<Vec<JobId>, StoreError> {
        let fault = Fault::new(
            FaultKind::Internal,
            "attempts_exhausted",
            "The work was interrupted again and again.",
            "Start it again; if it stops once more, report this.",
        );
        let mut statement = self.sql.prepare_cached(&format!(
            "UPDATE jobs SET state = CASE WHEN attempts < max_attempts THEN 'queued' ELSE 'failed' END,
                    fault_json = CASE WHEN attempts < max_attempts THEN fault_json ELSE ?2 END,
                    lease_owner = NULL, lease_until = NULL, not_before = ?1, updated_at = ?1
             WHERE state = 'running' AND {which} RETURNING id"
        ))?;
        let rows =
            statement.query_and_then(params![time(now), to_json(&fault, "jobs.fault_json")?], read_id)?;
        rows.collect()
    }

    /// A job by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// The jobs of a dictation in the order they were queued.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs_of(&self, dictation: DictationId) -> Result<Vec<Job>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM jobs WHERE dictation_id = ?1 ORDER BY created_at, id"
        ))?;
        let rows = statement.query_and_then([dictation.to_string()], read)?;
        rows.collect()
    }

    /// Jobs that wait or run, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs_underway(&self) -> Result<Vec<Job>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM jobs WHERE state IN ('queued', 'running') ORDER BY created_at, id"
        ))?;
        let rows = statement.query_and_then([], read)?;
        rows.collect()
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}

const fn held(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

fn read_id(row: &Row<'_>) -> Result<JobId, StoreError> {
    parse(&row.get::<_, String>(0)?, "jobs.id")
}

/// A fault as stored.
#[derive(serde::Deserialize)]
struct StoredFault {
    code: String,
    kind: String,
    message: String,
    advice: String,
}

impl From<StoredFault> for Fault {
    fn from(stored: StoredFault) -> Self {
        let kind = match stored.kind.as_str() {
            "usage" => FaultKind::Usage,
            "input" => FaultKind::Input,
            "locked" => FaultKind::Locked,
            "missing" => FaultKind::Missing,
            "cancelled" => FaultKind::Cancelled,
            _ => FaultKind::Internal,
        };
        Self::new(kind, &stored.code, stored.message, stored.advice)
    }
}

fn read(row: &Row<'_>) -> Result<Job, StoreError> {
    let text = |index| row.get::<_, Option<String>>(index);
    Ok(Job {
        id: read_id(row)?,
        dictation: parse(&row.get::<_, String>(1)?, "jobs.dictation_id")?,
        stage: row.get(2)?,
        state: parse(&row.get::<_, String>(3)?, "jobs.state")?,
        attempts: row.get(4)?,
        max_attempts: row.get(5)?,
        input_hash: row.get(6)?,
        result: text(7)?.map(|t| from_json(&t, "jobs.result_json")).transpose()?,
        fault: text(8)?
            .map(|t| from_json::<StoredFault>(&t, "jobs.fault_json"))
            .transpose()?
            .map(Fault::from),
        progress: row.get(9)?,
        not_before: parse(&row.get::<_, String>(10)?, "jobs.not_before")?,
        lease_owner: row.get(11)?,
        lease_until: parse_opt(text(12)?.as_ref(), "jobs.lease_until")?,
        created_at: parse(&row.get::<_, String>(13)?, "jobs.created_at")?,
        updated_at: parse(&row.get::<_, String>(14)?, "jobs.updated_at")?,
    })
}
