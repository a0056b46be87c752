//! Which terms the windows of a text come near to, and the edits that follow.

use super::Edit;
use super::token::{FUNCTION, Token, tokens};
use crate::lexicon::{LEXICON, Sort, Term, likeness, likeness_with, sound};
use crate::phonetic::Sounds;

const LONGEST: usize = 7;
/// How near a word of the trade must stand, in words, to ordinary words that only sound like a term.
const NEAR: usize = 8;

/// A window's match with a term.
struct Match<'a> {
    from: usize,
    to: usize,
    term: &'a Term,
    score: f64,
}

pub(super) fn edits(chars: &[char]) -> Vec<Edit> {
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
            if let Some(term) = LEXICON.spelled(&joined) {
                // Said right; only a term cut in two by a blank is put together ("inter body").
                let hyphen =
                    (tokens[from].start..tokens[to].end).any(|i| matches!(chars[i], '-' | '\'' | '\u{2019}'));
                if hyphen || term.words.len() >= window.len() {
                    exact[from..=to].fill(true);
                } else {
                    found.push(Match {
                        from,
                        to,
                        term,
                        score: 2.0 + 0.01 * f64::from(u32::try_from(window.len()).unwrap_or(0)),
                    });
                }
                continue;
            }
            let edge = |w: &str| FUNCTION.contains(&w);
            // "for a men otomy": a small word may open a term cut in pieces, never close one.
            let opens = window.len() > 2 && !plain && tokens[to].sort == Sort::Unknown;
            if (edge(&tokens[from].lower) && !opens)
                || (edge(&tokens[to].lower) && tokens[to].lower != "to")
                || (window.len() == 1 && window[0].sort == Sort::Technical)
            {
                continue;
            }
            // Cut in two by a hyphen, a word of the trade is still one ("extra-dural").
            let hyphens = (tokens[from].end..tokens[to].start)
                .any(|i| matches!(chars[i], '-' | '\u{2010}' | '\u{2011}'));
            if hyphens && LEXICON.sort(&joined) == Sort::Technical {
                exact[from..=to].fill(true);
                continue;
            }
            let key = sound(&joined);
            let spelled = best(window, &joined, &key, plain);
            let said = by_ear(window, &joined, plain, || trade_near(&tokens, from, to));
            let better = match (spelled, said) {
                (Some(a), Some(b)) => Some(if b.1 > a.1 { b } else { a }),
                (a, b) => a.or(b),
            };
            found.extend(better.map(|(term, score)| Match { from, to, term, score }));
        }
    }
    // The surest first; windows that would break a well-said term or each other give way.
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut taken = vec![false; tokens.len()];
    let mut out: Vec<Edit> = vec![];
    for m in found {
        let blocked = (m.from..=m.to)
            .any(|i| taken[i] || (exact[i] && !m.term.words.iter().any(|w| same(w, &tokens[i].lower))));
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
    if names_another(window) {
        return None;
    }
    let mut best: Option<(&Term, f64)> = None;
    // The lowest likeness `fit` accepts.
    let floor = if plain { 0.76 } else { 0.66 };
    for term in LEXICON.near(joined, key, floor) {
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

/// Whether a word of the trade stands near a window.
fn trade_near(tokens: &[Token], from: usize, to: usize) -> bool {
    let near = tokens.get(from.saturating_sub(NEAR)..(to + 1 + NEAR).min(tokens.len())).unwrap_or(&[]);
    let own = to + 1 - from;
    near.iter().filter(|t| t.sort == Sort::Technical || t.level).count()
        > tokens[from..from + own].iter().filter(|t| t.sort == Sort::Technical).count()
}

/// "Any other plate" is no "anterior plate".
fn names_another(window: &[Token]) -> bool {
    let first = ["any", "each", "every", "no", "some", "the"];
    window.windows(2).any(|w| first.contains(&w[0].lower.as_str()) && w[1].lower == "other")
}

/// The term a window sounds like when its words are said without a pause.
fn by_ear<'a>(
    window: &[Token],
    joined: &str,
    plain: bool,
    trade_near: impl Fn() -> bool,
) -> Option<(&'a Term, f64)> {
    if joined.len() < 6 {
        return None;
    }
    let single = window.len() == 1;
    if names_another(window) {
        return None;
    }
    // One word that is a word is no mangled term, and one that begins with a capital is often a name.
    if single && (plain || window[0].capital) {
        return None;
    }
    // Words of the trade alone are none to mend; ordinary words alone only in the company of the trade.
    let unknown = window.iter().any(|t| t.sort == Sort::Unknown);
    let technical = window.iter().all(|t| t.sort == Sort::Technical);
    let good = window.iter().filter(|t| t.sort != Sort::Technical && t.sort != Sort::Unknown).count();
    if technical || (!unknown && (good < 2 || window.len() > MOST_GOOD || !trade_near())) {
        return None;
    }
    let heard = Sounds::of(window.iter().map(|t| t.lower.as_str()));
    let floor = if plain { PLAIN } else { BROKEN };
    let mut best: Option<(&Term, f64)> = None;
    for (term, likeness) in LEXICON.sounding(joined, &heard, floor) {
        let anchors = anchors(window, term);
        let kept = |i: usize| anchors.iter().any(|a| a.0 == i);
        // A word of the trade stays, unless the term begins or ends as it does ("dura tommy").
        let broken = |t: &Token| {
            let stem: String = t.lower.chars().take(3).collect();
            window.len() > 1 && t.lower.len() <= 6 && term.words.iter().any(|w| w.starts_with(&stem))
        };
        if window.iter().enumerate().any(|(i, t)| t.sort == Sort::Technical && !kept(i) && !broken(t)) {
            continue;
        }
        let sure = anchors
            .iter()
            .filter(|a| window[a.0].lower.len() >= 3 && !FUNCTION.contains(&window[a.0].lower.as_str()))
            .count();
        // Words that both have must not lend their likeness to the rest.
        let rest: Vec<&str> =
            (window.iter().enumerate()).filter(|(i, _)| !kept(*i)).map(|(_, t)| t.lower.as_str()).collect();
        let theirs = (term.words.iter().enumerate()).filter(|(j, _)| !anchors.iter().any(|a| a.1 == *j));
        let theirs: Vec<&str> = theirs.map(|(_, w)| w.as_str()).collect();
        if rest.is_empty() || theirs.is_empty() {
            continue;
        }
        let own = if sure > 0 {
            Sounds::of(rest.iter().copied()).likeness(&Sounds::of(theirs.iter().copied()))
        } else {
            likeness
        };
        let good = rest.iter().all(|w| LEXICON.sort(w) != Sort::Unknown);
        let need = match (good, sure, single) {
            (true, ..) if window.iter().any(|t| ours_already(&t.lower)) && sure == 0 => continue,
            (true, 0, _) if rest.len() > 1 && term.joined.len() >= 8 && trade_near() => PLAIN,
            (true, 0, _) => continue,
            (true, _, _) if rest.len() == 1 => continue,
            (true, ..) => 0.80,
            (false, _, true) => ALONE,
            (false, 0, false) => BROKEN,
            (false, ..) => 0.74,
        };
        // "Procedure was" is no "procedures".
        let trails = rest.last().is_some_and(|w| FUNCTION.contains(w)) && inflected(rest[0], theirs[0]);
        if own < need || trails || (rest.len() == 1 && theirs.len() == 1 && inflected(rest[0], theirs[0])) {
            continue;
        }
        let gain = 0.02 * f64::from(u32::try_from(sure).unwrap_or(0))
            + 0.004 * f64::from(u32::try_from(term.joined.len()).unwrap_or(0));
        if best.is_none_or(|b| likeness + gain > b.1) {
            best = Some((term, likeness + gain));
        }
    }
    best
}

/// The most words a term is cut into where each piece is an ordinary word.
const MOST_GOOD: usize = 5;

/// Whether an ordinary word is a word of terms too ("screw", "nerve").
fn ours_already(word: &str) -> bool {
    LEXICON.shared.contains(word) || LEXICON.shared.contains(word.trim_end_matches('s'))
}

/// How alike a window must sound: ordinary words, words cut in pieces, one word nobody knows.
const PLAIN: f64 = 0.84;
const BROKEN: f64 = 0.78;
const ALONE: f64 = 0.88;

/// How well a window fits a term: `None` when a word that must stay would go, or a part is too unlike.
fn fit(window: &[Token], joined: &str, key: &str, plain: bool, term: &Term) -> Option<f64> {
    let anchors = anchors(window, term);
    // Words spelled right stay.
    for (i, t) in window.iter().enumerate() {
        // ... unless the recogniser cut them off a longer one ("trans foraminal").
        // Spelled another way it must sound like a piece of it ("disk ectomy").
        let key = sound(&t.lower);
        let part = t.lower.len() >= 4
            && term.words.iter().any(|w| {
                w.len() > t.lower.len()
                    && (w.contains(&t.lower)
                        || (window.len() > 1 && key.len() > 2 && sound(w).contains(&key)))
            });
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
            // A shorter one must sound exactly so ("all a graft").
            let short = term.joined.len() < 10;
            if changed < 2 || term.joined.len() < 9 || term.words.len() > 1 || (short && key != term.sound) {
                return None;
            }
            if short { 0.90 } else { 0.82 }
        }
        (true, _) => 0.76,
        // A capital inside a sentence is often a name.
        (false, 0) if FUNCTION.contains(&window[0].lower.as_str()) => {
            if term.joined.len() < 10 {
                return None;
            }
            0.84
        }
        // One word for two or three is no slip of the ear alone ("interpolated" for "anterior plate").
        (false, 0) if window.len() == 1 && term.words.len() > 1 => 0.86,
        (false, 0) if window.len() == 1 && joined.len() < 8 => 0.80,
        (false, 0) if window.iter().any(|t| t.capital && t.sort == Sort::Unknown) => 0.86,
        (false, 0) if window.len() == 1 => 0.74,
        (false, 0) => 0.70,
        (false, _) => 0.66,
    };
    if overall < threshold || joined.len() < 5 {
        return None;
    }
    // One word nobody knows is no term half as long ("Wilhelmina", "lamina").
    let (short, long) = (joined.len().min(term.joined.len()), joined.len().max(term.joined.len()));
    if window.len() == 1 && sure == 0 && short * 4 < long * 3 {
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
                if ours.iter().all(|t| t.sort == Sort::Technical || ours_already(&t.lower)) && ours.len() == 1
                {
                    return None;
                }
                // "Procedure was performed" says what it says.
                if good && inflected(&ours[0].lower, &theirs[0]) {
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
    let ending = |e: &str| {
        matches!(
            e,
            "" | "s"
                | "es"
                | "ed"
                | "d"
                | "ing"
                | "is"
                | "on"
                | "e"
                | "or"
                | "ion"
                | "ation"
                | "al"
                | "ally"
                | "ly"
                | "ic"
                | "ia"
                | "y"
                | "ous"
                | "ar"
                | "ary"
                | "ent"
                | "ant"
        )
    };
    shared >= 4 && ending(&ra) && ending(&rb)
}

/// The same word, in either spelling of the trade.
fn same(a: &str, b: &str) -> bool {
    a == b || matches!((a, b), ("disc", "disk") | ("discs", "disks"))
}

/// Words a window and a term share, in order: (index in window, index in term).
fn anchors(window: &[Token], term: &Term) -> Vec<(usize, usize)> {
    let mut out = vec![];
    let mut next = 0;
    for (i, t) in window.iter().enumerate() {
        if let Some(j) = (next..term.words.len()).find(|j| same(&term.words[*j], &t.lower)) {
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
