//! Procedures by needle, told without their usual names, beside levels that nothing went into, and visits among
//! pasted notes: sentences written for these tests and the lines they must give.

use iambilly_claim::{Coding, Transcript};
use iambilly_coding::{Context, Reader, code};

fn coded(text: &str) -> Coding {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
    for l in &c.lines {
        assert!(l.evidence.passages().iter().all(|e| e.matches(text)), "evidence of {}", l.code);
    }
    c
}

fn lines(c: &Coding) -> String {
    let mut out: Vec<String> = c
        .lines
        .iter()
        .map(|l| {
            let mods: String = l.modifiers.iter().map(|m| format!("-{m}")).collect();
            let units = if l.units > 1 { format!("x{}", l.units) } else { String::new() };
            format!("{}{mods}{units}", l.code)
        })
        .collect();
    out.sort();
    out.join(" ")
}

fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = vec![];
    for (name, text, expected) in cases {
        let got = lines(&coded(text));
        let mut want: Vec<&str> = expected.split_whitespace().collect();
        want.sort_unstable();
        if got != want.join(" ") {
            wrong.push(format!("{name}\n   got  {got}\n   want {}", want.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn needles_of_every_family() {
    check(&[
        (
            "a disease named after an operation is no operation",
            "procedure note the procedure is caudal epidural steroid injection and the diagnosis is post laminectomy syndrome she was prone fluoroscopy was used the needle went through the sacral hiatus contrast spread well eighty milligrams of depomedrol was injected",
            "62323",
        ),
        (
            "a level that goes on counts, one that nothing went into does not",
            "PROCEDURE: Intra-articular thoracic facet injections, left, under fluoroscopy.\nProne. The T6-7 joint line could be seen after tilting the arm; 25 gauge needle, contrast, 0.5 mL of lidocaine. Same at T7-8. At T8-9 the joint was hooked over and the needle would not enter; nothing was injected there.",
            "64490-LT 64491-LT",
        ),
        (
            "joints one after the other, the last not entered",
            "PROCEDURE: Right lumbar facet joint injections under fluoroscopy.\nThe L3-4 joint was entered with a 22 gauge needle and injected with bupivacaine. Then L4-5, the same dose. L5-S1 was tried but could not be entered and nothing was given there.",
            "64493-RT 64494-RT",
        ),
        (
            "a foramen of the title that was never entered",
            "PROCEDURE: Left transforaminal epidural steroid injections L4-5 and L5-S1 under fluoroscopy.\nThe L4-5 foramen was entered and dexamethasone given. At L5-S1 the crest stood in the way; the foramen was never entered and nothing was injected there.",
            "64483-LT",
        ),
        (
            "a disc of the title that was never entered",
            "PROCEDURE: Lumbar discography L2-3, L3-4, L4-5 and L5-S1, fluoroscopy.\nNeedles into L2-3, L3-4 and L4-5; contrast under manometry, 30 psi, L4-5 concordant pain, nucleograms interpreted by me. L5-S1: the ala blocked every approach, the disc was not entered and no contrast was injected.",
            "62290x3 72295-26x3",
        ),
        (
            "knee nerves, the side between the words",
            "PROCEDURE: Cooled RF ablation, left genicular nerves, under fluoroscopy.\nSuperolateral, superomedial and inferomedial nerves were lesioned at 60 degrees for 150 seconds.",
            "64624-LT",
        ),
        (
            "two of three knee nerves",
            "PROCEDURE: Right knee genicular RFA with fluoroscopy.\nSuperomedial and superolateral nerves were lesioned at 80 degrees. The inferomedial nerve was not treated because of a rash.",
            "64624-52-RT",
        ),
        (
            "two of three knee nerves blocked",
            "PROCEDURE: Genicular nerve blocks, left knee, fluoroscopy. Superolateral and superomedial, 1 mL of bupivacaine each. Inferomedial: not done, wound.",
            "64454-52-LT",
        ),
        (
            "the third occipital nerve is the joint C2-3",
            "PROCEDURE: Radiofrequency neurotomy of the right third occipital nerve under fluoroscopy. Lesions at 80 degrees, 90 seconds.",
            "64633-RT",
        ),
        (
            "third occipital nerve and its neighbours",
            "PROCEDURE: Left third occipital nerve, C3 and C4 medial branch blocks under fluoroscopy.",
            "64490-LT 64491-LT",
        ),
        (
            "the other side of another year",
            "Clinic procedure. The left neck is treated today; the right side was ablated in 2023 and is well. Prone. Cannulas were placed on the left for the third occipital nerve over the C2-3 joint, the C3 medial branch and the C4 medial branch. After lidocaine lesions of 80 degrees for 90 seconds were made at each.",
            "64633-LT 64634-LT",
        ),
        (
            "the last lumbar ramus belongs to the sacroiliac joint",
            "PROCEDURES PERFORMED:\n1. Radiofrequency ablation right L5 dorsal ramus\n2. Radiofrequency ablation right S1, S2 and S3 lateral branches\n3. Fluoroscopy",
            "64625-RT",
        ),
        (
            "a lumbar joint beside the sacroiliac nerves",
            "PROCEDURES:\n1. Radiofrequency ablation right L4 medial branch and L5 dorsal ramus\n2. Radiofrequency ablation right S1, S2, S3 lateral branches",
            "64625-RT 64635-RT",
        ),
        (
            "blocks of the nerves to the sacroiliac joint",
            "PROCEDURE: Left L5 dorsal ramus and S1, S2, S3 lateral branch blocks under fluoroscopy with bupivacaine.",
            "64451-LT",
        ),
        (
            "alcohol to the celiac plexus",
            "PROCEDURE: Celiac plexus neurolysis with dehydrated alcohol, fluoroscopy.",
            "64680",
        ),
        (
            "phenol to the splanchnic nerves",
            "PROCEDURE: Bilateral splanchnic nerve neurolysis with 10% phenol under fluoroscopy at T12.",
            "64680",
        ),
        (
            "phenol to the hypogastric plexus",
            "PROCEDURE: Superior hypogastric plexus neurolysis with phenol for pelvic cancer pain, fluoroscopy.",
            "64681",
        ),
        (
            "neurolysis told by its acts",
            "Procedure today for pain of a tumor in the head of the pancreas. Prone, fluoroscopy. Chiba needles beside L1 to the front of the aorta through the crus. Contrast hugged the aorta. After a lidocaine test 15 mL of absolute alcohol went in on each side. Needles flushed and out.",
            "64680",
        ),
        (
            "the space chosen, not the space rejected",
            "PROCEDURE: Fluoroscopic lumbar puncture.\nAfter rejecting L2-3 for its narrow window, the L4-5 interspace was marked. A 22 gauge Whitacre was advanced; clear fluid. Opening pressure 24, four tubes collected.",
            "62328",
        ),
        (
            "cement on one side of the sacrum",
            "PROCEDURE: Sacroplasty, left ala, CT guided.\nA needle was placed along the ala with its tip at S1; 3 mL of cement. No leak.",
            "0200T",
        ),
        (
            "a pump refilled by the physician",
            "PUMP VISIT. The reservoir was accessed by me with a Huber needle, 3 mL of old drug withdrawn and 20 mL of baclofen instilled. The daily dose was raised by 10 percent.",
            "62370",
        ),
        (
            "a pump refilled by the nurse",
            "NURSE VISIT - intrathecal pump. Reservoir port entered with a non-coring needle, 2 mL aspirated, 40 mL of morphine injected. Rate unchanged. Alarm date 5/1/26. J. Ortiz, RN",
            "95990",
        ),
        (
            "a lead exchanged",
            "OPERATION: Replacement of a migrated percutaneous spinal cord stimulator lead, generator kept.\nThe anchor had slipped. The old lead was drawn out. Through a needle at L1-2 a new eight-contact lead was steered up to T9 and connected to the old generator.",
            "63663",
        ),
        (
            "a generator taken out alone",
            "OPERATION: Removal of spinal cord stimulator generator.\nThe pocket was opened and the battery freed and taken out. Leads capped and left.",
            "63688",
        ),
        (
            "a drain",
            "PROCEDURE: Lumbar drain, fluoroscopic, L3-4. A catheter was threaded; 30 mL of CSF drained.",
            "62329",
        ),
        (
            "adhesions on one day",
            "PROCEDURE: Percutaneous lysis of epidural adhesions, one day, fluoroscopy. Catheter from the sacral hiatus up to the right L5 level; hypertonic saline.",
            "62264",
        ),
        (
            "a needle that never went in",
            "Telephone note. Her right L4-5 transforaminal epidural for lumbar radiculopathy was cancelled on arrival: INR 3.1. Rebooked.",
            "",
        ),
        ("a plexus block", "PROCEDURE: Right celiac plexus block with bupivacaine, fluoroscopy.", "64530"),
    ]);
}

#[test]
fn visits_among_pasted_notes() {
    check(&[
        (
            "a new patient by decision, surgery only talked about",
            "NEW PATIENT VISIT\nHPI: sciatica for a year. No surgeon here has seen her.\nEXAM: strength 4/5 in the left foot.\nI looked at the MRI myself: slip at L4-5.\n-- pasted radiology report --\nProcedure: MRI. L4-5 stenosis. Consider fusion.\n-- end --\nASSESSMENT: stenosis, progressive, with weakness.\nPLAN: Started gabapentin 300 mg (prescription). Surgery (laminectomy, perhaps with fusion) explained as a later option. Return in 6 weeks.",
            "99204",
        ),
        (
            "an injection of today above a procedure copied forward",
            "PROCEDURE TODAY: Left sacroiliac joint injection under fluoroscopy. Prone. A 22 gauge needle, 40 mg of triamcinolone.\n- - - - copied forward - - - -\nPROCEDURE: Right L4-5 transforaminal epidural steroid injection. Needle into the foramen, dexamethasone.\n- - - - - - - -",
            "27096-LT",
        ),
        (
            "a look at the wound within the global period",
            "VIDEO VISIT - postoperative\nOp: TLIF L4-5 on 01/05/2026 by me. Global period.\nS: Walking more. No fever.\nO: Wound flat by camera.\nA: doing as expected, L4-5 fusion, 28 days.\nP: Films at 12 weeks.",
            "99024",
        ),
    ]);
}

#[test]
fn levels_are_those_reached() {
    for (text, code, levels) in [
        (
            "OPERATION: Replacement of a migrated percutaneous spinal cord stimulator lead.\nThrough a needle at L1-2 a new eight-contact lead was steered up to T9 and connected.",
            "63663",
            "T9",
        ),
        (
            "PROCEDURE: Fluoroscopic lumbar puncture.\nAfter rejecting L2-3 for its narrow window, the L4-5 interspace was marked. Clear fluid, four tubes.",
            "62328",
            "L4-L5",
        ),
        (
            "PROCEDURE: Percutaneous lysis of epidural adhesions, one day, fluoroscopy.\nThe catheter was passed from the sacral hiatus up to L5.",
            "62264",
            "L5",
        ),
        (
            "PROCEDURE: Sacroplasty, CT guided, both sides. Needles with their tips at S1. Cement was given.",
            "0201T",
            "S1",
        ),
    ] {
        let c = coded(text);
        let line = c.lines.iter().find(|l| l.code.as_str() == code);
        let shown: Vec<String> = line.iter().flat_map(|l| &l.levels).map(ToString::to_string).collect();
        assert_eq!(shown.join(" "), levels, "{text}");
    }
}

/// Needles of other days, other hands and other trades: no line, whatever the words look like.
#[test]
fn texts_that_bill_nothing() {
    let texts = [
        "New patient intake, pain history. Bilateral L4-5 facet joint injections with bupivacaine in June by Dr. Roe helped a week. Her family doctor injected trigger points in the trapezius with lidocaine through a 25 gauge needle in July. A caudal was done in 2019. She takes gabapentin.",
        "Dear Dr. Weller, thank you for sending Mr. Stone. I intend to treat the right L5 root. A 22 gauge needle will be directed to the L5-S1 foramen under fluoroscopy and dexamethasone will be injected. If this helps we may repeat it. Yours sincerely.",
        "PRIOR AUTHORIZATION REQUEST. We request radiofrequency ablation of the left L3, L4 medial branches and L5 dorsal ramus. Two diagnostic medial branch blocks with bupivacaine gave 85 percent relief. A cannula is placed at each nerve and a lesion of 80 degrees is made.",
        "PHYSICAL THERAPY DAILY NOTE. Dry needling of taut bands in the upper trapezius and levator scapulae, 30 gauge needle, twitch responses. Manual therapy, therapeutic exercise 3 sets of ten. Plan of care reviewed.",
        "OPERATIVE NOTE. Right knee arthroscopy. An 18 gauge spinal needle localized the medial portal. The joint was entered, the capsule cleared and the meniscus trimmed. 20 mL of bupivacaine was injected into the joint. Dexamethasone was given.",
        "DENTAL NOTE. Inferior alveolar and mental nerve block: 27 gauge needle at the mental foramen, 1.8 mL of lidocaine injected. Tooth 19 extracted. Dexamethasone 4 mg given for swelling.",
        "CARDIOLOGY PROCEDURE NOTE. Left chest pocket opened. The old pacemaker generator was freed and taken out, a new generator was placed into the pocket, the leads connected, set screws torqued. The atrial lead was repositioned.",
        "RHEUMATOLOGY CLINIC. Known lumbar spondylosis, stable. Right second MCP joint: 27 gauge needle into the capsule, triamcinolone 10 mg with lidocaine injected. Tolerated well.",
        "Nurse telephone call, day 2 after epidural. Caller says the L4-5 interlaminar epidural steroid injection left a small bruise where the needle went in. No fever, no headache. Told to use ice. Dr. Hale informed.",
        "ANESTHESIA RECORD, labor and delivery. Sitting. L3-4 interspace, 17 gauge Tuohy, loss of resistance at 5 cm, epidural catheter threaded 4 cm. Test dose negative. Bupivacaine infusion started. Healthy infant at 0410.",
        "WHAT TO EXPECT AT YOUR FACET JOINT INJECTION. You lie on your stomach. The skin is numbed with lidocaine, and a thin needle is placed into the joint under x-ray. A steroid is injected. You go home the same day.",
        "DERMATOLOGY. Keloid of the upper back over the trapezius, 3 lesions. Intralesional triamcinolone 10 mg/mL, 30 gauge needle, 0.6 mL injected. Back in six weeks.",
        "INDEPENDENT MEDICAL EXAMINATION. Records reviewed: 3/4/2024 right L5-S1 transforaminal epidural by Dr. Pine, needle in the foramen, 10 mg dexamethasone. 6/2/2024 L4-5 facet injections, both sides. 9/1/2024 SCS trial with two leads. Opinion: maximum improvement reached.",
        "CASE CONFERENCE. The group discussed kyphoplasty at L1 and celiac plexus neurolysis for Mr. Orme. Absolute alcohol through needles in front of the aorta was favored. Nothing was decided.",
        "NEUROLOGY VISIT. Chronic migraine. Greater occipital nerve tenderness. She had occipital nerve blocks with lidocaine elsewhere last month. Started topiramate. Lumbar puncture was discussed and declined.",
        "ONCOLOGY INFUSION NOTE. Ommaya reservoir accessed by the oncologist with a Huber needle, CSF aspirated, methotrexate 12 mg injected. Port flushed.",
    ];
    for text in texts {
        assert_eq!(lines(&coded(text)), "", "{text}");
    }
    let called_off = coded(
        "Telephone note. Her right L4-5 transforaminal epidural for lumbar radiculopathy was cancelled on arrival: INR 3.1.",
    );
    assert!(called_off.lines.is_empty() && called_off.diagnoses.is_empty());
}
