//! Mends spine terms a speech recogniser misheard, against the lexicon.
//!
//! A window of one to six words is compared with a term; words they share are anchors and stay, what lies
//! between them must be alike in spelling and sound. Levels, numbers, sides and negations are walls: no
//! window crosses them. Words spelled right are never changed on their own; ordinary English only inside a
//! term that another word confirms ("medical screw", never "medical").

use crate::lexicon::{LEXICON, Sort, Term, likeness, likeness_with, sound};
use iambilly_claim::transcript::{Correction, Segment, Word};
use iambilly_claim::{Phi, Transcript};

const RULE: &str = "spine-lexicon";
const LONGEST: usize = 6;
const PASSES: usize = 3;

/// Mends spine terms a speech recogniser misheard; a typed note comes back unchanged.
///
/// Words' offsets and text follow the new text, and every change keeps its original in `corrections`.
/// Levels, numbers, sides and negations are never changed.
#[must_use]
pub fn correct(t: &Transcript) -> Transcript {
    if t.model == "typed" {
        return t.clone();
    }
    let mut out = t.clone();
    // A mended word may be the anchor its neighbour needs ("dyssectomy infusion"), so look again.
    for _ in 0..PASSES {
        let chars: Vec<char> = out.text.expose().chars().collect();
        let edits = edits(&chars);
        if edits.is_empty() {
            break;
        }
        out = rewrite(&out, &chars, &edits);
    }
    out
}

/// A stretch of the old text and what stands there now.
#[derive(Debug)]
struct Edit {
    start: usize,
    end: usize,
    new: String,
}

#[derive(Debug)]
struct Token {
    start: usize,
    end: usize,
    lower: String,
    sort: Sort,
    /// No window may contain it.
    wall: bool,
    /// A stop stands before it.
    fresh: bool,
    /// Written with a capital first and small letters after, though no sentence begins there.
    capital: bool,
}

const WALLS: &[&str] = &[
    "left",
    "right",
    "bilateral",
    "bilaterally",
    "both",
    "no",
    "not",
    "without",
    "never",
    "none",
    "denied",
    "nor",
    "neither",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "correction",
    "unilateral",
];
const FUNCTION: &[&str] = &[
    "the", "of", "with", "was", "were", "at", "to", "in", "a", "an", "and", "for", "from", "is", "are",
    "that", "this", "on", "by", "as", "or", "then", "we", "i", "he", "she", "it", "be", "been", "has", "had",
    "into", "over", "through", "there", "using", "used", "placed", "under",
];

fn tokens(chars: &[char]) -> Vec<Token> {
    let mut out: Vec<Token> = vec![];
    let mut i = 0;
    let mut fresh = true;
    while i < chars.len() {
        if !chars[i].is_alphanumeric() {
            fresh |= !matches!(chars[i], ' ' | '-' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}');
            i += 1;
            continue;
        }
        let start = i;
        while i < chars.len() && chars[i].is_alphanumeric() {
            i += 1;
        }
        let lower: String = chars[start..i].iter().flat_map(|c| c.to_lowercase()).collect();
        let digits = lower.chars().any(|c| c.is_ascii_digit());
        let letter = lower.len() == 1 && !matches!(lower.as_str(), "a" | "s");
        let wall = digits || letter || WALLS.contains(&lower.as_str()) || !lower.is_ascii();
        let capital =
            !fresh && chars[start].is_uppercase() && chars.get(start + 1).is_some_and(|c| c.is_lowercase());
        out.push(Token { start, end: i, sort: LEXICON.sort(&lower), lower, wall, fresh, capital });
        fresh = false;
    }
    out
}

/// A window's match with a term.
struct Match<'a> {
    from: usize,
    to: usize,
    term: &'a Term,
    score: f64,
}

fn edits(chars: &[char]) -> Vec<Edit> {
    let tokens = tokens(chars);
    let mut found: Vec<Match<'_>> = vec![];
    let mut exact = vec![false; tokens.len()];
    for from in 0..tokens.len() {
        let mut joined = String::new();
        let mut plain = true;
        for to in from..(from + LONGEST).min(tokens.len()) {
            if tokens[to].wall || (to > from && tokens[to].fresh) {
                break;
            }
            joined.push_str(&tokens[to].lower);
            plain &= tokens[to].sort != Sort::Unknown;
            let window = &tokens[from..=to];
            if let Some(term) = LEXICON.terms.iter().find(|t| t.joined == joined) {
                // Said right; only a term cut in two by a blank is put together ("inter body").
                let hyphen =
                    (tokens[from].start..tokens[to].end).any(|i| matches!(chars[i], '-' | '\'' | '\u{2019}'));
                if hyphen || term.words.len() == window.len() {
                    exact[from..=to].fill(true);
                } else {
                    found.push(Match {
                        from,
                        to,
                        term,
                        score: 1.0 + 0.01 * f64::from(u32::try_from(window.len()).unwrap_or(0)),
                    });
                }
                continue;
            }
            let edge = |w: &str| FUNCTION.contains(&w);
            if edge(&tokens[from].lower)
                || (edge(&tokens[to].lower) && tokens[to].lower != "to")
                || (window.len() == 1 && window[0].sort == Sort::Technical)
            {
                continue;
            }
            let key = sound(&joined);
            if let Some(m) =
                best(window, &joined, &key, plain).map(|(term, score)| Match { from, to, term, score })
            {
                found.push(m);
            }
        }
    }
    // The surest first; windows that would break a well-said term or each other give way.
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut taken = vec![false; tokens.len()];
    let mut out: Vec<Edit> = vec![];
    for m in found {
        let blocked =
            (m.from..=m.to).any(|i| taken[i] || (exact[i] && !m.term.words.contains(&tokens[i].lower)));
        if blocked {
            continue;
        }
        taken[m.from..=m.to].fill(true);
        out.extend(edit(&tokens[m.from..=m.to], m.term));
    }
    out.sort_by_key(|e| e.start);
    out
}

/// The term a window comes nearest to, if near enough.
fn best<'a>(window: &[Token], joined: &str, key: &str, plain: bool) -> Option<(&'a Term, f64)> {
    let mut best: Option<(&Term, f64)> = None;
    for term in &LEXICON.terms {
        let (a, b) = (joined.len(), term.joined.len());
        if a * 10 < b * 6 || b * 10 < a * 6 {
            continue;
        }
        if let Some(score) = fit(window, joined, key, plain, term)
            && best.is_none_or(|b| score > b.1)
        {
            best = Some((term, score));
        }
    }
    best
}

/// How well a window fits a term: `None` when a word that must stay would go, or a part is too unlike.
fn fit(window: &[Token], joined: &str, key: &str, plain: bool, term: &Term) -> Option<f64> {
    let anchors = anchors(window, term);
    // Words spelled right stay.
    for (i, t) in window.iter().enumerate() {
        // ... unless the recogniser cut them off a longer one ("trans foraminal").
        let part =
            t.lower.len() >= 4 && term.words.iter().any(|w| w.len() > t.lower.len() && w.contains(&t.lower));
        if t.sort == Sort::Technical && !part && !anchors.iter().any(|a| a.0 == i) {
            return None;
        }
    }
    let overall = likeness_with(joined, key, &term.joined, &term.sound);
    let sure = anchors
        .iter()
        .filter(|a| window[a.0].lower.len() >= 3 && !FUNCTION.contains(&window[a.0].lower.as_str()))
        .count();
    let changed = window.len() - anchors.len();
    let threshold = match (plain, sure) {
        (true, 0) => {
            // Ordinary words with nothing to confirm them: only a split long word that sounds the same.
            if changed < 2 || term.joined.len() < 10 || term.words.len() > 1 {
                return None;
            }
            0.82
        }
        (true, _) => 0.76,
        // A capital inside a sentence is often a name.
        (false, 0) if window.len() == 1 && (joined.len() < 8 || window[0].capital) => 0.78,
        (false, 0) => 0.70,
        (false, _) => 0.66,
    };
    if overall < threshold || joined.len() < 5 {
        return None;
    }
    for (ours, theirs) in runs(window, &anchors, term) {
        match (ours.is_empty(), theirs.is_empty()) {
            (true, true) => {}
            (false, false) => {
                let (o, t): (String, String) =
                    (ours.iter().map(|t| t.lower.as_str()).collect(), theirs.concat());
                // A good word that would become several must sound like all of them: terms are not invented.
                let floor = match (ours.iter().all(|t| t.sort == Sort::Unknown), ours.len() < theirs.len()) {
                    (true, _) => 0.55,
                    (false, false) => 0.61,
                    (false, true) => 0.72,
                };
                let good = ours.iter().all(|t| t.sort != Sort::Unknown);
                let shorter = theirs.len() > 1 && o.len() * 10 < t.len() * 8;
                if likeness(&o, &t) < floor || shorter || (good && inflected(&o, &t)) {
                    return None;
                }
                // Good words of the trade are not turned into others ("graft" into "allograft").
                if ours.iter().all(|t| {
                    t.sort == Sort::Technical
                        || LEXICON.shared.contains(&t.lower)
                        || LEXICON.shared.contains(t.lower.trim_end_matches('s'))
                }) && ours.len() == 1
                {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let gain = 0.02 * f64::from(u32::try_from(sure).unwrap_or(0))
        + 0.004 * f64::from(u32::try_from(term.joined.len()).unwrap_or(0));
    Some(overall + gain)
}

/// Two forms of one word, which a lexicon has no business to swap ("diagnoses", "diagnosis").
fn inflected(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let (ra, rb) = (a.chars().skip(shared).collect::<String>(), b.chars().skip(shared).collect::<String>());
    let ending = |e: &str| matches!(e, "" | "s" | "es" | "ed" | "d" | "ing" | "is" | "on" | "e");
    shared >= 4 && ending(&ra) && ending(&rb)
}

/// Words a window and a term share, in order: (index in window, index in term).
fn anchors(window: &[Token], term: &Term) -> Vec<(usize, usize)> {
    let mut out = vec![];
    let mut next = 0;
    for (i, t) in window.iter().enumerate() {
        if let Some(j) = (next..term.words.len()).find(|j| term.words[*j] == t.lower) {
            out.push((i, j));
            next = j + 1;
        }
    }
    out
}

/// What lies between the anchors on both sides.
fn runs<'a>(
    window: &'a [Token],
    anchors: &[(usize, usize)],
    term: &'a Term,
) -> Vec<(&'a [Token], &'a [String])> {
    let (mut i, mut j, mut out) = (0, 0, vec![]);
    for &(a, b) in anchors.iter().chain([&(window.len(), term.words.len())]) {
        out.push((window.get(i..a).unwrap_or(&[]), term.words.get(j..b).unwrap_or(&[])));
        i = a + 1;
        j = b + 1;
    }
    out
}

/// The edits that turn a window into a term, anchors left as they were written.
fn edit(window: &[Token], term: &Term) -> Vec<Edit> {
    let anchors = anchors(window, term);
    let (mut i, mut j, mut out) = (0, 0, vec![]);
    for &(a, b) in anchors.iter().chain([&(window.len(), term.words.len())]) {
        if let (Some(first), Some(last), true) =
            (window.get(i), a.checked_sub(1).and_then(|l| window.get(l)), a > i)
        {
            let new = term.written.get(j..b).unwrap_or(&[]).join(" ");
            if !new.is_empty() {
                out.push(Edit { start: first.start, end: last.end, new });
            }
        }
        i = a + 1;
        j = b + 1;
    }
    out
}

/// Applies edits to text, words and segments.
fn rewrite(t: &Transcript, chars: &[char], edits: &[Edit]) -> Transcript {
    let mut out = t.clone();
    let mut text = String::new();
    let mut corrections = vec![];
    let mut at = 0;
    let mut length = 0;
    for e in edits {
        let before: String = chars[at..e.start].iter().collect();
        length += e.start - at;
        text.push_str(&before);
        // A word at the start of a sentence keeps its capital.
        let capital = chars.get(e.start).is_some_and(|c| c.is_uppercase())
            && text.trim_end().chars().last().is_none_or(|c| matches!(c, '.' | ':' | '!' | '?'));
        let new = if capital { capitalised(&e.new) } else { e.new.clone() };
        let size = new.chars().count();
        corrections.push(Correction {
            start: length,
            end: length + size,
            original: Phi::new(heard(t, chars, e)),
            rule: RULE.to_owned(),
        });
        text.push_str(&new);
        length += size;
        at = e.end;
    }
    text.extend(&chars[at..]);
    let kept = t.corrections.iter().filter(|c| !edits.iter().any(|e| c.start < e.end && e.start < c.end));
    out.corrections = kept.map(|c| moved(c, edits)).chain(corrections.iter().cloned()).collect();
    out.corrections.sort_by_key(|c| (c.start, c.end));
    let new_chars: Vec<char> = text.chars().collect();
    for s in &mut out.segments {
        respell(s, edits, &corrections, &new_chars);
    }
    out.text = Phi::new(text);
    out
}

/// What the recogniser had written in a stretch, earlier passes undone.
fn heard(t: &Transcript, chars: &[char], e: &Edit) -> String {
    let mut out = String::new();
    let mut at = e.start;
    for c in t.corrections.iter().filter(|c| c.start >= e.start && c.end <= e.end) {
        out.extend(&chars[at..c.start.max(at)]);
        out.push_str(c.original.expose());
        at = c.end.max(at);
    }
    out.extend(&chars[at..e.end.max(at)]);
    out
}

fn capitalised(s: &str) -> String {
    let mut c = s.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).collect())
}

/// Where an old offset lies after the edits before it.
fn shifted(at: usize, edits: &[Edit]) -> usize {
    let mut shift: isize = 0;
    for e in edits.iter().filter(|e| e.end <= at) {
        shift += isize::try_from(e.new.chars().count()).unwrap_or(0)
            - isize::try_from(e.end - e.start).unwrap_or(0);
    }
    at.saturating_add_signed(shift)
}

fn moved(c: &Correction, edits: &[Edit]) -> Correction {
    Correction { start: shifted(c.start, edits), end: shifted(c.end, edits), ..c.clone() }
}

/// New words and text for a segment: words inside an edit give way to the edit's words, over the same time.
fn respell(s: &mut Segment, edits: &[Edit], corrections: &[Correction], new_chars: &[char]) {
    let old = std::mem::take(&mut s.words);
    let mut done: Vec<usize> = vec![];
    for w in old.iter() {
        let hit = edits.iter().position(|e| w.start < e.end && e.start < w.end);
        let Some(k) = hit else {
            let (start, end) = (shifted(w.start, edits), shifted(w.end, edits));
            s.words.push(Word { start, end, ..w.clone() });
            continue;
        };
        if done.contains(&k) {
            continue;
        }
        done.push(k);
        let inside: Vec<&Word> =
            old.iter().filter(|o| o.start < edits[k].end && edits[k].start < o.end).collect();
        s.words.extend(replaced(&inside, &edits[k], &corrections[k], new_chars, edits));
    }
    if let (Some(first), Some(last)) = (s.words.first(), s.words.last())
        && let Some(slice) = new_chars.get(first.start..last.end)
    {
        s.text = Phi::new(slice.iter().collect());
    }
}

fn replaced(
    inside: &[&Word],
    edit: &Edit,
    correction: &Correction,
    new_chars: &[char],
    edits: &[Edit],
) -> Vec<Word> {
    let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return vec![] };
    // The words may carry their punctuation and reach beyond the edit.
    let lead = edit.start.saturating_sub(first.start);
    let start = correction.start - lead.min(correction.start);
    let end = (correction.end + last.end.saturating_sub(edit.end)).min(new_chars.len());
    let _ = edits;
    let mut bounds = vec![];
    let mut open = None;
    for (i, c) in new_chars.iter().enumerate().take(end).skip(start) {
        match (c.is_whitespace(), open) {
            (false, None) => open = Some(i),
            (true, Some(o)) => {
                bounds.push((o, i));
                open = None;
            }
            _ => {}
        }
    }
    if let Some(o) = open {
        bounds.push((o, end));
    }
    let n = u64::try_from(bounds.len().max(1)).unwrap_or(1);
    let span = last.end_ms.saturating_sub(first.start_ms);
    let p = inside.iter().map(|w| w.p).fold(1.0_f32, f32::min);
    (0_u64..)
        .zip(bounds)
        .map(|(i, (a, b))| Word {
            start_ms: first.start_ms + span * i / n,
            end_ms: first.start_ms + span * (i + 1) / n,
            start: a,
            end: b,
            text: Phi::new(new_chars.get(a..b).unwrap_or(&[]).iter().collect()),
            p,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::correct;
    use iambilly_claim::transcript::{Segment, Word};
    use iambilly_claim::{Phi, Transcript};
    use proptest::prelude::*;

    fn heard(text: &str) -> Transcript {
        let mut words = vec![];
        let mut at = 0;
        for (i, w) in text.split(' ').enumerate() {
            let n = w.chars().count();
            let ms = u64::try_from(i).unwrap() * 400;
            if n > 0 {
                words.push(Word {
                    start_ms: ms,
                    end_ms: ms + 380,
                    start: at,
                    end: at + n,
                    text: w.into(),
                    p: 0.8,
                });
            }
            at += n + 1;
        }
        let segment = Segment {
            start_ms: 0,
            end_ms: 90_000,
            text: text.into(),
            tentative: false,
            flags: vec![],
            words,
        };
        Transcript { model: "tiny.en".to_owned(), segments: vec![segment], ..Transcript::typed(text) }
    }
    fn mended(text: &str) -> String {
        correct(&heard(text)).text.into_exposed()
    }

    #[test]
    fn misheard_terms_are_mended() {
        for (heard, expected) in [
            (
                "we did a trans foraminal lumber inter body fusion",
                "we did a transforaminal lumbar interbody fusion",
            ),
            ("medical screw fixation from L3 to L5", "pedicle screw fixation from L3 to L5"),
            ("a large dis herneation was found", "a large disc herniation was found"),
            ("medial face ectomy and for aminotomy", "medial facetectomy and foraminotomy"),
            ("the fecal sac was free", "the thecal sac was free"),
            ("severe new regenic claudication", "severe neurogenic claudication"),
            ("spondilolisthesis of L4", "spondylolisthesis of L4"),
            ("laminectmy at L4 L5", "laminectomy at L4 L5"),
            ("Kifoplasty at T12", "Kyphoplasty at T12"),
            ("peak cage and vocal autograft", "PEEK cage and local autograft"),
            ("right radiculapathy", "right radiculopathy"),
        ] {
            assert_eq!(mended(heard), expected);
        }
    }

    #[test]
    fn good_words_levels_sides_and_negations_stay() {
        for text in [
            "The patient was placed supine on a medical table and the form was signed.",
            "No fusion was performed at L4 L5 on the left.",
            "Anterior cervical fusion was chosen over posterior cervical fusion.",
            "A hemilaminotomy, not a hemilaminectomy, at L5 S1 on the right.",
            "Dr. Castlemaine closed the wound with interrupted stitches.",
            "The anatomy was normal and the body of C5 was intact.",
            "Local anesthetic was infused into the skin.",
        ] {
            assert_eq!(mended(text), text);
        }
    }

    #[test]
    fn typed_notes_are_left_alone() {
        let t = Transcript::typed("laminectmy at L4");
        assert_eq!(correct(&t), t);
    }

    fn consistent(t: &Transcript) {
        let text: Vec<char> = t.text.expose().chars().collect();
        for w in t.segments.iter().flat_map(|s| &s.words) {
            let slice: String = text[w.start..w.end].iter().collect();
            assert_eq!(&slice, w.text.expose());
            assert!(w.start_ms <= w.end_ms);
        }
        for c in &t.corrections {
            assert!(c.start < c.end && c.end <= text.len());
        }
    }

    #[test]
    fn words_follow_the_text_and_originals_are_kept() {
        let t = correct(&heard("then a medial face ectomy, and medical screw fixation at L4"));
        consistent(&t);
        let originals: Vec<&str> = t.corrections.iter().map(|c| c.original.expose().as_str()).collect();
        assert_eq!(originals, ["face ectomy", "medical"]);
        assert_eq!(t.corrections[0].rule, "spine-lexicon");
        let _: &Phi<String> = &t.text;
    }

    proptest! {
        #[test]
        fn any_words_stay_consistent(words in proptest::collection::vec(prop_oneof![
            Just("laminectmy"), Just("face"), Just("ectomy,"), Just("L4"), Just("no"), Just("medical"), Just("screw"), Just("naïve"),
            Just("inner"), Just("body"), Just("cages."), Just("the"), Just("spondilosis"), Just("T12")], 1..25)) {
            consistent(&correct(&heard(&words.join(" "))));
        }
    }
}
