//! The parts of a note: headings typed on their own line or dictated in a running text, and sentences.
//!
//! A sentence carries the part it stands in. In a list of procedures a narrative sentence ("the microscope
//! was used") belongs to the body; after a dictated diagnosis a sentence that names work belongs to it too.

mod heading;
mod prose;
mod shape;
mod spoken;

use crate::text::{Doc, all, has, re};
use heading::{Mark, marks};

/// What a part of the note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Preoperative diagnosis.
    Before,
    /// Postoperative diagnosis: preferred over the preoperative one.
    After,
    /// A diagnosis without more (procedure notes, assessments).
    Diagnosis,
    /// The list of procedures.
    Procedures,
    /// Implants and grafts listed.
    Implants,
    /// Indications, history, consent, risks: what was known, discussed or done before.
    History,
    /// The narrative.
    Body,
    /// What comes later.
    Plan,
    /// Blood loss, names, times.
    Other,
}

/// A sentence of the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) part: Part,
    /// Number of its list item or line within the part, so that neighbours can be told apart.
    pub(crate) section: usize,
}

re!(
    WORK_DONE,
    r"\b(?:was|were) (?:\w+ly )?(?:then )?(?:done|performed|placed|made|removed|opened|carried out|taken|inserted|injected|prepped|positioned|turned|drilled|decorticated|used|laid|closed|irrigated|incised|exposed|identified|retracted|freed|decompressed|stimulated|tested|brought|more difficult)\b"
);
re!(STOP, r"(?:[.!?;]+(?:\s|$)|\n)");
re!(NUMBERED, r"[ \t]\(?\d\d?\) ?[a-z]");
re!(NARRATIVE, r"\b(?:was|were|we|i|he|she|is|has|had|there|patient)\b");
re!(
    NARRATIVE_START,
    r"^\W*(?:the patient|patient was|pt |she\b|he\b|it was|after |under |with the patient|once |following |a |an? \w+ incision|i |we |mr|ms|mrs)"
);
// A story begins behind a list of implants or a line of diagnosis.
re!(
    TELLS,
    r"^\W*(?:the patient|patient (?:was|is)|pt (?:was|is)|after |under (?:general|adequate|satisfactory|suitable|geta|fluoro)|with the patient|once |following |supine|prone|part one\b|we |i )"
);
re!(
    STORY,
    r"^\W*(?:mri|ct|x-?rays?|emg)\b|\b(?:gave|had) (?:\w+ ){0,3}relief|\bfor (?:\w+ ){1,2}(?:months|years)\b"
);
re!(
    BEGINS,
    r"^\W*(?:lying |laid |placed |turned )?(?:prone|supine|(?:left |right )?lateral decubitus|semi-?recumbent|seated)\b|^\W*(?:time[- ]?out|c-?arm|general (?:endotracheal )?an(?:a)?esthe|under (?:general|mac|local|fluoro|sterile))|\b\d\d ?-? ?(?:g|ga|gauge)\b|\b(?:tuohy|quincke|chiba|jamshidi)\b|\b(?:skin|back|neck|area|site|flank) (?:was |were )?(?:prepped|cleaned|washed)|\b(?:prepped|draped)\b|\bneedled\b|\b(?:linear|curved|ultrasound)[a-z0-9 ]{0,12}(?:probe|transducer)\b|^\W*(?:left|right|[lr]) (?:side|site) marked|\b(?:pocket|scar)\b[^.]{0,40}\bopened\b"
);
// "SCREWS. T10, T11 and L1, both sides." names in one word what its first sentence tells of.
re!(
    TOPIC,
    r"^\W*(?:pedicle |posterior |anterior |bone |local )?(?:screws?|instrumentation|fixation|fusion|arthrodesis|osteotom(?:y|ies)|decompression|laminectom(?:y|ies)|grafts?|grafting|cages?|interbody|plates?|corpectomy|dis[ck]ectom(?:y|ies))\s*$"
);
re!(UNDER, r"^\W*(?:under (?:general|adequate|satisfactory|geta)|prone\b|supine\b)");
re!(ITEM, r"^\s*(?:\(?[a-h\d]{1,2}[.):]|[-*]|part \w+|number \w+)");
re!(
    ABBREVIATION,
    r"(?:\b(?:dr|mr|mrs|ms|no|vs|approx|st|fig|e\.g|i\.e|p|l|c|e|k|t|inc|jr|asst|bilat|incl)|\b\d)\.$"
);

/// The sentences of a note, each with its part.
pub(crate) fn sentences(doc: &Doc) -> Vec<Sentence> {
    let mut marks = marks(doc);
    // Whatever headings an older note has, it is history here.
    for (s, e) in spoken::pasted(&doc.norm) {
        marks.retain(|m| m.at < s || m.at >= e);
        marks.push(Mark { at: s, content: s, part: Part::History });
        if e < doc.norm.len() {
            marks.push(Mark { at: e, content: e, part: Part::Body });
        }
    }
    marks.sort_by_key(|m| m.at);
    let old = spoken::pasted(&doc.norm);
    let mut out = vec![];
    let first = marks.first().map_or(doc.norm.len(), |m| m.at);
    // What stands before the first heading: a title, or the whole of an unstructured dictation.
    split(doc, 0, first, Part::Body, 0, &mut out);
    let mut listed = false;
    for (i, m) in marks.iter().enumerate() {
        let end = marks.get(i + 1).map_or(doc.norm.len(), |n| n.at);
        let content = doc.slice(m.content, end);
        let mut part = m.part;
        if part == Part::Procedures {
            // The second "PROCEDURE:" of a note, or one that tells a story, is the narrative.
            let tells = has(&NARRATIVE_START, content.trim_start());
            if tells || (listed && content.len() > 500) {
                part = Part::Body;
            } else if !content.trim().is_empty() {
                listed = true;
            }
        }
        let before = out.len();
        split(doc, m.content, end, part, i + 1, &mut out);
        if matches!(part, Part::History | Part::Plan) && !old.iter().any(|o| o.0 <= m.at && m.at < o.1) {
            let tail = out.get_mut(before..).unwrap_or(&mut []);
            // Indications end where the acts of the day begin.
            if let Some(first) = tail.iter().position(|s| spoken::begins_today(doc.slice(s.start, s.end))) {
                tail.iter_mut().skip(first).for_each(|s| s.part = Part::Body);
            }
        }
    }
    prose::settle(doc, &mut out, &old);
    out
}

fn split(doc: &Doc, from: usize, to: usize, part: Part, section: usize, out: &mut Vec<Sentence>) {
    let text = doc.slice(from, to);
    let mut start = from;
    let mut first = true;
    // Once a list of procedures has begun to tell, what follows tells too, item numbers aside.
    let mut told = false;
    // Behind a diagnosis, the first needle, drape or position begins the telling, items and all.
    let mut acts = false;
    // Behind a list of procedures, a line of films and treatments tells how it came to them.
    let mut story = false;
    let mut push = |s: usize, e: usize, first: &mut bool| {
        let words = doc.slice(s, e);
        if words.trim().len() < 2 {
            return;
        }
        let narrative = has(&NARRATIVE, words);
        story |= part == Part::Procedures && !told && !first.to_owned() && has(&STORY, words);
        // It ends where the patient is laid down.
        if has(&BEGINS, words) && !has(&ITEM, words) {
            story = false;
        }
        let part = match part {
            Part::Procedures if story && !narrative => Part::History,
            // Behind the list the patient is laid down: the telling begins.
            Part::Procedures if !*first && has(&BEGINS, words) && !has(&ITEM, words) => {
                told = true;
                Part::Body
            }
            Part::Procedures if !*first && (narrative || (told && !has(&ITEM, words))) => {
                told |= narrative;
                Part::Body
            }
            // Behind a list of implants without a heading of its own the narrative begins.
            Part::Implants
                if !*first && (told || (narrative && has(&WORK_DONE, words)) || has(&TELLS, words)) =>
            {
                told = true;
                Part::Body
            }
            Part::Before | Part::After | Part::Diagnosis
                if !*first
                    && (has(&WORK_DONE, words)
                        || acts
                        || has(&BEGINS, words)
                        || (told && !has(&ITEM, words))) =>
            {
                acts |= has(&BEGINS, words);
                told |= acts || has(&TELLS, words);
                Part::Body
            }
            Part::Diagnosis if !*first && has(&UNDER, words) => {
                told = true;
                Part::Body
            }
            p => p,
        };
        out.push(Sentence { start: s, end: e, part, section });
        *first = false;
    };
    let mut stops = all(&STOP, text);
    if part == Part::Procedures {
        // "1) TLIF L3-4 2) laminectomy": each item of a list on one line.
        stops.extend(all(&NUMBERED, text).into_iter().map(|(s, _)| (s, s + 1)));
        stops.sort_unstable();
    }
    for (s, e) in stops {
        let (s, e) = (from + s, from + e);
        let before = doc.slice(start, s + 1);
        if doc.slice(s, e).starts_with('.')
            && has(&ABBREVIATION, before)
            && !before.ends_with(|c: char| c.is_ascii_digit())
        {
            // "Dr." goes on; "C6." ends, "1." of a list does not stand alone.
            let list_number = before.trim_start().len() <= 3;
            let level = before.trim_end_matches('.').ends_with(|c: char| c.is_ascii_digit()) && !list_number;
            if !level {
                continue;
            }
        }
        let topic = doc.slice(s, e).starts_with(['.', ':'])
            && !doc.slice(s, e).contains('\n')
            && matches!(part, Part::Body | Part::Other)
            && doc.slice(0, start).trim_end_matches([' ', '\t']).ends_with('\n')
            && has(&TOPIC, doc.slice(start, s));
        if topic {
            continue;
        }
        for (a, b) in spoken::pieces(doc.slice(start, s)) {
            push(start + a, start + b, &mut first);
        }
        start = e;
    }
    for (a, b) in spoken::pieces(doc.slice(start, to)) {
        push(start + a, start + b, &mut first);
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, sentences};
    use crate::text::Doc;

    fn parts(s: &str) -> Vec<(Part, String)> {
        let d = Doc::new(s);
        sentences(&d).iter().map(|x| (x.part, d.slice(x.start, x.end).trim().to_owned())).collect()
    }

    #[test]
    fn typed_headings() {
        let p = parts(
            "PREOPERATIVE DIAGNOSIS: Stenosis.\nPOSTOPERATIVE DIAGNOSES:\n1. Same.\nPROCEDURE PERFORMED:\n1. Fusion L4-5.\n2. Screws.\n\nINDICATIONS: Pain.\nPROCEDURE: The patient was placed prone. Dr. X closed.",
        );
        let at = |w: &str| p.iter().find(|(_, t)| t.contains(w)).map(|(p, _)| *p);
        assert_eq!(at("stenosis"), Some(Part::Before), "{p:?}");
        assert_eq!(at("same"), Some(Part::After), "{p:?}");
        assert_eq!(at("fusion"), Some(Part::Procedures), "{p:?}");
        assert_eq!(at("screws"), Some(Part::Procedures), "{p:?}");
        assert_eq!(at("pain"), Some(Part::History), "{p:?}");
        assert_eq!(at("placed prone"), Some(Part::Body), "{p:?}");
        assert!(p.iter().any(|(_, t)| t == "dr. x closed." || t == "dr. x closed"), "{p:?}");
    }

    #[test]
    fn dictated_headings() {
        let p = parts(
            "Preoperative diagnosis, lumbar stenosis L4 L5. Procedure performed, L4 L5 laminectomy, fusion L4 to L5. The microscope was used. Estimated blood loss was fifty.",
        );
        let at = |w: &str| p.iter().find(|(_, t)| t.contains(w)).map(|(p, _)| *p);
        assert_eq!(at("stenosis"), Some(Part::Before), "{p:?}");
        assert_eq!(at("laminectomy"), Some(Part::Procedures), "{p:?}");
        assert_eq!(at("microscope"), Some(Part::Body), "{p:?}");
        let p = parts("Percedure perform L4L5 laminectomy");
        assert_eq!(p[0].0, Part::Procedures, "{p:?}");
    }

    fn part_at(s: &str, word: &str) -> Option<Part> {
        parts(s).iter().find(|(_, t)| t.contains(word)).map(|(p, _)| *p)
    }

    #[test]
    fn unusual_headings() {
        for (text, word, part) in [
            (
                "DIAGNOSIS: Stenosis.,TITLE OF OPERATION:,L4-5 laminectomy.,ANESTHESIA:, General.",
                "laminectomy",
                Part::Procedures,
            ),
            ("PRE/POSTOPERATIVE DIAGNOSIS\nStenosis L4-5\nOPERATION: laminectomy", "stenosis", Part::After),
            ("Dx pre: stenosis\nDx post: synovial cyst\nProcedure: laminectomy", "cyst", Part::After),
            ("Procedure(s) (LRB):\nL4-5 LAMINECTOMY (N/A)", "laminectomy", Part::Procedures),
            (
                "Procedure(s) and Anesthesia Type:\n* L4-5 LAMINECTOMY - General",
                "laminectomy",
                Part::Procedures,
            ),
            ("PLAN: home.\nADDENDUM: The right L5 root was decompressed too.", "root", Part::Body),
            (
                "okay preop diagnosis is stenosis at L4 L5. what we did was a laminectomy at L4 L5. she was asleep",
                "stenosis",
                Part::Before,
            ),
            (
                "okay preop diagnosis is stenosis at L4 L5. what we did was a laminectomy at L4 L5. she was asleep",
                "laminectomy",
                Part::Procedures,
            ),
            (
                "Diagnosis before and after is myelopathy. The operation was a laminectomy of C4.",
                "myelopathy",
                Part::After,
            ),
            ("The operation was uneventful. The operation was a success for him.", "uneventful", Part::Body),
        ] {
            assert_eq!(part_at(text, word), Some(part), "{text}: {:?}", parts(text));
        }
    }

    #[test]
    fn indications_end_where_the_day_begins() {
        let text = "Indications. She had a fusion in 2019 and pain since. In 2019 she was taken to the operating room for a cyst. We discussed the risks. The patient was then taken to the operating room and turned prone. A laminectomy was done.";
        for (word, part) in [
            ("fusion", Part::History),
            ("cyst", Part::History),
            ("risks", Part::History),
            ("turned prone", Part::Body),
            ("laminectomy", Part::Body),
        ] {
            assert_eq!(part_at(text, word), Some(part), "{word}");
        }
    }

    #[test]
    fn an_older_note_below_is_history() {
        for rule in [
            "-- previous note --",
            "=== PASTED FOR REFERENCE: OP NOTE 01/05/2024 ===",
            "*** Copied from prior encounter ***",
            "----- Old operative note, 2021 -----",
        ] {
            let text = format!(
                "PROCEDURE: L4-5 laminectomy.\nThe patient was placed prone.\n{rule}\nPROCEDURE: L5-S1 fusion.\nScrews were placed. The patient was taken to the operating room and turned prone."
            );
            assert_eq!(part_at(&text, "laminectomy"), Some(Part::Procedures), "{rule}");
            for word in ["fusion", "screws", "turned prone"] {
                assert_eq!(part_at(&text, word), Some(Part::History), "{rule} {word}");
            }
        }
    }
}
