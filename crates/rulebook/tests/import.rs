//! Official layouts in, a rule book out: small files of our own rows in the publishers' layouts, and every way to
//! spoil them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

use iambilly_claim::{Claim, FindingKind, Findings, Severity};
use iambilly_rulebook::{
    ImportError, Imported, Outcome, Reason, Request, TableKind as K, import, list, open,
};
use iambilly_scrub::optimise::{Setting, optimise};
use iambilly_scrub::{PayerRules, RuleBook, scrub};
use proptest::prelude::*;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PTP_HEAD: &str = "CPT only copyright notice of the publisher.\r\n\r\nColumn 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\tModifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\r\n";

fn ptp(part: usize) -> String {
    let rows = match part {
        1 => {
            "22551\t22830\t\t20110101\t*\t1\tMore extensive procedure\r\n22612\t63030\t\t20120101\t20201231\t1\tMisuse of column two code\r\n22612\t63030\t\t20220101\t*\t0\tMisuse of column two code\r\n"
        }
        2 => {
            "22633\t22612\t\t20120101\t*\t0\tMore extensive procedure\r\n22633\t63047\t\t20120101\t*\t1\tMisuse of column two code\r\n"
        }
        3 => "63030\t69990\t*\t19960101\t*\t0\tStandards of practice\r\n",
        _ => "63047\t99213\t\t20130401\t20130401\t9\t\r\n",
    };
    format!("{PTP_HEAD}{rows}")
}

const MUE: &str = "\"A copyright notice, with a comma.\"\r\n\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n22551,1,2 Date of Service Edit: Policy,Anatomic\r\n63650,2,3 Date of Service Edit: Clinical,Clinical\r\n20930,0,3 Date of Service Edit: Clinical,CMS Policy\r\n";
const AOC: &str = "ADD-ON CODE\tPRIMARY CODE\tADD-ON CODE EDIT TYPE\tEFFECTIVE DATE\tDELETION DATE\r\n22552\t22551\t1\t20130401\t*\r\n22585\t22554\t1\t20130401\t20231231\r\n0054T\tCCCCC\t2\t20130401\t*\r\n";
const MPFS: &str = "2024 National Physician Fee Schedule Relative Value File July Release,,,,,,,,,,,,,,,,,,,,,,,\r\nRELEASED 05/30/2024,,,,,,,,,,,,,,,,,,,,,,,\r\n,,,STATUS,WORK,NON-FAC,NA,FACILITY,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,PRIC,ENDO,CONV\r\nHCPCS,MOD,DESCRIPTION,CODE,RVU,PE RVU,INDICATOR,PE RVU,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR\r\n20930,,,B,0,0,,0,0,0,0,0,XXX,0,0,0,9,9,9,9,9,1,,33.2875\r\n22612,,,A,23.53,NA,NA,18.5,7.21,NA,49.24,0,090,0.1,0.69,0.21,2,0,2,2,0,1,,33.2875\r\n72100,26,,A,0.22,0.09,,0.09,0.01,0.32,0.32,1,XXX,0,0,0,0,0,0,0,0,1,,33.2875\r\n";
const GPCI: &str = "ADDENDUM E. GEOGRAPHIC PRACTICE COST INDICES,,,,,,\r\nMedicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2024 PW GPCI (with 1.0 Floor),2024 PE GPCI,2024 MP GPCI\r\n10112,AL,00,ALABAMA,1,0.869,0.575\r\n02102,AK,01,ALASKA,1.5,1.081,0.592\r\n\"* Work GPCI reflects the 1.0 floor, and so on.\",,,,,,\r\n";
const HCPCS: &str = "HCPC,SEQNUM,RECID,PRICE1,COV,ADD DT,ACT EFF DT,TERM DT,ACTION CD\r\nC1234,00100,3,00,D,20200101,20200101,,N\r\nC1234,00200,4,,,,,,\r\nG0453,00100,3,11,C,20130101,20130101,,N\r\nG0454,00100,3,11,C,20130101,20130101,20231231,D\r\nXS,00100,7,,,20150101,20150101,,N\r\n";

fn icd() -> String {
    let row = |n: usize, code: &str, flag: u8, title: &str| {
        format!("{n:05} {code:<7} {flag} {title:<60} {title}\r\n")
    };
    [
        ("M48", 0, "Other spondylopathies"),
        ("M4806", 0, "Spinal stenosis, lumbar region"),
        ("M48061", 1, "Spinal stenosis, lumbar region without neurogenic claudication"),
        ("Z981", 1, "Arthrodesis status"),
    ]
    .iter()
    .zip(1..)
    .map(|((code, flag, title), n)| row(n, code, *flag, title))
    .collect()
}

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }
    fn shelf(&self) -> PathBuf {
        self.folder.path().join("rules")
    }
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }
    fn quarter(&self, version: &str) -> Vec<PathBuf> {
        (1..=4).map(|n| self.file(&format!("ccipra-{version}-f{n}.TXT"), ptp(n))).collect()
    }
    fn import(&self, kind: K, files: &[PathBuf]) -> Result<Vec<Imported>, ImportError> {
        let request = Request { kind, files: files.to_vec(), edition: None, accept_fewer_rows: false };
        import(&self.shelf(), &request)
    }
    fn one(&self, kind: K, name: &str, content: impl AsRef<[u8]>) -> Result<Vec<Imported>, ImportError> {
        let file = self.file(name, content);
        self.import(kind, &[file])
    }
    /// All tables of one date.
    fn stocked() -> Self {
        let desk = Self::new();
        let quarter = desk.quarter("v302r0");
        desk.import(K::NcciPtp, &quarter).unwrap();
        for (kind, name, content) in small() {
            desk.one(kind, name, content).unwrap();
        }
        desk
    }
    fn shelf_is_empty(&self) -> bool {
        list(&self.shelf()).unwrap().is_empty()
    }
}

fn small() -> Vec<(K, &'static str, String)> {
    vec![
        (K::Mue, "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv", MUE.into()),
        (K::Addon, "AOC_V2024Q3-01-MCR.txt", AOC.into()),
        (K::Mpfs, "PPRRVU24_JUL.csv", MPFS.into()),
        (K::Gpci, "GPCI2024.csv", GPCI.into()),
        (K::Hcpcs, "HCPC2024_JUL_ANWEB.csv", HCPCS.into()),
        (K::Icd10cm, "icd10cm_order_2024.txt", icd()),
    ]
}

fn reason(result: Result<Vec<Imported>, ImportError>) -> (Option<u64>, Reason) {
    match result {
        Err(ImportError::Refused { line, reason, .. }) => (line, reason),
        Err(ImportError::Set(reason)) => (None, reason),
        other => panic!("not refused: {other:?}"),
    }
}

fn judge(book: &RuleBook, dos: &str, codes: &[&str]) -> Findings {
    let lines: Vec<serde_json::Value> = codes
        .iter()
        .enumerate()
        .map(|(i, code)| serde_json::json!({"number": i + 1, "code": code, "pointers": ["A"], "units": 1, "charge": "10.00", "dos": dos, "pos": "21"}))
        .collect();
    let claim: Claim = serde_json::from_value(
        serde_json::json!({"payer": {"id": "medicare"}, "received_date": dos, "diagnoses": ["M48.061"], "lines": lines}),
    )
    .unwrap();
    scrub(&claim, book, "2026-06-01".parse().unwrap())
}

#[test]
fn every_table_goes_in_and_comes_out() {
    let desk = Desk::stocked();
    let entries = list(&desk.shelf()).unwrap();
    let shown: Vec<String> = entries
        .iter()
        .map(|e| {
            format!(
                "{} {} {} {} {} {}",
                e.table, e.edition, e.effective_from, e.effective_to, e.rows, e.active
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "ncci-ptp 2024Q3 2024-07-01 2024-09-30 7 5",
            "mue 2024Q3 2024-07-01 2024-09-30 3 3",
            "addon 2024Q3 2024-07-01 2024-09-30 3 2",
            "mpfs RVU24C 2024-07-01 2024-09-30 3 3",
            "gpci 2024 2024-01-01 2024-12-31 2 2",
            "hcpcs 2024Q3 2024-07-01 2024-09-30 4 4",
            "icd10cm FY2024 2023-10-01 2024-09-30 4 4",
        ]
    );
    let book = open(&desk.shelf()).unwrap();
    let day = |text: &str| text.parse().unwrap();
    for (a, b, dos, expected) in [
        ("22633", "63047", "2024-08-01", Some(1)),
        ("22633", "22612", "2024-08-01", Some(0)),
        ("22612", "63030", "2024-08-01", Some(0)),
        ("22612", "63030", "2015-08-01", Some(1)),
        ("22612", "63030", "2021-08-01", None),
        ("63047", "99213", "2013-04-01", None),
        ("22633", "63048", "2024-08-01", None),
    ] {
        assert_eq!(book.pair_indicator(a, b, day(dos)), expected, "{a} {b} {dos}");
    }
    let gpci = book.gpci("0210201", day("2024-08-01")).unwrap();
    assert_eq!((gpci.work, gpci.expense, gpci.malpractice, &gpci.state), (15_000, 10_810, 5_920, b"AK"));
    assert_eq!(book.conversion(day("2024-08-01"), false).map(|c| *c), Some(332_875));
    assert_eq!(book.conversion(day("2024-06-01"), false).map(|c| *c), None, "before the first edition");
    let code = |code, dos| book.hcpcs(code, day(dos)).unwrap().map(|row| (row.added, row.terminated));
    assert_eq!(code("G0454", "2024-08-01"), Some((20_130_101, 20_231_231)));
    assert_eq!(code("C1234", "2024-08-01"), Some((20_200_101, 0)));
    assert_eq!(code("G9999", "2024-08-01"), None);
    let icd = book.icd(day("2024-08-01"));
    assert_eq!((icd.name(), icd.is_valid("m48.06"), icd.is_billable("m48.06")), ("FY2024", true, false));
    assert!(icd.is_billable("M48.061"));
}

#[test]
fn findings_name_the_edition_they_were_judged_by() {
    let desk = Desk::stocked();
    let book = open(&desk.shelf()).unwrap();
    let found = judge(&book, "2024-08-01", &["22633", "22612"]);
    let pair = found.findings.iter().find(|f| f.kind == FindingKind::Ptp).unwrap();
    assert_eq!(pair.source.title, "NCCI procedure-to-procedure edits, practitioner");
    assert_eq!(pair.source.version, "2024Q3");
    assert_eq!(pair.source.effective_from.as_deref(), Some("2024-07-01"));
    assert_eq!(pair.source.effective_to.as_deref(), Some("2024-09-30"));
    assert!(
        pair.source.locator.contains("22633 / 22612, in force since 2012-01-01 (More extensive procedure)"),
        "{}",
        pair.source.locator
    );
    // Status B with a limit of 0 is information.
    let found = judge(&book, "2024-08-01", &["22612", "20930"]);
    let spoken = found
        .findings
        .iter()
        .filter(|f| f.codes.contains(&"20930".to_owned()) && f.severity != Severity::Info);
    let spoken: Vec<_> = spoken.map(|f| (f.kind, &f.message)).collect();
    assert_eq!(spoken, []);
    let gone = judge(&book, "2024-08-01", &["G0454"]);
    assert!(gone.findings.iter().any(|f| f.kind == FindingKind::CodeDeleted));
}

#[test]
fn a_visit_beside_a_procedure_is_opened_by_its_own_modifier() {
    let desk = Desk::new();
    let files: Vec<PathBuf> = (1..=4)
        .map(|n| {
            desk.file(
                &format!("ccipra-v302r0-f{n}.TXT"),
                ptp(n).replace("20130401\t20130401\t9", "20130401\t*\t1"),
            )
        })
        .collect();
    desk.import(K::NcciPtp, &files).unwrap();
    let book = open(&desk.shelf()).unwrap();
    for (modifier, denied) in [("", true), ("25", false), ("57", false), ("59", false)] {
        let lines = serde_json::json!([
            {"number": 1, "code": "99213", "modifiers": [modifier], "pointers": ["A"], "units": 1, "charge": "10.00", "dos": "2024-08-05", "pos": "21"},
            {"number": 2, "code": "63047", "pointers": ["A"], "units": 1, "charge": "10.00", "dos": "2024-08-05", "pos": "21", "levels": ["L4-L5"]}]);
        let claim: Claim = serde_json::from_value(
            serde_json::json!({"payer": {"id": "medicare"}, "received_date": "2024-08-20",
            "diagnoses": ["M48.061"], "lines": lines}),
        )
        .unwrap();
        let found = scrub(&claim, &book, "2024-09-01".parse().unwrap());
        assert_eq!(found.findings.iter().any(|f| f.kind == FindingKind::Ptp), denied, "{modifier}");
    }
}

#[test]
fn one_note_about_editions_a_claim() {
    let stale = |book: &RuleBook, dos: &str| {
        let found = judge(book, dos, &["22612", "20936"]).findings;
        let mut notes = found.into_iter().filter(|f| f.kind == FindingKind::EditionStale);
        let first = notes.next().map(|f| (f.severity, f.message));
        assert!(notes.next().is_none(), "one note only");
        first
    };
    let desk = Desk::stocked();
    let book = open(&desk.shelf()).unwrap();
    assert_eq!(stale(&book, "2024-08-01"), None);
    let (severity, message) = stale(&book, "2024-10-01").unwrap();
    assert_eq!(severity, Severity::Info);
    assert!(
        message.contains("older than the date of service") && message.contains("practitioner 2024Q3"),
        "{message}"
    );
    let (severity, message) = stale(RuleBook::seed(), "2026-02-02").unwrap();
    assert_eq!(severity, Severity::Info);
    assert!(
        message.contains("not imported")
            && message.contains("practitioner 2026Q1")
            && message.contains("RVU26A"),
        "{message}"
    );
}

#[test]
fn editions_stand_side_by_side() {
    let desk = Desk::new();
    let quarter = desk.quarter("v302r0");
    desk.import(K::NcciPtp, &quarter).unwrap();
    let next: Vec<PathBuf> = (1..=4)
        .map(|n| {
            let text = ptp(n).replace("22633\t63047\t\t20120101\t*", "22633\t63047\t\t20120101\t20240930");
            desk.file(&format!("ccipra-v303r0-f{n}.TXT"), text)
        })
        .collect();
    desk.import(K::NcciPtp, &next).unwrap();
    let book = open(&desk.shelf()).unwrap();
    let on = |dos: &str| book.pair_indicator("22633", "63047", dos.parse().unwrap());
    assert_eq!(
        (on("2024-09-30"), on("2024-10-01"), on("2025-03-01"), on("2019-01-01")),
        (Some(1), None, None, Some(1))
    );
    assert_eq!(book.imported().len(), 2);
}

#[test]
fn importing_again_changes_nothing() {
    let desk = Desk::new();
    let files = desk.quarter("v302r0");
    let outcome = |files: &[PathBuf]| desk.import(K::NcciPtp, files).unwrap()[0].outcome;
    assert_eq!(outcome(&files), Outcome::Added);
    let before: Vec<(PathBuf, Vec<u8>)> = shelf_files(&desk);
    let mut turned = files.clone();
    turned.reverse();
    assert_eq!(outcome(&turned), Outcome::Unchanged);
    assert_eq!(shelf_files(&desk), before);
    desk.file("ccipra-v302r0-f3.TXT", ptp(3).replace("\t0\tStandards", "\t1\tStandards"));
    assert_eq!(outcome(&files), Outcome::Replaced);
    // A corrected revision replaces the first one; the first one does not come back.
    let revised = desk.quarter("v302r1");
    assert_eq!(outcome(&revised), Outcome::Replaced);
    assert_eq!(list(&desk.shelf()).unwrap().len(), 1);
    let (_, refusal) = reason(desk.import(K::NcciPtp, &files));
    assert_eq!(refusal, Reason::OlderRevision { edition: "2024Q3".into(), found: 0, imported: 1 });
}

fn shelf_files(desk: &Desk) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(desk.shelf()).unwrap().map(|f| f.unwrap().path());
    let mut files: Vec<_> = files.map(|p| (p.clone(), fs::read(&p).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn archives_as_published() {
    let desk = Desk::new();
    for n in 1..=4 {
        let text = ptp(n).into_bytes();
        let name = format!("ccipra-v302r0-f{n}");
        desk.file(
            &format!("medicare-ncci-2024q3-practitioner-ptp-edits-{name}.zip"),
            zipped(&[
                (&format!("{name}.TXT"), &text),
                ("CPT licence.pdf", b"%PDF-1.4"),
                (&format!("{name}.xlsx"), b"as text"),
            ]),
        );
    }
    let zips: Vec<PathBuf> = (1..=4)
        .map(|n| {
            desk.folder
                .path()
                .join(format!("medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f{n}.zip"))
        })
        .collect();
    assert_eq!(desk.import(K::NcciPtp, &zips).unwrap()[0].entry.rows, 7);
    // The release's archive holds several tables; each import takes its own.
    let values = MPFS.replace("July Release", "January Release").replace("2024 National", "2026 National");
    let release = zipped(&[
        ("PPRRVU2026_Jan_nonQPP.csv", values.replace("33.2875", "33.4009").as_bytes()),
        ("PPRRVU2026_Jan_QPP.csv", values.replace("33.2875", "33.5675").as_bytes()),
        ("GPCI2026.csv", GPCI.as_bytes()),
        ("RVU26A.pdf", b"%PDF-1.4"),
    ]);
    let release = desk.file("rvu26a.zip", release);
    let editions = desk.import(K::Mpfs, std::slice::from_ref(&release)).unwrap();
    let names: Vec<&str> = editions.iter().map(|e| e.entry.edition.as_str()).collect();
    assert_eq!(names, ["RVU26A non-QP", "RVU26A QP"]);
    desk.import(K::Gpci, &[release]).unwrap();
    let book = open(&desk.shelf()).unwrap();
    let dos = "2026-02-02".parse().unwrap();
    assert_eq!(book.conversion(dos, false).map(|c| *c), Some(334_009));
    assert_eq!(book.conversion(dos, true).map(|c| *c), Some(335_675));
    assert!(book.gpci("1011200", dos).is_some());
    // 23.53 + 18.5 + 7.21 RVU, each by its index, at the year's conversion factor; an unknown locality is national.
    let claim: Claim = serde_json::from_value(serde_json::json!({"payer": {"id": "medicare"}, "received_date": "2026-02-20",
        "diagnoses": ["M48.061"], "lines": [{"number": 1, "code": "22612", "pointers": ["A"], "units": 1, "charge": "9.00",
        "dos": "2026-02-02", "pos": "21"}]}))
    .unwrap();
    for (locality, qualifying, cents) in [
        (None, false, 164_466),
        (None, true, 165_286),
        (Some("1011200"), false, 146_136),
        (Some("0210201"), false, 198_942),
        (Some("9999999"), false, 164_466),
    ] {
        let setting = Setting { locality: locality.map(str::to_owned), qualifying };
        let value = optimise(&claim, &book, &PayerRules::default(), &setting, "2026-06-01".parse().unwrap());
        assert_eq!(value.payment.total.0, cents, "{locality:?} {qualifying}: {:?}", value.payment.lines);
    }
    let april =
        zipped(&[("icd10cm_order_2026.txt", icd().as_bytes()), ("icd10cm_order_addenda_2026.txt", b"x\n")]);
    let april = desk.file("april-1-2026-code-descriptions-tabular-order.zip", april);
    assert_eq!(desk.import(K::Icd10cm, &[april]).unwrap()[0].entry.edition, "FY2026 April");
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    for (name, content) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A spreadsheet of the cells of a text, as Excel writes one.
fn spreadsheet(text: &str, separator: char) -> Vec<u8> {
    let mut rows = String::new();
    for (n, line) in text.lines().enumerate() {
        rows.push_str(&format!("<row r=\"{}\">", n + 1));
        for (i, cell) in line.split(separator).enumerate().filter(|(_, c)| !c.is_empty()) {
            let column = char::from(b'A' + u8::try_from(i).unwrap());
            let numeric =
                cell.parse::<f64>().is_ok() && !(cell.len() > 1 && cell.starts_with('0')) && cell.len() != 5;
            if numeric {
                rows.push_str(&format!("<c r=\"{column}{}\"><v>{cell}</v></c>", n + 1));
            } else {
                let cell = cell.replace('&', "&amp;").replace('<', "&lt;").replace('"', "");
                rows.push_str(&format!(
                    "<c r=\"{column}{}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>",
                    n + 1
                ));
            }
        }
        rows.push_str("</row>");
    }
    let sheet = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    );
    zipped(&[
        ("[Content_Types].xml", br#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#),
        ("_rels/.rels", br#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Edits" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

#[test]
fn spreadsheets_say_the_same_as_texts() {
    let text = Desk::new();
    let quarter = text.quarter("v302r0");
    text.import(K::NcciPtp, &quarter).unwrap();
    let sheets = Desk::new();
    let quarter: Vec<PathBuf> = (1..=4)
        .map(|n| sheets.file(&format!("ccipra-v302r0-f{n}.xlsx"), spreadsheet(&ptp(n), '\t')))
        .collect();
    sheets.import(K::NcciPtp, &quarter).unwrap();
    let rows = |desk: &Desk| {
        let book = open(&desk.shelf()).unwrap();
        let dos = "2024-08-01".parse().unwrap();
        ["22612", "22633", "63047", "63030", "69990", "22830", "22551"]
            .iter()
            .flat_map(|a| {
                ["22612", "63030", "63047", "69990", "22830"].map(|b| book.pair_indicator(a, b, dos))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&text), rows(&sheets));
    assert!(rows(&text).iter().flatten().count() >= 4);
    let mpfs = sheets.one(K::Mpfs, "PPRRVU24_JUL.xlsx", spreadsheet(MPFS, ',')).unwrap();
    assert_eq!(mpfs[0].entry.rows, 3);
    let whole = spreadsheet(&ptp(1), '\t');
    let desk = Desk::new();
    for at in (0..whole.len()).step_by(7) {
        let result = desk.one(K::NcciPtp, "ccipra-v302r0-f1.xlsx", &whole[..at]);
        assert!(matches!(result, Err(ImportError::Refused { .. } | ImportError::Set(_))), "cut at {at}");
    }
}

#[test]
fn wrong_files_are_refused_with_line_and_reason() {
    let mue = "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv";
    let cell = |column, expected| Reason::Cell { column, expected };
    let date = "a date such as 20240701";
    let cases: Vec<(K, &str, String, Option<u64>, Reason)> = vec![
        (K::Mue, mue, "<!DOCTYPE html><html><body>Accept</body></html>\n".into(), None, Reason::WebPage),
        (K::Mue, mue, "\r\n<html>\n".into(), None, Reason::WebPage),
        (K::Mue, mue, String::new(), None, Reason::Empty),
        (K::Mue, mue, "\u{0}\u{1}\n".into(), None, Reason::Binary),
        (
            K::Mue,
            mue,
            MUE.replace("63650,2,3", "63650,two,3"),
            Some(5),
            cell("MUE Values", "a number of units"),
        ),
        (
            K::Mue,
            mue,
            MUE.replace("63650,2,3", "63650,-2,3"),
            Some(5),
            cell("MUE Values", "a number of units"),
        ),
        (
            K::Mue,
            mue,
            MUE.replace("63650", "6365"),
            Some(5),
            cell("HCPCS/CPT Code", "a code of five characters"),
        ),
        (K::Mue, mue, MUE.replace("63650,2", "22551,2"), Some(5), Reason::Contradiction),
        (
            K::Mue,
            mue,
            MUE.replace("MUE Adjudication Indicator", "Something"),
            None,
            Reason::NoHeader("MUE Adjudication Indicator".into()),
        ),
        (
            K::Mue,
            mue,
            AOC.replace('\t', ","),
            None,
            Reason::NoHeader("HCPCS/CPT Code, MUE Values, MUE Adjudication Indicator".into()),
        ),
        (K::Mue, mue, MUE.split_inclusive('\n').take(3).collect(), None, Reason::NoRows),
        (K::Mue, "table.csv", MUE.into(), None, Reason::NoEdition),
        (
            K::Addon,
            "AOC_V2024Q3.txt",
            AOC.replace("22551\t1\t20130401", "22551\t1\t20130431"),
            Some(2),
            cell("Effective Date", date),
        ),
        (
            K::Addon,
            "AOC_V2024Q3.txt",
            AOC.replace("20130401\t20231231", "20240101\t20231231"),
            Some(3),
            Reason::Backwards,
        ),
        (
            K::Addon,
            "AOC_V2024Q3.txt",
            AOC.replace("20130401\t*\r\n0054T", "20241001\t*\r\n0054T")
                .replace("22552\t22551\t1\t20130401", "22552\t22551\t1\t20241001"),
            None,
            Reason::Later("2024Q3".into()),
        ),
        (
            K::Addon,
            "AOC_V2024Q3.txt",
            AOC.replace("22551\t1\t", "22551\t7\t"),
            Some(2),
            cell("Add-On Code Edit Type", "1, 2 or 3"),
        ),
        (
            K::Addon,
            "AOC_V2024Q3.txt",
            AOC.replace("22585\t22554\t1\t20130401\t20231231", "22585\t22554"),
            Some(3),
            Reason::Columns { found: 2, expected: 5 },
        ),
        (
            K::Mpfs,
            "PPRRVU24_OCT.csv",
            MPFS.into(),
            None,
            Reason::OtherEdition { found: "a file of 2024-07".into(), expected: "RVU24D".into() },
        ),
        (
            K::Mpfs,
            "PPRRVU24_JUL.csv",
            MPFS.replace(",090,", ",091,"),
            Some(6),
            cell("Glob Days", "global days such as 090 or ZZZ"),
        ),
        (
            K::Mpfs,
            "PPRRVU24_JUL.csv",
            MPFS.replace("BILAT", "OTHER"),
            None,
            Reason::NoHeader("Bilat Surg".into()),
        ),
        (
            K::Gpci,
            "GPCI2024.csv",
            GPCI.replace("0.592", "0,592"),
            Some(4),
            cell("MP GPCI", "an index such as 1.012"),
        ),
        (
            K::Gpci,
            "GPCI2024.csv",
            format!("{GPCI}03102,AZ,00,ARIZONA,1,0.975,0.854\r\n"),
            Some(6),
            Reason::Columns { found: 7, expected: 7 },
        ),
        (
            K::Hcpcs,
            "HCPC2024_JUL_ANWEB.csv",
            HCPCS.replace("20131301", "x").replace("20130101,20231231", "20130101,20121231"),
            Some(5),
            Reason::Backwards,
        ),
        (K::Icd10cm, "icd10cm_order_2024.txt", icd().replace("00002", "00003"), Some(2), Reason::Gap),
        (
            K::Icd10cm,
            "icd10cm_order_2024.txt",
            icd().lines().take(3).map(|l| format!("{l}\n")).collect(),
            None,
            Reason::EndsEarly,
        ),
        (
            K::Icd10cm,
            "icd10cm_order_2024.txt",
            icd().replace("M48061  1", "M48061  2"),
            Some(3),
            cell("header flag", "0 or 1"),
        ),
    ];
    for (kind, name, content, line, expected) in cases {
        let desk = Desk::new();
        assert_eq!(reason(desk.one(kind, name, content)), (line, expected), "{kind} {name}");
        assert!(desk.shelf_is_empty());
    }
}

#[test]
fn sets_that_do_not_belong_together_are_refused() {
    let desk = Desk::new();
    let quarter = desk.quarter("v302r0");
    let next = desk.quarter("v303r0");
    let (_, missing) = reason(desk.import(K::NcciPtp, &quarter[..3]));
    assert_eq!(missing, Reason::Parts { edition: "2024Q3".into(), expected: 4, missing: "f4".into() });
    let (_, mixed) = reason(desk.import(K::NcciPtp, &[&quarter[..3], &next[3..]].concat()));
    assert_eq!(mixed, Reason::Mixed("2024Q3 revision 0".into(), "2024Q4 revision 0".into()));
    let (_, twice) = reason(desk.import(K::NcciPtp, &[&quarter[..], &quarter[..1]].concat()));
    assert_eq!(twice, Reason::PartTwice(1));
    let request = Request {
        kind: K::NcciPtp,
        files: quarter,
        edition: Some("2024Q4".into()),
        accept_fewer_rows: false,
    };
    let (_, other) = reason(import(&desk.shelf(), &request));
    assert_eq!(other, Reason::OtherEdition { found: "2024Q3".into(), expected: "2024Q4".into() });
    let (_, nothing) = reason(desk.import(K::NcciPtp, &[]));
    assert_eq!(nothing, Reason::Empty);
    let late: Vec<PathBuf> = (1..=4)
        .map(|n| desk.file(&format!("ccipra-v302r0-f{n}.TXT"), ptp(n).replace("20220101", "20241001")))
        .collect();
    assert_eq!(reason(desk.import(K::NcciPtp, &late)).1, Reason::Later("2024Q3".into()));
    let renamed: Vec<PathBuf> = (1..=4).map(|n| desk.file(&format!("part {n}.txt"), ptp(n))).collect();
    let request = Request {
        kind: K::NcciPtp,
        files: renamed,
        edition: Some("2024q3".into()),
        accept_fewer_rows: false,
    };
    assert_eq!(import(&desk.shelf(), &request).unwrap()[0].entry.edition, "2024Q3");
}

#[test]
fn far_fewer_rows_than_before_are_refused() {
    let desk = Desk::new();
    let rows: String = (0..100)
        .map(|n| format!("{:05},1,2 Date of Service Edit: Policy,Anatomic\r\n", 20_000 + n))
        .collect();
    let head: String = MUE.split_inclusive('\n').take(3).collect();
    desk.one(K::Mue, "MCR_MUE_PractitionerServices_Eff_04-01-2024.csv", format!("{head}{rows}")).unwrap();
    let short: String = rows.split_inclusive('\n').take(50).collect();
    let short = desk.file("MCR_MUE_PractitionerServices_Eff_07-01-2024.csv", format!("{head}{short}"));
    let (_, refusal) = reason(desk.import(K::Mue, std::slice::from_ref(&short)));
    assert_eq!(
        refusal,
        Reason::FewerRows { edition: "2024Q3".into(), rows: 50, other: "2024Q2".into(), before: 100 }
    );
    let request = Request { kind: K::Mue, files: vec![short], edition: None, accept_fewer_rows: true };
    assert_eq!(import(&desk.shelf(), &request).unwrap()[0].outcome, Outcome::Added);
}

#[test]
fn a_cut_file_is_refused_or_ends_between_two_rows() {
    let whole: Vec<(K, &str, String)> = small();
    for (kind, name, content) in &whole {
        let mut taken = 0;
        for at in 0..content.len() {
            let desk = Desk::new();
            match desk.one(*kind, name, &content[..at]) {
                Ok(editions) => {
                    // Nothing tells a text cut exactly between two rows from a shorter table.
                    assert!(content[..at].ends_with('\n'), "{kind} cut at {at}");
                    assert!(editions[0].entry.rows >= 1);
                    taken += 1;
                }
                Err(ImportError::Refused { .. } | ImportError::Set(_)) => assert!(desk.shelf_is_empty()),
                Err(other) => panic!("{kind} cut at {at}: {other}"),
            }
        }
        assert!(taken <= content.lines().count(), "{kind}");
        let archive = zipped(&[(name, content.as_bytes())]);
        for at in 0..archive.len() {
            let desk = Desk::new();
            assert!(desk.one(*kind, "rvu24c.zip", &archive[..at]).is_err(), "{kind} archive cut at {at}");
        }
    }
}

#[test]
fn a_damaged_rule_book_is_refused_with_advice() {
    let desk = Desk::stocked();
    let path = desk.shelf().join("ncci-ptp_2024Q3.table");
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x20;
        fs::write(&path, &bad).unwrap();
        let fault = list(&desk.shelf()).unwrap_err().fault();
        assert_eq!(fault.code, "rule_book_damaged");
        assert!(fault.advice.contains("again"));
        // What opening does not see, the first claim of the quarter does; no claim passes on a damaged table.
        match open(&desk.shelf()) {
            Err(error) => assert_eq!(error.fault().code, "rule_book_damaged"),
            Ok(book) => {
                let dos: jiff::civil::Date = "2024-08-01".parse().unwrap();
                assert!(book.trouble([dos]).unwrap().fault().message.contains("2024Q3"), "byte {at}");
                let found = judge(&book, "2024-08-01", &["22612"]);
                assert_eq!(found.verdict, iambilly_claim::Verdict::Block);
            }
        }
        fs::write(&path, &good[..at]).unwrap();
        assert!(open(&desk.shelf()).is_err(), "cut at {at}");
    }
    // Importing again mends it.
    let quarter = desk.quarter("v302r0");
    assert_eq!(desk.import(K::NcciPtp, &quarter).unwrap()[0].outcome, Outcome::Replaced);
    assert!(open(&desk.shelf()).is_ok());
}

#[test]
fn what_an_interrupted_import_leaves_does_no_harm() {
    let desk = Desk::stocked();
    let before = list(&desk.shelf()).unwrap();
    let rest = desk.shelf().join(".importing-abc123");
    fs::write(&rest, b"IBRULES1 half").unwrap();
    assert_eq!(list(&desk.shelf()).unwrap(), before);
    let quarter = desk.quarter("v303r0");
    desk.import(K::NcciPtp, &quarter).unwrap();
    assert!(!rest.exists());
    assert!(open(Path::new("there/is/no/such/folder")).unwrap().imported().is_empty());
}

#[test]
fn no_error_quotes_a_cell() {
    let desk = Desk::new();
    let roster = "HCPCS Code,MUE Values,MUE Adjudication Indicator\r\nGarcia-Maria,1950-05-05,M48061\r\n";
    let error = desk.one(K::Mue, "MUE_Eff_07-01-2024.csv", roster).unwrap_err();
    let fault = error.fault();
    for secret in ["Garcia", "Maria", "1950", "M48"] {
        assert!(
            !format!("{error} {error:?} {} {}", fault.message, fault.advice).contains(secret),
            "{secret}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn random_bytes_never_become_a_table(bytes in proptest::collection::vec(any::<u8>(), 0..2000), text in "[ -~\t\r\n]{0,2000}") {
        let desk = Desk::new();
        for (kind, name, _) in small() {
            for content in [bytes.as_slice(), text.as_bytes()] {
                prop_assert!(desk.one(kind, name, content).is_err());
            }
        }
        prop_assert!(desk.shelf_is_empty());
    }

    #[test]
    fn one_spoiled_byte_is_refused_or_read_whole(which in 0usize..6, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (kind, name, content) = small().swap_remove(which);
        let mut bytes = content.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let desk = Desk::new();
        match desk.one(kind, name, &bytes) {
            Ok(_) => prop_assert_eq!(list(&desk.shelf()).unwrap().len(), 1),
            Err(_) => prop_assert!(desk.shelf_is_empty()),
        }
        // The same byte in an archive is always noticed.
        let mut archive = zipped(&[(name, &bytes)]);
        let at = at % archive.len();
        archive[at] ^= byte | 1;
        let _ = desk.one(kind, "rvu24c_2024q3.zip", &archive);
    }
}
