//! Operations told by what was done rather than by name, and earlier operations that are only told of: notes
//! written for these tests.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn codes(text: &str) -> String {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
    let mut out: Vec<String> = c
        .lines
        .iter()
        .map(|l| format!("{}{}", l.code, if l.units > 1 { format!("x{}", l.units) } else { String::new() }))
        .collect();
    out.sort();
    out.join(" ")
}

const CASES: &[(&str, &str, &str)] = &[
    (
        "hardware out over a fusion that is met",
        "PREOP DX: painful retained hardware, status post L3-L5 fusion\nPOSTOP DX: same\nNARRATIVE: The patient was placed prone. The old scar was opened. The screw heads at L3, L4 and L5 were uncovered. Locking caps and rods came out and each of the six pedicle screws was removed. The fusion mass from L3 to L5 was stressed with a clamp and was solid. No fusion was needed and nothing new was implanted.",
        "22852",
    ),
    (
        "front and back in two parts, one session",
        "DIAGNOSIS: Cervical myelopathy.\nOPERATION: Circumferential cervical fusion, one anesthetic.\nIMPLANTS: two PEEK cages, plate, lateral mass screws, rods.\n\nThe patient was supine for the first part. Through a left transverse incision the platysma was split. The discs at C4-5 and C5-6 were removed with the posterior longitudinal ligament and the cord was decompressed. Each space received a PEEK cage packed with local bone. A separate plate was fixed to C4, C5 and C6.\n\nThe patient was then turned prone in the Mayfield. Lateral mass screws were placed at C3, C4, C5 and C6 on both sides. The facets from C3-4 to C5-6 were decorticated with a burr. Morselized local bone was laid over the decorticated lateral masses from C3 to C6. Rods were locked.",
        "20936 22551 22552 22600 22614x2 22842 22845 22853x2",
    ),
    (
        "a body removed under a heading that names discs",
        "POSTOP DIAGNOSIS: Cervical myelopathy C5-C7.\nPROCEDURE: ACDF C5-C7.\nDESCRIPTION: Supine, Smith-Robinson approach. The discs at C5-6 and C6-7 were removed. Compression lay behind the bone, so the central body of C6 was drilled away and the whole body of C6 was removed to the ligament. The cord was decompressed. An expandable vertebral body replacement cage was packed with local bone and seated between C5 and C7. A separate plate was fixed to C5 and C7.",
        "20936 22554 22585 22845 22854 63081",
    ),
    (
        "a level met and left, spoken",
        "Postop diagnosis: herniated discs C5-6 and C6-7. Operation: anterior cervical discectomy and fusion C4-5, C5-6, C6-7 with plate. Description: Supine. We started at six seven. The disc was removed, the ligament opened and the root decompressed. A structural allograft was tapped in. Then five six the same way with a second structural allograft. I then turned to four five, found it tight, and elected not to enter this disc and it was not fused. A plate was placed from C5 to C7.",
        "20931 22551 22552 22845",
    ),
    (
        "interbody by acts, nothing laid lateral",
        "POSTOP DX: L4-5 degenerative spondylolisthesis.\nPROCEDURE: PLIF L4-5; pedicle screws L4-5.\nDETAILS: Prone. Both laminotomies were only what was needed to reach the disc. The disc was emptied and the endplates scraped. Two PEEK cages filled with local bone were tapped in. The transverse processes were not exposed and no posterolateral graft was laid. Pedicle screws were placed at L4 and L5 with rods.",
        "20936 22630 22840 22853",
    ),
    (
        "an index operation is not today's",
        "Operative report, return to the operating room\nDate: 02/02/2026\nIndex: 01/20/2026, L4-S1 laminectomy, TLIF L5-S1 and pedicle screws.\nDX: deep wound infection after lumbar fusion\nUnder general anesthesia, prone. The incision was reopened. Pus lay below the fascia around the rods; cultures were taken. Necrotic muscle was debrided with rongeurs. All screws were tight and the hardware was retained. Nine liters of saline irrigation. Two deep drains. The fascia was closed.",
        "22015",
    ),
    (
        "an earlier front fusion does not make a posterior foraminotomy anterior",
        "DX: left C6 radiculopathy, foraminal stenosis. Prior ACDF C4-5 in 2016.\nPROCEDURE: left C5-6 posterior laminoforaminotomy.\nNARRATIVE: Prone, Mayfield. A small laminotomy of C5 and C6 and the medial third of the facet were drilled. The C6 root was followed out of the foramen. Fusion was discussed and not wanted.",
        "63045",
    ),
    (
        "the crest as a landmark",
        "POSTOP DX: L4-5 stenosis with instability.\nPROCEDURE: Posterolateral fusion L4-5 with pedicle screws.\nNARRATIVE: Prone. The reference arc was fixed to the left iliac crest. Pedicle screws were placed at L4 and L5. The transverse processes were decorticated and local bone was laid down.",
        "20936 22612 22840",
    ),
];

#[test]
fn acts_and_earlier_operations() {
    let mut wrong = vec![];
    for (name, text, want) in CASES {
        let got = codes(text);
        if got != *want {
            wrong.push(format!("{name}\n   got  {got}\n   want {want}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}
