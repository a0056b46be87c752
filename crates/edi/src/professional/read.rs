//! An 837P back into claims: what was written can be told again, and files can be compared by content.

use super::VERSION;
use super::model::{
    BillingProvider, Demographics, Dependent, Filing, MedicareSecondary, Party, Payer, Person, Place,
    ProfessionalClaim, Relationship, Sequence, Sex, Subscriber,
};
use super::read_claim::Claim;
use crate::error::{EdiError, Problem};
use crate::text::{Npi, TaxId, Taxonomy, Text, read_date};
use crate::x12::{Segment, SegmentReader};

/// What an 837P says, as far as this program writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Control number of the interchange.
    pub control: String,
    /// The claims in the file's order.
    pub claims: Vec<ProfessionalClaim>,
}

/// Reads an 837P.
///
/// # Errors
/// Where it is refused and why.
pub fn read_batch(source: impl std::io::Read) -> Result<Claims, EdiError> {
    let mut reader = SegmentReader::new(source);
    let mut file =
        File { control: String::new(), closed: false, levels: Levels::default(), open: None, claims: vec![] };
    while let Some(segment) = reader.next_segment()? {
        file.take(segment)?;
    }
    if !file.closed {
        return Err(reader.refuse(Problem::Truncated));
    }
    Ok(Claims { control: file.control, claims: file.claims })
}

struct File {
    control: String,
    closed: bool,
    levels: Levels,
    open: Option<Claim>,
    claims: Vec<ProfessionalClaim>,
}

impl File {
    fn take(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        let version =
            || s.refuse(Problem::Version { expected: "professional claim file (837P 005010X222A1)" });
        match s.id() {
            "ISA" => {
                self.control = s.element(13).to_owned();
                self.closed = false;
                return Ok(());
            }
            "GS" if s.element(1) != "HC" || s.element(8) != VERSION => return Err(version()),
            "ST" if s.element(1) != "837" => return Err(version()),
            "HL" | "SE" | "CLM" => {
                if let Some(claim) = self.open.take() {
                    self.claims.push(claim.finish(s)?);
                }
            }
            "IEA" => self.closed = true,
            _ => {}
        }
        if s.id() == "CLM" {
            self.open = Some(Claim::begin(s, self.levels.claim(s)?)?);
            return Ok(());
        }
        match &mut self.open {
            Some(claim) => claim.take(s),
            None => self.levels.take(s),
        }
    }
}

/// Text as it stands.
pub(super) fn text(written: &str) -> Option<Text> {
    Text::of(written, usize::MAX).ok()
}

pub(super) fn person(s: Segment<'_>) -> Result<Person, EdiError> {
    Ok(Person {
        last: s.parsed(3, "NM103", text)?,
        first: text(s.element(4)),
        middle: text(s.element(5)),
        suffix: text(s.element(7)),
    })
}

pub(super) fn payer(s: Segment<'_>) -> Result<Payer, EdiError> {
    Ok(Payer { name: s.parsed(3, "NM103", text)?, id: s.parsed(9, "NM109", text)?, address: None })
}

/// An address of two segments.
#[derive(Default)]
pub(super) struct Street(Option<(Text, Option<Text>)>);

impl Street {
    pub(super) fn street(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        self.0 = Some((s.parsed(1, "N301", text)?, text(s.element(2))));
        Ok(())
    }
    pub(super) fn city(&mut self, s: Segment<'_>) -> Result<Place, EdiError> {
        let (street, second) =
            self.0.take().ok_or_else(|| s.refuse(Problem::Unexpected { expected: "a street (N3)" }))?;
        Ok(Place {
            street,
            second,
            city: s.parsed(1, "N401", text)?,
            state: s.parsed(2, "N402", text)?,
            zip: s.parsed(3, "N403", text)?,
        })
    }
}

#[derive(Default, Clone, Copy, PartialEq)]
enum About {
    #[default]
    Nobody,
    Billing,
    PayTo,
    Insured,
    Payer,
    Patient,
}

/// What stands above a claim: who bills, the insured, the payer, the patient.
#[derive(Default)]
struct Levels {
    about: About,
    street: Street,
    taxonomy: Option<Taxonomy>,
    biller: Option<(Party, Npi)>,
    biller_place: Option<Place>,
    pay_to: Option<Place>,
    tax_id: Option<TaxId>,
    coverage: Option<(Sequence, Filing)>,
    groups: (Option<Text>, Option<Text>, Option<MedicareSecondary>),
    insured: Option<(Person, Text)>,
    insured_place: Option<Place>,
    insured_demographics: Option<Demographics>,
    payer: Option<Payer>,
    relationship: Option<Relationship>,
    patient: Option<Person>,
    patient_place: Option<Place>,
    patient_demographics: Option<Demographics>,
}

impl Levels {
    fn take(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        match s.id() {
            "HL" => self.level(s.element(3)),
            "PRV" => self.taxonomy = Taxonomy::of(s.element(3)),
            "SBR" => {
                self.coverage =
                    Some((s.parsed(1, "SBR01", Sequence::of)?, s.parsed(9, "SBR09", Filing::of)?));
                self.groups = (text(s.element(3)), text(s.element(4)), MedicareSecondary::of(s.element(5)));
            }
            "PAT" => self.relationship = Some(s.parsed(1, "PAT01", Relationship::of)?),
            "NM1" => self.name(s)?,
            "N3" => self.street.street(s)?,
            "N4" => {
                let place = Some(self.street.city(s)?);
                match self.about {
                    About::Billing => self.biller_place = place,
                    About::PayTo => self.pay_to = place,
                    About::Insured => self.insured_place = place,
                    About::Patient => self.patient_place = place,
                    About::Payer => {
                        if let Some(payer) = &mut self.payer {
                            payer.address = place;
                        }
                    }
                    About::Nobody => {}
                }
            }
            "DMG" => {
                let birth = s.parsed(2, "DMG02", read_date)?.into();
                let of = Some(Demographics { birth, sex: s.parsed(3, "DMG03", Sex::of)? });
                if self.about == About::Patient {
                    self.patient_demographics = of
                } else {
                    self.insured_demographics = of
                }
            }
            "REF" if self.about == About::Billing => {
                let digits = s.element(2);
                let digits: String = if s.element(1) == "SY" {
                    let part = |range| digits.get(range).unwrap_or_default();
                    format!("{}-{}-{}", part(0..3), part(3..5), part(5..9))
                } else {
                    digits.to_owned()
                };
                self.tax_id =
                    Some(TaxId::of(&digits).ok_or_else(|| s.refuse(Problem::Element { name: "REF02" }))?);
            }
            _ => {}
        }
        Ok(())
    }

    /// A new level keeps what stands above it.
    fn level(&mut self, kind: &str) {
        self.about = About::Nobody;
        (self.relationship, self.patient, self.patient_place, self.patient_demographics) =
            (None, None, None, None);
        if kind != "23" {
            (self.coverage, self.insured, self.insured_place, self.insured_demographics) =
                (None, None, None, None);
            self.payer = None;
        }
        if kind == "20" {
            (self.taxonomy, self.biller, self.biller_place, self.tax_id) = (None, None, None, None);
            self.pay_to = None;
        }
    }

    fn name(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        self.about = match s.element(1) {
            "85" => {
                let party = if s.element(2) == "1" {
                    Party::Person(person(s)?)
                } else {
                    Party::Organisation(s.parsed(3, "NM103", text)?)
                };
                self.biller = Some((party, s.parsed(9, "NM109", Npi::of)?));
                About::Billing
            }
            "87" => About::PayTo,
            "IL" => {
                self.insured = Some((person(s)?, s.parsed(9, "NM109", text)?));
                About::Insured
            }
            "PR" => {
                self.payer = Some(payer(s)?);
                About::Payer
            }
            "QC" => {
                self.patient = Some(person(s)?);
                About::Patient
            }
            _ => About::Nobody,
        };
        Ok(())
    }

    /// What a claim takes from the levels above it.
    fn claim(&self, s: Segment<'_>) -> Result<Above, EdiError> {
        let missing = |expected| s.refuse(Problem::Unexpected { expected });
        let (name, npi) = self.biller.clone().ok_or_else(|| missing("a billing provider"))?;
        let (insured, member_id) = self.insured.clone().ok_or_else(|| missing("an insured"))?;
        let (sequence, filing) = self.coverage.ok_or_else(|| missing("a coverage (SBR)"))?;
        let dependent = match self.relationship {
            None => None,
            Some(relationship) => Some(Dependent {
                relationship,
                name: self.patient.clone().ok_or_else(|| missing("a patient"))?,
                address: self.patient_place.clone().ok_or_else(|| missing("the patient's address"))?,
                demographics: self
                    .patient_demographics
                    .clone()
                    .ok_or_else(|| missing("the patient's birth"))?,
            }),
        };
        Ok(Above {
            billing: BillingProvider {
                name,
                npi,
                tax_id: self.tax_id.clone().ok_or_else(|| missing("a tax number"))?,
                taxonomy: self.taxonomy.clone(),
                address: self.biller_place.clone().ok_or_else(|| missing("the biller's address"))?,
                pay_to: self.pay_to.clone(),
            },
            sequence,
            filing,
            payer: self.payer.clone().ok_or_else(|| missing("a payer"))?,
            subscriber: Subscriber {
                name: insured,
                member_id,
                group_number: self.groups.0.clone(),
                group_name: self.groups.1.clone(),
                address: self.insured_place.clone(),
                demographics: self.insured_demographics.clone(),
                medicare_secondary: self.groups.2,
            },
            dependent,
        })
    }
}

/// What stands above a claim in the file.
pub(super) struct Above {
    pub(super) billing: BillingProvider,
    pub(super) sequence: Sequence,
    pub(super) filing: Filing,
    pub(super) payer: Payer,
    pub(super) subscriber: Subscriber,
    pub(super) dependent: Option<Dependent>,
}
