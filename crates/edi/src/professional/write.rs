//! Claims into an 837P. The same claims, control number and time give the same bytes.

use super::VERSION;
use super::adjudication::write_adjustments;
use super::model::{
    Demographics, Dependent, Line, LineDecision, OtherCoverage, Party, Payer, Person, Place, Practitioner,
    ProfessionalClaim, Relationship, Subscriber,
};
use crate::error::{EdiError, Lack};
use crate::text::{self, Text, Unfit};
use crate::x12::writer::composite;
use crate::x12::{Envelope, Parties, SegmentWriter, Usage};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// Who sends the claims (loop 1000A).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submitter {
    /// Name of the clinic or billing office.
    pub name: String,
    /// The id the receiver gave it.
    pub id: String,
    /// Who is asked about a file.
    pub contact: String,
    /// Telephone, ten digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Who receives them and under which ids (loop 1000B and the envelope): a clearinghouse or a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correspondent {
    /// The clinic's name for it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its id in the claims (NM1*40).
    pub receiver_id: String,
    /// The ids on the envelope.
    pub parties: Parties,
    /// Trial or production.
    #[serde(default)]
    pub usage: Usage,
    /// The clinic's payers it takes claims for; empty: all.
    #[serde(default)]
    pub payers: Vec<String>,
}

/// Claims that leave in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Who sends.
    pub submitter: Submitter,
    /// Who receives.
    pub receiver: Correspondent,
    /// Control number of the interchange, the group and (with a running number) the transactions.
    pub control: u32,
    /// When it is written, by the caller's clock.
    pub at: DateTime,
    /// The claims.
    pub claims: Vec<ProfessionalClaim>,
}

/// Claims in one transaction at most: what the guide recommends.
pub const CLAIMS_A_TRANSACTION: usize = 5000;

/// Writes an interchange.
///
/// # Errors
/// [`EdiError::Lacks`] where submitter or receiver cannot stand in the file, or there is no claim.
pub fn write_batch(batch: &Batch) -> Result<Vec<u8>, EdiError> {
    let ends = Ends::of(batch)?;
    let mut claims: Vec<&ProfessionalClaim> = batch.claims.iter().collect();
    // Claims of one biller stand together; the order of the caller otherwise.
    claims.sort_by(|a, b| key(a).cmp(&key(b)));
    let envelope = Envelope {
        parties: ends.parties.clone(),
        at: batch.at,
        control: batch.control,
        usage: batch.receiver.usage,
    };
    Ok(envelope.around("HC", VERSION, |out| {
        let transactions = claims.chunks(CLAIMS_A_TRANSACTION);
        let count = transactions.len();
        for (claims, number) in transactions.zip(1u32..) {
            transaction(out, &ends, batch, number, claims);
        }
        count
    }))
}

fn key(claim: &ProfessionalClaim) -> (&str, &str) {
    (claim.billing.npi.as_str(), claim.billing.tax_id.as_str())
}

/// Submitter and receiver as they stand in the file.
struct Ends {
    parties: Parties,
    submitter: [Text; 3],
    contact: Vec<(&'static str, String)>,
    receiver: [Text; 2],
}

impl Ends {
    fn of(batch: &Batch) -> Result<Self, EdiError> {
        let mut lacks: Vec<Lack> = vec![];
        let mut lack = |says: String| lacks.push(Lack { item: "settings".to_owned(), says });
        let mut text = |what: &str, written: &str, most: usize| match Text::of(written, most) {
            Ok(text) => Some(text),
            Err(unfit) => {
                lack(match unfit {
                    Unfit::Empty => format!("{what} is missing in the exchange settings."),
                    Unfit::Letters => format!("{what} has letters that X12 does not have."),
                    Unfit::Long(most) => format!("{what} is longer than {most} characters."),
                });
                None
            }
        };
        let (s, r) = (&batch.submitter, &batch.receiver);
        let name = text("the submitter's name", &s.name, 60);
        let id = text("the submitter's id", &s.id, 80);
        let contact_name = text("the submitter's contact", &s.contact, 60);
        let to = text("the receiver's name", &r.name, 60);
        let to_id = text("the receiver's id", &r.receiver_id, 80);
        let sender = text("the sender's id on the envelope", &r.parties.sender, 15);
        let receiver = text("the receiver's id on the envelope", &r.parties.receiver, 15);
        let mut contact = vec![];
        if let Some(phone) = &s.phone {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            if digits.len() == 10 {
                contact.push(("TE", digits));
            } else {
                lack("the submitter's telephone has not ten digits.".to_owned());
            }
        }
        if let Some(email) = &s.email {
            match Text::of(email, 80) {
                Ok(email) => contact.push(("EM", email.as_str().to_owned())),
                Err(_) => lack("the submitter's e-mail cannot stand in the file.".to_owned()),
            }
        }
        if contact.is_empty() {
            lack("the submitter needs a telephone or an e-mail.".to_owned());
        }
        for qualifier in [&r.parties.sender_qualifier, &r.parties.receiver_qualifier] {
            if !["01", "14", "20", "27", "28", "29", "30", "33", "ZZ"].contains(&qualifier.as_str()) {
                lack("a qualifier on the envelope is one of 01, 14, 20, 27, 28, 29, 30, 33, ZZ.".to_owned());
            }
        }
        if batch.claims.is_empty() {
            lack("there is no claim to send.".to_owned());
        }
        if !(1..=999_999_999).contains(&batch.control) {
            lack("the control number is not one of nine digits.".to_owned());
        }
        match (name, id, contact_name, to, to_id, sender, receiver) {
            (Some(name), Some(id), Some(who), Some(to), Some(to_id), Some(sender), Some(receiver))
                if lacks.is_empty() =>
            {
                Ok(Self {
                    parties: Parties {
                        sender: sender.as_str().to_owned(),
                        receiver: receiver.as_str().to_owned(),
                        ..r.parties.clone()
                    },
                    submitter: [name, id, who],
                    contact,
                    receiver: [to, to_id],
                })
            }
            _ => Err(EdiError::Lacks(lacks)),
        }
    }
}

fn transaction(
    out: &mut SegmentWriter,
    ends: &Ends,
    batch: &Batch,
    number: u32,
    claims: &[&ProfessionalClaim],
) {
    let before = out.segments();
    let control = format!("{number:04}");
    out.segment("ST", &["837", &control, VERSION]);
    let reference = format!("{:09}{control}", batch.control);
    let (date, time) = (text::date(batch.at.date()), text::time(batch.at.time()));
    out.segment("BHT", &["0019", "00", &reference, &date, &time, "CH"]);
    let [name, id, contact] = &ends.submitter;
    out.segment("NM1", &["41", "2", name.as_str(), "", "", "", "", "46", id.as_str()]);
    let mut per = vec!["IC", contact.as_str()];
    per.extend(ends.contact.iter().flat_map(|(kind, value)| [*kind, value.as_str()]));
    out.segment("PER", &per);
    let [name, id] = &ends.receiver;
    out.segment("NM1", &["40", "2", name.as_str(), "", "", "", "", "46", id.as_str()]);
    let (mut level, mut biller): (usize, Option<(usize, &ProfessionalClaim)>) = (0, None);
    for claim in claims {
        let parent = match biller {
            Some((parent, of)) if of.billing == claim.billing => parent,
            _ => {
                level += 1;
                out.segment("HL", &[&level.to_string(), "", "20", "1"]);
                billing(out, claim);
                biller = Some((level, claim));
                level
            }
        };
        level += 1;
        let child = if claim.dependent.is_some() { "1" } else { "0" };
        out.segment("HL", &[&level.to_string(), &parent.to_string(), "22", child]);
        subscriber(out, claim);
        if let Some(patient) = &claim.dependent {
            let above = level.to_string();
            level += 1;
            out.segment("HL", &[&level.to_string(), &above, "23", "0"]);
            dependent(out, patient);
        }
        claim_information(out, claim);
    }
    let count = (out.segments() - before + 1).to_string();
    out.segment("SE", &[&count, &control]);
}

fn opt(text: Option<&Text>) -> &str {
    text.map_or("", Text::as_str)
}

fn person(out: &mut SegmentWriter, entity: &str, name: &Person, qualifier: &str, id: &str) {
    let (first, middle) = (opt(name.first.as_ref()), opt(name.middle.as_ref()));
    out.segment(
        "NM1",
        &[entity, "1", name.last.as_str(), first, middle, "", opt(name.suffix.as_ref()), qualifier, id],
    );
}

fn organisation(out: &mut SegmentWriter, entity: &str, name: &Text, qualifier: &str, id: &str) {
    out.segment("NM1", &[entity, "2", name.as_str(), "", "", "", "", qualifier, id]);
}

fn place(out: &mut SegmentWriter, place: &Place) {
    out.segment("N3", &[place.street.as_str(), opt(place.second.as_ref())]);
    out.segment("N4", &[place.city.as_str(), place.state.as_str(), place.zip.as_str()]);
}

fn demographics(out: &mut SegmentWriter, of: &Demographics) {
    out.segment("DMG", &["D8", &text::date(*of.birth.expose()), of.sex.code()]);
}

fn billing(out: &mut SegmentWriter, claim: &ProfessionalClaim) {
    let of = &claim.billing;
    if let Some(taxonomy) = &of.taxonomy {
        out.segment("PRV", &["BI", "PXC", taxonomy.as_str()]);
    }
    match &of.name {
        Party::Person(name) => person(out, "85", name, "XX", of.npi.as_str()),
        Party::Organisation(name) => organisation(out, "85", name, "XX", of.npi.as_str()),
    }
    place(out, &of.address);
    out.segment("REF", &[if of.tax_id.person { "SY" } else { "EI" }, of.tax_id.as_str()]);
    if let Some(pay_to) = &of.pay_to {
        out.segment("NM1", &["87", "2"]);
        place(out, pay_to);
    }
}

fn payer(out: &mut SegmentWriter, of: &Payer) {
    organisation(out, "PR", &of.name, "PI", of.id.as_str());
    if let Some(address) = &of.address {
        place(out, address);
    }
}

fn subscriber(out: &mut SegmentWriter, claim: &ProfessionalClaim) {
    let of: &Subscriber = &claim.subscriber;
    out.segment(
        "SBR",
        &[
            claim.sequence.code(),
            if claim.dependent.is_some() { "" } else { "18" },
            opt(of.group_number.as_ref()),
            opt(of.group_name.as_ref()),
            of.medicare_secondary.map_or("", |m| m.code()),
            "",
            "",
            "",
            claim.filing.code(),
        ],
    );
    person(out, "IL", &of.name, "MI", of.member_id.as_str());
    if let Some(address) = &of.address {
        place(out, address);
    }
    if let Some(of) = &of.demographics {
        demographics(out, of);
    }
    payer(out, &claim.payer);
}

fn dependent(out: &mut SegmentWriter, of: &Dependent) {
    out.segment("PAT", &[of.relationship.code()]);
    person(out, "QC", &of.name, "", "");
    place(out, &of.address);
    demographics(out, &of.demographics);
}

fn claim_information(out: &mut SegmentWriter, claim: &ProfessionalClaim) {
    let related = &claim.related;
    let causes = [(related.auto, "AA"), (related.employment, "EM"), (related.other, "OA")];
    let mut cause: Vec<&str> = causes.iter().filter(|(there, _)| *there).map(|(_, code)| *code).collect();
    if let Some(state) = &related.state {
        cause.resize(3, "");
        cause.push(state.as_str());
    }
    out.segment(
        "CLM",
        &[
            claim.control.as_str(),
            &text::amount(claim.total()),
            "",
            "",
            &composite(&[claim.place.as_str(), "B", claim.frequency.code()]),
            "Y",
            claim.assignment.code(),
            if claim.benefits_assigned { "Y" } else { "N" },
            if claim.release_on_file { "Y" } else { "I" },
            "",
            &composite(&cause),
        ],
    );
    let mut day = |qualifier: &str, date: Option<jiff::civil::Date>| {
        if let Some(date) = date {
            out.segment("DTP", &[qualifier, "D8", &text::date(date)]);
        }
    };
    day("431", claim.onset.as_ref().map(|d| *d.expose()));
    day("439", related.date.as_ref().map(|d| *d.expose()));
    day("435", claim.admission.as_ref().map(|d| *d.expose()));
    day("096", claim.discharge.as_ref().map(|d| *d.expose()));
    for attachment in &claim.attachments {
        let control = opt(attachment.control.as_ref());
        let qualifier = if control.is_empty() { "" } else { "AC" };
        out.segment(
            "PWK",
            &[attachment.kind.code(), attachment.transmission.code(), "", "", qualifier, control],
        );
    }
    if let Some(paid) = claim.patient_paid {
        out.segment("AMT", &["F5", &text::amount(paid)]);
    }
    let references = [
        ("9F", &claim.referral),
        ("G1", &claim.authorisation),
        ("F8", &claim.original),
        ("EA", &claim.record),
    ];
    for (qualifier, reference) in references {
        if let Some(reference) = reference {
            out.segment("REF", &[qualifier, reference.as_str()]);
        }
    }
    if let Some(note) = &claim.note {
        out.segment("NTE", &["ADD", note.as_str()]);
    }
    let codes: Vec<String> = claim
        .diagnoses
        .iter()
        .enumerate()
        .map(|(at, code)| composite(&[if at == 0 { "ABK" } else { "ABF" }, &code.as_str().replace('.', "")]))
        .collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    out.segment("HI", &codes);
    practitioner(out, "DN", claim.referring.as_ref());
    practitioner(out, "82", claim.rendering.as_ref());
    rendering_taxonomy(out, claim.rendering.as_ref());
    if let Some(facility) = &claim.facility {
        let npi = facility.npi.as_ref().map_or("", |n| n.as_str());
        organisation(out, "77", &facility.name, if npi.is_empty() { "" } else { "XX" }, npi);
        place(out, &facility.address);
    }
    practitioner(out, "DQ", claim.supervising.as_ref());
    for coverage in &claim.others {
        other_coverage(out, claim, coverage);
    }
    for (line, number) in claim.lines.iter().zip(1..) {
        service_line(out, line, number);
    }
}

fn practitioner(out: &mut SegmentWriter, entity: &str, of: Option<&Practitioner>) {
    if let Some(of) = of {
        person(out, entity, &of.name, "XX", of.npi.as_str());
    }
}

fn rendering_taxonomy(out: &mut SegmentWriter, of: Option<&Practitioner>) {
    if let Some(taxonomy) = of.and_then(|r| r.taxonomy.as_ref()) {
        out.segment("PRV", &["PE", "PXC", taxonomy.as_str()]);
    }
}

fn other_coverage(out: &mut SegmentWriter, claim: &ProfessionalClaim, of: &OtherCoverage) {
    let group = opt(of.group_number.as_ref());
    let relationship = of.relationship.map_or("18", Relationship::code);
    out.segment(
        "SBR",
        &[
            of.sequence.code(),
            relationship,
            group,
            opt(of.group_name.as_ref()),
            "",
            "",
            "",
            "",
            of.filing.code(),
        ],
    );
    write_adjustments(out, &of.adjustments);
    if let Some(paid) = of.paid {
        out.segment("AMT", &["D", &text::amount(paid)]);
    }
    let yes = |there: bool, no: &'static str| if there { "Y" } else { no };
    out.segment("OI", &["", "", yes(claim.benefits_assigned, "N"), "", "", yes(claim.release_on_file, "I")]);
    person(out, "IL", &of.insured, "MI", of.member_id.as_str());
    payer(out, &of.payer);
    // Where lines carry the decision, its date stands there.
    let by_line = claim.lines.iter().flat_map(|l| &l.decisions).any(|d| d.payer == of.payer.id);
    if let Some(decided) = of.decided.filter(|_| !by_line) {
        out.segment("DTP", &["573", "D8", &text::date(decided)]);
    }
}

fn procedure(line: &Line) -> Vec<&str> {
    let mut parts = vec!["HC", line.code.as_str()];
    parts.extend(line.modifiers.iter().map(iambilly_claim::Modifier::as_str));
    parts
}

fn service_line(out: &mut SegmentWriter, line: &Line, number: usize) {
    out.segment("LX", &[&number.to_string()]);
    let mut code = procedure(line);
    if let Some(description) = &line.description {
        code.resize(6, "");
        code.push(description.as_str());
    }
    let pointers: Vec<String> = line.pointers.iter().map(u8::to_string).collect();
    let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
    out.segment(
        "SV1",
        &[
            &composite(&code),
            &text::amount(line.charge),
            "UN",
            &line.units.to_string(),
            opt(line.place.as_ref()),
            "",
            &composite(&pointers),
        ],
    );
    let from = text::date(*line.from.expose());
    match &line.to {
        Some(to) => out.segment("DTP", &["472", "RD8", &format!("{from}-{}", text::date(*to.expose()))]),
        None => out.segment("DTP", &["472", "D8", &from]),
    }
    out.segment("REF", &["6R", line.control.as_str()]);
    if let Some(note) = &line.note {
        out.segment("NTE", &["ADD", note.as_str()]);
    }
    practitioner(out, "82", line.rendering.as_ref());
    rendering_taxonomy(out, line.rendering.as_ref());
    for decision in &line.decisions {
        line_decision(out, line, decision);
    }
}

fn line_decision(out: &mut SegmentWriter, line: &Line, of: &LineDecision) {
    let code = composite(&procedure(line));
    out.segment("SVD", &[of.payer.as_str(), &text::amount(of.paid), &code, "", &of.units.to_string()]);
    write_adjustments(out, &of.adjustments);
    out.segment("DTP", &["573", "D8", &text::date(of.decided)]);
}
