//! What the window tells the page without being asked: each event with its name and its shape.

use iambilly_app::events::Event;
use iambilly_app::keys::KeyAction;
use iambilly_app::library::Looked;
use iambilly_app::live::LiveView;
use iambilly_app::rules::TableKind;
use iambilly_app::session::SessionState;
use iambilly_app::view::LevelView;
use iambilly_claim::Fault;
use serde::Serialize;
use tauri::{AppHandle, Emitter};

/// A shape that the page is told of under one name.
pub(crate) trait Told: Serialize + Clone {
    const NAME: &'static str;
}

macro_rules! events {
    ($($name:literal: $shape:ty,)+) => {
        $(impl Told for $shape { const NAME: &'static str = $name; })+

        /// Every event with what describes it.
        #[cfg(test)]
        pub(crate) fn describe(table: &mut crate::bindings::Table) {
            $(table.event::<$shape>();)+
        }
    };
}

events! {
    "stage": Event,
    "playback": Playback,
    "record_level": LevelView,
    "live_text": LiveView,
    "session": SessionEnded,
    "damaged": Fault,
    "rule_import": ImportShare,
    "model": ModelShare,
    "hotkey": Hotkey,
    "library": LibraryShare,
    "library_watch": Looked,
}

/// Tells the page; without a page there is nobody to tell.
pub(crate) fn tell<T: Told>(handle: &AppHandle, told: &T) {
    let _ = handle.emit(T::NAME, told);
}

/// Where playback is.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Playback {
    pub(crate) dictation_id: String,
    /// None when it has stopped.
    pub(crate) position_ms: Option<u64>,
}

/// The session was locked, by whom- or whatever.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SessionEnded {
    pub(crate) state: SessionState,
}

/// How far the import of official tables is.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ImportShare {
    pub(crate) table: TableKind,
    /// 0 to 1.
    pub(crate) share: f64,
}

/// How far a model on its way is.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ModelShare {
    pub(crate) id: String,
    /// 0 to 1.
    pub(crate) share: f64,
}

/// A key that acts in every program was pressed or let go.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Hotkey {
    pub(crate) action: KeyAction,
    pub(crate) pressed: bool,
}

/// How far adding policies or comparing is.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LibraryShare {
    pub(crate) what: String,
    /// 0 to 1.
    pub(crate) share: f64,
}
