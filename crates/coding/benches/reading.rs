//! Time to code notes with the deterministic reader, on one core, against the limits of the house.
//!
//! `cargo bench -p iambilly-coding` prints the median of each and fails above its limit. The peer is the
//! regular-expression engine itself: one case-insensitive pass of a single pattern over the same note.
#![allow(clippy::print_stdout)]

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code, correct};
use std::hint::black_box;
use std::time::{Duration, Instant};

const NOTE: &str = "PREOPERATIVE DIAGNOSIS: Lumbar stenosis with neurogenic claudication, L3-4 and L4-5; degenerative spondylolisthesis L4-5.\nPOSTOPERATIVE DIAGNOSIS: Same.\nPROCEDURES PERFORMED:\n1. L4-5 transforaminal lumbar interbody fusion with PEEK cage.\n2. L3-4 laminectomy with bilateral medial facetectomy and foraminotomy.\n3. L4-5 posterolateral arthrodesis with local autograft.\n4. Pedicle screw instrumentation L4 and L5.\nESTIMATED BLOOD LOSS: 250 mL.\nINDICATIONS: The patient is a 67-year-old who failed six months of physical therapy and epidural steroid injections. Risks including infection, dural tear and nonunion were discussed.\nDESCRIPTION OF PROCEDURE: ";
const BODY: &str = "The patient was brought to the operating room and intubated without difficulty, then turned prone onto the Jackson table with all pressure points padded. A midline incision was made and subperiosteal dissection exposed the laminae of L3, L4 and L5 out to the transverse processes. A lateral radiograph confirmed the levels. Pedicle screws, 6.5 x 45 mm, were placed at L4 and L5 bilaterally under fluoroscopy, and each was stimulated above 12 mA. The lamina of L3 was thinned with a burr and the ligamentum flavum removed; the thecal sac and both traversing L4 roots were free when a Woodson passed easily. On the left at L4-5 the facet was resected, the disc was incised and removed with pituitary rongeurs, and the endplates were prepared with curettes. The space was packed with local bone and a 10 mm cage was tapped into place. The transverse processes were decorticated and graft laid over them. Hemostasis was good. No dural tear was seen. ";

fn words(n: usize) -> String {
    let mut note = NOTE.to_owned();
    while note.split_whitespace().count() < n {
        note.push_str(BODY);
    }
    note
}

fn median(runs: usize, mut f: impl FnMut()) -> Duration {
    f();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let from = Instant::now();
            f();
            from.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let mut late = vec![];
    let mut report = |name: &str, time: Duration, limit: Option<Duration>| {
        let limit_words = limit.map_or_else(String::new, |l| format!("  limit {l:>10.2?}"));
        println!("{name:<48} {time:>10.2?}{limit_words}");
        if limit.is_some_and(|l| time > l) {
            late.push(name.to_owned());
        }
    };
    let note = words(2_000);
    let peer = regex::Regex::new(r"(?i)\b(?:laminectomy|arthrodesis|pedicle screws?|interbody)\b").ok();
    report(
        "one pattern over 2,000 words (peer)",
        median(21, || {
            black_box(peer.as_ref().map(|p| p.find_iter(&note).count()));
        }),
        None,
    );
    for (n, runs, limit) in [(500, 21, 20), (2_000, 21, 20), (20_000, 3, 400), (100_000, 1, 2_000)] {
        let t = Transcript::typed(words(n));
        report(
            &format!("code {n} words, typed"),
            median(runs, || {
                black_box(code(&t, &ctx, Reader::Rules, None));
            }),
            Some(Duration::from_millis(limit)),
        );
    }
    for (n, runs, limit) in [(2_000, 5, 40), (20_000, 1, 400)] {
        let mut t = Transcript::typed(words(n));
        t.model = "base".to_owned();
        report(
            &format!("mend {n} words, dictated"),
            median(runs, || {
                black_box(correct(&t));
            }),
            Some(Duration::from_millis(limit)),
        );
    }
    assert!(late.is_empty(), "slower than the limit: {}", late.join("; "));
}
