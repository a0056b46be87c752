//! Spreadsheets of rules: each sheet a section, its first full row the header.

use crate::Refusal;
use calamine::{Data, Reader as _, open_workbook_auto_from_rs};
use iambilly_policy::{Block, Content, Document};
use std::io::Cursor;

/// Most cells read of a file.
const CELLS: usize = 2_000_000;

/// XLSX, XLS or ODS.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::TooLarge`].
pub fn workbook(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    let mut blocks = vec![];
    let mut left = CELLS;
    let mut pages = 0_u32;
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|_| Refusal::Damaged)?;
        pages = pages.saturating_add(1);
        left = left.checked_sub(range.width().saturating_mul(range.height())).ok_or(Refusal::TooLarge)?;
        blocks.push(Block { page: pages, content: Content::Heading { level: 2, text: name } });
        let rows = range.rows().map(|row| row.iter().map(cell).collect());
        rows_of(rows, pages, &mut blocks);
    }
    Ok(Document { pages: pages.max(1), blocks, ..Document::default() })
}

/// Values between commas.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::TooLarge`].
pub fn commas(text: &str) -> Result<Document, Refusal> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = vec![];
    let mut left = CELLS;
    for record in reader.records() {
        let record = record.map_err(|_| Refusal::Damaged)?;
        left = left.checked_sub(record.len()).ok_or(Refusal::TooLarge)?;
        rows.push(record.iter().map(|c| c.trim().to_owned()).collect());
    }
    let mut blocks = vec![];
    rows_of(rows.into_iter(), 1, &mut blocks);
    Ok(Document { pages: 1, blocks, ..Document::default() })
}

fn rows_of(rows: impl Iterator<Item = Vec<String>>, page: u32, blocks: &mut Vec<Block>) {
    let mut header: Option<Vec<String>> = None;
    for cells in rows {
        match cells.iter().filter(|c| !c.is_empty()).count() {
            0 => {}
            // A line above the table is its title or a remark.
            1 if header.is_none() => {
                let text = cells.into_iter().find(|c| !c.is_empty()).unwrap_or_default();
                blocks.push(Block { page, content: Content::Paragraph { text } });
            }
            _ => match &header {
                None => header = Some(cells),
                Some(header) => {
                    blocks.push(Block { page, content: Content::Row { header: header.clone(), cells } });
                }
            },
        }
    }
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string().trim().to_owned(),
    }
}
