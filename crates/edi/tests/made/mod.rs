//! Claims made from a seed, over all families of spine work and every optional part of an 837P. Names, numbers and
//! addresses are made up.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation, reason = "made for tests")]

use iambilly_claim::Claim;
use iambilly_edi::professional::{
    Batch, Correspondent, PayerEntry, ProfessionalClaim, Submitter, professional_claim,
};
use iambilly_edi::x12::{Parties, Usage};
use jiff::civil::{Date, DateTime, date};
use serde_json::{Value, json};

/// A generator of numbers that are the same for the same seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// A family of work: its lines (code, modifiers) and diagnoses.
pub type Family = (&'static str, &'static [(&'static str, &'static [&'static str])], &'static [&'static str]);

pub const FAMILIES: &[Family] = &[
    ("lumbar discectomy", &[("63030", &["LT"]), ("63035", &[]), ("69990", &[])], &["M51.16", "M54.16"]),
    ("lumbar decompression", &[("63047", &[]), ("63048", &[]), ("63048", &["59"])], &["M48.062", "M43.16"]),
    (
        "lumbar fusion",
        &[("22633", &[]), ("22634", &[]), ("22842", &[]), ("22853", &["51"]), ("20930", &[]), ("20936", &[])],
        &["M43.16", "M48.062", "M51.36"],
    ),
    ("posterolateral fusion", &[("22612", &[]), ("22614", &[]), ("22840", &[]), ("20937", &[])], &["M43.17"]),
    (
        "anterior lumbar fusion",
        &[("22558", &["62"]), ("22585", &["62"]), ("22845", &[])],
        &["M51.37", "M53.2X7"],
    ),
    (
        "cervical fusion",
        &[("22551", &[]), ("22552", &[]), ("22845", &[]), ("22853", &[]), ("20931", &[])],
        &["M50.122", "G95.89"],
    ),
    (
        "posterior cervical",
        &[("22600", &[]), ("22614", &[]), ("63045", &["59"]), ("22842", &[])],
        &["M47.12", "M48.02"],
    ),
    ("disc replacement", &[("22856", &[]), ("22858", &[])], &["M50.121"]),
    (
        "corpectomy",
        &[("63081", &[]), ("63082", &[]), ("22554", &["51"]), ("22845", &[])],
        &["M50.021", "S12.400A"],
    ),
    (
        "thoracic fracture",
        &[("22327", &[]), ("22843", &[]), ("22610", &[]), ("22614", &[])],
        &["S22.080A", "S24.101A"],
    ),
    (
        "deformity",
        &[("22802", &[]), ("22844", &[]), ("22212", &[]), ("22216", &[]), ("20937", &[])],
        &["M41.126", "M40.14"],
    ),
    ("vertebral augmentation", &[("22513", &[]), ("22515", &[])], &["M80.08XA"]),
    ("tumour", &[("63276", &[]), ("63286", &["59"]), ("69990", &[])], &["C79.51", "D33.4"]),
    ("stimulator", &[("63650", &[]), ("63650", &["59"]), ("63685", &[])], &["M96.1", "G89.4"]),
    ("pump", &[("62362", &[]), ("62350", &["51"])], &["G89.29"]),
    ("sacroiliac fusion", &[("27279", &["RT"])], &["M46.1"]),
    ("epidural injection", &[("62323", &[])], &["M54.17"]),
    ("foraminal injection", &[("64483", &["50"]), ("64484", &["50"])], &["M54.16"]),
    ("facet injection", &[("64493", &["RT"]), ("64494", &["RT"])], &["M47.816"]),
    ("ablation", &[("64635", &["LT"]), ("64636", &["LT"])], &["M47.817"]),
    ("hardware removal", &[("22852", &[]), ("22830", &["59"])], &["T84.498A", "Z47.2"]),
    ("infection", &[("22015", &["78"])], &["T81.42XA", "M46.26"]),
    ("unlisted", &[("22899", &["22"])], &["M99.83"]),
    ("assistant", &[("22633", &["80"]), ("22842", &["80"])], &["M43.16"]),
    ("visit", &[("99214", &["57"])], &["M54.50"]),
];

/// An NPI with its check digit for nine digits.
pub fn npi(nine: u32) -> String {
    let stem = format!("{nine:09}");
    (0..10).map(|check| format!("{stem}{check}")).find(|n| iambilly_edi::text::Npi::of(n).is_some()).unwrap()
}

pub fn payers() -> Vec<PayerEntry> {
    let entry = |id: &str, name: &str, payer_id: &str, filing: Option<&str>| PayerEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        payer_id: payer_id.to_owned(),
        filing: filing.map(str::to_owned),
        address: None,
    };
    let mut all = vec![
        entry("medicare", "Medicare Part B", "12345", None),
        entry("medicaid", "State Medicaid", "MCDIL", None),
        entry("acme", "Acme Health Plan", "60054", Some("CI")),
        entry("commercial", "Commercial Carrier", "87726", None),
        entry("workers_comp", "Work Casualty", "WC123", None),
        entry("auto", "Auto Casualty", "AUTO9", None),
    ];
    all[2].address = serde_json::from_value(address(7, false)).unwrap();
    all
}

fn address(n: usize, nine: bool) -> Value {
    let zip = if nine { format!("6270{}1234", n % 10) } else { format!("6270{}", n % 10) };
    json!({"line1": format!("{} Example Street", n + 1), "city": "Springfield", "state": "IL", "zip": zip})
}

/// A complete claim.
pub fn claim(seed: u64) -> Claim {
    let dice = &mut Dice(seed);
    let (_, lines, diagnoses) = FAMILIES[seed as usize % FAMILIES.len()];
    let dos = date(2026, 1, 5).checked_add(jiff::ToSpan::days(dice.below(250) as i64)).unwrap();
    let pos = *dice.of(&["21", "22", "24", "11"]);
    let charges: Vec<u64> = lines.iter().map(|_| 10_000 + dice.next() % 1_500_000).collect();
    let cents = |c: u64| format!("{}.{:02}", c / 100, c % 100);
    let total: u64 = charges.iter().sum();
    let kind = *dice.of(&["medicare", "medicaid", "acme", "commercial", "workers_comp", "auto"]);
    let lines: Vec<Value> = lines
        .iter()
        .zip(&charges)
        .enumerate()
        .map(|(at, ((code, modifiers), charge))| {
            let pointers: Vec<&str> = ["A", "B", "C"][..diagnoses.len().min(3)].to_vec();
            let mut line = json!({"number": at + 1, "code": code, "modifiers": modifiers, "pointers": pointers,
                "units": 1 + dice.below(3), "charge": cents(*charge), "dos": dos.to_string(), "pos": pos});
            if *code == "22899" {
                line["description"] = json!("Posterior vertebral body tethering");
            }
            if dice.one_in(6) {
                line["note"] = json!("Separate incision: see operative note");
            }
            line
        })
        .collect();
    let person = |n: usize| ["Exampleby", "O'Sample", "Muster-Nuñez", "Testová", "van der Probe"][n % 5];
    let given = |n: usize| ["Ada", "Benjamin Q", "Zoë", "Carl", "Dana R."][n % 5];
    let p = dice.below(1000);
    let mut claim = json!({
        "claim_id": format!("claim-{seed}"),
        "payer": {"id": kind, "type": if kind == "acme" { "commercial" } else { kind }},
        "patient": {"id": format!("p{p}"), "last": person(p), "first": given(p / 5), "birth_date": format!("19{:02}-0{}-1{}", 30 + p % 60, 1 + p % 9, p % 9),
            "sex": dice.of(&["F", "M"]), "member_id": format!("MBR{:07}", dice.below(9_999_999)), "address": address(p, false)},
        "billing_provider": {"npi": npi(123_456_700 + (dice.below(3) as u32)), "tax_id": "12-3456789", "taxonomy": "207XS0117X",
            "name": "Example Spine Clinic, LLC", "address": address(1, true)},
        "rendering_provider": {"npi": npi(100_000_000 + p as u32), "taxonomy": "207T00000X", "role": "surgeon", "last": "Surgeon", "first": "Sam", "middle": "A", "suffix": "MD"},
        "facility": {"npi": npi(199_999_000), "pos": pos, "name": "Example Hospital", "address": address(2, true)},
        "diagnoses": diagnoses, "lines": lines, "frequency": "1", "total_charge": cents(total),
    });
    let set = &mut |key: &str, value: Value| claim[key] = value;
    if pos == "21" {
        set("hospitalization", json!({"from": dos.to_string()}));
        if dice.one_in(2) {
            set(
                "hospitalization",
                json!({"from": dos.to_string(), "to": dos.tomorrow().unwrap().to_string()}),
            );
        }
    }
    if dice.one_in(3) {
        set("prior_auth_number", json!(format!("AUTH{}", dice.below(99_999))));
    }
    if dice.one_in(4) {
        set("referring_provider", json!({"npi": npi(150_000_000), "name": "Family, Doc"}));
    }
    if dice.one_in(6) {
        set("supervising_provider", json!({"npi": npi(150_000_001), "name": "Senior, Ann"}));
    }
    if dice.one_in(5) {
        set("additional_information", json!("Increased procedural service: morbid obesity, 90 minutes more"));
    }
    if dice.one_in(5) {
        set(
            "attachments",
            json!([{"type": "OB", "transmission": "FX", "control_number": format!("ATT{seed}")}, {"type": "OZ", "transmission": "AA"}]),
        );
    }
    if dice.one_in(7) {
        set("frequency", json!(if dice.one_in(3) { "8" } else { "7" }));
        set("original_reference", json!(format!("ICN{}", dice.below(99_999_999))));
    }
    if kind == "auto" {
        set("condition", json!({"auto_accident": true, "state": "IL"}));
        set("other_date", json!({"qualifier": "439", "date": "2025-12-30"}));
    } else if kind == "workers_comp" {
        set("condition", json!({"employment": true}));
        set("other_date", json!({"qualifier": "439", "date": "2025-12-30"}));
    }
    if dice.one_in(8) {
        set("illness", json!({"qualifier": "431", "date": "2025-11-01"}));
        set("medical_record_number", json!(format!("MRN{p}")));
        set("referral_number", json!(format!("REF{p}")));
        set("amount_paid", json!("25.00"));
    }
    match dice.below(6) {
        0 => set(
            "insured",
            json!({"relationship": dice.of(&["spouse", "child", "other"]), "last": "Insured", "first": "Pat M",
            "birth_date": "1958-03-04", "sex": "F", "member_id": "INS777", "group": "GRP42", "address": address(9, false)}),
        ),
        1 => set("insured", json!({"relationship": "self", "plan_name": "Big Employer Plan"})),
        _ => {}
    }
    if dice.one_in(4) {
        other_coverage(dice, &mut claim, kind, &charges, dos);
    }
    serde_json::from_value(claim).unwrap()
}

/// A payer that came first and has decided, or one that comes after.
fn other_coverage(dice: &mut Dice, claim: &mut Value, kind: &str, charges: &[u64], dos: Date) {
    let other = if kind == "commercial" { "acme" } else { "commercial" };
    let insured = json!({"relationship": "self", "member_id": format!("OTH{}", dice.below(9999)), "group": "G7", "payer": {"id": other, "type": "commercial"}});
    if dice.one_in(2) {
        claim["other_coverages"] = json!([{"sequence": "secondary", "insured": insured}]);
        return;
    }
    let cents = |c: u64| format!("{}.{:02}", c / 100, c % 100);
    let decided = dos.checked_add(jiff::ToSpan::days(21)).unwrap().to_string();
    let parts: Vec<[u64; 3]> = charges.iter().map(|c| [c / 2, c / 3, c - c / 2 - c / 3]).collect();
    let paid: u64 = parts.iter().map(|p| p[0]).sum();
    let mut coverage =
        json!({"sequence": "primary", "insured": insured, "paid": cents(paid), "decided": decided});
    let adjustments = |p: &[u64; 3]| json!([{"group": "CO", "reason": "45", "amount": cents(p[1])}, {"group": "PR", "reason": "2", "amount": cents(p[2])}]);
    if dice.one_in(2) {
        let lines: Vec<Value> = parts
            .iter()
            .enumerate()
            .map(|(at, p)| json!({"line": at + 1, "paid": cents(p[0]), "adjustments": adjustments(p)}))
            .collect();
        coverage["lines"] = json!(lines);
    } else {
        let sum = |i: usize| parts.iter().map(|p| p[i]).sum();
        coverage["adjustments"] = adjustments(&[0, sum(1), sum(2)]);
    }
    claim["other_coverages"] = json!([coverage]);
    if kind == "medicare" {
        claim["medicare_secondary_reason"] = json!("12");
    }
}

pub fn submitter() -> Submitter {
    Submitter {
        name: "Example Spine Clinic".to_owned(),
        id: "SUB123".to_owned(),
        contact: "Billing Office".to_owned(),
        phone: Some("(217) 555-0100".to_owned()),
        email: None,
    }
}

pub fn receiver() -> Correspondent {
    Correspondent {
        id: "house".to_owned(),
        name: "Example Clearinghouse".to_owned(),
        receiver_id: "RCV999".to_owned(),
        parties: Parties {
            sender_qualifier: "ZZ".to_owned(),
            sender: "SUB123".to_owned(),
            receiver_qualifier: "ZZ".to_owned(),
            receiver: "RCV999".to_owned(),
        },
        usage: Usage::Test,
        payers: vec![],
    }
}

pub fn at() -> DateTime {
    date(2026, 11, 22).at(9, 30, 0, 0)
}

pub fn built(seed: u64) -> ProfessionalClaim {
    professional_claim(&claim(seed), &format!("PCN{seed:x}"), &payers())
        .unwrap_or_else(|e| panic!("{seed}: {}", e.fault()))
}

pub fn batch(control: u32, claims: Vec<ProfessionalClaim>) -> Batch {
    Batch { submitter: submitter(), receiver: receiver(), control, at: at(), claims }
}
