//! Sacroiliac fusion, stimulators, pumps, tumours, fractures, drainage, removal and exploration.
//!
//! Sources: spine rules 3.12, 3.13, 3.18, 3.20; SP-09, SP-10, SP-17. Modifier 78: section 5.

use super::fusion::Fused;
use super::{Sheet, bones, bounds, sided};
use crate::concept::Concept as C;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::{Level, Region};

re!(
    OPEN_JOINT,
    r"\bopen (?:left |right |bilateral )?(?:sacro|si\b|approach|arthrodesis)|decorticat\w+ of the joint"
);
re!(WITHIN_JOINT, r"intra-?articular (?:implant|graft|allograft)|without transfix\w+");
re!(
    TWO_LEADS,
    r"\b(?:two|2|dual|both|bilateral) (?:\w+ ){0,3}(?:leads?|electrodes?|arrays?)|leads? (?:x|times) ?(?:2|two)|second (?:lead|electrode)"
);
re!(
    UNPLANNED,
    r"unplanned|return(?:ed)? to (?:the )?(?:operating room|or\b)|take-?back|post-?operative (?:infection|h[a]?ematoma)|(?:days?|weeks?) (?:out|after|following|post)|global period"
);
re!(DEEP, r"deep|subfascial|\bfascia\b|abscess");
re!(INTRADURAL, r"intradural");
re!(MEDULLARY, r"intramedullary");
re!(ADJUSTED, r"adjust(?:ment|ments|ing|ed)|mobiliz\w+|manipulat\w+|thrust");

/// Laminectomies that are only the way in to something larger.
const PLAIN_LAMINECTOMY: [&str; 11] =
    ["63001", "63003", "63005", "63015", "63016", "63017", "63045", "63046", "63047", "63048", "63030"];

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    sacroiliac(op, sheet);
    stimulators(op, sheet);
    interspinous(op, sheet);
    basivertebral(op, sheet);
    pumps(op, sheet);
    tumours(op, sheet);
    fractures(op, sheet);
    drainage(op, sheet);
    removal(op, f, sheet);
    let mut found = op.work(&[C::Manipulation]);
    if found.is_empty() && sheet.drafts.is_empty() && !op.says(&ADJUSTED).is_empty() {
        found = op
            .note
            .entities
            .iter()
            .filter(|e| e.concept == C::Manipulation && e.assertion != crate::assertion::Assertion::Denied)
            .take(1)
            .collect();
    }
    sheet.line(
        "22505",
        usize::from(!found.is_empty() && !f.any()),
        vec![],
        &found,
        "manipulation under anaesthesia, once whatever the regions",
    );
}

fn sacroiliac(op: &Operation<'_>, sheet: &mut Sheet) {
    let found = op.work(&[C::SacroiliacFusion]);
    if found.is_empty() {
        return;
    }
    let code = if !op.says(&OPEN_JOINT).is_empty() {
        "27280"
    } else if !op.says(&WITHIN_JOINT).is_empty() {
        "27278"
    } else {
        "27279"
    };
    let listed: Vec<&Entity> = found.iter().copied().filter(|e| e.part == Part::Procedures).collect();
    let from = if listed.is_empty() { found } else { listed };
    let side = from.iter().find_map(|e| e.side);
    if let Some(d) = sheet.line(
        code,
        1,
        vec![Level::SacroiliacJoint],
        &from,
        "sacroiliac fusion, one per joint whatever the number of implants (3.12)",
    ) {
        sided(d, side);
    }
}

fn stimulators(op: &Operation<'_>, sheet: &mut Sheet) {
    let paddle = op.work(&[C::StimulatorPaddle]);
    let leads = op.work(&[C::StimulatorTrial]);
    if !paddle.is_empty() {
        sheet.drafts.retain(|d| !PLAIN_LAMINECTOMY.contains(&d.code));
        sheet.line("63655", 1, vec![], &paddle, "paddle lead through a laminectomy, per array (3.13)");
    } else if !leads.is_empty() {
        let n = if op.says(&TWO_LEADS).is_empty() { 1 } else { 2 };
        sheet.line("63650", n, vec![], &leads, "percutaneous lead, one per array (3.13)");
    }
    let out = op.work(&[C::StimulatorLeadRemoval]);
    if paddle.is_empty() && leads.is_empty() && !out.is_empty() {
        let flat = out.iter().any(|e| op.note.words(e.sentence).contains("paddle"));
        sheet.line(if flat { "63662" } else { "63661" }, 1, vec![], &out, "stimulator leads removed (3.13)");
    }
    let generator = op.work(&[C::StimulatorGenerator]);
    let box_out = op.work(&[C::StimulatorGeneratorRemoval]);
    if generator.is_empty() {
        sheet.line(
            "63688",
            usize::from(!box_out.is_empty()),
            vec![],
            &box_out,
            "generator removed or revised (3.13)",
        );
    }
    sheet.line(
        "63685",
        usize::from(!generator.is_empty()),
        vec![],
        &generator,
        "generator placed and connected (3.13)",
    );
}

/// A device between the spinous processes includes the decompression at its level (4.2).
fn interspinous(op: &Operation<'_>, sheet: &mut Sheet) {
    let found = op.work(&[C::InterspinousDevice]);
    if found.is_empty() || op.documented(&[C::Fusion]).iter().any(|e| e.part == Part::Procedures) {
        return;
    }
    let opened = sheet.has(&["63047", "63005", "63030"]);
    sheet.drafts.retain(|d| !PLAIN_LAMINECTOMY.contains(&d.code));
    let spaces = op.all_spaces(&found);
    let code = if opened { "22867" } else { "22869" };
    sheet.line(
        code,
        1,
        super::at(spaces.get(..1).unwrap_or(&[])),
        &found,
        "device between the spinous processes",
    );
}

/// Basivertebral ablation: the first two bodies together, each further one alone (section 2).
fn basivertebral(op: &Operation<'_>, sheet: &mut Sheet) {
    let found = op.work(&[C::BasivertebralAblation]);
    if found.is_empty() {
        return;
    }
    let vs = dedup(found.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>());
    let n = vs.len().min(2);
    sheet.line("64628", 1, bones(&vs[..n]), &found, "basivertebral ablation, first two bodies");
    if let Some(d) = sheet.line("64629", vs.len() - n, bones(&vs[n..]), &found, "each further body (CNT)") {
        d.primary = Some("64628");
    }
}

fn pumps(op: &Operation<'_>, sheet: &mut Sheet) {
    let pump = op.work(&[C::Pump]);
    if pump.is_empty() {
        return;
    }
    sheet.line("62362", 1, vec![], &pump, "programmable pump placed");
    let catheter = op.work(&[C::PumpCatheter]);
    sheet.line(
        "62350",
        usize::from(!catheter.is_empty()),
        vec![],
        &catheter,
        "spinal catheter placed and tunnelled to the pump",
    );
}

fn tumours(op: &Operation<'_>, sheet: &mut Sheet) {
    let tumour = op.work(&[C::TumorRemoval]);
    let clot = op.work(&[C::HematomaEvacuation]);
    let object = op.work(&[C::ForeignBody]);
    let column =
        |es: &[&Entity]| match es.iter().flat_map(|e| e.vertebrae()).next().map(|v| v.region()).or(op.region)
        {
            Some(Region::Cervical) => 0,
            Some(Region::Thoracic) => 1,
            Some(Region::Sacral) => 3,
            _ => 2,
        };
    let inside = op.mentions(&INTRADURAL);
    for (found, codes, why) in [
        (
            &tumour,
            match (op.mentions(&MEDULLARY), inside) {
                (true, _) => ["63285", "63286", "63287", "63287"],
                (_, true) => ["63280", "63281", "63282", "63283"],
                _ => ["63275", "63276", "63277", "63278"],
            },
            "spinal tumour removed; the laminectomy is part of it (3.18)",
        ),
        (&clot, ["63265", "63266", "63267", "63268"], "epidural clot removed through a laminectomy (3.18)"),
        (&object, ["63270", "63271", "63272", "63273"], "intradural lesion other than tumour removed (3.18)"),
    ] {
        // A clot met on the way of a larger operation is part of it.
        let larger = sheet.drafts.iter().any(|d| !PLAIN_LAMINECTOMY.contains(&d.code));
        if found.is_empty() || (found.as_ptr() == clot.as_ptr() && larger) {
            continue;
        }
        let levels = bones(&dedup(found.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>()));
        let code = codes[column(found)];
        let back = unplanned(op);
        if let Some(d) = sheet.line(code, 1, levels, found, why)
            && let Some(span) = back.first().filter(|_| found.as_ptr() == clot.as_ptr())
        {
            d.modifiers.push("78");
            d.spans.push(*span);
        }
        // The laminectomy on the way in is not a service of its own (PTP, section 3.18).
        sheet.drafts.retain(|d| !PLAIN_LAMINECTOMY.contains(&d.code));
    }
}

fn fractures(op: &Operation<'_>, sheet: &mut Sheet) {
    let found = op.work(&[C::FractureOpen]);
    if found.is_empty() {
        return;
    }
    let vs = dedup(found.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>());
    let code = match vs.first().map(|v| v.region()).or(op.region) {
        Some(Region::Cervical) => "22326",
        Some(Region::Thoracic) => "22327",
        _ => "22325",
    };
    sheet.line(
        code,
        1,
        bones(vs.get(..1).unwrap_or(&[])),
        &found,
        "open posterior treatment of a vertebral fracture",
    );
    if let Some(d) = sheet.line(
        "22328",
        vs.len().saturating_sub(1),
        bones(vs.get(1..).unwrap_or(&[])),
        &found,
        "each further fractured vertebra",
    ) {
        d.primary = Some(code);
    }
}

fn drainage(op: &Operation<'_>, sheet: &mut Sheet) {
    let found = op.work(&[C::DeepDrainage]);
    if found.is_empty() || !op.mentions(&DEEP) || !sheet.drafts.is_empty() {
        return;
    }
    let high = matches!(op.region, Some(Region::Cervical | Region::Thoracic));
    let code = if high { "22010" } else { "22015" };
    let back = unplanned(op);
    if let Some(d) = sheet.line(code, 1, vec![], &found, "drainage of a deep spine abscess, by region")
        && let Some(span) = back.first()
    {
        d.modifiers.push("78");
        d.spans.push(*span);
    }
    let debrided = found.iter().map(|e| e.reach()).collect();
    sheet.refuse("11044", "debridement at the site of the deep drainage is part of it", "NCCI", debrided);
}

/// Where the note says that this is an unplanned return within the global period.
fn unplanned(op: &Operation<'_>) -> Vec<(usize, usize)> {
    use crate::assertion::Assertion::{Done, Past};
    op.find(
        &UNPLANNED,
        &[
            Part::Procedures,
            Part::History,
            Part::Body,
            Part::Other,
            Part::Before,
            Part::After,
            Part::Diagnosis,
        ],
        &[Done, Past],
    )
}

fn removal(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    let removed = op.work(&[C::HardwareRemoval]);
    let spans: Vec<(usize, usize)> = removed.iter().map(|e| e.reach()).collect();
    if !removed.is_empty() {
        let front = op.front_of_neck || removed.iter().any(|e| has_front(op, e));
        let vs = removed.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>();
        let segments = if vs.is_empty() { bounds(&f.posterior()).len() } else { dedup(vs.clone()).len() };
        let code = if front {
            "22855"
        } else if segments == 2 {
            "22850"
        } else {
            "22852"
        };
        if sheet.has(&["22840", "22842", "22843", "22844", "22845", "22846", "22847"]) {
            sheet.refuse(
                code,
                "old fixation removed and new fixation placed over part of the same segments: insertion only",
                "SP-09",
                spans,
            );
        } else {
            sheet.line(code, 1, bones(&dedup(vs)), &removed, "fixation removed, none put back (3.20)");
        }
    }
    let explored = op.work(&[C::FusionExploration]);
    let spans: Vec<(usize, usize)> = explored.iter().map(|e| e.reach()).collect();
    if sheet.drafts.is_empty() {
        sheet.line(
            "22830",
            usize::from(!explored.is_empty()),
            vec![],
            &explored,
            "exploration of a fusion, nothing else done there (SP-10)",
        );
    } else {
        sheet.refuse("22830", "exploration in the area of other spine work is included", "SP-10", spans);
    }
}

fn has_front(op: &Operation<'_>, e: &Entity) -> bool {
    op.note.words(e.sentence).contains("anterior")
}
