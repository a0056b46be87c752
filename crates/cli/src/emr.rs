//! `emr`: connections to electronic medical records, patients looked up there, and what is written there.

use crate::claims::{claim_id, session};
use crate::stateless::read_text;
use crate::{NEGATIVE, Shell, show};
use clap::{Subcommand, ValueEnum};
use iambilly_app::emr::{
    self, Decision, DeliveryView, EmrState, FoundPatient, Looked, NewConnection, PlanView, Probe, ProbeState,
    WriteKind,
};
use iambilly_app::session::Session;
use iambilly_claim::{Fault, FaultKind, Phi};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(crate) enum EmrCommand {
    /// The connections, and what each can do
    List,
    /// Keep a connection from a JSON file (docs/emr.md), new or changed
    Connect {
        /// The file
        file: PathBuf,
        /// A file that holds the client secret
        #[arg(long, value_name = "FILE")]
        secret: Option<PathBuf>,
    },
    /// Remove a connection with its secrets
    Remove {
        /// The connection
        connection: String,
    },
    /// Check a connection step by step; exit 1 when something does not work
    Test {
        /// The connection
        connection: String,
    },
    /// The public key of a connection as a JWK set, for hosting
    Jwks {
        /// The connection
        connection: String,
    },
    /// Sign in in the browser (SMART App Launch): open the address that is shown
    SignIn {
        /// The connection
        connection: String,
    },
    /// The newest exchanges with an EMR, without anything of a patient
    Traces {
        /// The connection
        connection: String,
    },
    /// Look patients up: name, date of birth, record number
    Pull {
        /// The connection
        connection: String,
        /// What to look for, e.g. "Exampleby, Ada 1960-05-04"
        what: String,
        /// Only what was seen before
        #[arg(long)]
        seen: bool,
    },
    /// A patient's encounters, newest first
    Encounters {
        /// The connection
        connection: String,
        /// The EMR's id of the patient
        patient: String,
    },
    /// Say which patient of the EMR a claim's patient is
    Link {
        /// The connection
        connection: String,
        /// The claim
        claim: String,
        /// The EMR's id of the patient
        patient: String,
        /// It is the same person although name or sex differ, or the EMR has no date of birth
        #[arg(long)]
        sure: bool,
    },
    /// What of an approved claim goes there, what does not, and what goes by 837P
    Plan {
        /// The connection
        connection: String,
        /// The claim
        claim: String,
    },
    /// Queue what goes of an approved claim
    Send {
        /// The connection
        connection: String,
        /// The claim
        claim: String,
        /// The EMR's id of the encounter
        #[arg(long)]
        encounter: Option<String>,
        /// Only these
        #[arg(long)]
        only: Vec<Kind>,
    },
    /// Send what waits; exit 1 when something waits, was rejected or is unknown
    Sync,
    /// What was sent and where it is, newest first
    Outbox {
        /// Of this claim only
        claim: Option<String>,
    },
    /// Look into the EMR for a write whose answer was lost
    Look {
        /// The delivery
        delivery: String,
    },
    /// Say that an unknown delivery is in the EMR
    Arrived {
        /// The delivery
        delivery: String,
        /// Its id there
        id: String,
    },
    /// Send again: it is not in the EMR, or what was rejected is put right
    Again {
        /// The delivery
        delivery: String,
    },
    /// Take a delivery back that is not in the EMR
    Cancel {
        /// The delivery
        delivery: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    Note,
    Problem,
    Claim,
}

pub(crate) async fn emr(shell: &Shell, command: EmrCommand) -> Result<u8, Fault> {
    // What can be wrong with a file is said before the vault is asked for.
    let new = match &command {
        EmrCommand::Connect { file, secret } => Some(new_connection(file, secret.as_ref())?),
        _ => None,
    };
    let session = session(shell).await?;
    let done = run(shell, &session, command, new).await;
    session.shut_down().await;
    done
}

fn new_connection(file: &std::path::Path, secret: Option<&PathBuf>) -> Result<NewConnection, Fault> {
    let mut new: NewConnection = serde_json::from_str(&read_text(file)?).map_err(|e| {
        Fault::new(
            FaultKind::Input,
            "emr_settings_invalid",
            format!("The connection's settings are not valid: {e}."),
            "docs/emr.md shows them.",
        )
    })?;
    if let Some(file) = secret {
        new.client_secret = Some(read_text(file)?.trim().to_owned().into());
    }
    Ok(new)
}

async fn run(
    shell: &Shell,
    session: &Arc<Session>,
    command: EmrCommand,
    new: Option<NewConnection>,
) -> Result<u8, Fault> {
    match command {
        EmrCommand::List => show::json(&session.emr_connections().await?),
        EmrCommand::Connect { .. } => {
            if let Some(new) = new {
                show::json(&session.keep_emr(new).await?);
            }
        }
        EmrCommand::Remove { connection } => session.remove_emr(emr::id(&connection)?).await?,
        EmrCommand::Test { connection } => {
            return Ok(tested(shell, &session.test_emr(emr::id(&connection)?).await?));
        }
        EmrCommand::Jwks { connection } => show::json(&session.emr_jwks(emr::id(&connection)?).await?),
        EmrCommand::SignIn { connection } => {
            let open = |address: &str| show::line(&format!("Open this address in the browser:\n{address}"));
            session.sign_in_emr(emr::id(&connection)?, open).await?;
            show::line("Signed in.");
        }
        EmrCommand::Traces { connection } => show::json(&session.emr_traces(emr::id(&connection)?).await?),
        EmrCommand::Pull { connection, what, seen } => {
            let (id, what) = (emr::id(&connection)?, Phi::new(what));
            let found = if seen {
                session.emr_patients_seen(id, what).await?
            } else {
                session.emr_search(id, what).await?
            };
            looked(shell, &found);
        }
        EmrCommand::Encounters { connection, patient } => {
            show::json(&session.emr_encounters(emr::id(&connection)?, Phi::new(patient)).await?);
        }
        EmrCommand::Link { connection, claim, patient, sure } => {
            session.link_emr(emr::id(&connection)?, claim_id(&claim)?, Phi::new(patient), sure).await?;
        }
        EmrCommand::Plan { connection, claim } => {
            planned(shell, &session.emr_plan(emr::id(&connection)?, claim_id(&claim)?, None.into()).await?);
        }
        EmrCommand::Send { connection, claim, encounter, only } => {
            let kinds: Vec<WriteKind> = only
                .into_iter()
                .map(|kind| match kind {
                    Kind::Note => WriteKind::Note,
                    Kind::Problem => WriteKind::Problem,
                    Kind::Claim => WriteKind::Claim,
                })
                .collect();
            let kinds = (!kinds.is_empty()).then_some(kinds);
            let claim = claim_id(&claim)?;
            let queued = session.send_to_emr(emr::id(&connection)?, claim, encounter.into(), kinds).await?;
            if shell.json {
                show::json(&serde_json::json!({"queued": queued}));
            } else {
                show::line(&format!("{queued} queued; iambilly emr sync sends what waits."));
            }
        }
        EmrCommand::Sync => {
            let done = session.sync_emr(true).await?;
            let all = session.emr_outbox(None).await?;
            if shell.json {
                show::json(&done);
            } else {
                all.iter().filter(|d| !settled(d)).for_each(told);
                show::line(&format!("{} delivered, {} waiting.", done.delivered, done.waiting));
            }
            return Ok(if all.iter().all(settled) { 0 } else { NEGATIVE });
        }
        EmrCommand::Outbox { claim } => {
            let claim = claim.map(|c| claim_id(&c)).transpose()?;
            let all = session.emr_outbox(claim).await?;
            if shell.json {
                show::json(&all);
            } else {
                all.iter().for_each(told);
            }
        }
        EmrCommand::Look { delivery } => show::json(&session.look_for_emr(emr::id(&delivery)?).await?),
        EmrCommand::Arrived { delivery, id } => {
            decided(shell, session, &delivery, Decision::Arrived { remote_id: Phi::new(id) }).await?;
        }
        EmrCommand::Again { delivery } => decided(shell, session, &delivery, Decision::Again).await?,
        EmrCommand::Cancel { delivery } => decided(shell, session, &delivery, Decision::Cancel).await?,
    }
    Ok(0)
}

async fn decided(shell: &Shell, session: &Session, id: &str, decision: Decision) -> Result<(), Fault> {
    let now = session.decide_emr(emr::id(id)?, decision).await?;
    if shell.json {
        show::json(&now);
    } else {
        told(&now);
    }
    Ok(())
}

fn settled(delivery: &DeliveryView) -> bool {
    matches!(delivery.state, EmrState::Delivered | EmrState::Cancelled)
}

fn told(delivery: &DeliveryView) {
    let read_back = delivery.read_back.map_or(String::new(), |r| format!(" (read back: {})", r.as_str()));
    show::line(&format!(
        "{}  {}  {}  {}{read_back}",
        delivery.id,
        delivery.state.as_str(),
        delivery.connection_name,
        delivery.says
    ));
    if let Some(trouble) = &delivery.trouble {
        for part in ["message", "advice"] {
            if let Some(words) = trouble[part].as_str() {
                show::line(&format!("  {words}"));
            }
        }
    }
}

fn tested(shell: &Shell, probes: &[Probe]) -> u8 {
    if shell.json {
        show::json(&probes);
    } else {
        for probe in probes {
            let mark = match probe.state {
                ProbeState::Good => "works",
                ProbeState::Note => "note",
                ProbeState::Bad => "FAILS",
                ProbeState::Skipped => "not checked",
            };
            show::line(&format!("{:<28} {mark:<12} {}", probe.check, probe.says));
            if !probe.forward.is_empty() {
                show::line(&format!("  For the administrator: {}", probe.forward));
            }
        }
    }
    if probes.iter().any(|p| p.state == ProbeState::Bad) { NEGATIVE } else { 0 }
}

fn looked(shell: &Shell, found: &Looked) {
    if shell.json {
        show::json(found);
        return;
    }
    for FoundPatient { patient, age_seconds, double, .. } in &found.patients {
        let text = |t: &Phi<Option<String>>| t.expose().clone().unwrap_or_default();
        let marks = [
            double.then_some("  another has the same name and date of birth"),
            patient.inactive.then_some("  no longer used"),
            (!found.fresh).then_some("  seen before"),
        ];
        show::line(&format!(
            "{}  {}, {}  {}  {}{}",
            patient.id.expose(),
            text(&patient.last),
            text(&patient.first),
            text(&patient.birth_date),
            text(&patient.record_number),
            marks.into_iter().flatten().collect::<String>()
        ));
        if !found.fresh {
            show::line(&format!("  {age_seconds} s ago"));
        }
    }
}

fn planned(shell: &Shell, plan: &PlanView) {
    if shell.json {
        show::json(plan);
        return;
    }
    show::line(&format!("To {} ({}):", plan.name, plan.vendor));
    for write in &plan.goes {
        let already = write.already.map_or(String::new(), |s| format!(" (sent before: {})", s.as_str()));
        show::line(&format!("  goes   {}{already}", write.says));
    }
    for left in &plan.stays {
        show::line(&format!("  stays  {}: {} {}", left.what, left.why, left.instead));
    }
    if plan.patient.expose().is_none() {
        show::note("The patient is not chosen yet: iambilly emr pull, then iambilly emr link.");
    }
}
