//! The canary on the ways out: a marked patient is sent into an EMR and by SFTP, asked about in the library and counted in the
//! insights, with everything on those ways going wrong; then every byte that was written is searched for the marks. And
//! crashes: neither the program nor a worker leaves a core file or a word on standard error.

#[cfg(unix)]
#[path = "../../crates/sftp/tests/server/mod.rs"]
mod server;
mod support;

use iambilly_tests::emr::{Emr, Fault, Kind};
use serde_json::{Value, json};
use support::canary::{Bench, MARKS, NOTE, assert_no_mark};

const CLEAN: &str = "Postoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy.\n\
Procedure performed: left L4-5 microdiscectomy through a tubular retractor.\n\
The disc fragment was removed and the left nerve root was free.";

/// An approved claim of the marked patient with everything that leaving needs: its id.
fn approved(bench: &mut Bench) -> String {
    let address =
        json!({"line1": "1 Vermilionish Way", "city": "Springfield", "state": "IL", "zip": "627011234"});
    let patient = json!({"id": "marked-1", "last": "Quillfeather", "first": "Zebediah", "birth_date": "1960-05-04", "sex": "M",
        "member_id": "CANARY77231", "address": address});
    let clinic = json!({"line1": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "627011234"});
    let provider = json!({
        "billing_provider": {"npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207T00000X",
            "name": "Spine Clinic", "address": clinic},
        "rendering_provider": {"npi": "1245319599", "taxonomy": "207T00000X", "role": "surgeon", "last": "Surgeon", "first": "Sam"},
        "facility": {"npi": "1245319599", "pos": "24", "name": "Test Surgery Center", "address": clinic}});
    let patient = bench.input("p.json", patient.to_string().as_bytes());
    let provider = bench.input("d.json", provider.to_string().as_bytes());
    let note =
        bench.input("note.txt", format!("Patient Zebediah Quillfeather, vermilionish.\n{CLEAN}").as_bytes());
    let made = bench.run(&[
        "claim",
        &note,
        "--payer",
        "medicare",
        "--dos",
        "2026-02-02",
        "--reader",
        "rules",
        "--json",
        "--patient",
        &patient,
        "--provider",
        &provider,
    ]);
    assert!([0, 1].contains(&made.code), "{made:?}");
    let id = made.json()["claimId"].as_str().unwrap().to_owned();
    for step in ["submit", "approve"] {
        let done = bench.run(&["claims", step, &id, "--json"]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    id
}

#[test]
fn a_marked_patient_sent_into_an_emr_is_readable_nowhere() {
    let mut bench = Bench::new();
    let claim = approved(&mut bench);
    let emr = Emr::start(Kind::Epic);
    let settings = json!({"name": "Hospital", "config": {"vendor": "epic", "base_url": emr.base(),
        "sign_in": "backend_es384", "client_id": "iambilly", "timeout_seconds": 3}});
    let file = bench.input("epic.json", settings.to_string().as_bytes());
    let connection =
        bench.run(&["emr", "connect", &file, "--json"]).json()["id"].as_str().unwrap().to_owned();
    let hostile =
        |what: &str| format!("{{\"resourceType\":\"{what}\",\"Quillfeather\":\"Zebediah marzipanner");

    // Looked up, found, not found, and with answers that hold marks themselves.
    for (what, fault) in [
        ("Quillfeather, Zebediah 1950-05-05", None),
        ("Exampleby", None),
        ("Quillfeather", Some(Fault::Instead(200, hostile("Bundle")))),
        ("Quillfeather", Some(Fault::Instead(500, "Zebediah Quillfeather is marzipanner".to_owned()))),
        (
            "Quillfeather",
            Some(Fault::Instead(
                400,
                json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error",
            "code": "invalid", "diagnostics": "Quillfeather, Zebediah"}]})
                .to_string(),
            )),
        ),
        ("Quillfeather", Some(Fault::LostBefore)),
    ] {
        if let Some(fault) = fault {
            emr.fault("/Patient", fault);
        }
        bench.run(&["emr", "pull", &connection, what, "--json"]);
    }
    bench.run(&["emr", "pull", &connection, "quillf", "--seen", "--json"]);
    bench.run(&["emr", "link", &connection, &claim, "p1"]);
    // The same day of birth and another name: a person says that it is the same.
    bench.run(&["emr", "link", &connection, &claim, "p1", "--sure"]);
    bench.run(&["emr", "link", &connection, "Quillfeather", "Zebediah", "--json"]);
    bench.run(&["emr", "encounters", &connection, "Quillfeather", "--json"]);
    bench.run(&["emr", "plan", &connection, &claim]);
    let sent = bench.run(&["emr", "send", &connection, &claim, "--encounter", "e1", "--json"]);
    assert_eq!(sent.code, 0, "{sent:?}");

    // Rejected in words about the patient, lost, broken off, gone; then delivered.
    for fault in [
        Fault::Instead(
            422,
            json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "59108",
            "details": {"text": "Quillfeather, Zebediah has no encounter"}}]})
            .to_string(),
        ),
        Fault::Instead(400, "Zebediah Quillfeather CANARY77231".to_owned()),
        Fault::LostAfter,
        Fault::Truncated,
    ] {
        emr.fault("POST", fault);
        bench.run(&["emr", "sync", "--json"]);
        settle(&mut bench);
    }
    emr.down(true);
    bench.run(&["emr", "sync", "--json"]);
    emr.down(false);
    for _ in 0..4 {
        bench.run(&["emr", "sync", "--json"]);
        settle(&mut bench);
    }
    let delivered = bench.run(&["emr", "outbox", "--json"]).json();
    let states: Vec<&str> =
        delivered.as_array().unwrap().iter().map(|d| d["state"].as_str().unwrap()).collect();
    assert!(states.contains(&"delivered"), "something left with the marks: {states:?}");
    let traces = bench.run(&["emr", "traces", &connection]).stdout.to_lowercase();
    assert!(
        traces.contains("search patients") && MARKS.iter().all(|mark| !traces.contains(mark)),
        "{traces}"
    );
    assert_no_mark(bench.clinic.folder.path());

    // What left is accounted for, by patient.
    let file = bench.inputs.path().join("disclosures.json");
    let of = |bench: &mut Bench, patient: &str| {
        let _ = std::fs::remove_file(&file);
        let _ = std::fs::remove_file(file.with_extension("json.sig.json"));
        let path = file.to_str().unwrap();
        let done = bench.run(&[
            "audit",
            "export",
            "--format",
            "json",
            "--patient",
            patient,
            "--disclosures",
            "-o",
            path,
        ]);
        assert_eq!(done.code, 0, "{done:?}");
        serde_json::from_str::<Value>(&std::fs::read_to_string(&file).unwrap()).unwrap()
    };
    let events = of(&mut bench, "marked-1");
    let left = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["action"] == "emr.delivered" || e["action"] == "emr.said_arrived");
    let delivered = states.iter().filter(|s| **s == "delivered").count();
    assert_eq!(left.count(), delivered, "each delivery is a disclosure of this patient: {events:#}");
    assert_eq!(of(&mut bench, "nobody"), json!([]));
}

/// A person decides about what was rejected or is unknown.
fn settle(bench: &mut Bench) {
    let all = bench.run(&["emr", "outbox", "--json"]).json();
    for one in all.as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        match one["state"].as_str().unwrap() {
            "rejected" => drop(bench.run(&["emr", "again", id])),
            "unknown" => {
                let found = bench.run(&["emr", "look", id, "--json"]).json();
                let same = found.as_array().and_then(|f| f.iter().find(|c| c["same"] == true).cloned());
                match same {
                    Some(found) => drop(bench.run(&["emr", "arrived", id, found["id"].as_str().unwrap()])),
                    None => drop(bench.run(&["emr", "again", id])),
                }
            }
            _ => {}
        }
    }
}

#[test]
#[cfg(unix)]
fn a_marked_patient_sent_by_sftp_and_on_paper_is_readable_nowhere_and_accounted_for() {
    let mut bench = Bench::new();
    let claim = approved(&mut bench);
    let sshd = server::Sshd::start();
    let port = sshd.port.to_string();
    let key = bench.run(&["exchange", "host-key", "127.0.0.1", "--port", &port, "--json"]).json();
    let wrong = format!("SHA256:{}", "A".repeat(43));
    let set = |bench: &mut Bench, key: &str| {
        let all = json!({
            "submitter": {"name": "Spine Clinic", "id": "SUB123", "contact": "Billing Office", "phone": "2175550100"},
            "correspondents": [{"id": "house", "name": "Clearing House", "receiver_id": "RCV999",
                "parties": {"sender": "SUB123", "receiver": "RCV999"}, "usage": "test"}],
            "payers": [{"id": "medicare", "name": "Medicare Part B", "payer_id": "12345"}],
            "sftp": {"house": {"host": "127.0.0.1", "port": sshd.port, "user": server::user(), "host_key": key,
                "folder": sshd.path("in")}}});
        let file = bench.input("exchange.json", all.to_string().as_bytes());
        assert_eq!(bench.run(&["exchange", "set", &file]).code, 0);
    };
    set(&mut bench, &wrong);
    let pem = sshd.path("old");
    assert_eq!(bench.run(&["exchange", "credential", "house", "--key", pem.to_str().unwrap()]).code, 0);
    let waits = bench.run(&["export", "837p", &claim, "--json"]);
    assert_eq!(waits.code, 1, "the server is another: {waits:?}");
    // While the file waits it is in the records, sealed.
    assert_no_mark(bench.clinic.folder.path());
    set(&mut bench, key.as_str().unwrap());
    assert_eq!(bench.run(&["exchange", "deliver", "--json"]).code, 0);
    let there = support::files(&sshd.path("in"));
    let text = there.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect::<String>();
    assert!(text.to_lowercase().contains("quillfeather"), "the marks left by the way that was asked for");
    let form = bench.inputs.path().join("form.pdf");
    assert_eq!(bench.run(&["export", "cms1500", &claim, "-o", form.to_str().unwrap()]).code, 0);

    // The library, good and bad, and what is counted.
    let policy = bench
        .input("policy.md", format!("# Laminectomy\n\n{NOTE}\n\nMarzipanner is not covered.\n").as_bytes());
    bench.run(&["policy", "add", &policy, "--payer", "medicare", "--effective", "2026-01-01", "--json"]);
    let broken =
        bench.input("broken.pdf", b"%PDF-1.7\n1 0 obj\n<< /Quillfeather (Zebediah marzipanner) >>\nendobj");
    bench.run(&["policy", "add", &broken, "--payer", "medicare", "--effective", "2026-01-01", "--json"]);
    bench.run(&[
        "policy",
        "search",
        "Is Quillfeather's marzipanner covered?",
        "--payer",
        "medicare",
        "--json",
    ]);
    bench.run(&["policy", "check", &claim, "--json"]);
    bench.run(&["claims", "value", &claim]);
    bench.run(&["exchange", "denials", "--all"]);
    assert_no_mark(bench.clinic.folder.path());

    let file = bench.inputs.path().join("disclosures.csv");
    let path = file.to_str().unwrap();
    let done = bench.run(&["audit", "export", "--patient", "marked-1", "--disclosures", "-o", path]);
    assert_eq!(done.code, 0, "{done:?}");
    let events = std::fs::read_to_string(&file).unwrap();
    for action in ["claim.exported", "claim.delivered", "claim.form_exported"] {
        let lines = events.lines().filter(|l| l.contains(&format!(",{action},")));
        assert_eq!(lines.filter(|l| l.contains(&claim)).count(), 1, "{action}: {events}");
    }
}

#[cfg(target_os = "linux")]
mod crashes {
    use super::support::canary::{Bench, MARKS, assert_no_mark};
    use super::support::{Clinic, fixture, program};
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// The program as from a shell that allows core files of any size, working in the clinic's folder.
    fn allowing_cores(clinic: &Clinic, arguments: &[&str]) -> Command {
        let own = clinic.command(&[]);
        let mut command = Command::new("sh");
        // Where the hard limit is lower, that is all there is to allow.
        command
            .args(["-c", "ulimit -c unlimited 2>/dev/null || ulimit -c $(ulimit -Hc); exec \"$0\" \"$@\""]);
        command
            .arg(program())
            .args(arguments)
            .env_clear()
            .current_dir(clinic.folder.path())
            .stdin(Stdio::null());
        for (name, value) in own.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command
    }

    /// Processes whose parent is this one, with their names.
    fn children(parent: u32) -> Vec<(u32, String)> {
        let pids = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = pids.filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
        pids.filter_map(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (head, tail) = stat.rsplit_once(')')?;
            let of = tail.split_whitespace().nth(1)?.parse::<u32>().ok()?;
            (of == parent).then(|| (pid, head.split_once('(').map_or("", |(_, n)| n).to_owned()))
        })
        .collect()
    }

    /// What the kernel lets this process write as a core file.
    fn core_limit(pid: u32) -> String {
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
        limits.lines().find(|l| l.starts_with("Max core file size")).unwrap_or_default().to_owned()
    }

    fn signal(pid: u32, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
        assert!(sent.success(), "kill -{name} {pid}");
    }

    fn found<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(since.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn no_core(folder: &Path) {
        for file in super::support::files(folder) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let number = name.strip_prefix("core.").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
            assert!(name != "core" && !number, "{}", file.display());
        }
    }

    #[test]
    fn a_crash_of_the_program_or_its_worker_leaves_no_core_file() {
        // A process that guards nothing: whether this machine would write one at all is told, and not judged.
        let folder = tempfile::tempdir().unwrap();
        let unguarded = Command::new("sh")
            .args(["-c", "ulimit -c unlimited 2>/dev/null; kill -SEGV $$"])
            .current_dir(folder.path())
            .status()
            .unwrap();
        println!("an unguarded process dumps its core here: {}", unguarded.core_dumped());

        let bench = Bench::new();
        let wav = fixture("dictations/tlif_l34.wav");
        let arguments = [
            "claim",
            wav.to_str().unwrap(),
            "--payer",
            "medicare",
            "--dos",
            "2026-02-02",
            "--reader",
            "rules",
        ];
        let mut running: Child = allowing_cores(&bench.clinic, &arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let main = running.id();
        let worker = found("the speech worker starts", || {
            children(main).into_iter().find(|(_, name)| name == "iambilly-whispe").map(|(pid, _)| pid)
        });
        found("the worker is confined", || {
            core_limit(worker).split_whitespace().nth(4).filter(|n| *n == "0").map(drop)
        });
        assert!(core_limit(main).contains(" 0 "), "{}", core_limit(main));
        signal(worker, "ABRT");
        // It starts another and goes on; then it crashes itself.
        std::thread::sleep(Duration::from_millis(300));
        if running.try_wait().unwrap().is_none() {
            signal(main, "SEGV");
        }
        let ended = running.wait_with_output().unwrap();
        assert!(!ended.status.core_dumped(), "{:?}", ended.status);
        let said = String::from_utf8_lossy(&ended.stderr).to_lowercase();
        for word in ["transforaminal", "interbody", "stenosis"] {
            assert!(!said.contains(word), "{said}");
        }
        no_core(bench.clinic.folder.path());
        super::support::assert_unreadable(
            &bench.clinic.data(),
            &["transforaminal", "interbody", "spondylolisthesis"],
        );
    }

    /// What a worker gets that it cannot take, and what it says of it.
    #[test]
    fn a_worker_says_nothing_of_what_it_was_given() {
        let bench = Bench::new();
        let marked = MARKS.join(" ");
        let frame = |kind: u8, payload: &str| {
            let mut bytes = u32::try_from(payload.len()).unwrap().to_le_bytes().to_vec();
            bytes.push(kind);
            bytes.extend(payload.bytes());
            bytes
        };
        let inputs = [
            marked.clone().into_bytes(),
            frame(0, &format!("{{\"load\":{{\"path\":\"/nowhere/{marked}\"}}}}")),
            frame(1, &marked),
            frame(9, &marked),
            format!("%PDF-1.7\n{marked}\n%%EOF").into_bytes(),
        ];
        for name in ["iambilly-whisper", "iambilly-llama", "iambilly-reader"] {
            for input in &inputs {
                let mut worker = Command::new(program().with_file_name(name))
                    .env_clear()
                    .env("RUST_BACKTRACE", "1")
                    .current_dir(bench.clinic.folder.path())
                    .stdin(Stdio::piped())
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                let _ = worker.stdin.take().unwrap().write_all(input);
                let ended = worker.wait_with_output().unwrap();
                let said = String::from_utf8_lossy(&ended.stderr).to_lowercase();
                assert!(MARKS.iter().all(|mark| !said.contains(mark)), "{name}: {said}");
                assert!(!ended.status.core_dumped(), "{name}");
            }
        }
        assert_no_mark(bench.clinic.folder.path());
    }
}
