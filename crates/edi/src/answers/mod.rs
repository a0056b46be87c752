//! What comes back: acknowledgements of a file (999), of its claims (277CA), and the payer's decision (835). Each is
//! read as a stream and handed on piece by piece; memory does not grow with the file.

pub mod acknowledgement;
pub mod reasons;
pub mod remittance;
pub mod status;

use crate::error::{EdiError, Problem};
use crate::x12::frame::{Frame, Kind, Part};
use crate::x12::{Segment, SegmentReader};
use std::io::Read;

pub use acknowledgement::{Acknowledged, read_999};
pub use reasons::{Concern, Reason, reason, remark};
pub use remittance::{ClaimPayment, LinePayment, Remittance, RemittanceEvent, read_835};
pub use status::{ClaimStatus, StatusEvent, read_277ca};

/// What reads the content of transactions.
trait Content<E> {
    fn begin(&mut self) {}
    fn take(&mut self, s: Segment<'_>) -> Result<(), E>;
    fn end(&mut self, s: Segment<'_>) -> Result<(), E>;
}

fn each_transaction<E: From<EdiError>>(
    source: impl Read,
    kind: Kind,
    content: &mut impl Content<E>,
) -> Result<(), E> {
    let mut reader = SegmentReader::new(source);
    let mut frame = Frame::new(kind);
    while let Some(segment) = reader.next_segment()? {
        match frame.take(segment)? {
            Part::Frame => {}
            Part::Begin => content.begin(),
            Part::End => content.end(segment)?,
            Part::Body => content.take(segment)?,
        }
    }
    if frame.complete() { Ok(()) } else { Err(reader.refuse(Problem::Truncated).into()) }
}
