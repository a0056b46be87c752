//! Why a payer did not pay, in plain words of our own: claim adjustment reasons (CARC) and remarks (RARC) that spine
//! claims meet, each under what it concerns. The code sets are maintained by X12 and CMS; their wordings are not used.

use serde::{Deserialize, Serialize};

/// What a reason is about, and so who can do something about it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// The contract's price: nothing is wrong.
    Price,
    /// The patient's share: nothing is wrong.
    PatientShare,
    /// A required reduction by law or programme: nothing is wrong.
    Reduction,
    /// Another payer comes first or has paid.
    Coordination,
    /// The patient's coverage.
    Eligibility,
    /// The claim came twice.
    Duplicate,
    /// The claim came late.
    Timely,
    /// An authorisation or referral.
    Authorisation,
    /// The diagnosis does not bear the service.
    Necessity,
    /// The service counts as part of another.
    Bundled,
    /// Units or frequency.
    Units,
    /// A modifier, code or place.
    Coding,
    /// Something must be sent along or filled in.
    Documentation,
    /// The provider, his contract or enrolment.
    Provider,
    /// Not covered by the plan.
    NotCovered,
    /// Anything else.
    Other,
}

impl Concern {
    /// Whether a reduction for it is a denial that somebody works on.
    #[must_use]
    pub const fn is_denial(self) -> bool {
        !matches!(self, Self::Price | Self::PatientShare | Self::Reduction)
    }

    /// What to do first, in a sentence.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Price => "Nothing: the difference to the contract's price is written off.",
            Self::PatientShare => "Bill the patient or the next payer.",
            Self::Reduction => "Nothing: the reduction is prescribed.",
            Self::Coordination => {
                "Find out who pays first and bill that payer, with this decision if it was first."
            }
            Self::Eligibility => {
                "Check the member number and the coverage on the date of service, then bill again."
            }
            Self::Duplicate => "Find the first claim's decision; bill again only as a replacement.",
            Self::Timely => "Appeal with the proof that the claim was sent in time.",
            Self::Authorisation => "Ask for the authorisation's number, or appeal for one after the fact.",
            Self::Necessity => {
                "Compare the note with the payer's policy; appeal with the note where it bears the service."
            }
            Self::Bundled => {
                "See whether a separate site or session is documented; if so, appeal with the modifier that says it."
            }
            Self::Units => "Compare the units with the note and the payer's limit.",
            Self::Coding => {
                "Compare code, modifiers and place with the note; send a replacement where they are wrong."
            }
            Self::Documentation => "Send what is asked for.",
            Self::Provider => "Check enrolment and numbers of the providers with this payer.",
            Self::NotCovered => "Check the plan's terms; where the patient signed for it, bill the patient.",
            Self::Other => "Ask the payer.",
        }
    }
}

/// A reason in our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it is about.
    pub concern: Concern,
    /// What it means, in a sentence.
    pub says: &'static str,
}

/// CARC → what it is about and what it means.
const REASONS: &[(&str, Concern, &str)] = &[
    ("1", Concern::PatientShare, "The patient's deductible."),
    ("2", Concern::PatientShare, "The patient's percentage."),
    ("3", Concern::PatientShare, "The patient's fixed share of a visit."),
    ("4", Concern::Coding, "The modifier does not fit the code, or one is missing."),
    ("5", Concern::Coding, "The place of service does not fit the code."),
    ("6", Concern::Coding, "The code does not fit the patient's age."),
    ("7", Concern::Coding, "The code does not fit the patient's sex."),
    ("8", Concern::Provider, "The code does not fit the provider's speciality."),
    ("11", Concern::Necessity, "The diagnosis does not fit the service."),
    ("15", Concern::Authorisation, "The authorisation number is missing, not valid, or for something else."),
    ("16", Concern::Documentation, "Something on the claim is missing or wrong; the remark says what."),
    ("18", Concern::Duplicate, "The same claim was there before."),
    ("19", Concern::Coordination, "Taken for an injury at work: its insurer pays."),
    ("20", Concern::Coordination, "Taken for an injury that a liability insurer pays."),
    ("21", Concern::Coordination, "Taken for an injury that a no-fault insurer pays."),
    ("22", Concern::Coordination, "Another payer may come first."),
    ("23", Concern::Reduction, "What the earlier payer decided is taken off."),
    ("24", Concern::NotCovered, "Paid by a flat rate under a managed plan."),
    ("26", Concern::Eligibility, "Before the coverage began."),
    ("27", Concern::Eligibility, "After the coverage ended."),
    ("29", Concern::Timely, "The claim came too late."),
    ("31", Concern::Eligibility, "The patient is not known as insured."),
    ("35", Concern::NotCovered, "The benefit of a lifetime is used up."),
    ("39", Concern::Authorisation, "The authorisation was asked for and refused."),
    ("40", Concern::NotCovered, "Not an emergency as the plan means it."),
    ("45", Concern::Price, "Above the contract's or the schedule's price."),
    ("49", Concern::NotCovered, "A routine examination that the plan does not pay."),
    ("50", Concern::Necessity, "Not taken for medically necessary."),
    ("51", Concern::NotCovered, "A condition from before the coverage."),
    ("54", Concern::Coding, "More than one surgeon or an assistant is not paid for this."),
    ("55", Concern::NotCovered, "Taken for experimental."),
    ("56", Concern::NotCovered, "Not taken for proven."),
    ("58", Concern::Coding, "Taken for done at a place that does not fit."),
    ("59", Concern::Price, "Reduced because several procedures were done in one session."),
    ("95", Concern::Authorisation, "The plan's procedure was not kept to."),
    ("96", Concern::NotCovered, "Not covered; the remark says why."),
    ("97", Concern::Bundled, "Part of another service that was paid."),
    ("100", Concern::Coordination, "Paid to the patient."),
    ("107", Concern::Bundled, "The service it belongs to is not on the claim or was not paid."),
    ("109", Concern::Coordination, "Another payer is responsible."),
    ("110", Concern::Coding, "Billed before the date of service."),
    ("119", Concern::Units, "The most that is paid in the time is used up."),
    ("125", Concern::Documentation, "Something on the claim was wrong when it was sent."),
    ("129", Concern::Coordination, "What the earlier payer decided cannot be right."),
    ("131", Concern::Price, "A reduction that was agreed."),
    ("133", Concern::Other, "The decision waits for something."),
    ("136", Concern::Coordination, "The earlier payer's rules were not kept to."),
    ("140", Concern::Eligibility, "Member number and name do not belong together."),
    ("144", Concern::Reduction, "An incentive."),
    ("146", Concern::Necessity, "The diagnosis was not valid on the date of service."),
    ("147", Concern::Price, "A rate that was negotiated does not apply or has ended."),
    ("149", Concern::NotCovered, "The benefit of a lifetime for this is used up."),
    ("150", Concern::Documentation, "The documents do not bear the level that was billed."),
    ("151", Concern::Units, "The documents do not bear so many or so frequent services."),
    ("152", Concern::Documentation, "The documents do not bear the length of the service."),
    ("163", Concern::Documentation, "An attachment that the claim names did not come."),
    ("164", Concern::Documentation, "An attachment came too late."),
    ("165", Concern::Authorisation, "A referral is missing."),
    ("167", Concern::Necessity, "The diagnosis is not covered."),
    ("169", Concern::NotCovered, "Another benefit was given instead."),
    ("170", Concern::Provider, "Not paid to this kind of provider."),
    ("171", Concern::Provider, "Not paid to this kind of provider at this place."),
    ("172", Concern::Provider, "Not paid to this speciality."),
    ("175", Concern::Documentation, "The prescription is incomplete."),
    ("177", Concern::Eligibility, "The patient does not fulfil what the plan asks for."),
    ("181", Concern::Coding, "The code was not valid on the date of service."),
    ("182", Concern::Coding, "The modifier was not valid on the date of service."),
    ("183", Concern::Provider, "The referring provider may not refer for this."),
    ("184", Concern::Provider, "The ordering provider may not order this."),
    ("185", Concern::Provider, "The rendering provider may not do this."),
    ("186", Concern::Documentation, "The level of care was changed."),
    ("193", Concern::Other, "Decided a second time with the same result."),
    ("194", Concern::Coding, "Anaesthesia by the surgeon is not paid beside the surgery."),
    ("197", Concern::Authorisation, "It was not authorised before it was done."),
    ("198", Concern::Authorisation, "More was done than was authorised."),
    ("199", Concern::Coding, "Revenue code and procedure do not fit."),
    ("200", Concern::Eligibility, "During a gap in the coverage."),
    ("204", Concern::NotCovered, "The patient's plan does not pay this."),
    ("206", Concern::Provider, "An NPI is missing."),
    ("207", Concern::Provider, "An NPI has not its form."),
    ("208", Concern::Provider, "An NPI does not belong to the provider."),
    ("210", Concern::Authorisation, "The authorisation was asked for too late."),
    ("222", Concern::Units, "More units than the contract pays in the time."),
    ("226", Concern::Documentation, "What was asked for did not come, or not in time or whole."),
    ("227", Concern::Documentation, "What the patient was asked for did not come."),
    ("231", Concern::Bundled, "Procedures that exclude each other on one day."),
    ("234", Concern::Bundled, "Not paid on its own."),
    ("236", Concern::Bundled, "The pair of codes may not stand together that day (NCCI)."),
    ("237", Concern::Reduction, "A prescribed reduction."),
    ("242", Concern::Provider, "The provider is outside the network."),
    ("243", Concern::Authorisation, "Not authorised by the network or the primary physician."),
    ("251", Concern::Documentation, "The attachment is incomplete."),
    ("252", Concern::Documentation, "An attachment is needed; the remark says which."),
    ("253", Concern::Reduction, "The sequester's reduction of Medicare."),
    ("256", Concern::NotCovered, "Not paid under the managed plan."),
    ("257", Concern::Other, "Undecided during a grace period of premiums."),
    ("261", Concern::Units, "The claim does not fit the patient's history."),
    ("272", Concern::NotCovered, "The plan's limits were not kept to."),
    ("273", Concern::NotCovered, "Beyond what the plan covers."),
    ("288", Concern::Authorisation, "A referral is missing."),
    ("B7", Concern::Provider, "The provider was not certified for this on the date of service."),
    ("B9", Concern::Coordination, "The patient is in a hospice."),
    ("B10", Concern::Bundled, "Reduced because a part of it was paid."),
    ("B11", Concern::Coordination, "Passed on to the right payer."),
    ("B13", Concern::Duplicate, "Paid before."),
    ("B14", Concern::Units, "Only one visit a day is paid."),
    ("B15", Concern::Bundled, "The service that it needs is not there."),
    ("B16", Concern::Coding, "The rules for a new patient are not met."),
    ("B20", Concern::Duplicate, "Another provider was paid for it."),
    ("P12", Concern::Price, "Workers' compensation's fee schedule."),
];

/// RARC → what it means.
const REMARKS: &[(&str, &str)] = &[
    ("M15", "Services done together count as one."),
    ("M20", "The procedure code is missing or not valid."),
    ("M25", "The documents do not bear this level."),
    ("M51", "The procedure code is missing or not valid."),
    ("M53", "Units are missing or not valid."),
    ("M62", "The authorisation number is missing or not valid."),
    ("M64", "A further diagnosis is missing or not valid."),
    ("M76", "The diagnosis is missing or not valid."),
    ("M77", "The place of service is missing or not valid."),
    ("M80", "Not paid beside another service that day."),
    ("M86", "Paid for a like service within the time."),
    ("M127", "The patient's record of this service is asked for."),
    ("M144", "Care before or after surgery is in its payment."),
    ("MA01", "The decision can be appealed."),
    ("MA04", "The earlier payer's decision is missing or not readable."),
    ("MA13", "The patient must not be billed."),
    ("MA18", "Passed on to the next payer."),
    ("MA27", "The member number is missing or not valid."),
    ("MA61", "The member number or name is missing or not valid."),
    ("MA63", "The first diagnosis is missing or not valid."),
    ("MA130", "The claim cannot be decided as it is: send a new one, an appeal is not possible."),
    ("N4", "The earlier insurer's explanation is missing or not valid."),
    ("N19", "A step of a larger procedure."),
    ("N20", "Not paid with another service that day."),
    ("N29", "Documents are missing."),
    ("N30", "The patient cannot have this service under the plan."),
    ("N56", "The code does not fit the service or the date."),
    ("N115", "Decided by a local coverage determination (LCD)."),
    ("N130", "The plan's documents say what is limited."),
    ("N179", "Further information was asked of the patient."),
    ("N286", "The referring provider's number is missing or not valid."),
    ("N290", "The rendering provider's number is missing or not valid."),
    ("N350", "A description of an unlisted procedure is missing."),
    ("N362", "More units than can be done in a day."),
    ("N386", "Decided by a national coverage determination (NCD)."),
    ("N425", "Excluded by law."),
    ("N432", "Adjusted after an audit of recovery."),
    ("N435", "More than the yearly limit."),
    ("N519", "Codes that may not stand together."),
    ("N522", "The same was or will be decided as a crossover claim."),
    ("N525", "Not separately paid with this procedure."),
    ("N640", "More than the frequency that is paid."),
    ("N657", "Billed with the wrong code of several."),
    ("N674", "Not covered unless a condition is met."),
    ("N704", "A decision can be appealed only after a replacement."),
    ("N706", "Documents are missing."),
    ("N822", "A modifier is missing."),
    ("N823", "A modifier is incomplete or not valid."),
];

/// What a claim adjustment reason code (CARC) means; an unknown one concerns [`Concern::Other`].
#[must_use]
pub fn reason(code: &str) -> Reason {
    let found = REASONS.iter().find(|(known, ..)| *known == code);
    found.map_or(
        Reason {
            concern: Concern::Other,
            says: "A reason that IamBilly has no words for; the payer's list says it.",
        },
        |(_, concern, says)| Reason { concern: *concern, says },
    )
}

/// What a remark code (RARC) means, where there are words for it.
#[must_use]
pub fn remark(code: &str) -> Option<&'static str> {
    REMARKS.iter().find(|(known, _)| *known == code).map(|(_, says)| *says)
}

#[cfg(test)]
mod tests {
    use super::{Concern, REASONS, REMARKS, reason, remark};
    use std::collections::HashSet;

    #[test]
    fn each_code_stands_once_and_has_words() {
        let codes: HashSet<&str> = REASONS.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes.len(), REASONS.len());
        let codes: HashSet<&str> = REMARKS.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), REMARKS.len());
        assert!(
            REASONS.iter().all(|(.., says)| says.ends_with('.'))
                && REMARKS.iter().all(|(_, says)| says.ends_with('.'))
        );
        assert_eq!(reason("197").concern, Concern::Authorisation);
        assert!(!reason("45").concern.is_denial() && reason("50").concern.is_denial());
        assert_eq!(reason("999").concern, Concern::Other);
        assert!(remark("N362").is_some() && remark("N999").is_none());
    }
}
