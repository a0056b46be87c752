//! The checks, each module one family of finding kinds.

mod course;
mod coverage;
mod diagnoses;
mod form;
mod modifiers;
mod pairs;
mod services;
mod units;

use crate::book::RuleBook;
use crate::view::{Note, View, cite};
use iambilly_claim::{Claim, Finding, FindingKind, Severity};
use jiff::civil::Date;

/// All findings of a claim; `mending` asks for fixes too, which are not proved yet.
pub(crate) fn all(claim: &Claim, book: &RuleBook, today: Date, mending: bool) -> Vec<Finding> {
    if let Some(damage) = book.damage() {
        return vec![damaged(&damage.to_string())];
    }
    let view = View::new(claim, book, today, mending);
    let mut out = Vec::new();
    form::check(&view, &mut out);
    pairs::check(&view, &mut out);
    services::check(&view, &mut out);
    units::check(&view, &mut out);
    modifiers::check(&view, &mut out);
    diagnoses::check(&view, &mut out);
    course::check(&view, &mut out);
    coverage::check(&view, &mut out);
    stale(&view, &mut out);
    out
}

fn damaged(what: &str) -> Finding {
    Note::new(FindingKind::EditionStale, Severity::Block, "BOOK", cite("IamBilly rule book", "damaged", "-"))
        .text(format!("No claim can be checked: {what}."))
        .done()
}

/// One finding for all tables whose edition is older than the services.
fn stale(view: &View<'_>, out: &mut Vec<Finding>) {
    let Some(last) = view.lines.iter().filter_map(|l| l.dos).max() else { return };
    let book = view.book;
    let old: Vec<_> = [
        &book.seed_ptp.origin,
        &book.seed_mue.origin,
        &book.seed_addons.origin,
        &book.seed_pfs.origin,
        &book.icd.origin,
    ]
    .into_iter()
    .filter(|o| o.stale(last))
    .collect();
    let Some(first) = old.first() else { return };
    let names: Vec<String> = old.iter().map(|o| format!("{} {}", o.title, o.edition)).collect();
    out.push(
        Note::new(FindingKind::EditionStale, Severity::Info, "EDITION", first.cite("edition"))
            .text(format!(
                "The newest tables at hand are older than the date of service and were used: {}.",
                names.join("; ")
            ))
            .done(),
    );
}
