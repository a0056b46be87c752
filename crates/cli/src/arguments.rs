//! The command line's arguments (`docs/contract.md`).

mod claims;
mod knowledge;
mod safety;
mod work;

pub(crate) use claims::ClaimsCommand;
use clap::{Parser, Subcommand};
use jiff::civil::Date;
pub(crate) use knowledge::{DictionaryCommand, EvalArguments, LearnedCommand, ModelsCommand, RulesCommand};
pub(crate) use safety::{
    AuditCommand, AuditFormat, BackupArguments, BackupCommand, EraseCommand, GuardChoice, KitCommand,
};
use std::path::PathBuf;
pub(crate) use work::{
    ClaimArguments, CodeArguments, IcdCommand, OriginChoice, ReaderChoice, RecordArguments, RecordingCommand,
    TranscribeArguments,
};

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
    /// Operative notes: shown by section, changed, signed, added to
    #[command(subcommand)]
    Notes(crate::physician::NotesCommand),
    /// What open claims ask the physician, and the answers
    #[command(subcommand)]
    Queries(crate::physician::QueriesCommand),
    /// The physician's cases of a day
    #[command(subcommand)]
    Cases(crate::physician::CasesCommand),
    /// Dictations found again, and filed under their patient
    #[command(subcommand)]
    Dictations(crate::physician::DictationsCommand),
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
