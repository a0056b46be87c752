//! Sides named in a text.

use super::scan::byte;
use crate::text::{all, re};
use iambilly_claim::coding::Laterality;

re!(SIDE, r"\b(?:left|right|bilaterally|bilateral|both sides|on either side|lt|rt|left-sided|right-sided)\b");

/// Sides named in a text.
pub(crate) fn sides(s: &str) -> Vec<(usize, usize, Laterality)> {
    all(&SIDE, s)
        .into_iter()
        .map(|(a, b)| {
            let side = match byte(s, a) {
                b'l' => Laterality::Left,
                b'r' => Laterality::Right,
                _ => Laterality::Bilateral,
            };
            (a, b, side)
        })
        .collect()
}
