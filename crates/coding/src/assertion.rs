//! Whether a passage says that something was done, was not done, is planned or lies in the past.
//!
//! Scope is the clause: a negation reaches its own clause, also behind the noun ("fusion was not needed");
//! plans and discussions reach the rest of their sentence.

mod earlier;

use crate::text::{all, has, re};

/// How a passage stands to what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Assertion {
    /// Done (or present) today.
    Done,
    /// Said not to have been done.
    Denied,
    /// Discussed, considered, possible, planned.
    Planned,
    /// Done earlier.
    Past,
}

re!(
    NO,
    r"\b(?:no|not|without|w/o(?:ut)?|w/out|never|neither|nor|instead of|rather than|in lieu of|avoid(?:ed|ing)?|didn't|wasn't|weren't|don't|doesn't|isn't|hadn't|hasn't|nothing|none of|absence of|negative for|denies|denied|free of|no evidence of|ruled? out)\b"
);
re!(
    NOT_ONLY,
    r"\b(?:not only|no longer|no complications|no difficult\w+|without (?:difficulty|complications?|incident|problems?|trouble|any difficulty)|not limited)\b"
);
re!(
    DENIED_AFTER,
    r"^[^.;]{0,60}?\b(?:(?:was|were|is|are) (?:then |therefore |thus |so |accordingly |consequently )?(?:not|never)\b|not (?:needed|performed|done|placed|used|indicated|necessary|required|carried out|attempted|billed|touched|opened|disturbed)|(?:was|were) (?:unnecessary|deferred|declined|avoided|abandoned|left alone|left in place|rejected|discarded|thrown (?:out|away)|wasted|not brought in|in the room but)|(?:would|could|might) have [^.;]{0,60}\bso none\b)"
);
// "The microscope was in the room but was not brought in."
re!(
    STOOD_BY,
    r"^[^.;]{0,20}\b(?:was|were) (?:in the room|available|on standby|standing by|draped|ready),? (?:but|and|though) (?:was |were )?(?:not|never)\b"
);
// "The laminar bone was soft and thrown away."
re!(
    THROWN_AFTER,
    r"^[^.;,]{0,20}\b(?:was|were) (?:\w+ ){1,3}and (?:was |were )?(?:then )?(?:discarded|thrown (?:out|away)|wasted|not (?:used|kept|saved))\b"
);
// "The BMP had been opened but was not used."
re!(
    UNUSED_AFTER,
    r"^[^.;\n]{0,60}\b(?:opened,? (?:and )?(?:then )?wasted|wasted\)|returned (?:unopened|unused)|(?:was|were) wasted|never implanted)\b|^[^.;\n]{0,120}\b(?:and|but|so) (?:it |they )?(?:was |were )?(?:therefore |so |then )?(?:not|never) (?:implanted|put in|inserted|fixed|applied|screwed on)\b|^[^.;,]{0,24}\b(?:was|were|had been|has been)(?: \w+){1,3},? (?:but|and|though) (?:was |were |then |it was |they were )*(?:not|never) (?:used|needed|placed|opened|implanted|given)\b"
);
// A finding that is denied ends its denial, also in dictation without stops.
re!(
    FOUND_NOT,
    r"\b(?:was|were) (?:seen|noted|found|present|encountered|identified|obtained|met|felt|observed|aspirated) \w"
);
re!(
    NONE_AFTER,
    r"^(?:s|es)?\s*(?:\([^)]*\)\s*)?(?:[:=-]+>?|\?+\s*(?:[:=-]+>?)?)\s*(?:no\b|none|nil|n/a|not applicable|not used|zero|0\b)"
);
re!(
    RISK,
    r"\b(?:risks?|complications?|alternatives?|benefits?) (?:of|include|including|were|and|such as|discussed|explained|associated)|\b(?:informed consent|consent was|understands? (?:that|the)|agreed to proceed|elected to proceed|wishes to proceed|questions were answered|no guarantees?)\b"
);
re!(
    CARRIED_OUT,
    r"\b(?:was|were) (?:then |carefully |successfully |next )?(?:done|performed|placed|made|removed|opened|carried out|taken|inserted|injected|drilled|decorticated|completed|resected|advanced|exposed)\b|\bwe (?:then |now )?(?:performed|placed|removed|inserted|made)\b"
);
re!(
    PLANNED_BEFORE,
    r"\b(?:(?:title|heading|name|case|procedure) on the (?:board|schedule|consent|form|booking)|the (?:board|booking|consent|schedule|form) (?:said|says|reads?|lists?|listed|had|called)|(?:booked|posted|consented) (?:as|for)|discuss(?:ed|ion)|consider(?:ed|ing)|talk(?:ed)? about|options?|offered|possible|possibly|poss\.?|would|could|might|may|risks?|candidate|if (?:he|she|needed|it|the|this|there|relief|positive|successful|concordant|effective|pain|over|more|greater|at least|[>\d])|only if|decided against|planned|to be scheduled|scheduled|will (?:be|dictate|perform|do|return|need|require|undergo|proceed|schedule|consider)|tomorrow|recommend\w*|in case|elect(?:ed)? not|elects? to|intend\w*|wants?|hop(?:es?|ing) to|plan is|we will|rule out|instructions (?:about|regarding|for|on)|warned (?:about|of)|precautions (?:for|about)|we request|needs? for (?:an? )?(?:future|further|later))\b"
);
// The second of two sittings that were planned is done today.
re!(PLANNED_STAGE, r"\bplanned (?:second|2nd|final|staged|stage|return)\b");
// What could be seen or felt was there.
re!(
    ABLE,
    r"\bcould (?:now |then |clearly |easily |only |just )?(?:be (?:seen|felt|identified|visuali[sz]ed|palpated|passed|made out|appreciated|followed|traced)|see|feel|pass|palpate|follow|trace|reach|make out|visuali[sz]e|appreciate)\b"
);
// "The left recess, which would not be the side of the cage, ..." plans nothing.
re!(NOT_SO, r"\b(?:which|that) would (?:not )?be (?:the|on the|my|our)\b");
re!(
    PLANNED_AFTER,
    r"^[^.;]{0,80}?\b(?:was (?:discussed|considered|mentioned)|were (?:discussed|considered|mentioned|both discussed)|(?:would|will|may|might|could) (?:be|have)|if (?:he|she|needed|necessary|the)|later|tomorrow|next (?:month|week|visit|time|year)|at a later|as a second|is planned|to be scheduled|(?:to |will )?follows? (?:on|next|in|later|at|tomorrow|when|once))\b|^s?(?: \w+)?(?: [clts]\d[\w-]*)?,? (?:was |were |had been |has been )?(?:also |briefly |again |thought |felt |judged |therefore )*(?:discussed|considered|declined|refused|rejected|offered|entertained|recommended|suggested|advised|proposed|ruled out|unsuitable|not suitable|contra-?indicated|no option|not an option|out of the question)\b"
);
re!(
    PAST_BEFORE,
    r"\b(?:prior|previous|previously|history of|status post|status-post|s/p|past|remote|(?:the|an|her|his|this|its|of|to|from|through|after|over|above|below|onto|both) old|(?:closed|covered|bridged|obliterated|blocked|sealed) (?:over )?by(?: the| a)?(?: bony| solid)?|(?:pre-?)?existing|healed|well-healed|mature|retained|initial (?:surgery|operation|procedure)|original (?:surgery|operation|procedure)|first stage|stage (?:1|one|i) (?:was|included|consisted|comprised)|had (?:a|an|undergone|had|previous)|underwent|earlier|last year|(?:years?|yrs?|months?|weeks?) ago,? (?:i|we|he|she|they|dr|doctor|the patient|somebody|someone|another)\b|known|below a|above a|since (?:her|his|the)|(?:years?|yrs?|months?|weeks?|days?) (?:from|since|after|following|out from|post)(?: an?| the| her| his)?|after (?:her|his) (?:prior|previous|last)|(?:day|week|month|pod)s? #?\d+ (?:after|from|following|of|post|since)(?: an?| the| her| his)?|index (?:operation|procedure)(?: was)?|(?:family doctor|family physician|pcp|primary care \w+|rheumatologist|neurologist|oncologist|dentist|chiropractor|physiatrist|internist) (?:had |has )?(?:injected|gave|did|performed|placed|tried|done)|(?:has |had |have )?failed(?:,? (?:to respond to|to improve with))?:?|(?:pseud\w*arthros\w+|non-?union|breakdown|degeneration|recurrence|persistent pain|loosening|disease|kyphosis|stenosis|hematoma|infection) (?:\w+ )?(?:after|following|of|from|since|post)(?: an?| the| her| his)?|failures? of:?|despite|refractory to|unresponsive to|no (?:lasting )?(?:relief|help|benefit) (?:from|after|with)|tried(?: and failed)?:?)\b"
);
// "Failure of: physical therapy, caudal epidurals, facet blocks": all of the list lies behind.
re!(
    FAILED_LIST,
    r"\b(?:failures? (?:of|with)|failed(?: to (?:respond to|improve (?:with|after)))?|refractory to|unresponsive to|tried and failed)\b:?(?: [a-z0-9'/-]+){1,6},[^.;]*$"
);
re!(
    NOT_OF_LIST,
    r",[^.;]*\b(?:now|today|presents?|under(?:went|go\w*)|elect\w*|wish\w*|wants?|here|was|were|is|are|will|c[ao]mes?|brought|taken|therefore|we|i|he|she)\b"
);
// "Prior to placing the rods" is today.
re!(
    BEFOREHAND,
    r"\b(?:prior|previous(?:ly)?) to\b|\bof old (?:drug|medication|solution|infusate|fluid|mix\w*)"
);
// "Stage 1 was Monday: ..." tells of another day, whatever its colon.
re!(
    OTHER_STAGE,
    r"\b(?:stage (?:1|one|i)|(?:the )?first (?:stage|operation|sitting)|part (?:1|one))\b(?: of \w+)? (?:was|took place|had been|has been) (?:(?:done|performed|completed) )?(?:on )?(?:the )?(?:last|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d|two|three|four|five|six|seven|a week|january|february|march|april|may|june|july|august|september|october|november|december)"
);
// Blocks whose relief is told are those that led to today.
re!(TESTED_BEFORE, r"\b(?:dual|double|two|both|comparative|diagnostic|three)\b[a-z ,]{0,40}$");
re!(
    RELIEF_AFTER,
    r"^[^.;]{0,24}\b(?:(?:gave|brought|provided|with|had) (?:\w+ ){0,2}(?:\d|relief|\w+ percent)|relieved|helped)"
);
re!(
    PAST_AFTER,
    r"^[^.;]{0,70}?(?:\bin (?:19|20)\d\d\b|\bin (?:nineteen (?:hundred|seventy|eighty|ninety)\b|two thousand(?: and)? (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen)\b|twenty (?:ten|eleven|twelve|\w+teen)\b|twenty twenty (?:one|two|three|four|five)\b)|\bancient history\b|\b(?:nothing to do with|no part of|not (?:a )?part of|not connected with) (?:today|this|our|the present|my)\b|\((?:19|20)\d\d\)|\b(?:19|20)\d\d\b|\b(?:\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|several|many|some|a few|a couple(?: of)?) (?:years?|yrs?|months?|weeks?|wks?|days?) (?:ago|earlier|before|back|previously|prior)\b|\blast (?:year|month|spring|summer|fall|autumn|winter)\b|\b(?:performed|done|placed|carried out|put in|took place|completed)\b[^.;]{0,20}\b(?:on|last|this past) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:in|last|this past|since) (?:january|february|march|april|may|june|july|august|september|october|november|december)\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.? '\d\d\b|\b\d{1,2}/(?:19|20)\d\d\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b|^s?(?: \w+){0,2} (?:negative|failed|unhelpful|no help|without (?:relief|benefit))\b|\b(?:helped|wore off|(?:gave|brought|with|had|provided) (?:\w+ ){0,2}relief)\b|\bby (?:others|pain management)|\belsewhere\b|\bat (?:an outside|another|a different|the outside) (?:hospital|institution|facility|center|place)\b|\bby (?:another|a different|her previous|his previous|an outside|her former|his former) surgeon\b|\bfrom (?:before|that time|then|the (?:first|last|old|earlier|previous) (?:operation|surgery|time))\b|\b(?:stays?|stayed|remain(?:s|ed)?) where (?:it|they)\b|\bas a (?:child|teenager|teen)\b|\bbefore (?:that|then)\b)"
);
// A fusion that has a state ("fusion mass", "the fusion was solid") is a thing met, not an act.
re!(
    MET,
    r"^s? (?:mass(?:es)?|bed|block)\b|^(?:s|es)?(?: mass)?(?:,? (?:at|from|of|across|between|c|t|l|s|to|and|through|[clts]\d[\w/-]*|[-\d]+))*,? (?:is|was|were|are|looked|felt|seemed|appears?|appeared|remains?|remained|had|has)? ?(?:found |to be |now |both |all |already |completely |quite |entirely |perfectly |clinically |well |fully |long )*(?:solid(?:ly)?|healed|mature|matured|consolidated|united|intact|bridged)\b"
);
// Tested, and so there before.
re!(
    TESTED,
    r"^s?(?: mass)?(?:,? (?:at|from|of|across|between|to|and|through|[clts]\d[\w/-]*))*,? (?:(?:was|were) )?(?:probed|stressed|tested|inspected|examined|palpated|checked|manipulated)\b"
);
re!(FUSED, r"fusions?$|arthrodesis$");
re!(
    CLAUSE,
    r"[.;:\n]| -{1,2} |, (?:but|and (?:then|we|i|the|he|she|an?|is here|now|presents?|came|comes|elect\w*|wish\w*)|then|so|we|i)\b|\b(?:but|however|although|whereas|therefore)\b"
);
re!(LIST_COMMA, r",");
re!(STOP, r"[,;:()]");

re!(
    CALLED_OFF,
    r"\b(?:procedures?|operations?|surgery) (?:performed|done|carried out):? (?:none|nil|nothing)\b|\bnever left (?:the )?(?:pre-?op\w* )?holding\b|\b(?:we|i|they|it was)(?: then| therefore| all)? called (?:it|this|the (?:case|procedure|operation|surgery)|everything) off\b|\b(?:did not|never) (?:go|come|get|went|was taken|were taken) (?:back )?(?:in)?to (?:the )?(?:operating (?:room|theat\w+)|theat\w+|or suite)\b|\b(?:case|procedure|operation|surgery) (?:that )?(?:we|i) did not do\b|\b(?:cancel+ed|aborted|abandoned|terminated|called off|postponed|stopped) (?:prior to|before) (?:the )?(?:skin |any |surgical )?(?:incision|induction|start|needle|anesthesia|anaesthesia|prep\w*|positioning|procedure|beginning)|\b(?:case|procedure|surgery|operation)(?: note)?(?:,| -| was| is| has been| had to be|:)* ?(?:then |therefore )?(?:cancel+ed|called off|postponed|rescheduled|not performed|not done|not carried out)\b|\b(?:did not|never) (?:undergo|have) (?:the |any )?(?:planned )?(?:procedure|surgery|operation)|not taken to the operating room|(?:today'?s|the|her|his|scheduled|planned) (?:\w+ ){0,3}(?:injections?|blocks?|procedure|surgery|operation|epidural|ablation|case|appointment)(?: today)?(?:,| -|:)* (?:is|was|has been|had to be|were)(?: \w+)? (?:cancel+ed|called off|postponed|rescheduled|deferred)|cancel+ed on arrival|(?:patient|pt|she|he) (?:was |is )?(?:not brought (?:back|in)|sent home (?:without|before))"
);
re!(
    ONCE,
    r"\b(?:previous\w*|prior (?:surg\w*|operation|procedure|case|attempt)|last|earlier|initial\w*|original\w*|first|ago|had been|if|would|twice|once|may be|could be)\b"
);

re!(
    INDUCED,
    r"\b(?:after|following|upon) (?:the )?induction|\b(?:was|were) (?:then )?(?:intubated|induced)|anesthesia (?:was|had been) (?:induced|administered|given)"
);

/// Where a sentence says that today's operation did not take place.
pub(crate) fn cancelled(norm: &str, sentence: (usize, usize)) -> Option<(usize, usize)> {
    let words = norm.get(sentence.0..sentence.1)?;
    let (s, e) = *all(&CALLED_OFF, words).first()?;
    // Stopped between induction and incision it was begun, and is the discontinued procedure's affair.
    let begun = words.get(s..e)?.contains("incision") && has(&INDUCED, norm);
    (!has(&ONCE, words) && !begun).then_some((sentence.0 + s, sentence.0 + e))
}

/// Reads how an act or a device is asserted: as anything else, and past where the words before it name another day.
pub(crate) fn read_act(norm: &str, sentence: (usize, usize), start: usize, end: usize) -> Assertion {
    let how = read(norm, sentence, start, end);
    let (from, _) = scope(norm, sentence, start, end);
    let before = norm.get(from..start).unwrap_or("");
    let after = norm.get(end..sentence.1).unwrap_or("");
    let other_day = earlier::set_back(before) || earlier::dated(after);
    if how == Assertion::Done && other_day { Assertion::Past } else { how }
}

/// Reads an item of a list of procedures: a date behind it is today's, not the past's.
pub(crate) fn read_listed(norm: &str, sentence: (usize, usize), start: usize, end: usize) -> Assertion {
    let how = read(norm, sentence, start, end);
    let before = norm.get(sentence.0..start).unwrap_or("");
    match how {
        Assertion::Past if !has(&PAST_BEFORE, tail(before, 55)) && !met(norm, sentence, start, end) => {
            Assertion::Done
        }
        other => other,
    }
}

/// A fusion that has a state is a thing met, also in a list of procedures.
fn met(norm: &str, sentence: (usize, usize), start: usize, end: usize) -> bool {
    let after = norm.get(end..sentence.1).unwrap_or("");
    (has(&MET, after) || has(&TESTED, after)) && has(&FUSED, norm.get(start..end).unwrap_or(""))
}

/// Reads how `[start, end)` is asserted in a sentence `[s, e)` of `norm`.
pub(crate) fn read(norm: &str, sentence: (usize, usize), start: usize, end: usize) -> Assertion {
    let (s, e) = scope(norm, sentence, start, end);
    let before = norm.get(s..start).unwrap_or("");
    let after = norm.get(end..e).unwrap_or("");
    let clause_at = all(&CLAUSE, before).last().map_or(0, |c| c.1);
    let clause = before.get(clause_at..).unwrap_or("");
    if has(&NONE_AFTER, after)
        || has(&STOOD_BY, after)
        || has(&THROWN_AFTER, after)
        || has(&UNUSED_AFTER, after)
        || denied(clause)
        || (has(&DENIED_AFTER, after) && !after_is_new_clause(after))
    {
        return Assertion::Denied;
    }
    let whole = norm.get(s..e).unwrap_or("");
    if has(&RISK, whole) && !has(&CARRIED_OUT, whole) {
        return Assertion::Planned;
    }
    let today = all(&PLANNED_STAGE, before).len() + all(&ABLE, before).len();
    let today = today + all(&NOT_SO, before).len();
    let ahead = has(&PLANNED_AFTER, after) && !has(&ABLE, after);
    if all(&PLANNED_BEFORE, before).len() > today || ahead {
        return Assertion::Planned;
    }
    let near = tail(clause, 55);
    if all(&PAST_BEFORE, near).len() > all(&BEFOREHAND, near).len()
        || has(&PAST_AFTER, after)
        || has(&OTHER_STAGE, before)
        || in_failed_list(before)
        || has(&TESTED_BEFORE, before) && has(&RELIEF_AFTER, after)
        || met(norm, sentence, start, end)
    {
        return Assertion::Past;
    }
    Assertion::Done
}

/// An item of a list of what failed.
fn in_failed_list(before: &str) -> bool {
    // Most sentences name no failure: the slow words are spared them.
    if !["fail", "refractory", "unresponsive"].iter().any(|w| before.contains(w)) {
        return false;
    }
    let list = all(&FAILED_LIST, before).last().and_then(|l| before.get(l.0..l.1));
    list.is_some_and(|l| !has(&NOT_OF_LIST, l))
}

/// The stretch whose words bear on a passage: its sentence, or, in dictation that never stops for breath, what
/// stands within reach of it.
fn scope(norm: &str, (s, e): (usize, usize), start: usize, end: usize) -> (usize, usize) {
    const LONG: usize = 400;
    const REACH: usize = 110;
    let sentence = norm.get(s..e).unwrap_or("");
    if sentence.len() < LONG || all(&STOP, sentence).len() * LONG / 2 > sentence.len() {
        return (s, e);
    }
    let space = |from: usize| norm.get(from..).and_then(|t| t.find(' ')).map(|i| from + i);
    let from = if start - s > REACH { space(start - REACH).filter(|i| *i < start) } else { None };
    let to = if e - end > REACH { space(end + REACH).filter(|i| *i < e) } else { None };
    (from.unwrap_or(s), to.unwrap_or(e))
}

fn tail(s: &str, n: usize) -> &str {
    s.get(s.len().saturating_sub(n)..).unwrap_or(s)
}

/// Another clause begins before the denial: "fusion, but screws were not used".
fn after_is_new_clause(after: &str) -> bool {
    let denial = all(&DENIED_AFTER, after).first().map_or(0, |d| d.1);
    let stretch = after.get(..denial).unwrap_or("");
    // "Fusion and fixation were not done" denies both; "fusion was done and screws were not" one.
    let joined = stretch.find(" and ").and_then(|i| stretch.get(..i)).is_some_and(|s| !s.trim().is_empty());
    stretch.contains(',') || !all(&CLAUSE, stretch).is_empty() || joined
}

fn denied(clause: &str) -> bool {
    let Some(&(at, end)) = all(&NO, clause).last() else { return false };
    if all(&NOT_ONLY, clause).iter().any(|n| n.0 <= at && at < n.1) {
        return false;
    }
    let scope = clause.get(end..).unwrap_or("");
    if has(&FOUND_NOT, scope) {
        return false;
    }
    // A comma closes the scope unless it belongs to a list under the same "no … or …".
    let commas = all(&LIST_COMMA, scope).len();
    let words = scope.split_whitespace().count();
    (commas == 0 && words <= 9)
        || (commas > 0 && words <= 6 && !scope.contains(" was ") && !scope.contains(" were "))
}

#[cfg(test)]
mod tests {
    use super::{Assertion, read};

    fn of(text: &str, word: &str) -> Assertion {
        let at = text.find(word).unwrap();
        read(text, (0, text.len()), at, at + word.len())
    }

    #[test]
    fn assertions() {
        for (text, word, expected) in [
            ("no fusion was performed", "fusion", Assertion::Denied),
            ("no lateral mass screws or rods were placed", "rods", Assertion::Denied),
            ("fusion was not necessary", "fusion", Assertion::Denied),
            ("a cage was placed without difficulty", "cage", Assertion::Done),
            ("without difficulty, the cage was tapped in", "cage", Assertion::Done),
            ("there was no leak, and a plate was placed", "plate", Assertion::Done),
            ("instrumentation: none", "instrumentation", Assertion::Denied),
            ("bone graft (type): n/a", "bone graft", Assertion::Denied),
            ("the risks of fusion include nonunion and infection", "fusion", Assertion::Planned),
            ("the patient understands that laminectomy may not help", "laminectomy", Assertion::Planned),
            ("if needed we would add a plate", "plate", Assertion::Planned),
            ("if the facet is unstable, fusion will be added", "fusion", Assertion::Planned),
            ("fusion was deferred to a second sitting", "fusion", Assertion::Denied),
            ("no complications of the laminectomy were seen; a plate was placed", "plate", Assertion::Done),
            ("fusion and arthroplasty were both discussed", "fusion", Assertion::Planned),
            ("we had considered fusion at l4-5", "fusion", Assertion::Planned),
            ("possible fusion l4-5", "fusion", Assertion::Planned),
            ("posterior fusion for pseudarthrosis after acdf", "acdf", Assertion::Past),
            ("she had a prior laminectomy at l4-5", "laminectomy", Assertion::Past),
            ("laminectomy in 2014 helped", "laminectomy", Assertion::Past),
            ("l4-5 laminectomy and fusion", "fusion", Assertion::Done),
            ("the prior scar was opened, but a laminectomy was then done", "laminectomy", Assertion::Done),
            ("a 59-year-old man with stenosis", "stenosis", Assertion::Done),
            ("through the old fusion mass", "fusion", Assertion::Past),
            ("the dorsal fusion mass was scraped clean", "fusion", Assertion::Past),
            ("fusion at l4-5 was solid and was left", "fusion", Assertion::Past),
            (
                "failure of: therapy, gabapentin, caudal epidurals, facet blocks",
                "facet blocks",
                Assertion::Past,
            ),
            ("failed therapy, tramadol, and is here for facet blocks", "facet blocks", Assertion::Done),
            ("adjacent to an existing l4-s1 fusion", "fusion", Assertion::Past),
            ("fourteen months from l4-s1 decompression and fusion elsewhere", "fusion", Assertion::Past),
            ("three weeks after her laminectomy", "laminectomy", Assertion::Past),
            ("l4 to s1 fusion twelve years ago", "fusion", Assertion::Past),
            ("her fusion a few years back was uneventful", "fusion", Assertion::Past),
            ("a tlif by another surgeon", "tlif", Assertion::Past),
            ("fusion discussed; both of us said no", "fusion", Assertion::Planned),
            ("fusion was offered and she did not want it", "fusion", Assertion::Planned),
            ("iliac crest graft? -> no, local bone only", "graft", Assertion::Denied),
            ("iliac crest graft? no", "graft", Assertion::Denied),
            ("nothing was grafted; no fusion", "fusion", Assertion::Denied),
            ("the healed fusion was exposed", "fusion", Assertion::Past),
            ("posterolateral fusion l4-5 with solid screws", "fusion", Assertion::Done),
            ("posterolateral fusion from l4 to s1 was carried out", "fusion", Assertion::Done),
            ("not only a laminectomy but also a fusion", "fusion", Assertion::Done),
        ] {
            assert_eq!(of(text, word), expected, "{text}");
        }
    }

    #[test]
    fn unpunctuated_dictation_is_bounded_by_reach() {
        let long = "we would have liked a shorter case the patient was turned prone and padded and then the skin was opened in the midline and the muscle was stripped off the spinous processes on both sides out to the tips of the transverse processes with the cautery and a film was taken to be sure of the level and it was the right one so retractors went in deep on both sides and then the laminectomy of l four was done with the burr and the punches";
        assert_eq!(of(long, "laminectomy"), Assertion::Done);
        assert_eq!(of("we would have liked a laminectomy", "laminectomy"), Assertion::Planned);
    }
}
