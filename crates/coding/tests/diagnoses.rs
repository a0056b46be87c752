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
    ("Diagnosis: L3-4 herniated nucleus pulposus with right radiculopathy.", "M51.16"),
    ("Diagnosis: T11-T12 disc protrusion.", "M51.24"),
    ("Diagnosis: T12-L1 disc extrusion with myelopathy.", "M51.05"),
    ("Diagnosis: C2-3 disc herniation with right C3 radiculopathy.", "M50.11"),
    ("Diagnosis: C7-T1 disc herniation, left C8 radiculopathy.", "M50.13"),
    ("Diagnosis: C4-5 and C5-6 degenerative disc disease with neck pain.", "M50.321 M50.322"),
    (
        "Diagnosis: degenerative disc disease L4-5 and L5-S1 with back pain and bilateral leg pain.",
        "M51.362 M51.372",
    ),
    ("Diagnosis: cervical spondylosis with radiculopathy C5-6, C6-7.", "M47.22"),
    ("Diagnosis: cervical spondylotic myelopathy C3-C6.", "M47.12"),
    ("Diagnosis: thoracic stenosis T10-11 with myelopathy.", "M48.04 G99.2"),
    (
        "Diagnosis: lumbar stenosis L2-3, L3-4 with neurogenic claudication. Lumbar radiculopathy.",
        "M48.062 M54.16",
    ),
    ("Diagnosis: L5-S1 stenosis.", "M48.07"),
    (
        "Diagnosis: degenerative spondylolisthesis, L4 on L5, with stenosis and claudication.",
        "M43.16 M48.062",
    ),
    ("Diagnosis: isthmic spondylolisthesis L5-S1, grade II.", "M43.17"),
    ("Diagnosis: dysplastic spondylolisthesis L5-S1.", "Q76.2"),
    ("Diagnosis: bilateral pars defects L5.", "M43.06"),
    ("Diagnosis: atlantoaxial instability.", "M53.2X1"),
    (
        "Diagnosis: cervical stenosis from ossification of the posterior longitudinal ligament, C4-C6, with myelopathy.",
        "M48.02 M48.8X2 G99.2",
    ),
    ("Diagnosis: lumbar facet syndrome, L4-5 and L5-S1.", "M47.816 M47.817"),
    ("Diagnosis: lumbar synovial cyst L4-5.", "M71.38"),
    ("Diagnosis: vertebrogenic low back pain L4, L5.", "M54.51"),
    ("Diagnosis: adult degenerative scoliosis, thoracolumbar.", "M41.85"),
    ("Diagnosis: idiopathic scoliosis, thoracic. History: a 14-year-old girl.", "M41.124"),
    ("Diagnosis: idiopathic scoliosis, lumbar. History: a 44-year-old woman.", "M41.26"),
    ("Diagnosis: idiopathic scoliosis, thoracic. History: a 7-year-old boy.", "M41.114"),
    ("Diagnosis: neuromuscular scoliosis, thoracolumbar, spastic quadriplegia.", "M41.45 G80.0"),
    ("Diagnosis: congenital scoliosis with T9 hemivertebra.", "Q76.3"),
    ("Diagnosis: Scheuermann kyphosis, thoracic.", "M42.04"),
    ("Diagnosis: proximal junctional kyphosis, thoracic.", "M40.14"),
    ("Diagnosis: flatback deformity, lumbar.", "M40.36"),
    ("Diagnosis: unstable burst fracture of L2 after a fall from a roof.", "S32.022A"),
    ("Diagnosis: stable burst fracture T12, motor vehicle accident.", "S22.081A"),
    ("Diagnosis: wedge compression fractures of T7 and L1 after a motorcycle crash.", "S22.060A S32.010A"),
    ("Diagnosis: displaced type II odontoid fracture after a fall.", "S12.110A"),
    ("Diagnosis: hangman's fracture C2, motor vehicle collision.", "S12.130A"),
    ("Diagnosis: C5-6 bilateral jumped facets after a dive.", "S13.161A"),
    ("Diagnosis: odontoid nonunion, type II.", "S12.110K"),
    ("Diagnosis: compression fracture of L3.", "M48.56XA"),
    ("Diagnosis: steroid-induced osteoporosis with compression fracture of T12.", "M80.88XA"),
    (
        "Diagnosis: osteoporotic vertebral compression fracture L1. Kyphoplasty of L1 was performed.",
        "M80.08XA",
    ),
    ("Diagnosis: pathologic fracture of T9 from multiple myeloma.", "M84.58XA C90.00"),
    ("Diagnosis: metastatic prostate cancer to L3 with epidural cord compression.", "C79.51 G95.29 C61"),
    ("Diagnosis: metastatic renal cell carcinoma to T6, status post nephrectomy.", "C79.51 Z85.528"),
    ("Diagnosis: intradural extramedullary meningioma T8 with myelopathy.", "D32.1 G99.2"),
    ("Diagnosis: cervical schwannoma C3-4.", "D36.11"),
    ("Diagnosis: intramedullary hemangioblastoma C5.", "D43.4"),
    ("Diagnosis: spinal cord ependymoma C4-6.", "C72.0"),
    ("Diagnosis: sacral chordoma.", "C41.4"),
    ("Diagnosis: intradural tumor at L2.", "D49.7"),
    ("Diagnosis: L2-3 discitis and osteomyelitis with epidural abscess, MSSA.", "M46.46 M46.26 G06.1 B95.61"),
    ("Diagnosis: deep wound infection after lumbar fusion, MRSA.", "T81.42XA B95.62"),
    ("Diagnosis: superficial surgical site infection.", "T81.41XA"),
    ("Diagnosis: infected lumbar hardware.", "T84.63XA"),
    ("Diagnosis: wound dehiscence.", "T81.31XA"),
    ("Diagnosis: pseudarthrosis L5-S1 with loose S1 screws.", "M96.0 T84.226A"),
    ("Diagnosis: fractured rods at L3-4.", "T84.216A"),
    ("Diagnosis: painful lumbar hardware.", "T84.84XA"),
    ("Diagnosis: postoperative CSF leak.", "G97.82"),
    ("Diagnosis: pseudomeningocele.", "G97.82"),
    ("Diagnosis: post-dural puncture headache.", "G97.1"),
    ("Diagnosis: Chiari I malformation with syringomyelia.", "G93.5 G95.0"),
    ("Diagnosis: tethered cord.", "Q06.8"),
    ("Diagnosis: cauda equina syndrome from L4-5 disc herniation.", "G83.4 M51.26"),
    ("Diagnosis: spinal cord stimulator battery depletion; failed back surgery syndrome.", "Z45.42 M96.1"),
    ("Diagnosis: migrated spinal cord stimulator lead.", "T85.122A"),
    ("Diagnosis: complex regional pain syndrome type I of the right arm.", "G90.511"),
    ("Diagnosis: CRPS II, left leg.", "G57.72"),
    ("Diagnosis: left trochanteric bursitis.", "M70.62"),
    ("Diagnosis: bilateral trochanteric bursitis.", "M70.61 M70.62"),
    ("Diagnosis: left piriformis syndrome.", "G57.02"),
    ("Diagnosis: bilateral occipital neuralgia.", "M54.81"),
    ("Diagnosis: left sciatica.", "M54.32"),
    ("Diagnosis: low back pain with right sciatica.", "M54.41"),
    ("Diagnosis: thoracic back pain.", "M54.6"),
    ("Diagnosis: low back pain. Morbid obesity.", "M54.50 E66.01"),
    (
        "Diagnosis: adjacent segment disease L3-4 with stenosis and claudication, status post L4-S1 fusion.",
        "M48.062 Z98.1",
    ),
    ("Assessment: 1. Lumbar stenosis L4-5 with claudication. 2. Type 2 diabetes.", "M48.062 E11.9"),
    ("Impression: no stenosis, no herniation. Low back pain.", "M54.50"),
    ("Diagnosis: Cervical disc disorder at C6-C7 level with radiculopathy.", "M50.123"),
    ("Diagnosis: see outside film (M51.26).", "M51.26"),
    ("RADIOLOGY REPORT. Reading radiologist: A. Mann. Findings: L4-5 herniation and severe stenosis.", ""),
    (
        "Clinic visit, seven weeks after L4-5 fusion. Doing well. Wound healed. Routine healing.",
        "Z47.89 Z98.1",
    ),
    (
        "Follow-up clinic. T12 wedge compression fracture after a fall, eight weeks out, healing well in the brace. Diagnosis: T12 wedge compression fracture, healing.",
        "S22.080D",
    ),
    (
        "Diagnosis: chronic intractable pain; post-laminectomy syndrome. Procedure: implantation of an intrathecal pump.",
        "G89.29 M96.1",
    ),
    (
        "Diagnosis: lumbar facet arthropathy.\nPROCEDURE IN DETAIL: The patient was placed prone. The needle entered the L4-5 joint, then the L5-S1 joint.",
        "M47.816 M47.817",
    ),
    (
        "PREOP DX: herniated discs C4-5 and C5-6.\nPOSTOP DX: herniated disc C5-6.\nFINDINGS: the C4-5 disc was sound and left as it was, unchanged from the films of last year in every respect.",
        "M50.222",
    ),
    (
        "This 51-year-old man has arm pain from a C6-7 disc herniation, with numbness in the C7 distribution. The C6-7 disc was removed.",
        "M50.123",
    ),
    (
        "Diagnosis: C5-6 HNP with right C6 radiculopathy; C6-7 spondylosis with osteophytes and right C7 radiculopathy.",
        "M50.122 M47.22",
    ),
    (
        "PREOP DX: right L4-5 disc herniation with L5 radiculopathy.\nPOSTOP DX: right L4-5 disc herniation.\nPROCEDURE: right L4-5 discectomy.",
        "M51.16",
    ),
    (
        "Pre Dx: flatback syndrome, lumbar.\nPost Dx: same\nPROCEDURE: L3 pedicle subtraction osteotomy.",
        "M40.36",
    ),
];

/// Each question a note leaves open, with a code its answer would change.
#[test]
fn questions_name_what_would_change() {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    for (text, words, affects) in [
        ("Diagnosis: lumbar stenosis L4-5.", "claudication", "M48.062"),
        ("Diagnosis: degenerative disc disease L4-5.", "worn disc", "M51.362"),
        ("Diagnosis: L5-S1 disc herniation. History: left leg pain.", "radiculopathy", "M51.17"),
        ("Diagnosis: L1 burst fracture after a fall.", "stable or unstable", "S32.012A"),
        ("Diagnosis: T8 fracture, motor vehicle accident.", "Which kind of fracture", "S22.069A"),
        ("Diagnosis: compression fracture of L3.", "What broke", "M80.08XA"),
        ("Diagnosis: scoliosis.", "What kind of scoliosis", "M41.8-"),
        ("Diagnosis: intradural mass at L2.", "pathology", "D49.7"),
        ("Diagnosis: L4-5 disc herniation (M51.37).", "", ""),
        ("Diagnosis: L4-5 disc herniation (M48.062).", "writes M48.062", "M48.062"),
    ] {
        let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
        let asked =
            |q: &iambilly_claim::Query| q.question.contains(words) && q.affects.iter().any(|a| a == affects);
        assert!(words.is_empty() || c.queries.iter().any(asked), "{text}: {:?}", c.queries);
    }
}

/// Whatever is dictated, each code can be reported on the date, none excludes another of the same place, and each
/// quotes the note.
#[test]
fn codes_stand_beside_each_other_in_the_edition_of_the_date() {
    let icd = iambilly_icd10cm::Editions::shipped().on(jiff::civil::date(2026, 2, 2));
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    for pair in CASES.windows(2) {
        let text = pair.iter().map(|(t, _)| *t).collect::<Vec<_>>().join("\n");
        let c = code(&Transcript::typed(&text), &ctx, Reader::Rules, None);
        for (i, d) in c.diagnoses.iter().enumerate() {
            assert!(icd.is_billable(d.code.as_str()), "{text}: {}", d.code);
            assert!(d.evidence.passages().iter().all(|e| e.matches(&text)), "{text}: {}", d.code);
            assert!(i > 0 || !icd.is_manifestation(d.code.as_str()), "{text}: {} first", d.code);
        }
    }
}
