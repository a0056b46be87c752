//! The durable pipeline: once per input, leases, retries, cancelling, several workers at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

mod common;

use common::*;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{Enqueued, Job, JobState, NewJob, Store, StoreError};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

const LEASE: SignedDuration = SignedDuration::from_secs(30);

fn new_job(n: u128, stage: &'static str, input_hash: &'static str) -> NewJob<'static> {
    NewJob { id: job_id(n), dictation: dictation_id(1), stage, input_hash, max_attempts: 3 }
}

fn store_with_dictation(dir: &std::path::Path) -> Store {
    let store = open(dir);
    store.write(|r| r.insert_dictation(&dictation(1))).unwrap();
    store
}

fn lease(store: &Store, owner: &str, seconds: i64) -> Option<Job> {
    store.write(|r| r.lease_next(owner, at(seconds), LEASE)).unwrap()
}

fn fault() -> Fault {
    Fault::new(FaultKind::Missing, "model_missing", "The model is not there.", "Fetch it.")
}

#[test]
fn the_same_work_is_done_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    let queue = |n, hash, now| store.write(|r| r.enqueue(&new_job(n, "transcribe", hash), at(now))).unwrap();
    assert!(matches!(queue(1, "a", 0), Enqueued::Fresh(_)));
    assert!(matches!(queue(2, "a", 1), Enqueued::Underway(job) if job.id == job_id(1)));
    let job = lease(&store, "w", 2).unwrap();
    assert_eq!((job.id, job.state, job.attempts), (job_id(1), JobState::Running, 1));
    assert!(matches!(queue(3, "a", 3), Enqueued::Underway(_)));
    store.write(|r| r.renew_lease(job.id, "w", 0.4, at(4), LEASE)).unwrap();
    assert!((store.read(|r| r.job(job.id)).unwrap().unwrap().progress - 0.4).abs() < 1e-9);
    let result = serde_json::json!({"transcript": "7"});
    store.write(|r| r.finish_job(job.id, "w", &result, at(5))).unwrap();
    let done = queue(4, "a", 6);
    assert!(matches!(&done, Enqueued::Done(job) if job.result == Some(result.clone())));
    assert!(matches!(queue(5, "b", 7), Enqueued::Fresh(_)), "another input is other work");
    assert_eq!(store.read(|r| r.jobs_of(dictation_id(1))).unwrap().len(), 2);
    assert_eq!(store.read(|r| r.jobs_underway()).unwrap().len(), 1);
}

#[test]
fn failures_are_retried_later_and_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    store.write(|r| r.enqueue(&new_job(1, "read", "a"), at(0))).unwrap();
    for (attempt, now) in [(1, 0), (2, 100), (3, 200)] {
        let job = lease(&store, "w", now).unwrap();
        assert_eq!(job.attempts, attempt);
        let state =
            store.write(|r| r.fail_job(job.id, "w", &fault(), Some(at(now + 100)), at(now + 1))).unwrap();
        assert_eq!(state, if attempt == 3 { JobState::Failed } else { JobState::Queued });
        assert!(lease(&store, "w", now + 99).is_none(), "not before its time");
    }
    let failed = store.read(|r| r.job(job_id(1))).unwrap().unwrap();
    assert_eq!((failed.state, failed.fault), (JobState::Failed, Some(fault())));
    assert!(lease(&store, "w", 9999).is_none());
    // Asked for again by a person, it starts afresh.
    let again = store.write(|r| r.enqueue(&new_job(9, "read", "a"), at(500))).unwrap();
    assert!(matches!(again, Enqueued::Fresh(job) if job.attempts == 0 && job.fault.is_none()));
    let job = lease(&store, "w", 500).unwrap();
    let state = store.write(|r| r.fail_job(job.id, "w", &fault(), None, at(501))).unwrap();
    assert_eq!(state, JobState::Failed, "no retry for what a retry cannot help");
}

#[test]
fn a_clock_that_is_set_back_keeps_no_work_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    let year = 365 * 24 * 3600;
    store.write(|r| r.enqueue(&new_job(1, "transcribe", "a"), at(year))).unwrap();
    let job = lease(&store, "w", 10).expect("queued by a clock that was a year ahead");
    assert_eq!(job.id, job_id(1));
    store.write(|r| r.fail_job(job.id, "w", &fault(), Some(at(100)), at(11))).unwrap();
    assert!(lease(&store, "w", 20).is_none(), "a real wait is kept");
    assert!(lease(&store, "w", 100).is_some());
}

#[test]
fn what_nobody_waits_for_makes_way() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    for (n, stage) in [(1, "final_pass"), (2, "second_opinion"), (3, "transcribe")] {
        store.write(|r| r.enqueue(&new_job(n, stage, "a"), at(0))).unwrap();
    }
    let first = lease(&store, "w", 1).unwrap();
    assert_eq!(first.stage, "transcribe");
    store.write(|r| r.finish_job(first.id, "w", &serde_json::json!(1), at(2))).unwrap();
    assert_eq!(lease(&store, "w", 3).unwrap().stage, "second_opinion");
    let last = lease(&store, "w", 4).unwrap();
    assert_eq!((last.stage.as_str(), last.attempts), ("final_pass", 1));
    let waits = |now| store.read(|r| r.others_wait("final_pass", at(now))).unwrap();
    assert!(!waits(5), "the others are under way or done");
    store.write(|r| r.enqueue(&new_job(4, "draft", "a"), at(6))).unwrap();
    assert!(waits(6));
    store.write(|r| r.put_back_job(last.id, "w", at(9), at(6))).unwrap();
    assert_eq!(lease(&store, "w", 7).unwrap().stage, "draft");
    assert!(lease(&store, "w", 8).is_none(), "it stays away for a while");
    let again = lease(&store, "w", 9).unwrap();
    assert_eq!((again.id, again.attempts), (last.id, 1), "making way is no attempt");
    let lost = store.write(|r| r.put_back_job(last.id, "other", at(9), at(9)));
    assert!(matches!(lost, Err(StoreError::LeaseLost)));
}

#[test]
fn a_lost_lease_finishes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    store.write(|r| r.enqueue(&new_job(1, "read", "a"), at(0))).unwrap();
    lease(&store, "slow", 0).unwrap();
    assert!(store.write(|r| r.requeue_expired(at(29))).unwrap().is_empty(), "still leased");
    assert_eq!(store.write(|r| r.requeue_expired(at(31))).unwrap(), [job_id(1)]);
    lease(&store, "quick", 32).unwrap();
    let late = store.write(|r| r.finish_job(job_id(1), "slow", &serde_json::json!(1), at(33)));
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    let late = store.write(|r| r.renew_lease(job_id(1), "slow", 0.9, at(33), LEASE));
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    let late = store.write(|r| r.fail_job(job_id(1), "slow", &fault(), None, at(33)));
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    store.write(|r| r.finish_job(job_id(1), "quick", &serde_json::json!(2), at(34))).unwrap();
    let twice = store.write(|r| r.finish_job(job_id(1), "quick", &serde_json::json!(3), at(35)));
    assert!(matches!(twice, Err(StoreError::LeaseLost)));
    assert_eq!(store.read(|r| r.job(job_id(1))).unwrap().unwrap().result, Some(serde_json::json!(2)));
}

#[test]
fn a_job_that_kills_its_process_ends_in_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    store.write(|r| r.enqueue(&new_job(1, "read", "a"), at(0))).unwrap();
    for now in 1..=3 {
        assert!(lease(&store, "dies", now).is_some());
        assert_eq!(store.write(|r| r.requeue_abandoned(at(now))).unwrap(), [job_id(1)]);
    }
    let job = store.read(|r| r.job(job_id(1))).unwrap().unwrap();
    assert_eq!((job.state, job.fault.unwrap().code.as_str()), (JobState::Failed, "attempts_exhausted"));
}

#[test]
fn cancelling_takes_the_work_away() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    for (n, stage) in [(1, "transcribe"), (2, "read"), (3, "scrub")] {
        store.write(|r| r.enqueue(&new_job(n, stage, "a"), at(n as i64))).unwrap();
    }
    let first = lease(&store, "w", 10).unwrap();
    assert_eq!(first.stage, "transcribe", "in the order they were queued");
    store.write(|r| r.finish_job(first.id, "w", &serde_json::json!({}), at(11))).unwrap();
    lease(&store, "w", 12).unwrap();
    let cancelled = store
        .write(|r| {
            r.cancel_dictation(dictation_id(1), at(13))?;
            r.cancel_jobs_of(dictation_id(1), at(13))
        })
        .unwrap();
    assert_eq!(cancelled.into_iter().collect::<HashSet<_>>(), HashSet::from([job_id(2), job_id(3)]));
    let stopped = store.write(|r| r.renew_lease(job_id(2), "w", 0.5, at(14), LEASE));
    assert!(matches!(stopped, Err(StoreError::LeaseLost)));
    assert!(lease(&store, "w", 15).is_none());
    let dictation = store.read(|r| r.dictation(dictation_id(1))).unwrap().unwrap();
    assert_eq!(dictation.cancelled_at, Some(at(13)));
    assert_eq!(store.read(|r| r.job(job_id(1))).unwrap().unwrap().state, JobState::Done, "done stays done");
}

#[test]
fn several_connections_never_lease_the_same_job() {
    const JOBS: u32 = 60;
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_dictation(dir.path());
    let hashes: Vec<String> = (0..JOBS).map(|n| n.to_string()).collect();
    store
        .write(|r| {
            for (n, hash) in hashes.iter().enumerate() {
                let job = NewJob { input_hash: hash, ..new_job(n as u128 + 1, "read", "") };
                r.enqueue(&job, at(0))?;
            }
            Ok(())
        })
        .unwrap();
    let done = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (done, dir) = (&done, dir.path());
            scope.spawn(move || {
                let (store, owner) = (open(dir), format!("worker {worker}"));
                while let Some(job) = lease(&store, &owner, 1) {
                    assert_eq!(job.attempts, 1, "leased twice");
                    store.write(|r| r.finish_job(job.id, &owner, &serde_json::json!(owner), at(2))).unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), JOBS);
}

/// One thing that may happen to the pipeline.
#[derive(Debug, Clone)]
enum Event {
    Enqueue(u8),
    Lease(u8),
    Renew(u8, u8),
    Finish(u8, u8),
    Fail(u8, u8, bool),
    Cancel,
    Crash,
    Wait(u8),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0_u8..4).prop_map(Event::Enqueue),
        4 => (0_u8..3).prop_map(Event::Lease),
        2 => (0_u8..4, 0_u8..3).prop_map(|(j, w)| Event::Renew(j, w)),
        2 => (0_u8..4, 0_u8..3).prop_map(|(j, w)| Event::Finish(j, w)),
        2 => (0_u8..4, 0_u8..3, any::<bool>()).prop_map(|(j, w, r)| Event::Fail(j, w, r)),
        1 => Just(Event::Cancel),
        1 => Just(Event::Crash),
        3 => (1_u8..40).prop_map(Event::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever happens in whatever order: what is done stays done, attempts are bounded, only a running job
    /// has an owner, and only its owner can finish it.
    #[test]
    fn the_pipeline_keeps_its_word(events in prop::collection::vec(event(), 1..60)) {
        const HASHES: [&str; 4] = ["a", "b", "c", "d"];
        let dir = tempfile::tempdir().unwrap();
        let store = store_with_dictation(dir.path());
        let mut now = 0;
        let mut done: HashSet<u8> = HashSet::new();
        for event in events {
            now += 1;
            let owner_of = |j: u8| store.read(|r| r.job(job_id(u128::from(j) + 1))).unwrap().and_then(|j| j.lease_owner);
            match event {
                Event::Enqueue(j) => {
                    let new = new_job(u128::from(j) + 1, "read", HASHES[usize::from(j)]);
                    let queued = store.write(|r| r.enqueue(&new, at(now))).unwrap();
                    prop_assert_eq!(matches!(queued, Enqueued::Done(_)), done.contains(&j));
                }
                Event::Lease(w) => {
                    if let Some(job) = lease(&store, &w.to_string(), now) {
                        prop_assert!(job.not_before <= at(now) && job.lease_until == Some(at(now + 30)));
                    }
                }
                Event::Renew(j, w) => {
                    let owned = owner_of(j) == Some(w.to_string());
                    let renewed = store.write(|r| r.renew_lease(job_id(u128::from(j) + 1), &w.to_string(), 0.5, at(now), LEASE));
                    prop_assert_eq!(renewed.is_ok(), owned);
                }
                Event::Finish(j, w) => {
                    let owned = owner_of(j) == Some(w.to_string());
                    let finished = store.write(|r| r.finish_job(job_id(u128::from(j) + 1), &w.to_string(), &serde_json::json!(j), at(now)));
                    prop_assert_eq!(finished.is_ok(), owned);
                    if owned {
                        prop_assert!(done.insert(j), "finished twice");
                    }
                }
                Event::Fail(j, w, retry) => {
                    let owned = owner_of(j) == Some(w.to_string());
                    let retry = retry.then(|| at(now + 5));
                    let failed = store.write(|r| r.fail_job(job_id(u128::from(j) + 1), &w.to_string(), &fault(), retry, at(now)));
                    prop_assert_eq!(failed.is_ok(), owned);
                }
                Event::Cancel => drop(store.write(|r| r.cancel_jobs_of(dictation_id(1), at(now))).unwrap()),
                Event::Crash => drop(store.write(|r| r.requeue_abandoned(at(now))).unwrap()),
                Event::Wait(seconds) => {
                    now += i64::from(seconds);
                    store.write(|r| r.requeue_expired(at(now))).unwrap();
                }
            }
            for job in store.read(|r| r.jobs_of(dictation_id(1))).unwrap() {
                prop_assert!(job.attempts <= job.max_attempts);
                prop_assert!(job.state != JobState::Queued || job.attempts < job.max_attempts, "stuck");
                prop_assert_eq!(job.state == JobState::Running, job.lease_owner.is_some() && job.lease_until.is_some());
                prop_assert_eq!(job.state == JobState::Done, job.result.is_some());
                let index = HASHES.iter().position(|h| *h == job.input_hash).unwrap() as u8;
                prop_assert_eq!(job.state == JobState::Done, done.contains(&index));
                prop_assert!(job.state != JobState::Failed || job.fault.is_some());
            }
        }
    }
}
