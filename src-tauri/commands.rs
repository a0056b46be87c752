//! The page's commands: each parses, calls the application and returns its answer or its [`Fault`].

use crate::desk::Desk;
use crate::events::{Playback, tell};
use iambilly_app::intake::NewDictation;
use iambilly_app::models::ModelView;
use iambilly_app::people::SignIn;
use iambilly_app::session::{Session, SessionStatus, Unlock};
use iambilly_app::sound::Speed;
use iambilly_app::view::{DictationView, DraftView};
use iambilly_app::{doctor, intake, models, sound};
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_door_macro::door;
use jiff::civil::Date;
use serde::Serialize;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

pub(crate) type Answer<T> = Result<T, Fault>;

pub(crate) fn parsed<T: FromStr>(text: &str, what: &str) -> Answer<T> {
    text.parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "argument_invalid",
            format!("The {what} is not valid."),
            "Correct it and try again.",
        )
    })
}

pub(crate) fn new_dictation(payer: String, dos: &str, patient: Option<Patient>) -> Answer<NewDictation> {
    Ok(NewDictation {
        payer,
        dos: parsed::<Date>(dos, "date of service (YYYY-MM-DD)")?,
        patient,
        ..NewDictation::default()
    })
}

/// An id as the page gets it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Created {
    id: String,
}

impl Created {
    pub(crate) fn of(id: DictationId) -> Self {
        Self { id: id.to_string() }
    }
}

/// How to unlock, from what the page asked: a name makes the passphrase that person's password.
pub(crate) fn sign_in(passphrase: Option<String>, name: Option<String>, code: Option<String>) -> Unlock {
    let given = passphrase.filter(|p| !p.is_empty());
    match name {
        Some(name) => Unlock::Person(SignIn { name, password: given.unwrap_or_default().into(), code }),
        None => given.map_or(Unlock::Keyring, Unlock::passphrase),
    }
}

#[door]
pub(crate) async fn session_status(desk: State<'_, Desk>) -> Answer<SessionStatus> {
    Session::status(&desk.config, desk.is_unlocked())
}

#[door]
pub(crate) async fn unlock(
    desk: State<'_, Desk>,
    passphrase: Option<String>,
    name: Option<String>,
    code: Option<String>,
) -> Answer<SessionStatus> {
    if !desk.is_unlocked() {
        let how = sign_in(passphrase, name, code);
        let session = Session::open(desk.config.clone(), desk.surroundings, how).await?;
        desk.opened_session(Arc::clone(&session)).await;
        crate::keys::take(&desk.handle, &session).await;
    }
    Session::status(&desk.config, true)
}

#[door]
pub(crate) async fn lock(desk: State<'_, Desk>) -> Answer<()> {
    desk.lock();
    Ok(())
}

#[door]
pub(crate) async fn dictations_list(desk: State<'_, Desk>) -> Answer<Vec<DictationView>> {
    Ok(desk.session()?.dictations().await?)
}

#[door]
pub(crate) async fn dictation_import(
    desk: State<'_, Desk>,
    path: PathBuf,
    payer: String,
    dos: String,
    patient: Option<Patient>,
) -> Answer<Created> {
    let new = new_dictation(payer, &dos, patient)?;
    let id = intake::import_audio(&*desk.session()?, &path, new).await?;
    Ok(Created { id: id.to_string() })
}

#[door]
pub(crate) async fn dictation_add_note(
    desk: State<'_, Desk>,
    text: String,
    payer: String,
    dos: String,
    patient: Option<Patient>,
) -> Answer<Created> {
    let new = new_dictation(payer, &dos, patient)?;
    let id = intake::add_note(&*desk.session()?, Phi::new(text), new).await?;
    Ok(Created { id: id.to_string() })
}

#[door]
pub(crate) async fn dictation_cancel(desk: State<'_, Desk>, id: String) -> Answer<()> {
    Ok(desk.session()?.cancel(parsed(&id, "dictation id")?).await?)
}

#[door]
pub(crate) async fn dictation_retry(desk: State<'_, Desk>, id: String) -> Answer<()> {
    Ok(desk.session()?.retry(parsed(&id, "dictation id")?).await?)
}

#[door]
pub(crate) async fn draft_get(desk: State<'_, Desk>, claim_id: String) -> Answer<DraftView> {
    Ok(desk.session()?.draft(parsed::<ClaimId>(&claim_id, "claim id")?).await?)
}

#[door]
pub(crate) async fn audio_peaks(
    desk: State<'_, Desk>,
    dictation_id: String,
    buckets: usize,
) -> Answer<Vec<f32>> {
    Ok(sound::peaks(&*desk.session()?, parsed::<DictationId>(&dictation_id, "dictation id")?, buckets)
        .await?)
}

#[door]
pub(crate) async fn audio_play(
    desk: State<'_, Desk>,
    dictation_id: String,
    start_ms: u64,
    end_ms: u64,
    speed_percent: u16,
) -> Answer<()> {
    let speed = Speed::of_percent(speed_percent).ok_or_else(|| {
        Fault::new(
            FaultKind::Usage,
            "speed_invalid",
            "That speed cannot be played.",
            "Take 75 to 200 percent.",
        )
    })?;
    let handle = desk.handle.clone();
    let named = dictation_id.clone();
    desk.play(None);
    let playing = sound::play(
        &*desk.session()?,
        parsed(&dictation_id, "dictation id")?,
        start_ms,
        end_ms,
        speed,
        move |at| {
            tell(&handle, &Playback { dictation_id: named.clone(), position_ms: at });
        },
    )
    .await?;
    desk.play(Some(playing));
    Ok(())
}

#[door]
pub(crate) async fn audio_stop(desk: State<'_, Desk>) -> Answer<()> {
    desk.play(None);
    Ok(())
}

#[door]
pub(crate) async fn models_list(desk: State<'_, Desk>) -> Answer<Vec<ModelView>> {
    models::list(&desk.config.paths)
}

#[door]
pub(crate) async fn models_use(desk: State<'_, Desk>, id: String) -> Answer<Vec<ModelView>> {
    desk.session()?.use_model(&id).await
}

#[door]
pub(crate) async fn models_final_pass(desk: State<'_, Desk>, id: Option<String>) -> Answer<Vec<ModelView>> {
    desk.session()?.use_final_pass(id.as_deref()).await
}

#[door]
pub(crate) async fn models_measure(desk: State<'_, Desk>) -> Answer<Vec<ModelView>> {
    if desk.is_recording() {
        return Err(Fault::new(
            FaultKind::Usage,
            "recording",
            "Models are not measured while a recording runs.",
            "Measure them after it.",
        ));
    }
    models::measure(&desk.config, true, &|_, _| {}).await
}

#[door]
pub(crate) async fn doctor(desk: State<'_, Desk>) -> Answer<doctor::Report> {
    let (today, now) = ((desk.surroundings.today)(), (desk.surroundings.now)());
    let session = desk.session().ok();
    Ok(doctor::examine(&desk.config, today, now, session.as_deref()).await)
}

#[door]
pub(crate) async fn pick_wav(desk: State<'_, Desk>) -> Answer<Option<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    desk.handle.dialog().file().add_filter("Wave audio", &["wav", "WAV", "wave"]).pick_file(move |file| {
        let _ = tell.send(file);
    });
    let picked = told.await.ok().flatten();
    Ok(picked.and_then(|f| f.into_path().ok()).map(|p| p.to_string_lossy().into_owned()))
}

#[door]
pub(crate) async fn opened_file(desk: State<'_, Desk>) -> Answer<Option<String>> {
    Ok(desk.opened_file())
}
