//! Writes into an EMR with faults and kills at random: none lost, none twice, every one whose answer was lost waits for a
//! person. A short share in every run; a thousand with IAMBILLY_SOAK.

#[path = "support/emr.rs"]
mod ready;
mod support;

use iambilly_app::emr::{Decision, DeliveryView, EmrState};
use iambilly_claim::ids::ClaimId;
use iambilly_emr::ReadBack;
use iambilly_tests::emr::{Emr, Fault, Kind};
use ready::{approved, connection, link, opened};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use support::{Clinic, Seeded, soak};

/// How many records of an EMR are this write: its kind, its patient, its code.
fn records(emr: &Emr, delivery: &DeliveryView, patients: &BTreeMap<ClaimId, String>) -> Vec<String> {
    let subject = format!("Patient/{}", patients[&delivery.claim_id]);
    let kind = serde_json::to_value(delivery.kind).unwrap();
    let code = delivery.says.rsplit(' ').next().unwrap().to_owned();
    emr.state()
        .written
        .iter()
        .filter(|w| w.body["subject"]["reference"] == subject.as_str())
        .filter(|w| match kind.as_str() {
            Some("note") => w.kind == "DocumentReference",
            _ => w.kind == "Condition" && w.body["code"]["coding"][0]["code"] == code.as_str(),
        })
        .map(|w| w.id.clone())
        .collect()
}

/// What must hold whenever nothing is under way. Answers with how many are in each state.
fn held(
    emr: &Emr,
    all: &[DeliveryView],
    patients: &BTreeMap<ClaimId, String>,
) -> BTreeMap<&'static str, usize> {
    let mut states = BTreeMap::new();
    for delivery in all {
        *states.entry(delivery.state.as_str()).or_insert(0) += 1;
        let there = records(emr, delivery, patients);
        let id = delivery.remote_id.expose().clone();
        match delivery.state {
            EmrState::Delivered => assert_eq!(there, id.into_iter().collect::<Vec<_>>(), "{delivery:?}"),
            EmrState::Unknown => assert!(there.len() <= 1, "twice: {delivery:?}"),
            EmrState::Queued | EmrState::Rejected | EmrState::Cancelled => {
                assert!(there.is_empty(), "there, and nobody knows it: {delivery:?} {there:?}");
            }
            EmrState::Sending => panic!("nothing is under way: {delivery:?}"),
        }
    }
    states
}

/// One run of the program, killed at a random moment of one of its writes. Tells whether it was killed.
fn run_and_kill(clinic: &Clinic, emr: &Emr, random: &mut Seeded) -> bool {
    let before = emr.state().met_or_written();
    let target = before + random.below(8) as usize;
    let moment = Duration::from_micros(random.below(25_000));
    let mut child = clinic.start(&["emr", "sync"]);
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            // One that would not even begin must not be taken for one that had nothing to do.
            assert!(matches!(status.code(), Some(0 | 1)), "{status:?}");
            return false;
        }
        if emr.state().met_or_written() > target || Instant::now() > end {
            std::thread::sleep(moment);
            let killed = child.try_wait().unwrap().is_none();
            let _ = child.kill();
            child.wait().unwrap();
            return killed;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn nothing_is_lost_and_nothing_is_twice_whatever_fails_and_whenever_it_is_killed() {
    let wanted = if soak() { 1_000 } else { 16 };
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::Epic);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut patients = BTreeMap::new();
    let (queued, id) = runtime.block_on(async {
        let session = opened(&clinic).await;
        let id = session.keep_emr(connection(&emr, "epic", "backend_es384")).await.unwrap().id;
        let (mut queued, mut n) = (0, 0);
        while queued < wanted {
            n += 1;
            let claim = approved(&session, n).await;
            // The vendor's limit of requests a minute is the program's own; a new process begins anew.
            let remote = format!("p{n}");
            link(&session, id, claim, &remote).await;
            let encounter = Some(format!("e{n}")).into();
            let more = session.send_to_emr(id, claim, encounter, None).await.unwrap();
            assert!(more >= 2, "a note and problems");
            let again = session.send_to_emr(id, claim, Some(format!("e{n}")).into(), None).await.unwrap();
            assert_eq!(again, 0, "the same is queued once");
            queued += more as usize;
            patients.insert(claim, remote);
        }
        session.shut_down().await;
        (queued, id)
    });
    let mut random = Seeded(9);
    emr.faults_at_random(17, 30);
    let began = Instant::now();
    let (mut runs, mut kills, mut unknown, mut rejected, mut rounds) = (0, 0, 0, 0, 0);
    loop {
        // Until nothing moves any more without a person.
        let mut idle = 0;
        while idle < 2 {
            let before = emr.state().met_or_written();
            kills += usize::from(run_and_kill(&clinic, &emr, &mut random));
            runs += 1;
            idle = if emr.state().met_or_written() == before { idle + 1 } else { 0 };
            assert!(
                began.elapsed() < Duration::from_secs(if soak() { 5_400 } else { 480 }),
                "it does not come to an end"
            );
        }
        rounds += 1;
        let done = runtime.block_on(async {
            let session = opened(&clinic).await;
            session.sync_emr(true).await.unwrap();
            let all = session.emr_outbox(None).await.unwrap();
            assert_eq!(all.len(), queued, "none is lost");
            let states = held(&emr, &all, &patients);
            unknown += states.get("unknown").copied().unwrap_or(0);
            rejected += states.get("rejected").copied().unwrap_or(0);
            for delivery in &all {
                let decision = match delivery.state {
                    EmrState::Rejected => Decision::Again,
                    EmrState::Unknown => {
                        let found = session.look_for_emr(delivery.id).await.unwrap();
                        match found.into_iter().find(|c| c.same) {
                            Some(found) => Decision::Arrived { remote_id: found.id },
                            None => Decision::Again,
                        }
                    }
                    _ => continue,
                };
                session.decide_emr(delivery.id, decision).await.unwrap();
            }
            session.shut_down().await;
            states.get("delivered") == Some(&queued)
        });
        if done {
            break;
        }
        assert!(rounds < 60, "it does not come to an end");
    }
    let ambiguous = emr.state().met.iter().filter(|f| f.is_ambiguous()).count();
    let met = emr.state().met.len();
    assert!(unknown >= ambiguous, "each ambiguous answer was unknown: {unknown} of {ambiguous}");
    assert!(unknown <= ambiguous + kills, "and nothing else but kills was: {unknown}, {ambiguous}, {kills}");
    assert_eq!(emr.state().written.len(), queued, "zero lost, zero twice");
    runtime.block_on(async {
        let session = opened(&clinic).await;
        let all = session.emr_outbox(None).await.unwrap();
        assert!(all.iter().all(|d| d.read_back != Some(ReadBack::Differs)));
        assert!(
            !serde_json::to_string(&session.emr_traces(id).await.unwrap()).unwrap().contains("Exampleby")
        );
        session.shut_down().await;
    });
    support::assert_unreadable(&clinic.data(), &["Exampleby", "refresh-", "token-1"]);
    println!(
        "{queued} deliveries, {runs} runs, {kills} kills, {met} faults, {ambiguous} ambiguous, {unknown} unknown, \
         {rejected} rejected, {rounds} rounds, {:.0} s: 0 lost, 0 twice",
        began.elapsed().as_secs_f64()
    );
}

#[test]
fn a_claim_goes_to_athena_once_and_by_no_other_way() {
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::AthenaOne);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let session = opened(&clinic).await;
        let id = session.keep_emr(connection(&emr, "athena_one", "client_secret")).await.unwrap().id;
        let claim = approved(&session, 1).await;
        let refused = session.send_to_emr(id, claim, None.into(), None).await.unwrap_err().fault();
        assert_eq!(refused.code, "emr_patient_not_linked");
        // Found as somebody types; kept for when the EMR is away.
        let found = session.emr_search(id, "Exampleby".into()).await.unwrap();
        assert!(found.fresh && found.patients.len() == 2);
        emr.down(true);
        assert!(session.emr_search(id, "Exampleby".into()).await.is_err());
        let seen = session.emr_patients_seen(id, "exam 1960-05-04".into()).await.unwrap();
        assert!(!seen.fresh && seen.patients.len() == 2);
        emr.down(false);
        link(&session, id, claim, "101").await;
        let other = approved(&session, 2).await;
        let double = session.link_emr(id, other, "101".into(), false).await.unwrap_err().fault();
        assert_eq!(double.code, "not_allowed_now", "one patient there is one patient here");
        let plan = session.emr_plan(id, claim, None.into()).await.unwrap();
        let plan = serde_json::to_value(&plan).unwrap();
        // Named as the EMR showed them, not by an id alone.
        assert_eq!(plan["chosen"]["patient"]["id"], plan["patient"]);
        assert_eq!(plan["chosen"]["patient"]["last"], "Exampleby");
        assert!(
            plan["stays"]
                .as_array()
                .unwrap()
                .iter()
                .any(|s| s["what"].as_str().unwrap().contains("authorisation"))
        );
        let sends = plan["goes"].as_array().unwrap().iter().any(|g| g["kind"] == "claim");
        assert!(sends || plan["stays"].to_string().contains("837P"), "{plan}");
        session.send_to_emr(id, claim, None.into(), None).await.unwrap();
        if sends {
            let exported = session.export_837p(vec![claim], iambilly_app::exchange::Target::Watched).await;
            assert!(exported.is_err(), "it does not leave twice");
        }
        emr.fault("POST /v1/195900/patients", Fault::LostAfter);
        let first = session.sync_emr(true).await.unwrap();
        assert_eq!((first.delivered, first.unknown), (0, 1), "what comes behind it waits");
        let all = session.emr_outbox(Some(claim)).await.unwrap();
        let lost = all.iter().find(|d| d.state == EmrState::Unknown).unwrap();
        let found = session.look_for_emr(lost.id).await.unwrap();
        let arrived = Decision::Arrived { remote_id: found[0].id.clone() };
        session.decide_emr(lost.id, arrived).await.unwrap();
        session.sync_emr(true).await.unwrap();
        let all = session.emr_outbox(Some(claim)).await.unwrap();
        assert!(all.iter().all(|d| d.state == EmrState::Delivered), "{all:#?}");
        assert_eq!((emr.count("claim"), emr.count("note")), (usize::from(sends), 1));
        session.shut_down().await;
    });
}

#[test]
fn the_command_line_sets_up_tests_and_shows() {
    let clinic = Clinic::new();
    let emr = Emr::start(Kind::Epic);
    let file = clinic.folder.path().join("epic.json");
    let write = |config: Value| {
        std::fs::write(&file, json!({"name": "Hospital", "config": config}).to_string()).unwrap()
    };
    let connect = || clinic.run(&["emr", "connect", file.to_str().unwrap(), "--json"]);
    write(
        json!({"vendor": "epic", "base_url": "http://fhir.example.org/", "sign_in": "backend_es384", "client_id": "x"}),
    );
    assert_eq!(connect().error_code(), "emr_address_invalid");
    write(
        json!({"vendor": "epic", "base_url": emr.base(), "sign_in": "backend_es384", "client_id": "x", "what": 1}),
    );
    assert_eq!(connect().error_code(), "emr_settings_invalid");
    write(json!({"vendor": "epic", "base_url": emr.base(), "sign_in": "backend_rs384", "client_id": "x"}));
    let made = connect().json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(clinic.run(&["emr", "list"]).json()[0]["keyId"], made["keyId"]);
    let keys = clinic.run(&["emr", "jwks", id]).json();
    assert_eq!((&keys["keys"][0]["alg"], &keys["keys"][0]["kid"]), (&"RS384".into(), &made["keyId"]));
    assert!(keys["keys"][0].get("d").is_none());
    let tested = clinic.run(&["emr", "test", id, "--json"]);
    assert_eq!(tested.code, 0, "{tested:?}");
    let found = clinic.run(&["emr", "pull", id, "Exampleby", "--json"]).json();
    assert_eq!(found["patients"].as_array().unwrap().len(), 2);
    assert_eq!(clinic.run(&["emr", "pull", id, "exampl", "--seen", "--json"]).json()["fresh"], false);
    assert_eq!(clinic.run(&["emr", "sync", "--json"]).json()["waiting"], 0);
    assert_eq!(clinic.run(&["emr", "test", "nonsense", "--json"]).error_code(), "emr_id_invalid");
    let traces = clinic.run(&["emr", "traces", id]).stdout;
    assert!(traces.contains("search patients") && !traces.contains("Exampleby"));
    assert_eq!(clinic.run(&["emr", "remove", id]).code, 0);
}
