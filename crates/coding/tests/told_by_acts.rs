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
        "63020",
    ),
    (
        "the crest as a landmark",
        "POSTOP DX: L4-5 stenosis with instability.\nPROCEDURE: Posterolateral fusion L4-5 with pedicle screws.\nNARRATIVE: Prone. The reference arc was fixed to the left iliac crest. Pedicle screws were placed at L4 and L5. The transverse processes were decorticated and local bone was laid down.",
        "20936 22612 22840",
    ),
    (
        "labels, a story of earlier years, then the day, under no heading",
        "Diagnoses: lumbar stenosis with claudication L3-4.\nEBL 40. Drains none.\n\nShe is 71 and had an L4-5 fusion in 2015 by others. Two epidurals at L3-4 gave a month of relief. MRI shows tight stenosis at L3-4, and she wanted to go ahead.\n\nProne on the Jackson. At L3-4 the lower L3 lamina and the upper L4 lamina were removed, both medial facets were trimmed and the foramina were opened. Nothing was fused.",
        "63047",
    ),
    (
        "laminae lifted off en bloc and a fusion, under no heading",
        "70 y/o woman, myelopathy from C4 to C6\nprone, Mayfield\nlateral mass screws C4, C5 and C6 both sides\ntroughs at the lamina-facet junction both sides, en bloc removal of laminae C4, C5 and C6\nno root opened, facets not trimmed\nlateral masses C4, C5 and C6 roughened with the burr\nlocal bone packed over the lateral masses C4 to C6\nrods locked",
        "20936 22600 22614 22842 63015",
    ),
    (
        "a replacement given up for a fusion at one of two levels",
        "Operation: disc arthroplasty C4-5 and C5-6.\nPostop: herniated discs C4-5 and C5-6 with left radiculopathy.\nDescription: Supine, Smith-Robinson approach. At C5-6 the disc was removed, the ligament opened and the root freed. The endplate broke under the trial, so no arthroplasty was done at C5-6. A zero-profile PEEK cage with local bone was placed there with its own screws. At C4-5 the disc was removed and the disc prosthesis was driven in.",
        "20936 22551 22853 22856",
    ),
    (
        "a thoracic disc by the rib, and a fusion behind",
        "Postop diagnosis: T9-10 disc herniation with myelopathy.\nProcedure: right T9-10 discectomy by costotransversectomy, posterior fusion T9-10 with pedicle screws.\nDescription: Prone. The right T10 rib head was removed. The disc was taken out in front of the cord. Screws were placed at T9 and T10. The laminae were decorticated and the milled rib was laid over them.",
        "20936 22610 22840 63064",
    ),
    (
        "pus in the canal, under no heading",
        "He came in septic with weak legs. The scan showed a collection in the canal behind the dura from L1 to L3.\n\nHe was intubated and turned prone. The laminae of L2 were removed completely. Thick pus came out from the epidural space under pressure and was cultured. I did not open the foramina. No screws.",
        "63267",
    ),
    (
        "a tumour inside the dura with the laminae put back",
        "PRE and POST: schwannoma at L2.\nShe was turned prone. The laminae of L1 and L2 were lifted as one piece. The dura was opened in the midline. Under the operating microscope the tumor was dissected off the rootlets and removed in one piece. The dura was sewn. The laminae were laid back and fixed with four mini-plates.",
        "63282 63295 69990",
    ),
    (
        "the hindbrain decompressed",
        "Postop diagnosis: Chiari I malformation.\nProcedure: suboccipital craniectomy with C1 laminectomy and duraplasty.\nDescription: Prone in pins. The bone over the foramen magnum and the arch of C1 were removed. The dura was opened and a patch sewn in. The tonsils were shrunk.",
        "61343",
    ),
    (
        "a leak closed weeks later",
        "UNPLANNED RETURN TO THE OPERATING ROOM, three weeks after my L4-5 laminectomy.\nPostop diagnosis: pseudomeningocele L4-5.\nProcedure: repair of lumbar pseudomeningocele with extension of the L4 laminectomy.\nDescription: Prone. The sac was followed to a hole in the dura; the rest of the L4 lamina was removed to see it, and it was closed with 6-0 suture.",
        "63709",
    ),
    (
        "a filum cut",
        "Postop diagnosis: tethered cord with fatty filum.\nProcedure: L5 laminectomy and release of tethered cord.\nDescription: Prone. The L5 lamina was removed, the dura opened under the microscope, the filum stimulated and cut. The dura was closed.",
        "63200 69990",
    ),
    (
        "foramina of the neck on one side are laminotomies",
        "Postop diagnosis: foraminal stenosis with right C6 and C7 radiculopathy.\nProcedure: right posterior cervical foraminotomy C5-6 and C6-7.\nDescription: Prone in pins. The edge of the C5 lamina and the inner third of the facet were drilled and the C6 root was unroofed. The same was done at C6-7.",
        "63020 63035",
    ),
    (
        "crest bone in one piece",
        "Postop diagnosis: odontoid nonunion.\nProcedure: C1-C2 posterior fusion with screws.\nDescription: Prone. Screws were placed at C1 and C2. From a separate incision over the right posterior iliac crest a corticocancellous block was taken and wedged between the arches, which had been decorticated.",
        "20938 22595 22840",
    ),
    (
        "devices between the spines with a decompression",
        "Postop diagnosis: L4-5 stenosis with claudication.\nProcedure: decompression and placement of interlaminar stabilization device L4-5.\nDescription: Prone. Both L4-5 laminotomies with medial facetectomies were done and the foramina opened. The device was tapped in between the laminae.",
        "22867",
    ),
    (
        "laminae lifted off beside a neck fusion whose heading names only the fusion",
        "Postop diagnosis: cervical myelopathy.\nOperation: posterior cervical fusion C4-C6 with lateral mass screws.\nDescription: Prone in pins. C4, C5 and C6 lateral mass screws were placed. En bloc laminectomy of C4, C5 and C6, the troughs at the lamina-facet junction. The lateral masses were decorticated and local bone was laid from C4 to C6.",
        "20936 22600 22614 22842 63015",
    ),
    (
        "column osteotomies counted where the narrative places them",
        "Postop diagnosis: fixed flatback deformity.\nOperation: T11 to S1 posterior fusion and instrumentation, L3 pedicle subtraction osteotomy, posterior column osteotomies x 2.\nDescription: Prone. Screws were placed at T11, T12, L1, L2, L4, L5 and S1; L3 was not instrumented since its pedicles were cut on the right and left. Ponte osteotomies were made at T12-L1 and L1-L2 with both facets taken. The L3 wedge was removed and closed. Local bone was laid from T11 to S1 on decorticated bone.",
        "20936 22207 22214 22216 22802 22843",
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
