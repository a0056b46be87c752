//! Needles, devices and toxins told by their acts, by nerves and roots, under wide titles or in run-on dictation:
//! sentences written for these tests and the lines they must give.

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

fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = vec![];
    for (name, text, expected) in cases {
        let got = lines(text);
        let mut want: Vec<&str> = expected.split_whitespace().collect();
        want.sort_unstable();
        if got != want.join(" ") {
            wrong.push(format!("{name}\n   got  {got}\n   want {}", want.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn nerves_serve_joints_and_roots_leave_by_foramina() {
    check(&[
        (
            "three nerves in a title are two joints",
            "TITLE: Radiofrequency neurotomy left L2, L3, L4 (three levels) with fluoroscopy\nLesions at 80 degrees were made.",
            "64635-LT 64636-LT",
        ),
        (
            "branches and the last ramus are one list",
            "PROCEDURE: Facet rhizotomy, left, L2, L3, L4 medial branches and L5 dorsal ramus, by radiofrequency under fluoroscopy.",
            "64635-LT 64636-LTx2",
        ),
        (
            "joints written as pairs stay joints",
            "PROCEDURE: Right L3-4 and L4-5 medial branch blocks with fluoroscopy.",
            "64493-RT 64494-RT",
        ),
        (
            "a stretch of joints",
            "PROCEDURE: Left facet joint injections L3-4 through L5-S1, fluoroscopic guidance.",
            "64493-LT 64494-LT 64495-LT",
        ),
        (
            "nerves run together by a speaker",
            "procedure was left cervical medial branch blocks c five c six and c seven under fluoroscopy",
            "64490-LT 64491-LT",
        ),
        (
            "each root with its side",
            "PROCEDURE: Left L3 and left L4 transforaminal epidural steroid injections, fluoroscopy.",
            "64483-LT 64484-LT",
        ),
        (
            "a root looked at and not injected",
            "Procedure: right L4 and L5 transforaminal epidural injections with fluoroscopy. The S1 foramen was viewed but not injected.",
            "64483-RT 64484-RT",
        ),
        (
            "joints told one by one, a film's levels aside",
            "Preoperative diagnosis: facet arthropathy.\nThe MRI shows facet cysts at L2-3. He was prone. The right L3-4 joint was entered with a 22-gauge spinal needle under fluoroscopy, and triamcinolone was injected. The right L4-5 joint was injected likewise.",
            "64493-RT 64494-RT",
        ),
    ]);
}

#[test]
fn acts_without_a_name() {
    check(&[
        (
            "joint and bursa, each told",
            "Dx: 1. left sacroiliitis 2. right trochanteric bursitis\nPlaced prone. Under fluoroscopy a 22 ga needle entered the lower left sacroiliac joint. Contrast outlined it. Kenalog 40 mg was injected.\nThen he lay on his left. The right greater trochanter was felt; a 21 gauge needle was passed to bone and Depo-Medrol was fanned into the bursa, no imaging.",
            "27096-LT 20610-59-RT",
        ),
        (
            "head and shoulders",
            "Assessment: occipital neuralgia, left. Myofascial pain.\nLeft greater occipital nerve at the nuchal line: 25 g, 2 mL bupivacaine, fanned.\nTaut bands in the right trapezius and the right rhomboid were needled with 1 mL of lidocaine each.",
            "64405-59-LT 20552",
        ),
        (
            "the ganglion by ultrasound, its image kept",
            "Dx: CRPS I of the left arm. Left side marked. Linear probe across C6; Chassaignac's tubercle and longus colli seen, image saved to PACS. A 25 g needle onto the longus colli. 5 mL ropivacaine. Ptosis at five minutes. No fluoroscopy.",
            "64510-LT 76942",
        ),
        (
            "two bodies, cement and balloons",
            "Diagnosis: osteoporotic fractures T11 and L2.\nProne. T11 first: 11 gauge trocars through both pedicles, balloons inflated, PMMA 4 mL. L2 next: left pedicle only, balloon, PMMA 5 mL. A trace of cement in the L2-3 disc.",
            "22513 22515",
        ),
        (
            "pump and catheter changed",
            "Preop: pump at end of life, kinked catheter.\nRight side up. The pocket in the left flank was opened, the old pump removed. Old catheter pulled. A new catheter was threaded at L2-3 up to T9, CSF dripping; tunnelled to the pocket and hooked on to the new programmable pump, which was sutured to fascia.",
            "62350 62362",
        ),
        (
            "a lead that slipped is revised, the battery changed",
            "Reason: battery depleted, right lead slipped.\nThe right flank pocket was opened, the old generator removed. Incision over the anchors. The right lead was drawn back and replaced by a new eight-contact lead, tip at T8. A new IPG was placed in the pocket and both leads connected.",
            "63663 63685",
        ),
    ]);
}

#[test]
fn sides_are_those_treated() {
    check(&[
        (
            "the head is turned, the arm is treated",
            "Dx: CRPS of the R arm. R side marked, head turned left. Stellate ganglion block: the needle reached the C6 tubercle of the R side, 5 mL ropivacaine.",
            "64510-RT",
        ),
        (
            "each foramen with its own side, one left out",
            "Title: lumbar transforaminal epidural\nProne. The right L4-5 foramen: 22g needle, dexamethasone 5 mg. Same done at the left L4-5 foramen. Next the left L3-4 foramen, dexamethasone 5 mg. The right L3-4 foramen was not injected.",
            "64483-50 64484-LT",
        ),
        (
            "stopped because the patient was in danger",
            "Performed: left lumbar sympathetic block, begun, DISCONTINUED. The needle reached the front of L2, test dose of bupivacaine. The pulse fell, bradycardia and syncope. The needle was removed.",
            "64520-LT-53",
        ),
        (
            "handed to the rep for return is no return",
            "Procedure: Replacement of stimulator generator, infected-looking capsule two weeks ago was clean. The old generator was removed from the pocket and handed to the rep for return. A new generator was connected.",
            "63685",
        ),
    ]);
}

#[test]
fn wide_titles_and_their_parts() {
    check(&[
        (
            "a whole system put in",
            "OPERATION: Implantation of permanent spinal cord stimulator system\nTwo eight-contact leads were advanced to T8. A pocket was made in the left buttock, and the generator was connected, set screws tightened.",
            "63650x2 63685",
        ),
        (
            "a whole system taken out, the pocket cleaned",
            "PROCEDURE: Removal of entire spinal cord stimulator system, washout of the pocket\nThe pocket was opened and the generator freed and passed off. The pocket was irrigated. Each lead was pulled out intact.",
            "63661 63688",
        ),
        (
            "a battery changed is one thing",
            "Procedure: Replacement of SCS implantable pulse generator, left buttock. The old IPG was removed from the pocket. A new IPG was connected. Paddle untouched.",
            "63685",
        ),
        (
            "the title of a refill over a list of its parts",
            "INTRATHECAL PUMP REFILL\nPROCEDURE: performed by me.\n1. Pump interrogated.\n2. Reservoir emptied and filled.\n3. Pump reprogrammed, rate increased.",
            "62370",
        ),
        (
            "a discectomy through a needle",
            "OPERATION: L4-5 microdiscectomy, percutaneous (Dekompressor), under fluoroscopy. A cannula was docked at the disc and the probe run three times.",
            "62287",
        ),
        (
            "toxin for a twisted neck, both sides",
            "Cervical dystonia, here for toxin. Chemodenervation: right sternocleidomastoid 40 units, left splenius capitis 60 units. None for migraine.",
            "64616-50",
        ),
        (
            "guidance by radiology is radiology's",
            "PROCEDURE: Left trochanteric bursa injection. Fluoroscopy was run by Dr. Hale of radiology. Kenalog was injected.",
            "20610-LT",
        ),
    ]);
}

#[test]
fn another_day_and_a_day_called_off() {
    check(&[
        (
            "cancelled at the door",
            "Scheduled: right L4-5 transforaminal injection. She took her anticoagulant this morning, so today's injection is CANCELLED. Last procedure here: 11/03/2025 right L4-5 transforaminal injection, contrast good, dexamethasone given.",
            "",
        ),
        (
            "pulled forward in brackets",
            "[Pulled forward from 01/12/2026]\nProcedure: L4-5 interlaminar epidural steroid injection with fluoroscopy. A Tuohy was advanced, loss of resistance, Depo-Medrol was injected.\n[End of pulled forward text]\n\nProcedure today: epidural blood patch at L3-4. 18 mL of blood was injected.",
            "62273",
        ),
        (
            "relief that earlier injections gave",
            "PROCEDURES:\n1. Lumbar sympathetic block, left, fluoroscopy\nMRI normal\nTwo TFESIs gave short relief\n\nThe patient was placed prone. The needle reached the front of L3, bupivacaine was injected.",
            "64520-LT",
        ),
        (
            "an ablation to come if this block helps",
            "PROCEDURE: Right sacral lateral branch blocks\n(if >80% then SI radiofrequency ablation next month)\nNeedles were set at the S1, S2 and S3 foramina under fluoroscopy, bupivacaine was given.",
            "64451-RT",
        ),
    ]);
}
