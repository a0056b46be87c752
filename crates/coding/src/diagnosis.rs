//! Diagnoses to ICD-10-CM: what the note calls the disease, at which levels, with which complication.
//!
//! The postoperative diagnosis is preferred, then the preoperative one, then what the narrative states. The
//! words and codes are data (`data/coding/diagnoses.toml`); here is how they combine: myelopathy and
//! radiculopathy are part of the disc's or the spondylosis' own code, claudication decides the stenosis,
//! the level decides the digit, the episode of care the 7th character. A code that is not in the edition of
//! the date of service, or cannot be reported, is never given. Source: ICD-10-CM tabular list and guidelines
//! FY2026, in force 2025-10-01 to 2026-09-30.

mod certainty;
mod companion;
mod finding;
mod fracture;
mod neoplasm;
mod not_done;
mod order;
mod source;
mod template;

use crate::assertion::Assertion;
use crate::level::dedup;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{has, re};
use finding::{Finding, reach};
use iambilly_claim::{CodedDiagnosis, CodedLine, Proof, Query, ReadBy, Vertebra};
use iambilly_icd10cm::Edition;
use jiff::civil::Date;
use order::Rank;
pub(crate) use order::point;
use regex::Regex;
use std::sync::LazyLock;

re!(CLAUDICATION, r"(?:neurogenic|neurogenous|pseudo-?)? ?claudication");
re!(RADICULOPATHY, r"radiculopath\w+|radiculitis|radicular (?:\w+ )?(?:pain|symptom|syndrome)\w*|sciatica");
// An earlier fusion bears on the work where its neighbour is treated.
re!(
    ADJACENT,
    r"adjacent|junctional|(?:above|below|next to) (?:the |an? |her |his )?(?:[\w/-]+ ){0,4}(?:fusion|construct|instrumentation)"
);
re!(
    PAIN_DEVICE,
    r"stimulator|neurostimulat\w+|intrathecal (?:\w+ )?(?:pump|catheter)|(?:morphine|drug|infusion|pain) pump"
);
re!(
    RADICULAR_SIGNS,
    r"\b(?:[cl]\d|s1) (?:nerve )?(?:root )?(?:distribution|dermatom\w+|pattern)|(?:distribution|dermatome) of (?:the )?(?:[cl]\d|s1)"
);
// A disc that presses on a root is classified with radiculopathy (index: Compression, nerve, root, in
// intervertebral disc disorder).
re!(
    ROOT_PRESSED,
    r"\b(?:compress|flatten|displac|push|imping|tent|pinch|squash|squeez|trap|press|deform|abut|effac|stretch)\w* (?:[\w-]+ ){0,6}?(?:nerve roots?|roots?|ganglion)\b|\b(?:nerve roots?|roots?|ganglion) (?:[\w-]+ ){0,4}?(?:compress|flatten|displac|push|pinch|squash|squeez|trap|deform|stretch|swollen)\w*"
);
re!(
    LIMB_SIGNS,
    r"(?:leg|arm|thigh|calf|shin|foot|hand|thumb|finger|buttock|lower extremity|upper extremity)s? (?:\w+ ){0,2}(?:pain|numb\w*|weak\w*|tingl\w*)|(?:pain|numb\w*|weak\w*|tingl\w*|burning)[a-z ]{0,30}\b(?:leg|arm|thigh|calf|shin|foot|hand|thumb|finger|buttock)"
);
re!(DENIAL, r"\b(?:no|not|without|denies|denied|nor|w/o|w/out)\b");
re!(MYELOPATHY, r"myelopath\w+|myeloradiculopath\w+");
re!(
    LEG_PAIN,
    r"(?:leg|lower extremity|legs|buttock) (?:pain|symptoms)|pain[a-z ]{0,30}(?:leg|legs|lower extremit\w+|buttock)|radicul\w+|sciatica"
);
re!(BACK_PAIN, r"(?:low(?:er)? |axial )?back pain|lumbago|discogenic (?:\w+ )?pain");

/// A coded disease with the place it concerns.
pub(crate) struct Coded {
    pub(crate) diagnosis: CodedDiagnosis,
    bones: Vec<Vertebra>,
    rank: Rank,
    symptom: bool,
    weak: bool,
}

/// What the note as a whole says that bears on every code.
struct Story {
    claudication: Vec<(usize, usize)>,
    roots: Vec<(usize, usize)>,
    /// The roots are told by their distribution, not by the word.
    inferred_root: bool,
    cords: Vec<(usize, usize)>,
    /// Sixth character of M51.36- and M51.37-.
    pain: char,
    /// 7th character by episode of care.
    episode: char,
    age: Option<u16>,
    ids: Vec<String>,
    /// A disease that a myelopathy can be the manifestation of.
    has_cause: bool,
}

const BACKGROUND: [Part; 6] =
    [Part::Before, Part::After, Part::Diagnosis, Part::History, Part::Body, Part::Other];

impl Story {
    fn new(op: &Operation<'_>, source: &source::Source) -> Self {
        let present = |r: &LazyLock<Option<Regex>>, parts: &[Part]| op.find(r, parts, &[Assertion::Done]);
        // In a diagnosis a year behind the words belongs to an earlier operation, not to the complaint.
        let stated = |r: &LazyLock<Option<Regex>>| {
            let mut found = op.find(r, &source.parts, &[Assertion::Done, Assertion::Past]);
            found.extend(source.says(op, r));
            dedup(found)
        };
        // "Back pain and no leg symptoms" names the leg across its denial.
        let felt = |r: &LazyLock<Option<Regex>>, parts: &[Part], how: &[Assertion]| {
            let hits = op.find(r, parts, how);
            hits.into_iter().chain(source.says(op, r)).any(|(a, b)| !has(&DENIAL, op.note.doc.slice(a, b)))
        };
        let mut everywhere: Vec<Part> = BACKGROUND.into_iter().chain([Part::Procedures]).collect();
        everywhere.extend(source.parts.iter().filter(|p| **p == Part::Plan));
        let own = stated(&RADICULOPATHY);
        let mut roots = if own.is_empty() {
            present(&RADICULOPATHY, &[Part::Before, Part::History, Part::Diagnosis])
        } else {
            own
        };
        // Pain or numbness in a root's distribution is what radiculopathy means; the word is asked for.
        let mut inferred = false;
        if roots.is_empty() && source.story {
            roots = present(&RADICULAR_SIGNS, &BACKGROUND);
            inferred = !roots.is_empty();
        }
        let disc = source.findings.iter().any(|f| f.entry.id == "disc-herniation");
        if roots.is_empty() && disc && felt(&LIMB_SIGNS, &BACKGROUND, &[Assertion::Done, Assertion::Past]) {
            roots = present(&ROOT_PRESSED, &BACKGROUND);
            inferred = !roots.is_empty();
        }
        let back = felt(&BACK_PAIN, &everywhere, &[Assertion::Done]);
        let leg = felt(&LEG_PAIN, &everywhere, &[Assertion::Done]);
        let signs = ["myelopathy", "cord-compression", "radiculopathy"];
        let cause = |f: &Finding| source::disease(f) && !signs.contains(&f.entry.id.as_str());
        Self {
            claudication: dedup(
                [present(&CLAUDICATION, &everywhere), source.says(op, &CLAUDICATION)].concat(),
            ),
            roots,
            inferred_root: inferred,
            cords: stated(&MYELOPATHY),
            pain: match (back, leg) {
                (true, true) => '2',
                (true, false) => '0',
                (false, true) => '1',
                (false, false) => '9',
            },
            episode: companion::episode(op),
            age: companion::age(op),
            ids: source.findings.iter().map(|f| f.entry.id.clone()).collect(),
            has_cause: source.findings.iter().any(cause),
        }
    }

    fn has(&self, id: &str) -> bool {
        self.ids.iter().any(|i| i == id)
    }

    /// Whether the note says so of today, anywhere but in plans and lists of implants.
    fn says(&self, op: &Operation<'_>, r: &LazyLock<Option<Regex>>) -> bool {
        !op.find(r, &BACKGROUND, &[Assertion::Done]).is_empty()
    }
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
        all.ask("This reads as an imaging report: it says what was seen, not what was treated. Which visit or operation is to be coded?", &[], &[]);
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
    let story = Story::new(op, &source);
    if source.story {
        all.confidence = 0.7;
    }
    let beside_fusion = op.mentions(&ADJACENT);
    let wanted = |f: &&Finding| {
        companion::has_host(f, &source.findings) && (f.entry.id != "fusion-status" || beside_fusion)
    };
    for f in source.findings.iter().filter(wanted) {
        all.code(f, &source.findings, &story, dos);
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
            "Which sign or symptom led to the test? It is coded rather than what is to be ruled out.",
            &["Z03.89"],
            &[at],
        );
    }
    if all.out.is_empty() {
        all.ask("The note states no diagnosis: what was treated?", &[], &[]);
    }
    (all.out, all.queries)
}

impl Gathering<'_, '_> {
    /// Codes one finding at each of its places.
    fn code(&mut self, f: &Finding, findings: &[Finding], story: &Story, dos: Date) {
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
            for (code, bones) in template::resolve(self.op, f, &template, place, story, dos) {
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

    /// The questions the codes leave open, each naming what the answer would change.
    fn questions(&mut self, story: &Story) {
        let open: Vec<(String, Vec<(usize, usize)>)> = self
            .out
            .iter()
            .map(|c| {
                let spans = c.diagnosis.evidence.passages().iter().map(|e| (e.start, e.end)).collect();
                (c.diagnosis.code.as_str().to_owned(), spans)
            })
            .collect();
        for (code, spans) in open {
            let spans = spans.get(..1).unwrap_or_default();
            if story.inferred_root && ["M50.1", "M51.1", "M47.2"].iter().any(|c| code.starts_with(c)) {
                let plain =
                    code.replace("M50.1", "M50.2").replace("M51.1", "M51.2").replace("M47.2", "M47.81");
                let question = "Is it a radiculopathy? The note gives a root's distribution, not the word.";
                self.ask(question, &[&code, &plain], spans);
            }
            match code.as_str() {
                "M48.061" => {
                    self.ask("Was neurogenic claudication present?", &["M48.061", "M48.062"], spans);
                }
                "M51.369" | "M51.379" => {
                    let stem = code.get(..6).unwrap_or_default();
                    let kinds: Vec<String> = ["0", "1", "2"].iter().map(|k| format!("{stem}{k}")).collect();
                    let affects: Vec<&str> =
                        [code.as_str()].into_iter().chain(kinds.iter().map(String::as_str)).collect();
                    self.ask("Does the worn disc cause back pain, leg pain or both?", &affects, spans);
                }
                "M51.26" | "M51.27" if matches!(story.pain, '1' | '2') => {
                    let root = code.replace(".2", ".1");
                    self.ask(
                        "There is leg pain: is it a radiculopathy from the herniated disc?",
                        &[&code, &root],
                        spans,
                    );
                }
                "M41.9" => {
                    self.ask("What kind of scoliosis is it (idiopathic, degenerative, neuromuscular), and in which region?", &["M41.9", "M41.12-", "M41.4-", "M41.8-"], spans);
                }
                "D49.7" | "D49.2" => {
                    self.ask("What did the pathology show?", &[&code], spans);
                }
                "M48.52XA" | "M48.54XA" | "M48.56XA" | "M48.58XA" | "M84.48XA" => {
                    self.ask(
                        "What broke the vertebra: osteoporosis, an injury or a tumour?",
                        &[&code, "M80.08XA", "M84.58XA"],
                        spans,
                    );
                }
                c if (c.starts_with("S22.0") || c.starts_with("S32.0")) && c.get(6..7) == Some("1") => {
                    let unstable =
                        format!("{}2{}", c.get(..6).unwrap_or_default(), c.get(7..).unwrap_or_default());
                    self.ask("Was the burst fracture stable or unstable?", &[c, &unstable], spans);
                }
                c if (c.starts_with("S22.0") || c.starts_with("S32.0")) && c.get(6..7) == Some("9") => {
                    self.ask("Which kind of fracture was it (wedge compression, burst, other)?", &[c], spans);
                }
                _ => {}
            }
        }
    }

    fn ask(&mut self, question: &str, affects: &[&str], spans: &[(usize, usize)]) {
        if self.queries.iter().any(|q| q.question == question) {
            return;
        }
        self.queries.push(Query {
            question: question.to_owned(),
            affects: affects.iter().map(|s| (*s).to_owned()).collect(),
            evidence: spans.iter().filter_map(|s| self.op.note.doc.evidence(s.0, s.1)).collect(),
        });
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

/// Whether a complication belongs to a finding: named in its sentence, or named on its own.
fn applies(
    op: &Operation<'_>,
    f: &Finding,
    at: &[(usize, usize)],
    all: &[Finding],
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
            // "herniation C5-6 with radiculopathy": the disc presses on the root; the spondylosis beside it does
            // not. "HNP C5-6 with radiculopathy, spondylosis C6-7 with radiculopathy": each has its own.
            let here = || all.iter().filter(|o| o.sentence == i && !o.entry.radiculopathy.is_empty());
            let nearest = here().rfind(|o| o.start < *a).is_some_and(|o| o.start == f.start);
            let disc = here().any(|o| o.entry.id == "disc-herniation");
            let shared = here().any(|o| o.entry.id == "disc-herniation" && o.keys == f.keys);
            return cord || f.entry.id == "disc-herniation" || !disc || (nearest && !shared);
        }
        !bases(i) && (cord || f.entry.id == "disc-herniation" || !herniation)
    })
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
