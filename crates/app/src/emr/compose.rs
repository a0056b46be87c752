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
    Ok(ClaimWrite { patient: place.patient.clone(), date: day, charges })
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
