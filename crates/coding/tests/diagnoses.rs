//! Diagnoses of whole notes, written for these tests.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn dx(text: &str) -> String {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
    c.diagnoses.iter().map(|d| d.code.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn diagnoses() {
    let mut wrong = vec![];
    for (text, expected) in CASES {
        let got = dx(text);
        if got != *expected {
            wrong.push(format!("{text}\n   got  {got}\n   want {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

const CASES: &[(&str, &str)] = &[
    (
        "PREOPERATIVE DIAGNOSIS: Lumbar stenosis L4-5.\nPOSTOPERATIVE DIAGNOSIS: Lumbar stenosis L4-5 with neurogenic claudication.\nPROCEDURE: L4-5 laminectomy.",
        "M48.062",
    ),
    (
        "PREOP DX: L5-S1 HNP with left S1 radiculopathy\nPOSTOP DX: same\nPROCEDURE: left L5-S1 microdiscectomy",
        "M51.17",
    ),
    ("Pre and postoperative diagnosis: Cervical stenosis C4-5, C5-6 with myelopathy.", "M48.02 G99.2"),
    ("Diagnosis: C5-6 and C6-7 disc herniations with myelopathy.", "M50.022 M50.023"),
    (
        "Diagnosis: L4-L5 spondylolisthesis, L4-L5 and L5-S1 stenosis without claudication.",
        "M43.16 M48.061 M48.07",
    ),
    ("Diagnosis: pseudarthrosis L4-5 after prior fusion.", "M96.0"),
    ("Diagnosis: T12 wedge compression fracture after a fall.", "S22.080A"),
    ("Diagnosis: L1 burst fracture, motor vehicle accident.", "S32.011A"),
    ("Diagnosis: pathologic fracture of L2 from metastatic breast cancer.", "M84.58XA C79.51 C50.919"),
    ("Diagnosis: right sacroiliac joint dysfunction.", "M53.3"),
    ("Diagnosis: post-laminectomy syndrome, chronic pain syndrome.", "M96.1 G89.4"),
    ("Diagnosis: lumbar facet arthropathy L3-4 and L4-5.", "M47.816"),
    ("Diagnosis: cervical radiculopathy.", "M54.12"),
    ("Diagnosis: lumbar radiculopathy, low back pain.", "M54.16 M54.50"),
    ("Diagnosis: degenerative disc disease L5-S1 with low back pain.", "M51.370"),
    ("Diagnosis: degenerative disc disease L4-5. History: low back pain and left leg pain.", "M51.362"),
    ("Diagnosis: adjacent segment stenosis L3-4 above an L4-S1 fusion, neurogenic claudication.", "M48.062"),
    ("Diagnosis: broken rod, pseudarthrosis L5-S1.", "T84.216A M96.0"),
    ("Diagnosis: thoracic myelopathy from T9-10 disc herniation.", "M51.04"),
    ("Diagnosis: synovial cyst L4-5 with left L5 radiculopathy.", "M71.38 M54.16"),
    ("Diagnosis: adolescent idiopathic scoliosis, thoracic.", "M41.124"),
    ("Diagnosis: lumbar spondylosis without radiculopathy.", "M47.816"),
    (
        "Indications: This 66-year-old man has lumbar stenosis at L3-4 with neurogenic claudication. Procedure: L3-4 laminectomy.",
        "M48.062",
    ),
    (
        "So this gentleman has a right C6-7 disc herniation with a C7 radiculopathy and we did an ACDF at C6-7.",
        "M50.123",
    ),
];
