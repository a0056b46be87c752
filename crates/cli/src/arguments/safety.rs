//! Audit, backups, recovery kit, erasing.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

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
        /// Days after which one is deleted, once there is a newer; without it they are kept for good
        #[arg(long, value_name = "DAYS", requires = "to")]
        keep: Option<u32>,
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
    /// All of a patient: dictations, claims, master data, what EMRs showed; nothing where one is under legal hold
    Patient {
        /// The clinic's number of the patient, or the id of their record (`patients list`)
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
