//! The page's commands for people, what the clinic turns on, emergency access, audit, backups and the recovery kit.

use crate::commands::{Answer, sign_in};
use crate::desk::Desk;
use iambilly_app::audit::{AuditBreak, AuditRoom, Format, Selection};
use iambilly_app::audit_export::Signature;
use iambilly_app::backup::{BackupState, BackupView, Schedule};
use iambilly_app::people::{
    ActorView, AddedPerson, GlassView, Guards, NewPerson, NewSecondFactor, PersonView, Role,
};
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_door_macro::door;
use serde::Serialize;
use std::path::PathBuf;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

#[door]
pub(crate) async fn me(desk: State<'_, Desk>) -> Answer<ActorView> {
    Ok(desk.session()?.me().await)
}

#[door]
pub(crate) async fn people(desk: State<'_, Desk>) -> Answer<Vec<PersonView>> {
    Ok(desk.session()?.people().await?)
}

#[door]
pub(crate) async fn person_add(
    desk: State<'_, Desk>,
    name: String,
    roles: Vec<Role>,
    password: String,
    second_factor: bool,
) -> Answer<AddedPerson> {
    let new = NewPerson { name, roles, password: password.into(), second_factor };
    Ok(desk.session()?.add_person(new).await?)
}

#[door]
pub(crate) async fn person_roles(desk: State<'_, Desk>, id: String, roles: Vec<Role>) -> Answer<PersonView> {
    Ok(desk.session()?.set_roles(&id, &roles).await?)
}

#[door]
pub(crate) async fn person_disable(desk: State<'_, Desk>, id: String) -> Answer<PersonView> {
    Ok(desk.session()?.disable_person(&id).await?)
}

#[door]
pub(crate) async fn person_reset(desk: State<'_, Desk>, id: String, password: String) -> Answer<PersonView> {
    Ok(desk.session()?.reset_password(&id, password.into()).await?)
}

#[door]
pub(crate) async fn person_unlock(desk: State<'_, Desk>, id: String) -> Answer<PersonView> {
    Ok(desk.session()?.unlock_person(&id).await?)
}

#[door]
pub(crate) async fn password_change(desk: State<'_, Desk>, old: String, new: String) -> Answer<()> {
    Ok(desk.session()?.change_password(old.into(), new.into()).await?)
}

/// Draws a second factor for oneself, or for somebody; it waits here until its code was typed.
#[door]
pub(crate) async fn factor_draw(desk: State<'_, Desk>, id: Option<String>) -> Answer<NewSecondFactor> {
    let drawn = desk.session()?.draw_second_factor(id.as_deref()).await?;
    desk.factor(Some(drawn.clone()));
    Ok(drawn)
}

#[door]
pub(crate) async fn factor_keep(
    desk: State<'_, Desk>,
    id: Option<String>,
    code: String,
) -> Answer<PersonView> {
    let session = desk.session()?;
    let drawn = desk.factor(None).ok_or_else(|| gone("second factor"))?;
    let kept = session.keep_second_factor(id.as_deref(), drawn.clone(), Some(&code)).await;
    if kept.is_err() {
        // A code that was mistyped can be typed again.
        desk.factor(Some(drawn));
    }
    Ok(kept?)
}

#[door]
pub(crate) async fn factor_remove(desk: State<'_, Desk>, id: String) -> Answer<PersonView> {
    Ok(desk.session()?.remove_second_factor(&id).await?)
}

#[door]
pub(crate) async fn guards(desk: State<'_, Desk>) -> Answer<Guards> {
    Ok(desk.session()?.guards().await?)
}

#[door]
pub(crate) async fn guards_set(desk: State<'_, Desk>, guards: Guards) -> Answer<Guards> {
    desk.session()?.set_guards(guards).await?;
    desk.idle_after(guards.idle_minutes);
    Ok(guards)
}

#[door]
pub(crate) async fn glass_break(desk: State<'_, Desk>, reason: String) -> Answer<GlassView> {
    Ok(desk.session()?.break_glass(Phi::new(reason)).await?)
}

#[door]
pub(crate) async fn glass(desk: State<'_, Desk>) -> Answer<Vec<GlassView>> {
    Ok(desk.session()?.glass_breaks().await?)
}

#[door]
pub(crate) async fn glass_seen(desk: State<'_, Desk>, id: String) -> Answer<Vec<GlassView>> {
    let session = desk.session()?;
    session.acknowledge_glass(&id).await?;
    Ok(session.glass_breaks().await?)
}

/// Somebody uses the window.
#[door]
pub(crate) fn activity(desk: State<'_, Desk>) {
    desk.active();
}

fn gone(what: &str) -> Fault {
    Fault::new(FaultKind::Usage, "nothing_drawn", format!("No {what} waits to be kept."), "Draw a new one.")
}

/// How the audit stands, for the page.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditState {
    sound: u64,
    broken: Option<AuditBreak>,
    /// Events with which a person accepted records that contradicted their anchor.
    accepted: Vec<u64>,
}

async fn verified(room: &AuditRoom) -> Answer<AuditState> {
    let verdict = room.verify(None).await?;
    Ok(AuditState { sound: verdict.sound, broken: verdict.broken, accepted: verdict.accepted })
}

#[door]
pub(crate) async fn audit_verify(desk: State<'_, Desk>) -> Answer<AuditState> {
    verified(&AuditRoom::of(&*desk.session()?)).await
}

/// Writes the audit, one patient's part of it or that patient's disclosures to a file that is asked for.
#[door]
pub(crate) async fn audit_export(
    desk: State<'_, Desk>,
    json: bool,
    patient: Option<String>,
    disclosures: bool,
) -> Answer<Option<Signature>> {
    let session = desk.session()?;
    let (tell, told) = tokio::sync::oneshot::channel();
    let name = if json { "audit.json" } else { "audit.csv" };
    desk.handle.dialog().file().set_file_name(name).save_file(move |file| {
        let _ = tell.send(file);
    });
    let Some(file) = told.await.ok().flatten().and_then(|f| f.into_path().ok()) else { return Ok(None) };
    let selection = match patient.filter(|p| !p.trim().is_empty()) {
        Some(id) if disclosures => Selection::Disclosures(id),
        Some(id) => Selection::Patient(id),
        None => Selection::All,
    };
    let format = if json { Format::Json } else { Format::Csv };
    Ok(Some(AuditRoom::of(&session).export(selection, format, file).await?))
}

/// What happened to records that were refused, for an administrator to decide.
#[door]
pub(crate) async fn audit_look(
    desk: State<'_, Desk>,
    passphrase: Option<String>,
    name: Option<String>,
    code: Option<String>,
) -> Answer<AuditState> {
    let how = sign_in(passphrase, name, code);
    let room = AuditRoom::open(&desk.config, desk.surroundings, how).await?;
    let state = verified(&room).await?;
    // Kept open, so that a code of an authenticator is asked for once.
    desk.room(Some(room));
    Ok(state)
}

#[door]
pub(crate) async fn audit_accept(desk: State<'_, Desk>) -> Answer<()> {
    let room = desk.room(None).ok_or_else(|| gone("decision"))?;
    Ok(room.accept().await.map(drop)?)
}

#[door]
pub(crate) async fn backup_state(desk: State<'_, Desk>) -> Answer<BackupState> {
    Ok(desk.session()?.backup_state().await?)
}

#[door]
pub(crate) async fn backup_schedule(
    desk: State<'_, Desk>,
    folder: Option<PathBuf>,
    hours: u32,
    keep_days: Option<u32>,
) -> Answer<BackupState> {
    let schedule = folder.map(|folder| Schedule { folder, hours, keep_days });
    Ok(desk.session()?.schedule_backups(schedule).await?)
}

#[door]
pub(crate) async fn backup_make(desk: State<'_, Desk>, folder: PathBuf) -> Answer<BackupView> {
    Ok(desk.session()?.backup(folder).await?)
}

#[door]
pub(crate) async fn pick_folder(desk: State<'_, Desk>) -> Answer<Option<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    desk.handle.dialog().file().pick_folder(move |folder| {
        let _ = tell.send(folder);
    });
    let picked = told.await.ok().flatten();
    Ok(picked.and_then(|f| f.into_path().ok()).map(|p| p.to_string_lossy().into_owned()))
}

/// Whether a recovery kit was made.
#[door]
pub(crate) async fn kit_made(desk: State<'_, Desk>) -> Answer<bool> {
    Ok(desk.session()?.has_kit().await?)
}

/// Draws the words of a new kit; they open nothing until they were typed back.
#[door]
pub(crate) async fn kit_draw(desk: State<'_, Desk>) -> Answer<Vec<String>> {
    let drawn = desk.session()?.draw_kit().await?;
    let words = drawn.disclose().map_err(|e| e.fault())?;
    let words = words.split(' ').map(str::to_owned).collect();
    desk.kit(Some(drawn));
    Ok(words)
}

#[door]
pub(crate) async fn kit_keep(desk: State<'_, Desk>, typed: String) -> Answer<()> {
    let session = desk.session()?;
    let drawn = desk.kit(None).ok_or_else(|| gone("recovery kit"))?;
    let kept = session.keep_kit(drawn.clone(), &typed).await;
    if kept.is_err() {
        desk.kit(Some(drawn));
    }
    Ok(kept?)
}
