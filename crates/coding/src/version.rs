//! Versions of what a coding is made with: the catalogue and the question put to the language model.
//!
//! The digest is of the shipped data itself, so that a draft names exactly the words it was read with.

use crate::llm;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Every file of `data/coding`, by name; a test holds the list complete.
const DATA: &[(&str, &str)] = &[
    ("codes.tsv", include_str!("../../../data/coding/codes.tsv")),
    ("concepts.toml", include_str!("../../../data/coding/concepts.toml")),
    ("diagnoses.toml", include_str!("../../../data/coding/diagnoses.toml")),
    ("english.txt", include_str!("../../../data/coding/english.txt")),
    ("expected.txt", include_str!("../../../data/coding/expected.txt")),
    ("lexicon.txt", include_str!("../../../data/coding/lexicon.txt")),
    ("procedures.toml", include_str!("../../../data/coding/procedures.toml")),
    ("rvu.tsv", include_str!("../../../data/coding/rvu.tsv")),
    ("visits.toml", include_str!("../../../data/coding/visits.toml")),
];

static CATALOGUE: LazyLock<String> =
    LazyLock::new(|| stamp(DATA.iter().flat_map(|(name, text)| [*name, *text])));
static PROMPT: LazyLock<String> = LazyLock::new(|| stamp([llm::SYSTEM, llm::GRAMMAR].into_iter()));

/// The program's version and the first eight hex digits of a SHA-256 over some texts, each with its length.
fn stamp<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let digest = format!("{:x}", hash.finalize());
    format!("{}+{}", env!("CARGO_PKG_VERSION"), digest.get(..8).unwrap_or_default())
}

/// Version and digest of the catalogue: concepts, codes, diagnoses and lexicon.
#[must_use]
pub fn catalogue_version() -> &'static str {
    &CATALOGUE
}

/// Version and digest of the question put to the language model.
#[must_use]
pub fn prompt_version() -> &'static str {
    &PROMPT
}

#[cfg(test)]
mod tests {
    use super::{DATA, catalogue_version, prompt_version, stamp};

    #[test]
    fn every_file_of_the_catalogue_counts() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/coding");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|f| f.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != "README.md")
            .collect();
        files.sort();
        assert_eq!(files, DATA.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn another_text_is_another_version() {
        assert_ne!(stamp(["ab", "c"].into_iter()), stamp(["a", "bc"].into_iter()));
        assert_ne!(catalogue_version(), prompt_version());
    }
}
