//! What an interbody fusion leaves of a decompression at its own interspace: what goes beyond the way to the disc.
//!
//! Sources: spine rules 3.8; bundle SP-01.

use super::super::{Sheet, at};
use super::{ANY, STENOSIS, dx, side_of};
use crate::account::Site;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::Interspace;
use iambilly_claim::coding::Laterality;

re!(
    BEYOND,
    r"beyond (?:the |that |what )|\boutside (?:of )?what (?:was|is) (?:needed|necessary|required)|\b(?:above|over|wider|farther|further|higher|broader|lateral)\b[^.;]{0,24}\b(?:than|to) (?:what|that)\b[^.;]{0,40}\b(?:need\w*|requir\w*|necess\w+|call\w*|enough)|\bnot (?:merely |just |only )?(?:for|as|to (?:make|gain|get)) (?:the |an? )?(?:corridor|access|exposure|approach)\b|\b(?:past|exceed\w*|more extensive than|further than) (?:what|that|the)\b[^.;]{0,40}\b(?:need\w*|requir\w*|necess\w+|access|expos\w+|interbody|discectomy)|not (?:merely|just|only|simply|solely) (?:for |to gain )?(?:the )?(?:access|exposure)|(?:separate|distinct) from (?:the |that )?(?:access|exposure|interbody)|more than (?:we |was |is |that )?(?:need\w*|requir\w*)|in addition to (?:that|the decompression) |\b(?:more|in addition to|besides|over and above|apart from)\b[^.;]{0,50}\b(?:need\w*|requir\w*|necess\w+|(?:to|for) (?:reach\w*|access|expos\w+|get to|prepar\w+))\b|over and above|wide(?:ly)? decompress\w*"
);
re!(
    ONLY_ACCESS,
    r"(?:only|merely|just|no more than|nothing more than|limited to)(?: \w+){0,6} (?:needed|necessary|required|enough|access|expose|exposure|reach|get to)|what (?:one|is|was) (?:takes?|needed|required) to (?:get|reach|access|expose)|(?:for|as) (?:access|exposure)(?: to the dis[ck])? (?:only|alone)|(?:solely|only) (?:for|to gain|as) (?:the )?(?:access|exposure)"
);
/// The note says that the decompression went beyond what the interbody fusion needs.
pub(in crate::rules) fn goes_beyond(op: &Operation<'_>) -> bool {
    !said_beyond(op).is_empty()
}

// "The foramen would not have needed to be opened this far merely to put in the cages."
re!(
    MORE_THAN_NEEDED,
    r"\b(?:would|need|did|was|were|had) not (?:have )?(?:be |been |to |had |needed |need |necessary |required )+[^.;]{0,60}\b(?:merely|just|only|simply|alone)\b (?:to|for)\b"
);

/// Where the note says that the decompression went beyond what the interbody fusion needs.
fn said_beyond(op: &Operation<'_>) -> Vec<(usize, usize)> {
    let mut out = op.says(&BEYOND);
    out.extend(op.find(&MORE_THAN_NEEDED, &[Part::Body], &ANY));
    out
}

/// Beside an interbody fusion at the same interspace: 63052 and 63053, or nothing (SP-01).
pub(super) fn beside_interbody(
    op: &Operation<'_>,
    same: &[Interspace],
    opened: &[&Entity],
    seen: &[Site<'_>],
    sheet: &mut Sheet,
) {
    if same.is_empty() {
        return;
    }
    let spans: Vec<(usize, usize)> = opened.iter().map(|e| e.reach()).collect();
    let beyond = said_beyond(op);
    let listed = opened.iter().any(|e| e.part == Part::Procedures);
    let both_sides =
        seen.iter().any(|o| same.contains(&o.space) && o.full() && o.side == Some(Laterality::Bilateral));
    let only_access = beyond.is_empty() && !op.find(&ONLY_ACCESS, &[Part::Body], &ANY).is_empty();
    if !only_access && (!beyond.is_empty() || ((listed || both_sides) && dx(op, &STENOSIS))) {
        for (code, spaces, primary) in [("63052", &same[..1], None), ("63053", &same[1..], Some("63052"))] {
            if let Some(d) = sheet.line(
                code,
                spaces.len(),
                at(spaces),
                opened,
                "decompression beyond what the interbody fusion needs, same interspace (SP-01)",
            ) {
                d.primary = primary.or(Some("22633"));
                d.side = side_of(opened, seen, &d.levels);
                d.spans.extend(beyond.first());
                if beyond.is_empty() {
                    d.confidence = d.confidence.min(0.7);
                }
            }
        }
        if beyond.is_empty() {
            sheet.ask("Did the decompression at the fused interspace go beyond what was needed to reach and prepare the disc?", &["63052"], spans.clone());
        }
    }
    sheet.refuse(
        "63047",
        "laminectomy at the interspace of an interbody fusion is included; work beyond it is 63052",
        "SP-01",
        spans,
    );
}
