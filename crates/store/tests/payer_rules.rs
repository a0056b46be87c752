//! A clinic's payer rules: wordings and steps are kept, one confirmed wording counts beside at most one draft.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::*;
use iambilly_store::{PayerRuleRow, PayerRuleState as State, PayerRuleStep as Step, Store, StoreError};

const ID: &str = "ACME-1";

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    (folder, store)
}
fn rule(store: &Store) -> PayerRuleRow {
    store.read(|r| r.payer_rule(ID)).unwrap().unwrap()
}
fn counts(store: &Store) -> (State, Option<u32>, Option<u32>) {
    let rule = rule(store);
    (rule.state, rule.confirmed.map(|r| r.revision), rule.draft.map(|r| r.revision))
}
fn save(store: &Store, text: &str) -> bool {
    store.write(|r| r.save_payer_rule(ID, text, "owner", at(1))).unwrap()
}
fn confirm(store: &Store, seen: Option<u32>) -> Result<(), StoreError> {
    store.write(|r| r.confirm_payer_rule(ID, seen, "owner", at(2)))
}
fn undo(store: &Store) -> Result<Step, StoreError> {
    store.write(|r| r.undo_payer_rule(ID, "owner", at(3)))
}

#[test]
fn a_rule_is_saved_confirmed_reworded_and_retired() {
    let (_folder, store) = store();
    assert!(store.read(|r| r.payer_rule(ID)).unwrap().is_none());
    assert!(save(&store, "one"));
    assert!(!save(&store, "one"), "the same text again is nothing new");
    assert_eq!(counts(&store), (State::Draft, None, Some(1)));
    assert!(rule(&store).newest.is_sound());
    assert!(matches!(confirm(&store, Some(2)), Err(StoreError::Conflict { .. })), "not the draft seen");
    confirm(&store, Some(1)).unwrap();
    assert_eq!(counts(&store), (State::Confirmed, Some(1), None));
    assert!(matches!(confirm(&store, None), Err(StoreError::Conflict { .. })), "no draft");
    assert!(!save(&store, "one"), "the confirmed text again is nothing new");

    assert!(save(&store, "two"));
    assert_eq!(
        counts(&store),
        (State::Confirmed, Some(1), Some(2)),
        "the confirmed wording goes on to count"
    );
    assert!(save(&store, "three"));
    confirm(&store, None).unwrap();
    assert_eq!(counts(&store), (State::Confirmed, Some(3), None));

    store.write(|r| r.retire_payer_rule(ID, "owner", at(4))).unwrap();
    assert_eq!(counts(&store), (State::Retired, None, None));
    assert_eq!(rule(&store).newest.text, "three", "the wording stays");
    let again = store.write(|r| r.retire_payer_rule(ID, "owner", at(4)));
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let unknown = store.write(|r| r.retire_payer_rule("OTHER-1", "owner", at(4)));
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

#[test]
fn every_step_is_taken_back_in_turn() {
    let (_folder, store) = store();
    save(&store, "one");
    confirm(&store, None).unwrap();
    save(&store, "two");
    store.write(|r| r.retire_payer_rule(ID, "owner", at(4))).unwrap();
    assert_eq!(rule(&store).undoable, Some(Step::Retired));
    for (undone, then) in [
        (Step::Retired, (State::Confirmed, Some(1), Some(2))),
        (Step::Saved, (State::Confirmed, Some(1), None)),
        (Step::Confirmed, (State::Draft, None, Some(1))),
        (Step::Saved, (State::Retired, None, None)),
    ] {
        assert_eq!(undo(&store).unwrap(), undone);
        assert_eq!(counts(&store), then);
    }
    assert!(matches!(undo(&store), Err(StoreError::Conflict { .. })));
    assert_eq!(rule(&store).undoable, None);
    // What was taken back is not in the way of what comes next.
    save(&store, "four");
    assert_eq!(counts(&store), (State::Draft, None, Some(3)));
    undo(&store).unwrap();
    assert_eq!(counts(&store), (State::Retired, None, None));
}
