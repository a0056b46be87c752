//! The catalogue is data: a procedure is added by text alone, and faulty text is refused with its reason.

#![allow(clippy::unwrap_used)]

use iambilly_claim::Transcript;
use iambilly_coding::{Catalogue, CatalogueError, Context, Reader, Tables, code_with};
use std::sync::LazyLock;

const ADDED: &str = r#"
[[procedure]]
id = "ganglion-impar-block"
label = "Ganglion impar block"
patterns = ['ganglion impar (?:block|injection)s?']
count = "session"
imaging = { included = ["77003"] }
needs = [{ what = "imaging", ask = "Was the needle guided by fluoroscopy?", withhold = true }]
sources = ["house rule, 2026"]
[[procedure.code]]
first = "0999X"
why = "ganglion impar block, once"
"#;

static MINE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::extended(ADDED, "0999X\tGanglion impar block\n").unwrap());

fn coded(text: &str) -> (Vec<String>, usize) {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let tables = Tables { catalogue: &MINE, ..Tables::shipped(ctx.dos) };
    let c = code_with(&tables, &Transcript::typed(text), &ctx, Reader::Rules, None);
    (c.lines.iter().map(|l| l.code.to_string()).collect(), c.queries.len())
}

#[test]
fn a_procedure_is_added_by_data_alone() {
    let note = "Procedure: ganglion impar block under fluoroscopy. A needle was advanced through the sacrococcygeal disc.";
    assert_eq!(coded(note).0, ["0999X"]);
    let (lines, asked) =
        coded("Procedure: ganglion impar block. A needle was advanced and the drug was injected.");
    assert!(lines.is_empty() && asked > 0, "without imaging nothing is reported and a question is asked");
    assert!(coded("Procedure: L4-5 interlaminar epidural steroid injection with fluoroscopy. No ganglion impar block was done.").0 == ["62323"]);
}

#[test]
fn faults_of_the_data_are_found() {
    let ok = ADDED;
    for (what, from, to) in [
        ("not in codes.tsv", "0999X", "0998X"),
        ("not a question", "fluoroscopy?", "fluoroscopy."),
        ("no source", "sources = [\"house rule, 2026\"]", "sources = []"),
        ("stands twice", "ganglion-impar-block", "kyphoplasty"),
        (
            "either codes or `never`",
            "[[procedure.code]]\nfirst = \"0999X\"\nwhy = \"ganglion impar block, once\"",
            "",
        ),
        ("no reason", "why = \"ganglion impar block, once\"", "why = \"\""),
        ("`counted` goes with", "count = \"session\"", "count = \"item\""),
        ("is an add-on", "first = \"0999X\"", "first = \"64484\""),
        ("capitals", "ganglion impar (?", "Ganglion Impar (?"),
    ] {
        let text = ok.replace(from, to);
        assert_ne!(text, ok, "{what}");
        match Catalogue::extended(&text, "0999X\tGanglion impar block\n") {
            Err(e @ CatalogueError::Entry { .. }) => {
                assert!(e.to_string().contains(what), "{what}: {e}");
                assert_eq!(e.fault().code, "catalogue_invalid");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    for (from, to) in [
        ("count = \"session\"", "count = \"dozen\""),
        ("(?:block|injection)", "(?:block"),
        ("label =", "lable ="),
    ] {
        let text = ok.replace(from, to);
        assert!(matches!(Catalogue::extended(&text, ""), Err(CatalogueError::Shape(_))), "{to}");
    }
}

/// Every source file of the reader stands in the list of `docs/catalogue.md`.
#[test]
fn the_page_names_every_file() {
    fn files(dir: &std::path::Path, out: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../../docs/catalogue.md")).unwrap();
    let list = page.split_once("## Where in").unwrap().1;
    let mut names = vec![];
    files(&root.join("src"), &mut names);
    let named = |n: &str| {
        list.contains(&format!("`{n}`"))
            || list.contains(&format!("{n}.rs`"))
            || list.contains(&format!("/{n}`"))
    };
    let missing: Vec<&String> = names.iter().filter(|n| !named(n)).collect();
    assert!(names.len() > 70 && missing.is_empty(), "{missing:?}");
}
