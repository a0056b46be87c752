//! Tables with one record a key: MUE, fee schedule, GPCI, HCPCS Level II, ICD-10-CM.
//!
//! Relative values, indices and conversion factors are in ten-thousandths; [`NONE`] stands for a value the file does
//! not give. Dates are numbers such as `20240701`, 0 for none.

use super::container::{Head, Packed, TableError, pack, u16_at, u32_at};
use super::keys::{self, Keys};
use std::marker::PhantomData;
use std::ops::Range;

/// A value the file does not give.
pub const NONE: u32 = u32::MAX;

/// A record of fixed width.
pub trait Record: Sized {
    /// Bytes of one record.
    const WIDTH: usize;
    /// Appends exactly `WIDTH` bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads `WIDTH` bytes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// A medically unlikely edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MueRow {
    /// Most units.
    pub units: u32,
    /// 1 line edit, 2 date of service by policy, 3 date of service clinical.
    pub indicator: u8,
}

impl Record for MueRow {
    const WIDTH: usize = 5;
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.units.to_le_bytes());
        out.push(self.indicator);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self { units: u32_at(bytes, 0)?, indicator: *bytes.get(4)? })
    }
}

/// A row of the relative value file; its key is the code, or code and modifier (`63047`, `7203026`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeRow {
    /// Status letter.
    pub status: u8,
    /// Global days as written: `000`, `010`, `090`, `MMM`, `XXX`, `YYY`, `ZZZ`.
    pub global: [u8; 3],
    /// Professional and technical component, multiple procedure, bilateral, assistant, co-surgeon, team; 9 does
    /// not apply.
    pub indicators: [u8; 6],
    /// Shares of the payment before, during and after the operation, in ten-thousandths.
    pub shares: [u16; 3],
    /// Work, office expense, facility expense, malpractice, office total, facility total.
    pub values: [u32; 6],
    /// Dollars per RVU.
    pub conversion: u32,
    /// Endoscopic base code, blanks for none.
    pub endoscopic_base: [u8; 5],
}

impl Record for FeeRow {
    const WIDTH: usize = 49;
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.status);
        out.extend_from_slice(&self.global);
        out.extend_from_slice(&self.indicators);
        self.shares.iter().for_each(|s| out.extend_from_slice(&s.to_le_bytes()));
        self.values.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        out.extend_from_slice(&self.conversion.to_le_bytes());
        out.extend_from_slice(&self.endoscopic_base);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut values = [0; 6];
        for (i, value) in values.iter_mut().enumerate() {
            *value = u32_at(bytes, 16 + i * 4)?;
        }
        Some(Self {
            status: *bytes.first()?,
            global: *bytes.get(1..)?.first_chunk()?,
            indicators: *bytes.get(4..)?.first_chunk()?,
            shares: [u16_at(bytes, 10)?, u16_at(bytes, 12)?, u16_at(bytes, 14)?],
            values,
            conversion: u32_at(bytes, 40)?,
            endoscopic_base: *bytes.get(44..)?.first_chunk()?,
        })
    }
}

/// Geographic practice cost indices of a locality; the key is the contractor's number and the locality's (`0110200`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpciRow {
    /// Two letters of the state.
    pub state: [u8; 2],
    /// Index of physician work (with the floor where the file has one).
    pub work: u32,
    /// Index of practice expense.
    pub expense: u32,
    /// Index of malpractice.
    pub malpractice: u32,
}

impl Record for GpciRow {
    const WIDTH: usize = 14;
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.state);
        [self.work, self.expense, self.malpractice]
            .iter()
            .for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            state: *bytes.first_chunk()?,
            work: u32_at(bytes, 2)?,
            expense: u32_at(bytes, 6)?,
            malpractice: u32_at(bytes, 10)?,
        })
    }
}

/// A HCPCS Level II code (five characters) or modifier (two).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HcpcsRow {
    /// First day it could be used.
    pub added: u32,
    /// Last day it could be used; 0 while it can.
    pub terminated: u32,
    /// Coverage letter, blank where none is given.
    pub coverage: u8,
}

impl Record for HcpcsRow {
    const WIDTH: usize = 9;
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.added.to_le_bytes());
        out.extend_from_slice(&self.terminated.to_le_bytes());
        out.push(self.coverage);
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self { added: u32_at(bytes, 0)?, terminated: u32_at(bytes, 4)?, coverage: *bytes.get(8)? })
    }
}

/// An ICD-10-CM code (without the dot).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcdRow {
    /// Whether it is a leaf that may be reported.
    pub billable: bool,
    /// Where its title stands in `texts`.
    pub title_at: u32,
    /// Bytes of its title.
    pub title_bytes: u16,
}

impl Record for IcdRow {
    const WIDTH: usize = 7;
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.billable));
        out.extend_from_slice(&self.title_at.to_le_bytes());
        out.extend_from_slice(&self.title_bytes.to_le_bytes());
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            billable: *bytes.first()? == 1,
            title_at: u32_at(bytes, 1)?,
            title_bytes: u16_at(bytes, 5)?,
        })
    }
}

/// The edition's bytes from records by key; `texts` is what the records point into. The same records in any order
/// give the same bytes.
///
/// # Errors
/// A key is none, or stands twice.
pub fn pack_records<R: Record>(
    mut head: Head,
    rows: &[(String, R)],
    texts: &str,
) -> Result<Vec<u8>, TableError> {
    let mut keyed = Vec::with_capacity(rows.len());
    for (text, record) in rows {
        keyed.push((keys::key(text).ok_or(TableError::Key)?, record));
    }
    keyed.sort_by_key(|(key, _)| *key);
    if keyed.windows(2).any(|w| matches!(w, [(a, _), (b, _)] if a == b)) {
        return Err(TableError::Section("keys"));
    }
    let sorted: Vec<[u8; keys::WIDTH]> = keyed.iter().map(|(key, _)| *key).collect();
    let mut records = Vec::with_capacity(rows.len() * R::WIDTH);
    keyed.iter().for_each(|(_, record)| record.write(&mut records));
    head.rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    head.active = head.rows;
    let (keys, slots) = keys::pack(&sorted)?;
    let sections: [(&str, &[u8]); 4] =
        [("keys", &keys), ("slots", &slots), ("records", &records), ("texts", texts.as_bytes())];
    pack(head, &sections)
}

/// A table with one record a key, ready for look-ups.
#[derive(Debug)]
pub struct RecordTable<R> {
    packed: Packed,
    keys: Keys,
    records: Range<usize>,
    texts: Range<usize>,
    of: PhantomData<R>,
}

impl<R: Record> RecordTable<R> {
    /// Checks the sections of an edition.
    ///
    /// # Errors
    /// They contradict each other.
    pub fn open(packed: Packed) -> Result<Self, TableError> {
        let keys = Keys::open(&packed)?;
        let records = packed.section("records", R::WIDTH)?;
        let texts = packed.section("texts", 1)?;
        if records.len() != keys.count * R::WIDTH {
            return Err(TableError::Section("records"));
        }
        Ok(Self { packed, keys, records, texts, of: PhantomData })
    }

    /// What it is.
    #[must_use]
    pub const fn head(&self) -> &Head {
        self.packed.head()
    }

    /// The record of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<R> {
        self.record(self.keys.find(&self.packed, key)?)
    }

    /// All keys with their records, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, R)> {
        (0..self.keys.count).filter_map(|n| Some((self.keys.text(&self.packed, n)?, self.record(n)?)))
    }

    fn record(&self, number: usize) -> Option<R> {
        let records = self.packed.slice(&self.records);
        R::read(records.get(number * R::WIDTH..(number + 1) * R::WIDTH)?)
    }
}

impl RecordTable<IcdRow> {
    /// The title of a code, without the dot.
    #[must_use]
    pub fn title(&self, code: &str) -> Option<&str> {
        let row = self.get(code)?;
        let at = usize::try_from(row.title_at).ok()?;
        let texts = self.packed.slice(&self.texts);
        std::str::from_utf8(texts.get(at..at.checked_add(usize::from(row.title_bytes))?)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{FeeRow, GpciRow, HcpcsRow, IcdRow, MueRow, NONE, Record, RecordTable, pack_records};
    use crate::edition::{Head, Packed, TableKind};

    fn head(kind: TableKind) -> Head {
        let day = |s: &str| s.parse().unwrap();
        Head::new(kind, "2024Q3", 0, day("2024-07-01"), day("2024-09-30"))
    }

    fn round_trip<R: Record + PartialEq + std::fmt::Debug>(row: R) {
        let mut bytes = vec![];
        row.write(&mut bytes);
        assert_eq!(bytes.len(), R::WIDTH);
        assert_eq!(R::read(&bytes), Some(row));
        assert_eq!(R::read(bytes.get(1..).unwrap()), None, "a cut record is none");
    }

    #[test]
    fn records_round_trip() {
        round_trip(MueRow { units: 1_000_000, indicator: 3 });
        round_trip(GpciRow { state: *b"AL", work: 10_000, expense: 8_690, malpractice: 5_750 });
        round_trip(HcpcsRow { added: 19_850_101, terminated: 0, coverage: b'I' });
        round_trip(IcdRow { billable: true, title_at: 77, title_bytes: 12 });
        round_trip(FeeRow {
            status: b'A',
            global: *b"090",
            indicators: [0, 2, 1, 2, 1, 0],
            shares: [1_000, 6_900, 2_100],
            values: [153_700, NONE, 120_000, 50_000, NONE, 323_700],
            conversion: 332_875,
            endoscopic_base: *b"     ",
        });
    }

    #[test]
    fn keys_find_their_records() {
        let rows: Vec<(String, MueRow)> =
            (0..500).map(|i| (format!("{:05}", i * 37), MueRow { units: i, indicator: 2 })).collect();
        let bytes = pack_records(head(TableKind::Mue), &rows, "").unwrap();
        let mut turned = rows.clone();
        turned.reverse();
        assert_eq!(pack_records(head(TableKind::Mue), &turned, "").unwrap(), bytes);
        let table = RecordTable::<MueRow>::open(Packed::open(bytes).unwrap()).unwrap();
        for (key, row) in &rows {
            assert_eq!(table.get(key), Some(*row));
        }
        assert_eq!(table.get("99999"), None);
        assert_eq!(table.iter().count(), 500);
        let twice = [rows.first().cloned().unwrap(), rows.first().cloned().unwrap()];
        assert!(pack_records(head(TableKind::Mue), &twice, "").is_err());
        // An edition of another table is not taken for this one.
        let icd = [("A00".to_owned(), IcdRow { billable: false, title_at: 0, title_bytes: 7 })];
        let bytes = pack_records(head(TableKind::Icd10cm), &icd, "Cholera").unwrap();
        assert_eq!(
            RecordTable::<IcdRow>::open(Packed::open(bytes.clone()).unwrap()).unwrap().title("A00"),
            Some("Cholera")
        );
        assert!(RecordTable::<FeeRow>::open(Packed::open(bytes).unwrap()).is_err());
    }
}
