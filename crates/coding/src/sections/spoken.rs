//! Headings said as part of a sentence, the first act of the day, and older notes pasted below.

use super::Part;
use crate::text::{all, has, re};

re!(BEFORE, r"\bpre[- ]?(?:op\w*|procedur\w*) (?:diagnos[ei]s|dx) (?:is|was|are|were|would be|will be)\b");
re!(
    AFTER,
    r"\b(?:post[- ]?(?:op\w*|procedur\w*) (?:diagnos[ei]s|dx) (?:is|was|are|were|would be|will be)|(?:diagnos[ei]s|dx) before and after(?: (?:is|was|are|were))?)\b"
);
re!(
    DONE,
    concat!(
        r"(?:\bwhat (?:we|i) (?:did|performed)(?: today| here| for (?:him|her|them))? (?:was|is)\b",
        // Over against what was booked.
        r"|\b(?:actually )?(?:done|performed|carried out|ended up) as\s*:|\b(?:what was|(?:procedures?|operations?|surgery)(?: that was)?) (?:actually |really |in fact )+(?:done|performed|carried out)\s*(?::|was\b|is\b)",
        r"|(?:^|[.\n])\s*(?:the )?(?:operation|surgery|procedure)(?: (?:that )?(?:we|i) did| performed| done)?(?: today)? (?:was|is) an? (?:(?:left|right|bilateral|anterior|posterior|lumbar|cervical|thoracic|spinal|micro|minimally|[clts]\s?\d)|\w+(?:ectomy|otomy|plasty|fusion|desis|injection)\b)?)"
    )
);
re!(
    WORK,
    r"\b(?:\w+(?:ectom(?:y|ies)|otom(?:y|ies)|plasty|desis)|fusion|injections?|decompression|block|ablation|stimulator|pump|corpectomy|biopsy|removal|revision|exploration)\b"
);
re!(
    TODAY,
    concat!(
        r"\b(?:was|were) (?:\w+ )?(?:brought|taken|wheeled|transported|escorted) (?:back )?(?:in)?to (?:the |our )?(?:operating|operative|procedure|fluoroscopy|or\b|surgical suite|theat)",
        r"|\bprepped and (?:\w+ )?draped\b|^\W*(?:position(?:ed)?(?: was| is)?:? )?(?:prone|supine|(?:left |right )?lateral decubitus)\b",
        r"|\b(?:was|were) (?:\w+ ){0,3}(?:placed|positioned|turned|rolled|flipped)(?: \w+){0,3} (?:prone|supine|lateral decubitus)\b",
        r"|\b(?:after|following|once|under) (?:the )?(?:induction of |adequate |successful |smooth )?(?:general|spinal|mac|local)\b(?: \w+)? ?an(?:a)?esth\w*|\b(?:after|following) (?:the )?(?:induction|intubation)\b|^\W*(?:general|asleep|geta|tiva)\b",
        r"|^\W*(?:\d{1,2}[.)] ?)?(?:in |into |mayfield |wilson |jackson |face |turned |then |and |okay |so |now )*(?:the )?(?:prone|supine|face down|mayfield|lateral decubitus|sitting)\b|\b(?:he|she|patient|pt|they|was|is|lay|laid|put|lying|turned|flipped|rolled|positioned)\b(?: was| lay| is| had| then| now| \w+ly| over| gently| back)* (?:onto |on |in )?(?:the |his |her )?(?:prone|supine|face[- ]down|left side up|right side up|lateral decubitus)\b",
        r"|\b(?:turned|flipped|rolled) (?:him |her |them |the patient )?(?:over |onto |prone|supine)|\bprep(?:ped|aration)?\b[^.;]{0,20}\bdrap|^\W*(?:skin )?prep\b|\btime-?out\b(?: was| done| called| taken|,|\.|$)|\bchloraprep\b|\b\d\d ?-? ?(?:g|ga|gauge) (?:\w+ ){0,3}(?:needle|tuohy|quincke|spinal|chiba)",
        r"|^\W*(?:\d{1,2}[.)] ?)?(?:(?:an? )?(?:\d[\d.]* ?(?:cm|inch|mm) |small |short |long |left |right |transverse |oblique |vertical |longitudinal )*(?:midline|paramedian|flank|skin|neck|transverse|longitudinal|oblique)? ?)incision\b",
    )
);
re!(
    NOT_TODAY,
    r"\bprone to\b|\b(?:19|20)\d\d\b|\b(?:ago|previous(?:ly)?|prior|last (?:year|month|week|\w+day)|earlier|will be|would be|to be|years? before)\b"
);
re!(
    PASTED,
    r"(?m)^[ \t]*(?:[-=*_~#>]{2,}|(?:[-=*_~#>][ \t]+){2,}[-=*_~#>]?|\[)[ \t]*(?:begin |start of )?(?:pasted|previous|prior|old|older|copied|copy of|copy forward|(?:pulled|carried|brought|copied) (?:forward|over|in)|imported|from (?:the )?(?:prior|previous|last))\b[^\n]*$"
);
re!(PASTED_END, r"(?m)^[ \t]*(?:[-=*_~#<]{2,}|(?:[-=*_~#<][ \t]+){2,}[-=*_~#<]?|\[)[ \t]*end\b[^\n]*$");

re!(
    CUE,
    r"\b(?:okay|um|uh|(?:and )?then|next|so (?:we|i|that|today)|same way|(?:patient|pt) (?:is|was)|(?:she|he|we|i|they|it)(?:'s)? (?:was|were|is|had|has|did|took|used|looked|tried|will)|no (?:\w+ )?complications?|(?:pre|post)[- ]?op\w*|(?:diagnosis|procedure) (?:is|was|note|number)|informed consent|the needles?|(?:right|left) side)\b"
);

/// How many words without a stop make a sentence that nobody ends, and how short a piece of it may be.
const ENDLESS: usize = 45;
const PIECE: usize = 5;
/// Words between two commas of a text that has them.
const PUNCTUATED: usize = 18;

/// A dictation without stops is cut where a speaker begins anew: "okay", "then", "she was", "we did".
pub(super) fn pieces(words: &str) -> Vec<(usize, usize)> {
    let count = words.split_whitespace().count();
    // What has its commas was written, or said with its stops.
    if count <= ENDLESS || words.matches(',').count() * PUNCTUATED > count {
        return vec![(0, words.len())];
    }
    let mut out = vec![];
    let mut from = 0;
    for (at, _) in all(&CUE, words) {
        let piece = words.get(from..at).unwrap_or("");
        let rest = words.get(at..).unwrap_or("");
        if piece.split_whitespace().count() >= PIECE && rest.split_whitespace().count() >= PIECE {
            out.push((from, at));
            from = at;
        }
    }
    out.push((from, words.len()));
    out
}

/// Headings said within a sentence: where they begin, where their content begins, and their part.
pub(super) fn headings(norm: &str) -> Vec<(usize, usize, Part)> {
    let mut out = vec![];
    out.extend(all(&BEFORE, norm).into_iter().map(|(s, e)| (s, e, Part::Before)));
    out.extend(all(&AFTER, norm).into_iter().map(|(s, e)| (s, e, Part::After)));
    out.extend(bare(norm));
    for (s, e) in all(&DONE, norm) {
        // "The operation was a success" names no work.
        let said = norm.get(s..).unwrap_or("");
        let verb = said.find(" was ").into_iter().chain(said.find(" is ")).min().map_or(e, |at| s + at + 4);
        let verb = if norm.get(s..e).is_some_and(|m| m.ends_with(':')) { e } else { verb };
        let sentence = norm.get(verb..).unwrap_or("").split(['.', '\n']).next().unwrap_or("");
        if has(&WORK, sentence) {
            // The article stays with the verb: a list item does not begin with "a".
            let named = sentence.trim_start();
            let named = ["a ", "an ", "the "].iter().find_map(|a| named.strip_prefix(a)).unwrap_or(named);
            let verb = verb + sentence.len() - named.len();
            let start = s + said.len() - said.trim_start_matches(['.', '\n', ' ', '\t']).len();
            out.push((start, verb.min(norm.len()), Part::Procedures));
        }
    }
    out
}

re!(
    BARE,
    r"(?m)(?:^|\n|[.] )[ \t]*(?:next line |new paragraph |next |number one )?(?P<name>(?:title of )?(?:operations?|procedures?|surgery)(?: performed| done)?(?: today)?) "
);
re!(
    TALKED,
    r"\b(?:explained|discussed|options?|later|perhaps|considered|offered|would|may be|might|if (?:he|she|this|the)|not (?:decided|planned|wanted)|declined|recommended|went (?:well|fine)|helped)\b"
);
re!(
    TOLD,
    r"\b(?:was|were|is|are|has|had|note|report|of|for|details?|in detail|began|lasted|took|room|time|date|the|number|one|two|three)\b"
);

/// "Operation minimally invasive foraminotomy on the left": a heading at the start of a line without its sign.
fn bare(norm: &str) -> Vec<(usize, usize, Part)> {
    let Some(r) = BARE.as_ref() else { return vec![] };
    let found = r.captures_iter(norm).filter_map(|c| {
        let (whole, name) = (c.get(0)?, c.name("name")?);
        let rest = norm.get(whole.end()..)?;
        let sentence = rest.split(['.', '\n']).next()?;
        let first = sentence.split_whitespace().next()?;
        let named = has(&WORK, sentence)
            && !has(&TALKED, sentence)
            && !has(&TOLD, first)
            && sentence.split_whitespace().count() < 40;
        named.then_some((name.start(), whole.end(), Part::Procedures))
    });
    found.collect()
}

/// Whether a sentence tells the first act of the day: brought in, anaesthetised, positioned, draped.
pub(super) fn begins_today(sentence: &str) -> bool {
    has(&TODAY, sentence) && !has(&NOT_TODAY, sentence)
}

/// Whether a sentence tells of another day.
pub(super) fn another_day(sentence: &str) -> bool {
    has(&NOT_TODAY, sentence)
}

/// Stretches that are an older note pasted in, from its rule to the rule that ends it or to the end of the text.
pub(super) fn pasted(norm: &str) -> Vec<(usize, usize)> {
    let ends = all(&PASTED_END, norm);
    let mut out: Vec<(usize, usize)> = vec![];
    for (s, e) in all(&PASTED, norm) {
        if out.last().is_some_and(|o| s < o.1) {
            continue;
        }
        let closed = ends.iter().find(|x| x.0 >= e).map(|x| x.1);
        // One bracket around all that was copied, or a line of its own that says where it ends.
        let line = norm.get(s..e).unwrap_or("").trim();
        let bracket = line.starts_with('[');
        let end = match closed {
            Some(end) => end,
            None if bracket && line.len() > 60 => e,
            None if bracket => norm.get(e..).and_then(|r| r.find("\n\n")).map_or(norm.len(), |p| e + p),
            None => norm.len(),
        };
        out.push((s, end));
    }
    out
}
