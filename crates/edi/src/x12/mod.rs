//! X12 as bytes: segments out and in, and the envelope around them. What they mean stands in the other folders.

pub mod envelope;
pub(crate) mod frame;
pub mod reader;
pub mod writer;

pub use envelope::{Envelope, Parties, Usage};
pub use reader::{Segment, SegmentReader};
pub use writer::SegmentWriter;

/// The four separators of an interchange, which its header shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// Between elements (the byte after `ISA`).
    pub element: u8,
    /// Between repetitions (ISA11).
    pub repetition: u8,
    /// Between components (ISA16).
    pub component: u8,
    /// After a segment (the byte after ISA16).
    pub segment: u8,
}

/// Those that this program writes: the usual ones.
pub const OURS: Separators = Separators { element: b'*', repetition: b'^', component: b':', segment: b'~' };

impl Separators {
    /// Whether they can be told from each other and from what stands between them.
    #[must_use]
    pub fn usable(self) -> bool {
        let all = [self.element, self.repetition, self.component, self.segment];
        let unfit =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'.') || *b >= 0x7f || *b == 0;
        let mut sorted = all;
        sorted.sort_unstable();
        !all.iter().any(unfit) && sorted.windows(2).all(|w| w.first() != w.last())
    }
}
