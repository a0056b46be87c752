//! `fees`: fee schedules listed, imported, set as a percentage and retired.

use crate::claims::session;
use crate::{Shell, show};
use clap::Subcommand;
use iambilly_app::fees::{self, Charges, FeeScheduleView, Fees, NewFeeSchedule};
use iambilly_claim::{Fault, FaultKind};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum FeesCommand {
    /// Fee schedules, newest first, and the percentage where none has the service
    List,
    /// A schedule of rates from a CSV file: code, modifier (optional), charge
    Import {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        of: Of,
    },
    /// A schedule that is a percentage of Medicare's national fee; without a name and dates: the default
    Percent {
        /// Percent, 250 or 137.5
        percent: f64,
        /// Name of the schedule; without it the default percentage is set
        #[arg(long, requires = "from")]
        name: Option<String>,
        /// Payer id; without it for every payer
        #[arg(long, requires = "name")]
        payer: Option<String>,
        /// First date of service
        #[arg(long, requires = "name")]
        from: Option<Date>,
        /// Last date of service
        #[arg(long, requires = "name")]
        to: Option<Date>,
    },
    /// Take a schedule out of use; what is approved keeps its charges
    Retire {
        /// Its id
        id: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Of {
    /// Name for people
    #[arg(long)]
    name: String,
    /// Payer id; without it for every payer
    #[arg(long)]
    payer: Option<String>,
    /// First date of service
    #[arg(long)]
    from: Date,
    /// Last date of service
    #[arg(long)]
    to: Option<Date>,
}

pub(crate) async fn fees(shell: &Shell, command: FeesCommand) -> Result<u8, Fault> {
    // What can be wrong with a file or a number is said before the vault is asked for.
    let step = match command {
        FeesCommand::List => None,
        FeesCommand::Import { file, of } => Some(Step::Add(NewFeeSchedule {
            name: of.name,
            payer: of.payer,
            from: of.from,
            to: of.to,
            charges: fees::read_file(&file)?,
        })),
        FeesCommand::Percent { percent, name, payer, from, to } => {
            let percent = tenths(percent)?;
            Some(match (name, from) {
                (Some(name), Some(from)) => {
                    Step::Add(NewFeeSchedule { name, payer, from, to, charges: Charges::Percent(percent) })
                }
                _ => Step::Default(percent),
            })
        }
        FeesCommand::Retire { id } => Some(Step::Retire(id)),
    };
    let session = session(shell).await?;
    let done = match step {
        None => Ok(()),
        Some(Step::Add(new)) => session.add_fee_schedule(new).await.map(drop),
        Some(Step::Default(percent)) => session.set_default_percent(percent).await,
        Some(Step::Retire(id)) => session.retire_fee_schedule(&id).await,
    };
    let fees = match done {
        Ok(()) => session.fees().await,
        Err(error) => Err(error),
    };
    session.shut_down().await;
    told(shell, &fees?);
    Ok(0)
}

enum Step {
    Add(NewFeeSchedule),
    Default(u32),
    Retire(String),
}

/// Tenths of a percent.
fn tenths(percent: f64) -> Result<u32, Fault> {
    let tenths = (percent * 10.0).round();
    if (1.0..=10_000.0).contains(&tenths) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is within 1 and 10,000"
        )]
        return Ok(tenths as u32);
    }
    Err(Fault::new(
        FaultKind::Usage,
        "percent_invalid",
        "A percentage of Medicare lies above 0 and at most at 1000.",
        "250 is two and a half times Medicare.",
    ))
}

fn told(shell: &Shell, fees: &Fees) {
    if shell.json {
        return show::json(fees);
    }
    for s in &fees.schedules {
        show::line(&line(s));
    }
    let default = fees.default_percent;
    show::line(&format!(
        "Where none has the service: {}.{} % of Medicare's national fee.",
        default / 10,
        default % 10
    ));
}

fn line(s: &FeeScheduleView) -> String {
    let payer = s.payer.as_deref().unwrap_or("every payer");
    let what = match s.percent {
        Some(p) => format!("{}.{} % of Medicare", p / 10, p % 10),
        None => format!("{} rates", s.rates),
    };
    let until = s.to.as_deref().map(|to| format!(" to {to}")).unwrap_or_default();
    let retired = if s.retired { ", retired" } else { "" };
    format!("{}  {}: {what} for {payer}, from {}{until}{retired}", s.id, s.name, s.from)
}
