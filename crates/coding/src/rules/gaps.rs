//! What the note leaves open that would change a code: questions to the surgeon, the dearest first.
//!
//! Sources: spine rules 3.1 (graft), 3.6 (side), 3.8 (posterolateral graft), section 5 (22).

use super::fusion::Fused;
use super::{Question, Sheet};
use crate::assertion::Assertion::Done;
use crate::catalogue::entry;
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::Risk;

re!(
    GREATER,
    r"(?:significantly|substantially|considerably|unusually|much) (?:more|greater|increased|longer|harder) (?:difficult\w*|time|work|complex\w*|effort)|(?:extreme|extraordinary|unusual) difficult\w*|increased (?:complexity|difficulty)|modifier 22"
);

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    side(sheet);
    allograft(op, f, sheet);
    posterolateral(op, f, sheet);
    let greater = op.find(&GREATER, &[Part::Body, Part::Procedures, Part::Other], &[Done]);
    if let (Some(span), Some(d)) = (greater.first(), sheet.drafts.first()) {
        let code = d.code;
        sheet.ask(
            "The note calls the work greater than usual: by how much (time, share), and why? Modifier 22 needs both.",
            &[code],
            vec![*span],
        );
    }
}

/// A code that is paid by side, and no side said.
fn side(sheet: &mut Sheet) {
    let open = sheet.drafts.iter().find(|d| {
        d.code.starts_with("630") && d.side.is_none() && entry(d.code).is_some_and(|e| e.bilateral)
    });
    if let Some((code, spans)) = open.map(|d| (d.code, d.spans.clone())) {
        sheet.ask("On which side was it done, or on both?", &[code], spans);
    }
}

/// Allograft in a neck fusion: a block and chips are different codes.
fn allograft(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    let told = op.documented(&[C::AllograftStructural, C::AllograftMorselised]);
    let general = op.documented(&[C::Allograft]);
    if told.is_empty() && !general.is_empty() && !f.anterior.is_empty() {
        let spans = general.iter().map(|e| e.reach()).take(2).collect();
        sheet.ask("Was the allograft a structural block or morselised chips?", &["20931", "20930"], spans);
    }
}

/// An interbody fusion from behind beside screws: graft on the transverse processes makes another code.
fn posterolateral(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    let said_no = !op.denied(&[C::FusionPosterolateral, C::Fusion]).is_empty()
        || !op.find(&NO_GUTTER, &[Part::Body, Part::Procedures], &super::decompression::ANY).is_empty();
    if f.posterior_interbody.is_empty() || !f.posterolateral.is_empty() || said_no {
        return;
    }
    if sheet.has(&["22630"]) && sheet.has(&["22840", "22842", "22843"]) {
        let spans = sheet.drafts.iter().find(|d| d.code == "22630").map(|d| d.spans.clone());
        sheet.ask(
            "Were the transverse processes or facets decorticated and grafted as well?",
            &["22630", "22633"],
            spans.unwrap_or_default(),
        );
    }
}

re!(
    NO_GUTTER,
    r"(?:no|not|without|nor)\b[^.;]{0,60}(?:posterolateral\w*|gutters?|inter-?transverse|laid out|out lateral|laterally|decorticat\w+)"
);

/// What is at risk while a question about a service is open: the draft holds the dearest of the codes that the answer
/// decides between (up-coded if it is wrong), a cheaper one (money left), or the one code that needs the answer to be
/// paid (denied without it).
pub(super) fn risk(q: &Question, sheet: &Sheet) -> Risk {
    let value = |c: &String| entry(c).map_or(0.0, |e| e.rvu);
    let (drafted, open): (Vec<&String>, Vec<&String>) = q.affects.iter().partition(|c| sheet.has(&[c]));
    let dearest = |of: &[&String]| of.iter().map(|c| value(c)).fold(0.0, f64::max);
    match (drafted.is_empty(), open.is_empty()) {
        (true, _) => Risk::Missed,
        (false, true) => Risk::Denial,
        (false, false) if dearest(&drafted) > dearest(&open) => Risk::UpCode,
        (false, false) => Risk::Missed,
    }
}
