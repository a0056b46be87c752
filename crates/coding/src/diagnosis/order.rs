//! Which diagnoses stand beside each other, in which order, and which lines point at them.
//!
//! Source: ICD-10-CM Excludes1 notes (spine rules, section 8).

use super::Coded;
use iambilly_claim::{CodedLine, Level, Vertebra};

/// A disc that is herniated is not also coded as degenerated; what presses on nerves comes before plain wear.
pub(super) fn rank(out: &mut Vec<Coded>) {
    let herniated: Vec<Vertebra> = out
        .iter()
        .filter(|c| {
            ["M50.0", "M50.1", "M50.2", "M51.0", "M51.1", "M51.2"]
                .iter()
                .any(|p| c.diagnosis.code.as_str().starts_with(p))
        })
        .flat_map(|c| c.bones.clone())
        .collect();
    out.retain(|c| {
        let worn = ["M50.3", "M51.3"].iter().any(|p| c.diagnosis.code.as_str().starts_with(p));
        !(worn && !c.bones.is_empty() && c.bones.iter().all(|b| herniated.contains(b)))
    });
    let presses = |c: &Coded| {
        ["M50.0", "M50.1", "M51.0", "M51.1"].iter().any(|p| c.diagnosis.code.as_str().starts_with(p))
    };
    if out.iter().any(presses) {
        out.sort_by_key(|c| c.diagnosis.code.as_str().starts_with("M47.81"));
    }
}

/// Excludes1 notes and symptoms that a disease explains.
pub(super) fn exclude(out: &mut Vec<Coded>) {
    let any = |out: &[Coded], starts: &[&str]| {
        out.iter().any(|c| starts.iter().any(|s| c.diagnosis.code.as_str().starts_with(s)))
    };
    let root = any(out, &["M50.1", "M51.1", "M47.2", "M54.3"]);
    let disc_root = any(out, &["M51.1"]);
    let disease = out.iter().any(|c| !symptomatic(c.diagnosis.code.as_str()));
    let osteoporotic = any(out, &["M80.08"]);
    let precise_curve = any(out, &["M41.4", "M41.1", "M41.5"]);
    let infected = any(out, &["T84.63"]);
    out.retain(|c| {
        let code = c.diagnosis.code.as_str();
        !((root && code.starts_with("M54.1"))
            || (disease && symptomatic(code) && !code.starts_with("M54.1") && !code.starts_with("M54.3"))
            || (osteoporotic && (code.starts_with("M84.4") || code.starts_with("M48.5")))
            || (precise_curve && code == "M41.9")
            || (infected && code.starts_with("T81.4"))
            || (disc_root && code.starts_with("M54.3")))
    });
}

pub(super) fn symptomatic(code: &str) -> bool {
    ["M54.1", "M54.2", "M54.3", "M54.5", "M54.9", "M79.60"].iter().any(|s| code.starts_with(s))
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
