//! Words of a text as search terms: stems, codes and numbers as they are, phrases of the trade.

use regex::Regex;
use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// Words that say nothing of what is asked.
const EMPTY: &[&str] = &[
    "a", "an", "and", "any", "are", "as", "at", "be", "been", "before", "but", "by", "can", "could", "did",
    "do", "does", "each", "ever", "for", "from", "get", "given", "go", "had", "has", "have", "how", "i",
    "if", "in", "into", "is", "it", "its", "long", "many", "may", "more", "much", "must", "my", "need",
    "needed", "needs", "now", "of", "on", "one", "only", "or", "our", "patient", "please", "shall", "should",
    "so", "still", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would",
    "you", "your", "member", "does", "plan", "policy",
];

static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z][0-9]{2}\.[0-9A-Za-z]{1,4}|[CTLSctls][0-9]{1,2}(?:\s?[-/]\s?[CTLSctls]?[0-9]{1,2})+|[A-Za-z]+(?:'[a-z]+)?|[0-9]+(?:\.[0-9]+)?[A-Za-z]?").ok()
});

/// The vocabulary of `data/policies/terms.toml`.
#[derive(Debug, Deserialize)]
struct File {
    groups: Vec<Vec<String>>,
    service: Vec<Service>,
}

/// A service with its codes.
#[derive(Debug, Clone, Deserialize)]
pub struct Service {
    /// Codes and ranges of the first level.
    pub codes: Vec<String>,
    /// Codes of further levels.
    #[serde(default)]
    pub addons: Vec<String>,
    /// `cervical` or `lumbar`, where the codes tell.
    #[serde(default)]
    pub region: String,
    /// Its name in a few plain words.
    pub name: String,
    /// How policies call it.
    pub words: Vec<String>,
}

impl Service {
    /// Whether a code is one of this service's.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().chain(&self.addons).any(|c| match c.split_once('-') {
            Some((low, high)) => code.len() == low.len() && (low..=high).contains(&code),
            None => c == code,
        })
    }
    /// Whether a text in small letters speaks of it.
    #[must_use]
    pub fn named_in(&self, lower: &str) -> bool {
        self.words.iter().any(|w| has_words(lower, w))
    }
}

/// Whether these words stand in a text as whole words.
pub(crate) fn has_words(lower: &str, words: &str) -> bool {
    lower.match_indices(words).any(|(at, found)| {
        let before = lower.get(..at).and_then(|s| s.chars().next_back());
        let after = lower.get(at + found.len()..).and_then(|s| s.chars().next());
        let plural = lower
            .get(at + found.len()..)
            .is_some_and(|s| s.strip_prefix('s').is_some_and(|s| !s.starts_with(char::is_alphanumeric)));
        before.is_none_or(|c| !c.is_alphanumeric()) && (after.is_none_or(|c| !c.is_alphanumeric()) || plural)
    })
}

/// The services of the trade.
#[must_use]
pub fn services() -> &'static [Service] {
    &VOCABULARY.services
}

struct Vocabulary {
    /// Stemmed phrase → stemmed phrases that mean the same.
    alike: HashMap<Vec<String>, Vec<Vec<String>>>,
    longest: usize,
    services: Vec<Service>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("../../../data/policies/terms.toml"));
    let file = file.unwrap_or_else(|_| File { groups: vec![], service: vec![] });
    let mut alike: HashMap<Vec<String>, Vec<Vec<String>>> = HashMap::new();
    let mut longest = 1;
    for group in &file.groups {
        let stemmed: Vec<Vec<String>> =
            group.iter().map(|g| all_terms(g)).filter(|g| !g.is_empty()).collect();
        for member in &stemmed {
            longest = longest.max(member.len());
            let others = stemmed.iter().filter(|o| *o != member).cloned();
            alike.entry(member.clone()).or_default().extend(others);
        }
    }
    Vocabulary { alike, longest, services: file.service }
});

thread_local! {
    static STEMMER: Stemmer = Stemmer::create(Algorithm::English);
}

fn stem(word: &str) -> String {
    STEMMER.with(|s| s.stem(word).into_owned())
}

/// All terms of a text in order, the empty ones too: phrases are found in these.
fn all_terms(text: &str) -> Vec<String> {
    let Some(tokens) = TOKEN.as_ref() else { return vec![] };
    let mut out = vec![];
    for token in tokens.find_iter(text) {
        let token = token.as_str();
        let lower = token.to_ascii_lowercase();
        let first = lower.chars().next().unwrap_or(' ');
        let digits = lower.chars().any(|c| c.is_ascii_digit());
        if digits && first.is_ascii_alphabetic() && !lower.contains('.') && lower.contains(['-', '/']) {
            // A level: itself, and the region it lies in.
            let squeezed: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
            out.push(squeezed);
            out.push(region(first).to_owned());
        } else if digits {
            out.push(lower);
        } else {
            out.push(stem(lower.trim_end_matches("'s")));
        }
    }
    out
}

fn region(first: char) -> String {
    stem(match first {
        'c' => "cervical",
        't' => "thoracic",
        _ => "lumbar",
    })
}

fn is_empty(term: &str) -> bool {
    static STEMMED: LazyLock<Vec<String>> = LazyLock::new(|| EMPTY.iter().map(|w| stem(w)).collect());
    STEMMED.iter().any(|e| e == term)
}

/// The terms of a text that say something.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    let mut out = all_terms(text);
    out.retain(|t| !is_empty(t));
    out
}

/// What a term of a question is worth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Worth {
    /// Its weight.
    pub weight: f32,
    /// It says something by itself: a word of the question, or one that means the same. The words of a phrase do not.
    pub alone: bool,
}

/// The terms of a question with their weights: its own at 1, what means the same lower. `known` says whether the payer
/// uses a word at all: one it never uses hands most of its weight to those that mean the same.
#[must_use]
pub fn question(text: &str, known: &dyn Fn(&str) -> bool) -> BTreeMap<String, Worth> {
    /// Weight of a word that means the same.
    const ALIKE: f32 = 0.45;
    /// The same where the payer uses none of the question's words for it.
    const INSTEAD: f32 = 0.7;
    /// Weight of a word that names the service of a code.
    const SERVICE: f32 = 0.35;
    let mut out: BTreeMap<String, Worth> = BTreeMap::new();
    let mut add = |term: &str, weight: f32, alone: bool| {
        if !is_empty(term) {
            let known = out.entry(term.to_owned()).or_default();
            known.weight = known.weight.max(weight);
            known.alone |= alone;
        }
    };
    let all = all_terms(text);
    for term in &all {
        add(term, 1.0, true);
    }
    for length in 1..=VOCABULARY.longest {
        for phrase in all.windows(length) {
            let Some(others) = VOCABULARY.alike.get(phrase) else { continue };
            let alike = if phrase.iter().any(|t| known(t)) { ALIKE } else { INSTEAD };
            for other in others {
                // A phrase counts as a whole: each of its words less.
                #[allow(clippy::cast_precision_loss, reason = "a handful of words")]
                let weight = alike / (other.len() as f32).sqrt();
                let alone = other.iter().filter(|t| !is_empty(t)).count() == 1;
                for term in other {
                    add(term, weight, alone);
                }
            }
        }
    }
    for code in crate::passage::codes(text) {
        for service in services().iter().filter(|s| s.has(&code)) {
            for term in all_terms(&service.name) {
                add(&term, SERVICE, false);
            }
        }
    }
    out
}

/// A question for a model that turns text into numbers: its codes are numbers to it, so their services are named.
#[must_use]
pub fn spelled_out(text: &str) -> String {
    let mut names: Vec<&str> = vec![];
    for code in crate::passage::codes(text) {
        names.extend(services().iter().filter(|s| s.has(&code)).map(|s| s.name.as_str()));
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|n| seen.insert(*n));
    if names.is_empty() { text.to_owned() } else { format!("{text} ({})", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::{VOCABULARY, Worth, question, services, terms};

    #[test]
    fn the_vocabulary_is_read() {
        assert!(VOCABULARY.alike.len() > 100 && services().len() > 10);
        assert!(services().iter().any(|s| s.has("64635") && s.named_in("before rfa of the joint")));
        assert!(!services().iter().any(|s| s.named_in("rfaq")));
    }

    #[test]
    fn codes_levels_and_stems() {
        assert_eq!(
            terms("The fusions at L4-5 (M51.360), 22633"),
            ["fusion", "l4-5", "lumbar", "m51.360", "22633"]
        );
    }

    #[test]
    fn a_question_means_more_than_its_words() {
        let q = question("Does a smoker need a precert for 64635?", &|_| true);
        assert_eq!(q.get("smoker"), Some(&Worth { weight: 1.0, alone: true }));
        for word in ["nicotin", "author", "ablat"] {
            assert!(q.get(word).is_some_and(|w| w.weight < 1.0), "{word} in {q:?}");
        }
        assert!(!q.contains_key("a"));
        let instead = question("Does a smoker need a precert for 64635?", &|t| t != "smoker");
        let weight = |of: &std::collections::BTreeMap<String, Worth>| of.get("nicotin").map(|w| w.weight);
        assert!(weight(&instead) > weight(&q), "a word the payer never uses");
        assert_eq!(instead.get("author"), q.get("author"));
    }
}
