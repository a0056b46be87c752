//! The claim itself (loops 2300 to 2430) out of a file.

use super::adjudication::read_adjustments;
use super::model::{
    Assignment, Attachment, AttachmentKind, Filing, Frequency, Line, LineDecision, OtherCoverage, Payer,
    Person, Practitioner, ProfessionalClaim, RelatedTo, Relationship, Sequence, ServiceFacility,
    Transmission,
};
use super::read::{Above, Street, payer, person, text};
use crate::error::{EdiError, Problem};
use crate::text::{Npi, Taxonomy, Text, read_amount, read_date};
use crate::x12::Segment;
use iambilly_claim::money::Cents;
use iambilly_claim::{DiagnosisCode, Modifier, ProcedureCode};
use jiff::civil::Date;

/// A claim whose segments are being read.
pub(super) struct Claim {
    claim: ProfessionalClaim,
    stated: Cents,
    street: Street,
    /// The facility before its address is there.
    facility: Option<(Text, Option<Npi>)>,
    other: Option<Other>,
    in_payer: bool,
    line: Option<Line>,
}

/// Another coverage before all of it is there.
struct Other {
    sequence: Sequence,
    relationship: Option<Relationship>,
    group_number: Option<Text>,
    group_name: Option<Text>,
    filing: Filing,
    insured: Option<(Person, Text)>,
    payer: Option<Payer>,
    paid: Option<Cents>,
    decided: Option<Date>,
    adjustments: Vec<super::adjudication::Adjustment>,
}

fn units(written: &str) -> Option<u32> {
    read_amount(written).filter(|u| u.0 % 100 == 0).and_then(|u| u32::try_from(u.0 / 100).ok())
}

/// `M48062` with its dot.
fn diagnosis(written: &str) -> Option<DiagnosisCode> {
    let (category, rest) = (written.get(..3)?, written.get(3..)?);
    if rest.is_empty() { category.parse().ok() } else { format!("{category}.{rest}").parse().ok() }
}

impl Claim {
    pub(super) fn begin(s: Segment<'_>, above: Above) -> Result<Self, EdiError> {
        let causes: Vec<&str> = s.components(11).collect();
        let because = |code| causes.iter().take(3).any(|c| *c == code);
        let claim = ProfessionalClaim {
            control: s.parsed(1, "CLM01", text)?,
            billing: above.billing,
            sequence: above.sequence,
            filing: above.filing,
            payer: above.payer,
            subscriber: above.subscriber,
            dependent: above.dependent,
            place: text(s.component(5, 1)).ok_or_else(|| s.refuse(Problem::Element { name: "CLM05" }))?,
            frequency: Frequency::of(s.component(5, 3))
                .ok_or_else(|| s.refuse(Problem::Element { name: "CLM05" }))?,
            assignment: s.parsed(7, "CLM07", Assignment::of)?,
            benefits_assigned: s.element(8) == "Y",
            release_on_file: s.element(9) == "Y",
            related: RelatedTo {
                employment: because("EM"),
                auto: because("AA"),
                other: because("OA"),
                state: causes.get(3).and_then(|state| text(state)),
                date: None,
            },
            onset: None,
            admission: None,
            discharge: None,
            attachments: vec![],
            patient_paid: None,
            referral: None,
            authorisation: None,
            original: None,
            record: None,
            note: None,
            diagnoses: vec![],
            referring: None,
            rendering: None,
            facility: None,
            supervising: None,
            others: vec![],
            lines: vec![],
        };
        let stated = s.parsed(2, "CLM02", read_amount)?;
        Ok(Self {
            claim,
            stated,
            street: Street::default(),
            facility: None,
            other: None,
            in_payer: false,
            line: None,
        })
    }

    /// The claim, with all its segments read; `s` is the one after them.
    pub(super) fn finish(mut self, s: Segment<'_>) -> Result<ProfessionalClaim, EdiError> {
        self.finish_other(s)?;
        self.claim.lines.extend(self.line.take());
        if self.claim.total() != self.stated {
            return Err(s.refuse(Problem::Trailer { name: "CLM02" }));
        }
        Ok(self.claim)
    }

    fn finish_other(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        let Some(other) = self.other.take() else { return Ok(()) };
        let missing = || s.refuse(Problem::Unexpected { expected: "the other coverage's insured and payer" });
        let (insured, member_id) = other.insured.ok_or_else(missing)?;
        self.claim.others.push(OtherCoverage {
            sequence: other.sequence,
            relationship: other.relationship,
            group_number: other.group_number,
            group_name: other.group_name,
            filing: other.filing,
            insured,
            member_id,
            payer: other.payer.ok_or_else(missing)?,
            paid: other.paid,
            decided: other.decided,
            adjustments: other.adjustments,
        });
        Ok(())
    }

    pub(super) fn take(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        match s.id() {
            "LX" => {
                self.finish_other(s)?;
                self.claim.lines.extend(self.line.take());
            }
            "SBR" => {
                self.finish_other(s)?;
                self.in_payer = false;
                self.other = Some(Other {
                    sequence: s.parsed(1, "SBR01", Sequence::of)?,
                    relationship: Relationship::of(s.element(2)),
                    group_number: text(s.element(3)),
                    group_name: text(s.element(4)),
                    filing: s.parsed(9, "SBR09", Filing::of)?,
                    insured: None,
                    payer: None,
                    paid: None,
                    decided: None,
                    adjustments: vec![],
                });
            }
            "SV1" => self.line = Some(line(s)?),
            "DTP" => self.date(s)?,
            "REF" => self.reference(s),
            "NTE" => {
                let note = text(s.element(2));
                if let Some(line) = &mut self.line { line.note = note } else { self.claim.note = note }
            }
            "AMT" if s.element(1) == "F5" => {
                self.claim.patient_paid = Some(s.parsed(2, "AMT02", read_amount)?)
            }
            "AMT" if s.element(1) == "D" => {
                let paid = s.parsed(2, "AMT02", read_amount)?;
                if let Some(other) = &mut self.other {
                    other.paid = Some(paid);
                }
            }
            "PWK" => self.claim.attachments.push(Attachment {
                kind: s.parsed(1, "PWK01", AttachmentKind::of)?,
                transmission: s.parsed(2, "PWK02", Transmission::of)?,
                control: text(s.element(6)),
            }),
            "HI" => {
                for element in 1..=s.elements() {
                    let code = diagnosis(s.component(element, 2));
                    self.claim
                        .diagnoses
                        .push(code.ok_or_else(|| s.refuse(Problem::Element { name: "HI01" }))?);
                }
            }
            "NM1" => self.name(s)?,
            "PRV" => {
                let of = self.line.as_mut().map_or(&mut self.claim.rendering, |l| &mut l.rendering);
                if let Some(rendering) = of {
                    rendering.taxonomy = Taxonomy::of(s.element(3));
                }
            }
            "N3" => self.street.street(s)?,
            "N4" => {
                let address = self.street.city(s)?;
                if let Some(payer) =
                    self.other.as_mut().filter(|_| self.in_payer).and_then(|o| o.payer.as_mut())
                {
                    payer.address = Some(address);
                } else if let Some((name, npi)) = self.facility.take() {
                    self.claim.facility = Some(ServiceFacility { name, npi, address });
                }
            }
            "SVD" => {
                let decision = LineDecision {
                    payer: s.parsed(1, "SVD01", text)?,
                    paid: s.parsed(2, "SVD02", read_amount)?,
                    units: s.parsed(5, "SVD05", units)?,
                    adjustments: vec![],
                    decided: Date::MIN,
                };
                if let Some(line) = &mut self.line {
                    line.decisions.push(decision);
                }
            }
            "CAS" => {
                let decision =
                    self.line.as_mut().and_then(|l| l.decisions.last_mut()).map(|d| &mut d.adjustments);
                if let Some(into) = decision.or(self.other.as_mut().map(|o| &mut o.adjustments)) {
                    read_adjustments(s, into)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn name(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        let practitioner = || -> Result<Option<Practitioner>, EdiError> {
            Ok(Some(Practitioner { name: person(s)?, npi: s.parsed(9, "NM109", Npi::of)?, taxonomy: None }))
        };
        match s.element(1) {
            "DN" => self.claim.referring = practitioner()?,
            "82" => match &mut self.line {
                Some(line) => line.rendering = practitioner()?,
                None => self.claim.rendering = practitioner()?,
            },
            "DQ" => self.claim.supervising = practitioner()?,
            "77" => self.facility = Some((s.parsed(3, "NM103", text)?, Npi::of(s.element(9)))),
            "IL" => {
                let insured = (person(s)?, s.parsed(9, "NM109", text)?);
                if let Some(other) = &mut self.other {
                    other.insured = Some(insured);
                }
            }
            "PR" => {
                let payer = payer(s)?;
                if let Some(other) = &mut self.other {
                    other.payer = Some(payer);
                }
                self.in_payer = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn date(&mut self, s: Segment<'_>) -> Result<(), EdiError> {
        let (first, last) = match s.element(2) {
            "RD8" => s.element(3).split_once('-').unwrap_or_default(),
            _ => (s.element(3), ""),
        };
        let refused = || s.refuse(Problem::Element { name: "DTP03" });
        let date = read_date(first).ok_or_else(refused)?;
        let last = if last.is_empty() { None } else { Some(read_date(last).ok_or_else(refused)?) };
        match (s.element(1), &mut self.line) {
            ("431", None) => self.claim.onset = Some(date.into()),
            ("439", None) => self.claim.related.date = Some(date.into()),
            ("435", None) => self.claim.admission = Some(date.into()),
            ("096", None) => self.claim.discharge = Some(date.into()),
            ("573", None) => {
                if let Some(other) = &mut self.other {
                    other.decided = Some(date);
                }
            }
            ("472", Some(line)) => {
                line.from = date.into();
                line.to = last.map(Into::into);
            }
            ("573", Some(line)) => {
                if let Some(decision) = line.decisions.last_mut() {
                    decision.decided = date;
                    // The coverage's own date stands with the lines then.
                    let of = self.claim.others.iter_mut().find(|o| o.payer.id == decision.payer);
                    if let Some(other) = of {
                        other.decided = Some(date);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn reference(&mut self, s: Segment<'_>) {
        let value = text(s.element(2));
        match (s.element(1), &mut self.line) {
            ("6R", Some(line)) => {
                if let Some(control) = value {
                    line.control = control;
                }
            }
            ("9F", None) => self.claim.referral = value,
            ("G1", None) => self.claim.authorisation = value,
            ("F8", None) => self.claim.original = value,
            ("EA", None) => self.claim.record = value,
            _ => {}
        }
    }
}

fn line(s: Segment<'_>) -> Result<Line, EdiError> {
    let refused = |name| s.refuse(Problem::Element { name });
    let pointers: Option<Vec<u8>> = s.components(7).map(|p| p.parse().ok()).collect();
    let modifiers: Option<Vec<Modifier>> =
        (3..=6).map(|n| s.component(1, n)).filter(|m| !m.is_empty()).map(|m| m.parse().ok()).collect();
    Ok(Line {
        control: text("0").ok_or_else(|| refused("SV101"))?,
        code: s.component(1, 2).parse::<ProcedureCode>().map_err(|_| refused("SV101"))?,
        modifiers: modifiers.ok_or_else(|| refused("SV101"))?,
        description: text(s.component(1, 7)),
        charge: s.parsed(2, "SV102", read_amount)?,
        units: s.parsed(4, "SV104", units)?,
        place: text(s.element(5)),
        pointers: pointers.ok_or_else(|| refused("SV107"))?,
        from: Date::MIN.into(),
        to: None,
        note: None,
        rendering: None,
        decisions: vec![],
    })
}
