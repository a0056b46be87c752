//! Where the sections of an operative note stand in its text.

/// A section; offsets in Unicode scalars, without a gap from one to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// First scalar, of the heading where there is one.
    pub(super) start: usize,
    /// The heading as it stands, without its punctuation; none for what stands before the first.
    pub(super) title: Option<String>,
    /// First scalar of the words behind the heading, white space left out.
    pub(super) body: usize,
    /// One past the last scalar of its words, white space left out.
    pub(super) end: usize,
}

/// Headings of operative and office notes, the longer before those they begin with.
const HEADINGS: [&str; 43] = [
    "preoperative diagnoses",
    "preoperative diagnosis",
    "pre-operative diagnosis",
    "postoperative diagnoses",
    "postoperative diagnosis",
    "post-operative diagnosis",
    "procedures performed",
    "procedure performed",
    "operations performed",
    "operation performed",
    "procedure details",
    "details of procedure",
    "details of the procedure",
    "description of procedure",
    "description of the procedure",
    "description of operation",
    "description of the operation",
    "indications for procedure",
    "indications for surgery",
    "indications",
    "indication",
    "operative findings",
    "findings",
    "operative note",
    "operative report",
    "estimated blood loss",
    "complications",
    "neuromonitoring",
    "anesthesia",
    "implants",
    "implant",
    "specimens",
    "specimen",
    "drains",
    "disposition",
    "surgeon",
    "co-surgeon",
    "first assistant",
    "assistants",
    "assistant",
    "addendum",
    "procedures",
    "procedure",
];
/// Of office visits, and the rest.
const MORE: [&str; 15] = [
    "chief complaint",
    "history of present illness",
    "interval history",
    "history",
    "examination",
    "exam",
    "imaging",
    "data reviewed",
    "assessment and plan",
    "assessment",
    "total time",
    "time",
    "plan",
    "condition",
    "diagnosis",
];

/// The sections of a text, in order; `titles` are headings that the template has beside the usual ones.
pub(super) fn sections(text: &str, titles: &[&str]) -> Vec<Section> {
    let chars: Vec<char> = text.chars().collect();
    let mut names: Vec<Vec<char>> = titles
        .iter()
        .copied()
        .chain(HEADINGS)
        .chain(MORE)
        .map(|t| t.to_lowercase().chars().collect())
        .filter(|t: &Vec<char>| !t.is_empty())
        .collect();
    names.sort_by_key(|n| std::cmp::Reverse(n.len()));
    names.dedup();
    let mut found: Vec<(usize, usize, usize)> = vec![];
    let mut at = 0;
    while at < chars.len() {
        let heading =
            begins(&chars, at).then(|| names.iter().find_map(|name| heading(&chars, at, name))).flatten();
        match heading {
            Some((end, body)) => {
                found.push((at, end, body));
                at = body.max(at + 1);
            }
            None => at += 1,
        }
    }
    let piece = |from: usize, to: usize| chars.get(from..to).unwrap_or(&[]).iter().collect::<String>();
    let trimmed = |mut from: usize, mut to: usize| {
        let blank = |at: usize| chars.get(at).is_none_or(|c| c.is_whitespace());
        while from < to && blank(from) {
            from += 1;
        }
        while from < to && blank(to - 1) {
            to -= 1;
        }
        (from, to)
    };
    let mut out = vec![];
    let first = found.first().map_or(chars.len(), |f| f.0);
    let (body, end) = trimmed(0, first);
    if body < end {
        out.push(Section { start: 0, title: None, body, end });
    }
    for (n, (start, title, body)) in found.iter().copied().enumerate() {
        let next = found.get(n + 1).map_or(chars.len(), |f| f.0);
        let (body, end) = trimmed(body, next);
        out.push(Section { start, title: Some(piece(start, title)), body, end });
    }
    out
}

/// Whether a heading can begin here: at the start of the text, of a line, or of a sentence.
fn begins(chars: &[char], at: usize) -> bool {
    let mut before = chars.get(..at).unwrap_or(&[]).iter().rev();
    let Some(last) = before.next() else { return true };
    if *last == '\n' {
        return true;
    }
    if !last.is_whitespace() {
        return false;
    }
    match before.find(|c| !matches!(c, ' ' | '\t')) {
        None | Some('\n' | '.' | ';' | ':' | '!' | '?') => true,
        Some(_) => false,
    }
}

/// The end of the heading and of its punctuation, where these words stand as one.
fn heading(chars: &[char], at: usize, name: &[char]) -> Option<(usize, usize)> {
    let words = chars.get(at..at + name.len())?;
    let same = words.iter().zip(name).all(|(a, b)| a.to_lowercase().next() == Some(*b));
    if !same {
        return None;
    }
    let end = at + name.len();
    let mut stop = end;
    while matches!(chars.get(stop), Some(' ' | '\t')) {
        stop += 1;
    }
    match chars.get(stop) {
        // A full stop ends a heading that stands by itself, as it is dictated: "Findings. The disc was …".
        Some(':' | '.') => Some((end, stop + 1)),
        None | Some('\n') => Some((end, stop)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::sections;

    fn cut(text: &str, titles: &[&str]) -> Vec<(Option<String>, String)> {
        let chars: Vec<char> = text.chars().collect();
        sections(text, titles).into_iter().map(|s| (s.title, chars[s.body..s.end].iter().collect())).collect()
    }

    #[test]
    fn headings_typed_and_dictated_part_a_note() {
        let of = |t: &str, b: &str| (Some(t.to_owned()), b.to_owned());
        for (text, titles, want) in [
            (
                "Postoperative diagnosis: left L4-5 disc herniation.\nProcedure performed: microdiscectomy.\n\nFindings\nA free fragment.",
                vec![],
                vec![
                    of("Postoperative diagnosis", "left L4-5 disc herniation."),
                    of("Procedure performed", "microdiscectomy."),
                    of("Findings", "A free fragment."),
                ],
            ),
            (
                "The patient was seen. Procedure. A tubular microdiscectomy. Estimated blood loss. 20 mL.",
                vec![],
                vec![
                    (None, "The patient was seen.".to_owned()),
                    of("Procedure", "A tubular microdiscectomy."),
                    of("Estimated blood loss", "20 mL."),
                ],
            ),
            (
                "The procedure: it went well, and findings were none.",
                vec![],
                vec![(None, "The procedure: it went well, and findings were none.".to_owned())],
            ),
            ("Wundverschluß: Fäden.", vec!["Wundverschluß"], vec![of("Wundverschluß", "Fäden.")]),
            ("", vec![], vec![]),
            (
                "ANESTHESIA:\nADDENDUM: the side was left.",
                vec![],
                vec![of("ANESTHESIA", ""), of("ADDENDUM", "the side was left.")],
            ),
        ] {
            assert_eq!(cut(text, &titles), want, "{text}");
        }
    }

    #[test]
    fn sections_stand_in_order_and_within_the_text() {
        // Every text of up to four of these pieces.
        let pieces = ["Findings: ", "Procedure. ", "the disc, é", "\n", ". ", "addendum "];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            let longer: Vec<_> =
                texts.iter().flat_map(|t| pieces.iter().map(move |p| format!("{t}{p}"))).collect();
            texts.extend(longer);
        }
        for text in texts {
            let (length, mut reached) = (text.chars().count(), 0);
            for s in sections(&text, &[]) {
                assert!(
                    s.start >= reached && s.start <= s.body && s.body <= s.end && s.end <= length,
                    "{text:?}"
                );
                reached = s.end;
            }
        }
    }
}
