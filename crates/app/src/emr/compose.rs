//! An approved claim as what an EMR takes: note with coded summary, provisional problems, a claim with charges; and what
//! of it cannot go there.

use iambilly_claim::money::Cents;
use iambilly_claim::{Claim, Phi, ServiceLine};
use iambilly_emr::{
    Capability, ChargeWrite, ClaimWrite, ConnectionConfig, Modifiers, NoteWrite, ProblemWrite, Support,
    Vendor, Write,
};
use iambilly_icd10cm::Editions;
use iambilly_store::{ClaimRevision, TranscriptRow};
use jiff::civil::Date;
use std::fmt::Write as _;

/// A write and what it is in words without a patient.
pub(super) struct Composed {
    pub write: Write,
    pub says: String,
}

/// Something that does not go, and why, and what instead.
pub(super) struct Left {
    pub what: String,
    pub why: String,
    pub instead: String,
}

/// Where it goes.
pub(super) struct Place<'a> {
    pub config: &'a ConnectionConfig,
    pub patient: &'a Phi<String>,
    pub encounter: &'a Phi<Option<String>>,
}

/// Everything of a claim that goes to an EMR, in the order it leaves, and what does not.
pub(super) fn compose(
    revision: &ClaimRevision,
    transcript: Option<&TranscriptRow>,
    place: &Place<'_>,
) -> (Vec<Composed>, Vec<Left>) {
    let vendor = place.config.vendor;
    let may = |capability| vendor.support(capability) == Support::Yes;
    let (mut goes, mut left) = (vec![], vec![]);
    let date = revision.coding.dos;
    let frequency = revision.claim.frequency.as_deref();
    if frequency == Some("8") {
        left.push(Left {
            what: "The note and the diagnoses".to_owned(),
            why: "A void takes a bill back: nothing of it belongs into the chart.".to_owned(),
            instead: String::new(),
        });
        left.push(bill(&revision.claim, vendor));
        return (goes, left);
    }
    match transcript {
        Some(row) if may(Capability::NoteWrite) => goes.push(Composed {
            write: Write::Note(NoteWrite {
                patient: place.patient.clone(),
                encounter: place.encounter.clone(),
                date: date.to_string(),
                text: note(row, revision),
            }),
            says: "Operative note with the coded summary".to_owned(),
        }),
        Some(_) => left.push(not_taken(vendor, "The operative note", "Copy it into the EMR yourself.")),
        None => left.push(Left {
            what: "The operative note".to_owned(),
            why: "The claim was not made from a note.".to_owned(),
            instead: String::new(),
        }),
    }
    if may(Capability::ProblemWrite) {
        for code in &revision.claim.diagnoses {
            goes.push(Composed {
                write: Write::Problem(ProblemWrite {
                    patient: place.patient.clone(),
                    encounter: place.encounter.clone(),
                    code: code.clone(),
                    display: title(code, date),
                }),
                says: format!("Provisional problem {code}"),
            });
        }
    } else if vendor != Vendor::AthenaOne {
        left.push(not_taken(vendor, "The diagnoses as problems", "They stand in the note and on the claim."));
    }
    if frequency.is_some_and(|f| f != "1") {
        left.push(bill(&revision.claim, vendor));
        return (goes, left);
    }
    match claim(&revision.claim, date, place) {
        Ok(write) if may(Capability::ClaimCreate) => {
            goes.push(Composed {
                says: format!("Claim with {} charge(s)", write.charges.len()),
                write: Write::Claim(write),
            });
            left.push(Left {
                what: "Place of service, authorisation number and referring provider".to_owned(),
                why: "athenaOne's interface for claims has no field for them.".to_owned(),
                instead: "Complete them in athenaOne.".to_owned(),
            });
        }
        Err(why) if may(Capability::ClaimCreate) => {
            left.push(Left { what: "The claim".to_owned(), why, instead: BY_837P.to_owned() });
        }
        _ => left.push(not_taken(vendor, "The claim", BY_837P)),
    }
    (goes, left)
}

/// A claim that corrects or voids another: none of the interfaces takes one. athenahealth's own reference of its claim
/// interface (November 2026) says that a claim can be neither changed nor deleted through it.
fn bill(claim: &Claim, vendor: Vendor) -> Left {
    if vendor != Vendor::AthenaOne {
        return not_taken(vendor, "The claim", BY_837P);
    }
    let what = if claim.frequency.as_deref() == Some("8") { "The void" } else { "The corrected claim" };
    Left {
        what: what.to_owned(),
        why: "athenaOne's interface neither changes nor voids a claim.".to_owned(),
        instead: "Do it in athenaOne where the claim went there; otherwise it goes by 837P.".to_owned(),
    }
}

const BY_837P: &str = "It goes by 837P through the clearinghouse.";

fn not_taken(vendor: Vendor, what: &str, instead: &str) -> Left {
    Left {
        what: what.to_owned(),
        why: format!("{} does not take this from other programs.", vendor.name()),
        instead: instead.to_owned(),
    }
}

/// The title of a diagnosis on a date of service; the code alone where it has none.
fn title(code: &str, date: Date) -> String {
    Editions::shipped().on(date).title(code).map_or_else(|| code.to_owned(), str::to_owned)
}

/// The dictated note and what was approved of it.
fn note(row: &TranscriptRow, revision: &ClaimRevision) -> Phi<String> {
    let date = revision.coding.dos;
    let mut text = format!(
        "{}\n\nCODED SUMMARY\nDate of service: {date}\nDiagnoses:\n",
        row.transcript.text.expose().trim_end()
    );
    // Writing to a string does not fail.
    for (n, code) in revision.claim.diagnoses.iter().enumerate() {
        let letter = char::from(b'A'.saturating_add(u8::try_from(n).unwrap_or(0)));
        let _ = writeln!(text, "  {letter}  {code}  {}", title(code, date));
    }
    text.push_str("Services:\n");
    for line in &revision.claim.lines {
        let modifiers: String = line.modifiers.iter().map(|m| format!("-{m}")).collect();
        let levels: Vec<String> = line.levels.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "  {}  {}{modifiers}  units {}  diagnoses {}  {}",
            line.number,
            line.code,
            line.units,
            line.pointers.join(""),
            levels.join(", ")
        );
    }
    let _ = write!(text, "Approved claim, revision {}.", revision.number);
    Phi::new(text)
}

/// The claim as athenaOne takes it, or why not.
fn claim(claim: &Claim, date: Date, place: &Place<'_>) -> Result<ClaimWrite, String> {
    let day = date.to_string();
    if claim.lines.is_empty() {
        return Err("It has no service lines.".to_owned());
    }
    if claim
        .lines
        .iter()
        .any(|l| l.dos.as_ref().is_some_and(|d| *d != day) || l.dos_to.as_ref().is_some_and(|d| *d != day))
    {
        return Err("Its services are of several days.".to_owned());
    }
    let charges =
        claim.lines.iter().map(|line| charge(line, claim, place.config)).collect::<Result<_, _>>()?;
    let provider = surgeon(claim, place.config)?;
    Ok(ClaimWrite { patient: place.patient.clone(), date: day, provider, charges })
}

/// Who operated, as athenaOne knows them: nobody's claim is filed under another surgeon.
fn surgeon(claim: &Claim, config: &ConnectionConfig) -> Result<Option<String>, String> {
    if config.providers.is_empty() {
        return Ok(config.provider_id.clone());
    }
    let npi = claim.rendering_provider.npi.as_deref().unwrap_or_default().trim();
    let known = config.providers.get(npi).cloned();
    known.map(Some).ok_or_else(|| "Its surgeon is not among the connection's surgeons.".to_owned())
}

fn charge(line: &ServiceLine, claim: &Claim, config: &ConnectionConfig) -> Result<ChargeWrite, String> {
    if !line.modifiers.is_empty() && config.modifiers == Modifiers::Refuse {
        return Err(
            "It has modifiers, and how athenaOne takes them has not been confirmed for this practice."
                .to_owned(),
        );
    }
    let total: Cents = line
        .charge
        .as_deref()
        .and_then(|c| c.parse().ok())
        .ok_or_else(|| format!("Line {} has no charge.", line.number))?;
    let units = i64::from(line.units.max(1));
    if total.0 % units != 0 {
        return Err(format!("The charge of line {} cannot be divided by its units.", line.number));
    }
    let mut diagnoses = vec![];
    for pointer in &line.pointers {
        let place = pointer.bytes().next().and_then(|b| b.checked_sub(b'A')).map(usize::from);
        let code = place.and_then(|n| claim.diagnoses.get(n)).ok_or("A diagnosis pointer points nowhere.")?;
        diagnoses.push(code.clone());
    }
    if diagnoses.len() > 4 {
        return Err(format!("Line {} points to more than four diagnoses.", line.number));
    }
    let levels: Vec<String> = line.levels.iter().map(ToString::to_string).collect();
    Ok(ChargeWrite {
        code: line.code.clone(),
        modifiers: line.modifiers.clone(),
        units: line.units.max(1),
        amount: Cents(total.0 / units).to_string(),
        diagnoses,
        note: (!levels.is_empty()).then(|| levels.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, compose};
    use iambilly_claim::ids::{ClaimId, RevisionId};
    use iambilly_claim::{Findings, Phi};
    use iambilly_emr::{ConnectionConfig, WriteKind};
    use iambilly_store::ClaimRevision;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn revision(frequency: &str) -> ClaimRevision {
        let claim = json!({"claim_id": "c", "payer": {"id": "medicare"}, "frequency": frequency,
            "diagnoses": ["M48.062"], "rendering_provider": {"npi": "1245319599"},
            "lines": [{"number": 1, "code": "63047", "units": 1, "charge": "2870.50", "pointers": ["A"]}]});
        let coding = json!({"dos": "2026-02-02", "payer": "medicare", "diagnoses": [], "lines": [],
            "not_billed": [], "queries": [], "alternatives": []});
        ClaimRevision {
            id: RevisionId::new(Uuid::nil()),
            claim_id: ClaimId::new(Uuid::nil()),
            number: 1,
            coding: serde_json::from_value(coding).unwrap(),
            claim: serde_json::from_value(claim).unwrap(),
            findings: Findings::of(vec![]),
            transcript: None,
            drafted_by: "rules".to_owned(),
            content_sha256: String::new(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// What goes, and every sentence of what stays.
    fn planned(frequency: &str, vendor: &str, more: Value) -> (Vec<WriteKind>, String) {
        let mut config = json!({"vendor": vendor, "base_url": "https://x/", "sign_in": "open",
            "department_id": "1", "provider_id": "71"});
        for (name, value) in more.as_object().unwrap() {
            config[name] = value.clone();
        }
        let config: ConnectionConfig = serde_json::from_value(config).unwrap();
        let (patient, encounter) = (Phi::new("p1".to_owned()), Some("e1".to_owned()).into());
        let place = Place { config: &config, patient: &patient, encounter: &encounter };
        let (goes, stays) = compose(&revision(frequency), None, &place);
        let said = stays.iter().map(|l| format!("{}: {} {}\n", l.what, l.why, l.instead)).collect();
        (goes.iter().map(|c| c.write.kind()).collect(), said)
    }

    #[test]
    fn a_claim_goes_where_it_is_taken_and_no_correction_goes_as_a_second_claim() {
        let (goes, _) = planned("1", "athena_one", json!({}));
        assert_eq!(goes, [WriteKind::Claim]);
        for (frequency, what) in [("7", "The corrected claim"), ("8", "The void")] {
            let (goes, said) = planned(frequency, "athena_one", json!({}));
            assert!(goes.is_empty() && said.contains(what) && said.contains("837P"), "{said}");
        }
        let (goes, said) = planned("7", "epic", json!({}));
        assert!(goes == [WriteKind::Problem] && said.contains("837P"), "{said}");
        let (goes, said) = planned("8", "epic", json!({}));
        assert!(goes.is_empty() && said.contains("nothing of it belongs into the chart"), "{said}");
    }

    #[test]
    fn nobodys_claim_goes_under_another_surgeon() {
        let (goes, _) = planned("1", "athena_one", json!({"providers": {"1245319599": "72"}}));
        assert_eq!(goes, [WriteKind::Claim]);
        let (goes, said) = planned("1", "athena_one", json!({"providers": {"1999999984": "73"}}));
        assert!(goes.is_empty() && said.contains("surgeon") && said.contains("837P"), "{said}");
    }
}
