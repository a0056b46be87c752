//! Templates: which parts a note has. What every operative report has to say is not a matter of taste: hospitals are held
//! to it (The Joint Commission, RC.02.01.03, and 42 CFR 482.51(b)(6)).

use super::refused;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::Phi;
pub use iambilly_store::{NoteTemplate, TemplateSection};
use serde::Serialize;

/// Most parts of a template, and longest text of one.
const MOST: usize = 40;
const LONGEST: usize = 4000;

/// A template as it can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateView {
    /// Its name and parts.
    #[serde(flatten)]
    pub template: NoteTemplate,
    /// Whether it came with the program and cannot be removed.
    pub given: bool,
}

fn section(title: &str, text: &str, required: bool) -> TemplateSection {
    TemplateSection { title: title.to_owned(), text: Phi::new(text.to_owned()), required }
}

/// The templates that come with the program.
pub(super) fn given() -> Vec<NoteTemplate> {
    let operation = [
        section("Preoperative diagnosis", "", true),
        section("Postoperative diagnosis", "", true),
        section("Procedure performed", "", true),
        section("Surgeon", "", true),
        section("Assistant", "", false),
        section("Anesthesia", "", false),
        section("Indications", "", false),
        section("Findings", "", true),
        section("Description of procedure", "", true),
        section("Implants", "", false),
        section("Estimated blood loss", "[ ] mL.", true),
        section("Specimens", "[None.]", true),
        section("Complications", "[None.]", true),
        section("Disposition", "", false),
    ];
    let injection = [
        section("Preoperative diagnosis", "", true),
        section("Procedure performed", "", true),
        section("Indications", "", false),
        section("Description of procedure", "", true),
        section("Complications", "[None.]", true),
        section("Plan", "", false),
    ];
    // Time is said whole and by the physician: a level is never made up from what is not there.
    let visit = [
        section("Chief complaint", "", true),
        section("History", "", false),
        section("Examination", "", false),
        section("Imaging", "", false),
        section("Assessment", "", true),
        section("Plan", "", true),
        section("Total time", "[ ] minutes on the day of the visit.", false),
    ];
    [("Operation", operation.to_vec()), ("Injection", injection.to_vec()), ("Office visit", visit.to_vec())]
        .into_iter()
        .map(|(name, sections)| NoteTemplate { name: name.to_owned(), sections })
        .collect()
}

impl Session {
    /// Templates to choose from: the clinic's own, then those that came with the program and were not replaced.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn templates(&self) -> Result<Vec<TemplateView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.templates_now().await
    }

    pub(super) async fn templates_now(&self) -> Result<Vec<TemplateView>, AppError> {
        let own = self.store(|s| s.read(|r| r.note_templates())).await?;
        let replaced = |t: &NoteTemplate| own.iter().any(|o| o.name.eq_ignore_ascii_case(&t.name));
        let rest: Vec<_> = given().into_iter().filter(|t| !replaced(t)).collect();
        let own = own.into_iter().map(|template| TemplateView { template, given: false });
        Ok(own.chain(rest.into_iter().map(|template| TemplateView { template, given: true })).collect())
    }

    /// Keeps a template under its name; one that came with the program is replaced by it.
    ///
    /// # Errors
    /// `template_invalid`.
    pub async fn save_template(&self, template: NoteTemplate) -> Result<Vec<TemplateView>, AppError> {
        self.allow(Action::FileDictation).await?;
        let named =
            |t: &str| !t.trim().is_empty() && t.chars().count() <= 60 && !t.chars().any(char::is_control);
        let whole = named(&template.name)
            && (1..=MOST).contains(&template.sections.len())
            && template.sections.iter().all(|s| {
                named(&s.title) && !s.title.contains([':', '.']) && s.text.expose().chars().count() <= LONGEST
            });
        if !whole {
            return Err(refused(
                "template_invalid",
                "A template needs a name and at least one part, each with a heading of at most 60 characters.",
                "Give every part a short heading without colon or full stop.",
            ));
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.keep_template(&template, &by, now)?;
                r.append_audit(&by, "template.saved", "templates", now).map(drop)
            })
        })
        .await?;
        self.templates_now().await
    }

    /// Takes a template of the clinic's own away; what it replaced is there again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_template(&self, name: &str) -> Result<Vec<TemplateView>, AppError> {
        self.allow(Action::FileDictation).await?;
        let (now, by, name) = ((self.surroundings.now)(), self.by(), name.to_owned());
        self.store(move |s| {
            s.write(|r| {
                r.remove_template(&name)?;
                r.append_audit(&by, "template.removed", "templates", now).map(drop)
            })
        })
        .await?;
        self.templates_now().await
    }
}

#[cfg(test)]
mod tests {
    use super::given;

    #[test]
    fn an_operation_says_what_every_report_has_to() {
        let all = given();
        let operation = all.iter().find(|t| t.name == "Operation").unwrap();
        let required: Vec<_> =
            operation.sections.iter().filter(|s| s.required).map(|s| s.title.as_str()).collect();
        // Surgeon, procedure and its description, findings, blood loss, specimens, postoperative diagnosis.
        for title in [
            "Surgeon",
            "Procedure performed",
            "Description of procedure",
            "Findings",
            "Estimated blood loss",
            "Specimens",
            "Postoperative diagnosis",
        ] {
            assert!(required.contains(&title), "{title}");
        }
    }
}
