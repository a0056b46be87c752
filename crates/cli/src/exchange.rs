//! `export`, `import` and `exchange`: claims out, answers in, and who sends to whom.

use crate::claims::{asked, claim_id, session};
use crate::stateless::read_text;
use crate::{NEGATIVE, Shell, show};
use clap::{Args, Subcommand, ValueEnum};
use iambilly_app::exchange::form::{Print, Shift, write_form, write_test_page};
use iambilly_app::exchange::{
    AnswerKind, DenialView, ExchangeSettings, Exported, Imported, SftpCredential, Target, host_key,
};
use iambilly_app::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Approved claims as X12 837P (005010X222A1): one file a receiver and payer
    #[command(name = "837p")]
    Professional {
        /// Claims; or --batch
        #[arg(required_unless_present = "batch")]
        ids: Vec<String>,
        /// Every claim that is approved
        #[arg(long, conflicts_with = "ids")]
        batch: bool,
        /// A file, or a folder that is there; without it the folder that the exchange settings name
        #[arg(short, long, value_name = "FILE|DIR")]
        output: Option<PathBuf>,
    },
    /// An approved claim on the CMS-1500: PDF, or every item as JSON where the file's name ends so
    Cms1500 {
        /// The claim
        id: String,
        /// A file that is not there yet
        #[arg(short, long, value_name = "FILE.pdf|FILE.json")]
        output: PathBuf,
        /// Text alone, for a form that is printed already
        #[arg(long)]
        preprinted: bool,
        #[command(flatten)]
        moved: Moved,
    },
    /// Crosses where text would stand on a pre-printed form, and rulers
    TestPage {
        /// A file that is not there yet
        #[arg(short, long, value_name = "FILE.pdf")]
        output: PathBuf,
        #[command(flatten)]
        moved: Moved,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Moved {
    /// Move everything to the right, in tenths of a millimetre
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_name = "TENTHS")]
    right: i32,
    /// Move everything up, in tenths of a millimetre
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_name = "TENTHS")]
    up: i32,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// What it is: acknowledgement of a file, acknowledgement of claims, remittance
    kind: Kind,
    /// The file
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    #[value(name = "999")]
    Acknowledgement,
    #[value(name = "277ca")]
    Status,
    #[value(name = "835")]
    Remittance,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExchangeCommand {
    /// Who sends claims, to whom, and the payers as the receivers know them
    Show,
    /// Set them from a JSON file (docs/exchange.md)
    Set {
        /// The file
        file: PathBuf,
    },
    /// Files of claims that left or wait to, newest first
    Files,
    /// Deliver what waits in the outbox; exit 1 when something still waits, and why
    Deliver,
    /// The fingerprint of the key that an SFTP server shows now: compare it with what the clearinghouse says it is
    HostKey {
        /// Its name or address
        host: String,
        /// Its port
        #[arg(long, default_value_t = 22)]
        port: u16,
    },
    /// Keep the password (asked for, or from standard input) or private key that a correspondent's server lets us in by
    Credential {
        /// The correspondent's id in the exchange settings
        correspondent: String,
        /// A private key in OpenSSH, PEM or PuTTY form
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The key has a passphrase, which is asked for
        #[arg(long, requires = "key")]
        sealed: bool,
        /// Forget what was kept
        #[arg(long, conflicts_with_all = ["key", "sealed"])]
        forget: bool,
    },
    /// What came back on a claim
    Answers {
        /// Its id
        id: String,
    },
    /// Denials as work, each with its reason in plain words and the payer rule it proposes
    Denials {
        /// Closed ones too
        #[arg(long)]
        all: bool,
    },
    /// Close a denial
    Close {
        /// Its id
        id: String,
    },
}

pub(crate) async fn export(shell: &Shell, command: ExportCommand) -> Result<u8, Fault> {
    let (ids, batch, output) = match command {
        ExportCommand::Professional { ids, batch, output } => (ids, batch, output),
        ExportCommand::Cms1500 { id, output, preprinted, moved } => {
            let shift = Shift { right: moved.right, up: moved.up };
            let how = if preprinted { Print::Preprinted(shift) } else { Print::Preview };
            return form(shell, &id, how, &output).await;
        }
        ExportCommand::TestPage { output, moved } => {
            write_test_page(Shift { right: moved.right, up: moved.up }, &output).await?;
            return Ok(0);
        }
    };
    let ids: Vec<ClaimId> = ids.iter().map(|id| claim_id(id)).collect::<Result<_, _>>()?;
    let target = output.map_or(Target::Watched, Target::Path);
    let session = session(shell).await?;
    let made = exported(&session, ids, batch, target).await;
    session.shut_down().await;
    let made = made?;
    if shell.json {
        show::json(&made);
    } else {
        made.iter().for_each(told);
    }
    Ok(if made.iter().all(|f| f.delivered) { 0 } else { NEGATIVE })
}

async fn form(shell: &Shell, id: &str, how: Print, output: &Path) -> Result<u8, Fault> {
    let id = claim_id(id)?;
    let session = session(shell).await?;
    let form = session.cms1500(id).await;
    session.shut_down().await;
    let form = form?;
    write_form(&form, how, output).await?;
    if shell.json {
        show::json(&form.unfit);
    } else {
        form.unfit.iter().for_each(|lack| show::note(&format!("No room for {lack}")));
    }
    Ok(if form.unfit.is_empty() { 0 } else { NEGATIVE })
}

async fn exported(
    session: &Session,
    ids: Vec<ClaimId>,
    batch: bool,
    target: Target,
) -> Result<Vec<Exported>, Fault> {
    let ids = if batch { session.approved_claims().await? } else { ids };
    if ids.is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            "nothing_approved",
            "No claim is approved and waits to be sent.",
            "iambilly claims list shows where each one is.",
        ));
    }
    Ok(session.export_837p(ids, target).await?)
}

fn told(file: &Exported) {
    let state = if file.delivered { "delivered" } else { "waits in the outbox" };
    show::line(&format!(
        "{:09}  {} claim(s) to {}  {state}: {}",
        file.control,
        file.claims.len(),
        file.correspondent,
        file.file.display()
    ));
    if let Some(fault) = &file.fault {
        show::note(&format!("{} {}", fault.message, fault.advice));
    }
}

/// What lets us in, from a file or as it is typed.
fn credential(key: Option<&Path>, sealed: bool) -> Result<SftpCredential, Fault> {
    match key {
        Some(file) => {
            let passphrase = if sealed { Some(secret("The key's passphrase: ")?) } else { None };
            Ok(SftpCredential::Key { text: read_text(file)?, passphrase })
        }
        None => Ok(SftpCredential::Password { password: secret("The password: ")? }),
    }
}

/// A secret as it is typed, or the first line of standard input where that is no terminal.
fn secret(prompt: &str) -> Result<String, Fault> {
    use std::io::{BufRead as _, IsTerminal as _};
    if std::io::stdin().is_terminal() {
        return asked(prompt);
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    let typed = line.trim_end_matches(['\r', '\n']);
    if read.is_err() || typed.is_empty() {
        return Err(Fault::new(
            FaultKind::Usage,
            "secret_missing",
            "No password or passphrase was given.",
            "Type it, or give it as the first line of standard input.",
        ));
    }
    Ok(typed.to_owned())
}

pub(crate) async fn import(shell: &Shell, given: ImportArguments) -> Result<u8, Fault> {
    let kind = match given.kind {
        Kind::Acknowledgement => AnswerKind::Acknowledgement,
        Kind::Status => AnswerKind::Status,
        Kind::Remittance => AnswerKind::Remittance,
    };
    let session = session(shell).await?;
    let done = session.import_answers(kind, given.file).await;
    session.shut_down().await;
    let done = done?;
    if shell.json {
        show::json(&done);
    } else {
        taken(&done);
    }
    Ok(0)
}

fn taken(done: &Imported) {
    show::line(&format!(
        "{} claim(s) answered, {} answer(s) of no claim of ours.",
        done.matched, done.unmatched
    ));
    let mut statuses: Vec<_> = done.statuses.iter().collect();
    statuses.sort();
    for (status, count) in statuses {
        show::line(&format!("  {status}: {count}"));
    }
    if done.paid.0 != 0 {
        show::line(&format!("Paid: {}", done.paid));
    }
    if done.denials > 0 {
        show::line(&format!("{} denial(s) opened: iambilly exchange denials", done.denials));
    }
    if !done.proposed_rules.is_empty() {
        show::line(&format!("Payer rules proposed: {}", done.proposed_rules.join(", ")));
    }
    if done.underpaid > 0 {
        show::line(&format!(
            "{} line(s) paid below the contract or Medicare's fee schedule.",
            done.underpaid
        ));
    }
    if done.unbalanced > 0 {
        show::note(&format!("{} payment(s) do not add up to their claims.", done.unbalanced));
    }
}

pub(crate) async fn exchange(shell: &Shell, command: ExchangeCommand) -> Result<u8, Fault> {
    // What can be wrong with a file is said before the vault is asked for.
    let settings = match &command {
        ExchangeCommand::Set { file } => Some(settings(file)?),
        _ => None,
    };
    // Whose key it is can be asked before anything is unlocked.
    if let ExchangeCommand::HostKey { host, port } = &command {
        let key = host_key(host, *port).await?;
        if shell.json {
            show::json(&key)
        } else {
            show::line(&key)
        }
        return Ok(0);
    }
    let credential = match &command {
        ExchangeCommand::Credential { key, sealed, forget: false, .. } => {
            Some(credential(key.as_deref(), *sealed)?)
        }
        _ => None,
    };
    let session = session(shell).await?;
    let done = run(shell, &session, command, (settings, credential)).await;
    session.shut_down().await;
    done
}

fn settings(file: &Path) -> Result<ExchangeSettings, Fault> {
    ExchangeSettings::parse(&read_text(file)?)
}

async fn run(
    shell: &Shell,
    session: &Session,
    command: ExchangeCommand,
    (settings, credential): (Option<ExchangeSettings>, Option<SftpCredential>),
) -> Result<u8, Fault> {
    match command {
        ExchangeCommand::HostKey { .. } => {}
        ExchangeCommand::Credential { correspondent, .. } => {
            session.set_exchange_credential(&correspondent, credential).await?;
        }
        ExchangeCommand::Show => show::json(&session.exchange_settings().await?),
        ExchangeCommand::Set { .. } => {
            if let Some(settings) = settings {
                session.set_exchange_settings(settings).await?;
            }
            show::json(&session.exchange_settings().await?);
        }
        ExchangeCommand::Files => {
            let files = session.interchanges().await?;
            if shell.json {
                show::json(&files);
            } else {
                files.iter().for_each(told);
            }
        }
        ExchangeCommand::Deliver => {
            let files = session.deliver_and_list().await?;
            let waiting: Vec<_> = files.into_iter().filter(|f| !f.delivered).collect();
            if shell.json {
                show::json(&waiting);
            } else {
                waiting.iter().for_each(told);
            }
            return Ok(if waiting.is_empty() { 0 } else { NEGATIVE });
        }
        ExchangeCommand::Answers { id } => {
            let answers = session.answers(claim_id(&id)?).await?;
            if shell.json {
                show::json(&answers);
            } else {
                for answer in answers {
                    show::line(&format!("{}  {}  {:?}", answer.at, answer.kind, answer.status));
                    answer.says.iter().for_each(|s| show::line(&format!("  {s}")));
                }
            }
        }
        ExchangeCommand::Denials { all } => denials(shell, &session.denials(all).await?),
        ExchangeCommand::Close { id } => {
            session.close_denial(&id).await?;
            denials(shell, &session.denials(false).await?);
        }
    }
    Ok(0)
}

fn denials(shell: &Shell, denials: &[DenialView]) {
    if shell.json {
        show::json(&denials);
        return;
    }
    for denial in denials {
        let what =
            denial.line.map_or_else(|| "whole claim".to_owned(), |n| format!("line {n} {}", denial.code));
        show::line(&format!(
            "{}  claim {}  {what}  {}  {}",
            denial.id, denial.claim_id, denial.amount, denial.reason
        ));
        show::line(&format!("  {} {}", denial.says, denial.advice));
        if let Some(rule) = &denial.rule {
            show::line(&format!("  Proposed rule: {rule} (iambilly rules confirm {rule})"));
        }
    }
}
