//! What is found for what is typed.

use iambilly_icd10cm::{Edition, Editions};
use proptest::prelude::*;
use std::sync::Arc;

fn icd() -> &'static Arc<Edition> {
    Editions::shipped().on(jiff::civil::date(2026, 2, 2))
}

fn first(query: &str) -> String {
    icd().search(query, 5).first().map(|h| h.code.clone()).unwrap_or_default()
}

#[test]
fn what_is_typed_finds_the_code_first() {
    let mut wrong = vec![];
    for (typed, code) in [
        ("sten lum clau", "M48.062"),
        ("clau sten lum", "M48.062"),
        ("lumbar stenosis with claud", "M48.062"),
        ("M48.062", "M48.062"),
        ("m48062", "M48.062"),
        ("M48.06", "M48.06"),
        ("S32010A", "S32.010A"),
        ("hnp l4-5", "M51.26"),
        ("hnp l5-s1", "M51.27"),
        ("herniated disc c5-6", "M50.222"),
        ("c56 disc radic", "M50.122"),
        ("c6-7 disc myelo", "M50.023"),
        ("cerv sten", "M48.02"),
        ("spondylolisthesis lumbar", "M43.16"),
        ("listhesis l5-s1", "M43.17"),
        ("fbss", "M96.1"),
        ("post laminectomy", "M96.1"),
        ("pseudoarthrosis fusion", "M96.0"),
        ("low back pain", "M54.50"),
        ("lbp vertebrogenic", "M54.51"),
        ("neck pain", "M54.2"),
        ("sciatica right", "M54.31"),
        ("si dysfunction", "M53.3"),
        ("synovial cyst", "M71.38"),
        ("wedge fx first lumbar", "S32.010"),
        ("wedge compression l1", "S32.010"),
        ("compression t12", "S22.080"),
        ("osteoporotic compression fx", "M80.08"),
        ("discitis lumbar", "M46.46"),
        ("cauda equina", "G83.4"),
        ("ais thoracic", "M41.124"),
        ("flatback lumbar", "M40.36"),
        ("arthrodesis status", "Z98.1"),
        ("type 2 diab polyneuropathy", "E11.42"),
        ("htn essential", "I10"),
        ("morbid obesity", "E66.01"),
        ("cerv myelopathy spondylosis", "M47.12"),
        ("lumbar stenosos claudicaton", "M48.062"),
        ("spondylolisthsis lumbar", "M43.16"),
        ("stensois cervcal", "M48.02"),
    ] {
        let got = first(typed);
        if got != code {
            let five: Vec<_> =
                icd().search(typed, 4).iter().map(|h| format!("{} {}", h.code, h.title)).collect();
            wrong.push(format!("{typed}: {got} not {code}\n     {}", five.join("\n     ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hits_say_what_they_are() {
    let hit = &icd().search("S32.010", 3)[0];
    assert_eq!((hit.code.as_str(), hit.billable, hit.needs), ("S32.010", false, "ABDGKS"));
    let hit = &icd().search("s32.010d", 3)[0];
    assert!(hit.billable && hit.seventh.unwrap().contains("routine healing"));
    let hits = icd().search("spinal stenosis", 200);
    let billable: Vec<bool> = hits.iter().map(|h| h.billable).collect();
    assert!(billable.is_sorted_by_key(|b| !b), "headings come last");
    assert!(icd().search("", 9).is_empty() && icd().search("  , ", 9).is_empty());
    assert!(icd().search("qqqqqq zzzzzz", 9).is_empty());
    assert!(icd().search("stenosis", 0).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Words of a title, cut short and shuffled, find the code.
    #[test]
    fn beginnings_of_title_words_find_their_code(n in 0_usize..4000, cut in 3_usize..9, turn in 0_usize..7) {
        let codes = icd().billable_under("M48", 100).into_iter().chain(icd().billable_under("M50", 100)).chain(icd().billable_under("S32", 400)).collect::<Vec<_>>();
        let code = &codes[n % codes.len()];
        let title = icd().title(code).unwrap();
        let mut words: Vec<String> = title.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(|w| w.chars().take(cut).collect()).collect();
        let turn = turn % words.len();
        words.rotate_left(turn);
        words.truncate(12);
        let query = words.join(" ");
        let hits = icd().search(&query, usize::MAX);
        let node = icd().parents(code).into_iter().chain([code.clone()]).find(|c| icd().title(c) == Some(title)).unwrap();
        prop_assert!(hits.iter().any(|h| h.code == *code || h.code == node), "{} for {:?}", code, query);
    }

    /// Whatever is typed, the search answers, with codes of the edition.
    #[test]
    fn any_text_is_answered(query in "\\PC{0,40}") {
        for hit in icd().search(&query, 20) {
            prop_assert!(icd().is_valid(&hit.code), "{}", hit.code);
        }
    }
}
