//! What the whole document says: its procedure codes, its services, the diagnoses it lists.

use super::clause::Clause;
use super::{Draft, Origin};
use crate::passage::{Nature, Passage};
use crate::words::{Service, services};
use iambilly_claim::{FindingKind, Severity};
use iambilly_scrub::payer::Condition;
use std::collections::BTreeSet;

/// Facts of a document.
pub(super) struct Facts {
    /// Procedure codes it names anywhere.
    codes: BTreeSet<String>,
    title: String,
}

impl Facts {
    pub(super) fn of(origin: &Origin, passages: &[Passage]) -> Self {
        let codes = passages.iter().flat_map(|p| &p.codes).filter(|c| !c.contains('.')).cloned().collect();
        Self { codes, title: origin.title.to_lowercase() }
    }

    /// The codes of a service that the document is about: those it names, or all of them where it names none.
    fn of_service(&self, service: &Service) -> Vec<String> {
        let named: Vec<String> = self.codes.iter().filter(|c| service.has(c)).cloned().collect();
        if named.is_empty() { service.codes.iter().chain(&service.addons).cloned().collect() } else { named }
    }

    /// Services a clause is about: named in it, else in the nearest heading, else in those above, else in the title
    /// where that names only one.
    pub(super) fn services(&self, clause: &Clause<'_>) -> Vec<&'static Service> {
        let named = |text: &str| services().iter().filter(|s| s.named_in(text)).collect::<Vec<_>>();
        let own = named(&clause.lower);
        if !own.is_empty() {
            return own;
        }
        for heading in clause.passage.section.iter().rev() {
            let found = named(&heading.to_lowercase());
            if !found.is_empty() {
                return found;
            }
        }
        let lead = named(&clause.passage.lead.to_lowercase());
        if !lead.is_empty() {
            return lead;
        }
        self.of_title()
    }

    /// The one service the title names.
    fn of_title(&self) -> Vec<&'static Service> {
        let found: Vec<&Service> = services().iter().filter(|s| s.named_in(&self.title)).collect();
        let names: BTreeSet<&str> = found.iter().map(|s| s.name.as_str()).collect();
        if names.len() == 1 { found } else { vec![] }
    }

    /// Codes a clause is about: its own, else those of its services.
    pub(super) fn codes(&self, clause: &Clause<'_>) -> Vec<String> {
        let own = clause.procedures();
        if !own.is_empty() {
            return own;
        }
        self.codes_of(&self.services(clause))
    }

    pub(super) fn codes_of(&self, found: &[&Service]) -> Vec<String> {
        found.iter().flat_map(|s| self.of_service(s)).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Codes of the first level: the lines that carry the story.
    pub(super) fn primaries(&self, clause: &Clause<'_>) -> Vec<String> {
        let found = self.services(clause);
        let addon = |c: &String| found.iter().any(|s| s.addons.contains(c));
        self.codes_of(&found).into_iter().filter(|c| !addon(c)).collect()
    }

    /// Codes for further levels.
    pub(super) fn addons(&self, clause: &Clause<'_>) -> Vec<String> {
        let found = self.services(clause);
        let all = self.codes_of(&found);
        all.into_iter().filter(|c| found.iter().any(|s| s.addons.contains(c))).collect()
    }

    /// A list of diagnoses that support the service, as a rule: none of them on the line is a doubt.
    pub(super) fn supported_diagnoses(&self, passages: &[Passage]) -> Option<(usize, Draft)> {
        let supports = |p: &Passage| {
            let heading = p.heading().to_lowercase();
            heading.contains("diagnos") && !["not ", "exclude", "do not"].iter().any(|w| heading.contains(w))
        };
        let rows: Vec<(usize, &Passage)> =
            passages.iter().enumerate().filter(|(_, p)| p.nature == Nature::Row && supports(p)).collect();
        let (first, row) = rows.first()?;
        let list: BTreeSet<String> = rows
            .iter()
            .filter(|(_, p)| p.section == row.section)
            .flat_map(|(_, p)| p.codes.iter())
            .filter(|c| c.contains('.'))
            .cloned()
            .collect();
        // Printed families (`S32.0-`) are many codes: a list with one is not complete as it stands.
        let families = rows.iter().filter_map(|(_, p)| {
            p.text.split_once(".0-").map(|(head, _)| head.chars().rev().take(3).collect::<Vec<_>>())
        });
        let families: Vec<String> =
            families.map(|head| format!("{}.0*", head.into_iter().rev().collect::<String>())).collect();
        let about = passages.iter().filter(|p| p.section == row.section && p.nature == Nature::Prose);
        let about: String = about.map(|p| p.text.to_lowercase()).collect::<Vec<_>>().join(" ");
        let named: Vec<&Service> = services().iter().filter(|s| s.named_in(&about)).collect();
        let codes = match (named.is_empty(), self.of_title()) {
            (false, _) => self.codes_of(&named),
            (true, title) if !title.is_empty() => self.codes_of(&title),
            // A document of one family: the codes of its own list.
            _ => passages
                .iter()
                .filter(|p| p.nature == Nature::Row && p.heading().to_lowercase().contains("procedure code"))
                .flat_map(|p| p.codes.iter().take(1))
                .filter(|c| !c.contains('.'))
                .cloned()
                .collect(),
        };
        if codes.is_empty() || list.len() + families.len() < 3 {
            return None;
        }
        let when = Condition {
            codes,
            diagnoses_none: list.into_iter().chain(families).collect(),
            ..Condition::default()
        };
        let message = "None of the line's diagnoses is on the payer's list for this service; check the diagnosis and the policy before the claim goes out.";
        Some((*first, Draft::new(FindingKind::MedicalNecessity, Severity::Warn, message, when)))
    }
}
