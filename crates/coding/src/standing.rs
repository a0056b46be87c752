//! Whether a text proves a service at all, and whether it is a visit.
//!
//! A form with its blanks unfilled and another service's letter give neither lines nor diagnoses. In a visit, what
//! is told of operations lies in the past or ahead. Items that open with a date before the day of service are set
//! aside sentence by sentence. (What kind of document it is otherwise: `document`; boxes left unticked: `unread`.)

use crate::sections::{Part, Sentence};
use crate::text::{Doc, all, has, re};
use jiff::civil::Date;

/// What a text proves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    /// It gives neither lines nor diagnoses.
    pub(crate) silent: bool,
    /// It is a visit: what it tells of operations lies in the past or ahead.
    pub(crate) visit: bool,
}

re!(
    BLANK,
    r"_{3,}|\[\s*_*\s*\]|\[(?:[a-z][a-z ]{1,24}(?:/[a-z ]{2,24})*|free text|\*+)\]|\*{3}|\{[a-z][^}\n]{2,60}\}|<[a-z][a-z ]{2,24}>"
);
re!(
    OTHER_TITLE,
    r"\b(?:cardiology|cardiac|heart|pulmon\w+|nephrology|hematology|oncology|endocrin\w+|rheumatology|psycholog\w+|psychiatr\w+|dietary|nutrition|social work|pathology|physical therapy|physiotherapy|occupational therapy|chiropractic|speech therapy|nursing)\b[^.\n]{0,40}\b(?:consult\w*|letter|note|report|evaluation|assessment|record|clearance|visit|progress|discharge|initial|daily|session|plan of care)\b"
);
re!(
    THERAPY,
    r"therapeutic exercise|manual therapy|gait training|neuromuscular re-?education|plan of care|home exercise program|\bdpt\b|\bot/l\b|sets? of (?:\d+|ten)|visit #? ?\d+ of \d+"
);
re!(
    SURGEONS_WORK,
    r"(?m)\bincision\b|^\W*procedures?\s*:|details? of (?:the )?procedure|spinal needle|retractors?|wounds? (?:was |were )?closed|prepped and draped|\bdraped\b|procedures? performed|operation performed|operative (?:note|report)|estimated blood loss|\bebl\b|tuohy|was (?:anesthetized|intubated)"
);
re!(
    VISIT,
    r"office (?:visit|note)|clinic (?:visit|note|follow)|(?:spine|pain|neurosurgery|orthop\w+|post-?operative|follow[- ]?up|headache)[^.\n]{0,24}(?:clinic|visit|office)|follow[- ]?up (?:visit|note|evaluation)|new patient|established patient|chief complaint|\bcc\s*:|history of (?:the )?present illness|\bhpi\b|review of systems|\bros\b|progress note|h&p|history and physical|(?:initial|outpatient|inpatient|spine|surgical|neurosurg\w+|hospital) consult\w*|medical decision making|minutes (?:in total|of total|total|on the)|total time|seen today|return to clinic|\brtc\b|return patient|\ba/p\b|dear (?:dr|doctor|colleague)|(?:asking|asked) (?:for )?my opinion|(?:video|telehealth|telemedicine) visit|urgent add-?on|reason \d|post-?op\w* (?:visit|check)|\bs\s*:|subjective"
);
re!(
    OPEN_WORK,
    r"(?:\ban?|midline|transverse|longitudinal|cm|inch|paramedian|oblique|stab) incision\b|incisions? (?:was|were) (?:then )?(?:made|carried|opened|deepened|extended|closed|taken)\b|prepped and draped|draped|general (?:endotracheal )?an(?:a)?esthesia|estimated blood loss|\bebl\b|\bcounts?\b (?:were|was)? ?correct|pedicle screws? (?:were|was) placed"
);
re!(
    BEFORE_TODAY,
    r"\b(?:last|previous|prior|earlier|most recent|past) (?:\w+ ){0,6}?(?:was |on |from |of |: ?)?(?:on )?(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4}|\d{2})\b|\b(?:last|previous|prior|earlier|most recent) [^.:]{2,50}: ?(?P<m2>\d{1,2})[/-](?P<d2>\d{1,2})[/-](?P<y2>\d{4}|\d{2})\b"
);
re!(
    ON_DAY,
    r"(?:\bon|\bof|\bdone|\bperformed|,|\() ?(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4}|\d{2})\b"
);
re!(
    DATED,
    r"^\W*(?:in |on )?(?:(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4}|\d{2})|(?P<year>(?:19|20)\d\d))\b"
);

/// How many blanks make a text a form.
const BLANKS: usize = 6;

/// Reads what a text proves and sets aside sentences that tell of another day.
pub(crate) fn read(doc: &Doc, sentences: &mut [Sentence], dos: Date) -> Standing {
    let text = &doc.norm;
    for s in sentences.iter_mut().filter(|s| s.part != Part::Procedures && s.part != Part::After) {
        if earlier(doc.slice(s.start, s.end), dos) {
            s.part = Part::History;
        }
    }
    let head = text.get(..text.len().min(500)).unwrap_or(text);
    let other = !has(&SURGEONS_WORK, text) && (has(&OTHER_TITLE, head) || all(&THERAPY, text).len() >= 3);
    let silent = other || all(&BLANK, text).len() >= BLANKS;
    let visit = !silent && !has(&OPEN_WORK, text) && (has(&VISIT, head) || all(&VISIT, text).len() >= 2);
    if visit {
        // "Op: ACDF C5-6 on 12/25/2025": the operation that the visit follows.
        let listed = sentences.iter_mut().filter(|s| s.part == Part::Procedures);
        for s in listed.filter(|s| of_another_day(doc.slice(s.start, s.end), dos)) {
            s.part = Part::History;
        }
    }
    Standing { silent, visit }
}

/// The words date what they name, and to days before the day of service.
fn of_another_day(words: &str, dos: Date) -> bool {
    let Some(r) = ON_DAY.as_ref() else { return false };
    let days: Vec<Date> = r.captures_iter(words).filter_map(|c| date(&c, ["m", "d", "y"])).collect();
    !days.is_empty() && days.iter().all(|d| *d < dos)
}

/// The date that three groups of a match name.
fn date(c: &regex::Captures<'_>, groups: [&str; 3]) -> Option<Date> {
    let [m, d, y] = groups.map(|g| c.name(g).and_then(|x| x.as_str().parse::<i16>().ok()));
    let (m, d, y) = (i8::try_from(m?).ok()?, i8::try_from(d?).ok()?, y?);
    Date::new(if y < 100 { y + 2000 } else { y }, m, d).ok()
}

/// The sentence opens with a date or year before the day of service, or names the last procedure and its date.
fn earlier(words: &str, dos: Date) -> bool {
    let dated = DATED.as_ref().and_then(|r| r.captures(words));
    let Some(c) = dated.or_else(|| BEFORE_TODAY.as_ref().and_then(|r| r.captures(words))) else {
        return false;
    };
    if let Some(year) = c.name("year").and_then(|m| m.as_str().parse::<i16>().ok()) {
        return year < dos.year();
    }
    date(&c, ["m", "d", "y"]).or_else(|| date(&c, ["m2", "d2", "y2"])).is_some_and(|x| x < dos)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::sections::{Part, sentences};
    use crate::text::Doc;

    fn standing(text: &str) -> (bool, bool) {
        let doc = Doc::new(text);
        let mut s = sentences(&doc);
        let st = read(&doc, &mut s, jiff::civil::date(2026, 2, 2));
        (st.silent, st.visit)
    }

    #[test]
    fn texts_that_prove_nothing() {
        for (text, expected) in [
            (
                "Procedure: [LEVEL] epidural. Patient: ______ DOB: ______ Needle [GAUGE], dose [DOSE], side [SIDE], signed ______",
                true,
            ),
            ("CARDIOLOGY CLEARANCE LETTER. Planned L3-4 laminectomy. Ejection fraction normal.", true),
            ("Physical therapy daily note. Therapeutic exercise after her L4-5 fusion.", true),
            ("Procedure performed: L4-5 laminectomy. An incision was made. EBL 50.", false),
        ] {
            assert_eq!(standing(text).0, expected, "{text}");
        }
    }

    #[test]
    fn visits_are_told_from_operations() {
        assert!(standing("Office visit. HPI: back pain after her L4-5 fusion last year. Exam: strong.").1);
        assert!(!standing("Operative note. An incision was made. HPI: pain. EBL 20.").1);
    }

    #[test]
    fn earlier_dates_are_set_aside() {
        let doc = Doc::new("2019 L4-5 fusion with screws.\n02/02/2026 L3-4 laminectomy.");
        let mut s = sentences(&doc);
        read(&doc, &mut s, jiff::civil::date(2026, 2, 2));
        let part = |w: &str| s.iter().find(|x| doc.slice(x.start, x.end).contains(w)).map(|x| x.part);
        assert_eq!(part("fusion"), Some(Part::History));
        assert_ne!(part("laminectomy"), Some(Part::History));
    }
}
