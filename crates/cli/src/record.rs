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
    let what = match given.go_on {
        Some(id) => What::GoOn(dictation_id(&id)?),
        None => What::New(Box::new(NewDictation {
            payer: given.payer.unwrap_or_default(),
            dos: given.dos.unwrap_or_default(),
            patient,
            providers,
            speech_model: given.model,
            reader: given.reader.into(),
        })),
    };
    let session = session(shell).await?;
    let worked = spoken(shell, &session, given.microphone, given.seconds, what).await;
    let done = match worked {
        Ok(id) => finished(shell, &session, id).await,
        Err(fault) => Err(fault),
    };
    session.shut_down().await;
    done
}

/// What is recorded.
enum What {
    New(Box<NewDictation>),
    GoOn(DictationId),
}

fn dictation_id(text: &str) -> Result<DictationId, Fault> {
    text.parse().map_err(|_| {
        Fault::new(
            iambilly_claim::FaultKind::Usage,
            "dictation_id_invalid",
            "That is not a dictation id.",
            "iambilly claims list --json shows them.",
        )
    })
}

async fn spoken(
    shell: &Shell,
    session: &Arc<Session>,
    microphone: Option<String>,
    seconds: Option<u64>,
    what: What,
) -> Result<DictationId, Fault> {
    let quiet = shell.quiet;
    // Told once each: what is wrong with the microphone, and that the longest recording is reached.
    let (end, mut ended) = watch::channel(false);
    let mut said = Said::default();
    let level = move |now: LevelView| {
        if !quiet {
            said.say(&now).into_iter().for_each(show::note);
        }
        if now.state == MicrophoneState::Full || now.trouble.is_some() {
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
    let text = move |text: LiveView| heard(&text, quiet);
    let recording = match what {
        What::New(new) => microphone.record(*new, text).await,
        What::GoOn(id) => microphone.go_on_with(id, text).await,
    }
    .map_err(|refused| Fault::from(*refused))?;
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

/// What was said about the microphone, so that each thing is said once.
#[derive(Default)]
struct Said {
    silent: bool,
    clipped: bool,
    lost: bool,
    ending: bool,
}

impl Said {
    /// What is to be said now.
    fn say(&mut self, now: &LevelView) -> Vec<&'static str> {
        /// Time left below which it is said: ten minutes.
        const SOON_MS: u64 = 600_000;
        let mut all = vec![];
        let mut once = |is: bool, said: &mut bool, words| {
            if is && !*said {
                all.push(words);
            }
            *said = is;
        };
        once(now.silent, &mut self.silent, "No sound: is the microphone on?");
        once(
            now.device.is_none(),
            &mut self.lost,
            "Microphone lost: plug it in again; what was said is kept.",
        );
        once(
            now.remaining_ms < SOON_MS,
            &mut self.ending,
            "The recording ends by itself in ten minutes; everything is kept.",
        );
        // Once a recording: a loud speaker clips again and again.
        once(now.clipped || self.clipped, &mut self.clipped, "Too loud: move back a little.");
        all
    }
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
            let id = dictation_id(&id)?;
            let session = session(shell).await?;
            let done = iambilly_app::export::export(&session, id, &output, transcript.as_deref()).await;
            session.shut_down().await;
            done?;
            Ok(0)
        }
    }
}
