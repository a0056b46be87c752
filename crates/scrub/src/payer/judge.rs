//! A claim by payer rules.

use super::format::{Condition, PayerRule, PayerRules, Remedy, Scope, Sessions};
use crate::fixes;
use crate::icd::dotted;
use crate::view::{Line, Note, View, parse_date};
use iambilly_claim::Finding;
use iambilly_claim::finding::{Fix, Source};
use iambilly_claim::money::Cents;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// One finding a rule, with all lines it speaks of; a remedy is for the first of them.
pub(crate) fn check(view: &View<'_>, rules: &PayerRules, out: &mut Vec<Finding>) {
    for rule in rules.iter() {
        let lines: Vec<&Line<'_>> = (view.lines.iter())
            .filter(|l| l.dos.is_some_and(|d| rule.from <= d && rule.to.is_none_or(|to| d <= to)))
            .filter(|l| in_scope(view, l, &rule.scope) && holds(view, l, &rule.when))
            .collect();
        let Some(first) = lines.first() else { continue };
        let names: Vec<String> = lines.iter().map(|l| l.name()).collect();
        let mut message = format!("{}: {}", names.join(", "), rule.message.trim());
        if !message.ends_with(['.', '!', '?']) {
            message.push('.');
        }
        out.push(
            Note::new(rule.kind, rule.severity, rule.id.clone(), cite(rule))
                .lines(lines.iter().copied())
                .text(message)
                .fix(remedy(view, first, rule.remedy.as_ref()))
                .done(),
        );
    }
}

pub(crate) fn cite(rule: &PayerRule) -> Source {
    Source {
        title: rule.source.title.clone(),
        version: rule.source.edition.clone(),
        effective_from: Some(rule.from.to_string()),
        effective_to: rule.to.map(|d| d.to_string()),
        locator: rule.source.locator.clone(),
    }
}

fn remedy(view: &View<'_>, line: &Line<'_>, remedy: Option<&Remedy>) -> Option<Fix> {
    match remedy? {
        Remedy::AddModifier(m) if line.has(m) => None,
        Remedy::AddModifier(m) => fixes::with_modifier(line, m),
        Remedy::RemoveModifier(m) => fixes::without_modifier(line, m),
        Remedy::ReplaceCode(code) => fixes::replace_code(line, code, None),
        Remedy::SetUnits(units) => fixes::set_units(line, *units),
        Remedy::RemoveLine => fixes::remove_line(view, line),
    }
}

fn in_scope(view: &View<'_>, line: &Line<'_>, scope: &Scope) -> bool {
    let payer = &view.claim.payer;
    let same = |list: &[String], text: &str| {
        list.is_empty() || list.iter().any(|x| x.trim().eq_ignore_ascii_case(text.trim()))
    };
    let role = view.claim.rendering_provider.role.as_deref().unwrap_or("surgeon");
    same(&scope.payers, &payer.id)
        && same(&scope.types, &payer.kind)
        && same(&scope.states, &view.state().unwrap_or_default())
        && same(&scope.places, line.place)
        && same(&scope.roles, role)
}

fn holds(view: &View<'_>, line: &Line<'_>, when: &Condition) -> bool {
    // What is not given holds.
    let given = |list: &[String], holds: bool| list.is_empty() || holds;
    let others =
        |codes: &[String]| view.same_day(line.dos).any(|l| l.index != line.index && any_code(codes, &l.code));
    let pointed: Vec<&str> = view.pointed(line).map(|(_, d)| d).collect();
    let diagnosed = |list: &[String]| pointed.iter().any(|d| any_diagnosis(list, d));
    let said = |w: &String| line.raw.said().any(|p| p.to_lowercase().contains(&w.to_lowercase()));
    let says = |words: &[String]| words.iter().any(said);
    let whole = !line.raw.documented.expose().is_empty();
    let has = |list: &[String]| list.iter().any(|m| line.has(m));
    any_code(&when.codes, &line.code)
        && given(&when.modifiers_any, has(&when.modifiers_any))
        && given(&when.modifiers_none, !has(&when.modifiers_none))
        && given(&when.diagnoses_any, diagnosed(&when.diagnoses_any))
        && given(&when.diagnoses_none, !pointed.is_empty() && !diagnosed(&when.diagnoses_none))
        && given(&when.with_codes, others(&when.with_codes))
        && given(&when.without_codes, !others(&when.without_codes))
        && given(&when.documented_any, says(&when.documented_any))
        && given(&when.documented_none, whole && !says(&when.documented_none))
        && numbers(view, line, when)
        && (!when.no_authorisation
            || view.claim.prior_auth_number.as_deref().is_none_or(|n| n.trim().is_empty()))
        && when.sessions.as_ref().is_none_or(|s| too_many(view, line, s))
}

fn numbers(view: &View<'_>, line: &Line<'_>, when: &Condition) -> bool {
    let units = view
        .same_day(line.dos)
        .filter(|l| l.code == line.code)
        .fold(0_u32, |sum, l| sum.saturating_add(l.raw.units));
    let levels = line.raw.levels.iter().collect::<BTreeSet<_>>().len();
    let charge = line.raw.charge.as_deref().and_then(|c| c.parse::<Cents>().ok());
    let limit = |text: &String| text.parse::<Cents>().ok();
    let birth = view.claim.patient.birth_date.expose().as_deref().and_then(parse_date);
    let age = birth.zip(line.dos).map(|(born, on)| age(born, on));
    let late = |days: u32| {
        line.dos
            .and_then(|d| d.checked_add(i64::from(days).days()).ok())
            .is_some_and(|end| view.received > end)
    };
    when.units_above.is_none_or(|n| units > n)
        && when.levels_above.is_none_or(|n| levels > usize::try_from(n).unwrap_or(usize::MAX))
        && when.charge_above.as_ref().is_none_or(|c| charge > limit(c) && limit(c).is_some())
        && when.age_below.is_none_or(|n| age.is_some_and(|a| a < i32::from(n)))
        && when.age_from.is_none_or(|n| age.is_some_and(|a| a >= i32::from(n)))
        && when.received_after_days.is_none_or(late)
}

fn age(born: Date, on: Date) -> i32 {
    i32::from(on.year())
        - i32::from(born.year())
        - i32::from((on.month(), on.day()) < (born.month(), born.day()))
}

fn too_many(view: &View<'_>, line: &Line<'_>, sessions: &Sessions) -> bool {
    let Some(last) = line.dos else { return false };
    let Ok(window) = last.checked_sub(i64::from(sessions.months).months()) else { return false };
    let here = view.lines.iter().filter(|l| any_code(&sessions.codes, &l.code)).filter_map(|l| l.dos);
    let history = &view.claim.history;
    let before = history
        .iter()
        .filter(|h| any_code(&sessions.codes, h.code.trim()))
        .filter_map(|h| parse_date(&h.dos));
    let days: BTreeSet<Date> = here.chain(before).filter(|d| *d > window && *d <= last).collect();
    days.len() > sessions.more_than
}

fn any_code(patterns: &[String], code: &str) -> bool {
    patterns.iter().any(|p| match (p.split_once('-'), p.strip_suffix('*')) {
        (Some((low, high)), _) => code.len() == low.len() && (low..=high).contains(&code),
        (_, Some(head)) => code.starts_with(head),
        _ => p == code,
    })
}

fn any_diagnosis(patterns: &[String], code: &str) -> bool {
    patterns.iter().any(|p| match p.strip_suffix('*') {
        Some(head) => code.replace('.', "").starts_with(&head.replace('.', "")),
        None => dotted(p) == code,
    })
}
