//! Questions about the note as a whole: what it is, what was not read, what a coder has to settle before any of
//! its codes is right.

use crate::document::Kind;
use crate::reader::Note;
use crate::sections::Part;
use crate::text::{all, has, re};
use crate::unread::Why;
use iambilly_claim::{CodedLine, Query, Risk};

re!(
    TRANSITIONAL,
    r"\btransitional (?:vertebra\w*|anatomy|segment|level|lumbosacral)|lumbosacral transitional|lumbari[sz](?:ed|ation)(?: of)?(?: the)?(?: s-?1| sacr\w+)?|(?:s-?1 )?(?:is |was )?lumbari[sz]ed|sacrali[sz](?:ed|ation)(?: of)?(?: l-?5)?|\bl ?-?6\b|\bl5-6\b|(?:thirteen|13|eleven|11) (?:pairs of )?(?:ribs|rib-bearing)|(?:four|six|4|6) (?:non-?rib-?bearing|lumbar(?:-type)? vertebra\w*)|castellvi|bertolotti"
);
re!(NO_TRANSITION, r"\b(?:no|not|without|five|5)\b[^.;]{0,30}$");
re!(
    FOREIGN,
    r"\b(?:el|los|las|una|del|con|para|por|paciente|fue|izquierd[ao]|derech[ao]|sin|le|les|une|avec|pour|gauche|droite|patiente|etait|der|die|das|und|mit|wurde|nicht|ohne|rechts|eine[rnms]?)\b"
);
re!(BLANKS, r"\*{3,}|_{3,}|\{[^}\n]{0,60}\}|@[a-z][a-z0-9_ ]{0,30}@|<[a-z][^<>\n]{0,30}>");
re!(
    AGAIN,
    r"(?m)^[^\n]{0,20}\b(?:post-?operative diagnos[ei]s|procedures? performed|operations? performed)\b"
);

/// The questions a note raises as a whole; `lines` are the service lines found in it.
pub(crate) fn queries(note: &Note, lines: &[CodedLine]) -> Vec<Query> {
    let codes: Vec<String> = lines.iter().map(|l| l.code.to_string()).collect();
    let ask = |question: String, spans: Vec<(usize, usize)>| Query {
        question,
        affects: codes.clone(),
        evidence: spans.iter().take(6).filter_map(|s| note.doc.evidence(s.0, s.1)).collect(),
        risk: Risk::Compliance,
        stake: 0.0,
    };
    let mut out = vec![];
    let blanks = open_blanks(note);
    if lines.is_empty() && note.cancelled.is_none() {
        let text = if blanks.len() >= 3 {
            "No spine service is described: this reads as a form that was not filled in. Which operation was done, at which levels?".to_owned()
        } else {
            nothing_found(note)
        };
        out.push(ask(text, vec![]));
    }
    if let Some(span) = note.cancelled {
        out.push(ask(
            "The operation is described as cancelled or not performed, so nothing of it is reported: was any part begun after anesthesia or incision (modifier 53)?".to_owned(),
            vec![span],
        ));
    }
    let unread = |why: Why| -> Vec<(usize, usize)> {
        note.doc.unread.iter().filter(|u| u.why == why).map(|u| (u.span.start, u.span.end)).collect()
    };
    let orders = unread(Why::Instruction);
    if !orders.is_empty() {
        out.push(ask(
            "The note contains instructions about billing or to a program; they are no record of work and were not read. Is the documented work complete without them?".to_owned(),
            orders,
        ));
    }
    let other = unread(Why::OtherDay);
    if !other.is_empty() {
        out.push(ask("The note holds operations of several days; only the one of the date of service was coded. Is there a claim for the others?".to_owned(), other));
    } else if let Some(q) = several_operations(note) {
        out.push(ask(q.0, q.1));
    }
    if !blanks.is_empty() {
        out.push(ask(
            "The note is a form with blanks that were not filled in: what belongs there?".to_owned(),
            blanks,
        ));
    }
    let foreign = all(&FOREIGN, &note.doc.norm);
    if foreign.len() >= 4 {
        out.push(ask(
            "Part of the note is not in English and may not have been read: is the English part complete?"
                .to_owned(),
            foreign,
        ));
    }
    let transitional = transitional(note);
    if !transitional.is_empty() {
        out.push(ask("A transitional or supernumerary vertebra is described: which levels were operated on, and how many, in the numbering of the note?".to_owned(), transitional));
    }
    out
}

fn nothing_found(note: &Note) -> String {
    let kind = note.kind.words();
    // Levels of the spine where work is told: a name that was not understood rather than another specialty.
    let levels = match note.kind {
        Kind::OtherMedicine => Some(false),
        // One bone alone may be anything ("L4 batteries").
        Kind::Other => Some(true),
        _ => None,
    };
    let at_work = |pair: bool| {
        note.sentences.iter().filter(|s| matches!(s.part, Part::Procedures | Part::Body)).any(|s| {
            let from = note.groups.partition_point(|g| g.start < s.start);
            let here = note.groups.iter().skip(from).take_while(|g| g.start < s.end);
            here.filter(|g| !g.nerve).any(|g| !pair || !g.interspaces().is_empty())
        })
    };
    if levels.is_some_and(at_work) {
        return "No spine service could be read, though levels of the spine are named where work is told: the name of the operation may not have been understood. Which operation was done, at which levels?".to_owned();
    }
    match note.kind {
        Kind::Empty => "No spine service is described: the text is empty.".to_owned(),
        Kind::Other | Kind::OtherMedicine => {
            format!("No spine service is described: this reads as {kind}. Is it the right document?")
        }
        Kind::Visit => "No spine procedure is described: this reads as a visit or consultation whose level the note does not prove. Which service was given?".to_owned(),
        Kind::Procedure => "No spine service could be read from this procedure note: which operation was done, at which levels?".to_owned(),
        _ => format!("No spine service of the author is described: this reads as {kind}. Where is the record of the service?"),
    }
}

/// Signs that the note holds more than one operation: days that differ, or a second set of headings.
fn several_operations(note: &Note) -> Option<(String, Vec<(usize, usize)>)> {
    let days = &note.days;
    let first = days.first().map(|d| d.1);
    let others: Vec<(usize, usize)> =
        days.iter().filter(|d| Some(d.1) != first).map(|d| (d.0, d.0 + 40)).collect();
    if !others.is_empty() {
        return Some((
            "The note names several days of operation: which of the work belongs to this date of service?"
                .to_owned(),
            others,
        ));
    }
    let again = second_report(note);
    (!again.is_empty()).then(|| {
        (
            "The note holds two reports: are they two operations of one day, or should one be coded alone?"
                .to_owned(),
            again,
        )
    })
}

/// Headings that stand once in a report and stand here a second time, well apart.
fn second_report(note: &Note) -> Vec<(usize, usize)> {
    let found = all(&AGAIN, &note.doc.norm);
    let name = |s: &(usize, usize)| -> String {
        note.doc.slice(s.0, s.1).chars().filter(char::is_ascii_alphabetic).take(5).collect()
    };
    let again = found
        .iter()
        .enumerate()
        .filter(|(i, m)| found.iter().take(*i).any(|o| name(o) == name(m) && m.0.saturating_sub(o.1) > 200));
    again.map(|(_, m)| *m).collect()
}

/// Whether a passage has a blank of a form in it.
pub(crate) fn has_blank(words: &str) -> bool {
    has(&BLANKS, words)
}

/// Blanks left in the operative parts; one in running text alone (a missing name) is no form.
fn open_blanks(note: &Note) -> Vec<(usize, usize)> {
    all(&BLANKS, &note.doc.norm)
        .into_iter()
        .filter(|b| !note.doc.slice(b.0, b.1).starts_with('*') || b.1 - b.0 == 3)
        .filter(|b| note.part_at(b.0).is_some_and(|p| !matches!(p, Part::Other | Part::History)))
        .collect()
}

fn transitional(note: &Note) -> Vec<(usize, usize)> {
    all(&TRANSITIONAL, &note.doc.norm)
        .into_iter()
        .filter(|m| {
            let before = note.doc.slice(m.0.saturating_sub(60), m.0);
            !NO_TRANSITION.as_ref().is_some_and(|r| r.is_match(before))
        })
        .collect()
}
