//! The truth of the protocol: against a FHIR R4 server of others, which judges what is written by R4's own definitions and
//! verifies signatures, code challenges and refresh tokens.

mod support;

use iambilly_app::emr::NewConnection;
use iambilly_app::paths::Paths;
use iambilly_app::session::{Config, Session, Unlock};
use iambilly_claim::Phi;
use iambilly_emr::auth::{Launch, SigningAlgorithm};
use iambilly_emr::transport::{Surroundings, Transport};
use iambilly_emr::{
    Adapter, ConnectionConfig, EmrError, NoteWrite, PatientQuery, ProbeState, ProblemWrite, ReadBack,
    Secrets, SigningKey, Trouble, Write, Written, connect,
};
use iambilly_tests::emr::real::{Real, browse};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use support::Clinic;

const SURROUNDINGS: Surroundings = Surroundings {
    now: jiff::Timestamp::now,
    random: |buffer| (iambilly_app::Surroundings::system().random)(buffer),
};

fn config(server: &Real, vendor: &str, sign_in: &str) -> ConnectionConfig {
    serde_json::from_value(json!({"vendor": vendor, "base_url": server.base(), "sign_in": sign_in,
        "client_id": "iambilly", "timeout_seconds": 20}))
    .unwrap()
}

fn with(config: ConnectionConfig, secrets: Secrets) -> Arc<dyn Adapter> {
    connect(config, secrets, SURROUNDINGS, Arc::new(|_| {})).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(180), future).await.expect("no test waits longer")
    })
}

fn trouble<T: std::fmt::Debug>(result: Result<T, EmrError>) -> Trouble {
    result.unwrap_err().trouble
}

fn stored(written: Written) -> Phi<String> {
    match written {
        Written::Stored(id) => id,
        other => panic!("not stored: {other:?}"),
    }
}

fn note(patient: &Phi<String>, encounter: &Phi<String>) -> Write {
    Write::Note(NoteWrite {
        patient: patient.clone(),
        encounter: Some(encounter.expose().clone()).into(),
        date: "2026-02-02".to_owned(),
        text: "Operative note.\nL4-L5 decompression; 5 mm left – no leak.".into(),
    })
}

fn problem(patient: &Phi<String>, code: &str) -> Write {
    Write::Problem(ProblemWrite {
        patient: patient.clone(),
        encounter: None.into(),
        code: code.to_owned(),
        display: "Spinal stenosis, lumbar region with neurogenic claudication".to_owned(),
    })
}

#[test]
fn patients_are_searched_paged_and_read() {
    let server = Real::start(&["--page", "5"]);
    let adapter = with(config(&server, "fhir_r4", "open"), Secrets::default());
    run(async {
        let search = |typed: &str| {
            let (adapter, query) = (Arc::clone(&adapter), PatientQuery::typed(typed));
            async move { adapter.search_patients(&query).await.unwrap() }
        };
        assert_eq!(search("Exampleby").await.len(), 12);
        let asked = server.made().1.iter().filter(|r| r.ends_with("/Patient")).count();
        assert_eq!(asked, 3, "twelve in pages of five");
        let twins = search("Exampleby, Ada 5/4/1960").await;
        assert_eq!(twins.len(), 2);
        assert_eq!(search("exam 1961-01-07").await.len(), 1, "the beginning of a name");
        let seventh = search("M1007").await;
        assert_eq!(seventh.len(), 1);
        let one = adapter.patient(&seventh[0].id).await.unwrap();
        assert_eq!(one.record_number.expose().as_deref(), Some("M1007"));
        assert_eq!(one.place.expose().as_deref(), Some("Springfield, IL"));
        assert!(search("Nobody").await.is_empty());
        assert_eq!(trouble(adapter.patient(&"nobody".into()).await), Trouble::NotFound);
        let encounters = adapter.encounters(&one.id).await.unwrap();
        assert_eq!(encounters.len(), 1);
        assert_eq!(encounters[0].from.expose().as_deref(), Some("2026-02-02"));
        assert_eq!(adapter.coverages(&one.id).await.unwrap()[0].member_id.expose().as_deref(), Some("S7"));
        assert_eq!(adapter.appointments(&one.id).await.unwrap().len(), 1);
        let probes = adapter.probe().await;
        assert!(probes.iter().all(|p| p.state != ProbeState::Bad), "{probes:#?}");
    });
    assert!(server.made().0.is_empty(), "reading writes nothing");
}

#[test]
fn what_is_written_is_valid_r4_and_is_read_back_and_found_again() {
    for (sign_in, algorithm) in
        [("backend_es384", SigningAlgorithm::Es384), ("backend_rs384", SigningAlgorithm::Rs384)]
    {
        let server = Real::start(&[]);
        let key = SigningKey::generate(algorithm).unwrap();
        let secrets = || Secrets { key: Some(key.clone()), ..Secrets::default() };
        // Somebody else's key is registered first: the signature is really looked at.
        server.register(&SigningKey::generate(algorithm).unwrap().jwks().unwrap());
        let stranger = with(config(&server, "epic", sign_in), secrets());
        let refused = run(stranger.search_patients(&PatientQuery::typed("Exampleby")));
        assert_eq!(trouble(refused), Trouble::SignInRefused);
        server.register(&key.jwks().unwrap());
        let adapter = with(config(&server, "epic", sign_in), secrets());
        run(async {
            let found = adapter.search_patients(&PatientQuery::typed("Exampleby")).await.unwrap();
            let (patient, other) = (&found[0].id, &found[1].id);
            let encounter = adapter.encounters(patient).await.unwrap()[0].id.clone();
            let write = note(patient, &encounter);
            assert_eq!(adapter.before(&write).await.unwrap(), []);
            assert_eq!(trouble(adapter.before(&note(other, &encounter)).await), Trouble::WrongPatient);
            let id = stored(adapter.write(&write).await);
            assert_eq!(adapter.read_back(&write, &id).await, ReadBack::Confirmed);
            assert_eq!(adapter.read_back(&note(other, &encounter), &id).await, ReadBack::Differs);
            let again = adapter.look_for(&write).await.unwrap();
            assert!(again.len() == 1 && again[0].same && again[0].id == id, "{again:?}");

            let write = problem(patient, "M48.062");
            assert_eq!(adapter.before(&write).await.unwrap(), []);
            let id = stored(adapter.write(&write).await);
            assert_eq!(adapter.read_back(&write, &id).await, ReadBack::Confirmed);
            let there = adapter.before(&write).await.unwrap();
            assert!(there.len() == 1 && there[0].id == id, "the list has it: a person decides");
            assert_eq!(adapter.before(&problem(patient, "M43.16")).await.unwrap(), []);

            // R4 takes no code that ends in a blank; its OperationOutcome is a refusal in our words.
            match adapter.write(&problem(patient, "M48.062 ")).await {
                Written::Refused(error) => {
                    assert_eq!((error.trouble, error.status), (Trouble::Refused, Some(422)));
                    assert!(error.fault().message.contains("422"), "{error:?}");
                }
                other => panic!("{other:?}"),
            }
            let probes = adapter.probe().await;
            assert!(probes.iter().all(|p| p.state != ProbeState::Bad), "{probes:#?}");
        });
        let (made, requests) = server.made();
        let kinds: Vec<&str> = made.iter().map(|m| m["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["DocumentReference", "Condition"]);
        assert_eq!(made[0]["resource"]["docStatus"], "preliminary");
        assert_eq!(made[1]["resource"]["verificationStatus"]["coding"][0]["code"], "provisional");
        let tokens = requests.iter().filter(|r| r.ends_with("/token")).count();
        assert_eq!(tokens, 2, "one token refused, one for everything else");
    }
}

#[test]
fn a_standalone_launch_is_verified_to_its_code_challenge() {
    for vendor in ["epic", "cure_md", "fhir_r4"] {
        let server = Real::start(&[]);
        let config = config(&server, vendor, "launch");
        run(async {
            let transport = Transport::new(&config, SURROUNDINGS, Arc::new(|_| {})).unwrap();
            let launch = Launch::begin(&config, &transport).await.unwrap();
            let address = launch.url.to_string();
            let browser = std::thread::spawn(move || browse(&address));
            let token = launch.finish(&transport).await.unwrap();
            browser.join().unwrap();
            let secrets = Secrets { refresh_token: token.refresh, ..Secrets::default() };
            let adapter = with(config.clone(), secrets.clone());
            assert_eq!(
                adapter.search_patients(&PatientQuery::typed("M1003")).await.unwrap().len(),
                1,
                "{vendor}"
            );
            // The refresh token was good once: whoever kept the old one must sign in again.
            let old = with(config.clone(), secrets);
            let refused = old.search_patients(&PatientQuery::typed("M1003")).await;
            assert_eq!(trouble(refused), Trouble::NeedsLaunch);
        });
    }
}

async fn opened(clinic: &Clinic) -> Arc<Session> {
    let mut paths = Paths::from_environment(&|_| None, std::path::Path::new("iambilly"));
    paths.data = clinic.data();
    paths.rules = clinic.folder.path().join("rules");
    paths.models = clinic.folder.path().join("models");
    let unlock = Unlock::passphrase(clinic.passphrase.clone());
    Session::open(Config::new(paths, 1), iambilly_app::Surroundings::system(), unlock).await.unwrap()
}

/// How often a token was asked for.
fn tokens(server: &Real) -> usize {
    server.made().1.iter().filter(|r| r.ends_with("/token")).count()
}

#[test]
fn a_sign_in_lasts_over_ends_of_tokens_and_of_the_program() {
    let clinic = Clinic::new();
    let server = Real::start(&[]);
    run(async {
        let session = opened(&clinic).await;
        let new: NewConnection = serde_json::from_value(
            json!({"name": "Downtown", "config": config(&server, "cure_md", "launch")}),
        )
        .unwrap();
        let id = session.keep_emr(new).await.unwrap().id;
        let refused = session.emr_search(id, "Exampleby".into()).await.unwrap_err().fault();
        assert_eq!(refused.code, "emr_needs_sign_in");
        let mut browser = None;
        session
            .sign_in_emr(id, |address| {
                let address = address.to_owned();
                browser = Some(std::thread::spawn(move || browse(&address)));
            })
            .await
            .unwrap();
        browser.unwrap().join().unwrap();
        assert!(session.emr_connections().await.unwrap()[0].signed_in);
        for typed in ["Exampleby", "M1001", "M1002"] {
            assert!(!session.emr_search(id, typed.into()).await.unwrap().patients.is_empty());
        }
        assert_eq!(tokens(&server), 2, "the sign-in's, and one by its refresh token for all that follows");
        session.shut_down().await;
        // The program is started anew: the refresh token that was rotated is the one that was kept.
        let session = opened(&clinic).await;
        assert!(!session.emr_search(id, "M1003".into()).await.unwrap().patients.is_empty());
        assert_eq!(tokens(&server), 3);
        let health = session.emr_health().await.unwrap();
        assert_eq!(health.len(), 1);
        assert!(health[0].fix.is_none() && health[0].detail.contains("clock differs"), "{health:?}");
        session.shut_down().await;
    });
    support::assert_unreadable(&clinic.data(), &["Exampleby"]);
}

#[test]
fn a_token_that_is_about_to_end_is_renewed_before_it_is_used() {
    // Tokens that hold for a minute and a second: each is renewed a minute before its end.
    let server = Real::start(&["--life", "61"]);
    let key = SigningKey::generate(SigningAlgorithm::Es384).unwrap();
    server.register(&key.jwks().unwrap());
    let secrets = Secrets { key: Some(key), ..Secrets::default() };
    let adapter = with(config(&server, "fhir_r4", "backend_es384"), secrets);
    run(async {
        for _ in 0..2 {
            adapter.search_patients(&PatientQuery::typed("M1003")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(2_100)).await;
        }
    });
    let refused = server.made().1.iter().filter(|r| r.ends_with("/token")).count();
    assert_eq!(refused, 2, "a new one for the second search, before the server had to refuse");
}

#[test]
fn the_doctor_looks_at_the_way_to_each_record_system() {
    let clinic = Clinic::new();
    let server = Real::start(&[]);
    let doctor = |open: bool| -> Value {
        let mut command = clinic.command(&["doctor", "--json"]);
        if !open {
            command.env_remove("IAMBILLY_PASSPHRASE");
        }
        let report: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let of = |c: &&Value| c["name"].as_str().unwrap().starts_with("record system");
        report["checks"].as_array().unwrap().iter().filter(of).cloned().collect::<Vec<_>>().into()
    };
    assert_eq!(doctor(true), json!([]), "nothing is made yet");
    let file = clinic.folder.path().join("c.json");
    std::fs::write(
        &file,
        json!({"name": "Mercy Exampleby Hospital", "config": config(&server, "fhir_r4", "open")}).to_string(),
    )
    .unwrap();
    assert_eq!(clinic.run(&["emr", "connect", file.to_str().unwrap()]).code, 0);
    let good = doctor(true);
    assert_eq!((&good[0]["name"], &good[0]["state"]), (&"record system 1".into(), &"ok".into()), "{good}");
    assert!(good[0]["detail"].as_str().unwrap().contains("clock differs"), "{good}");
    assert!(doctor(false)[0]["detail"].as_str().unwrap().contains("locked"), "it asks nobody");
    drop(server);
    let bad = doctor(true);
    assert_eq!(bad[0]["state"], "warn");
    assert!(bad[0]["fix"].as_str().unwrap().contains("network"), "{bad}");
    let report = clinic.run(&["doctor", "--report"]).stdout;
    assert!(report.contains("record system 1") && !report.contains("Mercy"), "{report}");
}
