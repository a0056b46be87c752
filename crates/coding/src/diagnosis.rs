//! Diagnoses to ICD-10-CM: what the note calls the disease, at which levels, with which complication.
//!
//! The postoperative diagnosis is preferred, then the preoperative one, then what the narrative states. The
//! words and codes are data (`data/coding/diagnoses.toml`); here is how they combine: myelopathy and
//! radiculopathy are part of the disc's or the spondylosis' own code, claudication decides the stenosis,
//! the level decides the digit, the episode of care the 7th character. A code that is not in the edition of
//! the date of service, or cannot be reported, is never given: it becomes a question. Source: ICD-10-CM tabular list and guidelines
//! FY2026, in force 2025-10-01 to 2026-09-30.

mod certainty;
mod companion;
mod finding;
mod fracture;
mod neoplasm;
mod not_done;
mod order;
mod questions;
mod source;
mod story;
mod template;

use crate::level::dedup;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::re;
use finding::{Finding, reach};
use iambilly_claim::{CodedDiagnosis, CodedLine, Proof, Query, ReadBy, Risk, Vertebra};
use iambilly_icd10cm::Edition;
use jiff::civil::Date;
use order::Rank;
pub(crate) use order::point;
use story::{Story, applies};

// An earlier fusion bears on the work where its neighbour is treated.
re!(
    ADJACENT,
    r"adjacent|junctional|(?:above|below|next to) (?:the |an? |her |his )?(?:[\w/-]+ ){0,4}(?:fusion|construct|instrumentation)"
);
re!(
    PAIN_DEVICE,
    r"stimulator|neurostimulat\w+|intrathecal (?:\w+ )?(?:pump|catheter)|(?:morphine|drug|infusion|pain) pump"
);

/// A coded disease with the place it concerns.
pub(crate) struct Coded {
    pub(crate) diagnosis: CodedDiagnosis,
    bones: Vec<Vertebra>,
    rank: Rank,
    symptom: bool,
    weak: bool,
}

/// Disease of the segment beside a fusion is the disease named with it; where none is, the disc's wear.
fn adjacent(findings: &mut Vec<Finding>) {
    const NAMED: [&str; 6] = [
        "disc-herniation",
        "disc-degeneration",
        "spondylosis",
        "stenosis",
        "spondylolisthesis",
        "instability",
    ];
    let named = findings.iter().any(|f| NAMED.contains(&f.entry.id.as_str()));
    findings.retain(|f| !named || f.entry.id != "adjacent-segment");
    if let Some(worn) = finding::row("disc-degeneration") {
        for f in findings.iter_mut().filter(|f| f.entry.id == "adjacent-segment") {
            f.entry = worn;
        }
    }
}

/// The diagnoses being gathered, with the edition they must stand in.
struct Gathering<'a, 'n> {
    op: &'a Operation<'n>,
    icd: &'a Edition,
    confidence: f32,
    out: Vec<Coded>,
    queries: Vec<Query>,
}

/// The diagnoses of a note and the questions they raise; `icd` is the edition in force on the date of service,
/// `lines` are the services they stand for.
pub(crate) fn read(
    op: &Operation<'_>,
    dos: Date,
    icd: &Edition,
    lines: &[CodedLine],
) -> (Vec<Coded>, Vec<Query>) {
    let mut all = Gathering { op, icd, confidence: 0.85, out: vec![], queries: vec![] };
    if not_done::unseen(op) {
        return (all.out, all.queries);
    }
    if source::imaging_report(op) {
        all.ask(Risk::Compliance, "This reads as an imaging report: it says what was seen, not what was treated. Which visit or operation is to be coded?", &[], &[]);
        return (all.out, all.queries);
    }
    if let Some((at, fused)) = companion::aftercare(op) {
        all.push("Z47.89", &[at], vec![], Rank::Disease, None);
        if fused {
            all.push("Z98.1", &[at], vec![], Rank::Status, None);
        }
        return (all.out, all.queries);
    }
    let mut source = source::read(op);
    adjacent(&mut source.findings);
    let organisms = source::organisms(op, &source.findings);
    source.findings.extend(organisms);
    let story = Story::new(op, &source, dos, icd);
    if source.story {
        all.confidence = 0.7;
    }
    let beside_fusion = op.mentions(&ADJACENT);
    let wanted = |f: &&Finding| {
        companion::has_host(f, &source.findings) && (f.entry.id != "fusion-status" || beside_fusion)
    };
    for f in source.findings.iter().filter(wanted) {
        all.code(f, &source.findings, &story);
    }
    all.written(&source);
    if let Some(at) = companion::torn_dura(op)
        && !story.has("csf-leak")
        && !story.has("pseudomeningocele")
    {
        all.push("G97.41", &[at], vec![], Rank::Companion, None);
    }
    if !all.out.is_empty()
        && let Some((code, at)) = not_done::code(op, lines)
    {
        all.push(code, &[at], vec![], Rank::Companion, None);
    }
    order::exclude(&mut all.out, icd, op.mentions(&PAIN_DEVICE));
    order::rank(&mut all.out, icd);
    all.questions(&story);
    if all.out.is_empty()
        && let Some(at) = companion::only_suspected(op)
    {
        all.push("Z03.89", &[at], vec![], Rank::Disease, None);
        all.ask(
            Risk::Denial,
            "Which sign or symptom led to the test? It is coded rather than what is to be ruled out.",
            &["Z03.89"],
            &[at],
        );
    }
    if all.out.is_empty() {
        all.ask(Risk::Denial, "The note states no diagnosis: what was treated?", &[], &[]);
    }
    (all.out, all.queries)
}

impl Gathering<'_, '_> {
    /// Codes one finding at each of its places.
    fn code(&mut self, f: &Finding, findings: &[Finding], story: &Story) {
        let herniation = story.has("disc-herniation");
        let cord =
            !f.entry.myelopathy.is_empty() && applies(self.op, f, &story.cords, findings, true, herniation);
        let root = !f.entry.radiculopathy.is_empty()
            && !cord
            && applies(self.op, f, &story.roots, findings, false, herniation);
        for place in template::places(f) {
            let mut spans = vec![reach(f)];
            let claudicates = !story.claudication.is_empty() && f.entry.claudication.contains_key(place.0);
            let table = if cord {
                &f.entry.myelopathy
            } else if root {
                &f.entry.radiculopathy
            } else if claudicates {
                spans.extend(story.claudication.first());
                &f.entry.claudication
            } else {
                &f.entry.plain
            };
            let at = |t: &finding::Table| {
                let near = match place.0 {
                    "o" => "c",
                    "s" => "ls",
                    _ => "any",
                };
                t.get(place.0).or_else(|| t.get(near)).cloned()
            };
            let plain = || at(&f.entry.plain).or_else(|| f.entry.plain.get("any").cloned());
            let Some(template) = at(table).or_else(plain) else { continue };
            if cord {
                spans.extend(story.cords.first());
            } else if root {
                spans.extend(story.roots.first());
            }
            for (code, bones) in template::resolve(self.op, f, &template, place, story) {
                let rank = match () {
                    () if f.entry.last => Rank::Status,
                    () if f.entry.companion.is_some() => Rank::Companion,
                    () if matches!(code.as_str(), "G99.2") => Rank::Consequence,
                    () => Rank::Disease,
                };
                self.push(&code, &spans, bones.clone(), rank, Some(f));
                if code.starts_with("M84.58") && neoplasm::spread(self.op, f) {
                    // Code also the neoplasm.
                    self.push("C79.51", &spans, bones, Rank::Disease, Some(f));
                }
            }
        }
        if matches!(f.entry.id.as_str(), "metastasis" | "fracture-neoplastic" | "neoplasm-pain")
            && let Some((code, at)) = neoplasm::primary(self.op, f)
        {
            self.push(&code, &[at], vec![], Rank::Consequence, None);
        }
    }

    /// Codes the author wrote: where words beside them name no disease we know, they are taken; where the words
    /// say something else, the words hold and the author is asked.
    fn written(&mut self, source: &source::Source) {
        let stated = [Part::Before, Part::After, Part::Diagnosis];
        for i in 0..self.op.note.sentences.len() {
            let Some(s) = self.op.note.sentences.get(i).filter(|s| stated.contains(&s.part)) else {
                continue;
            };
            for (code, at) in companion::written(self.op, i) {
                if !self.icd.is_billable(&code) || self.out.iter().any(|c| c.diagnosis.code == *code) {
                    continue;
                }
                if source.findings.iter().any(|f| f.sentence == i) {
                    self.ask(
                        Risk::Denial,
                        &format!("The note writes {code}, but its words say another code: which holds?"),
                        &[&code],
                        &[(s.start, s.end)],
                    );
                } else {
                    self.push(&code, &[at], vec![], Rank::Disease, None);
                }
            }
        }
    }

    fn push(
        &mut self,
        code: &str,
        spans: &[(usize, usize)],
        bones: Vec<Vertebra>,
        rank: Rank,
        f: Option<&Finding>,
    ) {
        if !self.icd.is_billable(code) {
            self.not_in_force(code, spans);
            return;
        }
        if let Some(known) = self.out.iter_mut().find(|c| c.diagnosis.code == *code) {
            known.bones.extend(bones);
            return;
        }
        let evidence: Vec<_> =
            dedup(spans.to_vec()).iter().filter_map(|s| self.op.note.doc.evidence(s.0, s.1)).collect();
        let (Ok(code), Ok(evidence)) = (code.parse(), Proof::try_from(evidence)) else { return };
        self.out.push(Coded {
            diagnosis: CodedDiagnosis {
                code,
                evidence,
                confidence: self.confidence,
                source: ReadBy::Rules,
                why: "ICD-10-CM by disease, level and complication (section 8)".to_owned(),
            },
            bones,
            rank,
            symptom: f.is_some_and(|f| f.entry.symptom),
            weak: f.is_some_and(|f| f.entry.weak || f.entry.id == "kyphosis"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::finding::{File, SOURCE};
    use crate::{Context, Reader, code};
    use iambilly_claim::Transcript;

    fn dx(text: &str) -> Vec<String> {
        let ctx = Context { dos: jiff::civil::date(2026, 2, 2), payer: "medicare".to_owned() };
        code(&Transcript::typed(text), &ctx, Reader::Rules, None)
            .diagnoses
            .iter()
            .map(|d| d.code.to_string())
            .collect()
    }

    /// Each code a template of the data can become.
    fn expansions(template: &str) -> Vec<String> {
        let Some((head, rest)) = template.split_once('{') else { return vec![template.to_owned()] };
        let (inside, tail) = rest.split_once('}').unwrap();
        let choices: Vec<&str> = match inside {
            "d" => vec!["0", "1", "2", "3"],
            "p" => vec!["0", "1", "2", "9"],
            "ep" => vec!["A", "D", "S"],
            sides => sides.strip_prefix("side:").unwrap().split(',').filter(|c| *c != "*").collect(),
        };
        choices.iter().flat_map(|c| expansions(&format!("{head}{c}{tail}"))).collect()
    }

    #[test]
    fn every_row_is_read_and_every_code_can_be_reported() {
        let icd = iambilly_icd10cm::Editions::shipped().on(jiff::civil::date(2026, 2, 2));
        let file: File = toml::from_str(SOURCE).unwrap();
        assert!(file.diagnosis.len() > 100);
        let (mut ids, mut codes) = (std::collections::BTreeSet::new(), 0);
        for row in &file.diagnosis {
            assert!(ids.insert(row.id.clone()), "{} twice", row.id);
            for p in &row.patterns {
                assert!(regex::Regex::new(p).is_ok(), "{p}");
            }
            let tables = [&row.plain, &row.radiculopathy, &row.myelopathy, &row.claudication];
            for template in tables.into_iter().flat_map(|t| t.values()).filter(|t| t.contains('.')) {
                for code in expansions(template) {
                    assert!(icd.is_billable(&code), "{}: {code}", row.id);
                    codes += 1;
                }
            }
        }
        assert!(codes > 400, "{codes}");
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
