//! Which diagnoses stand beside each other, in which order, and which lines point at them.
//!
//! Source: Excludes1 notes of the edition in force, ICD-10-CM guidelines FY2026 sections I.A.13 (etiology before
//! manifestation), I.B.5 (symptoms of a disease), IV.G (first-listed) and I.C.6.b (pain).

use super::Coded;
use iambilly_claim::{CodedLine, Level, Vertebra};
use iambilly_icd10cm::Edition;

/// What a code is for in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What was treated.
    Disease,
    /// A sign of it that is reported beside it.
    Consequence,
    /// Found or suffered on the way: an organism, a torn dura.
    Companion,
    /// What the patient lives with.
    Status,
}

fn starts(code: &str, with: &[&str]) -> bool {
    with.iter().any(|s| code.starts_with(s))
}

/// Symptoms that a disease of the spine explains.
pub(super) fn symptomatic(code: &str) -> bool {
    starts(code, &["M54.1", "M54.2", "M54.3", "M54.4", "M54.5", "M54.6", "M54.9", "M79.60", "R51", "M62.830"])
}

/// Takes away what another code already says, and what may not stand beside it. Where the visit is for the
/// control of pain (`for_pain`), the pain is coded beside its cause.
pub(super) fn exclude(out: &mut Vec<Coded>, icd: &Edition, for_pain: bool) {
    let any = |out: &[Coded], with: &[&str]| out.iter().any(|c| starts(c.diagnosis.code.as_str(), with));
    let explains = |c: &Coded| {
        let code = c.diagnosis.code.as_str();
        !symptomatic(code)
            && !c.symptom
            && c.rank < Rank::Companion
            && !starts(code, &["G89", "G99", "Z45", "Z47"])
    };
    let disease = out.iter().any(explains);
    let precise_curve = any(out, &["M41.0", "M41.1", "M41.2", "M41.4", "M41.5", "M41.8", "Q76.3"]);
    let infected = any(out, &["T84.63"]);
    let fused_again = any(out, &["M96.0", "T84."]);
    let own_curve = any(out, &["M41.", "M40.1", "M42.0", "M96.3", "M48.5", "M80", "S22", "S32"]);
    let kept_symptom = |code: &str| starts(code, &["M54.1", "M54.3", "M54.4"]);
    out.retain(|c| {
        let code = c.diagnosis.code.as_str();
        !((disease && c.symptom && !kept_symptom(code) && !(for_pain && code.starts_with("G89")))
            || (disease && symptomatic(code) && !kept_symptom(code))
            || (precise_curve && code == "M41.9")
            || (own_curve && starts(code, &["M40.20", "M40.30", "M40.35", "M40.36", "M40.37"]) && c.weak)
            || (infected && code.starts_with("T81.4"))
            || (fused_again && code == "Z98.1"))
    });
    // The first of a pair that excludes each other stays, a disease before a symptom.
    let mut gone = vec![false; out.len()];
    for i in 0..out.len() {
        for j in i + 1..out.len() {
            let (Some(a), Some(b)) = (out.get(i), out.get(j)) else { continue };
            if gone.get(i) == Some(&true) || gone.get(j) == Some(&true) {
                continue;
            }
            let (x, y) = (a.diagnosis.code.as_str(), b.diagnosis.code.as_str());
            let Some(exclusion) = icd.exclusion(x, y) else { continue };
            let apart = match (icd.site(x), icd.site(y)) {
                (Some(p), Some(q)) => p.start() > q.end() || q.start() > p.end(),
                _ => false,
            };
            // A note on a whole section, or on a curve, means the same disease, not two of one patient.
            let broad = exclusion.block || (exclusion.at.len() == 3 && !symptomatic(x) && !symptomatic(y));
            if apart || broad {
                continue;
            }
            let drop = if symptomatic(x) && !symptomatic(y) { i } else { j };
            if let Some(g) = gone.get_mut(drop) {
                *g = true;
            }
        }
    }
    let mut gone = gone.into_iter();
    out.retain(|_| !gone.next().unwrap_or(false));
    let osteoporotic = any(out, &["M80.08", "M80.88"]);
    // What is not told apart gives way to the tumour or the joint disease that is named.
    let tumour = any(out, &["C", "D0", "D1", "D2", "D3", "D40", "D41", "D42", "D43", "D44"]);
    let sacroiliitis = any(out, &["M46.1"]);
    out.retain(|c| {
        let code = c.diagnosis.code.as_str();
        !((osteoporotic && starts(code, &["M84.4", "M48.5", "M81."]))
            || (tumour && code.starts_with("D49"))
            || (sacroiliitis && code == "M53.3"))
    });
}

/// Puts what was treated first; a disc that is herniated is not also coded as degenerated; what presses on
/// nerves comes before plain wear; a manifestation follows its disease.
pub(super) fn rank(out: &mut Vec<Coded>, icd: &Edition) {
    let herniated: Vec<Vertebra> = out
        .iter()
        .filter(|c| {
            starts(c.diagnosis.code.as_str(), &["M50.0", "M50.1", "M50.2", "M51.0", "M51.1", "M51.2"])
        })
        .flat_map(|c| c.bones.clone())
        .collect();
    out.retain(|c| {
        let worn = starts(c.diagnosis.code.as_str(), &["M50.3", "M51.3"]);
        !(worn && !c.bones.is_empty() && c.bones.iter().all(|b| herniated.contains(b)))
    });
    // The same disc or joint with its complication says it all.
    let worse: Vec<(String, Vec<Vertebra>)> = out
        .iter()
        .filter(|c| {
            starts(c.diagnosis.code.as_str(), &["M50.0", "M50.1", "M51.0", "M51.1", "M47.1", "M47.2"])
        })
        .map(|c| (c.diagnosis.code.as_str().to_owned(), c.bones.clone()))
        .collect();
    out.retain(|c| {
        let code = c.diagnosis.code.as_str();
        let plain = starts(code, &["M50.2", "M50.9", "M51.2", "M51.8", "M47.81"]);
        let same = |(w, bones): &(String, Vec<Vertebra>)| {
            w.get(..3) == code.get(..3)
                && if bones.is_empty() || c.bones.is_empty() {
                    region(w) == region(code)
                } else {
                    c.bones.iter().all(|b| bones.contains(b))
                }
        };
        !(plain && worse.iter().any(same))
    });
    let presses = |c: &Coded| starts(c.diagnosis.code.as_str(), &["M50.0", "M50.1", "M51.0", "M51.1"]);
    if out.iter().any(presses) {
        out.sort_by_key(|c| c.diagnosis.code.as_str().starts_with("M47.81"));
    }
    out.sort_by_key(|c| {
        let code = c.diagnosis.code.as_str();
        if icd.is_manifestation(code) { c.rank.max(Rank::Consequence) } else { c.rank }
    });
}

/// The part of a code of M47, M50 or M51 that names the region or disc.
fn region(code: &str) -> &str {
    let from = if code.starts_with("M47.81") { 6 } else { 5 };
    code.get(from..).unwrap_or_default()
}

/// Points each line at the diagnoses of its levels (all, where a diagnosis names none), at most four.
pub(crate) fn point(lines: &mut [CodedLine], coded: &[Coded]) {
    for line in lines {
        let bones: Vec<Vertebra> = line.levels.iter().copied().flat_map(Level::vertebrae).collect();
        let fits =
            |c: &Coded| bones.is_empty() || c.bones.is_empty() || c.bones.iter().any(|b| bones.contains(b));
        let mut pointers: Vec<char> =
            ('A'..='L').zip(coded).filter(|(_, c)| fits(c)).map(|(p, _)| p).take(4).collect();
        if pointers.is_empty() && !coded.is_empty() {
            pointers.push('A');
        }
        line.pointers = pointers;
    }
}
