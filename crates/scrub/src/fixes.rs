//! Fixes: JSON Patches on the claim, written here and proved before they are offered.
//!
//! A patch begins with a `test` of the line or diagnosis it means and tests every member it replaces, so that a
//! patch made for an earlier state of the claim fails instead of undoing a later change.

use crate::view::{Line, View};
use iambilly_claim::finding::{Finding, Findings, Fix, PatchOp};
use iambilly_claim::{Claim, Fault, FaultKind, Level, Verdict, money::Cents};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// Why a fix could not be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The claim has changed since: the line is not the one the fix was made for.
    #[error("the claim has changed since this fix was suggested")]
    Changed,
    /// The patch cannot be applied at all.
    #[error("this fix cannot be applied to a claim")]
    Unusable,
}

impl ApplyError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let code = match self {
            Self::Changed => "fix_outdated",
            Self::Unusable => "fix_unusable",
        };
        Fault::new(FaultKind::Input, code, format!("{self}; it was left as it is."), "Check the claim again.")
    }
}

/// Applies a fix, all of it or none.
///
/// # Errors
/// When the claim is not the one the fix was made for.
pub fn apply(claim: &Claim, fix: &Fix) -> Result<Claim, ApplyError> {
    let value = serde_json::to_value(claim).map_err(|_| ApplyError::Unusable)?;
    patched(value, &patch(fix)?).map(|(claim, _)| claim)
}

fn patch(fix: &Fix) -> Result<json_patch::Patch, ApplyError> {
    serde_json::to_value(&fix.patch).and_then(serde_json::from_value).map_err(|_| ApplyError::Unusable)
}

fn patched(mut claim: Value, patch: &json_patch::Patch) -> Result<(Claim, Value), ApplyError> {
    json_patch::patch(&mut claim, patch).map_err(|_| ApplyError::Changed)?;
    let typed = Claim::deserialize(&claim).map_err(|_| ApplyError::Unusable)?;
    Ok((typed, claim))
}

/// Keeps a fix only if it mends its finding, leaves the verdict no worse alone, and does so too when the fixes
/// before it have been applied. A blocked claim cannot get worse: there only mending is asked.
pub(crate) fn prove(claim: &Claim, mut findings: Findings, judge: impl Fn(&Claim) -> Findings) -> Findings {
    let before = findings.verdict;
    if findings.findings.iter().all(|f| f.fix.is_none()) {
        return findings;
    }
    let Ok(base) = serde_json::to_value(claim) else {
        findings.findings.iter_mut().for_each(|f| f.fix = None);
        return findings;
    };
    // The claim as the fixes kept so far leave it.
    let mut along = None;
    for finding in &mut findings.findings {
        let Some(Ok(patch)) = finding.fix.as_ref().map(patch) else {
            finding.fix = None;
            continue;
        };
        let mended = patched(base.clone(), &patch).ok().filter(|(changed, _)| {
            let after = judge(changed);
            after.verdict <= before && !after.findings.iter().any(|f| same(f, finding))
        });
        let harmless = match (mended, &mut along) {
            (None, _) => false,
            (Some(_), _) if before == Verdict::Block => true,
            // The first fix is proved along with itself.
            (Some((_, value)), along @ None) => {
                *along = Some(value);
                true
            }
            (Some(_), Some(along)) => follows(along, &patch, before, &judge),
        };
        if !harmless {
            finding.fix = None;
        }
    }
    findings
}

/// Applies a patch to the claim as the fixes before it left it, unless the verdict would then be worse. A patch
/// that no longer fits is harmless.
fn follows(
    along: &mut Value,
    patch: &json_patch::Patch,
    before: Verdict,
    judge: impl Fn(&Claim) -> Findings,
) -> bool {
    match patched(along.clone(), patch) {
        Err(_) => true,
        Ok((changed, value)) => {
            let harmless = judge(&changed).verdict <= before;
            if harmless {
                *along = value;
            }
            harmless
        }
    }
}

fn same(a: &Finding, b: &Finding) -> bool {
    a.kind == b.kind && a.rule == b.rule && a.lines == b.lines && a.codes == b.codes
}

fn test(path: String, value: Value) -> PatchOp {
    PatchOp::Test { path, value }
}

/// `add` on an object's member sets it, whether it was there or not.
fn set(path: String, value: Value) -> PatchOp {
    PatchOp::Add { path, value }
}

/// The tests that say which line is meant.
fn this_line(line: &Line<'_>) -> Vec<PatchOp> {
    let mut ops = vec![test(format!("/lines/{}/code", line.index), json!(line.raw.code))];
    if line.raw.number != 0 {
        ops.push(test(format!("/lines/{}/number", line.index), json!(line.raw.number)));
    }
    ops
}

fn fix(description: impl Into<String>, patch: Vec<PatchOp>) -> Option<Fix> {
    Some(Fix { description: description.into(), patch })
}

/// Takes a line off the claim, and its charge off a stated total.
pub(crate) fn remove_line(view: &View<'_>, line: &Line<'_>) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let mut ops = this_line(line);
    ops.push(PatchOp::Remove { path: format!("/lines/{}", line.index) });
    if let Some(total) = &view.claim.total_charge
        && let (Ok(sum), Some(Ok(charge))) =
            (total.parse::<Cents>(), line.raw.charge.as_ref().map(|c| c.parse::<Cents>()))
    {
        ops.push(test("/total_charge".to_owned(), json!(total)));
        ops.push(set("/total_charge".to_owned(), json!(Cents(sum.0.saturating_sub(charge.0)))));
    }
    fix(format!("Take {} off the claim", line.name()), ops)
}

/// Changes a line's code; modifiers given replace the line's.
pub(crate) fn replace_code(line: &Line<'_>, code: &str, modifiers: Option<Vec<String>>) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let mut ops = this_line(line);
    ops.push(set(format!("/lines/{}/code", line.index), json!(code)));
    if let Some(modifiers) = modifiers.filter(|m| *m != line.modifiers) {
        ops.extend(modifier_ops(line, &modifiers));
    }
    fix(format!("Report {code} instead of {}", line.name()), ops)
}

/// Changes a line's code and takes another line off.
pub(crate) fn merge(view: &View<'_>, keep: &Line<'_>, code: &str, gone: &Line<'_>) -> Option<Fix> {
    if !keep.mending {
        return None;
    }
    let mut ops = this_line(keep);
    ops.push(set(format!("/lines/{}/code", keep.index), json!(code)));
    ops.extend(remove_line(view, gone)?.patch);
    fix(format!("Report {code} instead of {} and {}", keep.name(), gone.name()), ops)
}

fn modifier_ops(line: &Line<'_>, modifiers: &[String]) -> Vec<PatchOp> {
    let path = format!("/lines/{}/modifiers", line.index);
    let mut ops = Vec::new();
    if !line.raw.modifiers.is_empty() {
        ops.push(test(path.clone(), json!(line.raw.modifiers)));
    }
    ops.push(set(path, json!(modifiers)));
    ops
}

/// Sets a line's modifiers.
pub(crate) fn set_modifiers(
    line: &Line<'_>,
    modifiers: &[String],
    description: impl Into<String>,
) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let mut ops = this_line(line);
    ops.extend(modifier_ops(line, modifiers));
    fix(description, ops)
}

/// Takes a modifier off a line.
pub(crate) fn without_modifier(line: &Line<'_>, modifier: &str) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let rest: Vec<String> = line.modifiers.iter().filter(|m| *m != modifier).cloned().collect();
    set_modifiers(line, &rest, format!("Take modifier {modifier} off {}", line.name()))
}

/// Adds a modifier to a line, if there is room.
pub(crate) fn with_modifier(line: &Line<'_>, modifier: &str) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    if line.modifiers.len() >= 4 {
        return None;
    }
    let mut all = line.modifiers.clone();
    all.push(modifier.to_owned());
    set_modifiers(line, &all, format!("Add modifier {modifier} to {}", line.name()))
}

/// Sets a line's units.
pub(crate) fn set_units(line: &Line<'_>, units: u32) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let path = format!("/lines/{}/units", line.index);
    let mut ops = this_line(line);
    ops.push(test(path.clone(), json!(line.raw.units)));
    ops.push(set(path, json!(units)));
    fix(format!("Report {} with {units} unit{}", line.name(), if units == 1 { "" } else { "s" }), ops)
}

/// One unit with 50 for a service of both sides.
pub(crate) fn both_sides(line: &Line<'_>) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let mut ops = set_units(line, 1)?.patch;
    if !line.has("50") {
        let modifiers: Vec<String> =
            std::iter::once("50".to_owned()).chain(line.modifiers.iter().cloned()).collect();
        if modifiers.len() > 4 {
            return None;
        }
        ops.extend(modifier_ops(line, &modifiers));
    }
    fix(format!("Report {} once with 50", line.name()), ops)
}

/// Leaves one unit on a primary and adds a line of its add-on for the others; its charge is for the coder.
pub(crate) fn split_units(view: &View<'_>, line: &Line<'_>, add_on: &str) -> Option<Fix> {
    if !line.mending {
        return None;
    }
    let units = line.raw.units.checked_sub(1).filter(|u| *u > 0)?;
    let mut ops = set_units(line, 1)?.patch;
    let next = view.lines.iter().map(|l| l.number).max()?.checked_add(1)?;
    let mut added = serde_json::to_value(line.raw).ok()?;
    let (first, rest) = line.raw.levels.split_at(usize::from(line.raw.levels.len() > 1));
    let fields = added.as_object_mut()?;
    fields.insert("number".to_owned(), json!(next));
    fields.insert("code".to_owned(), json!(add_on));
    fields.insert("units".to_owned(), json!(units));
    fields.insert("charge".to_owned(), Value::Null);
    if !first.is_empty() {
        fields.insert("levels".to_owned(), json!(rest));
        ops.push(set(format!("/lines/{}/levels", line.index), json!(first)));
    }
    ops.push(set("/lines/-".to_owned(), added));
    fix(format!("Report {} once and {add_on} for the further {units}; enter its charge", line.name()), ops)
}

/// Adds a line of an add-on beside its primary; its charge is for the coder.
pub(crate) fn add_line(
    view: &View<'_>,
    beside: &Line<'_>,
    code: &str,
    units: u32,
    levels: &[Level],
) -> Option<Fix> {
    if !beside.mending {
        return None;
    }
    let mut ops = this_line(beside);
    let next = view.lines.iter().map(|l| l.number).max()?.checked_add(1)?;
    let mut added = serde_json::to_value(beside.raw).ok()?;
    let fields = added.as_object_mut()?;
    fields.insert("number".to_owned(), json!(next));
    fields.insert("code".to_owned(), json!(code));
    fields.insert("units".to_owned(), json!(units));
    fields.insert("modifiers".to_owned(), json!([]));
    fields.insert("levels".to_owned(), json!(levels));
    fields.insert("charge".to_owned(), Value::Null);
    ops.push(set("/lines/-".to_owned(), added));
    fix(format!("Report {code} beside {}; enter its charge", beside.name()), ops)
}

/// Replaces a diagnosis.
pub(crate) fn replace_diagnosis(view: &View<'_>, index: usize, code: &str) -> Option<Fix> {
    if !view.mending {
        return None;
    }
    let old = view.claim.diagnoses.get(index)?;
    let path = format!("/diagnoses/{index}");
    let ops = vec![test(path.clone(), json!(old)), PatchOp::Replace { path, value: json!(code) }];
    fix(format!("Report {code} instead of {old}"), ops)
}

/// Takes a diagnosis off the claim; pointers to it go and later ones move up, a line left without a pointer
/// taking those to `instead`.
pub(crate) fn remove_diagnosis(view: &View<'_>, index: usize, instead: usize) -> Option<Fix> {
    if !view.mending {
        return None;
    }
    let old = view.claim.diagnoses.get(index)?;
    let path = format!("/diagnoses/{index}");
    let mut ops = vec![test(path.clone(), json!(old)), PatchOp::Remove { path }];
    let moved = |i: usize| if i > index { i - 1 } else { i };
    ops.extend(repoint(view, |i| if i == index { moved(instead) } else { moved(i) })?);
    fix(format!("Take {old} off the claim"), ops)
}

/// Moves a diagnosis to the front or the end of the list; pointers follow it.
pub(crate) fn move_diagnosis(view: &View<'_>, from: usize, to: usize) -> Option<Fix> {
    if !view.mending {
        return None;
    }
    let code = view.claim.diagnoses.get(from)?;
    if from == to || to >= view.claim.diagnoses.len() {
        return None;
    }
    let mut ops = vec![
        test(format!("/diagnoses/{from}"), json!(code)),
        PatchOp::Remove { path: format!("/diagnoses/{from}") },
        PatchOp::Add { path: format!("/diagnoses/{to}"), value: json!(code) },
    ];
    ops.extend(repoint(view, |i| match i {
        _ if i == from => to,
        _ if from < i && i <= to => i - 1,
        _ if to <= i && i < from => i + 1,
        _ => i,
    })?);
    fix(format!("List {code} {}", if to == 0 { "first" } else { "after the disease it belongs to" }), ops)
}

/// Rewrites every line's pointers; `None` when a pointer cannot be read.
fn repoint(view: &View<'_>, to: impl Fn(usize) -> usize) -> Option<Vec<PatchOp>> {
    let mut ops = Vec::new();
    for line in &view.lines {
        let mut letters: Vec<String> = Vec::new();
        for p in &line.raw.pointers {
            let index = to(crate::view::pointer(p)?);
            let letter = char::from(b'A' + u8::try_from(index).ok()?).to_string();
            if !letters.contains(&letter) {
                letters.push(letter);
            }
        }
        if letters != line.raw.pointers {
            let path = format!("/lines/{}/pointers", line.index);
            ops.push(test(path.clone(), json!(line.raw.pointers)));
            ops.push(set(path, json!(letters)));
        }
    }
    Some(ops)
}
