//! Sets of procedure codes, as the rules list them: compared as numbers, not as texts.

use serde::Deserialize;

/// A code as a number, its length before its bytes; codes of more than seven bytes are none that a rule could name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u64);

impl Key {
    /// The key of a code in capitals.
    pub(crate) fn of(code: &str) -> Self {
        let bytes = code.as_bytes();
        let length = match u64::try_from(bytes.len()) {
            Ok(n @ 0..=7) => n,
            _ => return Self(u64::MAX),
        };
        Self(bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)) | length << 56)
    }
}

/// A set of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<String>")]
pub(crate) struct Codes {
    /// In order.
    keys: Vec<Key>,
    /// As the rule lists them.
    texts: Vec<String>,
}

impl From<Vec<String>> for Codes {
    fn from(texts: Vec<String>) -> Self {
        let mut keys: Vec<Key> = texts.iter().map(|c| Key::of(c)).collect();
        keys.sort_unstable();
        Self { keys, texts }
    }
}

impl Codes {
    /// Whether a code is one of them.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.keys.binary_search(&key).is_ok()
    }
    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
    /// The codes as listed, with a comma between them.
    pub(crate) fn listed(&self) -> String {
        self.texts.join(", ")
    }
    /// The codes as listed.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, String> {
        self.texts.iter()
    }
}

impl<'a> IntoIterator for &'a Codes {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{Codes, Key};

    #[test]
    fn a_code_is_found_as_it_is_written() {
        let codes = Codes::from(["63047", "22551", "G0453"].map(str::to_owned).to_vec());
        for (code, expected) in [
            ("63047", true),
            ("G0453", true),
            ("63048", false),
            ("", false),
            ("063047", false),
            ("g0453", false),
            ("630470000000", false),
        ] {
            assert_eq!(codes.has(Key::of(code)), expected, "{code}");
        }
        assert_eq!(codes.iter().next().map(String::as_str), Some("63047"), "as listed");
    }
}
