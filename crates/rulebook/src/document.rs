//! What was given, unpacked: texts and sheets with their names, ready to be read row by row.

use crate::Watch;
use crate::error::{ImportError, Reason};
use calamine::{DataRef, Reader as _, Xlsx};
use iambilly_scrub::edition::TableKind;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// No published file is half as large.
const LIMIT: u64 = 512 << 20;

/// One text or spreadsheet.
#[derive(Debug)]
pub(crate) struct Document {
    /// `file.txt`, or `archive.zip: member.txt`.
    pub(crate) name: String,
    /// Its own file name, which says the edition.
    pub(crate) member: String,
    /// SHA-256 of the file that was given, in hex.
    pub(crate) sha256: String,
    bytes: Vec<u8>,
    /// Where its reading stands among all documents of the import.
    watched: Option<Watched>,
}

/// Whom to tell how far the reading is, and the part of it that this document is.
#[derive(Clone)]
struct Watched {
    watch: Watch,
    from: f64,
    part: f64,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "from {} on, {}", self.from, self.part)
    }
}

/// Rows between two looks at the watch.
const LOOK_EVERY: u64 = 8192;

/// Unpacks the given files. Of an archive only the members of the table are taken, each once where it is there as
/// text and as spreadsheet.
pub(crate) fn unpack(kind: TableKind, files: &[PathBuf]) -> Result<Vec<Document>, ImportError> {
    let mut documents = vec![];
    for path in files {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into());
        let bytes = read(path)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        if is_zip(&bytes) && !is_sheet(&bytes) {
            members(kind, &name, &sha256, bytes, &mut documents)?;
        } else {
            documents.push(Document { member: name.clone(), name, sha256, bytes, watched: None });
        }
    }
    Ok(documents)
}

/// Lets a watch follow the reading of the documents, each by its size.
#[allow(clippy::cast_precision_loss, reason = "a share for people")]
pub(crate) fn follow(documents: &mut [Document], watch: &Watch) {
    let whole = documents.iter().map(|d| d.bytes.len()).sum::<usize>().max(1) as f64;
    let mut from = 0.0;
    for document in documents {
        let part = document.bytes.len() as f64 / whole;
        document.watched = Some(Watched { watch: watch.clone(), from, part });
        from += part;
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ImportError> {
    let trouble = |source| ImportError::File { path: path.to_owned(), doing: "read", source };
    let file = std::fs::File::open(path).map_err(trouble)?;
    let mut bytes = vec![];
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(trouble)?;
    if u64::try_from(bytes.len()).is_ok_and(|n| n <= LIMIT) {
        return Ok(bytes);
    }
    Err(ImportError::refused(&path.display().to_string(), None, Reason::TooLarge))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// A spreadsheet is an archive whose first members say so.
fn is_sheet(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    [&b"[Content_Types].xml"[..], b"_rels/.rels", b"xl/", b"docProps/"]
        .iter()
        .any(|mark| head.get(30..30 + mark.len()) == Some(mark))
}

fn members(
    kind: TableKind,
    archive: &str,
    sha256: &str,
    bytes: Vec<u8>,
    out: &mut Vec<Document>,
) -> Result<(), ImportError> {
    let damaged =
        |why: &dyn std::fmt::Display| ImportError::refused(archive, None, Reason::Archive(why.to_string()));
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let mut wanted: Vec<(String, String, u8, usize)> = vec![];
    for index in 0..zip.len() {
        let member = zip.by_index(index).map_err(|e| damaged(&e))?;
        let path = member.name().map_err(|e| damaged(&e))?;
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let lower = name.to_lowercase();
        let (stem, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
        let rank = match extension {
            "txt" => 0,
            "csv" => 1,
            "xlsx" => 2,
            _ => continue,
        };
        if member.is_file() && is_of(kind, stem) {
            wanted.push((stem.to_owned(), name, rank, index));
        }
    }
    wanted.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
    wanted.dedup_by(|later, first| later.0 == first.0);
    if wanted.is_empty() {
        return Err(ImportError::refused(archive, None, Reason::NoMember(kind.name())));
    }
    for (_, name, _, index) in wanted {
        let member = zip.by_index(index).map_err(|e| damaged(&e))?;
        let mut content = vec![];
        // Reading to the end checks the member's CRC.
        member.take(LIMIT + 1).read_to_end(&mut content).map_err(|e| damaged(&e))?;
        let shown = format!("{archive}: {name}");
        if u64::try_from(content.len()).is_ok_and(|n| n > LIMIT) {
            return Err(ImportError::refused(&shown, None, Reason::TooLarge));
        }
        // The archive's name says what the member's may not: the quarter, or the April update.
        let member = format!("{name} {archive}");
        out.push(Document { name: shown, member, sha256: sha256.to_owned(), bytes: content, watched: None });
    }
    Ok(())
}

/// Whether an archive's member, by its name in lower case, belongs to the table.
fn is_of(kind: TableKind, stem: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|w| stem.contains(w));
    match kind {
        TableKind::NcciPtp => has(&["ccipra"]),
        TableKind::Mue => stem.contains("mue") && stem.contains("practitioner"),
        TableKind::Addon => has(&["aoc", "add-on"]),
        TableKind::Mpfs => has(&["pprrvu"]),
        TableKind::Gpci => has(&["gpci"]),
        TableKind::Hcpcs => {
            stem.contains("hcpc") && has(&["anweb"]) && !has(&["layout", "trans", "correction"])
        }
        TableKind::Icd10cm => stem.contains("order") && !stem.contains("addenda"),
    }
}

/// What takes rows: line or row number from 1, and the cells.
pub(crate) type TakeRow<'f> = dyn FnMut(u64, &[&str]) -> Result<(), Reason> + 'f;

/// What hands a row to a reader of rows.
type GiveRow<R> = dyn Fn(&mut R, u64, &[&str]) -> Result<(), Reason>;

impl Document {
    pub(crate) fn refused(&self, line: Option<u64>, reason: impl Into<Reason>) -> ImportError {
        ImportError::refused(&self.name, line, reason)
    }

    /// Tells how much of the document is read, 0 to 1.
    fn look(&self, share: f64) -> Result<(), ImportError> {
        match &self.watched {
            Some(w) if !(w.watch)(w.from + w.part * share.clamp(0.0, 1.0)) => Err(ImportError::Cancelled),
            _ => Ok(()),
        }
    }

    /// Whether it is a spreadsheet.
    pub(crate) fn is_spreadsheet(&self) -> bool {
        is_sheet(&self.bytes)
    }

    /// The text, without byte order mark; refused where it is no whole text.
    pub(crate) fn text(&self) -> Result<Cow<'_, str>, ImportError> {
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes);
        let start = bytes.trim_ascii_start();
        let head = start.get(..start.len().min(512)).unwrap_or_default().to_ascii_lowercase();
        if start.is_empty() {
            return Err(self.refused(None, Reason::Empty));
        }
        if [&b"<!doctype"[..], b"<html", b"<head", b"<?xml", b"<body"].iter().any(|m| head.starts_with(m)) {
            return Err(self.refused(None, Reason::WebPage));
        }
        if is_zip(start) || bytes.contains(&0) {
            return Err(self.refused(None, Reason::Binary));
        }
        if !bytes.ends_with(b"\n") {
            let lines = bytes.iter().filter(|b| **b == b'\n').count() + 1;
            return Err(self.refused(u64::try_from(lines).ok(), Reason::CutOff));
        }
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            // The tables are published in Latin-1 where they are not plain ASCII.
            Err(_) => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
        })
    }

    /// Gives each row to a reader. A spreadsheet's sheets are tried in turn: `begin` makes a reader, `end` judges it,
    /// and the first sheet that is not refused for want of a header counts.
    pub(crate) fn rows<R>(
        &self,
        begin: &dyn Fn() -> R,
        row: &GiveRow<R>,
        end: &dyn Fn(R) -> Result<R, Reason>,
    ) -> Result<R, ImportError> {
        if is_sheet(&self.bytes) {
            return self.sheets(begin, row, end);
        }
        let text = self.text()?;
        let mut reader = begin();
        self.lines(&text, &mut |line, cells| row(&mut reader, line, cells))?;
        end(reader).map_err(|reason| self.refused(None, reason))
    }

    /// Tab-separated where the text has tabs, else comma-separated.
    fn lines(&self, text: &str, take: &mut TakeRow<'_>) -> Result<(), ImportError> {
        let tabs = text.lines().take(60).any(|l| l.contains('\t'));
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(if tabs { b'\t' } else { b',' })
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        for row in 0_u64.. {
            if row % LOOK_EVERY == 0 {
                #[allow(clippy::cast_precision_loss, reason = "a share for people")]
                self.look(csv.position().byte() as f64 / text.len().max(1) as f64)?;
            }
            let more = csv.read_record(&mut record).map_err(|_| self.refused(None, Reason::Binary))?;
            if !more {
                return Ok(());
            }
            // The record's position is before the line feed that ends the record before it.
            let line = record.position().map_or(0, |position| {
                let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
                position.line() + u64::from(text.as_bytes().get(at) == Some(&b'\n'))
            });
            let cells: Vec<&str> = record.iter().map(str::trim).collect();
            take(line, &cells).map_err(|reason| self.refused(Some(line), reason))?;
        }
        Ok(())
    }

    fn sheets<R>(
        &self,
        begin: &dyn Fn() -> R,
        row: &GiveRow<R>,
        end: &dyn Fn(R) -> Result<R, Reason>,
    ) -> Result<R, ImportError> {
        let damaged = |why: &dyn std::fmt::Display| self.refused(None, Reason::Archive(why.to_string()));
        // Every member to its end: that checks all CRCs, which reading a sheet alone would not.
        let mut zip = zip::ZipArchive::new(Cursor::new(self.bytes.as_slice())).map_err(|e| damaged(&e))?;
        for index in 0..zip.len() {
            let member = zip.by_index(index).map_err(|e| damaged(&e))?;
            std::io::copy(&mut member.take(4 * LIMIT), &mut std::io::sink()).map_err(|e| damaged(&e))?;
        }
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(self.bytes.as_slice()))
            .map_err(|e: calamine::XlsxError| damaged(&e))?;
        let mut first_refusal = None;
        for sheet in book.sheet_names() {
            let mut reader = begin();
            let mut cells = book.worksheet_cells_reader(&sheet).map_err(|e| damaged(&e))?;
            let mut current: Vec<String> = vec![];
            let mut number = None;
            let give = |number: Option<u32>, current: &mut Vec<String>, reader: &mut R| {
                let Some(number) = number else { return Ok(()) };
                let line = u64::from(number) + 1;
                if line % LOOK_EVERY == 0 {
                    // A sheet holds at most 2^20 rows; how many it has is known at its end only.
                    self.look(f64::from(number) / f64::from(1_u32 << 20))?;
                }
                let texts: Vec<&str> = current.iter().map(|c| c.trim()).collect();
                let taken = row(reader, line, &texts).map_err(|reason| self.refused(Some(line), reason));
                current.clear();
                taken
            };
            let read = loop {
                let cell = match cells.next_cell() {
                    Ok(Some(cell)) => cell,
                    Ok(None) => break give(number, &mut current, &mut reader),
                    Err(error) => break Err(damaged(&error)),
                };
                let (at_row, at_column) = cell.get_position();
                if number != Some(at_row) {
                    if let Err(error) = give(number, &mut current, &mut reader) {
                        break Err(error);
                    }
                    number = Some(at_row);
                }
                let column = usize::try_from(at_column).unwrap_or(usize::MAX);
                if column > 1_000 {
                    continue;
                }
                if current.len() <= column {
                    current.resize(column + 1, String::new());
                }
                if let Some(slot) = current.get_mut(column) {
                    *slot = text_of(cell.get_value());
                }
            };
            let judged = read.and_then(|()| end(reader).map_err(|reason| self.refused(None, reason)));
            match judged {
                Ok(reader) => return Ok(reader),
                Err(ImportError::Refused { reason: Reason::NoHeader(missing), file, line }) => {
                    let refusal = ImportError::Refused { reason: Reason::NoHeader(missing), file, line };
                    first_refusal.get_or_insert(refusal);
                }
                Err(error) => return Err(error),
            }
        }
        Err(first_refusal.unwrap_or_else(|| self.refused(None, Reason::Empty)))
    }
}

/// A cell as the text file would have it: whole numbers without a point, dates as `20240701`.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(f) => f.to_string(),
        DataRef::String(s) => s.clone(),
        DataRef::SharedString(s) => (*s).to_owned(),
        DataRef::Bool(b) => b.to_string(),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}{month:02}{day:02}")
        }
        DataRef::DateTimeIso(s) => s.chars().take(10).filter(char::is_ascii_digit).collect(),
        _ => String::new(),
    }
}
