//! What must be told before a code is billed, and where it was done: notes written for these tests in `grounds.txt`,
//! each under a line with its name and lines (`22614x2@C5-C6,C6-C7`: units, modifiers and levels where they are said).

use iambilly_claim::{CodedLine, Transcript};
use iambilly_coding::{Context, Reader, code};

/// A line as the head of a note writes it.
struct Wanted<'a> {
    code: &'a str,
    modifiers: Option<Vec<&'a str>>,
    units: u32,
    levels: Option<Vec<&'a str>>,
}

impl<'a> Wanted<'a> {
    fn read(text: &'a str) -> Self {
        let (head, levels) =
            text.split_once('@').map_or((text, None), |(h, l)| (h, Some(l.split(',').collect())));
        let (head, units) = head.split_once('x').map_or((head, 1), |(h, u)| (h, u.parse().unwrap_or(0)));
        let mut parts = head.split('-');
        let code = parts.next().unwrap_or("");
        let modifiers: Vec<&str> = parts.collect();
        Self { code, modifiers: (!modifiers.is_empty()).then_some(modifiers), units, levels }
    }

    fn is(&self, line: &CodedLine) -> bool {
        let levels: Vec<String> = line.levels.iter().map(ToString::to_string).collect();
        let modifiers: Vec<&str> = line.modifiers.iter().map(AsRef::as_ref).collect();
        line.code.as_str() == self.code
            && line.units == self.units
            && self.modifiers.as_ref().is_none_or(|m| *m == modifiers)
            && self.levels.as_ref().is_none_or(|l| *l == levels)
    }
}

fn told(line: &CodedLine) -> String {
    let levels: Vec<String> = line.levels.iter().map(ToString::to_string).collect();
    let modifiers: String = line.modifiers.iter().map(|m| format!("-{}", m.as_str())).collect();
    format!("{}{modifiers}x{}@{}", line.code.as_str(), line.units, levels.join(","))
}

#[test]
fn a_code_stands_on_what_is_told() {
    let mut wrong = vec![];
    let mut n = 0;
    for note in include_str!("grounds.txt").split("### ").filter(|n| !n.trim().is_empty()) {
        let (head, text) = note.split_once('\n').unwrap_or((note, ""));
        let (name, want) = head.split_once('|').unwrap_or((head, ""));
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        let coding = code(&Transcript::typed(text.trim()), &ctx, Reader::Rules, None);
        let want: Vec<Wanted<'_>> = want.split_whitespace().map(Wanted::read).collect();
        let same =
            want.len() == coding.lines.len() && want.iter().all(|w| coding.lines.iter().any(|l| w.is(l)));
        n += 1;
        if !same {
            let got: Vec<String> = coding.lines.iter().map(told).collect();
            wrong.push(format!(
                "{}\n   got  {}\n   want{}",
                name.trim(),
                got.join(" "),
                head.split_once('|').map_or("", |h| h.1)
            ));
        }
    }
    assert!(n >= 100, "{n}");
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}
