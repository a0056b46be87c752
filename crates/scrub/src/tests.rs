//! Whole claims against the seed book: what must be said, what must not, and that fixes only help.

use crate::{RuleBook, apply, scrub};
use iambilly_claim::finding::PatchOp;
use iambilly_claim::{Claim, FindingKind as K, Findings, Verdict};
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

const TODAY: Date = jiff::civil::date(2026, 6, 1);

/// A line as `code-mod-mod xN @L4-L5,L5-S1 left "documented"`.
fn line(text: &str) -> Value {
    let (head, documented) =
        text.split_once('"').map_or((text, None), |(h, d)| (h, Some(d.trim_end_matches('"'))));
    let mut words = head.split_whitespace();
    let mut parts = words.next().unwrap().split('-');
    let code = parts.next().unwrap();
    let mut line = json!({"code": code, "modifiers": parts.collect::<Vec<_>>(), "pointers": ["A"], "units": 1,
        "charge": "1000.00", "dos": "2026-02-02", "pos": "21"});
    for word in words {
        if let Some(units) = word.strip_prefix('x') {
            line["units"] = json!(units.parse::<u32>().unwrap());
        } else if let Some(levels) = word.strip_prefix('@') {
            line["levels"] = json!(levels.split(',').collect::<Vec<_>>());
        } else {
            line["laterality"] = json!(word);
        }
    }
    if let Some(documented) = documented {
        line["documented"] = json!([documented]);
    }
    line
}

fn claim(diagnoses: &[&str], lines: &[&str]) -> Value {
    let mut lines: Vec<Value> = lines.iter().map(|l| line(l)).collect();
    for (i, line) in lines.iter_mut().enumerate() {
        line["number"] = json!(i + 1);
    }
    json!({"claim_id": "T", "payer": {"id": "medicare", "type": "medicare"},
        "patient": {"id": "p", "last": "Example", "first": "Pat", "birth_date": "1950-05-05", "sex": "F", "member_id": "M1",
                    "address": {"line": "1 Road", "state": "PA"}},
        "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "name": "Group", "address": {"state": "PA"}},
        "rendering_provider": {"npi": "1234567893", "role": "surgeon"}, "facility": {"npi": "1234567893", "pos": "21"},
        "received_date": "2026-02-20", "diagnoses": diagnoses, "lines": lines})
}

fn with(mut claim: Value, changes: Value) -> Value {
    json_patch::merge(&mut claim, &changes);
    claim
}

fn judge(claim: Value) -> Findings {
    scrub(&serde_json::from_value(claim).unwrap(), RuleBook::seed(), TODAY)
}

/// Every finding that warns or blocks, as kind and codes in order.
fn said(claim: Value) -> Vec<(K, Vec<String>)> {
    let spoken = judge(claim).findings.into_iter().filter(|f| f.severity != iambilly_claim::Severity::Info);
    spoken
        .map(|f| {
            let mut codes = f.codes;
            codes.sort();
            (f.kind, codes)
        })
        .collect()
}

#[test]
fn claims_that_are_right() {
    let plate = "\"separate plate, it does not anchor the cage\"";
    let plated = format!("22845-59 @C5,C6,C7 {plate}");
    for (diagnoses, lines) in [
        (
            &["M50.122", "M50.123"][..],
            &["22551 @C5-C6", "22552 @C6-C7", &plated, "22853 x2 @C5-C6,C6-C7", "20930"][..],
        ),
        (
            &["M43.16"],
            &["22633 @L4-L5", "63052 @L4-L5", "63047-XS @L2-L3", "22840 @L4,L5", "22853 @L4-L5", "20936"],
        ),
        (&["M43.16"], &["22612 @L4-L5", "63047 @L4-L5", "22840 @L4,L5"]),
        (
            &["M43.17"],
            &["22633 @L4-L5", "22634 @L5-S1", "22842 @L4,L5,S1", "22848 @pelvis", "22853 x2 @L4-L5,L5-S1"],
        ),
        (&["M80.08XA"], &["22513 @T12", "22515 @L1"]),
        (&["M48.061"], &["63047 @L4,L5"]),
        (&["M51.17"], &["63030-50 @L5-S1 bilateral"]),
        (
            &["M50.121"],
            &["22856 @C4-C5", "22551-59 @C5-C6", "22853-59 @C5-C6", &plated.replace("C5,C6,C7", "C5,C6")],
        ),
        (&["M51.16"], &["63030-LT @L4-L5 left", "63042-RT-59 @L4-L5 right"]),
        (&["C72.0"], &["63281 @T6", "69990"]),
    ] {
        assert_eq!(said(claim(diagnoses, lines)), [], "{lines:?}");
    }
}

#[test]
fn claims_with_one_fault() {
    for (kind, codes, diagnosis, lines) in [
        (K::AddonWithoutPrimary, &["22552"][..], "M50.322", &["22554 @C5-C6", "22552 @C6-C7"][..]),
        (K::AddonWithoutPrimary, &["63048"], "M48.061", &["63030 @L3-L4", "63048 @L4-L5"]),
        (K::Ptp, &["22633", "63047"], "M43.16", &["22633 @L4-L5", "63047-59 @L4-L5"]),
        (K::Ptp, &["22633", "63047"], "M43.16", &["22633 @L4-L5", "63047 @L2-L3"]),
        (K::Ptp, &["22612", "22633"], "M43.16", &["22633 @L4-L5", "22612-59 @L3-L4"]),
        (K::Overcoded, &["22614", "22633"], "M43.16", &["22633 @L4-L5", "22614 @L4-L5"]),
        (
            K::DocumentationGap,
            &["22845", "22853"],
            "M50.122",
            &["22551 @C5-C6", "22853 @C5-C6", "22845-59 @C5,C6"],
        ),
        (K::Ptp, &["63030", "69990"], "M51.16", &["63030 @L4-L5", "69990-59"]),
        (K::Ptp, &["22842", "22850"], "M48.061", &["22612 @L3-L4", "22842 @L3,L4,L5", "22850 @L4,L5"]),
        (K::Overcoded, &["22551", "22830"], "M50.122", &["22551 @C5-C6", "22830 @C5-C6"]),
        (K::Overcoded, &["22842"], "M43.16", &["22612 @L4-L5", "22842 @L4,L5"]),
        (K::Undercoded, &["22840"], "M43.16", &["22612 @L4-L5", "22840 @L3,L4,L5"]),
        (K::Units, &["22551"], "M50.122", &["22551 x2 @C5-C6,C6-C7"]),
        (K::Units, &["22853"], "M50.122", &["22551 @C5-C6", "22853 x2 @C5-C6"]),
        (K::Undercoded, &["63047"], "M48.061", &["63047 @L2-L3,L3-L4,L4-L5"]),
        (K::Mue, &["63650"], "M96.1", &["63650 x3"]),
        (K::DuplicateLine, &["63048"], "M48.061", &["63047 @L4-L5", "63048 @L3-L4", "63048 @L3-L4"]),
        (K::BilateralIndicator, &["63047"], "M48.061", &["63047-50 @L4-L5 bilateral"]),
        (K::ModifierInvalid, &["63048"], "M48.061", &["63047 @L4-L5", "63048-51 @L3-L4"]),
        (
            K::ModifierInvalid,
            &["22842"],
            "M43.16",
            &["22612-62 @L4-L5", "22614-62 @L3-L4", "22842-62 @L3,L4,L5"],
        ),
        (K::CosurgeonIndicator, &["22513"], "M80.08XA", &["22513-62 @T12"]),
        (K::AssistantIndicator, &["22513"], "M80.08XA", &["22513-80 @T12"]),
        (K::ModifierInvalid, &["63047"], "M48.061", &["63047-QZZ @L4-L5"]),
        (K::ModifierOrder, &["63030"], "M51.16", &["63030-59-50 @L4-L5"]),
        (K::ModifierMissing, &["63030"], "M51.16", &["63030 @L4-L5 bilateral"]),
        (K::LateralityConflict, &["63030"], "M51.16", &["63030-LT @L4-L5 right"]),
        (K::CodeDeleted, &["22851"], "M43.16", &["22612 @L4-L5", "22851 @L4-L5"]),
        (K::CodeInvalid, &["22635"], "M43.16", &["22612 @L4-L5", "22635"]),
        (K::IcdNotBillable, &["M48.06"], "M48.06", &["63047 @L4-L5"]),
        (K::IcdInvalid, &["M48.099"], "M48.099", &["63047 @L4-L5"]),
        (K::IcdSequence, &["Z98.1"], "Z98.1", &["22852 @L4,L5"]),
        (K::IcdLevelMismatch, &["22551", "M50.122"], "M50.122", &["22551 @C3-C4"]),
        (
            K::Overcoded,
            &["22845", "22853"],
            "M50.122",
            &["22551 @C5-C6", "22853 @C5-C6", "22845-59 @C5,C6 \"integrated screws through the cage\""],
        ),
        (K::Ptp, &["22612", "95940"], "M43.16", &["22612 @L4-L5", "95940 x4"]),
        (K::Overcoded, &["22853"], "M43.16", &["22612 @L4-L5", "22853 @L4-L5"]),
        (K::Overcoded, &["22610", "22612"], "M41.85", &["22612 @L1-L2", "22610-59 @T12-L1"]),
        (K::Ptp, &["22513", "22514"], "M80.08XA", &["22513 @T12", "22514 @L1"]),
        (K::DocumentationGap, &["63047"], "M48.061", &["63047 @L4-L5 \"central laminectomy only\""]),
        (K::MedicalNecessity, &["22514"], "M54.59", &["22514 @L1"]),
        (K::MedicalNecessity, &["22514", "M80.08XD"], "M80.08XD", &["22514 @L1"]),
        (K::Units, &["63030"], "M51.16", &["63030-50 x2 @L4-L5 bilateral"]),
        (K::Mue, &["22551"], "M50.122", &["22551 @C5-C6", "22551 @C6-C7"]),
        (K::IcdLevelMismatch, &["63030", "M51.17"], "M51.17", &["63030 @L4-L5"]),
        (K::Overcoded, &["22633", "63052"], "M43.16", &["22633 @L4-L5", "63052 @L2-L3"]),
    ] {
        let mut codes: Vec<String> = codes.iter().map(|c| (*c).to_owned()).collect();
        codes.sort();
        assert_eq!(said(claim(&[diagnosis], lines)), [(kind, codes)], "{lines:?}");
    }
}

#[test]
fn the_claim_around_the_lines() {
    let base = || claim(&["M48.061"], &["63047 @L4-L5"]);
    for (kind, changes) in [
        (K::RequiredField, json!({"patient": {"member_id": null}})),
        (K::RequiredField, json!({"facility": {"npi": null}})),
        (K::RequiredField, json!({"patient": {"birth_date": "2026-03-03"}})),
        (K::NpiChecksum, json!({"rendering_provider": {"npi": "1234567890"}})),
        (K::ChargeTotal, json!({"total_charge": "999.00"})),
        (K::TimelyFiling, json!({"received_date": "2027-02-03"})),
        (K::RequiredField, json!({"received_date": "2026-02-01"})),
        (K::AgeSex, json!({"diagnoses": ["M48.061", "N40.0"]})),
        (K::IcdExcludes1, json!({"diagnoses": ["M51.16", "M54.16"]})),
        (K::GlobalPeriod, json!({"history": [{"code": "63030", "dos": "2026-01-05", "npi": "1234567893"}]})),
        (K::DuplicateLine, json!({"history": [{"code": "63047", "dos": "2026-02-02", "npi": "1234567893"}]})),
    ] {
        let kinds: Vec<K> = said(with(base(), changes.clone())).into_iter().map(|(k, _)| k).collect();
        assert_eq!(kinds, [kind], "{changes}");
    }
    for changes in [
        json!({"received_date": "2027-02-02"}),
        json!({"total_charge": "1000.00"}),
        json!({"diagnoses": ["M51.16", "M54.12"]}),
        json!({"history": [{"code": "63030", "dos": "2025-11-03", "npi": "1234567893"}]}),
        json!({"history": [{"code": "63030", "dos": "2026-01-05", "npi": "1999999984"}]}),
    ] {
        assert_eq!(said(with(base(), changes.clone())), [], "{changes}");
    }
}

#[test]
fn medicares_own_conditions() {
    let injection = |code: &str, changes: Value| {
        let mut c = claim(&["M54.16"], &[code]);
        c["lines"][0]["pos"] = json!("22");
        said(with(c, changes)).into_iter().map(|(k, _)| k).collect::<Vec<_>>()
    };
    assert_eq!(injection("64493 @L4-L5", json!({})), [K::PriorAuth]);
    assert_eq!(injection("64493 @L4-L5", json!({"prior_auth_number": "A1"})), []);
    assert_eq!(injection("64493 @L4-L5", json!({"payer": {"id": "x", "type": "commercial"}})), []);
    assert_eq!(injection("62323 @L4-L5", json!({})), []);
    let texas = json!({"billing_provider": {"address": {"state": "TX"}}});
    assert_eq!(injection("62323 @L4-L5", texas), [K::PriorAuth]);
    let sessions = |dates: &[&str]| {
        let all: Vec<Value> =
            dates.iter().map(|d| json!({"code": "64483", "dos": d, "npi": "1234567893"})).collect();
        injection("62323 @L4-L5", json!({"history": all}))
    };
    assert_eq!(sessions(&["2025-02-03", "2025-05-05", "2025-08-05", "2025-11-05"]), [K::Frequency]);
    let denervation = |dates: &[&str]| {
        let all: Vec<Value> =
            dates.iter().map(|d| json!({"code": "64493", "dos": d, "npi": "1234567893"})).collect();
        injection("64635 @L4-L5", json!({"history": all, "prior_auth_number": "A1"}))
    };
    assert_eq!(denervation(&["2025-12-02"]), [K::MedicalNecessity]);
    assert_eq!(denervation(&["2025-12-02", "2026-01-05"]), []);
    assert_eq!(denervation(&[]), []);
    assert_eq!(sessions(&["2025-02-02", "2025-05-05", "2025-08-05", "2025-11-05"]), []);
}

#[test]
fn a_visit_beside_a_procedure() {
    let kinds = |visit: &str, other: &str| {
        said(claim(&["M48.061"], &[visit, other])).into_iter().map(|(k, _)| k).collect::<Vec<_>>()
    };
    assert_eq!(kinds("99213", "64483 @L4-L5"), [K::ModifierMissing]);
    assert_eq!(kinds("99213-25", "64483 @L4-L5"), []);
    assert_eq!(kinds("99213-57", "64483 @L4-L5"), [K::ModifierInvalid]);
    assert_eq!(kinds("99223-57", "63047 @L4-L5"), []);
    assert_eq!(kinds("99223-59", "63047 @L4-L5").len(), 2);
}

#[test]
fn rules_follow_the_date_of_service() {
    let on = |dos: &str, diagnosis: &str| {
        let mut c = claim(&[diagnosis], &["22612 @L4-L5"]);
        c["lines"][0]["dos"] = json!(dos);
        c["received_date"] = json!(dos);
        said(c).into_iter().map(|(k, _)| k).collect::<Vec<_>>()
    };
    assert_eq!(on("2024-09-30", "M51.36"), []);
    assert_eq!(on("2024-10-01", "M51.36"), [K::IcdNotBillable]);
    assert_eq!(on("2024-09-30", "M51.360"), [K::IcdInvalid]);
    assert_eq!(on("2024-10-01", "M51.360"), []);
}

#[test]
fn an_old_edition_is_named_once_and_blocks_nothing() {
    let findings = judge(claim(&["M48.061"], &["63047 @L4-L5"]));
    assert_eq!(findings.verdict, Verdict::Clean);
    assert_eq!(findings.findings.iter().filter(|f| f.kind == K::EditionStale).count(), 1);
}

#[test]
fn every_finding_cites_its_source_and_every_fix_tests_first() {
    let findings =
        judge(claim(&["Z98.1", "M54.5"], &["22633 @L4-L5", "63047 @L4-L5", "22842-51 @L4,L5", "22553"]));
    assert!(findings.findings.len() > 4);
    for f in &findings.findings {
        assert!(
            !f.source.title.is_empty() && !f.source.version.is_empty() && !f.source.locator.is_empty(),
            "{f:?}"
        );
        assert!(!f.message.is_empty() && f.message.ends_with('.'), "{}", f.message);
        if let Some(fix) = &f.fix {
            assert!(matches!(&fix.patch[0], PatchOp::Test { .. }));
        }
    }
}

#[test]
fn what_a_fix_makes_of_a_claim() {
    for (lines, expected) in [
        (&["22612 @L4-L5", "22630 @L4-L5"][..], &["22633 x1"][..]),
        (&["22633 @L4-L5", "22612 @L3-L4"], &["22633 x1", "22614 x1"]),
        (&["22513 @T12", "22514 @L1"], &["22513 x1", "22515 x1"]),
        (&["22554 @C5-C6", "22552 @C6-C7"], &["22554 x1", "22585 x1"]),
        (&["22551 x3 @C4-C5,C5-C6,C6-C7"], &["22551 x1", "22552 x2"]),
        (&["63047 @L3-L4", "63047 @L4-L5"], &["63047 x1", "63048 x1"]),
        (&["63030 x2 @L4-L5 bilateral"], &["63030-50 x1"]),
        (&["22633 @L4-L5", "63047 @L2-L3"], &["22633 x1", "63047-XS x1"]),
        (&["22612 @L1-L2", "22610-59 @T12-L1"], &["22612 x1", "22614 x1"]),
    ] {
        let mut c: Claim = serde_json::from_value(claim(&["M41.85"], lines)).unwrap();
        while let Some(fix) = scrub(&c, RuleBook::seed(), TODAY).findings.into_iter().find_map(|f| f.fix) {
            c = apply(&c, &fix).unwrap();
        }
        let shown: Vec<String> = c
            .lines
            .iter()
            .map(|l| {
                format!(
                    "{}{} x{}",
                    l.code,
                    l.modifiers.iter().map(|m| format!("-{m}")).collect::<String>(),
                    l.units
                )
            })
            .collect();
        assert_eq!(shown, expected, "{lines:?}");
    }
}

#[test]
fn a_fix_refuses_a_claim_that_has_changed() {
    let first: Claim = serde_json::from_value(claim(&["M43.16"], &["22633 @L4-L5", "63047 @L4-L5"])).unwrap();
    let findings = scrub(&first, RuleBook::seed(), TODAY);
    let fix = findings.findings[0].fix.clone().unwrap();
    let mended = apply(&first, &fix).unwrap();
    assert_eq!(mended.lines[1].code, "63052");
    assert!(apply(&mended, &fix).is_err());
}

fn any_line() -> impl Strategy<Value = Value> {
    let code = prop::sample::select(vec![
        "22551", "22552", "22554", "22585", "22612", "22614", "22630", "22632", "22633", "22634", "22840",
        "22842", "22845", "22846", "22850", "22852", "22853", "22830", "20930", "20936", "63047", "63048",
        "63052", "63030", "63042", "69990", "77003", "62323", "64483", "64484", "64493", "22513", "22515",
        "22512", "99213", "22851", "22635", "bad",
    ]);
    let levels =
        prop::sample::subsequence(vec!["C5-C6", "L3-L4", "L4-L5", "L5-S1", "L3", "L4", "L5", "S1"], 0..4);
    let modifiers =
        prop::sample::subsequence(vec!["59", "XS", "51", "50", "LT", "RT", "62", "25", "78", "22"], 0..3);
    let pointers = prop::sample::subsequence(vec!["A", "B", "C", "D"], 0..3);
    let side = prop::sample::select(vec![Value::Null, json!("left"), json!("right"), json!("bilateral")]);
    let documented = prop::sample::select(vec![json!([]), json!(["separate plate"])]);
    (code, levels, modifiers, pointers, 0_u32..4, side, documented).prop_map(
        |(code, levels, modifiers, pointers, units, side, documented)| {
            json!({"code": code, "levels": levels, "modifiers": modifiers, "pointers": pointers, "units": units,
                   "laterality": side, "documented": documented, "charge": "1.00", "dos": "2026-02-02", "pos": "21"})
        },
    )
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let diagnosis = prop::sample::select(vec![
        "M50.122", "M54.12", "M51.16", "M54.16", "M54.31", "M48.06", "M48.062", "M43.16", "Z98.1", "G99.2",
        "C79.51", "M80.08XD", "M51.36", "M54.5", "nonsense", "",
    ]);
    (prop::collection::vec(any_line(), 0..7), prop::collection::vec(diagnosis, 0..5), any::<bool>()).prop_map(
        |(lines, diagnoses, total)| {
            let mut c = claim(&diagnoses, &[]);
            if total {
                c["total_charge"] = json!(format!("{}.00", lines.len()));
            }
            c["lines"] = json!(lines);
            serde_json::from_value(c).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn fixes_never_worsen_the_verdict(claim in any_claim()) {
        let book = RuleBook::seed();
        let before = scrub(&claim, book, TODAY);
        let fixes: Vec<_> = before.findings.iter().filter_map(|f| f.fix.as_ref()).collect();
        let mut all = claim.clone();
        for fix in &fixes {
            let alone = apply(&claim, fix);
            prop_assert!(alone.is_ok(), "a fix applies to the claim it was made for");
            prop_assert!(scrub(&alone.unwrap(), book, TODAY).verdict <= before.verdict);
            all = apply(&all, fix).unwrap_or(all);
        }
        prop_assert!(scrub(&all, book, TODAY).verdict <= before.verdict, "all fixes of one scrub");
        let mut step = claim;
        for _ in 0..30 {
            let now = scrub(&step, book, TODAY);
            prop_assert!(now.verdict <= before.verdict, "fix by fix");
            let Some(fix) = now.findings.iter().find_map(|f| f.fix.as_ref()) else { break };
            step = apply(&step, fix).unwrap();
        }
    }

    #[test]
    fn the_same_claim_is_judged_alike(claim in any_claim()) {
        let book = RuleBook::seed();
        prop_assert_eq!(scrub(&claim, book, TODAY), scrub(&claim, book, TODAY));
    }
}

#[test]
fn items_of_the_form_that_contradict_each_other_are_said_by_their_number() {
    let clean = || claim(&["M51.16"], &["63030 @L4-L5 left"]);
    let items = |change: Value| -> Vec<String> {
        let found = judge(with(clean(), change)).findings.into_iter();
        let mut items: Vec<String> = found
            .filter(|f| {
                f.severity != iambilly_claim::Severity::Info && f.rule.starts_with("SHAPE-")
                    || f.rule == "NPI"
            })
            .map(|f| f.source.locator)
            .collect();
        items.sort();
        items
    };
    let none: [&str; 0] = [];
    assert_eq!(items(json!({})), none);
    for (change, expected) in [
        (json!({"insured": {"relationship": "self"}}), vec![]),
        (json!({"insured": {"relationship": "uncle", "last": "X", "first": "Y"}}), vec!["item 6"]),
        (json!({"insured": {"relationship": "spouse"}}), vec!["item 4"]),
        (json!({"insured": {"relationship": "child", "last": "X", "first": "Y"}}), vec![]),
        (json!({"other_insured": {"member_id": "2"}}), vec!["item 9d"]),
        (json!({"other_insured": {"payer": {"id": "two"}}}), vec![]),
        (json!({"condition": {"auto_accident": true}}), vec!["item 10b", "item 15"]),
        (json!({"condition": {"employment": true}}), vec![]),
        (
            json!({"condition": {"auto_accident": true, "state": "PA"},
                "other_date": {"qualifier": "439", "date": "2026-01-01"}}),
            vec![],
        ),
        (json!({"illness": {"qualifier": "439", "date": "yesterday"}}), vec!["item 14", "item 14"]),
        (json!({"hospitalization": {"from": "2026-02-02", "to": "2026-02-01"}}), vec!["item 18"]),
        (json!({"hospitalization": {"from": "2026-02-02"}}), vec![]),
        (json!({"unable_to_work": {"from": "soon"}}), vec!["item 16"]),
        (json!({"signatures": {"patient": {"on_file": false}}}), vec!["item 12"]),
        (json!({"amount_paid": "1000.00"}), vec![]),
        (json!({"amount_paid": "1000.01"}), vec!["item 29"]),
        (json!({"amount_paid": "some"}), vec!["item 29"]),
        (json!({"outside_lab": {"used": true, "charge": "x"}}), vec!["item 20"]),
        (json!({"supervising_provider": {"npi": "1234567890"}}), vec!["item 17b"]),
    ] {
        assert_eq!(items(change.clone()), expected, "{change}");
    }
    let mut two_days = clean();
    two_days["lines"][0]["dos_to"] = json!("2026-02-01");
    two_days["lines"][0]["rendering_provider"] = json!({"npi": "1"});
    let rules: Vec<_> = judge(two_days).findings.into_iter().map(|f| f.source.locator).collect();
    assert!(rules.contains(&"item 24A".to_owned()) && rules.contains(&"item 24J".to_owned()), "{rules:?}");
}
