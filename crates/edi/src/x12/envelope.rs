//! Interchange and functional group: who sends to whom, under which control number.

use super::{OURS, SegmentWriter};
use crate::text;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// Whether the receiver is to act on the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// A trial of the connection.
    #[default]
    Test,
    /// Claims to be paid.
    Production,
}

/// The two ends of an interchange (ISA05 to ISA08, GS02 and GS03).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parties {
    /// Qualifier of the sender's id: `ZZ` mutually defined, `30` tax number, `27` or `28` Medicare.
    #[serde(default = "mutual")]
    pub sender_qualifier: String,
    /// The sender's id, at most 15 characters.
    pub sender: String,
    /// Qualifier of the receiver's id.
    #[serde(default = "mutual")]
    pub receiver_qualifier: String,
    /// The receiver's id, at most 15 characters.
    pub receiver: String,
}

fn mutual() -> String {
    "ZZ".to_owned()
}

/// Header of an interchange with one functional group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends to whom.
    pub parties: Parties,
    /// When it is written; the caller's clock.
    pub at: DateTime,
    /// Control number, 1 to 999,999,999: never the same twice between these parties.
    pub control: u32,
    /// Trial or not.
    pub usage: Usage,
}

impl Envelope {
    /// Writes a group of transactions between header and trailer.
    #[must_use]
    pub fn around(
        &self,
        functional: &str,
        version: &str,
        body: impl FnOnce(&mut SegmentWriter) -> usize,
    ) -> Vec<u8> {
        let mut out = SegmentWriter::new();
        let padded = |text: &str, width: usize| format!("{text:<width$}");
        let (date, time) = (text::date(self.at.date()), text::time(self.at.time()));
        let control = format!("{:09}", self.control);
        let short_date: String = date.chars().skip(2).collect();
        let usage = if self.usage == Usage::Production { "P" } else { "T" };
        let of = |b: u8| char::from(b).to_string();
        out.segment(
            "ISA",
            &[
                "00",
                &padded("", 10),
                "00",
                &padded("", 10),
                &padded(&self.parties.sender_qualifier, 2),
                &padded(&self.parties.sender, 15),
                &padded(&self.parties.receiver_qualifier, 2),
                &padded(&self.parties.receiver, 15),
                &short_date,
                &time,
                &of(OURS.repetition),
                "00501",
                &control,
                "0",
                usage,
                &of(OURS.component),
            ],
        );
        let group = self.control.to_string();
        out.segment(
            "GS",
            &[functional, &self.parties.sender, &self.parties.receiver, &date, &time, &group, "X", version],
        );
        let transactions = body(&mut out).to_string();
        out.segment("GE", &[&transactions, &group]);
        out.segment("IEA", &["1", &control]);
        out.into_bytes()
    }
}
