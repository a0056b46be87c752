//! The page's commands of the model list: brought from the network or a stick, taken away.

use crate::commands::Answer;
use crate::desk::Desk;
use crate::events::{ModelShare, tell};
use iambilly_app::models::ModelView;
use iambilly_app::weights::OnTheWay;
use iambilly_door_macro::door;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

fn told(desk: &Desk) -> OnTheWay {
    let handle = desk.handle.clone();
    Arc::new(move |id, share| {
        tell(&handle, &ModelShare { id: id.to_owned(), share });
    })
}

#[door]
pub(crate) async fn models_fetch(desk: State<'_, Desk>, id: String) -> Answer<Vec<ModelView>> {
    let cancel = desk.bring();
    desk.session()?.fetch_model(&id, told(&desk), cancel).await
}

#[door]
pub(crate) async fn models_import(desk: State<'_, Desk>, from: PathBuf) -> Answer<Vec<ModelView>> {
    let cancel = desk.bring();
    desk.session()?.import_models(from, told(&desk), cancel).await
}

#[door]
pub(crate) async fn models_remove(desk: State<'_, Desk>, id: String) -> Answer<Vec<ModelView>> {
    desk.session()?.remove_model(&id).await
}

/// Stops what is fetched or copied; what has arrived of a fetch is kept.
#[door]
pub(crate) async fn models_stop(desk: State<'_, Desk>) -> Answer<()> {
    desk.bring();
    Ok(())
}

#[door]
pub(crate) async fn pick_model(desk: State<'_, Desk>) -> Answer<Option<String>> {
    let (tell, asked) = tokio::sync::oneshot::channel();
    desk.handle.dialog().file().add_filter("Models", &["bin", "gguf"]).pick_file(move |file| {
        let _ = tell.send(file);
    });
    let picked = asked.await.ok().flatten();
    Ok(picked.and_then(|f| f.into_path().ok()).map(|p| p.to_string_lossy().into_owned()))
}
