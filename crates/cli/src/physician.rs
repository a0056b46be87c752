//! `notes`, `queries`, `cases` and `dictations`: the physician's side.

use crate::claims::{claim_id, session};
use crate::stateless::read_text;
use crate::{Shell, show};
use clap::Subcommand;
use iambilly_app::draft::parse_patient;
use iambilly_app::physician::{DayView, Filing, HistoryRow, NewCase, NoteState, NoteView, QueryView};
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Fault, FaultKind, Phi};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum NotesCommand {
    /// A note by its sections, with signatures, addenda and answers
    Show {
        /// The dictation's id
        id: String,
        /// The template it is held against; the one that fits best without
        #[arg(long)]
        template: Option<String>,
    },
    /// Write a section: over the one at a place, or a new one behind the others; an empty file takes it away
    Write {
        /// The dictation's id
        id: String,
        /// The claim's revision you saw; refused if it is not the newest any more
        #[arg(long)]
        revision: u32,
        /// Place of the section among those of the text, as `show --json` says
        #[arg(long)]
        place: Option<usize>,
        /// Heading of a new section
        #[arg(long, default_value = "")]
        title: String,
        /// The words, or - for standard input
        file: PathBuf,
    },
    /// Sign a note: from then on its words stand, and others are added
    Sign {
        /// The dictation's id
        id: String,
        /// Revision of the text you read
        #[arg(long)]
        revision: u32,
        /// The template it is held against
        #[arg(long)]
        template: Option<String>,
        /// Sign although parts are missing that the template wants
        #[arg(long)]
        incomplete: bool,
    },
    /// Add to a signed note; the claim is drafted with the words
    Addend {
        /// The dictation's id
        id: String,
        /// The words, or - for standard input
        file: PathBuf,
    },
    /// The templates to choose from
    Templates,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueriesCommand {
    /// Every question of open claims, the gravest first
    List,
    /// Answer one: the words become part of the note, as evidence
    Answer {
        /// The claim's id
        id: String,
        /// The claim's revision you saw
        #[arg(long)]
        revision: u32,
        /// The question, word for word
        #[arg(long)]
        question: String,
        /// The answer; without one the note stands as it is and the question is not asked again
        #[arg(long)]
        words: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CasesCommand {
    /// The cases of a day, today's without one
    List {
        /// YYYY-MM-DD
        day: Option<Date>,
    },
    /// Plan a case
    Plan {
        /// YYYY-MM-DD
        day: Date,
        /// The patient as JSON, or - for standard input
        #[arg(long, value_name = "FILE")]
        patient: PathBuf,
        /// HH:MM
        #[arg(long, default_value = "")]
        time: String,
        /// What is planned, in words
        #[arg(long, default_value = "")]
        operation: String,
        /// Payer id
        #[arg(long, default_value = "")]
        payer: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DictationsCommand {
    /// Those with all these words in name, patient, payer or date; the newest first
    Find {
        /// The words
        #[arg(default_value = "")]
        words: String,
        /// Only those of no patient yet
        #[arg(long)]
        unfiled: bool,
        /// Where the page before ended: its `next`
        #[arg(long)]
        after: Option<String>,
    },
    /// File one under a patient, with its recording, note and claims; refused once a claim of it was sent
    File {
        /// The dictation's id
        id: String,
        /// The patient as JSON, or - for standard input
        #[arg(long, value_name = "FILE")]
        patient: PathBuf,
        /// Payer id, where it is another with this patient
        #[arg(long)]
        payer: Option<String>,
        /// How it came to be under somebody else
        #[arg(long, default_value = "")]
        reason: String,
    },
}

fn dictation_id(id: &str) -> Result<DictationId, Fault> {
    id.parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "dictation_id_invalid",
            "That is not the id of a dictation.",
            "iambilly dictations find shows them.",
        )
    })
}

pub(crate) async fn notes(shell: &Shell, command: NotesCommand) -> Result<u8, Fault> {
    // What can be wrong with a file or an id is said before the vault is asked for.
    enum Step {
        Show(DictationId, Option<String>),
        Write(DictationId, u32, Option<usize>, String, String),
        Sign(DictationId, u32, Option<String>, bool),
        Addend(DictationId, String),
        Templates,
    }
    let step = match command {
        NotesCommand::Show { id, template } => Step::Show(dictation_id(&id)?, template),
        NotesCommand::Write { id, revision, place, title, file } => {
            Step::Write(dictation_id(&id)?, revision, place, title, read_text(&file)?)
        }
        NotesCommand::Sign { id, revision, template, incomplete } => {
            Step::Sign(dictation_id(&id)?, revision, template, incomplete)
        }
        NotesCommand::Addend { id, file } => Step::Addend(dictation_id(&id)?, read_text(&file)?),
        NotesCommand::Templates => Step::Templates,
    };
    let session = session(shell).await?;
    let note = match step {
        Step::Show(id, template) => session.note_of(id, template).await,
        Step::Write(id, revision, place, title, words) => {
            session.write_section(id, revision, place, title, Phi::new(words)).await
        }
        Step::Sign(id, revision, template, incomplete) => {
            session.sign_note(id, revision, template, incomplete).await
        }
        Step::Addend(id, words) => session.addend_note(id, Phi::new(words)).await,
        Step::Templates => {
            let all = session.templates().await;
            session.shut_down().await;
            let all = all?;
            if shell.json {
                show::json(&all);
            } else {
                for one in &all {
                    let titles: Vec<&str> = one.template.sections.iter().map(|s| s.title.as_str()).collect();
                    show::line(&format!("{}: {}", one.template.name, titles.join(", ")));
                }
            }
            return Ok(0);
        }
    };
    session.shut_down().await;
    let note = note?;
    if shell.json {
        show::json(&note);
    } else {
        shown(&note);
    }
    Ok(0)
}

fn shown(note: &NoteView) {
    let state = match note.state {
        NoteState::Open => "not signed",
        NoteState::Signed => "signed",
        NoteState::Void => "signed for another patient or day: to be signed again",
    };
    let who = note.patient_label.expose().clone().unwrap_or_else(|| "no patient yet".to_owned());
    show::line(&format!("{who}, {}, revision {}: {state}", note.dos, note.revision));
    for section in note.sections.iter().filter(|s| s.place.is_some()) {
        show::line(&format!("\n{}\n  {}", section.title.to_uppercase(), section.text.expose()));
    }
    for addendum in &note.addenda {
        show::line(&format!(
            "\nADDENDUM by {}, {}\n  {}",
            addendum.signer,
            addendum.at,
            addendum.text.expose()
        ));
    }
    for signature in note.signatures.iter().filter(|s| s.stands) {
        show::line(&format!(
            "\nSigned by {}, {}, SHA-256 {}",
            signature.signer, signature.at, signature.content_sha256
        ));
    }
    if !note.missing.is_empty() {
        show::line(&format!("\nLacks: {}", note.missing.join(", ")));
    }
}

pub(crate) async fn queries(shell: &Shell, command: QueriesCommand) -> Result<u8, Fault> {
    let asked = match command {
        QueriesCommand::List => None,
        QueriesCommand::Answer { id, revision, question, words } => {
            Some((claim_id(&id)?, revision, question, words))
        }
    };
    let session = session(shell).await?;
    let Some((id, revision, question, words)) = asked else {
        let all = session.open_queries().await;
        session.shut_down().await;
        let all: Vec<QueryView> = all?;
        if shell.json {
            show::json(&all);
        } else {
            for one in &all {
                let who = one.patient_label.expose().clone().unwrap_or_else(|| "no patient yet".to_owned());
                show::line(&format!(
                    "{} revision {} · {who}, {}\n  {}",
                    one.claim_id, one.revision, one.dos, one.question
                ));
            }
            if all.is_empty() {
                show::line("Nothing is asked.");
            }
        }
        return Ok(0);
    };
    let draft = session.answer_query(id, revision, question, words.map(Phi::new)).await;
    session.shut_down().await;
    let draft = draft?;
    if shell.json {
        show::json(&draft);
    } else {
        show::line(&format!("Answered. The claim is at revision {}.", draft.revision));
    }
    Ok(0)
}

pub(crate) async fn cases(shell: &Shell, command: CasesCommand) -> Result<u8, Fault> {
    let (day, plan) = match command {
        CasesCommand::List { day } => (day.unwrap_or_else(|| (shell.surroundings.today)()), None),
        CasesCommand::Plan { day, patient, time, operation, payer } => {
            let patient = parse_patient(&read_text(&patient)?)?;
            let case = NewCase { day, at_time: time, patient, payer, operation: Phi::new(operation) };
            (day, Some(case))
        }
    };
    let session = session(shell).await?;
    let seen = match plan {
        Some(case) => session.plan_case(case).await,
        None => session.day(day).await,
    };
    session.shut_down().await;
    let seen: DayView = seen?;
    if shell.json {
        show::json(&seen);
        return Ok(0);
    }
    for case in &seen.cases {
        let who = case.patient_label.expose().clone().unwrap_or_else(|| "no patient yet".to_owned());
        let done = match &case.row {
            Some(row) if row.signed => "signed",
            Some(_) => "dictated",
            None => "to dictate",
        };
        show::line(&format!("{:5}  {who}  {}  {done}", case.at_time, case.operation.expose()));
    }
    Ok(0)
}

pub(crate) async fn dictations(shell: &Shell, command: DictationsCommand) -> Result<u8, Fault> {
    enum Step {
        Find(String, bool, Option<DictationId>),
        File(DictationId, Box<Filing>),
    }
    let step = match command {
        DictationsCommand::Find { words, unfiled, after } => {
            Step::Find(words, unfiled, after.as_deref().map(dictation_id).transpose()?)
        }
        DictationsCommand::File { id, patient, payer, reason } => {
            let patient = parse_patient(&read_text(&patient)?)?;
            Step::File(dictation_id(&id)?, Box::new(Filing { patient, payer, reason: Phi::new(reason) }))
        }
    };
    let session = session(shell).await?;
    match step {
        Step::Find(words, unfiled, after) => {
            let page = session.history(Phi::new(words), unfiled, after).await;
            session.shut_down().await;
            let page = page?;
            if shell.json {
                show::json(&page);
            } else {
                page.rows.iter().for_each(row);
                if let Some(next) = page.next {
                    show::line(&format!("More: --after {next}"));
                }
            }
        }
        Step::File(id, filing) => {
            let filed = session.file_patient(id, *filing).await;
            session.shut_down().await;
            let filed = filed?;
            if shell.json {
                show::json(&filed);
            } else {
                let who = filed.patient_label.expose().clone().unwrap_or_default();
                show::line(&format!("Filed under {who}."));
            }
        }
    }
    Ok(0)
}

fn row(row: &HistoryRow) {
    let dictation = &row.dictation;
    let who = dictation.patient_label.expose().clone().unwrap_or_else(|| "no patient yet".to_owned());
    let signed = if row.signed { ", signed" } else { "" };
    let asks = if row.questions > 0 { format!(", asks {}", row.questions) } else { String::new() };
    show::line(&format!(
        "{}  {who}  {}  {}{signed}{asks}",
        dictation.id,
        dictation.dos,
        dictation.name.expose()
    ));
}
