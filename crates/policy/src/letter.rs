//! A checklist and a letter from what was found: nothing but quotes, each with its place, and blanks for a person.
//!
//! What no quote stands for is not claimed: the letter names the criteria the note meets, and the checklist says of the
//! others that the note was not found to speak of them.

use crate::check::Standing;
use std::fmt::Write as _;

/// A criterion with what was found of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// Title of the policy.
    pub title: &'a str,
    /// Its number.
    pub number: Option<&'a str>,
    /// Page.
    pub page: u32,
    /// Its words, or of them what decided.
    pub policy: &'a str,
    /// Whether the note meets it, with the note's words; none where there is no answer.
    pub answer: Option<(Standing, &'a str)>,
    /// Whether the note was compared with it at all.
    pub looked: bool,
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About<'a> {
    /// Payer's name.
    pub payer: &'a str,
    /// Date of service.
    pub dos: &'a str,
    /// Procedure codes.
    pub codes: &'a [String],
}

fn place(found: &Found<'_>) -> String {
    let number = found.number.map(|n| format!(" ({n})")).unwrap_or_default();
    format!("{}{number}, page {}", found.title, found.page)
}

/// A checklist to send with a request for prior authorisation.
#[must_use]
pub fn checklist(about: &About<'_>, all: &[Found<'_>]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "Request for prior authorisation: {}", about.payer);
    let _ = writeln!(out, "Procedures: {}. Planned for: {}.", about.codes.join(", "), about.dos);
    let _ = writeln!(out, "Patient and member number: [fill in]\n");
    for found in all {
        let mark = match found.answer {
            Some((Standing::Met, _)) => "[x]",
            Some((Standing::NotMet, _)) => "[!]",
            _ => "[ ]",
        };
        let _ = writeln!(out, "{mark} “{}” ({})", found.policy.trim(), place(found));
        let _ = match found.answer {
            Some((Standing::Met, note)) => writeln!(out, "    The record: “{}”", note.trim()),
            Some((Standing::NotMet, note)) => {
                writeln!(
                    out,
                    "    The record says otherwise: “{}”. Look at it before this is sent.",
                    note.trim()
                )
            }
            Some((Standing::NotDocumented, note)) => {
                writeln!(
                    out,
                    "    The record speaks of it without saying enough: “{}”. Attach what does.",
                    note.trim()
                )
            }
            None if !found.looked => {
                writeln!(out, "    Attach what shows it, or say why it does not apply.")
            }
            None => writeln!(
                out,
                "    Not found in the record. Attach what shows it, or say why it does not apply."
            ),
        };
    }
    out
}

/// A draft of an appeal; none where the note was not found to meet a single criterion: there is nothing to quote then.
#[must_use]
pub fn appeal(about: &About<'_>, all: &[Found<'_>]) -> Option<String> {
    let met: Vec<(&Found<'_>, &str)> = all
        .iter()
        .filter_map(|f| match f.answer {
            Some((Standing::Met, note)) => Some((f, note)),
            _ => None,
        })
        .collect();
    if met.is_empty() {
        return None;
    }
    let mut out = String::new();
    let _ = writeln!(out, "[Date]\n\n{}\n[Address of the appeals department]\n", about.payer);
    let _ =
        writeln!(out, "Re: [patient], member number [number], claim [number], service on {}\n", about.dos);
    let _ = writeln!(
        out,
        "We ask you to look again at the decision about {}. Your own policy and the medical record say:\n",
        about.codes.join(", ")
    );
    for (at, (found, note)) in met.iter().enumerate() {
        let _ = writeln!(out, "{}. {}: “{}”", at + 1, place(found), found.policy.trim());
        let _ = writeln!(out, "   The record: “{}”\n", note.trim());
    }
    out.push_str("The record is enclosed.\n\n[Signature]\n");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{About, Found, appeal, checklist};
    use crate::check::Standing;

    #[test]
    fn a_letter_has_nothing_but_quotes_of_what_is_met() {
        let codes = ["63030".to_owned()];
        let about = About { payer: "Harbor Plan", dos: "2026-02-02", codes: &codes };
        let found = |policy, answer| Found {
            title: "Low Back",
            number: Some("HP-3"),
            page: 4,
            policy,
            answer,
            looked: true,
        };
        let all = [
            found("Seven weeks of therapy.", Some((Standing::Met, "therapy for nine weeks"))),
            found("Imaging agrees.", Some((Standing::NotMet, "imaging shows nothing"))),
            found("No nicotine.", Some((Standing::NotDocumented, "former smoker"))),
            found("Age above 18.", None),
        ];
        let list = checklist(&about, &all);
        for has in [
            "[x] “Seven weeks of therapy.” (Low Back (HP-3), page 4)\n    The record: “therapy for nine weeks”",
            "[!] “Imaging agrees.”",
            "[ ] “No nicotine.”",
            "[ ] “Age above 18.” (Low Back (HP-3), page 4)\n    Not found in the record.",
        ] {
            assert!(list.contains(has), "{has}\n{list}");
        }
        let unseen = checklist(&about, &[Found { looked: false, ..found("Age above 18.", None) }]);
        assert!(unseen.contains("Attach what shows it") && !unseen.contains("Not found"), "{unseen}");
        let letter = appeal(&about, &all).unwrap();
        assert!(letter.contains(
            "1. Low Back (HP-3), page 4: “Seven weeks of therapy.”\n   The record: “therapy for nine weeks”"
        ));
        for lacks in ["Imaging", "nicotine", "Age", "2. "] {
            assert!(!letter.contains(lacks), "{lacks}\n{letter}");
        }
        assert_eq!(appeal(&about, &all[1..]), None, "nothing to quote, nothing to send");
    }
}
