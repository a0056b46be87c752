//! `record` and `recording`: the microphone to a draft, and a recording out as a plain file.

use crate::arguments::{RecordArguments, RecordingCommand};
use crate::claims::{finished, providers_of, session};
use crate::{Shell, show};
use iambilly_app::intake::NewDictation;
use iambilly_app::live::LiveView;
use iambilly_app::recording::{self, Microphone, Recording};
use iambilly_app::session::Session;
use iambilly_app::view::{LevelView, MicrophoneState};
use iambilly_claim::Fault;
use iambilly_claim::ids::DictationId;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

pub(crate) async fn record(shell: &Shell, given: RecordArguments) -> Result<u8, Fault> {
    let (patient, providers) = providers_of(given.patient.as_deref(), given.provider.as_deref())?;
    let new = NewDictation {
        payer: given.payer,
        dos: given.dos,
        patient,
        providers,
        speech_model: given.model,
        reader: given.reader.into(),
    };
    let session = session(shell).await?;
    let worked = spoken(shell, &session, given.microphone, given.seconds, new).await;
    let done = match worked {
        Ok(id) => finished(shell, &session, id).await,
        Err(fault) => Err(fault),
    };
    session.shut_down().await;
    done
}

async fn spoken(
    shell: &Shell,
    session: &Arc<Session>,
    microphone: Option<String>,
    seconds: Option<u64>,
    new: NewDictation,
) -> Result<DictationId, Fault> {
    let quiet = shell.quiet;
    // Told once each: what is wrong with the microphone, and that the longest recording is reached.
    let (end, mut ended) = watch::channel(false);
    let mut silent = false;
    let level = move |now: LevelView| {
        if now.silent && !silent && !quiet {
            show::note("No sound: is the microphone on?");
        }
        silent = now.silent;
        if now.state == MicrophoneState::Full {
            let _ = end.send(true);
        }
    };
    // The level is told by one thread only.
    let level = std::sync::Mutex::new(level);
    let microphone = Microphone::open(Arc::clone(session), microphone, move |now| {
        if let Ok(mut level) = level.lock() {
            level(now);
        }
    })
    .await?;
    let recording = microphone.record(new, move |text| heard(&text, quiet)).await?;
    if !quiet {
        show::note(&format!("Recording from {}; Enter or Ctrl-C ends it.", recording.device()));
    }
    let after = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => enter().await,
        }
    };
    tokio::select! {
        () = after => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = ended.wait_for(|full| *full) => {}
    }
    stop(shell, recording).await
}

async fn stop(shell: &Shell, recording: Recording) -> Result<DictationId, Fault> {
    let id = recording.finish().await?;
    if !shell.quiet {
        show::note("");
    }
    Ok(id)
}

/// What was understood goes to the terminal as it settles: the person who speaks asked for it.
fn heard(text: &LiveView, quiet: bool) {
    if quiet {
        return;
    }
    if let Some(note) = &text.note {
        show::note(note);
    }
    if !text.committed.expose().is_empty() {
        show::words(text.committed.expose());
    }
}

async fn enter() {
    let line = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
    // Without a keyboard (a service, a script) only Ctrl-C or the longest recording ends it.
    if !matches!(line, Ok(Ok(1..))) {
        std::future::pending::<()>().await;
    }
}

pub(crate) async fn recordings(shell: &Shell, command: RecordingCommand) -> Result<u8, Fault> {
    match command {
        RecordingCommand::Microphones => {
            let inputs = recording::microphones();
            if shell.json {
                let list: Vec<_> = inputs
                    .iter()
                    .map(|i| serde_json::json!({"id": i.id, "name": i.name, "default": i.default}))
                    .collect();
                show::json(&list);
            } else {
                for input in inputs {
                    let default = if input.default { "  (default)" } else { "" };
                    show::line(&format!("{}{default}  {}", input.id, input.name));
                }
            }
            Ok(0)
        }
        RecordingCommand::Export { id, output, transcript } => {
            let session = session(shell).await?;
            let done = match id.parse() {
                Ok(id) => iambilly_app::export::export(&session, id, &output, transcript.as_deref()).await,
                Err(_) => Err(Fault::new(
                    iambilly_claim::FaultKind::Usage,
                    "dictation_id_invalid",
                    "That is not a dictation id.",
                    "iambilly claims list --json shows them.",
                )
                .into()),
            };
            session.shut_down().await;
            done?;
            Ok(0)
        }
    }
}
