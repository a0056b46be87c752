//! Procedures that are data: finds what the catalogue names, takes in what belongs to something larger, counts,
//! chooses codes and writes the lines. `docs/catalogue.md` explains the data.
//!
//! A note that lists its procedures is taken at its list. Where no list and no name stands, a passage that
//! describes a procedure in other words may prove it (`inferred`), with less confidence.

mod count;
mod place;

use super::{Sheet, sided};
use crate::assertion::{self, Assertion};
use crate::catalogue::procedure::{Count, Missing, Procedure, Setting, Sides, Words};
use crate::concept::{Concept, Role};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use count::{Chosen, choose};
use iambilly_claim::coding::Laterality;
use jiff::civil::Date;
use place::{Place, levels_shown, places};
use regex::Regex;

re!(
    IMAGING,
    r"fluoro\w*|c-?arm|\bct[- ]guid\w+|under ct|\bct (?:scan )?guidance|x-?ray guid\w+|image guid\w+|image intensif\w+|contrast|epidurogra\w+|arthrogra\w+|radiopaque|radio-?graph\w* contrast|omnipaque|isovue|spot (?:film|image)s?"
);

re!(
    BY_CT,
    r"\bct[- ]?(?:guid\w+|fluoro\w*|gantry|directed)\b|\bunder ct\b|\bct (?:scanner|suite|table|guidance)\b"
);
re!(RADIOLOGIST, r"\b(?:by|of|from) (?:\w+\.? ){0,4}radiolog\w+");

/// Parts of a note in which work is told.
const TOLD: [Part; 4] = [Part::Procedures, Part::Body, Part::Implants, Part::Other];

/// A procedure found in the note.
pub(super) struct Found<'a> {
    procedure: &'static Procedure,
    entities: Vec<&'a Entity>,
    /// Passages that describe it without naming it.
    inferred: Vec<(usize, usize)>,
}

pub(super) fn apply(op: &Operation<'_>, dos: Date, sheet: &mut Sheet) {
    let catalogue = op.note.catalogue;
    let surgery: Vec<&'static str> = sheet.drafts.iter().map(|d| d.code).collect();
    let mut found: Vec<Found<'_>> = (0u16..)
        .zip(&catalogue.procedures)
        .filter_map(|(i, procedure)| {
            let entities = named(op, procedure, Concept::Listed(i));
            (!entities.is_empty()).then_some(Found { procedure, entities, inferred: vec![] })
        })
        .collect();
    let real = |f: &Found<'_>| f.procedure.role == Role::Work;
    // What was only the way in leaves the rest as free as if nothing were opened.
    let way_in = |c: &str| found.iter().any(|f| f.procedure.replaces.iter().any(|r| r == c));
    let free = !op.listed && surgery.iter().all(|c| way_in(c));
    let unlisted = !op.listed && !op.quoted_only && !found.iter().any(real);
    let way = match (op.quoted_only || op.note.reports_nothing(), free && !found.iter().any(real), free) {
        (true, _, _) => None,
        (_, true, _) => Some(Ways::All),
        (_, _, true) => Some(Ways::Beside),
        _ => Some(Ways::Headed),
    };
    if let Some(way) = way {
        let known: Vec<&str> = found.iter().map(|f| f.procedure.id.as_str()).collect();
        let new = catalogue.procedures.iter().filter(|p| !known.contains(&p.id.as_str()));
        let more: Vec<Found<'_>> = new.filter_map(|p| inferred(op, p, way)).collect();
        found.extend(more);
        entitled(op, &mut found);
        // A laminectomy that the list names may be no more than the way to what the telling takes out.
        if !surgery.is_empty() && (unlisted || !found.iter().any(real)) {
            found.extend(beside(op, &surgery, &found));
        }
    }
    found.retain(|f| may_stand(op, f, &surgery, sheet));
    // A name that lacks what it needs explains nothing where another procedure is told.
    let told: Vec<bool> = found.iter().map(|f| proves_itself(op, f)).collect();
    if told.contains(&true) {
        let mut keep = told.into_iter();
        found.retain(|_| keep.next().unwrap_or(true));
    }
    take_in(op, &mut found, sheet);
    let guided = found.iter().filter(|f| !f.procedure.imaging.included.is_empty()).count();
    for f in &found {
        if let Some(n) = &f.procedure.never {
            sheet.refuse(&n.code, &n.reason, &n.rule, spans(f));
        } else if f.procedure.setting != Setting::Last || sheet.drafts.is_empty() {
            write(op, f, dos, guided > 0, sheet);
        }
    }
}

/// Whether the words without which nothing of it is reported are said.
fn proves_itself(op: &Operation<'_>, f: &Found<'_>) -> bool {
    f.procedure.needs.iter().all(|n| {
        !n.withhold || n.what != Missing::Words || n.words.as_ref().is_none_or(|w| !said(op, &w.0).is_empty())
    })
}

/// Operations told by their acts beside others, to which those are the way in.
fn beside(op: &Operation<'_>, surgery: &[&'static str], found: &[Found<'_>]) -> Vec<Found<'static>> {
    let known: Vec<&str> = found.iter().map(|f| f.procedure.id.as_str()).collect();
    let told = |p: &&'static Procedure| {
        let way_in = surgery.iter().all(|c| p.replaces.iter().any(|r| r == c));
        let open = !p.replaces.is_empty() && p.role == Role::Work && !known.contains(&p.id.as_str());
        open && (way_in || p.setting == Setting::Any && !op.listed)
    };
    let all = &op.note.catalogue.procedures;
    let mut out: Vec<Found<'static>> =
        all.iter().filter(told).filter_map(|p| inferred(op, p, Ways::All)).collect();
    // A generator beside the lead that a laminectomy was the way to.
    if !out.is_empty() {
        let with = |p: &&'static Procedure| {
            let free = p.replaces.is_empty() && p.setting == Setting::Any && p.role == Role::Work;
            free && !known.contains(&p.id.as_str())
        };
        let more: Vec<Found<'static>> =
            all.iter().filter(with).filter_map(|p| inferred(op, p, Ways::Beside)).collect();
        out.extend(more);
    }
    out
}

/// Where the note names a procedure as done.
fn named<'a>(op: &Operation<'a>, p: &Procedure, concept: Concept) -> Vec<&'a Entity> {
    if p.role == Role::Work { op.work(&[concept]) } else { op.documented(&[concept]) }
}

/// Spans at which words are said as done in the parts that tell the work.
pub(super) fn said(op: &Operation<'_>, r: &Regex) -> Vec<(usize, usize)> {
    told(op, r, &TOLD, &[Assertion::Done])
}

fn told(op: &Operation<'_>, r: &Regex, parts: &[Part], how: &[Assertion]) -> Vec<(usize, usize)> {
    let mut out = vec![];
    for s in op.note.sentences.iter().filter(|s| parts.contains(&s.part)) {
        for m in r.find_iter(op.note.doc.slice(s.start, s.end)) {
            let (a, b) = (s.start + m.start(), s.start + m.end());
            if how.contains(&assertion::read_act(&op.note.doc.norm, (s.start, s.end), a, b)) {
                out.push((a, b));
            }
        }
    }
    out
}

/// Which descriptions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ways {
    /// All: nothing is named.
    All,
    /// Those that stand beside named procedures.
    Beside,
    /// Those that the list of procedures covers with a wider name.
    Headed,
}

/// A procedure that the title names counts beside a list that names only parts of it: "pump refill" over a list of
/// what was done to the pump.
fn entitled<'a>(op: &Operation<'a>, found: &mut Vec<Found<'a>>) {
    if !op.listed {
        return;
    }
    for (i, procedure) in (0u16..).zip(&op.note.catalogue.procedures) {
        let parts: Vec<&String> = procedure.includes.iter().flat_map(|x| &x.procedures).collect();
        let only_parts = found.iter().all(|f| parts.contains(&&f.procedure.id));
        if found.is_empty() || !only_parts || procedure.role != Role::Work {
            continue;
        }
        let entities = op.titled(Concept::Listed(i));
        if !entities.is_empty() {
            found.push(Found { procedure, entities, inferred: vec![] });
            return;
        }
    }
}

re!(DENIAL, r"\b(?:not|never|neither)\b");

/// How many sentences a description may stretch over.
const PASSAGE: usize = 8;

/// A passage that describes the procedure: all its words said as done within a few sentences of one section.
fn inferred(op: &Operation<'_>, procedure: &'static Procedure, ways: Ways) -> Option<Found<'static>> {
    for way in &procedure.inferred {
        let headed = way.listed.as_ref().is_some_and(|w| op.headed(&w.0));
        let holds = match ways {
            Ways::All => way.listed.is_none() || headed,
            Ways::Beside => way.beside || headed,
            Ways::Headed => headed,
        };
        if !holds {
            continue;
        }
        if !way.mentioned.iter().all(|w| w.0.is_match(&op.note.doc.norm)) {
            continue;
        }
        // "The paddle was not moved or revised" tells of no revision.
        let plain = |s: &(usize, usize)| !has(&DENIAL, op.note.doc.slice(s.0, s.1));
        // The first that is not said ends the search: reading what is said of each hit takes its time.
        let each = way.all.iter().map(|w| {
            let hits: Vec<(usize, usize)> = said(op, &w.0).into_iter().filter(plain).collect();
            (!hits.is_empty()).then_some(hits)
        });
        let Some(hits) = each.collect::<Option<Vec<_>>>() else { continue };
        let Some(first) = hits.first() else { continue };
        for &(a, b) in first {
            let Some((from, to)) = around(op, a, ways == Ways::All) else { continue };
            let inside = |s: &(usize, usize)| from <= s.0 && s.1 <= to;
            let rest: Option<Vec<(usize, usize)>> =
                hits.iter().skip(1).map(|h| h.iter().copied().find(|s| inside(s))).collect();
            let other = way.none.iter().any(|w| said(op, &w.0).iter().any(inside));
            if let Some(rest) = rest.filter(|_| !other) {
                let inferred = std::iter::once((a, b)).chain(rest).collect();
                return Some(Found { procedure, entities: vec![], inferred });
            }
        }
    }
    None
}

/// The passage around a place: its sentence and those after and before it, within a blank line.
fn passage(op: &Operation<'_>, at: usize) -> Option<(usize, usize)> {
    around(op, at, false)
}

/// The sentences around a place within a section; `told`: blank lines of the telling part nothing, where nothing else
/// is named.
fn around(op: &Operation<'_>, at: usize, told: bool) -> Option<(usize, usize)> {
    let s = &op.note.sentences;
    let here = s.iter().position(|x| x.start <= at && at < x.end)?;
    let blank = |i: usize| match (s.get(i), s.get(i + 1)) {
        (Some(a), Some(b)) => {
            let end = a.start + op.note.doc.slice(a.start, a.end).trim_end().len();
            let lead = op.note.doc.slice(b.start, b.end);
            let start = b.start + lead.len() - lead.trim_start().len();
            let gap = op.note.doc.slice(end, start);
            let told = told && a.part == Part::Body && b.part == Part::Body;
            gap.matches('\n').count() > 1 && !told || a.section != b.section
        }
        _ => true,
    };
    let mut from = here;
    while from > 0 && here - from < PASSAGE && !blank(from - 1) {
        from -= 1;
    }
    let mut to = here;
    while to + 1 < s.len() && to - here < PASSAGE && !blank(to) {
        to += 1;
    }
    Some((s.get(from)?.start, s.get(to)?.end))
}

/// Whether a procedure is a service of its own beside the operations of the sheet.
fn may_stand(op: &Operation<'_>, f: &Found<'_>, surgery: &[&'static str], sheet: &mut Sheet) -> bool {
    let p = f.procedure;
    if surgery.iter().any(|c| p.yields_to.iter().any(|y| c.starts_with(y.as_str()))) {
        return false;
    }
    let larger = surgery.iter().any(|c| !p.replaces.iter().any(|r| r == c));
    if p.setting == Setting::Any || !larger {
        return true;
    }
    if let (Some(reason), Some(row)) = (&p.beside_surgery, p.code.last()) {
        let told: Vec<(usize, usize)> = documented(op, p).iter().map(|e| e.reach()).collect();
        sheet.refuse(&row.first, reason, "NCCI", if told.is_empty() { spans(f) } else { told });
    }
    false
}

fn documented<'a>(op: &Operation<'a>, p: &Procedure) -> Vec<&'a Entity> {
    let at = op.note.catalogue.procedures.iter().position(|x| x.id == p.id);
    let Some(i) = at.and_then(|i| u16::try_from(i).ok()) else { return vec![] };
    op.documented(&[Concept::Listed(i)])
}

fn spans(f: &Found<'_>) -> Vec<(usize, usize)> {
    f.entities.iter().map(|e| e.reach()).chain(f.inferred.iter().copied()).collect()
}

/// Removes what is part of another procedure and says so; work at other levels stays.
fn take_in(op: &Operation<'_>, found: &mut Vec<Found<'_>>, sheet: &mut Sheet) {
    let mut gone: Vec<String> = vec![];
    for f in found.iter() {
        if gone.contains(&f.procedure.id) {
            continue;
        }
        for include in &f.procedure.includes {
            for id in &include.procedures {
                let Some(part) = op.note.catalogue.procedures.iter().find(|p| p.id == *id) else { continue };
                let own = found.iter().find(|o| o.procedure.id == *id);
                let within = own.is_some_and(|o| lies_at(o, &include.only_at));
                if !include.only_at.is_empty() && !within {
                    continue;
                }
                if include.only_at.is_empty() && own.is_some_and(|o| apart(f, o)) {
                    continue;
                }
                let told: Vec<(usize, usize)> = documented(op, part).iter().map(|e| e.reach()).collect();
                sheet.refuse(&include.code, &include.reason, &include.rule, told);
                gone.push(id.clone());
            }
        }
    }
    found.retain(|f| !gone.contains(&f.procedure.id));
}

/// It names vertebrae, and none but these.
fn lies_at(f: &Found<'_>, names: &[String]) -> bool {
    let bones: Vec<String> = f.entities.iter().flat_map(|e| e.vertebrae()).map(|v| v.to_string()).collect();
    !bones.is_empty() && bones.iter().all(|b| names.contains(b))
}

/// Both name their levels, and share none.
fn apart(a: &Found<'_>, b: &Found<'_>) -> bool {
    let levels = |f: &Found<'_>| f.entities.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>();
    let (a, b) = (levels(a), levels(b));
    !a.is_empty() && !b.is_empty() && !a.iter().any(|v| b.contains(v))
}

/// Writes the lines of one procedure.
///
/// `guided`: another procedure of the day has its guidance in it.
fn write(op: &Operation<'_>, f: &Found<'_>, dos: Date, guided: bool, sheet: &mut Sheet) {
    let p = f.procedure;
    let imaged = !op.says(&IMAGING).is_empty() && !blind(op);
    let treated = places(op, f);
    let beside: Vec<&'static str> = sheet.drafts.iter().map(|d| d.code).collect();
    let chosen = choose(op, f, &treated, imaged, dos, &beside);
    let (withheld, unsure) = ask(op, f, &treated, imaged, &chosen, sheet);
    if withheld || chosen.is_empty() {
        return;
    }
    sheet.drafts.retain(|d| !p.replaces.iter().any(|r| r == d.code));
    for c in &chosen {
        emit(op, f, c, treated.len(), unsure, sheet);
    }
    imaging(op, f, guided, sheet);
}

re!(
    BLIND,
    r"\b(?:no|without(?: any)?) (?:x-?rays?|fluoro\w*|imaging|image guidance|images?)\b|\bby feel\b|\bblind(?:ly)?\b|\blandmarks? (?:only|alone|technique)|\bby landmarks?\b|\bpalpation (?:only|alone)"
);
re!(
    SEEN_ON_FILM,
    r"\bcontrast\b|omnipaque|isovue|iohexol|\bspread\b|under (?:live )?(?:fluoro|x-?ray|ct)|(?:fluoro\w*|x-?ray|ct)[- ]guid\w+"
);

/// The telling says that the needle went in without a picture, and nothing of one.
fn blind(op: &Operation<'_>) -> bool {
    let parts = [Part::Body, Part::Other];
    let any = [Assertion::Done, Assertion::Denied, Assertion::Planned];
    !op.find(&BLIND, &parts, &any).is_empty() && op.find(&SEEN_ON_FILM, &parts, &[Assertion::Done]).is_empty()
}

/// Asks for what is missing: whether nothing may be reported, and whether the count is a guess.
fn ask(
    op: &Operation<'_>,
    f: &Found<'_>,
    treated: &[Place],
    imaged: bool,
    chosen: &[Chosen],
    sheet: &mut Sheet,
) -> (bool, bool) {
    let p = f.procedure;
    let codes: Vec<&str> = chosen.iter().flat_map(|c| [Some(c.first()), c.more()]).flatten().collect();
    let (mut withheld, mut unsure) = (false, false);
    for need in &p.needs {
        let there = match need.what {
            Missing::Level => treated.iter().any(Place::known),
            Missing::Side => treated.iter().any(|t| t.side.is_some()),
            Missing::Imaging => imaged,
            Missing::Words => need.words.as_ref().is_none_or(|w| !said(op, &w.0).is_empty()),
        };
        if !there {
            sheet.ask(&need.ask, &codes, spans(f));
            withheld |= need.withhold;
            unsure |= need.what == Missing::Level;
        }
    }
    (withheld, unsure)
}

/// One group of places under one row of codes: the first code, its add-ons, what goes with it.
///
/// `treated`: how many places the procedure was done at.
fn emit(op: &Operation<'_>, f: &Found<'_>, c: &Chosen, treated: usize, unsure: bool, sheet: &mut Sheet) {
    let row = c.row;
    let why = row.why.as_str();
    let first: &'static str = &row.first;
    let attempted = !f.entities.is_empty() && f.entities.iter().all(|e| only_attempted(op, e));
    let cut_short =
        f.entities.iter().any(|e| e.part == Part::Procedures && has(&CUT_SHORT, op.note.words(e.sentence)))
            && !op.says(&DANGER).is_empty();
    if attempted {
        sheet.ask(
            "The procedure is called an attempt: was it completed, or stopped, and what threatened the patient? Modifier 53 needs that said.",
            &[first],
            spans(f),
        );
    }
    let only = one_side_only(op, f).filter(|_| together(&c.places) == Some(Laterality::Bilateral));
    if let Some((_, span)) = only {
        let spans = spans(f).into_iter().chain([span]).collect();
        sheet.ask(super::ONE_SIDE_DONE, &[first], spans);
    }
    let mut line =
        |code: &'static str, units: usize, of: &[Place], primary: Option<&'static str>, mods: &[String]| {
            let levels = match f.procedure.count {
                Count::Session if treated == 1 => levels_shown(op, f),
                _ => of.iter().filter_map(|t| t.level).collect(),
            };
            let side =
                together(of).map(|s| only.map_or(s, |o| if s == Laterality::Bilateral { o.0 } else { s }));
            let beside: Vec<&'static str> = sheet.drafts.iter().map(|d| d.code).collect();
            let Some(d) = sheet.line(code, units, levels, &f.entities, why) else { return };
            d.primary = primary;
            if f.procedure.sides == Sides::Fifty {
                sided(d, side);
            } else {
                // The needle's side is documented even where the code knows no sides.
                d.side = side;
            }
            if f.entities.is_empty() {
                d.spans.extend(&f.inferred);
                d.confidence = 0.55;
            }
            if unsure {
                d.confidence = d.confidence.min(0.4);
            }
            d.modifiers.extend(mods.iter().filter_map(|m| modifier(m)));
            if attempted || cut_short {
                d.modifiers.push("53");
            }
            for rule in &f.procedure.modifiers {
                let Some(m) = modifier(&rule.modifier).filter(|m| !d.modifiers.contains(m)) else { continue };
                if rule.beside.iter().any(|b| beside.contains(&b.as_str())) {
                    d.modifiers.insert(0, m);
                } else if let Some(span) = rule.words.as_ref().and_then(|w| stated(op, w)) {
                    d.modifiers.insert(0, m);
                    d.spans.push(span);
                }
            }
        };
    let units = if row.each { c.places.len() } else { 1 };
    let covered = if row.each { c.places.len() } else { row.first_covers.min(c.places.len()) };
    let (of_first, rest) = c.places.split_at(covered);
    line(first, units, of_first, None, &row.modifiers);
    let (rest, beyond) = match (&row.third, rest.len()) {
        (Some(_), n) if n > 1 => rest.split_at(1),
        _ => (rest, &[][..]),
    };
    if let Some(more) = &row.more {
        let rest = &rest[..rest.len().min(row.most_more.unwrap_or(usize::MAX))];
        for group in by_side(rest) {
            line(more, group.len(), &group, Some(first), &[]);
        }
    }
    if let Some(third) = &row.third
        && !beyond.is_empty()
    {
        line(third, 1, beyond, Some(first), &[]);
    }
    for also in &row.also {
        if also.words.as_ref().is_none_or(|w| !said(op, &w.0).is_empty()) {
            let units = if also.each { c.places.len() } else { 1 };
            line(&also.code, units, &c.places, None, &also.modifiers);
        }
    }
}

re!(
    ONE_ONLY,
    r"\b(?:left|right)(?:[ -]sided?| joint)? only\b|\bonly (?:on )?(?:the )?(?:left|right)(?:[ -]side| joint)?\b[^.;]{0,30}\b(?:was|today|done|treated|fused|injected)"
);

/// Both sides by the heading, and one alone by the narrative; where that says so.
fn one_side_only(op: &Operation<'_>, f: &Found<'_>) -> Option<(Laterality, (usize, usize))> {
    if f.procedure.sides != Sides::Fifty {
        return None;
    }
    if let Some(u) = op.account.done_side(None) {
        return Some((u.only, u.span));
    }
    if !f.entities.iter().any(|e| e.part == Part::Procedures) {
        return None;
    }
    let parts = [Part::Body, Part::History, Part::Other];
    let any = [Assertion::Done, Assertion::Planned];
    let (a, b) = op.find(&ONE_ONLY, &parts, &any).first().copied()?;
    let words = op.note.doc.slice(a, b);
    Some((if words.contains("left") { Laterality::Left } else { Laterality::Right }, (a, b)))
}

re!(
    CUT_SHORT,
    r"\b(?:begun|started)\b[^.]{0,30}\b(?:discontinu|abandon|abort|stopp|terminat)\w+|\bdiscontinued\b|\baborted\b|\bterminated early\b"
);
// What threatens the patient, in the note's own words: without it, stopping is a choice.
re!(
    DANGER,
    r"risk to the patient|(?:safety|well-?being|danger|threat)\w*|hypotens\w+|bradycardi\w+|vasovagal|syncop\w+|arrest|seizure|anaphyla\w+|desaturat\w+|(?:turned )?gr[ae]y|stopped answering|unresponsive"
);
re!(ATTEMPT, r"\battempt(?:ed|s)?(?: at)? (?:an? |the )?(?:\w+ ){0,3}$");

/// Named as an attempt.
fn only_attempted(op: &Operation<'_>, e: &Entity) -> bool {
    has(&ATTEMPT, op.note.doc.slice(e.start.saturating_sub(48), e.start))
}

/// Words that prove a modifier, told as done today or as what led to today.
fn stated(op: &Operation<'_>, w: &Words) -> Option<(usize, usize)> {
    let parts = [
        Part::Procedures,
        Part::History,
        Part::Body,
        Part::Other,
        Part::Before,
        Part::After,
        Part::Diagnosis,
    ];
    told(op, &w.0, &parts, &[Assertion::Done, Assertion::Past]).first().copied()
}

/// The modifiers the catalogue may name.
fn modifier(m: &str) -> Option<&'static str> {
    const KNOWN: [&str; 12] = ["26", "50", "51", "52", "53", "58", "59", "78", "LT", "RT", "XS", "KX"];
    KNOWN.into_iter().find(|k| *k == m)
}

/// The side of several places: one side if they share it, both sides if they differ or are both.
fn together(places: &[Place]) -> Option<Laterality> {
    let mut sides = places.iter().filter_map(|p| p.side);
    let first = sides.next()?;
    Some(if sides.all(|s| s == first) { first } else { Laterality::Bilateral })
}

/// Places of the same side together, in order.
fn by_side(places: &[Place]) -> Vec<Vec<Place>> {
    let mut out: Vec<Vec<Place>> = vec![];
    for p in places {
        match out.iter_mut().find(|g| g.first().is_some_and(|f| f.side == p.side)) {
            Some(g) => g.push(*p),
            None => out.push(vec![*p]),
        }
    }
    out
}

const SEPARATE_IMAGING: &str = "imaging is not part of this procedure";

/// What becomes of documented imaging.
fn imaging(op: &Operation<'_>, f: &Found<'_>, guided: bool, sheet: &mut Sheet) {
    let p = f.procedure;
    let mut seen = op.documented(&[Concept::Fluoroscopy]);
    if p.imaging.separate.is_some() {
        // The beam that guided another needle is not this one's, nor is a radiologist's.
        let own = |i: usize| f.entities.iter().any(|e| e.sentence == i) || targets(p, op.note.words(i));
        seen.retain(|e| (!guided || own(e.sentence)) && !has(&RADIOLOGIST, op.note.words(e.sentence)));
    }
    let by_ct = op.says(&BY_CT).first().copied().filter(|_| p.imaging.ct.is_some());
    if let (Some(code), Some(span)) = (&p.imaging.ct, by_ct) {
        if let Some(d) = sheet.line(code, 1, vec![], &seen[..seen.len().min(1)], SEPARATE_IMAGING) {
            d.spans.push(span);
        }
        return;
    }
    if seen.is_empty() {
        return;
    }
    if let Some(code) = p.imaging.included.first() {
        let spans = seen.iter().take(2).map(|e| e.reach()).collect();
        sheet.refuse(code, "imaging is included in the procedure", "SP-11", spans);
    } else if let Some(code) = &p.imaging.separate {
        sheet.line(code, 1, vec![], &seen[..1], SEPARATE_IMAGING);
    }
}

/// Whether a sentence of the telling names what is treated.
fn targets(p: &Procedure, sentence: &str) -> bool {
    p.targets.as_ref().is_some_and(|w| w.0.is_match(sentence))
}

/// Whether a passage says words of a static pattern.
fn says(r: &std::sync::LazyLock<Option<Regex>>, words: &str) -> bool {
    has(r, words)
}
