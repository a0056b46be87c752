//! Diagnoses to ICD-10-CM: what the note calls the disease, at which levels, with which complication.
//!
//! The postoperative diagnosis is preferred, then the preoperative one, then what the narrative states. The
//! words and codes are data (`data/coding/diagnoses.toml`); here is how they combine: myelopathy and
//! radiculopathy are part of the disc's or the spondylosis' own code, claudication decides the stenosis,
//! the level decides the digit. Source: ICD-10-CM FY2026 and its Excludes1 notes (spine rules, section 8).

mod finding;
mod fracture;
mod order;

use crate::assertion::Assertion;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::one_side;
use crate::sections::Part;
use crate::text::{has, re};
use finding::{Finding, bones_of, findings, reach, sources};
use iambilly_claim::coding::Laterality;
use iambilly_claim::{CodedDiagnosis, Interspace, Proof, Query, ReadBy, Vertebra};
use jiff::civil::Date;
pub(crate) use order::point;
use regex::Regex;
use std::sync::LazyLock;

re!(CLAUDICATION, r"(?:neurogenic|neurogenous|pseudo-?)? ?claudication");

re!(RADICULOPATHY, r"radiculopath\w+|radiculitis|radicular (?:pain|symptom|syndrome)\w*|sciatica");
re!(MYELOPATHY, r"myelopath\w+|myeloradiculopath\w+");

re!(
    LEG_PAIN,
    r"(?:leg|lower extremity|legs|buttock) (?:pain|symptoms)|pain[a-z ]{0,30}(?:leg|legs|lower extremit\w+|buttock)|radicul\w+|sciatica"
);

re!(BACK_PAIN, r"(?:low(?:er)? |axial )?back pain|lumbago|discogenic pain");
re!(SPREAD, r"metasta\w+");

/// A coded disease with the place it concerns.
pub(crate) struct Coded {
    pub(crate) diagnosis: CodedDiagnosis,
    bones: Vec<Vertebra>,
}

/// The diagnoses of a note and the questions they raise.
pub(crate) fn read(op: &Operation<'_>, dos: Date) -> (Vec<Coded>, Vec<Query>) {
    let (findings, parts) = sources(op);
    let mut queries = vec![];
    let mut out: Vec<Coded> = vec![];
    let present = |r: &LazyLock<Option<Regex>>, parts: &[Part]| op.find(r, parts, &[Assertion::Done]);
    // In a diagnosis a year behind the words belongs to an earlier operation, not to the complaint.
    let stated = |r: &LazyLock<Option<Regex>>| op.find(r, &parts, &[Assertion::Done, Assertion::Past]);
    let everywhere = [
        Part::Before,
        Part::After,
        Part::Diagnosis,
        Part::History,
        Part::Body,
        Part::Other,
        Part::Procedures,
    ];
    let background = [Part::Before, Part::After, Part::Diagnosis, Part::History, Part::Body, Part::Other];
    let claudication = present(&CLAUDICATION, &everywhere);
    let root_where: Vec<(usize, usize)> = {
        let own = stated(&RADICULOPATHY);
        if own.is_empty() { present(&RADICULOPATHY, &[Part::History, Part::Diagnosis]) } else { own }
    };
    let cord_where = stated(&MYELOPATHY);
    let pain =
        match (!present(&BACK_PAIN, &background).is_empty(), !present(&LEG_PAIN, &background).is_empty()) {
            (true, true) => '2',
            (true, false) => '0',
            (false, true) => '1',
            (false, false) => '9',
        };
    let absorbs = |f: &Finding<'_>| !f.entry.radiculopathy.is_empty();
    let has_herniation = findings.iter().any(|f| f.entry.id == "disc-herniation");
    for f in &findings {
        let cord =
            !f.entry.myelopathy.is_empty() && applies(op, f, &cord_where, &findings, true, has_herniation);
        let root = absorbs(f) && !cord && applies(op, f, &root_where, &findings, false, has_herniation);
        let mut spans = vec![reach(f)];
        for (key, space) in &f.keys {
            let table = if cord {
                &f.entry.myelopathy
            } else if root {
                &f.entry.radiculopathy
            } else if !claudication.is_empty() && f.entry.claudication.contains_key(*key) {
                spans.extend(claudication.first());
                &f.entry.claudication
            } else {
                &f.entry.plain
            };
            let Some(template) =
                table.get(*key).or_else(|| f.entry.plain.get(*key)).or_else(|| f.entry.plain.get("any"))
            else {
                continue;
            };
            let Some(code) = resolve(op, f, template, *space, pain, dos) else { continue };
            if cord {
                spans.extend(cord_where.first());
            } else if root {
                spans.extend(root_where.first());
            }
            if code == "M48.061" {
                ask(
                    &mut queries,
                    op,
                    "Was neurogenic claudication present?",
                    &["M48.061", "M48.062"],
                    &spans[..1],
                );
            }
            push(op, &mut out, &code, &spans, bones_of(f, *space), parts.contains(&Part::Body));
            if code.starts_with("M84.58") && has(&SPREAD, op.note.words(f.sentence)) {
                // Code also the neoplasm.
                push(op, &mut out, "C79.51", &spans, bones_of(f, *space), parts.contains(&Part::Body));
            }
        }
    }
    order::exclude(&mut out);
    order::rank(&mut out);
    if out.is_empty() {
        ask(&mut queries, op, "The note states no diagnosis: what was treated?", &[], &[]);
    }
    (out, queries)
}

fn ask(
    queries: &mut Vec<Query>,
    op: &Operation<'_>,
    question: &str,
    affects: &[&str],
    spans: &[(usize, usize)],
) {
    if queries.iter().all(|q: &Query| q.question != question) {
        queries.push(Query {
            question: question.to_owned(),
            affects: affects.iter().map(|s| (*s).to_owned()).collect(),
            evidence: spans.iter().filter_map(|s| op.note.doc.evidence(s.0, s.1)).collect(),
        });
    }
}

fn push(
    op: &Operation<'_>,
    out: &mut Vec<Coded>,
    code: &str,
    spans: &[(usize, usize)],
    bones: Vec<Vertebra>,
    narrative: bool,
) {
    if let Some(known) = out.iter_mut().find(|c| c.diagnosis.code == *code) {
        known.bones.extend(bones);
        return;
    }
    let evidence: Vec<_> =
        dedup(spans.to_vec()).iter().filter_map(|s| op.note.doc.evidence(s.0, s.1)).collect();
    let (Ok(code), Ok(evidence)) = (code.parse(), Proof::try_from(evidence)) else { return };
    out.push(Coded {
        diagnosis: CodedDiagnosis {
            code,
            evidence,
            confidence: if narrative { 0.7 } else { 0.85 },
            source: ReadBy::Rules,
            why: "ICD-10-CM by disease, level and complication (section 8)".to_owned(),
        },
        bones,
    });
}

/// Whether a complication belongs to a finding: named in its sentence, or named on its own.
fn applies(
    op: &Operation<'_>,
    f: &Finding<'_>,
    at: &[(usize, usize)],
    all: &[Finding<'_>],
    cord: bool,
    herniation: bool,
) -> bool {
    let bases =
        |sentence: usize| all.iter().any(|o| o.sentence == sentence && !o.entry.radiculopathy.is_empty());
    at.iter().any(|(a, _)| {
        let Some(i) = op.note.sentences.iter().position(|s| s.start <= *a && *a < s.end) else {
            return false;
        };
        if i == f.sentence {
            // "herniation C5-6 with radiculopathy": the disc presses on the root; the spondylosis beside it does not.
            return cord || f.entry.id == "disc-herniation" || !herniation;
        }
        !bases(i) && (cord || f.entry.id == "disc-herniation" || !herniation)
    })
}

/// A template's code: the disc's digit, the pain's digit, the fracture's own rules.
fn resolve(
    op: &Operation<'_>,
    f: &Finding<'_>,
    template: &str,
    space: Option<Interspace>,
    pain: char,
    dos: Date,
) -> Option<String> {
    let has_base = |id: &str| findings_have(op, id);
    match template {
        "fracture" => return fracture::fracture(op, f),
        "sciatica" => {
            return Some(
                match one_side(op.note.words(f.sentence)) {
                    Some(Laterality::Left) => "M54.32",
                    Some(Laterality::Right) => "M54.31",
                    _ => "M54.30",
                }
                .to_owned(),
            );
        }
        "leg-pain" => {
            return Some(
                match one_side(op.note.words(f.sentence)) {
                    Some(Laterality::Left) => "M79.605",
                    Some(Laterality::Right) => "M79.604",
                    _ => "M79.606",
                }
                .to_owned(),
            );
        }
        "myelopathy" => {
            let carried = ["disc-herniation", "spondylosis", "disc-degeneration"].iter().any(|b| has_base(b));
            return (!carried).then(|| if has_base("stenosis") { "G99.2" } else { "G95.9" }.to_owned());
        }
        "cord-compression" => {
            let carried = ["disc-herniation", "spondylosis", "disc-degeneration", "stenosis", "myelopathy"]
                .iter()
                .any(|b| has_base(b));
            return (!carried).then(|| "G95.20".to_owned());
        }
        _ => {}
    }
    // M51.36- and M51.37- have their sixth character since 2024-10-01.
    let split = jiff::civil::date(2024, 10, 1);
    let mut code =
        if dos >= split { template.replace("{p}", &pain.to_string()) } else { template.replace("{p}", "") };
    if code.contains("{d}") {
        let upper = space.map(|s| s.upper().number());
        code = match upper {
            Some(1..=3) => code.replace("2{d}", "1"),
            Some(n @ 4..=6) => code.replace("{d}", &(n - 3).to_string()),
            _ => code.replace("{d}", "0"),
        };
    }
    Some(code)
}

fn findings_have(op: &Operation<'_>, id: &str) -> bool {
    let parts = [Part::Before, Part::After, Part::Diagnosis];
    let scope: &[Part] = if op.note.sentences.iter().any(|s| parts.contains(&s.part)) {
        &parts
    } else {
        &[Part::History, Part::Body, Part::Other]
    };
    findings(op, scope).iter().any(|f| f.entry.id == id)
}

#[cfg(test)]
mod tests {
    use super::finding::{File, SOURCE};
    use crate::{Context, Reader, code};
    use iambilly_claim::{DiagnosisCode, Transcript};

    fn dx(text: &str) -> Vec<String> {
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        code(&Transcript::typed(text), &ctx, Reader::Rules, None)
            .diagnoses
            .iter()
            .map(|d| d.code.to_string())
            .collect()
    }

    #[test]
    fn every_row_is_read() {
        let file: File = toml::from_str(SOURCE).unwrap();
        for row in &file.diagnosis {
            for p in &row.patterns {
                assert!(regex::Regex::new(p).is_ok(), "{p}");
            }
            for code in row.plain.values().chain(row.radiculopathy.values()).chain(row.myelopathy.values()) {
                let whole = code.replace("{d}", "1").replace("{p}", "0");
                assert!(!whole.contains('.') || whole.parse::<DiagnosisCode>().is_ok(), "{whole}");
            }
        }
    }

    #[test]
    fn diseases_levels_and_complications() {
        for (text, expected) in [
            ("Postoperative diagnosis: C6-7 disc herniation with left C7 radiculopathy.", &["M50.123"][..]),
            (
                "Postoperative diagnosis: L4-5 lumbar stenosis with neurogenic claudication and degenerative spondylolisthesis.",
                &["M48.062", "M43.16"],
            ),
            ("Postoperative diagnosis: lumbar stenosis L3-4, no claudication.", &["M48.061"]),
            ("Diagnosis: cervical spondylotic myelopathy, C4-5.", &["M47.12"]),
            ("Diagnosis: right sciatica.", &["M54.31"]),
            (
                "Diagnosis: spondylosis and disc herniation C5-6 with right C6 radiculopathy.",
                &["M50.122", "M47.812"],
            ),
            ("Diagnosis: disc degeneration and herniation at L4-5.", &["M51.26"]),
            ("Indication: a 51-year-old woman with low back pain. Procedure: caudal epidural.", &["M54.50"]),
            ("Diagnosis: osteoporotic compression fractures of T8 and L2.", &["M80.08XA"]),
            ("Diagnosis: facet arthropathy L4-5 and L5-S1, no radiculopathy.", &["M47.816", "M47.817"]),
            ("Diagnosis: low back pain, L5-S1 disc herniation.", &["M51.27"]),
            ("Diagnosis: herniated disc C3-4 with cord compression and myelopathy.", &["M50.01"]),
        ] {
            assert_eq!(dx(text), expected, "{text}");
        }
    }
}
