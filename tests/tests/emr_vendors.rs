//! Each vendor's contract against its simulator, with everything that is documented to go wrong.

use iambilly_claim::Phi;
use iambilly_emr::{
    Adapter, Capability, ChargeWrite, ClaimWrite, ConnectionConfig, EmrError, Modifiers, NoteWrite,
    PatientQuery, ProbeState, ProblemWrite, ReadBack, Secrets, SignIn, SigningKey, Support, Trace, Trouble,
    Vendor, Write, Written,
    auth::{Launch, SigningAlgorithm},
    connect,
    transport::{Surroundings, Transport},
};
use iambilly_tests::emr::{Emr, Fault, Kind};
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SURROUNDINGS: Surroundings = Surroundings {
    now: jiff::Timestamp::now,
    // Tests need no secret: a counter that never gives the same twice.
    random: |buffer| {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let n = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst).to_le_bytes();
        buffer.iter_mut().zip(n.iter().cycle()).for_each(|(b, n)| *b = *n);
        true
    },
};

type Traces = Arc<Mutex<Vec<Trace>>>;

fn config(emr: &Emr) -> ConnectionConfig {
    let (vendor, sign_in) = match emr.kind {
        Kind::Fhir => (Vendor::FhirR4, SignIn::Open),
        Kind::Epic => (Vendor::Epic, SignIn::BackendEs384),
        Kind::AthenaOne => (Vendor::AthenaOne, SignIn::ClientSecret),
        Kind::AthenaPractice => (Vendor::AthenaPractice, SignIn::ClientSecret),
        Kind::CureMd => (Vendor::CureMd, SignIn::Launch),
    };
    ConnectionConfig {
        vendor,
        base_url: emr.base(),
        sign_in,
        client_id: "iambilly".to_owned(),
        token_url: None,
        scopes: None,
        proxy: None,
        root_certificate: None,
        requests_per_minute: None,
        timeout_seconds: Some(5),
        department_id: Some("1".to_owned()),
        provider_id: Some("71".to_owned()),
        providers: Default::default(),
        note_type: None,
        note_signed: false,
        modifiers: Modifiers::Refuse,
    }
}

fn with(config: ConnectionConfig) -> (Arc<dyn Adapter>, Traces) {
    let traces: Traces = Arc::default();
    let kept = Arc::clone(&traces);
    let secrets = Secrets {
        client_secret: Some("secret".to_owned().into()),
        key: Some(SigningKey::generate(SigningAlgorithm::Es384).unwrap()),
        refresh_token: Some("refresh-0".to_owned().into()),
    };
    let adapter = connect(config, secrets, SURROUNDINGS, Arc::new(move |t| kept.lock().unwrap().push(t)));
    (adapter.unwrap(), traces)
}

fn started(kind: Kind) -> (Emr, Arc<dyn Adapter>) {
    let emr = Emr::start(kind);
    let adapter = with(config(&emr)).0;
    (emr, adapter)
}

fn note(patient: &str, encounter: Option<&str>) -> Write {
    Write::Note(NoteWrite {
        patient: patient.into(),
        encounter: encounter.map(str::to_owned).into(),
        date: "2026-02-02".to_owned(),
        text: "Operative note of Exampleby.\nL4-L5 decompression.".into(),
    })
}

fn problem(patient: &str) -> Write {
    Write::Problem(ProblemWrite {
        patient: patient.into(),
        encounter: None.into(),
        code: "M48.062".to_owned(),
        display: "Spinal stenosis with claudication".to_owned(),
    })
}

fn claim(patient: &str, modifiers: &[&str]) -> Write {
    Write::Claim(ClaimWrite {
        patient: patient.into(),
        date: "2026-02-02".to_owned(),
        provider: None,
        charges: vec![ChargeWrite {
            code: "22633".to_owned(),
            modifiers: modifiers.iter().map(|m| (*m).to_owned()).collect(),
            units: 1,
            amount: "5200.00".to_owned(),
            diagnoses: vec!["M43.16".to_owned(), "M48.062".to_owned()],
            note: Some("L4-L5".to_owned()),
        }],
    })
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(120), future).await.expect("no test waits longer")
    })
}

fn trouble<T: std::fmt::Debug>(result: Result<T, EmrError>) -> Trouble {
    let error = result.unwrap_err();
    let fault = error.fault();
    let told = format!("{error:?} {error} {fault:?}").to_lowercase();
    assert!(!told.contains("exampleby") && !told.contains("1960"), "{told}");
    error.trouble
}

fn stored(written: Written) -> Phi<String> {
    match written {
        Written::Stored(id) => id,
        other => panic!("not stored: {other:?}"),
    }
}

#[test]
fn patients_are_found_in_every_system() {
    for kind in [Kind::Fhir, Kind::Epic, Kind::AthenaOne, Kind::AthenaPractice, Kind::CureMd] {
        let (_emr, adapter) = started(kind);
        run(async {
            let found = adapter.search_patients(&PatientQuery::typed("Exampleby 1960-05-04")).await.unwrap();
            assert_eq!(found.len(), 2, "{kind:?}");
            assert_eq!(found[0].birth_date.expose().as_deref(), Some("1960-05-04"), "{kind:?}");
            let one = adapter.patient(&found[0].id).await.unwrap();
            assert_eq!((&one.id, one.sex.expose().as_deref()), (&found[0].id, Some("F")), "{kind:?}");
            assert!(adapter.search_patients(&PatientQuery::typed("Nobody")).await.unwrap().is_empty());
            let encounters = adapter.encounters(&one.id).await.unwrap();
            assert_eq!(encounters.len(), 1, "another patient's encounter is not shown: {kind:?}");
            assert_eq!(encounters[0].from.expose().as_deref(), Some("2026-02-02"));
            let coverage = adapter.coverages(&one.id).await.unwrap();
            assert_eq!((coverage[0].order, coverage[0].active), (Some(1), true));
            assert_eq!(adapter.appointments(&one.id).await.unwrap().len(), 1);
        });
    }
}

#[test]
fn epic_takes_a_note_and_provisional_problems_and_no_claim() {
    let (emr, adapter) = started(Kind::Epic);
    run(async {
        let write = note("p17", Some("e17"));
        assert!(adapter.before(&write).await.unwrap().is_empty());
        let id = stored(adapter.write(&write).await);
        assert_eq!(adapter.read_back(&write, &id).await, ReadBack::Confirmed);
        assert_eq!(adapter.read_back(&note("p18", None), &id).await, ReadBack::Differs, "of another patient");
        let found = adapter.look_for(&write).await.unwrap();
        assert!(found.len() == 1 && found[0].same && found[0].id == id);
        let problem = problem("p17");
        let id = stored(adapter.write(&problem).await);
        assert_eq!(adapter.read_back(&problem, &id).await, ReadBack::Confirmed);
        assert_eq!(adapter.support(Capability::ClaimCreate), Support::By837p);
        assert!(
            matches!(adapter.write(&claim("p17", &[])).await, Written::Refused(e) if e.trouble == Trouble::Unsupported)
        );
        // A note goes under an encounter, of the same patient.
        assert_eq!(trouble(adapter.before(&note("p17", None)).await), Trouble::NoEncounter);
        assert_eq!(trouble(adapter.before(&note("p17", Some("other"))).await), Trouble::WrongPatient);
        assert!(
            matches!(adapter.write(&note("p17", Some("e18"))).await, Written::Refused(e) if e.vendor_code.as_deref() == Some("59108"))
        );
    });
    assert_eq!((emr.count("DocumentReference"), emr.count("Condition")), (1, 1));
    let written = emr.state().written[0].body.clone();
    assert_eq!(
        (&written["docStatus"], &written["type"]["coding"][0]["code"]),
        (&"preliminary".into(), &"11504-8".into())
    );
}

#[test]
fn athena_practice_takes_a_chart_document_to_be_signed() {
    let (emr, adapter) = started(Kind::AthenaPractice);
    run(async {
        let write = note("p17", None);
        let id = stored(adapter.write(&write).await);
        assert_eq!(adapter.read_back(&write, &id).await, ReadBack::Confirmed);
        assert!(matches!(adapter.write(&problem("p17")).await, Written::Refused(_)));
    });
    assert_eq!(emr.state().written[0].body["authenticator"]["reference"], "Practitioner/71");
}

#[test]
fn what_is_read_only_is_never_written_to() {
    for kind in [Kind::CureMd, Kind::Fhir] {
        let (emr, adapter) = started(kind);
        run(async {
            for write in [note("p1", None), problem("p1"), claim("p1", &[])] {
                assert_eq!(trouble(adapter.before(&write).await), Trouble::Unsupported);
                assert!(
                    matches!(adapter.write(&write).await, Written::Refused(e) if e.trouble == Trouble::Unsupported)
                );
            }
        });
        assert_eq!(emr.asked("POST /fhir"), 0, "{kind:?}");
    }
}

#[test]
fn athena_one_takes_a_claim_once_and_a_note() {
    let (emr, adapter) = started(Kind::AthenaOne);
    run(async {
        let write = claim("101", &[]);
        assert!(adapter.before(&write).await.unwrap().is_empty());
        let id = stored(adapter.write(&write).await);
        assert_eq!(adapter.read_back(&write, &id).await, ReadBack::Confirmed);
        let again = adapter.before(&write).await.unwrap();
        assert!(
            again.len() == 1 && again[0].id == id,
            "what is there already is found before it is made again"
        );
        let note = note("101", None);
        stored(adapter.write(&note).await);
        assert_eq!(adapter.look_for(&note).await.unwrap().len(), 1);
        // Modifiers are not guessed at.
        assert_eq!(trouble(adapter.before(&claim("101", &["59"])).await), Trouble::Unsupported);
        assert!(matches!(adapter.write(&claim("101", &["59"])).await, Written::Refused(_)));
        let confirmed = with(ConnectionConfig { modifiers: Modifiers::AfterCode, ..config(&emr) }).0;
        stored(confirmed.write(&claim("102", &["59"])).await);
        // 200 with success:false, and 409.
        emr.fault("POST /v1", Fault::NoSuccess).fault("POST /v1", Fault::Conflict);
        assert!(matches!(adapter.write(&write).await, Written::Refused(e) if e.status == Some(200)));
        assert!(
            matches!(adapter.write(&write).await, Written::Refused(e) if e.trouble == Trouble::Duplicate)
        );
    });
    let state = emr.state();
    let body = &state.written[0].body;
    assert_eq!(
        (&body["servicedate"], &body["claimcharges"][0]["icd10code2"]),
        (&"02/02/2026".into(), &"M48.062".into())
    );
    assert_eq!(state.written[2].body["claimcharges"][0]["procedurecode"], "22633,59");
    assert_eq!(state.written.len(), 3);
}

#[test]
fn a_write_goes_again_only_when_it_was_certainly_not_taken() {
    let (emr, adapter) = started(Kind::Epic);
    let write = note("p17", Some("e17"));
    run(async {
        // An expired token in the middle of a batch: a new one, and the same once more.
        emr.fault("POST /fhir", Fault::Expired);
        stored(adapter.write(&write).await);
        let tokens = emr.state().tokens;
        assert_eq!((tokens, emr.count("DocumentReference")), (2, 1));
        let cases: [(Fault, &str, usize); 12] = [
            (Fault::Busy(Some(7)), "again 7", 0),
            (Fault::Busy(None), "again", 0),
            (Fault::Unavailable(Some(2)), "again 2", 0),
            (Fault::Unavailable(None), "unknown", 0),
            (Fault::FailedBefore, "unknown", 0),
            (Fault::FailedAfter, "unknown", 1),
            (Fault::LostBefore, "unknown", 0),
            (Fault::LostAfter, "unknown", 1),
            (Fault::Slow(Duration::from_secs(7)), "unknown", 1),
            (Fault::Ungranted, "refused emr_not_granted", 0),
            (Fault::Outcome(422, "59012"), "refused emr_not_provisional", 0),
            // The head came whole, and it names what was stored.
            (Fault::Truncated, "stored", 1),
        ];
        for (fault, expected, more) in cases {
            let before = emr.count("DocumentReference");
            emr.fault("POST /fhir", fault.clone());
            let told = match adapter.write(&write).await {
                Written::Stored(_) => "stored".to_owned(),
                Written::Refused(e) => format!("refused {}", e.trouble.code()),
                Written::NotSent(_, Some(after)) => format!("again {}", after.as_secs()),
                Written::NotSent(_, None) => "again".to_owned(),
                Written::Unknown(_) => "unknown".to_owned(),
            };
            assert_eq!(told, expected, "{fault:?}");
            assert_eq!(emr.count("DocumentReference"), before + more, "{fault:?}");
        }
        emr.down(true);
        assert!(
            matches!(adapter.write(&write).await, Written::Unknown(_)),
            "the line broke after it was sent"
        );
    });
    // Nobody listens at all: nothing was sent.
    let (gone, adapter) = started(Kind::Fhir);
    drop(gone);
    run(async {
        assert_eq!(
            trouble(adapter.search_patients(&PatientQuery::typed("Exampleby")).await),
            Trouble::Unreachable
        );
    });
}

#[test]
fn an_answer_that_breaks_off_without_a_name_is_unknown() {
    let (emr, adapter) = started(Kind::AthenaOne);
    run(async {
        emr.fault("POST /v1", Fault::Truncated);
        assert!(matches!(adapter.write(&claim("101", &[])).await, Written::Unknown(_)));
        assert_eq!(emr.count("claim"), 1);
        let found = adapter.look_for(&claim("101", &[])).await.unwrap();
        assert!(found.len() == 1 && found[0].same, "the search helps the person who decides");
    });
}

#[test]
fn reads_wait_when_they_are_asked_to_and_restricted_charts_are_asked_once() {
    let (emr, adapter) = started(Kind::Epic);
    let search = |text: &'static str| {
        let adapter = Arc::clone(&adapter);
        async move { adapter.search_patients(&PatientQuery::typed(text)).await }
    };
    run(async {
        assert_eq!(trouble(search("Glass").await), Trouble::BreakTheGlass);
        assert_eq!(emr.asked("GET /fhir/Patient"), 1, "never asked again");
        assert_eq!(trouble(search("Many").await), Trouble::TooMany);
        assert_eq!(search("Paged").await.unwrap().len(), 3, "every page");
        assert_eq!(search("Ignored").await.unwrap(), [], "a server that ignores the question");
        // A list that was dropped while it was read is begun anew.
        emr.fault("GET /fhir/Patient", Fault::Outcome(400, "4113"));
        assert_eq!(search("Paged").await.unwrap().len(), 3);
        emr.fault("GET /fhir/Patient", Fault::Busy(Some(1)));
        let began = Instant::now();
        assert_eq!(search("Exampleby").await.unwrap().len(), 2);
        assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After is obeyed");
        emr.fault("GET /fhir/Patient", Fault::Expired);
        assert_eq!(search("Exampleby").await.unwrap().len(), 2, "a token that has ended is replaced");
        emr.fault("GET /fhir/Patient", Fault::Outcome(403, "4131"));
        assert_eq!(trouble(search("Exampleby").await), Trouble::BreakTheGlass);
    });
}

#[test]
fn hostile_answers_are_errors_and_nothing_goes_elsewhere() {
    let elsewhere = Emr::start(Kind::Fhir);
    let emr = Emr::start(Kind::Epic);
    let (adapter, traces) = with(config(&emr));
    let away = format!("{}/Patient", elsewhere.base());
    let cases = [
        (Fault::Instead(200, "{\"resourceType\":".to_owned()), Trouble::Unreadable),
        (Fault::Instead(200, "<html>a portal</html>".to_owned()), Trouble::Unreadable),
        (Fault::Instead(200, "{\"resourceType\":\"Patient\",\"id\":\"p1\"}".to_owned()), Trouble::Unexpected),
        (Fault::Instead(200, "[[[[".repeat(1000)), Trouble::Unreadable),
        (Fault::Huge(50 * 1024 * 1024), Trouble::TooLarge),
        (Fault::Redirect(302, away.clone()), Trouble::Redirected),
        (Fault::Redirect(307, away.clone()), Trouble::Redirected),
        (Fault::Truncated, Trouble::Interrupted),
        (Fault::LostAfter, Trouble::Interrupted),
        (Fault::Slow(Duration::from_secs(7)), Trouble::TimedOut),
    ];
    run(async {
        let query = PatientQuery::typed("Exampleby");
        for (fault, expected) in cases {
            emr.fault("GET /fhir/Patient", fault.clone());
            assert_eq!(trouble(adapter.search_patients(&query).await), expected, "{fault:?}");
        }
        emr.fault("POST /fhir", Fault::Redirect(307, away));
        assert!(
            matches!(adapter.write(&problem("p1")).await, Written::Refused(e) if e.trouble == Trouble::Redirected)
        );
        let next = format!(
            "{{\"resourceType\":\"Bundle\",\"link\":[{{\"relation\":\"next\",\"url\":\"{}\"}}]}}",
            elsewhere.base()
        );
        emr.fault("GET /fhir/Patient", Fault::Instead(200, next));
        assert_eq!(trouble(adapter.search_patients(&query).await), Trouble::Redirected);
        let hostile = adapter.search_patients(&PatientQuery::typed("Hostile")).await.unwrap();
        assert!(
            hostile[0].last.expose().as_deref().unwrap().contains("onerror"),
            "a name is text, kept as it is"
        );
    });
    assert!(elsewhere.state().requests.is_empty());
    let traces = serde_json::to_string(&*traces.lock().unwrap()).unwrap();
    assert!(traces.contains("search patients") && traces.contains("emr_redirected"));
    for secret in ["Exampleby", "p1", "token-", "onerror"] {
        assert!(!traces.contains(secret), "{secret} in {traces}");
    }
}

/// A certificate for `localhost` signed by an authority of the test's own, valid or over.
fn certificate(over: bool) -> (Arc<rustls::ServerConfig>, String) {
    let root_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(vec![]).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.not_before = rcgen::date_time_ymd(2020, 1, 1);
    root.not_after = rcgen::date_time_ymd(2090, 1, 1);
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let mut leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let year = jiff::Zoned::now().year();
    leaf.not_before = rcgen::date_time_ymd(i32::from(year) - if over { 2 } else { 1 }, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(i32::from(year) + if over { -1 } else { 1 }, 1, 1);
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    (Arc::new(server), root_certificate.pem())
}

#[test]
fn a_certificate_that_does_not_hold_is_fatal() {
    let query = PatientQuery::typed("Exampleby");
    for (over, trusted, expected) in [(false, true, None), (true, true, Some(())), (false, false, Some(()))] {
        let (tls, root) = certificate(over);
        let emr = Emr::with(Kind::Fhir, Some(tls));
        let root_certificate = trusted.then_some(root);
        let adapter = with(ConnectionConfig { root_certificate, ..config(&emr) }).0;
        let answer = run(adapter.search_patients(&query));
        match expected {
            None => assert_eq!(answer.unwrap().len(), 2),
            Some(()) => assert_eq!(trouble(answer), Trouble::Certificate, "over {over}, trusted {trusted}"),
        }
        assert_eq!(emr.state().requests.is_empty(), expected.is_some(), "nothing was sent");
    }
}

#[test]
fn a_proxy_is_the_only_way_out_where_one_is_set() {
    let query = PatientQuery::typed("Exampleby");
    // The proxy answers for a host that is not there.
    let proxy = Emr::start(Kind::Fhir);
    let through = |to: String| ConnectionConfig {
        base_url: "http://localhost:9/fhir".to_owned(),
        proxy: Some(to),
        ..config(&proxy)
    };
    let address = proxy.base().replace("/fhir", "");
    assert_eq!(run(with(through(address)).0.search_patients(&query)).unwrap().len(), 2);
    assert_eq!(proxy.asked("GET /fhir/Patient"), 1);
    // A proxy that is gone is not gone round.
    let emr = Emr::start(Kind::Fhir);
    let gone = ConnectionConfig { proxy: Some("http://127.0.0.1:9".to_owned()), ..config(&emr) };
    assert_eq!(trouble(run(with(gone).0.search_patients(&query))), Trouble::Unreachable);
    assert!(emr.state().requests.is_empty());
    let nonsense = ConnectionConfig { proxy: Some("::".to_owned()), ..config(&emr) };
    assert!(connect(nonsense, Secrets::default(), SURROUNDINGS, Arc::new(|_| {})).is_err());
}

#[test]
fn cure_md_is_asked_twenty_times_a_minute_and_no_more() {
    let emr = Emr::start(Kind::CureMd);
    // Whatever the settings say, the vendor's own figure holds.
    let adapter = with(ConnectionConfig { requests_per_minute: Some(6_000), ..config(&emr) }).0;
    run(async {
        let began = Instant::now();
        // Discovery, a token, and nineteen more.
        for n in 1..=19 {
            let found = adapter.patient(&Phi::new(format!("p{n}"))).await.unwrap();
            assert_eq!(found.id.expose(), &format!("p{n}"));
        }
        assert!(began.elapsed() >= Duration::from_secs(55), "the twenty-first waits for its minute");
    });
    assert_eq!(emr.state().requests.len(), 21);
}

#[test]
fn a_person_signs_in_in_the_browser_with_pkce() {
    let emr = Emr::start(Kind::CureMd);
    let config = config(&emr);
    run(async {
        let transport = Transport::new(&config, SURROUNDINGS, Arc::new(|_| {})).unwrap();
        let launch = Launch::begin(&config, &transport).await.unwrap();
        let asked = |name: &str| launch.url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
        assert_eq!((asked("code_challenge_method"), asked("aud")), ("S256".to_owned(), emr.base()));
        let (back, state) = (asked("redirect_uri"), asked("state"));
        // The browser comes back: first somebody else with a state of their own, who is not heard.
        let browser = std::thread::spawn(move || {
            let address = back.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
            let visit = |query: String| {
                let mut stream = std::net::TcpStream::connect(&address).unwrap();
                write!(stream, "GET /signed-in?{query} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                let mut text = String::new();
                stream.read_to_string(&mut text).unwrap();
                text
            };
            assert!(visit("code=stolen&state=guess".to_owned()).starts_with("HTTP/1.1 404"));
            assert!(visit(format!("code=the-code&state={state}")).contains("signed in"));
        });
        let token = launch.finish(&transport).await.unwrap();
        browser.join().unwrap();
        assert!(token.refresh.is_some() && token.scope.contains("Patient"));
    });
    // The refresh token that came with the last one is used and replaced.
    let (adapter, _) = with(config);
    run(adapter.search_patients(&PatientQuery::typed("Exampleby"))).unwrap();
    assert!(adapter.fresh_refresh_token().is_some() && adapter.fresh_refresh_token().is_none());
}

#[test]
fn the_test_of_a_connection_says_what_the_administrator_must_do() {
    let (emr, adapter) = started(Kind::Epic);
    run(async {
        let good = adapter.probe().await;
        assert!(good.iter().all(|p| p.state != ProbeState::Bad), "{good:#?}");
        let state =
            |of: &[iambilly_emr::Probe], check: &str| of.iter().find(|p| p.check == check).unwrap().clone();
        assert_eq!(state(&good, "token").state, ProbeState::Good);
        assert_eq!(state(&good, "write the operative note").state, ProbeState::Good);
        assert!(state(&good, "create a claim").says.contains("837P"));
        emr.fault("GET /fhir/Patient", Fault::Ungranted);
        let bad = state(&adapter.probe().await, "search patients");
        assert!(bad.state == ProbeState::Bad && bad.forward.contains("grant"), "{bad:?}");
    });
    let fresh = with(config(&emr)).0;
    emr.fault("POST /oauth2/token", Fault::Instead(400, "{\"error\":\"unauthorized_client\"}".to_owned()));
    let probes = run(fresh.probe());
    let token = probes.iter().find(|p| p.check == "token").unwrap();
    assert!(token.forward.contains("background user"), "{token:?}");
    assert!(probes.iter().any(|p| p.state == ProbeState::Skipped));
    let (_athena, adapter) = started(Kind::AthenaOne);
    let probes = run(adapter.probe());
    assert!(probes.iter().all(|p| p.state != ProbeState::Bad), "{probes:#?}");
}
