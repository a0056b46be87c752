//! The queue: pages in every order are what sorting everything would give, whatever is filtered and whatever comes in
//! between; the row of a claim follows its revisions; what is erased leaves the index.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

mod common;

use common::*;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Cents, Claim, Findings, ServiceLine, Verdict};
use iambilly_store::{
    ClaimState, Comment, NewRevision, QueueFilter, QueueQuery, QueueRow, QueueSort, Store, StoreError,
};
use std::collections::HashSet;

/// Whether a filter keeps a claim, said another way.
type Keeps = Box<dyn Fn(&QueueRow) -> bool>;

const SORTS: [QueueSort; 5] =
    [QueueSort::Risk, QueueSort::Money, QueueSort::Age, QueueSort::Payer, QueueSort::Dos];

/// Claim `n`, its parts following from the number.
fn add(store: &Store, n: u128) {
    let mut dictation = dictation(n);
    dictation.name = format!("Case {n}").into();
    let mut coding = coding();
    coding.payer = ["medicare", "acme", "zenith"][(n % 3) as usize].to_owned();
    coding.dos = format!("2026-0{}-1{}", 1 + n % 7, n % 5).parse().unwrap();
    coding.queries.clear();
    let mut claim = Claim { lines: vec![], ..claim() };
    claim.patient.last =
        Some(if n % 10 == 7 { "Quillfeather".to_owned() } else { format!("Person{n}") }).into();
    claim.patient.first = Some("Ann".to_owned()).into();
    claim.rendering_provider.last = Some(["Osteo", "Neuro"][(n % 2) as usize].to_owned());
    let charge = format!("{}.50", 100 * (n % 6));
    claim.lines.push(ServiceLine {
        code: "63047".to_owned(),
        charge: Some(charge),
        ..ServiceLine::default()
    });
    let verdict = [Verdict::Clean, Verdict::Warn, Verdict::Block][(n % 3) as usize];
    let findings = Findings { verdict, findings: vec![] };
    store
        .write(|r| {
            r.insert_dictation(&dictation)?;
            r.insert_claim(
                claim_id(n),
                dictation_id(n),
                &NewRevision {
                    id: revision_id(n),
                    coding: &coding,
                    claim: &claim,
                    findings: &findings,
                    transcript: None,
                    drafted_by: "rules",
                    // Several in the same second, so that ties are parted.
                    now: at((n / 4) as i64),
                },
            )?;
            let states = [ClaimState::Draft, ClaimState::HumanReview, ClaimState::Exported];
            let state = states[(n % 4).min(2) as usize];
            if state != ClaimState::Draft {
                r.move_claim(claim_id(n), ClaimState::Draft, state)?;
            }
            if n.is_multiple_of(5) {
                r.assign_claim(claim_id(n), "coder-1")?;
            }
            Ok(())
        })
        .unwrap();
}

fn pages(store: &Store, filter: &QueueFilter, sort: QueueSort, reversed: bool, limit: u32) -> Vec<QueueRow> {
    let mut query = QueueQuery { filter: filter.clone(), sort, reversed, after: None, limit };
    let mut all = vec![];
    loop {
        let page = store.read(|r| r.queue(&query)).unwrap();
        assert!(page.rows.len() <= limit as usize);
        all.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}

/// What a sort compares, highest first where it descends.
fn key(sort: QueueSort, row: &QueueRow) -> (i64, i64, String) {
    match sort {
        QueueSort::Risk => (-i64::from(row.risk), -row.charge.0, String::new()),
        QueueSort::Money => (-row.charge.0, 0, String::new()),
        QueueSort::Age => (row.created_at.as_millisecond(), 0, String::new()),
        QueueSort::Payer => (0, 0, format!("{} {}", row.payer, row.created_at)),
        QueueSort::Dos => {
            (-i64::from(row.dos.year()) * 400 - i64::from(row.dos.day_of_year()), 0, String::new())
        }
    }
}

#[test]
fn pages_in_every_order_are_all_claims_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 1..=60 {
        add(&store, n);
    }
    let date = |text: &str| Some(text.parse().unwrap());
    let filters: Vec<(QueueFilter, Keeps)> = vec![
        (QueueFilter::default(), Box::new(|_| true)),
        (
            QueueFilter {
                states: vec![ClaimState::Draft, ClaimState::HumanReview],
                ..QueueFilter::default()
            },
            Box::new(|r| r.state != ClaimState::Exported),
        ),
        (
            QueueFilter { payer: Some("acme".to_owned()), risk: Some(2), ..QueueFilter::default() },
            Box::new(|r| r.payer == "acme" && r.risk >= 2),
        ),
        (
            QueueFilter { physician: Some("Osteo".to_owned()), ..QueueFilter::default() },
            Box::new(|r| r.physician == "Osteo"),
        ),
        (
            QueueFilter { assignee: Some("coder-1".to_owned()), ..QueueFilter::default() },
            Box::new(|r| r.assignee == "coder-1"),
        ),
        (
            QueueFilter { assignee: Some(String::new()), ..QueueFilter::default() },
            Box::new(|r| r.assignee.is_empty()),
        ),
        (
            QueueFilter { from: date("2026-02-01"), to: date("2026-04-30"), ..QueueFilter::default() },
            Box::new(|r| (2..=4).contains(&r.dos.month())),
        ),
        (
            QueueFilter {
                from: date("2026-05-01"),
                charge_from: Some(Cents(20_000)),
                ..QueueFilter::default()
            },
            Box::new(|r| r.dos.month() >= 5 && r.charge.0 >= 20_000),
        ),
        (
            QueueFilter { text: "quillf ann".into(), ..QueueFilter::default() },
            Box::new(|r| r.patient.expose() == "Quillfeather, Ann"),
        ),
        (QueueFilter { text: "63047".into(), ..QueueFilter::default() }, Box::new(|_| true)),
        (QueueFilter { text: "nobody".into(), ..QueueFilter::default() }, Box::new(|_| false)),
        (QueueFilter { text: "\" * (".into(), ..QueueFilter::default() }, Box::new(|_| true)),
    ];
    let everything = pages(&store, &QueueFilter::default(), QueueSort::Age, false, 500);
    assert_eq!(everything.len(), 60);
    for (filter, keeps) in &filters {
        let expected: HashSet<ClaimId> = everything.iter().filter(|r| keeps(r)).map(|r| r.claim).collect();
        for sort in SORTS {
            let forward = pages(&store, filter, sort, false, 7);
            let ids: HashSet<_> = forward.iter().map(|r| r.claim).collect();
            assert_eq!((ids.len(), &ids), (forward.len(), &expected), "{sort:?} {filter:?}");
            assert!(forward.windows(2).all(|w| key(sort, &w[0]) <= key(sort, &w[1])), "{sort:?} {filter:?}");
            let mut back = pages(&store, filter, sort, true, 11);
            back.reverse();
            assert_eq!(back, forward, "{sort:?} reversed {filter:?}");
        }
        let (count, cents) = store.read(|r| r.queue_count(filter)).unwrap();
        let charged: i64 = everything.iter().filter(|r| keeps(r)).map(|r| r.charge.0).sum();
        assert_eq!((count as usize, cents.0), (expected.len(), charged), "{filter:?}");
    }
    let facets = store.read(|r| r.queue_facets()).unwrap();
    assert_eq!(facets.payers, ["acme", "medicare", "zenith"]);
    assert_eq!(facets.physicians, ["Neuro", "Osteo"]);
    assert_eq!(facets.assignees, ["coder-1"]);
}

#[test]
fn what_comes_in_between_two_pages_repeats_nothing_and_drops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 1..=30 {
        add(&store, n);
    }
    let mut query = QueueQuery { sort: QueueSort::Money, limit: 10, ..QueueQuery::default() };
    let first = store.read(|r| r.queue(&query)).unwrap();
    for n in 31..=40 {
        add(&store, n);
    }
    query.after = first.next;
    query.limit = 500;
    let rest = store.read(|r| r.queue(&query)).unwrap();
    let seen: Vec<_> = first.rows.iter().chain(&rest.rows).map(|r| r.claim).collect();
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len());
    assert!((1..=30).all(|n| seen.contains(&claim_id(n))));
    for wrong in ["", "[]", "{}", "[null,1]", "[1]", "[1,2,3,4]"] {
        let query = QueueQuery { after: Some(wrong.to_owned()), ..query.clone() };
        assert!(matches!(store.read(|r| r.queue(&query)), Err(StoreError::NotFound { .. })), "{wrong}");
    }
}

#[test]
fn the_row_follows_the_claim_and_leaves_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    add(&store, 17);
    add(&store, 8);
    let row = |text: &str| {
        let filter = QueueFilter { text: text.into(), ..QueueFilter::default() };
        pages(&store, &filter, QueueSort::Age, false, 9)
    };
    assert_eq!(row("quill")[0].claim, claim_id(17));
    let comment = |text: &str| Comment {
        id: revision_id(90).uuid(),
        claim: claim_id(17),
        author: "coder-1".to_owned(),
        text: text.into(),
        at: at(50),
    };
    store.write(|r| r.add_comment(&comment("The side was asked for."))).unwrap();
    store.write(|r| r.assign_claim(claim_id(17), "coder-1")).unwrap();
    let (coding, findings) = (coding(), findings());
    let mut changed = claim();
    changed.patient.last = Some("Thistlewood".to_owned()).into();
    let next = NewRevision {
        id: revision_id(70),
        coding: &coding,
        claim: &changed,
        findings: &findings,
        transcript: None,
        drafted_by: "owner",
        now: at(60),
    };
    store.write(|r| r.add_revision(claim_id(17), 1, &next)).unwrap();
    assert!(row("quill").is_empty(), "the words of the revision before are gone");
    let [now] = &row("thistle")[..] else { panic!() };
    assert_eq!(
        (now.revision, now.assignee.as_str(), now.comments),
        (2, "coder-1", 1),
        "who works on it stays"
    );
    assert!(now.changed_at > now.created_at);
    assert_eq!(store.read(|r| r.comments(claim_id(17))).unwrap(), [comment("The side was asked for.")]);
    assert!(matches!(store.write(|r| r.assign_claim(claim_id(99), "x")), Err(StoreError::NotFound { .. })));
    store.write(|r| r.delete_dictation(dictation_id(17))).unwrap();
    assert!(row("thistle").is_empty());
    assert_eq!(pages(&store, &QueueFilter::default(), QueueSort::Risk, false, 9).len(), 1);
    drop(store);
    let left: i64 = raw(dir.path())
        .query_row(
            "SELECT (SELECT count(*) FROM claim_search) + (SELECT count(*) FROM claim_comments)",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(left, 1, "one claim's words, no comment");
}
