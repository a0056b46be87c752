//! Keys that a person binds for dictating: a foot pedal's, a headset's, any of the keyboard. Kept in the store.
//!
//! A key is named by its place on the keyboard (the `code` of a browser's key event, e.g. `F13`, `KeyD`), so that
//! a pedal that sends one works under any layout.

use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use serde::{Deserialize, Serialize};

/// What a bound key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    /// Starts recording, and stops it.
    Toggle,
    /// Records while it is held.
    Talk,
    /// Pauses, and goes on.
    Pause,
}

impl KeyAction {
    const fn words(self) -> &'static str {
        match self {
            Self::Toggle => "record and stop",
            Self::Talk => "hold to talk",
            Self::Pause => "pause and go on",
        }
    }
}

/// A bound key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyBinding {
    /// What it does.
    pub action: KeyAction,
    /// The key's place, as a browser's key event names it.
    pub code: String,
    /// With the control key.
    #[serde(default)]
    pub ctrl: bool,
    /// With the alt key.
    #[serde(default)]
    pub alt: bool,
    /// With a shift key.
    #[serde(default)]
    pub shift: bool,
    /// With the command or Windows key.
    #[serde(default)]
    pub meta: bool,
    /// In every program, not only while the window has the focus.
    #[serde(default)]
    pub everywhere: bool,
}

impl KeyBinding {
    fn same_key(&self, other: &Self) -> bool {
        (&self.code, self.ctrl, self.alt, self.shift, self.meta)
            == (&other.code, other.ctrl, other.alt, other.shift, other.meta)
    }

    /// The key with its modifiers as the system's shortcuts are written: `Control+Shift+KeyD`.
    #[must_use]
    pub fn accelerator(&self) -> String {
        let modifiers =
            [(self.ctrl, "Control+"), (self.alt, "Alt+"), (self.shift, "Shift+"), (self.meta, "Super+")];
        let mut text: String = modifiers.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
        text.push_str(&self.code);
        text
    }
}

/// Keys that do nothing alone.
const MODIFIERS: [&str; 10] = [
    "ControlLeft",
    "ControlRight",
    "ShiftLeft",
    "ShiftRight",
    "AltLeft",
    "AltRight",
    "MetaLeft",
    "MetaRight",
    "CapsLock",
    "Fn",
];
/// Keys that lead out of things, or from one to the next: without them the window cannot be used.
const RESERVED: [&str; 4] = ["Escape", "Tab", "Enter", "NumpadEnter"];

/// Whether a key, alone, writes or moves in a text: taken everywhere, no other program could be used.
fn types(code: &str) -> bool {
    const OTHERS: [&str; 24] = [
        "Space",
        "Backspace",
        "Delete",
        "Insert",
        "Home",
        "End",
        "PageUp",
        "PageDown",
        "ArrowUp",
        "ArrowDown",
        "ArrowLeft",
        "ArrowRight",
        "Minus",
        "Equal",
        "BracketLeft",
        "BracketRight",
        "Backslash",
        "Semicolon",
        "Quote",
        "Backquote",
        "Comma",
        "Period",
        "Slash",
        "IntlBackslash",
    ];
    ["Key", "Digit", "Numpad"].iter().any(|kind| code.starts_with(kind)) || OTHERS.contains(&code)
}

/// Judges bindings as a whole.
///
/// # Errors
/// `key_not_bindable` and `key_taken`, each in words.
pub fn judge(bindings: &[KeyBinding]) -> Result<(), Fault> {
    let refused =
        |code, message: String, advice: &str| Err(Fault::new(FaultKind::Usage, code, message, advice));
    for (at, binding) in bindings.iter().enumerate() {
        let code = binding.code.as_str();
        let known = (1..=24).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric());
        if !known || code == "Unidentified" {
            return refused(
                "key_not_bindable",
                "This key does not say which one it is.".to_owned(),
                "Press another key; the program of a foot pedal can let it send F13 to F24.",
            );
        }
        if MODIFIERS.contains(&code) {
            return refused(
                "key_not_bindable",
                "This key only changes what other keys do.".to_owned(),
                "Press it together with another key, or another key alone.",
            );
        }
        let plain = !(binding.ctrl || binding.alt || binding.meta);
        if plain && RESERVED.contains(&code) {
            return refused(
                "key_not_bindable",
                format!("{code} is needed to use the window."),
                "Press another key, or this one with Ctrl or Alt.",
            );
        }
        if binding.everywhere && plain && types(code) {
            return refused(
                "key_not_bindable",
                "In every program this key would be lost for writing.".to_owned(),
                "Take a function key, or this one with Ctrl or Alt; or let it act in the window only.",
            );
        }
        if let Some(other) = bindings.iter().take(at).find(|other| other.same_key(binding)) {
            return refused(
                "key_taken",
                format!("This key is bound already: {}.", other.action.words()),
                "Press another key, or clear that one first.",
            );
        }
    }
    Ok(())
}

const SETTING: &str = "keys";

/// The bound keys.
///
/// # Errors
/// Those of the store.
pub async fn bound(session: &Session) -> Result<Vec<KeyBinding>, AppError> {
    Ok(session.store(|s| s.read(|r| r.setting(SETTING))).await?.unwrap_or_default())
}

/// Binds these keys and no others.
///
/// # Errors
/// Those of [`judge`] and of the store.
pub async fn bind(session: &Session, bindings: Vec<KeyBinding>) -> Result<(), AppError> {
    session.allow(Action::Devices).await?;
    judge(&bindings)?;
    let (now, by) = ((session.surroundings.now)(), session.by());
    session.store(move |s| s.write(|r| r.change_setting(&by, SETTING, Some(&bindings), now))).await
}

#[cfg(test)]
mod tests {
    use super::{KeyAction, KeyBinding, judge};

    fn key(action: KeyAction, code: &str) -> KeyBinding {
        let code = code.to_owned();
        KeyBinding { action, code, ctrl: false, alt: false, shift: false, meta: false, everywhere: false }
    }

    #[test]
    fn any_key_can_be_bound_but_those_that_would_lock_a_person_out() {
        let everywhere = |code| KeyBinding { everywhere: true, ..key(KeyAction::Talk, code) };
        let with_ctrl = |binding| KeyBinding { ctrl: true, ..binding };
        let table = [
            (key(KeyAction::Talk, "F13"), None),
            (key(KeyAction::Talk, "KeyQ"), None),
            (key(KeyAction::Talk, "MediaPlayPause"), None),
            (everywhere("F24"), None),
            (with_ctrl(everywhere("KeyD")), None),
            (with_ctrl(key(KeyAction::Talk, "Enter")), None),
            (everywhere("KeyD"), Some("key_not_bindable")),
            (everywhere("Numpad0"), Some("key_not_bindable")),
            (everywhere("Space"), Some("key_not_bindable")),
            (key(KeyAction::Talk, "Escape"), Some("key_not_bindable")),
            (key(KeyAction::Talk, "ShiftLeft"), Some("key_not_bindable")),
            (key(KeyAction::Talk, ""), Some("key_not_bindable")),
            (key(KeyAction::Talk, "Unidentified"), Some("key_not_bindable")),
            (key(KeyAction::Talk, "a;b"), Some("key_not_bindable")),
        ];
        for (binding, expected) in table {
            let code = judge(std::slice::from_ref(&binding)).err().map(|fault| fault.code);
            assert_eq!(code.as_deref(), expected, "{binding:?}");
        }
    }

    #[test]
    fn one_key_does_one_thing() {
        let two = [key(KeyAction::Toggle, "F13"), key(KeyAction::Talk, "F13")];
        let fault = judge(&two).unwrap_err();
        assert_eq!(fault.code, "key_taken");
        assert!(fault.message.contains("record and stop"), "{}", fault.message);
        let shifted = KeyBinding { shift: true, ..two[1].clone() };
        assert!(judge(&[two[0].clone(), shifted.clone()]).is_ok());
        assert_eq!(shifted.accelerator(), "Shift+F13");
    }
}
