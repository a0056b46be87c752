//! The page's commands for the microphone: which one, ready, recording, paused, stopped.

use crate::commands::{Answer, Created, new_dictation, parsed};
use crate::desk::Desk;
use crate::events;
use iambilly_app::live::LiveView;
use iambilly_app::recording::{self, Microphone, Recording, Refused};
use iambilly_app::view::LevelView;
use iambilly_claim::claim::Patient;
use iambilly_claim::{Fault, FaultKind};
use iambilly_door_macro::door;
use serde::Serialize;
use tauri::{AppHandle, State};

/// A microphone the page can offer.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct MicrophoneChoice {
    id: String,
    name: String,
    default: bool,
}

/// The microphones, and which one was chosen (none follows the system's default).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Microphones {
    inputs: Vec<MicrophoneChoice>,
    chosen: Option<String>,
}

#[door]
pub(crate) async fn microphones(desk: State<'_, Desk>) -> Answer<Microphones> {
    let session = desk.session()?;
    let inputs = tauri::async_runtime::spawn_blocking(recording::microphones)
        .await
        .unwrap_or_default()
        .into_iter()
        .map(|i| MicrophoneChoice { id: i.id, name: i.name, default: i.default })
        .collect();
    Ok(Microphones { inputs, chosen: recording::chosen(&session).await? })
}

#[door]
pub(crate) async fn microphone_choose(desk: State<'_, Desk>, id: Option<String>) -> Answer<()> {
    Ok(recording::choose(&*desk.session()?, id).await?)
}

async fn open(desk: &Desk) -> Answer<Microphone> {
    let session = desk.session()?;
    let chosen = recording::chosen(&session).await?;
    let handle = desk.handle.clone();
    Ok(Microphone::open(session, chosen, move |level: LevelView| {
        events::tell(&handle, &level);
    })
    .await?)
}

/// Opens the microphone so that the second before the button is kept, or closes it.
#[door]
pub(crate) async fn microphone_ready(desk: State<'_, Desk>, ready: bool) -> Answer<Option<String>> {
    // The old one is closed first: some systems give a device to one stream only.
    drop(desk.microphone(None));
    if !ready {
        return Ok(None);
    }
    let microphone = open(&desk).await?;
    let name = microphone.device().to_owned();
    drop(desk.microphone(Some(microphone)));
    Ok(Some(name))
}

/// What the page learns of a started recording.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    recording_id: String,
    device_name: String,
}

fn tell(handle: &AppHandle, text: LiveView) {
    events::tell(handle, &text);
}

/// The ready microphone, or one that is opened now.
async fn at_hand(desk: &Desk) -> Answer<Microphone> {
    match desk.microphone(None) {
        Some(ready) => Ok(ready),
        None => open(desk).await,
    }
}

/// Takes in a recording that began; one that was refused leaves the microphone as ready as it was.
fn begun(desk: &Desk, began: Result<Recording, Box<Refused>>) -> Answer<Started> {
    match began {
        Ok(recording) => {
            let started = Started {
                recording_id: recording.id().to_string(),
                device_name: recording.device().to_owned(),
            };
            desk.record(Some(recording));
            Ok(started)
        }
        Err(refused) => {
            let Refused { microphone, error } = *refused;
            drop(desk.microphone(Some(microphone)));
            Err(error.fault())
        }
    }
}

fn not_twice(desk: &Desk) -> Answer<()> {
    if !desk.is_recording() {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Usage,
        "recording_already",
        "A recording is running already.",
        "Stop it first.",
    ))
}

#[door]
pub(crate) async fn record_start(
    desk: State<'_, Desk>,
    payer: String,
    dos: String,
    patient: Option<Patient>,
) -> Answer<Started> {
    not_twice(&desk)?;
    let new = new_dictation(payer, &dos, patient)?;
    let (microphone, handle) = (at_hand(&desk).await?, desk.handle.clone());
    let began = microphone.record(new, move |text| tell(&handle, text)).await;
    begun(&desk, began)
}

/// Goes on with a dictation that was recorded before.
#[door]
pub(crate) async fn record_continue(desk: State<'_, Desk>, dictation_id: String) -> Answer<Started> {
    not_twice(&desk)?;
    let id = parsed(&dictation_id, "dictation id")?;
    let (microphone, handle) = (at_hand(&desk).await?, desk.handle.clone());
    let began = microphone.go_on_with(id, move |text| tell(&handle, text)).await;
    begun(&desk, began)
}

#[door]
pub(crate) fn record_pause(desk: State<'_, Desk>, paused: bool) {
    desk.pause(paused);
}

#[door]
pub(crate) async fn record_stop(desk: State<'_, Desk>) -> Answer<Option<Created>> {
    if let Some(adrift) = desk.adrift() {
        // Locked: the file gets its end, and the next unlock sends it on its way.
        adrift.finish().await?;
        return Ok(None);
    }
    let recording = desk.record(None).ok_or_else(|| {
        Fault::new(FaultKind::Usage, "not_recording", "No recording is running.", "Start one first.")
    })?;
    Ok(Some(Created::of(recording.finish().await?)))
}

/// The microphone of the recording that runs, if one does; the lock screen and whoever unlocks it ask.
#[door]
pub(crate) async fn record_running(desk: State<'_, Desk>) -> Answer<Option<String>> {
    Ok(desk.recording_device())
}

/// Ends what is spoken into a field and is no dictation: its words, and nothing of its sound stays.
#[door]
pub(crate) async fn record_words(desk: State<'_, Desk>) -> Answer<String> {
    let Some(recording) = desk.record(None) else { return Ok(String::new()) };
    Ok(recording.words().await?.into_exposed())
}

#[door]
pub(crate) async fn record_discard(desk: State<'_, Desk>) -> Answer<()> {
    if let Some(recording) = desk.record(None) {
        recording.discard().await?;
    }
    Ok(())
}
