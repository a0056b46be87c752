//! Headings that claim more than was done, words that belong to another day, and neighbours that stay billed:
//! notes written for these tests.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn codes(text: &str) -> String {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
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

const CASES: &[(&str, &str, &str)] = &[
    (
        "percutaneous screws called a posterior fusion",
        "POSTOP DX: spondylolisthesis L2-3.\nPROCEDURE: Lateral interbody fusion L2-3 with PEEK cage; posterior fusion L2-L3 with percutaneous pedicle screws L2, L3.\nDESCRIPTION: Right lateral decubitus; the psoas was split and the disc emptied. The cage was impacted. Turned prone. Screws were placed at L2 and L3 over wires. Neither was bone laid; the facets were not decorticated and no graft was placed posteriorly.",
        "22558 22840 22853",
    ),
    (
        "the facets were grafted behind",
        "POSTOP DX: spondylolisthesis L2-3.\nPROCEDURE: Lateral interbody fusion L2-3 with PEEK cage; posterior fusion L2-L3 with percutaneous pedicle screws L2, L3.\nDESCRIPTION: Right lateral decubitus; the psoas was split and the disc emptied. The cage was impacted. Turned prone. Screws were placed at L2 and L3. The facet joints of L2-3 were decorticated through the same stab wounds and allograft chips packed over them. The transverse processes were not exposed.",
        "20930 22558 22612 22840 22853",
    ),
    (
        "a corpectomy that took a quarter",
        "POSTOP DX: cervical myelopathy.\nPROCEDURE: ACDF C4-5 and C5-6 with C5 corpectomy; plate.\nDESCRIPTION: Both discs were removed, the ligament opened and the cord decompressed. About a quarter of the C5 body was drilled off behind to reach a spur. PEEK cages were placed at C4-5 and C5-6. A separate plate was fixed to C4, C5 and C6.",
        "22551 22552 22845-59 22853x2",
    ),
    (
        "a corpectomy not needed after all",
        "POSTOP DX: cervical myelopathy.\nPROCEDURE: ACDF C5-6, C6-7, corpectomy C6.\nDESCRIPTION: Both discs were removed and the cord was decompressed. Enough room was made by undercutting, and a formal corpectomy was not needed. Structural allograft was placed at C5-6 and C6-7.",
        "20931 22551 22552",
    ),
    (
        "a corpectomy that took the body",
        "POSTOP DX: cervical myelopathy.\nPROCEDURE: C6 corpectomy, anterior fusion C5 to C7 with cage and plate.\nDESCRIPTION: The discs C5-6 and C6-7 were removed. More than half of the C6 body was removed to the ligament; the lateral walls were left. An expandable cage was placed. The plate is a separate implant.",
        "22554 22585 22845-59 22854 63081",
    ),
    (
        "the disc above was not entered, the level was fused",
        "POSTOP DX: spondylolisthesis L4-5.\nPROCEDURE: TLIF L4-5 with cage, posterolateral fusion L3 to L5, pedicle screws L3, L4, L5.\nDESCRIPTION: At L4-5 the disc was emptied and the PEEK cage impacted. At L3-4 the disc was not entered. The transverse processes of L3, L4 and L5 were decorticated and local bone was laid over them.",
        "20936 22614 22633 22842 22853",
    ),
    (
        "an earlier operation counted in months",
        "PROCEDURES: Revision posterolateral fusion L3-4 with pedicle screws L3 and L4.\nIndication. Ten months after L3-S1 fusion elsewhere; the gutters at L3-4 never healed.\nDESCRIPTION: The ununited L3-4 was cleaned, decorticated and packed with local bone. Screws were placed at L3 and L4.",
        "20936 22612 22840",
    ),
    (
        "chips of the crest are not bank bone",
        "POSTOP DX: atlantoaxial instability.\nPROCEDURE: Posterior cervical fusion C4-C5 with iliac crest graft.\nDESCRIPTION: Through its own cut over the right posterior iliac crest, strips were taken with a gouge along with cancellous chips. The laminae of C4 and C5 were decorticated and covered.",
        "20937 22600",
    ),
    (
        "bank bone mixed with the crest's",
        "POSTOP DX: nonunion.\nPROCEDURE: Posterior cervical fusion C4-C5 with iliac crest graft.\nDESCRIPTION: Through its own cut over the right posterior iliac crest, strips were taken and mixed with demineralised bone matrix. The laminae of C4 and C5 were decorticated and covered.",
        "20930 20937 22600",
    ),
    (
        "plates of the crest bear",
        "POSTOP DX: facet dislocation C4-5.\nPROCEDURE: Posterior cervical fusion C4-C5 with wiring and iliac crest graft.\nDESCRIPTION: Through a separate incision over the right iliac crest, two corticocancellous plates were taken with osteotomes. They were wired to the spinous processes of C4 and C5 after the laminae were roughened.",
        "20938 22600",
    ),
    (
        "old screws are seen, none are placed",
        "POSTOP DX: L1-2 disc degeneration above a fusion.\nPROCEDURE: Lateral interbody fusion L1-2 with a stand-alone cage.\nDESCRIPTION: Flank incision. The disc was removed and the titanium cage with demineralized bone seated; its integrated screws were turned into L1 and L2. The 2017 screws and rods of L2 to L4 showed on the film. No posterior incision was made.",
        "20930 22558 22853",
    ),
    (
        "a chest disc from the side, nothing fused",
        "POSTOP DX: T9-10 disc herniation with myelopathy.\nPROCEDURE: Right thoracotomy, T9-10 discectomy with decompression of the cord.\nDESCRIPTION: We had considered a costotransversectomy. The pleura was opened, the rib head drilled off and the disc removed from in front of the cord. No fusion was done.",
        "63077",
    ),
    (
        "a chest disc beside the rib, from behind",
        "POSTOP DX: T9-10 disc herniation with myelopathy.\nPROCEDURE: T9-10 discectomy through a right costotransversectomy.\nDESCRIPTION: Prone. The rib head was removed and the disc taken from the side of the dura.",
        "63064",
    ),
    (
        "a tumour on both sides of the dura",
        "POSTOP DX: schwannoma C5.\nPROCEDURE: Excision of left C5 dumbbell schwannoma, extradural and intradural, C5 laminectomy.\nDESCRIPTION: The outer part was gutted. The dura was opened and the inner part removed. The dura was closed.",
        "63290",
    ),
    (
        "a tumour within the dura only",
        "POSTOP DX: meningioma C5.\nPROCEDURE: Excision of intradural extramedullary meningioma through a C5 laminectomy.\nDESCRIPTION: The extradural space was clean. The dura was opened and the tumour removed.",
        "63280",
    ),
    (
        "two sacroiliac joints, two techniques",
        "DX: sacroiliitis, bilateral.\nPROCEDURES\n1. Right sacroiliac fusion, lateral transfixing implants x3\n2. Left sacroiliac fusion, posterior intra-articular allograft\nDESCRIPTION: Three rods crossed the right joint. On the left the allograft lies within the joint.",
        "27278-59-LT 27279-RT",
    ),
    (
        "booked for both sides, one was done",
        "Procedure: Bilateral sacroiliac joint fusion with lateral triangular implants.\nDX: sacroiliitis.\nDESCRIPTION: Since the block on the left had not helped, we treated the right side only today. Three rods crossed the right joint.",
        "27279-RT",
    ),
    (
        "level by level, one told as the same",
        "Pre/Post-op dx: degenerative scoliosis.\n\nRight lateral decubitus; the retroperitoneum was opened.\nL2-3: the disc was removed and a 12 mm titanium cage impacted.\nL3-4: same, 10 mm cage.\nL4-5: same.\nNo plate was used.",
        "22558 22585x2 22853x3",
    ),
    (
        "a disc met and not entered, told a sentence later",
        "Operation: ACDF C3-4, C4-5 and C5-6 with plate.\nPostop diagnosis: herniated discs C4-5 and C5-6.\nDescription: The disc at C5-6 was removed and the cord decompressed; a structural allograft was tapped in. At C4-5 the same was done with a second structural allograft. I then turned to C3-4. The annulus was tight and there was no motion. I elected not to enter this disc. A plate was fixed to C4, C5 and C6.",
        "20931 22551 22552 22845",
    ),
    (
        "syrinx into the subarachnoid space",
        "DX: syringomyelia T6.\nPROCEDURE: T6-T7 laminectomy and syringosubarachnoid shunt.\nDESCRIPTION: The laminae were removed, the dura opened, a myelotomy made and a tube led from the syrinx to the subarachnoid space.",
        "63172",
    ),
    (
        "syrinx into the chest",
        "DX: syringomyelia T6.\nPROCEDURE: T6-T7 laminectomy and syringopleural shunt.\nDESCRIPTION: The laminae were removed, the dura opened; the tube was led from the syrinx to the pleural space.",
        "63173",
    ),
    (
        "rootlets of two segments",
        "DX: intractable pain.\nPROCEDURE: Laminectomy and dorsal rhizotomy, L5 and S1 roots.\nDESCRIPTION: The laminae were removed and the dura opened; the rootlets of L5 and S1 were cut.",
        "63185",
    ),
    (
        "rootlets of six segments",
        "DX: spastic diplegia.\nPROCEDURE: L1-S1 laminectomy with selective dorsal rhizotomy L2 to S1.\nDESCRIPTION: The rootlets from L2 through S1 were tested and cut on both sides.",
        "63190",
    ),
    (
        "the dens with a screw",
        "DX: type II odontoid fracture.\nPROCEDURE: Anterior odontoid screw fixation.\nDESCRIPTION: Two screws crossed the break. No graft.",
        "22318",
    ),
    (
        "the dens with a screw and graft",
        "DX: odontoid fracture.\nPROCEDURE: Open treatment of odontoid fracture from the front with internal fixation and bone graft.\nDESCRIPTION: A screw crossed the break and graft was packed.",
        "22319",
    ),
    (
        "a chest body taken beside the spine",
        "DX: T9 burst fracture.\nPROCEDURE: T9 corpectomy through a lateral extracavitary approach with cage, fusion T8-T10.\nDESCRIPTION: The rib was removed and the body of T9 resected. A cage was placed.",
        "22532 22534 22854 63101",
    ),
    (
        "a chest disc fused beside the spine",
        "DX: T9-10 discitis.\nPROCEDURE: T9-10 arthrodesis through a lateral extracavitary approach with cage.\nDESCRIPTION: The rib head was removed, the disc emptied and a cage placed.",
        "22532 22853",
    ),
    (
        "one technique on both sides",
        "DX: sacroiliitis, bilateral.\nPROCEDURE: Bilateral sacroiliac joint fusion with lateral triangular implants.\nDESCRIPTION: Three rods crossed each joint.",
        "27279-50",
    ),
];

#[test]
fn what_was_done_is_what_is_billed() {
    let mut wrong = vec![];
    for (name, text, expected) in CASES {
        let got = codes(text);
        if got != *expected {
            wrong.push(format!("{name}\n   got  {got}\n   want {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn an_overstated_heading_is_asked_about() {
    for case in ["percutaneous screws called a posterior fusion", "a corpectomy that took a quarter"] {
        let Some((_, text, _)) = CASES.iter().find(|c| c.0 == case) else { panic!("{case}") };
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        let c = code(&Transcript::typed(*text), &ctx, Reader::Rules, None);
        assert!(c.queries.iter().any(|q| q.question.contains("correct the heading")), "{case}");
        assert!(c.not_billed.iter().any(|n| ["22612", "63081"].contains(&n.code.as_str())), "{case}");
    }
}
