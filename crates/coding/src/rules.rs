//! From what was done to service lines: families of codes, primaries and add-ons, bundles, modifiers, order.
//!
//! Each family is a module that writes drafts on a [`Sheet`]; the sheet then drops what no primary carries,
//! orders by weight with add-ons behind their primaries, and gives every line its proof. Rule ids (`SP-..`,
//! `CNT` counting, `MOD` modifiers) are those of `docs/coding-rules.md`.

mod alternative;
mod circumstance;
mod corpectomy;
mod decompression;
mod deformity;
mod disc;
mod fusion;
mod gaps;
mod grafts;
mod implants;
mod included;
mod laminae;
mod osteotomy;
mod overstated;
mod procedures;
mod removal;
mod visit;

use crate::Context;
use crate::catalogue::entry;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::text::re;
use iambilly_claim::coding::{Alternative, Effect, Laterality};
use iambilly_claim::{
    CodedLine, Evidence, Interspace, Level, NotBilled, ProcedureCode, Proof, Query, ReadBy, Vertebra,
};

/// A line before it has its proof and its place.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) code: &'static str,
    pub(crate) units: usize,
    pub(crate) modifiers: Vec<&'static str>,
    pub(crate) levels: Vec<Level>,
    pub(crate) side: Option<Laterality>,
    pub(crate) spans: Vec<(usize, usize)>,
    pub(crate) confidence: f32,
    pub(crate) read_by: ReadBy,
    pub(crate) why: &'static str,
    /// The primary an add-on belongs behind.
    pub(crate) primary: Option<&'static str>,
}

/// Work that is not reported.
#[derive(Debug)]
struct Refused {
    code: String,
    reason: String,
    rule: String,
    spans: Vec<(usize, usize)>,
}

/// A question before it has its evidence.
#[derive(Debug)]
struct Question {
    text: String,
    affects: Vec<String>,
    spans: Vec<(usize, usize)>,
}

/// The work sheet the rules write on.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) drafts: Vec<Draft>,
    refused: Vec<Refused>,
    questions: Vec<Question>,
}

impl Sheet {
    /// Writes a line; evidence and reader come from the entities it rests on.
    pub(crate) fn line(
        &mut self,
        code: &'static str,
        units: usize,
        levels: Vec<Level>,
        from: &[&Entity],
        why: &'static str,
    ) -> Option<&mut Draft> {
        if units == 0 {
            return None;
        }
        let spans = from.iter().map(|e| e.reach()).collect::<Vec<_>>();
        let llm = from.iter().any(|e| e.read_by == ReadBy::Llm);
        let both = from.iter().any(|e| e.read_by == ReadBy::Both);
        let read_by = if both {
            ReadBy::Both
        } else if llm {
            ReadBy::Llm
        } else {
            ReadBy::Rules
        };
        let listed = from.iter().any(|e| e.part == crate::sections::Part::Procedures);
        let doubted = from.iter().any(|e| e.doubted);
        let confidence: f32 = match (read_by, listed) {
            (ReadBy::Both, true) => 0.95,
            (ReadBy::Llm, _) => 0.5,
            (ReadBy::Both, false) | (_, true) => 0.85,
            _ => 0.7,
        };
        let confidence = if doubted { confidence * 0.6 } else { confidence };
        if doubted {
            self.ask(
                "The two readers disagree whether this was done today: was it?",
                &[code],
                from.iter().filter(|e| e.doubted).map(|e| e.reach()).collect(),
            );
        }
        self.drafts.push(Draft {
            code,
            units,
            modifiers: vec![],
            levels,
            side: None,
            spans,
            confidence,
            read_by,
            why,
            primary: None,
        });
        self.drafts.last_mut()
    }

    pub(crate) fn refuse(&mut self, code: &str, reason: &str, rule: &str, spans: Vec<(usize, usize)>) {
        if !spans.is_empty() && !self.refused.iter().any(|r| r.code == code) {
            let (code, reason, rule) = (code.to_owned(), reason.to_owned(), rule.to_owned());
            self.refused.push(Refused { code, reason, rule, spans });
        }
    }

    pub(crate) fn ask(&mut self, question: &str, affects: &[&str], spans: Vec<(usize, usize)>) {
        if !self.questions.iter().any(|q| q.text == question) {
            let affects = affects.iter().map(|s| (*s).to_owned()).collect();
            self.questions.push(Question { text: question.to_owned(), affects, spans });
        }
    }

    pub(crate) fn has(&self, codes: &[&str]) -> bool {
        self.drafts.iter().any(|d| codes.contains(&d.code))
    }
}

pub(crate) fn at(spaces: &[Interspace]) -> Vec<Level> {
    spaces.iter().copied().map(Level::Interspace).collect()
}

pub(crate) fn bones(vs: &[Vertebra]) -> Vec<Level> {
    vs.iter().copied().map(Level::Vertebra).collect()
}

/// Vertebrae that bound some interspaces, top to bottom, each once.
pub(crate) fn bounds(spaces: &[Interspace]) -> Vec<Vertebra> {
    let mut vs: Vec<Vertebra> = spaces.iter().flat_map(|s| [s.upper(), s.lower()]).collect();
    vs.sort();
    vs.dedup();
    vs
}

/// Asked where a heading says both sides and the telling that one was not done.
const ONE_SIDE_DONE: &str =
    "The heading says both sides, the description one only: please correct the heading.";

/// Modifiers of side where the code has one: 50 both, LT or RT one (CMS bilateral indicator 1).
pub(crate) fn sided(draft: &mut Draft, side: Option<Laterality>) {
    if !entry(draft.code).is_some_and(|e| e.bilateral) {
        return;
    }
    draft.side = side;
    match side {
        Some(Laterality::Bilateral) => draft.modifiers.insert(0, "50"),
        Some(Laterality::Left) => draft.modifiers.push("LT"),
        Some(Laterality::Right) => draft.modifiers.push("RT"),
        None => {}
    }
}

/// Reads an operation onto a sheet.
pub(crate) fn apply(op: &Operation<'_>, ctx: &Context) -> Sheet {
    let mut sheet = Sheet::default();
    if op.note.standing.silent {
        return sheet;
    }
    // What a visit tells of operations lies in the past or ahead.
    let operated = op.listed || !(op.note.standing.visit || by_needle_alone(op));
    let fused = if operated { fusion::apply(op, &mut sheet) } else { fusion::Fused::default() };
    if operated {
        decompression::apply(op, &fused, &mut sheet);
        implants::apply(op, &fused, &mut sheet);
    }
    procedures::apply(op, ctx.dos, &mut sheet);
    laminae::apply(op, &mut sheet);
    if operated {
        removal::apply(op, &fused, &mut sheet);
    }
    visit::apply(op, ctx, &mut sheet);
    let begun = !op.planned && op.note.cancelled.is_none();
    if let Some(span) = circumstance::stopped(op).filter(|_| begun) {
        circumstance::discontinued(op, span, apply(&op.as_planned(), ctx), &mut sheet);
    }
    circumstance::apply(op, &mut sheet);
    included::apply(op, &fused, &mut sheet);
    decompression::distinct(&mut sheet);
    model_only(op, &mut sheet);
    order(&mut sheet);
    gaps::apply(op, &fused, &mut sheet);
    sheet
}

re!(NEEDLE, r"\bneedles?\b|tuohy|cannula\w*");
re!(
    OPENED,
    r"endoscop\w+|incis\w+|subperiosteal\w*|retractors?|decorticat\w+|dissect\w+|closed in|kerrison|\bdrill\w*|\bburr|curett\w+|platysma|\bcages?\b|screws? (?:was|were)"
);

/// A narrative without a list that works with needles and opens nothing: operations it names lie in the past.
fn by_needle_alone(op: &Operation<'_>) -> bool {
    op.mentions(&NEEDLE) && op.says(&OPENED).is_empty()
}

/// Work only the model sees is never billed on its word: it becomes a question.
fn model_only(op: &Operation<'_>, sheet: &mut Sheet) {
    for span in op.note.unnamed.iter().take(3) {
        sheet.ask("Is this a service of its own?", &[], vec![*span]);
    }
    let used: Vec<crate::concept::Concept> = op.work_concepts();
    let unlisted = op.note.entities.iter().filter(|e| {
        op.listed
            && e.read_by != ReadBy::Rules
            && e.role == crate::concept::Role::Work
            && e.done()
            && !e.interspaces().is_empty()
            && e.part == crate::sections::Part::Body
            && !used.contains(&e.concept)
    });
    if let Some(e) = unlisted.take(1).next() {
        sheet.ask("The narrative describes work that the list of procedures does not name: was it done as a service of its own?", &[], vec![e.reach()]);
    }
}

/// Primaries by weight, each followed by its add-ons by weight; lone add-ons last.
fn order(sheet: &mut Sheet) {
    let weight = |code: &str| entry(code).map_or(0.0, |e| e.rvu);
    let add_on = |d: &Draft| entry(d.code).is_some_and(|e| e.add_on) || weight(d.code) == 0.0;
    let (mut rest, mut primaries): (Vec<Draft>, Vec<Draft>) = sheet.drafts.drain(..).partition(add_on);
    primaries.sort_by(|a, b| weight(b.code).total_cmp(&weight(a.code)));
    rest.sort_by(|a, b| weight(b.code).total_cmp(&weight(a.code)));
    for p in primaries {
        let code = p.code;
        sheet.drafts.push(p);
        let (mine, others): (Vec<Draft>, Vec<Draft>) = rest.drain(..).partition(|d| d.primary == Some(code));
        sheet.drafts.extend(mine);
        rest = others;
    }
    sheet.drafts.extend(rest);
}

/// The lines, each with its proof; pointers are given later, when the diagnoses stand.
pub(crate) fn lines(op: &Operation<'_>, sheet: &Sheet) -> Vec<CodedLine> {
    sheet
        .drafts
        .iter()
        .filter_map(|d| {
            let code: ProcedureCode = d.code.parse().ok()?;
            Some(CodedLine {
                code,
                units: u32::try_from(d.units).ok()?,
                modifiers: d.modifiers.iter().filter_map(|m| m.parse().ok()).collect(),
                pointers: vec![],
                levels: d.levels.clone(),
                laterality: d.side,
                evidence: proof(op, &d.spans)?,
                confidence: d.confidence,
                source: d.read_by,
                why: d.why.to_owned(),
            })
        })
        .collect()
}

/// What was done but is not reported.
pub(crate) fn not_billed(op: &Operation<'_>, sheet: &Sheet) -> Vec<NotBilled> {
    sheet
        .refused
        .iter()
        .filter(|r| !sheet.has(&[&r.code]))
        .filter_map(|r| {
            Some(NotBilled {
                code: r.code.parse().ok()?,
                reason: r.reason.clone(),
                rule: r.rule.clone(),
                evidence: proof(op, &r.spans)?,
            })
        })
        .collect()
}

/// The questions, each with its risk; `stake` ranks them.
pub(crate) fn queries(op: &Operation<'_>, sheet: &Sheet) -> Vec<Query> {
    sheet
        .questions
        .iter()
        .map(|q| Query {
            question: q.text.clone(),
            affects: q.affects.clone(),
            evidence: q.spans.iter().filter_map(|s| op.note.doc.evidence(s.0, s.1)).collect(),
            risk: gaps::risk(q, sheet),
            stake: 0.0,
        })
        .collect()
}

/// Other permitted ways to report the same work; `finish` gives their lines what the coding's own lines get.
pub(crate) fn alternatives(
    op: &Operation<'_>,
    sheet: &Sheet,
    finish: impl Fn(&mut Vec<CodedLine>),
) -> Vec<Alternative> {
    let others = alternative::others(op, sheet).into_iter();
    others
        .map(|o| {
            let mut lines = lines(op, &o.sheet);
            finish(&mut lines);
            Alternative {
                lines,
                effect: Effect { rvu: o.rvu },
                why: o.why.to_owned(),
                allowed_because: o.allowed_because.to_owned(),
            }
        })
        .collect()
}

fn proof(op: &Operation<'_>, spans: &[(usize, usize)]) -> Option<Proof> {
    let passages: Vec<Evidence> =
        spans.iter().filter_map(|s| op.note.doc.evidence(s.0, s.1)).take(6).collect();
    passages.try_into().ok()
}
