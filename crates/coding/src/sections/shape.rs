//! Headings by their shape: a short label that begins a line and is made of a note's own words for its parts.
//!
//! Nobody can list what surgeons call the parts of a note ("Listed procedures", "Course of the operation", "Why",
//! "Operation ........"), but the words they build the labels from are few. A label counts when every word of it
//! is one of them; the words together say which part it begins.

use super::{Part, heading::Mark};
use crate::text::re;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word of a label says of the part it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Nothing of its own.
    Filler,
    Diagnosis,
    Before,
    After,
    Planned,
    Done,
    Procedure,
    Telling,
    /// A title of the whole text.
    Title,
    History,
    Implants,
    Later,
    Person,
    /// Front, back, side: which half of the work.
    Half,
    /// Part, stage, position.
    Stage,
}

const WORDS: [(Says, &str); 15] = [
    (
        Says::Filler,
        "the a an of for to in and or with on this that by as at from key brief short full actual actually listed \
         list final surgical spine spinal medical patient patients case was were we i is did used log record \
         records table sheet itself today day present general current name names heading number type s",
    ),
    (Says::Diagnosis, "diagnosis diagnoses dx dxs impression impressions assessment problem problems"),
    (
        Says::Before,
        "pre preop preoperative preoperatively before admitting admission preprocedure preprocedural initial",
    ),
    (
        Says::After,
        "post postop postoperative postoperatively after discharge postprocedure postprocedural throughout",
    ),
    (
        Says::Planned,
        "planned scheduled booked intended proposed consented posted requested schedule booking board preprinted \
         printed form meant hoped",
    ),
    (Says::Done, "performed done completed executed carried out rendered"),
    (
        Says::Procedure,
        "procedure procedures operation operations surgery surgeries intervention interventions components op \
         operative title treatment proc procs operated",
    ),
    (
        Says::Telling,
        "detail details description technique techniques narrative course steps step conduct execution findings \
         finding how what account proceedings",
    ),
    (Says::Title, "note notes report reports dictation document documentation summary"),
    (
        Says::History,
        "history indication indications clinical background why who reason reasons complaint complaints consent hpi \
         presentation rationale justification resume referral referring context introduction preamble question mechanism story hx pmh psh candidate workup",
    ),
    (Says::Implants, "implant implants hardware graft grafts device devices inventory prosthesis prostheses"),
    (
        Says::Later,
        "plan plans disposition aftercare care instructions recommendations recommendation follow up followup \
         follow-up afterwards afterward recovery advice letters next prognosis",
    ),
    (
        Says::Person,
        "surgeon surgeons attending assistant assistants assist asst staff anesthesia anesthetic anaesthesia \
         anaesthetic anes ebl blood loss losses fluids drain drains specimen specimens complications complication \
         counts facility hospital location place room status service monitoring neuromonitoring antibiotic \
         antibiotics operator physician provider fellow resident cosurgeon scrub nurse estimated urine output \
         tourniquet cultures pathology anesthesiologist crna dob mrn age sex tobacco allergy allergies primary \
         first second date",
    ),
    (Says::Half, "anterior posterior lateral front back ventral dorsal anteriorly posteriorly"),
    (Says::Stage, "part stage phase portion position half approach exposure"),
];

static VOCABULARY: LazyLock<HashMap<&str, Says>> = LazyLock::new(|| {
    WORDS.iter().flat_map(|(says, words)| words.split_whitespace().map(|w| (w, *says))).collect()
});

re!(
    LABEL,
    r"(?m)^[ \t*#>@.\d)\[\]-]*(?P<name>[a-z][a-z'/&, -]{1,60}?)(?: ?\([a-z0-9 ,/-]{1,40}\))?(?P<tail>[ \t]*(?::(?:[ \t]|$|[^\d\s])|\.{3,}|$)|\.[ \t])"
);

/// Longest label, in words.
const LONGEST: usize = 7;

/// The headings of a normalised text by their shape. What stands behind a label on its own line belongs to it as far as
/// the paragraph goes: a story or a plan that a label begins in passing does not swallow the telling below it.
pub(super) fn marks(norm: &str) -> Vec<Mark> {
    let Some(r) = LABEL.as_ref() else { return vec![] };
    let pre = r.captures_iter(norm).any(|c| c.name("name").is_some_and(|n| n.as_str() == "pre"));
    let mut out = vec![];
    for c in r.captures_iter(norm) {
        let (Some(name), Some(tail)) = (c.name("name"), c.name("tail")) else { continue };
        let sign = tail.as_str().trim();
        let found = match name.as_str() {
            "pre" => Some(Part::Before),
            "post" if pre => Some(Part::After),
            label => part(label, sign.starts_with('.') && sign.len() < 3),
        };
        let Some(part) = found else { continue };
        // The colon's next letter is no part of the sign.
        let content = match tail.as_str().find(':') {
            Some(at) => tail.start() + at + 1,
            None => tail.end(),
        };
        // "Anterior part" says the way in as well: its words stay in the telling.
        let content = if part == Part::Body && is_stage(name.as_str()) { name.start() } else { content };
        out.push(Mark { at: name.start(), content, part });
        let line = norm.get(content..).and_then(|t| t.split('\n').next()).unwrap_or("");
        let inline = !sign.is_empty() && !line.trim().is_empty();
        if inline && matches!(part, Part::History | Part::Plan | Part::Implants) {
            // What was booked is named on its line; a story or a plan goes on to the end of its paragraph.
            let booked = part == Part::Plan && names_booking(name.as_str());
            let close = if booked { "\n" } else { "\n\n" };
            let end = norm.get(content..).and_then(|t| t.find(close)).map(|at| content + at);
            out.extend(end.map(|at| Mark { at, content: at, part: Part::Body }));
        }
    }
    // A label at the head of the next paragraph says itself what begins there.
    let labels: Vec<usize> = out.iter().map(|m| m.at).collect();
    let labelled = |at: usize| {
        let rest = norm.get(at..).unwrap_or("");
        labels.contains(&(at + rest.len() - rest.trim_start().len()))
    };
    out.retain(|m| !norm.get(m.at..).is_some_and(|t| t.starts_with('\n')) || !labelled(m.at));
    out
}

/// Whether a label names what was booked or meant.
fn names_booking(label: &str) -> bool {
    label.split([' ', '/', ',', '-']).any(|w| VOCABULARY.get(w) == Some(&Says::Planned))
}

/// Whether a label names a half of the work.
fn is_stage(label: &str) -> bool {
    let says = |s: Says| label.split([' ', '/', ',', '-']).any(|w| VOCABULARY.get(w) == Some(&s));
    says(Says::Half) && says(Says::Stage)
}

/// The part a label begins; `stopped`: it ends with a stop, like a sentence.
fn part(label: &str, stopped: bool) -> Option<Part> {
    let words: Vec<String> = label
        .split([' ', '/', ',', '&'])
        .map(|w| w.trim_matches(['-', '\'']).replace(['-', '\''], ""))
        .filter(|w| !w.is_empty())
        .collect();
    if words.is_empty() || words.len() > LONGEST {
        return None;
    }
    let says: Vec<Says> = words.iter().map(|w| VOCABULARY.get(w.as_str()).copied()).collect::<Option<_>>()?;
    let any = |s: Says| says.contains(&s);
    if any(Says::Diagnosis) {
        return Some(match (any(Says::Before) || any(Says::History), any(Says::After)) {
            (_, true) => Part::After,
            (true, false) => Part::Before,
            _ => Part::Diagnosis,
        });
    }
    if any(Says::Planned) && !any(Says::Done) {
        // "This is the planned second half." is a sentence.
        return (!stopped).then_some(Part::Plan);
    }
    if any(Says::Half) && any(Says::Stage) {
        return Some(Part::Body);
    }
    // "After surgery." "Today." as a sentence name nothing.
    if stopped && !(any(Says::Telling) || any(Says::History) || any(Says::Later)) {
        return None;
    }
    let told = any(Says::Telling) || words.first().is_some_and(|w| w == "what") && any(Says::Done);
    if any(Says::History) && !(any(Says::Procedure) && told) {
        return Some(Part::History);
    }
    if told {
        return Some(Part::Body);
    }
    if any(Says::Title) {
        // "Patient summary" tells of the patient, "operative summary" of the operation.
        return (words.len() == 2 && matches!(words.first().map(String::as_str), Some("patient" | "case")))
            .then_some(Part::History);
    }
    if any(Says::Implants) {
        return Some(Part::Implants);
    }
    if any(Says::Later) || any(Says::After) && says.len() == 1 {
        return Some(Part::Plan);
    }
    if any(Says::Person) {
        return None;
    }
    (any(Says::Procedure) || any(Says::Done)).then_some(Part::Procedures)
}

#[cfg(test)]
mod tests {
    use super::{marks, part};
    use crate::sections::Part;

    #[test]
    fn labels_by_their_words() {
        for (label, expected) in [
            ("listed procedures", Some(Part::Procedures)),
            ("components today", Some(Part::Procedures)),
            ("interventions performed", Some(Part::Procedures)),
            ("planned/performed", Some(Part::Procedures)),
            ("procedure planned", Some(Part::Plan)),
            ("heading on the schedule board", Some(Part::Plan)),
            ("course of the operation", Some(Part::Body)),
            ("key steps", Some(Part::Body)),
            ("what was done", Some(Part::Body)),
            ("posterior stage", Some(Part::Body)),
            ("clinical resume", Some(Part::History)),
            ("patient summary", Some(Part::History)),
            ("why", Some(Part::History)),
            ("preoperative impression", Some(Part::Before)),
            ("discharge diagnosis", Some(Part::After)),
            ("implant log", Some(Part::Implants)),
            ("recovery", Some(Part::Plan)),
            ("operative report", None),
            ("pedicle screws", None),
            ("second position", None),
            ("new screws were laid in", None),
        ] {
            assert_eq!(part(label, false), expected, "{label}");
        }
    }

    #[test]
    fn labels_in_a_text() {
        let text = "operation ........ 1 fusion\ncourse\nprone. details of note were none.\nwhat was done. the arm went\nmechanism: fell\n9:15 start";
        let found: Vec<(&str, Part)> =
            marks(text).iter().map(|m| (text.get(m.at..m.at + 4).unwrap(), m.part)).collect();
        assert_eq!(
            found,
            [("oper", Part::Procedures), ("cour", Part::Body), ("what", Part::Body), ("mech", Part::History)]
        );
    }
}
