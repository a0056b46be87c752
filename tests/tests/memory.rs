//! What is in memory after a lock: no key, no passphrase. The session is the one the window and the command line open; its
//! runtime lives on, as the window's does.
#![cfg(target_os = "linux")]

#[path = "../../crates/vault/tests/memory/mod.rs"]
mod memory;
mod support;

use iambilly_app::intake::{NewDictation, add_note};
use iambilly_app::paths::Paths;
use iambilly_app::session::{Config, Session, Unlock};
use iambilly_app::{Reader, Surroundings};
use iambilly_claim::Phi;
use iambilly_vault::{KeySource, OsRandom, Vault};
use memory::Secret;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Not in one piece in this program, so that only what was typed is found.
fn passphrase() -> String {
    ["sorrel ", "anvil ", "tundra ", "quartzite"].concat()
}

fn config(folder: &Path) -> Config {
    let mut paths = Paths::from_environment(&|_| None, Path::new("iambilly"));
    paths.data = folder.join("data");
    paths.rules = folder.join("rules");
    paths.models = folder.join("models");
    Config::new(paths, 1)
}

async fn opened(config: &Config) -> Arc<Session> {
    let how = Unlock::passphrase(passphrase());
    Session::open(config.clone(), Surroundings::system(), how).await.unwrap()
}

/// The keys that everything else is under; found out once, on a thread whose stack is gone afterwards.
fn secrets(data: &Path) -> Vec<(&'static str, Secret)> {
    let source = KeySource::Passphrase(passphrase().into());
    let vault = Vault::open(data, &source).unwrap();
    let database = Secret::of(vault.database_key().expose());
    let (recording, _) = vault.wrap_new_key("a recording", &mut OsRandom).unwrap();
    let recording = Secret::of(recording.expose());
    vec![
        ("the database's key in a statement", database.as_hex()),
        ("the database's key", database),
        ("the audit's key", Secret::of(vault.audit_key().unwrap().expose())),
        ("the key of signatures", Secret::of(vault.signing_seed().unwrap().expose())),
        ("a recording's key", recording),
        ("the passphrase", Secret::of(passphrase().as_bytes())),
    ]
}

fn left(secrets: &[(&'static str, Secret)]) -> Vec<(&'static str, Vec<String>)> {
    let found = secrets.iter().map(|(name, secret)| (*name, secret.found()));
    found.filter(|(_, places)| !places.is_empty()).collect()
}

#[test]
fn after_a_lock_memory_holds_no_key_and_no_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let work = async |session: &Arc<Session>| {
        let new = NewDictation {
            payer: "medicare".to_owned(),
            dos: "2026-02-02".parse().unwrap(),
            reader: Reader::Rules,
            ..NewDictation::default()
        };
        let note =
            Phi::new("Procedure: laminectomy at L4-L5 for stenosis with neurogenic claudication.".to_owned());
        let id = add_note(session, note, new).await.unwrap();
        session.work_on(id, &|_| {}).await.unwrap();
        session.draft(session.dictation(id).await.unwrap().claim_id.unwrap()).await.unwrap();
    };
    runtime.block_on(async {
        let session = opened(&config).await;
        work(&session).await;
        session.shut_down().await;
    });
    let data = config.paths.data.clone();
    let secrets = std::thread::spawn(move || secrets(&data)).join().unwrap();
    assert!(left(&secrets).is_empty(), "a vault that was dropped: {:#?}", left(&secrets));

    let session = runtime.block_on(async {
        let session = opened(&config).await;
        work(&session).await;
        session.check_records().await.unwrap();
        session
    });
    let open: Vec<_> = left(&secrets).into_iter().map(|(name, _)| name).collect();
    assert!(open.contains(&"the database's key"), "the search finds what is there: {open:?}");
    // As the window locks: what runs is told to end, then the session goes.
    runtime.block_on(async { session.shut_down().await });
    let mut session = Some(session);
    drop(session.take());
    // A thread that still reads for somebody ends on its own.
    for _ in 0..50 {
        if left(&secrets).is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(left(&secrets).is_empty(), "after the lock: {:#?}", left(&secrets));
}
