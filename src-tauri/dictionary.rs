//! The page's commands of the physician's own dictionary.

use crate::commands::{Answer, parsed};
use crate::desk::Desk;
use iambilly_app::dictionary::OwnWordView;
use iambilly_claim::{OwnWord, Phi};
use iambilly_door_macro::door;
use tauri::State;

#[door]
pub(crate) async fn dictionary(desk: State<'_, Desk>) -> Answer<Vec<OwnWordView>> {
    Ok(desk.session()?.dictionary().await?)
}

#[door]
pub(crate) async fn dictionary_add(
    desk: State<'_, Desk>,
    meant: String,
    heard: Option<String>,
) -> Answer<OwnWordView> {
    let word = OwnWord { meant: Phi::new(meant), heard: Phi::new(heard) };
    Ok(desk.session()?.add_own_word(word).await?)
}

#[door]
pub(crate) async fn dictionary_remove(desk: State<'_, Desk>, id: String) -> Answer<OwnWordView> {
    Ok(desk.session()?.remove_own_word(parsed(&id, "word's id")?).await?)
}
