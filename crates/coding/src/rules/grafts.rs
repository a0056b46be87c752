//! Bone laid for a fusion: whose it is, where it was taken, in one piece or in chips. Each kind once per session.
//!
//! Sources: spine rules 3.1, section 2 (list G); SP-14, SP-16.

use super::fusion::Fused;
use super::{Sheet, at, laminae};
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::{Level, Region};

re!(
    HARVESTED,
    r"harvest\w*|\bbone\b|\bgrafts?\b|autograft|cancellous|cortic\w+|strips?|chips?|plugs?|trephine|curett\w+|gouge\w*|osteotome"
);
re!(OWN_INCISION, r"(?:separate|second|another|different|its own)(?: \w+){0,2} incision");
// Chips and graft of the patient's own bone.
re!(
    FROM_HERE,
    r"^s?,? ?(?:bone |chips |graft |taken |harvested |obtained |saved )*(?:from|of) (?:the |each |both |these |those )?(?:[a-z]+ ){0,2}?(?:vertebra\w*|bod(?:y|ies)|lamin\w+|facets?|spinous|corpectomy|osteotom\w+|decompression|iliac|crest|ilium|ribs?|[clt]\d(?:\W*$|[^-/ 0-9]| [a-su-z]))"
);
re!(
    LANDMARK,
    r"reference (?:arc|frame|array|pin)|\breference (?:\w+ ){0,2}(?:on|in|to)\b|tracker|\bpins?\b|level of the (?:iliac )?crest|bump|dressing|incision over"
);

/// Writes the lines of the grafts. `cages`: an interbody device was placed.
pub(super) fn apply(op: &Operation<'_>, f: &Fused, cages: bool, sheet: &mut Sheet) {
    let structural = kept(op, &[C::AllograftStructural], "20931", sheet);
    let mut morselised = kept(op, &[C::AllograftMorselised], "20930", sheet);
    let own = |e: &&Entity| has(&FROM_HERE, op.note.doc.slice(e.end, e.end + 48));
    morselised.retain(|e| !own(e) && !of_the_crest(op, e));
    let general = op.documented(&[C::Allograft]);
    let neck_front = f.anterior.iter().any(|s| s.region() == Region::Cervical) && f.posterior().is_empty();
    let levels = at(&f.interbody());
    let mut blocks: Vec<&Entity> = structural.clone();
    let mut chips: Vec<&Entity> = morselised.clone();
    // Bone that is measured out comes in chips, whatever it was cut from.
    let measured = |e: &Entity| has(&MEASURED, op.note.doc.slice(e.start.saturating_sub(28), e.start));
    chips.extend(blocks.iter().copied().filter(|e| measured(e)));
    blocks.retain(|e| !measured(e));
    // "Allograft" alone: the spacer of a neck fusion without a cage, chips everywhere else.
    if neck_front && !cages {
        blocks.extend(general.iter().copied());
    } else if blocks.is_empty() {
        chips.extend(general.iter().copied());
    }
    if cages && !blocks.is_empty() {
        sheet.ask(
            "Is the structural allograft a block of its own, or the filling of the cage?",
            &["20931", "20930"],
            blocks.iter().map(|e| e.reach()).collect(),
        );
        blocks.retain(|e| e.concept == C::AllograftStructural && e.part == Part::Procedures);
    }
    // Each graft once per session, whatever the number of levels (section 2, list G).
    once(sheet, "20931", levels, &blocks, "structural allograft, once per session");
    once(sheet, "20930", vec![], &chips, "morselised allograft or substitute, once per session (SP-14)");
    // The crest is also a landmark, and where the navigation's reference frame is pinned.
    let mut far = kept(op, &[C::AutograftSeparate], "20937", sheet);
    far.retain(|e| {
        let words = op.note.words(e.sentence);
        let taken = has(&HARVESTED, words) && (!has(&LANDMARK, words) || has(&OWN_INCISION, words));
        // Marrow drawn for a graft is no graft of bone.
        let name = op.note.doc.slice(e.start, e.end);
        let held = has(&HELD, words) && !has(&OF_BONE, words) && !name.contains("crest");
        if has(&MARROW, words) && !has(&OF_BONE, words) || held {
            return false;
        }
        let pinned = has(&LANDMARK, op.note.doc.slice(e.start.saturating_sub(40), e.start));
        e.part == Part::Procedures && !pinned || taken
    });
    let mut strut = kept(op, &[C::AutograftSeparateStructural], "20938", sheet);
    if strut.is_empty() && far.iter().any(|e| laminae::in_one_piece(op, e.sentence)) {
        strut.clone_from(&far);
    }
    let marrow = marrow(op, sheet);
    if !strut.is_empty() {
        once(
            sheet,
            "20938",
            vec![],
            &strut,
            "structural autograft through its own incision, once per session",
        );
    } else {
        once(sheet, "20937", vec![], &far, "autograft through its own incision, once per session");
    }
    once(
        sheet,
        "20939",
        vec![],
        &marrow,
        "marrow aspirate through its own incision, once per session (SP-16)",
    );
    let mut local = kept(op, &[C::AutograftLocal], "20936", sheet);
    // The patient's own bone, and the words say from where: the crest.
    local.retain(|e| !own_of_the_crest(op, e) && !taken_at_the_crest(op, e));
    once(sheet, "20936", vec![], &local, "local autograft, once per session (SP-14)");
}

/// A graft that only the heading names and the telling says was not taken or laid is asked about, not billed.
fn kept<'a>(op: &Operation<'a>, kind: &[C], code: &'static str, sheet: &mut Sheet) -> Vec<&'a Entity> {
    let found = op.documented(kind);
    let told = |e: &&Entity| matches!(e.part, Part::Body | Part::Implants | Part::Other);
    let denied: Vec<&Entity> = op.denied(kind).into_iter().filter(told).collect();
    let Some(denial) = denied.first() else { return found };
    if found.is_empty() || found.iter().any(|e| told(e) && op.put_in(e)) {
        return found;
    }
    let spans: Vec<(usize, usize)> =
        found.iter().map(|e| e.reach()).take(1).chain([(denial.start, denial.end)]).collect();
    sheet.refuse(
        code,
        "the heading names the graft, the description says it was not used",
        "NCCI IV",
        spans.clone(),
    );
    sheet.ask(
        "The heading names a bone graft that the description says was not used: please correct the heading.",
        &[code],
        spans,
    );
    vec![]
}

re!(
    OWN_SITE,
    r"\bcrest\b|\bilium\b|\biliac\b|\bpsis\b|\bhip\b|(?:separate|own|second|another|stab)(?: \w+){0,2} (?:incision|cut|stab)|\bstab\b"
);
re!(
    IN_FIELD,
    r"\bpedicles?\b|vertebral bod(?:y|ies)|screw (?:hole|tract|path)s?|(?:same|main|midline|operative) (?:incision|wound|exposure)"
);

/// Marrow drawn through an incision of its own; drawn down a pedicle of the operated field it has no line.
fn marrow<'a>(op: &Operation<'a>, sheet: &mut Sheet) -> Vec<&'a Entity> {
    let found = kept(op, &[C::MarrowAspirate], "20939", sheet);
    let at =
        |r| found.iter().filter(|e| has(r, op.note.words(e.sentence))).map(|e| e.reach()).collect::<Vec<_>>();
    let field: Vec<(usize, usize)> = at(&IN_FIELD);
    if field.is_empty() || !at(&OWN_SITE).is_empty() {
        return found;
    }
    sheet.refuse(
        "20939",
        "marrow drawn through the operated field is part of the operation",
        "SP-16",
        field.clone(),
    );
    sheet.ask(
        "Was the marrow drawn through an incision of its own? Through the operated field it is not reported.",
        &["20939"],
        field,
    );
    vec![]
}

re!(TAKEN, r"\b(?:taken|harvested|obtained|removed|gouged|gathered|procured|raised|cut)\b|\btook\b");
re!(CREST, r"\bcrest\b|\bilium\b|\biliac\b|outer table");
re!(MIXED, r"mixed|extended|combined|supplement\w*|augment\w*|added|plus\b|together with");
re!(
    BANKED,
    r"allo|bank|deminerali|\bdb[mx]\b|bmp|infuse|putty|cadaver|freeze|substitute|extender|grafton|commercial"
);

/// Chips taken from the crest in the same sentence are the patient's own, unless bank bone was mixed in.
fn of_the_crest(op: &Operation<'_>, e: &Entity) -> bool {
    let Some(s) = op.note.sentences.get(e.sentence) else { return false };
    let (before, name) = (op.note.doc.slice(s.start, e.start), op.note.doc.slice(e.start, e.end));
    let mixed = all(&TAKEN, before)
        .last()
        .and_then(|t| before.get(t.1..))
        .is_none_or(|since| has(&MIXED, since) || has(&BANKED, since));
    let after = op.note.doc.slice(e.end, s.end);
    let taken_after = all(&TAKEN, after).first().is_some_and(|t| t.0 < 12);
    has(&CREST, op.note.words(e.sentence)) && !has(&BANKED, name) && (!mixed || taken_after)
}

re!(MEASURED, r"\b\d+ ?(?:cc|ml|cm3|g|grams?)\b(?: of)?[a-z ,-]{0,16}$");
re!(
    SAID_LOCAL,
    r"local|lamin|facet|spinous|\barch|osteophyte|decompress|bod(?:y|ies)|vertebra|drill|shaving|\bribs?\b|saved|kept"
);
re!(
    FROM_CREST,
    r"^(?: (?:bone|grafts?|chips|strips|slivers|was|were|then|taken|harvested|obtained|cut|gathered))* (?:from|of) (?:the |her |his )*(?:\w+ ){0,4}?(?:crest|ilium|iliac wing|hip)\b"
);
// "Screws into the ilium with good purchase in the iliac bone."
re!(HELD, r"\b(?:screws?|bolts?)\b[^;]{0,160}\b(?:ilium|iliac|purchase)\b");
re!(
    OF_BONE,
    r"\bcancellous|\bstrips?\b|\bslivers?\b|\bchips\b|\btricortical|\bbone graft|\b(?:bone|graft) (?:was |were )?(?:taken|harvested|obtained|cut|gouged)|\bharvest\w*"
);
re!(MARROW, r"marrow|aspirat\w+");

/// Own bone of no other name than "autograft", said to come from the crest.
fn own_of_the_crest(op: &Operation<'_>, e: &Entity) -> bool {
    let name = op.note.doc.slice(e.start, e.end);
    let after = op.note.sentences.get(e.sentence).map_or("", |s| op.note.doc.slice(e.end, s.end));
    !has(&SAID_LOCAL, name) && has(&FROM_CREST, after) && !has(&MARROW, after)
}

/// "An incision was made over the crest, the outer table opened and bone was taken."
fn taken_at_the_crest(op: &Operation<'_>, e: &Entity) -> bool {
    let name = op.note.doc.slice(e.start, e.end);
    let before = op.note.sentences.get(e.sentence).map_or("", |s| op.note.doc.slice(s.start, e.start));
    e.part == Part::Body && has(&CREST, before) && !has(&SAID_LOCAL, name) && !has(&SAID_LOCAL, before)
}

fn once(sheet: &mut Sheet, code: &'static str, levels: Vec<Level>, from: &[&Entity], why: &'static str) {
    if from.is_empty() {
        return;
    }
    let mut from = from.to_vec();
    from.sort_by_key(|e| (e.part != Part::Procedures, e.start));
    from.truncate(2);
    let side = from.iter().find_map(|e| e.side);
    if let Some(d) = sheet.line(code, 1, levels, &from, why)
        && matches!(code, "20937" | "20938" | "20939")
    {
        // The side bone was taken from.
        d.side = side;
    }
}
