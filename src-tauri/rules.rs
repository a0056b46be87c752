//! The page's commands of the rules screen: official editions and their import, and the clinic's payer rules.

use crate::commands::Answer;
use crate::desk::Desk;
use crate::events::{ImportShare, tell};
use iambilly_app::payer_rules::members::{MEMBERS, Member};
use iambilly_app::payer_rules::sheet::{self, Fields, Sheet};
use iambilly_app::payer_rules::{PayerRuleView, Saved, Trial};
use iambilly_app::people::Action;
use iambilly_app::rules::{self, Imported, Request, TableKind, Watch};
use iambilly_app::shelf::{self, Shelf};
use iambilly_door_macro::door;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

#[door]
pub(crate) async fn rules_shelf(desk: State<'_, Desk>) -> Answer<Shelf> {
    shelf::look(&desk.config, (desk.surroundings.today)()).await
}

#[door]
pub(crate) async fn pick_tables(desk: State<'_, Desk>) -> Answer<Vec<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let dialog = desk.handle.dialog().file();
    dialog.add_filter("Official tables", &["txt", "TXT", "csv", "xlsx", "zip", "ZIP"]).pick_files(
        move |files| {
            let _ = tell.send(files);
        },
    );
    let picked = told.await.ok().flatten().unwrap_or_default();
    let paths = picked.into_iter().filter_map(|f| f.into_path().ok());
    Ok(paths.map(|p| p.to_string_lossy().into_owned()).collect())
}

#[door]
pub(crate) async fn rules_import(
    desk: State<'_, Desk>,
    table: TableKind,
    files: Vec<PathBuf>,
    edition: Option<String>,
    accept_fewer_rows: bool,
) -> Answer<Vec<Imported>> {
    let session = desk.session()?;
    session.permit(Action::ImportTables).await?;
    let running = desk.import();
    let handle = desk.handle.clone();
    let watch: Watch = Arc::new(move |share| {
        tell(&handle, &ImportShare { table, share });
        !running.is_cancelled()
    });
    let imported = rules::import_watched(
        &desk.config,
        Request { kind: table, files, edition, accept_fewer_rows },
        watch,
    )
    .await?;
    session.note_import(&imported).await?;
    Ok(imported)
}

#[door]
pub(crate) async fn rules_import_cancel(desk: State<'_, Desk>) -> Answer<()> {
    desk.import();
    Ok(())
}

#[door]
pub(crate) async fn payer_rules(desk: State<'_, Desk>) -> Answer<Vec<PayerRuleView>> {
    Ok(desk.session()?.payer_rules().await?)
}

#[door]
pub(crate) async fn payer_rule_members() -> Answer<&'static [Member]> {
    Ok(MEMBERS)
}

#[door]
pub(crate) async fn payer_rule_blank(desk: State<'_, Desk>) -> Answer<Sheet> {
    Ok(sheet::blank((desk.surroundings.today)()))
}

#[door]
pub(crate) async fn payer_rule_sheet(desk: State<'_, Desk>, text: String) -> Answer<Sheet> {
    Ok(sheet::of_text(&text, (desk.surroundings.today)()))
}

#[door]
pub(crate) async fn payer_rule_sheet_of(
    desk: State<'_, Desk>,
    text: String,
    fields: Fields,
) -> Answer<Sheet> {
    Ok(sheet::of_fields(&text, &fields, (desk.surroundings.today)()))
}

#[door]
pub(crate) async fn payer_rule_try(desk: State<'_, Desk>, text: String) -> Answer<Trial> {
    Ok(desk.session()?.try_payer_rules(text).await?)
}

#[door]
pub(crate) async fn payer_rule_save(desk: State<'_, Desk>, text: String) -> Answer<Vec<Saved>> {
    Ok(desk.session()?.save_payer_rules(text).await?)
}

#[door]
pub(crate) async fn payer_rule_confirm(
    desk: State<'_, Desk>,
    id: String,
    revision: u32,
) -> Answer<PayerRuleView> {
    Ok(desk.session()?.confirm_payer_rule(id, Some(revision)).await?)
}

#[door]
pub(crate) async fn payer_rule_retire(desk: State<'_, Desk>, id: String) -> Answer<PayerRuleView> {
    Ok(desk.session()?.retire_payer_rule(id).await?)
}

#[door]
pub(crate) async fn payer_rule_undo(desk: State<'_, Desk>, id: String) -> Answer<PayerRuleView> {
    Ok(desk.session()?.undo_payer_rule(id).await?)
}
