//! A canary: a marked patient goes through every path the command line has, good and bad; then every byte that was
//! written anywhere, and every word on standard error, is searched for the marks.

mod support;

use std::fs;
use std::path::Path;
use support::canary::{Bench, MARKS, NOTE, assert_no_mark, wav};

#[test]
fn a_marked_patient_is_readable_nowhere() {
    let mut bench = Bench::new();
    let patient = br#"{"id":"p1","last":"Quillfeather","first":"Zebediah","birth_date":"1950-05-05","sex":"M","member_id":"CANARY77231"}"#;
    let patient = bench.input("Quillfeather.json", patient);
    let note = bench.input("Zebediah Quillfeather.txt", NOTE.as_bytes());
    let dos = ["--payer", "medicare", "--dos", "2026-02-02", "--reader", "rules", "--json"];
    let claim = |bench: &mut Bench, input: &str, patient: &str| {
        let mut arguments = vec!["claim", input, "--patient", patient];
        arguments.extend(dos);
        bench.run(&arguments)
    };
    let made = claim(&mut bench, &note, &patient);
    assert!([0, 1].contains(&made.code), "{made:?}");
    assert!(made.stdout.to_lowercase().contains("ocelotwise"), "what was asked for is shown: {made:?}");
    let made = made.json();
    let (id, dictation) = (made["claimId"].as_str().unwrap(), made["dictationId"].as_str().unwrap());

    // A recording whose name names the patient; nobody speaks in it.
    let noise: Vec<i16> = (0..24_000_i32).map(|n| ((n * 7919) % 9 - 4) as i16).collect();
    let sound = bench.input("Quillfeather dictation.wav", &wav(&noise));
    claim(&mut bench, &sound, &patient);

    // What cannot be read, each with marks in it.
    let broken_patient = bench.input("broken.json", br#"{"last":"Quillfeather","first":Zebediah}"#);
    let wrong_patient = bench.input("wrong.json", br#"{"last":["Quillfeather"],"birth_date":"Zebediah"}"#);
    let no_sound = bench.input("no sound.wav", b"RIFFQuillfeather Zebediah WAVE marzipanner");
    let cut_sound = bench.input("cut.wav", &wav(&noise)[..30]);
    let not_utf8 = bench.input("bytes.txt", b"Quillfeather \xff\xfe Zebediah");
    let missing = bench.inputs.path().join("Quillfeather missing.txt");
    for (input, patient) in [
        (note.as_str(), broken_patient.as_str()),
        (&note, &wrong_patient),
        (&no_sound, &patient),
        (&cut_sound, &patient),
        (&not_utf8, &patient),
        (missing.to_str().unwrap(), &patient),
    ] {
        let refused = claim(&mut bench, input, patient);
        assert!(refused.code >= 2, "{refused:?}");
    }
    let bad = bench.input("bad.txt", b"Quillfeather\tZebediah\tmarzipanner\n");
    for arguments in [
        vec!["scrub", &broken_patient, "--json"],
        vec!["code", &not_utf8, "--payer", "medicare", "--dos", "2026-02-02"],
        vec!["transcribe", &no_sound],
        vec!["rules", "import", "ncci-ptp", &bad],
        vec!["rules", "check", &bad],
        vec!["rules", "add", &bad],
        vec!["recording", "export", dictation, "-o", "out.wav", "--json"],
        vec!["claims", "show", "Quillfeather"],
        vec!["restore", inputs_of(&bench), "--to", "elsewhere"],
    ]
    .iter()
    .map(|a| a.iter().map(ToString::to_string).collect::<Vec<_>>())
    .collect::<Vec<_>>()
    {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let refused = bench.run(&arguments);
        assert_ne!(refused.code, 0, "{refused:?}");
    }

    // Corrections, good and bad, and decisions with reasons.
    let line = made["coding"]["lines"][0]["code"].as_str().unwrap();
    let edits = format!(r#"[{{"op":"set_line","line":1,"code":"{line}","units":1}}]"#);
    let edits = bench.input("edits.json", edits.as_bytes());
    let bad_edits = bench.input("bad edits.json", br#"[{"op":"marzipanner","reason":"Quillfeather"}]"#);
    bench.run(&["claims", "correct", id, "--revision", "1", "--edits", &edits]);
    assert_eq!(bench.run(&["claims", "correct", id, "--revision", "1", "--edits", &bad_edits]).code, 3);
    bench.run(&["claims", "submit", id]);
    bench.run(&["claims", "reject", id, "--reason", "Zebediah is marzipanner"]);
    bench.run(&["claims", "reject", id, "--reason", "Zebediah again"]);
    bench.run(&["claims", "reopen", id, "--reason", "Quillfeather called"]);
    bench.run(&["claims", "list"]);
    bench.run(&["claims", "value", id]);
    bench.run(&["claims", "resume"]);
    bench.run(&["claims", "comment", id, "Quillfeather's son Zebediah called about the marzipanner"]);
    bench.run(&["claims", "comment", "Quillfeather", "Zebediah"]);
    outward(&mut bench, id);
    bench.run(&["learned", "list"]);
    bench.run(&["doctor"]);

    // Killed in the middle of taking a note in.
    let mut arguments = vec!["claim", note.as_str(), "--patient", patient.as_str()];
    arguments.extend(dos);
    let mut running = bench.clinic.start(&arguments);
    std::thread::sleep(std::time::Duration::from_millis(350));
    let _ = running.kill();
    let _ = running.wait();

    // What leaves for others than the person who asked: the audit, backups, anchors.
    let folder = bench.clinic.folder.path().join("backups");
    fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap().to_owned();
    let done = [
        vec!["backup", "--to", &folder],
        vec!["backup", "list", &folder],
        vec!["audit", "anchor", &folder],
        vec!["audit", "export", "-o", "audit.csv"],
        vec!["audit", "export", "--format", "json", "--patient", "p1", "-o", "audit.json"],
        vec!["audit", "verify"],
        vec!["erase", "recording", dictation, "--yes"],
        vec!["erase", "dictation", dictation, "--yes"],
    ];
    for arguments in done {
        let answer = bench.run(&arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {answer:?}");
        let said = answer.stdout.to_lowercase();
        assert!(MARKS.iter().all(|mark| !said.contains(mark)), "{said}");
    }
    let home: &Path = bench.clinic.folder.path();
    assert!(support::files(home).len() > 8, "there is something to search");
    let log = fs::read_to_string(bench.clinic.data().join("logs/iambilly.jsonl")).unwrap();
    assert!(
        log.contains("stage done") && log.contains("\"command\":\"claims reject\""),
        "the log is searched too: {log}"
    );
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log}");
    assert_no_mark(home);
}

/// Master data, policies, claims that leave and answers that come back, good and bad, each with marks in it.
fn outward(bench: &mut Bench, claim: &str) {
    let person = r#"{"id":"c-1","last":"Quillfeather","first":"Zebediah","birth_date":"1950-05-05","sex":"M",
        "address":{"line":"1 Vermilionish Way","city":"Springfield","state":"IL","zip":"627010001"}}"#;
    let person = bench.input("person.json", person.as_bytes());
    bench.run(&["patients", "add", &person]);
    bench.run(&["patients", "list", "Quillfeather"]);
    let wrong =
        bench.input("person wrong.json", br#"{"last":"Quillfeather","npi":"Zebediah","sex":"marzipanner"}"#);
    for of in ["patients", "providers", "facilities", "payers"] {
        let refused = bench.run(&[of, "add", &wrong, "--json"]);
        assert_ne!(refused.code, 0, "{of}: {refused:?}");
    }
    // A claim that lacks nearly everything does not leave; why is said without naming anybody.
    for arguments in [
        vec!["export", "837p", claim, "-o", "Quillfeather.837", "--json"],
        vec!["export", "cms1500", claim, "-o", "Quillfeather/none/claim.pdf", "--json"],
        vec!["export", "837p", "Zebediah", "--json"],
    ] {
        let refused = bench.run(&arguments);
        assert_ne!(refused.code, 0, "{refused:?}");
    }
    // Answers about somebody unknown, and answers that are none.
    let isa = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261201*0900*^*00501*000000901*0*P*:~";
    let remittance = format!(
        "{isa}GS*HP*PAYER*CLINIC*20261201*0900*901*X*005010X221A1~ST*835*0001~BPR*I*0*C*CHK************20261201~\
         TRN*1*CANARY77231*1~N1*PR*MEDICARE~LX*1~CLP*CANARY77231*4*5*0**MB*ICN1~CAS*CO*50*5~\
         NM1*QC*1*QUILLFEATHER*ZEBEDIAH****MI*CANARY77231~SE*9*0001~GE*1*901~IEA*1*000000901~"
    );
    let remittance = bench.input("Quillfeather.835", remittance.as_bytes());
    bench.run(&["import", "835", &remittance, "--json"]);
    let torn = bench.input("torn.835", format!("{isa}GS*HP*QUILLFEATHER*ZEBEDIAH*MARZIPANNER~").as_bytes());
    for kind in ["999", "277ca", "835"] {
        let refused = bench.run(&["import", kind, &torn, "--json"]);
        assert_ne!(refused.code, 0, "{refused:?}");
    }
    let settings = bench.input("exchange.json", br#"{"marzipanner":"Quillfeather"}"#);
    assert_ne!(bench.run(&["exchange", "set", &settings, "--json"]).code, 0);
    let policy = bench.input("policy.pdf", b"%PDF-1.7\nQuillfeather Zebediah marzipanner");
    assert_ne!(bench.run(&["policy", "add", &policy, "--payer", "medicare", "--json"]).code, 0);
    bench.run(&["policy", "search", "Is Quillfeather's laminectomy covered?", "--payer", "medicare"]);
    bench.run(&["exchange", "denials", "--all"]);
}

fn inputs_of(bench: &Bench) -> &str {
    bench.inputs.path().to_str().unwrap()
}
