//! The form: what stands where, what is said instead of cut, and the bytes that a printer gets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::string_slice,
    reason = "a test"
)]

mod made;

use iambilly_claim::Claim;
use iambilly_edi::cms1500::{Form, Print, Shift, fill, print, test_page};
use serde_json::{Value, json};

/// A claim with something in nearly every item.
fn whole(lines: usize) -> Claim {
    let address = |n: u32| json!({"line": format!("{n} Example Street"), "line2": null, "city": "Springfield", "state": "IL", "zip": "62701"});
    let line = |n: usize| {
        json!({"number": n, "code": "22633", "modifiers": ["59", "62", "LT", "78"], "pointers": ["A", "B", "C", "D"],
            "units": 1 + n % 3, "charge": format!("{}.50", 1000 * n), "dos": "2026-02-02", "pos": "21", "emergency": n == 1,
            "supplement": if n == 1 { json!("ZZLumbar interbody fusion") } else { Value::Null }})
    };
    serde_json::from_value(json!({
        "claim_id": "c1", "payer": {"id": "acme", "type": "commercial", "name": "Acme Health Plan", "address": address(7)},
        "patient": {"last": "Exampleby", "first": "Ada", "middle": "Q", "birth_date": "1960-05-04", "sex": "F",
            "member_id": "1EG4TE5MK73", "phone": "217 555 0100", "account": "A-77", "address": address(1)},
        "insured": {"relationship": "spouse", "last": "Exampleby", "first": "Bo", "group": "G7", "plan_name": "Acme Gold",
            "birth_date": "1958-01-02", "sex": "M", "address": address(1)},
        "other_insured": {"relationship": "self", "member_id": "M2", "plan_name": "Second Plan", "payer": {"id": "two", "type": "other"}},
        "condition": {"employment": false, "auto_accident": true, "state": "IL", "other_accident": false},
        "signatures": {"patient": {"on_file": true, "date": "2026-01-01"}, "insured": {"on_file": true}, "physician": {"on_file": true, "date": "2026-02-03"}},
        "illness": {"qualifier": "431", "date": "2026-01-05"}, "other_date": {"qualifier": "439", "date": "2026-01-04"},
        "unable_to_work": {"from": "2026-01-05", "to": "2026-03-01"}, "hospitalization": {"from": "2026-02-02", "to": "2026-02-04"},
        "referring_provider": {"npi": "1234567893", "first": "Cy", "last": "Testman", "other_id": {"qualifier": "0B", "id": "L1"}},
        "additional_information": "See the operative report", "accept_assignment": true, "amount_paid": "25.00",
        "billing_provider": {"npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207XS0117X", "name": "Example Spine Clinic, LLC",
            "phone": "(217) 555-0199", "address": address(2)},
        "rendering_provider": {"npi": "1245319599"}, "facility": {"npi": "1245319599", "pos": "21", "name": "Example Hospital", "address": address(3)},
        "prior_auth_number": "AUTH123", "frequency": "7", "original_reference": "ICN42",
        "diagnoses": ["M48.062", "M43.16", "M51.36", "G89.4", "M54.50", "Z98.1"],
        "lines": (1..=lines).map(line).collect::<Vec<_>>(),
    }))
    .unwrap()
}

fn text<'a>(form: &'a Form, page: usize, key: &str, row: Option<usize>) -> &'a str {
    let found = form.pages[page].items.iter().find(|i| i.key == key && i.row == row);
    found.unwrap_or_else(|| panic!("{key}")).text.expose()
}

#[test]
fn every_item_has_its_place() {
    let form = fill(&whole(3), "X");
    assert!(form.unfit.is_empty(), "{:?}", form.unfit);
    for (key, row, says) in [
        ("1.group", None, "X"),
        ("1a", None, "1EG4TE5MK73"),
        ("2", None, "EXAMPLEBY, ADA, Q"),
        ("3.yy", None, "1960"),
        ("3.f", None, "X"),
        ("3.m", None, ""),
        ("4", None, "EXAMPLEBY, BO"),
        ("5.area", None, "217"),
        ("5.phone", None, "5550100"),
        ("6.spouse", None, "X"),
        ("6.self", None, ""),
        ("9", None, "EXAMPLEBY, ADA, Q"),
        ("10b.yes", None, "X"),
        ("10a.no", None, "X"),
        ("11d.yes", None, "X"),
        ("12", None, "SIGNATURE ON FILE"),
        ("14.qualifier", None, "431"),
        ("17.qualifier", None, "DN"),
        ("17", None, "CY TESTMAN"),
        ("18.from.mm", None, "02"),
        ("21.A", None, "M48062"),
        ("21.G", None, ""),
        ("22", None, "7"),
        ("22.original", None, "ICN42"),
        ("23", None, "AUTH123"),
        ("25", None, "12-3456789"),
        ("25.ein", None, "X"),
        ("26", None, "A-77"),
        ("28", None, "6001 50"),
        ("29", None, "25 00"),
        ("33b", None, "ZZ207XS0117X"),
        ("24D", Some(2), "22633"),
        ("24D.4", Some(1), "78"),
        ("24E", Some(1), "ABCD"),
        ("24F", Some(3), "3000 50"),
        ("24C", Some(1), "Y"),
        ("24D", Some(4), ""),
        ("24A.from.yy", Some(1), "26"),
        ("24.shaded", Some(1), "ZZLUMBAR INTERBODY FUSION"),
        ("24J", Some(1), "1245319599"),
    ] {
        assert_eq!(text(&form, 0, key, row), says, "{key}");
    }
    let json = serde_json::to_value(&form).unwrap();
    let items: Vec<&str> =
        json["pages"][0]["items"].as_array().unwrap().iter().map(|i| i["item"].as_str().unwrap()).collect();
    for item in [
        "1", "1a", "2", "3", "4", "5", "6", "7", "9", "9a", "9d", "10a", "10b", "10c", "10d", "11", "11a",
        "11b", "11c", "11d", "12", "13", "14", "15", "16", "17", "17a", "17b", "18", "19", "20", "21", "22",
        "23", "24A", "24B", "24C", "24D", "24E", "24F", "24G", "24H", "24I", "24J", "25", "26", "27", "28",
        "29", "31", "32", "32a", "32b", "33", "33a", "33b",
    ] {
        assert!(items.contains(&item), "item {item}");
    }
    assert!(!format!("{form:?}").contains("EXAMPLEBY"));
}

#[test]
fn a_seventh_line_goes_to_a_further_page() {
    let form = fill(&whole(14), "X");
    assert_eq!(form.pages.len(), 3);
    assert_eq!((text(&form, 0, "28", None), text(&form, 1, "28", None)), ("CONTINUED", "CONTINUED"));
    assert_eq!(text(&form, 2, "28", None), "105007 00");
    assert_eq!((text(&form, 1, "24F", Some(1)), text(&form, 2, "24F", Some(2))), ("7000 50", "14000 50"));
    assert_eq!((text(&form, 2, "24D", Some(3)), text(&form, 2, "2", None)), ("", "EXAMPLEBY, ADA, Q"));
}

#[test]
fn what_does_not_fit_is_said_and_left_out() {
    let mut claim = serde_json::to_value(whole(1)).unwrap();
    claim["patient"]["last"] = json!("Exampleby-Featherstonehaugh-Cholmondeley");
    claim["lines"][0]["modifiers"] = json!(["59", "62", "LT", "78", "22"]);
    let form = fill(&serde_json::from_value(claim).unwrap(), "X");
    let said: Vec<String> = form.unfit.iter().map(ToString::to_string).collect();
    // Item 9 says the patient's name once more.
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("item 2: “patient” has 48 characters; there is room for 33"), "{said:?}");
    assert!(said[2].starts_with("item 24D: line 1"), "{said:?}");
    assert_eq!(text(&form, 0, "2", None), "");
}

/// Text, font and place of everything a PDF says, in its order.
fn said(pdf: &[u8]) -> Vec<(f32, f32, String)> {
    let text = String::from_utf8_lossy(pdf);
    let (mut out, mut at) = (vec![], (0.0, 0.0));
    for line in text.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        if let [x, y, "Td"] = parts[..] {
            at = (x.parse().unwrap(), y.parse().unwrap());
        } else if let Some(shown) = line.strip_suffix(") Tj").and_then(|l| l.strip_prefix('(')) {
            out.push((at.0, at.1, shown.to_owned()));
        }
    }
    out
}

#[test]
fn the_printed_sheet_is_the_one_that_was_looked_at() {
    let form = fill(&whole(6), "X");
    let plain = print(&form, Print::Preprinted(Shift::default()));
    assert_eq!(plain, print(&form, Print::Preprinted(Shift::default())), "the same bytes each time");
    let texts = said(&plain);
    let snapshot: String = texts.iter().map(|(x, y, t)| format!("{x:.1} {y:.1} {t}\n")).collect();
    let kept = include_str!("snapshots/cms1500.txt");
    assert_eq!(snapshot, kept, "it was looked at as an image: look again (pdftoppm), then write {snapshot}");
    // A tenth of a millimetre is 0.2835 points.
    let moved = said(&print(&form, Print::Preprinted(Shift { right: 10, up: -20 })));
    for (before, after) in texts.iter().zip(&moved) {
        assert!((after.0 - before.0 - 2.835).abs() < 0.01 && (after.1 - before.1 + 5.669).abs() < 0.01);
    }
    let preview = said(&print(&form, Print::Preview));
    assert!(preview.len() > texts.len() + 100 && texts.iter().all(|t| preview.contains(t)));
    assert!(said(&test_page(Shift { right: 3, up: 0 }))[0].2.contains("Shifted 3 right"));
}
