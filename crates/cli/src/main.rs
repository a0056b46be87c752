//! `iambilly`, the headless program: parses, calls `iambilly-app`, shows.

mod arguments;
mod audit;
mod claims;
mod custody;
mod dictionary;
mod emr;
mod exchange;
mod fees;
mod master;
mod models;
mod pages;
mod payer_rules;
mod physician;
mod policy;
mod queue;
mod record;
mod rules;
mod show;
mod stateless;
mod users;
mod watch;

use arguments::{Arguments, Command};
use clap::Parser;
use iambilly_app::master::MasterKind;
use iambilly_app::paths::Paths;
use iambilly_app::rules::Setting;
use iambilly_app::session::Config;
use iambilly_app::{Surroundings, doctor, schema};
use iambilly_claim::Fault;
use std::path::Path;
use std::process::ExitCode;
use tracing::Instrument;

/// Where the program runs: folders, clock, and how it talks.
pub(crate) struct Shell {
    pub(crate) config: Config,
    pub(crate) surroundings: Surroundings,
    /// Whether the data folder was named on the command line: then the clinic's payer rules count.
    pub(crate) names_data: bool,
    /// Who signs in, where there are accounts.
    pub(crate) user: Option<String>,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

/// The answer was negative (a blocked claim, an evaluation below its floor).
pub(crate) const NEGATIVE: u8 = 1;

fn main() -> ExitCode {
    iambilly_app::surroundings::guard_memory();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version are answers; everything else is wrong usage. Both are clap's to print.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let json = arguments.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let fault = Fault::new(
                iambilly_claim::FaultKind::Missing,
                "no_threads",
                format!("The program could not start its threads: {error}."),
                "Free some memory and try again.",
            );
            return show::fault(&fault, json);
        }
    };
    match runtime.block_on(run(arguments)) {
        Ok(code) => ExitCode::from(code),
        Err(fault) => show::fault(&fault, json),
    }
}

/// The words of the command line that name a command, without anything that was given to it.
fn command_name() -> String {
    use clap::CommandFactory;
    let mut here = Arguments::command();
    let mut names = vec![];
    for word in std::env::args().skip(1) {
        let Some(next) = here.find_subcommand(&word).cloned() else { continue };
        names.push(next.get_name().to_owned());
        here = next;
    }
    names.join(" ")
}

async fn run(arguments: Arguments) -> Result<u8, Fault> {
    let program = std::env::current_exe().unwrap_or_default();
    let mut paths = Paths::from_environment(&|name| std::env::var(name).ok(), Path::new(&program));
    let names_data = arguments.data_dir.is_some();
    if let Some(data) = arguments.data_dir {
        paths.data = data;
    }
    if let Some(models) = arguments.models_dir {
        paths.models = models;
    }
    if let Some(rules) = arguments.rules_dir {
        paths.rules = rules;
    }
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    iambilly_app::log::begin(&paths.data, std::env::var("IAMBILLY_LOG").ok().as_deref());
    let shell = Shell {
        config: Config::new(paths, threads),
        surroundings: Surroundings::system(),
        names_data,
        user: arguments.user,
        json: arguments.json,
        quiet: arguments.quiet,
    };
    let request = tracing::info_span!("request", id = %shell.surroundings.id(), command = command_name());
    let begun = std::time::Instant::now();
    let done = async {
        let done = perform(&shell, arguments.command).await;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &done {
            Ok(exit) => tracing::info!(exit, ms, "done"),
            Err(fault) => tracing::warn!(code = fault.code, exit = fault.exit_code(), ms, "refused"),
        }
        done
    };
    done.instrument(request).await
}

async fn perform(shell: &Shell, command: Command) -> Result<u8, Fault> {
    match command {
        Command::Transcribe(given) => stateless::transcribe(shell, given).await,
        Command::Code(given) => stateless::code(shell, given).await,
        Command::Scrub { claim, dos, today } => stateless::scrub(shell, &claim, dos, today).await,
        Command::Optimise { claim, locality, qualifying, dos, today } => {
            let setting = Setting { locality, qualifying };
            stateless::optimise(shell, &claim, &setting, dos, today).await
        }
        Command::Icd(given) => stateless::icd(shell, &given),
        Command::Claim(given) => claims::claim(shell, given).await,
        Command::Record(given) => record::record(shell, given).await,
        Command::Recording(given) => record::recordings(shell, given).await,
        Command::Claims(given) => claims::claims(shell, given).await,
        Command::Export(given) => exchange::export(shell, given).await,
        Command::Import(given) => exchange::import(shell, given).await,
        Command::Exchange(given) => exchange::exchange(shell, given).await,
        Command::Emr(given) => emr::emr(shell, given).await,
        Command::Fees(given) => fees::fees(shell, given).await,
        Command::Clinic(given) => master::master(shell, MasterKind::Clinic, given).await,
        Command::Providers(given) => master::master(shell, MasterKind::Provider, given).await,
        Command::Facilities(given) => master::master(shell, MasterKind::Facility, given).await,
        Command::Payers(given) => master::master(shell, MasterKind::Payer, given).await,
        Command::Patients(given) => master::master(shell, MasterKind::Patient, given).await,
        Command::Notes(given) => physician::notes(shell, given).await,
        Command::Queries(given) => physician::queries(shell, given).await,
        Command::Cases(given) => physician::cases(shell, given).await,
        Command::Dictations(given) => physician::dictations(shell, given).await,
        Command::Learned(given) => claims::learned(shell, given).await,
        Command::Dictionary(given) => dictionary::dictionary(shell, given).await,
        Command::Rules(given) => rules::rules(shell, given).await,
        Command::Policy(given) => policy::policy(shell, given).await,
        Command::Models(given) => models::models(shell, given).await,
        Command::Audit(given) => audit::audit(shell, given).await,
        Command::Backup(given) => custody::backup(shell, given).await,
        Command::Restore { from, to } => custody::restore(shell, from, to).await,
        Command::RotateKeys { to } => custody::rotate(shell, to).await,
        Command::RecoveryKit(given) => custody::kit(shell, given).await,
        Command::Erase(given) => custody::erase(shell, given).await,
        Command::Users(given) => users::users(shell, given).await,
        Command::Doctor { report: as_text } => {
            let (today, now) = ((shell.surroundings.today)(), (shell.surroundings.now)());
            let session = claims::without_asking(shell).await;
            let report = doctor::examine(&shell.config, today, now, session.as_deref()).await;
            if let Some(session) = session {
                session.shut_down().await;
            }
            if as_text {
                show::line(report.text.trim_end());
            } else {
                show::doctor(&report, shell.json);
            }
            Ok(if report.healthy() { 0 } else { NEGATIVE })
        }
        Command::Schema { name } => {
            show::json(&schema::schema(&name)?);
            Ok(0)
        }
        Command::Man { to } => pages::man(to.as_deref()),
        Command::Completions { shell } => pages::completions(shell),
        Command::Eval(given) => claims::evaluation(shell, given).await,
    }
}
