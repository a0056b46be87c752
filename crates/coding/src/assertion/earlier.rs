//! Words that put what follows them in a sentence on another day than the operation's.
//!
//! "Seventeen days ago (January 16) I did ..."; "on Friday, January 30, cages went in"; "the 2016 removal of that
//! hardware". They bear on acts and devices alone: a complaint that began weeks ago is still today's.

use crate::text::{all, has, re};

// The day of service itself has been blanked before: a date that is left is another day's.
re!(
    ANOTHER_DAY,
    concat!(
        r"\b(?:(?:a few|a couple(?: of)?|several|many|some|\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?[ -](?:days?|nights?|weeks?|wks?|months?|mos?|years?|yrs?) (?:ago|back|earlier|before|previously|prior)\b",
        r"|last (?:mon|tues|wednes|thurs|fri|satur|sun)day|last (?:night|week|month|year|spring|summer|fall|autumn|winter)(?:[^\w']|$)|yesterday(?:[^\w']|$)|earlier this (?:week|month|year)|(?:the )?day before\b",
        r"|on (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?(?:\w+ of )?(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.? (?:\d|the )",
        r"|(?:back )?in (?:19|20)\d\d\b|in (?:nineteen (?:hundred|seventy|eighty|ninety)\b|two thousand(?: and)? (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen)\b|twenty (?:ten|eleven|twelve|\w+teen)\b|twenty twenty (?:one|two|three|four|five)\b)|back in (?:the|[a-z]+ber|january|february|march|april|may|june|july|august)|in (?:january|february|march|april|june|july|august|september|october|november|december)\b)"
    )
);
// What brings the telling back to the day.
re!(
    TODAY,
    r"\b(?:today|tonight|now|this (?:time|morning|afternoon|evening)|so (?:we|i)\b|brought back|taken back|returned|back to (?:the )?(?:or|operating|theat)|underwent|here for|(?:is|was) (?:taken|brought))\b"
);
// "The 2016 removal of that hardware"; "2011 l4-s1 fusion".
re!(
    OF_A_YEAR,
    r"(?:^|[^\d/.-])(?:19|20)\d\d,? (?:(?:the|a|an|and|her|his|right|left|open|[clts]\d[\w/-]*) )*$"
);

re!(
    OF_A_SEASON,
    r"^[^.;,]{0,50}?\bin the (?:spring|summer|fall|autumn|winter)\b|^[^.;,]{0,50}?\b(?:in|of|from) (?:january|february|march|april|june|july|august|september|october|november|december)\b"
);

// "Index fusion L4-S1".
re!(INDEX, r"\bindex (?:[\w-]+ ){0,2}$");

/// Whether the words behind an act date it to a season or month.
pub(super) fn dated(after: &str) -> bool {
    has(&OF_A_SEASON, after)
}

/// Whether the words of a sentence before a passage set it on another day.
pub(super) fn set_back(before: &str) -> bool {
    if has(&OF_A_YEAR, before) || has(&INDEX, before) {
        return true;
    }
    let Some(&(start, end)) = all(&ANOTHER_DAY, before).last() else { return false };
    // "Worse over the last month" has lasted until today.
    if before.get(..start).is_some_and(|b| b.ends_with("the "))
        && before.get(start..).is_some_and(|m| m.starts_with("last"))
    {
        return false;
    }
    let since = before.get(end..).unwrap_or("");
    !has(&TODAY, since)
}

#[cfg(test)]
mod tests {
    use super::set_back;

    #[test]
    fn other_days() {
        for (before, other) in [
            ("seventeen days ago (january 16) i did an l3 to l5 decompression and instrumented ", true),
            ("on friday, january 30, i put ", true),
            ("last thursday dr. oduya opened the belly and i put ", true),
            ("three operations (2008 l5-s1 discectomy, 2011 l4-s1 fusion, 2016 ", true),
            ("back in 2012 somebody in tulsa took a ", true),
            ("six weeks ago he had a discectomy and today underwent ", false),
            ("the patient was turned prone and ", false),
            ("in five minutes the ", false),
            ("over the last two levels the ", false),
            ("worse over the last month, ", false),
        ] {
            assert_eq!(set_back(before), other, "{before}");
        }
    }
}
