//! What is written is valid by the judgement of others: pyx12 and linuxforhealth-x12.

#[path = "../../crates/edi/tests/made/mod.rs"]
mod made;

use iambilly_edi::professional::write_batch;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Claims that are judged, eight of each family of spine work.
const CLAIMS: u64 = 200;

/// The validators' Python and the files they refuse, with what they say.
fn refused(validator: &str, files: &[PathBuf]) -> Vec<String> {
    let environments =
        std::env::var("IAMBILLY_TEST_X12").expect("IAMBILLY_TEST_X12 is set by ./test: run that");
    let python = Path::new(&environments).join(validator).join("bin/python");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/x12/validate.py");
    let out = Command::new("timeout")
        .arg("600")
        .arg(&python)
        .arg(script)
        .arg(validator)
        .args(files)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let lines: Vec<Value> =
        String::from_utf8(out.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), files.len(), "every file is judged");
    lines.iter().filter(|l| l["accepted"] != true).map(ToString::to_string).collect()
}

#[test]
fn two_validators_accept_claims_of_every_family() {
    assert!(made::FAMILIES.len() * 8 <= CLAIMS as usize);
    let folder = tempfile::tempdir().unwrap();
    let mut files = vec![];
    let mut write = |name: String, control: u32, claims: Vec<_>| {
        let path = folder.path().join(name);
        std::fs::write(&path, write_batch(&made::batch(control, claims)).unwrap()).unwrap();
        files.push(path);
    };
    let claims: Vec<_> = (0..CLAIMS).map(made::built).collect();
    for (claim, number) in claims.iter().zip(1..) {
        write(format!("{number:03}.837"), number, vec![claim.clone()]);
    }
    write("all.837".to_owned(), 999, claims);
    assert!(refused("pyx12", &files).is_empty(), "{:#?}", refused("pyx12", &files[..9]));
    let second = refused("linuxforhealth", &files);
    assert!(second.is_empty(), "{second:#?}");
}

#[test]
fn a_damaged_file_is_refused_by_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.837");
    let text = String::from_utf8(write_batch(&made::batch(1, vec![made::built(3)])).unwrap()).unwrap();
    // A wrong count of segments.
    let at = text.find("~SE*").unwrap();
    std::fs::write(&path, format!("{}~SE*9*0001~GE*1*1~IEA*1*000000001~", &text[..at])).unwrap();
    for validator in ["pyx12", "linuxforhealth"] {
        assert_eq!(refused(validator, std::slice::from_ref(&path)).len(), 1, "{validator}");
    }
}
