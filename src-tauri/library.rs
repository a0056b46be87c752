//! The page's commands of the payer-rule library: policies added, read and asked, and a claim beside them.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use crate::events::{LibraryShare, tell};
use iambilly_app::library::{
    self, AddPolicy, Added, Coverage, HitView, Looked, OpenPolicy, PolicyView, Question, WatchedView,
};
use iambilly_app::{Cancel, Session};
use iambilly_door_macro::door;
use std::path::PathBuf;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

/// Passages of an answer in the window.
const SHOWN: usize = 8;

#[door]
pub(crate) async fn library_policies(desk: State<'_, Desk>) -> Answer<Vec<PolicyView>> {
    Ok(desk.session()?.policies((desk.surroundings.today)()).await?)
}

#[door]
pub(crate) async fn pick_policies(desk: State<'_, Desk>) -> Answer<Vec<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let dialog = desk.handle.dialog().file();
    let kinds = ["pdf", "PDF", "html", "htm", "xlsx", "xls", "ods", "csv", "md", "txt"];
    dialog.add_filter("Policies", &kinds).pick_files(move |files| {
        let _ = tell.send(files);
    });
    let picked = told.await.ok().flatten().unwrap_or_default();
    let paths = picked.into_iter().filter_map(|f| f.into_path().ok());
    Ok(paths.map(|p| p.to_string_lossy().into_owned()).collect())
}

#[door]
pub(crate) async fn library_add(
    desk: State<'_, Desk>,
    file: PathBuf,
    payer: String,
    effective: Option<String>,
) -> Answer<Added> {
    let from = effective.as_deref().filter(|t| !t.is_empty()).map(|t| parsed(t, "date (YYYY-MM-DD)"));
    let given = AddPolicy { payer, from: from.transpose()?, ..AddPolicy::default() };
    let handle = desk.handle.clone();
    let tell = move |what: &str, share: f64| {
        tell(&handle, &LibraryShare { what: what.to_owned(), share });
    };
    Ok(desk.session()?.add_policy(&file, given, &tell).await?)
}

#[door]
pub(crate) async fn library_remove(desk: State<'_, Desk>, id: String) -> Answer<()> {
    Ok(desk.session()?.remove_policy(&id).await?)
}

#[door]
pub(crate) async fn library_open(desk: State<'_, Desk>, id: String) -> Answer<OpenPolicy> {
    Ok(desk.session()?.open_policy(&id).await?)
}

#[door]
pub(crate) async fn library_watched(desk: State<'_, Desk>) -> Answer<Vec<WatchedView>> {
    Ok(desk.session()?.watched_folders().await?)
}

/// Watches a folder and looks into it at once.
#[door]
pub(crate) async fn library_watch(
    desk: State<'_, Desk>,
    folder: PathBuf,
    payer: Option<String>,
) -> Answer<Looked> {
    let session = desk.session()?;
    session.watch_folder(&folder, payer.as_deref()).await?;
    look(&desk, &session).await
}

#[door]
pub(crate) async fn library_unwatch(desk: State<'_, Desk>, folder: PathBuf) -> Answer<()> {
    Ok(desk.session()?.unwatch_folder(&folder).await?)
}

#[door]
pub(crate) async fn library_look(desk: State<'_, Desk>) -> Answer<Looked> {
    let session = desk.session()?;
    look(&desk, &session).await
}

async fn look(desk: &Desk, session: &Session) -> Answer<Looked> {
    let handle = desk.handle.clone();
    let tell = move |what: &str, share: f64| {
        tell(&handle, &LibraryShare { what: what.to_owned(), share });
    };
    Ok(session.look_into_folders(&tell).await?)
}

/// Rules that stand in a policy of the library: a finding of one opens its passage.
#[door]
pub(crate) async fn library_sourced(desk: State<'_, Desk>) -> Answer<Vec<String>> {
    Ok(desk.session()?.sourced_rules().await?)
}

#[door]
pub(crate) async fn library_ask(
    desk: State<'_, Desk>,
    payer: String,
    dos: String,
    text: String,
) -> Answer<library::Answer> {
    let dos = parsed(&dos, "date (YYYY-MM-DD)")?;
    Ok(desk.session()?.ask_policies(Question { payer, dos, text, limit: SHOWN }).await?)
}

#[door]
pub(crate) async fn library_source(desk: State<'_, Desk>, rule: String) -> Answer<HitView> {
    Ok(desk.session()?.policy_source(&rule).await?)
}

#[door]
pub(crate) async fn library_check(
    desk: State<'_, Desk>,
    claim_id: String,
    compare: bool,
) -> Answer<Coverage> {
    let handle = desk.handle.clone();
    let tell = move |share: f32| {
        tell(&handle, &LibraryShare { what: "Comparing".to_owned(), share: f64::from(share) });
    };
    let claim = parsed(&claim_id, "claim id")?;
    Ok(desk.session()?.check_coverage(claim, compare, &tell, &Cancel::new()).await?)
}
