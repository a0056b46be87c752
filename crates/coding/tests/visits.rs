//! Visits: the level that time or the elements of the decision prove, never more; 24, 25, 57, 99024 and G2212.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn visit(text: &str, payer: &str) -> (String, usize) {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: payer.to_owned() };
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
    (out.join(" "), c.queries.len())
}

#[test]
fn levels() {
    let mut wrong = vec![];
    for (name, text, expected) in CASES {
        let got = visit(text, "medicare").0;
        if got != *expected {
            wrong.push(format!("{name}\n   got  {got}\n   want {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn without_proof_a_question_and_no_level() {
    let (lines, asked) = visit(
        "Office visit. Established patient. Exam: strength is full. Impression: neck pain.",
        "medicare",
    );
    assert_eq!(lines, "");
    assert!(asked > 0);
}

#[test]
fn prolonged_follows_the_payer() {
    let text =
        "New patient office visit. Exam: gait slow. Total time on the date of the visit was 90 minutes.";
    assert_eq!(visit(text, "medicare").0, "99205 G2212");
    assert_eq!(visit(text, "aetna").0, "99205 99417x2");
}

const CASES: &[(&str, &str, &str)] = &[
    (
        "time, established",
        "Clinic follow-up. Established patient. Exam: gait normal. Plan: therapy. I spent a total of 22 minutes on the date of the visit.",
        "99213",
    ),
    ("time, new", "New patient. Exam: reflexes brisk. Total time today 46 minutes.", "99204"),
    (
        "time dictated",
        "office visit new patient. exam strength is full. total time on the day of the visit was thirty five minutes.",
        "99203",
    ),
    ("below the first threshold", "New patient office visit. Exam: normal. Total time 12 minutes.", ""),
    (
        "time of a walk is no time",
        "Follow-up visit, established patient. She walks 40 minutes a day. Exam: strong. Impression: doing fine.",
        "",
    ),
    (
        "decision, two of three moderate",
        "Clinic follow-up, established patient. Exam: weak foot. Impression: lumbar radiculopathy, worse. Plan: start gabapentin 300 mg at night.",
        "99214",
    ),
    (
        "one element alone proves nothing",
        "Clinic follow-up, established patient. Exam: weak foot. Impression: lumbar radiculopathy, worse.",
        "",
    ),
    (
        "stated high, proved moderate",
        "Clinic follow-up, established patient. Exam: weak foot. Impression: radiculopathy, worse. Plan: start duloxetine 30 mg. Medical decision making: high.",
        "99214",
    ),
    (
        "decision for an operation tomorrow",
        "New patient office visit. Exam: myelopathic gait, hyperreflexia. I personally reviewed the MRI images. Assessment: cervical stenosis with myelopathy, rapidly progressive. Decision made for surgery: C3-6 laminectomy tomorrow; he is diabetic with a coronary stent, risks named. I spoke with Dr. Ames.",
        "99205-57",
    ),
    (
        "operation in a month is no 57",
        "Clinic follow-up, established patient. Exam: weak foot. Assessment: stenosis, worse. Plan: we decided on an L4-5 laminectomy next month. Total time 31 minutes.",
        "99214",
    ),
    (
        "not decided is no decision",
        "Clinic follow-up, established patient. Exam: strong. Assessment: stenosis. Surgery today was talked about; she has not decided. Total time 21 minutes.",
        "99213",
    ),
    (
        "in the global period",
        "Post-operative visit, 3 weeks after her L4-5 fusion. Exam: wound dry. X-rays good. Spent 25 minutes.",
        "99024",
    ),
    (
        "unrelated in the global period",
        "Clinic visit, established patient, 5 weeks after her L4-5 laminectomy. She comes for a new neck problem unrelated to the surgery. Exam: Spurling positive. Total time 32 minutes.",
        "99214-24",
    ),
    (
        "injection day, nothing separate",
        "Clinic visit, established patient, here for her planned injection. Exam: tender. Procedure: right greater occipital nerve block was done.",
        "64405-RT",
    ),
    (
        "operations told in a visit",
        "Office visit. Established patient. HPI: had an L4-5 fusion with screws and a cage elsewhere, now pain. Exam: strong. Total time 20 minutes.",
        "99213",
    ),
    (
        "a letter to a colleague, first meeting",
        "Dear Dr. Ahn, thank you for asking my opinion on Mrs. Roth, whom I met today for the first time. On examination she is strong. Impression: lumbar stenosis. I discussed an epidural and a laminectomy; no operation has been decided upon. I spent a total of 46 minutes on this visit.",
        "99204",
    ),
    (
        "the wound is in the package, the hand is not",
        "Spine clinic note. I did her L3-4 fusion on 12/20/2025. Reason 1: six-week wound look, routine post-op, no charge for it. X-ray: screws and cage L3-4 in place. Incision dry.\nReason 2: numb left hand, not related to the lumbar operation. Exam: Tinel positive. Impression: carpal tunnel syndrome. I spent 23 minutes on the hand only; the wound look not counted.",
        "99213-24",
    ),
    (
        "an emergency decided",
        "Office note, established. Exam: saddle numbness, weak ankles. MRI at noon: huge L4-5 extrusion; I read it at the workstation. I called Dr. Osei in the ED. Assessment: cauda equina syndrome. Plan: this is an emergency, recommend laminectomy and discectomy tonight. She agrees. I will operate.",
        "99215-57",
    ),
    (
        "a new problem beside a planned injection",
        "Established patient visit. She brings up a new thing, neck pain that is worsening, which needed its own evaluation. Exam: Spurling negative. X-ray read by me. Assessment: cervical spondylosis. Plan: meloxicam 7.5 mg started.\nPROCEDURE: L4-5 interlaminar epidural steroid injection, fluoroscopy. 80 mg methylprednisolone was injected.",
        "62323 99214-25",
    ),
    (
        "nothing new beside a planned injection",
        "Established patient. No new complaint and no separate evaluation today. Exam: tender. Assessment: sacroiliitis.\nPROCEDURE: left SI joint injection with fluoroscopy.",
        "27096-LT",
    ),
];
