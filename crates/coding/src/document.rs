//! What kind of document a text is, from its title and its typical words: only a record of a service can carry
//! service lines.

use crate::sections::{Part, Sentence};
use crate::text::{Doc, has, re};

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No words.
    Empty,
    /// A record of an operation or procedure.
    Procedure,
    /// A visit or consultation.
    Visit,
    /// A report of imaging.
    Imaging,
    /// A consent form.
    Consent,
    /// A summary of a stay in hospital.
    Discharge,
    /// A therapist's or nurse's note.
    Therapy,
    /// A talk by telephone or a message.
    Call,
    /// A request to a payer for leave to treat.
    Request,
    /// Information for patients.
    Leaflet,
    /// An opinion on records, a conference.
    Review,
    /// Medicine that has nothing to do with the spine.
    OtherMedicine,
    /// Nothing medical was recognised.
    Other,
}

impl Kind {
    /// Whether such a document reports what somebody else did or is yet to do, so that nothing in it is billed.
    pub(crate) const fn reports_no_service(self) -> bool {
        matches!(
            self,
            Self::Imaging
                | Self::Consent
                | Self::Discharge
                | Self::Therapy
                | Self::Call
                | Self::Request
                | Self::Leaflet
                | Self::Review
        )
    }

    /// As a person would call it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Empty => "an empty text",
            Self::Procedure => "a procedure note",
            Self::Visit => "a visit or consultation",
            Self::Imaging => "an imaging report",
            Self::Consent => "a consent form",
            Self::Discharge => "a discharge summary",
            Self::Therapy => "a therapy or nursing note",
            Self::Call => "a note of a call or message",
            Self::Request => "a request for authorization",
            Self::Leaflet => "information for patients",
            Self::Review => "a review of records or a conference",
            Self::OtherMedicine => "a medical note of another specialty",
            Self::Other => "no medical record",
        }
    }
}

re!(
    OPERATIVE,
    r"procedures? performed|operati(?:ve|on) (?:report|note|performed)|procedure note|\bincision\b|\bprone\b|lateral decubitus|prepped|draped|blood loss|\bneedle\b|was (?:then )?(?:closed|inserted|injected|advanced)|description of (?:the )?(?:procedure|operation)|tourniquet|\banesthesia\s*[:,]"
);
re!(
    IMAGING_TITLE,
    r"^[^\n]{0,60}\b(?:radiology|imaging|mri|ct|magnetic resonance|computed tomography|x-?rays?|radiographs?|myelogram report|bone scan|dexa)\b"
);
re!(
    IMAGING,
    r"\bcomparison\s*[:.]|\bimpression\s*[:.]|without contrast|with and without|sagittal (?:and|t1|t2)|\baxial\b|t2-weighted|\bsignal\b|exam(?:ination)?\s*:|accession"
);
re!(
    CONSENT,
    r"\bi (?:hereby )?(?:authorize|consent|give (?:my )?(?:consent|permission)|request)\b|\bi (?:have been|was) (?:told|informed|explained)|\bi understand\b|signature of patient|consent (?:for|to) (?:surgery|operation|procedure|treatment)"
);
re!(
    DISCHARGE,
    r"^.{0,120}discharge summary|date of discharge|hospital course\s*[:.]|discharge (?:medications|diagnos[ei]s|disposition)\s*:"
);
re!(
    THERAPY,
    r"physical therap(?:y|ist)|occupational therap|plan of care|home exercise|therapeutic exercise|nursing (?:note|assessment)|gait training|\breps\b"
);
re!(
    WORKED,
    r"prepped|draped|procedures? performed|blood loss|\bebl\b|lateral decubitus|was (?:placed|positioned) prone"
);
// The telling of an operation, whatever its headings are called.
re!(
    AT_WORK,
    r"\b(?:scar|skin|wound|fascia|incision)\b[^.;]{0,40}\b(?:was|were) (?:re-?)?(?:excised|opened|incised|closed|made)\b|\bat operation\b"
);
re!(
    CALL,
    r"^[^\n.:]{0,40}\b(?:telephone|phone) (?:call|note|encounter|message|triage|contact)|^[^\n.:]{0,20}\bnurse (?:telephone|phone|call|triage)|^[^\n.:]{0,30}\bportal message"
);
re!(
    REQUEST,
    r"(?:prior|pre)[- ]?authori[sz]ation (?:request|letter|form|appeal)|request for (?:prior |pre-?)?authori[sz]ation|letter of medical necessity|we request (?:prior )?(?:authori[sz]ation|approval|coverage)|peer[- ]to[- ]peer"
);
re!(
    LEAFLET,
    r"what to expect (?:at|from|during|before|after)|^[^\n]{0,40}\b(?:patient (?:information|education)|information (?:sheet|leaflet)|instructions for patients|leaflet|frequently asked questions)"
);
re!(
    REVIEW,
    r"independent medical (?:exam\w*|evaluation)|\brecords? review\b|case conference|tumou?r board|multidisciplinary (?:conference|meeting|team meeting)|(?:peer|utili[sz]ation) review|deposition"
);
re!(
    VISIT,
    r"chief complaint|history of present|\bhpi\b|review of systems|follow-?up|new patient|established patient|consult|physical exam|assessment (?:and|&) plan|total time|returns"
);
re!(
    MEDICAL,
    r"\b(?:patient|diagnos\w+|medications?|mg|allerg\w+|surg\w+|blood|pain|exam|clinic|physician|doctor|dr|hospital|nurse|treatment|procedure|ecg|ekg|therapy|dose|fibrillation|cardiac|cardiology|ejection|echocardiogram|pulmonary|renal|hepatic|infection|symptoms?|tumou?r)\b"
);
re!(
    SPINE,
    r"\b(?:spin(?:e|al)|stimulator|pedicles?|scolio\w+|lumbar|cervical|thoracic|sacr\w+|lamin\w+|vertebra\w*|dis[ck]s?|epidural|facet|radiculopath\w*|stenosis of the|foramin\w+|[clts]\d{1,2}-[clts]?\d|back pain|neck pain|sciatica)\b"
);

/// The kind of a document.
pub(crate) fn kind(doc: &Doc, sentences: &[Sentence]) -> Kind {
    let text = doc.norm.trim_start();
    if text.trim().is_empty() {
        return Kind::Empty;
    }
    let head = text.get(..text.len().min(200)).unwrap_or(text);
    let summary =
        |s: &str| ["discharge summary", "date of discharge", "hospital course"].iter().any(|w| s.contains(w));
    if has(&DISCHARGE, head) && (summary(head) || !has(&WORKED, text) && !has(&AT_WORK, text)) {
        return Kind::Discharge;
    }
    let title = head.get(..head.len().min(90)).unwrap_or(head);
    for (r, kind) in
        [(&CALL, Kind::Call), (&REQUEST, Kind::Request), (&LEAFLET, Kind::Leaflet), (&REVIEW, Kind::Review)]
    {
        if has(r, title) && !has(&WORKED, text) {
            return kind;
        }
    }
    let operative = has(&OPERATIVE, text) || sentences.iter().any(|s| s.part == Part::Procedures);
    let count = |r: &std::sync::LazyLock<Option<regex::Regex>>| crate::text::all(r, text).len();
    if !operative {
        if has(&IMAGING_TITLE, head) && count(&IMAGING) >= 2 || count(&IMAGING) >= 4 {
            return Kind::Imaging;
        }
        if count(&CONSENT) >= 2 {
            return Kind::Consent;
        }
        if has(&DISCHARGE, text) {
            return Kind::Discharge;
        }
        if has(&THERAPY, head) {
            return Kind::Therapy;
        }
    }
    let spine = has(&SPINE, text);
    if operative && spine {
        Kind::Procedure
    } else if spine && has(&VISIT, text) {
        Kind::Visit
    } else if operative || count(&MEDICAL) >= 2 {
        Kind::OtherMedicine
    } else if spine {
        Kind::Visit
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind};
    use crate::sections::sentences;
    use crate::text::Doc;

    #[test]
    fn kinds() {
        for (text, expected) in [
            ("", Kind::Empty),
            ("\u{1f480}\u{1f480} \t", Kind::Empty),
            ("milk, eggs, two cages for the hamster", Kind::Other),
            (
                "MRI LUMBAR SPINE without contrast. Comparison: none. Findings: L4-5 stenosis. Impression: stenosis.",
                Kind::Imaging,
            ),
            ("I hereby authorize Dr. Lee to perform L4-5 fusion. I understand the risks.", Kind::Consent),
            ("DISCHARGE SUMMARY\nProcedures performed: L4-5 TLIF.", Kind::Discharge),
            ("Physical therapy visit 4. Lumbar stabilisation, gait training.", Kind::Therapy),
            ("PROCEDURE: L4-5 laminectomy. The patient was placed prone.", Kind::Procedure),
            (
                "Cardiology follow-up. The patient takes metoprolol 25 mg; EKG shows sinus rhythm.",
                Kind::OtherMedicine,
            ),
            (
                "PROCEDURE: cholecystectomy. A port was placed through an umbilical incision.",
                Kind::OtherMedicine,
            ),
            ("Chief complaint: back pain. History of present illness: sciatica for a year.", Kind::Visit),
            (
                "Lumbar MRI reviewed. The patient was placed prone, and an incision made. Comparison: impression: axial signal.",
                Kind::Procedure,
            ),
        ] {
            let d = Doc::new(text);
            assert_eq!(kind(&d, &sentences(&d)), expected, "{text}");
        }
    }
}
