//! An evaluation visit instead of an operation: level by documented time, modifier 57 for a decision to operate.
//!
//! Source: CPT 2021 and 2023 office visit rules (total time on the date), section 5 for 57.

use super::Sheet;
use crate::operation::Operation;
use crate::text::re;

re!(NEW, r"new patient|not seen by this group|initial (?:visit|consult\w*|evaluation)");
re!(KNOWN, r"established patient|follow-?up visit|return visit|returns (?:to clinic|for follow)");
re!(
    MINUTES,
    r"total time[^.]{0,160}?(\d{1,3}) min|(\d{1,3}) minutes (?:of total|were spent|was spent|in total)|spent (?:a total of )?(\d{1,3}) minutes"
);
re!(
    DECISION,
    r"decision (?:to operate|for surgery|to proceed with surgery)|(?:surgery|operation|\w+ectomy|fusion)[a-z ,0-9/-]{0,30}(?:tomorrow|today)"
);

pub(super) fn apply(op: &Operation<'_>, sheet: &mut Sheet) {
    let text = &op.note.doc.norm;
    let (new, known) = (op.mentions(&NEW), op.mentions(&KNOWN));
    if !new && !known {
        return;
    }
    let Some(caps) = MINUTES.as_ref().and_then(|r| r.captures(text)) else {
        sheet.ask(
            "How much time was spent on the day of the visit, or how complex was the decision?",
            &["99203", "99204", "99213", "99214"],
            vec![],
        );
        return;
    };
    let minutes: u32 =
        caps.iter().skip(1).flatten().next().and_then(|m| m.as_str().parse().ok()).unwrap_or(0);
    let code = match (new, minutes) {
        (true, 60..) => "99205",
        (true, 45..) => "99204",
        (true, 30..) => "99203",
        (true, _) => "99202",
        (false, 40..) => "99215",
        (false, 30..) => "99214",
        (false, 20..) => "99213",
        (false, _) => "99212",
    };
    let spans: Vec<(usize, usize)> = caps.get(0).map(|m| (m.start(), m.end())).into_iter().collect();
    if let Some(d) = sheet.line(code, 1, vec![], &[], "office visit by total time on the date") {
        d.spans = spans;
        d.confidence = 0.75;
        if let Some(m) = DECISION.as_ref().and_then(|r| r.find(text)) {
            d.modifiers.push("57");
            d.spans.push((m.start(), m.end()));
        }
    }
}
