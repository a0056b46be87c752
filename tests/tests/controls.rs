//! The table of controls in docs/security.md names tests that are there.

use std::fs;
use std::path::{Path, PathBuf};

/// A file as the page names it: from the top, or a crate's by the crate's name.
fn file(named: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    [root.join(named), root.join("crates").join(named)].into_iter().find(|path| path.is_file())
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let table = page.split("## Controls and the tests that show them").nth(1).unwrap();
    let rows = table.lines().skip_while(|l| !l.starts_with('|')).take_while(|l| l.starts_with('|')).skip(2);
    let (mut controls, mut named) = (0, 0);
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [control, tests] = cells[..] else { panic!("not two cells: {row}") };
        let (mut at, mut shown) = (None, 0);
        for word in tests.split('`').skip(1).step_by(2) {
            if word.contains('/') && !word.contains(' ') {
                let path = file(word).unwrap_or_else(|| panic!("{control}: there is no {word}"));
                at = Some((word, fs::read_to_string(path).unwrap()));
                shown += 1;
            } else if !word.starts_with("./") {
                let (path, text) = at.as_ref().unwrap_or_else(|| panic!("{control}: {word} is in no file"));
                let there = text.contains(&format!("fn {word}(")) || text.contains(&format!("'{word}'"));
                assert!(there, "{control}: {path} has no test {word}");
                named += 1;
            }
        }
        assert!(shown > 0, "{control}: no test is named");
        controls += 1;
    }
    assert!(controls > 40 && named > 50, "the table is read: {controls} controls, {named} tests");
}
