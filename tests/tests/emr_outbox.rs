//! The outbox as a person meets it: days without a network, what is refused and why, and claims that must not be at the
//! payer twice.

#[path = "support/emr.rs"]
mod ready;
mod support;

use iambilly_app::Surroundings;
use iambilly_app::emr::{Decision, DeliveryView, EmrState, NewConnection, WriteKind};
use iambilly_app::related::Amend;
use iambilly_app::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_emr::ReadBack;
use iambilly_tests::emr::{Emr, Fault, Kind};
use ready::{approved, connection, link, opened, opened_at};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use support::Clinic;
use uuid::Uuid;

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(240), future).await.expect("no test waits longer")
    })
}

fn states(all: &[DeliveryView]) -> Vec<&'static str> {
    // Newest first as they are shown; here in the order they leave.
    all.iter().rev().map(|d| d.state.as_str()).collect()
}

fn code(delivery: &DeliveryView) -> String {
    let of = |t: &Value| t["code"].as_str().unwrap_or_default().to_owned();
    delivery.trouble.as_ref().map(of).unwrap_or_default()
}

async fn epic(session: &Arc<Session>, emr: &Emr) -> (Uuid, ClaimId) {
    let id = session.keep_emr(connection(emr, "epic", "backend_es384")).await.unwrap().id;
    let claim = approved(session, 1).await;
    link(session, id, claim, "p1").await;
    (id, claim)
}

#[test]
fn days_without_a_network_lose_nothing_and_it_drains_by_itself() {
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::Epic);
    run(async {
        let session = opened(&clinic).await;
        let (id, claim) = epic(&session, &emr).await;
        emr.down(true);
        let queued = session.send_to_emr(id, claim, Some("e1".to_owned()).into(), None).await.unwrap();
        for _ in 0..3 {
            assert_eq!(session.sync_emr(true).await.unwrap().waiting, queued);
        }
        let all = session.emr_outbox(Some(claim)).await.unwrap();
        assert!(states(&all).iter().all(|s| *s == "queued"), "{all:#?}");
        assert!(all.iter().any(|d| code(d) == "emr_interrupted"), "it says why it waits: {all:#?}");
        session.shut_down().await;

        // Five days later the network is back; nobody asks for anything.
        let later = Surroundings {
            now: || jiff::Timestamp::now() + jiff::SignedDuration::from_hours(120),
            ..Surroundings::system()
        };
        let session = opened_at(&clinic, later).await;
        emr.down(false);
        let drains = Arc::clone(&session);
        let draining = tokio::spawn(async move { drains.deliver_to_emrs().await });
        let mut all = vec![];
        for _ in 0..300 {
            all = session.emr_outbox(Some(claim)).await.unwrap();
            if all.iter().all(|d| d.state == EmrState::Delivered && d.read_back.is_some()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(all.iter().all(|d| d.read_back == Some(ReadBack::Confirmed)), "{all:#?}");
        session.shut_down().await;
        draining.await.unwrap();
    });
    let kinds: Vec<String> = emr.state().written.iter().map(|w| w.kind.clone()).collect();
    assert_eq!(kinds[0], "DocumentReference", "in the order it was queued");
    assert!(kinds[1..].iter().all(|k| k == "Condition") && kinds.len() >= 2, "{kinds:?}");
}

#[test]
fn a_restricted_chart_is_asked_once_and_another_patients_encounter_never_gets_a_note() {
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::Epic);
    run(async {
        let session = opened(&clinic).await;
        let (id, claim) = epic(&session, &emr).await;
        let note = Some(vec![WriteKind::Note]);
        session.send_to_emr(id, claim, Some("other".to_owned()).into(), note.clone()).await.unwrap();
        assert_eq!(session.sync_emr(true).await.unwrap().rejected, 1);
        let all = session.emr_outbox(Some(claim)).await.unwrap();
        assert_eq!(code(&all[0]), "emr_wrong_patient");
        session.decide_emr(all[0].id, Decision::Cancel).await.unwrap();

        emr.fault("GET /fhir/Encounter", Fault::Outcome(403, "4130"));
        let before = emr.asked("GET /fhir/Encounter");
        session.send_to_emr(id, claim, Some("e1".to_owned()).into(), note).await.unwrap();
        for _ in 0..3 {
            session.sync_emr(true).await.unwrap();
        }
        let all = session.emr_outbox(Some(claim)).await.unwrap();
        assert_eq!(
            (states(&all), code(&all[0])),
            (vec!["cancelled", "rejected"], "emr_break_the_glass".to_owned())
        );
        assert_eq!(emr.asked("GET /fhir/Encounter"), before + 1, "never asked again by itself");
        session.shut_down().await;
    });
    assert_eq!(emr.count("DocumentReference"), 0);
}

#[test]
fn a_problem_that_is_on_the_list_is_not_put_there_twice() {
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::Epic);
    run(async {
        let session = opened(&clinic).await;
        let (id, claim) = epic(&session, &emr).await;
        let problems = Some(vec![WriteKind::Problem]);
        let encounter = || Some("e1".to_owned()).into();
        session.send_to_emr(id, claim, encounter(), problems.clone()).await.unwrap();
        session.sync_emr(true).await.unwrap();
        let there = emr.count("Condition");
        assert!(there >= 1);
        // The same patient comes back for the same disease: another claim, the same diagnoses.
        let again = approved(&session, 1).await;
        session.send_to_emr(id, again, encounter(), problems).await.unwrap();
        for _ in 0..there {
            session.sync_emr(true).await.unwrap();
            let all = session.emr_outbox(Some(again)).await.unwrap();
            let Some(unknown) = all.iter().find(|d| d.state == EmrState::Unknown) else { break };
            assert_eq!(code(unknown), "emr_duplicate");
            let found = session.look_for_emr(unknown.id).await.unwrap();
            assert!(found.len() == 1 && found[0].same, "{found:?}");
            let arrived = Decision::Arrived { remote_id: found[0].id.clone() };
            session.decide_emr(unknown.id, arrived).await.unwrap();
        }
        let all = session.emr_outbox(Some(again)).await.unwrap();
        assert!(all.iter().all(|d| d.state == EmrState::Delivered), "{all:#?}");
        assert_eq!(emr.count("Condition"), there);
        session.shut_down().await;
    });
}

fn athena(emr: &Emr, providers: Value) -> NewConnection {
    let mut new = connection(emr, "athena_one", "client_secret");
    new.config.providers = serde_json::from_value(providers).unwrap();
    new
}

#[test]
fn a_claim_that_may_be_at_the_payer_is_not_set_free() {
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::AthenaOne);
    run(async {
        let session = opened(&clinic).await;
        let surgeons = serde_json::json!({"1245319599": "72"});
        let id = session.keep_emr(athena(&emr, surgeons)).await.unwrap().id;
        let only = Some(vec![WriteKind::Claim]);
        // Its answer is lost, and it is there: it cannot be taken back.
        let lost = approved(&session, 1).await;
        link(&session, id, lost, "101").await;
        assert_eq!(session.send_to_emr(id, lost, None.into(), only.clone()).await.unwrap(), 1);
        emr.fault("POST /v1/195900/claims", Fault::LostAfter);
        assert_eq!(session.sync_emr(true).await.unwrap().unknown, 1);
        let delivery = session.emr_outbox(Some(lost)).await.unwrap()[0].id;
        let refused = session.decide_emr(delivery, Decision::Cancel).await.unwrap_err().fault();
        assert_eq!(refused.code, "emr_claim_is_there");
        let found = session.look_for_emr(delivery).await.unwrap();
        let arrived = Decision::Arrived { remote_id: found[0].id.clone() };
        session.decide_emr(delivery, arrived).await.unwrap();
        assert_eq!(emr.state().written[0].body["supervisingproviderid"], "72", "the surgeon's own id");

        // Refused, and corrected meanwhile: the first is not taken back beside its correction.
        let refused_there = approved(&session, 2).await;
        link(&session, id, refused_there, "102").await;
        session.send_to_emr(id, refused_there, None.into(), only.clone()).await.unwrap();
        emr.fault("POST /v1/195900/claims", Fault::NoSuccess);
        assert_eq!(session.sync_emr(true).await.unwrap().rejected, 1);
        let delivery = session.emr_outbox(Some(refused_there)).await.unwrap()[0].id;
        let seen = session.emr_outbox(Some(refused_there)).await.unwrap()[0].revision;
        session.amend(refused_there, seen, Amend::Correct, "The side was wrong.".into()).await.unwrap();
        let refused = session.decide_emr(delivery, Decision::Cancel).await.unwrap_err().fault();
        assert_eq!(refused.code, "emr_claim_amended");

        // A surgeon whom the connection does not know: nobody's claim goes under another's name.
        let strangers = serde_json::json!({"1999999984": "73"});
        let new = NewConnection { id: Some(id), ..athena(&emr, strangers) };
        session.keep_emr(new).await.unwrap();
        let third = approved(&session, 3).await;
        let plan = session.emr_plan(id, third, None.into()).await.unwrap();
        assert!(plan.goes.iter().all(|g| g.kind != WriteKind::Claim));
        assert!(plan.stays.iter().any(|s| s.why.contains("surgeon") && s.instead.contains("837P")));
        session.shut_down().await;
    });
    assert_eq!(emr.count("claim"), 1);
}
