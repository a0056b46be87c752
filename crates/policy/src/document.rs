//! A policy as it was read: blocks in reading order, each with its page.

use serde::{Deserialize, Serialize};

/// A document in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Number of pages; 1 for files without pages.
    pub pages: u32,
    /// Its content in reading order, without running headers and footers.
    pub blocks: Vec<Block>,
    /// Running headers and footers, each once: they often name payer and policy.
    pub furniture: Vec<String>,
    /// Pages that hold pictures but no text, from 1.
    pub pages_without_text: Vec<u32>,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Page it begins on, from 1.
    pub page: u32,
    /// What it is.
    #[serde(flatten)]
    pub content: Content,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Content {
    /// A heading; level 1 is the title.
    Heading {
        /// 1 for the title, 2 for a section, and so on.
        level: u8,
        /// Its words.
        text: String,
    },
    /// Running text.
    Paragraph {
        /// Its words.
        text: String,
    },
    /// An item of a list: very often one criterion.
    Item {
        /// `1.`, `a.`, `(ii)` or a bullet.
        marker: String,
        /// Its words without the marker.
        text: String,
        /// 0 for the outer list.
        depth: u8,
    },
    /// A row of a table.
    Row {
        /// The header's cells, empty where the table has none.
        header: Vec<String>,
        /// The row's cells.
        cells: Vec<String>,
    },
}

impl Block {
    /// Its words as one line: a row as `Header: cell; …`.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.content {
            Content::Heading { text, .. } | Content::Paragraph { text } | Content::Item { text, .. } => {
                text.clone()
            }
            Content::Row { header, cells } => row_text(header, cells),
        }
    }
}

fn row_text(header: &[String], cells: &[String]) -> String {
    let named = |(at, cell): (usize, &String)| match header.get(at).filter(|h| !h.is_empty()) {
        Some(head) => format!("{head}: {cell}"),
        None => cell.clone(),
    };
    let filled = cells.iter().enumerate().filter(|(_, c)| !c.is_empty());
    filled.map(named).collect::<Vec<_>>().join("; ")
}

impl Document {
    /// The title: the first heading of the highest level on the first pages.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.blocks
            .iter()
            .filter(|b| b.page <= 2)
            .filter_map(|b| match &b.content {
                Content::Heading { level, text } => Some((*level, text.as_str())),
                _ => None,
            })
            .min_by_key(|(level, _)| *level)
            .map(|(_, text)| text)
    }
}
