//! Official tables through the command line: import, list, scrub with them, refuse what is wrong.

mod support;

use support::{Answer, Clinic, fixture};

const MUE: &str = "\"A copyright notice.\"\r\n\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n22551,1,2 Date of Service Edit: Policy,Anatomic\r\n63650,2,3 Date of Service Edit: Clinical,Clinical\r\n";

#[test]
fn tables_are_imported_listed_and_used() {
    let clinic = Clinic::new();
    let rules = clinic.folder.path().join("rules");
    let file = clinic.folder.path().join("MCR_MUE_PractitionerServices_Eff_01-01-2026.csv");
    std::fs::write(&file, MUE).unwrap();
    let run = |arguments: &[&str]| -> Answer {
        let mut command = clinic.command(arguments);
        command.env("IAMBILLY_RULES_DIR", &rules);
        command.output().unwrap().into()
    };
    let file = file.to_str().unwrap();
    let imported = run(&["rules", "import", "mue", file, "--json"]);
    assert_eq!(imported.code, 0, "{imported:?}");
    assert_eq!(imported.json()[0]["outcome"], "added");
    assert_eq!(imported.json()[0]["edition"], "2026Q1");
    assert_eq!(run(&["rules", "import", "mue", file, "--json"]).json()[0]["outcome"], "unchanged");
    let list = run(&["rules", "list", "--json"]).json();
    assert_eq!(list["imported"][0]["effective_from"], "2026-01-01");
    assert!(list["built_in"].as_array().unwrap().len() > 5);
    assert!(run(&["rules", "list"]).stdout.contains("2026Q1"));

    // The note about editions names what is still missing, and no longer this table.
    let claim = fixture("claims/addon_alone.json");
    let scrub = ["scrub", claim.to_str().unwrap(), "--dos", "2026-02-02", "--today", "2026-03-01", "--json"];
    let stale = |answer: Answer| -> String {
        let findings = answer.json()["findings"].as_array().unwrap().clone();
        let mut notes = findings.iter().filter(|f| f["kind"] == "edition_stale");
        let note = notes.next().map_or_else(String::new, |f| f["message"].as_str().unwrap().to_owned());
        assert!(notes.next().is_none());
        note
    };
    let note = stale(run(&scrub));
    assert!(note.contains("procedure-to-procedure") && !note.contains("medically unlikely"), "{note}");

    std::fs::write(file, &MUE[..MUE.len() - 5]).unwrap();
    let cut = run(&["rules", "import", "mue", file, "--json"]);
    assert_eq!((cut.code, cut.error_code().as_str()), (3, "table_refused"));
    assert!(cut.stderr.contains("line 5"), "{cut:?}");

    let table = rules.join("mue_2026Q1.table");
    let mut bytes = std::fs::read(&table).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&table, bytes).unwrap();
    for arguments in [&["rules", "list", "--json"][..], &scrub] {
        let answer = run(arguments);
        assert_eq!((answer.code, answer.error_code().as_str()), (5, "rule_book_damaged"), "{arguments:?}");
    }
}

#[test]
fn a_claim_is_priced_and_its_missed_work_shown() {
    let clinic = Clinic::new();
    let file = clinic.folder.path().join("claim.json");
    let claim = serde_json::json!({"payer": {"id": "medicare", "type": "medicare"}, "received_date": "2026-02-20",
        "diagnoses": ["M48.062"], "lines": [
            {"number": 1, "code": "22612", "pointers": ["A"], "units": 1, "charge": "5000.00", "dos": "2026-02-02",
             "pos": "21", "levels": ["L4-L5"]},
            {"number": 2, "code": "22630", "pointers": ["A"], "units": 1, "charge": "5000.00", "dos": "2026-02-02",
             "pos": "21", "levels": ["L4-L5"]}]});
    std::fs::write(&file, claim.to_string()).unwrap();
    let answer = clinic.run(&["optimise", file.to_str().unwrap(), "--today", "2026-03-01", "--json"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let optimum = answer.json();
    assert_eq!(optimum["payment"]["lines"].as_array().unwrap().len(), 2);
    let kinds: Vec<&str> =
        optimum["proposals"].as_array().unwrap().iter().filter_map(|p| p["kind"].as_str()).collect();
    assert!(kinds.contains(&"combined"), "22612 and 22630 of one interspace are 22633: {optimum}");
    let words = clinic.run(&["optimise", file.to_str().unwrap(), "--today", "2026-03-01"]).stdout;
    assert!(words.contains("EXPECTED PAYMENT") && words.contains("22633"), "{words}");
}
