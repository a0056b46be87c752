//! The page's commands of claims about other claims, and of what is different between revisions.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::difference::{Difference, RevisionView};
use iambilly_app::related::{Amend, NewCompanion};
use iambilly_app::view::DraftView;
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use iambilly_door_macro::door;
use tauri::State;

#[door]
pub(crate) async fn claim_amend(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    how: Amend,
    reason: String,
) -> Answer<DraftView> {
    let id = parsed::<ClaimId>(&claim_id, "claim id")?;
    Ok(desk.session()?.amend(id, revision, how, Phi::new(reason)).await?)
}

#[door]
pub(crate) async fn claim_companion(
    desk: State<'_, Desk>,
    claim_id: String,
    revision: u32,
    asked: NewCompanion,
) -> Answer<DraftView> {
    Ok(desk.session()?.companion(parsed(&claim_id, "claim id")?, revision, asked).await?)
}

#[door]
pub(crate) async fn claim_revisions(desk: State<'_, Desk>, claim_id: String) -> Answer<Vec<RevisionView>> {
    Ok(desk.session()?.revisions(parsed(&claim_id, "claim id")?).await?)
}

/// From a revision, or from one of an older claim, to another; the newest by default.
#[door]
pub(crate) async fn claim_difference(
    desk: State<'_, Desk>,
    claim_id: String,
    older: Option<String>,
    from: Option<u32>,
    to: Option<u32>,
) -> Answer<Difference> {
    let older = older.as_deref().map(|id| parsed(id, "claim id")).transpose()?;
    Ok(desk.session()?.difference(parsed(&claim_id, "claim id")?, (older, from), to).await?)
}
