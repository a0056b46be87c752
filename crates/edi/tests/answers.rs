//! What comes back: read whatever the separators, refused with a place where it cannot be right.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::string_slice,
    reason = "a test"
)]

mod made;

use iambilly_claim::money::Cents;
use iambilly_edi::answers::{
    Acknowledged, ClaimPayment, ClaimStatus, RemittanceEvent, StatusEvent, read_277ca, read_835, read_999,
};
use iambilly_edi::professional::{read_batch, write_batch};
use iambilly_edi::{EdiError, Problem};
use proptest::prelude::*;

/// A file around a transaction's segments, with any separators.
fn file(functional: &str, version: &str, segments: &[&str], separators: [char; 4]) -> String {
    let [element, repetition, component, end] = separators;
    let transaction = segments[0].split('*').nth(1).unwrap();
    let isa = "ISA*00*          *00*          *ZZ*RCV999         *ZZ*SUB123         *261123*0930*R*00501*000000009*0*T*C".to_owned();
    let mut all = vec![isa, format!("GS*{functional}*RCV999*SUB123*20261123*0930*9*X*{version}")];
    all.extend(segments.iter().map(|s| (*s).to_owned()));
    all.push(format!("SE*{}*0001", segments.len() + 1));
    all.push("GE*1*9".to_owned());
    all.push("IEA*1*000000009".to_owned());
    assert!(transaction.len() == 3);
    let mut text = String::new();
    for (at, segment) in all.iter().enumerate() {
        let changed: String = if at == 0 {
            let header = segment.replace('*', &element.to_string());
            header.replacen(&format!("{element}R{element}"), &format!("{element}{repetition}{element}"), 1)
                [..104]
                .to_owned()
                + &component.to_string()
        } else {
            segment
                .chars()
                .map(|c| match c {
                    '*' => element,
                    ':' => component,
                    '^' => repetition,
                    c => c,
                })
                .collect()
        };
        text.push_str(&changed);
        text.push(end);
        text.push('\n');
    }
    text
}

const USUAL: [char; 4] = ['*', '^', ':', '~'];

const DECIDED: &[&str] = &[
    "ST*835*0001",
    "BPR*I*1500.5*C*ACH*CCP*01*999999999*DA*1*1999999999**01*999999999*DA*1*20261201",
    "TRN*1*CHECK77*1999999999",
    "DTM*405*20261201",
    "N1*PR*EXAMPLE PAYER",
    "N1*PE*EXAMPLE SPINE CLINIC*XX*1234567893",
    "LX*1",
    "CLP*PCN1*1*3000*1500.5*99.5*MB*ICN1*21*1",
    "NM1*QC*1*EXAMPLEBY*ADA****MI*MBR1",
    "MOA***MA01",
    "SVC*HC:22633:62*2000*1500.5**1",
    "DTM*472*20260202",
    "CAS*CO*45*400",
    "CAS*PR*2*99.5",
    "REF*6R*1",
    "AMT*B6*1600",
    "SVC*HC:22842*1000*0**1",
    "DTM*472*20260202",
    "CAS*CO*97*600**45*400",
    "REF*6R*2",
    "LQ*HE*N362",
    "CLP*PCN2*4*500*0**MB*ICN2",
    "CAS*CO*29*500",
];

fn decided(text: &str) -> Result<(Vec<ClaimPayment>, bool), EdiError> {
    let (mut claims, mut balanced) = (vec![], false);
    read_835(text.as_bytes(), |event| {
        match event {
            RemittanceEvent::Claim(claim) => claims.push(*claim),
            RemittanceEvent::End { balances } => balanced = balances,
            RemittanceEvent::Payment(payment) => assert_eq!(payment.trace, "CHECK77"),
        }
        Ok::<(), EdiError>(())
    })?;
    Ok((claims, balanced))
}

#[test]
fn a_remittance_by_claim_and_line() {
    let (claims, balances) = decided(&file("HP", "005010X221A1", DECIDED, USUAL)).unwrap();
    assert!(balances && claims.len() == 2 && claims.iter().all(ClaimPayment::balances));
    let [first, second] = &claims[..] else { panic!() };
    assert_eq!(
        (first.control.as_str(), first.payer_control.as_str(), first.paid),
        ("PCN1", "ICN1", Cents(150_050))
    );
    assert_eq!(first.member.expose().as_deref(), Some("MBR1"));
    assert_eq!(first.remarks, ["MA01"]);
    assert_eq!(first.lines[0].allowed(), Cents(160_000));
    assert_eq!(
        (first.lines[0].code.as_str(), first.lines[0].modifiers.as_slice()),
        ("22633", &["62".to_owned()][..])
    );
    assert_eq!(first.lines[1].adjustments.len(), 2);
    assert_eq!(first.lines[1].remarks, ["N362"]);
    assert_eq!(second.adjustments[0].reason, "29");
    assert!(format!("{first:?}").contains("[PHI]"));
}

#[test]
fn any_separators_read_the_same() {
    let usual = decided(&file("HP", "005010X221A1", DECIDED, USUAL)).unwrap();
    for separators in [
        ['|', '^', '>', '~'],
        ['\u{1d}', '\u{1f}', '\u{1e}', '\u{1c}'],
        ['+', '!', ':', '\''],
        ['*', '^', '<', '\n'],
    ] {
        assert_eq!(
            decided(&file("HP", "005010X221A1", DECIDED, separators)).unwrap(),
            usual,
            "{separators:?}"
        );
    }
    for hostile in [['*', '*', ':', '~'], ['A', '^', ':', '~'], ['*', '^', ':', '0'], [' ', '^', ':', '~']] {
        let refused = decided(&file("HP", "005010X221A1", DECIDED, hostile)).unwrap_err();
        assert!(matches!(refused, EdiError::Refused { .. }), "{hostile:?} {refused:?}");
    }
}

#[test]
fn several_interchanges_follow_each_other() {
    let one = file("HP", "005010X221A1", DECIDED, USUAL);
    let two = file("HP", "005010X221A1", DECIDED, ['|', '^', '>', '!']);
    assert_eq!(decided(&(one + &two)).unwrap().0.len(), 4);
}

/// What is done to a good remittance, and where it is refused.
#[test]
fn bad_files_are_refused_with_their_place() {
    let good = file("HP", "005010X221A1", DECIDED, USUAL);
    let problem = |text: &str| match decided(text) {
        Err(EdiError::Refused { at, problem }) => (at.segment, problem),
        other => panic!("{other:?}"),
    };
    assert_eq!(problem(""), (0, Problem::Truncated));
    assert_eq!(problem("%PDF-1.7\u{0}\u{1}"), (1, Problem::NotX12));
    assert_eq!(problem(&good[..50]), (1, Problem::Truncated));
    assert_eq!(problem(&good[..good.len() - 12]).1, Problem::Truncated);
    assert!(matches!(problem(&good.replace("005010X221A1", "004010X091A1")), (2, Problem::Version { .. })));
    assert!(matches!(problem(&good.replace("ST*835", "ST*837")), (3, Problem::Version { .. })));
    assert_eq!(problem(&good.replace("CHECK77", "CHE\u{2}K77")), (5, Problem::Binary));
    assert_eq!(problem(&good.replace("SE*24", "SE*26")), (26, Problem::Trailer { name: "SE01" }));
    assert_eq!(
        problem(&good.replace("IEA*1*000000009", "IEA*1*000000008")).1,
        Problem::Trailer { name: "IEA02" }
    );
    assert_eq!(problem(&good.replace("*3000*", "*3,000*")), (10, Problem::Element { name: "CLP03" }));
    assert_eq!(problem(&good.replace("CHECK77", &"X".repeat(40_000))), (5, Problem::LongSegment));
    let other = file("FA", "005010X231A1", &["ST*999*0001", "AK1*HC*42", "AK9*A*1*1*1"], USUAL);
    assert!(matches!(problem(&other), (2, Problem::Version { .. })));
    let fault = decided(&good[..50]).unwrap_err().fault();
    assert_eq!((fault.code.as_str(), fault.kind), ("x12_truncated", iambilly_claim::FaultKind::Input));
}

/// A reader of a file that never ends.
struct Endless(Vec<u8>, usize);

impl std::io::Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let from = self.0.len() - 6;
        let mut written = 0;
        while written < into.len() {
            into[written] = self.0[self.1];
            written += 1;
            self.1 = if self.1 + 1 == self.0.len() { from } else { self.1 + 1 };
        }
        Ok(written)
    }
}

#[test]
fn ten_million_segments_are_refused_where_it_is_too_much() {
    let good = file("HP", "005010X221A1", DECIDED, USUAL);
    let head = good.split("CLP").next().unwrap().to_owned() + "N3*AB~";
    let refused = read_835(Endless(head.into_bytes(), 0), |_| Ok::<(), EdiError>(())).unwrap_err();
    let EdiError::Refused { at, problem: Problem::TooMany } = refused else { panic!("{refused:?}") };
    assert!(at.segment > 8_000_000 && at.segment < 10_000_000 && at.byte > 40_000_000);
}

#[test]
fn an_acknowledgement_names_what_is_wrong() {
    let segments = [
        "ST*999*0001",
        "AK1*HC*42*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK3*NM1*8*2010AA*8",
        "CTX*CLM01:PCN1",
        "IK4*9*67*7*1234567890",
        "IK5*R*5",
        "AK9*R*1*1*0",
    ];
    let mut groups: Vec<Acknowledged> = vec![];
    read_999(file("FA", "005010X231A1", &segments, USUAL).as_bytes(), |g| {
        groups.push(g);
        Ok::<(), EdiError>(())
    })
    .unwrap();
    let group = &groups[0];
    assert!(groups.len() == 1 && group.group == 42 && group.accepted("0001") == Some(false));
    let error = &group.transactions[0].errors[0];
    assert_eq!((error.segment.as_str(), error.at, error.code.as_str()), ("NM1", 8, "8"));
    assert_eq!(error.elements, [("9".to_owned(), "7".to_owned())], "the value that came back is not kept");
    assert_eq!(error.claim.as_deref(), Some("PCN1"));
    assert_eq!(group.to_claim("PCN1").transactions[0].errors.len(), 1);
    assert!(
        group.to_claim("PCN2").transactions[0].errors.is_empty(),
        "another claim's errors are not its own"
    );
}

#[test]
fn a_file_taken_in_part_is_answered_by_transaction() {
    let segments = [
        "ST*999*0001",
        "AK1*HC*42*005010X222A1",
        "AK2*837*0001",
        "IK5*E",
        "AK2*837*2",
        "IK3*CLM*22**8",
        "IK5*R*5",
        "AK9*P*3*3*1",
    ];
    let mut group = None;
    read_999(file("FA", "005010X231A1", &segments, USUAL).as_bytes(), |g| {
        group = Some(g);
        Ok::<(), EdiError>(())
    })
    .unwrap();
    let group = group.unwrap();
    for (control, went_on) in [("0001", Some(true)), ("1", Some(true)), ("0002", Some(false)), ("0003", None)]
    {
        assert_eq!(group.accepted(control), went_on, "{control}");
    }
}

#[test]
fn claims_are_taken_on_or_sent_back() {
    let segments = [
        "ST*277*0001*005010X214",
        "BHT*0085*08*X*20261123*0930*TH",
        "HL*1**20*1",
        "NM1*PR*2*PAYER*****PI*1",
        "TRN*1*T",
        "HL*2*1*21*1",
        "NM1*41*2*CLINIC*****46*SUB123",
        "TRN*2*0000000420001",
        "STC*A1:19:PR*20261123*WQ*3500",
        "HL*3*2*19*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "HL*4*3*PT",
        "NM1*QC*1*EXAMPLEBY*ADA****MI*MBR1",
        "TRN*2*PCN1",
        "STC*A2:20:PR*20261123*WQ*3000",
        "REF*1K*ICN1",
        "HL*5*3*PT",
        "NM1*QC*1*OTHER*BEN****MI*MBR2",
        "TRN*2*PCN2",
        "STC*A7:562:85*20261123*U*500*******A7:21",
        "SVC*HC:63030*500*0****1",
        "STC*A7:507*20261123*U*500",
        "REF*FJ*1",
    ];
    let (mut claims, mut batches): (Vec<ClaimStatus>, _) = (vec![], vec![]);
    read_277ca(file("HN", "005010X214", &segments, USUAL).as_bytes(), |event| {
        match event {
            StatusEvent::Claim(claim) => claims.push(claim),
            StatusEvent::Batch(reference, statuses) => batches.push((reference, statuses)),
        }
        Ok::<(), EdiError>(())
    })
    .unwrap();
    assert!(batches.len() == 1 && batches[0].0 == "0000000420001" && batches[0].1[0].category == "A1");
    let [first, second] = &claims[..] else { panic!("{claims:?}") };
    assert!(
        !first.rejected()
            && first.payer_control.as_deref() == Some("ICN1")
            && first.charge == Some(Cents(300_000))
    );
    assert!(second.rejected() && second.statuses.len() == 2);
    assert_eq!((second.lines[0].0.as_str(), second.lines[0].1[0].code.as_str()), ("1", "507"));
    assert_eq!(second.member.expose().as_deref(), Some("MBR2"));
}

/// Ten minutes under `IAMBILLY_SOAK=1`, a seeded share otherwise.
fn cases() -> u32 {
    if std::env::var_os("IAMBILLY_SOAK").is_some() { 4_000_000 } else { 4_000 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes changed, put in, taken out and repeated: nothing panics or hangs, and what is accepted is well formed.
    #[test]
    fn damaged_files_never_harm(which in 0usize..4, changes in prop::collection::vec((any::<prop::sample::Index>(), 0u8..5, any::<u8>()), 1..12)) {
        let mut bytes = match which {
            0 => file("HP", "005010X221A1", DECIDED, USUAL).into_bytes(),
            1 => file("FA", "005010X231A1", &["ST*999*0001", "AK1*HC*42", "AK2*837*0001", "IK3*NM1*8**8", "IK4*9*67*7*X", "IK5*R*5", "AK9*R*1*1*0"], USUAL).into_bytes(),
            2 => file("HN", "005010X214", &["ST*277*0001", "HL*1**20*1", "HL*2*1*21*1", "TRN*2*B", "STC*A1:19", "HL*3*2*19*1", "HL*4*3*PT", "TRN*2*PCN1", "STC*A2:20*20261123*WQ*3000", "SVC*HC:1*1*0", "STC*A7:1", "REF*FJ*1"], USUAL).into_bytes(),
            _ => write_batch(&made::batch(7, vec![made::built(u64::from(changes[0].2))])).unwrap(),
        };
        for (at, kind, byte) in &changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = *byte,
                1 => bytes.insert(at, *byte),
                2 => drop(bytes.remove(at)),
                3 => bytes[at] = b"*:~^\n0A"[usize::from(*byte) % 7],
                _ => {
                    let end = (at + usize::from(*byte)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
            }
            if bytes.is_empty() {
                bytes.push(b'I');
            }
        }
        let _ = read_835(bytes.as_slice(), |_| Ok::<(), EdiError>(()));
        let _ = read_999(bytes.as_slice(), |_| Ok::<(), EdiError>(()));
        let _ = read_277ca(bytes.as_slice(), |_| Ok::<(), EdiError>(()));
        if let Ok(read) = read_batch(bytes.as_slice()) {
            prop_assert!(read.claims.len() <= bytes.len());
        }
    }
}
