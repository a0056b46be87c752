//! Fractures by their cause: osteoporosis, injury, or an unexplained collapse.
//!
//! Source: ICD-10-CM M80, M48.5-, S12, S22, S32; seventh character A, as an operation is active treatment.

use super::finding::Finding;
use crate::assertion::Assertion;
use crate::level::Group;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::Region;

re!(OSTEOPOROSIS, r"osteoporo\w+|fragility");

re!(TRAUMA, r"traumatic|trauma|\bmva\b|motor vehicle|accident|fell\b|\bfall\b|burst|dislocation|disrupted");
re!(BURST, r"burst");

re!(COMPRESSION, r"compression");

/// A fracture by its cause: osteoporosis, injury, or an unexplained collapse.
pub(super) fn fracture(op: &Operation<'_>, f: &Finding<'_>) -> Option<String> {
    let text = &op.note.doc.norm;
    if !op
        .find(
            &OSTEOPOROSIS,
            &[Part::Before, Part::After, Part::Diagnosis, Part::History, Part::Body],
            &[Assertion::Done],
        )
        .is_empty()
    {
        return Some("M80.08XA".to_owned());
    }
    let v = f
        .groups
        .iter()
        .flat_map(Group::vertebrae)
        .next()
        .or_else(|| op.default_vertebrae().first().copied())?;
    let words = op.note.words(f.sentence);
    if !has(&TRAUMA, text) {
        let code = match v.region() {
            Region::Cervical => "M48.52XA",
            Region::Thoracic => "M48.54XA",
            Region::Lumbar => "M48.56XA",
            Region::Sacral => "M48.58XA",
        };
        return Some(code.to_owned());
    }
    let kind = if has(&BURST, words) {
        1
    } else if has(&COMPRESSION, words) {
        0
    } else {
        9
    };
    let n = v.number();
    Some(match v.region() {
        Region::Cervical => format!("S12.{}00A", n.saturating_sub(1)),
        Region::Thoracic => {
            let place = match n {
                1..=4 => n,
                5 | 6 => 5,
                7 | 8 => 6,
                9 | 10 => 7,
                _ => 8,
            };
            format!("S22.0{place}{kind}A")
        }
        Region::Lumbar => format!("S32.0{n}{kind}A"),
        Region::Sacral => "S32.10XA".to_owned(),
    })
}
