//! What the program prints holds to the JSON Schemas it prints.

mod support;

use serde_json::Value;
use support::{Clinic, fixture};

fn schema(clinic: &Clinic, name: &str) -> Value {
    let answer = clinic.run(&["schema", name]);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.json()
}

fn hold(schema: &Value, name: &str, shape: &Value, whence: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(shape).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect();
    assert!(wrong.is_empty(), "{name} of {whence}: {wrong:#?}");
}

#[test]
fn what_is_printed_holds_to_its_schema() {
    let clinic = Clinic::new();
    let [transcript, coding, claim, findings] =
        ["transcript", "coding", "claim", "findings"].map(|name| (name, schema(&clinic, name)));
    for (name, schema) in [&transcript, &coding, &claim, &findings] {
        let id = schema["$id"].as_str().unwrap();
        assert!(id.starts_with(&format!("urn:iambilly:schema:{name}:1.")), "{id}");
    }

    // From sound: transcript, coding, claim and findings of one draft.
    let draft = clinic.claim(&fixture("dictations/tlif_l34.wav"), &["--reader", "rules"]).json();
    for (name, schema) in [&transcript, &coding, &claim, &findings] {
        hold(schema, name, &draft[*name], "a dictation");
    }
    // From notes of every kind, each twentieth: what is not billed, questions, alternatives.
    let mut notes: Vec<_> =
        std::fs::read_dir(fixture("notes/cases")).unwrap().map(|e| e.unwrap().path()).collect();
    notes.sort();
    let text = clinic.folder.path().join("note.txt");
    for file in notes.iter().step_by(20) {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        std::fs::write(&text, case["text"].as_str().unwrap()).unwrap();
        let (dos, payer) = (case["dos"].as_str().unwrap(), case["payer"].as_str().unwrap());
        let answer = clinic.run(&["code", text.to_str().unwrap(), "--dos", dos, "--payer", payer, "--json"]);
        assert_eq!(answer.code, 0, "{answer:?}");
        hold(&coding.1, "coding", &answer.json(), &file.display().to_string());
    }
    // Claims as others write them, and what is found in them.
    let mut claims: Vec<_> =
        std::fs::read_dir(fixture("claims-audit")).unwrap().map(|e| e.unwrap().path()).collect();
    claims.retain(|f| f.extension().is_some_and(|e| e == "json"));
    claims.sort();
    let one = clinic.folder.path().join("claim.json");
    for file in claims.iter().step_by(4) {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        hold(&claim.1, "claim", &case["claim"], &file.display().to_string());
        std::fs::write(&one, case["claim"].to_string()).unwrap();
        let answer = clinic.run(&["scrub", one.to_str().unwrap(), "--json"]);
        assert!(answer.code <= 1, "{answer:?}");
        hold(&findings.1, "findings", &answer.json(), &file.display().to_string());
    }
    // And a schema refuses what is none of its shape.
    let validator = jsonschema::validator_for(&coding.1).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({"lines": "none"})));
}
