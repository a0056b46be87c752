//! Master data: found as one types, changed under the version seen, merged without losing who is meant.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::*;
use iambilly_claim::Phi;
use iambilly_claim::ids::MasterId;
use iambilly_store::{MasterContent, MasterKind, MasterState, Store, StoreError};
use uuid::Uuid;

fn id(n: u128) -> MasterId {
    MasterId::new(Uuid::from_u128(n))
}

fn content(label: &str, npi: &str) -> MasterContent {
    MasterContent {
        label: label.into(),
        data: Phi::new(serde_json::json!({"name": label, "npi": npi})),
        words: Phi::new(format!("{label} {npi}")),
        identifiers: vec![("npi", npi.into())],
    }
}

fn add(store: &Store, n: u128, kind: MasterKind, label: &str, npi: &str) {
    store.write(|r| r.insert_master(id(n), kind, &content(label, npi), at(1))).unwrap();
}

fn found(store: &Store, query: &str) -> Vec<String> {
    let rows = store.read(|r| r.masters(MasterKind::Provider, &query.into(), false, 50)).unwrap();
    rows.into_iter().map(|r| r.label.into_exposed()).collect()
}

#[test]
fn records_are_found_by_the_beginnings_of_their_words() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for (n, label) in
        ["Zoë Exampleby", "adam Testman", "כהן דוד", "O'Neil \"Jr\" (Ann)"].into_iter().enumerate()
    {
        add(&store, n as u128 + 1, MasterKind::Provider, label, &format!("000{n}"));
    }
    add(&store, 9, MasterKind::Payer, "Zoe Health", "9");
    assert_eq!(found(&store, "zoe"), ["Zoë Exampleby"]);
    assert_eq!(found(&store, "tes AD"), ["adam Testman"]);
    assert_eq!(found(&store, "כה"), ["כהן דוד"]);
    assert_eq!(found(&store, "o'nei \" OR NEAR("), Vec::<String>::new(), "operators are words like others");
    assert_eq!(found(&store, "o'nei"), ["O'Neil \"Jr\" (Ann)"]);
    assert_eq!(found(&store, "0001"), ["adam Testman"]);
    assert_eq!(found(&store, " -*\"").len(), 4, "nothing that is a word leaves nothing out");
    store.write(|r| r.make_default_master(id(3))).unwrap();
    assert_eq!(found(&store, "")[..2], ["כהן דוד", "adam Testman"], "the default first, then by name");
}

#[test]
fn a_change_needs_the_version_seen_and_is_found_by_its_new_words_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    add(&store, 1, MasterKind::Provider, "Ada Exampleby", "1");
    store.write(|r| r.update_master(id(1), 1, &content("Ada Testman", "2"), at(2))).unwrap();
    assert!(found(&store, "exampleby").is_empty() && found(&store, "testman").len() == 1);
    let late = store.write(|r| r.update_master(id(1), 1, &content("Ada Late", "3"), at(3)));
    assert!(matches!(late, Err(StoreError::Conflict { .. })));
    let known = |npi: &str| {
        store.read(|r| r.masters_known_as(MasterKind::Provider, "npi", &npi.into())).unwrap().len()
    };
    assert_eq!((known("1"), known("2"), known("3")), (0, 1, 0));
}

#[test]
fn doubles_are_named_and_what_names_a_merged_one_leads_to_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for (n, label, npi) in [(1, "Ada", "7"), (2, "Ada E.", "7"), (3, "Bo", "8"), (4, "Ada Ex", "7")] {
        add(&store, n, MasterKind::Provider, label, npi);
    }
    add(&store, 5, MasterKind::Facility, "Elsewhere", "7");
    let doubles = || store.read(|r| r.master_doubles(MasterKind::Provider, 50)).unwrap();
    assert_eq!(
        doubles().iter().map(|d| (d.0, d.1)).collect::<Vec<_>>(),
        [(id(1), id(2)), (id(1), id(4)), (id(2), id(4))]
    );
    store.write(|r| r.make_default_master(id(2))).unwrap();
    store.write(|r| r.merge_master(id(2), id(4), at(2))).unwrap();
    store.write(|r| r.merge_master(id(4), id(1), at(3))).unwrap();
    assert!(doubles().is_empty());
    let lead = store.read(|r| r.masters_known_as(MasterKind::Provider, "npi", &"7".into())).unwrap();
    assert_eq!(lead.iter().map(|r| r.id).collect::<Vec<_>>(), [id(1)]);
    assert!(lead[0].is_default, "the default goes with it");
    let merged = store.read(|r| r.master(id(2))).unwrap().unwrap();
    assert_eq!((merged.state, merged.merged_into), (MasterState::Merged, Some(id(4))));
    for (away, into) in [(2, 1), (1, 1), (3, 5), (3, 2)] {
        let refused = store.write(|r| r.merge_master(id(away), id(into), at(4)));
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{away} into {into}");
    }
    store.write(|r| r.retire_master(id(1), true, at(5))).unwrap();
    assert!(store.read(|r| r.default_master(MasterKind::Provider)).unwrap().is_none());
    assert_eq!(found(&store, ""), ["Bo"]);
}
