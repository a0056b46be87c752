//! The concepts of spine work: what the reader looks for, from `data/coding/concepts.toml`.

use crate::text::pattern;
use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

/// A concept of spine work. The words that name it are data; what follows from it are rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub(crate) enum Concept {
    Acdf,
    InterbodyPosterior,
    InterbodyAnterior,
    SacroiliacFusion,
    FusionPosterolateral,
    Interbody,
    Fusion,
    Corpectomy,
    Laminoplasty,
    Arthroplasty,
    OsteotomyThreeColumn,
    OsteotomyPosterior,
    TumorRemoval,
    FractureOpen,
    Kyphoplasty,
    Vertebroplasty,
    TransforaminalEpidural,
    CaudalEpidural,
    Epidurogram,
    Adhesiolysis,
    EpiduralInjection,
    BasivertebralAblation,
    InterspinousDevice,
    FacetAblation,
    SacroiliacNerveBlock,
    SacroiliacInjection,
    FacetInjection,
    SympatheticBlock,
    StimulatorTrial,
    StimulatorLeadRemoval,
    StimulatorGeneratorRemoval,
    StimulatorPaddle,
    StimulatorGenerator,
    Pump,
    PumpCatheter,
    Manipulation,
    LumbarPuncture,
    DeepDrainage,
    HematomaEvacuation,
    ForeignBody,
    PelvicFixation,
    HardwareRemoval,
    FusionExploration,
    Plate,
    IntegratedCage,
    Cage,
    Screws,
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
    Biopsy,
    Tongs,
    Sedation,
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
}

/// A concept with the patterns that name it.
pub(crate) struct Entry {
    pub(crate) id: Concept,
    pub(crate) role: Role,
    pub(crate) patterns: Vec<Regex>,
}

#[derive(Deserialize)]
struct Row {
    id: Concept,
    role: Role,
    patterns: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    concept: Vec<Row>,
}

const SOURCE: &str = include_str!("../../../data/coding/concepts.toml");

/// The concepts, the specific before the general.
pub(crate) static CONCEPTS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let rows = toml::from_str::<File>(SOURCE).map(|f| f.concept).unwrap_or_default();
    rows.into_iter()
        .map(|r| Entry {
            id: r.id,
            role: r.role,
            patterns: r.patterns.iter().filter_map(|p| pattern(p)).collect(),
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::{CONCEPTS, File, SOURCE};

    #[test]
    fn every_concept_and_pattern_is_read() {
        let file: File = toml::from_str(SOURCE).unwrap();
        assert!(file.concept.len() > 60);
        for (row, entry) in file.concept.iter().zip(CONCEPTS.iter()) {
            for p in &row.patterns {
                assert!(regex::Regex::new(p).is_ok(), "{p}");
            }
            assert_eq!(row.patterns.len(), entry.patterns.len());
        }
    }
}
