//! The frame of a file that comes in: headers and trailers that must agree with each other and with what is between.

use super::Segment;
use crate::error::{EdiError, Problem};

/// What a file must be to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Its transaction (ST01), like `835`.
    pub(crate) transaction: &'static str,
    /// The guide's version begins with this (GS08), like `005010X221`.
    pub(crate) version: &'static str,
    /// Its name for people.
    pub(crate) name: &'static str,
}

/// What a segment is to the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Header or trailer of an interchange or group.
    Frame,
    /// A transaction begins.
    Begin,
    /// A transaction ends.
    End,
    /// Content.
    Body,
}

/// Follows the frame segment by segment.
pub(crate) struct Frame {
    kind: Kind,
    interchange: Option<String>,
    group: Option<String>,
    transaction: Option<(String, u64)>,
    groups: u64,
    transactions: u64,
    complete: bool,
}

fn count(text: &str) -> Option<u64> {
    (text.len() <= 10).then(|| text.parse().ok()).flatten()
}

impl Frame {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            interchange: None,
            group: None,
            transaction: None,
            groups: 0,
            transactions: 0,
            complete: false,
        }
    }

    /// Takes a segment and says what it is.
    pub(crate) fn take(&mut self, s: Segment<'_>) -> Result<Part, EdiError> {
        let unexpected = |expected| s.refuse(Problem::Unexpected { expected });
        let trailer = |name| s.refuse(Problem::Trailer { name });
        let version = || s.refuse(Problem::Version { expected: self.kind.name });
        if let Some((_, segments)) = &mut self.transaction {
            *segments += 1;
        }
        match s.id() {
            "ISA" => {
                if self.interchange.is_some() {
                    return Err(unexpected("the end of the interchange (IEA)"));
                }
                if s.element(12) != "00501" {
                    return Err(version());
                }
                self.interchange = Some(s.element(13).to_owned());
                (self.groups, self.complete) = (0, false);
                Ok(Part::Frame)
            }
            "GS" => {
                if self.group.is_some() || self.interchange.is_none() {
                    return Err(unexpected("the end of the group (GE)"));
                }
                if !s.element(8).starts_with(self.kind.version) {
                    return Err(version());
                }
                self.group = Some(s.element(6).to_owned());
                self.groups += 1;
                self.transactions = 0;
                Ok(Part::Frame)
            }
            "ST" => {
                if self.transaction.is_some() || self.group.is_none() {
                    return Err(unexpected("the end of the transaction (SE)"));
                }
                if s.element(1) != self.kind.transaction {
                    return Err(version());
                }
                self.transaction = Some((s.element(2).to_owned(), 1));
                self.transactions += 1;
                Ok(Part::Begin)
            }
            "SE" => {
                let (control, segments) =
                    self.transaction.take().ok_or_else(|| unexpected("a transaction (ST)"))?;
                if count(s.element(1)) != Some(segments) {
                    return Err(trailer("SE01"));
                }
                if s.element(2) != control {
                    return Err(trailer("SE02"));
                }
                Ok(Part::End)
            }
            "GE" => {
                let control = self.group.take().filter(|_| self.transaction.is_none());
                let control = control.ok_or_else(|| unexpected("the end of the transaction (SE)"))?;
                if count(s.element(1)) != Some(self.transactions) {
                    return Err(trailer("GE01"));
                }
                if s.element(2) != control {
                    return Err(trailer("GE02"));
                }
                Ok(Part::Frame)
            }
            "IEA" => {
                let control = self.interchange.take().filter(|_| self.group.is_none());
                let control = control.ok_or_else(|| unexpected("the end of the group (GE)"))?;
                if count(s.element(1)) != Some(self.groups) {
                    return Err(trailer("IEA01"));
                }
                if s.element(2) != control {
                    return Err(trailer("IEA02"));
                }
                self.complete = true;
                Ok(Part::Frame)
            }
            // An acknowledgement of an interchange stands outside groups; it says nothing of claims.
            "TA1" if self.group.is_none() => Ok(Part::Frame),
            _ if self.transaction.is_none() => Err(unexpected("a header or trailer")),
            _ => Ok(Part::Body),
        }
    }

    /// Whether the file ended where it should.
    pub(crate) const fn complete(&self) -> bool {
        self.complete
    }
}
