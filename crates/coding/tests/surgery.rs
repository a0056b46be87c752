//! Whole open operations told in narrative: headings that say too much or too little, places read from the
//! narrative, circumstances, what is included, what is asked and what else is permitted.

use iambilly_claim::{Coding, Transcript};
use iambilly_coding::{Context, Reader, code};

fn coding(text: &str) -> Coding {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
    let proofs = c
        .lines
        .iter()
        .map(|l| &l.evidence)
        .chain(c.not_billed.iter().map(|n| &n.evidence))
        .chain(c.alternatives.iter().flat_map(|a| a.lines.iter().map(|l| &l.evidence)))
        .flat_map(|p| p.passages());
    assert!(proofs.chain(c.queries.iter().flat_map(|q| &q.evidence)).all(|e| e.matches(text)));
    c
}

fn lines(c: &Coding) -> String {
    let mut out: Vec<String> = c
        .lines
        .iter()
        .map(|l| {
            let mods: String = l.modifiers.iter().map(|m| format!("-{m}")).collect();
            let units = if l.units > 1 { format!("x{}", l.units) } else { String::new() };
            format!("{}{mods}{units}", l.code)
        })
        .collect();
    out.sort();
    out.join(" ")
}

fn place(c: &Coding, code: &str) -> String {
    c.lines
        .iter()
        .filter(|l| l.code.as_str() == code)
        .map(|l| {
            let levels: Vec<String> = l.levels.iter().map(ToString::to_string).collect();
            let side = l.laterality.map_or(String::new(), |s| format!(" {s:?}").to_lowercase());
            format!("{}{side}", levels.join(" "))
        })
        .collect::<Vec<_>>()
        .join(" | ")
}

#[test]
fn narratives() {
    let mut wrong = vec![];
    for (name, text, expected) in NARRATIVES {
        let got = lines(&coding(text));
        let mut want: Vec<&str> = expected.split_whitespace().collect();
        want.sort_unstable();
        if got != want.join(" ") {
            wrong.push(format!("{name}\n   got  {got}\n   want {}", want.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), NARRATIVES.len(), wrong.join("\n"));
}

const NARRATIVES: &[(&str, &str, &str)] = &[
    (
        "booked three, did two",
        "PROCEDURE SCHEDULED: ACDF C3-C6.\nPROCEDURE PERFORMED: Anterior cervical discectomy and fusion, two levels.\nHISTORY: After seeing the new scan we agreed to leave C3-4 alone.\nDESCRIPTION: The disc at C4-5 was removed, the ligament opened and the cord decompressed. A PEEK cage with DBM was tapped into C4-5. The same steps were repeated at C5-6. A plate was fixed with two screws each in C4, C5 and C6; it is a separate implant and the cages have no screws of their own.",
        "22551 22552 22845-59 22853x2 20930",
    ),
    (
        "two levels told one by one, only one fused",
        "Diagnosis: L4-5 spondylolisthesis with severe stenosis; L3-4 severe stenosis with neurogenic claudication.\nPerformed: L3-L5 decompression, L4-5 TLIF and posterolateral fusion with instrumentation.\nL3-4: The lower half of the L3 lamina was drilled away, both facets undercut and the foramina opened. No fusion here.\nL4-5: The L4 lamina was taken off and both lateral recesses were decompressed well beyond what the cage needed. The disc was emptied and a PEEK cage with local bone impacted. The transverse processes were decorticated and the rest of the bone packed into both gutters. Four screws went into L4 and L5 with two rods.",
        "22633 63052 63047-59 22840 22853 20936",
    ),
    (
        "laminae in the heading, interspaces in the narrative",
        "Procedure: Lumbar laminectomy L2, L3 and L4.\nPostoperative diagnosis: Lumbar stenosis with neurogenic claudication.\nDescription: At L2-3 the lamina was burred down and the inner third of each facet taken. At L3-4 the same was done; the foramina were opened for the L3 roots and the lateral recess was freed. The laminae were removed with punches.",
        "63047 63048",
    ),
    (
        "no facet was touched",
        "Diagnosis: cervical stenosis C3 to C6 with myelopathy. Operation: Laminectomy C3, C4, C5 and C6 and posterior cervical fusion C3-C6 with lateral mass screws C3 to C6, local autograft. Description: The laminae were lifted off in one piece. No foraminotomies were needed and no facets were undercut. The joints were decorticated and packed with the chopped laminae.",
        "22600 22614x2 22842 63015 20936",
    ),
    (
        "second stage",
        "PREOP DX: Degenerative scoliosis; status post stage I lateral interbody fusion L3-4 and L4-5 on 1/26/2026.\nOPERATION: Planned second stage: posterolateral fusion L3 to L5 with pedicle screws L3, L4 and L5.\nDESCRIPTION: Films show the cages in good position. The transverse processes were decorticated and covered with cancellous allograft. Screws were placed at L3, L4 and L5 on both sides.",
        "22612-58 22614-58 22842-58 20930",
    ),
    (
        "stopped for danger",
        "Planned: ACDF C6-7 with cage and plate.\nDone: Anterior exposure of C6-7. The case was aborted before discectomy.\nCourse: The platysma was divided and the level localized. Anesthesia then reported ventricular fibrillation. Retractors out, wound closed.",
        "22551-53",
    ),
    (
        "access surgeon for the chest",
        "OPERATION:\n1. T10 corpectomy through the left chest with decompression of the cord.\n2. Anterior fusion T9-10 and T10-11 with fibular strut allograft.\n3. Anterior plate T9 to T11.\nCO-SURGEON: Dr. Ida Brandt, thoracic surgery, opened the chest and dictates her part separately.\nDESCRIPTION: The body of T10 was removed, about three quarters of it, and the strut was keyed into T9 and T11. A plate was placed over T9 to T11.",
        "63085-62 22556-62 22585-62 22845 20931",
    ),
    (
        "co-surgeon none",
        "PROCEDURE: ALIF L5-S1 with PEEK cage and BMP.\nCO-SURGEON: none\nDESCRIPTION: The retroperitoneal space was developed and the disc removed. The cage was impacted.",
        "22558 22853 20930",
    ),
    (
        "screws at the ends of three",
        "OPERATION: Posterolateral fusion L2 to L4 for an L3 burst fracture with left iliac bone graft.\nDESCRIPTION: Holes were probed at L2 and L4 and four screws inserted. The pedicles of L3 were shattered and skipped. The transverse processes of L2, L3 and L4 were decorticated. Through a separate incision strips were taken from the left ilium and laid in the gutters.",
        "22612 22614 22840 20937",
    ),
    (
        "osteotomies and a decompression elsewhere",
        "Diagnosis: flatback with degenerative scoliosis; L4-5 stenosis. Operations:\n1. Posterior spinal fusion T11 to S1 with segmental pedicle screws T11 to S1 and iliac bolts.\n2. Posterior column (Smith-Petersen) osteotomies L1-2 and L2-3.\n3. Laminectomy with foraminotomies L4-5.\n4. Local bone.\nTechnique: Both roots at L4-5 were freed.",
        "22802 22843 22848 22214 22216 63047-59 20936",
    ),
    (
        "each work its own levels without stops",
        "Procedure posterior spinal fusion T4 to L1 with segmental instrumentation T4 to L1 and ponte osteotomies at T7-8 and T8-9 for adolescent idiopathic scoliosis. Local bone was used.",
        "22802 22843 22212 22216 20936",
    ),
    (
        "hardware seen and left",
        "Diagnosis: L3-4 disc herniation, left. History: fusion L4-5 in 2018 with cages and screws. Procedure: left L3-4 microdiscectomy. Description: The old cage at L4-5 was in good position on the film. The L3-4 disc fragment was removed on the left.",
        "63030-LT",
    ),
    (
        "taken back for a clot",
        "PROCEDURE: Return to the operating room, exploration of the lumbar wound and evacuation of epidural hematoma L4-5.\nHISTORY: Laminectomy L4-5 two days ago; new foot drop this morning, MRI shows a postoperative hematoma.\nDESCRIPTION: The clot was sucked away and the dura was free.",
        "63267-78",
    ),
    (
        "autologous blood is no graft",
        "Procedure: Posterior spinal fusion T5 to T12 with segmental instrumentation T5 to T12, allograft chips. Diagnosis: Scheuermann kyphosis. Two autologous units and cell saver blood were returned.",
        "22802 22843 20930",
    ),
];

#[test]
fn places_and_sides() {
    let c = coding(
        "Procedure: right L3-4 and left L4-5 microdiscectomy. Diagnosis: herniated discs. Both fragments were removed.",
    );
    assert_eq!((place(&c, "63030"), place(&c, "63035")), ("L3-L4 right".into(), "L4-L5 left".into()));
    let c = coding(
        "Diagnosis: L4-5 stenosis. Procedure: L4-5 laminectomy from a left-sided approach. The L4 lamina was drilled away, both facets undercut and both foramina opened on both sides at L4-5.",
    );
    assert!(place(&c, "63047").starts_with("L4-L5"), "{}", place(&c, "63047"));
    let c = coding(
        "Procedure: TLIF L4-5 through a right-sided approach with cage, posterolateral fusion L4-5, pedicle screws L4 and L5, local bone. Diagnosis: spondylolisthesis.",
    );
    assert_eq!((place(&c, "22633"), place(&c, "22840")), ("L4-L5".into(), "L4 L5".into()));
    let c = coding(
        "Procedure: Posterior fusion T10 to L2 with segmental screws T10 to L2 for a T12 burst fracture, local bone. Description: Pedicle screws were placed at T10, T11, L1 and L2. The T12 pedicles were broken and skipped.",
    );
    assert_eq!(place(&c, "22842"), "T10 T11 L1 L2");
}

#[test]
fn included_work_is_explained() {
    let c = coding(
        "Procedure: right L5-S1 microdiscectomy. Diagnosis: herniated disc. The microscope and the C-arm were used. A fat graft and Depo-Medrol were laid on the root. Neuromonitoring was stable. The disc fragment was removed.",
    );
    let codes: Vec<String> = c.not_billed.iter().map(|n| n.code.to_string()).collect();
    for code in ["69990", "76000", "15769", "62323", "95940"] {
        assert!(codes.iter().any(|c| c == code), "{code} of {codes:?}");
    }
    assert!(c.not_billed.iter().all(|n| !n.rule.is_empty() && !n.reason.is_empty()));
}

#[test]
fn what_is_open_is_asked_dearest_first() {
    let asked = |text: &str| -> Vec<(String, Vec<String>)> {
        coding(text).queries.into_iter().map(|q| (q.question, q.affects)).collect()
    };
    let q =
        asked("Procedure: L4-5 microdiscectomy. Diagnosis: herniated disc L4-5. The fragment was removed.");
    assert!(q.iter().any(|q| q.0.contains("side")), "{q:?}");
    let q = asked(
        "Procedure: L4-5 PLIF with cage and pedicle screws L4 and L5. Diagnosis: L4-5 spondylolisthesis. The disc was emptied.",
    );
    assert!(q.iter().any(|q| q.1.contains(&"22633".to_owned())), "{q:?}");
    let q = asked("Procedure: ACDF C5-6 with allograft and plate. The cord was decompressed.");
    assert!(q.iter().any(|q| q.1.contains(&"20931".to_owned())), "{q:?}");
    // The heading names a level that the narrative, level by level, never opens.
    let text = "Diagnosis: stenosis L2-3, L3-4. Procedure: L2-3 and L3-4 laminectomy, facetectomy and foraminotomy. Description: At L3-4 the lamina was removed, the facets undercut and the foramina opened. The wound was closed.";
    let c = coding(text);
    assert_eq!((lines(&c).as_str(), place(&c, "63047").as_str()), ("63047", "L3-L4"));
    assert!(c.queries.iter().any(|q| q.question.contains("never mentions")), "{:?}", c.queries);
}

#[test]
fn other_permitted_forms() {
    let of = |text: &str| coding(text).alternatives;
    // A laminectomy whose facets and foramina are not described.
    let a = of("Diagnosis: L4-5 stenosis. Procedure: L4-5 laminectomy. The lamina was removed.");
    let plain = a.iter().find(|a| a.lines.iter().any(|l| l.code.as_str() == "63005")).expect("plain");
    assert!(plain.effect.rvu.is_some() && plain.allowed_because.contains("3.5"));
    // An interspace entered before.
    let a = of(
        "Diagnosis: herniated disc L5-S1, left. History: left L5-S1 microdiscectomy in 2019. Procedure: left L5-S1 microdiscectomy. Description: Through the old scar the lamina was reached and the fragment removed.",
    );
    let again = a.iter().find(|a| a.lines.iter().any(|l| l.code.as_str() == "63042")).expect("again");
    assert!(again.effect.rvu.is_some_and(|r| r > 5.0), "{:?}", again.effect);
    // A plate beside a cage, not called separate; with a separate one there is nothing to offer but XS.
    let a = of("Procedure: ACDF C5-6 with PEEK cage and plate C5-C6, DBM. The cord was decompressed.");
    assert!(a.iter().any(|a| a.lines.iter().all(|l| l.code.as_str() != "22845")), "{a:?}");
    let a =
        of("Procedure: ACDF C5-6 with PEEK cage and separate plate C5-C6, DBM. The cord was decompressed.");
    assert!(a.iter().all(|a| a.lines.iter().any(|l| l.code.as_str() == "22845")), "{a:?}");
    // A short fusion of a curve.
    let a = of(
        "Diagnosis: adult scoliosis. Procedure: posterolateral fusion L2 to L5 with pedicle screws L2 to L5, local bone.",
    );
    assert!(a.iter().any(|a| a.lines.iter().any(|l| l.code.as_str() == "22800")), "{a:?}");
    // 22 only where the note says why and how much.
    let base = "Procedure: L4-5 laminectomy with foraminotomies. Diagnosis: L4-5 stenosis. The facets were undercut.";
    let hard = format!(
        "{base} Because of scar the work was significantly more difficult and took an additional 90 minutes."
    );
    let has22 = |t: &str| {
        of(t).iter().any(|a| a.lines.iter().any(|l| l.modifiers.iter().any(|m| m.as_str() == "22")))
    };
    assert!(has22(&hard) && !has22(base));
    assert!(of("Procedure: planned visit only. We discussed an operation.").is_empty());
}
