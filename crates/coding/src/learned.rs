//! Local phrase rules: what a clinic's own corrections teach, once a person has accepted it.
//!
//! A correction that recurs with the same words in enough dictations is offered as a rule; an accepted rule
//! changes codes only where its words are part of the evidence. Levels, sides and numbers in a phrase stand
//! for any of their kind.

use crate::assertion::{self, Assertion};
use crate::level::{groups, mentions, sides};
use crate::sections::{Part, sentences};
use crate::text::Doc;
use iambilly_claim::ids::{DictationId, PhraseRuleId};
use iambilly_claim::{
    CodedDiagnosis, CodedLine, Coding, Correction, Evidence, NotBilled, PhraseRule, Proof, ReadBy, Subject,
};
use std::collections::{BTreeMap, BTreeSet};

/// In how many dictations a correction must recur before a rule is offered.
pub const RECURS: usize = 3;
/// Shortest and longest phrase, in words.
const WORDS: std::ops::RangeInclusive<usize> = 2..=8;
/// Confidence of a code that a local rule gave: a person accepted the rule, nobody has seen this note.
const CONFIDENCE: f32 = 0.8;

/// A word in the form phrases compare, with its place in the text.
struct Token {
    word: String,
    start: usize,
    end: usize,
}

/// Words of little meaning: a phrase neither starts nor ends with one.
const EMPTY: &[&str] = &[
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "then", "this", "to", "was",
    "were", "with", "is", "are", "we", "i",
];

fn tokens(doc: &Doc) -> Vec<Token> {
    let text = &doc.norm;
    let mut marks: Vec<(usize, usize, &str)> =
        groups(text, &mentions(text)).iter().map(|g| (g.start, g.end, "<level>")).collect();
    marks.extend(sides(text).iter().map(|s| (s.0, s.1, "<side>")));
    marks.sort_unstable();
    let mut out: Vec<Token> = vec![];
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if let Some((start, end, mark)) = marks.iter().find(|m| m.0 <= at && at < m.1) {
            out.push(Token { word: (*mark).to_owned(), start: *start, end: *end });
            at = *end;
            continue;
        }
        let word = |c: &u8| c.is_ascii_alphanumeric();
        if !word(&bytes[at]) {
            at += 1;
            continue;
        }
        let limit = marks.iter().map(|m| m.0).filter(|s| *s > at).min().unwrap_or(bytes.len());
        let end = (at..limit).find(|i| !word(&bytes[*i])).unwrap_or(limit);
        let found = doc.slice(at, end);
        let number = found.bytes().all(|c| c.is_ascii_digit());
        let word = if number { "<number>" } else { found };
        out.push(Token { word: word.to_owned(), start: at, end });
        at = end;
    }
    out
}

fn words(text: &str) -> Vec<String> {
    tokens(&Doc::new(text)).into_iter().map(|t| t.word).collect()
}

/// The phrases a passage holds, as runs of words that mean something.
fn phrases(passages: &[Evidence]) -> BTreeSet<String> {
    let dull = |w: &String| EMPTY.contains(&w.as_str()) || w.starts_with('<');
    let mut out = BTreeSet::new();
    for passage in passages {
        let words = words(passage.quote.expose());
        for length in WORDS {
            for run in words.windows(length) {
                let edges = [run.first(), run.last()];
                let hollow = run.iter().all(dull);
                if !hollow && edges.into_iter().flatten().all(|w| !EMPTY.contains(&w.as_str())) {
                    out.insert(run.join(" "));
                }
            }
        }
    }
    out
}

/// Rules worth offering: the same change of code, in [`RECURS`] dictations or more, with words in common.
/// Of several phrases the one seen most often is taken, and of those the longest.
#[must_use]
pub fn propose(corrections: &[(DictationId, Correction)]) -> Vec<PhraseRule> {
    type Change = (Subject, Option<String>, Option<String>);
    let mut by_change: BTreeMap<Change, Vec<(DictationId, &Correction)>> = BTreeMap::new();
    for (dictation, c) in corrections {
        let code = |d: &Option<iambilly_claim::Decision>| d.as_ref().map(|d| d.code.clone());
        let change = (c.subject, code(&c.was), code(&c.now));
        if change.1 != change.2 {
            by_change.entry(change).or_default().push((*dictation, c));
        }
    }
    let mut out = vec![];
    for ((subject, was, now), made) in by_change {
        let mut seen: BTreeMap<String, BTreeSet<DictationId>> = BTreeMap::new();
        for (dictation, correction) in made {
            for phrase in phrases(&correction.evidence) {
                seen.entry(phrase).or_default().insert(dictation);
            }
        }
        let best = seen
            .into_iter()
            .filter(|(_, dictations)| dictations.len() >= RECURS)
            .max_by_key(|(phrase, dictations)| (dictations.len(), phrase.split(' ').count(), phrase.len()));
        if let Some((phrase, dictations)) = best {
            let seen = u32::try_from(dictations.len()).unwrap_or(u32::MAX);
            out.push(PhraseRule { phrase: phrase.into(), subject, was, now, seen });
        }
    }
    out
}

/// Where a phrase stands in some tokens.
fn find(tokens: &[Token], phrase: &[&str]) -> Option<(usize, usize)> {
    let run = tokens
        .windows(phrase.len().max(1))
        .find(|run| run.iter().map(|t| t.word.as_str()).eq(phrase.iter().copied()))?;
    Some((run.first()?.start, run.last()?.end))
}

/// Applies accepted rules to a coding of `text`. Rules are applied in order, each once.
pub fn apply(coding: &mut Coding, text: &str, rules: &[(PhraseRuleId, PhraseRule)]) {
    for (id, rule) in rules {
        let phrase: Vec<&str> = rule.phrase.expose().split(' ').collect();
        let holds = |proof: &Proof| {
            proof.passages().iter().any(|p| find(&tokens(&Doc::new(p.quote.expose())), &phrase).is_some())
        };
        let why = format!("LOCAL {id}: a rule this clinic accepted after {} corrections", rule.seen);
        match (rule.subject, &rule.was, &rule.now) {
            (Subject::Line, Some(was), now) => {
                let mut gone = vec![];
                coding.lines.retain_mut(|line| {
                    if line.code.as_str() != was || !holds(&line.evidence) {
                        return true;
                    }
                    match now.as_ref().and_then(|c| c.parse().ok()) {
                        Some(code) => {
                            line.code = code;
                            line.why.clone_from(&why);
                            line.confidence = line.confidence.min(CONFIDENCE);
                            true
                        }
                        None => {
                            gone.push(NotBilled {
                                code: line.code.clone(),
                                reason: "This clinic does not bill it for these words.".to_owned(),
                                rule: format!("LOCAL {id}"),
                                evidence: line.evidence.clone(),
                            });
                            false
                        }
                    }
                });
                coding.not_billed.extend(gone);
            }
            (Subject::Diagnosis, Some(was), Some(now)) => {
                for d in coding.diagnoses.iter_mut().filter(|d| d.code.as_str() == was && holds(&d.evidence))
                {
                    if let Ok(code) = now.parse() {
                        d.code = code;
                        d.why.clone_from(&why);
                        d.confidence = d.confidence.min(CONFIDENCE);
                    }
                }
            }
            (Subject::Diagnosis, Some(was), None) => {
                let gone: Vec<usize> = (0..coding.diagnoses.len())
                    .filter(|i| {
                        coding.diagnoses[*i].code.as_str() == was && holds(&coding.diagnoses[*i].evidence)
                    })
                    .collect();
                remove_diagnoses(coding, &gone);
            }
            (subject, None, Some(now)) => add(coding, text, &phrase, subject, now, &why),
            (_, None, None) => {}
        }
    }
    if let Some(made_by) = &mut coding.made_by {
        made_by.phrase_rules = rules.iter().map(|(id, _)| id.to_string()).collect();
    }
}

/// Takes diagnoses away; pointers move up with those that stay.
fn remove_diagnoses(coding: &mut Coding, gone: &[usize]) {
    let letter = |i: usize| u8::try_from(i).ok().map(|i| char::from(b'A'.saturating_add(i)));
    let stay: Vec<usize> = (0..coding.diagnoses.len()).filter(|i| !gone.contains(i)).collect();
    for line in &mut coding.lines {
        line.pointers = stay
            .iter()
            .enumerate()
            .filter(|(_, old)| letter(**old).is_some_and(|l| line.pointers.contains(&l)))
            .filter_map(|(new, _)| letter(new))
            .collect();
        if line.pointers.is_empty() && !stay.is_empty() {
            line.pointers.push('A');
        }
    }
    let mut index = 0;
    coding.diagnoses.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}

/// Adds a code where its words stand as done, not denied, planned or past.
fn add(coding: &mut Coding, text: &str, phrase: &[&str], subject: Subject, code: &str, why: &str) {
    let there = match subject {
        Subject::Line => coding.lines.iter().any(|l| l.code.as_str() == code),
        Subject::Diagnosis => coding.diagnoses.iter().any(|d| d.code.as_str() == code),
    };
    if there {
        return;
    }
    let doc = Doc::new(text);
    let all = tokens(&doc);
    let stated = sentences(&doc).into_iter().find_map(|s| {
        let inside: Vec<&Token> = all.iter().filter(|t| t.start >= s.start && t.end <= s.end).collect();
        let run = inside
            .windows(phrase.len().max(1))
            .find(|run| run.iter().map(|t| t.word.as_str()).eq(phrase.iter().copied()))?;
        let (start, end) = (run.first()?.start, run.last()?.end);
        let listed = s.part == Part::Procedures;
        let read = if listed { assertion::read_listed } else { assertion::read };
        let done = read(&doc.norm, (s.start, s.end), start, end) == Assertion::Done;
        (done && !matches!(s.part, Part::History | Part::Plan)).then_some((start, end))
    });
    let Some(proof) = stated.and_then(|(a, b)| doc.evidence(a, b)).map(Proof::of) else { return };
    match subject {
        Subject::Line => {
            let Ok(code) = code.parse() else { return };
            coding.lines.push(CodedLine {
                code,
                units: 1,
                modifiers: vec![],
                pointers: if coding.diagnoses.is_empty() { vec![] } else { vec!['A'] },
                levels: vec![],
                laterality: None,
                evidence: proof,
                confidence: CONFIDENCE,
                source: ReadBy::Rules,
                why: why.to_owned(),
            });
        }
        Subject::Diagnosis => {
            let Ok(code) = code.parse() else { return };
            coding.diagnoses.push(CodedDiagnosis {
                code,
                evidence: proof,
                confidence: CONFIDENCE,
                source: ReadBy::Rules,
                why: why.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RECURS, apply, propose, words};
    use crate::{Context, Reader, code, edit};
    use iambilly_claim::ids::{DictationId, PhraseRuleId};
    use iambilly_claim::{Coding, Correction, Subject, Transcript};
    use jiff::civil::date;
    use serde_json::json;
    use uuid::Uuid;

    fn note(levels: &str, side: &str) -> String {
        format!(
            "Postoperative diagnosis: lumbar disc herniation {levels} with radiculopathy.\n\
             Procedure performed: {side} {levels} microdiscectomy. A tubular retractor was docked."
        )
    }

    fn drafted(text: &str) -> Coding {
        let context = Context { dos: date(2026, 2, 2), payer: "medicare".into() };
        code(&Transcript::typed(text), &context, Reader::Rules, None)
    }

    fn corrected(n: u128, text: &str, change: serde_json::Value) -> (DictationId, Correction) {
        let edits: Vec<edit::Edit> = serde_json::from_value(change).unwrap();
        let (_, mut made) = edit::apply(&drafted(text), &edits, text).unwrap();
        (DictationId::new(Uuid::from_u128(n)), made.remove(0))
    }

    #[test]
    fn words_of_a_kind_are_one_word() {
        assert_eq!(
            words("Left L4-5 microdiscectomy, 2 hours"),
            ["<side>", "<level>", "microdiscectomy", "<number>", "hours"]
        );
    }

    #[test]
    fn a_recurring_change_becomes_a_rule_that_acts_where_its_words_stand() {
        let change = json!([{"op": "set_line", "line": 1, "code": "62380"}]);
        let sites = [("L4-5", "Left"), ("L5-S1", "Right"), ("L3-4", "Left")];
        let made: Vec<_> =
            (1..).zip(sites).map(|(n, (l, s))| corrected(n, &note(l, s), change.clone())).collect();
        assert!(propose(&made[..RECURS - 1]).is_empty(), "two are not enough");
        let again: Vec<_> = (0..5).map(|_| made[0].clone()).collect();
        assert!(propose(&again).is_empty(), "one dictation edited five times is one");

        let rules = propose(&made);
        assert_eq!(rules.len(), 1);
        let rule = &rules[0];
        assert_eq!((rule.was.as_deref(), rule.now.as_deref(), rule.seen), (Some("63030"), Some("62380"), 3));
        assert!(rule.phrase.expose().contains("microdiscectomy"), "{}", rule.phrase.expose());

        let accepted = [(PhraseRuleId::new(Uuid::from_u128(7)), rule.clone())];
        let fresh = note("L2-3", "Right");
        let mut coding = drafted(&fresh);
        apply(&mut coding, &fresh, &accepted);
        assert_eq!(coding.lines[0].code.as_str(), "62380");
        assert!(coding.lines[0].why.starts_with("LOCAL "));
        assert!(coding.lines[0].evidence.passages().iter().all(|e| e.matches(&fresh)));

        let other = "Procedure performed: Right L2-3 hemilaminectomy and discectomy for herniated disc.";
        let mut coding = drafted(other);
        let before = coding.lines.clone();
        apply(&mut coding, other, &accepted);
        assert_eq!(coding.lines, before, "other words are left alone");
    }

    #[test]
    fn an_added_code_is_learned_but_not_from_a_denial() {
        let text = |n: u32| format!("{} A tubular retractor was docked at case {n}.", note("L4-5", "Left"));
        let change = |t: &str| {
            let at = t.rfind("A tubular").unwrap();
            json!([{"op": "add_line", "code": "69990", "evidence": {"start": at, "end": at + 30}}])
        };
        let made: Vec<_> = (1..=3u32).map(|n| corrected(u128::from(n), &text(n), change(&text(n)))).collect();
        let rule = propose(&made).remove(0);
        assert_eq!(
            (rule.subject, rule.was.as_deref(), rule.now.as_deref()),
            (Subject::Line, None, Some("69990"))
        );
        let accepted = [(PhraseRuleId::new(Uuid::from_u128(7)), rule)];
        let codes = |text: &str| {
            let mut coding = drafted(text);
            apply(&mut coding, text, &accepted);
            coding.lines.iter().map(|l| l.code.to_string()).collect::<Vec<_>>()
        };
        assert!(codes(&note("L4-5", "Left")).contains(&"69990".to_owned()));
        let denied =
            note("L4-5", "Left").replace("A tubular retractor was docked", "No tubular retractor was docked");
        assert!(!codes(&denied).contains(&"69990".to_owned()));
    }

    #[test]
    fn a_dropped_line_is_explained() {
        let change = json!([{"op": "remove_line", "line": 1}]);
        let sites = [("L4-5", "Left"), ("L5-S1", "Right"), ("L3-4", "Left")];
        let made: Vec<_> =
            (1..).zip(sites).map(|(n, (l, s))| corrected(n, &note(l, s), change.clone())).collect();
        let accepted = [(PhraseRuleId::new(Uuid::from_u128(7)), propose(&made).remove(0))];
        let fresh = note("L2-3", "Right");
        let mut coding = drafted(&fresh);
        apply(&mut coding, &fresh, &accepted);
        assert!(coding.lines.iter().all(|l| l.code.as_str() != "63030"));
        assert!(coding.not_billed.iter().any(|n| n.code.as_str() == "63030" && n.rule.starts_with("LOCAL")));
    }
}
