//! Reader of payer policies: PDF, HTML, spreadsheets, Markdown and text to a [`Document`].
//!
//! The files come from strangers, so this runs in a process of its own that has given up the network, files, other
//! programs and most of the machine's memory and time ([`limits`]). It gets the bytes on standard input and gives one
//! JSON value on standard output ([`Answer`]); whoever started it takes its death for "damaged".

pub mod html;
pub mod limits;
pub mod pdf;
pub mod picture;
pub mod sheet;

use iambilly_policy::Document;
pub use iambilly_policy::reading::{Answer, MAX_BYTES, MAX_PAGES, Refusal};

/// Reads a file; `name` only tells Markdown from text and a table of commas from both.
///
/// # Errors
/// A [`Refusal`] with its reason.
pub fn read(bytes: &[u8], name: &str) -> Result<Document, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let start = bytes.get(..1024.min(bytes.len())).unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let document = if start.windows(5).any(|w| w == b"%PDF-") {
        pdf::read(bytes)?
    } else if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xD0\xCF\x11\xE0") {
        sheet::workbook(bytes)?
    } else {
        let text = text(bytes)?;
        let head = text
            .trim_start()
            .get(..256.min(text.trim_start().len()))
            .unwrap_or_default()
            .to_ascii_lowercase();
        if head.starts_with("<!doctype html")
            || head.contains("<html")
            || name.ends_with(".html")
            || name.ends_with(".htm")
        {
            html::read(&text)?
        } else if name.ends_with(".csv") {
            sheet::commas(&text)?
        } else if name.ends_with(".md") || name.ends_with(".markdown") {
            iambilly_policy::markdown::markdown(&text)
        } else {
            iambilly_policy::markdown::plain(&text)
        }
    };
    if document.pages > MAX_PAGES {
        return Err(Refusal::TooManyPages { pages: document.pages });
    }
    if document.blocks.is_empty() && document.pages_without_text.is_empty() {
        return Err(Refusal::Empty);
    }
    Ok(document)
}

/// UTF-8 (or UTF-16 with its mark) as text; anything with control characters is no text.
fn text(bytes: &[u8]) -> Result<String, Refusal> {
    let wide = |big: bool, rest: &[u8]| {
        let units = rest.chunks_exact(2).filter_map(|c| <[u8; 2]>::try_from(c).ok());
        let units = units.map(|c| if big { u16::from_be_bytes(c) } else { u16::from_le_bytes(c) });
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect::<String>()
    };
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(false, rest),
        [0xFE, 0xFF, rest @ ..] => wide(true, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // Windows' Latin letters: a byte each.
            Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
        },
    };
    let strange =
        text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')).count();
    if strange * 200 > text.chars().count() { Err(Refusal::Unknown) } else { Ok(text) }
}
