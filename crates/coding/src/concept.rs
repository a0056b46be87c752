//! The concepts of spine work: what the reader looks for, from `data/coding/concepts.toml`.

use crate::text::pattern;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A concept of spine work. The words that name it are data; what follows from it are rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub(crate) enum Concept {
    /// A procedure of the catalogue, by its place there.
    #[serde(skip)]
    Listed(u16),
    Acdf,
    InterbodyPosterior,
    InterbodyAnterior,
    FusionPosterolateral,
    Interbody,
    Fusion,
    Corpectomy,
    Laminoplasty,
    Arthroplasty,
    OsteotomyThreeColumn,
    OsteotomyPosterior,
    PelvicFixation,
    HardwareRemoval,
    FusionExploration,
    Plate,
    IntegratedCage,
    Cage,
    Screws,
    BoneScrews,
    Instrumentation,
    AutograftSeparateStructural,
    MarrowAspirate,
    AutograftSeparate,
    AllograftStructural,
    AllograftMorselised,
    Allograft,
    AutograftLocal,
    DuralRepair,
    Discectomy,
    Transpedicular,
    Laminotomy,
    Laminectomy,
    Facetectomy,
    Foraminotomy,
    Decompression,
    Microscope,
    Fluoroscopy,
    Monitoring,
    Navigation,
    Tongs,
    Sedation,
    LaminaOpened,
    FacetTrimmed,
    ForamenOpened,
    RecessOpened,
    FlavumRemoved,
    DiscRemoved,
    FragmentRemoved,
    FixationRemoved,
}

/// What part a concept plays in a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// Can be a primary service.
    Work,
    /// A component of work that decides its code.
    Part,
    /// An implant.
    Device,
    /// Bone or its substitute.
    Graft,
    /// Imaging, microscope, monitoring, biopsy.
    Aid,
    /// What the hands did to a structure ("the lamina was drilled away"): read beside the named procedures,
    /// from the same words, so that a narrative that names no procedure still tells what was done.
    Act,
}

/// A concept with the patterns that name it.
pub(crate) struct Entry {
    pub(crate) id: Concept,
    pub(crate) role: Role,
    pub(crate) patterns: Vec<Regex>,
    /// A word without which none of the patterns can match: spares most sentences the slow ones.
    pub(crate) gate: Option<Regex>,
}

#[derive(Deserialize)]
struct Row {
    id: Concept,
    role: Role,
    patterns: Vec<String>,
    gate: Option<String>,
}

#[derive(Deserialize)]
struct File {
    /// Word classes: `<name>` in a pattern stands for any of them.
    words: BTreeMap<String, Vec<String>>,
    concept: Vec<Row>,
}

/// Words that may stand between a structure and what was done to it, within one sentence.
const NEAR: &str = r"(?:[^\w.;:]+[\w'/%-]+){0,8}?[^\w.;:]+";

/// Writes out the word classes of a pattern; ` ... ` stands for up to eight words between.
fn expand(pattern: &str, words: &BTreeMap<String, Vec<String>>) -> String {
    words
        .iter()
        .fold(pattern.to_owned(), |p, (name, list)| {
            p.replace(&format!("<{name}>"), &format!("(?:{})", list.join("|")))
        })
        .replace(" ... ", NEAR)
}

const SOURCE: &str = include_str!("../../../data/coding/concepts.toml");

/// The concepts, the specific before the general.
pub(crate) static CONCEPTS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let Ok(File { words, concept }) = toml::from_str::<File>(SOURCE) else { return vec![] };
    concept
        .into_iter()
        .map(|r| Entry {
            id: r.id,
            role: r.role,
            gate: r.gate.as_deref().and_then(pattern),
            patterns: r.patterns.iter().filter_map(|p| pattern(&expand(p, &words))).collect(),
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::{CONCEPTS, File, SOURCE, expand};

    #[test]
    fn every_concept_and_pattern_is_read() {
        let file: File = toml::from_str(SOURCE).unwrap();
        assert!(file.concept.len() > 35);
        for (row, entry) in file.concept.iter().zip(CONCEPTS.iter()) {
            for p in &row.patterns {
                let p = expand(p, &file.words);
                assert!(regex::Regex::new(&p).is_ok() && !p.contains('<'), "{p}");
            }
            assert_eq!(row.patterns.len(), entry.patterns.len());
        }
    }
}
