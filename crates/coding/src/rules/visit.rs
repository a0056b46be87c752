//! A visit instead of, or beside, an operation: its level by documented total time or by the elements of the
//! decision, never above what is proved; the global period; modifiers 24, 25 and 57.
//!
//! Words, codes and thresholds are data (`data/coding/visits.toml`). Sources: CPT E/M rules of 2021 (office) and
//! 2023 (hospital), Medicare's prolonged service and consultation policy, section 5 for the modifiers.

mod decision;
mod time;

use super::Sheet;
use crate::Context;
use crate::catalogue::procedure::Words;
use crate::operation::Operation;
use crate::text::{has, re};
use decision::Elements;
use serde::Deserialize;
use std::sync::LazyLock;
use time::{Documented, documented};

/// Complexity of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Decision {
    Straightforward,
    Low,
    Moderate,
    High,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelRow {
    code: String,
    minutes: u32,
    decision: Decision,
}

/// Prolonged service: from how many minutes, one unit for each further stretch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prolonged {
    code: String,
    from: u32,
    each: u32,
    medicare: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    #[allow(dead_code)]
    id: String,
    label: String,
    words: Option<Words>,
    new: Option<bool>,
    levels: Vec<LevelRow>,
    #[serde(default)]
    prolonged: Vec<Prolonged>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    visit: Vec<Kind>,
    elements: Elements,
}

static VISITS: LazyLock<Option<File>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../../data/coding/visits.toml")).ok());

re!(
    NEW,
    r"new patient|for the first time|nobody (?:in|at|from) (?:our|this|the) (?:group|practice|office|clinic)|(?:asking|asked) (?:for )?my opinion|(?:never|not)(?: been| previously)? seen (?:in|by|at) (?:this|our|the) (?:practice|group|office|clinic)|first (?:visit|time)[^.]{0,30}(?:office|clinic|practice|here)|initial (?:visit|office visit|consult\w*|evaluation)|new to (?:me and )?(?:the|this|our) (?:practice|group)|more than (?:three|3) years"
);
re!(
    KNOWN,
    r"established(?: patient)?\b|return patient|last visit with (?:me|us)|known to (?:me|us|our)|i did (?:the|her|his) [^.]{0,40}(?:fusion|surgery|operation|\w+ectomy|[tlap]lif)|wound (?:look|check)|follow[- ]?up|return(?:s|ing)? (?:visit|patient|to (?:the )?(?:clinic|office))|last seen|returns (?:today|for)|seen (?:here )?(?:by me )?(?:last|in) |recheck|post-?op\w* (?:visit|check|clinic)|visit[ :,-]{1,4}post-?op\w*|global period"
);
re!(
    NEW_FIRMLY,
    r"new patient|for the first time|nobody (?:in|at|from) (?:our|this|the) (?:group|practice|office|clinic)|never (?:been )?seen|not (?:been )?seen (?:in|by) (?:this|our)|more than (?:three|3) years"
);
re!(
    EXAMINED,
    r"\bexam(?:ination|ined)?\b|(?:^|\n)\s*(?:o|obj|objective) ?:|by camera|strength|reflexes|gait|straight leg|spurling|impression|assessment"
);
re!(
    DECIDED,
    r"decision (?:to operate|for (?:major )?surgery|to proceed|was made|made)|decided (?:on|to (?:operate|proceed))|will (?:operate|proceed|take (?:him|her|them) to)|(?:consent|signed)[^.]{0,40}(?:surgery|operation|today)|booked|scheduled for|(?:surgery|operation|\w+ectomy|fusion) is (?:set|planned|on|scheduled)\b|(?:he|she|they|patient|wife)[^.]{0,30}\b(?:accepts?|agrees?|consents?|consented|agreed)\b|i will operate"
);
re!(
    MAJOR_SOON,
    r"(?:surgery|operation|operate|\w+ectomy|fusion|decompression|acdf|corpectomy|arthroplasty|[tlap]lif\b|fixation|evacuation)[^.]{0,60}(?:tomorrow|today|tonight|this (?:evening|afternoon)|emergently|in the morning|first case)|(?:tomorrow|today|tonight|emergent\w*)[^.]{0,60}(?:surgery|operate|operation|\w+ectomy|fusion|decompression|acdf|corpectomy)"
);
re!(
    UNDECIDED,
    r"not (?:yet )?decided|undecided|no (?:operation|surgery|decision) (?:has been|was|is|has) |no decision|has not made up|thinking (?:about|it over)|wants to think|no surgery (?:is|was) (?:booked|planned|scheduled)|declin\w+ surgery|not (?:a candidate|interested in surgery)"
);
re!(
    SEPARATE,
    r"\bseparately (?:she|he|they|has|there|complain)|new (?:thing|concern|soreness|issue)|brings up|own (?:work-?up|evaluation)|separate(?:ly)? (?:identifiable|from|and distinct|problem|evaluat\w+|visit)|significant(?:,| and)? separate\w*|unrelated (?:to|problem|complaint)|distinct (?:from|problem)|(?:different|new|second) (?:problem|complaint)|(?:exclud\w+|exclusive of|not (?:counting|counted|including)|apart from|outside of|separate from|in addition to)[^.]{0,30}(?:procedure|injection|block)"
);
re!(
    IN_GLOBAL,
    r"global (?:period|package|surgical)|within (?:the )?global|in (?:the |her |his )?global|no[- ]charge (?:visit|post)|99024|post-?op\w*[ :,-]{0,3}(?:visit|check|clinic|follow|wound check|appointment)|\b(?:[1-9]|1[0-2]|one|two|three|four|five|six|eight|ten|twelve) (?:weeks?|wks?) (?:from|after|out from|out of|s/p|status post|post-?op\w*|following)|\b(?:first|second) post-?op\w* visit|routine post-?op|no charge for|(?:two|three|four|five|six|eight|ten|twelve|\d{1,2})[- ](?:week|wk)s? (?:post|wound|check|look)"
);
re!(OUT_OF_GLOBAL, r"\b(?:not|no longer|never|outside|past|beyond|after)\b[^.;]{0,20}$");
re!(
    LATE,
    r"(?:[4-9]|1\d|four|five|six|nine|ten|twelve|eighteen) months? (?:from|after|out|s/p|status post|post)|(?:one|two|three|\d) years? (?:from|after|out|s/p|post)"
);
re!(
    UNRELATED,
    r"unrelated (?:to (?:the|her|his) (?:surgery|operation|procedure|fusion|spine)|problem|complaint|new)|(?:not|nothing) (?:to do with|related to) (?:the|her|his|my|our) (?:\w+ ){0,2}(?:surgery|operation|procedure|fusion)"
);
re!(
    NOT_SEPARATE,
    r"\bno (?:\w+ ){0,3}(?:separate|new|additional)[a-z ,]{0,30}(?:evaluation|complaints?|e ?/ ?m|visit|problems?|assessment)|nothing (?:new|re-?evaluated)|(?:no|nothing) re-?evaluat\w+|no (?:other|further) issues"
);
// Another problem, whatever is not new about the one that is treated.
re!(
    ANOTHER,
    r"\bnew problem\b|\bseparate from (?:her|his|their) [^.;]{0,30}\b(?:trouble|pain|problem|complaint)"
);
re!(CONSULT, r"consult(?:ation)?\b");

/// Writes the visit's line; `op` may hold procedures of the same day on the sheet.
pub(super) fn apply(op: &Operation<'_>, ctx: &Context, sheet: &mut Sheet) {
    let text = &op.note.doc.norm;
    let Some(file) = VISITS.as_ref() else { return };
    let (new, known) = (has(&NEW, text), has(&KNOWN, text));
    // By time alone a visit needs no examination (E/M rules of 2021: history and examination as appropriate).
    let timed = || op.note.standing.visit && documented(text).is_some();
    if !(has(&EXAMINED, text) || timed()) || !(op.note.standing.visit || new || known) {
        return;
    }
    let separate = has(&SEPARATE, text) && (has(&ANOTHER, text) || !has(&NOT_SEPARATE, text));
    if op.listed && !(op.note.standing.visit && separate && !sheet.drafts.is_empty()) {
        return;
    }
    let Some(kind) = kind(file, text, new, known) else {
        if sheet.drafts.is_empty() {
            sheet.ask(
                "Is the patient new to the practice, or seen within three years? The level of the visit depends on it.",
                &["99203", "99213"],
                vec![],
            );
        }
        return;
    };
    let first = kind.levels.first().map_or("99212", |l| l.code.as_str());
    let minor_today = !sheet.drafts.is_empty();
    if minor_today && !separate {
        return same_day(sheet, first);
    }
    if in_global_period(text) && !has(&LATE, text) && !minor_today && !has(&UNRELATED, text) {
        return in_global(op, sheet);
    }
    let spent = documented(text);
    let judged = file.elements.judge(op);
    let by_time = spent.as_ref().and_then(|t| kind.levels.iter().rposition(|l| l.minutes <= t.minutes));
    // Time spent on a procedure that is billed does not count; where the note does not part them, time proves nothing.
    let by_time = by_time.filter(|_| !minor_today || spent.as_ref().is_some_and(|t| t.without_procedure));
    let by_decision = judged.level.and_then(|d| kind.levels.iter().rposition(|l| l.decision <= d));
    if by_time.is_none() && by_decision.is_none() {
        let above = kind.levels.iter().map(|l| l.code.as_str()).collect::<Vec<_>>();
        return sheet.ask(&judged.question(kind), &above, judged.spans());
    }
    let time_decides = by_time >= by_decision;
    let Some(row) = by_time.max(by_decision).and_then(|i| kind.levels.get(i)) else { return };
    let code: &'static str = &row.code;
    let why = if time_decides {
        "visit by total time on the date"
    } else {
        "visit by two of three elements of the decision"
    };
    let Some(d) = sheet.line(code, 1, vec![], &[], why) else { return };
    d.confidence = 0.75;
    if time_decides {
        d.spans.extend(spent.as_ref().map(|t| t.span));
    } else {
        d.spans.extend(judged.spans());
    }
    if minor_today {
        d.modifiers.push("25");
        d.spans.extend(first_of(op, &SEPARATE));
    }
    if let Some(span) = decision_for_surgery(op) {
        d.modifiers.push("57");
        d.spans.push(span);
    }
    if in_global_period(text) && has(&UNRELATED, text) && !has(&LATE, text) {
        d.modifiers.push("24");
        d.spans.extend(first_of(op, &UNRELATED));
    }
    if time_decides && let Some(t) = &spent {
        prolonged(kind, code, t, ctx, sheet);
    }
    higher(kind, by_time, by_decision, &judged, sheet);
    if has(&CONSULT, text) && ctx.payer.contains("medicare") {
        let span = first_of(op, &CONSULT).into_iter().collect();
        sheet.refuse(
            "99244",
            "Medicare does not pay consultation codes: the visit's own code instead",
            "CMS",
            span,
        );
    }
}

/// The kind of visit: by its words, else by whether the patient is new.
fn kind<'f>(file: &'f File, text: &str, new: bool, known: bool) -> Option<&'f Kind> {
    if let Some(k) = file.visit.iter().find(|k| k.words.as_ref().is_some_and(|w| w.0.is_match(text))) {
        return Some(k);
    }
    let is_new = match (new, known) {
        (true, true) => has(&NEW_FIRMLY, text),
        (true, false) => true,
        (false, true) => false,
        (false, false) => return None,
    };
    file.visit.iter().find(|k| k.new == Some(is_new))
}

/// A visit on the day of a small procedure that nothing sets apart: part of the procedure.
fn same_day(sheet: &mut Sheet, code: &'static str) {
    let spans: Vec<(usize, usize)> =
        sheet.drafts.iter().flat_map(|d| d.spans.iter().copied()).take(1).collect();
    let reason =
        "the evaluation on the day of a small procedure is part of it unless it is significant and separate";
    sheet.refuse(code, reason, "MOD-25", spans);
}

/// Whether the note places the visit within a global period; "not in a global period" does not.
fn in_global_period(text: &str) -> bool {
    let said = crate::text::all(&IN_GLOBAL, text);
    said.iter().any(|(at, _)| !has(&OUT_OF_GLOBAL, text.get(at.saturating_sub(32)..*at).unwrap_or("")))
}

/// A visit after the operation within its global period: reported for information, not paid.
fn in_global(op: &Operation<'_>, sheet: &mut Sheet) {
    let span: Vec<(usize, usize)> = first_of(op, &IN_GLOBAL).into_iter().collect();
    sheet.refuse(
        "99213",
        "usual care within the global period belongs to the operation",
        "global period",
        span.clone(),
    );
    if let Some(d) =
        sheet.line("99024", 1, vec![], &[], "postoperative visit within the global period, no charge")
    {
        d.spans = span;
        d.confidence = 0.6;
    }
}

/// Where a major operation today or tomorrow is decided on at this visit.
fn decision_for_surgery(op: &Operation<'_>) -> Option<(usize, usize)> {
    let text = &op.note.doc.norm;
    if has(&UNDECIDED, text) || !has(&DECIDED, text) {
        return None;
    }
    first_of(op, &MAJOR_SOON)
}

fn prolonged(kind: &'static Kind, code: &str, t: &Documented, ctx: &Context, sheet: &mut Sheet) {
    if kind.levels.last().is_none_or(|l| l.code != code) {
        return;
    }
    let medicare = ctx.payer.contains("medicare");
    for p in kind.prolonged.iter().filter(|p| p.medicare == medicare && t.minutes >= p.from) {
        let units = 1 + (t.minutes - p.from) / p.each.max(1);
        let units = usize::try_from(units).unwrap_or(1);
        if let Some(d) = sheet.line(&p.code, units, vec![], &[], "prolonged visit by documented total time") {
            d.spans.push(t.span);
        }
    }
}

/// Names what one more documented element would change.
fn higher(
    kind: &Kind,
    by_time: Option<usize>,
    by_decision: Option<usize>,
    judged: &decision::Judged,
    sheet: &mut Sheet,
) {
    let at = by_time.max(by_decision).unwrap_or(0);
    let (Some(now), Some(next)) = (kind.levels.get(at), kind.levels.get(at + 1)) else { return };
    if judged.stated.is_some_and(|s| s >= next.decision) {
        sheet.ask(
            &format!(
                "The note calls the decision more complex than its elements prove: which problem, data or risk supports {} instead of {}?",
                next.code, now.code
            ),
            &[&now.code, &next.code],
            judged.spans(),
        );
    }
}

fn first_of(op: &Operation<'_>, r: &LazyLock<Option<regex::Regex>>) -> Option<(usize, usize)> {
    crate::text::all(r, &op.note.doc.norm).first().copied()
}

#[cfg(test)]
mod tests {
    use super::{Decision, VISITS};
    use crate::catalogue::label;

    #[test]
    fn visits_are_read_and_rise() {
        let file = VISITS.as_ref().unwrap();
        assert_eq!(file.visit.len(), 4);
        for k in &file.visit {
            assert!(
                k.levels.windows(2).all(|w| w[0].minutes < w[1].minutes && w[0].decision < w[1].decision),
                "{}",
                k.id
            );
            let codes = k.levels.iter().map(|l| &l.code).chain(k.prolonged.iter().map(|p| &p.code));
            for c in codes {
                assert!(label(c).is_some(), "{c}");
            }
            assert_eq!(k.levels.last().unwrap().decision, Decision::High);
        }
    }
}
