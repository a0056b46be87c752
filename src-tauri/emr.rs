//! The page's commands of electronic medical records.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::emr::{
    self, Candidate, ConnectionView, Decision, DeliveryView, Drained, Looked, NewConnection, PlanView, Probe,
    RemoteEncounter, WriteKind,
};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_door_macro::door;
use serde_json::Value;
use std::process::Command;
use tauri::State;

fn claim(id: &str) -> Answer<ClaimId> {
    parsed(id, "claim id")
}

#[door]
pub(crate) async fn emr_connections(desk: State<'_, Desk>) -> Answer<Vec<ConnectionView>> {
    Ok(desk.session()?.emr_connections().await?)
}

#[door]
pub(crate) async fn emr_keep(desk: State<'_, Desk>, connection: NewConnection) -> Answer<ConnectionView> {
    Ok(desk.session()?.keep_emr(connection).await?)
}

#[door]
pub(crate) async fn emr_remove(desk: State<'_, Desk>, id: String) -> Answer<()> {
    Ok(desk.session()?.remove_emr(emr::id(&id)?).await?)
}

#[door]
pub(crate) async fn emr_test(desk: State<'_, Desk>, id: String) -> Answer<Vec<Probe>> {
    Ok(desk.session()?.test_emr(emr::id(&id)?).await?)
}

#[door]
pub(crate) async fn emr_jwks(desk: State<'_, Desk>, id: String) -> Answer<Value> {
    Ok(desk.session()?.emr_jwks(emr::id(&id)?).await?)
}

/// Signs in in the system's browser and waits until it has come back.
#[door]
pub(crate) async fn emr_sign_in(desk: State<'_, Desk>, id: String) -> Answer<()> {
    let mut opened = true;
    desk.session()?.sign_in_emr(emr::id(&id)?, |address| opened = browse(address)).await.map_err(|error| {
        if opened {
            return error.into();
        }
        Fault::new(
            FaultKind::Missing,
            "no_browser",
            "No browser could be opened.",
            "Sign in by the command line: iambilly emr sign-in shows the address.",
        )
    })
}

/// Opens an address of the EMR's sign-in (https, or this computer's) in the system's browser.
fn browse(address: &str) -> bool {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    };
    command.arg(address).spawn().is_ok()
}

#[door]
pub(crate) async fn emr_seen(desk: State<'_, Desk>, id: String, typed: String) -> Answer<Looked> {
    Ok(desk.session()?.emr_patients_seen(emr::id(&id)?, Phi::new(typed)).await?)
}

#[door]
pub(crate) async fn emr_search(desk: State<'_, Desk>, id: String, typed: String) -> Answer<Looked> {
    Ok(desk.session()?.emr_search(emr::id(&id)?, Phi::new(typed)).await?)
}

#[door]
pub(crate) async fn emr_encounters(
    desk: State<'_, Desk>,
    id: String,
    patient: String,
) -> Answer<Vec<RemoteEncounter>> {
    Ok(desk.session()?.emr_encounters(emr::id(&id)?, Phi::new(patient)).await?)
}

#[door]
pub(crate) async fn emr_link(
    desk: State<'_, Desk>,
    id: String,
    claim_id: String,
    patient: String,
    sure: bool,
) -> Answer<()> {
    Ok(desk.session()?.link_emr(emr::id(&id)?, claim(&claim_id)?, Phi::new(patient), sure).await?)
}

#[door]
pub(crate) async fn emr_plan(
    desk: State<'_, Desk>,
    id: String,
    claim_id: String,
    encounter: Option<String>,
) -> Answer<PlanView> {
    Ok(desk.session()?.emr_plan(emr::id(&id)?, claim(&claim_id)?, encounter.into()).await?)
}

#[door]
pub(crate) async fn emr_send(
    desk: State<'_, Desk>,
    id: String,
    claim_id: String,
    encounter: Option<String>,
    kinds: Option<Vec<WriteKind>>,
) -> Answer<u32> {
    Ok(desk.session()?.send_to_emr(emr::id(&id)?, claim(&claim_id)?, encounter.into(), kinds).await?)
}

#[door]
pub(crate) async fn emr_outbox(desk: State<'_, Desk>, claim_id: Option<String>) -> Answer<Vec<DeliveryView>> {
    let of = claim_id.as_deref().map(claim).transpose()?;
    Ok(desk.session()?.emr_outbox(of).await?)
}

#[door]
pub(crate) async fn emr_sync(desk: State<'_, Desk>) -> Answer<Drained> {
    Ok(desk.session()?.sync_emr(true).await?)
}

#[door]
pub(crate) async fn emr_look(desk: State<'_, Desk>, delivery: String) -> Answer<Vec<Candidate>> {
    Ok(desk.session()?.look_for_emr(emr::id(&delivery)?).await?)
}

#[door]
pub(crate) async fn emr_decide(
    desk: State<'_, Desk>,
    delivery: String,
    decision: Decision,
) -> Answer<DeliveryView> {
    Ok(desk.session()?.decide_emr(emr::id(&delivery)?, decision).await?)
}
