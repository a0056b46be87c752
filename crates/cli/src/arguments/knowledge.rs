//! What is learned, looked up and measured: dictionary, rules, models, evaluation.

use super::{OriginChoice, ReaderChoice};
use clap::{Args, Subcommand};
use iambilly_app::rules::TableKind;
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum LearnedCommand {
    /// All local phrase rules: offered, accepted, declined, retired
    List,
    /// Let a rule act on new drafts
    Accept {
        /// The rule's id
        id: String,
    },
    /// Never offer it again
    Decline {
        /// The rule's id
        id: String,
    },
    /// Let an accepted rule act no more
    Retire {
        /// The rule's id
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DictionaryCommand {
    /// All words, the newest first
    List,
    /// Add a word; dictations recognised from now on are written by it
    Add {
        /// As it is to be written, e.g. "Globus Creo"
        meant: String,
        /// What the recogniser writes for it, e.g. "globe us creole"; shown in the transcript as a correction
        #[arg(long)]
        heard: Option<String>,
    },
    /// Take a word out
    Remove {
        /// Its id
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Import the files of one official table, as published: text, CSV, XLSX or zip
    Import {
        /// ncci-ptp (all four files of a quarter), mue, addon, mpfs, gpci, hcpcs or icd10cm
        table: TableKind,
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The edition, where the names do not say it: 2026Q1, RVU26A, 2026, FY2026
        #[arg(long)]
        edition: Option<String>,
        /// Take an edition with far fewer rows than the one next to it
        #[arg(long)]
        accept_fewer_rows: bool,
    },
    /// Imported editions with their dates, each checked to its last byte, and the clinic's payer rules
    List,
    /// Save each payer rule of a file as a draft, which warns at most until it is confirmed
    Add {
        /// TOML or JSON (docs/payer-rules.md)
        file: PathBuf,
    },
    /// Let the draft of a payer rule count in full
    Confirm {
        /// The rule's id
        id: String,
        /// The revision you read; refused if it is not the draft any more
        #[arg(long)]
        revision: Option<u32>,
    },
    /// Let a payer rule count no more
    Retire {
        /// The rule's id
        id: String,
    },
    /// Take the last step of a payer rule back
    Undo {
        /// The rule's id
        id: String,
    },
    /// What a rule says, why, when it does not apply, what to do, and where it stands
    Explain {
        /// The id a finding gives: SP-01, PTP-22633-63047, MUE-22853 …
        rule: String,
        /// A file of payer rules to look in as well
        #[arg(long)]
        file: Option<PathBuf>,
        /// The edition of this date of service; today by default
        #[arg(long)]
        dos: Option<Date>,
    },
    /// Read a file of payer rules; a wrong one is refused with line and reason
    Check {
        /// TOML or JSON (docs/payer-rules.md)
        file: PathBuf,
    },
    /// Which of these claims the payer rules of a file would touch
    DryRun {
        /// TOML or JSON (docs/payer-rules.md)
        file: PathBuf,
        /// Claims as JSON
        #[arg(required = true)]
        claims: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// What is known, what is here, how fast it is and which is recommended
    List,
    /// Measure how fast this machine is with each speech model that is here, and recommend one
    Measure,
    /// Obtain weights and check them
    Fetch {
        /// Ids; see `models list`
        ids: Vec<String>,
        /// The default set: one speech, one language, one embedding model
        #[arg(long)]
        default: bool,
        /// Where from
        #[arg(long, value_enum, default_value_t = OriginChoice::Auto)]
        from: OriginChoice,
    },
    /// Take a model for its role from the next recording on, in the window too
    Use {
        /// Its id; see `models list`
        id: String,
    },
    /// Have each dictation heard again by a larger speech model after its draft; what it hears otherwise is shown
    FinalPass {
        /// Id of a speech model, or `off`
        id: String,
    },
    /// Check files against their SHA-256
    Verify {
        /// Ids; all that are present by default
        ids: Vec<String>,
    },
    /// Take models from a file or a folder, e.g. a USB stick or the models folder of another computer; each is checked
    Import {
        /// A file, or a folder with models in it or one level below
        from: PathBuf,
    },
    /// Take a model away; of your own files only the entry
    Remove {
        /// Its id; see `models list`
        id: String,
    },
    /// Register a ggml or GGUF file of your own
    Add {
        /// The file
        path: PathBuf,
        /// speech, language or embedding
        #[arg(long)]
        role: String,
        /// Id to call it by
        #[arg(long)]
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EvalArguments {
    /// A folder with `cases/*.json`, or of payer policies with `docs.json` and `queries.json`
    #[arg(required_unless_present = "approved", conflicts_with = "approved")]
    pub(crate) dir: Option<PathBuf>,
    /// The clinic's own approved claims instead of a folder
    #[arg(long)]
    pub(crate) approved: bool,
    /// Who reads; several with commas, e.g. rules,llm,both (the language model is asked once a note)
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [ReaderChoice::Rules])]
    pub(crate) reader: Vec<ReaderChoice>,
    /// Speech model for audio cases
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Language model for `llm` and `both`
    #[arg(long)]
    pub(crate) language_model: Option<String>,
    /// Mix pink noise into the dictations, so many dB below them (always the same noise)
    #[arg(long, value_name = "DB")]
    pub(crate) noise: Option<f64>,
    /// Dictate each recording as fast as it was spoken, as at the microphone, and tell the wait for the text
    #[arg(long)]
    pub(crate) live: bool,
    /// Tell the speech model the words to expect, or do not: as the model is set up by default
    #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) expect: Option<bool>,
    /// Exit 1 when line F1 (code) of any reader is below this
    #[arg(long)]
    pub(crate) min_f1: Option<f64>,
    /// Only cases whose name or number contains this
    #[arg(long)]
    pub(crate) only: Option<String>,
}
