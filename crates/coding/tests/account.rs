//! Whole operations told in many ways (letters, prose, implant tables, acts without names, headings that say too
//! much), and the codes they bear: notes written for these tests in `account.txt`, each under a line with its name
//! and codes.

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code, correct};

/// The codes of a note with their units.
///
/// `heard`: as a recogniser wrote it, so that misheard words are mended first.
fn codes(text: &str, heard: bool) -> Vec<(String, u32)> {
    let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
    let typed = Transcript::typed(text);
    let transcript =
        if heard { correct(&Transcript { model: "small.en".to_owned(), ..typed }) } else { typed };
    let coding = code(&transcript, &ctx, Reader::Rules, None);
    let mut out: Vec<(String, u32)> =
        coding.lines.iter().map(|l| (l.code.as_str().to_owned(), l.units)).collect();
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
        // Units count where the line says them: "22614x2".
        let mut want: Vec<(&str, Option<u32>)> = want
            .split_whitespace()
            .map(|c| c.split_once('x').map_or((c, None), |(c, units)| (c, units.parse().ok())))
            .collect();
        want.sort_unstable();
        let got = codes(text.trim(), name.contains("misheard"));
        n += 1;
        let same = got.len() == want.len()
            && got.iter().zip(&want).all(|(g, w)| g.0 == w.0 && w.1.is_none_or(|u| u == g.1));
        if !same {
            wrong.push(format!("{}\n   got  {got:?}\n   want {want:?}", name.trim()));
        }
    }
    assert!(n > 140);
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}
