//! Dependencies between our crates point downward only (`ARCHITECTURE.md`).

use serde_json::Value;
use std::process::Command;

/// Our rooms from the ground up; a crate may depend only on crates of a lower floor.
const FLOORS: [(&str, &[&str]); 13] = [
    ("macros", &["iambilly-door-macro"]),
    ("vocabulary", &["iambilly-claim"]),
    ("code sets", &["iambilly-icd10cm"]),
    ("worker protocol", &["iambilly-worker-protocol"]),
    ("reading", &["iambilly-coding"]),
    ("scrubbing", &["iambilly-scrub"]),
    ("policies", &["iambilly-policy"]),
    ("measuring", &["iambilly-eval"]),
    ("keys", &["iambilly-vault"]),
    ("storage", &["iambilly-store"]),
    (
        "edges and workers",
        &[
            "iambilly-rulebook",
            "iambilly-edi",
            "iambilly-emr",
            "iambilly-sftp",
            "iambilly-speech",
            "iambilly-sound",
            "iambilly-engines",
            "iambilly-whisper",
            "iambilly-llama",
            "iambilly-reader",
        ],
    ),
    ("application", &["iambilly-app"]),
    ("shells", &["iambilly", "iambilly-window", "iambilly-tests"]),
];

/// Crates of the pure core: no input or output, clock, randomness or native code may come in through them.
const PURE: [&str; 6] = [
    "iambilly-claim",
    "iambilly-icd10cm",
    "iambilly-coding",
    "iambilly-scrub",
    "iambilly-edi",
    "iambilly-policy",
];
const IMPURE: [&str; 8] =
    ["tokio", "rusqlite", "reqwest", "cpal", "tauri", "keyring-core", "whisper-rs", "llama-cpp-2"];

fn floor(name: &str) -> usize {
    FLOORS
        .iter()
        .position(|(_, crates)| crates.contains(&name))
        .unwrap_or_else(|| panic!("{name} has no floor: give it one here and in ARCHITECTURE.md"))
}

/// Package name → names of its normal dependencies.
fn packages() -> Vec<(String, Vec<String>)> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            let dependencies = p["dependencies"].as_array().unwrap();
            let normal = dependencies.iter().filter(|d| d["kind"].is_null());
            let names = normal.map(|d| d["name"].as_str().unwrap().to_owned()).collect();
            (p["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

#[test]
fn no_crate_depends_upward() {
    let packages = packages();
    assert!(packages.len() > 10, "cargo metadata lists the workspace");
    let ours: Vec<&str> = packages.iter().map(|(n, _)| n.as_str()).collect();
    for (name, dependencies) in &packages {
        for dependency in dependencies.iter().filter(|d| ours.contains(&d.as_str())) {
            assert!(
                floor(dependency) < floor(name),
                "{name} ({}) depends upward or sideways on {dependency} ({})",
                FLOORS[floor(name)].0,
                FLOORS[floor(dependency)].0
            );
        }
    }
}

#[test]
fn the_core_is_pure() {
    for (name, dependencies) in packages().iter().filter(|(n, _)| PURE.contains(&n.as_str())) {
        for impure in IMPURE {
            assert!(
                !dependencies.iter().any(|d| d == impure),
                "{name} must stay pure but depends on {impure}"
            );
        }
    }
}
