//! The outbox drained: one write after the other, each marked before its request is begun and settled by its answer.

use super::connections::Connected;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::Fault;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::phi::{self, Phi};
use iambilly_emr::{EmrError, ReadBack, Trouble, Write, Written};
use iambilly_store::{DataFolderLock, EmrDelivery, EmrOutcome, EmrState, EmrWriteKind, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

/// What to do about a write of which nobody can know.
const LOOK: &str = "Look for it in the EMR, then say whether it is there.";
/// How often the outbox is looked at when nothing is queued by this program itself.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// A write as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// Its id.
    pub id: Uuid,
    /// Where to.
    pub connection: Uuid,
    /// That connection's name.
    pub connection_name: String,
    /// Of which claim.
    pub claim_id: ClaimId,
    /// Of which revision.
    pub revision: u32,
    /// What kind.
    pub kind: EmrWriteKind,
    /// What it is.
    pub says: String,
    /// Where it is.
    pub state: EmrState,
    /// The EMR's id of it.
    #[serde(serialize_with = "phi::disclose")]
    pub remote_id: Phi<Option<String>>,
    /// What is there under the id it gave.
    pub read_back: Option<ReadBack>,
    /// Why it waits, was rejected or is unknown, and what to do.
    #[schemars(with = "Option<crate::library::Trouble>")]
    pub trouble: Option<serde_json::Value>,
    /// How often a request for it was begun.
    pub attempts: u32,
    /// Not tried before.
    pub not_before: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drained {
    /// Delivered now.
    pub delivered: u32,
    /// Rejected now.
    pub rejected: u32,
    /// Became unknown now.
    pub unknown: u32,
    /// Still waiting.
    pub waiting: u32,
    /// Whether another process drains.
    pub elsewhere: bool,
}

/// Trouble as it is kept: no PHI is in a fault.
pub(super) fn told(fault: &Fault) -> String {
    serde_json::json!({"code": fault.code, "message": fault.message, "advice": fault.advice}).to_string()
}

fn lost() -> String {
    let fault = EmrError::from(Trouble::Interrupted).fault();
    told(&Fault {
        message: "The program ended while this was on its way; whether it arrived cannot be known."
            .to_owned(),
        advice: LOOK.to_owned(),
        ..fault
    })
}

/// How long to wait after so many tries: five seconds, doubling, ten minutes at most.
fn patience(attempts: u32) -> SignedDuration {
    SignedDuration::from_secs(5_i64.saturating_mul(1 << attempts.min(7)).min(600))
}

/// Whether trouble before a write is of the way or the EMR, so that it may pass by itself.
const fn passes(trouble: Trouble) -> bool {
    use Trouble as T;
    matches!(
        trouble,
        T::Unreachable
            | T::Certificate
            | T::TimedOut
            | T::Interrupted
            | T::Redirected
            | T::TooLarge
            | T::Unreadable
            | T::Unexpected
            | T::SignInRefused
            | T::NoBackgroundUser
            | T::NeedsLaunch
            | T::TokenRefused
            | T::Busy
            | T::Unavailable
            | T::ServerFault
            | T::PagingExpired
            | T::DocumentCeiling
            | T::Internal
    )
}

enum Step {
    Again(EmrError),
    Settled(EmrState),
}

impl Session {
    /// Writes of a claim, or all, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn emr_outbox(&self, claim: Option<ClaimId>) -> Result<Vec<DeliveryView>, AppError> {
        self.allow(Action::ExportClaim).await?;
        let (rows, connections) =
            self.store(move |s| s.read(|r| Ok((r.emr_deliveries(claim)?, r.emr_connections()?)))).await?;
        let view = |d: EmrDelivery| DeliveryView {
            connection_name: connections
                .iter()
                .find(|c| c.id == d.connection)
                .map_or_else(String::new, |c| c.name.clone()),
            id: d.id,
            connection: d.connection,
            claim_id: d.claim,
            revision: d.revision,
            kind: d.kind,
            says: d.says,
            state: d.state,
            remote_id: d.remote_id.map(Phi::into_exposed).into(),
            read_back: d.read_back.and_then(|word| ReadBack::ALL.into_iter().find(|r| r.as_str() == word)),
            trouble: d.trouble.and_then(|t| serde_json::from_str(&t).ok()),
            attempts: d.attempts,
            not_before: d.not_before,
            created_at: d.created_at,
            changed_at: d.changed_at,
        };
        Ok(rows.into_iter().rev().map(view).collect())
    }

    /// Sends what waits, everything that is due; with `now` also what would wait longer after the network was gone.
    ///
    /// # Errors
    /// Those of the store; trouble with an EMR is kept with each write.
    pub async fn sync_emr(&self, now: bool) -> Result<Drained, AppError> {
        self.allow(Action::ExportClaim).await?;
        self.drain(now).await
    }

    /// Drains the outbox until the session closes.
    pub async fn deliver_to_emrs(&self) {
        while !self.closing.is_cancelled() {
            // What cannot be done now is tried again; each write keeps its own trouble.
            let _ = self.drain(false).await;
            tokio::select! {
                () = self.closing.cancelled() => {}
                () = self.emr.woken() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    async fn drain(&self, at_once: bool) -> Result<Drained, AppError> {
        let mut done = Drained::default();
        let folder = self.config.paths.data.join("emr-outbox");
        std::fs::create_dir_all(&folder)
            .map_err(|e| AppError::file("make a folder for the outbox's lock", &e))?;
        let _lock = match DataFolderLock::take(&folder) {
            Ok(lock) => lock,
            Err(StoreError::FolderTaken) => return Ok(Drained { elsewhere: true, ..done }),
            Err(error) => return Err(error.into()),
        };
        done.unknown += self.recover().await?;
        self.read_back_what_is_left().await?;
        let mut tried = HashSet::new();
        // An EMR that cannot be reached is not tried with each of its writes.
        let mut away = HashSet::new();
        while !self.closing.is_cancelled() {
            let until = if at_once { Timestamp::MAX } else { (self.surroundings.now)() };
            let due = self.store(move |s| s.read(|r| r.due_emr(until))).await?;
            let next = due.into_iter().find(|d| !tried.contains(&d.id) && !away.contains(&d.connection));
            let Some(delivery) = next else { break };
            tried.insert(delivery.id);
            let connection = delivery.connection;
            match self.deliver_one(delivery).await? {
                Step::Again(error) if passes(error.trouble) && error.trouble != Trouble::DocumentCeiling => {
                    if !matches!(error.trouble, Trouble::Busy | Trouble::Unavailable) {
                        away.insert(connection);
                    }
                }
                Step::Again(_) => {}
                Step::Settled(EmrState::Delivered) => done.delivered += 1,
                Step::Settled(EmrState::Rejected) => done.rejected += 1,
                Step::Settled(_) => done.unknown += 1,
            }
        }
        let left = self.store(|s| s.read(|r| r.emr_deliveries(None))).await?;
        let waiting = left.iter().filter(|d| d.state == EmrState::Queued).count();
        done.waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        Ok(done)
    }

    /// What was on its way when its process ended.
    async fn recover(&self) -> Result<u32, AppError> {
        let now = (self.surroundings.now)();
        let by = self.by();
        let found = self
            .store(move |s| {
                s.write(|r| {
                    let found = r.lost_emr(&lost(), now)?;
                    for id in &found {
                        r.append_audit(&by, "emr.unknown", &id.to_string(), now)?;
                    }
                    Ok(found)
                })
            })
            .await?;
        Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
    }

    /// Delivered, and then the program ended before it was read back.
    async fn read_back_what_is_left(&self) -> Result<(), AppError> {
        let all = self.store(|s| s.read(|r| r.emr_deliveries(None))).await?;
        for delivery in all {
            if delivery.state != EmrState::Delivered || delivery.read_back.is_some() {
                continue;
            }
            let Ok(connected) = self.emr_connected(delivery.connection).await else { continue };
            if let (Some(id), Ok(write)) = (&delivery.remote_id, read(&delivery)) {
                self.read_back(&connected, delivery.id, &write, id).await?;
            }
        }
        Ok(())
    }

    async fn deliver_one(&self, delivery: EmrDelivery) -> Result<Step, AppError> {
        let id = delivery.id;
        let write = read(&delivery)?;
        let connected = match self.emr_connected(delivery.connection).await {
            Ok(connected) => connected,
            Err(AppError::Emr(error)) => return self.rejected(&delivery, EmrState::Queued, error).await,
            Err(error) => return Err(error),
        };
        // Everything that can be asked without changing anything is asked while it still waits.
        let looked = connected.adapter.before(&write).await;
        self.emr_note(&connected).await?;
        match looked {
            Err(error) if passes(error.trouble) => {
                return self.again(&delivery, EmrState::Queued, error).await;
            }
            Err(error) => return self.rejected(&delivery, EmrState::Queued, error).await,
            Ok(found) if !found.is_empty() && !delivery.not_there => {
                let fault = EmrError::from(Trouble::Duplicate).fault();
                return self.unknown(&delivery, EmrState::Queued, &fault).await;
            }
            Ok(_) => {}
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        let begun = self
            .store(move |s| {
                s.write(|r| {
                    r.begin_emr(id, now)?;
                    r.append_audit(&by, "emr.sending", &id.to_string(), now).map(drop)
                })
            })
            .await;
        match begun {
            // It was cancelled a moment ago.
            Err(AppError::Store(StoreError::Conflict { .. })) => {
                return Ok(Step::Settled(EmrState::Cancelled));
            }
            other => other?,
        }
        let written = connected.adapter.write(&write).await;
        let step = match written {
            Written::Stored(remote) => {
                self.delivered(&delivery, &remote).await?;
                self.read_back(&connected, id, &write, &remote).await?;
                Step::Settled(EmrState::Delivered)
            }
            Written::Refused(error) => self.rejected(&delivery, EmrState::Sending, error).await?,
            Written::NotSent(error, after) => {
                let error = EmrError { retry_after: after.or(error.retry_after), ..error };
                self.again(&delivery, EmrState::Sending, error).await?
            }
            Written::Unknown(error) => self.unknown(&delivery, EmrState::Sending, &error.fault()).await?,
        };
        self.emr_note(&connected).await?;
        Ok(step)
    }

    async fn settle(
        &self,
        delivery: &EmrDelivery,
        from: EmrState,
        to: EmrState,
        remote: Option<&Phi<String>>,
        trouble: Option<String>,
        wait: SignedDuration,
    ) -> Result<(), AppError> {
        let (id, now, by) = (delivery.id, (self.surroundings.now)(), self.by());
        let remote = remote.cloned();
        let action = match to {
            EmrState::Delivered => "emr.delivered",
            EmrState::Rejected => "emr.rejected",
            EmrState::Unknown => "emr.unknown",
            EmrState::Cancelled => "emr.cancelled",
            EmrState::Queued | EmrState::Sending => "emr.waits",
        };
        self.store(move |s| {
            s.write(|r| {
                let not_before = now.checked_add(wait).unwrap_or(now);
                let outcome = EmrOutcome {
                    state: to,
                    remote_id: remote.as_ref(),
                    trouble: trouble.as_deref(),
                    not_before,
                    now,
                };
                r.settle_emr(id, &[from], &outcome)?;
                r.append_audit(&by, action, &id.to_string(), now).map(drop)
            })
        })
        .await
    }

    async fn delivered(&self, delivery: &EmrDelivery, remote: &Phi<String>) -> Result<(), AppError> {
        self.settle(
            delivery,
            EmrState::Sending,
            EmrState::Delivered,
            Some(remote),
            None,
            SignedDuration::ZERO,
        )
        .await
    }

    async fn rejected(
        &self,
        delivery: &EmrDelivery,
        from: EmrState,
        error: EmrError,
    ) -> Result<Step, AppError> {
        let why = told(&error.fault());
        self.settle(delivery, from, EmrState::Rejected, None, Some(why), SignedDuration::ZERO).await?;
        Ok(Step::Settled(EmrState::Rejected))
    }

    async fn unknown(&self, delivery: &EmrDelivery, from: EmrState, fault: &Fault) -> Result<Step, AppError> {
        let fault = Fault { advice: LOOK.to_owned(), ..fault.clone() };
        self.settle(delivery, from, EmrState::Unknown, None, Some(told(&fault)), SignedDuration::ZERO)
            .await?;
        Ok(Step::Settled(EmrState::Unknown))
    }

    async fn again(&self, delivery: &EmrDelivery, from: EmrState, error: EmrError) -> Result<Step, AppError> {
        let asked = error.retry_after.and_then(|a| SignedDuration::try_from(a).ok());
        let wait = asked.unwrap_or_else(|| patience(delivery.attempts));
        self.settle(delivery, from, EmrState::Queued, None, Some(told(&error.fault())), wait).await?;
        Ok(Step::Again(error))
    }

    async fn read_back(
        &self,
        connected: &Connected,
        id: Uuid,
        write: &Write,
        remote: &Phi<String>,
    ) -> Result<(), AppError> {
        let result = connected.adapter.read_back(write, remote).await.as_str();
        self.store(move |s| s.write(|r| r.emr_read_back(id, result))).await
    }
}

/// A write as it was kept.
pub(super) fn read(delivery: &EmrDelivery) -> Result<Write, AppError> {
    serde_json::from_str(delivery.body.expose()).map_err(|_| AppError::internal("a kept write is damaged"))
}

#[cfg(test)]
mod tests {
    use super::patience;

    #[test]
    fn patience_grows_to_ten_minutes() {
        let seconds: Vec<i64> = [0, 1, 3, 7, 99].iter().map(|n| patience(*n).as_secs()).collect();
        assert_eq!(seconds, [5, 10, 40, 600, 600]);
    }
}
