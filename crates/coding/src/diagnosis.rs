//! Diagnoses to ICD-10-CM: what the note calls the disease, at which levels, with which complication.
//!
//! The postoperative diagnosis is preferred, then the preoperative one, then what the narrative states. The
//! words and codes are data (`data/coding/diagnoses.toml`); here is how they combine: myelopathy and
//! radiculopathy are part of the disc's or the spondylosis' own code, claudication decides the stenosis,
//! the level decides the digit. Source: ICD-10-CM FY2026 and its Excludes1 notes (spine rules, section 8).

use crate::assertion::{self, Assertion};
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::one_side;
use crate::sections::Part;
use crate::text::{has, pattern, re};
use iambilly_claim::coding::Laterality;
use iambilly_claim::{CodedDiagnosis, CodedLine, Interspace, Level, Proof, Query, ReadBy, Region, Vertebra};
use jiff::civil::Date;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Row {
    id: String,
    patterns: Vec<String>,
    plain: BTreeMap<String, String>,
    #[serde(default)]
    radiculopathy: BTreeMap<String, String>,
    #[serde(default)]
    myelopathy: BTreeMap<String, String>,
    #[serde(default)]
    claudication: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct File {
    diagnosis: Vec<Row>,
}

struct Entry {
    row: Row,
    patterns: Vec<Regex>,
}

const SOURCE: &str = include_str!("../../../data/coding/diagnoses.toml");

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let rows = toml::from_str::<File>(SOURCE).map(|f| f.diagnosis).unwrap_or_default();
    rows.into_iter()
        .map(|row| Entry { patterns: row.patterns.iter().filter_map(|p| pattern(p)).collect(), row })
        .collect()
});

re!(CLAUDICATION, r"(?:neurogenic|neurogenous|pseudo-?)? ?claudication");
re!(RADICULOPATHY, r"radiculopath\w+|radiculitis|radicular (?:pain|symptom|syndrome)\w*|sciatica");
re!(MYELOPATHY, r"myelopath\w+|myeloradiculopath\w+");
re!(
    LEG_PAIN,
    r"(?:leg|lower extremity|legs|buttock) (?:pain|symptoms)|pain[a-z ]{0,30}(?:leg|legs|lower extremit\w+|buttock)|radicul\w+|sciatica"
);
re!(BACK_PAIN, r"(?:low(?:er)? |axial )?back pain|lumbago|discogenic pain");
re!(OSTEOPOROSIS, r"osteoporo\w+|fragility");
re!(TRAUMA, r"traumatic|trauma|\bmva\b|motor vehicle|accident|fell\b|\bfall\b|burst|dislocation|disrupted");
re!(BURST, r"burst");
re!(COMPRESSION, r"compression");
re!(HEALED, r"healed|(?:^|[ ,])old |remote|chronic|treated elsewhere");
re!(SPREAD, r"metasta\w+");
re!(SAME, r"^\W*(?:the )?same\b|as above|unchanged");
re!(RISK, r"\brisks?\b|complications include|rule out");

/// A disease found in the note, before it has its code.
struct Finding<'a> {
    entry: &'a Row,
    start: usize,
    end: usize,
    sentence: usize,
    groups: Vec<Group>,
    keys: Vec<(&'static str, Option<Interspace>)>,
}

/// A coded disease with the place it concerns.
pub(crate) struct Coded {
    pub(crate) diagnosis: CodedDiagnosis,
    bones: Vec<Vertebra>,
}

/// The diagnoses of a note and the questions they raise.
pub(crate) fn read(op: &Operation<'_>, dos: Date) -> (Vec<Coded>, Vec<Query>) {
    let (findings, parts) = sources(op);
    let mut queries = vec![];
    let mut out: Vec<Coded> = vec![];
    let present = |r: &LazyLock<Option<Regex>>, parts: &[Part]| op.find(r, parts, &[Assertion::Done]);
    // In a diagnosis a year behind the words belongs to an earlier operation, not to the complaint.
    let stated = |r: &LazyLock<Option<Regex>>| op.find(r, &parts, &[Assertion::Done, Assertion::Past]);
    let everywhere = [
        Part::Before,
        Part::After,
        Part::Diagnosis,
        Part::History,
        Part::Body,
        Part::Other,
        Part::Procedures,
    ];
    let background = [Part::Before, Part::After, Part::Diagnosis, Part::History, Part::Body, Part::Other];
    let claudication = present(&CLAUDICATION, &everywhere);
    let root_where: Vec<(usize, usize)> = {
        let own = stated(&RADICULOPATHY);
        if own.is_empty() { present(&RADICULOPATHY, &[Part::History, Part::Diagnosis]) } else { own }
    };
    let cord_where = stated(&MYELOPATHY);
    let pain =
        match (!present(&BACK_PAIN, &background).is_empty(), !present(&LEG_PAIN, &background).is_empty()) {
            (true, true) => '2',
            (true, false) => '0',
            (false, true) => '1',
            (false, false) => '9',
        };
    let absorbs = |f: &Finding<'_>| !f.entry.radiculopathy.is_empty();
    let has_herniation = findings.iter().any(|f| f.entry.id == "disc-herniation");
    for f in &findings {
        let cord =
            !f.entry.myelopathy.is_empty() && applies(op, f, &cord_where, &findings, true, has_herniation);
        let root = absorbs(f) && !cord && applies(op, f, &root_where, &findings, false, has_herniation);
        let mut spans = vec![reach(f)];
        for (key, space) in &f.keys {
            let table = if cord {
                &f.entry.myelopathy
            } else if root {
                &f.entry.radiculopathy
            } else if !claudication.is_empty() && f.entry.claudication.contains_key(*key) {
                spans.extend(claudication.first());
                &f.entry.claudication
            } else {
                &f.entry.plain
            };
            let Some(template) =
                table.get(*key).or_else(|| f.entry.plain.get(*key)).or_else(|| f.entry.plain.get("any"))
            else {
                continue;
            };
            let Some(code) = resolve(op, f, template, *space, pain, dos) else { continue };
            if cord {
                spans.extend(cord_where.first());
            } else if root {
                spans.extend(root_where.first());
            }
            if code == "M48.061" {
                ask(
                    &mut queries,
                    op,
                    "Was neurogenic claudication present?",
                    &["M48.061", "M48.062"],
                    &spans[..1],
                );
            }
            push(op, &mut out, &code, &spans, bones_of(f, *space), parts.contains(&Part::Body));
            if code.starts_with("M84.58") && has(&SPREAD, op.note.words(f.sentence)) {
                // Code also the neoplasm.
                push(op, &mut out, "C79.51", &spans, bones_of(f, *space), parts.contains(&Part::Body));
            }
        }
    }
    exclude(&mut out);
    rank(&mut out);
    if out.is_empty() {
        ask(&mut queries, op, "The note states no diagnosis: what was treated?", &[], &[]);
    }
    (out, queries)
}

fn ask(
    queries: &mut Vec<Query>,
    op: &Operation<'_>,
    question: &str,
    affects: &[&str],
    spans: &[(usize, usize)],
) {
    if queries.iter().all(|q: &Query| q.question != question) {
        queries.push(Query {
            question: question.to_owned(),
            affects: affects.iter().map(|s| (*s).to_owned()).collect(),
            evidence: spans.iter().filter_map(|s| op.note.doc.evidence(s.0, s.1)).collect(),
        });
    }
}

fn push(
    op: &Operation<'_>,
    out: &mut Vec<Coded>,
    code: &str,
    spans: &[(usize, usize)],
    bones: Vec<Vertebra>,
    narrative: bool,
) {
    if let Some(known) = out.iter_mut().find(|c| c.diagnosis.code == *code) {
        known.bones.extend(bones);
        return;
    }
    let evidence: Vec<_> =
        dedup(spans.to_vec()).iter().filter_map(|s| op.note.doc.evidence(s.0, s.1)).collect();
    let (Ok(code), Ok(evidence)) = (code.parse(), Proof::try_from(evidence)) else { return };
    out.push(Coded {
        diagnosis: CodedDiagnosis {
            code,
            evidence,
            confidence: if narrative { 0.7 } else { 0.85 },
            source: ReadBy::Rules,
            why: "ICD-10-CM by disease, level and complication (section 8)".to_owned(),
        },
        bones,
    });
}

/// Findings from the best source, and the parts that source is.
fn sources<'a>(op: &Operation<'_>) -> (Vec<Finding<'a>>, Vec<Part>) {
    let mut best: (Vec<Finding<'a>>, Vec<Part>) = (vec![], vec![Part::After, Part::Before, Part::Diagnosis]);
    let note = op.note;
    let same =
        note.sentences.iter().enumerate().any(|(i, s)| s.part == Part::After && has(&SAME, note.words(i)));
    let all = [Part::Before, Part::After, Part::Diagnosis];
    let order: [&[Part]; 2] =
        if same { [&all, &all] } else { [&[Part::After, Part::Diagnosis], &[Part::Before, Part::Diagnosis]] };
    for parts in order {
        let found = findings(op, parts);
        if !found.is_empty() {
            best = (found, parts.to_vec());
            break;
        }
    }
    if best.0.iter().any(|f| !symptom(f)) {
        return best;
    }
    // Nothing, or only a symptom, in the headings: what the narrative states.
    let mut more = findings(op, &[Part::History, Part::Body, Part::Other]);
    more.retain(|f| !symptom(f) || best.0.is_empty());
    if more.iter().any(|f| !symptom(f)) || best.0.is_empty() {
        return (
            more,
            vec![Part::After, Part::Before, Part::Diagnosis, Part::History, Part::Body, Part::Other],
        );
    }
    best
}

fn symptom(f: &Finding<'_>) -> bool {
    matches!(
        f.entry.id.as_str(),
        "low-back-pain" | "back-pain" | "neck-pain" | "leg-pain" | "morbid-obesity" | "fibromyalgia"
    )
}

fn findings<'a>(op: &Operation<'_>, parts: &[Part]) -> Vec<Finding<'a>> {
    let note = op.note;
    let narrative = parts.contains(&Part::Body);
    let mut out: Vec<Finding<'a>> = vec![];
    for (i, s) in note.sentences.iter().enumerate().filter(|(_, s)| parts.contains(&s.part)) {
        let mut masked = note.words(i).to_owned();
        if has(&RISK, &masked) {
            continue;
        }
        for e in ENTRIES.iter() {
            for p in &e.patterns {
                let hits: Vec<(usize, usize)> = p.find_iter(&masked).map(|m| (m.start(), m.end())).collect();
                for (a, b) in hits {
                    masked.replace_range(a..b, &"\u{1}".repeat(b - a));
                    let (start, end) = (s.start + a, s.start + b);
                    let how = assertion::read(&note.doc.norm, (s.start, s.end), start, end);
                    let accepted = match how {
                        Assertion::Done => true,
                        // "status post L4-5 fusion" in a diagnosis is no reason to drop what precedes it.
                        Assertion::Past => {
                            !narrative
                                && !has(&HEALED, note.doc.slice(start.saturating_sub(25).max(s.start), start))
                        }
                        Assertion::Denied | Assertion::Planned => false,
                    };
                    let incidental = narrative
                        && matches!(
                            e.row.id.as_str(),
                            "morbid-obesity"
                                | "fibromyalgia"
                                | "hardware-broken"
                                | "hardware-loose"
                                | "metastasis"
                                | "kyphosis"
                                | "epidural-fibrosis"
                        );
                    if accepted && !incidental {
                        out.push(finding(op, &e.row, i, start, end));
                    }
                }
            }
        }
    }
    out.sort_by_key(|f| f.start);
    out
}

fn finding<'a>(
    op: &Operation<'_>,
    entry: &'static Row,
    sentence: usize,
    start: usize,
    end: usize,
) -> Finding<'a> {
    let note = op.note;
    let s = note.sentences[sentence];
    let here: Vec<Group> =
        note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve).cloned().collect();
    // The nearest list of levels in the sentence, after the words or before them.
    let nearest = here.iter().min_by_key(|g| {
        let (gap, before) = if g.start >= end { ((end, g.start), 0) } else { ((g.end, start.max(g.end)), 3) };
        // A comma between them makes them strangers, if there is another.
        let comma = note.doc.slice(gap.0, gap.1).contains([',', ';']);
        gap.1 - gap.0 + before + if comma { 25 } else { 0 }
    });
    let groups: Vec<Group> = nearest.cloned().into_iter().collect();
    let words = note.words(sentence);
    let mut keys: Vec<(&'static str, Option<Interspace>)> = vec![];
    for g in &groups {
        let spaces = g.interspaces();
        if spaces.is_empty() {
            keys.extend(g.vertebrae().iter().map(|v| (key_of_bone(*v), None)));
        }
        keys.extend(spaces.iter().map(|x| (key(*x), Some(*x))));
    }
    if keys.is_empty() {
        keys = by_words(op, words);
    }
    if entry.id.starts_with("scoliosis") && keys.iter().any(|k| k.0 == "l") && keys.iter().any(|k| k.0 == "t")
    {
        keys = vec![("tl", None)];
    }
    if !matches!(entry.id.as_str(), "disc-herniation" | "disc-degeneration" | "fracture")
        || keys.iter().all(|k| k.1.is_none())
    {
        let mut seen: Vec<&'static str> = vec![];
        keys.retain(|k| {
            let new = !seen.contains(&k.0);
            seen.push(k.0);
            new
        });
    }
    Finding { entry, start, end, sentence, groups, keys }
}

/// The region by its name in the sentence, else by the levels of the operation.
fn by_words(op: &Operation<'_>, words: &str) -> Vec<(&'static str, Option<Interspace>)> {
    let spaces = op.default_spaces();
    let named = [
        ("lumbosacral", "ls"),
        ("lumbo-sacral", "ls"),
        ("thoracolumbar", "tl"),
        ("thoraco-lumbar", "tl"),
        ("cervicothoracic", "ct"),
        ("cervical", "c"),
        ("thoracic", "t"),
        ("lumbar", "l"),
        ("sacral", "s"),
    ]
    .iter()
    .find(|(w, _)| words.contains(w))
    .map(|(_, k)| *k);
    let fits = |k: &str| match named {
        None => true,
        Some("l" | "ls") => matches!(k, "l" | "ls"),
        Some(n) => k.starts_with(n),
    };
    if named == Some("ls") {
        return vec![("ls", None)];
    }
    let own: Vec<_> = spaces.iter().map(|s| (key(*s), Some(*s))).filter(|k| fits(k.0)).collect();
    if !own.is_empty() {
        return own;
    }
    let region = match op.region {
        Some(Region::Cervical) => "c",
        Some(Region::Thoracic) => "t",
        Some(Region::Lumbar) => "l",
        Some(Region::Sacral) => "s",
        None => "any",
    };
    vec![(named.unwrap_or(region), None)]
}

fn key(s: Interspace) -> &'static str {
    match (s.upper().region(), s.lower().region()) {
        (Region::Cervical, Region::Cervical) => "c",
        (Region::Cervical, _) => "ct",
        (Region::Thoracic, Region::Thoracic) => "t",
        (Region::Thoracic, _) => "tl",
        (Region::Lumbar, Region::Lumbar) => "l",
        _ => "ls",
    }
}

const fn key_of_bone(v: Vertebra) -> &'static str {
    match v.region() {
        Region::Cervical => "c",
        Region::Thoracic => "t",
        Region::Lumbar => "l",
        Region::Sacral => "ls",
    }
}

fn bones_of(f: &Finding<'_>, space: Option<Interspace>) -> Vec<Vertebra> {
    space.map_or_else(|| f.groups.iter().flat_map(Group::vertebrae).collect(), |s| vec![s.upper(), s.lower()])
}

fn reach(f: &Finding<'_>) -> (usize, usize) {
    let start = f.groups.iter().map(|g| g.start).chain([f.start]).min().unwrap_or(f.start);
    let end = f.groups.iter().map(|g| g.end).chain([f.end]).max().unwrap_or(f.end);
    (start, end)
}

/// Whether a complication belongs to a finding: named in its sentence, or named on its own.
fn applies(
    op: &Operation<'_>,
    f: &Finding<'_>,
    at: &[(usize, usize)],
    all: &[Finding<'_>],
    cord: bool,
    herniation: bool,
) -> bool {
    let bases =
        |sentence: usize| all.iter().any(|o| o.sentence == sentence && !o.entry.radiculopathy.is_empty());
    at.iter().any(|(a, _)| {
        let Some(i) = op.note.sentences.iter().position(|s| s.start <= *a && *a < s.end) else {
            return false;
        };
        if i == f.sentence {
            // "herniation C5-6 with radiculopathy": the disc presses on the root; the spondylosis beside it does not.
            return cord || f.entry.id == "disc-herniation" || !herniation;
        }
        !bases(i) && (cord || f.entry.id == "disc-herniation" || !herniation)
    })
}

/// A template's code: the disc's digit, the pain's digit, the fracture's own rules.
fn resolve(
    op: &Operation<'_>,
    f: &Finding<'_>,
    template: &str,
    space: Option<Interspace>,
    pain: char,
    dos: Date,
) -> Option<String> {
    let has_base = |id: &str| findings_have(op, id);
    match template {
        "fracture" => return fracture(op, f),
        "sciatica" => {
            return Some(
                match one_side(op.note.words(f.sentence)) {
                    Some(Laterality::Left) => "M54.32",
                    Some(Laterality::Right) => "M54.31",
                    _ => "M54.30",
                }
                .to_owned(),
            );
        }
        "leg-pain" => {
            return Some(
                match one_side(op.note.words(f.sentence)) {
                    Some(Laterality::Left) => "M79.605",
                    Some(Laterality::Right) => "M79.604",
                    _ => "M79.606",
                }
                .to_owned(),
            );
        }
        "myelopathy" => {
            let carried = ["disc-herniation", "spondylosis", "disc-degeneration"].iter().any(|b| has_base(b));
            return (!carried).then(|| if has_base("stenosis") { "G99.2" } else { "G95.9" }.to_owned());
        }
        "cord-compression" => {
            let carried = ["disc-herniation", "spondylosis", "disc-degeneration", "stenosis", "myelopathy"]
                .iter()
                .any(|b| has_base(b));
            return (!carried).then(|| "G95.20".to_owned());
        }
        _ => {}
    }
    // M51.36- and M51.37- have their sixth character since 2024-10-01.
    let split = jiff::civil::date(2024, 10, 1);
    let mut code =
        if dos >= split { template.replace("{p}", &pain.to_string()) } else { template.replace("{p}", "") };
    if code.contains("{d}") {
        let upper = space.map(|s| s.upper().number());
        code = match upper {
            Some(1..=3) => code.replace("2{d}", "1"),
            Some(n @ 4..=6) => code.replace("{d}", &(n - 3).to_string()),
            _ => code.replace("{d}", "0"),
        };
    }
    Some(code)
}

fn findings_have(op: &Operation<'_>, id: &str) -> bool {
    let parts = [Part::Before, Part::After, Part::Diagnosis];
    let scope: &[Part] = if op.note.sentences.iter().any(|s| parts.contains(&s.part)) {
        &parts
    } else {
        &[Part::History, Part::Body, Part::Other]
    };
    findings(op, scope).iter().any(|f| f.entry.id == id)
}

/// A fracture by its cause: osteoporosis, injury, or an unexplained collapse.
fn fracture(op: &Operation<'_>, f: &Finding<'_>) -> Option<String> {
    let text = &op.note.doc.norm;
    if !op
        .find(
            &OSTEOPOROSIS,
            &[Part::Before, Part::After, Part::Diagnosis, Part::History, Part::Body],
            &[Assertion::Done],
        )
        .is_empty()
    {
        return Some("M80.08XA".to_owned());
    }
    let v = f
        .groups
        .iter()
        .flat_map(Group::vertebrae)
        .next()
        .or_else(|| op.default_vertebrae().first().copied())?;
    let words = op.note.words(f.sentence);
    if !has(&TRAUMA, text) {
        let code = match v.region() {
            Region::Cervical => "M48.52XA",
            Region::Thoracic => "M48.54XA",
            Region::Lumbar => "M48.56XA",
            Region::Sacral => "M48.58XA",
        };
        return Some(code.to_owned());
    }
    let kind = if has(&BURST, words) {
        1
    } else if has(&COMPRESSION, words) {
        0
    } else {
        9
    };
    let n = v.number();
    Some(match v.region() {
        Region::Cervical => format!("S12.{}00A", n.saturating_sub(1)),
        Region::Thoracic => {
            let place = match n {
                1..=4 => n,
                5 | 6 => 5,
                7 | 8 => 6,
                9 | 10 => 7,
                _ => 8,
            };
            format!("S22.0{place}{kind}A")
        }
        Region::Lumbar => format!("S32.0{n}{kind}A"),
        Region::Sacral => "S32.10XA".to_owned(),
    })
}

/// A disc that is herniated is not also coded as degenerated; what presses on nerves comes before plain wear.
fn rank(out: &mut Vec<Coded>) {
    let herniated: Vec<Vertebra> = out
        .iter()
        .filter(|c| {
            ["M50.0", "M50.1", "M50.2", "M51.0", "M51.1", "M51.2"]
                .iter()
                .any(|p| c.diagnosis.code.as_str().starts_with(p))
        })
        .flat_map(|c| c.bones.clone())
        .collect();
    out.retain(|c| {
        let worn = ["M50.3", "M51.3"].iter().any(|p| c.diagnosis.code.as_str().starts_with(p));
        !(worn && !c.bones.is_empty() && c.bones.iter().all(|b| herniated.contains(b)))
    });
    let presses = |c: &Coded| {
        ["M50.0", "M50.1", "M51.0", "M51.1"].iter().any(|p| c.diagnosis.code.as_str().starts_with(p))
    };
    if out.iter().any(presses) {
        out.sort_by_key(|c| c.diagnosis.code.as_str().starts_with("M47.81"));
    }
}

/// Excludes1 notes and symptoms that a disease explains.
fn exclude(out: &mut Vec<Coded>) {
    let any = |out: &[Coded], starts: &[&str]| {
        out.iter().any(|c| starts.iter().any(|s| c.diagnosis.code.as_str().starts_with(s)))
    };
    let root = any(out, &["M50.1", "M51.1", "M47.2", "M54.3"]);
    let disc_root = any(out, &["M51.1"]);
    let disease = out.iter().any(|c| !symptomatic(c.diagnosis.code.as_str()));
    let osteoporotic = any(out, &["M80.08"]);
    let precise_curve = any(out, &["M41.4", "M41.1", "M41.5"]);
    let infected = any(out, &["T84.63"]);
    out.retain(|c| {
        let code = c.diagnosis.code.as_str();
        !((root && code.starts_with("M54.1"))
            || (disease && symptomatic(code) && !code.starts_with("M54.1") && !code.starts_with("M54.3"))
            || (osteoporotic && (code.starts_with("M84.4") || code.starts_with("M48.5")))
            || (precise_curve && code == "M41.9")
            || (infected && code.starts_with("T81.4"))
            || (disc_root && code.starts_with("M54.3")))
    });
}

fn symptomatic(code: &str) -> bool {
    ["M54.1", "M54.2", "M54.3", "M54.5", "M54.9", "M79.60"].iter().any(|s| code.starts_with(s))
}

/// Points each line at the diagnoses of its levels (all, where a diagnosis names none), at most four.
pub(crate) fn point(lines: &mut [CodedLine], coded: &[Coded]) {
    for line in lines {
        let bones: Vec<Vertebra> = line.levels.iter().copied().flat_map(Level::vertebrae).collect();
        let fits =
            |c: &Coded| bones.is_empty() || c.bones.is_empty() || c.bones.iter().any(|b| bones.contains(b));
        let mut pointers: Vec<char> =
            ('A'..='L').zip(coded).filter(|(_, c)| fits(c)).map(|(p, _)| p).take(4).collect();
        if pointers.is_empty() && !coded.is_empty() {
            pointers.push('A');
        }
        line.pointers = pointers;
    }
}

#[cfg(test)]
mod tests {
    use super::{File, SOURCE};
    use crate::{Context, Reader, code};
    use iambilly_claim::{DiagnosisCode, Transcript};

    fn dx(text: &str) -> Vec<String> {
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        code(&Transcript::typed(text), &ctx, Reader::Rules, None)
            .diagnoses
            .iter()
            .map(|d| d.code.to_string())
            .collect()
    }

    #[test]
    fn every_row_is_read() {
        let file: File = toml::from_str(SOURCE).unwrap();
        for row in &file.diagnosis {
            for p in &row.patterns {
                assert!(regex::Regex::new(p).is_ok(), "{p}");
            }
            for code in row.plain.values().chain(row.radiculopathy.values()).chain(row.myelopathy.values()) {
                let whole = code.replace("{d}", "1").replace("{p}", "0");
                assert!(!whole.contains('.') || whole.parse::<DiagnosisCode>().is_ok(), "{whole}");
            }
        }
    }

    #[test]
    fn diseases_levels_and_complications() {
        for (text, expected) in [
            ("Postoperative diagnosis: C6-7 disc herniation with left C7 radiculopathy.", &["M50.123"][..]),
            (
                "Postoperative diagnosis: L4-5 lumbar stenosis with neurogenic claudication and degenerative spondylolisthesis.",
                &["M48.062", "M43.16"],
            ),
            ("Postoperative diagnosis: lumbar stenosis L3-4, no claudication.", &["M48.061"]),
            ("Diagnosis: cervical spondylotic myelopathy, C4-5.", &["M47.12"]),
            ("Diagnosis: right sciatica.", &["M54.31"]),
            (
                "Diagnosis: spondylosis and disc herniation C5-6 with right C6 radiculopathy.",
                &["M50.122", "M47.812"],
            ),
            ("Diagnosis: disc degeneration and herniation at L4-5.", &["M51.26"]),
            ("Indication: a 51-year-old woman with low back pain. Procedure: caudal epidural.", &["M54.50"]),
            ("Diagnosis: osteoporotic compression fractures of T8 and L2.", &["M80.08XA"]),
            ("Diagnosis: facet arthropathy L4-5 and L5-S1, no radiculopathy.", &["M47.816", "M47.817"]),
            ("Diagnosis: low back pain, L5-S1 disc herniation.", &["M51.27"]),
            ("Diagnosis: herniated disc C3-4 with cord compression and myelopathy.", &["M50.01"]),
        ] {
            assert_eq!(dx(text), expected, "{text}");
        }
    }
}
