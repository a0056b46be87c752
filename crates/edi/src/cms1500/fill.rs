//! A claim onto the form: what stands in each place, page by page.

use super::layout::{ADVANCE, LINE_SPOTS, LINES_A_PAGE, SPOTS, Spot};
use super::texts::{Texts, claim_texts, line_texts};
use crate::error::Lack;
use crate::text::{Text, Unfit};
use iambilly_claim::claim::{Claim, ServiceLine};
use iambilly_claim::phi::{self, Phi};
use serde::Serialize;

/// A place of the form and what stands there.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Filled {
    /// Item of the form.
    pub item: &'static str,
    /// Which part of it.
    pub key: &'static str,
    /// What it is, in our words.
    pub name: &'static str,
    /// Row of the page, 1 to 6, for service lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The text; empty where nothing stands.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Where the text begins and its baseline, in points from the lower left corner of a letter page.
    pub x: f32,
    /// See `x`.
    pub y: f32,
    /// Width of the place in points.
    pub width: f32,
    #[serde(skip)]
    pub(super) spot: Spot,
}

/// One sheet.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Page {
    /// Every place, empty ones too.
    pub items: Vec<Filled>,
}

/// A claim on the form.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Form {
    /// Its sheets.
    pub pages: Vec<Page>,
    /// What has no room on the form; it is left out there and said here.
    pub unfit: Vec<Lack>,
}

/// Fills the form. `account` is what item 26 says where the claim names no account of the patient's.
#[must_use]
pub fn fill(claim: &Claim, account: &str) -> Form {
    let mut form = Form { pages: vec![], unfit: vec![] };
    let whole = claim_texts(claim, account);
    let sheets: Vec<&[ServiceLine]> =
        if claim.lines.is_empty() { vec![&[]] } else { claim.lines.chunks(LINES_A_PAGE).collect() };
    let last = sheets.len() - 1;
    for (number, lines) in sheets.into_iter().enumerate() {
        let mut items = vec![];
        for spot in SPOTS {
            let text = match (spot.key, number == last) {
                // The total stands on the last sheet alone.
                ("28", false) => "CONTINUED",
                ("29", false) => "",
                (key, _) => whole.get(key),
            };
            items.push(place(spot, None, text, &mut form.unfit));
        }
        for row in 0..LINES_A_PAGE {
            let texts = lines.get(row).map_or_else(Texts::default, |line| line_texts(claim, line));
            for spot in LINE_SPOTS {
                items.push(place(spot, Some(row), texts.get(spot.key), &mut form.unfit));
            }
        }
        form.pages.push(Page { items });
    }
    for line in claim.lines.iter().filter(|l| l.modifiers.len() > 4) {
        form.unfit.push(lack("24D", format!("line {}: the form has room for four modifiers.", line.number)));
    }
    if claim.diagnoses.len() > 12 {
        form.unfit.push(lack("21", "the form has room for twelve diagnoses.".to_owned()));
    }
    // What stands on every sheet is said once.
    let mut once: Vec<Lack> = vec![];
    for said in std::mem::take(&mut form.unfit) {
        if !once.contains(&said) {
            once.push(said);
        }
    }
    form.unfit = once;
    form
}

fn lack(item: &str, says: String) -> Lack {
    Lack { item: item.to_owned(), says }
}

fn place(spot: &Spot, row: Option<usize>, text: &str, unfit: &mut Vec<Lack>) -> Filled {
    let on = row.map(|r| format!(" on row {}", r + 1)).unwrap_or_default();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a width of the form is positive and small"
    )]
    let room = ((spot.width + 2.0) / ADVANCE) as usize;
    let fitted = match Text::of(text, room) {
        Ok(fitted) => fitted.as_str().to_owned(),
        Err(Unfit::Empty) => String::new(),
        Err(Unfit::Letters) => {
            let says = format!("“{}”{on} has letters that the form's type does not have.", spot.name);
            unfit.push(lack(spot.item, says));
            String::new()
        }
        Err(Unfit::Long(_)) => {
            let length = text.trim().chars().count();
            let says = format!("“{}”{on} has {length} characters; there is room for {room}.", spot.name);
            unfit.push(lack(spot.item, says));
            String::new()
        }
    };
    let row = row.map(|r| r + 1);
    let (x, y) = spot.at(row);
    let width = spot.width;
    Filled {
        x,
        y,
        width,
        item: spot.item,
        key: spot.key,
        name: spot.name,
        row,
        text: fitted.into(),
        spot: *spot,
    }
}
