//! The main job, and hearing and reading by themselves.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TranscribeArguments {
    /// A WAV file of any rate and format
    pub(crate) input: PathBuf,
    /// Speech model: an id from `models list`, or a path to a ggml file
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Leave the recogniser's words as they are (no spine lexicon)
    #[arg(long)]
    pub(crate) raw: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CodeArguments {
    /// A note as text, or a transcript as JSON; - for standard input
    pub(crate) input: PathBuf,
    /// Date of service, YYYY-MM-DD
    #[arg(long)]
    pub(crate) dos: Date,
    /// Payer id
    #[arg(long)]
    pub(crate) payer: String,
    /// Who reads
    #[arg(long, value_enum, default_value_t = ReaderChoice::Rules)]
    pub(crate) reader: ReaderChoice,
    /// Language model for `llm` and `both`: an id or a path to a GGUF file
    #[arg(long)]
    pub(crate) language_model: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IcdCommand {
    /// Codes that fit what is typed: beginnings of words in any order, abbreviations, levels, or a code
    Search {
        /// E.g. "sten lum clau", "hnp l4-5", "M48.06"
        query: String,
        /// Search the edition of this date of service; today's by default
        #[arg(long)]
        dos: Option<Date>,
        /// At most this many codes
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ClaimArguments {
    /// A WAV file or a typed note (.txt)
    pub(crate) input: PathBuf,
    /// Patient as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) patient: Option<PathBuf>,
    /// Providers and facility as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) provider: Option<PathBuf>,
    /// Payer id
    #[arg(long)]
    pub(crate) payer: String,
    /// Date of service, YYYY-MM-DD
    #[arg(long)]
    pub(crate) dos: Date,
    /// Speech model: an id or a path to a ggml file
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Who reads; `both` waits for the language model's second opinion
    #[arg(long, value_enum, default_value_t = ReaderChoice::Both)]
    pub(crate) reader: ReaderChoice,
}

#[derive(Debug, Args)]
pub(crate) struct RecordArguments {
    /// Go on with this dictation (its id) instead of beginning one; it keeps its patient, payer and date
    #[arg(long = "continue", value_name = "DICTATION", conflicts_with_all = ["patient", "provider", "payer", "dos", "model", "reader"])]
    pub(crate) go_on: Option<String>,
    /// Patient as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) patient: Option<PathBuf>,
    /// Providers and facility as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) provider: Option<PathBuf>,
    /// Payer id
    #[arg(long, required_unless_present = "go_on")]
    pub(crate) payer: Option<String>,
    /// Date of service, YYYY-MM-DD
    #[arg(long, required_unless_present = "go_on")]
    pub(crate) dos: Option<Date>,
    /// Speech model: an id or a path to a ggml file
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Who reads; `both` waits for the language model's second opinion
    #[arg(long, value_enum, default_value_t = ReaderChoice::Both)]
    pub(crate) reader: ReaderChoice,
    /// Id of a microphone (`iambilly recording microphones`); the system's default otherwise
    #[arg(long)]
    pub(crate) microphone: Option<String>,
    /// End after so many seconds; otherwise Enter or Ctrl-C ends it
    #[arg(long)]
    pub(crate) seconds: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordingCommand {
    /// The microphones of this machine
    Microphones,
    /// A recording as a WAV file, sample for sample; leaves an audit entry
    Export {
        /// Id of the dictation
        id: String,
        /// The file to write; none is overwritten
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Its transcript too, as plain text
        #[arg(long, value_name = "FILE")]
        transcript: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReaderChoice {
    /// The deterministic reader
    Rules,
    /// Only what the language model proposes and the rules can assert
    Llm,
    /// The rules, with the language model as second reader
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OriginChoice {
    /// Upstream where it can be reached, else packages
    Auto,
    /// Pinned packages
    Packages,
    /// The upstream file
    Upstream,
}

impl From<ReaderChoice> for iambilly_app::Reader {
    fn from(choice: ReaderChoice) -> Self {
        match choice {
            ReaderChoice::Rules => Self::Rules,
            ReaderChoice::Llm => Self::Llm,
            ReaderChoice::Both => Self::Both,
        }
    }
}
