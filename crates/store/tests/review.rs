//! What people do with drafts: decisions, corrections, phrase rules.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::*;
use iambilly_claim::ids::{CorrectionId, PhraseRuleId};
use iambilly_claim::{Correction, Decision, PhraseRule, Subject};
use iambilly_store::{
    ClaimDecision, ClaimState, NewCorrection, NewRevision, PhraseRuleState, Store, StoreError,
};
use uuid::Uuid;

fn with_claim(store: &Store) -> String {
    let (coding, claim, findings) = (coding(), claim(), findings());
    let first = NewRevision {
        id: revision_id(1),
        coding: &coding,
        claim: &claim,
        findings: &findings,
        transcript: None,
        drafted_by: "rules",
        now: at(1),
    };
    store
        .write(|r| {
            r.insert_dictation(&dictation(1))?;
            r.insert_claim(claim_id(1), dictation_id(1), &first)
        })
        .unwrap()
        .content_sha256
}

fn step(n: u128, sha: &str, from: ClaimState, to: ClaimState) -> ClaimDecision {
    ClaimDecision {
        id: Uuid::from_u128(n),
        claim: claim_id(1),
        revision: 1,
        from,
        to,
        content_sha256: sha.to_owned(),
        actor: "owner".to_owned(),
        reason: Some("levels disagree".to_owned().into()),
        at: at(i64::try_from(n).unwrap()),
    }
}

fn correction(code: &str) -> Correction {
    Correction {
        subject: Subject::Line,
        was: Some(Decision { code: "63047".to_owned(), units: 1, modifiers: vec![] }),
        now: Some(Decision { code: code.to_owned(), units: 1, modifiers: vec![] }),
        evidence: coding().lines[0].evidence.passages().to_vec(),
    }
}

fn rule(phrase: &str) -> PhraseRule {
    PhraseRule {
        phrase: phrase.to_owned().into(),
        subject: Subject::Line,
        was: Some("63047".to_owned()),
        now: None,
        seen: 3,
    }
}

#[test]
fn a_step_is_kept_and_taken_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let sha = with_claim(&store);
    let submit = step(1, &sha, ClaimState::Draft, ClaimState::HumanReview);
    store.write(|r| r.decide_claim(&submit)).unwrap();
    let again = store.write(|r| r.decide_claim(&step(2, &sha, ClaimState::Draft, ClaimState::HumanReview)));
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let stale = ClaimDecision { revision: 2, ..step(3, &sha, ClaimState::HumanReview, ClaimState::Approved) };
    assert!(matches!(store.write(|r| r.decide_claim(&stale)), Err(StoreError::ClaimChanged { .. })));
    let kept = store.read(|r| r.claim_decisions(claim_id(1))).unwrap();
    assert_eq!(kept, [submit]);
}

#[test]
fn corrections_go_with_their_dictation() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    with_claim(&store);
    let made = correction("63005");
    let keep = |r: &iambilly_store::Records<'_>, correction: &_| {
        r.insert_correction(&NewCorrection {
            id: CorrectionId::new(Uuid::from_u128(1)),
            dictation: dictation_id(1),
            claim: claim_id(1),
            revision: 2,
            correction,
            actor: "owner",
            now: at(5),
        })
    };
    store.write(|r| keep(r, &made)).unwrap();
    assert_eq!(
        store.write(|r| r.withdraw_corrections(claim_id(1), 2)).unwrap(),
        0,
        "it made revision 2 itself"
    );
    assert_eq!(store.write(|r| r.withdraw_corrections(claim_id(2), 1)).unwrap(), 0, "of another claim");
    assert_eq!(store.read(|r| r.corrections()).unwrap(), [(dictation_id(1), made.clone())]);
    assert_eq!(store.write(|r| r.withdraw_corrections(claim_id(1), 1)).unwrap(), 1);
    assert!(
        store.read(|r| r.corrections()).unwrap().is_empty(),
        "nothing is learned from what was taken back"
    );
    store.write(|r| keep(r, &made)).unwrap();
    store.write(|r| r.delete_dictation(dictation_id(1))).unwrap();
    assert!(store.read(|r| r.corrections()).unwrap().is_empty(), "its words are gone with it");
}

#[test]
fn a_rule_is_offered_once_and_only_allowed_steps_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = |n| PhraseRuleId::new(Uuid::from_u128(n));
    let offer = |n, phrase| store.write(|r| r.offer_phrase_rule(id(n), &rule(phrase), at(1))).unwrap();
    let decide = |n, to| store.write(|r| r.decide_phrase_rule(id(n), to, "owner", at(9)));
    assert!(offer(1, "laminectomy at <level>"));
    assert!(!offer(2, "laminectomy at <level>"));
    assert!(!offer(3, "other words"), "one offer a change at a time");
    decide(1, PhraseRuleState::Declined).unwrap();
    assert!(!offer(4, "laminectomy at <level>"), "a declined rule is not offered again");
    assert!(offer(5, "other words"));
    assert!(matches!(decide(1, PhraseRuleState::Retired), Err(StoreError::Conflict { .. })));
    let accepted = decide(5, PhraseRuleState::Accepted).unwrap();
    assert_eq!((accepted.decided_by.as_deref(), accepted.decided_at), (Some("owner"), Some(at(9))));
    let in_force = store.read(|r| r.phrase_rules(Some(PhraseRuleState::Accepted))).unwrap();
    assert_eq!(in_force.iter().map(|r| r.rule.phrase.expose().as_str()).collect::<Vec<_>>(), ["other words"]);
    assert!(matches!(decide(9, PhraseRuleState::Accepted), Err(StoreError::NotFound { .. })));
}
