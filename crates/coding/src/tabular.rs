//! The words of the tabular list of diseases: whatever a recogniser writes that stands there is spelled right.

use iambilly_icd10cm::Editions;
use std::collections::HashSet;

/// Shorter words sound like too much.
const SHORTEST: usize = 5;

/// Every word of the titles of the shipped editions, in small letters.
pub(crate) fn words() -> HashSet<String> {
    let titles = Editions::shipped().iter().flat_map(|e| e.titles().map(|(_, title)| title));
    let words = titles.flat_map(|t| t.split(|c: char| !c.is_ascii_alphabetic()));
    let distinct: HashSet<&str> = words.filter(|w| w.len() >= SHORTEST).collect();
    distinct.into_iter().map(str::to_ascii_lowercase).collect()
}
