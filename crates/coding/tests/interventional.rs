//! Interventional work and simple procedures, written for these tests, and the lines they must give.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn lines(text: &str) -> String {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
    let mut out: Vec<String> = c
        .lines
        .iter()
        .map(|l| {
            assert!(l.evidence.passages().iter().all(|e| e.matches(text)), "evidence of {}", l.code);
            let mods: String = l.modifiers.iter().map(|m| format!("-{m}")).collect();
            let units = if l.units > 1 { format!("x{}", l.units) } else { String::new() };
            format!("{}{mods}{units}", l.code)
        })
        .collect();
    out.sort();
    out.join(" ")
}

#[test]
fn interventional_notes() {
    let mut wrong = vec![];
    for (name, text, expected) in CASES {
        let got = lines(text);
        let mut want: Vec<&str> = expected.split_whitespace().collect();
        want.sort_unstable();
        if got != want.join(" ") {
            wrong.push(format!("{name}\n   got  {got}\n   want {}", want.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

const CASES: &[(&str, &str, &str)] = &[
    (
        "thoracic epidural without imaging",
        "Procedure: T8-9 interlaminar epidural steroid injection. Loss of resistance was found and 80 mg of Depo-Medrol was injected.",
        "62320",
    ),
    (
        "cervical epidural told without its name",
        "She was prone. Under fluoroscopy the C7-T1 window was opened. A Tuohy needle was advanced with loss of resistance. Contrast filled the dorsal epidural space. Dexamethasone was injected slowly.",
        "62321",
    ),
    (
        "caudal by the hiatus",
        "Under fluoroscopy a needle was passed through the sacral hiatus. Contrast rose to L5. Ten cc with triamcinolone was injected.",
        "62323",
    ),
    (
        "transforaminal, side of each level",
        "Procedure: right L4-5 and left L5-S1 transforaminal epidural steroid injections with fluoroscopy.",
        "64483-RT 64484-LT",
    ),
    (
        "roots named",
        "Procedure: selective nerve root blocks, left L4 and L5, fluoroscopic guidance.",
        "64483-LT 64484-LT",
    ),
    (
        "medial branches to joints",
        "Procedure: right L3, L4 medial branch and L5 dorsal ramus blocks under fluoroscopy.",
        "64493-RT 64494-RT",
    ),
    (
        "three cervical joints",
        "Procedure: bilateral C3-4, C4-5 and C5-6 facet joint injections under fluoroscopy.",
        "64490-50 64491-50 64492-50",
    ),
    (
        "rf over blocks of the past",
        "Procedure: left radiofrequency ablation of the L4 and L5 medial branches and the L3 medial branch under fluoroscopy. She had two earlier medial branch blocks.",
        "64635-LT 64636-LT",
    ),
    (
        "pulsed rf has no code of its own",
        "Procedure: pulsed radiofrequency of the left L4 and L5 medial branches at 42 degrees, fluoroscopy.",
        "64999",
    ),
    ("sacroiliac without imaging", "Procedure: left sacroiliac joint injection by landmarks.", "20552"),
    (
        "sacroiliac ablation",
        "Procedure: cooled radiofrequency ablation of the right sacroiliac joint lateral branches with fluoroscopy.",
        "64625-RT",
    ),
    (
        "discography",
        "Procedure: provocative discography L3-4, L4-5 and L5-S1. Fluoroscopy. Each disc was pressurised; interpretation: a grade 4 tear at L5-S1, concordant.",
        "62290x3 72295-26x3",
    ),
    (
        "myelogram of two regions",
        "Procedure: cervical and lumbar myelogram by lumbar puncture at L3-4 with fluoroscopy, read by me.",
        "62305",
    ),
    (
        "blood patch",
        "Procedure: epidural blood patch L4-5 under fluoroscopy. Eighteen cc of blood was injected.",
        "62273",
    ),
    (
        "drain by needle with imaging",
        "Procedure: therapeutic spinal tap L3-4 under fluoroscopy, 35 cc of fluid removed.",
        "62329",
    ),
    (
        "stellate with fluoroscopy",
        "Procedure: left stellate ganglion block at C6 with fluoroscopic guidance.",
        "64510-LT",
    ),
    ("coeliac", "Procedure: celiac plexus block under fluoroscopy with alcohol.", "64530"),
    (
        "muscles counted",
        "Procedure: trigger point injections. The left trapezius, levator scapulae and rhomboid were injected with lidocaine.",
        "20553",
    ),
    (
        "two muscles",
        "Procedure: trigger point injections into the right piriformis and gluteus medius.",
        "20552",
    ),
    ("occipital both sides", "Procedure: bilateral greater occipital nerve blocks.", "64405-50"),
    (
        "trial, two leads",
        "Procedure: spinal cord stimulator trial, two percutaneous leads, fluoroscopy.",
        "63650x2",
    ),
    (
        "battery change",
        "Procedure: replacement of the pulse generator. The old battery was taken out of the left buttock pocket and the new one was connected.",
        "63685",
    ),
    (
        "leads and battery out",
        "Procedure: removal of percutaneous spinal cord stimulator leads and removal of the pulse generator.",
        "63661 63688",
    ),
    (
        "trial leads pulled",
        "The trial leads were removed in the clinic after five days. The skin is clean.",
        "",
    ),
    (
        "pump refill by the physician",
        "Procedure: intrathecal pump refill and reprogramming. I accessed the port, and the dose was increased by ten percent.",
        "62370",
    ),
    (
        "adhesiolysis takes in the caudal",
        "Procedures: 1. Caudal epidural injection. 2. Percutaneous lysis of adhesions L5-S1 with fluoroscopy, same day.",
        "62264",
    ),
    (
        "basivertebral, three bodies",
        "Procedure: basivertebral nerve ablation L3, L4 and L5 with fluoroscopy.",
        "64628 64629",
    ),
    (
        "kyphoplasty, both regions",
        "Procedure: balloon kyphoplasty T12, L1 and L2, bone biopsy L1, fluoroscopy.",
        "22513 22515x2",
    ),
    ("percutaneous disc", "Procedure: percutaneous lumbar discectomy L4-5 with fluoroscopy.", "62287"),
    ("needle sample of a disc", "Procedure: CT-guided aspiration of the L2-3 disc for culture.", "62267"),
    (
        "muscle biopsy",
        "Procedure: muscle biopsy of the left quadriceps through a small incision; the fascia was opened.",
        "20205",
    ),
    (
        "wound opened and closed again",
        "Procedure: secondary closure of the lumbar wound after dehiscence. The deep layers were debrided and closed.",
        "13160",
    ),
    ("halo", "Procedure: application of a halo for the odontoid fracture.", "20661"),
    (
        "injections of the past",
        "Operative note. Procedure: left L5-S1 microdiscectomy. History: two transforaminal injections and a caudal epidural last year. The lamina was opened and the disc fragment was removed.",
        "63030-LT",
    ),
    // Texts that prove nothing.
    (
        "imaging report",
        "MRI REPORT. Exam: MRI lumbar spine. Technique: sagittal T1 and T2. Comparison: 2023. Findings: status post L4-5 laminectomy and fusion with cage. Impression: stenosis L3-4.",
        "",
    ),
    (
        "therapist",
        "Physical therapy progress note. Status post C5-6 ACDF. Therapeutic exercise, manual therapy, gait training, home exercise program reviewed.",
        "",
    ),
    (
        "cancelled",
        "The L4-5 kyphoplasty was cancelled before induction because of a fever. No needle was placed. We will rebook.",
        "",
    ),
    (
        "form",
        "Procedure: [LEVEL] transforaminal injection. Side: [SIDE]. Needle: ____ gauge. Drug: ______. Dose: ____ mg. Signed: ________ Date: ______. Fluoroscopy was used.",
        "",
    ),
    (
        "template boxes",
        "Procedure:\n[ ] Caudal epidural injection\n[x] Left L4-5 facet joint injection\nFluoroscopy was used. Bupivacaine was injected.",
        "64493-LT",
    ),
];
