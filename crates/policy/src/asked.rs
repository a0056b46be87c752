//! What kind of answer a question wants, and which kinds a passage holds.
//!
//! A passage that names a thing without its number answers no "how long" and no "how many". The kinds are read from the
//! wording of the question and from numbers with their units in the passage; nothing is left out for lacking one, it
//! stands further behind.

use regex::Regex;
use std::sync::LazyLock;

/// Kinds of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

const TIME: u8 = 1;
const SHARE: u8 = 2;
const COUNT: u8 = 4;
const MEASURE: u8 = 8;

/// Numbers in digits and in words.
const NUMBER: &str = r"(?:[0-9][0-9,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|seventeen|eighteen|twenty|twenty-one|thirty|forty|sixty|ninety|half an?|an?)";

static ASKED: LazyLock<[(u8, Option<Regex>); 4]> = LazyLock::new(|| {
    let compiled = |pattern: &str| Regex::new(pattern).ok();
    [
        (
            TIME,
            compiled(
                r"(?i)\bhow (?:long|late|soon|old|recent|early|far (?:apart|ahead|in advance))\b|\bhow many (?:\w+ )?(?:hours|days|weeks|months|years)\b|\b(?:deadline|time limit|filing limit|gap|interval|spacing|valid for|age of the)\b|\bwhen must\b|\bhow much time\b",
            ),
        ),
        (
            SHARE,
            compiled(
                r"(?i)\b(?:percent|percentage|per cent|share|rate)\b|%|\bhow (?:much|good|strong)\b.*\b(?:relief|benefit|better|improve\w*|harder|pain)\b|\bhow (?:good|much (?:harder|longer|better))\b",
            ),
        ),
        (
            COUNT,
            compiled(
                r"(?i)\bhow (?:many|often)\b|\b(?:cap|maximum|at most|limit on|more than one|number of)\b",
            ),
        ),
        (
            MEASURE,
            compiled(
                r"(?i)\b(?:what|which) (?:\w+ ){0,3}(?:number|score|value|angle|size|threshold|cut-?off|bmi|age|dose|level of)\b|\bhow (?:high|low|big|large|wide|severe|bad|much)\b|\bage limit\b|\bthreshold\b",
            ),
        ),
    ]
});

static HELD: LazyLock<[(u8, Option<Regex>); 4]> = LazyLock::new(|| {
    let with = |pattern: &str| Regex::new(&pattern.replace("NUMBER", NUMBER)).ok();
    [
        (
            TIME,
            with(
                r"(?i)\bNUMBER[ -](?:(?:\w+ ){0,2})?(?:hours?|days?|weeks?|months?|years?)\b|\b(?:rolling|calendar) year\b|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b",
            ),
        ),
        (
            SHARE,
            with(
                r"(?i)\bNUMBER ?(?:percent|per cent|%)|\b(?:three quarters|two thirds|half of)\b|\bpercent\b|\b(?:share|rate|paid at|payment)\b[^;]*: ?[0-9]",
            ),
        ),
        (
            COUNT,
            with(
                r"(?i)\b(?:no more than|not more than|up to|at most|more than|at least|no fewer than|fewer than|maximum of|limited to|only) NUMBER\b|\bNUMBER (?:\w+ ){0,2}(?:sessions?|injections?|blocks?|levels?|joints?|visits?|times?|interspaces?|segments?|vertebrae|units?|procedures?|days)\b|\bat most\b|\bsingle\b",
            ),
        ),
        (
            MEASURE,
            with(
                r"(?i)\bNUMBER ?(?:mm|cm|degrees?|ng|mg|milligrams|points?|kg|percent|%)\b|\b[0-9][0-9.]* or (?:higher|more|above|below|less|lower|greater)\b|\b(?:below|above|under|over|less than|more than|at least) [0-9]|\baged [0-9]|\bpoints?\b",
            ),
        ),
    ]
});

impl Kinds {
    /// The kinds of answer a question wants; none where its wording does not say.
    #[must_use]
    pub fn asked(question: &str) -> Self {
        let mut found = Self::matching(&ASKED, question);
        // "How many weeks" is a question about time, "how much relief" one about a share.
        if found.0 & TIME != 0 {
            found.0 &= !(COUNT | MEASURE);
        }
        if found.0 & SHARE != 0 {
            found.0 &= !MEASURE;
        }
        found
    }

    /// The kinds of answer a passage holds.
    #[must_use]
    pub fn held(passage: &str) -> Self {
        Self::matching(&HELD, passage)
    }

    fn matching(all: &[(u8, Option<Regex>); 4], text: &str) -> Self {
        let found = all.iter().filter(|(_, r)| r.as_ref().is_some_and(|r| r.is_match(text)));
        Self(found.fold(0, |bits, (bit, _)| bits | bit))
    }

    /// How well a passage with these kinds fits a question that wants others: 1 where it holds all of them, 0 none.
    #[must_use]
    pub fn share_of(self, asked: Self) -> f32 {
        let wanted = asked.0.count_ones();
        if wanted == 0 {
            return 1.0;
        }
        #[allow(clippy::cast_precision_loss, reason = "at most four")]
        let share = (self.0 & asked.0).count_ones() as f32 / wanted as f32;
        share
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNT, Kinds, MEASURE, SHARE, TIME};

    #[test]
    fn questions_say_what_they_want() {
        for (question, kinds) in [
            ("How many weeks of exercise before a laminectomy?", TIME),
            ("Deadline for the first bill", TIME),
            ("How many injections in a season?", COUNT),
            ("What share is paid for the second operation?", SHARE),
            ("How much relief must the block give?", SHARE),
            ("What disability score is asked for?", MEASURE),
            ("Is the microscope paid with 63030?", 0),
        ] {
            assert_eq!(Kinds::asked(question), Kinds(kinds), "{question}");
        }
    }

    #[test]
    fn passages_hold_what_they_state() {
        for (passage, kind, holds) in [
            ("Exercise for at least eight weeks.", TIME, true),
            ("A statement that exercise failed, without dates, is not enough.", TIME, false),
            ("NDI of 15 points or above.", MEASURE, true),
            ("NDI: Neck Disability Index.", MEASURE, false),
            ("No more than four injections for each region.", COUNT, true),
            ("Each block gave 70 percent relief.", SHARE, true),
            ("The member was content.", SHARE, false),
        ] {
            assert_eq!(Kinds::held(passage).0 & kind != 0, holds, "{passage}");
        }
        let (asked, held) = (Kinds(TIME | SHARE), Kinds(TIME));
        assert!((held.share_of(asked) - 0.5).abs() < f32::EPSILON);
        assert!((held.share_of(Kinds(0)) - 1.0).abs() < f32::EPSILON);
    }
}
