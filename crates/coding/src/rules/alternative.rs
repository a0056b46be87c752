//! Other permitted ways to report the same documented work, each with its effect and what allows it.
//!
//! Never a suggestion without evidence: an alternative starts from words of the note, changes lines of the
//! sheet, and keeps everything else. Effects are differences of total facility relative value units before
//! multiple-procedure reduction. Sources: spine rules 3.1, 3.5, 3.6, 3.8, 3.19, section 5; SP-01, SP-05, SP-09.

use super::{Draft, Sheet, bones, bounds};
use crate::assertion::Assertion::{Done, Past};
use crate::catalogue::entry;
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Level};

/// A sheet in another permitted form.
#[derive(Debug)]
pub(crate) struct Other {
    pub(crate) sheet: Sheet,
    /// Difference in total relative value units, where every code has a value.
    pub(crate) rvu: Option<f64>,
    pub(crate) why: &'static str,
    pub(crate) allowed_because: &'static str,
}

re!(
    ENTERED_BEFORE,
    r"(?:old|previous|prior|earlier) (?:\w+ )?(?:laminotom\w+|laminectom\w+|dis[ck]ectom\w+|scar|incision|surgery|operation)|epidural fibrosis|scar tissue"
);
re!(CURVE, r"scolio\w+|kyphos\w+|flat-?back|scheuermann|deformity");
re!(
    HARDER,
    r"(?:significantly|substantially|considerably|unusually|much) (?:more|greater|increased|longer|harder)|(?:extreme|extraordinary|unusual) difficult\w*|increased (?:complexity|difficulty)|modifier 22"
);
re!(
    QUANTIFIED,
    r"\d+ ?(?:%|percent)[a-z ]{0,25}(?:more|longer|additional|extra|greater|increase\w*|beyond|above)|(?:additional|extra|added)(?: \w+){0,3} (?:\d+|\w+) (?:minutes|hours?)|(?:\d+|one|two|three) (?:additional|extra|more) (?:minutes|hours?)"
);

/// The permitted other forms of a sheet.
pub(super) fn others(op: &Operation<'_>, sheet: &Sheet) -> Vec<Other> {
    [
        plate_anchors_cage(op, sheet),
        decompression_dropped(op, sheet),
        plain_laminectomy(op, sheet),
        explored_again(op, sheet),
        by_curve(op, sheet),
        two_lines(sheet),
        separate_structure(sheet),
        harder(op, sheet),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The same sheet with some drafts replaced.
fn with(
    sheet: &Sheet,
    change: impl Fn(&Draft) -> Vec<Draft>,
    why: &'static str,
    allowed_because: &'static str,
) -> Option<Other> {
    let drafts: Vec<Draft> = sheet.drafts.iter().flat_map(change).collect();
    let same = drafts.len() == sheet.drafts.len()
        && drafts.iter().zip(&sheet.drafts).all(|(a, b)| {
            a.code == b.code && a.units == b.units && a.modifiers == b.modifiers && a.side == b.side
        });
    if same || drafts.is_empty() {
        return None;
    }
    let rvu = worth(&drafts).zip(worth(&sheet.drafts)).map(|(a, b)| ((a - b) * 100.0).round() / 100.0);
    Some(Other { sheet: Sheet { drafts, ..Sheet::default() }, rvu, why, allowed_because })
}

fn worth(drafts: &[Draft]) -> Option<f64> {
    drafts.iter().try_fold(0.0, |sum, d| {
        let units = f64::from(u32::try_from(d.units).ok()?);
        let sides = if d.modifiers.contains(&"50") { 1.5 } else { 1.0 };
        Some(sum + entry(d.code)?.rvu * units * sides)
    })
}

/// A plate beside a cage that the note does not call separate may be the cage's own anchor.
fn plate_anchors_cage(op: &Operation<'_>, sheet: &Sheet) -> Option<Other> {
    let plates = ["22845", "22846", "22847"];
    if !sheet.has(&["22853", "22854"]) || !sheet.has(&plates) || super::implants::separate_plate(op) {
        return None;
    }
    with(
        sheet,
        |d| if plates.contains(&d.code) { vec![] } else { vec![d.clone()] },
        "without the plate: the note does not say that it is separate from the interbody device",
        "SP-05: a plate that anchors only the device is part of it",
    )
}

/// A decompression beside an interbody fusion that the note does not set apart from the access.
fn decompression_dropped(op: &Operation<'_>, sheet: &Sheet) -> Option<Other> {
    let added = ["63052", "63053"];
    if !sheet.has(&added) || super::decompression::goes_beyond(op) {
        return None;
    }
    with(
        sheet,
        |d| if added.contains(&d.code) { vec![] } else { vec![d.clone()] },
        "without the decompression: the note does not say that it went beyond reaching the disc",
        "SP-01, 3.8: 63052 and 63053 need work beyond what the interbody fusion needs",
    )
}

/// A laminectomy whose facet and foramen work is not described.
fn plain_laminectomy(op: &Operation<'_>, sheet: &Sheet) -> Option<Other> {
    if super::decompression::opens_roots(op) {
        return None;
    }
    let n: usize = sheet.drafts.iter().filter(|d| d.code == "63048").map(|d| d.units).sum();
    let swap = |code: &str| match (code, n > 1) {
        ("63045", false) => Some("63001"),
        ("63045", true) => Some("63015"),
        ("63046", false) => Some("63003"),
        ("63046", true) => Some("63016"),
        ("63047", false) => Some("63005"),
        ("63047", true) => Some("63017"),
        _ => None,
    };
    with(
        sheet,
        |d| match swap(d.code) {
            Some(code) => vec![Draft { code, ..d.clone() }],
            None if d.code == "63048" => vec![],
            None => vec![d.clone()],
        },
        "as a plain laminectomy: facet and foramen work is not described",
        "3.5: laminectomy with facetectomy and foraminotomy must be documented as such",
    )
}

/// An interspace entered before, by the history, and scar found today.
fn explored_again(op: &Operation<'_>, sheet: &Sheet) -> Option<Other> {
    let before: Vec<Interspace> = op
        .note
        .entities
        .iter()
        .filter(|e| matches!(e.concept, C::Discectomy | C::Laminectomy | C::Laminotomy))
        .filter(|e| e.assertion == crate::assertion::Assertion::Past || e.part == Part::History)
        .flat_map(|e| e.interspaces())
        .collect();
    let first = sheet.drafts.iter().find(|d| matches!(d.code, "63030" | "63020"))?;
    let again = first.levels.iter().any(|l| before.iter().any(|s| *l == Level::Interspace(*s)));
    if !again || op.find(&ENTERED_BEFORE, &[Part::Body], &[Done, Past]).is_empty() {
        return None;
    }
    with(
        sheet,
        |d| {
            let code = match d.code {
                "63030" => "63042",
                "63020" => "63040",
                _ => return vec![d.clone()],
            };
            vec![Draft { code, ..d.clone() }]
        },
        "as a re-exploration: the history names an earlier operation at this interspace",
        "3.6: re-exploration of the same interspace on the same side, at any time after the first operation",
    )
}

/// A short fusion of a curved spine may be reported as a fusion for the deformity.
fn by_curve(op: &Operation<'_>, sheet: &Sheet) -> Option<Other> {
    let family = ["22610", "22612", "22614"];
    let diagnosed =
        !op.find(&CURVE, &[Part::Before, Part::After, Part::Diagnosis, Part::Procedures], &[Done]).is_empty();
    let spaces: Vec<Interspace> = sheet
        .drafts
        .iter()
        .filter(|d| family.contains(&d.code))
        .flat_map(|d| d.levels.iter())
        .filter_map(|l| if let Level::Interspace(s) = l { Some(*s) } else { None })
        .collect();
    if !diagnosed || spaces.len() < 2 || sheet.has(&["22800", "22802", "22804", "22630", "22633"]) {
        return None;
    }
    let vs = bounds(&spaces);
    let code = match vs.len() {
        0..=6 => "22800",
        7..=12 => "22802",
        _ => "22804",
    };
    with(
        sheet,
        |d| match d.code {
            "22610" | "22612" => vec![Draft { code, units: 1, levels: bones(&vs), ..d.clone() }],
            "22614" => vec![],
            _ => vec![d.clone()],
        },
        "as a fusion for deformity, counted in segments, if the curve is what was fused for",
        "3.19: arthrodesis for spinal deformity is one code by the number of segments",
    )
}

/// Both sides on one line, or a line for each.
fn two_lines(sheet: &Sheet) -> Option<Other> {
    with(
        sheet,
        |d| {
            if !d.modifiers.contains(&"50") {
                return vec![d.clone()];
            }
            let one = |m: &'static str, side| {
                let modifiers =
                    d.modifiers.iter().map(|x| if *x == "50" { m } else { *x }).collect::<Vec<_>>();
                Draft { modifiers, side: Some(side), ..d.clone() }
            };
            vec![one("RT", Laterality::Right), one("LT", Laterality::Left)]
        },
        "a line for each side instead of one line with 50",
        "section 5: 50 on one line is Medicare's form; some payers take RT and LT on two lines",
    )
    .map(|o| Other { rvu: Some(0.0), ..o })
}

/// 59 in its more precise form.
fn separate_structure(sheet: &Sheet) -> Option<Other> {
    with(
        sheet,
        |d| {
            let modifiers = d.modifiers.iter().map(|m| if *m == "59" { "XS" } else { *m }).collect();
            vec![Draft { modifiers, ..d.clone() }]
        },
        "XS, a separate structure, instead of 59",
        "section 5: XS is the more precise form of 59 and is preferred by Medicare",
    )
}

/// Extra work that the note both explains and measures.
fn harder(op: &Operation<'_>, sheet: &Sheet) -> Option<Other> {
    let parts = [Part::Body, Part::Procedures, Part::Other];
    let why = op.find(&HARDER, &parts, &[Done]);
    let much = op.find(&QUANTIFIED, &parts, &[Done]);
    let (why, much) = (why.first()?, much.first()?);
    let first = sheet.drafts.iter().find(|d| entry(d.code).is_some_and(|e| !e.add_on && e.rvu > 0.0))?.code;
    with(
        sheet,
        |d| {
            let mut d = d.clone();
            if d.code == first && !d.modifiers.contains(&"22") {
                d.modifiers.insert(0, "22");
                d.spans.extend([*why, *much]);
            }
            vec![d]
        },
        "22 on the principal code: the note says why the work was greater and by how much",
        "section 5: about a quarter more work than usual, explained and quantified in the note; sent with the report",
    )
    .map(|o| Other { rvu: None, ..o })
}
