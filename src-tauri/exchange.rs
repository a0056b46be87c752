//! The page's commands of the exchange: claims out, answers in, denials, the form.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::exchange::form::{Form, Print, Shift, write_form};
use iambilly_app::exchange::{AnswerView, DenialView, Exported, Imported, Target, Underpayment};
use iambilly_claim::ids::ClaimId;
use iambilly_door_macro::door;
use std::path::PathBuf;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

#[door]
pub(crate) async fn exchange_approved(desk: State<'_, Desk>) -> Answer<Vec<ClaimId>> {
    Ok(desk.session()?.approved_claims().await?)
}

#[door]
pub(crate) async fn exchange_send(desk: State<'_, Desk>, claims: Vec<String>) -> Answer<Vec<Exported>> {
    let ids = claims.iter().map(|id| parsed(id, "claim id")).collect::<Result<_, _>>()?;
    Ok(desk.session()?.export_837p(ids, Target::Watched).await?)
}

#[door]
pub(crate) async fn exchange_files(desk: State<'_, Desk>) -> Answer<Vec<Exported>> {
    Ok(desk.session()?.interchanges().await?)
}

#[door]
pub(crate) async fn exchange_deliver(desk: State<'_, Desk>) -> Answer<Vec<Exported>> {
    Ok(desk.session()?.deliver_and_list().await?)
}

#[door]
pub(crate) async fn pick_answers(desk: State<'_, Desk>) -> Answer<Vec<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    // Whatever its name ends in: every clearinghouse has endings of its own.
    desk.handle.dialog().file().pick_files(move |files| {
        let _ = tell.send(files);
    });
    let picked = told.await.ok().flatten().unwrap_or_default();
    let paths = picked.into_iter().filter_map(|f| f.into_path().ok());
    Ok(paths.map(|p| p.to_string_lossy().into_owned()).collect())
}

#[door]
pub(crate) async fn exchange_take(desk: State<'_, Desk>, file: PathBuf) -> Answer<Imported> {
    Ok(desk.session()?.take_answers(file).await?)
}

#[door]
pub(crate) async fn exchange_answers(desk: State<'_, Desk>, claim_id: String) -> Answer<Vec<AnswerView>> {
    Ok(desk.session()?.answers(parsed(&claim_id, "claim id")?).await?)
}

#[door]
pub(crate) async fn exchange_denials(desk: State<'_, Desk>, all: bool) -> Answer<Vec<DenialView>> {
    Ok(desk.session()?.denials(all).await?)
}

#[door]
pub(crate) async fn exchange_close_denial(desk: State<'_, Desk>, id: String) -> Answer<()> {
    Ok(desk.session()?.close_denial(&id).await?)
}

#[door]
pub(crate) async fn exchange_underpayments(desk: State<'_, Desk>) -> Answer<Vec<Underpayment>> {
    Ok(desk.session()?.underpayments().await?)
}

#[door]
pub(crate) async fn claim_paper(desk: State<'_, Desk>, claim_id: String) -> Answer<Form> {
    Ok(desk.session()?.cms1500(parsed(&claim_id, "claim id")?).await?)
}

/// Saves the form where a person chooses; tells where, or nothing when the dialog is closed.
#[door]
pub(crate) async fn claim_paper_save(
    desk: State<'_, Desk>,
    claim_id: String,
    preprinted: bool,
    right: i32,
    up: i32,
) -> Answer<Option<String>> {
    let form = desk.session()?.cms1500(parsed(&claim_id, "claim id")?).await?;
    let (tell, told) = tokio::sync::oneshot::channel();
    let dialog = desk.handle.dialog().file().add_filter("PDF", &["pdf"]).set_file_name("cms1500.pdf");
    dialog.save_file(move |file| {
        let _ = tell.send(file);
    });
    let Some(path) = told.await.ok().flatten().and_then(|f| f.into_path().ok()) else { return Ok(None) };
    let how = if preprinted { Print::Preprinted(Shift { right, up }) } else { Print::Preview };
    write_form(&form, how, &path).await?;
    Ok(Some(path.to_string_lossy().into_owned()))
}
