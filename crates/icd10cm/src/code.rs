//! How codes are written.

use std::borrow::Cow;

/// A code without its dot, in capitals.
pub(crate) fn bare(code: &str) -> Cow<'_, str> {
    if code.bytes().any(|b| b == b'.' || b.is_ascii_lowercase() || b == b' ') {
        code.chars().filter(|c| !matches!(c, '.' | ' ')).map(|c| c.to_ascii_uppercase()).collect()
    } else {
        code.into()
    }
}

/// A code as it is written in print: with its dot, in capitals.
#[must_use]
pub fn dotted(code: &str) -> String {
    let code = bare(code);
    let mut chars = code.chars();
    let head: String = chars.by_ref().take(3).collect();
    let tail = chars.as_str();
    if tail.is_empty() { head } else { format!("{head}.{tail}") }
}

/// A code with a 7th character: `X` fills the empty places.
pub(crate) fn extended(code: &str, seventh: char) -> String {
    format!("{code:X<6}{seventh}")
}

#[cfg(test)]
mod tests {
    use super::{bare, dotted, extended};

    #[test]
    fn written_forms() {
        assert_eq!(bare("m48.062"), "M48062");
        assert_eq!(dotted("m48062"), "M48.062");
        assert_eq!(dotted("I10"), "I10");
        assert_eq!(extended("M8008", 'A'), "M8008XA");
        assert_eq!(extended("S22080", 'D'), "S22080D");
    }
}
