//! The second reader: what a small language model is asked, and what of its answer is believed.
//!
//! A small model finds and quotes the right phrases but invents attributes. So it is asked only to list
//! and quote spans by type; level, side, approach and counts are read from the quoted words by the same
//! parser as everywhere. A quote that is not in the transcript is dropped and counted.

use crate::text::Doc;
use iambilly_claim::{Phi, Span, Transcript, phi};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One question to the model. `user` holds the dictation, so the type prints only its sizes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The instruction.
    pub system: String,
    /// The dictation or a window of it: protected health information.
    pub user: String,
    /// GBNF grammar the answer must follow; the root rule is `root`.
    pub grammar: String,
    /// Longest answer in tokens.
    pub max_tokens: u32,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("user_chars", &self.user.chars().count())
            .field("max_tokens", &self.max_tokens)
            .finish_non_exhaustive()
    }
}

/// What sort of thing a quote is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something done.
    Procedure,
    /// A disease or finding.
    Diagnosis,
    /// Cage, plate, screws, stimulator.
    Implant,
    /// Bone graft or substitute.
    Graft,
    /// Explicitly not done, or only planned.
    NotDone,
}

/// One passage the model quoted, found in the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What the model called it.
    pub kind: Kind,
    /// Where it stands in the transcript's text, in Unicode scalar values.
    pub span: Span,
    /// The words there.
    #[serde(serialize_with = "phi::disclose")]
    pub quote: Phi<String>,
}

/// All passages a model quoted from one transcript revision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proposals {
    /// The passages, in reading order, each once.
    pub items: Vec<Proposal>,
    /// Quotes that are not in the transcript.
    pub dropped: usize,
    /// Answers that could not be read as JSON even in part.
    pub unreadable: usize,
}

/// Longest window in Unicode scalars, about 2,500 tokens beside the instruction.
const WINDOW: usize = 9_000;
/// Windows share this much, so that a sentence on the border is whole in one of them.
const OVERLAP: usize = 600;

/// The example is what makes a model of half a billion parameters list more than its first find (measured: 1 item
/// without it, 3 to 7 with it on dictations of 30 seconds). It is fictitious and of a region that is rare.
pub(crate) const SYSTEM: &str = "You read a spine surgeon's note. List what was done today and why, by quoting the note. \
For each item copy the exact words from the note, 3 to 20 words, with the level and side if they stand there. \
Types: procedure (done today), diagnosis, implant (cage, plate, screws, rods, stimulator), graft (bone or substitute), \
not_done (denied, only planned, or from the past). Never change a word, never add one. Answer with JSON only.

Example note: Diagnosis: thoracic stenosis at T9 T10 with myelopathy. Procedure: T9 T10 laminectomy, posterolateral \
fusion T9 to T10 with pedicle screws and rods, allograft chips. No interbody device was placed.
Example answer: {\"items\":[{\"type\":\"diagnosis\",\"quote\":\"thoracic stenosis at T9 T10 with myelopathy\"},\
{\"type\":\"procedure\",\"quote\":\"T9 T10 laminectomy\"},\
{\"type\":\"procedure\",\"quote\":\"posterolateral fusion T9 to T10\"},\
{\"type\":\"implant\",\"quote\":\"pedicle screws and rods\"},\
{\"type\":\"graft\",\"quote\":\"allograft chips\"},\
{\"type\":\"not_done\",\"quote\":\"No interbody device was placed\"}]}";

pub(crate) const GRAMMAR: &str = r#"root ::= "{\"items\":[" (item ("," item){0,39})? "]}"
item ::= "{\"type\":\"" kind "\",\"quote\":\"" quote "\"}"
kind ::= "procedure" | "diagnosis" | "implant" | "graft" | "not_done"
quote ::= char{3,240}
char ::= [^"\\\x00-\x1F] | "\\" ["\\/nt]
"#;

/// The questions to ask about a transcript: one, or several overlapping windows of a long note.
#[must_use]
pub fn requests(t: &Transcript) -> Vec<Request> {
    let text: Vec<char> = t.text.expose().chars().collect();
    let mut out = vec![];
    let mut start = 0;
    while start < text.len() {
        let mut end = (start + WINDOW).min(text.len());
        if end < text.len() {
            // Close the window at the end of a sentence if there is one in its last part.
            let tail = end - OVERLAP;
            if let Some(stop) = text[tail..end].iter().rposition(|c| matches!(c, '.' | '\n')) {
                end = tail + stop + 1;
            }
        }
        out.push(Request {
            system: SYSTEM.to_owned(),
            user: "Note: ".chars().chain(text[start..end].iter().copied()).collect(),
            grammar: GRAMMAR.to_owned(),
            max_tokens: 1_200,
        });
        if end == text.len() {
            break;
        }
        start = end.saturating_sub(OVERLAP).max(start + 1);
    }
    out
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Kind,
    quote: String,
}

/// Reads the model's answers, in the order of [`requests`]. A cut-off answer gives its whole items.
#[must_use]
pub fn parse(replies: &[String], t: &Transcript) -> Proposals {
    let doc = Doc::new(t.text.expose());
    let index = Squeezed::new(&doc.original);
    let mut out = Proposals::default();
    for reply in replies {
        let objects = objects(reply);
        if objects.is_empty() && !reply.contains("\"items\"") {
            out.unreadable += 1;
        }
        for text in objects {
            let Ok(item) = serde_json::from_str::<Item>(&text) else { continue };
            let Some(span) = index.find(&item.quote) else {
                out.dropped += 1;
                continue;
            };
            let Some(quote) = span.slice(&doc.original) else { continue };
            let proposal = Proposal { kind: item.kind, span, quote: quote.into() };
            if !out.items.contains(&proposal) {
                out.items.push(proposal);
            }
        }
    }
    out.items.sort_by_key(|p| (p.span.start, p.span.end));
    out
}

/// The innermost `{…}` objects of a text, whole ones only.
fn objects(reply: &str) -> Vec<String> {
    let mut out = vec![];
    let (mut open, mut quoted, mut escaped) = (None, false, false);
    let chars: Vec<char> = reply.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open = Some(i),
            '}' if !quoted => {
                if let Some(start) = open.take() {
                    out.push(chars[start..=i].iter().collect());
                }
            }
            _ => {}
        }
    }
    out
}

/// A text without blanks, signs and case, with the place of each scalar that remains.
struct Squeezed {
    text: String,
    /// Scalar offset of each *byte* of `text`.
    at: Vec<usize>,
}

fn keep(c: char) -> bool {
    c.is_alphanumeric()
}

impl Squeezed {
    fn new(original: &str) -> Self {
        let (mut text, mut at) = (String::new(), vec![]);
        for (i, c) in original.chars().enumerate().filter(|(_, c)| keep(*c)) {
            for lower in c.to_lowercase() {
                text.push(lower);
                at.extend(std::iter::repeat_n(i, lower.len_utf8()));
            }
        }
        Self { text, at }
    }

    /// The first place where a quote stands, blanks, signs and case aside.
    fn find(&self, quote: &str) -> Option<Span> {
        let needle: String = quote.chars().filter(|c| keep(*c)).flat_map(char::to_lowercase).collect();
        if needle.chars().count() < 4 {
            return None;
        }
        let byte = self.text.find(&needle)?;
        let start = *self.at.get(byte)?;
        let end = *self.at.get(byte + needle.len() - 1)? + 1;
        Some(Span::new(start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, parse, requests};
    use iambilly_claim::Transcript;
    use proptest::prelude::*;

    fn note() -> Transcript {
        Transcript::typed("Procedure: naïve L4-5 TLIF with a  PEEK cage.\nNo allograft was used.")
    }

    #[test]
    fn quotes_are_found_and_inventions_dropped() {
        let reply = r#"{"items":[{"type":"procedure","quote":"l4-5 tlif with a PEEK cage"},{"type":"graft","quote":"iliac crest graft"},{"type":"not_done","quote":"no allograft was used"},{"type":"implant","quote":"PEEK ca"#;
        let p = parse(&[reply.to_owned()], &note());
        assert_eq!((p.items.len(), p.dropped, p.unreadable), (2, 1, 0));
        assert_eq!(p.items[0].quote.expose(), "L4-5 TLIF with a  PEEK cage");
        assert_eq!(p.items[1].kind, Kind::NotDone);
        let stored = serde_json::to_string(&p).unwrap();
        assert_eq!(serde_json::from_str::<super::Proposals>(&stored).unwrap(), p);
    }

    #[test]
    fn rubbish_is_counted_not_believed() {
        let p = parse(&["I am sorry".to_owned(), String::new()], &note());
        assert_eq!((p.items.len(), p.unreadable), (0, 2));
    }

    #[test]
    fn debug_shows_no_words() {
        let r = &requests(&note())[0];
        assert!(!format!("{r:?}").contains("TLIF") && r.user.contains("TLIF"));
        assert!(
            !format!(
                "{:?}",
                parse(&[r#"{"items":[{"type":"procedure","quote":"PEEK cage"}]}"#.into()], &note())
            )
            .contains("PEEK")
        );
    }

    proptest! {
        #[test]
        fn windows_cover_the_note(n in 0usize..40_000) {
            let text: String = "The disc was removed at L4-5. ".chars().cycle().take(n).collect();
            let rs = requests(&Transcript::typed(text.clone()));
            let windows: Vec<&str> = rs.iter().filter_map(|r| r.user.strip_prefix("Note: ")).collect();
            prop_assert_eq!(windows.len(), rs.len());
            let shared: usize = windows.iter().map(|w| w.chars().count()).sum();
            prop_assert!(shared >= n);
            prop_assert!(windows.iter().all(|w| text.contains(w) && w.chars().count() <= super::WINDOW));
        }

        #[test]
        fn any_answer_is_survived(s in "\\PC{0,120}") { let _ = parse(&[s], &note()); }
    }
}
