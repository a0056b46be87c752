//! The command line's arguments (`docs/contract.md`).

use clap::{Args, Parser, Subcommand, ValueEnum};
use iambilly_app::rules::TableKind;
use jiff::civil::Date;
use std::path::PathBuf;

/// From a surgeon's voice to a clean claim, on the clinic's own machine.
#[derive(Debug, Parser)]
#[command(
    name = "iambilly",
    version,
    after_help = "Exit codes: 0 done; 1 done, and the answer is negative; 2 wrong usage; 3 the input is not \
valid; 4 locked, not signed in or not allowed; 5 something outside is missing (model, device, server).\nUnlocking: the system's keyring, or IAMBILLY_PASSPHRASE where there is none; IAMBILLY_RECOVERY_KIT where either is gone; once people were added, --user with IAMBILLY_PASSWORD and IAMBILLY_TOTP. Folders: --data-dir or \
IAMBILLY_DATA_DIR, --models-dir or IAMBILLY_MODELS_DIR, --rules-dir or IAMBILLY_RULES_DIR."
)]
pub(crate) struct Arguments {
    /// The encrypted data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The folder of model weights
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) models_dir: Option<PathBuf>,
    /// The folder of imported official tables
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) rules_dir: Option<PathBuf>,
    /// Who signs in, once people were added; with IAMBILLY_PASSWORD, and IAMBILLY_TOTP where they have a second factor
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Answer in JSON, errors too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Speech to transcript (stores nothing)
    Transcribe(TranscribeArguments),
    /// Transcript or note to coded lines, diagnoses and evidence (stores nothing)
    Code(CodeArguments),
    /// Claim to findings (stores nothing); exit 1 when the claim is blocked. With --data-dir the clinic's payer rules count
    Scrub {
        /// A claim as JSON, or - for standard input
        claim: PathBuf,
        /// Take this date of service for lines that have none
        #[arg(long)]
        dos: Option<Date>,
        /// Scrub as of this day (for timely filing); today by default
        #[arg(long)]
        today: Option<Date>,
    },
    /// Claim to expected payment, and what its own documentation bears beyond it; nothing is changed
    Optimise {
        /// A claim as JSON, or - for standard input
        claim: PathBuf,
        /// Contractor and locality number of the imported cost indices, e.g. 0110200; national without
        #[arg(long)]
        locality: Option<String>,
        /// Paid as a qualifying participant of an advanced payment model
        #[arg(long)]
        qualifying: bool,
        /// Take this date of service for lines that have none
        #[arg(long)]
        dos: Option<Date>,
        /// Judge as of this day; today by default
        #[arg(long)]
        today: Option<Date>,
    },
    /// Diagnosis codes (ICD-10-CM)
    #[command(subcommand)]
    Icd(IcdCommand),
    /// The main job: audio or note to a stored draft claim with findings
    Claim(ClaimArguments),
    /// The microphone to a stored draft claim: sealed while you speak, text at the pauses
    Record(RecordArguments),
    /// Microphones, and recordings out as plain files
    #[command(subcommand)]
    Recording(RecordingCommand),
    /// The queue of claims
    #[command(subcommand)]
    Claims(ClaimsCommand),
    /// Local phrase rules learned from coders' corrections; they act once a person accepts them
    #[command(subcommand)]
    Learned(LearnedCommand),
    /// Your own dictionary: words as you write them, and what the recogniser takes them for
    #[command(subcommand)]
    Dictionary(DictionaryCommand),
    /// Official tables and payer rules: imported, listed, explained, tried, saved and confirmed
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Approved claims out of the program
    #[command(subcommand)]
    Export(crate::exchange::ExportCommand),
    /// What came back: 999, 277CA or 835 onto the claims it belongs to
    Import(crate::exchange::ImportArguments),
    /// Who sends claims and to whom; files, answers and denials
    #[command(subcommand)]
    Exchange(crate::exchange::ExchangeCommand),
    /// Electronic medical records: connections, patients looked up, approved claims written there exactly once
    #[command(subcommand)]
    Emr(crate::emr::EmrCommand),
    /// What the clinic charges: fee schedules by payer and date of service, or a percentage of Medicare's fee
    #[command(subcommand)]
    Fees(crate::fees::FeesCommand),
    /// Who bills: the clinic's numbers, address and where payments go
    #[command(subcommand)]
    Clinic(crate::master::MasterCommand),
    /// People who render, refer or supervise
    #[command(subcommand)]
    Providers(crate::master::MasterCommand),
    /// Places where services are done
    #[command(subcommand)]
    Facilities(crate::master::MasterCommand),
    /// Who pays
    #[command(subcommand)]
    Payers(crate::master::MasterCommand),
    /// Patients with their coverage
    #[command(subcommand)]
    Patients(crate::master::MasterCommand),
    /// The payer-rule library: policies added, asked, listed and taken out
    #[command(subcommand)]
    Policy(crate::policy::PolicyCommand),
    /// Model weights: list, fetch, import, verify, choose, remove, add one of your own
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Who did what and when: whether the record of it holds, and out of it for an auditor
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The whole data folder, encrypted, into a folder of backups; proved by a trial restore before it gets its name
    Backup(BackupArguments),
    /// A backup into a data folder that is not there yet, opened by passphrase, keyring or IAMBILLY_RECOVERY_KIT
    Restore {
        /// The backup's folder
        from: PathBuf,
        /// The new data folder
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// The keys under a new keyring entry or a new passphrase (IAMBILLY_NEW_PASSPHRASE); no record is rewritten
    RotateKeys {
        /// What opens the data folder from then on; the same kind as now by default
        #[arg(long, value_enum)]
        to: Option<GuardChoice>,
    },
    /// Twelve words on paper that open the data folder where keyring or passphrase is gone
    #[command(subcommand)]
    RecoveryKit(KitCommand),
    /// People: added, their roles, passwords and second factors; emergency access; what the clinic turns on
    #[command(subcommand)]
    Users(crate::users::UsersCommand),
    /// A recording by destroying its key, or a dictation with everything made of it; the audit keeps the ids
    #[command(subcommand)]
    Erase(EraseCommand),
    /// Health of everything the program needs, each with its fix; exit 1 when the main job does not work
    Doctor {
        /// Plain text to send to somebody who helps: no PHI, no folder and no device of this machine
        #[arg(long, conflicts_with = "json")]
        report: bool,
    },
    /// JSON Schema of transcript, coding, claim or findings
    Schema {
        /// Name of the shape
        name: String,
    },
    /// Accuracy on a folder of cases
    Eval(EvalArguments),
    /// The manual page on standard output; with --to one for each command as files
    #[command(hide = true)]
    Man {
        /// The folder for the pages
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// What a shell completes, on standard output
    #[command(hide = true)]
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check every event; exit 1 and the place where one was edited, deleted, inserted, moved, cut off or rolled back
    Verify {
        /// Hold the anchors in this folder against it too
        #[arg(long, value_name = "DIR")]
        anchor: Option<PathBuf>,
    },
    /// Events to a file, with FILE.sig.json beside it; leaves an event itself
    Export {
        /// csv or json
        #[arg(long, value_enum, default_value_t = AuditFormat::Csv)]
        format: AuditFormat,
        /// The file to write; none is overwritten
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Only events about this dictation with its claims, or about this claim
        #[arg(long, value_name = "ID", conflicts_with = "patient")]
        of: Option<String>,
        /// Only events about dictations of the patient with this id
        #[arg(long, value_name = "ID")]
        patient: Option<String>,
        /// With --patient: only what left the program, the accounting of disclosures of 45 CFR 164.528
        #[arg(long, requires = "patient")]
        disclosures: bool,
    },
    /// Check an exported file against its signature; needs no data folder
    Check {
        /// The exported file
        file: PathBuf,
    },
    /// Write the newest event's number and hash into a folder off this machine, now and whenever work ends
    Anchor {
        /// The folder
        #[arg(required_unless_present = "off", conflicts_with = "off")]
        folder: Option<PathBuf>,
        /// No more
        #[arg(long)]
        off: bool,
    },
    /// Go on with records that contradict their anchor (an older copy, events cut off); the audit says so for ever
    Accept,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BackupArguments {
    /// The folder for backups, best on another disk
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) to: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<BackupCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Backups that make themselves while the program works: shown, set or ended; `run` from the system's scheduler too
    Schedule {
        /// The folder for them
        #[arg(long, value_name = "DIR", requires = "every")]
        to: Option<PathBuf>,
        /// Hours between two
        #[arg(long, value_name = "HOURS", requires = "to")]
        every: Option<u32>,
        /// No more
        #[arg(long, conflicts_with = "to")]
        off: bool,
    },
    /// Make the scheduled backup now if it is due
    Run,
    /// The backups in a folder; exit 1 when one is not whole. Needs no data folder
    List {
        /// The folder
        folder: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuardChoice {
    Keyring,
    Passphrase,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KitCommand {
    /// Print a new kit and ask it back (a line on standard input); only then it counts, and earlier kits no more
    Create,
    /// Type the kit in (a line on standard input): does it open this data folder?
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EraseCommand {
    /// The audio of a dictation; its text and claim stay
    Recording {
        /// Id of the dictation
        id: String,
        /// Really: there is no way back
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Every dictation of a patient, or none where one is under legal hold
    Patient {
        /// Id of the patient
        id: String,
        /// Really: there is no way back
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Put a dictation under legal hold: nothing erases it until the hold is lifted
    Hold {
        /// Id of the dictation
        id: String,
        /// The matter it is for
        #[arg(long)]
        reason: String,
    },
    /// Lift a legal hold
    Lift {
        /// Id of the dictation
        id: String,
    },
    /// All legal holds
    Holds,
    /// The audio of claims that are done with: by the clinic's retention, or before a day
    OldAudio {
        /// Claims whose last decision is older than this day (UTC); without it, what `users guards --keep-audio` says
        #[arg(long, value_name = "YYYY-MM-DD")]
        before: Option<Date>,
        /// Really: there is no way back
        #[arg(long, required = true)]
        yes: bool,
    },
    /// A dictation: audio, transcripts, claims with all revisions, corrections
    Dictation {
        /// Its id
        id: String,
        /// Really: there is no way back
        #[arg(long, required = true)]
        yes: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Csv,
    Json,
}

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
