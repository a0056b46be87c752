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
        r"|\bprepped and (?:\w+ )?draped\b",
        r"|\b(?:was|were) (?:\w+ ){0,3}(?:placed|positioned|turned|rolled|flipped)(?: \w+){0,3} (?:prone|supine|lateral decubitus)\b",
        r"|\b(?:after|following) (?:the )?(?:induction of |adequate |successful )?general (?:\w+ )?anesthesia\b",
    )
);
re!(
    NOT_TODAY,
    r"\b(?:19|20)\d\d\b|\b(?:ago|previous(?:ly)?|prior|last (?:year|month|week|\w+day)|earlier|will be|would be|to be|years? before)\b"
);
re!(
    PASTED,
    r"(?m)^[ \t]*[-=*_~#]{2,}[ \t]*(?:begin |start of )?(?:pasted|previous|prior|old|older|copied|copy of|copy forward)\b[^\n]*$"
);
re!(PASTED_END, r"(?m)^[ \t]*[-=*_~#]{2,}[ \t]*end\b[^\n]*$");

/// Headings said within a sentence: where they begin, where their content begins, and their part.
pub(super) fn headings(norm: &str) -> Vec<(usize, usize, Part)> {
    let mut out = vec![];
    out.extend(all(&BEFORE, norm).into_iter().map(|(s, e)| (s, e, Part::Before)));
    out.extend(all(&AFTER, norm).into_iter().map(|(s, e)| (s, e, Part::After)));
    for (s, e) in all(&DONE, norm) {
        // "The operation was a success" names no work.
        let said = norm.get(s..).unwrap_or("");
        let verb = said.find(" was ").into_iter().chain(said.find(" is ")).min().map_or(e, |at| s + at + 4);
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

/// Whether a sentence tells the first act of the day: brought in, anaesthetised, positioned, draped.
pub(super) fn begins_today(sentence: &str) -> bool {
    has(&TODAY, sentence) && !has(&NOT_TODAY, sentence)
}

/// Stretches that are an older note pasted in, from its rule to the rule that ends it or to the end of the text.
pub(super) fn pasted(norm: &str) -> Vec<(usize, usize)> {
    let ends = all(&PASTED_END, norm);
    let mut out: Vec<(usize, usize)> = vec![];
    for (s, e) in all(&PASTED, norm) {
        if out.last().is_some_and(|o| s < o.1) {
            continue;
        }
        let end = ends.iter().find(|x| x.0 >= e).map_or(norm.len(), |x| x.1);
        out.push((s, end));
    }
    out
}
