//! The reader as the program runs it: a process over bytes, from good files and hostile ones.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by it, its helpers too")]

#[allow(unreachable_pub, reason = "shared with the tests that cross rooms")]
#[path = "../../../tests/tests/support/pdf.rs"]
mod pdf;

use iambilly_policy::reading::{Answer, Refusal};
use iambilly_policy::{Content, Document};
use pdf::{Mark, document, heading, words};
use std::io::{Read as _, Write as _};
use std::process::{Command, ExitStatus, Stdio};

fn ran(arguments: &[&str], bytes: &[u8]) -> (ExitStatus, Vec<u8>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_iambilly-reader"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || drop(stdin.write_all(bytes)));
        let mut out = vec![];
        stdout.read_to_end(&mut out).expect("reads");
        (child.wait().expect("ends"), out)
    })
}

fn read(name: &str, bytes: &[u8]) -> Document {
    match answer(name, bytes) {
        Answer::Document(document) => document,
        Answer::Refused(why) => panic!("{why}"),
    }
}

fn answer(name: &str, bytes: &[u8]) -> Answer {
    let (status, out) = ran(&["read", name], bytes);
    assert!(status.success(), "{status}");
    serde_json::from_slice(&out).expect("an answer")
}

fn refusal(name: &str, bytes: &[u8]) -> Refusal {
    match answer(name, bytes) {
        Answer::Refused(why) => why,
        Answer::Document(document) => panic!("{document:?}"),
    }
}

fn texts(document: &Document) -> Vec<String> {
    document.blocks.iter().map(iambilly_policy::Block::text).collect()
}

fn edges(page: usize) -> Vec<Mark> {
    vec![
        words(50.0, 40.0, "Acme Health, spine policy AC-7"),
        words(50.0, 770.0, &format!("Page {page} of 2")),
    ]
}

#[test]
fn two_columns_are_read_one_after_the_other_and_running_lines_are_left_out() {
    let left = [
        "Needles are placed under a picture and",
        "every level that was treated is named",
        "in the note with its side, and what was",
        "injected is told with dose and volume.",
    ];
    let right = [
        "A second block follows not before some",
        "days have gone by, and it is done in the",
        "same way as the first one, by the same",
        "rules and with the same record of pain.",
    ];
    let mut first = edges(1);
    first.push(heading(50.0, 90.0, "3. Blocks"));
    for (at, line) in (0_u16..).zip(left.iter().zip(right)) {
        let y = 120.0 + f32::from(at) * 13.0;
        first.push(words(50.0, y, line.0));
        first.push(words(320.0, y + 3.0, line.1));
    }
    let mut second = edges(2);
    second.push(words(50.0, 120.0, "The second page goes on."));
    let read = read("a.pdf", &document(&[first, second], "", ""));
    let all = texts(&read);
    assert_eq!(all[0], "3. Blocks");
    assert_eq!(all[1], format!("{} {}", left.join(" "), right.join(" ")).replace("volume. A", "volume. A"));
    assert_eq!(all[2], "The second page goes on.");
    assert_eq!(read.blocks[2].page, 2);
    assert!(read.furniture.iter().any(|f| f.contains("AC-7")), "{:?}", read.furniture);
}

#[test]
fn a_table_over_two_pages_keeps_its_header_and_its_wrapped_cells() {
    let row = |y: f32, a: &str, b: &str| {
        vec![words(50.0, y, a), words(250.0, y, b), Mark::Rule(45.0, 500.0, y + 18.0)]
    };
    let bold = |y: f32, a: &str, b: &str| {
        vec![
            Mark::Words(50.0, y, 10.0, true, a.to_owned()),
            Mark::Words(250.0, y, 10.0, true, b.to_owned()),
            Mark::Rule(45.0, 500.0, y + 6.0),
        ]
    };
    let mut first = edges(1);
    first.extend([words(
        50.0,
        80.0,
        "These limits hold for every plan of ours, whatever the place of service is said to be.",
    )]);
    first.extend(bold(120.0, "Service", "Limit"));
    first.extend(row(140.0, "Ablation", "Two joints on one day and in"));
    first.push(words(250.0, 152.0, "one region"));
    first.extend(row(176.0, "Third joint (64492, 64495)", "Never"));
    let mut second = edges(2);
    second.extend(bold(90.0, "Service", "Limit"));
    second.extend(row(110.0, "Epidural", "One level"));
    second.extend(row(140.0, "Block", "One region"));
    let read = read("a.pdf", &document(&[first, second], "", ""));
    let rows: Vec<(u32, Vec<String>)> = read
        .blocks
        .iter()
        .filter_map(|b| match &b.content {
            Content::Row { header, cells } => {
                assert_eq!(header, &["Service", "Limit"]);
                Some((b.page, cells.clone()))
            }
            _ => None,
        })
        .collect();
    let cells = |at: usize| rows[at].1.join(" | ");
    assert_eq!(cells(0), "Ablation | Two joints on one day and in one region");
    assert_eq!(cells(1), "Third joint (64492, 64495) | Never");
    assert_eq!((rows[2].0, cells(2).as_str(), rows.len()), (2, "Epidural | One level", 4));
}

#[test]
fn a_page_without_text_is_named_and_its_picture_can_be_had() {
    let mut first = edges(1);
    first.push(words(50.0, 120.0, "Only the next page is a scan."));
    let file = document(&[first, vec![Mark::Picture, words(50.0, 770.0, "Page 2 of 2")]], "", "");
    assert_eq!(read("a.pdf", &file).pages_without_text, [2]);
    let (status, picture) = ran(&["picture", "2"], &file);
    assert!(status.success() && picture.starts_with(b"P5\n2 2\n255\n"));
    assert!(!ran(&["picture", "1"], &file).0.success(), "page 1 has none");
}

#[test]
fn html_sheets_and_text_are_read_too() {
    let html = b"<!doctype html><html><body><h1>Disc care</h1><p>One <b>rule</b>.</p><ul><li>Pain</li></ul><table><tr><th>Code</th></tr><tr><td>22612</td></tr></table></body></html>";
    assert_eq!(texts(&read("a.html", html)), ["Disc care", "One rule.", "Pain", "Code: 22612"]);
    assert_eq!(texts(&read("a.csv", b"Code,Needed\n22612,Yes\n")), ["Code: 22612; Needed: Yes"]);
    assert_eq!(texts(&read("a.md", b"# Title\n\n- One\n")), ["Title", "One"]);
    assert_eq!(texts(&read("a.txt", "\u{feff}Only text.".as_bytes())), ["Only text."]);
}

/// A ZIP of files that are not packed.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut central) = (vec![], vec![]);
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let size = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50];
        head.extend([crc.sum().to_le_bytes(), size(text.len()), size(text.len())].concat());
        head.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        head.extend([0, 0]);
        central.extend(
            [&b"PK\x01\x02\x14\x00"[..], &head, &[0; 10], &size(out.len()), name.as_bytes()].concat(),
        );
        out.extend([&b"PK\x03\x04"[..], &head, name.as_bytes(), text.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let (start, length) = (out.len(), central.len());
    let number = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
    out.extend(central);
    out.extend(
        [&b"PK\x05\x06"[..], &[0; 4], &count, &count, &number(length), &number(start), &[0, 0]].concat(),
    );
    out
}

#[test]
fn a_workbook_is_read_row_by_row_with_its_header() {
    let cell = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\">{}{}</row><row r=\"2\">{}{}</row></sheetData></worksheet>",
        cell("A1", "Code"),
        cell("B1", "Rule"),
        cell("A2", "22612"),
        cell("B2", "Needs authorization")
    );
    let book = zip(&[
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>",
        ),
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"Rules\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]);
    let all = texts(&read("rules.xlsx", &book));
    assert!(all.iter().any(|t| t == "Code: 22612; Rule: Needs authorization"), "{all:?}");
}

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let good = document(&[edges(1)], "", "");
    let encrypt = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (01234567890123456789012345678901) /U (01234567890123456789012345678901) >> /ID [(0123456789012345) (0123456789012345)]";
    assert_eq!(refusal("a.pdf", &document(&[edges(1)], "", encrypt)), Refusal::Encrypted);
    assert_eq!(refusal("a.pdf", &good[..40]), Refusal::Damaged);
    for acts in [
        "/OpenAction << /S /JavaScript /JS (app.alert) >>",
        "/AA << /WC << /S /Launch /F (x) >> >>",
        "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (x) >>] >> >>",
    ] {
        assert_eq!(refusal("a.pdf", &document(&[edges(1)], acts, "")), Refusal::Scripted, "{acts}");
    }
    let many: Vec<Vec<Mark>> = (0..10_000).map(|_| vec![]).collect();
    assert_eq!(refusal("a.pdf", &document(&many, "", "")), Refusal::TooManyPages { pages: 10_000 });
    for page in [
        "<html><script>steal()</script></html>",
        "<html><p onclick=\"x()\">a</p></html>",
        "<html><iframe src=x></iframe></html>",
    ] {
        assert_eq!(refusal("a.html", page.as_bytes()), Refusal::Scripted, "{page}");
    }
    assert_eq!(refusal("a.bin", &[0, 1, 2, 3, 4, 5, 6, 7]), Refusal::Unknown);
    assert_eq!(refusal("a.xlsx", b"PK\x03\x04 and then nothing"), Refusal::Damaged);
    assert_eq!(refusal("a.txt", b"   \n"), Refusal::Empty);
}

#[test]
fn a_bomb_takes_only_the_reader_down() {
    use flate2::{Compression, write::ZlibEncoder};
    let mut packed = ZlibEncoder::new(vec![], Compression::fast());
    // 1.5 GiB of blanks in a content stream of a few MiB, twice packed to a few KiB.
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..1536 {
        packed.write_all(&blanks).expect("packs");
    }
    let once = packed.finish().expect("packs");
    let mut again = ZlibEncoder::new(vec![], Compression::fast());
    again.write_all(&once).expect("packs");
    let twice = again.finish().expect("packs");
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>".to_vec(),
        pdf::stream("/Filter [/FlateDecode /FlateDecode]", &twice),
    ];
    let (status, out) = ran(&["read", "a.pdf"], &pdf::file(&objects, ""));
    let refused = serde_json::from_slice::<Answer>(&out).is_ok_and(|a| matches!(a, Answer::Refused(_)));
    assert!(!status.success() || refused, "{status}");
}

#[test]
fn whatever_the_bytes_the_reader_answers_or_dies_alone() {
    let good = document(&[edges(1), edges(2)], "", "");
    let mut state = 7_u64;
    for _ in 0..40 {
        let mut bytes = good.clone();
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).expect("fits") % bytes.len();
            bytes[at] = u8::try_from(state >> 24 & 0xFF).expect("fits");
        }
        let (status, out) = ran(&["read", "a.pdf"], &bytes);
        assert!(!status.success() || serde_json::from_slice::<Answer>(&out).is_ok());
    }
}
