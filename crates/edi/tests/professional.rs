//! Claims out and back: what is written is what was meant, and what is missing is said, all of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::string_slice,
    reason = "a test"
)]

mod made;

use iambilly_claim::Claim;
use iambilly_edi::EdiError;
use iambilly_edi::professional::{professional_claim, read_batch, write_batch};
use proptest::prelude::*;
use serde_json::{Value, json};

fn lacks(claim: Value) -> Vec<String> {
    let claim: Claim = serde_json::from_value(claim).unwrap();
    match professional_claim(&claim, "PCN1", &made::payers()) {
        Err(EdiError::Lacks(lacks)) => lacks.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

fn written(seed: u64) -> Value {
    serde_json::to_value(made::claim(seed)).unwrap()
}

/// A claim at place of service 11 with nothing optional.
fn plain() -> Value {
    let mut claim = (0..500)
        .map(written)
        .find(|c| c["facility"]["pos"] == "11" && c["payer"]["id"] == "medicare")
        .unwrap();
    for optional in ["other_coverages", "insured", "frequency", "attachments", "medicare_secondary_reason"] {
        claim.as_object_mut().unwrap().remove(optional);
    }
    claim
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_claim_that_left_can_be_read_back_as_it_was(seeds in prop::collection::vec(any::<u64>(), 1..6)) {
        let mut claims: Vec<_> = seeds.iter().map(|s| made::built(*s)).collect();
        let bytes = write_batch(&made::batch(7, claims.clone())).unwrap();
        prop_assert_eq!(&bytes, &write_batch(&made::batch(7, claims.clone())).unwrap());
        let back = read_batch(bytes.as_slice()).unwrap();
        claims.sort_by(|a, b| a.billing.npi.as_str().cmp(b.billing.npi.as_str()));
        prop_assert!(back.claims == claims);
        prop_assert_eq!(back.control, "000000007");
        // Cut anywhere it is refused, never half read.
        let cut = seeds[0] as usize % bytes.len();
        prop_assert!(read_batch(&bytes[..cut]).is_err());
    }
}

#[test]
fn the_file_of_a_plain_claim() {
    let mut claim = plain();
    claim["diagnoses"] = json!(["M48.062", "M43.16"]);
    claim["lines"] = json!([{"number": 1, "code": "63047", "modifiers": ["59", "RT"], "pointers": ["A", "B"], "units": 1,
        "charge": "4200.50", "dos": "2026-02-02", "pos": "11"}]);
    for key in [
        "total_charge",
        "additional_information",
        "prior_auth_number",
        "referring_provider",
        "supervising_provider",
        "illness",
        "medical_record_number",
        "referral_number",
        "amount_paid",
        "original_reference",
    ] {
        claim.as_object_mut().unwrap().remove(key);
    }
    claim["facility"] = json!({"pos": "11"});
    claim["patient"] = json!({"last": "Exampleby", "first": "Ada B", "birth_date": "1950-05-04", "sex": "F", "member_id": "1EG4TE5MK73",
        "address": {"line1": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "62701"}});
    claim["billing_provider"]["npi"] = json!("1234567893");
    claim["rendering_provider"]["npi"] = json!("1245319599");
    let claim: Claim = serde_json::from_value(claim).unwrap();
    let claim = professional_claim(&claim, "PCN1", &made::payers()).unwrap();
    let bytes = write_batch(&made::batch(42, vec![claim])).unwrap();
    let shown = String::from_utf8(bytes).unwrap().replace('~', "~\n");
    let expected = "ISA*00*          *00*          *ZZ*SUB123         *ZZ*RCV999         *261122*0930*^*00501*000000042*0*T*:~
GS*HC*SUB123*RCV999*20261122*0930*42*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*0000000420001*20261122*0930*CH~
NM1*41*2*EXAMPLE SPINE CLINIC*****46*SUB123~
PER*IC*BILLING OFFICE*TE*2175550100~
NM1*40*2*EXAMPLE CLEARINGHOUSE*****46*RCV999~
HL*1**20*1~
PRV*BI*PXC*207XS0117X~
NM1*85*2*EXAMPLE SPINE CLINIC, LLC*****XX*1234567893~
N3*2 EXAMPLE STREET~
N4*SPRINGFIELD*IL*627011234~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******MB~
NM1*IL*1*EXAMPLEBY*ADA*B***MI*1EG4TE5MK73~
N3*1 TEST WAY~
N4*SPRINGFIELD*IL*62701~
DMG*D8*19500504*F~
NM1*PR*2*MEDICARE PART B*****PI*12345~
CLM*PCN1*4200.5***11:B:1*Y*A*Y*Y~
HI*ABK:M48062*ABF:M4316~
NM1*82*1*SURGEON*SAM*A***XX*1245319599~
PRV*PE*PXC*207T00000X~
LX*1~
SV1*HC:63047:59:RT*4200.5*UN*1***1:2~
DTP*472*D8*20260202~
REF*6R*1~
SE*27*0001~
GE*1*42~
IEA*1*000000042~
";
    assert_eq!(shown, expected);
}

#[test]
fn everything_missing_is_named_at_once() {
    let said = lacks(
        json!({"claim_id": "x", "lines": [{"number": 1, "code": "2263", "modifiers": ["5"], "units": 0}]}),
    );
    for item in
        ["1a", "2", "3", "5", "24A", "24D", "24E", "24F", "24G", "24J", "21", "25", "33", "33a", "24B"]
    {
        assert!(said.iter().any(|s| s.starts_with(&format!("item {item}:"))), "{item} in {said:#?}");
    }
    assert!(said.iter().any(|s| s.contains("exchange settings")), "{said:#?}");
}

/// What is changed in a plain claim, and what is said of it.
#[test]
fn what_cannot_be_right_is_refused() {
    let cases: &[(&str, Value, &str)] = &[
        (
            "/billing_provider/npi",
            json!("1234567890"),
            "item 33a: the NPI of the billing provider is not a valid number",
        ),
        ("/billing_provider/address/zip", json!("62701"), "ZIP of the billing provider needs nine digits"),
        ("/billing_provider/address/line", json!("PO Box 3"), "is a post box"),
        (
            "/rendering_provider",
            json!({"npi": "1245319599", "name": "Sam Surgeon MD"}),
            "“Family name, Given name”",
        ),
        ("/total_charge", json!("1.00"), "item 28: the total charge is not the sum"),
        ("/diagnoses/0", json!("M48062"), "diagnosis 1 has not the form"),
        ("/lines/0/pointers", json!(["L"]), "points to a diagnosis that the claim has not"),
        ("/lines/0/modifiers", json!(["59", "59"]), "a modifier stands there twice"),
        ("/lines/0/modifiers", json!(["22", "51", "59", "LT", "RT"]), "at most four modifiers"),
        ("/lines/0/code", json!("2263"), "line 1: the code is missing"),
        ("/frequency", json!("7"), "item 22: the payer's number of the original claim is missing"),
        ("/frequency", json!("3"), "item 22: the claim frequency is 1"),
        ("/payer/id", json!("nobody"), "the payer “nobody” has no name and no id"),
        ("/patient/last", json!("李"), "family name of the patient has letters that X12 does not have"),
        ("/facility/pos", json!("21"), "the date of admission is missing"),
        (
            "/condition",
            json!({"auto_accident": true}),
            "item 10b: the state of the automobile accident is missing",
        ),
        ("/insured", json!({"last": "Else"}), "item 6: what the patient is to the insured is missing"),
        ("/additional_information", json!("x".repeat(81)), "longer than the 80 characters"),
        ("/attachments", json!(7), "“attachments” has not the form"),
        ("/attachments", json!([{"type": "OB", "transmission": "FX"}]), "needs the number it is found by"),
        (
            "/other_coverages",
            json!([{"sequence": "primary", "insured": {"member_id": "1", "payer": {"id": "acme", "type": "commercial"}}}]),
            "what the earlier payer paid",
        ),
        (
            "/other_coverages",
            json!([{"sequence": "primary", "insured": {"member_id": "1", "payer": {"id": "acme", "type": "commercial"}}, "paid": "1.00", "decided": "2026-03-01"}]),
            "does not add up to the charges",
        ),
    ];
    for (path, value, says) in cases {
        let mut claim = plain();
        let (parent, key) = path.rsplit_once('/').unwrap();
        match claim.pointer_mut(parent).unwrap() {
            Value::Array(all) => all[key.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[key] = value.clone(),
        }
        let said = lacks(claim);
        assert!(said.iter().any(|s| s.contains(says)), "{path}: {says} in {said:#?}");
    }
}

#[test]
fn anaesthesia_and_ambulances_are_refused() {
    for (path, value) in
        [("/lines/0/code", "00670"), ("/lines/0/code", "A0429"), ("/rendering_provider/role", "anesthesia")]
    {
        let mut claim = plain();
        let (parent, key) = path.rsplit_once('/').unwrap();
        claim.pointer_mut(parent).unwrap()[key] = json!(value);
        let claim: Claim = serde_json::from_value(claim).unwrap();
        let refused = professional_claim(&claim, "PCN1", &made::payers()).unwrap_err();
        assert_eq!(refused.fault().code, "claim_out_of_scope", "{value}");
    }
}

#[test]
fn a_batch_without_its_ends_is_refused() {
    let mut batch = made::batch(1, vec![made::built(1)]);
    batch.submitter.phone = Some("555".to_owned());
    batch.receiver.parties.sender = String::new();
    batch.control = 0;
    let Err(EdiError::Lacks(lacks)) = write_batch(&batch) else { panic!("it was written") };
    assert_eq!(lacks.len(), 4, "{lacks:?}");
}
