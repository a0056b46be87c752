//! From a claim of ours to one that can be sent: parsed whole, or refused with everything it lacks.

use super::collect::{Collect, surname_first};
use super::details::{Coverage, Details};
use super::model::{
    Assignment, Attachment, AttachmentKind, BillingProvider, Dependent, Filing, Frequency, Line,
    LineDecision, MedicareSecondary, OtherCoverage, Party, Payer, ProfessionalClaim, RelatedTo, Relationship,
    Sequence, ServiceFacility, Subscriber, Transmission,
};
use super::scope;
use crate::error::{EdiError, Lack};
use crate::text::{TaxId, Text};
use iambilly_claim::claim::{self, Address, Claim, Provider, ServiceLine};
use iambilly_claim::form::{Insured, QualifiedDate};
use iambilly_claim::money::Cents;
use iambilly_claim::{DiagnosisCode, Modifier, ProcedureCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// A payer as the receiver knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerEntry {
    /// The clinic's name for it, as claims have it, like `medicare`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id under which the receiver knows it.
    pub payer_id: String,
    /// Kind of coverage as an SBR09 code, where the claim's line of business does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// The payers that claims can be sent to.
pub type Directory = [PayerEntry];

/// Lines a claim carries at most.
const MOST_LINES: usize = 50;
/// Highest charge and total: ten characters with the point.
const HIGHEST: i64 = 9_999_999_999;

/// Parses a claim into one that can be sent under a control number.
///
/// # Errors
/// [`EdiError::Lacks`] with everything missing at once; [`EdiError::Beyond`] for anaesthesia and ambulances.
pub fn professional_claim(
    claim: &Claim,
    control: &str,
    payers: &Directory,
) -> Result<ProfessionalClaim, EdiError> {
    scope::check(claim)?;
    let (details, lacks) = Details::of(claim);
    let mut build = Build { claim, details: &details, payers, c: Collect { lacks } };
    match build.claim(control) {
        Some(built) if build.c.lacks.is_empty() => Ok(built),
        _ => {
            let mut lacks: Vec<Lack> = std::mem::take(&mut build.c.lacks);
            let mut seen = HashSet::new();
            lacks.retain(|l| seen.insert(l.clone()));
            Err(EdiError::Lacks(lacks))
        }
    }
}

impl std::hash::Hash for Lack {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.item, &self.says).hash(state);
    }
}

struct Build<'a> {
    claim: &'a Claim,
    details: &'a Details,
    payers: &'a Directory,
    c: Collect,
}

impl Build<'_> {
    /// Every part is read before any is missed.
    fn claim(&mut self, control: &str) -> Option<ProfessionalClaim> {
        let (claim, details) = (self.claim, self.details);
        let control = self.c.needed("26", "the control number", Some(control), 20);
        let billing = self.billing();
        let payer = self.payer("11", &claim.payer);
        let filing = self.filing(&claim.payer, "11");
        let (subscriber, dependent) = self.insured();
        let place = self.claim_place();
        let frequency = self.frequency();
        let related = self.related();
        let stay = claim.hospitalization.clone().unwrap_or_default();
        let admission = self.c.date_if("18", "the admission", stay.from.as_deref());
        if place.as_ref().is_some_and(|p| p.as_str() == "21") && admission.is_none() {
            self.c.lack("18", "the date of admission is missing (place of service 21).");
        }
        let discharge = self.c.date_if("18", "the discharge", stay.to.as_deref());
        let onset = self.dated(claim.illness.as_ref(), "431", "14", "the onset");
        let attachments = self.attachments();
        let referral = self.c.allowed("23", "the referral number", details.referral.as_deref(), 50);
        let authorisation =
            self.c.allowed("23", "the prior authorisation number", claim.prior_auth_number.as_deref(), 50);
        let original = self.c.allowed(
            "22",
            "the payer's number of the original claim",
            claim.original_reference.as_deref(),
            50,
        );
        if matches!(frequency, Some(Frequency::Replacement | Frequency::Void)) && original.is_none() {
            self.c.lack("22", "the payer's number of the original claim is missing (frequency 7 or 8).");
        }
        let record =
            self.c.allowed("26", "the medical record number", details.record.expose().as_deref(), 50);
        let note = claim.additional_information.expose().as_deref();
        let note = self.c.allowed("19", "the additional information", note, 80);
        let diagnoses = self.diagnoses();
        let referring = claim
            .referring_provider
            .as_ref()
            .and_then(|p| self.c.practitioner("17", "the referring provider", p));
        let rendering = self.rendering();
        let facility = self.facility(place.as_ref());
        let supervising = claim
            .supervising_provider
            .as_ref()
            .and_then(|p| self.c.practitioner("17", "the supervising provider", p));
        let lines = self.lines(place.as_ref(), note.is_some());
        let total: Cents = lines.iter().map(|l| l.charge).sum();
        self.totals(total);
        let (sequence, others, lines) = self.others(lines, total);
        let patient_paid =
            claim.amount_paid.as_deref().filter(|p| !p.trim().is_empty()).map(|p| p.trim().parse::<Cents>());
        let patient_paid = patient_paid.and_then(|paid| match paid {
            Ok(paid) if paid.0 >= 0 => Some(paid).filter(|p| p.0 > 0),
            _ => {
                self.c.lack("29", "what the patient paid is not an amount.");
                None
            }
        });
        let on_file = |of: Option<&iambilly_claim::form::Signature>| of.and_then(|s| s.on_file);
        let signatures = claim.signatures.clone().unwrap_or_default();
        let mut subscriber = subscriber?;
        subscriber.medicare_secondary = self.medicare_secondary(filing, sequence);
        Some(ProfessionalClaim {
            control: control?,
            billing: billing?,
            sequence,
            filing: filing?,
            payer: payer?,
            subscriber,
            dependent,
            place: place?,
            frequency: frequency?,
            assignment: match claim.accept_assignment {
                Some(false) => Assignment::NotAssigned,
                _ => Assignment::Assigned,
            },
            benefits_assigned: on_file(signatures.insured.as_ref()).unwrap_or(true),
            release_on_file: on_file(signatures.patient.as_ref()).unwrap_or(true),
            related,
            onset: onset.map(Into::into),
            admission: admission.map(Into::into),
            discharge: discharge.map(Into::into),
            attachments,
            patient_paid,
            referral,
            authorisation,
            original,
            record,
            note,
            diagnoses,
            referring,
            rendering,
            facility,
            supervising,
            others,
            lines,
        })
    }

    fn billing(&mut self) -> Option<BillingProvider> {
        let written = &self.claim.billing_provider;
        let whose = "the billing provider";
        let same = written.npi.is_some() && written.npi == self.claim.rendering_provider.npi;
        let name = written.name.as_deref().filter(|n| !n.trim().is_empty());
        let person = match name {
            None => written.last.is_some(),
            Some(name) => same && surname_first(name).is_some(),
        };
        let name = if person {
            self.c.provider_name("33", whose, written).map(Party::Person)
        } else {
            self.c.needed("33", "the name of the billing provider", name, 60).map(Party::Organisation)
        };
        let npi = self.c.npi("33a", whose, written.npi.as_deref());
        let taxonomy = self.c.taxonomy("33b", whose, written.taxonomy.as_deref());
        let address = self.c.place("33", whose, written.address.as_ref(), true);
        let pay_to = written.pay_to.as_ref().and_then(|a| self.c.place_or_box("33", "the payments", Some(a)));
        let person = written.tax_id_type.as_deref().map(|t| t.trim().eq_ignore_ascii_case("ssn"));
        let tax_id = written.tax_id.as_deref().and_then(TaxId::of).map(|t| t.of_person(person));
        if tax_id.is_none() {
            self.c.lack("25", "the tax number of the billing provider is missing or has not nine digits.");
        }
        Some(BillingProvider { name: name?, npi: npi?, tax_id: tax_id?, taxonomy, address: address?, pay_to })
    }

    fn rendering(&mut self) -> Option<super::model::Practitioner> {
        let written: &Provider = &self.claim.rendering_provider;
        let billing = &self.claim.billing_provider;
        // Who bills and does it himself is said once.
        if written.npi.is_some() && written.npi == billing.npi {
            return None;
        }
        self.c.practitioner("24J", "the rendering provider", written)
    }

    fn entry(&self, id: &str) -> Option<&PayerEntry> {
        self.payers.iter().find(|p| p.id.eq_ignore_ascii_case(id.trim()))
    }

    /// A payer: as the claim names it, else as the exchange settings do.
    fn payer(&mut self, item: &str, written: &claim::Payer) -> Option<Payer> {
        let entry = self.entry(&written.id).cloned();
        let said =
            |own: Option<&String>, set: Option<String>| own.filter(|t| !t.trim().is_empty()).cloned().or(set);
        let name = said(written.name.as_ref(), entry.as_ref().map(|e| e.name.clone()));
        let id = said(written.payer_id.as_ref(), entry.as_ref().map(|e| e.payer_id.clone()));
        if name.is_none() && id.is_none() {
            let id = written.id.trim();
            let who = if id.is_empty() { "the payer".to_owned() } else { format!("the payer “{id}”") };
            let says = format!(
                "{who} has no name and no id at the receiver, on the claim or in the exchange settings."
            );
            self.c.lack("settings", says);
            return None;
        }
        let name = self.c.needed(item, "the payer's name", name.as_deref(), 60);
        let id = self.c.needed("settings", "the payer's id at the receiver", id.as_deref(), 80);
        let address = written.address.clone().or(entry.and_then(|e| e.address));
        let address = address.as_ref().and_then(|a| self.c.place_or_box(item, "the payer", Some(a)));
        Some(Payer { name: name?, id: id?, address })
    }

    fn filing(&mut self, payer: &claim::Payer, item: &str) -> Option<Filing> {
        let code = payer.filing_indicator.clone().filter(|c| !c.trim().is_empty());
        let code = code.or(self.entry(&payer.id).and_then(|e| e.filing.clone()));
        let found = match (code, payer.kind.trim()) {
            (Some(code), _) => Filing::of(code.trim()),
            (None, "medicare") => Some(Filing::MedicareB),
            (None, "medicaid") => Some(Filing::Medicaid),
            (None, "commercial") => Some(Filing::Commercial),
            (None, "workers_comp") => Some(Filing::WorkersCompensation),
            (None, "auto") => Some(Filing::Automobile),
            (None, "other") => Some(Filing::Other),
            (None, _) => None,
        };
        if found.is_none() {
            self.c.lack(item, "the payer's kind of coverage is not known (medicare, medicaid, commercial, workers_comp, auto, other).");
        }
        found
    }

    /// A date of the claim that has this qualifier.
    fn dated(
        &mut self,
        written: Option<&QualifiedDate>,
        qualifier: &str,
        item: &str,
        what: &str,
    ) -> Option<Date> {
        let of = written.filter(|w| w.qualifier.trim() == qualifier)?;
        self.c.date(item, what, Some(&of.date))
    }

    fn insured(&mut self) -> (Option<Subscriber>, Option<Dependent>) {
        let patient = &self.claim.patient;
        let insured = &self.claim.insured.clone().unwrap_or_default();
        let relationship = self.relationship(insured, "6");
        let whose = "the patient";
        let name =
            self.c.person("2", whose, patient.last.expose().as_deref(), patient.first.expose().as_deref());
        let address = self.c.place("5", whose, patient.address.expose().as_ref(), false);
        let demographics = self.c.demographics(
            "3",
            whose,
            patient.birth_date.expose().as_deref(),
            patient.sex.expose().as_deref(),
        );
        let member = patient.member_id.expose().as_deref().or(insured.member_id.expose().as_deref());
        let member_id = self.c.needed("1a", "the insured's member number", member, 80);
        let group_number = self.c.allowed("11", "the group number", insured.group.expose().as_deref(), 50);
        // The guide sends the name of a group only where there is no number.
        let group_name = self.c.allowed("11c", "the name of the plan", insured.plan_name.as_deref(), 60);
        let group_name = group_name.filter(|_| group_number.is_none());
        let Some(relationship) = relationship else {
            let subscriber = || {
                Some(Subscriber {
                    name: name?,
                    member_id: member_id?,
                    group_number,
                    group_name,
                    address: Some(address?),
                    demographics: Some(demographics?),
                    medicare_secondary: None,
                })
            };
            return (subscriber(), None);
        };
        let whose = "the insured";
        let insured_name =
            self.c.person("4", whose, insured.last.expose().as_deref(), insured.first.expose().as_deref());
        let insured_name = self.c.completed(
            "4",
            whose,
            insured_name,
            insured.middle.expose().as_deref(),
            insured.suffix.expose().as_deref(),
        );
        let insured_address =
            insured.address.expose().as_ref().and_then(|a| self.c.place("7", whose, Some(a), false));
        let insured_birth = insured.birth_date.expose().as_deref();
        let insured_demographics = insured_birth.and_then(|birth| {
            self.c.demographics("11a", whose, Some(birth), insured.sex.expose().as_deref())
        });
        let dependent =
            || Some(Dependent { relationship, name: name?, address: address?, demographics: demographics? });
        let subscriber = || {
            Some(Subscriber {
                name: insured_name?,
                member_id: member_id?,
                group_number,
                group_name,
                address: insured_address,
                demographics: insured_demographics,
                medicare_secondary: None,
            })
        };
        (subscriber(), dependent())
    }

    /// What the patient is to an insured; none: the insured himself.
    fn relationship(&mut self, insured: &Insured, item: &str) -> Option<Relationship> {
        let written = insured.relationship.as_deref().unwrap_or_default().trim().to_lowercase();
        Some(match written.as_str() {
            "self" | "18" => return None,
            "" => {
                let other = |a: Option<&str>, b: Option<&str>| {
                    a.is_some_and(|a| !a.trim().is_empty() && Some(a) != b)
                };
                let patient = &self.claim.patient;
                if other(insured.last.expose().as_deref(), patient.last.expose().as_deref())
                    || other(insured.first.expose().as_deref(), patient.first.expose().as_deref())
                {
                    self.c.lack(
                        item,
                        "what the patient is to the insured is missing (self, spouse, child, other).",
                    );
                }
                return None;
            }
            "spouse" => Relationship::Spouse,
            "child" => Relationship::Child,
            "employee" => Relationship::Employee,
            "life_partner" => Relationship::LifePartner,
            "organ_donor" => Relationship::OrganDonor,
            "cadaver_donor" => Relationship::CadaverDonor,
            "unknown" => Relationship::Unknown,
            "other" => Relationship::Other,
            code => {
                let found = Relationship::of(&code.to_ascii_uppercase());
                if found.is_none() {
                    self.c.lack(
                        item,
                        "what the patient is to the insured is not one of self, spouse, child, other.",
                    );
                }
                return found;
            }
        })
    }

    fn medicare_secondary(
        &mut self,
        filing: Option<Filing>,
        sequence: Sequence,
    ) -> Option<MedicareSecondary> {
        if filing != Some(Filing::MedicareB) || sequence == Sequence::Primary {
            return None;
        }
        let found = self.details.medicare_secondary.as_deref().and_then(|c| MedicareSecondary::of(c.trim()));
        if found.is_none() {
            self.c.lack("11", "why Medicare is not first is missing (medicare_secondary_reason: 12, 13, 14, 15, 16, 41, 42, 43 or 47).");
        }
        found
    }

    /// The place of the claim: that of its first line, or the facility's.
    fn claim_place(&mut self) -> Option<Text> {
        let first = self.claim.lines.first().and_then(|l| l.pos.as_deref());
        let written = self.claim.facility.pos.as_deref().or(first).unwrap_or_default().trim();
        self.place_of_service(written, "24B", "the place of service")
    }

    fn place_of_service(&mut self, written: &str, item: &str, what: &str) -> Option<Text> {
        let good = written.len() == 2 && written.bytes().all(|b| b.is_ascii_digit());
        if !good {
            self.c.lack(item, format!("{what} is missing or not two digits."));
            return None;
        }
        Text::of(written, 2).ok()
    }

    fn frequency(&mut self) -> Option<Frequency> {
        let written = self.claim.frequency.as_deref().unwrap_or_default().trim();
        let found = if written.is_empty() { Some(Frequency::Original) } else { Frequency::of(written) };
        if found.is_none() {
            self.c.lack("22", "the claim frequency is 1 (original), 7 (replacement) or 8 (void).");
        }
        found
    }

    fn related(&mut self) -> RelatedTo {
        let written = self.claim.condition.clone().unwrap_or_default();
        let yes = |said: Option<bool>| said == Some(true);
        let (employment, auto, other) =
            (yes(written.employment), yes(written.auto_accident), yes(written.other_accident));
        let there = employment || auto || other;
        let date = self.dated(self.claim.other_date.as_ref(), "439", "15", "the date of the accident");
        let state = self.c.allowed("10b", "the state of the accident", written.state.as_deref(), 2);
        if there && date.is_none() {
            self.c.lack(
                "15",
                "the date of the accident (qualifier 439) is missing; item 10 says there was one.",
            );
        }
        if auto && state.is_none() {
            self.c.lack("10b", "the state of the automobile accident is missing.");
        }
        RelatedTo {
            employment,
            auto,
            other,
            state: state.filter(|_| auto),
            date: date.filter(|_| there).map(Into::into),
        }
    }

    fn attachments(&mut self) -> Vec<Attachment> {
        let written = &self.details.attachments;
        if written.len() > 10 {
            self.c.lack("19", "a claim names at most ten attachments.");
        }
        let mut found = vec![];
        for attached in written {
            let kind = AttachmentKind::of(attached.kind.trim());
            let transmission = Transmission::of(attached.transmission.trim());
            let control =
                self.c.allowed("19", "the number of an attachment", attached.control_number.as_deref(), 50);
            if kind.is_none() || transmission.is_none() {
                self.c.lack(
                    "19",
                    "an attachment has a type (like OB, operative note) and a transmission (like FX, fax).",
                );
            }
            if control.is_none() && transmission.is_some_and(|t| t != Transmission::OnRequest) {
                self.c.lack("19", "an attachment that is sent needs the number it is found by.");
            }
            if let (Some(kind), Some(transmission)) = (kind, transmission) {
                let control = control.filter(|_| transmission != Transmission::OnRequest);
                found.push(Attachment { kind, transmission, control });
            }
        }
        found
    }

    fn diagnoses(&mut self) -> Vec<DiagnosisCode> {
        let written = &self.claim.diagnoses;
        match written.len() {
            0 => self.c.lack("21", "a diagnosis is missing."),
            1..=12 => {}
            n => self.c.lack("21", format!("a claim carries at most 12 diagnoses; this one has {n}.")),
        }
        let mut found: Vec<DiagnosisCode> = vec![];
        for (code, number) in written.iter().zip(1..) {
            match code.trim().parse::<DiagnosisCode>() {
                Ok(code) if found.contains(&code) => {
                    self.c.lack("21", format!("diagnosis {number} stands there twice."));
                }
                Ok(code) => found.push(code),
                Err(_) => {
                    self.c.lack("21", format!("diagnosis {number} has not the form of an ICD-10-CM code."))
                }
            }
        }
        found
    }

    fn facility(&mut self, place: Option<&Text>) -> Option<ServiceFacility> {
        let (written, billing) = (&self.claim.facility, &self.claim.billing_provider);
        let elsewhere =
            place.is_some_and(|p| ["19", "21", "22", "23", "24", "31", "51", "61"].contains(&p.as_str()));
        let said = |text: Option<&String>| text.is_some_and(|t| !t.trim().is_empty());
        let named = said(written.name.as_ref()) || written.address.is_some();
        let same = written.address.is_some() && written.address == billing.address;
        let ours = same || (!named && (written.npi.is_none() || written.npi == billing.npi));
        if !elsewhere && ours {
            return None;
        }
        let name = self.c.needed("32", "the name of the facility", written.name.as_deref(), 60);
        let address = self.c.place("32", "the facility", written.address.as_ref(), true);
        let npi = match written.npi.as_deref().filter(|n| !n.trim().is_empty()) {
            None if !elsewhere => None,
            npi => Some(self.c.npi("32a", "the facility", npi)?),
        };
        Some(ServiceFacility { name: name?, npi, address: address? })
    }

    fn lines(&mut self, place: Option<&Text>, noted: bool) -> Vec<Line> {
        let written = &self.claim.lines;
        match written.len() {
            0 => self.c.lack("24", "a service line is missing."),
            n if n > MOST_LINES => {
                self.c.lack("24", format!("a claim carries at most 50 service lines; this one has {n}."))
            }
            _ => {}
        }
        let mut controls = HashSet::new();
        written
            .iter()
            .zip(1u32..)
            .filter_map(|(line, at)| {
                let number = if line.number == 0 { at } else { line.number };
                if !controls.insert(number) {
                    self.c.lack("24", format!("two lines have the number {number}."));
                }
                self.line(line, number, place, noted)
            })
            .collect()
    }

    fn line(&mut self, line: &ServiceLine, number: u32, place: Option<&Text>, noted: bool) -> Option<Line> {
        let name = format!("line {number}");
        let code = line.code.trim().parse::<ProcedureCode>().ok();
        if code.is_none() {
            self.c.lack("24D", format!("{name}: the code is missing or has not the form of one."));
        }
        let other = |key: &str| line.other.get(key).and_then(Value::as_str);
        let description = self.c.allowed("24", &format!("{name}: the description"), other("description"), 80);
        let note = self.c.allowed("24", &format!("{name}: the note"), other("note"), 80);
        if code.as_ref().is_some_and(|c| unlisted(c.as_str()))
            && description.is_none()
            && note.is_none()
            && !noted
        {
            self.c.lack("24", format!("{name}: an unlisted procedure needs a description."));
        }
        let modifiers = self.modifiers(line, &name);
        let charge = line.charge.as_deref().and_then(|c| c.parse::<Cents>().ok());
        let charge = charge.filter(|c| (0..=HIGHEST).contains(&c.0));
        if charge.is_none() {
            self.c.lack("24F", format!("{name}: the charge is missing or not an amount."));
        }
        if !(1..=999).contains(&line.units) {
            self.c.lack("24G", format!("{name}: the units are missing or more than 999."));
        }
        let pointers = self.pointers(line, &name);
        let from = self.c.date("24A", &format!("{name}: the date of service"), line.dos.as_deref());
        let to = self.c.date_if("24A", &format!("{name}: the last date of service"), line.dos_to.as_deref());
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            self.c.lack("24A", format!("{name}: the last date of service is before the first."));
        }
        let here = match line.pos.as_deref().map(str::trim).filter(|p| !p.is_empty()) {
            Some(written) => self.place_of_service(written, "24B", &format!("{name}: the place of service")),
            None => None,
        };
        let ours = self.claim.rendering_provider.npi.as_ref();
        let rendering =
            line.rendering_provider.as_ref().filter(|p| p.npi.is_some() && p.npi.as_ref() != ours);
        let rendering =
            rendering.and_then(|p| self.c.practitioner("24J", &format!("who did line {number}"), p));
        Some(Line {
            rendering,
            control: Text::of(&number.to_string(), 30).ok()?,
            code: code?,
            modifiers,
            description,
            charge: charge?,
            units: line.units,
            place: here.filter(|h| Some(h) != place),
            pointers,
            from: from?.into(),
            to: to.filter(|to| Some(*to) != from).map(Into::into),
            note,
            decisions: vec![],
        })
    }

    fn modifiers(&mut self, line: &ServiceLine, name: &str) -> Vec<Modifier> {
        let found: Vec<Modifier> = line.modifiers.iter().filter_map(|m| m.trim().parse().ok()).collect();
        if found.len() != line.modifiers.len() {
            self.c.lack("24D", format!("{name}: a modifier has not two characters."));
        }
        if found.len() > 4 {
            self.c.lack("24D", format!("{name}: a line carries at most four modifiers."));
        }
        if found.iter().collect::<HashSet<_>>().len() != found.len() {
            self.c.lack("24D", format!("{name}: a modifier stands there twice."));
        }
        found
    }

    fn pointers(&mut self, line: &ServiceLine, name: &str) -> Vec<u8> {
        let most = self.claim.diagnoses.len().min(12);
        let place = |p: &String| -> Option<u8> {
            let p = p.trim();
            let number = match p.as_bytes() {
                [letter @ (b'A'..=b'L' | b'a'..=b'l')] => letter.to_ascii_uppercase() - b'A' + 1,
                _ => p.parse().ok()?,
            };
            (1..=most).contains(&usize::from(number)).then_some(number)
        };
        let found: Vec<u8> = line.pointers.iter().filter_map(place).collect();
        if line.pointers.is_empty() {
            self.c.lack("24E", format!("{name} points to no diagnosis."));
        } else if found.len() != line.pointers.len() {
            self.c.lack("24E", format!("{name} points to a diagnosis that the claim has not."));
        }
        if found.len() > 4 || found.iter().collect::<HashSet<_>>().len() != found.len() {
            self.c.lack("24E", format!("{name} points to more than four diagnoses or to one twice."));
        }
        found
    }

    fn totals(&mut self, total: Cents) {
        if total.0 > HIGHEST {
            self.c.lack("28", "the total charge is higher than a claim can state.");
        }
        if let Some(stated) = self.claim.total_charge.as_deref()
            && stated.parse() != Ok(total)
        {
            self.c.lack("28", "the total charge is not the sum of the lines.");
        }
    }

    /// Other coverages, this payer's place among them, and the lines with what earlier payers decided.
    fn others(&mut self, mut lines: Vec<Line>, total: Cents) -> (Sequence, Vec<OtherCoverage>, Vec<Line>) {
        let written = &self.details.coverages;
        let mut found = vec![];
        for coverage in written {
            let sequence = match coverage.sequence.trim().to_lowercase().as_str() {
                "primary" | "p" => Some(Sequence::Primary),
                "secondary" | "s" => Some(Sequence::Secondary),
                "tertiary" | "t" => Some(Sequence::Tertiary),
                _ => None,
            };
            let Some(sequence) = sequence else {
                self.c.lack("9", "another coverage must say whether it is primary, secondary or tertiary.");
                continue;
            };
            found.push((sequence, coverage));
        }
        let taken = |s: &Sequence| found.iter().any(|(taken, _)| taken == s);
        let ours = Sequence::ALL.iter().copied().find(|s| !taken(s));
        let sequences: HashSet<Sequence> = found.iter().map(|(s, _)| *s).collect();
        let Some(ours) = ours.filter(|_| sequences.len() == found.len()) else {
            self.c.lack("9", "two coverages claim the same place in the order of payers.");
            return (Sequence::Primary, vec![], lines);
        };
        found.sort_by_key(|(s, _)| *s);
        let others = found
            .into_iter()
            .filter_map(|(sequence, coverage)| {
                self.other(sequence, coverage, sequence < ours, total, &mut lines)
            })
            .collect();
        (ours, others, lines)
    }

    fn other(
        &mut self,
        sequence: Sequence,
        coverage: &Coverage,
        earlier: bool,
        total: Cents,
        lines: &mut [Line],
    ) -> Option<OtherCoverage> {
        let payer = self.payer("9d", &coverage.insured.payer.clone().unwrap_or_default());
        let filing = self.filing(&coverage.insured.payer.clone().unwrap_or_default(), "9d");
        let relationship = self.relationship(&coverage.insured, "9");
        let (patient, insured) = (&self.claim.patient, &coverage.insured);
        let or = |own: Option<&String>, patients: Option<&String>| {
            own.or(patients.filter(|_| relationship.is_none())).cloned()
        };
        let last = or(insured.last.expose().as_ref(), patient.last.expose().as_ref());
        let first = or(insured.first.expose().as_ref(), patient.first.expose().as_ref());
        let name = self.c.person("9", "the insured of the other coverage", last.as_deref(), first.as_deref());
        let member_id = self.c.needed(
            "9a",
            "the member number of the other coverage",
            insured.member_id.expose().as_deref(),
            80,
        );
        let group_number = self.c.allowed(
            "9a",
            "the group number of the other coverage",
            insured.group.expose().as_deref(),
            50,
        );
        let group_name =
            self.c.allowed("9d", "the plan of the other coverage", insured.plan_name.as_deref(), 60);
        let decided =
            self.c.date_if("9", "the date of the other payer's decision", coverage.decided.as_deref());
        if earlier {
            self.decided(coverage, decided, total, lines);
            if let (Some(payer), Some(decided)) = (&payer, decided) {
                take_decisions(coverage, payer, decided, lines);
            }
        }
        Some(OtherCoverage {
            sequence,
            relationship,
            group_name: group_name.filter(|_| group_number.is_none()),
            group_number,
            filing: filing?,
            insured: name?,
            member_id: member_id?,
            payer: payer?,
            paid: coverage.paid.filter(|_| earlier),
            decided: decided.filter(|_| earlier),
            adjustments: if earlier { coverage.adjustments.clone() } else { vec![] },
        })
    }

    /// An earlier payer must have decided, and what it paid and adjusted must be the whole charge.
    fn decided(&mut self, coverage: &Coverage, decided: Option<Date>, total: Cents, lines: &[Line]) {
        let (Some(paid), Some(_)) = (coverage.paid, decided) else {
            self.c.lack("9", "what the earlier payer paid, and when it decided, is missing.");
            return;
        };
        let sum = |adjustments: &[super::adjudication::Adjustment]| {
            adjustments.iter().map(|a| a.amount).sum::<Cents>()
        };
        let by_line: Cents = coverage.lines.iter().map(|l| sum(&l.adjustments)).sum();
        if Cents(paid.0.saturating_add(sum(&coverage.adjustments).0).saturating_add(by_line.0)) != total {
            self.c.lack("9", "what the earlier payer paid and adjusted does not add up to the charges.");
        }
        for decision in &coverage.lines {
            let of = lines.iter().find(|l| l.control.as_str() == decision.line.to_string());
            match (of, decision.paid) {
                (Some(line), Some(paid)) if paid.0 + sum(&decision.adjustments).0 == line.charge.0 => {}
                (Some(_), _) => self.c.lack(
                    "9",
                    format!(
                        "what the earlier payer paid and adjusted of line {} does not add up to its charge.",
                        decision.line
                    ),
                ),
                (None, _) => self.c.lack(
                    "9",
                    format!(
                        "the earlier payer's decision names line {}, which the claim has not.",
                        decision.line
                    ),
                ),
            }
        }
        let adjustments =
            coverage.adjustments.iter().chain(coverage.lines.iter().flat_map(|l| &l.adjustments));
        let reason = |r: &str| (1..=5).contains(&r.len()) && r.bytes().all(|b| b.is_ascii_alphanumeric());
        if !adjustments.map(|a| a.reason.as_str()).all(reason) {
            self.c.lack("9", "an adjustment of the earlier payer has no reason code.");
        }
    }
}

fn take_decisions(coverage: &Coverage, payer: &Payer, decided: Date, lines: &mut [Line]) {
    for decision in &coverage.lines {
        let of = lines.iter_mut().find(|l| l.control.as_str() == decision.line.to_string());
        if let (Some(line), Some(paid)) = (of, decision.paid) {
            let units = decision.units.unwrap_or(line.units);
            let adjustments = decision.adjustments.clone();
            line.decisions.push(LineDecision { payer: payer.id.clone(), paid, units, adjustments, decided });
        }
    }
}

/// Codes of spine practice for procedures without one of their own.
fn unlisted(code: &str) -> bool {
    matches!(
        code,
        "20999" | "22899" | "22999" | "27299" | "38999" | "64999" | "76499" | "95999" | "96999" | "99199"
    )
}
