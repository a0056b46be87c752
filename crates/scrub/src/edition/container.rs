//! The container of an edition: head, checksums, sections.

use super::TableKind;
use crc32fast::hash as crc32;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::ops::Range;

const MAGIC: &[u8; 8] = b"IBRULES1";
const PREFIX: usize = 16;
/// A head larger than this is none.
const HEAD_LIMIT: usize = 1 << 20;

/// Why bytes are not an edition, or rows cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not our file, or of another version of the program.
    #[error("it is not a rule table of this version of the program")]
    Foreign,
    /// Shorter than its head says.
    #[error("it is cut short")]
    Truncated,
    /// A checksum does not fit.
    #[error("its {0} is damaged (the checksum does not fit)")]
    Checksum(&'static str),
    /// The sections contradict each other.
    #[error("its section {0} contradicts the others")]
    Section(&'static str),
    /// More different values than the form can hold.
    #[error("it has more {0} than the form can hold")]
    TooMany(&'static str),
    /// Its file cannot be read.
    #[error("its file cannot be read ({0})")]
    Unreadable(String),
    /// A key is longer than eight ASCII characters or empty.
    #[error("a code is empty, too long or not ASCII")]
    Key,
}

/// A file that an edition was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SourceFile {
    /// Its name, without the folder.
    pub name: String,
    /// SHA-256 of the file as it was given, in hex.
    pub sha256: String,
    /// Rows taken from it.
    pub rows: u64,
}

/// What an edition is: table, edition, dates, origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which table.
    pub kind: TableKind,
    /// Edition as its publisher names it: `2024Q3`, `RVU24C`, `FY2026-04`.
    pub edition: String,
    /// Revision of the edition; a corrected one counts up.
    pub revision: u32,
    /// First date of service it governs.
    pub from: Date,
    /// Last date of service it was published for.
    pub to: Date,
    /// Whether it is for qualifying participants of advanced payment models (relative values from 2026 on).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifying: Option<bool>,
    /// Dollars per RVU in ten-thousandths (relative values only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion: Option<u32>,
    /// Rows in the table.
    pub rows: u64,
    /// Rows that are in force on its last day.
    pub active: u64,
    /// What it was made from.
    pub files: Vec<SourceFile>,
    /// Rationales that rows of a table of pairs refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rationales: Vec<String>,
    #[serde(default)]
    sections: Vec<Section>,
}

impl Head {
    /// A head whose counts and sections are filled in by packing.
    #[must_use]
    pub fn new(kind: TableKind, edition: impl Into<String>, revision: u32, from: Date, to: Date) -> Self {
        Self {
            kind,
            edition: edition.into(),
            revision,
            from,
            to,
            qualifying: None,
            conversion: None,
            rows: 0,
            active: 0,
            files: vec![],
            rationales: vec![],
            sections: vec![],
        }
    }

    /// Bytes of the whole edition, whose head (with what stands before it) takes so many.
    #[must_use]
    pub fn packed_bytes(&self, head: usize) -> u64 {
        let payload = self.sections.iter().fold(0_u64, |sum, s| sum.saturating_add(s.bytes));
        u64::try_from(head).unwrap_or(u64::MAX).saturating_add(payload)
    }

    /// The edition as findings and people name it: `2024Q3`, `2024Q3 revision 1`, `RVU26A non-QP`.
    #[must_use]
    pub fn name(&self) -> String {
        let qualifying = match self.qualifying {
            None => "",
            Some(true) => " QP",
            Some(false) => " non-QP",
        };
        let revision =
            if self.revision == 0 { String::new() } else { format!(" revision {}", self.revision) };
        format!("{}{qualifying}{revision}", self.edition)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Section {
    name: String,
    bytes: u64,
    crc32: u32,
}

/// Writes head and sections.
pub(super) fn pack(mut head: Head, sections: &[(&str, &[u8])]) -> Result<Vec<u8>, TableError> {
    head.sections = sections
        .iter()
        .map(|(name, bytes)| Section {
            name: (*name).to_owned(),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            crc32: crc32(bytes),
        })
        .collect();
    let json = serde_json::to_vec(&head).map_err(|_| TableError::Section("head"))?;
    let length = u32::try_from(json.len()).ok().filter(|_| json.len() <= HEAD_LIMIT);
    let length = length.ok_or(TableError::TooMany("notes"))?;
    let payload: usize = sections.iter().map(|(_, s)| s.len()).sum();
    let mut out = Vec::with_capacity(PREFIX + json.len() + payload);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32(&json).to_le_bytes());
    out.extend_from_slice(&json);
    for (_, section) in sections {
        out.extend_from_slice(section);
    }
    Ok(out)
}

/// Reads the head from the beginning of an edition; `bytes` may end anywhere after it.
///
/// # Errors
/// `Foreign`, `Truncated`, `Checksum`.
pub fn head_of(bytes: &[u8]) -> Result<(Head, usize), TableError> {
    if bytes.len() < MAGIC.len() {
        return Err(TableError::Truncated);
    }
    if !bytes.starts_with(MAGIC) {
        return Err(TableError::Foreign);
    }
    let length = u32_at(bytes, 8).and_then(|n| usize::try_from(n).ok()).ok_or(TableError::Truncated)?;
    let sum = u32_at(bytes, 12).ok_or(TableError::Truncated)?;
    if length > HEAD_LIMIT {
        return Err(TableError::Foreign);
    }
    let json = bytes.get(PREFIX..PREFIX + length).ok_or(TableError::Truncated)?;
    if crc32(json) != sum {
        return Err(TableError::Checksum("head"));
    }
    let head = serde_json::from_slice(json).map_err(|_| TableError::Foreign)?;
    Ok((head, PREFIX + length))
}

/// A checked edition in memory.
#[derive(Debug)]
pub struct Packed {
    head: Head,
    bytes: Box<[u8]>,
    sections: Vec<(String, Range<usize>)>,
}

impl Packed {
    /// Checks lengths and checksums of an edition.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(bytes: Vec<u8>) -> Result<Self, TableError> {
        let (head, mut at) = head_of(&bytes)?;
        let mut sections = Vec::with_capacity(head.sections.len());
        for section in &head.sections {
            let length = usize::try_from(section.bytes).map_err(|_| TableError::Truncated)?;
            let end = at.checked_add(length).ok_or(TableError::Truncated)?;
            let content = bytes.get(at..end).ok_or(TableError::Truncated)?;
            if crc32(content) != section.crc32 {
                return Err(TableError::Checksum("content"));
            }
            sections.push((section.name.clone(), at..end));
            at = end;
        }
        if at != bytes.len() {
            return Err(TableError::Section("end"));
        }
        Ok(Self { head, bytes: bytes.into_boxed_slice(), sections })
    }

    /// What it is.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Where a section stands; its length must be a multiple of `width`.
    pub(super) fn section(&self, name: &'static str, width: usize) -> Result<Range<usize>, TableError> {
        let (_, range) = self.sections.iter().find(|(n, _)| n == name).ok_or(TableError::Section(name))?;
        if width == 0 || range.len() % width != 0 {
            return Err(TableError::Section(name));
        }
        Ok(range.clone())
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
