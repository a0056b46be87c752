//! The page's commands of the queue: pages, views, comments, and many claims at once.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::insights::Insights;
use iambilly_app::queue::{
    BulkOutcome, BulkStep, Chosen, CommentView, QueueChoices, QueueFilter, QueuePage, QueueQuery, QueueSize,
    SavedView,
};
use iambilly_claim::Phi;
use iambilly_door_macro::door;
use jiff::civil::Date;
use tauri::State;

#[door]
pub(crate) async fn queue(desk: State<'_, Desk>, query: QueueQuery) -> Answer<QueuePage> {
    Ok(desk.session()?.queue(query).await?)
}

#[door]
pub(crate) async fn queue_size(desk: State<'_, Desk>, filter: QueueFilter) -> Answer<QueueSize> {
    Ok(desk.session()?.queue_size(filter).await?)
}

#[door]
pub(crate) async fn queue_choices(desk: State<'_, Desk>) -> Answer<QueueChoices> {
    Ok(desk.session()?.queue_choices().await?)
}

#[door]
pub(crate) async fn queue_views(desk: State<'_, Desk>) -> Answer<Vec<SavedView>> {
    Ok(desk.session()?.queue_views().await?)
}

#[door]
pub(crate) async fn queue_view_save(desk: State<'_, Desk>, view: SavedView) -> Answer<Vec<SavedView>> {
    Ok(desk.session()?.save_queue_view(view).await?)
}

#[door]
pub(crate) async fn queue_view_remove(desk: State<'_, Desk>, name: String) -> Answer<Vec<SavedView>> {
    Ok(desk.session()?.remove_queue_view(&name).await?)
}

/// Every claim that a query finds, to be moved at once.
#[door]
pub(crate) async fn queue_chosen(desk: State<'_, Desk>, query: QueueQuery) -> Answer<Vec<Chosen>> {
    Ok(desk.session()?.chosen_by(query).await?)
}

/// A step with many claims; as a preview nothing is changed.
#[door]
pub(crate) async fn bulk(
    desk: State<'_, Desk>,
    chosen: Vec<Chosen>,
    step: BulkStep,
    preview: bool,
) -> Answer<Vec<BulkOutcome>> {
    let session = desk.session()?;
    Ok(if preview { session.bulk_preview(chosen, step).await? } else { session.bulk(chosen, step).await? })
}

/// How claims fared from a day to another.
#[door]
pub(crate) async fn insights(desk: State<'_, Desk>, from: String, to: String) -> Answer<Insights> {
    let day = |text: &str| parsed::<Date>(text, "day (YYYY-MM-DD)");
    Ok(desk.session()?.insights(day(&from)?, day(&to)?).await?)
}

#[door]
pub(crate) async fn comments(desk: State<'_, Desk>, claim_id: String) -> Answer<Vec<CommentView>> {
    Ok(desk.session()?.comments(parsed(&claim_id, "claim id")?).await?)
}

#[door]
pub(crate) async fn comment(
    desk: State<'_, Desk>,
    claim_id: String,
    text: String,
) -> Answer<Vec<CommentView>> {
    Ok(desk.session()?.comment(parsed(&claim_id, "claim id")?, Phi::new(text)).await?)
}
