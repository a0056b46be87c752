//! The two readers together: agreement, doubt, and what the model alone cannot do.

use iambilly_claim::{Coding, ReadBy, Transcript};
use iambilly_coding::{Context, Reader, code, llm};

const NOTE: &str = "Procedure: L4-5 posterolateral fusion with pedicle screws at L4 and L5 and local autograft. Description: The gutters were packed. A dream catcher was placed at the foot of the bed.";

fn read(reader: Reader, reply: &str) -> Coding {
    let t = Transcript::typed(NOTE);
    let p = llm::parse(&[reply.to_owned()], &t);
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    code(&t, &ctx, reader, Some(&p))
}

fn codes(c: &Coding) -> Vec<&str> {
    c.lines.iter().map(|l| l.code.as_str()).collect()
}

const QUOTES: &str = r#"{"items":[{"type":"procedure","quote":"L4-5 posterolateral fusion"},{"type":"implant","quote":"pedicle screws at L4 and L5"}]}"#;

#[test]
fn agreement_raises_confidence() {
    let alone = read(Reader::Rules, QUOTES);
    let both = read(Reader::Both, QUOTES);
    assert_eq!(codes(&alone), ["22612", "22840", "20936"]);
    assert_eq!(codes(&alone), codes(&both));
    assert_eq!((alone.lines[0].source, both.lines[0].source), (ReadBy::Rules, ReadBy::Both));
    assert!(both.lines[0].confidence > alone.lines[0].confidence);
    assert_eq!(both.lines[2].source, ReadBy::Rules);
}

#[test]
fn the_model_alone_counts_only_what_it_quoted() {
    let c = read(Reader::Llm, QUOTES);
    assert_eq!(codes(&c), ["22612", "22840"]);
    assert!(c.lines.iter().all(|l| l.source == ReadBy::Llm && l.confidence < 0.6));
    assert!(read(Reader::Llm, "{}").lines.is_empty());
}

#[test]
fn doubt_becomes_a_question_and_inventions_do_not_bill() {
    let c = read(
        Reader::Both,
        r#"{"items":[{"type":"not_done","quote":"L4-5 posterolateral fusion"},{"type":"procedure","quote":"L2-3 kyphoplasty"},{"type":"procedure","quote":"a dream catcher was placed"}]}"#,
    );
    assert_eq!(codes(&c), ["22612", "22840", "20936"]);
    assert!(c.lines[0].confidence < 0.6);
    assert!(c.queries.iter().any(|q| q.question.contains("disagree")));
    assert!(c.queries.iter().any(|q| q.evidence.iter().any(|e| e.quote.expose().contains("dream catcher"))));
}

proptest::proptest! {
    /// Any salad of the trade's words is read without a panic, and its evidence stands in the text.
    #[test]
    fn word_salad_is_survived(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..60)) {
        let text = words.join(" ");
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        let c = code(&Transcript::typed(text.clone()), &ctx, Reader::Rules, None);
        for l in &c.lines {
            proptest::prop_assert!(l.units > 0);
            proptest::prop_assert!(l.evidence.passages().iter().all(|e| e.matches(&text)));
        }
        for n in &c.not_billed {
            proptest::prop_assert!(c.lines.iter().all(|l| l.code != n.code));
        }
    }
}

const WORDS: &[&str] = &[
    "Procedure:",
    "Diagnosis:",
    "Preoperative diagnosis,",
    "Procedure performed",
    "Implants:",
    "Plan:",
    "same.",
    "L4-5",
    "L5 S1,",
    "C5-6",
    "C3 to C7",
    "T12",
    "L1",
    "T10 to S1",
    "occiput",
    "left",
    "right",
    "bilateral",
    "no",
    "not",
    "prior",
    "correction,",
    "scratch that",
    "and",
    "with",
    "fusion",
    "ACDF",
    "TLIF",
    "ALIF",
    "PLIF",
    "posterolateral fusion",
    "posterior spinal fusion",
    "interbody fusion",
    "corpectomy",
    "laminoplasty",
    "disc arthroplasty",
    "osteotomy",
    "pedicle subtraction osteotomy",
    "kyphoplasty",
    "vertebroplasty",
    "laminectomy",
    "laminotomy",
    "discectomy",
    "facetectomy",
    "foraminotomy",
    "decompression",
    "pedicle screws",
    "plate",
    "PEEK cage",
    "zero-profile",
    "allograft",
    "local autograft",
    "iliac crest",
    "BMP",
    "iliac bolts",
    "hardware removal",
    "exploration of fusion",
    "microscope",
    "fluoroscopy",
    "stenosis",
    "scoliosis",
    "spondylolisthesis",
    "herniated disc",
    "myelopathy",
    "radiculopathy",
    "fracture",
    "osteoporotic",
    "medial branch blocks",
    "facet injections",
    "transforaminal epidural",
    "radiofrequency ablation",
    "sacroiliac joint fusion",
    "paddle lead",
    "meningioma",
    "resection of tumor",
    "naïve",
    "\n",
    ".",
    ",",
    "was done.",
];
