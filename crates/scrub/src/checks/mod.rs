//! The checks, each module one family of finding kinds.

mod agreement;
mod course;
mod coverage;
mod diagnoses;
mod form;
mod items;
mod modifiers;
mod pairs;
mod ranking;
mod reasons;
mod services;
mod units;

use crate::book::RuleBook;
use crate::edition::TableKind;
use crate::payer::{self, PayerRules};
use crate::table::Origin;
use crate::view::{Note, View, cite};
use iambilly_claim::{Claim, Finding, FindingKind, Severity};
use jiff::civil::Date;

/// All findings of a claim; `mending` asks for fixes too, which are not proved yet.
pub(crate) fn all(
    claim: &Claim,
    book: &RuleBook,
    rules: &PayerRules,
    today: Date,
    mending: bool,
) -> Vec<Finding> {
    let mut out = Vec::new();
    if form::too_large(claim, &mut out) {
        return out;
    }
    let view = View::new(claim, book, today, mending);
    if let Some(damage) = book.trouble(view.lines.iter().filter_map(|l| l.dos).chain([view.dos])) {
        return vec![damaged(&damage.to_string())];
    }
    form::check(&view, &mut out);
    items::check(&view, &mut out);
    pairs::check(&view, &mut out);
    services::check(&view, &mut out);
    units::check(&view, &mut out);
    modifiers::check(&view, &mut out);
    reasons::check(&view, &mut out);
    ranking::check(&view, &mut out);
    agreement::check(&view, &mut out);
    diagnoses::check(&view, &mut out);
    course::check(&view, &mut out);
    coverage::check(&view, &mut out);
    payer::check(&view, rules, &mut out);
    stale(&view, &mut out);
    out
}

fn damaged(what: &str) -> Finding {
    Note::new(FindingKind::EditionStale, Severity::Block, "BOOK", cite("IamBilly rule book", "damaged", "-"))
        .text(format!("No claim can be checked: {what}."))
        .done()
}

/// One finding for all official tables that are older than the services or not imported at all.
fn stale(view: &View<'_>, out: &mut Vec<Finding>) {
    let Some(last) = view.lines.iter().filter_map(|l| l.dos).max() else { return };
    let (old, missing) = view.book.out_of_date(last);
    let names = |tables: &[(TableKind, &Origin)]| {
        tables.iter().map(|(_, o)| format!("{} {}", o.title, o.edition)).collect::<Vec<_>>().join("; ")
    };
    let Some((_, first)) = old.first().or(missing.first()) else { return };
    let mut text = String::new();
    if !old.is_empty() {
        text = format!(
            "The newest imported tables are older than the date of service and were used: {}.",
            names(&old)
        );
    }
    if !missing.is_empty() {
        let wanted: Vec<String> =
            missing.iter().map(|(kind, _)| format!("{} {}", kind.title(), kind.edition_on(last))).collect();
        let gap = if text.is_empty() { "" } else { " " };
        text = format!(
            "{text}{gap}Official tables are not imported: {}. Judged by what the program brings: {}.",
            wanted.join("; "),
            names(&missing)
        );
    }
    out.push(
        Note::new(FindingKind::EditionStale, Severity::Info, "EDITION", first.cite("edition"))
            .text(text)
            .done(),
    );
}
