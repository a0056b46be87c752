//! The official editions a clinic has imported, side by side, each loaded when a date of service first needs it.

use crate::book::BookError;
use crate::edition::{
    FeeRow, GpciRow, HcpcsRow, Head, IcdRow, MueRow, Packed, PairTable, RecordTable, TableError, TableKind,
};
use crate::icd::Icd;
use crate::table::Origin;
use jiff::civil::Date;
use std::fmt::Debug;
use std::sync::OnceLock;

/// Where an edition's bytes come from; outside this crate it is a file.
pub trait Shelved: Debug + Send + Sync {
    /// The whole edition, head and payload.
    ///
    /// # Errors
    /// What keeps it from being read.
    fn bytes(&self) -> Result<Vec<u8>, TableError>;
}

/// One imported edition.
#[derive(Debug)]
pub struct Imported {
    head: Head,
    origin: Origin,
    shelved: Box<dyn Shelved>,
    table: OnceLock<Result<Table, TableError>>,
}

/// A table of any kind, ready for look-ups.
#[derive(Debug)]
enum Table {
    Pairs(PairTable),
    Mue(RecordTable<MueRow>),
    Fee(RecordTable<FeeRow>),
    Gpci(RecordTable<GpciRow>),
    Hcpcs(RecordTable<HcpcsRow>),
    Icd(Box<Icd>),
}

impl Table {
    fn open(kind: TableKind, bytes: Vec<u8>) -> Result<Self, TableError> {
        let packed = Packed::open(bytes)?;
        if packed.head().kind != kind {
            return Err(TableError::Foreign);
        }
        Ok(match kind {
            TableKind::NcciPtp | TableKind::Addon => Self::Pairs(PairTable::open(packed)?),
            TableKind::Mue => Self::Mue(RecordTable::open(packed)?),
            TableKind::Mpfs => Self::Fee(RecordTable::open(packed)?),
            TableKind::Gpci => Self::Gpci(RecordTable::open(packed)?),
            TableKind::Hcpcs => Self::Hcpcs(RecordTable::open(packed)?),
            TableKind::Icd10cm => Self::Icd(Box::new(Icd::imported(&RecordTable::<IcdRow>::open(packed)?)?)),
        })
    }
}

macro_rules! tables {
    ($($name:ident, $variant:ident, $row:ty, $what:literal;)+) => {
        $(
            #[doc = $what]
            pub(crate) fn $name(&self) -> Option<&$row> {
                match self.table() { Ok(Table::$variant(table)) => Some(table), _ => None }
            }
        )+
    };
}

impl Imported {
    /// An edition by its head; the rest is read when it is needed.
    #[must_use]
    pub fn new(head: Head, shelved: Box<dyn Shelved>) -> Self {
        let origin = Origin {
            title: head.kind.title().to_owned(),
            edition: head.name(),
            from: head.from,
            to: Some(head.to),
        };
        Self { head, origin, shelved, table: OnceLock::new() }
    }

    /// What it is.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Reads and checks the edition, once; later calls give the same answer.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn load(&self) -> Result<(), BookError> {
        self.table().map(|_| ()).map_err(|why| BookError::Edition {
            title: self.origin.title.clone(),
            edition: self.origin.edition.clone(),
            why: why.clone(),
        })
    }

    /// The same with the bare reason.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn check(&self) -> Result<(), TableError> {
        self.table().map(|_| ()).map_err(Clone::clone)
    }

    fn table(&self) -> Result<&Table, &TableError> {
        self.table.get_or_init(|| Table::open(self.head.kind, self.shelved.bytes()?)).as_ref()
    }

    /// The codes and titles of an ICD-10-CM edition, in order, without their dots; nothing of any other table.
    pub fn diagnoses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.icd().into_iter().flat_map(|icd| icd.titles())
    }

    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    tables! {
        pairs, Pairs, PairTable, "PTP or add-on rows.";
        mue, Mue, RecordTable<MueRow>, "Unit limits.";
        fee, Fee, RecordTable<FeeRow>, "Fee schedule rows.";
        gpci, Gpci, RecordTable<GpciRow>, "Localities.";
        hcpcs, Hcpcs, RecordTable<HcpcsRow>, "HCPCS Level II codes.";
        icd, Icd, Icd, "Diagnosis codes.";
    }
}

/// All imported editions.
#[derive(Debug, Default)]
pub(crate) struct Official {
    /// By first day; of two of one day, the one to prefer last.
    editions: Vec<Imported>,
}

impl Official {
    pub(crate) fn new(mut editions: Vec<Imported>) -> Self {
        editions.sort_by(|a, b| {
            let order =
                |i: &Imported| (i.head.kind, i.head.from, i.head.qualifying != Some(true), i.head.revision);
            order(a).cmp(&order(b))
        });
        Self { editions }
    }

    pub(crate) fn all(&self) -> &[Imported] {
        &self.editions
    }

    pub(crate) fn of(&self, kind: TableKind) -> impl DoubleEndedIterator<Item = &Imported> {
        self.editions.iter().filter(move |e| e.head.kind == kind)
    }

    /// The edition of a table that governs a date: the newest that began by then. Where all began later, the rows of
    /// a table of pairs still carry their own dates, so its oldest edition answers; other tables do not.
    pub(crate) fn governing(&self, kind: TableKind, dos: Date) -> Option<&Imported> {
        let begun = self.of(kind).rev().find(|e| e.head.from <= dos);
        let dated_rows = matches!(kind, TableKind::NcciPtp | TableKind::Addon);
        begun.or_else(|| self.of(kind).next().filter(|_| dated_rows))
    }

    /// The newest edition of a table.
    pub(crate) fn newest(&self, kind: TableKind) -> Option<&Imported> {
        self.of(kind).next_back()
    }
}
