//! Words as they are compared: case, punctuation, the spelling of numbers, units and levels do not matter.

/// The tokens of a text for comparison: lower case; `C5-6`, `C5/C6` and `C5 C6` all become `c5 c6`; numbers in
/// digits (`fifty` is `50`, `twenty five` is `25`); units of measure by their short names.
#[must_use]
pub fn normalise(text: &str) -> Vec<String> {
    levels(numbers(split(text)))
}

/// Prefixes that are written with and without a hyphen.
const PREFIXES: [&str; 14] = [
    "pre", "post", "intra", "inter", "non", "re", "micro", "multi", "sub", "supra", "infra", "retro",
    "trans", "extra",
];

/// Lower-case runs of letters and digits; a decimal point or a digit's comma stays inside its number.
fn split(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.to_lowercase().replace('’', "'").chars().collect();
    let mut tokens = Vec::new();
    let mut word = String::new();
    for (i, c) in chars.iter().enumerate() {
        let digit = |j: Option<usize>| j.and_then(|j| chars.get(j)).is_some_and(char::is_ascii_digit);
        match c {
            c if c.is_alphanumeric() => word.push(*c),
            '.' if digit(i.checked_sub(1)) && digit(Some(i + 1)) => word.push('.'),
            ',' if digit(i.checked_sub(1)) && digit(Some(i + 1)) => {}
            '\'' => {}
            // `post-operative` and `postoperative` are one word.
            '-' if PREFIXES.contains(&word.as_str())
                && chars.get(i + 1).is_some_and(|c| c.is_alphabetic()) => {}
            '%' => {
                tokens.push(std::mem::take(&mut word));
                tokens.push("percent".to_owned());
            }
            _ => tokens.push(std::mem::take(&mut word)),
        }
    }
    tokens.push(word);
    tokens.retain(|t| !t.is_empty());
    tokens.into_iter().flat_map(|t| measure(&t)).collect()
}

/// Units of measure by one name each, and split from their number (`50ml`).
fn measure(token: &str) -> Vec<String> {
    let name = |t: &str| {
        Some(match t {
            "milliliter" | "milliliters" | "millilitre" | "millilitres" | "cc" | "ccs" | "ml" => "ml",
            "millimeter" | "millimeters" | "millimetre" | "millimetres" | "mm" => "mm",
            "centimeter" | "centimeters" | "centimetre" | "centimetres" | "cm" => "cm",
            "milligram" | "milligrams" | "mg" => "mg",
            _ => return None,
        })
    };
    if let Some(rest) = token.strip_prefix("disk") {
        return vec![format!("disc{rest}")];
    }
    if let Some(unit) = name(token) {
        return vec![unit.to_owned()];
    }
    let number: String = token.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let rest: String = token.chars().skip(number.chars().count()).collect();
    match name(&rest) {
        Some(unit) if !number.is_empty() => vec![number, unit.to_owned()],
        _ => vec![token.to_owned()],
    }
}

/// Spelled numbers up to 9,999 into digits.
fn numbers(tokens: Vec<String>) -> Vec<String> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut rest = tokens.iter().map(String::as_str).peekable();
    while let Some(token) = rest.next() {
        let Some(mut value) = cardinal(token) else {
            out.push(token.to_owned());
            continue;
        };
        let mut last = value;
        while let Some(next) = rest.peek() {
            match (*next, cardinal(next)) {
                ("hundred", _) if (1..10).contains(&last) => {
                    value = value - last + last * 100;
                    last = 100;
                }
                ("thousand", _) if value > 0 && value < 10 => {
                    value *= 1000;
                    last = 1000;
                }
                (_, Some(unit)) if (20..=90).contains(&last) && (1..10).contains(&unit) => {
                    value += unit;
                    last = unit;
                }
                (_, Some(more)) if last >= 100 && more < 100 && more > 0 => {
                    value += more;
                    last = more;
                }
                _ => break,
            }
            rest.next();
        }
        out.push(value.to_string());
    }
    points(&out)
}

/// `3 point 5` as `3.5`.
fn points(tokens: &[String]) -> Vec<String> {
    let number = |i: usize| tokens.get(i).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let mut out = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        match (number(i), tokens.get(i + 1).map(String::as_str), number(i + 2)) {
            (Some(whole), Some("point"), Some(part)) => {
                out.push(format!("{whole}.{part}"));
                i += 3;
            }
            _ => {
                out.push(token.clone());
                i += 1;
            }
        }
    }
    out
}

fn cardinal(word: &str) -> Option<u32> {
    const SMALL: [&str; 20] = [
        "zero",
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
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let at = |list: &[&str]| list.iter().position(|w| *w == word).and_then(|i| u32::try_from(i).ok());
    at(&SMALL).or_else(|| at(&TENS).map(|i| (i + 2) * 10))
}

/// Levels to one form: `l 4`, `l4`, `l45`, `l4 5` and `l5 s1` all as one token a vertebra.
fn levels(tokens: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        i += 1;
        let next = tokens.get(i).map(String::as_str).unwrap_or_default();
        if is_region(token) && last_of(token).is_some_and(|last| number_within(next, last)) {
            out.push(format!("{token}{next}"));
            i += 1;
        } else if let Some(parts) = run_together(token) {
            out.extend(parts);
        } else {
            out.push(token.clone());
        }
        // `c5 6`: a bare neighbour number after a vertebra takes its letter.
        while let (Some((letter, n)), Some(next)) = (out.last().and_then(|v| vertebra(v)), tokens.get(i)) {
            if next.parse() != Ok(n + 1) || !number_within(next, last_of(letter).unwrap_or(0)) {
                break;
            }
            out.push(format!("{letter}{next}"));
            i += 1;
        }
    }
    out
}

fn is_region(token: &str) -> bool {
    last_of(token).is_some()
}

/// Number of the last vertebra of a region.
fn last_of(letter: &str) -> Option<u32> {
    Some(match letter {
        "c" => 7,
        "t" => 12,
        "l" | "s" => 5,
        _ => return None,
    })
}

fn number_within(text: &str, last: u32) -> bool {
    text.parse().is_ok_and(|n: u32| (1..=last).contains(&n))
}

/// Whether a token names a vertebra: its region's letter and number.
pub(crate) fn vertebra(token: &str) -> Option<(&str, u32)> {
    let letter = token.get(..1)?;
    let number = token.get(1..)?.parse().ok()?;
    (1..=last_of(letter)?).contains(&number).then_some((letter, number))
}

/// `l5s1`, `t12l1` and `l45` as one token a vertebra.
fn run_together(token: &str) -> Option<Vec<String>> {
    let mut parts: Vec<String> = Vec::new();
    for c in token.chars() {
        match parts.last_mut() {
            _ if is_region(&c.to_string()) => parts.push(c.to_string()),
            Some(part) if c.is_ascii_digit() => part.push(c),
            _ => return None,
        }
    }
    if parts.len() > 1 {
        return parts.iter().all(|p| vertebra(p).is_some()).then_some(parts);
    }
    let chars: Vec<char> = token.chars().collect();
    let [region, upper, lower] = chars.as_slice() else { return None };
    let pair = vec![format!("{region}{upper}"), format!("{region}{lower}")];
    let next = lower.to_digit(10)? == upper.to_digit(10)? + 1;
    (*region != 't' && next && pair.iter().all(|v| vertebra(v).is_some())).then_some(pair)
}

#[cfg(test)]
mod tests {
    use super::normalise;
    use proptest::prelude::*;

    #[test]
    fn spellings_that_mean_the_same() {
        for (a, b) in [
            ("L4-5", "L4 L5"),
            ("L4-L5", "l4/5"),
            ("L5-S1", "L5 S1"),
            ("l5s1", "L 5, S 1"),
            ("C5 six", "C5-C6"),
            ("L four five", "L4-5"),
            ("L45", "L4 L5"),
            ("T12 and L1.", "t twelve and l one"),
            ("fifty milliliters", "50 mL"),
            ("50ml", "50 cc"),
            ("twenty five", "25"),
            ("one hundred and", "100 and"),
            ("two hundred fifty", "250"),
            ("1,200 mL", "1200 ml"),
            ("3.5 mm", "3.5 millimeters"),
            ("well-known", "well known"),
            ("post-operative", "postoperative"),
            ("re-exploration of the disk", "reexploration of the disc"),
            ("T12L1", "T12-L1"),
            ("three point five millimeters", "3.5 mm"),
        ] {
            assert_eq!(normalise(a), normalise(b), "{a} | {b}");
        }
    }

    #[test]
    fn spellings_that_do_not() {
        for (a, b) in [
            ("L4-5", "L3-4"),
            ("L4 6", "L4 L6"),
            ("C5 and 6", "C5 C6"),
            ("twenty, thirty", "50"),
            ("T1", "T 12"),
        ] {
            assert_ne!(normalise(a), normalise(b), "{a} | {b}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "[ a-zA-Z0-9.,'/-]{0,60}") {
            let once = normalise(&text);
            prop_assert!(once.iter().all(|t| !t.is_empty() && !t.contains(' ')));
            let twice = normalise(&once.join(" "));
            prop_assert_eq!(once, twice);
        }
    }
}
