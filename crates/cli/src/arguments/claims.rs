//! A claim's life.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum ClaimsCommand {
    /// All dictations and their claims
    List,
    /// Claims as work: filtered, sorted, a page at a time
    Queue(Box<crate::queue::QueueArguments>),
    /// Give a claim to somebody
    Assign {
        /// Its id
        id: String,
        /// A person's id (users list), `owner` where there are no accounts, or `nobody`
        #[arg(long)]
        to: String,
    },
    /// Replace (frequency 7) or take back (frequency 8) a claim that was sent: a claim of its own, in review
    Amend {
        /// The claim's id
        id: String,
        /// `correct` or `void`
        #[arg(value_enum)]
        how: crate::queue::AmendChoice,
        /// The revision that was sent
        #[arg(long)]
        revision: u32,
        /// What was wrong
        #[arg(long)]
        reason: String,
    },
    /// The claim of whoever assisted or shared the operation, where the note proves it
    Companion {
        /// The surgeon's claim
        id: String,
        /// The revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
        /// {"part":"assistant|co_surgeon","modifier","provider":{…},"evidence":{"start","end"}}; - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// What is different between two revisions, or the revisions there are
    Diff {
        /// The claim's id
        id: String,
        /// The earlier revision; without it the revisions are listed
        #[arg(long)]
        from: Option<u32>,
        /// The later one; the newest by default
        #[arg(long)]
        to: Option<u32>,
        /// The earlier revision is one of this claim, e.g. of the one that is replaced
        #[arg(long, value_name = "CLAIM_ID")]
        older: Option<String>,
    },
    /// Comments on a claim; with TEXT one more
    Comment {
        /// The claim's id
        id: String,
        /// What to say
        text: Option<String>,
    },
    /// One claim with transcript, coding, evidence and findings
    Show {
        /// Its id
        id: String,
    },
    /// What a claim would be paid, what its documentation bears beyond it, and what is at risk; nothing is changed
    Value {
        /// Its id
        id: String,
        /// Contractor and locality number of the imported cost indices (e.g. 0110200), or `national`
        #[arg(long)]
        locality: Option<String>,
        /// Paid as a qualifying participant of an advanced payment model: yes or no
        #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
        qualifying: Option<bool>,
        /// Reckon with this from now on, in the window too
        #[arg(long)]
        remember: bool,
    },
    /// Finish work that an interruption left behind
    Resume,
    /// A coder's edits as the next revision; each is kept as a correction to learn from
    Correct {
        /// The claim's id
        id: String,
        /// The revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
        /// A JSON list of edits, e.g. [{"op":"set_line","line":1,"code":"63047"}]; - for standard input
        #[arg(long, value_name = "FILE")]
        edits: PathBuf,
    },
    /// Patient, insured, payer, providers, facility, authorisation and dates as the next revision
    Header {
        /// The claim's id
        id: String,
        /// The revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
        /// The claim's fields beside diagnoses and lines as JSON; - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write over words of the transcript; the claim is read again, or a coder's codes follow the words
    Reword {
        /// The claim's id
        id: String,
        /// The revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
        /// A JSON list of changes, e.g. [{"start":112,"end":116,"was":"left","now":"right"}]; - for standard input
        #[arg(long, value_name = "FILE")]
        changes: PathBuf,
    },
    /// Read the transcript again by the rules; a coder's codes stay in older revisions
    Reread {
        /// The claim's id
        id: String,
        /// The revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
    },
    /// Take edits back: an older revision becomes the newest again
    Restore {
        /// The claim's id
        id: String,
        /// The revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
        /// The revision to go back to
        #[arg(long, value_name = "REVISION")]
        to: u32,
    },
    /// Send a draft to review
    Submit {
        /// The claim's id
        id: String,
    },
    /// Approve a reviewed claim as it stands; what the scrubber blocks is refused
    Approve {
        /// The claim's id
        id: String,
        /// The revision you saw
        #[arg(long)]
        revision: Option<u32>,
    },
    /// Send a reviewed claim back
    Reject {
        /// The claim's id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Bring an approved or rejected claim back to review
    Reopen {
        /// The claim's id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}
