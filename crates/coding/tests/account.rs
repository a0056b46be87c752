//! Whole operations told in many ways (letters, prose, implant tables, acts without names, headings that say too
//! much), and the codes they bear: notes written for these tests in `account.txt`, each under a line with its name
//! and codes.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};

fn codes(text: &str) -> Vec<String> {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let coding = code(&Transcript::typed(text), &ctx, Reader::Rules, None);
    let mut out: Vec<String> = coding.lines.iter().map(|l| l.code.as_str().to_owned()).collect();
    out.sort();
    out
}

#[test]
fn operations_told_in_many_ways() {
    let mut wrong = vec![];
    let mut n = 0;
    for note in include_str!("account.txt").split("### ").filter(|n| !n.trim().is_empty()) {
        let (head, text) = note.split_once('\n').unwrap_or((note, ""));
        let (name, want) = head.split_once('|').unwrap_or((head, ""));
        let mut want: Vec<String> =
            want.split_whitespace().map(|c| c.split('x').next().unwrap_or(c).to_owned()).collect();
        want.sort();
        let got = codes(text.trim());
        n += 1;
        if got != want {
            wrong.push(format!("{}\n   got  {got:?}\n   want {want:?}", name.trim()));
        }
    }
    assert!(n > 55);
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}
