//! Two services of one day: procedure-to-procedure edits and bundle rules, judged with the levels.
//!
//! The table of pairs says which line is denied and whether a modifier may open the pair; a bundle rule says
//! what counts as the same place, which the payer's table cannot see. A modifier satisfies a pair when levels,
//! sides or the documentation show a separate service; at the same place it does not.

use crate::book::RuleBook;
use crate::bundle::{self, Bundle, Drop, Separate, Site};
use crate::fixes;
use crate::lookups::{Dated, Edit};
use crate::place::{Relation, relation};
use crate::view::{Line, Note, PayerKind, View};
use iambilly_claim::finding::Fix;
use iambilly_claim::{Finding, FindingKind, Severity};
use jiff::civil::Date;

pub(crate) fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    let mut paired = vec![false; view.lines.len()];
    for (i, a) in view.lines.iter().enumerate() {
        for b in view.lines.iter().skip(i + 1) {
            let Some(dos) = a.dos.filter(|_| a.dos == b.dos && a.code != b.code) else { continue };
            let Some(pair) = Pair::of(view, a, b, dos) else { continue };
            for line in [a, b] {
                if let Some(slot) = paired.get_mut(line.index) {
                    *slot = true;
                }
            }
            if pair.misleads() {
                continue;
            }
            if let Some(finding) = pair.judge(view).or_else(|| pair.on_paid_line(view)) {
                join(&mut found, pair.denied.index, finding);
            }
        }
    }
    out.extend(found.into_iter().map(|(_, f)| f));
    for line in view.lines.iter().filter(|l| !paired.get(l.index).copied().unwrap_or(true)) {
        unneeded(view, line, out);
    }
}

/// 59 or an X modifier on a line that no edit at hand pairs with another: it opens nothing and invites an audit.
fn unneeded(view: &View<'_>, line: &Line<'_>, out: &mut Vec<Finding>) {
    let Some(modifier) = line.modifiers.iter().find(|m| view.book.modifier_is("distinct", m)) else { return };
    let known = line.on.fee.is_some();
    let twin = view.same_day(line.dos).any(|l| l.index != line.index && l.code == line.code);
    if !known || twin {
        return;
    }
    out.push(
        Note::new(
            FindingKind::ModifierInvalid,
            Severity::Info,
            "MOD-59-UNUSED",
            view.book.line_origin.cite(modifier.clone()),
        )
        .lines([line])
        .text(format!(
            "{}: {modifier} opens an edit, and no edit at hand pairs this service with another of the claim.",
            line.name()
        ))
        .done(),
    );
}

/// A line denied by the same rule beside several others is one finding.
fn join(found: &mut Vec<(usize, Finding)>, denied: usize, finding: Finding) {
    let same = found.iter_mut().find(|(index, f)| {
        *index == denied && f.rule == finding.rule && f.kind == finding.kind && f.severity == finding.severity
    });
    match same {
        None => found.push((denied, finding)),
        Some((_, f)) => {
            f.lines
                .extend(finding.lines.iter().filter(|l| !f.lines.contains(l)).copied().collect::<Vec<_>>());
            f.codes
                .extend(finding.codes.iter().filter(|c| !f.codes.contains(c)).cloned().collect::<Vec<_>>());
        }
    }
}

/// Two lines that a row of the table or a bundle rule speaks about.
struct Pair<'v, 'a> {
    kept: &'v Line<'a>,
    denied: &'v Line<'a>,
    /// The row of the table.
    row: Option<Dated<'v, Edit<'v>>>,
    bundle: Option<&'v Bundle>,
    relation: Relation,
}

impl<'v, 'a> Pair<'v, 'a> {
    fn of(view: &'v View<'a>, a: &'v Line<'a>, b: &'v Line<'a>, dos: Date) -> Option<Self> {
        // Where a rule speaks either way round, the first by its name does, whatever the order of the lines.
        let ways = [bundle(view, a, b, dos).map(|r| (r, a, b)), bundle(view, b, a, dos).map(|r| (r, b, a))];
        let bundle = ways.into_iter().flatten().min_by(|(x, ..), (y, ..)| x.id.cmp(&y.id));
        let row = (a.on.partner.denies(&b.on.partner, &b.code).map(|m| (m, a, b)))
            .or_else(|| b.on.partner.denies(&a.on.partner, &a.code).map(|m| (m, b, a)));
        let (kept, denied) = match (bundle, row) {
            (None, None) => return None,
            (Some((rule, primary, other)), _) if rule.drop == Some(Drop::Other) => (primary, other),
            (Some((rule, primary, other)), _) if rule.drop == Some(Drop::Primary) => (other, primary),
            (_, Some((_, column1, column2))) => (column1, column2),
            (Some((_, primary, other)), None) => (primary, other),
        };
        let site = bundle.map_or_else(|| site_of(a, b), |(rule, ..)| rule.site);
        Some(Self {
            kept,
            denied,
            row: row.map(|(m, ..)| m),
            bundle: bundle.map(|(rule, ..)| rule),
            relation: relation(a.raw, b.raw, site),
        })
    }

    /// An add-on without its primary is judged as that first: a modifier would not mend it.
    fn misleads(&self) -> bool {
        let may_open = !self.never() && self.bundle.is_none_or(|b| b.separate != Separate::Never);
        may_open && [self.kept, self.denied].iter().any(|l| l.orphan)
    }

    /// Whether the table pays the two together under no modifier.
    fn never(&self) -> bool {
        self.row.is_some_and(|row| row.indicator == 0)
    }

    fn judge(&self, view: &View<'_>) -> Option<Finding> {
        use Relation::{Apart, Same, Unknown};
        let opened = self.opened(view.book);
        if self.never() {
            let text = self
                .bundle
                .map_or("the two are never paid together, whatever the modifier", |b| b.message.as_str());
            return Some(self.note(view, FindingKind::Ptp, Severity::Block, text, self.mend(view)));
        }
        let Some(rule) = self.bundle else {
            self.row?;
            return match (self.relation, opened) {
                (Apart | Unknown, true) => None,
                (Same, true) if self.says_separate() => None,
                (Same, true) => Some(
                    self.gap(view, "a modifier says they are separate, but both stand at the same place"),
                ),
                (Apart, false) => Some(self.unopened(view)),
                (Same | Unknown, false) => {
                    let text =
                        "it is part of that service unless done separately, documented and with a modifier";
                    let fix = if self.relation == Same { self.mend(view) } else { None };
                    Some(self.note(view, FindingKind::Ptp, Severity::Block, text, fix))
                }
            };
        };
        let kind = rule.always.unwrap_or(if self.row.is_some() { FindingKind::Ptp } else { rule.kind });
        let phrases = || self.kept.raw.said().chain(self.denied.raw.said());
        let documented = rule.separate == Separate::Documented && rule.documented(phrases());
        match (self.relation, rule.separate) {
            (Apart, Separate::Level | Separate::Documented) => {
                (self.row.is_some() && !opened).then(|| self.unopened(view))
            }
            (_, Separate::Documented) if !documented && rule.refuted(phrases()) => {
                let kind = if opened { FindingKind::Overcoded } else { kind };
                Some(self.note(view, kind, rule.severity, &rule.message, self.mend(view)))
            }
            (Unknown, _) if rule.unknown == bundle::Unknown::Silent => None,
            (_, Separate::Documented) if documented => {
                (self.row.is_some() && !opened).then(|| self.unopened(view))
            }
            (Same | Unknown, Separate::Documented) if opened => Some(self.gap(view, &rule.message)),
            (Unknown, Separate::Level) if opened => Some(
                self.gap(view, "a modifier says they are separate, but the claim does not name the levels"),
            ),
            (Unknown, Separate::Level | Separate::Documented) if self.row.is_none() => {
                let text = format!("{} (the claim does not name the levels)", rule.message);
                Some(self.note(view, kind, Severity::Warn, &text, None))
            }
            (Unknown, Separate::Level | Separate::Documented) => {
                Some(self.note(view, kind, rule.severity, &rule.message, None))
            }
            (Same, _) | (_, Separate::Never) => {
                Some(self.note(view, kind, rule.severity, &rule.message, self.mend(view)))
            }
        }
    }

    /// Whether a modifier of one of the lines could open the pair. A side counts only where the sides differ; a
    /// return to the operating room only where it is one line's.
    fn opened(&self, book: &RuleBook) -> bool {
        let lines = [self.kept, self.denied];
        let distinct = lines.iter().any(|l| l.has_any(book, "distinct"));
        let sides = self.relation == Relation::Apart && lines.iter().all(|l| l.has("LT") || l.has("RT"));
        let returns = lines.iter().filter(|l| l.has_any(book, "returns")).count() == 1;
        // A visit beside a procedure is opened by the visit's own modifiers, on the visit's line.
        let visit = |l: &&Line<'_>| l.is_visit && ["24", "25", "57"].iter().any(|m| l.has(m));
        distinct || sides || returns || lines.iter().any(visit)
    }

    /// Medicare reads the modifier on either line; many other payers on the denied one only.
    fn on_paid_line(&self, view: &View<'_>) -> Option<Finding> {
        let on = |l: &Line<'_>| l.has_any(view.book, "distinct");
        let moved = self.row.is_some() && view.payer == PayerKind::Other && on(self.kept) && !on(self.denied);
        moved.then(|| {
            let text = "the modifier stands on the paid line; many payers read it only on the denied one";
            self.note(view, FindingKind::Ptp, Severity::Info, text, None)
        })
    }

    fn says_separate(&self) -> bool {
        let words = ["separate", "distinct", "different"];
        [self.kept, self.denied].iter().flat_map(|l| l.raw.said()).any(|d| {
            let d = d.to_lowercase();
            words.iter().any(|w| d.contains(w))
        })
    }

    fn note(
        &self,
        view: &View<'_>,
        kind: FindingKind,
        severity: Severity,
        text: &str,
        fix: Option<Fix>,
    ) -> Finding {
        let public = view.payer != PayerKind::Other;
        let severity = self
            .bundle
            .and_then(|b| b.commercial)
            .filter(|_| !public && severity != Severity::Info)
            .unwrap_or(severity);
        let locator = format!("{} / {}", self.kept.code, self.denied.code);
        let source = match (self.bundle, self.row) {
            (_, Some(row)) => row.cite_pair(&self.kept.code, &self.denied.code),
            (Some(b), None) => view.book.bundle_origin.cite(b.id.clone()),
            (None, None) => view.book.seed_ptp.origin.cite(locator),
        };
        let rule = self
            .bundle
            .map_or_else(|| format!("PTP-{}-{}", self.kept.code, self.denied.code), |b| b.id.clone());
        Note::new(kind, severity, rule, source)
            .lines([self.denied, self.kept])
            .text(format!("{} with {}: {text}.", self.denied.name(), self.kept.name()))
            .fix(fix)
            .done()
    }

    fn gap(&self, view: &View<'_>, text: &str) -> Finding {
        self.note(view, FindingKind::DocumentationGap, Severity::Warn, text, None)
    }

    /// A separate service whose modifier is missing.
    fn unopened(&self, view: &View<'_>) -> Finding {
        let modifier = if view.payer == PayerKind::Medicare { "XS" } else { "59" };
        let text =
            format!("a separate service here, but the pair is denied without a modifier such as {modifier}");
        self.note(view, FindingKind::Ptp, Severity::Block, &text, fixes::with_modifier(self.denied, modifier))
    }

    /// The fix at the same place: one code for both, another code, or one line less.
    fn mend(&self, view: &View<'_>) -> Option<Fix> {
        let book = view.book;
        if let Some(rule) = self.bundle {
            if let Some(code) = &rule.becomes {
                return fixes::merge(view, self.kept, code, self.denied);
            }
            if let Some(code) = &rule.swap
                && rule.swap_only_from.has(self.denied.key)
                && self.denied.raw.units <= 1
                && !view.lines.iter().any(|l| l.code == *code)
            {
                let rest = self
                    .denied
                    .modifiers
                    .iter()
                    .filter(|m| !book.modifier_is("distinct", m))
                    .cloned()
                    .collect();
                return fixes::replace_code(self.denied, code, Some(rest));
            }
        }
        // A second primary of a family is its add-on for a further level.
        let add_on = self.denied.count.and_then(|c| c.further.as_deref());
        let over_border = self.bundle.is_some_and(|b| b.site == Site::Construct);
        if let Some(add_on) =
            add_on.filter(|_| over_border || (self.never() && self.relation == Relation::Apart))
            && self.kept.dos.and_then(|d| book.add_on(add_on, d)).is_some_and(|a| a.has(&self.kept.code))
        {
            let rest =
                self.denied.modifiers.iter().filter(|m| !book.modifier_is("distinct", m)).cloned().collect();
            return fixes::replace_code(self.denied, add_on, Some(rest));
        }
        fixes::remove_line(view, self.denied)
    }
}

/// The bundle rule for a primary and another line, if it is in force and nothing on the claim lifts it.
fn bundle<'v>(view: &'v View<'_>, primary: &Line<'_>, other: &Line<'_>, dos: Date) -> Option<&'v Bundle> {
    if !view.book.bundle_origin.in_force(dos) {
        return None;
    }
    let ([rules, _], [_, others]) = (primary.bundles?, other.bundles?);
    (rules.iter().filter(|i| others.binary_search(i).is_ok()))
        .filter_map(|i| view.book.bundles.get(usize::from(*i)))
        .find(|rule| !view.same_day(Some(dos)).any(|l| rule.unless.has(l.key)))
}

/// What counts as the same place for a pair without a bundle rule: an interspace for codes counted by it,
/// a shared bone otherwise.
fn site_of(a: &Line<'_>, b: &Line<'_>) -> Site {
    use crate::rules::Unit::{Body, Construct, Gap};
    let bony = |l: &Line<'_>| l.count.is_some_and(|c| matches!(c.unit, Body | Construct | Gap));
    if bony(a) || bony(b) { Site::Segments } else { Site::Interspace }
}
