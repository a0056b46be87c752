//! Segments out of a stream, whatever its separators, in memory that does not grow with the file.
//!
//! Our own and small: the crates of this name read a whole file into a tree of strings with fixed separators, or want
//! the file in memory; a remittance of a hundred megabytes is read here through one buffer.

use super::Separators;
use crate::error::{EdiError, Position, Problem};
use memchr::memchr;
use std::io::Read;
use std::ops::Range;

/// Bytes of an interchange header with its terminator: its elements have fixed lengths.
const HEADER: usize = 106;
/// No segment of the transactions read here comes near this.
const LONGEST_SEGMENT: usize = 32 * 1024;
/// Segments a file may have: an 835 of a hundred megabytes has about four million.
pub const MOST_SEGMENTS: u64 = 8_000_000;
const CHUNK: usize = 256 * 1024;

/// Reads segments one after another.
pub struct SegmentReader<R> {
    source: R,
    buffer: Vec<u8>,
    /// What of the buffer is filled and not yet read.
    pending: Range<usize>,
    ended: bool,
    separators: Separators,
    at: Position,
    next_byte: u64,
    /// Where each element of the current segment ends.
    ends: Vec<usize>,
}

/// One segment, valid until the next is read.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    separators: Separators,
    at: Position,
}

impl<R: Read> SegmentReader<R> {
    /// A reader at the beginning of a file.
    pub fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; CHUNK],
            pending: 0..0,
            ended: false,
            separators: super::OURS,
            at: Position::default(),
            next_byte: 0,
            ends: Vec::with_capacity(32),
        }
    }

    /// Where the last segment read stands.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.at
    }

    /// An error at the last segment read.
    #[must_use]
    pub const fn refuse(&self, problem: Problem) -> EdiError {
        EdiError::Refused { at: self.at, problem }
    }

    /// Fills the buffer behind what is pending.
    fn fill(&mut self) -> Result<(), EdiError> {
        self.buffer.copy_within(self.pending.clone(), 0);
        self.pending = 0..self.pending.len();
        if self.buffer.len() - self.pending.end < CHUNK / 4 {
            self.buffer.resize(self.buffer.len() + CHUNK, 0);
        }
        let room = self.buffer.get_mut(self.pending.end..).unwrap_or_default();
        match self.source.read(room) {
            Ok(0) => self.ended = true,
            Ok(n) => self.pending.end += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
        Ok(())
    }

    fn available(&self) -> &[u8] {
        self.buffer.get(self.pending.clone()).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        self.pending.start += bytes;
        self.next_byte += bytes as u64;
    }

    /// The next segment; none at the end of the file.
    ///
    /// # Errors
    /// Where the file is no X12, is cut off, or holds what cannot be a segment.
    pub fn next_segment(&mut self) -> Result<Option<Segment<'_>>, EdiError> {
        // Line ends after a terminator are for human readers.
        loop {
            let blank = self.available().iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ')).count();
            self.skip(blank);
            if !self.pending.is_empty() || self.ended {
                break;
            }
            self.fill()?;
        }
        if self.pending.is_empty() {
            return Ok(None);
        }
        self.at = Position { segment: self.at.segment + 1, byte: self.next_byte };
        if self.at.segment > MOST_SEGMENTS {
            return Err(self.refuse(Problem::TooMany));
        }
        while self.pending.len() < HEADER && !self.ended {
            self.fill()?;
        }
        if self.available().starts_with(b"ISA") {
            self.header()?;
        } else if self.at.segment == 1 {
            return Err(self.refuse(Problem::NotX12));
        }
        let length = self.length()?;
        let from = self.pending.start;
        self.skip(length + 1);
        let bytes = self.buffer.get(from..from + length).unwrap_or_default();
        if bytes.iter().any(|b| {
            *b < 0x20
                && *b != self.separators.element
                && *b != self.separators.component
                && *b != self.separators.repetition
        }) {
            return Err(self.refuse(Problem::Binary));
        }
        self.ends.clear();
        self.ends.extend(memchr::memchr_iter(self.separators.element, bytes));
        self.ends.push(length);
        Ok(Some(Segment { bytes, ends: &self.ends, separators: self.separators, at: self.at }))
    }

    /// Takes the separators from an interchange header.
    fn header(&mut self) -> Result<(), EdiError> {
        let header = self.available().get(..HEADER);
        let byte = |at: usize| header.and_then(|h| h.get(at)).copied();
        let (Some(element), Some(repetition), Some(component), Some(segment)) =
            (byte(3), byte(82), byte(104), byte(105))
        else {
            return Err(self.refuse(Problem::Truncated));
        };
        let separators = Separators { element, repetition, component, segment };
        // Every element of the header has its place: a header of other lengths would show wrong separators.
        let places = [6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
        if !separators.usable() || places.iter().any(|at| byte(*at) != Some(element)) {
            return Err(self.refuse(Problem::Separators));
        }
        self.separators = separators;
        Ok(())
    }

    /// Bytes of the pending segment before its terminator.
    fn length(&mut self) -> Result<usize, EdiError> {
        let mut searched = 0;
        loop {
            let rest = self.available().get(searched..).unwrap_or_default();
            let found = memchr(self.separators.segment, rest);
            let length = searched + found.unwrap_or(rest.len());
            if found.is_some() && length <= LONGEST_SEGMENT {
                return Ok(length);
            }
            searched = length;
            if searched > LONGEST_SEGMENT {
                return Err(self.refuse(Problem::LongSegment));
            }
            if self.ended {
                return Err(self.refuse(Problem::Truncated));
            }
            self.fill()?;
        }
    }
}

impl<'a> Segment<'a> {
    /// Where it stands.
    #[must_use]
    pub const fn position(self) -> Position {
        self.at
    }

    /// Its name, like `CLP`; empty where it is no text.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.element(0)
    }

    /// An element by its number from 1, as `CLP04` is 4; empty where there is none or it is no UTF-8.
    #[must_use]
    pub fn element(self, number: usize) -> &'a str {
        let start = match number.checked_sub(1) {
            None => 0,
            Some(before) => match self.ends.get(before) {
                Some(end) => end + 1,
                None => return "",
            },
        };
        let bytes = self.ends.get(number).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default().trim_end_matches(' ')
    }

    /// A component of an element, both from 1.
    #[must_use]
    pub fn component(self, element: usize, number: usize) -> &'a str {
        self.element(element)
            .split(char::from(self.separators.component))
            .nth(number.saturating_sub(1))
            .unwrap_or_default()
    }

    /// All components of an element.
    pub fn components(self, element: usize) -> impl Iterator<Item = &'a str> {
        self.element(element).split(char::from(self.separators.component))
    }

    /// How many elements it has after its name.
    #[must_use]
    pub const fn elements(self) -> usize {
        self.ends.len() - 1
    }

    /// An error at this segment.
    #[must_use]
    pub const fn refuse(self, problem: Problem) -> EdiError {
        EdiError::Refused { at: self.at, problem }
    }

    /// An element that must have the form of `T`.
    ///
    /// # Errors
    /// Names the element where it is missing or has not that form.
    pub fn parsed<T>(
        self,
        number: usize,
        name: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, EdiError> {
        read(self.element(number)).ok_or_else(|| self.refuse(Problem::Element { name }))
    }
}
