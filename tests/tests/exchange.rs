//! A claim's whole way: approved → 837P → 999 → 277CA → 835, and what came back shown on the claim.

#[cfg(unix)]
#[path = "../../crates/sftp/tests/server/mod.rs"]
mod server;
mod support;

use serde_json::{Value, json};
use std::path::PathBuf;
use support::Clinic;

const NOTE: &str = "Postoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.";

fn write(clinic: &Clinic, name: &str, text: &str) -> String {
    let path = clinic.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A draft with everything that an 837P needs.
fn drafted(clinic: &Clinic, member: &str) -> Value {
    let address = json!({"line1": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "627011234"});
    let patient = json!({"id": "p1", "last": "Exampleby", "first": "Ada", "birth_date": "1960-05-04", "sex": "F",
        "member_id": member, "address": address});
    let provider = json!({
        "billing_provider": {"npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207T00000X",
            "name": "Spine Clinic", "address": address},
        "rendering_provider": {"npi": "1245319599", "taxonomy": "207T00000X", "role": "surgeon", "last": "Surgeon", "first": "Sam"},
        "facility": {"npi": "1245319599", "pos": "24", "name": "Test Surgery Center", "address": {"line1": "2 Test Way", "city": "Springfield", "state": "IL", "zip": "627015678"}}});
    let patient = write(clinic, "p.json", &patient.to_string());
    let provider = write(clinic, "d.json", &provider.to_string());
    let note = write(clinic, "note.txt", NOTE);
    clinic.claim(note.as_ref(), &["--reader", "rules", "--patient", &patient, "--provider", &provider]).json()
}

fn settings(clinic: &Clinic) -> PathBuf {
    let folder = clinic.folder.path().join("watched");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = json!({
        "submitter": {"name": "Spine Clinic", "id": "SUB123", "contact": "Billing Office", "phone": "2175550100"},
        "correspondents": [{"id": "house", "name": "Clearing House", "receiver_id": "RCV999",
            "parties": {"sender": "SUB123", "receiver": "RCV999"}, "usage": "test"}],
        "payers": [{"id": "medicare", "name": "Medicare Part B", "payer_id": "12345"}],
        "folders": {"house": folder}});
    let file = write(clinic, "exchange.json", &settings.to_string());
    let set = clinic.run(&["exchange", "set", &file]);
    assert_eq!(set.code, 0, "{set:?}");
    folder
}

/// An answer's file around the segments of its transaction.
fn file(functional: &str, version: &str, body: &[String]) -> String {
    let mut all = vec![
        "ISA*00*          *00*          *ZZ*RCV999         *ZZ*SUB123         *261123*0930*^*00501*000000009*0*T*:".to_owned(),
        format!("GS*{functional}*RCV999*SUB123*20261123*0930*9*X*{version}"),
    ];
    all.extend(body.iter().cloned());
    all.push(format!("SE*{}*0001", body.len() + 1));
    all.extend(["GE*1*9".to_owned(), "IEA*1*000000009".to_owned()]);
    all.join("~") + "~"
}

#[test]
fn a_claim_goes_out_and_its_answers_come_back_onto_it() {
    let clinic = Clinic::new();
    let watched = settings(&clinic);
    let draft = drafted(&clinic, "1EG4TE5MK73");
    let id = draft["claimId"].as_str().unwrap();
    let export = |more: &[&str]| clinic.run(&[&["export", "837p", id, "--json"], more].concat());

    // Only what was approved leaves.
    assert_eq!(export(&[]).error_code(), "claim_not_approved");
    assert_eq!(clinic.run(&["export", "837p", "--batch", "--json"]).error_code(), "nothing_approved");
    assert_eq!(clinic.run(&["claims", "submit", id]).code, 0);
    let approved = clinic.run(&["claims", "approve", id, "--json"]);
    assert_eq!(approved.code, 0, "{approved:?}");
    let done = export(&[]);
    assert_eq!(done.code, 0, "{done:?}");
    let made = done.json()[0].clone();
    let control = made["claims"][0]["control"].as_str().unwrap().to_owned();
    let group = made["control"].as_u64().unwrap();
    assert_eq!((made["delivered"].as_bool(), control.len()), (Some(true), 15));
    let text = std::fs::read_to_string(watched.join(format!("{group:09}.837"))).unwrap();
    assert!(text.contains(&format!("CLM*{control}*")) && text.contains("ST*837*0001*005010X222A1"), "{text}");
    assert_eq!(std::fs::read_dir(&watched).unwrap().count(), 1, "nothing half is left");
    assert_eq!(clinic.run(&["claims", "show", id, "--json"]).json()["state"], "exported");
    assert_eq!(export(&[]).error_code(), "claim_not_approved", "it leaves once");

    // On paper too, and every item as JSON.
    let out = |name: &str| clinic.folder.path().join(name).to_str().unwrap().to_owned();
    let paper =
        clinic.run(&["export", "cms1500", id, "--preprinted", "--right", "-5", "-o", &out("form.pdf")]);
    assert_eq!(paper.code, 0, "{paper:?}");
    assert!(std::fs::read(out("form.pdf")).unwrap().starts_with(b"%PDF"));
    assert_eq!(
        clinic.run(&["export", "cms1500", id, "-o", &out("form.pdf"), "--json"]).error_code(),
        "file_exists"
    );
    assert_eq!(clinic.run(&["export", "cms1500", id, "-o", &out("form.json")]).code, 0);
    let items: Value = serde_json::from_str(&std::fs::read_to_string(out("form.json")).unwrap()).unwrap();
    assert!(
        items["pages"][0]["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|i| i["key"] == "2" && i["text"] == "EXAMPLEBY, ADA")
    );
    assert_eq!(clinic.run(&["export", "test-page", "-o", &out("test.pdf")]).code, 0);

    // The file's acknowledgement, then the claim's.
    let charge = text.split("CLM*").nth(1).unwrap().split('*').nth(1).unwrap().to_owned();
    let import = |kind: &str, name: &str, text: &str| {
        clinic.run(&["import", kind, &write(&clinic, name, text), "--json"])
    };
    let accepted = file(
        "FA",
        "005010X231A1",
        &[
            "ST*999*0001".into(),
            format!("AK1*HC*{group}"),
            "AK2*837*0001".into(),
            "IK5*A".into(),
            "AK9*A*1*1*1".into(),
        ],
    );
    assert_eq!(import("999", "a.999", &accepted).json()["matched"], 1);
    assert_eq!(import("999", "a.999", &accepted).error_code(), "already_imported");
    assert_eq!(
        import("835", "b.999", &accepted.replace("AK2*837*0001", "AK2*837*0002")).error_code(),
        "x12_version"
    );
    let taken = file(
        "HN",
        "005010X214",
        &[
            "ST*277*0001*005010X214".into(),
            "HL*1**20*1".into(),
            "HL*2*1*21*1".into(),
            "HL*3*2*19*1".into(),
            "HL*4*3*PT".into(),
            "NM1*QC*1*EXAMPLEBY*ADA****MI*1EG4TE5MK73".into(),
            format!("TRN*2*{control}"),
            format!("STC*A2:20:PR*20261123*WQ*{charge}"),
            "REF*1K*ICN1".into(),
        ],
    );
    assert_eq!(import("277ca", "a.277", &taken).json()["statuses"]["accepted"], 1);

    // The decision: paid below the fee schedule, and one that denies it; one of another clinic belongs to nobody.
    let cut: f64 = charge.parse::<f64>().unwrap() - 10.0;
    let decided = |status: &str, paid: &str, adjusted: &str, trace: &str| {
        file(
            "HP",
            "005010X221A1",
            &[
                "ST*835*0001".into(),
                format!("BPR*I*{paid}*C*CHK************20261201"),
                format!("TRN*1*{trace}*1"),
                "N1*PR*MEDICARE".into(),
                "LX*1".into(),
                format!("CLP*{control}*{status}*{charge}*{paid}**MB*ICN1"),
                "NM1*QC*1*EXAMPLEBY*ADA****MI*1EG4TE5MK73".into(),
                format!("SVC*HC:63030:LT*{charge}*{paid}**1"),
                adjusted.into(),
                "REF*6R*1".into(),
                "CLP*SOMEBODY*1*5*0**MB*ICN2".into(),
                "CAS*CO*45*5".into(),
            ],
        )
    };
    let paid = import("835", "a.835", &decided("1", "10", &format!("CAS*CO*45*{cut:.2}"), "CHECK1"));
    assert_eq!(paid.code, 0, "{paid:?}");
    let paid = paid.json();
    assert_eq!(
        (&paid["statuses"]["paid"], &paid["unmatched"], &paid["underpaid"], &paid["paid"]),
        (&json!(1), &json!(1), &json!(1), &json!("10.00"))
    );
    let denied = import("835", "b.835", &decided("4", "0", &format!("CAS*CO*50*{charge}"), "CHECK2")).json();
    assert_eq!((&denied["denials"], &denied["statuses"]["denied"]), (&json!(1), &json!(1)));
    assert_eq!(denied["proposedRules"], json!(["MEDICARE-DENIED-63030-50"]));

    // All of it stands on the claim; the denial is work, and its rule waits as a draft.
    let answers = clinic.run(&["exchange", "answers", id, "--json"]).json();
    let seen: Vec<(&str, &str)> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["kind"].as_str().unwrap(), a["status"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [("999", "accepted"), ("277ca", "accepted"), ("835", "paid"), ("835", "denied")]);
    let says = answers[3]["says"].to_string();
    assert!(says.contains("Not taken for medically necessary"), "{says}");
    let denials = clinic.run(&["exchange", "denials", "--json"]).json();
    assert_eq!(
        (&denials[0]["line"], &denials[0]["concern"], &denials[0]["rule"]),
        (&json!(1), &json!("necessity"), &json!("MEDICARE-DENIED-63030-50"))
    );
    let rules = clinic.run(&["rules", "list", "--json"]).stdout;
    assert!(rules.contains("MEDICARE-DENIED-63030-50") && rules.contains("\"draft\""), "{rules}");
    let closed = clinic.run(&["exchange", "close", denials[0]["id"].as_str().unwrap(), "--json"]);
    assert_eq!(closed.json(), json!([]));
    let verdict = clinic.run(&["audit", "verify", "--json"]);
    assert_eq!(verdict.code, 0, "{verdict:?}");
    let events = clinic.folder.path().join("audit.json");
    assert_eq!(clinic.run(&["audit", "export", "--format", "json", "-o", events.to_str().unwrap()]).code, 0);
    let events = std::fs::read_to_string(events).unwrap();
    let receipt = format!("{group:09}:{}", made["sha256"].as_str().unwrap());
    assert!(
        events.contains("interchange.delivered")
            && events.contains(&receipt)
            && events.contains("claim.exported")
    );
}

#[test]
fn what_cannot_be_laid_down_waits_in_the_outbox() {
    let clinic = Clinic::new();
    let watched = settings(&clinic);
    let draft = drafted(&clinic, "M1");
    let id = draft["claimId"].as_str().unwrap();
    for step in ["submit", "approve"] {
        assert_eq!(clinic.run(&["claims", step, id]).code, 0, "{step}");
    }
    std::fs::remove_dir(&watched).unwrap();
    let done = clinic.run(&["export", "837p", id, "--json"]);
    assert_eq!((done.code, &done.json()[0]["delivered"]), (1, &json!(false)), "{done:?}");
    assert_eq!(clinic.run(&["exchange", "deliver"]).code, 1);
    std::fs::create_dir(&watched).unwrap();
    assert_eq!(clinic.run(&["exchange", "deliver"]).code, 0);
    let files = clinic.run(&["exchange", "files", "--json"]).json();
    assert_eq!(files[0]["delivered"], true);
    assert!(std::path::Path::new(files[0]["file"].as_str().unwrap()).exists());
    assert_eq!(clinic.run(&["exchange", "deliver"]).code, 0, "and once only");
    assert_eq!(std::fs::read_dir(&watched).unwrap().count(), 1);
}

#[test]
fn what_a_claim_lacks_is_named_and_nothing_happens() {
    let clinic = Clinic::new();
    let draft = drafted(&clinic, "M1");
    let id = draft["claimId"].as_str().unwrap();
    for step in ["submit", "approve"] {
        assert_eq!(clinic.run(&["claims", step, id]).code, 0, "{step}");
    }
    let out = clinic.folder.path().join("one.837");
    let out = out.to_str().unwrap();
    assert_eq!(clinic.run(&["export", "837p", id, "-o", out, "--json"]).error_code(), "exchange_not_set");
    let bad = write(&clinic, "bad.json", "{}");
    assert_eq!(clinic.run(&["exchange", "set", &bad, "--json"]).error_code(), "exchange_settings_invalid");
    settings(&clinic);
    let text = std::fs::read_to_string(clinic.folder.path().join("exchange.json")).unwrap();
    let file = write(&clinic, "nobody.json", &text.replace("\"medicare\"", "\"acme\""));
    assert_eq!(clinic.run(&["exchange", "set", &file]).code, 0);
    let refused = clinic.run(&["export", "837p", id, "-o", out, "--json"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "claim_incomplete"), "{refused:?}");
    assert!(refused.stderr.contains("the payer “medicare” has no name"), "{refused:?}");
    assert!(!refused.stderr.contains("Exampleby") && !std::path::Path::new(out).exists());
    assert_eq!(clinic.run(&["claims", "show", id, "--json"]).json()["state"], "approved");
}

#[test]
#[cfg(unix)]
fn a_file_goes_to_the_server_whose_key_is_pinned_and_waits_for_any_other() {
    let sshd = server::Sshd::start();
    let clinic = Clinic::new();
    settings(&clinic);
    let draft = drafted(&clinic, "M1");
    let id = draft["claimId"].as_str().unwrap();
    for step in ["submit", "approve"] {
        assert_eq!(clinic.run(&["claims", step, id]).code, 0, "{step}");
    }
    let port = sshd.port.to_string();
    let shown = clinic.run(&["exchange", "host-key", "127.0.0.1", "--port", &port, "--json"]).json();
    let set = |key: &str| {
        let text = std::fs::read_to_string(clinic.folder.path().join("exchange.json")).unwrap();
        let mut all: Value = serde_json::from_str(&text).unwrap();
        all.as_object_mut().unwrap().remove("folders");
        all["sftp"] = json!({"house": {"host": "127.0.0.1", "port": sshd.port, "user": server::user(), "host_key": key,
            "folder": sshd.path("in")}});
        clinic.run(&["exchange", "set", &write(&clinic, "sftp.json", &all.to_string()), "--json"])
    };
    assert_eq!(set("no fingerprint").error_code(), "sftp_host_key_invalid");
    assert_eq!(set(&format!("SHA256:{}", "A".repeat(43))).code, 0);
    let why = |answer: &support::Answer| answer.json()[0]["fault"]["code"].as_str().unwrap().to_owned();
    let waits = clinic.run(&["export", "837p", id, "--json"]);
    assert_eq!((waits.code, why(&waits).as_str()), (1, "credential_missing"), "{waits:?}");
    let key = sshd.path("old");
    let key = key.to_str().unwrap();
    assert_eq!(
        clinic.run(&["exchange", "credential", "nobody", "--key", key, "--json"]).error_code(),
        "correspondent_unknown"
    );
    assert_eq!(clinic.run(&["exchange", "credential", "house", "--key", key]).code, 0);
    let waits = clinic.run(&["exchange", "deliver", "--json"]);
    assert_eq!((waits.code, why(&waits).as_str()), (1, "sftp_host_key_changed"), "{waits:?}");
    assert_eq!(std::fs::read_dir(sshd.path("in")).unwrap().count(), 0);

    assert_eq!(set(shown.as_str().unwrap()).code, 0);
    assert_eq!(clinic.run(&["exchange", "deliver"]).code, 0);
    let made = clinic.run(&["exchange", "files", "--json"]).json()[0].clone();
    assert_eq!((&made["delivered"], &made["attempts"]), (&json!(true), &json!(3)));
    let name = format!("{:09}.837", made["control"].as_u64().unwrap());
    assert!(std::fs::read_to_string(sshd.path("in").join(&name)).unwrap().starts_with("ISA*"));
    let events = clinic.folder.path().join("audit.json");
    assert_eq!(clinic.run(&["audit", "export", "--format", "json", "-o", events.to_str().unwrap()]).code, 0);
    let events = std::fs::read_to_string(events).unwrap();
    let receipt = format!("{}:sftp://", made["sha256"].as_str().unwrap());
    assert!(
        events.contains(&receipt) && events.contains(shown.as_str().unwrap()),
        "the receipt names place and key"
    );
    let shows = clinic.run(&["exchange", "show"]).stdout;
    assert!(!shows.contains("PRIVATE KEY"), "a key is never shown");
}
