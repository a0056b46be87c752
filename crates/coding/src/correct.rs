//! Mends spine terms a speech recogniser misheard, against the lexicon.
//!
//! A window of one to seven words is compared with a term, twice: by spelling and consonants, where words they
//! share are anchors and stay and what lies between them must be alike; and by ear, its words joined and both turned
//! to phonemes whose distance knows what is taken for what ("ver to bro plasty"). Ordinary words that only sound like
//! a term are mended near words of the trade alone; words of the tabular list of diseases are spelled right. Levels, numbers, sides and negations are walls: no
//! window crosses them. Words spelled right are never changed on their own; ordinary English only inside a
//! term that another word confirms ("medical screw", never "medical").

mod continued;
mod cue;
mod matching;
mod own;
mod revise;
mod rewrite;
mod token;

use crate::retraction::Retraction;
use crate::text::{Doc, has, re};
pub use continued::continued;
use iambilly_claim::transcript::Correction;
use iambilly_claim::{Phi, Transcript};
use matching::edits;
pub use own::{OwnWordError, OwnWords};
pub use revise::{FINAL_PASS, PERSON, Revised, TextChange, TextChangeError, append, compare, revise};
use rewrite::rewrite;

const PASSES: usize = 3;
/// Rule id of what the lexicon mends.
const LEXICON: &str = "spine-lexicon";
/// Rule id of a self-correction of the speaker.
const SPOKEN: &str = "spoken-correction";

/// Mends spine terms a speech recogniser misheard; a typed note comes back unchanged.
///
/// Words' offsets and text follow the new text, and every change keeps its original in `corrections`. What the
/// speaker took back stands there too (rule `spoken-correction`), with the words that replace it.
/// Levels, numbers, sides and negations are never changed.
#[must_use]
pub fn correct(t: &Transcript) -> Transcript {
    correct_with(t, &OwnWords::default())
}

/// The same with the physician's own dictionary: its pairs are written first (rule `own-dictionary`), and the
/// lexicon leaves its words alone.
#[must_use]
pub fn correct_with(t: &Transcript, own: &OwnWords) -> Transcript {
    if t.model == "typed" {
        return t.clone();
    }
    let mut out = own.written(t);
    // A mended word may be the anchor its neighbour needs ("dyssectomy infusion"), so look again.
    for _ in 0..PASSES {
        let chars: Vec<char> = out.text.expose().chars().collect();
        let mut edits = edits(&chars);
        own.spare(&chars, &mut edits);
        if edits.is_empty() {
            break;
        }
        out = rewrite(&out, &chars, &edits, LEXICON);
    }
    let chars: Vec<char> = out.text.expose().chars().collect();
    let mut cues = cue::edits(&chars);
    own.spare(&chars, &mut cues);
    if !cues.is_empty() {
        out = rewrite(&out, &chars, &cues, LEXICON);
    }
    out.corrections.extend(taken_back(out.text.expose()));
    out.corrections.sort_by_key(|c| (c.start, c.end));
    out
}

/// Mends a normalised text where it stands, letter for letter: terms that a recogniser cut in two ("lamb in otomy"),
/// and, in a text that has several of them, the other misheard words too. What would be longer than the words heard
/// is left, so that every offset stays. For a dictation handed over as if it were typed.
pub(crate) fn in_place(norm: &mut String) {
    // The search through the lexicon is for texts that show such pieces.
    if !has(&PIECE, norm) || norm.len() > LONGEST_DICTATION {
        return;
    }
    let chars: Vec<char> = norm.chars().collect();
    let mut found = edits(&chars);
    let cut = |e: &Edit| chars.get(e.start..e.end).is_some_and(|w| w.contains(&' '));
    if found.iter().filter(|e| cut(e)).count() < HEARD {
        found.retain(cut);
    }
    for e in found {
        let new = e.new.to_lowercase();
        if new.is_ascii() && new.len() <= e.end - e.start && e.end <= norm.len() {
            norm.replace_range(e.start..e.end, &format!("{new:<width$}", width = e.end - e.start));
        }
    }
}

re!(
    PIECE,
    r"\b(?:ectom(?:y|ies)|otom(?:y|ies)|plasty|osis|dication|pathy|opathy|thesis|inter body|inter bodies|lumbo sacral|o gram|all a graft|auto graft|fora men|lamb in)\b"
);

/// Longest text taken for one dictation, in letters.
const LONGEST_DICTATION: usize = 60_000;

/// How many terms cut in two make a text a recogniser's.
const HEARD: usize = 2;

/// What the speaker took back: the words that stand, with those they replace. The text keeps both, as said; the
/// readers see only what stands.
fn taken_back(text: &str) -> Vec<Correction> {
    let doc = Doc::new(text);
    let show = |r: &Retraction| {
        let original = r.gone.slice(text).filter(|w| !w.trim().is_empty())?;
        Some(Correction {
            start: r.stands.start,
            end: r.stands.end,
            original: Phi::new(original.trim().to_owned()),
            rule: SPOKEN.to_owned(),
        })
    };
    doc.retractions.iter().filter_map(show).collect()
}

/// A stretch of the old text and what stands there now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    start: usize,
    end: usize,
    new: String,
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
            ("decompressive lamb in ectomy at L4 L5", "decompressive laminectomy at L4 L5"),
            ("a for a men otomy was done", "a foraminotomy was done"),
            ("both sides had for a man otomies", "both sides had foraminotomies"),
            ("the disk ectomy was done", "the discectomy was done"),
            ("right L5 micro disk ectomy", "right L5 microdiscectomy"),
            ("local bone and all a graft", "local bone and allograft"),
            ("an inter body cage", "an interbody cage"),
            ("spondylo lis thesis with sten osis", "spondylolisthesis with stenosis"),
            ("the exiting nerve route was free", "the exiting nerve root was free"),
            ("a disk hernia tion", "a disk herniation"),
            ("verteb roplasty and core pectomy", "vertebroplasty and corpectomy"),
            ("sacred iliac joint", "sacroiliac joint"),
            ("the duro tomy was repaired", "the durotomy was repaired"),
            ("my lopathy and radical opathy", "myelopathy and radiculopathy"),
            ("neurogenic claw dication", "neurogenic claudication"),
            ("a kerosene rongeur", "a Kerrison rongeur"),
            ("lateral mass crews", "lateral mass screws"),
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
            "All of the graft was used for a man of forty and in a body of water.",
            "The medical record shows a nervous route of travel and a local resident.",
            "Values between the endpoints were interpolated; a deprecation was noted.",
            "She has sclerosis, a neuropathy, and an old appendectomy and hysterectomy.",
            "We talked about the peak of the season, a vocal group and a cage of birds.",
            "For a month he had been in a state of disc jockey work with a form of anatomy class.",
            "The specimen went in formalin, the curets were counted, the miniplates were in place.",
        ] {
            assert_eq!(mended(text), text);
        }
    }

    #[test]
    fn what_the_speaker_took_back_is_shown() {
        for (said, gone, stands) in [
            ("fusion at L3 L4, correction, L4 L5 with cage", "L3 L4", "L4 L5"),
            ("fusion at L3 L4 collection L4 L5 with cage", "L3 L4", "L4 L5"),
            ("fusion at L3 L4, erection, L4 L5", "L3 L4", "L4 L5"),
            ("opened on the left, connection, right side", "left", "right"),
            ("fusion at L3 L4 scratched at L4 L5", "L3 L4", "L4 L5"),
        ] {
            let t = correct(&heard(said));
            consistent(&t);
            let last = t.corrections.iter().find(|c| c.rule == "spoken-correction").unwrap();
            let text: Vec<char> = t.text.expose().chars().collect();
            assert_eq!(last.original.expose(), gone, "{said}");
            assert_eq!(text[last.start..last.end].iter().collect::<String>(), stands, "{said}");
        }
        for plain in
            ["the L4 L5 injection was on the left", "L4 L5 section, L5 S1", "a left connection was made"]
        {
            assert!(correct(&heard(plain)).corrections.is_empty(), "{plain}");
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
