//! What is documented but included: microscope, imaging, monitoring, biopsy, discs, head fixation, dura.
//!
//! Sources: SP-11 to SP-15, SP-24; section 5.9 for the microscope's exceptions, 5.11 for navigation.

use super::Sheet;
use super::decompression::ANY;
use super::fusion::Fused;
use crate::catalogue::entry;
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::Interspace;

re!(FAT, r"fat (?:graft|pad)");
re!(
    STEROID_ON_ROOT,
    r"(?:depo-?medrol|kenalog|methylprednisolone|triamcinolone|steroid|duramorph|fentanyl)[^.;]{0,50}\b(?:root|dura|epidural|thecal|gutter)"
);
re!(ULTRASOUND, r"(?:intra-?operative )?ultrasound");
re!(VACUUM, r"(?:wound|incisional) vac\b|negative[- ]pressure (?:dressing|wound|therapy)|\bvac dressing");
re!(
    SCREWS_TESTED,
    r"(?:screws?|tested|stimulat\w+)[^.;]{0,40}(?:milliamp\w*|\bma\b|\bemg\b)|(?:triggered|evoked) emg"
);
re!(SHARED_ASPIRATE, r"marrow[^.;]{0,25}aspirat\w+|aspirat\w+[^.;]{0,25}marrow");

/// Work within the skull's or the spinal canal with which Medicare pays for the microscope (section 5.9).
fn microscope_paid(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|n| (61304..=61546).contains(&n) || (63170..=63308).contains(&n))
}

re!(
    UNREGISTERED,
    r"\b(?:navigation|stealth|system|robot|o-arm)\b[^.;]{0,30}\b(?:would|could|did) not (?:be )?(?:register\w*|work|match|used?|calibrat\w*)|\b(?:registration|navigation) (?:failed|was (?:lost|abandoned|given up))|\bunable to register\b"
);

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    if sheet.drafts.is_empty() {
        return;
    }
    let reach = |c: C| op.documented(&[c]).iter().take(2).map(|e| e.reach()).collect::<Vec<_>>();
    let scope = reach(C::Microscope);
    if !scope.is_empty() {
        let primary = sheet.drafts.iter().find(|d| microscope_paid(d.code)).map(|d| d.code);
        if let Some(p) = primary {
            let found = op.documented(&[C::Microscope]);
            if let Some(d) = sheet.line(
                "69990",
                1,
                vec![],
                &found[..1],
                "operating microscope with intraspinal work (5.9)",
            ) {
                d.primary = Some(p);
            }
        } else {
            sheet.refuse("69990", "the microscope is included in this operation", "SP-12", scope);
        }
    }
    let spine = |c: &str| c.starts_with("22") || c.starts_with("63");
    if sheet.drafts.iter().any(|d| spine(d.code)) {
        sheet.refuse("76000", "imaging is included in the procedure", "SP-11", reach(C::Fluoroscopy));
    }
    sheet.refuse(
        "95940",
        "the operating surgeon does not bill nerve monitoring",
        "SP-13",
        reach(C::Monitoring),
    );
    let open = sheet.drafts.iter().any(|d| spine(d.code) && entry(d.code).is_some_and(|e| !e.add_on));
    for (words, code, reason, rule) in [
        (&FAT, "15769", "a fat graft from the same wound is part of the closure", "NCCI"),
        (&STEROID_ON_ROOT, "62323", "a drug left on the root or dura at open surgery is part of it", "NCCI"),
        (&ULTRASOUND, "76998", "ultrasound during the operation is part of it", "NCCI"),
        (&VACUUM, "97605", "a vacuum dressing on the surgical wound is part of it", "NCCI"),
        (&SCREWS_TESTED, "95938", "testing screws by stimulation is not billed by the surgeon", "SP-13"),
        (&SHARED_ASPIRATE, "38220", "marrow for a fusion is reported as 20939 or not at all", "SP-16"),
    ] {
        if open {
            let spans = op.says(words).into_iter().take(2).collect();
            sheet.refuse(code, reason, rule, spans);
        }
    }
    sheet.refuse("20660", "head fixation and distraction pins are included", "4.2", reach(C::Tongs));
    sheet.refuse("99152", "sedation by the operating physician is included", "SP-24", reach(C::Sedation));
    sheet.refuse(
        "63709",
        "repair of a dural tear made during the operation is included",
        "SP-15",
        reach(C::DuralRepair),
    );
    // Only the discs of the levels fused: one removed elsewhere is an operation of its own.
    let within = |spaces: &[Interspace]| {
        spaces.is_empty() || spaces.iter().any(|s| f.replaced.contains(s) || f.interbody().contains(s))
    };
    let mut found = op.documented(&[C::Discectomy]);
    found.retain(|e| within(&op.spaces(e)));
    let discs = found.iter().take(2).map(|e| e.reach()).collect();
    if f.anterior.iter().chain(&f.replaced).next().is_some() {
        sheet.refuse(
            if op.front_of_neck { "63075" } else { "63077" },
            "the disc is removed as part of the fusion or replacement",
            "SP-04",
            discs,
        );
    } else if !f.posterior_interbody.is_empty() {
        sheet.refuse("63030", "the disc is removed as part of the interbody fusion", "SP-01", discs);
    }
    let navigation = op.documented(&[C::Navigation]);
    let failed = op.find(&UNREGISTERED, &[Part::Body, Part::Other], &ANY);
    if !navigation.is_empty() && !failed.is_empty() {
        sheet.refuse(
            "61783",
            "the navigation did not register: the screws were placed without it",
            "5.11",
            failed,
        );
    } else if !navigation.is_empty()
        && sheet.drafts.iter().any(|d| d.code.starts_with("22") || d.code.starts_with("63"))
    {
        sheet.line("61783", 1, vec![], &navigation[..1], "stereotactic navigation, once (5.11)");
    }
}
