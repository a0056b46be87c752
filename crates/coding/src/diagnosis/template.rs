//! From a row of the data to whole codes: what stands in braces, and the rows that are a rule of their own.

use super::finding::{Finding, beside, bones_of, key_of_bone};
use super::fracture;
use super::story::Story;
use crate::operation::Operation;
use crate::reader::one_side;
use crate::text::re;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Vertebra};

re!(ARM, r"\barm\b|\bhand\b|upper (?:limb|extremity)|wrist|forearm|shoulder");
re!(LEG, r"\bleg\b|\bfoot\b|lower (?:limb|extremity)|ankle|\bknee\b|\bcalf\b");
re!(INSIDE, r"intradural|leptomeningeal|drop metasta\w+|spinal cord metasta\w+|intramedullary");
re!(SPONTANEOUS, r"spontaneous");
re!(
    OPERATED,
    r"post-?\s?op\w*|post-?surg\w*|after|following|status post|s/p|wound|incision|persistent|recurrent"
);
re!(PUS, r"\bpus\b|purulen\w+|abscess\w*|empyema");
re!(
    IN_CANAL,
    r"(?:epidural|canal|behind the (?:cord|dura|sac)|dorsal to the (?:cord|dura|sac)|thecal sac|\bcord\b|\bdura\b|ligamentum|laminectomy at|laminae of)"
);
re!(PUNCTURE, r"puncture|\blp\b|spinal tap|epidural (?:steroid )?injection");

/// A code with the bones it concerns.
pub(super) type Placed = (String, Vec<Vertebra>);

/// The codes of a finding at one place, from a template of its row.
pub(super) fn resolve(
    op: &Operation<'_>,
    f: &Finding,
    template: &str,
    place: (&'static str, Option<Interspace>),
    story: &Story,
) -> Vec<Placed> {
    let bones = || bones_of(f, place.1);
    let one = |code: &str| vec![(code.to_owned(), bones())];
    let ep = story.episode;
    match template {
        "elsewhere" => return vec![],
        "fracture" => return fracture::codes(op, f, story),
        "dens" => return vec![(fracture::dens(op, f, ep), bones())],
        "hangman" => return vec![(fracture::hangman(op, f, ep), bones())],
        "dislocation" => return fracture::dislocation(op, f, ep).into_iter().map(|c| (c, bones())).collect(),
        "collection" => return if op.mentions(&PUS) { one("G06.1") } else { vec![] },
        "abscess" if story.has("wound-infection") => return vec![],
        "abscess" => return if op.mentions(&IN_CANAL) { one("G06.1") } else { vec![] },
        "metastasis" => return one(if beside(op, f, &INSIDE) { "C79.49" } else { "C79.51" }),
        "csf-leak" => {
            return one(match () {
                () if beside(op, f, &SPONTANEOUS) => "G96.02",
                () if story.has("pseudomeningocele") => "G97.82",
                () if beside(op, f, &PUNCTURE) => "G97.0",
                () if beside(op, f, &OPERATED) => "G97.82",
                () => "G96.09",
            });
        }
        "crps" => {
            let limb = match (beside(op, f, &ARM), beside(op, f, &LEG)) {
                (true, false) => "G90.51{side:1,2,3,9}",
                (false, true) => "G90.52{side:1,2,3,9}",
                _ => "G90.50",
            };
            return fill(op, f, limb, place.1, story).into_iter().map(|c| (c, bones())).collect();
        }
        "scoliosis-idiopathic" => {
            let kind = match story.age {
                Some(0..=3) => "M41.0",
                Some(4..=9) => "M41.11",
                Some(10..=17) => "M41.12",
                _ => "M41.2",
            };
            let region = match place.0 {
                "c" | "o" => '2',
                "ct" => '3',
                "t" => '4',
                "tl" => '5',
                "l" => '6',
                "ls" | "s" => '7',
                _ if kind.len() > 5 => '9',
                _ => '0',
            };
            return one(&format!("{kind}{region}"));
        }
        "myelopathy" => {
            // Part of the disc's and the spondylosis' own code; a manifestation of anything else.
            let carried =
                ["disc-herniation", "spondylosis", "disc-degeneration"].iter().any(|b| story.has(b));
            return if carried { vec![] } else { one(if story.has_cause { "G99.2" } else { "G95.9" }) };
        }
        "cord-compression" => {
            let said = [
                "disc-herniation",
                "spondylosis",
                "disc-degeneration",
                "stenosis",
                "myelopathy",
                "meningioma",
                "nerve-sheath-tumour",
                "intradural-mass",
            ];
            // "Other" where the note says what presses, "unspecified" where it does not.
            let code = if story.has_cause { "G95.29" } else { "G95.20" };
            return if said.iter().any(|b| story.has(b)) { vec![] } else { one(code) };
        }
        _ => {}
    }
    fill(op, f, template, place.1, story).into_iter().map(|c| (c, bones())).collect()
}

/// Fills what stands in braces.
fn fill(
    op: &Operation<'_>,
    f: &Finding,
    template: &str,
    space: Option<Interspace>,
    story: &Story,
) -> Vec<String> {
    let pain = story.pain.map(String::from).unwrap_or_default();
    let mut code = template.replace("{p}", &pain).replace("{ep}", &story.episode.to_string());
    if code.contains("{d}") {
        // A disc of C2 to C4 is "high cervical", one code for both.
        let upper = space.map(|s| s.upper().number());
        code = match upper {
            Some(1..=3) => code.replace("2{d}", "1"),
            Some(n @ 4..=6) => code.replace("{d}", &(n - 3).to_string()),
            _ => code.replace("{d}", "0"),
        };
    }
    let Some((head, rest)) = code.split_once("{side:") else { return vec![code] };
    let Some((choices, tail)) = rest.split_once('}') else { return vec![] };
    let choices: Vec<&str> = choices.split(',').collect();
    let [right, left, both, unsaid] = choices.as_slice() else { return vec![] };
    let whole = |c: &str| format!("{head}{c}{tail}");
    match side(op, f) {
        Some(Laterality::Right) => vec![whole(right)],
        Some(Laterality::Left) => vec![whole(left)],
        Some(Laterality::Bilateral) if *both == "*" => vec![whole(right), whole(left)],
        Some(Laterality::Bilateral) => vec![whole(both)],
        None => vec![whole(unsaid)],
    }
}

/// The side named with a finding: in its own clause, else in its sentence.
fn side(op: &Operation<'_>, f: &Finding) -> Option<Laterality> {
    let s = op.note.sentences.get(f.sentence)?;
    let (before, after) = (op.note.doc.slice(s.start, f.start), op.note.doc.slice(f.end, s.end));
    let breaks = |c: char| matches!(c, ',' | ';' | '\n') || c.is_ascii_digit();
    let near = before.rsplit(breaks).next().unwrap_or("").to_owned();
    let behind = after.split(breaks).next().unwrap_or("");
    let clause = format!("{near} \u{1} {behind}");
    one_side(&clause).or_else(|| one_side(op.note.words(f.sentence)))
}

/// Where a finding is, if it names bones one by one.
pub(super) fn places(f: &Finding) -> Vec<(&'static str, Option<Interspace>)> {
    if f.keys.is_empty() {
        return bones_of(f, None).first().map(|v| (key_of_bone(*v), None)).into_iter().collect();
    }
    f.keys.clone()
}
