//! HCPCS Level II as the text of fixed width, by the record layout that CMS publishes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use iambilly_rulebook::{ImportError, Reason, Request, TableKind, import, open};
use std::path::PathBuf;

/// A record: code, kind, then coverage, day added and last day at their places.
fn record(code: &str, kind: char, coverage: &str, added: &str, last: &str) -> String {
    let mut record = vec![' '; 320];
    let mut put = |at: usize, text: &str| text.chars().zip(at - 1..).for_each(|(c, place)| record[place] = c);
    put(6 - code.len(), code);
    put(6, "00100");
    put(11, &kind.to_string());
    put(12, "Our own words, with an é");
    put(230, coverage);
    put(269, added);
    put(277, added);
    put(285, last);
    let record: String = record.into_iter().collect();
    format!("{}\r\n", record.trim_end())
}

fn quarter() -> Vec<String> {
    vec![
        record("C1234", '3', "D", "20200101", ""),
        record("C1234", '4', "", "", ""),
        record("G0454", '3', "C", "20130101", "20231231"),
        record("XS", '7', "", "20150101", ""),
        record("XS", '8', "", "", ""),
    ]
}

fn imported(records: &[String]) -> (tempfile::TempDir, PathBuf, Result<u64, ImportError>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("HCPC2024_JUL_ANWEB.txt");
    std::fs::write(&file, records.concat()).unwrap();
    let shelf = folder.path().join("rules");
    let request =
        Request { kind: TableKind::Hcpcs, files: vec![file], edition: None, accept_fewer_rows: false };
    let rows = import(&shelf, &request).map(|editions| editions[0].entry.rows);
    (folder, shelf, rows)
}

#[test]
fn codes_and_modifiers_stand_at_their_places() {
    let (_folder, shelf, rows) = imported(&quarter());
    assert_eq!(rows.unwrap(), 3);
    let book = open(&shelf).unwrap();
    let row = |code| {
        book.hcpcs(code, "2024-08-01".parse().unwrap()).unwrap().map(|r| (r.added, r.terminated, r.coverage))
    };
    assert_eq!(row("C1234"), Some((20_200_101, 0, b'D')));
    assert_eq!(row("G0454"), Some((20_130_101, 20_231_231, b'C')));
    assert_eq!(row("XS"), Some((20_150_101, 0, b' ')));
    assert_eq!(row("G9999"), None);
}

#[test]
fn a_record_that_does_not_fit_refuses_the_file_with_its_line() {
    for (place, bad, line) in [
        (2, record("G0454", '3', "C", "20131301", ""), 3),
        (2, record("G0454", '3', "C", "20130101", "20121231"), 3),
        (3, record("XS", '3', "", "20150101", ""), 4),
        (1, record("C9999", '4', "", "", ""), 2),
        (4, "HCPC,SEQNUM\r\n".to_owned(), 5),
        (4, record("C1234", '3', "C", "20200101", ""), 5),
    ] {
        let mut records = quarter();
        records[place] = bad;
        let (_folder, _, result) = imported(&records);
        let Err(ImportError::Refused { line: found, reason, .. }) = result else {
            panic!("{place}: {result:?}")
        };
        assert_eq!(found, Some(line), "{reason}");
        assert!(
            matches!(reason, Reason::Cell { .. } | Reason::Backwards | Reason::Contradiction),
            "{reason}"
        );
    }
}
