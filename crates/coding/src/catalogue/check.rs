//! What every entry of the catalogue must fulfil, so that faulty data never reaches a claim.

use super::procedure::{Count, Missing, Procedure, Sides};
use super::{CatalogueError, CodeEntry};
use std::collections::{BTreeSet, HashMap};

/// Proves the procedures against the codes.
pub(super) fn check(
    procedures: &[Procedure],
    codes: &HashMap<String, CodeEntry>,
) -> Result<(), CatalogueError> {
    let ids: BTreeSet<&str> = procedures.iter().map(|p| p.id.as_str()).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for p in procedures {
        let fault = |what: String| Err(CatalogueError::Entry { id: p.id.clone(), what });
        if !seen.insert(&p.id) {
            return fault("the id stands twice".into());
        }
        if let Some(what) = shape(p).or_else(|| code_fault(p, codes)) {
            return fault(what);
        }
        for i in p.includes.iter().flat_map(|i| &i.procedures) {
            if !ids.contains(i.as_str()) || *i == p.id {
                return fault(format!("it includes \"{i}\", which is no other procedure"));
            }
        }
    }
    Ok(())
}

/// What is missing or superfluous in an entry by itself.
fn shape(p: &Procedure) -> Option<String> {
    let lower = p.patterns.iter().all(|w| {
        !w.0.as_str().chars().any(|c| c.is_ascii_uppercase() && c != 'S' && c != 'W' && c != 'B' && c != 'D')
    });
    let faults = [
        (p.label.trim().is_empty(), "it has no words of ours (label)"),
        (p.patterns.is_empty() && p.inferred.is_empty(), "no words name it (patterns)"),
        (p.code.is_empty() == p.never.is_none(), "it has either codes or `never`"),
        (p.sources.is_empty(), "it names no source"),
        (!lower, "a pattern has capitals, but the words are read in lower case"),
        ((p.count == Count::Item) != p.counted.is_some(), "`counted` goes with count = \"item\""),
        ((p.count == Count::Named) == p.named.is_empty(), "`named` goes with count = \"named\""),
        (p.needs.iter().any(|n| !n.ask.contains('?')), "a need's `ask` is not a question"),
        (
            p.needs.iter().any(|n| (n.what == Missing::Words) != n.words.is_some()),
            "`words` goes with a need for words",
        ),
        (p.code.iter().any(|r| r.why.trim().is_empty()), "a code has no reason (why)"),
        (
            p.code.iter().any(|r| r.third.is_some() && r.more.is_none()),
            "a third code without a second (more)",
        ),
    ];
    faults.iter().find(|f| f.0).map(|f| f.1.to_owned())
}

/// What disagrees with the table of codes and values.
fn code_fault(p: &Procedure, codes: &HashMap<String, CodeEntry>) -> Option<String> {
    let known = |c: &str| codes.contains_key(c);
    for r in &p.code {
        let of_row = [Some(&r.first), r.more.as_ref(), r.third.as_ref()];
        for c in of_row.into_iter().flatten().chain(r.also.iter().map(|a| &a.code)) {
            if !known(c) {
                return Some(format!("code {c} is not in codes.tsv"));
            }
        }
        let add_on = |c: &str| codes.get(c).is_some_and(|e| e.add_on);
        if add_on(&r.first) {
            return Some(format!("{} is an add-on and cannot be the first code", r.first));
        }
        for c in [r.more.as_ref(), r.third.as_ref()].into_iter().flatten() {
            if !add_on(c) {
                return Some(format!("{c} is no add-on"));
            }
        }
        let fifty = codes.get(&r.first).is_some_and(|e| e.bilateral || e.rvu == 0.0 || p.code.len() > 1);
        if p.sides == Sides::Fifty && !fifty {
            return Some(format!("{} does not take modifier 50", r.first));
        }
    }
    if p.sides == Sides::Fifty && !p.code.iter().any(|r| codes.get(&r.first).is_some_and(|e| e.bilateral)) {
        return Some("none of its codes takes modifier 50".into());
    }
    let others = p
        .includes
        .iter()
        .map(|i| &i.code)
        .chain(&p.imaging.included)
        .chain(&p.imaging.separate)
        .chain(&p.imaging.ct);
    others
        .chain(&p.replaces)
        .chain(p.never.as_ref().map(|n| &n.code))
        .find(|c| !known(c))
        .map(|c| format!("code {c} is not in codes.tsv"))
}
