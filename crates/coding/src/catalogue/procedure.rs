//! A procedure as data: the words that name it and the codes that follow (`data/coding/procedures.toml`).
//!
//! `docs/catalogue.md` explains every key with examples.

use super::CatalogueError;
use crate::concept::Role;
use crate::text::compiled;
use iambilly_claim::Region;
use jiff::civil::Date;
use regex::Regex;
use serde::Deserialize;

/// A pattern over the normalised words, compiled when the catalogue is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Words(pub(crate) Regex);

impl TryFrom<String> for Words {
    type Error = regex::Error;
    fn try_from(s: String) -> Result<Self, regex::Error> {
        compiled(&s).map(Self)
    }
}

/// Where a procedure may be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Setting {
    /// Only where no open operation is reported that does not belong to it.
    #[default]
    Alone,
    /// Also beside an operation.
    Any,
    /// Only where nothing else is reported.
    Last,
}

/// What one unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Count {
    /// Once, whatever is treated.
    Session,
    /// A disc space.
    Interspace,
    /// A vertebra.
    Vertebra,
    /// A facet joint; two nerves serve one.
    Joint,
    /// A foramen: the interspace, or the root where roots are named.
    Foramen,
    /// Things with a number before or behind their name (`counted`).
    Item,
    /// Different names found in the words (`named`).
    Named,
}

/// What a bilateral procedure is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sides {
    /// The code knows no side.
    #[default]
    None,
    /// Modifier 50 for both sides, LT or RT for one (CMS bilateral indicator 1).
    Fifty,
    /// No modifier; the side shown is that of the pocket.
    Pocket,
}

/// A level shown on a line that is counted by the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Show {
    /// The disc space entered.
    Interspace,
    /// The vertebrae or roots named.
    Vertebrae,
    /// The vertebra that the tip of a lead or catheter reached: "driven to T8".
    Tip,
    /// The sacroiliac joint.
    Sacroiliac,
    /// The second vertebra of the neck, which holds the odontoid.
    Axis,
}

/// What becomes of imaging that guided the needle.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Imaging {
    /// Codes that are part of it: the first is named as not billed.
    #[serde(default)]
    pub(crate) included: Vec<String>,
    /// Code reported beside it.
    pub(crate) separate: Option<String>,
    /// The same where the needle was guided by CT.
    pub(crate) ct: Option<String>,
}

/// A description of the procedure that does not name it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inferred {
    /// Words that one passage must all say as done.
    pub(crate) all: Vec<Words>,
    /// Words that must stand anywhere in the note, whatever is asserted.
    #[serde(default)]
    pub(crate) mentioned: Vec<Words>,
    /// Words that, said as done in the passage, make it something else.
    #[serde(default)]
    pub(crate) none: Vec<Words>,
    /// It holds also beside procedures that are named.
    #[serde(default)]
    pub(crate) beside: bool,
    /// It holds also where the list of procedures or the title says these words ("stimulator system").
    pub(crate) listed: Option<Words>,
}

/// Work that is part of this procedure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Include {
    /// Ids of the procedures it takes in.
    pub(crate) procedures: Vec<String>,
    /// It is part only where it names these vertebrae and no others ("L5": the ramus that the joint shares).
    #[serde(default)]
    pub(crate) only_at: Vec<String>,
    /// The code that is not billed.
    pub(crate) code: String,
    /// Why, for people.
    pub(crate) reason: String,
    /// Rule id.
    pub(crate) rule: String,
}

/// A procedure that is recognised and never reported.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Never {
    /// The code that is not billed.
    pub(crate) code: String,
    /// Why, for people.
    pub(crate) reason: String,
    /// Rule id.
    pub(crate) rule: String,
}

/// Documentation that a procedure needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missing {
    /// A level.
    Level,
    /// A side.
    Side,
    /// Imaging.
    Imaging,
    /// Certain words.
    Words,
}

/// A documentation need and the question that its absence raises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Need {
    pub(crate) what: Missing,
    /// For [`Missing::Words`].
    pub(crate) words: Option<Words>,
    /// The question to the physician.
    pub(crate) ask: String,
    /// Without it nothing is reported.
    #[serde(default)]
    pub(crate) withhold: bool,
}

/// A modifier that follows from the words or from the other lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModifierRule {
    pub(crate) modifier: String,
    /// Words that prove it, also told as past.
    pub(crate) words: Option<Words>,
    /// Codes beside which it is due.
    #[serde(default)]
    pub(crate) beside: Vec<String>,
}

/// A code reported with the first one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Also {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) modifiers: Vec<String>,
    /// As many units as the first.
    #[serde(default)]
    pub(crate) each: bool,
    /// Words that must prove it.
    pub(crate) words: Option<Words>,
}

/// Which codes a procedure has under which conditions; the first row that holds is taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRow {
    /// Regions of the level; empty is any.
    #[serde(default)]
    pub(crate) regions: Vec<Region>,
    /// At least so many regions are named.
    #[serde(default)]
    pub(crate) regions_at_least: usize,
    /// Imaging is, or is not, documented.
    pub(crate) imaging: Option<bool>,
    /// Words said as done.
    pub(crate) words: Option<Words>,
    /// Words not said as done.
    pub(crate) without: Option<Words>,
    /// Codes of which one stands on the sheet already.
    #[serde(default)]
    pub(crate) beside: Vec<String>,
    /// Least and most units counted.
    #[serde(default)]
    pub(crate) at_least: usize,
    pub(crate) at_most: Option<usize>,
    /// Dates of service on which the code exists.
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    /// The code of the first unit.
    pub(crate) first: String,
    /// How many units the first code covers.
    #[serde(default = "one")]
    pub(crate) first_covers: usize,
    /// The first code takes a unit for each thing counted.
    #[serde(default)]
    pub(crate) each: bool,
    /// The add-on of each further unit.
    pub(crate) more: Option<String>,
    /// The add-on of the third and any further unit together.
    pub(crate) third: Option<String>,
    /// Most units of the add-on.
    pub(crate) most_more: Option<usize>,
    /// Modifiers that always stand.
    #[serde(default)]
    pub(crate) modifiers: Vec<String>,
    #[serde(default)]
    pub(crate) also: Vec<Also>,
    /// One sentence for the line.
    pub(crate) why: String,
}

const fn one() -> usize {
    1
}

/// A procedure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Procedure {
    pub(crate) id: String,
    /// Our own short plain words.
    pub(crate) label: String,
    #[serde(default = "work")]
    pub(crate) role: Role,
    /// Words that name it; earlier procedures take their words first.
    pub(crate) patterns: Vec<Words>,
    /// Words of the same sentence that make the name mean something else.
    #[serde(default)]
    pub(crate) unless: Vec<Words>,
    #[serde(default)]
    pub(crate) inferred: Vec<Inferred>,
    #[serde(default)]
    pub(crate) setting: Setting,
    /// Starts of codes beside which it is not reported.
    #[serde(default)]
    pub(crate) yields_to: Vec<String>,
    /// Codes of the way in, which it takes off the sheet.
    #[serde(default)]
    pub(crate) replaces: Vec<String>,
    /// Why it is not billed beside an operation, for [`Setting::Alone`].
    pub(crate) beside_surgery: Option<String>,
    pub(crate) count: Count,
    /// Levels named as nerves count.
    #[serde(default)]
    pub(crate) nerves: bool,
    /// For [`Count::Item`]: what is counted.
    pub(crate) counted: Option<Words>,
    /// For [`Count::Named`]: the names.
    #[serde(default)]
    pub(crate) named: Vec<Words>,
    /// Words of narrative sentences that tell which levels were treated.
    pub(crate) targets: Option<Words>,
    /// Words of the diagnoses beside which the bone treated is named ("fracture of T12"), for a telling or a heading that
    /// names a longer stretch.
    pub(crate) of_diagnosis: Option<Words>,
    pub(crate) show: Option<Show>,
    #[serde(default)]
    pub(crate) sides: Sides,
    /// One first code even when levels lie in several regions.
    #[serde(default)]
    pub(crate) one_primary: bool,
    #[serde(default)]
    pub(crate) imaging: Imaging,
    #[serde(default)]
    pub(crate) includes: Vec<Include>,
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    #[serde(default)]
    pub(crate) modifiers: Vec<ModifierRule>,
    /// It is never reported, and why.
    pub(crate) never: Option<Never>,
    /// Rules it rests on: sections of the coding rules, NCCI chapters, dates.
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) code: Vec<CodeRow>,
}

const fn work() -> Role {
    Role::Work
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    procedure: Vec<Procedure>,
}

/// Reads the text of a catalogue.
pub(super) fn read(text: &str) -> Result<Vec<Procedure>, CatalogueError> {
    toml::from_str::<File>(text).map(|f| f.procedure).map_err(|e| CatalogueError::Shape(e.to_string()))
}
