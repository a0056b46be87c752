//! Claims as work: the queue, assignment, comments; claims about other claims, and what is different between revisions.

use crate::claims::claim_id;
use crate::show;
use clap::{Args, ValueEnum};
use iambilly_app::queue::{ClaimState, CommentView, QueueFilter, QueuePage, QueueQuery, QueueSort};
use iambilly_app::related::{Amend, NewCompanion};
use iambilly_app::session::Session;
use iambilly_claim::{Cents, Fault, FaultKind, Phi};
use jiff::civil::Date;

/// What `claims queue` is asked.
#[derive(Debug, Args)]
pub(crate) struct QueueArguments {
    /// Only these states, parted by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STATE,…")]
    state: Vec<StateChoice>,
    /// Only this payer
    #[arg(long, value_name = "ID")]
    payer: Option<String>,
    /// Only this rendering provider, as the queue shows them
    #[arg(long, value_name = "NAME")]
    physician: Option<String>,
    /// Only what is assigned to this person, or to `nobody`
    #[arg(long, value_name = "ID")]
    assignee: Option<String>,
    /// Served on this day or later
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Served on this day or earlier
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// At least this risk: 3 blocked, 2 warned, 1 something is asked
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=3))]
    risk: Option<u8>,
    /// Charged at least so much
    #[arg(long, value_name = "DOLLARS")]
    charge_from: Option<Cents>,
    /// Charged at most so much
    #[arg(long, value_name = "DOLLARS")]
    charge_to: Option<Cents>,
    /// With words that begin so: of patient, dictation, physician, payer, codes, numbers
    #[arg(long, default_value = "")]
    text: String,
    /// What comes first
    #[arg(long, value_enum, default_value_t = SortChoice::Risk)]
    sort: SortChoice,
    /// The other way round
    #[arg(long)]
    reversed: bool,
    /// Where the page before ended: its `next`
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum StateChoice {
    Draft,
    HumanReview,
    Approved,
    Rejected,
    Exported,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SortChoice {
    Risk,
    Money,
    Age,
    Payer,
    Dos,
}

impl QueueArguments {
    fn query(self) -> QueueQuery {
        let state = |s: &StateChoice| match s {
            StateChoice::Draft => ClaimState::Draft,
            StateChoice::HumanReview => ClaimState::HumanReview,
            StateChoice::Approved => ClaimState::Approved,
            StateChoice::Rejected => ClaimState::Rejected,
            StateChoice::Exported => ClaimState::Exported,
        };
        let sort = match self.sort {
            SortChoice::Risk => QueueSort::Risk,
            SortChoice::Money => QueueSort::Money,
            SortChoice::Age => QueueSort::Age,
            SortChoice::Payer => QueueSort::Payer,
            SortChoice::Dos => QueueSort::Dos,
        };
        let filter = QueueFilter {
            states: self.state.iter().map(state).collect(),
            payer: self.payer,
            physician: self.physician,
            assignee: self.assignee.map(|who| if who == "nobody" { String::new() } else { who }),
            from: self.from,
            to: self.to,
            risk: self.risk,
            charge_from: self.charge_from,
            charge_to: self.charge_to,
            text: Phi::new(self.text),
        };
        QueueQuery { filter, sort, reversed: self.reversed, after: self.after, limit: self.limit }
    }
}

pub(crate) async fn queue(session: &Session, given: QueueArguments, json: bool) -> Result<u8, Fault> {
    let page = session.queue(given.query()).await?;
    if json {
        show::json(&page);
    } else {
        shown(&page);
    }
    Ok(0)
}

fn shown(page: &QueuePage) {
    const RISKS: [&str; 4] = ["-", "asked", "warned", "blocked"];
    if page.rows.is_empty() {
        show::line("No claim is so.");
    }
    for row in &page.rows {
        let risk = RISKS.get(usize::from(row.risk)).copied().unwrap_or("-");
        show::line(&format!(
            "{}  {:<12} {:<8} {:>12} {} {} {} {}",
            row.claim_id,
            row.state.as_str(),
            risk,
            row.charge,
            row.dos,
            row.payer,
            row.patient.expose(),
            row.assignee
        ));
    }
    if let Some(next) = &page.next {
        show::line(&format!("more: --after '{next}'"));
    }
}

pub(crate) async fn assign(session: &Session, id: &str, to: &str) -> Result<u8, Fault> {
    let to = if to == "nobody" { "" } else { to };
    session.assign(claim_id(id)?, to.to_owned()).await?;
    Ok(0)
}

pub(crate) async fn comment(
    session: &Session,
    id: &str,
    text: Option<String>,
    json: bool,
) -> Result<u8, Fault> {
    let id = claim_id(id)?;
    let comments: Vec<CommentView> = match text {
        Some(text) => session.comment(id, Phi::new(text)).await?,
        None => session.comments(id).await?,
    };
    if json {
        show::json(&comments);
        return Ok(0);
    }
    for comment in comments {
        show::line(&format!("{}  {}: {}", comment.at, comment.author, comment.text.expose()));
    }
    Ok(0)
}

/// What is done about a claim that was sent.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AmendChoice {
    Correct,
    Void,
}

impl From<AmendChoice> for Amend {
    fn from(choice: AmendChoice) -> Self {
        match choice {
            AmendChoice::Correct => Self::Correct,
            AmendChoice::Void => Self::Void,
        }
    }
}

/// A companion claim as JSON.
pub(crate) fn companion(json: &str) -> Result<NewCompanion, Fault> {
    serde_json::from_str(json).map_err(|e| {
        Fault::new(
            FaultKind::Input,
            "companion_invalid",
            format!("The companion claim is not valid JSON (line {}, column {}).", e.line(), e.column()),
            "Give part, modifier, provider and evidence; docs/contract.md names all of them.",
        )
    })
}

/// Revisions, or what is different between two of them; always JSON.
pub(crate) async fn diff(
    session: &Session,
    id: &str,
    (older, from): (Option<String>, Option<u32>),
    to: Option<u32>,
) -> Result<u8, Fault> {
    let id = claim_id(id)?;
    let older = older.as_deref().map(claim_id).transpose()?;
    if from.is_none() && older.is_none() {
        show::json(&session.revisions(id).await?);
    } else {
        show::json(&session.difference(id, (older, from), to).await?);
    }
    Ok(0)
}
