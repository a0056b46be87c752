//! Levels of headings from their numbers, whatever kind of file they come from.

use crate::document::{Block, Content};
use regex::Regex;
use std::sync::LazyLock;

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:section|chapter|part|article|appendix)\s+([0-9]{1,2}|[A-Z]|[IVX]{1,5})\b|([A-Z]|[0-9]{1,2})((?:\.[0-9]{1,2})+)\.?\s|([0-9]{1,2}|[A-Z]|[IVX]{1,5})\.\s)").ok()
});

/// How deep the number before a title is: `3.` 1, `3.1` 2, `A.4` 2, `Section B` 1.
pub(crate) fn number_depth(title: &str) -> Option<u8> {
    let lower = title.to_ascii_lowercase();
    let folded = ["section", "chapter", "part", "article", "appendix"].iter().any(|w| lower.starts_with(w));
    let text = if folded {
        // The word in any case, its number as printed.
        let mut words = title.splitn(2, ' ');
        format!(
            "{} {}",
            words.next().unwrap_or_default().to_ascii_lowercase(),
            words.next().unwrap_or_default()
        )
    } else {
        title.to_owned()
    };
    let found = NUMBER.as_ref()?.captures(&text)?;
    match found.get(3) {
        Some(rest) => u8::try_from(1 + rest.as_str().matches('.').count()).ok(),
        None => Some(1),
    }
}

/// Gives headings levels that nest: the title 1, numbered sections by their numbers, others by their size.
pub(crate) fn level_headings(blocks: &mut [Block]) {
    let any_numbered = blocks
        .iter()
        .any(|b| matches!(&b.content, Content::Heading { text, .. } if number_depth(text).is_some()));
    let mut title_seen = false;
    let mut deepest = 1;
    for block in blocks {
        let Content::Heading { level, text } = &mut block.content else { continue };
        let depth = number_depth(text);
        *level = match depth {
            Some(depth) => depth + 1,
            None if !title_seen => 1,
            // An unnumbered heading among numbered ones stands at the top, unless it is set small.
            None if any_numbered => (*level).clamp(2, 2 + u8::from(*level > 3) * deepest),
            None => (*level).max(2),
        };
        title_seen = true;
        deepest = if depth.is_some() { *level } else { deepest };
    }
}

#[cfg(test)]
mod tests {
    use super::number_depth;

    #[test]
    fn numbers_before_titles_say_how_deep() {
        for (title, depth) in [
            ("1. Scope", Some(1)),
            ("3.2 Levels", Some(2)),
            ("3.2.1. Levels of care", Some(3)),
            ("A.4 Frequency", Some(2)),
            ("Section B. Facet criteria", Some(1)),
            ("CHAPTER 4 Short criteria", Some(1)),
            ("IV. Limits", Some(1)),
            ("A new title", None),
            ("22633 and its add-on", None),
            ("Definitions", None),
        ] {
            assert_eq!(number_depth(title), depth, "{title}");
        }
    }
}
