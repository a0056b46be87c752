//! Fractures by their cause: osteoporosis, tumour, injury, or an unexplained collapse; the 7th character by
//! episode of care.
//!
//! Source: ICD-10-CM guidelines FY2026, section I.C.13.d (a fall that would not break a healthy bone is
//! osteoporosis), I.C.19.c (episode of care); tabular list M48.5-, M80, M84, S12, S22, S32.

use super::finding::{Finding, beside};
use super::story::Story;
use crate::level::Group;
use crate::operation::Operation;
use crate::text::{has, re};
use iambilly_claim::{Region, Vertebra};
use regex::Regex;
use std::sync::LazyLock;

re!(OSTEOPOROSIS, r"osteoporo\w+|fragility");
re!(
    STEROID,
    r"(?:steroid|glucocorticoid|drug|medication)[- ](?:induced|related) osteoporo\w+|secondary osteoporo\w+|osteoporo\w+ (?:due to|from|secondary to) (?:\w+ )?(?:steroid|glucocorticoid|prednisone)"
);
re!(
    TRAUMA,
    r"traumatic|trauma\b|\bmva\b|\bmvc\b|\bmvr\b|motor vehicle|motorcycle|roll-?over|accident|collision|\bcrash|fell\b|\bfall\b|fallen|burst|dislocation|disrupted|chance fracture|ejected|struck"
);
re!(BURST, r"burst");
re!(
    UNSTABLE,
    r"unstable|instability|three[- ]column|3[- ]column|posterior ligamentous (?:complex )?(?:injury|disruption)"
);
re!(STABLE, r"\bstable\b");
re!(WEDGE, r"compression|wedge");
re!(NONDISPLACED, r"(?:non|un|not)[- ]?displaced|without (?:any )?displacement|no displacement");
re!(
    BEHIND,
    r"posterior(?:ly)? (?:displac\w+|angulat\w+|tilt\w*|translat\w+|sublux\w+|shift\w*)|(?:displac\w+|angulat\w+|tilt\w*|translat\w+|shift\w*|sitting|sits|sat|lying|lies|lay|slid|slipped|pushed) (?:[\w./-]+ ){0,5}?(?:back|backwards?|behind|posterior(?:ly)?|dorsal(?:ly)?|rearwards?)\b|mm (?:of )?(?:posterior|backward|dorsal)|retrolisthesis"
);
re!(DENS, r"\bdens\b|odontoid|\bc2\b|\bfragment\b|\bpeg\b");
re!(REDUCED, r"\breduc\w+|\bcame\b|\bbrought\b|\bextension\b|\bscrews?\b|\bdriven\b|\btraction\b");
re!(TYPE_THREE, r"type (?:iii|3|three)\b|into the (?:vertebral )?body of (?:c2|the axis)");
re!(NONUNION, r"non-?union|pseudo?arthros[ie]s");
re!(
    TYPE_TWO,
    r"type (?:ii|2|two)\b|\bbase of (?:the )?(?:dens|odontoid|peg)|across its base|through its base"
);

/// The codes of a fracture, each with the bones it names.
pub(super) fn codes(op: &Operation<'_>, f: &Finding, story: &Story) -> Vec<(String, Vec<Vertebra>)> {
    let ep = story.episode;
    let named: Vec<Vertebra> = f.groups.iter().flat_map(Group::vertebrae).collect();
    let bones = if named.is_empty() { op.default_vertebrae() } else { named };
    if story.says(op, &OSTEOPOROSIS) || f.entry.id == "fracture-osteoporotic" {
        let stem = if op.mentions(&STEROID) { "M80.88X" } else { "M80.08X" };
        return vec![(format!("{stem}{ep}"), bones)];
    }
    if f.entry.id == "fracture-pathologic" {
        return vec![(format!("M84.48X{ep}"), bones)];
    }
    if !has(&TRAUMA, &op.note.doc.norm) {
        let mut out: Vec<(String, Vec<Vertebra>)> = vec![];
        for v in &bones {
            let n = match v.region() {
                Region::Cervical => 2,
                Region::Thoracic => 4,
                Region::Lumbar => 6,
                Region::Sacral => 8,
            };
            let code = format!("M48.5{n}X{}", if matches!(ep, 'K' | 'P') { 'G' } else { ep });
            match out.iter_mut().find(|(c, _)| *c == code) {
                Some((_, at)) => at.push(*v),
                None => out.push((code, vec![*v])),
            }
        }
        return out;
    }
    let kind = if beside(op, f, &BURST) {
        if beside(op, f, &UNSTABLE) && !beside(op, f, &STABLE) { 2 } else { 1 }
    } else {
        u8::from(!beside(op, f, &WEDGE)) * 9
    };
    let mut out: Vec<(String, Vec<Vertebra>)> = vec![];
    // The occiput ends some constructs; it is no vertebra.
    for v in bones.into_iter().filter(|v| *v != Vertebra::OCCIPUT) {
        let code = injury(v, kind, beside(op, f, &NONDISPLACED), ep);
        match out.iter_mut().find(|(c, _)| *c == code) {
            Some((_, at)) => at.push(v),
            None => out.push((code, vec![v])),
        }
    }
    out
}

/// The code of one broken vertebra; `kind` is the sixth character of S22.0 and S32.0.
fn injury(v: Vertebra, kind: u8, nondisplaced: bool, ep: char) -> String {
    let n = v.number();
    // A burst fracture of C1 has a code of its own; elsewhere the neck knows displaced and not.
    let neck = u8::from(nondisplaced);
    match v.region() {
        Region::Cervical if n == 1 && matches!(kind, 1 | 2) => {
            format!("S12.0{}X{ep}", if kind == 2 { 2 } else { 1 })
        }
        Region::Cervical => format!("S12.{}0{neck}{ep}", n.saturating_sub(1)),
        Region::Thoracic => {
            let place = match n {
                1..=4 => n,
                5 | 6 => 5,
                7 | 8 => 6,
                9 | 10 => 7,
                _ => 8,
            };
            format!("S22.0{place}{kind}{ep}")
        }
        Region::Lumbar => format!("S32.0{n}{kind}{ep}"),
        Region::Sacral => format!("S32.10X{ep}"),
    }
}

/// A fracture of the dens: type II by its displacement, others as "other". The type and the way the fragment
/// lies may be told in another sentence than the fracture.
pub(super) fn dens(op: &Operation<'_>, f: &Finding, ep: char) -> String {
    let ep = if beside(op, f, &NONUNION) { 'K' } else { ep };
    // In the sentence of the diagnosis, else where the films are told of: not where the fragment is moved.
    let told = |r: &LazyLock<Option<Regex>>| {
        beside(op, f, r)
            || op.note.sentences.iter().any(|s| {
                let words = op.note.doc.slice(s.start, s.end);
                has(&DENS, words) && has(r, words) && !has(&REDUCED, words)
            })
    };
    let two = told(&TYPE_TWO) && !told(&TYPE_THREE);
    let (still, behind) = (told(&NONDISPLACED), told(&BEHIND));
    match (two, still, behind) {
        (true, _, true) => format!("S12.111{ep}"),
        (true, true, _) => format!("S12.112{ep}"),
        (true, ..) => format!("S12.110{ep}"),
        (_, true, _) => format!("S12.121{ep}"),
        _ => format!("S12.120{ep}"),
    }
}

/// Traumatic spondylolisthesis of C2.
pub(super) fn hangman(op: &Operation<'_>, f: &Finding, ep: char) -> String {
    format!("S12.13{}{ep}", u8::from(beside(op, f, &NONDISPLACED)))
}

/// A dislocated facet: S13.1, S23.1 or S33.1 by its interspace.
pub(super) fn dislocation(op: &Operation<'_>, f: &Finding, ep: char) -> Option<String> {
    let space = f.keys.iter().find_map(|k| k.1).or_else(|| op.default_spaces().first().copied())?;
    let ep = if matches!(ep, 'A' | 'D' | 'S') { ep } else { 'D' };
    let n = space.upper().number();
    Some(match (space.upper().region(), space.lower().region()) {
        (Region::Cervical, Region::Cervical) if n <= 6 => format!("S13.1{}1{ep}", n + 1),
        (Region::Cervical, _) => format!("S13.181{ep}"),
        (Region::Lumbar, Region::Lumbar) => format!("S33.1{n}1{ep}"),
        _ => return None,
    })
}
