//! Documented time of a visit: "total time 45 minutes", "forty five minutes were spent".

use crate::text::re;

/// Minutes the note documents, and where.
pub(super) struct Documented {
    pub(super) minutes: u32,
    pub(super) span: (usize, usize),
    /// Said to leave out the time of a procedure.
    pub(super) without_procedure: bool,
}

re!(
    MINUTES,
    r"(?P<n>\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten|fifteen|one hundred(?: and \w+)?)[ -]*(?:min(?:ute)?s?\b)"
);
re!(
    TOTAL,
    r"total|\bspent\b|\bi (?:took|used|devoted)|on the (?:date|day) of|time today|encounter time|time for (?:this|the) (?:visit|encounter)|(?:visit|consult\w*|appointment) (?:time|lasted|took)"
);
re!(
    OTHERS,
    r"\b(?:nurse|staff|\bma\b|resident|student|walk\w*|after (?:about )?$|for (?:about )?$|sit\w*|stand\w*|every|drive|surgery|operat\w+|anesth\w+|infus\w+|wait\w*)"
);
re!(
    WITHOUT,
    r"exclud\w+|exclusive|not (?:counting|including)|apart from|outside|separate from|besides|without (?:the )?(?:procedure|injection)"
);

/// The visit's total time, if the note states one.
pub(super) fn documented(text: &str) -> Option<Documented> {
    let r = MINUTES.as_ref()?;
    let mut best: Option<Documented> = None;
    for c in r.captures_iter(text) {
        let (Some(all), Some(n)) = (c.get(0), c.name("n")) else { continue };
        let Some(minutes) = number(n.as_str()) else { continue };
        let from = text.get(..all.start()).and_then(|b| b.rfind(['.', '\n', ';'])).map_or(0, |p| p + 1);
        let to = text
            .get(all.end()..)
            .and_then(|a| a.find(['.', '\n', ';']))
            .map_or(text.len(), |p| all.end() + p);
        let sentence = text.get(from..to).unwrap_or("");
        let near = text.get(all.start().saturating_sub(30).max(from)..all.start()).unwrap_or("");
        let said = |r: &std::sync::LazyLock<Option<regex::Regex>>, w: &str| crate::text::has(r, w);
        if !said(&TOTAL, sentence) || said(&OTHERS, near) {
            continue;
        }
        let total = sentence.contains("total");
        let better = best
            .as_ref()
            .is_none_or(|b| total && !text.get(b.span.0..b.span.1).unwrap_or("").contains("total"));
        if better {
            let lead = sentence.len() - sentence.trim_start().len();
            best = Some(Documented {
                minutes,
                span: (from + lead, to),
                without_procedure: said(&WITHOUT, sentence),
            });
        }
    }
    best
}

/// A number in digits or words.
fn number(s: &str) -> Option<u32> {
    if let Ok(n) = s.parse() {
        return Some(n);
    }
    const WORDS: [(&str, u32); 20] = [
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("fifteen", 15),
        ("twenty", 20),
        ("thirty", 30),
        ("forty", 40),
        ("fifty", 50),
        ("sixty", 60),
        ("seventy", 70),
        ("eighty", 80),
        ("ninety", 90),
        ("hundred", 0),
    ];
    let mut sum = 0;
    for w in s.split([' ', '-']).filter(|w| *w != "and") {
        let n = WORDS.iter().find(|x| x.0 == w)?.1;
        sum = if w == "hundred" { sum * 100 } else { sum + n };
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::documented;

    #[test]
    fn total_time_is_read_as_written_and_spoken() {
        for (text, minutes) in [
            ("i spent 34 minutes in total on this patient today", Some(34)),
            ("total time on the date of the encounter: 47 min", Some(47)),
            ("forty five minutes were spent on the day of the visit", Some(45)),
            ("total time one hundred and five minutes", Some(105)),
            ("she can walk for 10 minutes and then sits", None),
            ("the nurse spent 20 minutes teaching", None),
            ("pain came back after 30 minutes", None),
        ] {
            assert_eq!(documented(text).map(|d| d.minutes), minutes, "{text}");
        }
        assert!(
            documented("total time 30 minutes, not including the injection")
                .is_some_and(|d| d.without_procedure)
        );
    }
}
