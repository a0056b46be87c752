//! The window's door: every command the page may give reaches the one table of permissions, and nothing but the page's own
//! commands and events is open to it. The command line's door is tried in `people.rs`, every use case itself in
//! `app/src/people/matrix.rs`.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Commands that reach no session, and why they need none.
const FREE: &[(&str, &str)] = &[
    ("session_status", "whether there is a vault, and what opens it"),
    ("unlock", "signs in"),
    ("lock", "takes everything away"),
    ("activity", "that somebody is there"),
    ("opened_file", "the path this window was started with"),
    ("audio_stop", "silence"),
    ("record_pause", "of a recording that was let begin; on the lock screen too"),
    ("record_stop", "of a recording that was let begin; on the lock screen too"),
    ("record_discard", "of a recording that was let begin"),
    ("record_words", "of a recording that was let begin"),
    ("record_running", "the name of a microphone"),
    ("microphone_ready", "opens by `Microphone::open`, which asks"),
    ("record_start", "opens by `Microphone::open`, which asks"),
    ("record_continue", "opens by `Microphone::open`, which asks"),
    ("models_list", "which models are installed"),
    ("models_measure", "how fast they are here"),
    ("models_stop", "ends what was let begin"),
    ("audit_look", "opens the audit's own room, which asks"),
    ("audit_accept", "by the audit's own room, which asks"),
    ("diagnosis_search", "the official code set"),
    ("procedure_search", "the official code set"),
    ("rules_shelf", "editions of official tables"),
    ("rules_import_cancel", "ends what was let begin"),
    ("payer_rule_members", "the words of the rule language"),
    ("payer_rule_blank", "an empty form"),
    ("payer_rule_sheet", "reads a text that the page sends"),
    ("payer_rule_sheet_of", "reads a text that the page sends"),
    ("pick_wav", "a path that a person chose"),
    ("pick_model", "a path that a person chose"),
    ("pick_folder", "a path that a person chose"),
    ("pick_fees", "a path that a person chose"),
    ("pick_tables", "a path that a person chose"),
    ("pick_policies", "a path that a person chose"),
    ("pick_answers", "a path that a person chose"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Module and name of every command the page may give.
fn commands() -> Vec<(String, String)> {
    let main = read("src-tauri/main.rs");
    let list = main.split("$take![").nth(1).unwrap().split(']').next().unwrap();
    let all = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    all.map(|name| name.split_once("::").map(|(m, n)| (m.to_owned(), n.to_owned())).unwrap()).collect()
}

#[test]
fn every_command_of_the_page_reaches_the_table_of_permissions() {
    let all = commands();
    assert!(all.len() > 120, "the list is read: {}", all.len());
    let mut silent = vec![];
    for (module, name) in &all {
        let text = read(&format!("src-tauri/{module}.rs"));
        let begin =
            text.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("{module}::{name} is nowhere"));
        let body = text[begin..].split("\n}\n").next().unwrap();
        // The session is the only way to a record, and each of its use cases asks (app/src/people/mod.rs).
        let asks = body.contains("session()");
        let free = FREE.iter().any(|(free, _)| free == name);
        if asks == free {
            silent.push(format!("{module}::{name}{}", if free { " asks after all" } else { "" }));
        }
    }
    assert!(silent.is_empty(), "these commands reach no session, or are listed without need: {silent:#?}");
    for (free, _) in FREE {
        assert!(all.iter().any(|(_, name)| name == free), "{free} is no command any more");
    }
}

/// Every `.ts` and `.svelte` file of the page.
fn page(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            page(&path, into);
        } else if path.extension().is_some_and(|e| e == "ts" || e == "svelte") {
            into.push(path);
        }
    }
}

/// What the page gives and hears stands in types that are made of the commands and events themselves
/// (`src-tauri/bindings.rs`), as long as nothing goes past them.
#[test]
fn nothing_crosses_but_by_name_and_shape() {
    let mut files = vec![];
    page(&root().join("ui/src"), &mut files);
    let (mut given, mut past) = (BTreeSet::new(), vec![]);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // call('name'…)
        for part in text.split("call('").skip(1) {
            given.insert(part.split('\'').next().unwrap().to_owned());
        }
        if text.contains("@tauri-apps/api/core") || text.contains("@tauri-apps/api/event") {
            past.push(file.strip_prefix(root()).unwrap().to_owned());
        }
    }
    assert_eq!(past, [Path::new("ui/src/lib/backend/call.ts")], "calls and events go through one file");
    let known: BTreeSet<String> = commands().into_iter().map(|(_, name)| name).collect();
    let unknown: Vec<_> = given.difference(&known).collect();
    assert!(given.len() > 100 && unknown.is_empty(), "{} given; unknown: {unknown:?}", given.len());

    let mut emitting = vec![];
    for entry in fs::read_dir(root().join("src-tauri")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains("tauri::command"), "{}: a command is a #[door]", path.display());
            if text.contains("Emitter") || text.contains(".emit") {
                emitting.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    assert_eq!(emitting, ["events.rs"], "events go through one file");
}

#[test]
fn the_window_is_open_to_its_own_page_only() {
    let capabilities = fs::read_dir(root().join("src-tauri/capabilities")).unwrap().count();
    assert_eq!(capabilities, 1, "one window, one capability");
    let main: Value = serde_json::from_str(&read("src-tauri/capabilities/main.json")).unwrap();
    assert_eq!(main["windows"], serde_json::json!(["main"]));
    assert_eq!(
        main["permissions"],
        serde_json::json!(["core:event:allow-listen", "core:event:allow-unlisten"]),
        "nothing of files, the shell, dialogs or the network"
    );
    assert!(main.get("remote").is_none(), "no page from elsewhere has it");

    let conf: Value = serde_json::from_str(&read("tauri.conf.json")).unwrap();
    let security = &conf["app"]["security"];
    let csp = security["csp"].as_str().unwrap();
    let rules: Vec<(&str, Vec<&str>)> = csp
        .split(';')
        .map(|rule| rule.trim().split(' '))
        .map(|mut words| (words.next().unwrap(), words.collect()))
        .collect();
    assert_eq!(rules[0], ("default-src", vec!["'none'"]));
    for (rule, sources) in &rules {
        for source in sources {
            let own = ["'none'", "'self'", "data:", "ipc:", "http://ipc.localhost"].contains(source);
            assert!(own, "{rule} allows {source}");
            assert!(*source != "data:" || *rule == "img-src", "{rule} allows data:");
        }
    }
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["capabilities"], serde_json::json!(["main"]));
    assert_eq!(conf["app"]["withGlobalTauri"], false);
    assert_eq!(conf["app"]["windows"], serde_json::json!([]), "made in code, where it is kept from caching");
    for from in ["devUrl", "frontendDist"] {
        let address = conf["build"][from].as_str().unwrap_or_default();
        assert!(!address.contains("://"), "no remote address: {address}");
    }
    // Tauri has the inspector in a release only where this is asked for.
    let cargo = read("Cargo.toml");
    assert!(!cargo.contains("\"devtools\"") && !read("src-tauri/main.rs").contains("open_devtools"));
    assert!(
        read("src-tauri/main.rs").contains(".incognito(!automated)"),
        "the webview keeps nothing on the disk"
    );
}
