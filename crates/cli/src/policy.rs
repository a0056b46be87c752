//! `policy`: the payer-rule library: policies added, asked, listed and taken out.

use crate::claims::{claim_id, session};
use crate::{NEGATIVE, Shell, show};
use clap::Subcommand;
use iambilly_app::Cancel;
use iambilly_app::evaluate::policies::PolicyReport;
use iambilly_app::library::{
    AddOutcome, AddPolicy, Added, Answer, Coverage, HitView, PolicyView, Question, Standing,
};
use iambilly_claim::{Fault, FaultKind};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Add policies: PDF, HTML, spreadsheets, Markdown or text; read in a confined process, scans by Tesseract
    Add {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Payer id as claims name it
        #[arg(long)]
        payer: String,
        /// First date of service; read from the document where not given
        #[arg(long)]
        effective: Option<Date>,
        /// Last date of service; read from the document where not given
        #[arg(long)]
        until: Option<Date>,
        /// Title; read from the document where not given (one file only)
        #[arg(long)]
        title: Option<String>,
        /// Policy number without version; read from the document where not given (one file only)
        #[arg(long)]
        number: Option<String>,
    },
    /// Ask the library: passages of this payer's policies in force on the date of service, best first
    Search {
        /// The question
        question: String,
        /// Payer id
        #[arg(long)]
        payer: String,
        /// Date of service; today by default
        #[arg(long)]
        dos: Option<Date>,
        /// At most this many passages
        #[arg(long, default_value_t = 5)]
        limit: usize,
    },
    /// All policies by payer, with the dates each is in force
    List,
    /// The passage a payer rule is from, with its page
    Source {
        /// The rule's id, as a finding names it
        rule: String,
    },
    /// What the payer's policies ask of a claim, criterion by criterion; exit 1 where there is nothing
    Check {
        /// The claim's id
        claim: String,
        /// Ask the local language model of each whether the note shows it: believed only with a quote of both
        #[arg(long)]
        compare: bool,
        /// Write what to send with a request for prior authorisation
        #[arg(long, conflicts_with = "appeal")]
        checklist: bool,
        /// Write a draft of an appeal from the quotes alone
        #[arg(long, requires = "compare")]
        appeal: bool,
    },
    /// Folders that are watched: new and changed files are taken in, files that went away are said
    #[command(subcommand)]
    Watch(crate::watch::WatchCommand),
    /// Take a policy out, with the rules proposed from it
    Remove {
        /// Its id
        id: String,
    },
}

pub(crate) async fn policy(shell: &Shell, command: PolicyCommand) -> Result<u8, Fault> {
    match command {
        PolicyCommand::Add { files, payer, effective, until, title, number } => {
            if files.len() > 1 && (title.is_some() || number.is_some()) {
                return Err(Fault::new(
                    FaultKind::Usage,
                    "one_file_only",
                    "A title or a number belongs to one policy.",
                    "Add the files one by one, or leave --title and --number away.",
                ));
            }
            let given = AddPolicy { payer, from: effective, to: until, title, number };
            add(shell, &files, &given).await
        }
        PolicyCommand::Search { question, payer, dos, limit } => {
            let dos = dos.unwrap_or_else(shell.surroundings.today);
            let session = session(shell).await?;
            let answer = session.ask_policies(Question { payer, dos, text: question, limit }).await;
            session.shut_down().await;
            let answer = answer?;
            answered(shell, &answer);
            Ok(if answer.hits.is_empty() { NEGATIVE } else { 0 })
        }
        PolicyCommand::List => {
            let session = session(shell).await?;
            let all = session.policies((shell.surroundings.today)()).await;
            session.shut_down().await;
            listed(shell, &all?);
            Ok(0)
        }
        PolicyCommand::Source { rule } => {
            let session = session(shell).await?;
            let found = session.policy_source(&rule).await;
            session.shut_down().await;
            let hit = found?;
            if shell.json {
                show::json(&hit)
            } else {
                passage(&hit)
            }
            Ok(0)
        }
        PolicyCommand::Check { claim, compare, checklist, appeal } => {
            let id = claim_id(&claim)?;
            let session = session(shell).await?;
            let progress = show::Progress::new(!shell.quiet);
            let tell = |share: f32| progress.show("Comparing", Some(f64::from(share)));
            let found = session.check_coverage(id, compare, &tell, &Cancel::new()).await;
            progress.clear();
            session.shut_down().await;
            let found = found?;
            match (shell.json, checklist, appeal) {
                (true, ..) => show::json(&found),
                (_, true, _) => show::line(found.checklist.expose()),
                (_, _, true) => match found.appeal.expose() {
                    Some(letter) => show::line(letter),
                    None => show::line("No criterion was found met: there is nothing to quote."),
                },
                _ => covered(&found),
            }
            Ok(if found.criteria.is_empty() { NEGATIVE } else { 0 })
        }
        PolicyCommand::Watch(command) => crate::watch::watch(shell, command).await,
        PolicyCommand::Remove { id } => {
            let session = session(shell).await?;
            let removed = session.remove_policy(&id).await;
            session.shut_down().await;
            removed?;
            show::line("Taken out. The audit keeps that it was there.");
            Ok(0)
        }
    }
}

/// Adds files one after the other; one that is refused is told and the others go on.
async fn add(shell: &Shell, files: &[PathBuf], given: &AddPolicy) -> Result<u8, Fault> {
    let session = session(shell).await?;
    let progress = show::Progress::new(!shell.quiet);
    let mut added: Vec<Added> = vec![];
    let mut refused: Option<Fault> = None;
    for file in files {
        let done =
            session.add_policy(file, given.clone(), &|what, share| progress.show(what, Some(share))).await;
        progress.clear();
        match done {
            Ok(one) => added.push(one),
            Err(error) => {
                let fault = Fault::from(error);
                if files.len() > 1 {
                    show::warning(&fault);
                }
                refused = Some(fault);
            }
        }
    }
    session.shut_down().await;
    match refused {
        Some(fault) if added.is_empty() => return Err(fault),
        _ if shell.json => show::json(&added),
        _ => added.iter().for_each(told),
    }
    refused.map_or(Ok(0), Err)
}

pub(crate) const fn became(outcome: AddOutcome) -> &'static str {
    match outcome {
        AddOutcome::Duplicate => "was there already, nothing changed",
        AddOutcome::NewVersion => "added as a version of a policy that is there",
        AddOutcome::New => "added",
    }
}

fn told(one: &Added) {
    let what = became(one.outcome);
    show::line(&format!("{}: {what}", line(&one.policy)));
    for (pages, what) in [
        (&one.policy.pages_without_text, "without text and not read"),
        (&one.policy.pages_recognised, "recognised from a picture; check what they say"),
    ] {
        if !pages.is_empty() {
            let pages: Vec<String> = pages.iter().map(ToString::to_string).collect();
            show::line(&format!("  Pages {what}: {}", pages.join(", ")));
        }
    }
    if !one.proposed.is_empty() {
        show::line(&format!(
            "  {} payer rules proposed as drafts; read each beside its passage, then `rules confirm`: {}",
            one.proposed.len(),
            one.proposed.join(", ")
        ));
    }
    if let Some(why) = &one.words_only {
        show::line(&format!("  Searched by words only. {why}"));
    }
}

fn line(policy: &PolicyView) -> String {
    let number = policy.number.as_ref().map(|n| format!("{n}, ")).unwrap_or_default();
    let until = policy.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    let status = policy.status.words();
    format!(
        "{}  {}: {number}{}, from {}{until} ({status})",
        policy.id, policy.payer, policy.title, policy.from
    )
}

fn listed(shell: &Shell, all: &[PolicyView]) {
    if shell.json {
        return show::json(&all);
    }
    if all.is_empty() {
        show::line("The library is empty: add a policy first.");
    }
    for policy in all {
        show::line(&line(policy));
    }
}

fn passage(hit: &HitView) {
    let until = hit.effective_to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    show::line(&format!(
        "{}, p. {}, {} (from {}{until})",
        hit.title, hit.page, hit.section, hit.effective_from
    ));
    show::line(&format!("  {}", hit.text));
}

fn covered(found: &Coverage) {
    for criterion in &found.criteria {
        passage(&criterion.passage);
        if let Some(answer) = &criterion.answer {
            let standing = match answer.standing {
                Standing::Met => "met",
                Standing::NotMet => "not met",
                Standing::NotDocumented => "not documented",
            };
            show::line(&format!("  → {standing}: the note says “{}”", answer.note.expose()));
        }
    }
    if let Some(note) = &found.note {
        show::line(note);
    }
}

fn answered(shell: &Shell, answer: &Answer) {
    if shell.json {
        return show::json(answer);
    }
    answer.hits.iter().for_each(passage);
    if let Some(note) = &answer.note {
        show::line(note);
    }
}

pub(crate) fn evaluated(report: &PolicyReport, as_json: bool) {
    if as_json {
        return show::json(report);
    }
    for document in &report.documents {
        show::line(&format!(
            "{}: {}, {} pages, {} passages, {} rules proposed",
            document.file, document.outcome, document.pages, document.passages, document.proposals
        ));
    }
    for (method, score) in &report.methods {
        show::line(&format!(
            "{method}: first {:.1} %, among five {:.1} % of {} questions; wrong document {}",
            score.hit_at_1 * 100.0,
            score.hit_at_5 * 100.0,
            report.questions,
            score.wrong_document
        ));
    }
    let c = &report.claims;
    show::line(&format!(
        "{} claims: {} of {} findings ({} from another passage), {} extra, {} false alarms",
        c.claims, c.found, c.expected, c.elsewhere, c.extra, c.false_alarms
    ));
    if let Some(note) = &report.note {
        show::line(note);
    }
}
