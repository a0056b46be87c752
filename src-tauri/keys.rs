//! Bound keys: kept by the application, taken from the system where they act in every program, told to the page.
//!
//! The page hears keys itself while it has the focus. A key that acts everywhere is the system's to give: Windows,
//! macOS and X11 do; under Wayland no program may ask for it, and that is said.

use crate::commands::Answer;
use crate::desk::Desk;
use crate::events::{Hotkey, tell};
use iambilly_app::keys::{self, KeyAction, KeyBinding};
use iambilly_app::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_door_macro::door;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Manager, State};
use tauri_plugin_global_shortcut::{GlobalShortcutExt, Shortcut, ShortcutState};

/// The bound keys as the page shows them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Keys {
    bindings: Vec<KeyBinding>,
    /// Why keys act in the window only; none where the system gives them everywhere.
    only_here: Option<&'static str>,
    /// Actions whose key another program holds, so that it acts in the window only.
    held_elsewhere: Vec<KeyAction>,
}

/// Keys that the system gives us now, with what they do.
#[derive(Default)]
struct Taken(Mutex<Vec<(Shortcut, KeyAction)>>);

impl Taken {
    fn replace(&self, taken: Vec<(Shortcut, KeyAction)>) -> Vec<(Shortcut, KeyAction)> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), taken)
    }

    fn actions(&self) -> Vec<KeyAction> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(_, action)| *action).collect()
    }

    fn of(&self, pressed: &Shortcut) -> Option<KeyAction> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().find(|(shortcut, _)| shortcut == pressed).map(|(_, action)| *action)
    }
}

/// Why the system gives no key to a program that has not the focus.
fn only_here() -> Option<&'static str> {
    #[cfg(target_os = "linux")]
    {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        if set("WAYLAND_DISPLAY") || std::env::var("XDG_SESSION_TYPE").is_ok_and(|kind| kind == "wayland") {
            return Some(
                "This desktop (Wayland) gives a key only to the window in front. The keys act while IamBilly is in front; in an X11 session they can act everywhere.",
            );
        }
        if !set("DISPLAY") {
            return Some("This desktop gives no key to a program in the background.");
        }
    }
    None
}

/// Makes ready to take keys; where the system gives none, nothing is prepared.
pub(crate) fn prepare(app: &AppHandle) {
    app.manage(Taken::default());
    if only_here().is_some() {
        return;
    }
    let plugin = tauri_plugin_global_shortcut::Builder::new()
        .with_handler(|app, shortcut, event| {
            let Some(action) = app.state::<Taken>().of(shortcut) else { return };
            let pressed = event.state() == ShortcutState::Pressed;
            tell(app, &Hotkey { action, pressed });
        })
        .build();
    if let Err(error) = app.plugin(plugin) {
        tracing::warn!(%error, "no keys can be taken from the system");
    }
}

/// Takes the keys of an unlocked session from the system.
pub(crate) async fn take(app: &AppHandle, session: &Session) {
    match keys::bound(session).await {
        Ok(bindings) => hold(app, &bindings),
        Err(error) => tracing::warn!(code = error.fault().code, "the bound keys could not be read"),
    }
}

/// Gives all keys back to the system.
pub(crate) fn give_back(app: &AppHandle) {
    hold(app, &[]);
}

fn hold(app: &AppHandle, bindings: &[KeyBinding]) {
    let (Some(taken), Some(system)) = (
        app.try_state::<Taken>(),
        app.try_state::<tauri_plugin_global_shortcut::GlobalShortcut<tauri::Wry>>(),
    ) else {
        return;
    };
    for (shortcut, _) in taken.replace(vec![]) {
        // One that the system has taken back already is free.
        let _ = system.unregister(shortcut);
    }
    let mut held = vec![];
    for binding in bindings.iter().filter(|b| b.everywhere) {
        if let Ok(shortcut) = binding.accelerator().parse::<Shortcut>()
            && app.global_shortcut().register(shortcut).is_ok()
        {
            held.push((shortcut, binding.action));
        }
    }
    taken.replace(held);
}

fn as_they_are(app: &AppHandle, bindings: Vec<KeyBinding>) -> Keys {
    let held = app.state::<Taken>().actions();
    let only_here = only_here();
    let held_elsewhere = bindings
        .iter()
        .filter(|b| b.everywhere && only_here.is_none() && !held.contains(&b.action))
        .map(|b| b.action)
        .collect();
    Keys { bindings, only_here, held_elsewhere }
}

#[door]
pub(crate) async fn keys_bound(desk: State<'_, Desk>) -> Answer<Keys> {
    let bindings = keys::bound(&*desk.session()?).await?;
    Ok(as_they_are(&desk.handle, bindings))
}

/// Binds these keys and no others; nothing changes when one of them is refused.
#[door]
pub(crate) async fn keys_bind(desk: State<'_, Desk>, bindings: Vec<KeyBinding>) -> Answer<Keys> {
    let session = desk.session()?;
    keys::judge(&bindings)?;
    let before = keys::bound(&session).await?;
    hold(&desk.handle, &bindings);
    let now = as_they_are(&desk.handle, bindings.clone());
    if !now.held_elsewhere.is_empty() {
        hold(&desk.handle, &before);
        return Err(Fault::new(
            FaultKind::Usage,
            "key_taken",
            "Another program holds this key in all of the system.",
            "Press another key, or let it act in the window only.",
        ));
    }
    keys::bind(&session, bindings).await?;
    Ok(now)
}
