//! Headings: typed on their own line or dictated within a running text, and the part each begins.

use super::{Part, shape, spoken};
use crate::text::{Doc, all, re};

re!(
    HEADING,
    concat!(
        r"(?m)(?P<lead>^[ \t*#>.\d)-]*|[.;:]\s+|,\s*|\n\s*)(?P<name>",
        // Diagnoses.
        r"pre[- ]?(?:op\w*|procedur\w*)?\s*(?:and|&|/)\s*post[- ]?(?:op\w*|procedur\w*)?\s*(?:diagnos[ei]s|dx)|",
        r"pre[- ]?op\w*\s*(?:diagnos[ei]s|dx)\s*(?:and|&|/)\s*post[- ]?op\w*\s*(?:diagnos[ei]s|dx)|",
        r"pre/post(?:[- ]?op\w*)?(?:\s*(?:diagnos[ei]s|dx))?|(?:diagnos[ei]s|dx) (?:pre|post)\b(?:[- ]?op\w*)?|",
        r"(?:diagnos[ei]s|dx) \(pre and post\)|",
        r"pre[- ]?(?:oper\w*|op|procedur\w*)(?: to)?\s*(?:diagnos[ei]s|dx)|",
        r"post[- ]?(?:oper\w*|op|procedur\w*)\s*(?:diagnos[ei]s|dx)|",
        r"diagnos[ei]s (?:before|after) (?:the )?(?:operation|surgery|procedure)|pre-?op(?:erative)?|post-?op(?:erative)?|(?:pre|post)[- ]?(?:diagnos[ei]s|dx)|",
        r"(?:admitting |final |principal |working )?diagnos[ei]s|dx|assessment(?: (?:and|&) plan)?|a/p|impression|",
        // What was planned and not, or not yet, done.
        r"(?:procedures?|operations?|surgery|surgical procedures?)(?:\(s\))? (?:scheduled|planned|booked|intended|proposed|not performed)|(?:planned|scheduled|intended|proposed|not performed|not done)(?: (?:procedures?|operations?|surgery))?|",
        // The narrative: before the list of procedures, whose names it contains.
        r"(?:brief )?(?:description|details?) of (?:the )?(?:procedures?|operation|surgery)|",
        r"procedures? (?:in detail|details?|description|narrative)|text|operative (?:technique|description|narrative|details?|procedure in detail|course)|",
        r"what (?:was|i|we) (?:done|did)|findings ?/ ?(?:procedure|technique|description)|steps|operative report|operation in detail|(?:surgical )?technique|narrative|details?|description|summary|procedure note|op note|operative note|",
        r"addendum|late entry|",
        // Lists of procedures.
        r"procedures?(?:\(s\))? (?:\(lrb\)|and anesthesia type)|",
        r"(?:title|name)s? of (?:the )?(?:operations?|procedures?)|pro?cedures?(?:\(s\))? perform(?:ed)?|percedures? perform(?:ed)?|operations? performed|",
        r"(?:ops?|operations?|procedures?|surgery) (?:actually )?(?:done|performed|carried out)(?:,? as (?:booked|planned|consented))?|procedures? as (?:listed on the consent|posted|dictated|performed|done)|operative procedures?|surgical procedures?|surger(?:y|ies) performed|procedures?(?:\(s\))?|operations?|surgery performed|(?:actually )?(?:performed|done)|proc|op|title|",
        // Implants, findings, plan, history.
        r"implants?(?: used)?|hardware|graft|bone graft|",
        r"(?:operative |intraoperative |surgical |pathological )?findings|",
        r"plan|disposition|postoperative (?:plan|course)|recommendations?|follow[- ]?up|",
        r"(?:surgical )?indications?(?: for (?:the |this )?(?:procedures?|operation|surgery))?|indications? for (?:the )?(?:procedure|operation|surgery)|",
        r"brief history(?: and indications? for (?:the )?operation)?|history(?: of (?:the )?present illness)?(?: \([^)]*\))?|clinical (?:note|history|summary)|hpi|cc|pmh|psh|past \w+ (?:history|surgery)|",
        r"comments?(?: beforehand| before)?|informed consent|consent|risks?(?: \w+){0,3}|preprocedure preparation|patient profile|prior|injections|plan from that visit|exam|data|reason for \w+|background|rationale|index(?: (?:operation|procedure|surgery|case))?|(?:prior|previous|earlier|past|other) (?:spin(?:e|al) )?(?:surger(?:y|ies)|operations?|procedures?|treatments?)|(?:first stage|stage (?:1|one|i))(?: of 2)?|",
        // The rest.
        r"anesthesia(?: type)?|estimated blood loss|blood loss|ebl|complications?|drains?(?: \(s\))?|specimens?(?: sent to pathology)?|surgeons?|assistants?|first assistant|anesthesiologist|fluids|urine output|",
        r"position|condition|counts|antibiotics?(?: \(s\))?|blood replaced|crystalloid given|vital signs|monitoring|tubes and drains left in place|patient status|date of (?:surgery|operation|service|procedure)|cell saver returned|drain|asst|anes",
        r")(?P<tail>\s*(?:\(es\)|\(s\)|\([^)\n:]{1,60}\))?\s*(?:[:;]+|\n|\s-\s|\.\s|,\s|,$|$))"
    )
);
re!(
    DICTATED,
    r"\b(?P<name>pre[- ]?oper\w*(?: to)? diagnos[ei]s|post[- ]?oper\w*(?: to)? diagnos[ei]s|p(?:ro|re|er)cedures? perform(?:ed)?|operations? performed|description of (?:the )?procedure|operative technique)\b[ ,.:]*"
);

fn part_of(name: &str) -> Part {
    let starts = |list: &[&str]| list.iter().any(|p| name.starts_with(p));
    let done =
        [" done", " performed", " carried out"].iter().any(|w| name.contains(w)) && !name.contains("not ");
    if !done
        && ["scheduled", "planned", "booked", "intended", "proposed", "not performed", "not done"]
            .iter()
            .any(|w| name.contains(w))
    {
        return Part::Plan;
    }
    if name.contains("diagnos") || name.ends_with("dx") || name.starts_with("dx") {
        let after = name.contains("post") || name.contains(" after");
        let before = name.starts_with("pre")
            || name.contains("(pre")
            || name.contains(" pre")
            || name.contains(" before");
        return match (before, after) {
            (_, true) => Part::After,
            (true, false) => Part::Before,
            _ => Part::Diagnosis,
        };
    }
    match name {
        "preop" | "pre-op" | "preoperative" | "pre-operative" => return Part::Before,
        "pre/post" | "pre/postop" | "pre/post-op" | "postop" | "post-op" | "postoperative"
        | "post-operative" => return Part::After,
        _ => {}
    }
    if starts(&["assessment", "impression", "a/p"]) {
        return Part::Diagnosis;
    }
    if name.contains("history")
        || starts(&[
            "indication",
            "surgical indication",
            "clinical",
            "hpi",
            "cc",
            "pmh",
            "psh",
            "past ",
            "comment",
            "informed",
            "consent",
            "risk",
            "preprocedure",
            "patient profile",
            "prior",
            "injections",
            "plan from",
            "exam",
            "data",
            "reason for",
            "background",
            "rationale",
            "index",
            "previous",
            "earlier",
            "other ",
            "first stage",
            "stage 1",
            "stage one",
            "stage i",
        ])
    {
        return Part::History;
    }
    if starts(&["plan", "disposition", "postoperative", "recommend", "follow"]) {
        return Part::Plan;
    }
    if name.contains("detail")
        || name.contains("description")
        || name.contains("technique")
        || name.contains("findings")
        || starts(&[
            "addendum",
            "late entry",
            "narrative",
            "what ",
            "steps",
            "text",
            "operative report",
            "summary",
            "procedure note",
            "op note",
            "operative note",
            "operative narrative",
            "operative course",
        ])
    {
        return Part::Body;
    }
    if starts(&["implant", "hardware", "graft", "bone graft"]) {
        return Part::Implants;
    }
    if starts(&[
        "proc",
        "perc",
        "operat",
        "surgery perf",
        "surgeries",
        "surgical proc",
        "title",
        "name",
        "performed",
        "actually",
        "done",
    ]) || name == "op"
    {
        return Part::Procedures;
    }
    Part::Other
}

/// Where a part begins.
pub(super) struct Mark {
    pub(super) at: usize,
    pub(super) content: usize,
    pub(super) part: Part,
}

re!(SOAP, r"(?m)^[ \t]*(?P<name>[soap]|a ?[/&] ?p)[ \t]*:[ \t]");

/// A visit's four letters at the starts of lines, where at least three of them stand.
fn soap(norm: &str) -> Vec<Mark> {
    let Some(r) = SOAP.as_ref() else { return vec![] };
    let found: Vec<(&str, Mark)> = r
        .captures_iter(norm)
        .filter_map(|c| {
            let (all, name) = (c.get(0)?, c.name("name")?);
            let part = match name.as_str() {
                "s" | "o" => Part::History,
                "p" => Part::Plan,
                _ => Part::Diagnosis,
            };
            Some((name.as_str(), Mark { at: name.start(), content: all.end(), part }))
        })
        .collect();
    let mut letters: Vec<&str> = found.iter().map(|f| f.0).collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 3 { vec![] } else { found.into_iter().map(|f| f.1).collect() }
}

re!(
    TARGETS,
    r"(?m)(?:^|[ \t]{2,})(?P<name>sides?|laterality|joints?|levels?|nerves?(?: (?:targeted|lesioned|treated|blocked|ablated|burned))|(?:joints?|levels?|nerves?) (?:treated|injected|blocked|targeted)|targets?)[ \t]*:"
);

/// Labels of a form that say what was treated ("Side: right  Joints: C4-5"): the telling, label and all.
fn targets(norm: &str) -> Vec<Mark> {
    let Some(r) = TARGETS.as_ref() else { return vec![] };
    let names = r.captures_iter(norm).filter_map(|c| c.name("name"));
    names.map(|n| Mark { at: n.start(), content: n.start(), part: Part::Body }).collect()
}

/// The headings of a note, in order.
pub(super) fn marks(doc: &Doc) -> Vec<Mark> {
    let mut out: Vec<Mark> = vec![];
    if let Some(r) = HEADING.as_ref() {
        // Matches may share a newline, so the search restarts right after each name.
        let mut from = 0;
        while let Some(c) = r.captures_at(&doc.norm, from) {
            let (Some(name), Some(tail)) = (c.name("name"), c.name("tail")) else { break };
            from = name.end();
            // "Implants (per circulating nurse)": what stands behind the brackets tells.
            let stop = tail.as_str().trim();
            let stop = stop.strip_prefix('(').and_then(|t| t.split_once(')')).map_or(stop, |t| t.1.trim());
            let own_line = c.name("lead").is_some_and(|l| {
                l.start() == 0
                    || doc.norm.as_bytes().get(l.start().saturating_sub(1)) == Some(&b'\n')
                    || l.as_str().contains('\n')
            });
            // Inside a running text only a colon, or a comma or stop after a heading's unmistakable name.
            let strong = name.as_str().contains("diagnos") || name.as_str().contains("perform");
            let short = matches!(
                name.as_str(),
                "procedure"
                    | "operation"
                    | "procedures"
                    | "procedure note"
                    | "what i did"
                    | "what we did"
                    | "diagnosis"
                    | "description of procedure"
                    | "indications"
                    | "findings"
                    | "implants"
            );
            let marked = stop.starts_with(':')
                || stop.starts_with(';')
                || (own_line && matches!(stop, "" | "-"))
                || (own_line && strong);
            // Between commas only a colon tells a heading from a word of the sentence (",TITLE OF OPERATION:,").
            let enclosed = c.name("lead").is_some_and(|l| l.as_str().starts_with(','));
            if enclosed && !stop.starts_with(':') {
                continue;
            }
            if marked || strong || (short && matches!(stop, "," | ".")) {
                out.push(Mark { at: name.start(), content: tail.end(), part: part_of(name.as_str()) });
            }
        }
    }
    out.extend(targets(&doc.norm));
    for m in shape::marks(&doc.norm) {
        if !out.iter().any(|x| x.at < m.content && m.at < x.content.max(x.at + 1)) {
            out.push(m);
        }
    }
    for (s, e) in all(&DICTATED, &doc.norm) {
        if !out.iter().any(|m| m.at <= s && s < m.content.max(m.at + 1)) {
            let name = doc.slice(s, e).trim_end_matches([' ', ',', '.', ':']).to_owned();
            out.push(Mark { at: s, content: e, part: part_of(&name) });
        }
    }
    for m in soap(&doc.norm) {
        // A plan ends with its paragraph.
        let after = doc.norm.get(m.content..).and_then(|r| r.find("\n\n")).map(|p| m.content + p);
        if let Some(at) = after.filter(|_| m.part == Part::Plan) {
            out.push(Mark { at, content: at, part: Part::Body });
        }
        if !out.iter().any(|x| x.at < m.content && m.at < x.content.max(x.at + 1)) {
            out.push(m);
        }
    }
    for (at, content, part) in spoken::headings(&doc.norm) {
        if !out.iter().any(|m| m.at < content && at < m.content.max(m.at + 1)) {
            out.push(Mark { at, content, part });
        }
    }
    out.sort_by_key(|m| m.at);
    out
}
