//! What a professional claim in X12 can hold, and nothing else.

use super::adjudication::Adjustment;
use crate::text::{Npi, TaxId, Taxonomy, Text};
use iambilly_claim::money::Cents;
use iambilly_claim::{DiagnosisCode, Modifier, Phi, ProcedureCode};
use jiff::civil::Date;

/// A closed set of codes: an enum in the program, a code of the standard in the file.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }
        impl $name {
            /// Its code in the file.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
            /// Reads the code.
            #[must_use]
            pub fn of(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
        }
    };
}

codes! {
    /// Who pays first, second or third (SBR01).
    Sequence {
        /// First.
        Primary = "P",
        /// Second.
        Secondary = "S",
        /// Third.
        Tertiary = "T",
    }
}
codes! {
    /// Kind of coverage (SBR09).
    Filing {
        /// Automobile medical.
        Automobile = "AM",
        /// Blue Cross or Blue Shield.
        BlueCross = "BL",
        /// Champus or Tricare.
        Champus = "CH",
        /// Commercial.
        Commercial = "CI",
        /// Federal employees.
        FederalEmployees = "FI",
        /// Health maintenance organisation.
        Hmo = "HM",
        /// Liability.
        Liability = "LM",
        /// Medicare Part B.
        MedicareB = "MB",
        /// Medicaid.
        Medicaid = "MC",
        /// Other federal programme.
        OtherFederal = "OF",
        /// Title V.
        TitleV = "TV",
        /// Veterans' affairs.
        Veterans = "VA",
        /// Workers' compensation.
        WorkersCompensation = "WC",
        /// Mutually defined.
        Other = "ZZ",
    }
}
codes! {
    /// What the patient is to the insured, other than the insured (PAT01, SBR02).
    Relationship {
        /// Spouse.
        Spouse = "01",
        /// Child.
        Child = "19",
        /// Employee.
        Employee = "20",
        /// Unknown.
        Unknown = "21",
        /// Organ donor.
        OrganDonor = "39",
        /// Cadaver donor.
        CadaverDonor = "40",
        /// Life partner.
        LifePartner = "53",
        /// Another.
        Other = "G8",
    }
}
codes! {
    /// Sex as the standard has it (DMG03).
    Sex {
        /// Female.
        Female = "F",
        /// Male.
        Male = "M",
        /// Unknown.
        Unknown = "U",
    }
}
codes! {
    /// Claim frequency (CLM05-3).
    Frequency {
        /// An original claim.
        Original = "1",
        /// Replaces an earlier one.
        Replacement = "7",
        /// Voids an earlier one.
        Void = "8",
    }
}
codes! {
    /// Whether the provider accepts the payer's amounts (CLM07).
    Assignment {
        /// Assigned.
        Assigned = "A",
        /// Only for clinical laboratory services.
        LaboratoryOnly = "B",
        /// Not assigned.
        NotAssigned = "C",
    }
}
codes! {
    /// Why Medicare is not first (SBR05).
    MedicareSecondary {
        /// Working aged.
        WorkingAged = "12",
        /// End-stage renal disease.
        RenalDisease = "13",
        /// No-fault insurance, automobile included.
        NoFault = "14",
        /// Workers' compensation.
        WorkersCompensation = "15",
        /// Public health service.
        PublicHealth = "16",
        /// Black lung.
        BlackLung = "41",
        /// Veterans' administration.
        Veterans = "42",
        /// Disabled, under 65, large group plan.
        Disabled = "43",
        /// Liability insurance.
        Liability = "47",
    }
}
codes! {
    /// What an attachment is (PWK01); the kinds a spine claim has.
    AttachmentKind {
        /// Support data for the claim.
        SupportData = "OZ",
        /// Operative note.
        OperativeNote = "OB",
        /// Diagnostic report.
        DiagnosticReport = "DG",
        /// Discharge summary.
        DischargeSummary = "DS",
        /// Certification.
        Certification = "CT",
        /// Explanation of benefits of another payer.
        ExplanationOfBenefits = "EB",
        /// Imaging.
        Imaging = "RB",
        /// Radiology report.
        RadiologyReport = "RR",
        /// Physical therapy notes.
        PhysicalTherapyNotes = "PN",
        /// Referral form.
        Referral = "RF",
        /// Physician's report.
        PhysicianReport = "09",
    }
}
codes! {
    /// How an attachment travels (PWK02).
    Transmission {
        /// Kept by the provider, sent on request.
        OnRequest = "AA",
        /// By mail.
        Mail = "BM",
        /// In a file of its own.
        ElectronicallyOnly = "EL",
        /// By e-mail.
        EMail = "EM",
        /// By file transfer.
        FileTransfer = "FT",
        /// By fax.
        Fax = "FX",
    }
}

/// A postal address of the United States.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Street.
    pub street: Text,
    /// Second street line.
    pub second: Option<Text>,
    /// City.
    pub city: Text,
    /// State, two letters.
    pub state: Text,
    /// ZIP, five or nine digits.
    pub zip: Text,
}

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Family name.
    pub last: Text,
    /// Given name.
    pub first: Option<Text>,
    /// Middle name or initial.
    pub middle: Option<Text>,
    /// Generation, like `JR`.
    pub suffix: Option<Text>,
}

/// A person or an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A person.
    Person(Person),
    /// An organisation.
    Organisation(Text),
}

/// Who bills (loop 2010AA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingProvider {
    /// Name.
    pub name: Party,
    /// National Provider Identifier.
    pub npi: Npi,
    /// Tax number.
    pub tax_id: TaxId,
    /// Speciality.
    pub taxonomy: Option<Taxonomy>,
    /// Address with a ZIP of nine digits, no post box.
    pub address: Place,
    /// Where payments go, if elsewhere (loop 2010AB).
    pub pay_to: Option<Place>,
}

/// A person who took part (loops 2310A, B and D).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practitioner {
    /// Name.
    pub name: Person,
    /// National Provider Identifier.
    pub npi: Npi,
    /// Speciality; only the rendering provider's is sent.
    pub taxonomy: Option<Taxonomy>,
}

/// Where it was done (loop 2310C).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacility {
    /// Name.
    pub name: Text,
    /// National Provider Identifier.
    pub npi: Option<Npi>,
    /// Address with a ZIP of nine digits.
    pub address: Place,
}

/// A payer (loops 2010BB and 2330B).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Name.
    pub name: Text,
    /// The id under which the receiver knows it.
    pub id: Text,
    /// Address, where it is known.
    pub address: Option<Place>,
}

/// Date of birth and sex (DMG).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demographics {
    /// Date of birth.
    pub birth: Phi<Date>,
    /// Sex.
    pub sex: Sex,
}

/// The insured (loops 2000B and 2010BA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Name.
    pub name: Person,
    /// Member number.
    pub member_id: Text,
    /// Number of the group or policy.
    pub group_number: Option<Text>,
    /// Name of the group or plan.
    pub group_name: Option<Text>,
    /// Address; always where the insured is the patient.
    pub address: Option<Place>,
    /// Birth and sex; always where the insured is the patient.
    pub demographics: Option<Demographics>,
    /// Why Medicare is not first, where it is not.
    pub medicare_secondary: Option<MedicareSecondary>,
}

/// The patient, where another is the insured (loops 2000C and 2010CA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependent {
    /// What the patient is to the insured.
    pub relationship: Relationship,
    /// Name.
    pub name: Person,
    /// Address.
    pub address: Place,
    /// Birth and sex.
    pub demographics: Demographics,
}

/// What caused the condition (CLM11).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelatedTo {
    /// Employment.
    pub employment: bool,
    /// An automobile accident.
    pub auto: bool,
    /// Another accident.
    pub other: bool,
    /// State of the automobile accident.
    pub state: Option<Text>,
    /// Date of the accident.
    pub date: Option<Phi<Date>>,
}

/// Something sent beside the claim (PWK).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// How it travels.
    pub transmission: Transmission,
    /// The number it is found by; none where it is sent on request.
    pub control: Option<Text>,
}

/// Another coverage of the patient, with what its payer decided where it came first (loop 2320).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherCoverage {
    /// Its place in the order.
    pub sequence: Sequence,
    /// What the patient is to the insured; none: the insured.
    pub relationship: Option<Relationship>,
    /// Number of the group or policy.
    pub group_number: Option<Text>,
    /// Name of the group or plan.
    pub group_name: Option<Text>,
    /// Kind of coverage.
    pub filing: Filing,
    /// The insured's name.
    pub insured: Person,
    /// The insured's member number.
    pub member_id: Text,
    /// The payer.
    pub payer: Payer,
    /// What it paid for the claim; none where it has not decided.
    pub paid: Option<Cents>,
    /// When it decided.
    pub decided: Option<Date>,
    /// Adjustments of the claim as a whole.
    pub adjustments: Vec<Adjustment>,
}

/// What another payer decided of a line (loop 2430).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDecision {
    /// Id of that payer.
    pub payer: Text,
    /// What it paid.
    pub paid: Cents,
    /// Units it paid.
    pub units: u32,
    /// Adjustments.
    pub adjustments: Vec<Adjustment>,
    /// When it decided.
    pub decided: Date,
}

/// A service line (loop 2400).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The number by which answers name it (REF*6R).
    pub control: Text,
    /// Code.
    pub code: ProcedureCode,
    /// Modifiers, at most four.
    pub modifiers: Vec<Modifier>,
    /// What was done, where the code does not say it (SV101-7).
    pub description: Option<Text>,
    /// Charge.
    pub charge: Cents,
    /// Units, 1 to 999.
    pub units: u32,
    /// Place of service, where it is not the claim's.
    pub place: Option<Text>,
    /// Diagnoses it rests on, one to four, from 1.
    pub pointers: Vec<u8>,
    /// First day.
    pub from: Phi<Date>,
    /// Last day, where it is another.
    pub to: Option<Phi<Date>>,
    /// Note.
    pub note: Option<Text>,
    /// Who did it, where another than the claim's (loop 2420A).
    pub rendering: Option<Practitioner>,
    /// What other payers decided.
    pub decisions: Vec<LineDecision>,
}

/// A professional claim that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfessionalClaim {
    /// The number by which answers name it (CLM01), at most 20 characters.
    pub control: Text,
    /// Who bills.
    pub billing: BillingProvider,
    /// The place of the payer in the order.
    pub sequence: Sequence,
    /// Kind of coverage.
    pub filing: Filing,
    /// Who is to pay.
    pub payer: Payer,
    /// The insured.
    pub subscriber: Subscriber,
    /// The patient, where another.
    pub dependent: Option<Dependent>,
    /// Place of service.
    pub place: Text,
    /// Original, replacement or void.
    pub frequency: Frequency,
    /// Whether the provider accepts assignment.
    pub assignment: Assignment,
    /// Whether benefits go to the provider (CLM08).
    pub benefits_assigned: bool,
    /// Whether the patient's release is on file; else informed consent by statute (CLM09).
    pub release_on_file: bool,
    /// What caused the condition.
    pub related: RelatedTo,
    /// Onset of the illness (DTP*431).
    pub onset: Option<Phi<Date>>,
    /// Admission.
    pub admission: Option<Phi<Date>>,
    /// Discharge.
    pub discharge: Option<Phi<Date>>,
    /// Attachments, at most ten.
    pub attachments: Vec<Attachment>,
    /// What the patient paid.
    pub patient_paid: Option<Cents>,
    /// Number of the referral.
    pub referral: Option<Text>,
    /// Number of the prior authorisation.
    pub authorisation: Option<Text>,
    /// The payer's number of the original claim.
    pub original: Option<Text>,
    /// Medical record number.
    pub record: Option<Text>,
    /// Note.
    pub note: Option<Text>,
    /// Diagnoses, one to twelve, the first first.
    pub diagnoses: Vec<DiagnosisCode>,
    /// Who referred.
    pub referring: Option<Practitioner>,
    /// Who did it, where another than who bills.
    pub rendering: Option<Practitioner>,
    /// Where, where elsewhere than at the billing address.
    pub facility: Option<ServiceFacility>,
    /// Who supervised.
    pub supervising: Option<Practitioner>,
    /// Other coverages.
    pub others: Vec<OtherCoverage>,
    /// Service lines, one to fifty.
    pub lines: Vec<Line>,
}

impl ProfessionalClaim {
    /// Sum of the lines' charges (CLM02).
    #[must_use]
    pub fn total(&self) -> Cents {
        self.lines.iter().map(|l| l.charge).sum()
    }
}
