//! The physician's own dictionary.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::*;
use iambilly_claim::OwnWord;
use iambilly_claim::ids::OwnWordId;
use iambilly_store::StoreError;
use uuid::Uuid;

fn word(meant: &str, heard: Option<&str>) -> OwnWord {
    OwnWord { meant: meant.into(), heard: heard.map(str::to_owned).into() }
}

#[test]
fn words_come_and_go_and_what_is_heard_means_one_thing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = |n| OwnWordId::new(Uuid::from_u128(n));
    let add = |n: u128, w: OwnWord| {
        store.write(|r| r.add_own_word(id(n), &w, "owner", at(i64::try_from(n).unwrap())))
    };
    add(1, word("Globus", Some("globe us"))).unwrap();
    add(2, word("Infuse", None)).unwrap();
    add(3, word("Globus", None)).unwrap();
    for again in [word("Globe", Some("Globe Us")), word("Infuse", None)] {
        assert!(matches!(add(4, again), Err(StoreError::Conflict { .. })));
    }
    let listed = store.read(|r| r.own_words()).unwrap();
    assert_eq!(listed.iter().map(|w| w.id).collect::<Vec<_>>(), [id(3), id(2), id(1)]);
    assert_eq!(listed[2].word, word("Globus", Some("globe us")));
    assert_eq!(store.write(|r| r.remove_own_word(id(1))).unwrap().id, id(1));
    assert!(matches!(store.write(|r| r.remove_own_word(id(1))), Err(StoreError::NotFound { .. })));
    add(5, word("Globe", Some("globe us"))).unwrap();
}
