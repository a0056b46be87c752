//! The page's commands for erasing and legal holds.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::erase::Erased;
use iambilly_app::hold::HoldView;
use iambilly_claim::Phi;
use iambilly_door_macro::door;
use tauri::State;

#[door]
pub(crate) async fn erase_patient(desk: State<'_, Desk>, patient: String) -> Answer<Erased> {
    Ok(desk.session()?.erase_patient(Phi::new(patient)).await?)
}

/// A dictation with everything made of it, or its audio alone.
#[door]
pub(crate) async fn erase_dictation(desk: State<'_, Desk>, id: String, audio_only: bool) -> Answer<Erased> {
    let (session, id) = (desk.session()?, parsed(&id, "dictation id")?);
    Ok(if audio_only { session.erase_recording(id).await? } else { session.erase_dictation(id).await? })
}

#[door]
pub(crate) async fn holds(desk: State<'_, Desk>) -> Answer<Vec<HoldView>> {
    Ok(desk.session()?.holds().await?)
}

#[door]
pub(crate) async fn hold(desk: State<'_, Desk>, id: String, reason: String) -> Answer<Vec<HoldView>> {
    Ok(desk.session()?.hold(parsed(&id, "dictation id")?, Phi::new(reason)).await?)
}

#[door]
pub(crate) async fn hold_lift(desk: State<'_, Desk>, id: String) -> Answer<Vec<HoldView>> {
    Ok(desk.session()?.lift_hold(parsed(&id, "dictation id")?).await?)
}
