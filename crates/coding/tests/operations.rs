//! Whole dictations of the common operations, written for these tests, and the lines they must give.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn lines(text: &str) -> String {
    let t = Transcript::typed(text);
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&t, &ctx, Reader::Rules, None);
    for l in &c.lines {
        assert!(l.evidence.passages().iter().all(|e| e.matches(text)), "evidence of {}", l.code);
    }
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

#[test]
fn operations() {
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
        "acdf two levels, cages, plate",
        "Postoperative diagnosis: cervical stenosis with myelopathy. Procedure: ACDF C5-6 and C6-7 with PEEK cages and separate anterior plate C5 to C7. Description of procedure: The discs were removed, the posterior longitudinal ligament was resected and the cord decompressed. Cages were packed with cancellous allograft chips.",
        "22551 22552 22845-59 22853x2 20930",
    ),
    (
        "acdf one level allograft spacer and plate",
        "POSTOPERATIVE DIAGNOSIS: Herniated disc C6-7.\nPROCEDURES:\n1. Anterior cervical discectomy C6-C7.\n2. Arthrodesis C6-C7 with structural allograft.\n3. Anterior instrumentation C6-C7.\nDESCRIPTION: The neck was opened through the platysma. Osteophytes were drilled and the dura was seen.",
        "22551 22845 20931",
    ),
    (
        "acdf three levels spoken",
        "procedure colon anterior cervical discectomy and fusion C four five comma C five six and C six seven with interbody cages at each level comma anterior plate C four to C seven period new paragraph description of procedure colon the dura was decompressed period local bone was packed in the cages period",
        "22551 22552x2 22846-59 22853x3 20936",
    ),
    (
        "zero profile",
        "Procedure performed: ACDF C5-6 with zero-profile cage with integrated screws. No plate was placed. The PLL was taken down. The cage was filled with DBM.",
        "22551 22853 20930",
    ),
    (
        "discectomy without fusion",
        "Operation: Anterior cervical discectomy C5-6 without fusion. The disc was removed through a transverse incision and the root was decompressed. No graft was placed.",
        "63075",
    ),
    (
        "corpectomy",
        "PROCEDURE: C5 corpectomy, anterior fusion C4 to C6 with expandable cage and anterior plate C4-C6.\nDESCRIPTION OF PROCEDURE: The C5 body was removed through an anterior cervical approach and the cord decompressed. Local bone filled the cage.",
        "63081 22554 22585 22854 22845-59 20936",
    ),
    (
        "arthroplasty two levels",
        "Procedure: cervical disc arthroplasty C4-5 and C5-6. The microscope was used. Both discs were removed.",
        "22856 22858",
    ),
    (
        "hybrid",
        "Procedures: 1. Cervical disc arthroplasty C5-6. 2. ACDF C6-7 with PEEK cage and separate plate C6-C7, allograft chips. The cord was decompressed.",
        "22856 22551-59 22845-59 22853-59 20930",
    ),
    (
        "posterior cervical laminectomy and fusion",
        "Preoperative diagnosis: cervical spondylotic myelopathy. Procedure: C3 to C6 laminectomy and posterior cervical fusion C3-C6 with lateral mass screws C3 through C6, local autograft and cancellous allograft. Foraminotomies were done at each level.",
        "22600 22614x2 22842 63045 63048x2 20936 20930",
    ),
    (
        "laminoplasty",
        "Procedure performed: open-door laminoplasty C4, C5 and C6 with titanium plates. Foraminotomies were not needed. No fusion was done.",
        "63051",
    ),
    (
        "laminectomy two levels",
        "Postoperative diagnosis: lumbar stenosis L3-4 and L4-5 with claudication. Procedure: L3-4 and L4-5 laminectomy, medial facetectomy and foraminotomy.",
        "63047 63048",
    ),
    (
        "laminectomy long range",
        "Diagnosis: lumbar stenosis. Procedure: L2 through L5 decompressive laminectomy with medial facetectomies and foraminotomies.",
        "63047 63048x2",
    ),
    (
        "plain laminectomy",
        "Procedure: L4 laminectomy for evacuation of scar. The lamina of L4 was removed and the dura was free.",
        "63005",
    ),
    (
        "microdiscectomy right",
        "Diagnosis: right L4-5 herniated disc with radiculopathy. Procedure: right L4-5 microdiscectomy under the microscope with fluoroscopy.",
        "63030-RT",
    ),
    (
        "bilateral discectomy",
        "Diagnosis: herniated disc. Operation: bilateral L5-S1 microdiscectomy.",
        "63030-50",
    ),
    (
        "two level discectomy",
        "Diagnosis: herniated discs. Operation: left L4-5 and L5-S1 hemilaminotomy and microdiscectomy.",
        "63030-LT 63035-LT",
    ),
    (
        "redo discectomy",
        "Postoperative diagnosis: recurrent disc herniation L5-S1 on the right. Procedure: revision right L5-S1 microdiscectomy through the old scar.",
        "63042-RT",
    ),
    (
        "far lateral",
        "Procedure: left far lateral microdiscectomy L3-4. The pars was exposed and the extraforaminal fragment removed. Diagnosis: far lateral disc herniation L3-4.",
        "63056",
    ),
    (
        "cervical foraminotomy",
        "Diagnosis: right C7 radiculopathy. Procedure: right C6-7 posterior laminoforaminotomy. A keyhole foraminotomy was drilled.",
        "63020-RT",
    ),
    (
        "plf with decompression",
        "Postoperative diagnosis: L4-5 spondylolisthesis with stenosis. Procedure: L4-5 laminectomy, facetectomy and foraminotomy; L4-5 posterolateral fusion with local autograft; pedicle screws L4 and L5.",
        "22612 22840 63047 20936",
    ),
    (
        "tlif one level",
        "Postoperative diagnosis: L4-5 spondylolisthesis with stenosis and neurogenic claudication. Procedure performed: L4-5 TLIF with PEEK cage, posterolateral fusion L4-5, pedicle screws L4-5, L4-5 laminectomy for decompression, local autograft.",
        "22633 63052 22840 22853 20936",
    ),
    (
        "tlif two levels with pelvic fixation",
        "Procedure: L4-5 and L5-S1 TLIF with interbody cages, posterolateral fusion L4 to S1, pedicle screw fixation L4 to S1 with bilateral iliac bolts, local autograft. Diagnosis: spondylolisthesis L4-5, L5-S1.",
        "22633 22634 22842 22848 22853x2 20936",
    ),
    (
        "tlif plus laminectomy elsewhere",
        "Diagnosis: L3-4 and L4-5 stenosis with claudication, L4-5 spondylolisthesis. Procedure: 1. L4-5 TLIF with cage and posterolateral fusion. 2. L4-5 laminectomy and facetectomy. 3. L3-4 laminectomy, medial facetectomy and foraminotomy. 4. Pedicle screws L4 to L5. 5. Local autograft.",
        "22633 63052 63047-59 22840 22853 20936",
    ),
    (
        "plif without posterolateral",
        "Procedure: L5-S1 PLIF with two PEEK cages and morselized allograft. Pedicle screws at L5 and S1. No posterolateral fusion was performed.",
        "22630 22840 22853 20930",
    ),
    (
        "interbody one level, posterolateral two",
        "Procedure: TLIF L4-5 with cage. Posterolateral fusion L3 to L5. Pedicle screw instrumentation L3 to L5. Local bone graft.",
        "22633 22614 22842 22853 20936",
    ),
    (
        "alif with plate",
        "Procedure: ALIF L5-S1 with PEEK cage and rhBMP-2, separate anterior plate L5-S1. The retroperitoneal approach was made and the disc removed.",
        "22558 22853 22845-59 20930",
    ),
    (
        "alif cosurgeon",
        "Procedure: Anterior lumbar interbody fusion L4-5 and L5-S1 with titanium cages and BMP. Dr. Vance performed the exposure.",
        "22558-62 22585-62 22853x2 20930",
    ),
    (
        "llif and posterior",
        "Diagnosis: degenerative scoliosis with stenosis. Procedure: 1. XLIF L2-3 and L3-4 with cages and BMP. 2. Posterolateral fusion L2 to L4 with local autograft. 3. Pedicle screws L2 to L4.",
        "22558 22585 22612 22614 22842 22853x2 20930 20936",
    ),
    (
        "removal and extension",
        "Procedure: 1. Removal of L4-S1 pedicle screws. 2. Exploration of fusion. 3. Posterolateral fusion L2 to L4 with local autograft. 4. Pedicle screws L2 to S1.",
        "22612 22614 22842 20936",
    ),
    (
        "hardware removal alone",
        "Diagnosis: painful hardware. Procedure: Removal of posterior segmental instrumentation L3 to L5.",
        "22852",
    ),
    (
        "deformity",
        "Diagnosis: adult scoliosis. Procedure: posterior spinal fusion T10 to S1, posterior segmental instrumentation T10 to S1 with iliac bolts, Ponte osteotomies at L1-2, L2-3 and L3-4, local autograft, cancellous allograft.",
        "22802 22843 22848 22214 22216x2 20936 20930",
    ),
    (
        "pso",
        "Diagnosis: flatback. Procedure: L3 pedicle subtraction osteotomy. Posterior fusion T10 to L5 and instrumentation T10 to L5. Local autograft.",
        "22207 22802 22843 20936",
    ),
    (
        "kyphoplasty two regions",
        "Diagnosis: osteoporotic fractures. Procedure: balloon kyphoplasty T12 and L1, bipedicular. A biopsy was taken.",
        "22513 22515",
    ),
    (
        "kyphoplasty lumbar",
        "Procedure: kyphoplasty L3. Diagnosis: osteoporotic compression fracture of L3.",
        "22514",
    ),
    ("vertebroplasty", "Procedure: vertebroplasty L2 and L4.", "22511 22512"),
    (
        "lumbar tfesi both sides",
        "Procedure: bilateral L5-S1 transforaminal epidural steroid injection with fluoroscopy.",
        "64483-50",
    ),
    (
        "cervical esi",
        "Procedure: C7-T1 interlaminar epidural steroid injection under fluoroscopy with contrast.",
        "62321",
    ),
    (
        "lumbar esi without imaging",
        "Procedure: L4-5 epidural steroid injection by loss of resistance.",
        "62322",
    ),
    ("caudal", "Procedure: caudal epidural steroid injection with fluoroscopic guidance.", "62323"),
    (
        "facet three joints",
        "Procedure: right L3-4, L4-5 and L5-S1 facet joint injections with fluoroscopy.",
        "64493-RT 64494-RT 64495-RT",
    ),
    (
        "medial branch blocks",
        "Procedure: left L3, L4 medial branch and L5 dorsal ramus blocks with fluoroscopy.",
        "64493-LT 64494-LT",
    ),
    (
        "cervical rfa",
        "Procedure: right C4, C5 and C6 medial branch radiofrequency ablation.",
        "64633-RT 64634-RT",
    ),
    ("si injection", "Procedure: left sacroiliac joint injection under fluoroscopy.", "27096-LT"),
    (
        "si fusion both",
        "Procedure: bilateral minimally invasive sacroiliac joint fusion with triangular implants.",
        "27279-50",
    ),
    (
        "scs trial",
        "Procedure: spinal cord stimulator trial with two percutaneous leads under fluoroscopy.",
        "63650x2",
    ),
    (
        "scs permanent paddle",
        "Procedure: 1. T9 laminectomy for placement of paddle lead. 2. Placement of implantable pulse generator.",
        "63655 63685",
    ),
    (
        "tumour",
        "Diagnosis: intradural meningioma T6. Procedure: T5-T7 laminectomy and resection of intradural meningioma with the operating microscope.",
        "63281 69990",
    ),
    (
        "washout",
        "Diagnosis: deep wound infection after lumbar fusion. Procedure: return to the operating room for irrigation and debridement of deep lumbar abscess.",
        "22015-78",
    ),
    (
        "planned only",
        "Assessment: lumbar stenosis L4-5. Plan: we discussed an L4-5 laminectomy and she will think about it.",
        "",
    ),
    (
        "history only",
        "History: prior L4-5 fusion in 2018 and ACDF C5-6 in 2014. Procedure: right L3-4 microdiscectomy. Diagnosis: herniated disc L3-4.",
        "63030-RT",
    ),
    (
        "navigation",
        "Procedure: L4-5 posterolateral fusion with stereotactic navigation, pedicle screws L4 and L5, local autograft.",
        "22612 22840 20936 61783",
    ),
    (
        "iliac crest",
        "Procedure: L4-5 posterolateral fusion with iliac crest bone graft harvested through a separate incision, pedicle screws L4 and L5.",
        "22612 22840 20937",
    ),
    (
        "running dictation",
        "This is Dr. Moss. We took Mr. Hale back for his left L4-5 disc herniation. After general anesthesia he was turned prone. A hemilaminotomy was made at L4-5 on the left and the herniated disc was removed. He had a laminectomy at L3-4 years ago, which we did not touch.",
        "63030-LT",
    ),
    (
        "running tlif",
        "We did a TLIF at L4-5 today for spondylolisthesis with stenosis. Pedicle screws were placed at L4 and L5 on both sides. A PEEK cage filled with local bone was placed. The transverse processes were decorticated and the rest of the bone was laid in the gutters.",
        "22633 22840 22853 20936",
    ),
    (
        "thoracic laminectomy",
        "Diagnosis: T10-11 thoracic stenosis with myelopathy. Procedure: T10-T11 laminectomy with medial facetectomies.",
        "63046",
    ),
    (
        "thoracic disc from the side",
        "Diagnosis: T8-9 disc herniation. Procedure: right T8-9 transpedicular discectomy.",
        "63055",
    ),
    (
        "c1 c2 fusion",
        "Procedure: C1-C2 posterior fusion with C1 lateral mass and C2 pedicle screws, iliac crest autograft.",
        "22595 22840 20937",
    ),
    (
        "occiput to c4",
        "Procedure: occipitocervical fusion occiput to C4 with instrumentation. Local autograft.",
        "22590 22600 22614 22842 20936",
    ),
    (
        "mis tlif",
        "PREOP DX: L5-S1 isthmic spondylolisthesis.\nPOSTOP DX: same.\nPROCEDURE: MIS TLIF L5/S1, expandable cage, percutaneous pedicle screws L5 and S1, BMP and local bone.\nTECHNIQUE: Facet was removed, disc prepared, cage placed.",
        "22630 22840 22853 20930 20936",
    ),
    (
        "bilateral laminotomies for stenosis",
        "Diagnosis: L3-4 and L4-5 lumbar stenosis. Procedure: bilateral L3-4 and L4-5 laminotomies, medial facetectomies and foraminotomies.",
        "63047 63048",
    ),
    (
        "level taken back",
        "Procedure: left L4-5, I'm sorry, left L5-S1 microdiscectomy. Diagnosis: herniated disc L5-S1.",
        "63030-LT",
    ),
    ("level taken back by no", "Procedure performed: right L3-4, no, L4-5 microdiscectomy.", "63030-RT"),
    ("side taken back", "Procedure: left, correction, right L4-5 microdiscectomy.", "63030-RT"),
    (
        "graft withdrawn",
        "Procedure: L4-5 posterolateral fusion, pedicle screws L4 and L5. Bone chips of allograft, scratch that, only local autograft was used.",
        "22612 22840 20936",
    ),
    (
        "aborted fusion",
        "Procedure: L4-5 laminectomy, facetectomy and foraminotomy, possible fusion. Diagnosis: stenosis L4-5. Description: The level was stable so no fusion was done.",
        "63047",
    ),
    (
        "one level left alone",
        "Diagnosis: stenosis L3-4, L4-5. Operation: L3-4 and L4-5 laminectomy, medial facetectomy and foraminotomy. Details of procedure: The L4-5 level was decompressed. At L3-4 the canal was wide and nothing was done there.",
        "63047",
    ),
    (
        "screws in three bones for two fused levels",
        "Procedure: L3-4 and L4-5 posterolateral fusion with segmental pedicle screw instrumentation. Local bone.",
        "22612 22614 22842 20936",
    ),
    (
        "crosses the thoracolumbar border",
        "Procedure: Posterior fusion T11 to L2 with pedicle screws T11, T12, L1 and L2, allograft chips. Diagnosis: T12 burst fracture.",
        "22610 22614x2 22842 20930",
    ),
    (
        "epidural haematoma",
        "Diagnosis: postoperative epidural hematoma. Procedure: return to the operating room, L4 laminectomy and evacuation of epidural hematoma.",
        "63267-78",
    ),
    (
        "generator only",
        "Procedure: replacement of implantable pulse generator for spinal cord stimulator.",
        "63685",
    ),
    ("selective root block", "Procedure: right C6 selective nerve root block under fluoroscopy.", "64479-RT"),
    (
        "three level tfesi",
        "Procedure: left L3-4, L4-5 and L5-S1 transforaminal epidural steroid injections under fluoroscopy.",
        "64483-LT 64484-LTx2",
    ),
    (
        "rfa lumbar joints",
        "Procedure: radiofrequency ablation of the left L4-5 and L5-S1 facet joints.",
        "64635-LT 64636-LT",
    ),
    (
        "alif and posterior same day",
        "Procedures: 1. ALIF L5-S1 with cage and allograft chips. 2. Posterior spinal fusion L5-S1 with local autograft. 3. Pedicle screws L5-S1.",
        "22558 22612 22840 22853 20930 20936",
    ),
    (
        "acdf above posterior fusion",
        "Procedures: 1. ACDF C5-6 with structural allograft and anterior plate. 2. Posterior cervical fusion C4 to C7 with lateral mass screws C4-C7 and local autograft.",
        "22551 22845 20931 22600 22614x2 22842 20936",
    ),
    (
        "gill",
        "Diagnosis: L5-S1 isthmic spondylolisthesis. Procedure: L5 Gill laminectomy with posterolateral fusion L5-S1, pedicle screws L5 and S1, local bone graft.",
        "63012 22612 22840 20936",
    ),
    (
        "lumbar arthroplasty",
        "Procedure: L5-S1 total disc replacement through a retroperitoneal approach.",
        "22857",
    ),
    (
        "follow up visit",
        "Established patient follow-up visit. Assessment: lumbar stenosis L4-5. I spent a total of 32 minutes on this visit.",
        "99214",
    ),
    (
        "tethered words",
        "Procedure: C4-C6 anterior cervical diskectomy and interbody fusion. Implants: two titanium interbody cages filled with demineralized bone matrix; 40 mm plate with six screws. Description: microscope used, posterior longitudinal ligament removed.",
        "22551 22552 22845-59 22853x2 20930",
    ),
    (
        "long list in one sentence",
        "PREOPERATIVE DIAGNOSIS: Cervical spondylosis C5-C6, C6-C7 with cord compression.\nOPERATION PERFORMED: Anterior cervical discectomy, osteophytectomy, foraminotomies, spinal cord decompression, and fusion with machined allografts at C5-C6 and C6-C7, anterior titanium plate C5 through C7, and intraoperative monitoring.\nDESCRIPTION OF PROCEDURE: The platysma was split.",
        "22551 22552 22845 20931",
    ),
    (
        "microdiscectomy with laminotomy words",
        "TITLE OF OPERATION: Lumbar laminotomy and microdiscectomy, L4-L5, left.\nDESCRIPTION OF OPERATION: A partial hemilaminectomy of L4 was performed. Foraminotomy was performed. The extruded fragment was removed.\nPREOPERATIVE DIAGNOSIS: Herniated lumbar disk.",
        "63030-LT",
    ),
    (
        "laminectomy at several levels by bones",
        "PREOPERATIVE DIAGNOSIS: Lumbar stenosis.\nPROCEDURE PERFORMED: Decompressive lumbar laminectomies L3, L4, and L5 with foraminotomies.\nPROCEDURE: The patient was placed prone.",
        "63047 63048x2",
    ),
    (
        "epidural metastasis",
        "PREOPERATIVE DIAGNOSIS: Metastatic tumor T5 with cord compression.\nOPERATION: T4 through T6 laminectomy for resection of epidural tumor, posterior fusion T3 to T7, pedicle screws T3, T4, T6 and T7, allograft chips.",
        "63276 22610 22614x3 22842 20930",
    ),
    (
        "vertebrectomy",
        "PROCEDURES PERFORMED:\n1. C6 corpectomy with decompression of the spinal cord.\n2. Anterior arthrodesis C5 to C7 with fibular allograft strut.\n3. Anterior plate fixation C5 to C7.",
        "63081 22554 22585 22845 20931",
    ),
    (
        "screws removed and replaced",
        "PROCEDURE: 1. Removal of loose L5 pedicle screws. 2. Revision posterolateral fusion L4-S1 with iliac crest autograft. 3. Pedicle screw instrumentation L4-S1.\nDIAGNOSIS: Pseudarthrosis L5-S1.",
        "22612 22614 22842 20937",
    ),
    (
        "plate with cages in different words",
        "OPERATION:\n1. Anterior cervical discectomy at C4-C5 and C5-C6 for neural decompression.\n2. Anterior interbody fusion at C4-C5 and C5-C6 using carbon fiber cages and demineralized bone.\n3. Anterior instrumentation C4-C6 with locking plate.",
        "22551 22552 22845-59 22853x2 20930",
    ),
    (
        "facet blocks thoracic",
        "PROCEDURE: Left T9-T10 and T10-T11 facet joint injections under fluoroscopic guidance.",
        "64490-LT 64491-LT",
    ),
    (
        "esi with numbers in the text",
        "OPERATION: Lumbar epidural steroid injection at L3-L4 under fluoroscopic guidance. After the skin wheal a 20-gauge Tuohy needle was advanced. 80 mg of methylprednisolone and 4 cc of saline were injected.",
        "62323",
    ),
    (
        "indications name other work",
        "INDICATIONS: She had failed epidural injections and physical therapy. We discussed fusion versus laminectomy.\nOPERATION: L3-L4 bilateral laminectomy with foraminotomies and medial facetectomies.\nPOSTOPERATIVE DIAGNOSIS: Spinal stenosis L3-L4.",
        "63047",
    ),
    (
        "risks name other work",
        "PROCEDURE: Right L5-S1 lumbar discectomy.\nCONSENT: Risks including dural tear, infection, need for fusion and instrumentation were explained.\nPOSTOPERATIVE DIAGNOSIS: HNP L5-S1 right.",
        "63030-RT",
    ),
    (
        "360 lumbar",
        "PROCEDURES:\n1. Anterior lumbar interbody fusion, L4-5 and L5-S1, with femoral ring allografts.\n2. Posterior spinal fusion, L4 to S1.\n3. Segmental pedicle screw instrumentation, L4 to S1.\n4. Local bone graft.",
        "22558 22585 22612 22614 22842 20931 20936",
    ),
    (
        "plif two level with laminectomy",
        "POSTOPERATIVE DIAGNOSIS: Degenerative disc disease L4-L5, L5-S1 with stenosis.\nPROCEDURE: L4 and L5 laminectomies with facetectomies; posterior lumbar interbody fusion L4-L5 and L5-S1 with interbody cages; posterolateral fusion L4 to S1; pedicle screws L4, L5, S1; local autograft.",
        "22633 22634 63052 63053 22842 22853x2 20936",
    ),
    (
        "dural repair",
        "PROCEDURE: L4-L5 laminectomy, facetectomy and foraminotomy with repair of dural tear. DIAGNOSIS: stenosis L4-5.",
        "63047",
    ),
    (
        "bone marrow",
        "PROCEDURE: L4-L5 posterolateral fusion using allograft chips and bone marrow aspirate from the iliac crest through a separate incision; pedicle screws L4-L5.",
        "22612 22840 20930 20939",
    ),
    (
        "kyphoplasty three",
        "PROCEDURE PERFORMED: Kyphoplasty at T11, L1 and L3.\nDIAGNOSIS: Multiple osteoporotic compression fractures.",
        "22513 22515x2",
    ),
    (
        "pump",
        "PROCEDURE: Implantation of intrathecal pump and intrathecal catheter for spasticity.",
        "62362 62350",
    ),
    ("lumbar sympathetic", "PROCEDURE: Left lumbar sympathetic block at L3 under fluoroscopy.", "64520-LT"),
    (
        "cervical medial branch",
        "PROCEDURE: Bilateral C4 and C5 medial branch blocks with fluoroscopy.",
        "64490-50",
    ),
    (
        "si rfa is not facet",
        "PROCEDURE: Radiofrequency ablation of the right L5 dorsal ramus and S1, S2 and S3 lateral branches for sacroiliac pain.",
        "64625-RT",
    ),
    ("basivertebral", "PROCEDURE: Basivertebral nerve ablation L4, L5 and S1.", "64628 64629"),
    (
        "interspinous",
        "PROCEDURE: L4-5 laminotomy with placement of interspinous process device. DIAGNOSIS: L4-5 stenosis.",
        "22867",
    ),
    (
        "leads removed",
        "PROCEDURE: Removal of percutaneous spinal cord stimulator leads and removal of the pulse generator.",
        "63661 63688",
    ),
    ("open si", "PROCEDURE: Open right sacroiliac joint fusion with iliac crest graft.", "27280-RT"),
    (
        "rambling acdf",
        "Okay so this is a fifty year old with a C5-6 herniation and arm pain. We went in on the left side of the neck, split the platysma, got down to the spine and put Caspar pins in C5 and C6. The disc came out, I drilled the spurs and opened the ligament, both foramina were wide. A seven millimeter PEEK cage with putty went in at C5-6 and then a separate anterior plate was screwed to C5 and C6. No complications.",
        "22551 22853 22845-59 20930",
    ),
    (
        "rambling laminectomy",
        "Mrs. Oak has bad stenosis at L3-4 and L4-5 with neurogenic claudication. After anesthesia we turned her prone. I did a laminectomy at L3-4 and L4-5, undercut the facets on both sides and did foraminotomies for the L4 and L5 roots. We talked about a fusion beforehand but there was no slip so none was done.",
        "63047 63048",
    ),
    (
        "staged, first stage only",
        "PROCEDURE: Stage one, ALIF L4-5 and L5-S1 with cages and BMP.\nPLAN: Posterior fusion L4 to S1 with pedicle screws on Thursday.",
        "22558 22585 22853x2 20930",
    ),
    (
        "screws stimulated",
        "PROCEDURES:\n1. L4-5 TLIF, left sided approach, interbody cage.\n2. L4-5 posterolateral arthrodesis.\n3. L4, L5 pedicle screws, stimulated with EMG.\n4. Harvest of local autograft; demineralized bone matrix.\nPOSTOPERATIVE DIAGNOSIS: L4-5 spondylolisthesis.",
        "22633 22840 22853 20936 20930",
    ),
    (
        "old implants mentioned",
        "Diagnosis: adjacent segment stenosis L3-4. History: L4-5 fusion with screws 2016. Operation: L3-4 laminectomy, medial facetectomies and foraminotomies. Description: The old L4 screws were seen and left alone. No instrumentation was placed.",
        "63047",
    ),
    (
        "biopsy only by needle",
        "Procedure: L2 vertebroplasty with core biopsy of L2 under fluoroscopy.",
        "22511",
    ),
    (
        "left right two levels",
        "Procedure: right L3-4 and left L4-5 microdiscectomy. Diagnosis: herniated discs.",
        "63030-RT 63035-LT",
    ),
    (
        "three level acdf with structural allograft",
        "POSTOP DX: Cervical stenosis C4-C7.\nOP: C4-5, C5-6, C6-7 ACDF w/ corticocancellous allograft spacers; anterior plate C4-C7.",
        "22551 22552x2 22846 20931",
    ),
    (
        "lateral with plate",
        "Procedure: L3-4 lateral interbody fusion via left transpsoas approach with cage and DBM, separate lateral plate L3-L4.",
        "22558 22853 22845-59 20930",
    ),
    (
        "facet fusion percutaneous",
        "Procedure: L4-5 decompression and instrumented posterolateral fusion with pedicle screws, local autograft. Diagnosis: L4-5 stenosis and spondylolisthesis. A laminectomy with foraminotomies was done.",
        "22612 22840 63047 20936",
    ),
    (
        "both sides dictated apart",
        "Procedure: right and left L5-S1 transforaminal epidural steroid injections under fluoroscopy.",
        "64483-50",
    ),
    (
        "hematoma drained at bedside is not this",
        "Procedure: right C5-6 facet joint injection under fluoroscopy. History of hematoma after blood thinner.",
        "64490-RT",
    ),
];
