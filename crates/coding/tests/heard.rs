//! Misheard dictations, written for these tests: the lexicon and the readers together.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code, correct};

fn codes(text: &str) -> Vec<String> {
    let mut t = Transcript::typed(text);
    t.model = "base".to_owned();
    let t = correct(&t);
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let c = code(&t, &ctx, Reader::Rules, None);
    let mut out: Vec<String> = c.lines.iter().map(|l| l.code.to_string()).collect();
    out.sort();
    out
}

#[test]
fn misheard_dictations_still_code() {
    let cases: &[(&str, &[&str])] = &[
        (
            "Pre operative diagnosis, cervical spinosis with radiculapathy. Procedure preformed, anterior cervical dis ectomy and fusion at C4, C5 with inter body cage and anterior cervical plate.",
            &["22551", "22845", "22853"],
        ),
        (
            "Post-operative diagnosis, lumber stenosis with new regenic claudication. Procedure, L3 L4 laminectomy, medial face ectomy and for aminotomy.",
            &["63047"],
        ),
        (
            "Procedure performed, trans for aminal lumbar innerbody fusion L5 S1 with peak cage, pedical screw instrumentation L5 to S1, local auto graft.",
            &["20936", "22630", "22840", "22853"],
        ),
        (
            "Procedure, balloon kypho plasty at L2. Diagnosis, osteo parotic compression fracture L2.",
            &["22514"],
        ),
        ("Diagnosis, left L4 L5 dis cherniation. Procedure, left L4 L5 micro dissectomy.", &["63030"]),
        (
            "Procedure, right L5 S1 transfer aminal epidural steroid injection under floor oscopic guidance.",
            &["64483"],
        ),
        (
            "Procedure, L4 L5 postero lateral fusion with pedicle crews L4 and L5 and local bone graft.",
            &["20936", "22612", "22840"],
        ),
        ("Procedure, lumbar a pedural steroid injection at L4 L5 with flora scopic guidance.", &["62323"]),
    ];
    let mut wrong = vec![];
    for (text, want) in cases {
        let got = codes(text);
        if got != *want {
            let mut t = Transcript::typed(*text);
            t.model = "base".to_owned();
            wrong.push(format!("{}\n   got {got:?} want {want:?}", correct(&t).text.expose()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
