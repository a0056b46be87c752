//! Accounts through the headless program: signing in, roles, second factor, pauses, four eyes, emergency access.

mod support;

use iambilly_app::people::{Action, Role};
use serde_json::Value;
use std::process::{Command, Stdio};
use support::{Answer, Clinic, fixture};
use totp_rs::{Algorithm, Secret, TOTP};

const ADMIN: (&str, &str) = ("Ada", "four random words here");

/// The password of somebody who was added.
fn password(name: &str) -> String {
    if name.eq_ignore_ascii_case(ADMIN.0) {
        ADMIN.1.to_owned()
    } else {
        format!("{} rides a bicycle", name.len() * 111)
    }
}

fn as_person(clinic: &Clinic, name: &str, more: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = clinic.command(arguments);
    command.args(["--user", name]).env_remove("IAMBILLY_PASSPHRASE").env("IAMBILLY_PASSWORD", password(name));
    command.envs(more.iter().copied());
    command
}

fn run(clinic: &Clinic, name: &str, arguments: &[&str]) -> Answer {
    as_person(clinic, name, &[], arguments).output().unwrap().into()
}

/// A clinic whose owner drafted a note and then added an administrator.
fn clinic() -> (Clinic, String) {
    let clinic = Clinic::new();
    let made = clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules"]);
    assert!([0, 1].contains(&made.code), "{made:?}");
    let claim = made.json()["claimId"].as_str().unwrap().to_owned();
    let mut add = clinic.command(&["users", "add", ADMIN.0, "--role", "administrator", "--json"]);
    let added: Answer = add.env("IAMBILLY_NEW_PASSWORD", ADMIN.1).output().unwrap().into();
    assert_eq!((added.code, added.json()["state"].as_str()), (0, Some("pending")), "{added:?}");
    (clinic, claim)
}

fn add(clinic: &Clinic, name: &str, roles: &str) -> Value {
    let mut command = as_person(clinic, ADMIN.0, &[], &["users", "add", name, "--role", roles, "--json"]);
    let added: Answer = command.env("IAMBILLY_NEW_PASSWORD", password(name)).output().unwrap().into();
    assert_eq!(added.code, 0, "{added:?}");
    added.json()
}

/// Dates of birth, names and ids aside: the actors of the audit by action.
fn actors(clinic: &Clinic, action: &str) -> Vec<String> {
    let file = clinic.folder.path().join(format!("audit-{action}.json"));
    let _ = std::fs::remove_file(&file);
    let _ = std::fs::remove_file(file.with_extension("json.sig.json"));
    let answer = run(clinic, ADMIN.0, &["audit", "export", "--format", "json", "-o", file.to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let events: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let events = events.as_array().cloned().unwrap_or_else(|| events["events"].as_array().unwrap().clone());
    let of = events.iter().filter(|e| e["action"] == action);
    of.map(|e| e["actor"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn from_the_first_person_on_nobody_gets_in_unnamed() {
    let (clinic, _) = clinic();
    let owner = clinic.run(&["claims", "list", "--json"]);
    assert_eq!((owner.code, owner.error_code().as_str()), (4, "sign_in_needed"));
    let table = [
        ("Ada", "wrong password", "wrong_sign_in"),
        ("nobody", ADMIN.1, "wrong_sign_in"),
        ("Ada", "", "sign_in_needed"),
    ];
    for (name, password, code) in table {
        let mut command =
            as_person(&clinic, name, &[("IAMBILLY_PASSWORD", password)], &["users", "list", "--json"]);
        let answer: Answer = command.output().unwrap().into();
        assert_eq!((answer.code, answer.error_code().as_str()), (4, code), "{name}");
    }
    let listed = run(&clinic, "ada", &["users", "list", "--json"]).json();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["state"], &listed[0]["failures"]),
        (&"Ada".into(), &"active".into(), &0.into())
    );
    // The first one has to be an administrator; a weak password is none.
    let fresh = Clinic::new();
    let mut refused = vec![];
    for (role, password) in
        [("coder", "four random words here"), ("administrator", "short"), ("administrator", "")]
    {
        let mut command = fresh.command(&["users", "add", "Bo", "--role", role, "--json"]);
        let answer: Answer = command.env("IAMBILLY_NEW_PASSWORD", password).output().unwrap().into();
        assert_eq!(answer.code, 2);
        refused.push(answer.error_code());
    }
    assert_eq!(refused, ["first_administrator", "password_short", "new_password_needed"]);
    assert_eq!(fresh.run(&["claims", "list", "--json"]).code, 0, "the owner still owns everything");
    let named = fresh.run(&["claims", "list", "--json", "--user", "Bo"]);
    assert_eq!((named.code, named.error_code().as_str()), (2, "no_accounts"));
}

#[test]
fn every_role_is_held_to_the_table_on_the_command_line() {
    let (clinic, claim) = clinic();
    let roles = ["physician", "coder", "biller", "auditor", "administrator"];
    for role in roles {
        add(&clinic, &format!("the {role}"), role);
    }
    let folder = clinic.folder.path().join("out");
    std::fs::create_dir(&folder).unwrap();
    let (out, nothing) = (folder.to_str().unwrap(), clinic.folder.path().join("none"));
    let nothing = nothing.to_str().unwrap();
    let file = |role: &str| folder.join(format!("{role}.csv")).to_str().unwrap().to_owned();
    let none = "018f0000-0000-7000-8000-0000000000aa";
    let note = fixture("notes/laminectomy.txt");
    let patient = folder.join("patient.json");
    std::fs::write(&patient, r#"{"last": "Exampleby", "first": "Ada"}"#).unwrap();
    let patient = patient.to_str().unwrap();
    // What is asked, and as what it counts; who may is the table's to say.
    let table: Vec<(Action, Vec<&str>)> = vec![
        (Action::ViewClaims, vec!["claims", "list"]),
        (Action::ViewClaims, vec!["claims", "show", &claim]),
        (Action::ViewClaims, vec!["claims", "queue"]),
        (
            Action::Dictate,
            vec![
                "record",
                "--payer",
                "medicare",
                "--dos",
                "2026-02-02",
                "--microphone",
                "none",
                "--seconds",
                "1",
            ],
        ),
        (
            Action::TakeIn,
            vec![
                "claim",
                note.to_str().unwrap(),
                "--payer",
                "medicare",
                "--dos",
                "2026-02-02",
                "--reader",
                "rules",
            ],
        ),
        (Action::ViewValue, vec!["claims", "value", &claim]),
        (Action::Work, vec!["claims", "resume"]),
        (Action::Correct, vec!["claims", "restore", &claim, "--revision", "9", "--to", "1"]),
        (Action::EditTranscript, vec!["claims", "reread", &claim, "--revision", "99"]),
        (Action::SignNote, vec!["notes", "sign", none, "--revision", "1"]),
        (Action::FileDictation, vec!["dictations", "file", none, "--patient", patient]),
        (Action::Organise, vec!["claims", "comment", &claim, "Looked at"]),
        (Action::Submit, vec!["claims", "submit", &claim]),
        (Action::Decide, vec!["claims", "approve", &claim, "--revision", "99"]),
        (Action::Decide, vec!["claims", "reject", &claim, "--reason", "why"]),
        (Action::Decide, vec!["claims", "reopen", &claim, "--reason", "why"]),
        (Action::ExportClaim, vec!["export", "cms1500", &claim, "-o", nothing]),
        (Action::ExportClaim, vec!["exchange", "deliver"]),
        (Action::TakeAnswers, vec!["exchange", "close", none]),
        (Action::ConnectEmr, vec!["emr", "test", none]),
        (Action::ExportRecording, vec!["recording", "export", &claim, "-o", nothing]),
        (Action::Learn, vec!["learned", "list"]),
        (Action::Dictionary, vec!["dictionary", "list"]),
        (Action::ViewFees, vec!["fees", "list"]),
        (Action::ChangeFees, vec!["fees", "retire", none]),
        (Action::ViewRules, vec!["policy", "list"]),
        (Action::ChangeRules, vec!["policy", "remove", none]),
        (Action::ImportTables, vec!["rules", "import", "mue", nothing]),
        (Action::ViewMaster, vec!["patients", "list"]),
        (Action::ChangeMaster, vec!["patients", "merge", none, none]),
        (Action::ChooseModels, vec!["models", "final-pass", "none"]),
        (Action::ChooseModels, vec!["models", "remove", "none"]),
        (Action::ChooseModels, vec!["models", "import", nothing]),
        (Action::Evaluate, vec!["eval", "--approved"]),
        (Action::ReadAudit, vec!["audit", "verify"]),
        (Action::AcceptAudit, vec!["audit", "accept"]),
        (Action::Guard, vec!["audit", "anchor", out]),
        (Action::Guard, vec!["users", "guards", "--idle", "10"]),
        (Action::Backup, vec!["backup", "--to", nothing]),
        (Action::Backup, vec!["backup", "schedule"]),
        (Action::Keys, vec!["rotate-keys"]),
        (Action::Erase, vec!["erase", "recording", &claim, "--yes"]),
        (Action::Erase, vec!["erase", "patient", "nobody", "--yes"]),
        (Action::Erase, vec!["erase", "holds"]),
        (Action::ReadAudit, vec!["users", "list"]),
        (Action::ManagePeople, vec!["users", "role", "nobody", "coder"]),
        (Action::ManagePeople, vec!["users", "disable", "nobody"]),
        (Action::ManagePeople, vec!["users", "unlock", "nobody"]),
        (Action::ReadAudit, vec!["users", "glass"]),
    ];
    // The command line plays no sound, keeps no device and nothing half typed: only the window has doors for these.
    let elsewhere = [Action::Listen, Action::Devices, Action::Type];
    for action in Action::ALL {
        let tried = table.iter().any(|(of, _)| of == action);
        assert_ne!(tried, elsewhere.contains(action), "{action:?} is tried at this door, or has none here");
    }
    let mut refusals = 0;
    for role in roles {
        let own = Role::of_name(role).unwrap();
        for (action, arguments) in &table {
            let mut arguments = arguments.clone();
            arguments.push("--json");
            let answer = run(&clinic, &format!("the {role}"), &arguments);
            let refused = answer.code == 4 && answer.error_code() == "not_allowed";
            assert_eq!(refused, !action.roles().contains(&own), "{role}: {arguments:?}: {answer:?}");
            refusals += usize::from(refused);
        }
        let exported =
            run(&clinic, &format!("the {role}"), &["audit", "export", "-o", &file(role), "--json"]);
        assert_eq!(exported.code == 0, Action::ReadAudit.roles().contains(&own), "{role}: {exported:?}");
        refusals += usize::from(exported.code == 4);
    }
    assert_eq!(
        actors(&clinic, "permission.refused").len(),
        refusals,
        "each refusal is an event of who was refused"
    );
}

fn code_of(drawn: &Value) -> String {
    let bytes = Secret::Encoded(drawn["secret"].as_str().unwrap().to_owned()).to_bytes().unwrap();
    TOTP::new(Algorithm::SHA1, 6, 1, 30, bytes, None, "x".to_owned()).unwrap().generate_current().unwrap()
}

#[test]
fn a_second_factor_is_asked_for_and_every_code_counts_once() {
    let (clinic, _) = clinic();
    let added = add(&clinic, "Bo Coder", "coder");
    assert_eq!(added["secondFactorDrawn"], Value::Null);
    let drawn = run(&clinic, "bo coder", &["users", "totp", "--json"]).json();
    let signing = |code: &str| -> Answer {
        as_person(&clinic, "Bo Coder", &[("IAMBILLY_TOTP", code)], &["claims", "list", "--json"])
            .output()
            .unwrap()
            .into()
    };
    let without = run(&clinic, "Bo Coder", &["claims", "list", "--json"]);
    assert_eq!((without.code, without.error_code().as_str()), (4, "second_factor_needed"));
    assert_eq!(signing("000000").error_code(), "wrong_code");
    // A code of now may end between its making and its use.
    let used = (0..3).map(|_| code_of(&drawn)).find(|code| signing(code).code == 0).expect("a code opens");
    let again = signing(&used);
    assert_eq!((again.code, again.error_code().as_str()), (4, "wrong_code"), "a code counts once");
    let recovery = drawn["recoveryCodes"][3].as_str().unwrap();
    assert_eq!(signing(&recovery.to_uppercase()).code, 0);
    assert_eq!(signing(recovery).error_code(), "wrong_code", "a recovery code counts once");
    let listed = run(&clinic, ADMIN.0, &["users", "list", "--json"]).json();
    assert_eq!((&listed[1]["secondFactor"], &listed[1]["recoveryCodes"]), (&true.into(), &9.into()));
    // Everybody needs one: who has none can only make one.
    assert_eq!(run(&clinic, ADMIN.0, &["users", "guards", "--require-totp", "yes"]).code, 0);
    let admin = run(&clinic, ADMIN.0, &["users", "list", "--json"]);
    assert_eq!((admin.code, admin.error_code().as_str()), (4, "second_factor_required"));
    let own = run(&clinic, ADMIN.0, &["users", "totp", "--json"]).json();
    let with = |code: &str, arguments: &[&str]| -> Answer {
        as_person(&clinic, ADMIN.0, &[("IAMBILLY_TOTP", code)], arguments).output().unwrap().into()
    };
    let code = own["recoveryCodes"][0].as_str().unwrap();
    let mut reset = as_person(
        &clinic,
        ADMIN.0,
        &[("IAMBILLY_TOTP", code)],
        &["users", "reset", "Bo Coder", "--totp", "--json"],
    );
    let reset: Answer = reset.env("IAMBILLY_NEW_PASSWORD", password("Bo Coder")).output().unwrap().into();
    assert_eq!((reset.code, &reset.json()[0]["secondFactor"]), (0, &false.into()));
    assert_eq!(with(code, &["users", "list", "--json"]).error_code(), "wrong_code");
}

#[test]
fn guessing_is_slowed_and_an_administrator_lifts_it() {
    let (clinic, _) = clinic();
    add(&clinic, "Bo", "coder");
    let guess = || -> Answer {
        as_person(&clinic, "Bo", &[("IAMBILLY_PASSWORD", "not it at all")], &["claims", "list", "--json"])
            .output()
            .unwrap()
            .into()
    };
    for _ in 0..5 {
        assert_eq!(guess().error_code(), "wrong_sign_in");
    }
    assert_eq!(guess().error_code(), "sign_in_paused");
    let right = run(&clinic, "Bo", &["claims", "list", "--json"]);
    assert_eq!((right.code, right.error_code().as_str()), (4, "sign_in_paused"), "the right one waits too");
    let lifted = run(&clinic, ADMIN.0, &["users", "unlock", "bo", "--json"]);
    assert_eq!((lifted.code, &lifted.json()[0]["failures"]), (0, &0.into()));
    assert_eq!(run(&clinic, "Bo", &["claims", "list", "--json"]).code, 0);
    assert_eq!(actors(&clinic, "vault.unlock_refused").len(), 7, "every refusal is in the audit");
}

#[test]
fn two_administrators_who_remove_each_other_leave_one() {
    let (clinic, _) = clinic();
    assert_eq!(
        run(&clinic, ADMIN.0, &["users", "disable", "ada", "--json"]).error_code(),
        "last_administrator"
    );
    assert_eq!(
        run(&clinic, ADMIN.0, &["users", "role", "ada", "physician", "--json"]).error_code(),
        "last_administrator"
    );
    add(&clinic, "Bea", "administrator,physician");
    assert_eq!(run(&clinic, "Bea", &["users", "me"]).code, 0);
    let start = |by: &str, whom: &str| {
        as_person(&clinic, by, &[], &["users", "disable", whom])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut one, mut other) = (start(ADMIN.0, "Bea"), start("Bea", ADMIN.0));
    one.wait().unwrap();
    other.wait().unwrap();
    let left: Vec<_> = [ADMIN.0, "Bea"]
        .into_iter()
        .filter(|name| run(&clinic, name, &["users", "list", "--json"]).code == 0)
        .collect();
    assert_eq!(left.len(), 1, "one administrator stays: {left:?}");
    let listed = run(&clinic, left[0], &["users", "list", "--json"]).json();
    let states: Vec<_> = listed.as_array().unwrap().iter().map(|p| p["state"].as_str().unwrap()).collect();
    assert!(states.contains(&"active") && states.contains(&"disabled"), "{states:?}");
    assert_eq!(run(&clinic, left[0], &["audit", "verify"]).code, 0);
}

#[test]
fn four_eyes_and_broken_glass() {
    let (clinic, claim) = clinic();
    for (name, role) in [("Cy", "coder"), ("Di", "coder"), ("Pa", "physician")] {
        add(&clinic, name, role);
    }
    assert_eq!(run(&clinic, ADMIN.0, &["users", "guards", "--four-eyes", "yes"]).code, 0);
    let edits = clinic.folder.path().join("edits.json");
    std::fs::write(&edits, r#"[{"op":"remove_line","line":1}]"#).unwrap();
    let shown = run(&clinic, "Cy", &["claims", "show", &claim, "--json"]).json();
    let revision = shown["revision"].as_u64().unwrap().to_string();
    let edited = run(
        &clinic,
        "Cy",
        &["claims", "correct", &claim, "--revision", &revision, "--edits", edits.to_str().unwrap(), "--json"],
    );
    assert_eq!(edited.code, 0, "{edited:?}");
    assert_eq!(run(&clinic, "Cy", &["claims", "submit", &claim]).code, 0);
    let own = run(&clinic, "Cy", &["claims", "approve", &claim, "--json"]);
    assert_eq!((own.code, own.error_code().as_str()), (4, "four_eyes"));
    // Blocked or not is the rules' to say; the other coder is not refused as a person.
    let other = run(&clinic, "Di", &["claims", "approve", &claim, "--json"]);
    assert!(other.code == 0 || other.error_code() == "claim_blocked", "{other:?}");

    let before = run(&clinic, ADMIN.0, &["claims", "list", "--json"]);
    assert_eq!(before.error_code(), "not_allowed");
    let idle = run(&clinic, ADMIN.0, &["users", "break-glass", "--reason", "no", "--json"]);
    assert_eq!((idle.code, idle.error_code().as_str()), (3, "reason_needed"));
    let reason = "the surgeon on call cannot be reached";
    let broken = run(&clinic, ADMIN.0, &["users", "break-glass", "--reason", reason, "--json"]).json();
    assert_eq!(run(&clinic, ADMIN.0, &["claims", "show", &claim, "--json"]).code, 0);
    let write = run(&clinic, ADMIN.0, &["claims", "submit", &claim, "--json"]);
    assert_eq!(write.error_code(), "not_allowed", "glass opens the eyes, not the hands");
    let me = run(&clinic, ADMIN.0, &["users", "me", "--json"]).json();
    assert_eq!((&me["unseenGlass"], me["glassUntil"].is_string()), (&1.into(), true));
    let id = broken["id"].as_str().unwrap();
    let seen = run(&clinic, ADMIN.0, &["users", "glass", "--acknowledge", id, "--json"]).json();
    assert_eq!(seen[0]["reason"], reason);
    assert!(seen[0]["acknowledgedBy"].is_string());
    assert_eq!(actors(&clinic, "glass.broken").len(), 1);
}

#[test]
fn the_kit_lets_people_in_again_and_sees_no_patient() {
    let clinic = Clinic::new();
    assert!([0, 1].contains(&clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules"]).code));
    let mut create = clinic.command(&["recovery-kit", "create", "--json"]);
    let mut child =
        create.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    use std::io::{BufRead, Write};
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let words = loop {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0);
        if let Some(at) = line.find("\"words\"") {
            break line[at + 7..].split('"').nth(1).unwrap().to_owned();
        }
    };
    writeln!(child.stdin.take().unwrap(), "{words}").unwrap();
    assert!(child.wait().unwrap().success());
    let mut add = clinic.command(&["users", "add", "Ada", "--role", "administrator"]);
    assert!(add.env("IAMBILLY_NEW_PASSWORD", ADMIN.1).output().unwrap().status.success());
    assert_eq!(run(&clinic, "Ada", &["users", "me"]).code, 0);
    let by_kit = |arguments: &[&str]| -> Answer {
        let mut command = clinic.command(arguments);
        command.env("IAMBILLY_RECOVERY_KIT", &words).env("IAMBILLY_NEW_PASSWORD", "an altogether new one");
        command.output().unwrap().into()
    };
    assert_eq!(by_kit(&["claims", "list", "--json"]).error_code(), "not_allowed");
    assert_eq!(by_kit(&["users", "reset", "ada", "--json"]).code, 0);
    assert_eq!(run(&clinic, "Ada", &["users", "me", "--json"]).error_code(), "wrong_sign_in");
    let mut new =
        as_person(&clinic, "Ada", &[("IAMBILLY_PASSWORD", "an altogether new one")], &["users", "me"]);
    assert!(new.output().unwrap().status.success());
}

#[test]
fn a_backup_of_a_clinic_with_people_opens_by_their_passwords() {
    let (clinic, _) = clinic();
    assert_eq!(run(&clinic, ADMIN.0, &["users", "me"]).code, 0);
    let (to, restored) = (clinic.folder.path().join("backups"), clinic.folder.path().join("restored"));
    std::fs::create_dir(&to).unwrap();
    let made = run(&clinic, ADMIN.0, &["backup", "--to", to.to_str().unwrap(), "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let folder = made.json()["folder"].as_str().unwrap().to_owned();
    let again = run(&clinic, ADMIN.0, &["restore", &folder, "--to", restored.to_str().unwrap(), "--json"]);
    assert_eq!(again.code, 0, "{again:?}");
    let data = restored.to_str().unwrap();
    let mut list = as_person(&clinic, ADMIN.0, &[("IAMBILLY_DATA_DIR", data)], &["users", "list", "--json"]);
    let listed: Answer = list.output().unwrap().into();
    assert_eq!((listed.code, &listed.json()[0]["name"]), (0, &"Ada".into()));
    let stranger =
        as_person(&clinic, "eve", &[], &["restore", &folder, "--to", data, "--json"]).output().unwrap();
    assert_eq!(stranger.status.code(), Some(2), "the folder is not empty");
}
