//! Expected payments by hand, and proposals that rest on the claim's own words.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_claim::Claim;
use iambilly_claim::money::Cents;
use iambilly_scrub::optimise::{Optimum, ProposalKind as P, Setting, optimise};
use iambilly_scrub::{PayerRules, RuleBook, apply};
use serde_json::{Value, json};

fn line(number: usize, text: &str) -> Value {
    let (head, documented) = text.split_once('"').map_or((text, ""), |(h, d)| (h, d.trim_end_matches('"')));
    let mut words = head.split_whitespace();
    let mut parts = words.next().unwrap().split('-');
    let mut line = json!({"number": number, "code": parts.next().unwrap(), "modifiers": parts.collect::<Vec<_>>(),
        "pointers": ["A"], "units": 1, "charge": "1000.00", "dos": "2026-02-02", "pos": "21",
        "documented": documented.split('|').map(str::trim).filter(|d| !d.is_empty()).collect::<Vec<_>>()});
    for word in words {
        if let Some(units) = word.strip_prefix('x') {
            line["units"] = json!(units.parse::<u32>().unwrap());
        } else if let Some(levels) = word.strip_prefix('@') {
            line["levels"] = json!(levels.split(',').collect::<Vec<_>>());
        } else {
            line["laterality"] = json!(word);
        }
    }
    line
}

fn claim(dx: &str, lines: &[&str]) -> Claim {
    let lines: Vec<Value> = lines.iter().enumerate().map(|(i, l)| line(i + 1, l)).collect();
    serde_json::from_value(json!({"claim_id": "T", "payer": {"id": "medicare", "type": "medicare"},
        "patient": {"id": "p", "last": "Example", "first": "Pat", "birth_date": "1950-05-05", "sex": "F", "member_id": "M1",
                    "address": {"line": "1 Road", "state": "PA"}},
        "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "name": "Group", "address": {"state": "PA"}},
        "rendering_provider": {"npi": "1234567893", "role": "surgeon"}, "facility": {"npi": "1234567893", "pos": "21"},
        "received_date": "2026-02-20", "diagnoses": [dx], "lines": lines}))
    .unwrap()
}

fn look(claim: &Claim, qualifying: bool) -> Optimum {
    let setting = Setting { locality: None, qualifying };
    optimise(claim, RuleBook::seed(), &PayerRules::default(), &setting, jiff::civil::date(2026, 6, 1))
}

#[test]
fn payments_by_hand() {
    for (lines, qualifying, expected) in [
        // 50.90 RVU at 33.4009 and at 33.5675 dollars
        (&["22633 @L4-L5"][..], false, &[170_011][..]),
        (&["22633 @L4-L5"], true, &[170_859]),
        // the lesser procedure at half, the add-on in full, whatever the order sent
        (&["63047-59 @L2-L3", "22633 @L4-L5", "63052 @L4-L5"], false, &[53_274, 170_011, 22_980]),
        // both sides 150 %, co-surgeon 62.5 %, assistant 16 %, AS 13.6 %
        (&["63030-50 @L4-L5 bilateral"], false, &[134_723]),
        (&["22551-62 @C5-C6"], false, &[100_307]),
        (&["22551-80 @C5-C6"], false, &[25_679]),
        (&["22551-AS @C5-C6"], false, &[21_827]),
        // status B is reported and not paid
        (&["22551 @C5-C6", "20930"], false, &[160_491, 0]),
    ] {
        let paid: Vec<i64> = look(&claim("M48.061", lines), qualifying)
            .payment
            .lines
            .iter()
            .map(|l| l.amount.unwrap_or(Cents(-1)).0)
            .collect();
        assert_eq!(paid, expected, "{lines:?}");
    }
}

#[test]
fn what_the_tables_do_not_say_is_not_priced() {
    let payment = look(&claim("M48.061", &["63047-22 @L4-L5", "63266 @T6"]), false).payment;
    assert!(payment.lines.iter().all(|l| l.amount.is_none()) && !payment.complete);
}

#[test]
fn proposals_rest_on_the_note_and_clean_claims_get_none() {
    for (dx, lines, kind, rule) in [
        ("M48.061", &["63047 @L2-L3,L3-L4,L4-L5"][..], P::Missed, "UNITS-63047"),
        (
            "M43.16",
            &[
                "22633 @L4-L5 \"PEEK cage and posterolateral graft | laminectomy for stenosis\"",
                "22853 @L4-L5",
            ],
            P::Missed,
            "ADDON-63052",
        ),
        (
            "M43.16",
            &["22633 @L4-L5 \"PEEK cage placed with posterolateral graft\""],
            P::Missed,
            "ADDON-22853",
        ),
        ("M43.16", &["22612 @L4-L5", "22630 @L4-L5"], P::Combined, "SP-02"),
        (
            "M43.16",
            &["22630 @L4-L5 \"cage | posterolateral graft on transverse processes\"", "22853 @L4-L5"],
            P::Recode,
            "BETTER-22633",
        ),
        ("M43.16", &["22633 @L4-L5", "63047 @L2-L3"], P::Modifier, "PTP-22633-63047"),
        ("M51.16", &["63030 @L4-L5 bilateral"], P::Modifier, "MOD-50"),
        ("M43.16", &["22612 @L4-L5", "22842 @L4,L5"], P::Overcoded, "COUNT-22842"),
        ("M50.122", &["22551 @C5-C6", "22853 @C5-C6", "22845-59 @C5,C6"], P::AuditRisk, "SP-05"),
    ] {
        let claim = claim(dx, lines);
        let found = look(&claim, false);
        let proposal =
            found.proposals.iter().find(|p| p.kind == kind && (p.rule == rule || rule.starts_with("PTP")));
        let proposal = proposal.unwrap_or_else(|| panic!("{lines:?}: {:?}", found.proposals));
        assert!(!proposal.proof.is_empty() && !proposal.source.title.is_empty(), "{proposal:?}");
        if let Some(fix) = &proposal.fix {
            assert!(apply(&claim, fix).is_ok());
        }
    }
    for (dx, lines) in [
        ("M43.16", &["22633 @L4-L5 \"PEEK cage, posterolateral graft\"", "22840 @L4,L5", "22853 @L4-L5"][..]),
        (
            "M43.16",
            &[
                "22633 @L4-L5 \"posterolateral graft, PEEK cage | no laminectomy for stenosis was done\"",
                "22853 @L4-L5",
            ],
        ),
        ("M48.061", &["63047 @L3-L4", "63048 @L4-L5"]),
    ] {
        assert_eq!(look(&claim(dx, lines), false).proposals, [], "{lines:?}");
    }
}

#[test]
fn the_order_of_relative_value_keeps_add_ons_behind_their_primaries() {
    let found =
        look(&claim("M43.16", &["63047-59 @L2-L3", "63048 @L1-L2", "22633 @L4-L5", "63052 @L4-L5"]), false);
    assert_eq!(found.order, Some(vec![3, 4, 1, 2]));
    assert_eq!(look(&claim("M43.16", &["22633 @L4-L5", "63052 @L4-L5"]), false).order, None);
}
