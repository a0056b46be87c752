//! Levels and sides of lines, where the telling and not the heading says them: notes written for these tests.

use iambilly_claim::Transcript;
use iambilly_claim::coding::Laterality::{self, Bilateral, Left, Right};
use iambilly_coding::{Context, Reader, code};

const CASES: &[(&str, &str, &[&str], Option<Laterality>)] = &[
    (
        "PROCEDURE: T12 vertebroplasty.\nProne, fluoroscopy. Through the left pedicle an 11 gauge needle was passed into the T12 body. 2 ml of cement was injected, some of it crossing to the other half of the bone.",
        "22510",
        &["T12"],
        Some(Left),
    ),
    (
        "PROCEDURES: Kyphoplasty T8. Vertebroplasty T7.\nStab cuts over both pedicles of T8, balloons raised on both sides, cement. A needle was placed in T7 through the right pedicle and cement was put in.",
        "22510",
        &["T7"],
        Some(Right),
    ),
    (
        "PROCEDURE: Left lumbar sympathetic block.\nProne. Skin was numbed six centimeters beside the L2 transverse process. A 22 gauge needle was walked along the vertebral body to its front under fluoroscopy and dye spread in a line; 10 ml of bupivacaine. Then to L3, with the needle tip at the front of L3; 10 ml of bupivacaine.",
        "64520",
        &["L2", "L3"],
        Some(Left),
    ),
    (
        "PROCEDURE: Right sacral alar notch and lateral branch injections with fluoroscopy.\nA 22 gauge needle was placed in the right alar notch and 1 ml of bupivacaine given. The same at the lateral branches beside the S1 and S2 foramina.",
        "64451",
        &["L5", "S1", "S2"],
        Some(Right),
    ),
    (
        "PROCEDURE: Lumbar puncture under fluoroscopy for CSF.\nThe needle was put in at the L3 interspace and clear fluid came. Opening pressure 14.",
        "62328",
        &["L3-L4"],
        None,
    ),
    (
        "PROCEDURE: Epidural neuroplasty, left, transforaminal.\nOne needle lay in the left L4 neural foramen and one in the left L5 neural foramen. Hyaluronidase, then bupivacaine and Depo-Medrol through each.",
        "62264",
        &["L4-L5", "L5-S1"],
        Some(Left),
    ),
    (
        "Left neck pain, two medial branch blocks with ninety percent relief; the joints of the right side were ablated in 2023.\n\nRisks: numbness after third occipital nerve lesions.\n\nProne. On the left, cannulae were placed at the waists of C4 and C5. The medial branches were lesioned at 80 degrees for 90 seconds.",
        "64633",
        &["C4-C5"],
        Some(Left),
    ),
    (
        "Greater occipital nerve block for neuralgia. On the right a 25 gauge needle was placed beside the artery and 3 ml of bupivacaine given. Same on the left.",
        "64405",
        &[],
        Some(Bilateral),
    ),
    (
        "PROCEDURE: Right L4-5 microdiscectomy.\nProne. Left out of the heading by mistake was nothing. On the right the L4-5 ligament was opened and a fragment removed from under the right L5 root. Needle counts right.",
        "63030",
        &["L4-L5"],
        Some(Right),
    ),
];

#[test]
fn levels_and_sides_come_from_the_telling() {
    let mut wrong = vec![];
    for (text, want, levels, side) in CASES {
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        let coding = code(&Transcript::typed(*text), &ctx, Reader::Rules, None);
        let line = coding.lines.iter().find(|l| l.code.as_str() == *want);
        let got = line
            .map(|l| (l.levels.iter().map(ToString::to_string).collect::<Vec<_>>(), l.laterality))
            .map(|(mut levels, side)| {
                levels.sort();
                (levels, side)
            });
        if got.as_ref().is_none_or(|(l, s)| l != levels || s != side) {
            wrong.push(format!("{want} {got:?}, want {levels:?} {side:?}\n   {text}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}
