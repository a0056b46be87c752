//! The page's commands of the master data, and of what a claim says beside its codes.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::header;
use iambilly_app::master::{self, Double, MasterKind, MasterView, PayerView, Record, Saved};
use iambilly_app::view::DraftView;
use iambilly_claim::Phi;
use iambilly_door_macro::door;
use serde_json::Value;
use tauri::State;

#[door]
pub(crate) async fn payers_list(desk: State<'_, Desk>) -> Answer<Vec<PayerView>> {
    Ok(desk.session()?.payers().await?)
}

#[door]
pub(crate) async fn master_list(
    desk: State<'_, Desk>,
    kind: MasterKind,
    query: String,
    all: bool,
) -> Answer<Vec<MasterView>> {
    Ok(desk.session()?.masters(kind, Phi::new(query), all).await?)
}

/// Keeps a record: a new one without an id, else the next version of the one seen.
#[door]
pub(crate) async fn master_save(
    desk: State<'_, Desk>,
    kind: MasterKind,
    id: Option<String>,
    version: Option<u32>,
    data: Value,
) -> Answer<Saved> {
    let record = Record::read(kind, data)?;
    let session = desk.session()?;
    Ok(match id {
        Some(id) => session.change_master(master::id(&id)?, version.unwrap_or_default(), record).await?,
        None => session.add_master(record).await?,
    })
}

#[door]
pub(crate) async fn master_doubles(desk: State<'_, Desk>, kind: MasterKind) -> Answer<Vec<Double>> {
    Ok(desk.session()?.master_doubles(kind).await?)
}

#[door]
pub(crate) async fn master_merge(desk: State<'_, Desk>, away: String, into: String) -> Answer<Saved> {
    Ok(desk.session()?.merge_masters(master::id(&away)?, master::id(&into)?).await?)
}

#[door]
pub(crate) async fn master_default(desk: State<'_, Desk>, id: String) -> Answer<MasterView> {
    Ok(desk.session()?.make_default_master(master::id(&id)?).await?)
}

#[door]
pub(crate) async fn master_retire(desk: State<'_, Desk>, id: String, retired: bool) -> Answer<MasterView> {
    Ok(desk.session()?.retire_master(master::id(&id)?, retired).await?)
}

#[door]
pub(crate) async fn claim_header(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    header: Value,
) -> Answer<DraftView> {
    let header = header::read(&header.to_string())?;
    Ok(desk.session()?.set_header(parsed(&claim_id, "claim id")?, revision, header).await?)
}
