//! Diagnoses: do they exist on the date, can they be reported, first, together, with this patient and operation.

use crate::fixes;
use crate::icd::{Side, dotted};
use crate::rules::Unit;
use crate::view::{Line, Note, View, parse_date};
use iambilly_claim::{Finding, FindingKind, Laterality, Level, Severity};
use iambilly_icd10cm::Standing;
use jiff::civil::Date;
use std::ops::RangeInclusive;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for index in 0..view.claim.diagnoses.len() {
        standing(view, index, out);
        patient(view, index, out);
    }
    first(view, out);
    together(view, out);
    after(view, out);
    neoplasm(view, out);
    levels(view, out);
    sides(view, out);
    encounter(view, out);
}

fn code<'v>(view: &'v View<'_>, index: usize) -> &'v str {
    view.diagnoses.get(index).map_or("", String::as_str)
}

/// Names of the form `M54` cover all codes under them.
fn under(code: &str, prefixes: &[String]) -> bool {
    prefixes.iter().any(|p| code.starts_with(p.as_str()))
}

fn note(view: &View<'_>, kind: FindingKind, severity: Severity, rule: &str, locator: &str) -> Note {
    Note::new(kind, severity, rule, view.book.icd_origin.cite(locator))
}

/// The dates of the services that point to a diagnosis, each once; the claim's date where none does.
fn dates(view: &View<'_>, index: usize) -> Vec<Date> {
    let pointing = view.lines.iter().filter(|l| view.pointed(l).any(|(i, _)| i == index));
    let mut dates: Vec<Date> = pointing.filter_map(|l| l.dos).collect();
    dates.sort_unstable();
    dates.dedup();
    if dates.is_empty() { vec![view.dos] } else { dates }
}

/// Whether a diagnosis exists and can be reported on the dates of its services: the first date that speaks against
/// it is said.
fn standing(view: &View<'_>, index: usize, out: &mut Vec<Finding>) {
    let dates = dates(view, index);
    let first = view.lines.iter().find_map(|l| l.dos);
    let several = view.lines.iter().any(|l| l.dos.is_some() && l.dos != first);
    if let Some((dos, mut finding)) =
        dates.iter().find_map(|dos| Some((dos, standing_on(view, index, *dos)?)))
    {
        if several {
            finding.message = format!("{} Date of service: {dos}.", finding.message);
        }
        out.push(finding);
    }
}

fn standing_on(view: &View<'_>, index: usize, dos: Date) -> Option<Finding> {
    let icd = view.book.icd(dos);
    let code = code(view, index);
    let rules = &view.book.icd_rules;
    let changed = rules.history.iter().find(|h| {
        h.code == code
            || h.prefix.as_ref().is_some_and(|p| code.len() > p.len() && code.starts_with(p.as_str()))
    });
    let say = |kind, severity, text: String| {
        Note::new(kind, severity, format!("ICD-{code}"), icd.origin.cite(code)).codes([code]).text(text)
    };
    if let Some(change) = changed {
        if change.to.is_some_and(|to| dos <= to) {
            return None; // still a code of its own on this date
        }
        if let Some(from) = change.from.filter(|from| dos < *from) {
            let text = format!("{code} can be reported from {from} on, after the date of service.");
            let fix = change.prefix.as_ref().and_then(|p| fixes::replace_diagnosis(view, index, p));
            return Some(say(FindingKind::IcdInvalid, Severity::Block, text).fix(fix).done());
        }
    }
    match icd.standing(code) {
        Standing::Billable => None,
        Standing::Unknown => {
            // On a date the edition was not published for it may be a code; nothing here can tell.
            let severity = if icd.covers(dos) { Severity::Block } else { Severity::Warn };
            let text = format!("{code} is not in ICD-10-CM {}.", icd.origin.edition);
            Some(say(FindingKind::IcdInvalid, severity, text).done())
        }
        what => {
            let below = icd.billable_under(code, 5);
            let only = match below.as_slice() {
                [one] => fixes::replace_diagnosis(view, index, one),
                _ => None,
            };
            let needs = if what == Standing::NeedsSeventh { "a 7th character" } else { "more characters" };
            let text =
                format!("{code} cannot be reported: it needs {needs}, for example {}.", below.join(", "));
            Some(say(FindingKind::IcdNotBillable, Severity::Block, text).fix(only).done())
        }
    }
}

fn patient(view: &View<'_>, index: usize, out: &mut Vec<Finding>) {
    let (rules, code) = (&view.book.icd_rules, code(view, index));
    let patient = &view.claim.patient;
    let sex = patient.sex.expose().as_deref().unwrap_or_default().trim().to_uppercase();
    let sex = sex.chars().next();
    let wrong_sex =
        (sex == Some('M') && under(code, &rules.female)) || (sex == Some('F') && under(code, &rules.male));
    if wrong_sex {
        out.push(
            note(view, FindingKind::AgeSex, Severity::Block, "ICD-SEX", "age and sex")
                .codes([code])
                .text(format!("{code} does not go with the patient's sex."))
                .done(),
        );
    }
    let birth = patient.birth_date.expose().as_deref().and_then(parse_date);
    let minor = birth.is_some_and(|b| years(b, view.dos) < 18);
    if minor && under(code, &rules.adult) {
        out.push(
            note(view, FindingKind::AgeSex, Severity::Warn, "ICD-AGE", "age and sex")
                .codes([code])
                .text(format!("{code} is a diagnosis of adults."))
                .done(),
        );
    }
}

fn years(birth: Date, on: Date) -> i16 {
    on.year() - birth.year() - i16::from((on.month(), on.day()) < (birth.month(), birth.day()))
}

/// Manifestations and status codes are not first-listed; a manifestation follows its disease.
fn first(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let Some(_) = view.claim.diagnoses.first() else { return };
    let code = code(view, 0);
    let icd = book.icd(view.dos);
    let manifestation = icd.is_manifestation(code);
    if !manifestation && !under(code, &book.icd_rules.never_first) {
        return;
    }
    let why = if manifestation {
        "is a manifestation: the disease behind it is listed first"
    } else {
        "says what was or is present, not why the patient came: it is not first-listed"
    };
    // The first diagnosis that could lead takes its place.
    let leader = (1..view.claim.diagnoses.len()).find(|i| {
        let c = self::code(view, *i);
        !icd.is_manifestation(c) && !under(c, &book.icd_rules.never_first)
    });
    out.push(
        note(view, FindingKind::IcdSequence, Severity::Block, "ICD-FIRST", "sequencing")
            .codes([code])
            .text(format!("{code} {why}."))
            .fix(leader.and_then(|i| fixes::move_diagnosis(view, i, 0)))
            .done(),
    );
}

/// A manifestation stands after the disease it belongs to, and a late effect after what it left behind.
fn after(view: &View<'_>, out: &mut Vec<Finding>) {
    let rules = &view.book.icd_rules;
    let codes = &view.diagnoses;
    for rule in &rules.sequence {
        let Some(early) = codes.iter().position(|c| under(c, &rule.manifestation)) else { continue };
        let disease = codes.iter().position(|c| under(c, &rule.disease));
        let Some(disease) = disease.filter(|d| *d > early && early > 0) else { continue };
        let names = [codes.get(early), codes.get(disease)].into_iter().flatten().cloned();
        out.push(
            note(view, FindingKind::IcdSequence, Severity::Block, "ICD-ORDER", "code first")
                .codes(names)
                .text("A manifestation is listed before the disease it belongs to.")
                .fix(fixes::move_diagnosis(view, early, disease))
                .done(),
        );
    }
    let late = codes.first().filter(|c| under(c, &rules.injuries) && c.ends_with('S') && c.len() == 8);
    if let Some(code) = late {
        out.push(
            note(view, FindingKind::IcdSequence, Severity::Warn, "ICD-SEQUELA", "sequela")
                .codes([code])
                .text(format!("{code} is a late effect: the condition it left is listed first."))
                .done(),
        );
    }
}

/// Excludes1 pairs.
fn together(view: &View<'_>, out: &mut Vec<Finding>) {
    let (icd, rules) = (view.book.icd(view.dos), &view.book.icd_rules);
    let codes = &view.diagnoses;
    for (i, a) in codes.iter().enumerate() {
        for (j, b) in codes.iter().enumerate().skip(i + 1) {
            if a == b {
                out.push(
                    note(view, FindingKind::IcdSequence, Severity::Warn, "ICD-TWICE", "one code once")
                        .codes([a.clone()])
                        .text(format!("{a} is listed twice."))
                        .fix(fixes::remove_diagnosis(view, j, i))
                        .done(),
                );
                continue;
            }
            let Some(exclusion) = icd.exclusion(a, b) else { continue };
            let symptom = |c: &str| under(c, &rules.symptoms);
            let apart = match (icd.site(a), icd.site(b)) {
                (Some(x), Some(y)) => x.start() > y.end() || y.start() > x.end(),
                _ => false,
            };
            let doubtful = exclusion.block
                || rules.doubtful_excludes1.iter().any(|(x, y)| {
                    (a.starts_with(x.as_str()) && b.starts_with(y.as_str()))
                        || (b.starts_with(x.as_str()) && a.starts_with(y.as_str()))
                });
            let severity = match (apart, doubtful) {
                (true, _) => Severity::Info, // two unrelated conditions of two regions may both be reported
                (_, true) => Severity::Warn,
                _ => Severity::Block,
            };
            let (gone, instead) = if symptom(b) { (j, i) } else { (i, j) };
            let fix =
                if symptom(a) != symptom(b) { fixes::remove_diagnosis(view, gone, instead) } else { None };
            let mut source = icd.origin.cite(format!("Excludes1 at {}", dotted(&exclusion.at)));
            source.version.clone_from(&icd.origin.edition);
            let region =
                if apart { "; they are of two regions, so both may stand if they are unrelated" } else { "" };
            out.push(
                Note::new(FindingKind::IcdExcludes1, severity, format!("ICD-EX1-{}", exclusion.at), source)
                    .codes([a.clone(), b.clone()])
                    .text(format!("{a} and {b} exclude each other (Excludes1){region}."))
                    .fix(fix)
                    .done(),
            );
        }
    }
}

fn neoplasm(view: &View<'_>, out: &mut Vec<Finding>) {
    let rules = &view.book.icd_rules;
    let codes = &view.diagnoses;
    let Some(fracture) = codes.iter().find(|c| under(c, &rules.needs_neoplasm)) else { return };
    if !codes.iter().any(|c| under(c, &rules.neoplasms)) {
        out.push(
            note(view, FindingKind::IcdSequence, Severity::Warn, "ICD-NEOPLASM", "code also the neoplasm")
                .codes([fracture.clone()])
                .text(format!("{fracture} wants the neoplasm coded too, and none is listed."))
                .done(),
        );
    }
}

/// The level a diagnosis names against the levels of the services that point to it.
fn levels(view: &View<'_>, out: &mut Vec<Finding>) {
    let book = view.book;
    let placed = |line: &Line<'_>| {
        line.count.is_some_and(|c| !matches!(c.unit, Unit::Session | Unit::Lead))
            && line.raw.levels.iter().any(|l| !l.vertebrae().is_empty())
    };
    for index in 0..view.claim.diagnoses.len() {
        let code = code(view, index);
        let icd = book.icd(view.dos);
        let Some(site) = icd.site(code) else { continue };
        let lines: Vec<&Line<'_>> =
            view.lines.iter().filter(|l| placed(l) && view.pointed(l).any(|(i, _)| i == index)).collect();
        let meets = lines.iter().flat_map(|l| &l.raw.levels).any(|level| within(*level, &site));
        if !lines.is_empty() && !meets {
            out.push(
                Note::new(FindingKind::IcdLevelMismatch, Severity::Warn, "ICD-LEVEL", icd.origin.cite(code))
                    .lines(lines)
                    .codes([code])
                    .text(format!(
                        "{code} names another part of the spine than the services that point to it."
                    ))
                    .done(),
            );
        }
    }
}

/// Whether a level lies in a diagnosis's part of the spine; the occiput-to-sacrum order of both.
fn within(level: Level, site: &RangeInclusive<u8>) -> bool {
    let bones = level.vertebrae();
    match level {
        Level::Interspace(_) if site.start() != site.end() => bones.iter().all(|v| site.contains(&v.index())),
        _ => bones.iter().any(|v| site.contains(&v.index())),
    }
}

/// LT, RT and the documented side against sided diagnoses.
fn sides(view: &View<'_>, out: &mut Vec<Finding>) {
    let rules = &view.book.icd_rules;
    for line in &view.lines {
        let (marked, side) = match (line.has("LT"), line.has("RT"), line.raw.laterality) {
            (true, false, _) => (true, Side::Left),
            (false, true, _) => (true, Side::Right),
            (false, false, Some(Laterality::Left)) => (false, Side::Left),
            (false, false, Some(Laterality::Right)) => (false, Side::Right),
            _ => continue,
        };
        let icd = view.book.icd(line.dos.unwrap_or(view.dos));
        let sided: Vec<(&str, Side)> = view
            .pointed(line)
            .map(|(_, d)| d)
            .filter(|d| under(d, &rules.sided))
            .filter_map(|d| icd.side(d).map(|s| (d, s)))
            .collect();
        if sided.is_empty() || sided.iter().any(|(_, s)| *s == side || *s == Side::Both) {
            continue;
        }
        let codes: Vec<&str> = sided.into_iter().map(|(d, _)| d).collect();
        let severity = if marked { Severity::Block } else { Severity::Warn };
        out.push(
            note(view, FindingKind::LateralityConflict, severity, "SIDE-ICD", "laterality")
                .lines([line])
                .codes(codes.iter().copied())
                .text(format!(
                    "{} is of one side and its diagnosis {} of the other.",
                    line.name(),
                    codes.join(", ")
                ))
                .done(),
        );
    }
}

/// Fracture operations and the encounter a 7th character names.
fn encounter(view: &View<'_>, out: &mut Vec<Finding>) {
    let rules = &view.book.icd_rules;
    for index in 0..view.claim.diagnoses.len() {
        let code = code(view, index);
        let seventh = (code.chars().filter(|c| *c != '.').nth(6)).filter(|c| !matches!(c, 'A' | 'B'));
        if seventh.is_none() || !under(code, &rules.fractures) || !view.book.icd(view.dos).is_billable(code) {
            continue;
        }
        let lines: Vec<&Line<'_>> = view
            .lines
            .iter()
            .filter(|l| rules.acute_only.has(l.key) && view.pointed(l).any(|(i, _)| i == index))
            .collect();
        if lines.is_empty() {
            continue;
        }
        let active: String = code.chars().take(code.len() - 1).chain(['A']).collect();
        out.push(
            note(view, FindingKind::MedicalNecessity, Severity::Block, "ICD-ACUTE", "7th character")
                .lines(lines)
                .codes([code])
                .text(format!("{code} is a later encounter; augmentation treats a fracture in its active phase ({active}), if the note says so."))
                .fix(fixes::replace_diagnosis(view, index, &active))
                .done(),
        );
    }
}
