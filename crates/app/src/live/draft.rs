//! What is already understood of a piece that goes on.
//!
//! While the recogniser has nothing else to do, the unfinished piece is recognised in full up to its latest
//! short pause. If nothing but silence follows, that is the piece's text, and it is there at once when the
//! speaker stops; if he stops later, only the words since the pause are left to do.

use iambilly_speech::{Piece, RECOGNISER_RATE};
use iambilly_worker_protocol::Recognised;

/// An unfinished piece up to a pause in it, recognised.
pub(super) struct Draft {
    at: At,
    /// What was recognised.
    pub(super) part: Recognised,
}

/// A piece up to a pause: its first sample, the end of its last voice, and where the silence kept ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    start: u64,
    voiced_until: u64,
    sure: u64,
    end: u64,
}

/// Voice so short that nobody surely spoke in it is a click, of the very button perhaps: 160 ms.
const CLICK: u64 = RECOGNISER_RATE as u64 * 16 / 100;
/// Voice shorter than this is not shown to the recogniser alone, which would make words up for it: 400 ms, with
/// 96 ms of it sure.
const SHORT: u64 = RECOGNISER_RATE as u64 * 4 / 10;
const LITTLE: u64 = RECOGNISER_RATE as u64 * 96 / 1000;

/// What is left to recognise of a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rest {
    /// All of it.
    Whole,
    /// What comes after the draft.
    After(Piece),
    /// Nothing but silence.
    Nothing,
}

impl At {
    pub(super) const fn of(piece: &Piece) -> Self {
        let end = piece.start + piece.samples.len() as u64;
        Self { start: piece.start, voiced_until: piece.voiced_until, sure: piece.sure, end }
    }

    /// Whether all words of a piece lie before it.
    pub(super) fn holds(&self, piece: &Piece) -> bool {
        let more = piece.sure > self.sure;
        self.start == piece.start && self.grown(piece) <= if more { 0 } else { CLICK }
    }

    /// Samples of voice that a later pause adds to it.
    pub(super) const fn grown(&self, later: &Piece) -> u64 {
        if self.start == later.start {
            later.voiced_until.saturating_sub(self.voiced_until)
        } else {
            u64::MAX
        }
    }
}

impl Draft {
    pub(super) const fn new(at: At, part: Recognised) -> Self {
        Self { at, part }
    }

    pub(super) const fn at(&self) -> At {
        self.at
    }

    /// What is left of a piece.
    pub(super) fn rest(&self, piece: &Piece) -> Rest {
        if self.at.start != piece.start {
            return Rest::Whole;
        }
        if self.at.holds(piece) {
            return Rest::Nothing;
        }
        if self.at.grown(piece) < SHORT || piece.sure.saturating_sub(self.at.sure) < LITTLE {
            return Rest::Whole;
        }
        piece.after(self.at.end).map_or(Rest::Nothing, Rest::After)
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Draft, Rest};
    use iambilly_speech::Piece;
    use iambilly_worker_protocol::Recognised;

    fn piece(start: u64, voiced_until: u64, length: usize, sure: u64) -> Piece {
        Piece { start, voiced_until, sure, samples: vec![0.1; length] }
    }

    #[test]
    fn what_is_left_to_do() {
        let nothing = Recognised { language: "en".to_owned(), segments: vec![], elapsed_ms: 0 };
        let draft = Draft::new(At::of(&piece(100, 90_000, 100_000, 50_000)), nothing);
        let cases = [
            (piece(100, 90_000, 140_000, 50_000), Rest::Nothing, "only silence came"),
            (piece(100, 90_000, 85_000, 50_000), Rest::Nothing, "the stop came within the silence"),
            (piece(100, 92_000, 102_000, 50_000), Rest::Nothing, "a click came"),
            (piece(100, 92_000, 102_000, 50_256), Rest::Whole, "perhaps a short word"),
            (piece(100, 99_000, 110_000, 50_256), Rest::Whole, "a mumble"),
            (
                piece(100, 180_000, 190_000, 99_000),
                Rest::After(piece(100_100, 180_000, 90_000, 99_000)),
                "words came",
            ),
            (piece(200_000, 290_000, 100_000, 50_000), Rest::Whole, "another piece"),
        ];
        for (given, left, why) in cases {
            assert_eq!(draft.rest(&given), left, "{why}");
        }
        assert_eq!(draft.at().grown(&piece(100, 170_000, 200_000, 0)), 80_000);
        assert_eq!(draft.at().grown(&piece(7, 170_000, 200_000, 0)), u64::MAX);
    }
}
