//! Segments into bytes, with our own separators and no line ends: the terminator is one character.

use super::OURS;

/// Writes segments one after another.
#[derive(Debug, Default)]
pub struct SegmentWriter {
    out: Vec<u8>,
    segments: usize,
}

impl SegmentWriter {
    /// A writer with nothing written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a segment; empty elements at its end are left off, as the standard wants.
    pub fn segment(&mut self, id: &str, elements: &[&str]) {
        let filled = elements.iter().rposition(|e| !e.is_empty()).map_or(0, |last| last + 1);
        self.out.extend_from_slice(id.as_bytes());
        for element in elements.iter().take(filled) {
            self.out.push(OURS.element);
            self.out.extend_from_slice(element.as_bytes());
        }
        self.out.push(OURS.segment);
        self.segments += 1;
    }

    /// Segments written so far.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.segments
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }
}

/// Components of an element; empty ones at its end are left off.
#[must_use]
pub fn composite(components: &[&str]) -> String {
    let filled = components.iter().rposition(|c| !c.is_empty()).map_or(0, |last| last + 1);
    components.get(..filled).unwrap_or_default().join(":")
}
