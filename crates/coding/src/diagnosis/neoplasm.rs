//! The primary tumour a metastasis or a pain comes from: its organ, part and side, treated or removed.
//!
//! Source: ICD-10-CM guidelines FY2026 I.C.2 and the table of neoplasms.

use super::finding::{Finding, beside};
use crate::operation::Operation;
use crate::reader::one_side;
use crate::text::{all, re};
use iambilly_claim::coding::Laterality;
use regex::Regex;
use std::sync::LazyLock;

/// A primary tumour: the words of its organ, its code and that of its history once it was removed. `{s}` in the
/// code is the digit of the side (1 right, 2 left, else `unsided`).
struct Primary {
    words: LazyLock<Option<Regex>>,
    code: &'static str,
    history: &'static str,
    unsided: char,
}

macro_rules! primary {
    ($words:expr, $code:expr, $history:expr, $unsided:expr) => {
        Primary {
            words: LazyLock::new(|| crate::text::pattern($words)),
            code: $code,
            history: $history,
            unsided: $unsided,
        }
    };
}

/// Parts of an organ stand before the organ itself.
static PRIMARIES: [Primary; 28] = [
    primary!(r"\bmyeloma", "C90.00", "Z85.79", ' '),
    primary!(r"\blymphoma", "C85.90", "Z85.72", ' '),
    primary!(r"\bbreast\b", "C50.91{s}", "Z85.3", '9'),
    primary!(
        r"upper lobe[^.;]{0,20}\b(?:lung|bronch)|\b(?:lung|bronch)[^.;]{0,30}upper lobe|\b[rl]ul\b[^.;]{0,20}(?:lung|nsclc)",
        "C34.1{s}",
        "Z85.118",
        '0'
    ),
    primary!(
        r"lower lobe[^.;]{0,20}\b(?:lung|bronch)|\b(?:lung|bronch)[^.;]{0,30}lower lobe|\b[rl]ll\b[^.;]{0,20}(?:lung|nsclc)",
        "C34.3{s}",
        "Z85.118",
        '0'
    ),
    primary!(r"middle lobe", "C34.2", "Z85.118", ' '),
    primary!(r"\blungs?\b|\bnsclc\b|\bsclc\b|bronchogenic|small[- ]cell", "C34.9{s}", "Z85.118", '0'),
    primary!(r"\bprostat(?:e|ic)\b", "C61", "Z85.46", ' '),
    primary!(r"\brenal\b|\bkidney\b|\brcc\b", "C64.{s}", "Z85.528", '9'),
    primary!(r"\bthyroid\b", "C73", "Z85.850", ' '),
    primary!(r"\bcolon\b", "C18.9", "Z85.038", ' '),
    primary!(r"\bcolorectal\b", "C19", "Z85.038", ' '),
    primary!(r"\brectal\b|\brectum\b", "C20", "Z85.048", ' '),
    primary!(r"hepatocellular|\bliver cancer", "C22.0", "Z85.05", ' '),
    primary!(r"\bmelanoma", "C43.9", "Z85.820", ' '),
    primary!(r"\bbladder\b|urothelial", "C67.9", "Z85.51", ' '),
    primary!(r"\besophag", "C15.9", "Z85.01", ' '),
    primary!(r"\bgastric\b|\bstomach\b", "C16.9", "Z85.028", ' '),
    primary!(r"head of (?:the )?pancrea|pancreatic head", "C25.0", "Z85.07", ' '),
    primary!(r"body of (?:the )?pancrea|pancreatic body", "C25.1", "Z85.07", ' '),
    primary!(r"tail of (?:the )?pancrea|pancreatic tail", "C25.2", "Z85.07", ' '),
    primary!(r"\bpancrea", "C25.9", "Z85.07", ' '),
    primary!(r"\bovar(?:y|ian)\b", "C56.{s}", "Z85.43", '9'),
    primary!(r"\bendometrial\b", "C54.1", "Z85.42", ' '),
    primary!(r"\buterine\b|\buterus\b", "C55", "Z85.42", ' '),
    primary!(r"cervical cancer|\bcervix\b", "C53.9", "Z85.41", ' '),
    primary!(r"\btestic\w+|\btestis\b", "C62.9{s}", "Z85.47", '0'),
    primary!(r"\blarynx|laryngeal", "C32.9", "Z85.21", ' '),
];

re!(
    REMOVED,
    r"nephrectomy|mastectomy|lumpectomy|prostatectomy|lobectomy|pneumonectomy|thyroidectomy|colectomy|cystectomy|gastrectomy|(?:kidney|breast|lung|prostate|thyroid|colon|bladder) was removed|history of (?:\w+ ){0,3}(?:cancer|carcinoma)"
);
re!(
    CANCER,
    r"myeloma|lymphoma|cancer|carcinoma|adenoca\w*|melanoma|primary|metasta\w+|\bnsclc\b|\bsclc\b|\brcc\b|\bca\b|malignan\w+|tumou?r"
);
re!(SPREAD, r"metasta\w+");

/// How far from the organ its side may stand, in characters.
const NEAR: usize = 40;

/// The primary tumour that a finding is said to come from: in its own sentence, else anywhere in the note.
pub(super) fn primary(op: &Operation<'_>, f: &Finding) -> Option<(String, (usize, usize))> {
    let own = std::iter::once(f.sentence);
    let rest = (0..op.note.sentences.len()).filter(|i| *i != f.sentence);
    own.chain(rest).find_map(|i| named(op, i))
}

fn named(op: &Operation<'_>, sentence: usize) -> Option<(String, (usize, usize))> {
    let s = op.note.sentences.get(sentence)?;
    let words = op.note.words(sentence);
    let cancers = all(&CANCER, words);
    let near = |(a, b): &(usize, usize)| cancers.iter().any(|c| c.0 < b + NEAR && *a < c.1 + NEAR);
    let (primary, at) =
        PRIMARIES.iter().find_map(|p| all(&p.words, words).into_iter().find(near).map(|at| (p, at)))?;
    let span = (s.start + at.0, s.start + at.1);
    let code = if op.mentions(&REMOVED) { primary.history } else { primary.code };
    let digit = match side(op, primary) {
        Some(Laterality::Right) => '1',
        Some(Laterality::Left) => '2',
        _ => primary.unsided,
    };
    Some((code.replace("{s}", &digit.to_string()), span))
}

/// The side named beside an organ, wherever the note names it.
fn side(op: &Operation<'_>, primary: &Primary) -> Option<Laterality> {
    all(&primary.words, &op.note.doc.norm).into_iter().find_map(|(a, b)| {
        let stop = ['.', ';', '\n'];
        let before = op.note.doc.slice(a.saturating_sub(NEAR), a).rsplit(stop).next().unwrap_or("");
        let after = op.note.doc.slice(b, b + NEAR).split(stop).next().unwrap_or("");
        one_side(&format!("{before}{} {after}", op.note.doc.slice(a, b)))
    })
}

/// Whether a finding's words speak of a metastasis.
pub(super) fn spread(op: &Operation<'_>, f: &Finding) -> bool {
    beside(op, f, &SPREAD)
}
