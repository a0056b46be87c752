//! Diagnoses are judged by the edition of ICD-10-CM in force on the date of the services that point to them, imported
//! editions included.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use iambilly_claim::{Claim, Finding, FindingKind, Severity};
use iambilly_rulebook::{Request, TableKind, import, open};
use iambilly_scrub::{RuleBook, scrub};
use serde_json::json;

/// A yearly list; every row `code`, 0 or 1, title.
fn list(rows: &[(&str, u8, &str)]) -> String {
    let line = |(n, (code, flag, title)): (usize, &(&str, u8, &str))| {
        format!("{:05} {code:<7} {flag} {title:<60} {title}\r\n", n + 1)
    };
    rows.iter().enumerate().map(line).collect()
}

/// FY2027 splits M48.06 another way than FY2024 and the shipped FY2026 have it. Both are made up.
fn book() -> (tempfile::TempDir, RuleBook) {
    let folder = tempfile::tempdir().unwrap();
    for (name, rows) in [
        (
            "icd10cm_order_2024.txt",
            &[
                ("M48", 0, "Other spondylopathies"),
                ("M4806", 1, "Spinal stenosis, lumbar region"),
                ("M545", 0, "Low back pain"),
                ("M5451", 1, "Vertebrogenic low back pain"),
                ("Z981", 1, "Arthrodesis status"),
            ][..],
        ),
        (
            "icd10cm_order_2027.txt",
            &[
                ("M48", 0, "Other spondylopathies"),
                ("M480", 0, "Spinal stenosis"),
                ("M4806", 0, "Spinal stenosis, lumbar region"),
                ("M48063", 1, "Spinal stenosis, lumbar region, with weakness"),
                ("M545", 0, "Low back pain"),
                ("M5451", 1, "Vertebrogenic low back pain"),
                ("Z981", 1, "Arthrodesis status"),
            ][..],
        ),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, list(rows)).unwrap();
        let request =
            Request { kind: TableKind::Icd10cm, files: vec![file], edition: None, accept_fewer_rows: true };
        import(&folder.path().join("rules"), &request).unwrap();
    }
    let book = open(&folder.path().join("rules")).unwrap();
    (folder, book)
}

/// A claim of one diagnosis each line.
fn judged(book: &RuleBook, lines: &[(&str, &str)]) -> Vec<Finding> {
    let services: Vec<_> = lines
        .iter()
        .zip("ABCDEF".chars())
        .map(|((dos, _), pointer)| json!({"code": "63047", "units": 1, "charge": "10.00", "pos": "21", "dos": dos, "pointers": [pointer.to_string()]}))
        .collect();
    let diagnoses: Vec<&str> = lines.iter().map(|(_, diagnosis)| *diagnosis).collect();
    let claim: Claim = serde_json::from_value(
        json!({"payer": {"id": "x", "type": "commercial"}, "diagnoses": diagnoses, "lines": services}),
    )
    .unwrap();
    let found = scrub(&claim, book, "2027-05-01".parse().unwrap()).findings;
    let about = [FindingKind::IcdInvalid, FindingKind::IcdNotBillable, FindingKind::IcdExcludes1];
    found.into_iter().filter(|f| about.contains(&f.kind)).collect()
}

#[test]
fn a_code_of_one_edition_only_is_judged_by_the_date_of_service() {
    let (_folder, book) = book();
    for (dos, code, expected) in [
        ("2027-02-02", "M48.063", None),
        ("2026-02-02", "M48.063", Some((FindingKind::IcdInvalid, Severity::Block, "FY2026, April 1 2026"))),
        ("2024-02-02", "M48.063", Some((FindingKind::IcdInvalid, Severity::Block, "FY2024"))),
        ("2027-02-02", "M48.062", Some((FindingKind::IcdInvalid, Severity::Block, "FY2027"))),
        ("2026-02-02", "M48.062", None),
        ("2027-02-02", "M48.06", Some((FindingKind::IcdNotBillable, Severity::Block, "FY2027"))),
        ("2027-02-02", "m4806", Some((FindingKind::IcdNotBillable, Severity::Block, "FY2027"))),
        // Between two editions at hand the older one answers, and cannot be sure.
        ("2025-02-02", "M48.069", Some((FindingKind::IcdInvalid, Severity::Warn, "FY2024"))),
        ("2020-02-02", "M48.069", Some((FindingKind::IcdInvalid, Severity::Warn, "FY2024"))),
    ] {
        let found = judged(&book, &[(dos, code)]);
        let said = found.first().map(|f| (f.kind, f.severity, f.source.version.as_str()));
        assert_eq!(said, expected, "{code} on {dos}: {found:?}");
        assert!(found.len() <= 1, "{found:?}");
    }
    let only = &judged(&book, &[("2027-02-02", "M48.06")])[0];
    assert!(only.message.contains("M48.063"), "the codes of that edition are offered: {}", only.message);
    assert_eq!(only.source.effective_from.as_deref(), Some("2026-10-01"));
}

#[test]
fn a_claim_over_two_years_is_judged_line_by_line() {
    let (_folder, book) = book();
    assert!(judged(&book, &[("2026-09-30", "M48.062"), ("2026-10-01", "M48.063")]).is_empty());
    let found = judged(&book, &[("2026-09-30", "M48.063"), ("2026-10-01", "M48.062")]);
    let said: Vec<_> = found.iter().map(|f| (f.codes[0].as_str(), f.source.version.as_str())).collect();
    assert_eq!(said, [("M48.063", "FY2026, April 1 2026"), ("M48.062", "FY2027")]);
    assert!(found[1].message.ends_with("Date of service: 2026-10-01."), "{}", found[1].message);
}

#[test]
fn the_notes_of_the_tabular_list_hold_for_an_imported_year() {
    let (_folder, book) = book();
    let found = judged(&book, &[("2027-02-02", "M54.51"), ("2027-02-02", "M51.26")]);
    let pair = found.iter().find(|f| f.kind == FindingKind::IcdExcludes1).unwrap();
    assert_eq!(pair.source.version, "FY2027");
}
